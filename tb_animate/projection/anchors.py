"""Anchors: the points with the smallest hashes, by which frames are compared and turned."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tb_animate.projection import basis, hashing
from tb_animate.projection import rows as rows_of
from tb_animate.projection.model import Doubles, Floats, Ints, Snapshot
from tb_animate.projection.rows import Spread

COMPONENTS = 32  # that rotations are seen in
ANCHORS = 1024  # to turn a frame by
WATCHED = 512  # to see whether frames are rotated
FEWEST_ANCHORS = 64
ONE_FRAME_BYTES = 16_000_000

# Frames are taken for rotated when neighbours differ by more than `APART` of their norm,
# and by less than `GAIN` of that once aligned, with so many shared points a dimension.
APART = 0.5
GAIN = 0.5
POINTS_A_DIMENSION = 10


class Anchors(NamedTuple):
    """Some points of a frame: their slots, distinct; float32 [points, ...]; around where."""

    slots: Ints
    rows: Floats
    centre: Doubles


class Reduced(NamedTuple):
    """Anchors in their own principal components.

    Attributes:
      slots: shape [points].
      coordinates: float32, shape [points, components].
      basis: float32, shape [dimensions, components], columns orthonormal, the last ones
        perhaps zero.
      offset: shape [dimensions]; (row - offset) basis are the coordinates.
    """

    slots: Ints
    coordinates: Floats
    basis: Floats
    offset: Doubles


def anchors_of(snapshot: Snapshot, slots: Ints, found: Spread, most: int) -> Anchors:
    """The anchors of a snapshot, in the order of their hashes; far rows are none."""
    few = ONE_FRAME_BYTES // (4 * max(snapshot.values.shape[1], 1))
    chosen = hashing.chosen(slots, min(max(few, FEWEST_ANCHORS), most))
    inside, rows = rows_of.kept(snapshot.values, chosen, found)
    return Anchors(slots[chosen[inside]], rows, found.centre)


def shared(one: Ints, other: Ints) -> tuple[Ints, Ints]:
    """Positions in two lists of distinct slots of those that are in both."""
    if np.array_equal(one, other):
        every = np.arange(len(one))
        return every, every
    _, here, there = np.intersect1d(one, other, assume_unique=True, return_indices=True)
    return here, there


def reduce(anchors: Anchors, most: int) -> Reduced:
    """The first `most` principal components of a frame's anchors."""
    count, dimensions = anchors.rows.shape
    mean = anchors.rows.mean(axis=0, dtype=np.float64) if count else np.zeros(dimensions)
    left = anchors.rows - mean
    axes = np.zeros((dimensions, most))
    kept = min(most, dimensions, max(count - 1, 0))
    if count > dimensions:
        found = np.linalg.eigh(left.T @ left)[1][:, ::-1][:, :kept]
    else:
        found = np.linalg.svd(left, full_matrices=False)[2].T[:, :kept]
    axes[:, : found.shape[1]] = found
    coordinates = (left @ axes).astype(np.float32)
    return Reduced(anchors.slots, coordinates, axes.astype(np.float32), anchors.centre + mean)


class Watch:
    """Looks at neighbouring frames as they go by, and tells whether they are rotated."""

    def __init__(self) -> None:
        self._latest: tuple[int, Anchors] | None = None
        self._verdicts: list[bool] = []

    def look(self, stretch: int, anchors: Anchors) -> None:
        if self._latest is not None and self._latest[0] == stretch:
            self._verdicts.append(rotated(self._latest[1], anchors))
        self._latest = (stretch, anchors)

    def rotated(self) -> bool:
        """Most neighbours are: one jump in a training is a jump."""
        return 2 * sum(self._verdicts) > len(self._verdicts)


def rotated(one: Anchors, other: Anchors) -> bool:
    """Whether two frames differ, and hardly do once one is turned onto the other."""
    here, there = shared(one.slots, other.slots)
    most = min(COMPONENTS, one.rows.shape[1], len(here) // POINTS_A_DIMENSION)
    if most < 2:
        return False
    first = Anchors(one.slots[here], one.rows[here], one.centre)
    second = Anchors(other.slots[there], other.rows[there], other.centre)
    before = _residual(first.rows - first.rows.mean(axis=0), second.rows - second.rows.mean(axis=0))
    if before <= APART:
        return False
    source, target = reduce(first, most).coordinates, reduce(second, most).coordinates
    return _residual(source @ basis.nearest_rotation(source, target), target) < GAIN * before


def _residual(one: Floats | Doubles, other: Floats | Doubles) -> float:
    norm = np.sqrt((np.linalg.norm(one) ** 2 + np.linalg.norm(other) ** 2) / 2)
    return float(np.linalg.norm(one - other) / norm) if norm > 0 else 0.0
