"""The tab in headless Chromium, without a graphics card, and how smoothly it plays."""

from __future__ import annotations

import contextlib
import pathlib
import sys
import time
from collections.abc import Iterator
from typing import NamedTuple

from playwright.sync_api import Page

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests"))

from browser import chromium
from servers import TensorBoard

# Of pictures, or of frames.
MOST_DROPPED = 0.05
SECONDS = 5
# Milliseconds of a picture at the display's rate; a later one is late from so many of them on.
PICTURE = 1000 / 60
LATE = 1.5

MEASURE = """seconds => new Promise((resolve) => {
    const gaps = [];
    const drawn = new Set();
    const canvas = document.querySelector("canvas.picture");
    let first, last;
    requestAnimationFrame(function picture(now) {
        if (last !== undefined) gaps.push(now - last);
        drawn.add(canvas.dataset.index);
        first ??= now;
        last = now;
        if (now - first < 1000 * seconds) requestAnimationFrame(picture);
        else resolve([gaps, drawn.size]);
    });
})"""


class Pictures(NamedTuple):
    """Pictures of the display.

    Attributes:
      gaps: milliseconds from each to the next.
      drawn: frames of the first card that they showed.
    """

    gaps: list[float]
    drawn: int

    @property
    def late(self) -> list[float]:
        """The gaps that were too long."""
        return [gap for gap in self.gaps if gap > LATE * PICTURE]

    @property
    def share_late(self) -> float:
        return len(self.late) / len(self.gaps)


@contextlib.contextmanager
def opened(server: TensorBoard, *, width: int = 1280, height: int = 900) -> Iterator[Page]:
    """The tab, which stands still, and prints how long its first picture took."""
    with chromium() as browser:
        page = browser.new_page(
            viewport={"width": width, "height": height}, reduced_motion="reduce"
        )
        page.set_default_timeout(120_000)
        begun = time.monotonic()
        page.goto(server.url + "data/plugin_entry.html?name=animate")
        page.wait_for_selector("canvas.picture[data-index]")
        print(f"first picture after {time.monotonic() - begun:.2f} s")
        yield page


def set_rate(page: Page, fps: int) -> None:
    rate = page.get_by_label("Frames per second")
    rate.fill(str(fps))
    rate.press("Enter")


def ways(page: Page) -> Iterator[str]:
    """Sets the tab to each way to play at the display's rate, in turn; yields their names."""
    for name, fps, tween in (("a frame for each picture", 60, False), ("tweened", 12, True)):
        page.get_by_label("Tween between frames").set_checked(tween)
        set_rate(page, fps)
        yield name


def play(page: Page) -> None:
    """From the first frame on."""
    page.get_by_role("button", name="First frame").click()
    page.get_by_role("button", name="Play", exact=True).click()


def measured(page: Page) -> Pictures:
    """Watches the tab play for some seconds, then stops it."""
    pictures = Pictures(*page.evaluate(MEASURE, SECONDS))
    page.get_by_role("button", name="Pause", exact=True).click()
    return pictures
