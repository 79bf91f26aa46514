"""The composer: frames in, a file out, nothing held."""

from __future__ import annotations

import tracemalloc
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import gif_blocks
from decoders import decode
from logs import encode
from memory_source import MemoryIndex, MemorySource, flat, images, moving
from tb_animate import captions, encoders, errors, export, limits, scenes
from tb_animate.encoders import Picture
from tb_animate.kinds import raster
from tb_animate.model import ClipSpec, FrameIndex, Loop

pytestmark = pytest.mark.oldest

GIF = encoders.get("gif")
LEVELS = [0, 50, 100, 150, 200, 250]


def _series(count: int = 6, **names: Any) -> MemoryIndex:
    return images({10 * n: [flat(LEVELS[n % 6])] for n in range(count)}, **names)


def _plan(indexes: Sequence[MemoryIndex], spec: ClipSpec | None = None) -> export.Plan:
    source = MemorySource(indexes)
    return export.plan(source, [index.series.id for index in indexes], spec or ClipSpec(), GIF)


def _clip(indexes: Sequence[MemoryIndex], spec: ClipSpec) -> tuple[bytes, list[NDArray[np.uint8]]]:
    plan = _plan(indexes, spec)
    data = b"".join(plan.encode())
    pictures = decode("gif", data).pictures
    assert len(pictures) == plan.pictures
    assert {one.shape for one in pictures} == {(*plan.size[::-1], 3)}
    return data, pictures


def _levels(pictures: Sequence[NDArray[np.uint8]]) -> list[int]:
    """The level of grey in the middle of each picture."""
    return [int(p[p.shape[0] // 2, p.shape[1] // 2, 0]) for p in pictures]


class Recorder:
    """An encoder that keeps what it gets, for what a GIF cannot show."""

    name, suffix, mime_type = "record", ".rec", "text/plain"
    max_fps, max_side = 1000.0, 4096

    def __init__(self) -> None:
        self.pictures: list[Picture] = []

    def encode(self, pictures: Any, size: tuple[int, int], loop: str) -> Any:
        for picture in pictures:
            self.pictures.append(picture)
            yield b"."


def _recorded(indexes: Sequence[MemoryIndex], spec: ClipSpec) -> list[Picture]:
    encoder = Recorder()
    source = MemorySource(indexes)
    plan = export.plan(source, [index.series.id for index in indexes], spec, encoder)
    assert len(list(plan.encode())) == plan.pictures
    return encoder.pictures


# One series


def test_a_clip_decodes_to_what_was_logged() -> None:
    data, pictures = _clip([_series()], ClipSpec(fps=5, hold=1))
    assert pictures[0].shape == (128, 128, 3)
    for level, picture in zip(LEVELS, pictures, strict=True):
        assert (picture == level).all()
    blocks = gif_blocks.read(data)
    assert blocks.delays == [20] * 5 + [120]
    assert blocks.loop == 0


def test_bounce_and_once() -> None:
    data, pictures = _clip([_series(4)], ClipSpec(loop="bounce"))
    assert _levels(pictures) == [0, 50, 100, 150, 100, 50]
    assert gif_blocks.read(data).loop == 0
    data, pictures = _clip([_series(4)], ClipSpec(loop="once"))
    assert _levels(pictures) == [0, 50, 100, 150]
    assert gif_blocks.read(data).loop is None


def test_tween_there_and_back() -> None:
    _, pictures = _clip([_series(3)], ClipSpec(loop="bounce", tween=1))
    assert _levels(pictures) == [0, 25, 50, 75, 100, 75, 50, 25]


def test_the_choice_of_frames() -> None:
    spec = ClipSpec(start_step=10, end_step=50, every=2)
    assert _levels(_clip([_series()], spec)[1]) == [50, 150, 250]
    assert _levels(_clip([_series()], ClipSpec(max_frames=2))[1]) == [0, 250]


def test_a_single_frame() -> None:
    loops: list[Loop] = ["forever", "bounce", "once"]
    for loop in loops:
        spec = ClipSpec(loop=loop, tween=3)
        assert _levels(_clip([_series(1)], spec)[1]) == [0]


def test_only_chosen_frames_are_read() -> None:
    index = _series(5000)
    plan = _plan([index], ClipSpec(max_frames=200))
    assert len(index.reads) == 64
    index.reads.clear()
    for _ in plan.encode():
        pass
    assert len(index.reads) == 200 == len(set(index.reads))


def test_each_frame_is_read_once_on_each_way() -> None:
    index = _series(10)
    plan = _plan([index], ClipSpec(loop="bounce", tween=2))
    index.reads.clear()
    list(plan.encode())
    assert index.reads == [*range(10), *range(7, -1, -1)]


# Size


@pytest.mark.parametrize(
    ("fields", "size"),
    [
        ({}, (160, 80)),
        ({"width": 100}, (100, 50)),
        ({"height": 100}, (200, 100)),
        ({"width": 70, "height": 90}, (70, 90)),
        ({"caption": True}, (160, 80 + 3 * captions.LINE)),
        ({"caption": True, "width": 100}, (100, 50 + 3 * captions.LINE)),
        ({"caption": True, "height": 166}, (200, 166)),
        ({"caption": True, "width": 100, "height": 100}, (100, 100)),
    ],
)
def test_size(fields: dict[str, Any], size: tuple[int, int]) -> None:
    index = images({0: [flat(3, (160, 80))]})
    plan = _plan([index], ClipSpec(**fields))
    assert plan.size == size
    picture = next(plan._pictures(lambda done, total: None))
    assert picture.pixels.shape == (size[1], size[0], 3)


def test_content_is_contained_in_a_size_of_another_aspect() -> None:
    _, (picture,) = _clip(
        [images({0: [flat(3, (160, 80))]})], ClipSpec(width=100, height=100, theme="dark")
    )
    assert (picture[25:75] == 3).all()
    assert (picture[:25] == (58, 58, 58)).all()
    assert (picture[75:] == (58, 58, 58)).all()


def test_the_natural_size_of_many_runs_is_reduced() -> None:
    runs = [images({0: [flat(0, (3000, 1500))]}, run=str(n)) for n in range(4)]
    assert _plan(runs).size == (4096, 2048)


# Several series


def test_runs_are_in_step() -> None:
    first = images({0: [flat(10)], 10: [flat(20)], 20: [flat(30)]}, run="a")
    second = images({5: [flat(110)], 20: [flat(120)], 40: [flat(130)]}, run="b")
    _, pictures = _clip([first, second], ClipSpec())
    assert pictures[0].shape == (128, 256, 3)
    left = [int(p[64, 64, 0]) for p in pictures]
    right = [int(p[64, 192, 0]) for p in pictures]
    assert left == [10, 10, 20, 30, 30]
    assert right == [255, 110, 110, 120, 130]


def test_only_what_changes_is_blended() -> None:
    first = images({0: [flat(0)], 20: [flat(100)]}, run="a")
    second = images({10: [flat(200)], 20: [flat(100)]}, run="b")
    _, pictures = _clip([first, second], ClipSpec(tween=1))
    assert [int(p[64, 64, 0]) for p in pictures] == [0, 0, 0, 50, 100]
    assert [int(p[64, 192, 0]) for p in pictures] == [255, 255, 200, 150, 100]


def test_cells_are_of_one_size() -> None:
    indexes = [
        images({0: [flat(1, (200, 200))]}, run="a"),
        images({0: [flat(2, (100, 300))]}, run="b"),
        images({0: [flat(3, (200, 300))]}, run="c"),
    ]
    _, (picture,) = _clip(indexes, ClipSpec())
    assert picture.shape == (600, 400, 3)
    assert (picture[50:250, :200] == 1).all()
    assert (picture[:50, :200] == 255).all()
    assert (picture[:300, 250:350] == 2).all()
    assert (picture[300:, :200] == 3).all()
    assert (picture[300:, 200:] == 255).all()


def test_what_whole_pixels_leave_over_is_a_margin() -> None:
    indexes = [images({0: [flat(1)]}, run=run) for run in "ab"]
    _, (picture,) = _clip(indexes, ClipSpec(width=33, height=18))
    assert (picture[1:17, 0:32] == 1).all()
    assert (picture[:, 32] == 255).all()


# Moving samples


def test_a_moving_frame_plays_within_its_time() -> None:
    index = images({0: [moving([0, 50, 100])], 1: [flat(7)], 2: [moving([200, 250])]})
    pictures = _recorded([index], ClipSpec(fps=2, hold=1))
    assert _levels([p.pixels for p in pictures]) == [0, 50, 100, 7, 200, 250]
    expected = [1 / 6] * 3 + [0.5, 0.25, 1.25]
    assert [p.duration for p in pictures] == pytest.approx(expected)


def test_backwards_it_plays_in_reverse() -> None:
    index = images({0: [flat(1)], 1: [moving([10, 20, 30])], 2: [flat(2)]})
    pictures = _recorded([index], ClipSpec(fps=2, loop="bounce"))
    assert _levels([p.pixels for p in pictures]) == [1, 10, 20, 30, 2, 30, 20, 10]


def test_its_pictures_are_never_too_short() -> None:
    index = images({0: [moving(list(range(0, 250, 10)))]})
    pictures = _recorded([index], ClipSpec(fps=10))
    assert [p.duration for p in pictures] == pytest.approx([0.02] * 5)
    assert _levels([p.pixels for p in pictures]) == [0, 50, 100, 150, 200]


def test_with_tween_it_moves_and_is_not_blended() -> None:
    index = images({0: [moving([0, 40])], 1: [flat(200)]})
    pictures = _recorded([index], ClipSpec(tween=3))
    assert _levels([p.pixels for p in pictures]) == [0, 0, 40, 40, 200]


def test_with_tween_it_plays_where_nothing_is_blended() -> None:
    video = moving([10, 60, 110, 160])
    alone = _recorded([images({0: [video]})], ClipSpec(fps=2, tween=2))
    assert _levels([p.pixels for p in alone]) == [10, 60, 110, 160]
    assert [p.duration for p in alone] == pytest.approx([0.125] * 4)
    ends = _recorded([images({0: [flat(0)], 1: [video]})], ClipSpec(fps=2, tween=1, hold=1))
    assert _levels([p.pixels for p in ends]) == [0, 5, 10, 60, 110, 160]
    assert [p.duration for p in ends] == pytest.approx([0.25, 0.25, *[0.125] * 3, 1.125])


def test_with_tween_all_of_its_pictures_are_shown() -> None:
    index = images({0: [moving([0, 50, 100, 150])], 1: [flat(200)]})
    pictures = _recorded([index], ClipSpec(fps=2, tween=1))
    assert _levels([p.pixels for p in pictures]) == [0, 50, 100, 150, 200]
    assert [p.duration for p in pictures] == pytest.approx([0.125] * 4 + [0.5])


@pytest.mark.parametrize("loop", ["bounce", "forever"])
def test_with_tween_it_plays_in_reverse_on_the_way_back(loop: Any) -> None:
    # As on the page: a frame has the time until the one before it, and is blended into the
    # first picture of one that moves.
    index = images({0: [flat(0)], 1: [moving([20, 40])], 2: [flat(100)], 3: [moving([150, 200])]})
    spec = ClipSpec(fps=2, tween=1, loop=loop, reverse=loop == "forever", hold=1)
    pictures = _recorded([index], spec)
    way = [200, 150, 100, 60, 40, 20, 0]
    there = [0, 10, 20, 40, 100, 125]
    expected = [*there, *way[:-1]] if loop == "bounce" else way
    assert _levels([p.pixels for p in pictures]) == expected
    held = next(p for p in pictures if p.pixels[64, 64, 0] == 200)
    assert held.duration == pytest.approx(1.25)
    assert sum(p.duration for p in pictures) == pytest.approx(4 if loop == "bounce" else 3)


def test_beside_one_that_moves_others_are_blended_as_finely() -> None:
    first = images({0: [moving([0, 50, 100, 150])], 1: [flat(200)]}, run="a")
    second = images({0: [flat(0)], 1: [flat(100)]}, run="b")
    pictures = _recorded([first, second], ClipSpec(fps=2, tween=1))
    seen = [(int(p.pixels[64, 64, 0]), int(p.pixels[64, -64, 0])) for p in pictures]
    assert seen == [(0, 0), (50, 25), (100, 50), (150, 75), (200, 100)]


def test_parts_beyond_the_frames_that_fit_looks_at_are_counted() -> None:
    index = images({n: [moving([n, n + 1] if n % 2 else [n])] for n in range(200)})
    assert _plan([index], ClipSpec(fps=5)).pictures == 300


def test_samples_beyond_those_of_the_frames_that_fit_looks_at_are_drawn() -> None:
    four = [flat(50)] * 4
    frames = dict.fromkeys(range(200), four)
    frames[74] = [*four, *[flat(200)] * 5]
    plan = _plan([images(frames)])
    assert plan.size == (256, 256)  # the scene has looked at steps of four
    usual, full = (picture.pixels for picture in plan.some(73, 75))
    assert (usual == 50).all()
    drawn = [full[40 + 85 * (nth // 3), 40 + 85 * (nth % 3), 0] for nth in range(9)]
    assert drawn == [50] * 4 + [200] * 5


# Broken frames


def test_a_broken_frame_says_so_and_the_rest_plays() -> None:
    noise = encode(np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8))
    index = images(
        {
            0: [flat(0, (32, 32))],
            1: "The file ends in the middle of this record.",
            2: [b"no image"],
            3: [noise[: len(noise) // 2]],
            4: [flat(100, (32, 32))],
        }
    )
    for spec in (ClipSpec(tween=1), ClipSpec(loop="bounce"), ClipSpec(caption=True)):
        _, pictures = _clip([index], spec)
        every = spec.tween + 1
        top = 2 * captions.LINE if spec.caption else 0
        assert (pictures[0][top : top + 128] == 0).all()
        assert (pictures[4 * every][top : top + 128] == 100).all()
        for broken in (every, 2 * every, 3 * every):
            shown = pictures[broken][top : top + 128]
            assert (shown[0] == raster.PALETTES["light"].surface).all()
            assert shown.min() < 128, "words"


def test_all_frames_broken_is_still_a_clip() -> None:
    _, pictures = _clip([images({0: [b"?"], 1: "gone."})], ClipSpec())
    assert len(pictures) == 2


# Limits


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"sample": 1}, r"sample 1.*'generated'.*'train'.*1 sample,"),
        ({"start_step": 51}, r"from step 51;.*0 to 50"),
        ({"start_step": 41, "end_step": 49}, r"from step 41 up to step 49;"),
        ({"fps": 51}, r"fps 51 makes 51 .*gif.*50; lower fps\."),
        ({"fps": 30, "tween": 1}, r"makes 60 .*50; lower fps or tween\."),
        ({"caption": True, "height": 66}, r"no room.*captions.*larger"),
        ({"width": 1, "caption": True, "height": 5}, r"no room"),
    ],
)
def test_what_cannot_be_met(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(errors.AnimateError, match=message) as raised:
        _plan([_series()], ClipSpec(**fields))
    assert raised.value.status == 400


def test_fifty_pictures_a_second_are_kept() -> None:
    assert _plan([_series()], ClipSpec(fps=50)).pictures == 6
    assert _plan([_series()], ClipSpec(fps=10, tween=4)).pictures == 26


def test_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    tall = images({0: [flat(0, (10, 100))]})
    with pytest.raises(errors.TooLarge, match=r"4096 x 40960.*smaller width"):
        _plan([tall], ClipSpec(width=4096))
    monkeypatch.setattr(limits, "MAX_CLIP_PIXELS", 6 * 128 * 128 - 1)
    with pytest.raises(errors.TooLarge, match=r"6 pictures of 128 x 128 .* 5 is the most"):
        _plan([_series()])
    monkeypatch.setattr(limits, "MAX_PICTURES", 5)
    with pytest.raises(errors.TooLarge, match=r"6 pictures, and 5 .*max_frames"):
        _plan([_series()])


def test_no_such_series() -> None:
    with pytest.raises(errors.NotFound):
        export.plan(MemorySource(), ["x"], ClipSpec(), GIF)
    with pytest.raises(errors.AnimateError, match="at least one"):
        export.plan(MemorySource(), [], ClipSpec(), GIF)


def test_an_empty_series() -> None:
    with pytest.raises(errors.AnimateError, match="No frame"):
        _plan([images({})])


# Streaming


def test_progress() -> None:
    calls: list[tuple[int, int]] = []
    for _ in _plan([_series()]).encode(lambda done, total: calls.append((done, total))):
        pass
    assert calls == [(n, 6) for n in range(7)]


def test_closing_stops_the_work() -> None:
    index = _series()
    plan = _plan([index])
    index.reads.clear()
    pieces = plan.encode()
    next(pieces), next(pieces)
    assert index.reads == [0]
    pieces.close()  # type: ignore[attr-defined]
    assert index.reads == [0]
    assert list(pieces) == []


def test_what_progress_raises_ends_the_work() -> None:
    index = _series()
    plan = _plan([index])
    index.reads.clear()

    def progress(done: int, total: int) -> None:
        if done == 2:
            raise ConnectionAbortedError

    with pytest.raises(ConnectionAbortedError):
        for _ in plan.encode(progress):
            pass
    assert index.reads == [0, 1]


def test_a_plan_can_be_made_twice() -> None:
    plan = _plan([_series()])
    assert list(plan.encode()) == list(plan.encode())


def test_a_series_that_grows_does_not_change_the_plan() -> None:
    class Growing(MemorySource):
        opened = 0

        def open(self, series_id: str) -> FrameIndex:
            self.opened += 1
            return super().open(series_id)

    index = _series()
    source = Growing([index])
    plan = export.plan(source, [index.series.id], ClipSpec(), GIF)
    source.indexes[index.series.id] = _series(50)
    assert len(gif_blocks.read(b"".join(plan.encode())).delays) == plan.pictures == 6
    assert source.opened == 1


def test_memory_does_not_grow_with_length() -> None:
    pool = [
        encode(np.random.default_rng(n).integers(0, 256, (64, 64), dtype=np.uint8))
        for n in range(5)
    ]

    def peak(count: int) -> int:
        index = images({n: [pool[n % 5]] for n in range(count)})
        plan = _plan([index], ClipSpec(tween=1, width=256))
        tracemalloc.start()
        try:
            for _ in plan.encode():
                pass
            return tracemalloc.get_traced_memory()[1] - (1 << 24)
        finally:
            tracemalloc.stop()

    peak(3)
    # The course itself, some numbers for each picture, is a small part of this.
    assert 0 < peak(300) < 1.5 * peak(30)


def test_the_scene_for_the_browser() -> None:
    index = images({0: [flat(0, (9, 5)), flat(0)], 1: [b"broken"], 2: "gone."})
    looked_at = {"fitted": 3, "frames": 3}
    told = scenes.describe([index], ClipSpec())
    assert told.items() >= {"width": 9, "height": 8, "samples": 2, **looked_at}.items()
    told = scenes.describe([index], ClipSpec(sample=1))
    assert told.items() >= {"width": 8, "height": 8, "samples": 1, **looked_at}.items()
    with pytest.raises(errors.AnimateError, match="2 samples"):
        scenes.describe([index], ClipSpec(sample=2))
    with pytest.raises(errors.AnimateError, match=r"a scene for each series; ask for one"):
        scenes.describe([index, images({0: [flat(0)]}, run="b")], ClipSpec())
    other = images({0: np.ones((2, 3))}, tag="weights", kind="histogram")
    with pytest.raises(errors.AnimateError, match=r"several kinds \(image, histogram\)"):
        scenes.describe([index, other], ClipSpec())
