"""What changes from one picture to the next, and when."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Part(NamedTuple):
    """A rectangle of a picture and its pixels.

    Attributes:
      x, y: its upper left corner.
      pixels: RGB, uint8, shape [height, width, 3], contiguous.
    """

    x: int
    y: int
    pixels: NDArray[np.uint8]


def changed(before: NDArray[np.uint8] | None, pixels: NDArray[np.uint8], grid: int = 1) -> Part:
    """The smallest rectangle that turns one picture into the next: all of the first one,
    a single pixel of one that is equal, since a format's picture has to have one.

    Args:
      before: RGB, uint8, shape [height, width, 3]; `None`: there is no picture before.
      pixels: of the same shape.
      grid: the corner's x and y are multiples of it.
    """
    if before is None:
        return Part(0, 0, np.ascontiguousarray(pixels))
    differs = (before != pixels).any(axis=2)
    rows, columns = np.flatnonzero(differs.any(axis=1)), np.flatnonzero(differs.any(axis=0))
    if not len(rows):
        return Part(0, 0, np.ascontiguousarray(pixels[:1, :1]))
    top, left = int(rows[0]) // grid * grid, int(columns[0]) // grid * grid
    cut = pixels[top : int(rows[-1]) + 1, left : int(columns[-1]) + 1]
    return Part(left, top, np.ascontiguousarray(cut))


def rounded(total: float, written: int, per_second: int) -> int:
    """How long a picture stays in a format's units of time, so that what rounding takes
    from one picture the next ones give back.

    Args:
      total: seconds of all pictures up to the end of this one.
      written: units of those before it.
    """
    return round(total * per_second) - written
