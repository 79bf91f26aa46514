"""Numbers that a run logs step by step, drawn beneath the timeline. See `model` for the words."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tb_animate.model import Progress

MAX_POINTS = 20_000
"""Of one curve in one answer: ten for each pixel of a wide strip."""

_KEPT_OF_BUCKET = 3  # The least, the greatest, the first that is no finite number.


@dataclasses.dataclass(frozen=True, slots=True)
class Scalar:
    """All points of one run and tag, in few words.

    Attributes:
      points: how many can be read.
      first_step, last_step: of those.
      sampled: they are a random sample that TensorBoard keeps of what was logged.
    """

    run: str
    tag: str
    display_name: str
    description: str
    points: int
    first_step: int
    last_step: int
    sampled: bool = False


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Points:
    """A curve as it was at one moment.

    Attributes:
      steps: strictly increasing, int64 of shape [points].
      wall_times: seconds since the epoch, float64 of shape [points].
      values: float32 of shape [points], not all of them finite.
      sampled: as of `Scalar`.
    """

    steps: NDArray[np.int64]
    wall_times: NDArray[np.float64]
    values: NDArray[np.float32]
    sampled: bool = False

    def take(self, positions: NDArray[np.int64]) -> Points:
        return Points(
            self.steps[positions], self.wall_times[positions], self.values[positions], self.sampled
        )


def in_order(scalars: Iterable[Scalar]) -> list[Scalar]:
    """By tag, then run: as sources list them."""
    return sorted(scalars, key=lambda one: (one.tag, one.run))


class ScalarSource(Protocol):
    """Where curves come from. Safe to use from several threads."""

    def scalars(self) -> list[Scalar]:
        """What can be read at this moment, ordered by tag, then run."""

    def points(self, run: str, tag: str) -> Points | None:
        """A curve; `None` when there is none of these names (any more)."""

    def progress(self) -> Progress:
        """How many bytes of the logs have been walked."""

    def wait(self, timeout: float | None = None, since: float | None = None) -> bool:
        """As `model.Source.wait`."""


def thin(points: Points, most: int = MAX_POINTS) -> Points:
    """At most so many of the points: those that a picture of the curve cannot do without.

    The first and the last stay. The others are cut into equal numbers of neighbours, of which
    each gives its least and its greatest value and the first that is no finite number: a
    single spike, and the step at which a loss became NaN, are there however many points are
    left out.

    Args:
      most: at least 5.
    """
    count = len(points.steps)
    if count <= most:
        return points
    inner = points.values[1:-1]
    buckets = (most - 2) // _KEPT_OF_BUCKET
    size = -(-len(inner) // buckets)
    filled = -(-len(inner) // size)
    finite = np.zeros(filled * size, bool)
    finite[: len(inner)] = np.isfinite(inner)
    padded = np.zeros(filled * size, np.float32)
    padded[: len(inner)] = inner
    table, known = padded.reshape(filled, size), finite.reshape(filled, size)
    odd = ~known
    odd.reshape(-1)[len(inner) :] = False
    starts = 1 + size * np.arange(filled)
    kept = [
        starts + np.where(known, table, np.inf).argmin(axis=1),
        starts + np.where(known, table, -np.inf).argmax(axis=1),
        (starts + odd.argmax(axis=1))[odd.any(axis=1)],
        np.array([0, count - 1]),
    ]
    return points.take(np.unique(np.concatenate(kept)))
