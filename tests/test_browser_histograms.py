"""Histograms as somebody sees them who opens the tab: a real browser on a real TensorBoard."""

from __future__ import annotations

import math
import os
import pathlib
import re

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Browser

import logs
from browser import open_tab
from servers import TensorBoard, tensorboard
from tab import Card, Tab

STEPS = range(0, 300, 10)
FRONT = (0xF5, 0x7C, 0x00)
FRONT_DARK = (0xFF, 0x98, 0x00)


def values(run: str, step: int) -> NDArray[np.float64]:
    """A Gaussian that drifts and narrows; another way in each run."""
    done = step / STEPS[-1]
    sign = 1 if run == "up" else -1
    noise = np.random.default_rng(step).normal(0, 1, 4000)
    found: NDArray[np.float64] = sign * 4 * done + (1 - 0.7 * done) * noise
    return found


def units(step: int) -> NDArray[np.float64]:
    """Activations of which half are dead."""
    return np.maximum(0, np.random.default_rng(step).normal(0, 1, 4000))


@pytest.fixture(scope="module")
def logdir(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """One tag of two runs by TensorFlow, of which one logs half as often; one by tensorboardX."""
    path = tmp_path_factory.mktemp("histograms")
    with logs.quiet_tensorflow() as tf:
        for run, every in (("up", 1), ("down", 2)):
            writer = tf.summary.create_file_writer(os.fspath(path / run))
            with writer.as_default():
                for step in STEPS[::every]:
                    tf.summary.histogram("layer/kernel", values(run, step), step=step)
            writer.close()
    with logs.quiet():
        from tensorboardX import SummaryWriter

        old = SummaryWriter(os.fspath(path / "x"))
        for step in STEPS:
            old.add_histogram("relu/units", units(step), step)
        old.close()
    return path


def is_colour(picture: NDArray[np.uint8], colour: tuple[int, ...]) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = (abs(picture - np.array(colour)) <= 6).all(axis=2)
    return found


def front(card: Card, colour: tuple[int, ...] = FRONT) -> NDArray[np.bool_]:
    return is_colour(card.pixels(), colour)


def middle_and_spread(mask: NDArray[np.bool_]) -> tuple[float, float]:
    """Where the filled pixels lie from left to right, as mean and standard deviation."""
    weights = mask.sum(axis=0)
    places = np.arange(mask.shape[1])
    middle = float((places * weights).sum() / weights.sum())
    return middle, math.sqrt(float(((places - middle) ** 2 * weights).sum() / weights.sum()))


def choose(tab: Tab, label: str) -> None:
    tab.frame.get_by_label(label, exact=True).check()
    tab.advance(300)
    tab.settle()


def numbers(text: str) -> dict[str, float]:
    found = {
        name: float(number)
        for name, number in re.findall(r"(mean|sd|p1|p99)\s(-?[\d.]+(?:e-?\d+)?)", text)
    }
    zero = re.search(r"([\d.]+) % zero", text)
    assert zero, text
    return {**found, "zero": float(zero[1])}


def test_the_ridge_moves_and_narrows(tab: Tab) -> None:
    card = tab.card("layer/kernel", "up")
    seen = []
    for tick in (0, 10, 20, 29):
        tab.go_to(tick)
        seen.append(middle_and_spread(front(card)))
    middles, spreads = zip(*seen, strict=True)
    assert list(middles) == sorted(middles)
    assert list(spreads) == sorted(spreads, reverse=True)
    # From the whole drift, and from a spread of 1 to one of 0.3.
    assert middles[-1] - middles[0] > 40
    assert spreads[-1] < 0.5 * spreads[0]


def test_earlier_steps_recede_behind_and_are_paler(tab: Tab) -> None:
    card = tab.card("layer/kernel", "up")
    tab.go_to(0)
    alone = (card.pixels() != 255).any(axis=2).any(axis=1).nonzero()[0][0]
    tab.go_to(25)
    picture = card.pixels()
    behind = picture[:, : int(0.85 * picture.shape[1])]
    top = (behind != 255).any(axis=2).any(axis=1).nonzero()[0][0]
    assert top < alone - 20
    oldest = behind[top + 4][(behind[top + 4] != 255).any(axis=1)]
    assert oldest[:, 2].min() > 150
    assert picture[:, :, 2].min() < 50


def test_a_trail_of_another_length(tab: Tab) -> None:
    card = tab.card("layer/kernel", "up")
    tab.go_to(29)
    slider = tab.frame.get_by_label("Trail length")
    assert slider.get_attribute("max") == "60"
    whole = int((card.pixels() != 255).any(axis=2).sum())
    slider.fill("0")
    tab.settle()
    assert int((card.pixels() != 255).any(axis=2).sum()) < 0.7 * whole


def test_tweening_moves_the_peak_between_frames(tab: Tab) -> None:
    card = tab.card("layer/kernel", "up")
    tab.go_to(0)
    choose(tab, "Single")
    tab.frame.get_by_label("Tween between frames").check()
    tab.set_rate(2)
    tab.press(" ")
    places = []
    for _ in range(60):
        tab.advance(60)
        places.append(middle_and_spread(front(card))[0])
    # Pictures differ between frames, and never go back further than edges are fuzzy.
    assert len({round(place, 2) for place in places}) > 3 * 7
    assert min(np.diff(places)) > -0.3
    assert places[-1] > places[0] + 5


def test_the_line_of_numbers_is_right(tab: Tab) -> None:
    tab.go_to(20)
    logged = values("up", STEPS[20])
    told = numbers(tab.card("layer/kernel", "up").text(".numbers"))
    # Read from 30 buckets: exact to a part of a bucket's width.
    width = float(np.ptp(logged)) / 30
    assert told["mean"] == pytest.approx(logged.mean(), abs=0.1 * width)
    assert told["sd"] == pytest.approx(logged.std(), abs=0.3 * width)
    assert told["p1"] == pytest.approx(np.percentile(logged, 1), abs=width)
    assert told["p99"] == pytest.approx(np.percentile(logged, 99), abs=width)
    active = units(STEPS[20])
    told = numbers(tab.card("relu/units", "x").text(".numbers"))
    assert told["mean"] == pytest.approx(active.mean(), rel=0.1)
    assert told["zero"] == pytest.approx(100 * (active == 0).mean(), abs=5)


def test_hovering_reads_value_count_and_step(tab: Tab) -> None:
    card = tab.card("layer/kernel", "up")
    tab.go_to(29)
    columns = front(card).sum(axis=0)
    x = (int(columns.argmax()) + 0.5) / len(columns)
    said = card.hover(x, 0.85)
    match = re.fullmatch(
        r"value (-?[\d.]+)\ncount ([\d.]+) \(([\d.]+) %\)\nstep 290(\n.* outside)?", said
    )
    assert match, said
    assert float(match[1]) == pytest.approx(4, abs=0.5)
    assert float(match[2]) == pytest.approx(4000 * float(match[3]) / 100, rel=0.1)
    # Where the front is flat, those behind show: the higher, the older.
    left = float(np.flatnonzero(columns)[0]) / len(columns) - 0.1
    lines = [card.hover(left, y / 100) for y in range(85, 45, -5)]
    found = [int(line.split("step ")[1].split("\n")[0]) for line in lines if line]
    assert found == sorted(found, reverse=True)
    assert len(set(found)) > 3
    assert card.hover(0.5, 0.02) == ""
    tab.page.mouse.move(5, 5)
    tab.advance(100)
    assert card.element.locator(".tip").count() == 0


def test_side_by_side_runs_share_their_axes(tab: Tab) -> None:
    tab.go_to(0)
    up, down = tab.card("layer/kernel", "up"), tab.card("layer/kernel", "down")
    # They begin alike, and so lie at the same place though they drift apart later.
    assert middle_and_spread(front(up))[0] == pytest.approx(
        middle_and_spread(front(down))[0], abs=6
    )
    tab.frame.locator(".row[title=down] input").uncheck()
    before = middle_and_spread(front(tab.card("layer/kernel", "up")))[0]

    def alone() -> bool:
        return abs(middle_and_spread(front(tab.card("layer/kernel", "up")))[0] - before) > 20

    tab.until(alone, "the axis is that of the one run that is left")


def test_overlaid_runs_are_one_card(tab: Tab) -> None:
    tab.go_to(25)
    choose(tab, "Overlaid")
    assert [tag for tag, _ in tab.cards()] == ["layer/kernel", "relu/units"]
    card = tab.card("layer/kernel", "down")
    tab.until(card.drawn, "the new card is drawn")
    assert card.element.locator(".run").all_inner_texts() == ["down", "up"]
    places = card.element.locator(".layer .where").all_inner_texts()
    # The one that logs half as often holds its latest.
    assert places == ["step 240 held", "step 250"]
    told = card.element.locator(".layer .numbers").all_inner_texts()
    assert numbers(told[0])["mean"] == pytest.approx(-4 * 240 / 290, abs=0.1)
    assert numbers(told[1])["mean"] == pytest.approx(4 * 250 / 290, abs=0.1)
    picture = card.pixels()
    colours = card.element.locator("header .dot").evaluate_all(
        "(dots) => dots.map((dot) => getComputedStyle(dot).backgroundColor)"
    )
    places_of = []
    for colour in colours:
        red, green, blue = map(int, re.findall(r"\d+", colour))
        filled = tuple(round(0.55 * part + 0.45 * 255) for part in (red, green, blue))
        places_of.append(middle_and_spread(is_colour(picture, filled))[0])
    assert places_of[0] < places_of[1] - 40
    tab.frame.locator(".row[title=up] input").uncheck()
    tab.settle()
    assert card.element.locator(".run").all_inner_texts() == ["down"]
    choose(tab, "Side by side")
    assert len(tab.cards()) == 2


def test_logarithmic_counts_raise_the_tails(tab: Tab) -> None:
    card = tab.card("layer/kernel", "up")
    tab.go_to(0)
    choose(tab, "Single")
    linear = int(front(card).sum())
    choose(tab, "Log")
    tab.until(lambda: front(card).sum() > 1.5 * linear, "small counts are higher")


def test_options_are_remembered_over_a_reload(tab: Tab) -> None:
    choose(tab, "Single")
    choose(tab, "Full")
    choose(tab, "Overlaid")
    tab.frame.get_by_label("Trail length").fill("33")
    # The address says what is set, half a second after it was.
    tab.advance(1000)
    tab.page.reload()
    tab.until(lambda: tab.frame.get_by_label("Trail length").count(), "the page is there again")
    for label in ("Single", "Full", "Overlaid", "Linear"):
        assert tab.frame.get_by_label(label, exact=True).is_checked()
    assert tab.frame.get_by_label("Trail length").input_value() == "33"


def test_options_show_only_where_they_are_of_use(browser: Browser, tmp_path: pathlib.Path) -> None:
    logs.write_old_style(tmp_path / "run", frames=2)
    with tensorboard(tmp_path) as server, open_tab(browser, server) as tab:
        assert tab.frame.get_by_label("Crisp", exact=True).count() == 1
        assert tab.frame.get_by_label("Ridge", exact=True).count() == 0
        assert tab.frame.get_by_label("Trail length").count() == 0


def test_a_clip_is_what_one_sees(tab: Tab) -> None:
    choose(tab, "Log")
    tab.frame.get_by_label("Trail length").fill("7")
    tab.frame.get_by_label("Tween between frames").check()
    download = tab.download(tab.export())
    asked = next(one for one in tab.requests if "/clip?" in one)
    assert download.suggested_filename.endswith(".gif")
    for option in ("scale=log", "mode=ridge", "range=robust", "trail=7", "tween=2"):
        assert option in asked
    # The card shares its axes with the other run of its tag.
    assert asked.count("axes=") == 2


def test_thinning_is_stated(browser: Browser, tmp_path: pathlib.Path) -> None:
    with logs.quiet():
        from tensorboardX import SummaryWriter

        writer = SummaryWriter(os.fspath(tmp_path / "run"))
        for step in range(2500):
            writer.add_histogram_raw("long", 0, 1, 4, 2, 1, [0.25 + step * 1e-4, 1.0], [3, 1], step)
        writer.close()
    with tensorboard(tmp_path) as server, open_tab(browser, server) as tab:
        card = tab.card("long", "run")
        # The card may be there before the log is read to its end.
        stated = "axes from 1,000 of 2,500 frames"
        tab.until(lambda: card.text(".note") == stated, "the axes are those of all frames")
        tab.settle()
        assert card.text(".count") == "1 of 2,500 frames"
        tab.press("End")
        tab.settle()
        assert card.text(".where").startswith("step 2,499")
        assert numbers(card.text(".numbers"))["mean"] > 0


@pytest.mark.parametrize(("width", "dark"), [(400, False), (1280, True)])
def test_any_width_and_theme(browser: Browser, server: TensorBoard, width: int, dark: bool) -> None:
    with open_tab(browser, server, size=(width, 900), dark=dark) as tab:
        tab.go_to(12)
        card = tab.card("layer/kernel", "up")
        card.element.scroll_into_view_if_needed()
        tab.until(card.drawn, "it is drawn once it is in view")
        tab.settle()
        assert front(card, FRONT_DARK if dark else FRONT).sum() > 500
        background = (0x3A, 0x3A, 0x3A) if dark else (255, 255, 255)
        assert card.pixel(0.5, 0.02)[:3] == background
        assert tab.js("() => document.querySelector('main').scrollWidth <= innerWidth")
        assert tab.complaints == []
