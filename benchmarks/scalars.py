"""What it costs to have every point of the scalars.

    python benchmarks/scalars.py [--points 1000000]

makes a log of so many scalars, a quarter each of four tags, in a temporary directory, and
prints how long its walk, the list and one curve take, and the memory. Needs psutil.
"""

from __future__ import annotations

import argparse
import json
import pathlib
import sys
import tempfile
import time
from collections.abc import Callable
from typing import TypeVar

import psutil

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import made_logs  # noqa: E402

from tb_animate import answers  # noqa: E402
from tb_animate.sources import events, scalars  # noqa: E402

T = TypeVar("T")


def timed(what: str, action: Callable[[], T]) -> T:
    began = time.perf_counter()
    result = action()
    print(f"{what}: {1000 * (time.perf_counter() - began):.1f} ms")
    return result


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--points", type=int, default=1_000_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        made_logs.make_scalars(pathlib.Path(directory), options.points)
        process = psutil.Process()
        before = process.memory_info().rss
        source = scalars.EventScalars(events.roots(directory))
        timed("walk", source.wait)
        walked = process.memory_info().rss
        found = timed("list", source.scalars)
        curve = timed(
            f"one curve of {found[0].points} points, thinned, as JSON",
            lambda: json.dumps(
                answers.scalars(source, run=found[0].run, tag=found[0].tag, seconds=0)
            ),
        )
        after = process.memory_info().rss
        print(f"the curve has {len(curve)} bytes")
        print(
            f"{(walked - before) / 1e6:.0f} MB more than before when all was walked, "
            f"{(after - before) / 1e6:.0f} MB in the end"
        )
        source.close()


if __name__ == "__main__":
    main()
