"""How values are distributed: buckets of counts, read through their cumulative distribution.

Within a bucket the values count as evenly spread; a bucket of no width is a point mass. All
arithmetic on distributions goes through the cumulative one or its inverse, so no count is
ever lost or made. All arrays are float64.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Writers put +-1.8e308 for "and all beyond"; no edge of theirs that means itself is near.
HUGE = 1e300

# A screen has about as many columns. More are merged with their neighbours.
MAX_BUCKETS = 2048

# Of a bucket's width. Writers round each bucket's two edges for themselves.
ROUNDING = 1e-6

# Of the largest absolute value: what counts as zero beside it.
NEAR_ZERO = 1e-6


class Distribution(NamedTuple):
    """Buckets in order, none of which overlaps the next.

    Attributes:
      buckets: left, right and count (finite, > 0) of each, shape [k, 3]; k may be 0.
      knots: left and right of each in turn, never decreasing, shape [2k].
      below: the count up to each knot, shape [2k].
      total: the sum of counts.
    """

    buckets: Floats
    knots: Floats
    below: Floats
    total: float


class Moments(NamedTuple):
    mean: float
    sd: float


def clean(rows: Floats) -> Distribution:
    """Mends what logs hold; the sum of all counts that are finite and > 0 stays.

    Edges out of order are swapped. An infinite or huge edge, or one that is not a number,
    becomes the bucket's other edge, widened by the usual width of a bucket. Buckets that
    overlap are cut where others begin and end.

    Args:
      rows: left, right and count, shape [k, 3]. One whose both edges are not numbers has
        no place and is dropped.
    """
    counts = rows[:, 2]
    keep = (counts > 0) & (counts < HUGE)
    keep &= ~(np.isnan(rows[:, 0]) & np.isnan(rows[:, 1]))
    rows = rows[keep]
    if not len(rows):
        return _from(rows[:, 0], rows[:, 1], rows[:, 2])
    left, right, counts = rows.T
    if not (np.abs(rows[:, :2]) <= HUGE).all():
        left, right = _bounded(left, right)
    left, right = np.minimum(left, right), np.maximum(left, right)
    if not ((left[1:] >= left[:-1]) & (right[1:] >= right[:-1])).all():
        order = np.lexsort((right, left))
        left, right, counts = left[order], right[order], counts[order]
    over = right[:-1] - left[1:]
    if (over > 0).any():
        if (over <= ROUNDING * (right - left)[:-1]).all():
            right = np.append(np.minimum(right[:-1], left[1:]), right[-1:])
        else:
            left, right, counts = _cut(*_merged(left, right, counts))
    return _from(*_merged(left, right, counts))


def cumulative(values: Distribution, at: Floats) -> Floats:
    """The count of values <= each of `at`, shape as `at`."""
    if not len(values.knots):
        return np.zeros_like(at)
    return _interpolate(at, values.knots, values.below)


def quantile(values: Distribution, shares: Floats) -> Floats:
    """The value below which each share of the count lies; `values` must not be empty."""
    return _interpolate(shares * values.total, values.below, values.knots)


def resample(values: Distribution, edges: Floats) -> Floats:
    """The count within each of the bins between `edges`, which increase; shape [edges - 1].

    A value that equals an edge belongs to the bin on its right, the last edge to the last.
    """
    if not len(values.knots):
        return np.zeros(len(edges) - 1)
    at = np.nextafter(edges, -np.inf)
    at[-1] = edges[-1]
    bins: Floats = np.diff(_interpolate(at, values.knots, values.below))
    return bins


def between(first: Distribution, second: Distribution, phase: float) -> Distribution:
    """Moves the mass from `first` towards `second` along the quantiles.

    The quantile function of the result is (1 - phase) times that of `first` plus phase
    times that of `second` (displacement interpolation, the shortest way in the sense of
    optimal transport), so a peak moves and is not faded over. If one of the two is empty,
    the other keeps its shape.
    """
    total = (1 - phase) * first.total + phase * second.total
    if not len(first.knots) or not len(second.knots):
        held = first if len(first.knots) else second
        share = total / held.total if held.total else 0.0
        left, right, counts = held.buckets.T
        some = slice(None) if share > 0 else slice(0)
        return _from(left[some], right[some], share * counts[some])
    shares = [one.below / one.total for one in (first, second)]
    cuts = np.unique(np.concatenate(shares))
    # From the right at a slice's beginning, from the left at its end: both may be jumps.
    starts, ends = cuts[:-1], np.nextafter(cuts[1:], -np.inf)
    places = [
        (1 - phase) * _interpolate(at, shares[0], first.knots)
        + phase * _interpolate(at, shares[1], second.knots)
        for at in (starts, ends)
    ]
    knots = np.maximum.accumulate(np.stack(places, axis=1).ravel())
    return _from(knots[::2], knots[1::2], np.diff(cuts) * total)


def moments(values: Distribution) -> Moments:
    """Mean and standard deviation; both 0 of nothing."""
    if not values.total:
        return Moments(0.0, 0.0)
    left, right, counts = values.buckets.T
    # In units of the largest, whose square would else be out of range.
    unit = max(float(np.abs(values.knots).max()), np.finfo(float).tiny)
    left, right, shares = left / unit, right / unit, counts / values.total
    middles = (left + right) / 2
    mean = float(shares @ middles)
    # Of values spread evenly over a width w: w squared by 12.
    variance = float(shares @ ((middles - mean) ** 2 + (right - left) ** 2 / 12))
    return Moments(mean * unit, variance**0.5 * unit)


def zero_share(values: Distribution) -> float:
    """About which share of the values is zero, or next to it; 0 of nothing.

    Next to it is within `NEAR_ZERO` of the largest value. Where a bucket is wider than
    that, what it holds beyond the density of its neighbours counts as zeros, too: the
    dead half of a layer lies in the first of 30 buckets, which reaches far beyond zero.
    """
    if not values.total:
        return 0.0
    left, right, counts = values.buckets.T
    near = NEAR_ZERO * float(np.abs(values.knots).max())
    around = np.array([np.nextafter(-near, -np.inf), near])
    low, high = cumulative(values, around)
    found = float(high - low)
    for i in np.flatnonzero((left <= 0) & (right >= 0) & (right - left > 2 * near)):
        beside = [j for j in (i - 1, i + 1) if 0 <= j < len(counts) and right[j] > left[j]]
        if beside:
            width = right[i] - left[i]
            with np.errstate(over="ignore"):  # beside next to no width there is no excess
                usual = max(counts[j] * (width / (right[j] - left[j])) for j in beside)
            found = max(found, float(counts[i] - usual))
    return min(max(found / values.total, 0.0), 1.0)


def _interpolate(at: Floats, knots: Floats, values: Floats) -> Floats:
    """`values` at the places `at`, by straight lines between `knots`, which never decrease.

    Where knots are equal, the last one counts. `numpy.interp` divides values by distances,
    which leaves the range of floats for edges that logs do hold.
    """
    after = np.searchsorted(knots, at, side="right")
    end = np.clip(after, 1, len(knots) - 1)
    start = knots[end - 1]
    width = knots[end] - start
    share = (np.clip(at, knots[0], knots[-1]) - start) / np.where(width > 0, width, 1.0)
    share = np.where(after == len(knots), 1.0, share)
    low = values[end - 1]
    found: Floats = low + (values[end] - low) * share
    return found


def _from(left: Floats, right: Floats, counts: Floats) -> Distribution:
    knots = np.empty(2 * len(left))
    knots[::2], knots[1::2] = left, right
    below = np.zeros(2 * len(left))
    below[1::2] = np.cumsum(counts)
    below[2::2] = below[1:-1:2]
    total = float(below[-1]) if len(below) else 0.0
    return Distribution(np.stack([left, right, counts], axis=1), knots, below, total)


def _bounded(left: Floats, right: Floats) -> tuple[Floats, Floats]:
    """Gives buckets without an end one."""
    known_left, known_right = np.abs(left) <= HUGE, np.abs(right) <= HUGE
    whole = known_left & known_right
    widths = np.abs(right[whole] - left[whole])
    widths = widths[widths > 0]
    usual = float(np.median(widths)) if len(widths) else 0.0
    known = np.concatenate([left[known_left], right[known_right]])
    lowest, highest = (float(known.min()), float(known.max())) if len(known) else (0.0, 0.0)
    left, right = left.copy(), right.copy()
    for mine, other, is_known, other_known, sign in (
        (left, right, known_left, known_right, -1),
        (right, left, known_right, known_left, 1),
    ):
        lost = ~is_known & other_known
        # The writers' outer edges may stand on either side: -1.8e308 as a right edge, too.
        way = np.where(np.isnan(mine[lost]), sign, np.sign(mine[lost]))
        mine[lost] = other[lost] + way * usual
    lost = ~known_left & ~known_right
    for mine in (left, right):
        mine[lost] = np.where(mine[lost] > 0, highest, lowest)
    return left, right


def _merged(left: Floats, right: Floats, counts: Floats) -> tuple[Floats, Floats, Floats]:
    """At most `MAX_BUCKETS`, each of as many neighbours."""
    if len(left) <= MAX_BUCKETS:
        return left, right, counts
    starts = np.arange(0, len(left), -(-len(left) // MAX_BUCKETS))
    return left[starts], np.maximum.reduceat(right, starts), np.add.reduceat(counts, starts)


def _cut(left: Floats, right: Floats, counts: Floats) -> tuple[Floats, Floats, Floats]:
    """Shares the counts of overlapping buckets out among pieces that do not overlap."""
    places = np.unique(np.concatenate([left, right]))
    widths = np.diff(places)
    points, spread = np.zeros(len(places)), np.zeros(len(widths))
    starts, ends = np.searchsorted(places, left), np.searchsorted(places, right)
    for start, end, count in zip(starts.tolist(), ends.tolist(), counts.tolist(), strict=True):
        if start == end:
            points[start] += count
        else:
            # Divided by their own sum, whose rounding would else change the count.
            pieces = widths[start:end]
            spread[start:end] += count * (pieces / pieces.sum())
    lefts = np.repeat(places, 2)[:-1]
    rights = np.repeat(places, 2)[1:]
    lefts[::2], rights[::2] = places, places
    rights[1::2] = places[1:]
    mass = np.empty(len(lefts))
    mass[::2], mass[1::2] = points, spread
    keep = mass > 0
    return lefts[keep], rights[keep], mass[keep]
