"""Whether hundreds of series open and play like two, and stay within the stated memory.

    python benchmarks/many.py [--series 200] [--frames 300] [--side 128] [--repeats 5]

Writes two logs of images with so many frames each, one with two series and one with many,
and takes the time from the request for the page until its first card plays: right after
TensorBoard started, and again when it has read the logs, in alternating order. Then the many
are played for a minute, from the top of the page to its end, and the memory of the process that
draws the page is held against the budget. Run by hand, on a machine that has nothing else to
do. Needs psutil.
"""

from __future__ import annotations

import argparse
import functools
import pathlib
import statistics
import sys
import tempfile
import time

from made_logs import make_waves
from playwright.sync_api import Browser, Page
from unwatched import Unwatched, private_mb

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests"))

from browser import chromium
from servers import TensorBoard, tensorboard, until

RUNS = 10
MOST_TIMES = 2.0
MINUTE = 60
# Frames decoded and as logged (frontend/src/store/frames.ts), and all else that a page and
# the browser's own code for it take, with what is given up but not yet collected.
BUDGET_MB = 768

PLAYING = "() => Number(document.querySelector('canvas.picture')?.dataset.index ?? 0) >= 2"


def open_page(browser: Browser, url: str) -> tuple[Page, float]:
    """Opens the tab, and says how long it took until the first card plays."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(120_000)
    # The browser has the page's scripts before, as one who looks at logs every day has.
    begun = time.monotonic()
    page.goto(url + "data/plugin_entry.html?name=animate")
    page.wait_for_function(PLAYING)
    return page, time.monotonic() - begun


def times(browser: Browser, logdir: pathlib.Path) -> list[float]:
    """Seconds until the first card plays: after TensorBoard's start, and once more."""
    found = []
    with tensorboard(logdir) as server:
        for _ in range(2):
            page, seconds = open_page(browser, server.url)
            page.context.close()
            found.append(seconds)
            for route in ("series", "scalars"):
                until(functools.partial(is_read, server, route), "the logs are read")
    return found


def is_read(server: TensorBoard, route: str) -> bool:
    progress = server.animate(route).json()["progress"]
    return bool(progress["done"] >= progress["total"])


def compare(browser: Browser, few: pathlib.Path, many: pathlib.Path, repeats: int) -> None:
    ratios: list[list[float]] = []
    for number in range(repeats):
        order = (few, many) if number % 2 else (many, few)
        taken = {logdir: times(browser, logdir) for logdir in order}
        ratios.append([a / b for a, b in zip(taken[many], taken[few], strict=True)])
        print(
            f"{number + 1}: first card plays after {taken[few][0]:.2f} s with 2 series and "
            f"{taken[many][0]:.2f} s with many right after TensorBoard's start; "
            f"{taken[few][1]:.2f} and {taken[many][1]:.2f} s later",
            flush=True,
        )
    for name, column in zip(
        ("right after the start", "later"), zip(*ratios, strict=True), strict=True
    ):
        median = statistics.median(column)
        verdict = "ok" if median <= MOST_TIMES else "too long"
        print(f"{name}: {median:.2f} times as long ({verdict}; at most {MOST_TIMES:g})")


def play(browser: Browser, logdir: pathlib.Path) -> None:
    with tensorboard(logdir) as server:
        page = Unwatched(browser, server.url + "data/plugin_entry.html?name=animate")
        until(lambda: page.evaluate(f"({PLAYING})()"), "the first card plays")
        print(f"{private_mb('renderer'):.0f} MB when the first card plays")
        height = page.evaluate("document.querySelector('main').scrollHeight")
        begun = time.monotonic()
        most = now = 0.0
        while (passed := time.monotonic() - begun) < MINUTE:
            top = height * passed / MINUTE
            page.evaluate(f"document.querySelector('main').scrollTo({{top: {top}}})")
            now = private_mb("renderer")
            most = max(most, now)
            time.sleep(1)
        verdict = "ok" if most <= BUDGET_MB else "too much"
        print(
            f"{now:.0f} MB after a minute of playing, {most:.0f} MB at most "
            f"({verdict}; the budget is {BUDGET_MB} MB); of it "
            f"{page.script_mb():.0f} MB are JavaScript's, and "
            f"{private_mb('gpu-process'):.0f} MB are the compositor's besides"
        )
        page.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--series", type=int, default=200)
    parser.add_argument("--frames", type=int, default=300)
    parser.add_argument("--side", type=int, default=128)
    parser.add_argument("--repeats", type=int, default=5)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        few, many = pathlib.Path(folder, "few"), pathlib.Path(folder, "many")
        each = {"steps": asked.frames, "side": asked.side}
        make_waves(few, runs=1, tags=2, **each)
        make_waves(many, runs=RUNS, tags=asked.series // RUNS, **each)
        compare(browser, few, many, asked.repeats)
        play(browser, many)


if __name__ == "__main__":
    main()
