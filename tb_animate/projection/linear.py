"""Frames laid onto axes: one basis for all, or one for each where they are turned."""

from __future__ import annotations

import dataclasses
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from tb_animate.projection import rows as rows_of
from tb_animate.projection.model import Doubles, Floats, Ints, Snapshot

# Rows that are far from the others are drawn at this radius.
RIM = 1.25


class Turn(NamedTuple):
    """How the rows of one frame become positions: (x - offset) basis + shift.

    Attributes:
      basis: shape [dimensions, axes], columns orthonormal or zero.
      offset: shape [dimensions].
      shift: shape [axes].
    """

    basis: Doubles
    offset: Doubles
    shift: Doubles


class View(Protocol):
    """Places the frames of one segment. Pure: the same snapshot always comes out the same."""

    def place(self, snapshot: Snapshot, slots: Ints, rows: Ints | None) -> Laid:
        """Places these rows of a snapshot; `None`: all of them."""

    def digest(self) -> bytes:
        """Changes when a snapshot is placed otherwise."""


class Laid(NamedTuple):
    """Rows as they are placed.

    Attributes:
      positions: float32, shape [rows, axes]; NaN: hidden.
      outliers: rows that were brought to the rim.
    """

    positions: Floats
    outliers: int


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Fixed:
    """One basis, offset and scale for all frames."""

    basis: Doubles
    offset: Doubles
    scale: float

    def turn(self, snapshot: Snapshot, slots: Ints) -> Turn:
        return Turn(self.basis, self.offset, np.zeros(self.basis.shape[1]))

    def place(self, snapshot: Snapshot, slots: Ints, rows: Ints | None) -> Laid:
        return lay(snapshot.values, rows, self.turn(snapshot, slots), self.scale)

    def digest(self) -> bytes:
        return self.basis.tobytes() + self.offset.tobytes() + repr(self.scale).encode()


def lay(values: NDArray[Any], rows: Ints | None, turn: Turn, scale: float) -> Laid:
    """Positions of rows, with far ones at the rim and what cannot be placed as NaN."""
    count = len(values) if rows is None else len(rows)
    basis = turn.basis.astype(np.float32)
    positions = np.empty((count, basis.shape[1]), np.float32)
    for where, left, lengths in rows_of.blocks(values, rows, turn.offset):
        np.matmul(left, basis, out=positions[where])
        if not np.isfinite(lengths).all():
            positions[where][~np.isfinite(lengths)] = np.nan
    positions += turn.shift.astype(np.float32)
    positions *= scale
    return Laid(positions, _bring_to_rim(positions, values, rows))


def _bring_to_rim(positions: Floats, values: NDArray[Any], rows: Ints | None) -> int:
    lengths = np.sqrt(np.einsum("ij,ij->i", positions, positions))
    outside = np.flatnonzero(lengths > RIM)
    if not len(outside):
        return 0
    # Who is outside the usual radius is not far for that: a cloud may grow.
    within, _ = rows_of.kept(
        values, outside if rows is None else rows[outside], rows_of.spread(values)
    )
    far = outside[~within]
    positions[far] *= (RIM / lengths[far])[:, None]
    return len(far)
