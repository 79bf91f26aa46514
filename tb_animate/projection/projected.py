"""A fitted projection: where each snapshot's points stand in the picture."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Sequence

import numpy as np

from tb_animate.projection.cloud import Cloud, Stretch
from tb_animate.projection.linear import View
from tb_animate.projection.model import Align, Ints, Method, Options, Placed, Segment, Snapshot


@dataclasses.dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Projection:
    """Made by `fit` and `extend`. Does not change; safe to use from several threads.

    Attributes:
      options: how it was asked for.
      variance: the share of the variance within frames that the axes show, 0 to 1; 0 for
        t-SNE.
      aligned: frames were turned onto each other.
      frames: how many are covered.
      fitted: how many of them were looked at as it was fitted.
      notes: plain sentences on what the picture shows and what not.
      key: changes when a frame that was placed before is placed otherwise.
      last: step of the last frame covered, `None` where there is none.
      cloud: which points are shown, and where.
      views: of each segment.
    """

    options: Options
    variance: float
    aligned: bool
    frames: int
    fitted: int
    notes: tuple[str, ...]
    key: str
    last: int | None
    cloud: Cloud
    views: Sequence[View]

    @property
    def method(self) -> Method:
        return self.options.method

    @property
    def align(self) -> Align:
        return self.options.align

    @property
    def dims(self) -> int:
        return self.options.dims

    @property
    def segments(self) -> tuple[Segment, ...]:
        return tuple(one.segment for one in self.cloud.stretches)

    def segment(self, snapshot: Snapshot) -> int:
        """The position in `segments` of the one whose slots the snapshot's points take."""
        found = self.cloud.find(snapshot)
        return self.cloud.at(snapshot.step) if found is None else found

    def slots(self, snapshot: Snapshot) -> Ints:
        """The slot of each row, int64, shape [points]; -1: left out."""
        found = self.cloud.find(snapshot)
        if found is None:
            return np.full(len(snapshot.values), -1, np.int64)
        return self.cloud.stretches[found].slots(snapshot)

    def place(self, snapshot: Snapshot) -> Placed:
        """Where a snapshot's points stand; the same whenever and in whatever order asked.

        A snapshot whose points join no segment (the fit passed it over, and no other frame
        has as many rows or dimensions) has all of its points hidden.
        """
        found = self.cloud.find(snapshot)
        if found is None:
            at = self.cloud.at(snapshot.step)
            shown = self.segments[at].points if self.segments else 0
            nowhere = np.full((shown, self.dims), np.nan, np.float32)
            return Placed(at, nowhere, 0, len(snapshot.values))
        stretch = self.cloud.stretches[found]
        shown = stretch.segment.points
        if not len(snapshot.values):
            return Placed(found, np.full((shown, self.dims), np.nan, np.float32), 0, 0)
        slots = stretch.slots(snapshot)
        rows = None if (slots >= 0).all() else np.flatnonzero(slots >= 0)
        with np.errstate(all="ignore"):
            laid = self.views[found].place(snapshot, slots, rows)
        hidden = int((~np.isfinite(laid.positions[:, 0])).sum())
        if rows is None and stretch.rows is not None:
            # Row by row: no copy.
            return Placed(found, laid.positions, laid.outliers, hidden)
        positions = np.full((shown, self.dims), np.nan, np.float32)
        positions[slots if rows is None else slots[rows]] = laid.positions
        return Placed(found, positions, laid.outliers, hidden)


def key_of(options: Options, cloud: Cloud, views: Sequence[View]) -> str:
    digest = hashlib.blake2b(repr(options).encode(), digest_size=12)
    for stretch, view in zip(cloud.stretches, views, strict=True):
        _add_slots(digest, stretch)
        digest.update(view.digest())
    return digest.hexdigest()


def _add_slots(digest: hashlib.blake2b, stretch: Stretch) -> None:
    digest.update(repr((stretch.start, stretch.rows, stretch.segment.dimensions)).encode())
    if stretch.slot_of is not None:
        digest.update("\0".join(stretch.slot_of).encode("utf-8", "surrogatepass"))
    elif stretch.slot_of_row is not None and stretch.segment.points < stretch.segment.logged:
        digest.update(stretch.slot_of_row.tobytes())
