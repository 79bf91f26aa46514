"""Series in step with each other, by step, time and share."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory_source import MemoryIndex, MemorySource, flat, images
from tb_animate import encoders, export, tracks
from tb_animate.alignment import Extent, align, positions
from tb_animate.model import ClipSpec

_measures = st.sampled_from(["step", "time", "share"])


def _index(times: Mapping[int, float], run: str = "a") -> MemoryIndex:
    """A series by its steps and wall times, seconds after some moment."""
    index = images({step: [flat(step % 256)] for step in times}, run=run)
    index.wall_times = 1e9 + np.array(list(times.values()), np.float64)
    return index


def test_by_step() -> None:
    aligned = align([_index({0: 0, 10: 5}), _index({5: 0, 20: 9}, "b")], ClipSpec())
    assert aligned.moments.tolist() == [0, 5, 10, 20]
    assert [held.tolist() for held in aligned.held] == [[0, 0, 1, 1], [-1, 0, 0, 1]]


def test_by_time_each_run_counts_from_its_own_start() -> None:
    fast = _index({0: 100, 10: 101, 20: 102, 30: 103, 40: 104})
    slow = _index({0: 7, 10: 9, 20: 15}, "b")
    aligned = align([fast, slow], ClipSpec(measure="time"))
    # As many moments as the longest has frames, from the start to the end of the slowest.
    assert aligned.moments.tolist() == [0, 2, 4, 6, 8]
    assert [held.tolist() for held in aligned.held] == [[0, 2, 4, 4, 4], [0, 1, 1, 1, 2]]


def test_by_share() -> None:
    short, long = _index({0: 0, 10: 1, 20: 2}), _index({0: 0, 30: 1, 60: 2, 90: 3, 120: 4}, "b")
    aligned = align([short, long], ClipSpec(measure="share"))
    assert aligned.moments.tolist() == [0, 0.25, 0.5, 0.75, 1]
    assert [held.tolist() for held in aligned.held] == [[0, 0, 1, 1, 2], [0, 1, 2, 3, 4]]


def test_series_of_one_run_count_from_its_common_start() -> None:
    first, second = _index({0: 10, 10: 20}), _index({20: 14, 30: 30})
    assert align([first, second], ClipSpec(measure="time")).extents == {
        "a": Extent(1e9 + 10, 0, 30)
    }
    aligned = align([first, second], ClipSpec(measure="time"))
    assert aligned.moments.tolist() == [0, 20]
    assert [held.tolist() for held in aligned.held] == [[0, 1], [-1, 1]]


def test_rounding_puts_no_frame_behind_its_moment() -> None:
    steps = {step: step for step in range(0, 7 * 13, 13)}
    aligned = align([_index(steps)], ClipSpec(measure="share"))
    assert aligned.held[0].tolist() == list(range(7))


def test_times_that_are_missing_or_go_back() -> None:
    extent = Extent(100.0, 0, 4)
    steps = np.arange(5)
    times = np.array([np.nan, 100, 130, 110, np.inf])
    assert positions("time", steps, times, extent).tolist() == [0, 0, 30, 30, 30]
    nothing = np.full(5, np.nan)
    assert positions("time", steps, nothing, Extent(math.nan, 0, 4)).tolist() == [0] * 5
    assert positions("share", np.array([3]), times[:1], Extent(0, 3, 3)).tolist() == [0]


def test_a_range_of_steps() -> None:
    first = _index({0: 0, 10: 10, 20: 20, 30: 30})
    second = _index({0: 0, 10: 40, 20: 80, 30: 120}, "b")
    spec = ClipSpec(measure="time", start_step=10, end_step=20)
    aligned = align([first, second], spec)
    assert aligned.moments.tolist() == [10, 80]
    # None shows a frame after the range; who has not come to it yet holds what was before.
    assert [held.tolist() for held in aligned.held] == [[1, 2], [0, 2]]
    assert len(align([first], ClipSpec(measure="share", start_step=31)).moments) == 0
    thinned = align([first], ClipSpec(measure="time", every=2))
    assert thinned.held[0].tolist() == [0, 2]
    assert len(align([first, second], ClipSpec(measure="share", max_frames=2)).moments) == 2


@given(
    _measures,
    st.lists(
        st.dictionaries(
            st.integers(0, 10**6), st.floats(0, 1e6) | st.just(math.nan), min_size=1, max_size=9
        ),
        min_size=1,
        max_size=4,
    ),
)
def test_any_alignment(measure: str, logged: list[dict[int, float]]) -> None:
    indexes = [
        _index({step: times[step] for step in sorted(times)}, str(nth))
        for nth, times in enumerate(logged)
    ]
    aligned = align(indexes, ClipSpec(measure=measure))  # type: ignore[arg-type]
    assert (np.diff(aligned.moments) > 0).all()
    assert len(aligned.moments) >= 1
    for index, held in zip(indexes, aligned.held, strict=True):
        assert (np.diff(held) >= 0).all()
        assert held[0] >= -1
        assert held[-1] == len(index.steps) - 1


def test_a_clip_by_time() -> None:
    fast, slow = _index({0: 0, 50: 1, 100: 2}), _index({0: 0, 200: 4}, "b")
    source = MemorySource([fast, slow])
    plan = export.plan(
        source, [fast.series.id, slow.series.id], ClipSpec(measure="time"), encoders.get("gif")
    )
    shown = [
        (int(p.pixels[64, 64, 0]), int(p.pixels[64, 192, 0]), p.steps) for p in plan.some(0, 9)
    ]
    assert shown == [(0, 0, (0, 0)), (100, 0, (100, 0)), (100, 200, (100, 200))]


@pytest.mark.parametrize(("loop", "expected"), [("forever", [2, 1, 0]), ("bounce", [2, 1, 0, 1])])
def test_a_reversed_clip(loop: str, expected: list[int]) -> None:
    index = _index({0: 0, 1: 1, 2: 2})
    spec = ClipSpec(loop=loop, reverse=True)  # type: ignore[arg-type]
    plan = export.plan(MemorySource([index]), [index.series.id], spec, encoders.get("gif"))
    assert [int(p.pixels[0, 0, 0]) for p in plan.some(0, 9)] == expected


_AGAINST_B = ClipSpec(options={"compare": "wipe", "against": "run:b"})


def _compared(
    source: MemorySource, shown: list[MemoryIndex], **asked: Any
) -> list[tuple[Any, ...]]:
    """Of the first series the step in each frame, and that which it is compared with."""
    spec = dataclasses.replace(_AGAINST_B, **asked)
    ids = [index.series.id for index in shown]
    track = export.plan(source, ids, spec, encoders.get("gif")).tracks[0]
    assert track.beside is not None
    steps = [-1 if held < 0 else int(track.beside.index.steps[held]) for held in track.beside.held]
    return [(track.step(frame), step) for frame, step in enumerate(steps)]


@pytest.mark.parametrize("early", ["image", "histogram"])
def test_a_run_that_is_compared_with_counts_from_the_same_tags(early: str) -> None:
    """Whether its series are in the clip or not, and whether they can be compared."""
    late = {step: [flat(step // 10)] for step in range(500, 1001, 50)}
    rows = dict.fromkeys((0, 1000), np.array([[0.0, 1, 1]]))
    whole = rows if early == "histogram" else {step: [flat(0)] for step in (0, 1000)}
    a, b = (images(late, run=run, tag="late") for run in "ab")
    a_early, b_early = (images(whole, run=run, tag="early", kind=early) for run in "ab")
    for index in (a, b, a_early, b_early):
        index.wall_times = 1e9 + index.steps
    source = MemorySource([a, b, a_early, b_early])
    for measure in ("share", "time"):
        for shown in ([a], [a, a_early], [a, a_early, b], [a, a_early, b, b_early]):
            pairs = _compared(source, shown, measure=measure)
            assert all(step in (None, other) for step, other in pairs)
            assert pairs[-1] == (1000, 1000)


def test_by_step_only_what_is_compared_is_opened() -> None:
    late = {step: [flat(0)] for step in (0, 10)}
    a, b = (images(late, run=run, tag="late") for run in "ab")
    both = [images({5: np.array([[0.0, 1, 1]])}, run=r, tag="h", kind="histogram") for r in "ab"]
    found = tracks.counterparts([a, both[0]], MemorySource([a, b, *both]), _AGAINST_B)
    assert list(found) == [b.series.id]
