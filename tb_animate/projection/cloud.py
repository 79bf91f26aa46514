"""Which rows of different snapshots are the same point, and where it stands in the picture.

Points are joined by their ids where these are given, else by the row as long as there are
as many rows. Where neither holds, or the number of dimensions changes, another stretch of
frames begins, whose points have nothing to do with those before.
"""

from __future__ import annotations

import bisect
import dataclasses
from collections.abc import Sequence
from itertools import repeat
from typing import NamedTuple

import numpy as np

from tb_animate.projection import hashing
from tb_animate.projection.model import Ints, Segment, Snapshot

# More dots than this no page draws at a rate worth watching.
LIMIT = 100_000


@dataclasses.dataclass(slots=True, eq=False)
class Stretch:
    """The points of one segment. Does not change once its projection is made.

    Attributes:
      start: step of its first frame.
      segment: how many points it shows.
      rows: rows of every frame; `None` where ids name them.
      slot_of_row: shape [rows], -1: left out.
      slot_of: by id, those shown.
    """

    start: int
    segment: Segment
    rows: int | None
    slot_of_row: Ints | None = None
    slot_of: dict[str, int] | None = None
    _latest: tuple[Sequence[str], Ints] | None = None

    def joins(self, snapshot: Snapshot) -> bool:
        """Whether the snapshot's points can be joined with these."""
        count, dimensions = snapshot.values.shape
        if count and dimensions != self.segment.dimensions:
            return False
        return not count or self.rows == (None if snapshot.ids is not None else count)

    def slots(self, snapshot: Snapshot) -> Ints:
        """The slot of each row, shape [points]; -1: left out."""
        if not len(snapshot.values):
            return np.empty(0, np.int64)
        if snapshot.ids is None or self.slot_of is None:
            assert self.slot_of_row is not None
            return self.slot_of_row
        # Frames that were logged with the same table bring the same list of ids.
        latest = self._latest
        if latest is None or latest[0] is not snapshot.ids:
            found = np.fromiter(map(self.slot_of.get, snapshot.ids, repeat(-1)), np.int64)
            latest = (snapshot.ids, first_only(found)[0])
            self._latest = latest
        return latest[1]


class Looked(NamedTuple):
    """A snapshot as it was met: its stretch by position, and a number for each row.

    Rows of one point have one number in all frames of a stretch; -1: left out.
    """

    stretch: int
    numbers: Ints


class Cloud:
    """All stretches of a series, in the order of their steps."""

    def __init__(self, stretches: Sequence[Stretch]) -> None:
        self.stretches = tuple(stretches)
        self._starts = [one.start for one in stretches]

    def at(self, step: int) -> int:
        """The stretch at a step by position; 0 where there is none."""
        return max(bisect.bisect_right(self._starts, step) - 1, 0)

    def find(self, snapshot: Snapshot) -> int | None:
        """The stretch of a snapshot by position, or `None` where it joins none of them."""
        if not self.stretches:
            return None
        at = self.at(snapshot.step)
        if self.stretches[at].joins(snapshot):
            return at
        others = sorted(range(len(self.stretches)), key=lambda other: abs(other - at))
        return next((i for i in others if self.stretches[i].joins(snapshot)), None)


class Gathering:
    """Makes a cloud of snapshots that come one by one, in the order of their steps.

    Attributes:
      repeated: points that a snapshot names more than once, the most at one step.
    """

    def __init__(self, before: Cloud | None = None, *, limit: int = LIMIT) -> None:
        self.repeated = 0
        self._limit = limit
        self._stretches = list(before.stretches) if before else []
        self._names: Names | None = None
        if self._stretches and self._stretches[-1].slot_of is not None:
            last = self._stretches[-1]
            self._names = Names(limit, last)
        self._empty: Snapshot | None = None

    def look(self, snapshot: Snapshot) -> Looked | None:
        """Joins a snapshot's points with those before; `None`: it has no points."""
        if not len(snapshot.values):
            self._empty = self._empty or snapshot
            return None
        if not self._stretches or not self._stretches[-1].joins(snapshot):
            self._close()
            self._begin(snapshot)
        last = self._stretches[-1]
        if self._names is None or snapshot.ids is None:
            assert last.slot_of_row is not None
            return Looked(len(self._stretches) - 1, last.slot_of_row)
        numbers, repeated = self._names.look(snapshot.ids, snapshot.labels)
        self.repeated = max(self.repeated, repeated)
        return Looked(len(self._stretches) - 1, numbers)

    def finish(self) -> Cloud:
        self._close()
        if not self._stretches and self._empty is not None:
            nothing = Segment(0, 0, self._empty.values.shape[1])
            none = np.empty(0, np.int64)
            self._stretches.append(Stretch(self._empty.step, nothing, 0, none))
        return Cloud(self._stretches)

    def _begin(self, snapshot: Snapshot) -> None:
        count, dimensions = snapshot.values.shape
        if snapshot.ids is not None:
            self._names = Names(self._limit)
            self._stretches.append(Stretch(snapshot.step, Segment(0, 0, dimensions), None))
            return
        slots = np.arange(count)
        if count > self._limit:
            stay = hashing.select(hashing.mixed(slots), snapshot.labels, self._limit)
            slots = np.full(count, -1, np.int64)
            slots[stay] = np.arange(len(stay))
        slots.flags.writeable = False
        segment = Segment(min(count, self._limit), count, dimensions)
        self._stretches.append(Stretch(snapshot.step, segment, count, slots))

    def _close(self) -> None:
        """Settles which of the names seen in the last stretch are shown."""
        if self._names is not None:
            last = self._stretches[-1]
            slot_of, logged = self._names.finish()
            segment = Segment(len(slot_of), logged, last.segment.dimensions)
            self._stretches[-1] = Stretch(last.start, segment, None, slot_of=slot_of)
            self._names = None


class Names:
    """Ids of one stretch in the order in which they appear, and who of them is shown."""

    def __init__(self, limit: int, before: Stretch | None = None) -> None:
        self._limit = limit
        self._number_of: dict[str, int] = dict(before.slot_of or {}) if before else {}
        self._labels: dict[str, str] = {}
        self._next = len(self._number_of)
        self._logged = before.segment.logged if before else 0
        # Slots that were given stay: whoever comes later takes those that are left.
        self._room = limit if before else None
        self._bound: int | None = None
        self._latest: tuple[Sequence[str], tuple[Ints, int]] | None = None

    def look(self, ids: Sequence[str], labels: Sequence[str] | None) -> tuple[Ints, int]:
        """The number of each row, -1 where left out, and how many rows repeat a point."""
        if self._latest is None or self._latest[0] is not ids:
            self._latest = (ids, self._join(ids, labels))
        return self._latest[1]

    def finish(self) -> tuple[dict[str, int], int]:
        """Slot by id, and how many different ids there were (about, if very many)."""
        names = list(self._number_of)
        logged = max(self._logged, len(names))
        if self._room is None and len(names) > self._limit:
            hashes = hashing.of_texts(names)
            if self._bound is not None:
                # Hashes are even: as many as lie below the bound, in proportion.
                below = int((hashes <= np.uint64(self._bound)).sum())
                logged = max(logged, round(below / (self._bound / 2**64)))
            stay = hashing.select(hashes, self._labels_of(names), self._limit)
            names = [names[i] for i in stay]
        return {name: slot for slot, name in enumerate(names)}, logged

    def _join(self, ids: Sequence[str], labels: Sequence[str] | None) -> tuple[Ints, int]:
        numbers = np.fromiter(map(self._number_of.get, ids, repeat(-1)), np.int64)
        for row in np.flatnonzero(numbers < 0).tolist():
            numbers[row] = self._admit(ids[row], labels[row] if labels is not None else None)
        if self._room is None and len(self._number_of) > 4 * self._limit:
            self._thin()
        return first_only(numbers)

    def _admit(self, name: str, label: str | None) -> int:
        number = self._number_of.get(name)
        if number is not None:
            return number
        if self._room is not None and len(self._number_of) >= self._room:
            return -1
        if self._bound is not None and hashing.of_text(name) > self._bound:
            return -1
        self._number_of[name] = self._next
        if label is not None:
            self._labels[name] = label
        self._next += 1
        return self._next - 1

    def _thin(self) -> None:
        """Forgets those who cannot be shown, or sets that change would fill the memory."""
        names = list(self._number_of)
        hashes = hashing.of_texts(names)
        stay = hashing.select(hashes, self._labels_of(names), 2 * self._limit)
        self._bound = int(np.partition(hashes, self._limit)[self._limit])
        self._number_of = {names[i]: self._number_of[names[i]] for i in stay}
        self._labels = {
            name: self._labels[name] for name in self._number_of if name in self._labels
        }

    def _labels_of(self, names: Sequence[str]) -> list[str] | None:
        return [self._labels.get(name, "") for name in names] if self._labels else None


def first_only(numbers: Ints) -> tuple[Ints, int]:
    """Without those that came before in the same snapshot, and how many these were."""
    there = np.flatnonzero(numbers >= 0)
    if not len(there) or np.bincount(numbers[there]).max() < 2:
        return numbers, 0
    _, first = np.unique(numbers[there], return_index=True)
    alone = np.full(len(numbers), -1, np.int64)
    alone[there[first]] = numbers[there[first]]
    return alone, len(there) - len(first)
