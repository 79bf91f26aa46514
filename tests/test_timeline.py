"""Which frame is on screen when."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tb_animate import timeline
from tb_animate.model import ClipSpec
from tb_animate.timeline import Beat

_specs = st.builds(
    ClipSpec,
    fps=st.floats(0.1, 60),
    loop=st.sampled_from(["forever", "bounce", "once"]),
    hold=st.floats(0, 60),
    tween=st.integers(0, 30),
    reverse=st.booleans(),
)
_steps = st.lists(st.integers(-(2**63), 2**63 - 1), unique=True, max_size=30).map(sorted)


def _indices(count: int, spec: ClipSpec) -> list[int]:
    return [beat.index for beat in timeline.beats(count, spec)]


def test_forward() -> None:
    spec = ClipSpec(fps=4, hold=1)
    assert timeline.beats(3, spec) == [
        Beat(0, 0.0, 0.25, False),
        Beat(1, 0.0, 0.25, False),
        Beat(2, 0.0, 1.25, False),
    ]


def test_tween_shares_the_time_of_a_frame() -> None:
    assert timeline.beats(2, ClipSpec(fps=5, tween=1)) == [
        Beat(0, 0.0, 0.1, False),
        Beat(0, 0.5, 0.1, False),
        Beat(1, 0.0, 0.2, False),
    ]


def test_bounce_shows_neither_end_twice() -> None:
    spec = ClipSpec(loop="bounce")
    assert _indices(0, spec) == []
    assert _indices(1, spec) == [0]
    assert _indices(2, spec) == [0, 1]
    assert _indices(4, spec) == [0, 1, 2, 3, 2, 1]
    assert [beat.backwards for beat in timeline.beats(3, spec)] == [False, False, False, True]


def test_reverse() -> None:
    spec = ClipSpec(fps=4, hold=1, reverse=True)
    assert timeline.beats(3, spec) == [
        Beat(2, 0.0, 1.25, True),
        Beat(1, 0.0, 0.25, True),
        Beat(0, 0.0, 0.25, True),
    ]
    assert timeline.beats(1, spec) == [Beat(0, 0.0, 1.25, True)]
    assert timeline.beats(0, spec) == []


def test_reverse_with_pictures_between_ends_with_a_whole_frame() -> None:
    course = timeline.beats(3, ClipSpec(fps=1, tween=1, reverse=True))
    assert [(beat.index + beat.phase, beat.duration) for beat in course] == [
        (2, 0.5),
        (1.5, 0.5),
        (1, 0.5),
        (0.5, 0.5),
        (0, 1.0),
    ]


@given(st.integers(0, 20), _specs)
def test_a_reversed_clip_has_the_same_pictures_and_length(count: int, spec: ClipSpec) -> None:
    there = timeline.beats(count, dataclasses.replace(spec, reverse=False))
    back = timeline.beats(count, dataclasses.replace(spec, reverse=True))

    def seen(course: list[Beat]) -> list[tuple[int, float]]:
        return sorted((beat.index, beat.phase) for beat in course)

    assert seen(there) == seen(back)
    total = sum(beat.duration for beat in there)
    assert sum(beat.duration for beat in back) == pytest.approx(total)
    if count:
        assert (back[0].index, back[0].phase) == (count - 1, 0.0)
    if spec.loop == "bounce" and count > 1:
        # The same circle, entered at its turning point.
        at = there.index(back[0])
        assert there[at:] + there[:at] == back


def test_bounce_passes_the_same_pictures_on_the_way_back() -> None:
    course = timeline.beats(3, ClipSpec(loop="bounce", tween=1, fps=1, hold=2))
    assert [(beat.index + beat.phase, beat.duration) for beat in course] == [
        (0, 0.5),
        (0.5, 0.5),
        (1, 0.5),
        (1.5, 0.5),
        (2, 2.5),
        (1.5, 0.5),
        (1, 0.5),
        (0.5, 0.5),
    ]


@given(count=st.integers(0, 50), spec=_specs)
def test_beats_in_general(count: int, spec: ClipSpec) -> None:
    course = timeline.beats(count, spec)
    assert len(course) == timeline.length(count, spec)
    assert all(0 <= beat.index < count and 0 <= beat.phase < 1 for beat in course)
    assert all(beat.duration > 0 for beat in course)
    assert all(beat.phase == 0 for beat in course if beat.index == count - 1)
    assert {beat.index for beat in course} == set(range(count))
    # Neighbours, also the last and the first of a bouncing clip, are one picture apart.
    places = [beat.index + beat.phase for beat in course]
    if spec.loop == "bounce" and count > 1:
        places.append(places[0])
        total = 2 * (count - 1) / spec.fps + spec.hold
    else:
        total = count / spec.fps + spec.hold if count else 0
    gaps = np.abs(np.diff(places))
    assert np.allclose(gaps, 1 / (spec.tween + 1))
    assert sum(beat.duration for beat in course) == pytest.approx(total)


@given(count=st.integers(0, 300), most=st.integers(0, 40))
def test_spread_is_even(count: int, most: int) -> None:
    positions = timeline.spread(count, most)
    assert len(positions) == min(count, most)
    if len(positions) > 1:
        assert positions[0] == 0
        assert positions[-1] == count - 1
        gaps = np.diff(positions)
        assert gaps.min() >= 1
        assert gaps.max() - gaps.min() <= 1


def test_select() -> None:
    steps = [0, 10, 20, 30, 40, 50, 60]
    assert timeline.select(steps, ClipSpec()) == list(range(7))
    assert timeline.select(steps, ClipSpec(start_step=10, end_step=40)) == [1, 2, 3, 4]
    assert timeline.select(steps, ClipSpec(start_step=11, end_step=39)) == [2, 3]
    assert timeline.select(steps, ClipSpec(every=3)) == [0, 3, 6]
    assert timeline.select(steps, ClipSpec(start_step=10, every=2)) == [1, 3, 5]
    assert timeline.select(steps, ClipSpec(max_frames=3)) == [0, 3, 6]
    assert timeline.select(steps, ClipSpec(every=2, max_frames=2)) == [0, 6]
    assert timeline.select(steps, ClipSpec(max_frames=1)) == [0]
    assert timeline.select(steps, ClipSpec(start_step=61)) == []
    assert timeline.select([], ClipSpec(max_frames=3)) == []


@given(
    steps=_steps,
    start=st.none() | st.integers(-(2**63), 2**63 - 1),
    end=st.none() | st.integers(-(2**63), 2**63 - 1),
)
def test_the_range_of_steps_includes_both_ends(
    steps: list[int], start: int | None, end: int | None
) -> None:
    chosen = timeline.select(steps, ClipSpec(start_step=start, end_step=end))
    expected = [
        i
        for i, step in enumerate(steps)
        if (start is None or step >= start) and (end is None or step <= end)
    ]
    assert chosen == expected


def test_union_holds_the_latest_frame() -> None:
    steps, (first, second) = timeline.union([[0, 10, 20], [5, 20, 40]])
    assert steps.tolist() == [0, 5, 10, 20, 40]
    assert first.tolist() == [0, 0, 1, 2, 2]
    assert second.tolist() == [-1, 0, 0, 1, 2]


@given(series=st.lists(_steps, max_size=4))
def test_union_in_general(series: list[list[int]]) -> None:
    steps, held = timeline.union(series)
    assert steps.tolist() == sorted(set().union(*series))
    for own, positions in zip(series, held, strict=True):
        for step, position in zip(steps.tolist(), positions.tolist(), strict=True):
            earlier = [i for i, known in enumerate(own) if known <= step]
            assert position == (earlier[-1] if earlier else -1)
