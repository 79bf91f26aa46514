"""Several sources as one; of a series that two have, the first source's counts."""

from __future__ import annotations

import time
from collections.abc import Sequence

from tb_animate import errors
from tb_animate.model import FrameIndex, LogWarning, Progress, Series, Source, in_order


class JoinedSource:
    """A `model.Source` of several.

    Args:
      sources: those that win come first.
    """

    def __init__(self, sources: Sequence[Source]) -> None:
        self._sources = tuple(sources)

    def runs(self) -> list[str]:
        return sorted({run for source in self._sources for run in source.runs()})

    def series(self) -> list[Series]:
        found: dict[str, Series] = {}
        for source in self._sources:
            for series in source.series():
                found.setdefault(series.id, series)
        return in_order(found.values())

    def open(self, series_id: str) -> FrameIndex:
        *others, last = self._sources
        for source in others:
            try:
                return source.open(series_id)
            except errors.NotFound:
                continue
        return last.open(series_id)

    def warnings(self) -> list[LogWarning]:
        return [warning for source in self._sources for warning in source.warnings()]

    def progress(self) -> Progress:
        parts = [source.progress() for source in self._sources]
        return Progress(sum(part.done for part in parts), sum(part.total for part in parts))

    def wait(self, timeout: float | None = None, since: float | None = None) -> bool:
        begun = time.monotonic()
        since = begun if since is None else since
        until = None if timeout is None else begun + timeout
        done = True
        for source in self._sources:
            left = None if until is None else max(0.0, until - time.monotonic())
            done = source.wait(left, since) and done
        return done
