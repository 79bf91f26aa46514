"""Scalars beneath the timeline, in a real browser on a real TensorBoard."""

from __future__ import annotations

import contextlib
import math
import pathlib
from collections.abc import Callable, Iterator, Mapping, Sequence

import pytest
from playwright.sync_api import Browser, FloatRect, Locator

import event_bytes as eb
import logs
from browser import open_tab
from servers import TensorBoard, tensorboard
from tab import SLICE, Tab

START = 1.6e9  # The wall time of pictures at step 0, see `logs`.
NONE = "\N{EN DASH}"  # What the page shows for no number.
INSET = 8  # CSS pixels between the end of the timeline and its box.
TICKS = [0, 10, 20, 30, 40, 45, 50, 60, 70]
LOSS = "val/loss"

Curve = dict[int, float]

# NaN from 30 to 39; the lowest value is at 47, where no picture was logged.
A = {step: math.nan if 30 <= step < 40 else 2 + abs(step - 47) / 4 for step in range(80)}
# What a restart at 42 leaves of this: before it the lowest value was behind it.
B = {step: 8 - step / 8 for step in range(0, 42, 7)}
B_FORGOTTEN = dict.fromkeys(range(42, 64, 7), 0.25)
B_AGAIN = {step: 6 + (step - 42) / 8 for step in range(42, 64, 7)}
# A run with nothing to play.
C = {0: 5.0, 30: 4.0, 60: 3.0}
ACCURACY = {step: 0.5 + step / 8 for step in range(0, 80, 10)}

LOSSES: Mapping[str, Curve] = {"a": A, "b": B | B_AGAIN, "c": C}


def records(tag: str, curve: Curve, wall_time: Callable[[int], float]) -> list[bytes]:
    return [
        eb.event(step, eb.scalar(tag, value), wall_time=wall_time(step))
        for step, value in curve.items()
    ]


@pytest.fixture(scope="module")
def logdir(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    path = tmp_path_factory.mktemp("scalars")
    logs.write_old_style(path / "a", tag="plain", frames=8, every=10)
    with logs.old_style_writer(path / "b") as writer:
        for index, step in enumerate((0, 20, 45)):
            writer.add("plain", [logs.encode(logs.picture(index))], 1, step)

    def of_a(step: int) -> float:
        return START + 0.5 + 2 * step

    eb.write(
        path / "a",
        [
            *records(LOSS, A, of_a),
            *records("val/accuracy", ACCURACY, of_a),
            *records("train/lr", {0: 0.5, 70: 0.25}, of_a),
        ],
    )
    written = [records(LOSS, part, lambda step: START + 3 + step) for part in (B, B_FORGOTTEN)]
    again = records(LOSS, B_AGAIN, lambda step: START + 103 + step)
    eb.write(path / "b", [*written[0], *written[1], *again])
    eb.write(path / "c", records(LOSS, C, lambda step: START + 1000 + step))
    return path


@pytest.fixture
def tab(browser: Browser, server: TensorBoard) -> Iterator[Tab]:
    with open_tab(browser, server) as opened:
        wait_for_curves(opened)
        yield opened
        assert opened.complaints == []


def values(tab: Tab) -> dict[str, str]:
    """What the readout says, by tag and run."""
    found = tab.js(
        """() => [...document.querySelectorAll(".readout li")].map((row) =>
            [row.title.split("\\n")[0], row.querySelector("b").textContent])"""
    )
    return dict(found)


def wait_for_curves(tab: Tab) -> None:
    tab.until(lambda: values(tab).get(f"{LOSS} of c") == "5", "the last curve is there")


def told(curve: Curve, positions: Sequence[float], at: float) -> str:
    """The value last logged at or before that, as the page writes it."""
    known = [
        value for value, place in zip(curve.values(), positions, strict=True) if place <= at + 1e-9
    ]
    return f"{known[-1]:.4g}" if known and not math.isnan(known[-1]) else NONE


def losses(positions: Mapping[str, Sequence[float]], at: float) -> dict[str, str]:
    return {f"{LOSS} of {run}": told(LOSSES[run], positions[run], at) for run in LOSSES}


def box_of(tab: Tab, selector: str) -> FloatRect:
    box = tab.frame.locator(selector).bounding_box()
    assert box, selector
    return box


def x_of(tab: Tab, step: float) -> float:
    """Where a step lies in the strip, in CSS pixels from its left."""
    return INSET + step / TICKS[-1] * (box_of(tab, ".plot")["width"] - 2 * INSET)


def point_at(tab: Tab, step: float, share: float = 0.5) -> tuple[float, float]:
    """The same on the page, so far down the strip."""
    box = box_of(tab, ".plot")
    return box["x"] + x_of(tab, step), box["y"] + share * box["height"]


def drawn(tab: Tab, step: float) -> list[int]:
    """The rows of the strip that something is drawn in at that step."""
    rows = tab.js(
        """(x) => {
            const canvas = document.querySelector(".plot canvas");
            const { data } = canvas.getContext("2d")
                .getImageData(Math.floor(x), 0, 1, canvas.height);
            return [...Array(canvas.height).keys()].filter((y) => data[4 * y + 3] > 64);
        }""",
        x_of(tab, step),
    )
    return list(rows)


def pill(tab: Tab) -> Locator:
    return tab.frame.locator(".pill.best")


def pick(tab: Tab) -> None:
    """Leaves of all scalars only the loss."""
    tab.button("Scalars …")
    for box in tab.frame.get_by_role("dialog", name="Scalars").get_by_role("checkbox").all():
        box.set_checked(LOSS in (box.locator("xpath=..").inner_text()))
    tab.frame.locator("body").press("Escape")


def hide(tab: Tab, *runs: str) -> None:
    for run in runs:
        tab.frame.locator(f"#sidebar label[title={run}] input").uncheck()


@pytest.mark.parametrize(
    ("measure", "ticks", "positions"),
    [
        ("Step", [float(tick) for tick in TICKS], {run: list(LOSSES[run]) for run in LOSSES}),
        (
            "Time",
            [10.0 * index for index in range(8)],
            {
                "a": [0.5 + 2 * step for step in A],
                # It restarted 100 seconds later.
                "b": [3.0 + step + 100 * (step >= 42) for step in LOSSES["b"]],
                # Nothing of it is played: its own beginning counts.
                "c": list(C),
            },
        ),
        (
            "Share",
            [index / 7 for index in range(8)],
            {
                "a": [step / 70 for step in A],
                "b": [step / 45 for step in LOSSES["b"]],
                "c": [step / 60 for step in C],
            },
        ),
    ],
)
def test_the_values_at_the_playhead_are_those_logged(
    tab: Tab, measure: str, ticks: list[float], positions: dict[str, list[float]]
) -> None:
    pick(tab)
    tab.frame.get_by_role("radio", name=measure, exact=True).check()
    tab.press("Home")
    seen = []
    for tick, at in enumerate(ticks):
        assert tab.tick == tick
        seen.append(values(tab))
        assert seen[-1] == losses(positions, at), at
        tab.press("ArrowRight")
    assert tab.tick == 0
    assert len({tuple(one.values()) for one in seen}) > 5


def test_what_is_usual_is_picked_and_anything_else_can_be_by_keyboard(tab: Tab) -> None:
    assert set(values(tab)) == {
        *(f"{LOSS} of {run}" for run in LOSSES),
        "val/accuracy of a",
    }
    button = tab.frame.get_by_role("button", name="Scalars …")
    button.focus()
    button.press("Enter")
    search = tab.frame.get_by_label("Search scalars")
    tab.until(lambda: search.evaluate("(box) => box === document.activeElement"), "it has focus")
    search.press_sequentially("LR")
    rows = tab.frame.get_by_role("dialog", name="Scalars").locator(".tags label")
    assert rows.all_inner_texts() == ["train/lr\n1 run"]
    search.press("Tab")
    tab.frame.locator(":focus").press(" ")
    tab.until(lambda: values(tab).get("train/lr of a") == "0.5", "the picked scalar is there")
    tab.frame.locator(":focus").press("Escape")
    assert not search.is_visible()
    assert button.evaluate("(button) => button === document.activeElement")
    tab.press("End")
    assert values(tab)["train/lr of a"] == "0.25"


def test_nothing_picked_leaves_no_room_and_folding_is_remembered(tab: Tab) -> None:
    strip = tab.frame.locator(".plot")
    assert strip.is_visible()
    tab.button("Curves")
    assert strip.count() == 0
    assert tab.frame.locator(".readout").count() == 0
    assert pill(tab).is_visible()
    tab.page.reload()
    tab.until(lambda: tab.frame.get_by_role("button", name="Curves").count(), "the page is back")
    assert strip.count() == 0
    tab.button("Curves")
    assert strip.is_visible()
    wait_for_curves(tab)
    tab.button("Scalars …")
    for box in tab.frame.get_by_role("dialog", name="Scalars").get_by_role("checkbox").all():
        box.uncheck()
    assert strip.count() == 0
    assert pill(tab).count() == 0


def test_a_log_without_scalars_has_no_strip(browser: Browser, tmp_path: pathlib.Path) -> None:
    logs.write_old_style(tmp_path / "run", frames=4)
    with tensorboard(tmp_path) as server, open_tab(browser, server) as tab:
        with tab.page.expect_response(lambda answer: "/scalars" in answer.url):
            tab.page.reload()
        tab.until(lambda: tab.cards(), "the page is back")
        assert tab.frame.get_by_role("button", name="Scalars …").count() == 0
        bar, whole = box_of(tab, ".scrubber"), box_of(tab, ".transport")
        assert bar["width"] > whole["width"] - 40
        assert bar["y"] < whole["y"] + 10


def test_the_curve_is_drawn_where_its_values_lie_with_a_gap_for_nan(tab: Tab) -> None:
    pick(tab)
    hide(tab, "b", "c")
    height = tab.js("() => document.querySelector('.plot').clientHeight")
    low, high = 2.0, 2 + 47 / 4
    for step in (5, 12, 20, 44, 60, 69):
        rows = drawn(tab, step)
        assert rows, step
        share = (high - A[step]) / (high - low)
        assert abs(sum(rows) / len(rows) + 0.5 - (6 + share * (height - 12))) < 1.5, step
    for step in range(30, 40):
        assert drawn(tab, step) == [], step


def test_the_playhead_goes_through_the_curves_and_the_timeline_alike(tab: Tab) -> None:
    tab.press("Home")
    for tick, step in enumerate(TICKS):
        tab.advance(2 * SLICE)
        assert tab.tick == tick
        line = box_of(tab, ".plot .now")
        at = line["x"] + line["width"] / 2
        assert abs(at - box_of(tab, ".plot")["x"] - x_of(tab, step)) < 1
        # The track is drawn in the accent's colour up to the handle.
        ends = tab.js(
            """(x) => {
                const canvas = document.querySelector(".scrubber canvas");
                const accent = (at) => {
                    const { data } = canvas.getContext("2d").getImageData(at, 0, 1, canvas.height);
                    return [...Array(canvas.height).keys()].some((y) =>
                        data[4 * y] > 200 && data[4 * y + 2] < 60 && data[4 * y + 3] > 200);
                };
                return [accent(Math.round(x) - 3), accent(Math.round(x) + 9)];
            }""",
            at - box_of(tab, ".scrubber")["x"],
        )
        assert ends == [True, False]
        tab.press("ArrowRight")


def test_pressing_and_dragging_seek(tab: Tab) -> None:
    tab.press(" ")
    assert tab.playing
    tab.page.mouse.move(*point_at(tab, 33))
    tab.page.mouse.down()
    tab.advance(SLICE)
    assert (tab.tick, tab.playing) == (TICKS.index(30), False)
    tab.page.mouse.move(*point_at(tab, 47), steps=3)
    tab.advance(SLICE)
    assert tab.tick == TICKS.index(45)
    tab.page.mouse.move(*point_at(tab, 500))
    tab.page.mouse.up()
    tab.advance(SLICE)
    assert tab.tick == TICKS.index(70)
    tab.page.mouse.move(*point_at(tab, 12))
    tab.advance(SLICE)
    assert tab.tick == TICKS.index(70)


def test_pointing_tells_the_value_and_its_step(tab: Tab) -> None:
    pick(tab)
    tip = tab.frame.locator(".plot .tip")
    assert tip.count() == 0
    for step, share, told_there in (
        (2, 0.02, "a 13.25 · step 2"),
        (47, 0.98, "a 2 · step 47"),
        (62, 0.98, "c 3 · step 60"),
    ):
        tab.page.mouse.move(*point_at(tab, step, share))
        assert tip.inner_text() == f"{LOSS} · {told_there}"
    tab.page.mouse.move(10, 10)
    assert tip.count() == 0


def test_the_best_step_is_marked_and_one_key_away(tab: Tab) -> None:
    pick(tab)
    assert pill(tab).inner_text().split() == ["Best", "val/loss:", "47"]
    stars = tab.frame.locator(".plot .star")
    assert stars.count() == 3
    box, star = box_of(tab, ".plot"), box_of(tab, ".plot .star.first")
    assert abs(star["x"] + star["width"] / 2 - box["x"] - x_of(tab, 47)) < 1
    # On the curve: there it is the lowest of all.
    assert abs(star["y"] + star["height"] / 2 - box["y"] - (box["height"] - 6)) < 1
    tab.press(" ")
    tab.press("b")
    # The picture that was there at step 47 is that of step 45.
    assert (tab.tick, tab.playing) == (TICKS.index(45), False)
    for step, tick in ((60, 60), (35, 30), (47, 45)):
        tab.press("b")
        assert tab.tick == TICKS.index(tick)
        assert pill(tab).inner_text().split()[-1] == str(step)
    assert "lowest val/loss of a is 2 " in (pill(tab).get_attribute("title") or "")
    tab.press("End")
    pill(tab).click()
    assert tab.tick == TICKS.index(45)


def test_what_is_best_can_be_the_highest_and_that_of_the_smoothed_curve(tab: Tab) -> None:
    pick(tab)
    hide(tab, "b", "c")
    tab.button("Scalars …")
    dialog = tab.frame.get_by_role("dialog", name="Scalars")
    dialog.get_by_label("is its").select_option("Highest")
    assert pill(tab).inner_text().split()[-1] == "0"
    dialog.get_by_label("is its").select_option("Lowest")
    smoothing = dialog.get_by_label("Smoothing")
    smoothing.fill("0.9")
    # What was logged decides until one says otherwise.
    assert pill(tab).inner_text().split()[-1] == "47"
    dialog.get_by_label("of the smoothed curve").check()
    mean, weights, smoothed = 0.0, 0.0, {}
    for step, value in A.items():
        if not math.isnan(value):
            mean, weights = 0.9 * mean + value, 0.9 * weights + 1
            smoothed[step] = mean / weights
    turned = min(smoothed, key=lambda step: smoothed[step])
    assert turned not in (47, 79)
    assert pill(tab).inner_text().split()[-1] == str(turned)
    # Whoever gets the link sees the same; what is remembered here does not decide.
    tab.until(lambda: "p.animate.best=lowest,smoothed," in tab.page.url, "the address has it")
    address = tab.page.url
    smoothing.fill("0")
    tab.page.goto("about:blank")
    tab.page.goto(address)
    tab.arrive()
    tab.until(lambda: pill(tab).count(), "the best step is known")
    assert pill(tab).inner_text().split()[-1] == str(turned)


def test_runs_are_hidden_with_their_curves(tab: Tab) -> None:
    pick(tab)
    row = tab.frame.locator("#sidebar li", has_text="scalars")
    assert row.inner_text().split() == ["c", "scalars"]
    hide(tab, "c")
    assert set(values(tab)) == {f"{LOSS} of a", f"{LOSS} of b"}
    tab.frame.get_by_label("Filter runs").fill("b")
    assert set(values(tab)) == {f"{LOSS} of b"}


def test_playing_draws_no_curve_again(tab: Tab) -> None:
    pick(tab)
    tab.js(
        """() => {
            window.strokes = 0;
            const context = document.querySelector(".plot canvas").getContext("2d");
            const stroke = context.stroke.bind(context);
            context.stroke = (...path) => { window.strokes += 1; stroke(...path); };
        }"""
    )
    tab.press("Home")
    tab.press(" ")
    tab.until(lambda: tab.tick == 5, "it plays")
    assert tab.js("() => window.strokes") == 0
    hide(tab, "c")
    tab.until(lambda: tab.js("() => window.strokes") > 0, "what changed is drawn")


@pytest.mark.parametrize("dark", [False, True])
def test_any_width_has_room_for_values_and_curves(
    browser: Browser, server: TensorBoard, dark: bool
) -> None:
    for width in (400, 1280):
        with open_tab(browser, server, size=(width, 800), dark=dark) as tab:
            wait_for_curves(tab)
            assert tab.js("() => document.documentElement.scrollWidth <= innerWidth")
            plot, readout = box_of(tab, ".plot"), box_of(tab, ".readout")
            assert plot["height"] >= 56
            beside = readout["x"] + readout["width"] <= plot["x"] + INSET
            assert beside == (width == 1280)
            assert beside or readout["y"] + readout["height"] <= plot["y"]


def test_curves_grow_with_their_logs_and_the_playhead_stays(
    browser: Browser, tmp_path: pathlib.Path
) -> None:
    with contextlib.ExitStack() as stack:
        logs.write_old_style(tmp_path / "run", tag="plain", frames=4, every=10)
        path = eb.write(tmp_path / "run", records(LOSS, {0: 4.0, 10: 3.0}, float))
        server = stack.enter_context(tensorboard(tmp_path))
        tab = stack.enter_context(open_tab(browser, server, within=True))
        name = f"{LOSS} of run"
        tab.until(lambda: values(tab).get(name) == "4", "the curve is there")
        tab.press("End")
        assert (tab.tick, values(tab)[name]) == (3, "3")
        assert pill(tab).inner_text().split()[-1] == "10"
        with path.open("ab") as file:
            file.write(b"".join(records(LOSS, {20: 2.0, 30: 2.5, 40: 1.0}, float)))
        tab.page.locator(".reload-button").click()
        tab.until(lambda: values(tab)[name] == "2.5", "what was logged since is there")
        assert tab.tick == 3
        assert pill(tab).inner_text().split()[-1] == "40"
        # A restart forgets what came behind it.
        with path.open("ab") as file:
            file.write(b"".join(records(LOSS, {10: 9.0}, float)))
        tab.page.locator(".reload-button").click()
        tab.until(lambda: values(tab)[name] == "9", "the restart is there")
        assert pill(tab).inner_text().split()[-1] == "0"
        assert tab.complaints == []
