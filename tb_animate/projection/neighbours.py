"""The view that keeps neighbours: some points of some frames are laid out together by
t-SNE, and all others are placed among those that are nearest to them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from tb_animate.projection import basis
from tb_animate.projection.linear import Laid, View
from tb_animate.projection.model import Doubles, Floats, Ints, Snapshot

IDS = 2_000
FRAMES = 10
NEAREST = 15

# Dimensions that neighbours are looked for in.
FEATURES = 50

# Rows whose neighbours are looked for at once: 8 MB of distances.
BLOCK = 512

KEPT_BYTES = 64_000_000


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """Points of one frame that were laid out.

    Attributes:
      step: of the frame.
      features: float32, shape [points, features].
      positions: float32, shape [points, dims].
    """

    step: int
    features: Floats
    positions: Floats


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Neighbours:
    """Places points among the references of the frames before and after.

    Attributes:
      features: the view whose axes are the features.
      references: in the order of their steps, at least one.
      kept: positions by step, of frames that were placed before.
    """

    features: View
    references: Sequence[Reference]
    middle: Doubles
    scale: float
    kept: Mapping[int, Laid] = dataclasses.field(default_factory=dict)

    def place(
        self,
        snapshot: Snapshot,
        slots: Ints,
        rows: Ints | None,
        tick: Callable[[], None] | None = None,
    ) -> Laid:
        """As `View.place`; `tick` is called several times a second."""
        if snapshot.step in self.kept:
            return self.kept[snapshot.step]
        features = self.features.place(snapshot, slots, rows).positions
        near = self._around(snapshot.step)
        known = np.concatenate([one.features for one in near])
        targets = np.concatenate([one.positions for one in near])
        positions = np.full((len(features), targets.shape[1]), np.nan, np.float32)
        whole = np.flatnonzero(np.isfinite(features).all(axis=1))
        for start in range(0, len(whole), BLOCK):
            if tick is not None:
                tick()
            some = whole[start : start + BLOCK]
            positions[some] = among(features[some], known, targets)
        positions -= self.middle.astype(np.float32)
        positions *= self.scale
        return Laid(positions, 0)

    def digest(self) -> bytes:
        parts = [self.features.digest(), self.middle.tobytes(), repr(self.scale).encode()]
        return b"".join((*parts, *(one.positions.tobytes() for one in self.references)))

    def _around(self, step: int) -> Sequence[Reference]:
        """The reference frame of this step, or the ones before and after."""
        after = next(
            (i for i, one in enumerate(self.references) if one.step >= step),
            len(self.references),
        )
        if after < len(self.references) and self.references[after].step == step:
            return self.references[after : after + 1]
        return self.references[max(after - 1, 0) : after + 1]


def among(rows: Floats, known: Floats, positions: Floats) -> Floats:
    """Positions between those of the nearest known rows, the nearer the heavier.

    Weights are inverse squared distances (Shepard, 1968): a row that is known comes out
    where it is.

    Args:
      rows: shape [rows, features].
      known: shape [known, features], at least one.
      positions: of these, shape [known, dims].

    Returns:
      float32, shape [rows, dims].
    """
    count = min(NEAREST, len(known))
    nearness = rows @ known.T
    nearness -= np.einsum("ij,ij->i", known, known) / 2
    nearest = np.argpartition(nearness, len(known) - count, axis=1)[:, -count:]
    apart = known[nearest] - rows[:, None]
    squares = np.einsum("ijk,ijk->ij", apart, apart).astype(np.float64)
    smallest = squares.min(axis=1, keepdims=True)
    # Relative to the nearest, or those that are the row itself would weigh infinitely.
    weights = np.where(smallest > 0, smallest / np.where(squares > 0, squares, 1), squares == 0)
    weights /= weights.sum(axis=1, keepdims=True)
    return np.asarray(np.einsum("ij,ijk->ik", weights, positions[nearest]), np.float32)


def framed(features: View, references: Sequence[Reference]) -> Neighbours:
    """The view with its middle and scale."""
    together = np.concatenate([one.positions for one in references]).astype(np.float64)
    middle = together.mean(axis=0) if len(together) else np.zeros(together.shape[1])
    return Neighbours(features, references, middle, basis.scale_of(together - middle))


def turned_to(view: Neighbours, found: Floats, before: Floats) -> Neighbours:
    """The view turned, and mirrored, so that a frame lies as it did before.

    Args:
      found: its positions in this view, shape [points, dims].
      before: where they were; NaN: not there.
    """
    both = np.isfinite(found).all(axis=1) & np.isfinite(before).all(axis=1)
    if both.sum() < 2:
        return view
    source, target = found[both].astype(np.float64), before[both].astype(np.float64)
    turn = basis.nearest_rotation(source - source.mean(axis=0), target - target.mean(axis=0))
    references = [
        Reference(one.step, one.features, ((one.positions - view.middle) @ turn).astype(np.float32))
        for one in view.references
    ]
    return dataclasses.replace(view, references=references, middle=np.zeros(len(view.middle)))
