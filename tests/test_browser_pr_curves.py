"""PR curves as somebody sees them who opens the tab: a real browser on a real TensorBoard."""

from __future__ import annotations

import contextlib
import os
import pathlib
import re
from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Browser
from sklearn import metrics

import logs
import servers
from browser import open_tab
from servers import TensorBoard, tensorboard
from tab import Card, Tab

STEPS = range(0, 200, 10)
THRESHOLDS = 101
LABELS = np.arange(1000) % 5 == 0
FRONT = (0xF5, 0x7C, 0x00)

# TensorBoard's two ways to read logs, and one without a file that we could read ourselves.
WAYS = ("data-server", "multiplexer", "elsewhere")


def scores(run: str, step: int) -> NDArray[np.float64]:
    """Of a classifier that learns, or of one that forgets; multiples of 1/100."""
    done = step / STEPS[-1]
    noise = np.random.default_rng(1).normal(0, 1, len(LABELS))
    skill = 5 * (done if run == "learns" else 1 - done)
    found = 1 / (1 + np.exp(-noise - skill * (LABELS - 0.5)))
    # A little above, so that no rounding moves a score below its threshold.
    return np.floor(100 * found) / 100 + 1e-6


def average_precision(run: str, step: int) -> float:
    return float(metrics.average_precision_score(LABELS, scores(run, step)))


@pytest.fixture(scope="module")
def logdir(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    path = tmp_path_factory.mktemp("curves")
    with logs.quiet():
        from tensorboardX import SummaryWriter

        for run in ("learns", "forgets"):
            with SummaryWriter(os.fspath(path / run)) as writer:
                for step in STEPS:
                    writer.add_pr_curve("pr", LABELS, scores(run, step), step, THRESHOLDS)
    return path


@contextlib.contextmanager
def running(logdir: pathlib.Path, way: str) -> Iterator[TensorBoard]:
    if way == "elsewhere":
        with (
            servers.data_server(logdir, samples="pr_curves=5") as address,
            tensorboard(None, f"--grpc_data_provider={address}") as server,
        ):
            yield server
    else:
        fast = "true" if way == "data-server" else "false"
        with tensorboard(logdir, f"--load_fast={fast}") as server:
            yield server


@pytest.fixture(scope="module")
def server(logdir: pathlib.Path) -> Iterator[TensorBoard]:
    with running(logdir, WAYS[0]) as found:
        yield found


def strength(card: Card, colour: tuple[int, ...] = FRONT) -> tuple[float, float]:
    """Where the pixels of a colour lie on the whole, from the left and from the bottom."""
    picture = card.pixels()
    y, x = (abs(picture - np.array(colour)) <= 6).all(axis=2).nonzero()
    assert len(y) > 100
    return float(x.mean() / picture.shape[1]), float(1 - y.mean() / picture.shape[0])


def told(card: Card, selector: str = ".numbers") -> float:
    found = re.match(
        r"AP ([\d.]+) · best F1 [\d.]+ at [\d.]+ · 20 % positive$", card.text(selector)
    )
    assert found, card.text(selector)
    return float(found[1])


@pytest.mark.parametrize("way", WAYS)
def test_it_plays(browser: Browser, logdir: pathlib.Path, way: str) -> None:
    with running(logdir, way) as server, open_tab(browser, server) as tab:
        # The other run has other steps where TensorBoard keeps a sample.
        tab.frame.locator(".row[title=forgets] input").uncheck()
        tab.until(lambda: tab.cards() == [("pr", "learns")], "one run is left")
        card = tab.card("pr", "learns")
        tab.go_to(0)
        seen = []
        frames = 5 if way == "elsewhere" else len(STEPS)
        for _ in range(frames):
            step = int(re.match(r"step (\d+)", card.text(".where"))[1])  # type: ignore[index]
            assert told(card) == pytest.approx(average_precision("learns", step), rel=0.006)
            seen.append((step, *strength(card)))
            tab.press("ArrowRight")
            tab.advance(300)
        steps, lefts, bottoms = zip(*seen, strict=True)
        assert list(steps) == sorted(set(steps))
        if way == "elsewhere":
            assert "5 frames (sampled by TensorBoard)" in card.text(".count")
            card.element.get_by_role("button", name="sampled by TensorBoard").click()
            tab.advance(100)
            assert "--samples_per_plugin=pr_curves=" in card.text(".why")
        else:
            assert list(steps) == list(STEPS)
            assert card.text(".count") == f"1 of {len(STEPS)} frames"
        # A better curve lies further up and to the right.
        assert bottoms[-1] > bottoms[0] + 0.2
        assert lefts[-1] > lefts[0]
        tab.press("Home")
        tab.press(" ")
        tab.until(lambda: tab.tick > 1, "it plays")
        assert tab.complaints == []


def test_hovering_reads_the_point(tab: Tab) -> None:
    tab.go_to(10)
    card = tab.card("pr", "learns")
    picked = scores("learns", STEPS[10]) >= 0.5
    tp, fp = int((picked & LABELS).sum()), int((picked & ~LABELS).sum())
    fn, tn = int(LABELS.sum()) - tp, int((~LABELS).sum()) - fp
    recall, precision = tp / (tp + fn), tp / (tp + fp)
    canvas = card.element.locator("canvas")
    box = canvas.bounding_box()
    assert box
    unit = min(max(min(box["width"] / 300, 1), box["width"] / 500), 8)
    x = 36 * unit + recall * (box["width"] - 50 * unit)
    y = box["height"] - 40 * unit - precision * (box["height"] - 66 * unit)
    tab.page.mouse.move(box["x"] + x, box["y"] + y)
    tab.advance(100)
    assert card.text(".tip").split("\n") == [
        f"recall {recall:.3g}, precision {precision:.3g}",
        "threshold 0.5",
        f"true positives {tp}, false {fp}",
        f"true negatives {tn}, false {fn}",
        f"step {STEPS[10]}",
    ]
    tab.page.mouse.move(5, 5)
    tab.advance(100)
    assert card.element.locator(".tip").count() == 0


def test_overlaid_runs_are_one_card_in_their_colours(tab: Tab) -> None:
    tab.frame.get_by_label("Overlaid", exact=True).check()
    tab.advance(300)
    assert len(tab.cards()) == 1
    card = Card(tab, 0)
    places = {}
    for tick in (1, 18):
        tab.go_to(tick)
        tab.until(card.drawn, "the card is drawn")
        names = card.element.locator(".run").all_inner_texts()
        colours = card.element.locator("header .dot").evaluate_all(
            "(dots) => dots.map((dot) => getComputedStyle(dot).backgroundColor)"
        )
        readings = card.element.locator(".layer .numbers").all_inner_texts()
        for name, colour, reading in zip(names, colours, readings, strict=True):
            parts = tuple(map(int, re.findall(r"\d+", colour)))
            places[name, tick] = strength(card, parts)[1]
            truth = average_precision(name, STEPS[tick])
            assert float(reading.split()[1]) == pytest.approx(truth, rel=0.006)
    assert places["learns", 1] < places["forgets", 1] - 0.1
    assert places["learns", 18] > places["forgets", 18] + 0.1


def test_a_clip_has_the_pages_options(tab: Tab) -> None:
    tab.frame.get_by_label("PR curves' trail").fill("4")
    download = tab.download(tab.export())
    assert download.suggested_filename.endswith(".gif")
    assert any("/clip?" in url and "trail=4" in url for url in tab.requests)
