"""Frames of points together with what else is known of these, see `tables`.

A frame has the table of the latest record at its step or earlier; none where TensorBoard may
have dropped that record from its sample.
"""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from tb_animate import errors
from tb_animate.model import (
    Frame,
    FrameIndex,
    LogWarning,
    PointTable,
    Progress,
    Series,
    Source,
    Wanted,
    series_id,
)
from tb_animate.sources.tables import (
    RECORDS,
    SUFFIX,
    TableCache,
    UnreadTable,
    Unusable,
    before_of,
    digest_of,
    parse,
    points_of,
)

MAX_WARNINGS = 20
"""That are kept: mostly they say the same of many steps."""


class PointsSource:
    """A `model.Source` whose frames of points come with their tables.

    Args:
      inner: where the series come from; asked for `RECORDS`, too.
      wanted: what the kinds read.
    """

    def __init__(self, inner: Source, wanted: Iterable[Wanted]) -> None:
        self._inner = inner
        self._kinds = frozenset(item.kind for item in wanted if item.points)
        self._tables = _Tables()

    def runs(self) -> list[str]:
        return self._inner.runs()

    def series(self) -> list[Series]:
        return [series for series in self._inner.series() if series.kind != RECORDS.kind]

    def open(self, series_id: str) -> FrameIndex:
        index = self._inner.open(series_id)
        if index.series.kind == RECORDS.kind:
            raise errors.NotFound("There is no such series; reload to list what is there.")
        if index.series.kind not in self._kinds:
            return index
        return _PointsIndex(index, self._records(index.series), self._tables)

    def warnings(self) -> list[LogWarning]:
        return [*self._inner.warnings(), *self._tables.warnings()]

    def progress(self) -> Progress:
        return self._inner.progress()

    def wait(self, timeout: float | None = None, since: float | None = None) -> bool:
        return self._inner.wait(timeout, since)

    def _records(self, series: Series) -> FrameIndex | None:
        try:
            return self._inner.open(series_id(series.run, series.tag + SUFFIX, RECORDS.kind))
        except errors.NotFound:
            return None


class _PointsIndex:
    """A `model.FrameIndex` over one of points and one of records, if there are any."""

    def __init__(self, points: FrameIndex, records: FrameIndex | None, tables: _Tables) -> None:
        self._points = points
        self._records = records
        self._tables = tables
        self._adjoining: dict[int, bool] = {}

    @property
    def series(self) -> Series:
        return self._points.series

    @property
    def steps(self) -> NDArray[np.int64]:
        return self._points.steps

    @property
    def wall_times(self) -> NDArray[np.float64]:
        return self._points.wall_times

    @property
    def generation(self) -> str:
        if self._records is None:
            return self._points.generation
        return f"{self._points.generation}-{self._records.generation}"

    def read(self, positions: Iterable[int]) -> Iterator[Frame]:
        missed: set[int] = set()
        for frame in self._points.read(positions):
            try:
                table = self._table(frame, missed)
            except UnreadTable:
                yield dataclasses.replace(frame, unread=True)
            else:
                yield frame if table is None else dataclasses.replace(frame, table=table)

    def _table(self, frame: Frame, missed: set[int]) -> PointTable | None:
        """The table of a frame, if it has one.

        Args:
          missed: records that could not be read, to which such a one is added. They are not
            asked for once more: storage that is away may take long to say so.

        Raises:
          UnreadTable: it may have one, which cannot be read.
        """
        if self._records is None or frame.table is not None:
            return None
        at = int(np.searchsorted(self._records.steps, frame.step, side="right")) - 1
        if at < 0 or not isinstance(frame.data, np.ndarray) or not frame.data.ndim:
            return None
        if at in missed:
            raise UnreadTable("it could not be read a moment ago.")
        try:
            if self._records.steps[at] != frame.step and not self._adjoins(self._records, at):
                return None
            table = self._tables.read(self._records, at)
        except UnreadTable:
            missed.add(at)
            raise
        # Labels of other points are worse than none.
        fits = table is not None and points_of(table) in (None, len(frame.data))
        return table if fits else None

    def _adjoins(self, records: FrameIndex, at: int) -> bool:
        """Whether nothing was logged between this record and the next one that is here."""
        # TensorBoard always keeps the last one.
        if not records.series.sampled or at + 1 == len(records.steps):
            return True
        if at not in self._adjoining:
            (following,) = records.read([at + 1])
            if following.unread:
                raise UnreadTable("the one after it cannot be read.")
            self._adjoining[at] = before_of(following.data) == records.steps[at]
        return self._adjoining[at]


class _Tables:
    """Reads records, and knows which of them could not be used."""

    def __init__(self) -> None:
        self._cache = TableCache()
        self._lock = threading.Lock()
        self._warnings: dict[tuple[str, int], LogWarning] = {}

    def warnings(self) -> list[LogWarning]:
        with self._lock:
            return list(self._warnings.values())

    def read(self, records: FrameIndex, position: int) -> PointTable | None:
        """The table of a record; `None` and a warning where it cannot be used.

        Raises:
          UnreadTable: nor can it be read; with a warning, too.
        """
        series, step = records.series, int(records.steps[position])

        def load() -> tuple[str, Callable[[], tuple[PointTable, int]]]:
            with self._lock:
                self._warnings.pop((series.id, step), None)
            (frame,) = records.read([position])
            data = frame.data
            if data is None:
                problem = UnreadTable if frame.unread else Unusable
                raise problem(frame.error or "it cannot be read.")
            digest = digest_of(data)
            return digest, lambda: parse(data, digest)

        def failed(reason: str) -> None:
            tag = series.tag.removesuffix(SUFFIX)
            message = f'What is known of the points of "{tag}" at step {step} is not used: {reason}'
            with self._lock:
                if len(self._warnings) < MAX_WARNINGS:
                    self._warnings[series.id, step] = LogWarning(series.run, "", None, message)

        return self._cache.get((series.id, records.generation, position), load, failed)
