"""Brings several series in step with each other, by the measure that one chooses.

The page does the same in `frontend/src/timeline.ts`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tb_animate import timeline
from tb_animate.model import ClipSpec, FrameIndex, Measure

Positions = NDArray[Any]
"""Where something lies by the measure, never decreasing: int64 steps, or float64."""

_SLACK = 1e-9  # of the whole: by how much rounding may put a frame behind its own moment


class Extent(NamedTuple):
    """What positions in a run are counted from.

    Attributes:
      start: the least wall time, in seconds since the epoch; NaN where none is known.
    """

    start: float
    first_step: int
    last_step: int


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Alignment:
    """Which frame of each series is shown when.

    Attributes:
      moments: the position of each frame of the clip, strictly increasing; shape [frames].
      held: for each series and each frame of the clip the position of the series' own
        latest frame, -1 before its first; shape [frames] each, int64.
      extents: by run.
    """

    moments: Positions
    held: list[NDArray[np.int64]]
    extents: Mapping[str, Extent]


def align(
    indexes: Sequence[FrameIndex], spec: ClipSpec, others: Iterable[FrameIndex] = ()
) -> Alignment:
    """Works out the frames of a clip; none where no frame lies in the range of steps.

    By steps, a clip has a frame for each step that one of the series has. Time and share
    pass evenly: the clip has as many frames as the longest series, from the start of the
    runs, or from the first frame in the range of steps if that is given.

    Args:
      others: have no frames of their own in the clip, and tell with the others what positions
        in their runs are counted from.
    """
    extents = _extents([*indexes, *others])
    if spec.measure == "step":
        steps, held = timeline.union([index.steps for index in indexes])
        chosen = np.array(timeline.select(steps, spec), np.int64)
        return Alignment(steps[chosen], [latest[chosen] for latest in held], extents)
    lines = [
        positions(spec.measure, index.steps, index.wall_times, extents[index.series.run])
        for index in indexes
    ]
    ranges = [timeline.within(index.steps, spec) for index in indexes]
    moments = _even(lines, ranges, spec)
    moments = moments[timeline.thin(range(len(moments)), spec)]
    slack = _SLACK * float(moments[-1]) if len(moments) else 0.0
    held = [
        np.minimum(np.searchsorted(line, moments + slack, side="right"), own.stop).astype(np.int64)
        - 1
        for line, own in zip(lines, ranges, strict=True)
    ]
    return Alignment(moments, held, extents)


def latest(aligned: Alignment, index: FrameIndex, measure: Measure) -> NDArray[np.int64]:
    """The frames that a clip shows when of one of the others, as in `Alignment.held`."""
    line = positions(measure, index.steps, index.wall_times, aligned.extents[index.series.run])
    moments = aligned.moments
    if measure != "step" and len(moments):
        moments = moments + _SLACK * float(moments[-1])
    return np.searchsorted(line, moments, side="right").astype(np.int64) - 1


def positions(
    measure: Measure,
    steps: NDArray[np.int64],
    wall_times: NDArray[np.float64],
    extent: Extent,
) -> Positions:
    """The position of each frame, never decreasing; shape [frames].

    `step`: its step. `time`: the seconds since the run's start; a missing wall time is the
    one before it, and so is one that goes back. `share`: how far along the run's steps, 0 at
    its first and 1 at its last.
    """
    if measure == "step":
        return np.asarray(steps, np.int64)
    if measure == "share":
        span = extent.last_step - extent.first_step
        return (steps.astype(np.float64) - extent.first_step) / (span or 1) * (span > 0)
    times = np.asarray(wall_times, np.float64)
    known = np.isfinite(times)
    if not known.any():
        return np.zeros(len(times))
    start = extent.start if np.isfinite(extent.start) else 0.0
    since = np.where(known, times - start, -np.inf)
    since[0] = times[int(np.argmax(known))] - start
    return np.maximum.accumulate(since)


def _extents(indexes: Sequence[FrameIndex]) -> dict[str, Extent]:
    """By run, told from all of these series that are of it."""
    runs: dict[str, Extent] = {}
    for index in indexes:
        if not len(index.steps):
            continue
        times = np.asarray(index.wall_times, np.float64)
        times = times[np.isfinite(times)]
        own = Extent(
            float(times.min()) if len(times) else float("nan"),
            int(index.steps[0]),
            int(index.steps[-1]),
        )
        known = runs.get(index.series.run, own)
        runs[index.series.run] = Extent(
            float(np.fmin(own.start, known.start)),
            min(own.first_step, known.first_step),
            max(own.last_step, known.last_step),
        )
    nothing = Extent(float("nan"), 0, 0)
    return {index.series.run: runs.get(index.series.run, nothing) for index in indexes}


def _even(
    lines: Sequence[Positions], ranges: Sequence[range], spec: ClipSpec
) -> NDArray[np.float64]:
    """As many moments as the longest series has frames within the range, both ends exactly."""
    within = [line[own.start : own.stop] for line, own in zip(lines, ranges, strict=True)]
    within = [line for line in within if len(line)]
    if not within:
        return np.empty(0)
    first = 0.0 if spec.start_step is None else min(float(line[0]) for line in within)
    last = max(float(line[-1]) for line in within)
    if last <= first:
        return np.array([last])
    gaps = max(*map(len, within), 2) - 1
    moments = np.arange(gaps + 1, dtype=np.float64)
    moments *= (last - first) / gaps
    moments += first
    moments[-1] = last
    return moments
