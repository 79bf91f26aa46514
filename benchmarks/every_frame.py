"""What it costs to have every frame: TensorBoard's default, TensorBoard told to keep all, and
tb_animate, on the same image logs.

    python benchmarks/every_frame.py [--runs 4] [--steps 500] [--samples 3] [--side 256]

makes logs (1.2 GB unless told otherwise) in a temporary directory and prints a table, then
what an index costs in logs of a million scalars and of 100,000 small frames. `--keep DIR`
makes the logs there, or uses those that are there. Times are wall time, so let nothing else
run; memory is the resident size of TensorBoard and its data server together. Needs psutil.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import grpc
import msgpack
import psutil
import tensorboard_data_server

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import made_logs  # noqa: E402
from tensorboard import context  # noqa: E402
from tensorboard.data import grpc_provider  # noqa: E402

from tb_animate.model import Wanted  # noqa: E402
from tb_animate.sources import events  # noqa: E402

SECONDS = 600.0
IMAGES = Wanted("image", "images", leading=2)
MEGABYTE = 1e6

# TensorBoard with or without the plugin, installed or not.
LAUNCH = """
import sys
sys.path.insert(0, sys.argv[1])
with_plugin = sys.argv[2] == "with"
from tensorboard import default, main_lib, program
plugins = [one for one in default.get_plugins() if not one.__module__.startswith("tb_animate")]
if with_plugin:
    from tb_animate.loader import Loader
    plugins.append(Loader)
main_lib.global_init()
server = program.TensorBoard(plugins=plugins)
server.configure(["tensorboard", *sys.argv[3:]])
sys.exit(server.main())
"""


class TensorBoard:
    """A TensorBoard process on a free port."""

    def __init__(self, logdir: pathlib.Path, *flags: str, plugin: bool) -> None:
        self.began = time.perf_counter()
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-c", LAUNCH, str(ROOT), "with" if plugin else "without"),
                *("--logdir", str(logdir), "--port=0", *flags),
            ],
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self._process.stderr is not None
        for line in self._process.stderr:
            if found := re.search(r" at (http://\S+)", line):
                self._address = found[1]
                return
        raise SystemExit("TensorBoard did not start")

    def get(self, path: str, **query: Any) -> bytes:
        url = f"{self._address}data/plugin/{path}?{urllib.parse.urlencode(query)}"
        with urllib.request.urlopen(url, timeout=SECONDS) as answer:
            return bytes(answer.read())

    def json(self, path: str, **query: Any) -> Any:
        return json.loads(self.get(path, **query))

    def memory(self) -> float:
        """Resident megabytes of all its processes."""
        process = psutil.Process(self._process.pid)
        family = [process, *process.children(recursive=True)]
        return float(sum(one.memory_info().rss for one in family)) / MEGABYTE

    def close(self) -> None:
        self._process.terminate()
        self._process.communicate()


@contextlib.contextmanager
def tensorboard(logdir: pathlib.Path, *flags: str, plugin: bool) -> Iterator[TensorBoard]:
    server = TensorBoard(logdir, *flags, plugin=plugin)
    try:
        yield server
    finally:
        server.close()


def until(condition: Callable[[], bool]) -> float:
    """Seconds until it holds."""
    began = time.perf_counter()
    while not condition():
        if time.perf_counter() - began > SECONDS:
            raise SystemExit("the frames were never listed")
        time.sleep(0.005)
    return time.perf_counter() - began


def median(action: Callable[[], object], times: int = 20) -> float:
    """Median milliseconds."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        action()
        taken.append(1000 * (time.perf_counter() - began))
    return sorted(taken)[times // 2]


@dataclasses.dataclass
class Measured:
    """One row of the table.

    Attributes:
      frames: listed of the last run.
      shown: seconds from the start of TensorBoard's process until they are.
      reading: seconds of it that reading the logs takes, when nothing else runs.
      memory: resident megabytes in the end.
      one: milliseconds for one random frame.
    """

    title: str
    frames: int
    shown: float
    reading: float
    memory: float
    one: float

    def row(self) -> str:
        cells = (
            self.title,
            str(self.frames),
            f"{self.shown:.2f}",
            f"{self.reading:.2f}" if self.reading else "",
            f"{self.memory:.0f}",
            f"{self.one:.1f}",
        )
        return "| " + " | ".join(cells) + " |"


HEAD = """| | frames listed | from the start, s | reading alone, s | resident, MB | one frame, ms |
|---|---|---|---|---|---|"""


def seconds_to_list(logdir: pathlib.Path, runs: int, frames: int, *flags: str) -> float:
    """How long TensorBoard's data server takes from its start until the frames are listed.

    That is the part of TensorBoard which reads logs; the rest of its start is left out.
    """
    asked = context.RequestContext()
    with tempfile.TemporaryDirectory() as scratch:
        port_file = pathlib.Path(scratch) / "port"
        began = time.perf_counter()
        server = subprocess.Popen(
            [
                tensorboard_data_server.server_binary(),
                *(f"--logdir={logdir}", f"--port-file={port_file}", "--port=0", *flags),
                "--die-after-stdin",
            ],
            stdin=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        until(lambda: port_file.exists() and port_file.read_text().endswith("\n"))
        address = f"localhost:{int(port_file.read_text())}"
        with grpc.insecure_channel(address) as channel:
            provider = grpc_provider.GrpcDataProvider(address, grpc_provider.make_stub(channel))

            def listed() -> bool:
                found = provider.read_blob_sequences(
                    asked, experiment_id="", plugin_name="images", downsample=10**6
                )
                lengths = [len(tags.get("generated", ())) for tags in found.values()]
                return len(lengths) == runs and min(lengths) >= frames

            until(listed)
            seconds = time.perf_counter() - began
        assert server.stdin is not None
        server.stdin.close()
        server.wait()
    return seconds


def measure_tensorboard(
    title: str,
    logdir: pathlib.Path,
    runs: int,
    frames: int,
    *,
    samples: str = "",
    fast: bool = True,
) -> Measured:
    last = f"run{runs - 1}"
    reading = 0.0
    flags = [f"--samples_per_plugin={samples}"] if samples else []
    if fast:
        reading = seconds_to_list(logdir, runs, frames, f"--samples-per-plugin={samples}")
    else:
        flags.append("--load_fast=false")
    with tensorboard(logdir, *flags, plugin=False) as server:

        def listed() -> list[Any]:
            if last not in server.json("images/tags"):
                return []
            found: list[Any] = server.json("images/images", run=last, tag="generated", sample=0)
            return found

        until(lambda: len(listed()) >= frames)
        shown = time.perf_counter() - server.began
        # Those of the other runs too, for the memory.
        until(lambda: len(server.json("images/tags")) == runs)
        queries = [dict(urllib.parse.parse_qsl(one["query"])) for one in listed()]
        chance = random.Random(1)
        one = median(lambda: server.get("images/individualImage", **chance.choice(queries)))
        return Measured(title, len(queries), shown, reading, server.memory(), one)


def measure_plugin(logdir: pathlib.Path, runs: int, frames: int) -> Measured:
    """With the plugin, and TensorBoard's own keeping at its default."""
    last = f"run{runs - 1}"
    with tensorboard(logdir, plugin=True) as server:
        found: list[Any] = []

        def listed() -> bool:
            every = server.json("animate/series")["series"]
            found[:] = [one["id"] for one in every if one["run"] == last]
            return len([one for one in every if one["frames"] >= frames]) == runs

        asked = time.perf_counter()
        until(listed)
        done = time.perf_counter()
        # TensorBoard goes on reading for itself.
        until(lambda: len(server.json("images/tags")) == runs)
        until(lambda: len(server.json("images/images", run=last, tag="generated", sample=0)) >= 10)
        (series,) = found
        steps = server.json("animate/steps", series=series)["steps"]
        chance = random.Random(1)

        def one_frame() -> bytes:
            start = chance.randrange(len(steps))
            return server.get("animate/frames", series=series, start=start, count=1, sample=0)

        one = median(one_frame)
        played = 0
        while played < len(steps):
            body = server.get("animate/frames", series=series, start=played, count=64)
            played += len(msgpack.unpackb(body)["frames"])
        shown, reading = done - server.began, done - asked
        return Measured("tb_animate", len(steps), shown, reading, server.memory(), one)


def measure_index(title: str, logdir: pathlib.Path) -> None:
    """Without TensorBoard: the walk, one frame, and 200 evenly spread."""
    process = psutil.Process()
    before = process.memory_info().rss
    began = time.perf_counter()
    source = events.EventSource(events.roots(str(logdir)), [IMAGES])
    source.wait()
    (series, *_) = source.series()
    walk = time.perf_counter() - began
    index = source.open(series.id)
    count = len(index.steps)
    chance = random.Random(1)
    one_frame = median(lambda: next(index.read([chance.randrange(count)])))
    began = time.perf_counter()
    spread = {number * (count - 1) // 199 for number in range(200)}
    assert all(frame.data is not None for frame in index.read(sorted(spread)))
    clip = 1000 * (time.perf_counter() - began)
    grown = (process.memory_info().rss - before) / MEGABYTE
    print(
        f"{title}: walked in {walk:.2f} s, {count} frames listed; one frame {one_frame:.2f} ms, "
        f"{len(spread)} spread evenly {clip:.0f} ms; {grown:.0f} MB more than before"
    )
    source.close()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=4)
    parser.add_argument("--steps", type=int, default=500, help="of each run")
    parser.add_argument("--samples", type=int, default=3, help="images at each step")
    parser.add_argument("--side", type=int, default=256, help="of an image, in pixels")
    parser.add_argument("--scalars", type=int, default=1_000_000)
    parser.add_argument("--small", type=int, default=100_000, help="small frames in one series")
    parser.add_argument("--keep", type=pathlib.Path, help="make the logs here and leave them")
    parser.add_argument("--no-tensorboard", action="store_true", help="only the index itself")
    options = parser.parse_args()
    with contextlib.ExitStack() as stack:
        base = options.keep or pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory()))
        shape = f"{options.runs}x{options.steps}x{options.samples}x{options.side}"
        logdir = base / f"images-{shape}"
        made_logs.make_images(
            logdir,
            runs=options.runs,
            steps=options.steps,
            samples=options.samples,
            side=options.side,
        )
        made_logs.make_scalars(base / f"scalars-{options.scalars}", options.scalars)
        made_logs.make_small(base / f"small-{options.small}", options.small)
        total = sum(path.stat().st_size for path in logdir.rglob("*tfevents*"))
        print(f"{options.runs} runs of {options.steps} steps, {total / 1e9:.2f} GB of images")
        if not options.no_tensorboard:
            kept = min(10, options.steps)
            size = logdir, options.runs
            default = measure_tensorboard("TensorBoard", *size, kept)
            rows = [
                default,
                measure_tensorboard("with --load_fast=false", *size, kept, fast=False),
                measure_tensorboard("keeping all", *size, options.steps, samples="images=100000"),
                ours := measure_plugin(*size, options.steps),
            ]
            print(HEAD, *[measured.row() for measured in rows], sep="\n")
            more = ours.memory - default.memory
            print(
                f"TensorBoard lists {default.frames} frames {default.shown:.2f} s after its "
                f"start; tb_animate lists {ours.frames} {ours.reading:.2f} s after it is asked "
                f"and, all frames of one run having been played, adds {more:.0f} MB"
            )
        measure_index("these images", logdir)
        measure_index(f"{options.scalars} scalars", base / f"scalars-{options.scalars}")
        measure_index(f"{options.small} small frames", base / f"small-{options.small}")


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    main()
