"""Frames of points as they were logged, on their way into the projection."""

from __future__ import annotations

import dataclasses
import operator
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tb_animate import projection
from tb_animate.kinds import versions
from tb_animate.kinds.columns import label_column
from tb_animate.kinds.points import Tables
from tb_animate.kinds.versions import Slots
from tb_animate.model import PointTable


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Points:
    """One frame as logged: `values` of shape [points, dimensions]."""

    step: int
    values: NDArray[Any]
    table: PointTable | None


class Passing:
    """Frames on their way into the projection, and the tables that they had.

    The tables are held until it is known where points belong, unless they are so large
    together that reading them once more is the lesser evil.

    Args:
      frames: may be iterated several times.
    """

    def __init__(self, frames: Iterable[Points]) -> None:
        self._frames = frames
        self._labels: dict[str, str | None] = {}
        self._tables: dict[str, PointTable] = {}
        self._with_table: dict[int, Points] = {}
        self._weight = 0

    def __length_hint__(self) -> int:
        return operator.length_hint(self._frames)

    def __iter__(self) -> Iterator[projection.Snapshot]:
        for data in self._frames:
            labels = None
            table = data.table
            if table is not None:
                if table.digest not in self._labels:
                    self._labels[table.digest] = label_column(table)
                name = self._labels[table.digest]
                labels = table.columns[name] if name is not None else None
                self._hold(data, table)
            yield snapshot(data, labels)

    def tables(self, known: Tables, found: projection.Projection) -> Tables:
        """The tables known before, and those of the frames that went through."""
        if self._weight > versions.MAX_HELD:
            return known.add(_new(self._frames, known, found))
        return known.add(_new(self._with_table.values(), known, found))

    def _hold(self, data: Points, table: PointTable) -> None:
        if self._weight > versions.MAX_HELD:
            return
        if table.digest not in self._tables:
            self._tables[table.digest] = table
            self._weight += versions.weight(table)
        if self._weight > versions.MAX_HELD:
            self._tables.clear()
            self._with_table.clear()
            return
        # Slots go by ids and rows: the shape says enough, and takes no room.
        hollow = np.broadcast_to(np.float32(0), data.values.shape)
        # Of equal tables, one is enough.
        self._with_table[data.step] = Points(data.step, hollow, self._tables[table.digest])


def _new(
    frames: Iterable[Points], known: Tables, found: projection.Projection
) -> Iterator[tuple[PointTable, int, Slots, int]]:
    """What `Tables.add` takes, of the tables that are not known."""
    seen: set[tuple[str, int]] = set()
    for data in frames:
        table = data.table
        if table is None:
            continue
        one = snapshot(data)
        segment = found.segment(one)
        key = (table.digest, segment)
        if key not in seen and known.find(table, segment) < 0:
            seen.add(key)
            yield table, segment, found.slots(one), found.segments[segment].points


def snapshot(data: Points, labels: Sequence[str] | None = None) -> projection.Snapshot:
    """A frame as the projection takes it.

    Args:
      labels: of which some points each stay where not all can be shown.
    """
    ids = data.table.ids if data.table is not None else None
    return projection.Snapshot(data.step, data.values, ids, labels)
