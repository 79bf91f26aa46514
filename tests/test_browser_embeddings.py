"""Embeddings as somebody sees them who opens the tab: a real browser on a real TensorBoard."""

from __future__ import annotations

import json
import pathlib
import re
import urllib.parse
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Browser

import logs
from browser import open_tab
from servers import TensorBoard
from tab import Card, Tab

STEPS = range(0, 300, 10)
COUNT = 60
FAMILIES = ("cat", "dog", "eel", "fox")
COLOURS = ((0x4E, 0x79, 0xA7), (0xF2, 0x8E, 0x2B), (0xE1, 0x57, 0x59), (0x76, 0xB7, 0xB2))
SIDE = 8  # pixels of a thumbnail
MARK = (250, 0, 250)  # what thumbnails show


def positions(step: int) -> NDArray[np.float32]:
    """Two dimensions, so that nothing is projected: families that drift apart."""
    rng = np.random.default_rng(3)
    spread = rng.normal(0, 0.12, (COUNT, 2))
    middles = np.array([[1, 0.6], [-1, 0.7], [-0.9, -0.7], [1.1, -0.6]])
    done = step / STEPS[-1]
    return (middles[np.arange(COUNT) % 4] * (0.4 + 0.6 * done) + spread).astype(np.float32)


def solid(step: int) -> NDArray[np.float32]:
    """Many dimensions, of which some are seen."""
    rng = np.random.default_rng(4)
    still, way = rng.normal(0, 1, (2, 60, 12))
    return (still + way * step / STEPS[-1]).astype(np.float32)


def sprite() -> bytes:
    """A plain square of `MARK` for each point, in a row of eight."""
    pixels = np.full((-(-COUNT // 8) * SIDE, 8 * SIDE, 3), MARK, np.uint8)
    return logs.encode(pixels)


def points_record(columns: dict[str, list[str]], ids: list[str] | None, png: bytes) -> list[bytes]:
    content = {
        "version": 1,
        "columns": list(columns.items()),
        "ids": ids,
        "sprite": [SIDE, SIDE] if png else None,
    }
    return [json.dumps(content).encode(), png]


def write(directory: pathlib.Path) -> None:
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.compat.proto.summary_pb2 import Summary, SummaryMetadata
    from tensorboard.summary.writer.event_file_writer import EventFileWriter
    from tensorboard.util import tensor_util

    def value(tag: str, content: Any, plugin: str, data_class: int) -> Any:
        metadata = SummaryMetadata(data_class=data_class)
        metadata.plugin_data.plugin_name = plugin
        tensor = tensor_util.make_tensor_proto(content)
        return Summary.Value(tag=tag, metadata=metadata, tensor=tensor)

    columns = {
        "animal": [FAMILIES[row % 4] for row in range(COUNT)],
        "loss": [f"{row + 0.5}" for row in range(COUNT)],
    }
    many = {"number": [str(row % 30) for row in range(60)]}
    ids = [f"photo-{row}" for row in range(COUNT)]
    writer = EventFileWriter(str(directory / "run"))
    for step in STEPS:
        values = []
        if step == 0:
            known = points_record(columns, ids, sprite())
            values.append(value("flat/val#points", known, "animate_points", 3))
            known = points_record(many, None, b"")
            values.append(value("solid/val#points", known, "animate_points", 3))
        values.append(value("flat/val", positions(step), "animate", 2))
        values.append(value("solid/val", solid(step), "animate", 2))
        writer.add_event(Event(step=step, wall_time=1.7e9 + step, summary=Summary(value=values)))
    writer.close()


@pytest.fixture(scope="module")
def logdir(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    path = tmp_path_factory.mktemp("embeddings")
    write(path)
    return path


def flat(tab: Tab) -> Card:
    return tab.card("flat/val", "run")


def inked(card: Card) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = (card.pixels() != 255).any(axis=2)
    return found


def is_colour(picture: NDArray[np.uint8], colour: tuple[int, ...]) -> NDArray[np.bool_]:
    """Where dots of that colour are, which let the background through by 15 %."""
    seen = np.round(0.85 * np.array(colour) + 0.15 * 255)
    found: NDArray[np.bool_] = (abs(picture - seen) <= 6).all(axis=2)
    return found


def middle(mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Mean x and y of the pixels."""
    rows, columns = np.nonzero(mask)
    return np.array([columns.mean(), rows.mean()]) + 0.5


def places(card: Card, step: int) -> NDArray[np.float64]:
    """Where points should be, in pixels: the two dimensions, their overall mean in the middle."""
    height, width = card.pixels().shape[:2]
    every = np.stack([positions(one) for one in STEPS]).astype(float)
    offset = every.mean(axis=(0, 1))
    size = np.percentile(np.linalg.norm(every - offset, axis=2), 99.5)
    found = (positions(step) - offset) / size * 0.44 * min(width, height)
    return found * [1, -1] + [width / 2, height / 2]


def choose(tab: Tab, group: str, label: str) -> None:
    tab.frame.get_by_role("group", name=group, exact=True).get_by_label(label, exact=True).check()
    tab.advance(300)
    tab.settle()


def mouse(tab: Tab, card: Card, x: float, y: float) -> None:
    """Moves to that pixel of the picture; one of it is one of the page here."""
    box = card.element.locator("canvas").bounding_box()
    assert box
    tab.page.mouse.move(box["x"] + x, box["y"] + y)
    tab.advance(100)


def drag(tab: Tab, card: Card, dx: float, dy: float, button: Any = "left") -> None:
    mouse(tab, card, 20, 20)
    tab.page.mouse.down(button=button)
    mouse(tab, card, 20 + dx / 2, 20 + dy / 2)
    mouse(tab, card, 20 + dx, 20 + dy)
    tab.page.mouse.up(button=button)
    tab.advance(200)


def click(tab: Tab, card: Card, x: float, y: float) -> None:
    mouse(tab, card, x, y)
    tab.page.mouse.down()
    tab.page.mouse.up()
    tab.advance(200)


def family_middles(card: Card) -> NDArray[np.float64]:
    picture = card.pixels()
    return np.stack([middle(is_colour(picture, colour)) for colour in COLOURS])


@pytest.mark.parametrize("tick", [0, 15, 29])
def test_points_are_where_they_are_in_truth(tab: Tab, tick: int) -> None:
    card = flat(tab)
    tab.go_to(tick)
    truth = places(card, STEPS[tick])
    expected = np.stack([truth[nth::4].mean(axis=0) for nth in range(4)])
    # Dots of a family cover each other a little, which moves its middle.
    assert abs(family_middles(card) - expected).max() < 2.5
    ink = inked(card)
    assert all(ink[int(y), int(x)] for x, y in truth)
    assert card.text(".note").startswith("PCA of all frames · 100 % of the variance")


def test_the_cloud_plays_and_moves_between_frames(tab: Tab) -> None:
    card = flat(tab)
    tab.go_to(0)
    tab.frame.get_by_label("Tween between frames").check()
    tab.set_rate(2)
    tab.press(" ")
    seen = []
    for _ in range(30):
        tab.advance(60)
        seen.append(middle(is_colour(card.pixels(), COLOURS[0]))[0])
    assert len({round(place, 2) for place in seen}) > 12
    assert min(np.diff(seen)) > -0.5
    assert seen[-1] > seen[0] + 3


def test_a_drag_moves_and_the_camera_stays_while_playing(tab: Tab) -> None:
    card = flat(tab)
    tab.go_to(10)
    before = family_middles(card)
    drag(tab, card, 30, 12)
    assert family_middles(card) - before == pytest.approx(np.tile([30, 12], (4, 1)), abs=1.5)
    tab.go_to(20)
    moved = family_middles(card)
    canvas = card.element.locator("canvas")
    canvas.dblclick(position={"x": 5, "y": 5})
    tab.advance(300)
    assert moved - family_middles(card) == pytest.approx(np.tile([30, 12], (4, 1)), abs=1.5)


def test_the_wheel_zooms_at_the_pointer_once_the_picture_was_chosen(tab: Tab) -> None:
    card = flat(tab)
    tab.go_to(10)
    before = family_middles(card)
    mouse(tab, card, 100, 80)
    tab.page.mouse.wheel(0, -100)
    tab.until(lambda: card.text(".how"), "it says how to zoom")
    assert family_middles(card) == pytest.approx(before)
    click(tab, card, 5, 5)
    mouse(tab, card, 100, 80)
    tab.page.mouse.wheel(0, -100)
    expected = [100, 80] + (before - [100, 80]) * 1.25
    tab.until(lambda: abs(family_middles(card) - expected).max() < 2, "it is larger")


def test_keys_move_zoom_and_reset(tab: Tab) -> None:
    card = flat(tab)
    tab.go_to(10)
    before = family_middles(card)
    canvas = card.element.locator("canvas")
    canvas.press("Shift+ArrowRight")
    tab.advance(200)
    assert (family_middles(card) - before)[:, 0] == pytest.approx([24] * 4, abs=1.5)
    assert tab.tick == 10
    canvas.press("+")
    canvas.press("0")
    tab.advance(200)
    assert family_middles(card) == pytest.approx(before)


def test_three_axes_turn(tab: Tab) -> None:
    card = tab.card("solid/val", "run")
    choose(tab, "Axes", "3D")
    tab.go_to(5)
    before = inked(card)
    drag(tab, card, 60, 0)
    turned = inked(card)
    assert (before != turned).sum() > 200
    # The other button shifts: the same picture elsewhere.
    drag(tab, card, 30, 0, "right")
    shifted = inked(card)
    assert (shifted[:, 40:] != turned[:, 10:-30]).mean() < 0.01
    drag(tab, card, -60, 0)
    card.element.locator("canvas").dblclick(position={"x": 5, "y": 5})
    tab.advance(300)
    assert (inked(card) != before).sum() == 0


def test_categories_are_switched_off_one_by_one(tab: Tab) -> None:
    card = flat(tab)
    tab.go_to(20)
    dog = card.element.get_by_role("button", name="dog")
    dog.click()
    tab.advance(200)
    assert dog.get_attribute("aria-pressed") == "false"
    counts = [int(is_colour(card.pixels(), colour).sum()) for colour in COLOURS]
    assert counts[1] == 0
    assert min(counts[0], counts[2], counts[3]) > 50
    card.element.get_by_role("button", name="eel").click(modifiers=["Alt"])
    tab.advance(200)
    counts = [int(is_colour(card.pixels(), colour).sum()) for colour in COLOURS]
    assert [count > 0 for count in counts] == [False, False, True, False]


def test_many_categories_take_two_rows(tab: Tab) -> None:
    card = tab.card("solid/val", "run")
    more = card.element.get_by_role("button", name=re.compile(r"\+ \d+ more"))
    hidden = int(re.findall(r"\d+", more.inner_text())[0])
    shown = card.element.locator(".entry:visible").count()
    assert shown + hidden == 30
    more.click()
    tab.advance(200)
    assert card.element.locator(".entry:visible").count() == 30


def test_another_column_colours_by_its_numbers(tab: Tab) -> None:
    card = flat(tab)
    tab.go_to(20)
    card.element.get_by_label("Colour by").select_option("loss")
    tab.advance(200)
    assert card.element.locator(".scale").inner_text().split() == ["0.5", "59.5"]
    picture = card.pixels()
    truth = places(card, STEPS[20])
    for row, colour in ((0, (0x44, 0x01, 0x54)), (59, (0xFD, 0xE7, 0x25))):
        x, y = truth[row]
        near = is_colour(picture[int(y) - 3 : int(y) + 4, int(x) - 3 : int(x) + 4], colour)
        assert near.any()
    card.element.get_by_label("Colour by").select_option("none")
    tab.advance(200)
    assert is_colour(card.pixels(), (0xF5, 0x7C, 0x00)).sum() > 200


def alone(card: Card, step: int) -> int:
    """A point that no other one is near."""
    truth = places(card, step)
    away = np.linalg.norm(truth[:, np.newaxis] - truth, axis=2) + np.eye(COUNT) * 1e9
    return int(away.min(axis=1).argmax())


def test_hovering_says_what_a_point_is(tab: Tab) -> None:
    card = flat(tab)
    tab.go_to(20)
    row = alone(card, STEPS[20])
    x, y = places(card, STEPS[20])[row]
    mouse(tab, card, x, y)
    lines = card.text(".tip").split("\n")
    assert lines[:3] == [f"animal {FAMILIES[row % 4]}", f"loss {row + 0.5}", f"id photo-{row}"]
    assert re.fullmatch(r"moved [\d.]+ % since step 190", lines[3])
    mouse(tab, card, 2, 2)
    assert card.element.locator(".tip").count() == 0


def test_a_selection_stays_marked_through_time(tab: Tab) -> None:
    card = flat(tab)
    tab.go_to(20)
    row = alone(card, STEPS[20])
    click(tab, card, *places(card, STEPS[20])[row])
    mouse(tab, card, 2, 2)

    def ring(step: int) -> int:
        """Dark pixels where the ring around the point is."""
        x, y = places(card, step)[row]
        rows, columns = np.indices(card.pixels().shape[:2])
        away = np.hypot(columns + 0.5 - x, rows + 0.5 - y)
        dark = (card.pixels() < 110).all(axis=2)
        return int((dark & (away > 5) & (away < 8.5)).sum())

    assert ring(STEPS[20]) > 15
    tab.go_to(5)
    assert ring(STEPS[5]) > 15
    card.element.locator("canvas").press("Escape")
    tab.advance(200)
    assert ring(STEPS[5]) == 0


def test_trails_and_thumbnails(tab: Tab) -> None:
    card = flat(tab)
    tab.go_to(20)
    bare = int(inked(card).sum())
    tab.frame.get_by_label("Points' trail").fill("10")
    tab.settle()
    tab.until(lambda: inked(card).sum() > 1.2 * bare, "there are lines behind the points")
    choose(tab, "Points", "Thumbnails")
    shown = (abs(card.pixels() - np.array(MARK)) <= 4).all(axis=2)
    tab.until(
        lambda: (abs(card.pixels() - np.array(MARK)) <= 4).all(axis=2).sum() > 3000,
        f"thumbnails are there, of which {shown.sum()} pixels were",
    )
    # The other series has none: its points stay dots.
    assert inked(tab.card("solid/val", "run")).sum() > 300


def test_paths_of_the_families_means(tab: Tab) -> None:
    card = flat(tab)
    tab.go_to(29)
    choose(tab, "Paths of means", "On")
    tab.advance(500)
    truth = np.stack([places(card, STEPS[29])[nth::4].mean(axis=0) for nth in range(4)])
    begun = np.stack([places(card, STEPS[0])[nth::4].mean(axis=0) for nth in range(4)])

    def coloured() -> bool:
        picture = card.pixels()
        # Halfway between the first mean and the last there is nothing else.
        return all(
            (picture[int(y) - 2 : int(y) + 3, int(x) - 2 : int(x) + 3] != 255).any()
            for x, y in (truth + begun) / 2
        )

    tab.until(coloured, "the paths are drawn")


def test_without_webgl_it_is_the_same_and_said(tab: Tab) -> None:
    """Headless Chromium only imitates a graphics card, and so does without."""
    assert "without a graphics card" in flat(tab).text(".note")


def test_a_long_fit_shows_how_far_it_is_and_can_be_cancelled(tab: Tab) -> None:
    asked: list[dict[str, list[str]]] = []

    def answer(route: Any) -> None:
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(route.request.url).query)
        if query.get("method") != ["tsne"]:
            route.continue_()
            return
        asked.append(query)
        content = {"cancelled": True} if "cancel" in query else {"pending": {"done": 3, "total": 8}}
        route.fulfill(json=content)

    tab.go_to(3)
    tab.page.route("**/scene?*", answer)
    tab.frame.get_by_label("t-SNE").check()
    card = flat(tab)
    tab.until(lambda: card.text(".waiting"), "it says how far it is")
    assert "3 of 8" in card.text(".waiting")
    before = len(asked)
    tab.advance(2500)
    tab.until(lambda: len(asked) >= before + 2, "it is asked again")
    card.element.get_by_role("button", name="Cancel").click()
    tab.settle()
    assert tab.frame.get_by_label("PCA", exact=True).is_checked()
    tab.until(lambda: any("cancel" in query for query in asked), "the server is told")
    assert inked(card).sum() > 300


def test_neighbours_come_from_the_server(tab: Tab) -> None:
    """The real thing, by scikit-learn."""
    tab.go_to(3)
    tab.frame.get_by_label("t-SNE").check()
    card = flat(tab)
    tab.until(lambda: "t-SNE" in card.text(".note"), "the joint t-SNE is there")
    tab.settle()
    assert "not metric" in card.text(".note")
    assert inked(card).sum() > 300


def test_a_clip_has_the_camera_and_the_colours(tab: Tab) -> None:
    card = flat(tab)
    tab.go_to(10)
    drag(tab, card, 30, 12)
    card.element.get_by_role("button", name="dog").click()
    row = alone(card, STEPS[10])
    x, y = places(card, STEPS[10])[row]
    click(tab, card, x + 30, y + 12)
    dialog = card.export()
    dialog.get_by_label("Legend").select_option("off")
    download = tab.download(dialog)
    url = next(one for one in tab.requests if "/clip?" in one)
    query = urllib.parse.parse_qs(urllib.parse.urlsplit(url).query)
    height, width = card.pixels().shape[:2]
    scale = 0.44 * min(width, height)
    camera = [float(part) for part in query["camera"][0].split(",")]
    assert camera == pytest.approx([-30 / scale, 12 / scale, 1, 35, 20], abs=1e-3)
    assert query["hidden"] == ["dog"]
    assert query["legend"] == ["off"]
    assert query["method"] == ["pca"]
    assert len(query["selected"][0].split(",")) == 1
    with Image.open(download.path()) as clip:
        assert clip.n_frames == len(STEPS)  # type: ignore[attr-defined]
        assert clip.size == (480, 360)


@pytest.mark.parametrize(("width", "dark"), [(400, False), (1280, True)])
def test_any_width_and_theme(browser: Browser, server: TensorBoard, width: int, dark: bool) -> None:
    with open_tab(browser, server, size=(width, 900), dark=dark) as tab:
        tab.go_to(12)
        card = flat(tab)
        background = (0x3A, 0x3A, 0x3A) if dark else (255, 255, 255)
        assert card.pixel(0.02, 0.02)[:3] == background
        assert tab.js("() => document.querySelector('main').scrollWidth <= innerWidth")
        assert tab.complaints == []
