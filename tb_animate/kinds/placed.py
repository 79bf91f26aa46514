"""Frames of points as a projection has placed them."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclasses.dataclass(frozen=True, eq=False)
class PlacedPoints:
    """One frame. `positions` are of shape [slots, axes], NaN where a point is absent."""

    step: int
    segment: int
    version: int
    positions: NDArray[np.float32]

    @functools.cached_property
    def centre(self) -> Floats:
        """The middle of the points that are there, shape [3]; 0 for an axis that is not."""
        found = np.zeros(3)
        there = self.positions[self.present].astype(np.float64)
        if len(there):
            found[: there.shape[1]] = there.mean(axis=0)
        return found

    @functools.cached_property
    def radius(self) -> float:
        """Root mean square distance of the points from their middle."""
        there = self.positions[self.present].astype(np.float64)
        if not len(there):
            return 0.0
        away = there - self.centre[: there.shape[1]]
        return float(np.sqrt((away**2).sum(axis=1).mean()))

    @property
    def present(self) -> NDArray[np.bool_]:
        found: NDArray[np.bool_] = ~np.isnan(self.positions[:, 0])
        return found


def same_segment(data: PlacedPoints, earlier: Sequence[PlacedPoints]) -> list[PlacedPoints]:
    """Those of the frames before that lead up to this one, the oldest first."""
    found: list[PlacedPoints] = []
    for one in reversed(earlier):
        if one.segment != data.segment:
            break
        found.append(one)
    return found[::-1]


def padded(positions: NDArray[np.floating], slots: int) -> Floats:
    """With rows of NaN up to so many slots."""
    missing = max(slots - len(positions), 0)
    return np.pad(positions.astype(np.float64), ((0, missing), (0, 0)), constant_values=np.nan)
