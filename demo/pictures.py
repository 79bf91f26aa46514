"""Turns numbers into pictures to log."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

CELL = 16
ENLARGE = 4
FRAME = 225.0
WHITE = np.array([255, 255, 255], np.float32)
ORANGE = np.array([217, 83, 25], np.float32)
BLUE = np.array([20, 75, 140], np.float32)


def confusion(
    labels: NDArray[np.int64], named: NDArray[np.int64], classes: int
) -> NDArray[np.uint8]:
    """How often each digit (row) was taken for each other (column), the darker the oftener.

    Args:
      labels: what the digits show, shape [digits].
      named: what they were taken for, shape [digits].
      classes: how many different digits there are.

    Returns:
      One RGB picture, uint8, shape [1, classes * 16, classes * 16, 3].
    """
    counts = np.zeros((classes, classes), np.float32)
    np.add.at(counts, (labels, named), 1.0)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1.0)
    # The square root lifts the few mistakes of a good classifier out of the white.
    colours = _blend(WHITE, BLUE, np.sqrt(shares))
    picture = colours.repeat(CELL, axis=0).repeat(CELL, axis=1)
    picture[CELL - 1 :: CELL] = picture[:, CELL - 1 :: CELL] = FRAME
    return picture.astype(np.uint8)[None]


def first_layer(kernel: NDArray[np.float32], units: int) -> NDArray[np.uint8]:
    """What each unit of the first layer looks for: blue where it likes ink, orange where not.

    Args:
      kernel: shape [side * side, units of the layer].
      units: how many units to draw, the first ones.

    Returns:
      RGB pictures, uint8, shape [units, side * 4 + 2, side * 4 + 2, 3].
    """
    side = round(kernel.shape[0] ** 0.5)
    # One fixed scale for all steps, so that weights are seen to grow.
    strength = np.clip(kernel.T[:units].reshape(units, side, side), -1.0, 1.0)
    colours = np.where(
        strength[..., None] > 0.0,
        _blend(WHITE, BLUE, np.abs(strength)),
        _blend(WHITE, ORANGE, np.abs(strength)),
    )
    enlarged = colours.repeat(ENLARGE, axis=1).repeat(ENLARGE, axis=2)
    return framed(enlarged, margin=1, value=FRAME).astype(np.uint8)


def framed(images: NDArray[np.float32], *, margin: int, value: float) -> NDArray[np.float32]:
    """Pictures with an edge, which keeps them apart when they stand in a grid.

    Args:
      images: shape [pictures, height, width, channels].
      margin: how wide the edge is, in pixels.
      value: what it is filled with.
    """
    sides = ((0, 0), (margin, margin), (margin, margin), (0, 0))
    return np.pad(images, sides, constant_values=value)


def _blend(
    low: NDArray[np.float32], high: NDArray[np.float32], share: NDArray[np.float32]
) -> NDArray[np.float32]:
    return low + (high - low) * share[..., None]
