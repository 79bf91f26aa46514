"""Whether a page that follows two runs for long shows every frame, in bounded memory.

    python benchmarks/soak.py [--minutes 10] [--period 0.25] [--side 256]

Two runs write a step every `period` seconds, each an image and a scalar, while the tab stays with
the newest in headless Chromium. Of every picture of the display it is noted which frame each
card shows: each has to be seen once, in order, up to the last one written.

The memory of TensorBoard's process, and of that which draws the page, is read every five
seconds. The page keeps frames up to its budgets, which at the default pace are full after three
minutes, so the first half is warm-up. Of the second half, the least value of every half minute
(what is yet to be collected comes and goes above it) is put on a line by least squares, and
that line may rise by `MOST_SLOPE_MB` a minute. Needs psutil.
"""

from __future__ import annotations

import argparse
import contextlib
import pathlib
import random
import statistics
import sys
import tempfile
import threading
import time
from typing import NamedTuple

import psutil
from made_logs import png
from unwatched import Unwatched, private_mb

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests"))

import logs
import seen
from browser import chromium
from servers import tensorboard, until

RUNS = ("one", "two")
SAMPLE_SECONDS = 5
WINDOW_SECONDS = 30

# At the default pace 94 MB of pictures are logged a minute, and 126 MB decoded: a process that
# held on to one in fifty would be above. What has to grow is the index of frames and points,
# some 0.1 MB a minute. Within five minutes, the allocators' own noise is about half of it.
MOST_SLOPE_MB = 2.0

FOLLOWING = "data/plugin_entry.html?name=animate#p.animate.follow=newest"


class Sample(NamedTuple):
    """Minutes since the start, and megabytes."""

    minutes: float
    server: float
    page: float


class Writers:
    """Writes both runs until it is stopped.

    Attributes:
      steps: written so far, by each run.
    """

    def __init__(self, folder: pathlib.Path, period: float, side: int) -> None:
        self.steps = 0
        self._folder = folder
        self._period = period
        noise = random.Random(0)
        self._pictures = [png(side, noise) for _ in range(8)]
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._write)

    def __enter__(self) -> Writers:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    def stop(self) -> None:
        self._over.set()
        self._thread.join()

    def _write(self) -> None:
        with contextlib.ExitStack() as stack:
            writers = [stack.enter_context(logs.old_style_writer(self._folder / r)) for r in RUNS]
            begun = time.monotonic()
            while not self._over.wait(
                max(0.0, begun + self.steps * self._period - time.monotonic())
            ):
                for writer in writers:
                    writer.add_scalar("loss", 1 / (1 + self.steps), self.steps)
                    picture = self._pictures[self.steps % len(self._pictures)]
                    writer.add("picture", [picture], first_step=self.steps)
                self.steps += 1


def slope(minutes: list[float], values: list[float]) -> float:
    """Megabytes a minute: of the line through the least value of each window."""
    least: dict[int, float] = {}
    for minute, value in zip(minutes, values, strict=True):
        window = int(60 * minute / WINDOW_SECONDS)
        least[window] = min(value, least.get(window, value))
    at = [window * WINDOW_SECONDS / 60 for window in least]
    return statistics.linear_regression(at, list(least.values())).slope if len(at) > 1 else 0.0


def report(samples: list[Sample], whole: float) -> bool:
    later = [one for one in samples if one.minutes >= whole / 2]
    minutes = [one.minutes for one in later]
    flat = True
    for name in ("server", "page"):
        values = [getattr(one, name) for one in later]
        rise = slope(minutes, values)
        good = rise <= MOST_SLOPE_MB
        flat = flat and good
        print(
            f"{name}: {getattr(samples[0], name):.0f} MB at first, {min(values):.0f} to "
            f"{max(values):.0f} MB in the second half, rising by {rise:+.2f} MB a minute "
            f"({'flat' if good else 'not flat'}; at most {MOST_SLOPE_MB:g})"
        )
    return flat


def soak(minutes: float, period: float, side: int) -> bool:
    with contextlib.ExitStack() as stack:
        folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory()))
        writers = stack.enter_context(Writers(folder, period, side))
        server = stack.enter_context(tensorboard(folder))
        browser = stack.enter_context(chromium())
        process = psutil.Process(server.pid)
        page = Unwatched(browser, server.url + FOLLOWING)
        shown = "document.querySelectorAll('canvas.picture[data-index]').length"
        until(lambda: page.evaluate(shown) == len(RUNS), "both cards are drawn")
        page.evaluate(f"({seen.WATCH})()")
        begun = time.monotonic()
        samples: list[Sample] = []
        while (passed := (time.monotonic() - begun) / 60) < minutes:
            memory = process.memory_info().rss / 1e6
            samples.append(Sample(passed, memory, private_mb("renderer")))
            if len(samples) % 12 == 1:
                print(
                    f"{passed:4.1f} min: {writers.steps} steps; server {memory:.0f} MB, page "
                    f"{samples[-1].page:.0f} MB, of it {page.script_mb():.0f} MB JavaScript's",
                    flush=True,
                )
            time.sleep(SAMPLE_SECONDS)
        writers.stop()
        last = f"canvas.picture[data-index='{writers.steps - 1}']"
        drawn = f'document.querySelectorAll("{last}").length'
        with contextlib.suppress(AssertionError):
            until(lambda: page.evaluate(drawn) == len(RUNS), "the last frame is drawn")
        frames = page.evaluate(f"({seen.SEEN})()")
        problems = seen.faults(frames, writers.steps)
        flat = report(samples, minutes)
        counts = ", ".join(f"{len(frames[run])} of {run}" for run in sorted(frames))
        print(
            f"frames seen: {counts}, of {writers.steps} written in all; "
            f"{len(problems)} not once and in order"
        )
        for problem in problems[:10]:
            print(f"  {problem}")
        page.close()
        return flat and not problems


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--period", type=float, default=0.25)
    parser.add_argument("--side", type=int, default=256)
    asked = parser.parse_args()
    return 0 if soak(asked.minutes, asked.period, asked.side) else 1


if __name__ == "__main__":
    sys.exit(main())
