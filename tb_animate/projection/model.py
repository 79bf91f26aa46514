"""The words of the projection: what goes in, how it is asked for, and what comes out."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

Method: TypeAlias = Literal["pca", "last", "tsne"]
Align: TypeAlias = Literal["auto", "rigid", "none"]

Floats: TypeAlias = NDArray[np.float32]
Doubles: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """One frame of points.

    Attributes:
      step: global step, no two snapshots of a series have the same one.
      values: of any real dtype, shape [points, dimensions].
      ids: a text for each row that names the point in every snapshot, or `None`.
      labels: a text for each row, of which some of each stay where points are left out.
    """

    step: int
    values: NDArray[Any]
    ids: Sequence[str] | None = None
    labels: Sequence[str] | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Options:
    """How points are projected.

    Attributes:
      method: "pca" (one basis from the covariance within frames), "last" (the principal
        components of the last frame) or "tsne" (neighbours of all frames together).
      align: turn frames onto each other before: "rigid" always, "none" never, "auto" where
        they are rotated against each other.
      dims: axes of the picture, 2 or 3.
    """

    method: Method = "pca"
    align: Align = "auto"
    dims: Literal[2, 3] = 2


@dataclasses.dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of frames whose points can be joined.

    Attributes:
      points: how many are shown, each in its slot.
      logged: how many different ones were logged.
      dimensions: of the space that they come from.
    """

    points: int
    logged: int
    dimensions: int


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """One frame as the picture shows it.

    Attributes:
      segment: its position in `Projection.segments`.
      positions: float32, shape [slots, dims]; NaN where a point is not in this frame or
        hidden. 1 is the radius within which all but the outermost points lie.
      outliers: points so far out that they are drawn at the rim.
      hidden: points whose values are not finite, or overflow.
    """

    segment: int
    positions: Floats
    outliers: int
    hidden: int
