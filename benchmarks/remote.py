"""What it costs to play logs from object storage: requests, bytes and seconds for a tag.

    python benchmarks/remote.py [--milliseconds 30] [--megabytes 50]

serves made logs from moto's S3 on this machine, each answer late by so much and, if told, at so
many megabytes a second, and prints a table: listing what there is (which walks the logs), the first
frame, 64 frames as a page asks for them, and a look at logs that have not changed or have grown.
Needs the packages of the extra `test`.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import sys
import tempfile
import time
from collections.abc import Callable

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import made_logs  # noqa: E402

import object_storage  # noqa: E402
from tb_animate import api  # noqa: E402
from tb_animate.model import Wanted  # noqa: E402
from tb_animate.sources import events, scan  # noqa: E402

IMAGES = Wanted("image", "images", leading=2)
MEGABYTE = 1e6


class Meter:
    """Prints rows of what actions cost."""

    def __init__(self, storage: object_storage.Storage) -> None:
        self._storage = storage

    def row(self, what: str, total: int, action: Callable[[], object]) -> None:
        before = self._storage.counted()
        began = time.perf_counter()
        action()
        seconds = time.perf_counter() - began
        after = self._storage.counted()
        sent = after.sent - before.sent
        print(
            f"| {what} | {after.requests - before.requests:,} | {sent / MEGABYTE:,.2f} | "
            f"{100 * sent / total:.1f} % | {seconds:.2f} |",
            flush=True,
        )


def measure(
    meter: Meter, storage: object_storage.Storage, title: str, logdir: pathlib.Path
) -> None:
    total = sum(path.stat().st_size for path in logdir.rglob("*tfevents*"))
    url = storage.upload(logdir, logdir.name)
    print(f"\n{title}, {total / MEGABYTE:,.0f} MB\n")
    print("| | requests | MB | of the logs | s |\n|---|---|---|---|---|")
    source = events.EventSource(events.roots(url), [IMAGES])
    meter.row("list", total, source.wait)
    index = source.open(source.series()[0].id)
    middle = len(index.steps) // 2
    meter.row("first frame", total, lambda: list(index.read([middle])))
    rest = range(min(64, len(index.steps)))
    meter.row(f"{len(rest)} frames", total, lambda: list(index.read(rest)))
    meter.row("the same again", total, lambda: list(index.read(rest)))
    time.sleep(scan.REMOTE_SECONDS)
    meter.row("look again, nothing new", total, source.wait)
    (path, *_) = sorted(logdir.rglob("*tfevents*"))
    with path.open("ab") as file:
        file.write(made_logs.record(made_logs.images(10**6, [b"picture"], 1)))
    storage.put(f"{logdir.name}/{path.relative_to(logdir).as_posix()}", path.read_bytes())
    time.sleep(scan.REMOTE_SECONDS)
    meter.row("look again, one file has grown", total, source.wait)
    source.close()
    meter.row("`tb-animate list`, all kinds", total, lambda: api.list_series(url))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--milliseconds", type=float, default=30.0, help="before each answer")
    parser.add_argument("--megabytes", type=float, default=0.0, help="a second; 0: no limit")
    options = parser.parse_args()
    scan.REMOTE_SECONDS = 2.0  # or one would have to wait long for another look
    with (
        tempfile.TemporaryDirectory() as scratch,
        object_storage.serving(options.milliseconds / 1000, options.megabytes) as storage,
    ):
        os.environ.update(storage.environment)
        base = pathlib.Path(scratch)
        meter = Meter(storage)
        # Imports and the first connection are nobody's cost here.
        storage.put("nothing/here", b"")
        api.list_series(f"s3://{object_storage.BUCKET}/nothing")
        for side in (64, 256, 512):
            logdir = base / f"images-{side}"
            made_logs.make_images(logdir, runs=4, steps=100, samples=1, side=side)
            measure(meter, storage, f"4 runs of 100 pictures of {side} x {side}", logdir)
        logdir = base / "batches"
        made_logs.make_images(logdir, runs=4, steps=50, samples=4, side=256)
        measure(meter, storage, "4 runs of 50 times 4 pictures of 256 x 256", logdir)
        logdir = base / "runs"
        made_logs.make_images(logdir, runs=100, steps=4, samples=1, side=128)
        measure(meter, storage, "100 runs of 4 pictures of 128 x 128", logdir)
        logdir = base / "scalars"
        made_logs.make_scalars(logdir, 200_000)
        measure(meter, storage, "200,000 scalars and a picture", logdir)


if __name__ == "__main__":
    main()
