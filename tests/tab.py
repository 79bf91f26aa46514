"""The Animate tab as tests drive it: a page of a real browser whose clock they move."""

from __future__ import annotations

import base64
import contextlib
import io
import itertools
import re
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Download, Frame, Locator, Page

import logs
from servers import until

T = TypeVar("T")

# As speeds are written.
TIMES = "\N{MULTIPLICATION SIGN}"

# A small part of a picture's time at 10 frames a second: some rounds of drawing each.
SLICE = 20
# After this much of the page's time, what a change set going (a dialog, a listener) is there.
SETTLE = 200


class Tab:
    """The Animate tab. Time stands still in it unless `advance` is called.

    Attributes:
      complaints: what the browser wrote to its console as a warning or an error.
      requests: addresses that the page has asked for, TensorBoard's own page included.
    """

    def __init__(
        self, page: Page, frame: Frame, complaints: list[str], requests: list[str]
    ) -> None:
        self.page = page
        self.frame = frame
        self.complaints = complaints
        self.requests = requests

    def arrive(self, *, within: bool = False, cards: bool = True) -> None:
        """Waits for the page after it was opened, or opened again; see `open_tab`."""
        # In TensorBoard's page the frame comes when its own scripts have run.
        self.frame = until(lambda: _frame(self.page, within), "the tab's frame is there")
        self.until(lambda: self.frame.locator(".transport").count(), "the page is there")
        if cards:
            self.until(lambda: self.cards() and Card(self, 0).drawn(), "the first card is drawn")
        self.advance(SETTLE)

    def advance(self, milliseconds: int) -> None:
        self.page.clock.run_for(milliseconds)

    def until(self, condition: Callable[[], T], what: str, seconds: float = 30.0) -> T:
        """Polls while the page's own time goes on in small steps."""

        def poll() -> T:
            value = condition()
            if not value:
                self.advance(SLICE)
            return value

        return until(poll, what, seconds)

    def js(self, expression: str, argument: Any = None) -> Any:
        return self.frame.evaluate(expression, argument)

    def text(self, selector: str) -> str:
        return self.frame.locator(selector).first.inner_text()

    def cards(self) -> list[tuple[str, str]]:
        """(tag, run) of the cards, from top to bottom."""
        found = self.js(
            """() => [...document.querySelectorAll(".card")].map((card) =>
                [card.querySelector("h3").textContent, card.querySelector(".run").textContent])"""
        )
        return [(tag, run) for tag, run in found]

    def card(self, tag: str, run: str) -> Card:
        return Card(self, self.cards().index((tag, run)))

    @property
    def timeline(self) -> Locator:
        """The slider that all cards share."""
        return self.frame.get_by_role("slider", name="Timeline", exact=True)

    @property
    def tick(self) -> int:
        """The playhead, counted from 0."""
        return int(self.timeline.get_attribute("aria-valuenow") or 0) - 1

    @property
    def ticks(self) -> int:
        """How many the playhead can stop at."""
        return int(self.timeline.get_attribute("aria-valuemax") or 0)

    @property
    def playing(self) -> bool:
        return self.frame.get_by_role("button", name="Pause", exact=True).count() == 1

    def press(self, key: str) -> None:
        """Presses a key on the page itself, whatever had the focus."""
        self.js("() => document.activeElement?.blur()")
        self.frame.locator("body").press(key)

    def _until_drawn(self) -> None:
        coming = self.frame.locator(".loading, .waiting")
        self.until(lambda: coming.count() == 0, "all is drawn")

    def settle(self) -> None:
        """Waits until every card in view shows its frame, and for what that sets going."""
        self._until_drawn()
        self.advance(SETTLE)

    def go_to(self, tick: int) -> None:
        """Moves the playhead there from the first tick, and waits until all is drawn."""
        self.press("Home")
        for _ in range(tick):
            self.press("ArrowRight")
        self.settle()

    def warm(self) -> None:
        """Lets every frame be drawn once, so that nothing waits for the server any more."""
        self.press("Home")
        for _ in range(self.ticks):
            self._until_drawn()
            self.press("ArrowRight")
        self.press("Home")

    def set_of(self, menu: str) -> str:
        """How one of the transport's menus is set: what stands behind its name."""
        pill = self.frame.get_by_role("button", name=re.compile(f"^{menu}: "))
        return (pill.get_attribute("aria-label") or "").removeprefix(f"{menu}: ")

    @contextlib.contextmanager
    def opened(self, menu: str) -> Iterator[Locator]:
        """Opens one of the transport's menus for a while."""
        self.frame.get_by_role("button", name=re.compile(f"^{menu}: ")).click()
        yield self.frame.locator(".panel:popover-open")
        self.page.keyboard.press("Escape")

    def pick(self, menu: str, choice: str) -> None:
        """Chooses one of few in one of the transport's menus."""
        with self.opened(menu) as panel:
            panel.get_by_role("radio", name=choice, exact=True).check()

    def set_rate(self, fps: float) -> None:
        """Types how many frames a second are played."""
        field = self.frame.get_by_label("Frames per second")
        field.fill(str(fps))
        field.press("Enter")

    def button(self, name: str) -> None:
        self.frame.get_by_role("button", name=name, exact=True).click()
        self.advance(SETTLE)

    def export(self) -> Locator:
        """Opens the dialog that makes clips, which is loaded when it first opens."""
        self.button("Download clip")
        return self.dialog()

    def download(self, dialog: Locator) -> Download:
        """Makes the clip that the dialog of `export` describes, and waits until it is there."""
        again = dialog.get_by_role("button", name=re.compile("^Save .* again$"))
        before = again.count()
        start = dialog.get_by_role("button", name="Download", exact=True)
        self.until(start.is_enabled, "the steps are there")
        with self.page.expect_download() as waiting:
            start.click()
            self.until(lambda: again.count() > before, "the clip is there")
        return waiting.value

    def dialog(self) -> Locator:
        """The dialog that was asked for, as soon as it is open."""
        found = self.frame.get_by_role("dialog")
        self.until(found.is_visible, "the dialog is open")
        return found


class Card:
    """One card of the tab."""

    def __init__(self, tab: Tab, position: int) -> None:
        self.tab = tab
        self.element = tab.frame.locator(".card").nth(position)

    def pixel(self, x: float = 0.5, y: float = 0.5) -> tuple[int, ...]:
        """Red, green, blue and alpha at that share of the picture's width and height."""
        found = self.element.locator("canvas").evaluate(
            """(canvas, [x, y]) => [...canvas.getContext("2d").getImageData(
                Math.floor(x * canvas.width), Math.floor(y * canvas.height), 1, 1).data]""",
            [x, y],
        )
        return tuple(found)

    def pixels(self) -> NDArray[np.uint8]:
        """RGB of the whole picture, shape [height, width, 3]."""
        url = self.element.locator("canvas").evaluate("(canvas) => canvas.toDataURL()")
        with Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))) as image:
            return np.asarray(image.convert("RGB"))

    def shown(self) -> int:
        """The frame that is drawn, where they are as `logs.picture` makes them."""
        return logs.index_of(self.pixel())

    def played(self, milliseconds: int) -> list[tuple[int, int]]:
        """(frame drawn, milliseconds it stayed) while so much time passes, see `shown`."""
        frames = []
        for _ in range(milliseconds // SLICE):
            self.tab.advance(SLICE)
            frames.append(self.shown())
        return [(index, SLICE * len(list(group))) for index, group in itertools.groupby(frames)]

    def order(self, milliseconds: int) -> list[int]:
        """The frames drawn while so much time passes, see `shown`."""
        return [index for index, _ in self.played(milliseconds)]

    def hover(self, x: float, y: float) -> str:
        """What is said about the place at that share of the picture's width and height."""
        box = self.element.locator("canvas").bounding_box()
        assert box
        self.tab.page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
        self.tab.advance(SETTLE)
        return self.text(".tip")

    def export(self) -> Locator:
        """Opens the dialog that makes clips, for this card."""
        self.element.get_by_role("button", name="Download the clip of").click()
        return self.tab.dialog()

    def drawn(self) -> bool:
        return self.element.locator("canvas[data-index]").count() > 0

    def text(self, selector: str) -> str:
        found = self.element.locator(selector)
        return found.first.inner_text() if found.count() else ""


def _frame(page: Page, within: bool) -> Frame | None:
    if not within:
        return page.main_frame
    page.clock.run_for(SLICE)
    return next((frame for frame in page.frames if "plugin_entry" in frame.url), None)
