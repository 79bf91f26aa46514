"""What histograms cost: until a long series is on screen, to fit, to draw.

    python benchmarks/histogram.py [--steps 10000] [--buckets 30]

makes a log of one tag in a temporary directory and takes the time of the requests that the
page waits for, in this process: the first ones, which read the log and load the libraries,
and the same again. Then what a step costs by itself. Times are wall time, so let nothing
else run.
"""

from __future__ import annotations

import argparse
import pathlib
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import made_logs  # noqa: E402
from tensorboard.backend import application  # noqa: E402
from tensorboard.compat.proto import event_pb2  # noqa: E402
from tensorboard.plugins import base_plugin  # noqa: E402
from werkzeug.test import Client  # noqa: E402

from tb_animate import kinds, plugin  # noqa: E402
from tb_animate.model import ClipSpec, Frame, series_id  # noqa: E402

TAG = "weights"
FITTED = 1000
PICTURES = 200

T = TypeVar("T")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--steps", type=int, default=10_000)
    parser.add_argument("--buckets", type=int, default=30)
    arguments = parser.parse_args()
    tables = [_table(nth, arguments.steps, arguments.buckets) for nth in range(arguments.steps)]
    with tempfile.TemporaryDirectory() as folder:
        made_logs.write(pathlib.Path(folder, "events.out.tfevents.1"), _events(tables))
        requests(folder, arguments.steps)
    parts(tables)
    return 0


def requests(folder: str, steps: int) -> None:
    """The time of what the page asks for before it can draw."""
    flags = argparse.Namespace(logdir=folder, logdir_spec="", grpc_data_provider="")
    site = plugin.AnimatePlugin(base_plugin.TBContext(flags=flags))
    client = Client(application.TensorBoardWSGI([site]))
    series = series_id(".", TAG, "histogram")

    def get(route: str) -> int:
        answer = client.get(f"/data/plugin/animate/{route}")
        if answer.status_code != 200:
            raise RuntimeError(answer.text)
        return len(answer.data)

    for turn in ("first", "again"):
        total = 0.0
        for route in (
            "series",
            f"steps?series={series}",
            f"scene?series={series}",
            f"frames?series={series}&start=0&count=64",
        ):
            size, seconds = _timed(lambda route=route: get(route))
            total += seconds
            print(f"{turn:6} /{route.partition('?')[0]:7} {seconds:6.3f} s {size / 1e3:8.1f} kB")
        print(f"{turn:6} together {total:6.3f} s of {steps:,} steps", flush=True)


def parts(tables: list[np.ndarray]) -> None:
    """The time of decoding, fitting and drawing."""
    kind = kinds.get("histogram")
    some = [tables[i * len(tables) // FITTED] for i in range(FITTED)]
    frames = [Frame(nth, 0.0, table) for nth, table in enumerate(some)]
    decoded, seconds = _timed(lambda: [kind.decode(frame, ClipSpec()) for frame in frames])
    print(f"decode {FITTED:,} frames: {seconds:.3f} s")
    scene, seconds = _timed(lambda: kind.fit(decoded, ClipSpec()))
    print(f"fit    {FITTED:,} frames: {seconds:.3f} s")
    _, seconds = _timed(lambda: [kind.wire(frame, None) for frame in frames])
    print(f"wire   {FITTED:,} frames: {seconds:.3f} s")
    trail = kind.trail(ClipSpec())
    for size in ((480, 360), (1280, 960)):
        times = []
        for nth in range(trail, trail + PICTURES):
            _, seconds = _timed(
                lambda nth=nth, size=size: kind.draw(
                    scene,
                    decoded[nth],
                    earlier=decoded[nth - trail : nth],
                    following=decoded[nth + 1],
                    phase=0.5,
                    size=size,
                    theme="light",
                )
            )
            times.append(seconds)
        low, middle, high = (1e3 * time for time in statistics.quantiles(times, n=4))
        print(
            f"draw {size[0]} x {size[1]} with {trail} behind: "
            f"median {middle:.1f} ms, quartiles {low:.1f} to {high:.1f}"
        )


def _table(nth: int, steps: int, buckets: int) -> np.ndarray:
    values = np.random.default_rng(nth).normal(4 * nth / steps, 1.5 - nth / steps, 2000)
    counts, edges = np.histogram(values, buckets)
    return np.stack([edges[:-1], edges[1:], counts.astype(float)], axis=1)


def _events(tables: list[np.ndarray]) -> Iterator[event_pb2.Event]:
    for step, table in enumerate(tables):
        event = event_pb2.Event(step=step, wall_time=1.7e9 + step)
        made_logs.add_array(event, TAG, "histograms", table)
        yield event


def _timed(work: Callable[[], T]) -> tuple[T, float]:
    start = time.perf_counter()
    done = work()
    return done, time.perf_counter() - start


if __name__ == "__main__":
    sys.exit(main())
