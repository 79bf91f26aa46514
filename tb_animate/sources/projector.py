"""Embeddings that lie in files beside the event files, as TensorBoard's projector reads them.

`ProjectorSource` looks for them in the background and holds where each snapshot lies; its
points are read when they are asked for.
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from tb_animate import errors
from tb_animate.model import (
    Frame,
    FrameIndex,
    LogWarning,
    Progress,
    Series,
    Wanted,
    in_order,
    series_id,
)
from tb_animate.sources.broken import broken_frame
from tb_animate.sources.files import Root
from tb_animate.sources.projector_folders import Finder, Snapshot
from tb_animate.sources.projector_reader import Reader
from tb_animate.sources.reading import Reading

logger = logging.getLogger(__name__)

LONG_SEARCH = 0.25
"""Seconds. A search that took longer is not repeated for `REST` times as long."""

REST = 20


class ProjectorSource:
    """A `model.Source` over the projector's files. Safe to use from several threads.

    Args:
      roots: the log directories; they need not exist yet.
      wanted: what the kinds read; those of points get these series.
    """

    def __init__(self, roots: Sequence[Root], wanted: Iterable[Wanted]) -> None:
        self._scan = _Scan(roots, [item.kind for item in wanted if item.points])
        self._reading = Reading(self._scan)
        self._reader = Reader()

    def runs(self) -> list[str]:
        """Names of the runs that have something here."""
        return sorted({group.series.run for group in self._look().values()})

    def series(self) -> list[Series]:
        return in_order(group.series for group in self._look().values())

    def open(self, series_id: str) -> FrameIndex:
        group = self._look().get(series_id)
        if group is None:
            raise errors.NotFound(
                "There is no such series in the logs (any more). Reload to see what there is."
            )
        return _ProjectorIndex(group, self._reader)

    def warnings(self) -> list[LogWarning]:
        with self._scan.lock:
            return [*self._scan.warnings, *self._reader.warnings()]

    def progress(self) -> Progress:
        """Searching is quick, and how much there is to search is known only at its end."""
        with self._scan.lock:
            return Progress(int(self._scan.searched), 1)

    def wait(self, timeout: float | None = None, since: float | None = None) -> bool:
        return self._reading.wait(timeout, since)

    def _look(self) -> dict[str, _Group]:
        self._reading.nudge()
        with self._scan.lock:
            return self._scan.groups


class _Scan:
    """What a `Reading` keeps up to date: the series under some log directories.

    Attributes:
      groups: by the series' id.
    """

    def __init__(self, roots: Sequence[Root], kinds: Sequence[str]) -> None:
        self.lock = threading.RLock()
        self.rest = 0.0
        self.searched = False
        self.groups: dict[str, _Group] = {}
        self.warnings: list[LogWarning] = []
        self._roots = tuple(roots)
        self._kinds = tuple(kinds)
        self._finder = Finder()

    def stop(self) -> None:
        """A search ends soon by itself."""

    def run(self) -> bool:
        started = time.monotonic()
        try:
            snapshots, warnings = self._finder.find(self._roots)
        except Exception:
            logger.exception("tb_animate could not look for the projector's files")
            message = (
                "The folders of TensorBoard's projector could not be read, so embeddings "
                "in them are left out. The log of this process says why."
            )
            snapshots, warnings = [], [LogWarning("", "", None, message)]
        lasted = time.monotonic() - started
        groups = self._arrange(snapshots)
        with self.lock:
            self.groups, self.warnings, self.searched = groups, warnings, True
            self.rest = REST * lasted if lasted > LONG_SEARCH else 0.0
        return True

    def _arrange(self, snapshots: list[Snapshot]) -> dict[str, _Group]:
        by_series: dict[tuple[str, str], list[Snapshot]] = {}
        for one in snapshots:
            by_series.setdefault((one.run, one.tag), []).append(one)
        groups: dict[str, _Group] = {}
        for (run, tag), held in by_series.items():
            held.sort(key=lambda one: one.step)
            for kind in self._kinds:
                key = series_id(run, tag, kind)
                groups[key] = _Group(kind, held, self.groups.get(key))
        return groups


class _Group:
    """The snapshots of a series as of one search, by step.

    Args:
      before: of the same series, as of the search before.
    """

    def __init__(self, kind: str, snapshots: list[Snapshot], before: _Group | None) -> None:
        self.snapshots = snapshots
        count = len(before.snapshots) if before is not None else 0
        self.generation: str
        if before is not None and snapshots[:count] == before.snapshots:
            self.generation = before.generation
        else:
            # Unlike those of other processes, which may have shown something else.
            self.generation = secrets.token_hex(8)
        first, last = snapshots[0], snapshots[-1]
        self.series = Series(
            run=first.run,
            tag=first.tag,
            kind=kind,
            samples=1,
            frames=len(snapshots),
            logged=len(snapshots),
            first_step=first.step,
            last_step=last.step,
            complete=True,
        )


class _ProjectorIndex:
    """A `model.FrameIndex` over the files of one search."""

    def __init__(self, group: _Group, reader: Reader) -> None:
        self.series = group.series
        self.generation = group.generation
        self.steps: NDArray[np.int64] = np.array([one.step for one in group.snapshots], np.int64)
        self.wall_times: NDArray[np.float64] = np.array(
            [_written(one) for one in group.snapshots], np.float64
        )
        self._snapshots = group.snapshots
        self._reader = reader

    def read(self, positions: Iterable[int]) -> Iterator[Frame]:
        for position in positions:
            one = self._snapshots[position]
            try:
                points, table, unread = self._reader.read(one)
            except Exception as error:
                # Whatever it is, the other frames are shown.
                yield broken_frame(one.step, _written(one), error)
            else:
                yield Frame(one.step, _written(one), points, table=table, unread=unread)


def _written(snapshot: Snapshot) -> float:
    return snapshot.stamp[0][2] / 1e9
