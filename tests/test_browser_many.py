"""Hundreds of series in a real browser: what is asked for, drawn and held, not how fast."""

from __future__ import annotations

import collections
import pathlib
import urllib.parse

import pytest
from playwright.sync_api import Browser

import logs
from browser import open_tab
from servers import TensorBoard, tensorboard
from tab import SETTLE, Tab

RUNS, TAGS, FRAMES = 10, 20, 6
SERIES = RUNS * TAGS


@pytest.fixture(scope="module")
def logdir(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    path = tmp_path_factory.mktemp("many")
    pictures = [logs.encode(logs.picture(index)) for index in range(FRAMES)]
    for run in range(RUNS):
        with logs.old_style_writer(path / f"run{run}") as writer:
            for tag in range(TAGS):
                writer.add(f"group{tag % 4}/tag{tag:02}", pictures, 1 + run)
    return path


def all_there(tab: Tab) -> None:
    """Waits until every card is in the page, drawn or not."""
    tab.until(lambda: len(tab.cards()) == SERIES, "all cards are there")


def canvases(tab: Tab) -> int:
    return tab.frame.locator("canvas.picture").count()


def asked(requests: list[str], route: str) -> list[list[str]]:
    """The series of each request for that route."""
    found = []
    for request in requests:
        url = urllib.parse.urlsplit(request)
        if url.path.endswith(f"/animate/{route}"):
            found.append(urllib.parse.parse_qs(url.query).get("series", []))
    return found


def looks(requests: list[str]) -> list[list[str]]:
    """The requests from each listing of all series to the next."""
    found: list[list[str]] = [[]]
    for request in requests:
        if "/animate/series?" in request:
            found.append([])
        found[-1].append(request)
    return found


def test_all_steps_take_few_requests_and_nothing_else_is_asked_out_of_view(
    browser: Browser, server: TensorBoard
) -> None:
    # While logs are read, steps come later, and again for what grows.
    server.listing()
    with open_tab(browser, server) as tab:
        all_there(tab)
        tab.until(
            lambda: len({one for each in asked(tab.requests, "steps") for one in each}) == SERIES,
            "all steps are asked for",
        )
        # After each look for what is new, which comes after some seconds of the page's time, each
        # series once; those on top first.
        for look in looks(tab.requests):
            counted = collections.Counter(one for each in asked(look, "steps") for one in each)
            assert set(counted.values()) <= {1}
            assert len(asked(look, "steps")) <= 6
        steps = asked(tab.requests, "steps")
        top = tab.js("() => [...document.querySelectorAll('.card')].map((c) => c.dataset.series)")
        assert set(steps[0]) == set(top[: len(steps[0])])
        in_view = set(top[: canvases(tab)])
        for route in ("scene", "frames"):
            wanted = {one for series in asked(tab.requests, route) for one in series}
            assert wanted == in_view
        # The timeline is that of all of them all the same.
        expected = {(1 + run) * index for run in range(RUNS) for index in range(FRAMES)}
        tab.until(lambda: tab.ticks == len(expected), "all its ticks")
        assert tab.complaints == []


def test_what_is_out_of_view_holds_no_picture_and_its_place(
    browser: Browser, server: TensorBoard
) -> None:
    with open_tab(browser, server) as tab:
        all_there(tab)
        assert 0 < canvases(tab) < 40
        height = tab.js("() => document.querySelector('main').scrollHeight")
        last = tab.card("group3/tag19", "run9")
        assert not last.drawn()
        last.element.scroll_into_view_if_needed()
        tab.until(last.drawn, "it is drawn in view")
        assert last.shown() == 0
        tab.until(lambda: canvases(tab) < 40, "the others gave theirs back")
        assert not tab.card("group0/tag00", "run0").drawn()
        # Cards that were never in view took as much room as they need.
        assert tab.js("() => document.querySelector('main').scrollHeight") == height
        tab.press("End")
        first = tab.card("group0/tag00", "run0")
        first.element.scroll_into_view_if_needed()
        tab.until(
            lambda: first.drawn() and first.shown() == FRAMES - 1,
            "it has followed the playhead",
        )
        assert tab.complaints == []


def test_filters_leave_what_stays_as_it_is(browser: Browser, server: TensorBoard) -> None:
    with open_tab(browser, server) as tab:
        all_there(tab)
        tab.js("() => { for (const card of document.querySelectorAll('.card')) card.kept = true; }")
        find = tab.frame.get_by_label("Filter tags")
        find.fill("tag07")
        # Without waiting for anything.
        assert tab.cards() == [("group3/tag07", f"run{run}") for run in range(RUNS)]
        assert tab.js("() => [...document.querySelectorAll('.card')].every((one) => one.kept)")
        tab.frame.get_by_label("Filter runs").fill("run[12]$")
        assert tab.cards() == [("group3/tag07", "run1"), ("group3/tag07", "run2")]
        settled = tab.card("group3/tag07", "run2")
        tab.until(settled.drawn, "it is drawn")
        find.fill("")
        assert len(tab.cards()) == 2 * TAGS
        assert tab.complaints == []


def test_pinned_cards_stand_on_top_and_stay_in_their_group(
    browser: Browser, server: TensorBoard
) -> None:
    with open_tab(browser, server) as tab:
        all_there(tab)
        for run in ("run3", "run1"):
            tab.frame.get_by_role("button", name=f"Pin group2/tag06, {run}").click()
            tab.advance(SETTLE)
        assert tab.text(".group > h2").startswith("Pinned")
        assert tab.cards()[:2] == [("group2/tag06", "run1"), ("group2/tag06", "run3")]
        assert len(tab.cards()) == SERIES + 2
        assert tab.cards().count(("group2/tag06", "run1")) == 2
        first = tab.card("group2/tag06", "run1")
        first.element.scroll_into_view_if_needed()
        tab.until(first.drawn, "it is drawn")
        tab.press("ArrowRight")
        tab.until(lambda: first.shown() == 0, "it plays as any other")
        first.element.get_by_role("button", name="Pin").click()
        tab.advance(SETTLE)
        assert tab.cards()[0] == ("group2/tag06", "run3")
        tab.frame.get_by_role("button", name="Pin group2/tag06, run3").first.click()
        tab.advance(SETTLE)
        assert len(tab.cards()) == SERIES
        assert tab.complaints == []


def test_a_large_card_has_the_row_to_itself(browser: Browser, server: TensorBoard) -> None:
    with open_tab(browser, server) as tab:
        card = tab.card("group0/tag00", "run1").element
        small = card.bounding_box()
        card.get_by_role("button", name="Enlarge").click()
        tab.advance(SETTLE)
        large = card.bounding_box()
        main = tab.frame.locator(".cards").first.bounding_box()
        assert small
        assert large
        assert main
        assert large["width"] == main["width"] > 2 * small["width"]
        # The picture is no taller than one can see at once.
        stage = card.locator(".stage").bounding_box()
        assert stage
        assert stage["height"] < 900 - 200
        card.get_by_role("button", name="Enlarge").click()
        tab.advance(SETTLE)
        assert card.bounding_box() == small


def test_memory_of_frames_is_bounded(browser: Browser, tmp_path: pathlib.Path) -> None:
    """More pictures than may be held decoded: some are given up, and all come again."""
    side, frames = 1024, 80  # 320 MiB of pixels
    pictures = []
    for index in range(frames):
        pixels = logs.picture(index % 60, width=side, height=side)
        pictures.append(logs.encode(pixels))
    with logs.old_style_writer(tmp_path / "run") as writer:
        writer.add("large", pictures)
    count = """() => {
        window.open_ = 0;
        const create = window.createImageBitmap.bind(window);
        window.createImageBitmap = async (...all) => {
            const picture = await create(...all);
            window.open_ += picture.width * picture.height * 4;
            window.most = Math.max(window.most ?? 0, window.open_);
            const close = picture.close.bind(picture);
            const bytes = picture.width * picture.height * 4;
            picture.close = () => { window.open_ -= bytes; close(); };
            return picture;
        };
    }"""
    with tensorboard(tmp_path) as server, open_tab(browser, server) as tab:
        tab.js(count)
        card = tab.card("large", "run")
        for index in range(1, frames):
            tab.press("ArrowRight")
            tab.until(lambda index=index: card.shown() == index % 60, "it is drawn")
        megabytes = tab.js("() => window.most") / 2**20
        # What is needed soon may be held besides.
        assert 150 < megabytes < 192 + 40
        tab.press("Home")
        tab.until(lambda: card.shown() == 0, "the first comes again")
        assert tab.complaints == []
