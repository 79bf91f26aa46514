"""Frames of points as they were logged, on their way into the projection."""

from __future__ import annotations

import dataclasses
import operator
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tb_animate import projection
from tb_animate.kinds.columns import label_column
from tb_animate.kinds.points import Slots, Tables
from tb_animate.model import PointTable


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Points:
    """One frame as logged: `values` of shape [points, dimensions]."""

    step: int
    values: NDArray[Any]
    table: PointTable | None


class Passing:
    """Frames on their way into the projection, and the tables that they had."""

    def __init__(self, frames: Iterable[Points]) -> None:
        self._frames = frames
        self._labels: dict[str, str | None] = {}
        self._with_table: dict[int, Points] = {}

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
                # Slots go by ids and rows: the shape says enough, and takes no room.
                hollow = np.broadcast_to(np.float32(0), data.values.shape)
                self._with_table[data.step] = Points(data.step, hollow, table)
            yield snapshot(data, labels)

    def tables(self, known: Tables, found: projection.Projection) -> Tables:
        """The tables known before, and those of the frames that went through."""
        new: dict[tuple[str, int], tuple[PointTable, int, Slots, int]] = {}
        for data in self._with_table.values():
            table = data.table
            assert table is not None
            one = snapshot(data)
            segment = found.segment(one)
            key = (table.digest, segment)
            if key not in new and known.find(table, segment) < 0:
                count = found.segments[segment].points
                new[key] = (table, segment, found.slots(one), count)
        return known.add(new.values()) if new else known


def snapshot(data: Points, labels: Sequence[str] | None = None) -> projection.Snapshot:
    """A frame as the projection takes it.

    Args:
      labels: of which some points each stay where not all can be shown.
    """
    ids = data.table.ids if data.table is not None else None
    return projection.Snapshot(data.step, data.values, ids, labels)
