"""What logs of many shapes cost on a local disk, through a data server, and many clips at once.

    python benchmarks/scaling.py

prints for each shape how often and how much of the files the walk reads, its seconds and the
memory of the index; then the same answers through `--grpc_data_provider`; then the seconds that
eight clips take with so many jobs. Times are wall time, so let nothing else run. Object storage:
`benchmarks/remote.py`. Needs the packages of the extra `test`.
"""

from __future__ import annotations

import gc
import pathlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from typing import Any

import psutil

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import made_logs  # noqa: E402

import servers  # noqa: E402
from tb_animate.model import Wanted  # noqa: E402
from tb_animate.sources import byte_files, events  # noqa: E402

IMAGES = Wanted("image", "images", leading=2)
MEGABYTE = 1e6


class Counting(byte_files.LocalFile):
    """Counts what is read of all files."""

    reads_done = bytes_done = 0

    def __init__(self, path: str) -> None:
        super().__init__(path)
        read = self.read

        def counted(count: int, offset: int) -> bytes:
            found = read(count, offset)
            Counting.reads_done += 1
            Counting.bytes_done += len(found)
            return found

        self.read = counted


def disk(title: str, logdir: pathlib.Path) -> None:
    total = sum(path.stat().st_size for path in logdir.rglob("*tfevents*"))
    process = psutil.Process()
    gc.collect()
    before = process.memory_info().rss
    began = time.perf_counter()
    source = events.EventSource(events.roots(str(logdir)), [IMAGES])
    source.wait()
    walked = time.perf_counter() - began
    found = source.series()
    listed = time.perf_counter() - began - walked
    grown = (process.memory_info().rss - before) / MEGABYTE
    source.wait()
    again = time.perf_counter()
    source.wait()
    again = time.perf_counter() - again
    whole, byte_files.LocalFile = byte_files.LocalFile, Counting  # type: ignore[misc]
    Counting.reads_done = Counting.bytes_done = 0
    counted = events.EventSource(events.roots(str(logdir)), [IMAGES])
    counted.wait()
    byte_files.LocalFile = whole  # type: ignore[misc]
    frames = sum(series.frames for series in found)
    print(
        f"| {title} | {total / MEGABYTE:,.0f} | {len(found):,} | {frames:,} | "
        f"{Counting.reads_done:,} | {Counting.bytes_done / MEGABYTE:,.1f} | {walked:.2f} | "
        f"{listed:.2f} | {again:.3f} | {grown:.0f} |",
        flush=True,
    )
    source.close()
    counted.close()


def many_tags(logdir: pathlib.Path, *, runs: int, tags: int, steps: int) -> None:
    picture = made_logs.png(4, made_logs.random.Random(0))

    def content() -> Iterator[Any]:
        for step in range(steps):
            for tag in range(tags):
                yield made_logs.images(step, [picture], 4, f"tag{tag}")

    for run in range(runs):
        made_logs.write(logdir / f"run{run}" / "events.out.tfevents.1", content())


def timed(action: Callable[[], Any]) -> tuple[float, Any]:
    began = time.perf_counter()
    found = action()
    return time.perf_counter() - began, found


def through_data_server(logdir: pathlib.Path) -> None:
    with (
        servers.data_server(logdir) as address,
        servers.tensorboard(None, f"--grpc_data_provider={address}") as server,
    ):
        servers.until(lambda: server.animate("series").json()["series"], "the logs are read")
        listed, answer = timed(lambda: server.animate("series"))
        (first, *_) = answer.json()["series"]
        framed, frames = timed(lambda: server.animate("frames", series=first["id"]))
        print(
            f"\nThrough a data server: {len(answer.json()['series'])} series listed in "
            f"{1000 * listed:.0f} ms, {first['frames']} frames of one, "
            f"{len(frames.body) / MEGABYTE:.1f} MB, in {1000 * framed:.0f} ms"
        )


def jobs(logdir: pathlib.Path, base: pathlib.Path) -> None:
    print("\n| jobs | seconds for 8 clips of 200 pictures |\n|---|---|")
    for count in (1, 2, 4):
        folder = base / f"jobs{count}"
        folder.mkdir()
        line = [sys.executable, "-m", "tb_animate.cli", "export", str(logdir)]
        line += ["-o", str(folder / "{run}-{tag}.gif"), "--jobs", str(count)]
        seconds, _ = timed(lambda line=line: subprocess.run(line, cwd=ROOT, check=True))  # type: ignore[misc]
        print(f"| {count} | {seconds:.1f} |", flush=True)


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        base = pathlib.Path(scratch)
        print(
            "| logs | MB | series | frames | reads | MB read | walk, s | list, s | "
            "look again, s | memory, MB |\n|---|---|---|---|---|---|---|---|---|---|"
        )
        made_logs.make_images(base / "large", runs=4, steps=500, samples=1, side=256)
        disk("pictures of 200 kB", base / "large")
        made_logs.make_small(base / "small", 100_000)
        disk("small pictures", base / "small")
        made_logs.make_scalars(base / "scalars", 1_000_000)
        disk("scalars", base / "scalars")
        many_tags(base / "many", runs=100, tags=50, steps=10)
        disk("many series", base / "many")
        through_data_server(base / "large")
        made_logs.make_waves(base / "waves", runs=2, tags=4, steps=200, side=128)
        jobs(base / "waves", base)


if __name__ == "__main__":
    main()
