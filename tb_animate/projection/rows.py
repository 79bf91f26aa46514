"""Rows of a snapshot: block by block, and which of them tell where the cloud is.

The working copy is float32, made of what is left when a point near the cloud is taken off:
values that lie far from zero keep their digits. Only one block of it exists at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tb_animate.projection.hashing import mixed
from tb_animate.projection.model import Doubles, Floats, Ints

BLOCK = 8192

# So many median radii from the middle, a row is no longer part of the cloud.
FAR = 10.0

# Where the middle is, and how wide the cloud, so many rows tell well enough. Of fewer than
# a handful, none is far.
SAMPLED = 256
HANDFUL = 8

LARGEST = float(np.finfo(np.float32).max)


class Spread(NamedTuple):
    """Where the rows of one snapshot lie.

    Attributes:
      centre: the median of each dimension, float64, shape [dimensions].
      reach: the squared distance from it beyond which a row is far; finite, so that no
        row that overflows lies within.
    """

    centre: Doubles
    reach: float


def spread(values: NDArray[Any]) -> Spread:
    """Looks at rows drawn by hash, which neither their order nor a period in it deceives."""
    some = values
    if len(values) > SAMPLED:
        drawn = mixed(np.arange(SAMPLED)) % np.uint64(len(values))
        some = values.take(drawn.astype(np.int64), axis=0)
    usable = _finite(some)
    if len(usable) < HANDFUL < len(values):
        usable = _finite(values)
    if not len(usable):
        return Spread(np.zeros(values.shape[1]), LARGEST)
    middle = len(usable) // 2
    centre = np.partition(usable, middle, axis=0)[middle]
    distances = np.linalg.norm((usable - centre).astype(np.float32), axis=1)
    # Where most are the same one, the others tell how wide the cloud is.
    distances = distances[distances > 0] if np.median(distances) == 0 else distances
    reach = LARGEST
    if len(usable) >= HANDFUL and len(distances):
        reach = min((FAR * float(np.median(distances))) ** 2, LARGEST)
    return Spread(centre.astype(np.float64), reach)


def blocks(
    values: NDArray[Any], rows: Ints | None, centre: Doubles
) -> Iterator[tuple[slice, Floats, Floats]]:
    """Yields what is left of the rows when `centre` is taken off, at most `BLOCK` at once.

    Args:
      rows: which ones; `None`: all.
      centre: shape [dimensions].

    Yields:
      positions among the rows asked for; differences, float32, shape [rows, dimensions],
      overwritten by the next block; and their squared lengths, float32, not finite where
      the row is not or overflows.
    """
    count = len(values) if rows is None else len(rows)
    work = np.result_type(values.dtype, np.float32)
    taken = centre.astype(work)
    buffer = np.empty((min(count, BLOCK), values.shape[1]), np.float32)
    for start in range(0, count, BLOCK):
        where = slice(start, min(start + BLOCK, count))
        block = values[where] if rows is None else values.take(rows[where], axis=0)
        left = buffer[: len(block)]
        np.subtract(block, taken, out=left, dtype=work, casting="same_kind")
        yield where, left, np.einsum("ij,ij->i", left, left)


def kept(values: NDArray[Any], rows: Ints, found: Spread) -> tuple[NDArray[np.bool_], Floats]:
    """Of few rows: which are part of the cloud, and what is left of those, float32."""
    work = np.result_type(values.dtype, np.float32)
    left = (values.take(rows, axis=0) - found.centre.astype(work)).astype(np.float32)
    inside = np.einsum("ij,ij->i", left, left) <= found.reach
    return inside, left[inside]


def _finite(values: NDArray[Any]) -> NDArray[Any]:
    work = values.astype(np.result_type(values.dtype, np.float32), copy=False)
    small = work.astype(np.float32, copy=False)
    whole = np.isfinite(np.einsum("ij,ij->i", small, small))
    return work if whole.all() else work[whole]
