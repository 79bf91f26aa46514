"""Of aligned frames: the share of their variance that the picture shows.

A frame is turned by its first components of a few points, and those few are spread wider along
them than all others are. So the share is told as it is without aligning: of all dimensions, and
of as many rows.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from tb_animate.projection import rows as rows_of
from tb_animate.projection.anchors import Reduced
from tb_animate.projection.model import Doubles, Floats, Ints, Snapshot


class Variance(NamedTuple):
    """Of the rows of one frame about their mean.

    Attributes:
      kept: their covariance in the frame's own components, float32: there is one of each
        frame. Shape [components, components].
      total: over all dimensions.
    """

    kept: Floats
    total: float


def variance_of(snapshot: Snapshot, rows: Ints | None, reduced: Reduced) -> Variance:
    """Of these rows, `None`: all; far rows and those that are not finite are passed over."""
    dimensions, components = reduced.basis.shape
    products = np.zeros((components, components))
    middle, mean = np.zeros(components), np.zeros(dimensions)
    square = 0.0
    count = 0
    found = rows_of.spread(snapshot.values)
    for _, left, lengths in rows_of.blocks(snapshot.values, rows, found.centre):
        inside = lengths <= found.reach
        if not inside.all():
            left, lengths = left[inside], lengths[inside]
        coordinates = left @ reduced.basis
        products += coordinates.T @ coordinates
        middle += coordinates.sum(axis=0, dtype=np.float64)
        mean += np.ones(len(left), np.float32) @ left
        square += float(lengths.sum(dtype=np.float64))
        count += len(left)
    count = max(count, 1)
    middle, mean = middle / count, mean / count
    kept = products / count - np.outer(middle, middle)
    return Variance(kept.astype(np.float32), max(square / count - float(mean @ mean), 0.0))


def shown(frames: Iterable[tuple[Variance, Doubles]]) -> float:
    """The share, 0 to 1, of frames of equal weight.

    Args:
      frames: each with the axes shown in its own components, shape [components, axes],
        columns orthonormal or zero.
    """
    along = total = 0.0
    for variance, axes in frames:
        along += float(np.einsum("ij,ij->", axes, variance.kept @ axes))
        total += variance.total
    return min(max(along / total, 0.0), 1.0) if total > 0 else 0.0
