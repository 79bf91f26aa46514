"""What holds for every kind: one test for all that a kind promises, for each of them."""

from __future__ import annotations

import argparse
import dataclasses
import json
import re
from collections.abc import Sequence
from typing import Any, cast

import msgpack
import numpy as np
import pytest
from numpy.typing import NDArray

from memory_source import MemoryIndex, MemorySource, flat, images
from tb_animate import encoders, errors, export, fields, kinds, limits, params, reel, scenes
from tb_animate.kinds import Kind, raster
from tb_animate.kinds.base import LoggedKind
from tb_animate.model import ClipSpec, Frame, Payload, PointTable, Theme
from tb_animate.options import quoted

SIZES = [(480, 360), (97, 41), (8, 8), (1, 1)]
THEMES: list[Theme] = ["light", "dark"]


@dataclasses.dataclass(frozen=True)
class Example:
    """Frames of one kind that look different, and what is not a frame of it.

    Attributes:
      options: for each of the kind's own, a text and its value, which is not the default.
      trail: how many earlier frames it draws unless asked otherwise.
      refused: texts that options refuse which take nearly any.
      table: what is known of the points, of frames of points.
    """

    frames: list[Payload]
    broken: list[Payload]
    options: dict[str, tuple[str, Any]]
    trail: int
    refused: dict[str, str] = dataclasses.field(default_factory=dict)
    table: PointTable | None = None


def _points(step: int) -> NDArray[np.float32]:
    """Twelve points that drift, each in a way of its own."""
    rng = np.random.default_rng(5)
    start, way = rng.normal(size=(2, 12, 4))
    return (start + 0.2 * step * way).astype(np.float32)


POINTS = PointTable(
    {"label": ["a", "b", "c"] * 4, "group": ["x", "y"] * 6}, None, None, digest="points"
)


def _buckets(centre: float) -> NDArray[np.float64]:
    return np.array([[centre - 1, centre, 10.0], [centre, centre + 0.5, 30.0]])


def _pr_curve(skill: int) -> NDArray[np.float64]:
    """At four thresholds; nothing is above the last."""
    tp, fp = np.array([40, 30 + skill, 20 + skill, 0]), np.array([60, 30 - 5 * skill, 4, 0])
    return np.stack([tp, fp, 60 - fp, 40 - tp, tp / np.maximum(tp + fp, 1e-7), tp / 40])


EXAMPLES = {
    "image": Example(
        frames=[(b"8", b"8", flat(40 * n)) for n in range(6)],
        broken=[(b"8", b"8", b"no picture"), ()],
        options={
            "brightness": ("50", 50),
            "contrast": ("250", 250),
            "smooth": ("on", "on"),
            "zoom": ("0.25,1,2.5", "0.25,1,2.5"),
            "compare": ("wipe", "wipe"),
            "against": ("run:a/b", "run:a/b"),
            "amount": ("0.25", 0.25),
        },
        trail=0,
    ),
    "histogram": Example(
        frames=[_buckets(float(n)) for n in range(6)],
        broken=[np.ones(4), np.ones((2, 4)), np.array(1.0), np.array([["a"] * 3]), (b"1",)],
        options={
            "mode": ("single", "single"),
            "trail": ("3", 3),
            "scale": ("log", "log"),
            "range": ("full", "full"),
        },
        trail=20,
    ),
    "embedding": Example(
        frames=[_points(n) for n in range(6)],
        broken=[
            np.ones((2, 2, 2)),
            np.array(1.0),
            np.ones((0, 3)),
            np.ones((2, 2), np.complex64),
            np.array([["a"] * 3]),
            (b"1",),
        ],
        options={
            "method": ("last", "last"),
            "align": ("none", "none"),
            "dims": ("3", 3),
            "trail": ("3", 3),
            "color_by": ("group", "group"),
            "follow": ("fit", "fit"),
            "points": ("thumbnails", "thumbnails"),
            "centroids": ("on", "on"),
            "camera": ("1,-2.5,1e-1,400,-90", "1,-2.5,1e-1,400,-90"),
            "hidden": ("a,c%2Cd", "a,c%2Cd"),
            "selected": ("3,11", "3,11"),
            "legend": ("off", "off"),
        },
        trail=0,
        refused={"color_by": "x" * 201, "hidden": "x," * 8001},
        table=POINTS,
    ),
    "pr_curve": Example(
        frames=[_pr_curve(n) for n in range(6)],
        broken=[
            np.ones(6),
            np.ones((4, 6)),
            np.full((6, 3), 1.5),
            np.array(1.0),
            np.array([["a"] * 3] * 6),
            (b"1",),
        ],
        options={"trail": ("3", 3)},
        trail=10,
    ),
}


@pytest.fixture(params=sorted(kinds.KINDS))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def kind(name: str) -> Kind[Any, Any]:
    return kinds.get(name)


@pytest.fixture
def example(name: str) -> Example:
    return EXAMPLES[name]


def _frames(example: Example) -> list[Frame]:
    return [
        Frame(10 * n, 1e9 + n, data, None, example.table) for n, data in enumerate(example.frames)
    ]


def _index(name: str, run: str = "train", first: int = 0) -> MemoryIndex:
    frames: dict[int, Any] = {first + n: data for n, data in enumerate(EXAMPLES[name].frames)}
    index = images(dict.fromkeys(frames, ""), run=run, kind=name)
    table = EXAMPLES[name].table
    index._frames = [Frame(step, 0.0, data, None, table) for step, data in frames.items()]
    return index


def _fitted(kind: Kind[Any, Any], example: Example, spec: ClipSpec) -> tuple[Any, list[Any]]:
    """The scene, and the frames as they are drawn."""
    decoded = [kind.decode(frame, spec) for frame in _frames(example)]
    if not kinds.is_placed(kind):
        return kind.fit(iter(decoded), spec), decoded
    scene = kind.dress(kind.fit(decoded, spec), spec)
    return scene, [kind.place(scene, data) for data in decoded]


def _sent(kind: Kind[Any, Any], scene: Any, frame: Frame) -> Any:
    if not kinds.is_placed(kind):
        return cast("LoggedKind[Any, Any]", kind).wire(frame, 0)
    return kind.pack(kind.place(scene, kind.decode(frame, ClipSpec())))


def test_every_kind_has_an_example() -> None:
    assert set(EXAMPLES) == set(kinds.KINDS)


def test_what_it_says_of_itself(kind: Kind[Any, Any], name: str, example: Example) -> None:
    assert kind.title[0].isupper()
    assert kind.fit_frames >= 2
    assert isinstance(kind.shares_scene, bool)
    assert [field.name for field in kind.options] == list(example.options)
    assert kind.trail(ClipSpec()) == example.trail
    for field in kind.options:
        having, known = fields.of_kinds()[field.name]
        assert name in having
        assert known is field
    assert hasattr(kind, "place") == kind.placed
    assert hasattr(kind, "wire") != kind.placed


def test_pictures(kind: Kind[Any, Any], example: Example) -> None:
    scene, decoded = _fitted(kind, example, ClipSpec())
    width, height = kind.size(scene, ClipSpec())
    assert 64 <= width <= fields.MAX_SIDE
    assert 64 <= height <= fields.MAX_SIDE
    assert all(kind.parts(data) == 1 for data in decoded)
    for theme in THEMES:
        for size in [(width, height), *SIZES]:
            for following, phase in ((None, 0.0), (decoded[3], 0.0), (decoded[3], 0.6)):
                asked: Any = {"following": following, "phase": phase, "size": size, "theme": theme}
                earlier = decoded[max(2 - kind.trail(ClipSpec()), 0) : 2]
                picture = kind.draw(scene, decoded[2], earlier=earlier, **asked)
                assert picture.dtype == np.uint8
                assert picture.shape == (size[1], size[0], 3)
                again = kind.draw(scene, decoded[2], earlier=earlier, **asked)
                assert np.array_equal(picture, again)
    # Frames decoded anew, in another order: nothing but the arguments counts.
    scene, anew = _fitted(kind, example, ClipSpec())
    assert np.array_equal(_draw(kind, scene, anew[4]), _draw(kind, scene, decoded[4]))
    assert np.array_equal(_draw(kind, scene, anew[1]), _draw(kind, scene, decoded[1]))


def test_frames_themes_and_phases_differ(kind: Kind[Any, Any], example: Example) -> None:
    scene, decoded = _fitted(kind, example, ClipSpec())
    shown = [_draw(kind, scene, data) for data in decoded]
    assert len({picture.tobytes() for picture in shown}) == len(shown)
    between = _draw(kind, scene, decoded[0], following=decoded[5], phase=0.5)
    assert not any(np.array_equal(between, picture) for picture in shown)
    assert np.array_equal(_draw(kind, scene, decoded[0], following=decoded[5]), shown[0])
    for theme in THEMES:
        wide = kind.draw(
            scene,
            decoded[0],
            earlier=[],
            following=None,
            phase=0.0,
            size=(900, 90),
            theme=theme,
        )
        assert (wide[0, 0] == raster.PALETTES[theme].background).all()


def test_the_trail_is_drawn(kind: Kind[Any, Any], example: Example) -> None:
    scene, decoded = _fitted(kind, example, ClipSpec())
    alone = _draw(kind, scene, decoded[5])
    behind = [_draw(kind, scene, decoded[5], earlier=decoded[5 - n : 5]) for n in (1, 2)]
    if kind.trail(ClipSpec()):
        assert not np.array_equal(alone, behind[0])
        assert not np.array_equal(behind[0], behind[1])


def test_no_frames(kind: Kind[Any, Any], example: Example) -> None:
    scene = kind.fit([], ClipSpec())
    json.dumps(kind.describe(scene), allow_nan=False)
    assert min(kind.size(scene, ClipSpec())) >= 64
    data = kind.decode(_frames(example)[0], ClipSpec())
    if kinds.is_placed(kind):
        data = kind.place(scene, data)
    assert _draw(kind, scene, data).shape == (60, 80, 3)


def test_broken_frames(kind: Kind[Any, Any], example: Example) -> None:
    for frame in [
        *(Frame(3, 0.0, payload) for payload in example.broken),
        Frame(3, 0.0, None, "The file ends in the middle of this record."),
        Frame(3, 0.0, None),
    ]:
        with pytest.raises(ValueError) as raised:  # noqa: PT011
            kind.decode(frame, ClipSpec())
        assert re.fullmatch(r"[A-Z].*\.", str(raised.value))
        assert len(str(raised.value)) < 200
        if frame.data is None:
            with pytest.raises(ValueError, match=re.escape(frame.error or "could not be read")):
                _sent(kind, kind.fit([], ClipSpec()), frame)


def test_the_scene_is_json_and_the_wire_bytes(kind: Kind[Any, Any], example: Example) -> None:
    scene, _ = _fitted(kind, example, ClipSpec())
    described = kind.describe(scene)
    assert json.loads(json.dumps(described, allow_nan=False)) == described
    sent = [_sent(kind, scene, frame) for frame in _frames(example)]
    assert all(isinstance(data, bytes) and data for data in sent)
    assert len(set(map(str, sent))) == len(sent)


def test_options_are_the_same_everywhere(name: str, example: Example) -> None:
    for option, (text, value) in example.options.items():
        expected = ClipSpec(options={option: value})
        assert params.from_query({option: [text]}) == expected
        assert params.from_values({option: value}) == expected
        parser = argparse.ArgumentParser()
        params.add_arguments(parser)
        field = fields.of_kinds()[option][1]
        assert params.from_arguments(parser.parse_args([field.option, text])) == expected
        refused = example.refused.get(option, "nonsense")
        said = re.escape(f"{option} is {quoted(refused)}; it must be {field.accepts}.")
        with pytest.raises(errors.AnimateError, match=f"^{said}$"):
            params.from_query({option: [refused]})
        scene = scenes.describe([_index(name)], expected)
        assert scene[option] == value
        assert scene[option] != scenes.describe([_index(name)], ClipSpec())[option]


def test_words_within_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    for title, word in (("Point clouds", "point clouds"), ("ROC curves", "ROC curves")):
        monkeypatch.setattr(kinds.get("image"), "title", title, raising=False)
        assert kinds.words(["image"]) == [word]


def test_an_option_of_another_kind_is_refused(name: str) -> None:
    index = _index(name)
    source = MemorySource([index])
    for example in EXAMPLES.values():
        for option, (_, value) in example.options.items():
            spec = ClipSpec(options={option: value})
            calls: Sequence[Any] = (
                lambda spec=spec: scenes.describe([index], spec),
                lambda spec=spec: limits.check_options([index.series], spec),
                lambda spec=spec: export.plan(source, [index.series.id], spec, encoders.get("gif")),
            )
            for call in calls:
                if option in EXAMPLES[name].options:
                    call()
                    continue
                with pytest.raises(errors.AnimateError, match=rf"^{option} is an option of "):
                    call()


def test_scenes_of_several_series(kind: Kind[Any, Any], name: str) -> None:
    both = [_index(name, "a"), _index(name, "b", first=2)]
    plan = export.plan(
        MemorySource(both), [one.series.id for one in both], ClipSpec(), encoders.get("gif")
    )
    assert (plan.tracks[0].scene is plan.tracks[1].scene) == kind.shares_scene
    if kind.shares_scene:
        told = scenes.describe(both, ClipSpec())
        assert (told["fitted"], told["frames"]) == (min(12, 2 * kind.fit_frames), 12)
    assert b"".join(plan.encode()).startswith(b"GIF89a")


def trails(
    kind: Kind[Any, Any],
    index: MemoryIndex,
    spec: ClipSpec,
    most: int,
    monkeypatch: pytest.MonkeyPatch,
) -> tuple[ClipSpec, list[tuple[int, list[int]]]]:
    """Makes a clip with a trail, where the kind has one; its steps and those of their trails."""
    if "trail" in EXAMPLES[index.series.kind].options:
        spec = dataclasses.replace(spec, options={"trail": most})
    plan = export.plan(MemorySource([index]), [index.series.id], spec, encoders.get("gif"))
    index.reads.clear()
    asked: list[tuple[int, list[int]]] = []
    draw = kind.draw

    def watch(scene: Any, data: Any, *, earlier: Sequence[Any], **rest: Any) -> Any:
        asked.append((data.step, [one.step for one in earlier]))
        return draw(scene, data, earlier=earlier, **rest)

    monkeypatch.setattr(kind, "draw", watch, raising=False)
    for _ in plan.encode():
        pass
    assert asked
    return spec, asked


def test_a_clip_asks_for_the_trail_and_reads_each_frame_once(
    kind: Kind[Any, Any], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = _index(name)
    spec = ClipSpec(tween=1, loop="bounce", max_frames=6)
    spec, asked = trails(kind, index, spec, 3, monkeypatch)
    most = kind.trail(spec)
    for step, earlier in asked:
        assert earlier == list(range(max(step - most, 0), step))[: most or 0]
    # There, and what was forgotten on the way back.
    assert index.reads == [*range(6), *range(6 - reel.KEPT - most)[::-1]]


@pytest.mark.parametrize("tween", [0, 1])
@pytest.mark.parametrize("cut", [{"start_step": 4}, {"every": 3}, {"max_frames": 2}])
def test_the_trail_is_the_series_own_as_on_the_page(
    name: str, cut: dict[str, int], tween: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also of frames that the clip passes over or begins after; and each is read once."""
    kind, index = kinds.get(name), _index(name)
    spec = ClipSpec(tween=tween, **cut)  # type: ignore[arg-type]
    spec, asked = trails(kind, index, spec, 2, monkeypatch)
    most = kind.trail(spec)
    for step, earlier in asked:
        assert earlier == list(range(max(step - most, 0), step))
    assert len(set(index.reads)) == len(index.reads)


def test_a_placed_kind_keeps_frames_where_they_are(kind: Kind[Any, Any], example: Example) -> None:
    if not kinds.is_placed(kind):
        return
    spec = ClipSpec()
    decoded = [kind.decode(frame, spec) for frame in _frames(example)]
    first = kind.fit(decoded[:4], spec)
    grown = kind.extend(first, decoded[4:], spec)
    again = kind.fit(decoded, spec, before=first)
    assert kind.key(grown) == kind.key(first)
    for data in decoded[:4]:
        packed = kind.pack(kind.place(first, data))
        assert kind.pack(kind.place(grown, data)) == packed
        assert kind.pack(kind.place(first, data)) == packed
    assert kind.key(again) != kind.key(first)
    assert msgpack.unpackb(msgpack.packb(kind.table(grown))) == kind.table(grown)
    assert kind.weight(grown) > 0
    told: list[tuple[int, int]] = []
    kind.fit(decoded, spec, progress=lambda *of: told.append(of))
    assert told[-1][0] == told[-1][1] > 0
    assert told == sorted(told)


def test_what_decides_a_placed_scene(kind: Kind[Any, Any], example: Example) -> None:
    if not kinds.is_placed(kind):
        return
    decoded = [kind.decode(frame, ClipSpec()) for frame in _frames(example)]
    scene = kind.fit(decoded, ClipSpec())
    for option, (_, value) in example.options.items():
        spec = ClipSpec(options={option: value})
        if kind.fitted(spec) == kind.fitted(ClipSpec()):
            dressed = kind.dress(scene, spec)
            assert kind.describe(dressed)[option] == value
            assert kind.key(dressed) == kind.key(scene)
            assert kind.describe(scene)[option] != value
        else:
            hash(kind.fitted(spec))
            assert kind.key(kind.fit(decoded, spec)) != kind.key(scene)


def _draw(
    kind: Kind[Any, Any],
    scene: Any,
    data: Any,
    *,
    earlier: Sequence[Any] = (),
    following: Any = None,
    phase: float = 0.0,
) -> NDArray[np.uint8]:
    return kind.draw(
        scene,
        data,
        earlier=earlier,
        following=following,
        phase=phase,
        size=(80, 60),
        theme="light",
    )
