"""Estimates against what the file takes, and clips that are made to fit."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image

from decoders import Pixels, decode
from gif_clips import dots, fading, hills, natural
from logs import encode
from memory_source import MemoryIndex, MemorySource, flat, images
from tb_animate import budget, encoders, errors, estimate, export, ladder, preview
from tb_animate.encoders import ENCODERS
from tb_animate.model import ClipSpec

FRAMES = 16


def still(nth: int) -> Pixels:
    """All of a picture is told once, and hardly anything after that."""
    pixels = natural(0, 64, 64).copy()
    pixels[:6, :6] = 8 * nth
    return pixels


def grain(nth: int) -> Pixels:
    return natural(nth, 64, 64)


SETS: dict[str, Callable[[int], Pixels]] = {
    "hills": hills,
    "dots": dots,
    "fading": lambda nth: fading(nth % 10),
    "still": still,
    "grain": grain,
}


def _index(draw: Callable[[int], Pixels], frames: int = FRAMES) -> MemoryIndex:
    return images({10 * nth: [encode(draw(nth))] for nth in range(frames)})


def _plan(index: MemoryIndex, spec: ClipSpec, name: str = "gif") -> export.Plan:
    return export.plan(MemorySource([index]), [index.series.id], spec, encoders.get(name))


@pytest.fixture(scope="module")
def indexes() -> dict[str, MemoryIndex]:
    return {name: _index(draw) for name, draw in SETS.items()}


# Estimates


@pytest.mark.parametrize("name", ENCODERS)
@pytest.mark.parametrize("drawn", SETS)
def test_an_estimate_is_right_within_a_factor_of_two(
    indexes: dict[str, MemoryIndex], drawn: str, name: str
) -> None:
    for spec in (ClipSpec(tween=2, loop="bounce"), ClipSpec(width=200)):
        plan = _plan(indexes[drawn], spec, name)
        size = sum(map(len, plan.encode()))
        assert size / 2 < estimate.of(plan).size < 2 * size


def test_whole_pictures_in_a_long_video_are_counted() -> None:
    plan = _plan(_index(still, 20), ClipSpec(fps=5, tween=19), "webm")
    size = sum(map(len, plan.encode()))
    found = estimate.of(plan)
    assert found.first * (plan.pictures // found.key_every) > size / 4, "or this tests nothing"
    assert size / 2 < found.size < 2 * size


def test_an_estimate_draws_a_few_pictures_only() -> None:
    index = images({nth: [flat(nth % 250)] for nth in range(3000)})
    plan = _plan(index, ClipSpec())
    index.reads.clear()
    assert estimate.of(plan).pictures == 3000
    assert len(set(index.reads)) <= estimate.MOST_PICTURES
    assert min(index.reads) < 1000 < 2000 < max(index.reads)


def test_a_clip_of_one_picture() -> None:
    plan = _plan(_index(grain, 1), ClipSpec())
    assert estimate.of(plan).size == sum(map(len, plan.encode()))


# The ladder


def _described(plan: export.Plan) -> tuple[int, int, float, tuple[int, int]]:
    return plan.spec.tween, len(plan.parts), round(plan.spec.fps, 6), plan.size


def test_the_least_harmful_comes_first() -> None:
    plan = _plan(images({n: [flat(n, (800, 600))] for n in range(41)}), ClipSpec(fps=15, tween=2))
    found = [_described(plan.again(spec)) for spec in ladder.steps(plan)]
    assert found[0] == _described(plan)
    assert [row[:2] for row in found[:4]] == [(2, 41), (1, 41), (0, 41), (0, 21)]
    assert all(size == (800, 600) for _, _, _, size in found[:4])
    sizes = [size for _, _, _, size in found[4:]]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0][0] == 672
    assert sizes[-1] == (128, 96)
    # Down to 320 pixels first, then the last frames go, then it gets as small as it may.
    assert [frames for _, frames, _, size in found if size == (320, 240)] == [21, 11, 6]
    assert found[-1][1:3] == (6, round(15 * 6 / 41, 6))


@pytest.mark.parametrize("loop", ["forever", "bounce", "once"])
@pytest.mark.parametrize("frames", [2, 3, 9, 10, 40])
def test_every_step_takes_as_long(loop: Any, frames: int) -> None:
    index = images({10 * nth: [flat(nth, (400, 300))] for nth in range(frames)})
    plan = _plan(index, ClipSpec(fps=50, loop=loop, hold=0.5))
    for spec in ladder.steps(plan):
        thin = plan.again(spec)
        assert thin.seconds == pytest.approx(plan.seconds)
        shown = thin.tracks[0].held
        assert (shown[0], shown[-1]) == (0, frames - 1)


@pytest.mark.parametrize(
    ("fields", "last"),
    [
        ({"width": 400}, (128, 96)),
        ({"height": 300}, (128, 96)),
        ({"width": 400, "height": 400}, (128, 128)),
        ({"width": 90}, (90, 68)),
    ],
)
def test_a_size_that_was_asked_for_shrinks_in_proportion(
    fields: dict[str, int], last: tuple[int, int]
) -> None:
    plan = _plan(images({n: [flat(n, (400, 300))] for n in range(3)}), ClipSpec(**fields))
    assert plan.again(ladder.steps(plan)[-1]).size == last


# Clips that fit


def _made(
    index: MemoryIndex, spec: ClipSpec, name: str = "gif"
) -> tuple[export.Plan, bytes, tuple[str, ...]]:
    made = budget.make(_plan(index, spec, name))
    return made.plan, b"".join(made.pieces), made.notes


@pytest.fixture
def encodings(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Pictures of each whole encoding that was begun."""
    begun: list[int] = []
    encode = export.Plan.encode

    def counted(self: export.Plan, progress: Any = None) -> Any:
        begun.append(self.pictures)
        return encode(self, progress)

    monkeypatch.setattr(export.Plan, "encode", counted)
    return begun


def test_what_fits_is_left_as_it_is(indexes: dict[str, MemoryIndex], encodings: list[int]) -> None:
    _, free, _ = _made(indexes["hills"], ClipSpec())
    plan, data, notes = _made(indexes["hills"], ClipSpec(max_bytes=len(free)))
    assert (data, notes, plan.pictures) == (free, (), FRAMES)
    assert len(encodings) == 2


@pytest.mark.parametrize("name", ENCODERS)
@pytest.mark.parametrize("share", [0.99, 0.2])
def test_a_clip_is_made_to_fit(
    indexes: dict[str, MemoryIndex], encodings: list[int], name: str, share: float
) -> None:
    spec = ClipSpec(width=200, tween=1)
    _, free, _ = _made(indexes["grain"], spec, name)
    encodings.clear()
    most = int(share * len(free))
    plan, data, (note,) = _made(indexes["grain"], dataclasses.replace(spec, max_bytes=most), name)
    assert len(data) <= most
    assert len(encodings) <= budget.ENCODINGS
    found = decode(name, data)
    assert len(found.pictures) == plan.pictures
    height, width = found.pictures[0].shape[:2]
    assert (width, height) == plan.size
    assert sum(found.durations) == pytest.approx(1.6, abs=0.06)
    assert note.startswith(f"Made to fit {budget.units(most)}, with {budget.units(len(data))}: ")
    assert "0 instead of 1 pictures between frames" in note
    # Nothing harmful that was not needed: the step before would have been too large.
    steps = ladder.steps(_plan(indexes["grain"], spec, name))
    at = [(s.tween, s.max_frames, s.width) for s in steps].index(
        (plan.spec.tween, plan.spec.max_frames, plan.spec.width)
    )
    before = _plan(indexes["grain"], steps[at - 1], name)
    assert sum(map(len, before.encode())) > 0.9 * most


def test_estimates_that_are_wrong_cost_no_more_than_four_encodings(
    indexes: dict[str, MemoryIndex], encodings: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    right = estimate.of
    spec = ClipSpec(width=200)
    _, free, _ = _made(indexes["grain"], spec)
    limited = dataclasses.replace(spec, max_bytes=len(free) // 5)
    for wrong in (0.05, 0.3, 3.0):

        def of(plan: export.Plan, progress: Any = None, wrong: float = wrong) -> Any:
            found = right(plan)
            return dataclasses.replace(found, first=wrong * found.first, more=wrong * found.more)

        monkeypatch.setattr(estimate, "of", of)
        encodings.clear()
        _, data, _ = _made(indexes["grain"], limited)
        assert len(data) <= len(free) // 5
        assert len(data) > len(free) // 25, "and what is allowed is made use of"
        assert len(encodings) <= 4


def test_what_cannot_fit_says_what_was_reached(indexes: dict[str, MemoryIndex]) -> None:
    with pytest.raises(errors.TooLarge) as raised:
        _made(indexes["grain"], ClipSpec(max_bytes=2000))
    said = str(raised.value)
    assert said.startswith("The clip cannot be made to fit 2 kB: ")
    assert "pictures of 128 x 128 pixels still take about" in said
    assert "Raise max_bytes" in said


def test_steps_without_room_for_captions_are_none() -> None:
    index = images({n: [encode(natural(n, 40, 400))] for n in range(4)})
    spec = ClipSpec(caption=True, width=400, height=80, max_bytes=2000)
    plan = _plan(index, spec)
    with pytest.raises(errors.AnimateError, match="no room"):
        plan.again(ladder.steps(plan)[-1])
    with pytest.raises(errors.TooLarge, match="cannot be made to fit"):
        _made(index, spec)


def test_what_progress_raises_ends_the_work_at_any_point(indexes: dict[str, MemoryIndex]) -> None:
    calls = 0

    def count(done: int, total: int) -> None:
        nonlocal calls
        calls += 1

    spec = ClipSpec(width=200, max_bytes=60_000)
    for _ in budget.make(_plan(indexes["grain"], spec), count).pieces:
        pass
    assert calls > 20
    for last in (1, 10, calls - 1):
        left = last

        def leave(done: int, total: int) -> None:
            nonlocal left
            left -= 1
            if not left:
                raise ConnectionAbortedError

        with pytest.raises(ConnectionAbortedError):
            budget.make(_plan(indexes["grain"], spec), leave)


@pytest.mark.parametrize(
    ("size", "said"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1000, "1 kB"),
        (12_345, "12.3 kB"),
        (999_400, "999 kB"),
        (999_600, "1 MB"),
        (10_000_000, "10 MB"),
        (3_210_000_000, "3.21 GB"),
    ],
)
def test_bytes_as_people_read_them(size: int, said: str) -> None:
    assert budget.units(size) == said


# Preview


def test_a_preview_shows_pictures_of_the_clip(indexes: dict[str, MemoryIndex]) -> None:
    plan = _plan(indexes["hills"], ClipSpec(loop="bounce", hold=1), "apng")
    clip = decode("apng", b"".join(plan.encode()))
    found = preview.describe(plan, 4)
    assert [one["picture"] for one in found["frames"]] == [0, 10, 19, 29]
    assert [one["steps"] for one in found["frames"]] == [(0,), (100,), (110,), (10,)]
    for one in found["frames"]:
        assert np.array_equal(_png(one["data"]), clip.pictures[one["picture"]])
    assert (found["width"], found["height"]) == plan.size
    assert found["pictures"] == len(clip.pictures)
    assert found["seconds"] == pytest.approx(sum(clip.durations))
    assert found["change"] == ""


def test_a_preview_is_of_the_clip_that_will_be_made(indexes: dict[str, MemoryIndex]) -> None:
    spec = ClipSpec(width=200, max_bytes=100_000)
    found = preview.describe(_plan(indexes["grain"], spec), 3)
    plan, data, (note,) = _made(indexes["grain"], spec)
    assert note.endswith(f"{found['change']}.")
    assert (found["width"], found["height"]) == plan.size
    assert found["pictures"] == plan.pictures
    assert len(data) / 2 < found["bytes"] < 2 * len(data)


def _png(data: bytes) -> Pixels:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
