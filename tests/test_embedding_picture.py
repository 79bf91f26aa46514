"""Pictures of points, against what the rules of geometry and of light say."""

from __future__ import annotations

import io
import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from logs import encode
from memory_source import MemorySource, points
from tb_animate import encoders, errors, export, params, sprite_sheet
from tb_animate.kinds import colours, encoded, legend, marks, raster, thumbnails, view
from tb_animate.kinds.embedding import DEFAULTS, KIND, EmbeddingScene
from tb_animate.kinds.placed import PlacedPoints
from tb_animate.kinds.points import Tables
from tb_animate.kinds.stamps import Canvas
from tb_animate.kinds.view import Camera, View
from tb_animate.model import ClipSpec, PointTable, Sprite, Theme
from tb_animate.projection import Options, fit
from tb_animate.sources.tables import MAX_SPRITE_SIDE

pytestmark = pytest.mark.oldest

SIZE = (400, 300)  # a unit is a pixel here
LONG = 0.44 * 300
WHITE = np.array([255.0, 255.0, 255.0])
RNG = np.random.default_rng(1)
THEMES: list[Theme] = ["light", "dark"]


def _points(positions: Any, step: int = 0, segment: int = 0, version: int = 0) -> PlacedPoints:
    return PlacedPoints(step, segment, version, np.array(positions, np.float32))


def _scene(labels: list[str] | None = None, sprite: Sprite | None = None, **options: Any) -> Any:
    tables = Tables()
    if labels is not None:
        table = PointTable({"label": labels} if labels else {}, None, sprite, "t")
        count = len(labels) or 2
        tables = tables.add([(table, 0, np.arange(count), count)])
    known = {**DEFAULTS, "legend": "off", **options}
    return EmbeddingScene(fit([], Options()), tables, known)


def _draw(
    scene: Any,
    data: PlacedPoints,
    following: PlacedPoints | None = None,
    phase: float = 0.0,
    earlier: Any = (),
    size: tuple[int, int] = SIZE,
    theme: Theme = "light",
) -> NDArray[np.float64]:
    picture = KIND.draw(
        scene, data, earlier=earlier, following=following, phase=phase, size=size, theme=theme
    )
    return picture.astype(np.float64)


def _middles(picture: NDArray[np.float64]) -> tuple[float, float]:
    """Where what is drawn has its middle, in pixels."""
    weight = np.abs(picture - WHITE).sum(axis=-1)
    rows, columns = np.indices(weight.shape)
    return (
        float((weight * (columns + 0.5)).sum() / weight.sum()),
        float((weight * (rows + 0.5)).sum() / weight.sum()),
    )


# Light


def _reference(
    size: tuple[int, int], x: Any, y: Any, radius: Any, alpha: Any, colour: Any
) -> NDArray[np.float64]:
    """Discs laid on one after the other."""
    picture = np.full((size[1], size[0], 3), 255.0)
    rows, columns = np.indices(picture.shape[:2]) + 0.5
    for nth in range(len(x)):
        far = np.hypot(columns - x[nth], rows - y[nth])
        share = (alpha[nth] * np.clip(radius[nth] + 0.5 - far, 0, 1))[..., np.newaxis]
        picture += share * (colour[nth] - picture)
    return picture


def test_discs_lie_over_each_other_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    from tb_animate.kinds import stamps

    n = 400
    x, y = RNG.uniform(-5, 65, n), RNG.uniform(-5, 45, n)
    radius, alpha = RNG.choice([0.3, 1.1, 2.4, 7.0], n), RNG.uniform(0, 1, n)
    alpha[::7] = 1.0
    colour = RNG.uniform(0, 255, (n, 3))
    expected = _reference((60, 40), x, y, radius, alpha, colour)
    for touched in (stamps.MAX_TOUCHED, 500):
        monkeypatch.setattr(stamps, "MAX_TOUCHED", touched)
        canvas = Canvas((60, 40), (255, 255, 255))
        canvas.discs(x, y, radius, alpha, colour)
        assert np.abs(canvas.pixels() - expected).max() <= 0.51


def test_points_that_are_nowhere_draw_nothing() -> None:
    canvas = Canvas((20, 20), (255, 255, 255))
    bad = np.array([np.nan, 1e30, -1e30, 5.0])
    good = np.full(4, 5.0)
    canvas.discs(bad, good, np.array([1, 1, 1, np.nan]), np.ones(4), np.zeros((4, 3)))
    ends = np.array([[np.nan, 0, 5, 5], [1e9, 1e9, 2e9, 2e9], [3, 3, 3, 3]])
    canvas.lines(ends, 1.0, np.ones(3), np.zeros((3, 3)))
    assert (canvas.pixels() == 255).all()
    none = np.empty(0)
    canvas.discs(none, none, none, none, np.empty((0, 3)))
    canvas.lines(np.empty((0, 4)), 1.0, none, np.empty((0, 3)))


@pytest.mark.parametrize("angle", [0.0, 17.0, 45.0, 71.0, 90.0, 200.0, 315.0])
def test_a_line_has_its_length_and_width(angle: float) -> None:
    way = np.array([math.cos(math.radians(angle)), math.sin(math.radians(angle))]) * 30
    middle = np.array([50.3, 49.8])
    for width in (0.6, 1.0, 3.0):
        canvas = Canvas((100, 100), (255, 255, 255))
        ends = np.concatenate([middle - way, middle + way])[np.newaxis]
        canvas.lines(ends, width, np.ones(1), np.zeros((1, 3)))
        dark = (255 - canvas.pixels()[..., 0].astype(float)) / 255
        rows, columns = np.nonzero(dark > 0)
        # Pixels lie askew to the line, which makes it a little darker or paler.
        assert dark.sum() == pytest.approx(60 * width, rel=0.25 if width < 1 else 0.1)
        assert dark.max() <= width
        middles = (
            dark.sum(axis=0) @ (np.arange(100) + 0.5),
            dark.sum(axis=1) @ np.arange(0.5, 100),
        )
        assert np.array(middles) / dark.sum() == pytest.approx(middle, abs=0.3)
        along = ((columns + 0.5 - 50.3) * way[0] + (rows + 0.5 - 49.8) * way[1]) / 30
        assert np.abs(along).max() <= 30.5


def test_a_line_far_beyond_the_picture_is_drawn_as_far_as_it_is_seen() -> None:
    canvas = Canvas((60, 40), (255, 255, 255))
    canvas.lines(np.array([[-1e6, 20.0, 1e6, 20.0]]), 2.0, np.ones(1), np.zeros((1, 3)))
    dark = canvas.pixels()[..., 0] < 10
    assert dark[19:21].all()
    assert dark.sum() == 120


def test_a_path_is_no_darker_where_it_turns() -> None:
    canvas = Canvas((40, 40), (255, 255, 255))
    ends = np.array([[5, 20, 20, 20], [20, 20, 20, 35], [20, 35, 20, 5]], float)
    canvas.path(ends, 2.0, 0.5, np.zeros(3))
    assert canvas.pixels().min() == 128


def test_a_stroke_is_whole_however_close_its_places_lie() -> None:
    for count in (2, 7, 500):
        x = np.linspace(10, 50, count)
        canvas = Canvas((60, 40), (255, 255, 255))
        canvas.stroke(np.stack([x, np.full(count, 20.0)], axis=1), 3.0, 0.5, np.zeros(3))
        dark = (255 - canvas.pixels()[..., 0].astype(float)) / 255
        assert dark.max() == pytest.approx(0.5, abs=0.005)
        # Half a disc at either end.
        assert dark.sum() == pytest.approx(0.5 * (40 * 3 + math.pi * 1.5**2), rel=0.02)
    canvas = Canvas((60, 40), (255, 255, 255))
    canvas.stroke(np.array([[30.5, 20.5]]), 3.0, 1.0, np.zeros(3))
    dark = (255 - canvas.pixels()[..., 0].astype(float)) / 255
    assert dark.sum() == pytest.approx(math.pi * 1.5**2, rel=0.15)
    canvas.stroke(np.empty((0, 2)), 3.0, 1.0, np.zeros(3))


# Geometry


def test_where_points_lie_in_the_plane() -> None:
    scene = _scene(camera="0.2,-0.1,1.5,35,20")
    x, y = _middles(_draw(scene, _points([[0.4, 0.3]])))
    assert x == pytest.approx(200 + 0.2 * LONG * 1.5, abs=0.05)
    assert y == pytest.approx(150 - 0.4 * LONG * 1.5, abs=0.05)


def test_where_points_lie_in_space() -> None:
    """From the front the third axis points at the viewer; a quarter turn shows the side."""
    point = np.array([[0.3, 0.2, 0.5]])

    def seen(yaw: float, pitch: float) -> Any:
        return View(SIZE, Camera(yaw=yaw, pitch=pitch), np.zeros(3), 1.0).see(point)

    front = seen(0, 0)
    assert front.depth[0] == pytest.approx(0.5)
    assert front.factor[0] == pytest.approx(4 / 3.5)
    assert front.x[0] == pytest.approx(200 + 0.3 * 4 / 3.5 * LONG)
    assert front.y[0] == pytest.approx(150 - 0.2 * 4 / 3.5 * LONG)
    side = seen(90, 0)
    assert side.depth[0] == pytest.approx(-0.3)
    assert side.x[0] == pytest.approx(200 + 0.5 * 4 / 4.3 * LONG)
    above = seen(0, 90)
    assert above.depth[0] == pytest.approx(0.2)
    assert above.y[0] == pytest.approx(150 + 0.5 * 4 / 3.8 * LONG)
    behind = View(SIZE, Camera(yaw=0, pitch=0), np.zeros(3), 1.0).see(np.array([[0, 0, 3.95]]))
    assert np.isnan(behind.x[0])


def test_what_is_nearer_lies_in_front() -> None:
    """With yaw and pitch 0, whatever the order of the slots."""
    for order in ([0, 1], [1, 0]):
        positions = np.array([[0, 0, 0.5], [0, 0, -0.5]])[order]
        scene = _scene([["near", "far"][nth] for nth in order], camera="0,0,1,0,0", dims=3)
        middle = _draw(scene, _points(positions))[150, 200]
        names = scene.look.column.categories
        near = np.array(colours.category(names.index("near"), "light"))
        far = np.array(colours.category(names.index("far"), "light"))
        expected = 0.85 * near + 0.15 * (0.85 * far + 0.15 * WHITE)
        assert middle == pytest.approx(expected, abs=1)
    flat = _draw(_scene(["a", "b"]), _points([[0, 0], [0, 0]]))[150, 200]
    a, b = (np.array(colours.category(n, "light")) for n in (0, 1))
    assert flat == pytest.approx(0.85 * b + 0.15 * (0.85 * a + 0.15 * WHITE), abs=1)


@pytest.mark.parametrize(
    ("count", "radius"),
    [(500, 3.5), (501, 2.6), (2000, 2.6), (10_000, 2.0), (50_000, 1.5), (50_001, 1.1)],
)
def test_more_points_are_smaller(count: int, radius: float) -> None:
    positions = np.full((count, 2), np.nan)
    positions[3] = 0
    shares = (255 - _draw(_scene(color_by="none"), _points(positions)))[..., 2] / 255
    # A disc's area, with what an edge a pixel wide adds, as far as pixels can show it.
    assert shares.sum() == pytest.approx(0.85 * math.pi * (radius**2 + 1 / 12), rel=0.1)


def test_the_view_follows_the_cloud() -> None:
    cloud = _points(RNG.normal((0.6, 0.2), 0.05, (80, 2)))
    moved = _points(RNG.normal((-0.2, 0.5), 0.2, (80, 2)))
    for follow in ("center", "fit"):
        for data in (cloud, moved):
            picture = _draw(_scene(follow=follow), data)
            assert _middles(picture) == pytest.approx((200, 150), abs=3)
    spread = np.nonzero((_draw(_scene(follow="fit"), cloud) < 250).any(axis=-1))
    assert 0.5 * LONG < np.std(spread[1]) * math.sqrt(2) < 0.6 * LONG
    # On the way, too: the middle of both in the middle.
    between = _draw(_scene(follow="center"), cloud, moved, 0.5)
    assert _middles(between) == pytest.approx((200, 150), abs=3)
    off = _draw(_scene(), cloud, moved, 0.5)
    assert _middles(off) == pytest.approx((200 + 0.2 * LONG, 150 - 0.35 * LONG), abs=3)


# Between frames


def test_points_go_straight_and_come_and_go() -> None:
    a = _points([[-0.5, 0], [0.0, 0.5], [math.nan] * 2])
    b = _points([[0.5, 0], [math.nan] * 2, [0.0, -0.5]])
    picture = _draw(_scene(color_by="none"), a, b, 0.25)
    accent = np.array(raster.PALETTES["light"].accent)

    def share(x: float, y: float) -> float:
        pixel = picture[round(150 - y * LONG), round(200 + x * LONG)]
        return float(((WHITE - pixel) / (WHITE - accent + 1e-9))[2])

    assert share(-0.25, 0) == pytest.approx(0.85, abs=0.01)
    assert share(0, 0.5) == pytest.approx(0.85 * 0.75, abs=0.01)
    assert share(0, -0.5) == pytest.approx(0.85 * 0.25, abs=0.01)
    assert share(0.5, 0) == share(-0.5, 0) == 0


def test_another_segment_is_faded_over() -> None:
    a = _points([[-0.5, 0], [-0.5, 0.2]])
    b = _points([[0.5, 0], [0.5, 0.2], [0.5, 0.4]], segment=1, version=-1)
    picture = _draw(_scene(color_by="none", trail=5), a, b, 0.75, earlier=[b])
    left, right = (255 - picture[:, part, 2].min() for part in (slice(0, 180), slice(220, 400)))
    assert left == pytest.approx(255 * 0.85 * 0.25, abs=2)
    assert right == pytest.approx(255 * 0.85 * 0.75, abs=2)


def test_colours_and_labels_are_those_of_the_frame() -> None:
    tables = Tables().add(
        (PointTable({"l": labels}, None, None, str(labels)), 0, np.arange(2), 2)
        for labels in (["a", "b"], ["b", "a"])
    )
    scene = EmbeddingScene(fit([], Options()), tables, {**DEFAULTS, "legend": "off"})
    where = [[-0.5, 0], [0.5, 0]]
    first = _draw(scene, _points(where, version=0))
    second = _draw(scene, _points(where, version=1))
    none = _draw(scene, _points(where, version=-1))
    left, right = (round(200 + x * LONG) for x in (-0.5, 0.5))
    a, b = (np.array(colours.category(n, "light")) for n in (0, 1))
    faint = np.array(raster.PALETTES["light"].faint)
    for picture, colour, other in ((first, a, b), (second, b, a), (none, faint, faint)):
        assert picture[150, left] == pytest.approx(0.85 * colour + 0.15 * WHITE, abs=1)
        assert picture[150, right] == pytest.approx(0.85 * other + 0.15 * WHITE, abs=1)


def test_trails_lead_to_earlier_places_and_fade() -> None:
    frames = [_points([[x, 0.0]]) for x in (-0.9, -0.3, 0.3, 0.9)]
    scene = _scene(color_by="none", trail=3)
    row = (255 - _draw(scene, frames[3], earlier=frames[:3])[150, :, 2]) / 255
    at = [round(200 + x * LONG) for x in (-0.6, 0.0, 0.6)]
    alphas = [0.5 * (1 - j / 3) for j in (2, 1, 0)]
    # The line is a pixel wide, and lies on the border of two rows.
    assert row[at] == pytest.approx([a / 2 for a in alphas], abs=0.01)
    # A frame of another segment ends it, and so does a place where the point is absent.
    other = _points([[-0.3, 0.0]], segment=1)
    cut = (255 - _draw(scene, frames[3], earlier=[frames[0], other, frames[2]])[150, :, 2]) / 255
    assert (cut[at] > 0).tolist() == [False, False, True]
    absent = _points([[math.nan, math.nan]])
    cut = (255 - _draw(scene, frames[3], earlier=[frames[0], absent, frames[2]])[150, :, 2]) / 255
    assert (cut[at] > 0).tolist() == [False, False, True]


def test_nothing_jumps_when_points_arrive() -> None:
    frames = [_points(RNG.normal(0, 0.3, (6, 2))) for _ in range(6)]
    for options in ({"trail": 3}, {"centroids": "on"}, {"follow": "fit", "trail": 2}):
        scene = _scene(["a", "b"] * 3, **options)
        most = KIND.trail(ClipSpec(options=options))
        before = _draw(scene, frames[4], frames[5], 1 - 1e-6, frames[max(4 - most, 0) : 4])
        after = _draw(scene, frames[5], earlier=frames[max(5 - most, 0) : 5])
        assert np.abs(before - after).max() <= 2
        start = _draw(scene, frames[4], frames[5], 1e-6, frames[max(4 - most, 0) : 4])
        rest = _draw(scene, frames[4], None, 0.0, frames[max(4 - most, 0) : 4])
        assert np.abs(start - rest).max() <= 2


# What is chosen


def test_hidden_categories_are_not_drawn_but_count() -> None:
    cloud = _points([[-0.5, 0], [0.5, 0], [0.5, 0.4], [0.5, -0.4]])
    labels = ["a,b", "c", "c", "c"]
    picture = _draw(_scene(labels, hidden="a%2Cb"), cloud)
    assert (picture[:, :200] == 255).all()
    assert (picture[:, 200:] != 255).any()
    shown = _draw(_scene(labels, follow="center"), cloud)
    hidden = _draw(_scene(labels, follow="center", hidden="a%2Cb"), cloud)
    assert np.array_equal(shown[:, 200:], hidden[:, 200:])
    trail = _draw(_scene(labels, hidden="c", trail=2), cloud, earlier=[_points([[0, 0]] * 4)])
    assert (trail[:, 205:] == 255).all()


def test_centroids_and_their_paths() -> None:
    frames = [_points([[x, 0.1], [x, -0.1], [0, 0.8], [math.nan] * 2]) for x in (-0.8, 0.0, 0.8)]
    labels = ["a", "a", "b", "gone"]
    scene = _scene(labels, centroids="on")
    picture = _draw(scene, frames[2], earlier=frames[:2])
    a, b = (np.array(colours.category(n, "light"), float) for n in (0, 1))
    assert picture[150, 200] == pytest.approx(0.9 * a + 0.1 * WHITE, abs=1)
    assert picture[150, round(200 + 0.8 * LONG)] == pytest.approx(a, abs=1)
    assert picture[round(150 - 0.8 * LONG), 200] == pytest.approx(b, abs=1)
    hidden = _draw(_scene(labels, centroids="on", hidden="a"), frames[2], earlier=frames[:2])
    assert (hidden[120:180] == 255).all()
    none = _draw(_scene(labels, centroids="on", color_by="none"), frames[2], earlier=frames[:2])
    assert (none[150, 200] == 255).all()


def test_selected_points_are_ringed_and_named() -> None:
    cloud = _points([[-0.5, 0], [0.5, 0]])
    plain = _draw(_scene(["a", "b"]), cloud)
    marked = _draw(_scene(["a", "b"], selected="0,7"), cloud)
    x = 200 - 0.5 * LONG
    changed = np.nonzero((plain != marked).any(axis=-1))
    # The ring's outer edge, and the words that begin six units after its middle.
    assert changed[1].min() == pytest.approx(x - 3.5 - 3 - 0.75, abs=1.5)
    words = changed[1] > x + 3.5 + 3 + 2
    assert changed[1][words].min() == pytest.approx(x + 3.5 + 3 + 6, abs=3)
    assert changed[1].max() < 220
    ink = np.array(raster.PALETTES["light"].ink, float)
    assert (np.abs(marked - ink).max(axis=-1) < 2).any()
    elsewhere = _points([[-0.5, 0], [0.5, 0]], segment=1)
    assert np.array_equal(
        _draw(_scene(["a", "b"], selected="0"), elsewhere), _draw(_scene(["a", "b"]), elsewhere)
    )


def test_what_points_are_called() -> None:
    tables = Tables().add(
        [
            (PointTable({"l": ["x", ""], "m": ["1", "2"]}, None, None, "1"), 0, np.arange(2), 2),
            (PointTable({}, ["one", "two"], None, "2"), 0, np.array([1, 0]), 2),
        ]
    )
    assert [tables.label(0, slot) for slot in (0, 1, 9)] == ["l x", "point 1", "point 9"]
    assert [tables.label(1, slot) for slot in (0, 1)] == ["two", "one"]
    assert tables.label(-1, 4) == "point 4"


def test_thumbnails() -> None:
    pixels = np.zeros((8, 16, 3), np.uint8)
    pixels[:, :8], pixels[:, 8:] = (200, 10, 10), (10, 10, 200)
    sprite = Sprite(encode(pixels), 8, 8)
    cloud = _points([[-0.5, 0], [0.5, 0], [0, 0]])
    scene = _scene(["a", "a", "a"], sprite, points="thumbnails", color_by="none")
    picture = _draw(scene, cloud)
    for x, colour in ((-0.5, (200, 10, 10)), (0.5, (10, 10, 200))):
        same = (picture == colour).all(axis=-1)
        assert same.sum() == 18 * 18
        assert np.nonzero(same)[1].mean() + 0.5 == pytest.approx(200 + x * LONG, abs=0.6)
    # The sprite has no third thumbnail: a dot stands for it.
    accent = np.array(raster.PALETTES["light"].accent)
    assert picture[150, 200] == pytest.approx(0.85 * accent + 0.15 * WHITE, abs=1)
    near = _scene(["a", "a", "a"], sprite, points="thumbnails", color_by="none", camera="0,0,4,0,0")
    assert (_draw(near, _points([[0, 0]] * 3))[..., 0] == 200).sum() == 0, "the last is in front"
    assert (_draw(near, _points([[0, 0]])) == (200, 10, 10)).all(axis=-1).sum() == 36 * 36
    broken = _scene(["a", "a"], Sprite(b"no image", 8, 8), points="thumbnails")
    dots = _scene(["a", "a"])
    assert np.array_equal(_draw(broken, cloud), _draw(dots, cloud))


def test_thumbnails_are_kept_within_their_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    count = 60
    sprite = Sprite(encode(RNG.integers(0, 255, (8, 8 * count, 3), np.uint8)), 8, 8)
    cloud = _points(RNG.normal(0, 0.01, (count, 2)))
    options = {"points": "thumbnails", "camera": "0,0,12,0,0"}
    pictures = []
    for most in (thumbnails.MAX_SCALED_BYTES, 50_000):
        monkeypatch.setattr(thumbnails, "MAX_SCALED_BYTES", most)
        scene = _scene(["a"] * count, sprite, **options)
        pictures.append(_draw(scene, cloud))
        held = [pixels.nbytes for pixels, _ in scene.look._thumbnails._scaled._made.values()]
        assert sum(held) == scene.look._thumbnails._scaled.held <= most
        assert len(held) == min(count, most // held[0])
    assert np.array_equal(*pictures)
    kept: thumbnails.Recent[str] = thumbnails.Recent(10)
    assert kept.get("large", lambda: ("1", 100)) == kept.get("large", lambda: ("2", 100)) == "1"
    assert kept.get("small", lambda: ("3", 1)) == "3"
    assert kept.get("large", lambda: ("4", 100)) == "4"


@pytest.mark.parametrize("zoom", ["1", "20"])
def test_thumbnails_out_of_the_picture_are_not_made(
    monkeypatch: pytest.MonkeyPatch, zoom: str
) -> None:
    count = 400
    sprite = Sprite(encode(RNG.integers(0, 255, (8, 8 * count, 3), np.uint8)), 8, 8)
    cloud = _points(RNG.uniform(-1.6, 1.6, (count, 2)) / float(zoom))
    cloud.positions[:40] *= 1e6
    options = {"points": "thumbnails", "camera": f"0,0,{zoom},0,0", "selected": "1,50"}
    scene = _scene(["a"] * count, sprite, **options)
    picture = _draw(scene, cloud)
    made = len(scene.look._thumbnails._scaled._made)
    assert 100 < made < count - 40
    monkeypatch.setattr(marks, "in_sight", lambda *of: True)
    whole = _scene(["a"] * count, sprite, **options)
    assert np.array_equal(_draw(whole, cloud), picture)
    assert len(whole.look._thumbnails._scaled._made) == count


def _sprites() -> dict[str, bytes]:
    """Sprites of 4 x 2 thumbnails of 3 x 3 pixels, in all ways to say what is transparent."""
    levels = RNG.integers(0, 255, (6, 12), np.uint8)
    colours = RNG.integers(0, 255, (6, 12, 4), np.uint8)
    grey, whole = Image.fromarray(levels), Image.fromarray(colours)
    rgb, few = whole.convert("RGB"), whole.convert("RGB").quantize(8)
    turned = Image.Exif()
    turned[0x0112] = 6
    wide = Image.fromarray(RNG.integers(0, 65_535, (6, 12), np.uint16))
    key = int(np.asarray(wide)[2, 3])
    made: dict[str, tuple[Image.Image, str, dict[str, Any]]] = {
        "grey": (grey, "PNG", {}),
        "grey with a key": (grey, "PNG", {"transparency": int(levels[2, 3])}),
        "bits": (grey.convert("1"), "PNG", {}),
        "colours": (rgb, "PNG", {}),
        "a key": (rgb, "PNG", {"transparency": rgb.getpixel((3, 2))}),
        "transparent": (whole, "PNG", {}),
        "grey and transparent": (whole.convert("LA"), "PNG", {}),
        "a palette": (few, "PNG", {}),
        "a palette with a key": (few, "PNG", {"transparency": 3}),
        "a transparent palette": (few, "PNG", {"transparency": bytes([0, 90, 180, 255])}),
        "wide": (wide, "PNG", {}),
        "wide with a key": (wide, "PNG", {"transparency": key}),
        "GIF": (few, "GIF", {"transparency": 2}),
        "moving": (few, "GIF", {"save_all": True, "append_images": [grey.convert("P")]}),
        "WebP": (whole, "WEBP", {"lossless": True, "exact": True}),
        "JPEG": (rgb, "JPEG", {}),
        "turned JPEG": (rgb.transpose(Image.Transpose.ROTATE_90), "JPEG", {"exif": turned}),
    }
    found = {}
    for name, (image, form, options) in made.items():
        file = io.BytesIO()
        image.save(file, form, **options)
        found[name] = file.getvalue()
    return found


SPRITES = _sprites()


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", SPRITES)
def test_thumbnails_are_cut_out_of_any_sprite(name: str, theme: Theme) -> None:
    """As they would be out of the whole picture."""
    data = SPRITES[name]
    made = thumbnails.Thumbnails([Sprite(data, 3, 3)])
    whole = encoded.EncodedImage(data).pixels(0, raster.PALETTES[theme].background)
    assert whole.shape == (6, 12, 3)
    assert made.count(0) == 8
    for number in range(8):
        row, column = divmod(number, 4)
        expected = whole[3 * row : 3 * row + 3, 3 * column : 3 * column + 3]
        assert np.array_equal(made.get(0, number, 3, theme), expected), number


def test_a_clip_shows_thumbnails_of_the_largest_sprites() -> None:
    """An image of as many pixels is refused."""
    assert thumbnails.MAX_SPRITE_PIXELS == MAX_SPRITE_SIDE**2
    count = 64
    levels = np.arange(count, dtype=np.uint8).reshape(-1, 1, 1, 1) + 100
    sprite = sprite_sheet.sheet(np.broadcast_to(levels, (count, 816, 816, 1)))
    pixels = 8 * 816 * 8 * 816
    assert encoded.MAX_PIXELS < pixels < thumbnails.MAX_SPRITE_PIXELS
    table = PointTable({"label": ["a"] * count}, None, sprite, "t")
    side = np.linspace(-1, 1, 8)
    grid = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
    index = points({n: grid * (1 + n / 50) for n in range(2)}, dict.fromkeys(range(2), table))
    spec = ClipSpec(width=400, options={"points": "thumbnails", "legend": "off"})
    plan = export.plan(MemorySource([index]), [index.series.id], spec, encoders.get("gif"))
    for picture in plan._pictures(lambda done, total: None):
        for level in levels.ravel().tolist():
            assert (picture.pixels == level).all(axis=-1).sum() >= 17 * 17


def test_a_thumbnail_is_no_larger_than_any_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    data = SPRITES["colours"]
    monkeypatch.setattr(thumbnails, "MAX_PIXELS", 17)
    assert thumbnails.Thumbnails([Sprite(data, 3, 3), Sprite(data, 3, 6)]).count(0) == 8
    assert thumbnails.Thumbnails([Sprite(data, 3, 3), Sprite(data, 3, 6)]).count(1) == 0


def test_a_damaged_sprite_is_said() -> None:
    data = SPRITES["colours"]
    made = thumbnails.Thumbnails([Sprite(data[:60] + b"no" + data[62:], 3, 3)])
    assert made.count(0) == 8
    with pytest.raises(ValueError, match=r"damaged and cannot be decoded\."):
        made.get(0, 0, 3, "light")


# The legend


def test_the_legend_takes_its_room_beneath() -> None:
    labels = [f"class {n}" for n in range(10)] * 3
    cloud = _points(RNG.normal(0, 0.4, (30, 2)))
    on, off = _scene(labels, legend="on"), _scene(labels, legend="off")
    width, height = KIND.size(on, ClipSpec())
    assert (width, height) > KIND.size(off, ClipSpec()) == (480, 360)
    for theme in THEMES:
        with_it = _draw(on, cloud, size=(width, height), theme=theme)
        assert np.array_equal(with_it[:360], _draw(off, cloud, size=(480, 360), theme=theme))
        strip = with_it[360:]
        for nth in range(10):
            assert (strip == colours.category(nth, theme)).all(axis=-1).any()
    hidden = _draw(_scene(labels, legend="on", hidden="class%203"), cloud, size=(width, height))
    assert not (hidden[360:] == colours.category(3, "light")).all(axis=-1).any()
    # No room for both: the points have it.
    small = _draw(on, cloud, size=(60, 40))
    assert np.array_equal(small, _draw(off, cloud, size=(60, 40)))


def test_a_long_legend_ends_with_how_many_more() -> None:
    labels = [f"a category with a long name, number {n}" for n in range(50)]
    column = _scene(labels).look.column
    entries = legend._entries(column, 480, 1.2)
    assert entries[-1].text == f"+ {50 - len(entries) + 1} more"
    assert entries[-1].row == legend.MAX_ROWS - 1
    assert [one.nth for one in entries[:-1]] == [*range(len(entries) - 1)]
    assert legend.height(column, 480) == round(4.5 * legend.ROW)
    few = legend._entries(_scene(["a", "b"]).look.column, 480, 1.2)
    assert [one.text for one in few] == ["a", "b"]
    assert len({one.x for one in few}) == 2


def test_the_legend_of_numbers_is_a_scale() -> None:
    labels = [str(n / 4) for n in range(60)]
    scene = _scene(labels, legend="on")
    strip = legend.draw(scene.look.column, frozenset(), 480, "light")
    for nth, colour in ((0, colours.NUMBERS[0]), (-1, colours.NUMBERS[-1])):
        found = np.nonzero((np.abs(strip.astype(int) - colour) < 5).all(axis=-1))[1]
        assert len(found), nth
    assert (strip != 255).any()


def test_colours() -> None:
    assert colours.category(0, "light") == colours.category(0, "dark") == (0x4E, 0x79, 0xA7)
    assert colours.category(30, "light") == colours.category(0, "light")
    assert sum(colours.category(10, "light")) < sum(colours.category(0, "light"))
    assert sum(colours.category(10, "dark")) > sum(colours.category(0, "dark"))
    assert colours.category(20, "light") == colours.category(10, "dark")
    assert len({colours.category(n, "light") for n in range(30)}) == 30
    ends = colours.scale(np.array([0.0, 1.0, 0.0625]))
    assert ends[:2].tolist() == [list(colours.NUMBERS[0]), list(colours.NUMBERS[-1])]
    assert ends[2] == pytest.approx(np.mean(colours.NUMBERS[:2], axis=0))


# Options


@pytest.mark.parametrize(
    ("option", "text"),
    [
        ("camera", "0,0,1,35"),
        ("camera", "0,0,0,35,20"),
        ("camera", "0,0,1,35,91"),
        ("camera", "0,0,nan,35,20"),
        ("camera", "0,0,1e9,35,20"),
        ("camera", "0, 0,1,35,20"),
        ("selected", "1,"),
        ("selected", "-1"),
        ("selected", "1.5"),
        ("selected", ",".join(["1"] * 201)),
        ("dims", "4"),
        ("dims", "2.0"),
        ("method", "umap"),
        ("points", "squares"),
    ],
)
def test_bad_options(option: str, text: str) -> None:
    with pytest.raises(errors.AnimateError, match=rf"^{option} is '.*'; it must be .*\.$"):
        params.from_query({option: [text]})


def test_the_camera_as_text() -> None:
    assert view.camera("0,0,1,35,20") == Camera()
    assert view.camera("-.5,+2,1e-1,-720,90") == Camera(-0.5, 2, 0.1, -720, 90)
