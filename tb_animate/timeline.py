"""Which frame is on screen when. Pure: numbers in, numbers out."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tb_animate.model import ClipSpec

# Seconds. The parts of a frame that moves by itself are not shown faster: neither GIF nor
# common screens keep up.
MIN_PART = 0.02


class Beat(NamedTuple):
    """A stretch of time in which the picture does not change of our doing.

    Attributes:
      index: which frame, counted within the clip.
      phase: how far on the way to frame `index + 1`, 0 <= phase < 1.
      duration: seconds.
      backwards: on the way back of a bouncing clip, or of one that is reversed. `index` and
        `phase` mean the same picture in both directions.
    """

    # A tuple's own `index` method is lost, which nobody misses.
    index: int  # type: ignore[assignment]
    phase: float
    duration: float
    backwards: bool


def beats(count: int, spec: ClipSpec) -> list[Beat]:
    """The course of one turn of a clip of `count` frames.

    A frame has 1/fps seconds, which it shares with the pictures drawn between it and the
    next one. A bouncing clip goes back without showing either end twice. `hold` lengthens
    the last frame, in a bouncing clip the turning point. A reversed clip goes from the last
    frame to the first; one that bounces then begins at its turning point.
    """
    if count < 1:
        return []
    pieces = spec.tween + 1
    bounces = spec.loop == "bounce" and count > 1
    whole = 1.0 / spec.fps
    piece = whole / pieces
    last = count - 1
    course = [Beat(i, j / pieces, piece, False) for i in range(last) for j in range(pieces)]
    # The frame that a clip ends with keeps its whole time. A bouncing clip goes on from it at
    # the same pace.
    there = piece if bounces or (spec.reverse and last > 0) else whole
    turn = Beat(last, 0.0, there + spec.hold, spec.reverse and not bounces)
    if bounces:
        back = [beat._replace(backwards=True) for beat in reversed(course[1:])]
        return [turn, *back, *course] if spec.reverse else [*course, turn, *back]
    if not spec.reverse:
        return [*course, turn]
    back = [beat._replace(backwards=True) for beat in reversed(course)]
    if back:
        back[-1] = back[-1]._replace(duration=whole)
    return [turn, *back]


class Shot(NamedTuple):
    """One picture.

    Attributes:
      index, phase: as of a beat: of what is blended.
      duration: seconds.
      own: the frame that is on screen where nothing is blended. On the way back a frame has
        the time until the one before it, as on the page.
      moved: how far on that frame is within its own time, 0 <= moved < 1, where it moves.
    """

    index: int  # type: ignore[assignment]
    phase: float
    duration: float
    own: int
    moved: float


def pictures(parts: Sequence[int], spec: ClipSpec) -> Iterator[Shot]:
    """Every picture of one turn.

    A frame that moves by itself has its own pictures within its time, also where others
    have pictures between frames: as many as either needs.

    Args:
      parts: for each frame of the clip, how many pictures it consists of by itself.
    """
    last = len(parts) - 1
    for own, group in itertools.groupby(beats(len(parts), spec), key=_owner):
        course = list(group)
        if parts[own] == 1:
            for beat in course:
                # Towards one that moves, the one on screen stays the one that is blended.
                onto = own if parts[beat.index] > 1 else beat.index
                yield Shot(beat.index, beat.phase, beat.duration, onto, beat.phase)
            continue
        hold = spec.hold if own == last else 0.0
        moving = sum(beat.duration for beat in course) - hold
        count = max(len(course), min(parts[own], int(moving / MIN_PART + 1e-6)))
        backwards = course[-1].backwards
        for nth in range(count):
            part = count - 1 - nth if backwards else nth
            # The whole frame stands still for its hold, whichever way it is come to.
            duration = moving / count + (hold if part == count - 1 else 0.0)
            index, phase = own, 0.0
            if len(course) > 1 and nth:
                index, phase = (own - 1, 1 - nth / count) if backwards else (own, nth / count)
            yield Shot(index, phase, duration, own, part / count)


def _owner(beat: Beat) -> int:
    """The frame in whose time a beat is."""
    return beat.index + (beat.backwards and beat.phase > 0)


def length(count: int, spec: ClipSpec) -> int:
    """`len(beats(count, spec))` without making them."""
    if count < 1:
        return 0
    between = (count - 1) * (spec.tween + 1)
    return 2 * between if spec.loop == "bounce" and count > 1 else between + 1


def spread(count: int, most: int) -> list[int]:
    """At most `most` of `count` positions, evenly spread, the first and the last included.

    One position alone is the first.
    """
    if count <= most:
        return list(range(count))
    if most < 2:
        return [0][:most]
    gaps = most - 1
    # Whole numbers, rounded half up: the same positions on every machine.
    return [(2 * i * (count - 1) + gaps) // (2 * gaps) for i in range(most)]


def select(steps: Sequence[int] | NDArray[np.int64], spec: ClipSpec) -> list[int]:
    """Positions of the frames that a clip shows.

    Args:
      steps: strictly increasing.
      spec: its `start_step`, `end_step`, `every` and `max_frames` count, in this order.
    """
    return thin(within(np.asarray(steps, dtype=np.int64), spec), spec)


def within(steps: NDArray[np.int64], spec: ClipSpec) -> range:
    """Positions of the frames from `start_step` to `end_step`; `steps` strictly increase."""
    start, stop = 0, len(steps)
    if spec.start_step is not None:
        start = int(np.searchsorted(steps, spec.start_step, side="left"))
    if spec.end_step is not None:
        stop = int(np.searchsorted(steps, spec.end_step, side="right"))
    return range(start, stop)


def thin(positions: range, spec: ClipSpec) -> list[int]:
    """Those of the positions that `every` and `max_frames` leave, in this order."""
    chosen = positions[:: spec.every]
    if spec.max_frames is None:
        return list(chosen)
    return [chosen[i] for i in spread(len(chosen), spec.max_frames)]


def union(
    series: Sequence[Sequence[int] | NDArray[np.int64]],
) -> tuple[NDArray[np.int64], list[NDArray[np.int64]]]:
    """Brings several series in step with each other.

    Args:
      series: the steps of each, strictly increasing.

    Returns:
      All steps that occur, increasing, and for each series the position of its latest
      frame at or before each of them, -1 before its first; shape [steps] each.
    """
    arrays = [np.asarray(steps, dtype=np.int64) for steps in series]
    joined = np.unique(np.concatenate(arrays)) if arrays else np.empty(0, np.int64)
    held = [np.searchsorted(steps, joined, side="right").astype(np.int64) - 1 for steps in arrays]
    return joined, held
