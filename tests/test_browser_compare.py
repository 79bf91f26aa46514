"""Pictures compared, adjusted and moved in a real browser: pixels against what was logged."""

from __future__ import annotations

import pathlib
from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Browser

import logs
from browser import open_tab
from servers import TensorBoard
from tab import SETTLE, Tab

TAG = "x/plain"
STEPS = (0, 5, 10, 20, 30, 40)  # of all runs
SIDE = 20
SQUARE = 5  # pixels of the marked square in the middle


def own(index: int) -> NDArray[np.uint8]:
    """What run "new" logged at step 10 * index: one colour, and a square of another."""
    pixels = np.empty((SIDE, SIDE, 3), np.uint8)
    pixels[:] = (40 + 20 * index, 100, 200 - index)
    pixels[SQUARE : 2 * SQUARE, SQUARE : 2 * SQUARE] = (250, 30, 10 * index)
    return pixels


def other(index: int, side: int = SIDE) -> NDArray[np.uint8]:
    """What run "old" logged at step 20 * index."""
    pixels = np.empty((side, side, 3), np.uint8)
    pixels[:] = (45, 97 - index, 190)
    return pixels


def tall(level: int) -> NDArray[np.uint8]:
    """Four times as high as wide, which no card is."""
    return np.full((4 * SIDE, SIDE, 3), level, np.uint8)


@pytest.fixture(scope="module")
def logdir(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    path = tmp_path_factory.mktemp("compare")
    stripes = np.zeros((64, 64, 3), np.uint8)
    stripes[:, ::2] = 255
    with logs.old_style_writer(path / "new") as writer:
        writer.add(TAG, [logs.encode(own(index)) for index in range(5)], 10)
        writer.add("x/alone", [logs.encode(own(0))])
        writer.add("y/stripes", [logs.encode(stripes)])
        writer.add("z/sizes", [logs.encode(own(0))])
        writer.add("z/tall", [logs.encode(tall(0))])
    with logs.old_style_writer(path / "old") as writer:
        writer.add(TAG, [logs.encode(other(index)) for index in range(2)], 20, 10)
        writer.add("z/sizes", [logs.encode(other(0, 2 * SIDE))])
        writer.add("z/tall", [logs.encode(tall(255))])
    logs.write_tf2_images(path / "three", tag="w/batch", frames=2, samples=3)
    logs.write_tf2_images(path / "two", tag="w/batch", frames=2, samples=2, first=1, every=5)
    return path


@pytest.fixture
def tab(browser: Browser, server: TensorBoard) -> Iterator[Tab]:
    with open_tab(browser, server, size=(1280, 2600)) as opened:
        yield opened
        assert opened.complaints == []


def compare(tab: Tab, mode: str, against: str = "") -> None:
    tab.frame.locator(".compare .pill", has_text=mode).click()
    tab.advance(SETTLE)
    if against:
        tab.frame.get_by_label("Against").select_option(label=against)
        tab.advance(SETTLE)
    tab.settle()


def slide(tab: Tab, name: str, value: float) -> None:
    slider = tab.frame.get_by_role("slider", name=name, exact=False).first
    slider.fill(str(value))
    tab.settle()


def seek(tab: Tab, step: int) -> None:
    tab.go_to(STEPS.index(step))


def near(pixel: tuple[int, ...], wanted: NDArray[np.generic] | tuple[int, ...]) -> bool:
    """Drawing may round either way."""
    return max(abs(int(a) - int(b)) for a, b in zip(pixel[:3], wanted, strict=True)) <= 1


CORNER, MIDDLE = (0.1, 0.1), (0.4, 0.4)  # of the picture: the plain colour, and the square
PLAIN, MARKED = (0, 0), (SQUARE, SQUARE)  # the same as logged pixels


def test_the_difference_is_exact_and_its_scale_is_stated(tab: Tab) -> None:
    compare(tab, "Difference", "old")
    seek(tab, 30)  # both runs logged it
    card = tab.card(TAG, "new")
    for gain in (1, 4, 16):
        slide(tab, "Gain", gain)
        for place, (x, y) in ((CORNER, PLAIN), (MIDDLE, MARKED)):
            apart = np.abs(own(3)[y, x].astype(int) - other(1)[y, x])
            assert card.pixel(*place) == (*np.minimum(gain * apart, 255), 255)
        assert f"\u00d7{gain} of old, step 30" in card.text(".compared")
    assert "white = 16 or more of 255" in card.text(".compared")
    seek(tab, 20)  # the frame of step 10 is held
    assert "step 10" in card.text(".compared")
    apart = np.abs(own(2)[0, 0].astype(int) - other(0)[0, 0])
    assert card.pixel(*CORNER)[:3] == tuple(np.minimum(16 * apart, 255))


def test_onion_is_the_weighted_mean(tab: Tab) -> None:
    compare(tab, "Onion", "old")
    seek(tab, 30)
    card = tab.card(TAG, "new")
    for share in (0.0, 0.25, 1.0):
        slide(tab, "Opacity", share)
        mean = (1 - share) * own(3)[0, 0] + share * other(1)[0, 0]
        assert near(card.pixel(*CORNER), mean)
    assert card.text(".compared") == "100.0 % of old, step 30"


def test_the_wipe_is_moved_by_keys_and_by_dragging(tab: Tab) -> None:
    compare(tab, "Wipe", "old")
    seek(tab, 30)
    card = tab.card(TAG, "new")
    handle = card.element.get_by_role("slider", name="Wipe")

    def cut() -> float:
        """The share of the width at which the other picture begins."""
        shares = [n / 200 for n in range(200)]
        row = [near(card.pixel(x, 0.1), other(1)[0, 0]) for x in shares]
        assert row == sorted(row)
        return shares[row.index(True)] if True in row else 1.0

    assert near(card.pixel(*CORNER), own(3)[0, 0])
    assert cut() == pytest.approx(0.5, abs=0.01)
    before = tab.tick
    handle.focus()
    for key in ("ArrowLeft", "ArrowLeft", "Shift+ArrowLeft"):
        handle.press(key)
    tab.settle()
    assert handle.get_attribute("aria-valuenow") == "38"
    assert cut() == pytest.approx(0.38, abs=0.01)
    handle.press("End")
    tab.settle()
    assert cut() == 1.0
    assert tab.tick == before  # the same keys move the playhead elsewhere
    handle.press("Home")
    tab.settle()
    assert cut() == 0.0
    box = card.element.locator("canvas").bounding_box()
    grip = handle.bounding_box()
    assert box is not None
    assert grip is not None
    tab.page.mouse.move(grip["x"] + grip["width"] / 2 + 2, box["y"] + 20)
    tab.page.mouse.down()
    tab.page.mouse.move(box["x"] + 0.75 * box["width"], box["y"] + 40, steps=4)
    tab.page.mouse.up()
    tab.settle()
    assert cut() == pytest.approx(0.75, abs=0.01)


def test_a_tall_picture_is_wiped_where_it_lies(tab: Tab) -> None:
    compare(tab, "Wipe", "old")
    card = tab.card("z/tall", "new")
    # The card is three quarters as wide as high, a third of which the picture fills.
    assert [card.pixel(x, 0.5)[0] for x in (0.35, 0.49, 0.51, 0.65)] == [0, 0, 255, 255]
    assert [card.pixel(x, 0.5)[3] for x in (0.3, 0.7)] == [0, 0]
    handle = card.element.get_by_role("slider", name="Wipe")
    handle.press("Home")
    tab.settle()
    box = card.element.locator("canvas").bounding_box()
    grip = handle.bounding_box()
    assert box is not None
    assert grip is not None
    middle = grip["x"] + grip["width"] / 2
    assert middle == pytest.approx(box["x"] + box["width"] / 3, abs=1.5)
    tab.page.mouse.move(middle, box["y"] + 20)
    tab.page.mouse.down()
    tab.page.mouse.move(box["x"] + 0.6 * box["width"], box["y"] + 40, steps=4)
    tab.page.mouse.up()
    tab.settle()
    assert handle.get_attribute("aria-valuenow") == "80"
    assert [card.pixel(x, 0.5)[0] for x in (0.59, 0.61)] == [0, 255]


def test_against_the_first_and_the_previous_frame(tab: Tab) -> None:
    compare(tab, "Difference", "the first frame")
    slide(tab, "Gain", 1)
    card = tab.card(TAG, "new")
    seek(tab, 40)
    assert card.pixel(*CORNER)[:3] == (80, 0, 4)
    assert card.text(".compared").startswith("Difference \u00d71 of first frame, step 0")
    compare(tab, "Difference", "the previous frame")
    assert card.pixel(*CORNER)[:3] == (20, 0, 1)
    assert "previous frame, step 30" in card.text(".compared")
    seek(tab, 0)
    assert near(card.pixel(*CORNER), own(0)[0, 0])
    assert card.text(".compared") == "Not compared. There is no frame before the first."


def test_a_card_says_why_it_is_not_compared(tab: Tab) -> None:
    compare(tab, "Wipe", "old")
    assert "old begins later, at step 10" in tab.card(TAG, "new").text(".compared")
    seek(tab, 10)
    assert "Others are compared with it" in tab.card(TAG, "old").text(".compared")
    alone = tab.card("x/alone", "new")
    assert alone.text(".compared") == "Not compared. old has not logged this tag."
    assert near(alone.pixel(0.9, 0.1), own(0)[0, 0])
    assert alone.element.get_by_role("slider", name="Wipe").count() == 0


def test_a_hidden_run_is_still_compared_with(tab: Tab) -> None:
    tab.frame.get_by_label("Filter runs").fill("new")
    tab.settle()
    compare(tab, "Onion")
    # The list has the runs of all tags shown, hidden ones included.
    compare(tab, "Onion", "old")
    slide(tab, "Opacity", 1)
    seek(tab, 10)
    assert near(tab.card(TAG, "new").pixel(*CORNER), other(0)[0, 0])


def test_pictures_of_another_size_are_laid_over_each_other(tab: Tab) -> None:
    compare(tab, "Difference", "old")
    slide(tab, "Gain", 1)
    card = tab.card("z/sizes", "new")
    for place, (x, y) in ((CORNER, PLAIN), (MIDDLE, MARKED), ((0.97, 0.97), PLAIN)):
        apart = np.abs(own(0)[y, x].astype(int) - other(0)[y, x])
        assert card.pixel(*place)[:3] == tuple(apart)


def test_samples_are_compared_by_number(tab: Tab) -> None:
    compare(tab, "Difference", "two")
    slide(tab, "Gain", 1)
    card = tab.card("w/batch", "three")
    seek(tab, 5)  # run "two" begins
    left, top, below = (0.25, 0.25), (0.75, 0.25), (0.25, 0.75)
    apart = np.abs(np.array(logs.colour(0)) - logs.colour(1))
    assert card.pixel(*left)[:3] == tuple(apart)
    assert card.pixel(*top)[:3] == tuple(apart)
    # Its own mark of the sample is the same in both.
    assert card.pixel(0.52, 0.02)[:3] == (0, 0, 0)
    # The third sample has no counterpart, and no difference.
    assert card.pixel(0.25, 0.6) == (255, 255, 255, 255)
    assert card.pixel(*below)[:3] != tuple(apart)
    card.element.get_by_label("Samples shown").select_option("1")
    tab.settle()
    assert card.pixel(0.5, 0.5)[:3] == tuple(apart)
    card.element.get_by_label("Samples shown").select_option("2")
    tab.settle()
    assert card.text(".compared") == "Not compared. two has no sample 3."


def test_playing_waits_for_what_is_compared(tab: Tab) -> None:
    compare(tab, "Difference", "the previous frame")
    slide(tab, "Gain", 1)
    tab.press("Home")
    tab.press(" ")
    card = tab.card(TAG, "new")
    seen = set()
    for _ in range(60):
        tab.advance(20)
        seen.add(card.pixel(*CORNER)[:3])
    # Nothing but the first frame itself, and differences between neighbours.
    assert seen == {tuple(own(0)[0, 0]), (20, 0, 1)}


@pytest.mark.parametrize(("brightness", "contrast"), [(50, 100), (100, 250), (150, 60)])
def test_brightness_and_contrast_are_tensorboards(tab: Tab, brightness: int, contrast: int) -> None:
    slide(tab, "Brightness", brightness)
    slide(tab, "Contrast", contrast)
    card = tab.card("x/alone", "new")
    for place, (x, y) in ((CORNER, PLAIN), (MIDDLE, MARKED)):
        contrasted = np.clip((own(0)[y, x] / 255 - 0.5) * contrast / 100 + 0.5, 0, 1)
        wanted = 255 * np.clip(contrasted * brightness / 100, 0, 1)
        assert near(card.pixel(*place), wanted.round())


def test_the_pixel_under_the_pointer_is_read(tab: Tab) -> None:
    card = tab.card(TAG, "new")
    assert card.hover(0.01, 0.99) == "x 0, y 19: 40 100 200"
    assert card.hover(0.26, 0.49) == "x 5, y 9: 250 30 0"
    compare(tab, "Onion", "old")
    seek(tab, 10)
    assert card.hover(0.26, 0.49).split("\n") == [
        "x 5, y 9: 250 30 10",
        "old: x 5, y 9: 45 97 190",
        "difference: 205 67 180",
    ]


def test_zoom_and_pan_are_shared_by_the_cards_of_a_tag(tab: Tab) -> None:
    first, second = tab.card(TAG, "new"), tab.card(TAG, "old")
    foreign = tab.card("x/alone", "new")
    seek(tab, 10)
    canvas = first.element.locator("canvas")
    canvas.focus()
    for _ in range(8):
        canvas.press("+")
    tab.settle()
    # 1.25 ** 8 = 5.96 times as large, about the middle: 20 / 5.96 = 3.4 pixels are left.
    assert first.hover(0.01, 0.01) == "x 8, y 8: 250 30 10"
    assert second.hover(0.99, 0.99) == "x 11, y 11: 45 97 190"
    assert foreign.hover(0.01, 0.01) == "x 0, y 0: 40 100 200"
    # 24 pixels of the screen each, half a logged one together.
    canvas.press("Shift+ArrowRight")
    canvas.press("Shift+ArrowRight")
    tab.settle()
    moved = first.hover(0.01, 0.01)
    assert moved == "x 7, y 8: 250 30 10"
    assert near(first.pixel(0.01, 0.01), (250, 30, 10))
    # No further than the picture's edge.
    for _ in range(80):
        canvas.press("Shift+ArrowRight")
    tab.settle()
    assert first.hover(0.01, 0.01) == "x 0, y 8: 60 100 199"
    canvas.press("0")
    tab.settle()
    assert first.hover(0.01, 0.01) == "x 0, y 0: 60 100 199"
    canvas.dblclick()
    canvas.press("-")
    tab.settle()
    assert first.hover(0.99, 0.99) == "x 19, y 19: 60 100 199"


def test_actual_size_has_a_pixel_for_a_pixel(tab: Tab) -> None:
    card = tab.card("y/stripes", "new")
    tab.frame.locator(".choice", has_text="Size").get_by_text("Actual").click()
    tab.settle()
    box = card.element.locator("canvas").bounding_box()
    assert box is not None
    width = round(box["width"])
    row = [card.pixel((x + 0.5) / width, 0.5) for x in range(width)]
    inside = [pixel[0] for pixel in row if pixel[3]]
    assert inside == [255, 0] * 32
    # In the middle of the card.
    assert abs(row.index((255, 255, 255, 255)) - (width - 64) / 2) <= 1


def test_smooth_scaling_mixes_neighbours(tab: Tab) -> None:
    card = tab.card("y/stripes", "new")

    def levels() -> set[int]:
        return {card.pixel(0.4 + n / 2000, 0.5)[0] for n in range(100)}

    assert levels() == {0, 255}
    tab.frame.locator(".choice", has_text="Enlarged pixels").get_by_text("Smooth").click()
    tab.settle()
    assert len(levels()) > 4
