"""Logs that mean harm, in a real browser: what they hold is shown as text, or not at all."""

from __future__ import annotations

import os
import pathlib
import re
from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Browser, Dialog

import event_bytes as eb
import logs
import tb_animate
from browser import open_tab
from servers import TensorBoard
from tab import Card, Tab

MARKUP = "<img src=x onerror=window.harmed=1>"
SCRIPT = "</script><script>window.harmed=1</script>"
LONG = "long/" + "n" * 10_000
TAGS = [
    MARKUP,
    SCRIPT,
    "'\" onmouseover=window.harmed=1 x='",
    "javascript:window.harmed=1",
    "a\nb\tc\0d\x1b[2J",
    "\u202egnp.exe",
    "שלום/مرحبا",
    "100%25/%3Cimg%3E",
    LONG,
]
RUNS = ["run", "with space & <u id=harm>u<", "100%41", "new\nline", "...", "\u202ebackwards"]
COLUMN = "<u id=harm>label"


@pytest.fixture(scope="module")
def logdir(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    path = tmp_path_factory.mktemp("hostile")
    for number, run in enumerate(RUNS):
        records = [eb.version()]
        for step in range(3):
            png = logs.encode(logs.picture(step + 3 * number))
            values = [eb.tf1_image(tag, png) for tag in (TAGS if number == 0 else TAGS[:1])]
            records.append(eb.event(step, *values, eb.scalar(f"loss/{MARKUP}", step)))
        described = eb.tf2_image("described", logs.encode(logs.picture(0)))
        described.metadata.display_name = MARKUP
        described.metadata.summary_description = SCRIPT + MARKUP
        rows = [(0.0, 1.0, 2.0), (1.0, np.inf, 4.0), (-np.inf, 0.5, 1.0), (3.0, 2.0, np.nan)]
        histogram = eb.tf2_histogram(f"numbers {MARKUP}", rows)
        records += [eb.event(0, described), eb.event(0, histogram), b"damage" * 9]
        eb.write(path / run, records, f"{MARKUP.replace('/', '')}.tfevents")
    labels = [MARKUP, SCRIPT, "\u202ex", "n" * 10_000, "9" * 5_000, "a\nb", "nul\0"]
    with logs.quiet():
        from tensorboardX import SummaryWriter

        writer = SummaryWriter(os.fspath(path / "points"))
        for step in range(3):
            points = np.eye(len(labels), 3, dtype=np.float32) * (step + 1)
            tb_animate.summary.embedding(
                f"cloud {MARKUP}", points, step, metadata={COLUMN: labels}, writer=writer
            )
        writer.close()
    return path


@pytest.fixture(params=[False, True], ids=["alone", "within"])
def tab(browser: Browser, server: TensorBoard, request: pytest.FixtureRequest) -> Iterator[Tab]:
    """Alone, and within TensorBoard's own page."""
    with open_tab(browser, server, within=request.param, size=(1280, 900)) as opened:
        asked: list[str] = []

        def dismiss(dialog: Dialog) -> None:
            asked.append(dialog.message)
            dialog.dismiss()

        opened.page.on("dialog", dismiss)
        yield opened
        assert asked == []
        assert opened.complaints == []
        assert opened.js("() => window.harmed ?? parent.harmed ?? null") is None


def unharmed(tab: Tab) -> None:
    """Nothing that a log holds has become an element or a handler."""
    assert tab.js("() => document.querySelectorAll('img[src=x], #harm').length") == 0
    assert (
        tab.js("() => [...document.scripts].filter((s) => s.text.includes('harmed')).length") == 0
    )
    handlers = """() => [...document.querySelectorAll('*')].flatMap((element) =>
        element.getAttributeNames().filter((name) => name.startsWith('on')))"""
    assert tab.js(handlers) == []
    links = "() => [...document.links].filter((a) => a.protocol === 'javascript:').length"
    assert tab.js(links) == 0
    assert tab.js("() => document.documentElement.scrollWidth <= innerWidth"), "it overflows"
    assert tab.js("() => document.querySelector('main').scrollWidth <= innerWidth")


def visited(tab: Tab) -> set[str]:
    """Scrolls through all cards, each of which is drawn or says why not; returns their tags."""
    count = tab.frame.locator(".card").count()
    for position in range(count):
        card = tab.frame.locator(".card").nth(position)
        card.scroll_into_view_if_needed()
        # A card that has not been drawn is but a frame.
        tab.until(
            lambda card=card: card.locator("canvas[data-index], .error, .notice").count(),
            f"card {position} is drawn",
        )
        unharmed(tab)
    return {tag for tag, _ in tab.cards()}


def test_markup_never_reaches_the_page_as_markup(tab: Tab) -> None:
    assert {*TAGS} <= visited(tab)
    assert {RUNS[0], RUNS[1], RUNS[2]} <= {run for _, run in tab.cards()}


def test_dialogs_and_menus_show_it_as_text(tab: Tab) -> None:
    tab.press("?")
    tab.dialog()
    unharmed(tab)
    tab.page.keyboard.press("Escape")
    for tag in (MARKUP, LONG, f"cloud {MARKUP}", f"about numbers {MARKUP}"):
        tab.until(lambda tag=tag: tag in dict(tab.cards()), "the card is there")
        position = [name for name, _ in tab.cards()].index(tag)
        card = tab.frame.locator(".card").nth(position)
        card.scroll_into_view_if_needed()
        card.hover()
        tab.advance(1000)
        unharmed(tab)
        dialog = Card(tab, position).export()
        tab.until(lambda d=dialog: d.get_by_role("button", name="Download").is_enabled(), "ready")
        tab.advance(1000)
        unharmed(tab)
        box = dialog.bounding_box()
        assert box is not None
        assert box["width"] <= 1280
        download = tab.download(dialog)
        assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,110}", download.suggested_filename)
        assert pathlib.Path(download.path()).stat().st_size > 0
        tab.page.keyboard.press("Escape")
        tab.advance(200)
