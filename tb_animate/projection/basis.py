"""One orthonormal basis for a whole series, its signs, and its turn to an earlier one."""

from __future__ import annotations

import numpy as np

from tb_animate.projection.model import Doubles, Floats
from tb_animate.projection.moments import NOTHING, Moments

# This share of all points lies within radius 1.
WITHIN = 99.5


def of_frames(moments: Moments, count: int) -> Doubles:
    """The first principal axes, shape [dimensions, count], columns orthonormal or zero.

    From the pooled covariance within frames, which a drift of the mean does not reach; from
    the frames' means where there is no variance within; the axes themselves where there are
    no more than `count`.
    """
    if moments.dimensions <= count:
        return np.eye(moments.dimensions, count)
    apart, between = moments.between()
    if moments.variance > NOTHING * between:
        found = (moments.latest or moments.within).components(count)
    elif between > 0:
        found = np.linalg.svd(apart, full_matrices=False)[2].T[:, :count]
    else:
        found = np.eye(moments.dimensions, count)
    wide = np.zeros((moments.dimensions, count))
    wide[:, : found.shape[1]] = found
    return wide * signs(wide)


def explained(moments: Moments, axes: Doubles) -> float:
    """The share of the variance, 0 to 1, that orthonormal axes show."""
    apart, between = moments.between()
    if moments.variance > NOTHING * between:
        share = moments.within.along(axes) / (moments.variance * moments.frames)
    elif between > 0:
        share = float(((apart @ axes) ** 2).sum() / (apart**2).sum())
    else:
        share = 0.0
    return min(max(share, 0.0), 1.0)


def signs(axes: Doubles) -> Doubles:
    """1 or -1 for each column, so that its largest component becomes positive."""
    if not axes.size:
        return np.ones(axes.shape[1])
    largest = axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])]
    return np.where(largest < 0, -1.0, 1.0)


def nearest_rotation(source: Doubles | Floats, target: Doubles | Floats) -> Doubles:
    """The orthogonal Q, reflections included, that brings `source` Q nearest to `target`.

    Shapes [points, a] and [points, b]; [a, b]. Schoenemann's solution of the orthogonal
    Procrustes problem (1966).
    """
    left, _, right = np.linalg.svd((source.T @ target).astype(np.float64), full_matrices=False)
    return np.asarray(left @ right)


def scale_of(positions: Floats | Doubles) -> float:
    """What brings the usual radius to 1; 1 where all lie in one point."""
    lengths = np.linalg.norm(positions, axis=1)
    lengths = lengths[np.isfinite(lengths)]
    if not len(lengths):
        return 1.0
    usual = float(np.percentile(lengths, WITHIN)) or float(lengths.max())
    return 1 / usual if usual > 0 else 1.0
