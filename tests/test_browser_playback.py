"""Playing together, in a real browser: alignment, range, loops, keys, single cards, live runs."""

from __future__ import annotations

import pathlib
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator

import logs
from browser import open_tab
from servers import TensorBoard, tensorboard, until
from tab import SETTLE, SLICE, TIMES, Tab

# Steps from one frame to the next, and frames.
RUNS = {"every1": (1, 61), "every7": (7, 9), "every100": (100, 2)}
ALONE = 12


@pytest.fixture(scope="module")
def aligned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TensorBoard]:
    """Three runs of cadence 1, 7 and 100 steps; a step is a second in each."""
    path = tmp_path_factory.mktemp("aligned")
    for run, (every, frames) in RUNS.items():
        logs.write_old_style(path / run, tag="t", frames=frames, every=every)
    with tensorboard(path) as server:
        yield server


@pytest.fixture(scope="module")
def single(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TensorBoard]:
    """Two cards of twelve frames, ten steps apart."""
    path = tmp_path_factory.mktemp("single")
    for run in ("a", "b"):
        logs.write_old_style(path / run, tag="t", frames=ALONE, every=10)
    with tensorboard(path) as server:
        yield server


@pytest.fixture
def tab(browser: Browser, single: TensorBoard) -> Iterator[Tab]:
    with open_tab(browser, single) as opened:
        opened.warm()
        yield opened
        assert opened.complaints == []


def slider(tab: Tab, name: str) -> Locator:
    return tab.frame.get_by_role("slider", name=name, exact=True)


def value(tab: Tab, name: str) -> int:
    """A slider's value as a tick, counted from 0."""
    return int(slider(tab, name).get_attribute("aria-valuenow") or 0) - 1


def seek(tab: Tab, tick: int) -> None:
    while tab.tick != tick:
        tab.press("ArrowRight" if tab.tick < tick else "ArrowLeft")


# --- one playhead ---------------------------------------------------------------------


@pytest.mark.parametrize("measure", ["Step", "Time", "Share"])
def test_three_cadences_stay_aligned_in_each_measure(
    browser: Browser, aligned: TensorBoard, measure: str
) -> None:
    with open_tab(browser, aligned) as tab:
        tab.frame.get_by_role("radio", name=measure, exact=True).check()
        tab.until(lambda: tab.ticks >= 2, "the timeline is there")
        cards = {run: tab.card("t", run) for run in RUNS}
        ticks = tab.ticks
        for tick in range(ticks):
            seek(tab, tick)
            expected = {run: due(measure, run, tick, ticks) for run in RUNS}
            tab.until(
                lambda want=expected: {run: card.shown() for run, card in cards.items()} == want,
                f"the cards show {expected} at tick {tick}",
            )
        assert expected == {run: frames - 1 for run, (_, frames) in RUNS.items()}
        assert tab.complaints == []


def due(measure: str, run: str, tick: int, ticks: int) -> int:
    """The frame that a run has come to at a tick, by what the measures mean."""
    every, frames = RUNS[run]
    last = {name: step * (number - 1) for name, (step, number) in RUNS.items()}
    steps = sorted({step * i for step, number in RUNS.values() for i in range(number)})
    # A step takes a second.
    at = {
        "Step": steps[tick] if measure == "Step" else 0,
        "Time": tick * max(last.values()) / (ticks - 1),
        "Share": tick * last[run] / (ticks - 1),
    }[measure]
    return min(int((at + 1e-6) // every), frames - 1)


def test_the_words_follow_the_measure_and_the_frame_stays(
    browser: Browser, aligned: TensorBoard
) -> None:
    with open_tab(browser, aligned) as tab:
        seek(tab, 7)
        card, other = tab.card("t", "every1"), tab.card("t", "every100")
        tab.until(lambda: card.shown() == 7, "step 7 is drawn")
        assert tab.text(".transport .where").startswith("step 7 of 100 · frame 8 / 62")
        assert other.text(".where").startswith("step 0 held")
        tab.frame.get_by_role("radio", name="Share", exact=True).check()
        assert tab.text(".transport .where").startswith("11.7 % of each run · frame 8 / 61")
        assert (card.shown(), tab.card("t", "every7").shown()) == (7, 0)
        assert "held" not in card.text(".where")
        assert other.text(".where").startswith("step 0 held")
        tab.frame.get_by_role("radio", name="Time", exact=True).check()
        assert tab.text(".transport .where").startswith("7.0 s of 1 min 40 s")
        assert card.shown() == 7


# --- the transport --------------------------------------------------------------------


def test_in_and_out_by_keys_bound_what_plays(tab: Tab) -> None:
    seek(tab, 3)
    tab.press("i")
    seek(tab, 6)
    tab.press("o")
    assert re.match("Range 30 . 60", tab.text(".pill.range"))
    seek(tab, 3)
    tab.press(" ")
    assert tab.card("t", "a").order(1000)[:9] == [3, 4, 5, 6, 3, 4, 5, 6, 3]
    tab.press(" ")
    tab.press("End")
    assert tab.tick == 6
    tab.press("Home")
    assert tab.tick == 3
    tab.press("Shift+i")
    assert re.match("Range 0 . 60", tab.text(".pill.range"))
    tab.press("x")
    assert tab.frame.locator(".pill.range").count() == 0
    tab.press("End")
    assert tab.tick == ALONE - 1


def test_in_and_out_by_dragging_and_by_their_own_keys(tab: Tab) -> None:
    line = tab.timeline.bounding_box()
    assert line

    def drag(name: str, share: float) -> None:
        box = slider(tab, name).bounding_box()
        assert box
        tab.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        tab.page.mouse.down()
        tab.page.mouse.move(line["x"] + 8 + share * (line["width"] - 16), box["y"], steps=5)
        tab.page.mouse.up()

    drag("In point", 2 / 11)
    drag("Out point", 9 / 11)
    assert (value(tab, "In point"), value(tab, "Out point"), tab.tick) == (2, 9, 0)
    assert re.match("Range 20 . 90", tab.text(".pill.range"))
    # It stops at the other one.
    drag("In point", 1)
    assert (value(tab, "In point"), value(tab, "Out point")) == (9, 9)
    slider(tab, "In point").press("ArrowLeft")
    slider(tab, "Out point").press("End")
    assert (value(tab, "In point"), value(tab, "Out point"), tab.tick) == (8, 11, 0)
    tab.button("Clear the range")
    assert (value(tab, "In point"), value(tab, "Out point")) == (0, 11)


def test_bounce_once_reverse_and_hold(tab: Tab) -> None:
    seek(tab, 4)
    tab.press("i")
    seek(tab, 6)
    tab.press("o")
    seek(tab, 4)
    tab.pick("Loop", "Bounce")
    tab.press(" ")
    assert tab.card("t", "a").order(900)[:8] == [4, 5, 6, 5, 4, 5, 6, 5]
    tab.press(" ")
    tab.pick("Loop", "Once")
    with tab.opened("Loop") as panel:
        panel.get_by_role("checkbox", name="Reverse").check()
    assert tab.set_of("Loop") == "once, reverse"
    seek(tab, 6)
    tab.press(" ")
    assert tab.card("t", "a").order(600) == [6, 5, 4]
    assert not tab.playing
    with tab.opened("Loop") as panel:
        panel.get_by_role("checkbox", name="Reverse").uncheck()
        hold = panel.get_by_label("Hold the last frame")
        hold.fill("0.5")
        hold.press("Enter")
    tab.pick("Loop", "Forever")
    seek(tab, 4)
    tab.press(" ")
    stays = tab.card("t", "a").played(1700)
    assert [index for index, _ in stays[:6]] == [4, 5, 6, 4, 5, 6]
    assert stays[2][1] in (580, 600, 620)
    assert stays[3][1] in (80, 100, 120)


def test_any_speed_can_be_typed(tab: Tab) -> None:
    with tab.opened("Speed") as panel:
        typed = panel.get_by_label("Any other")
        typed.fill("0.4")
        typed.press("Enter")
    assert tab.set_of("Speed") == f"0.4{TIMES}"
    tab.press(" ")
    stays = tab.card("t", "a").played(900)
    assert len(stays) > 3
    assert {stayed for _, stayed in stays[1:-1]} <= {240, 260}
    with tab.opened("Speed") as panel:
        typed = panel.get_by_label("Any other")
        typed.fill("1000")
        typed.press("Enter")
    assert tab.set_of("Speed") == f"32{TIMES}"
    tab.press("<")
    assert tab.set_of("Speed") == f"8{TIMES}"


@pytest.mark.parametrize("name", ["Frames per second", "Any other", "Hold the last frame"])
def test_numbers_can_be_typed_while_it_plays(tab: Tab, name: str) -> None:
    menu = {"Any other": "Speed", "Hold the last frame": "Loop"}.get(name)
    if menu:
        tab.frame.get_by_role("button", name=re.compile(f"^{menu}: ")).click()
    field = tab.frame.get_by_label(name)
    field.select_text()
    tab.frame.get_by_role("button", name="Play", exact=True).evaluate("(button) => button.click()")
    before = tab.tick
    for digit in "24":
        tab.page.keyboard.type(digit)
        tab.advance(250)
    assert tab.playing
    assert tab.tick != before
    assert field.input_value() == "24"
    tab.page.keyboard.press("Enter")
    tab.advance(SETTLE)
    assert field.input_value() == "24"
    # Beyond the limit, it becomes the limit; what is no number, what it was.
    for typed, expected in ("1000", field.get_attribute("max")), ("", field.get_attribute("max")):
        field.fill(typed)
        field.press("Enter")
        tab.advance(SETTLE)
        assert field.input_value() == expected


def test_j_k_and_l(tab: Tab) -> None:
    seek(tab, 6)
    tab.press("l")
    assert tab.playing
    stays = tab.card("t", "a").played(260)
    assert [index for index, _ in stays] == [6, 7, 8]
    tab.press("l")
    quick = tab.card("t", "a").played(200)
    assert len(quick) > 3
    assert {stayed for _, stayed in quick[1:-1]} <= {40, 60}
    tab.press("k")
    assert not tab.playing
    seek(tab, 6)
    tab.press("j")
    back = tab.card("t", "a").order(260)
    assert back == [6, 5, 4]
    tab.press("k")
    # The menu's speed is not what J and L change.
    assert tab.set_of("Speed") == f"1{TIMES}"


def test_digits_go_to_tenths_of_the_range(tab: Tab) -> None:
    tab.press("1")
    assert tab.tick == 1
    seek(tab, 1)
    tab.press("i")
    tab.press("5")
    assert tab.tick == 6
    tab.press("0")
    assert tab.tick == 1


def test_playing_on_leaves_the_playhead_where_it_is(tab: Tab) -> None:
    seek(tab, 5)
    tab.press(" ")
    tab.press(" ")
    assert (tab.tick, tab.playing) == (5, False)
    tab.press(" ")
    tab.advance(SLICE)
    assert tab.card("t", "a").shown() == 5


def test_the_keys_are_told(tab: Tab) -> None:
    tab.press("?")
    dialog = tab.frame.get_by_role("dialog", name="Keys")
    tab.until(dialog.is_visible, "the dialog is open")
    assert "In point here" in dialog.inner_text()
    tab.page.keyboard.press("End")
    tab.page.keyboard.press("Escape")
    tab.until(lambda: dialog.count() == 0, "the dialog is closed")
    assert tab.tick == 0
    tab.button("Keys")
    assert dialog.is_visible()


def test_nothing_moves_while_it_plays(tab: Tab) -> None:
    places = """() => [...document.querySelectorAll(".transport button, .transport .pill")]
            .map((it) => it.getBoundingClientRect().x)"""
    before = tab.js(places)
    tab.press("End")
    assert tab.js(places) == before


# --- a card alone ---------------------------------------------------------------------


def test_a_card_plays_alone_and_comes_back(tab: Tab) -> None:
    card, other = tab.card("t", "a"), tab.card("t", "b")
    seek(tab, 4)
    card.element.get_by_role("button", name="alone").click()
    row = card.element.get_by_role("group", name="alone")
    assert (card.shown(), other.shown()) == (4, 4)
    tab.press("ArrowRight")
    assert (card.shown(), other.shown()) == (4, 5)
    # Keys act on the card in which the focus is.
    row.get_by_role("button", name="Play this card").focus()
    tab.page.keyboard.press("End")
    assert (card.shown(), other.shown()) == (ALONE - 1, 5)
    row.get_by_role("slider").fill("2")
    assert (card.shown(), other.shown()) == (2, 5)
    row.get_by_role("button", name="Play this card").click()
    assert card.order(360)[:4] == [2, 3, 4, 5]
    assert (other.shown(), tab.playing) == (5, False)
    row.get_by_role("button", name="Pause this card").click()
    card.element.get_by_role("button", name="alone").click()
    assert (card.shown(), row.count()) == (5, 0)


# --- live runs ------------------------------------------------------------------------


def encoded(first: int, last: int) -> list[bytes]:
    return [logs.encode(logs.picture(index)) for index in range(first, last)]


def test_a_run_that_grows_extends_the_timeline_and_is_followed_on_wish(
    browser: Browser, tmp_path: pathlib.Path
) -> None:
    with (
        logs.old_style_writer(tmp_path / "run") as writer,
        tensorboard(tmp_path) as server,
    ):
        writer.add("grows", encoded(0, 4))
        server_has(server, 4)
        with open_tab(browser, server) as tab:
            card = tab.card("grows", "run")
            seek(tab, 2)
            tab.until(lambda: card.shown() == 2, "the third frame is drawn")
            tab.press("o")

            # Nobody reloads: the page finds what is new by itself.
            writer.add("grows", encoded(4, 7), 1, 4)
            server_has(server, 7)
            tab.advance(30_000)
            tab.until(lambda: tab.ticks == 7, "the timeline has grown")
            assert (tab.tick, card.shown(), value(tab, "Out point")) == (2, 2, 2)
            tab.press("x")

            tab.pick("Follow", "Stay with the newest")
            tab.until(lambda: card.shown() == 6, "the newest is drawn")
            writer.add("grows", encoded(7, 9), 1, 7)
            server_has(server, 9)
            tab.advance(5_000)
            tab.until(lambda: card.shown() == 8, "it stays with the newest")

            tab.press("ArrowLeft")
            assert tab.set_of("Follow") == "off"
            with tab.opened("Follow") as panel:
                number = panel.get_by_label("How many of the last")
                number.fill("3")
                number.press("Enter")
                panel.get_by_role("radio", name="Loop the last frames").check()
            assert tab.set_of("Follow") == "last 3"
            tab.until(lambda: card.shown() == 8, "all is loaded")
            assert set(card.order(600)) == {6, 7, 8}
            writer.add("grows", encoded(9, 12), 1, 9)
            server_has(server, 12)
            tab.advance(5_000)
            tab.until(lambda: card.shown() == 11, "the newest are loaded")
            assert set(card.order(600)) == {9, 10, 11}


def server_has(server: TensorBoard, number: int) -> None:
    """Waits until the server lists so many frames."""

    def listed() -> bool:
        series = server.animate("series").json()["series"]
        return bool(series) and series[0]["frames"] == number

    until(listed, f"{number} frames are listed")


# The middle of what is drawn above the track, beside the marks of a range: the handle alone.
HANDLE = """() => {
    const canvas = document.querySelector(".scrubber canvas");
    const { width, height } = canvas;
    const row = canvas.getContext("2d").getImageData(0, height / 2 - 3 - 4, width, 1).data;
    const drawn = [...Array(width).keys()].filter((x) => row[4 * x + 3] > 128);
    return drawn.reduce((sum, x) => sum + x + 0.5, 0) / drawn.length / width;
}"""


def test_the_handle_moves_while_the_tab_plays(tab: Tab) -> None:
    tab.press("Home")
    tab.until(lambda: tab.js(HANDLE) < 0.1, "it is at the beginning")
    tab.press(" ")
    seen = set()
    while tab.tick < ALONE // 2:
        tab.advance(SLICE)
        seen.add(round(tab.js(HANDLE), 2))
    assert tab.playing
    assert len(seen) > 4
    assert 0.3 < max(seen) < 0.6
