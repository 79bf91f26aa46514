"""Reads the snapshots that were found beside the event files, and keeps their points."""

from __future__ import annotations

import math
import os
import tempfile
import threading
import weakref
from collections.abc import Callable
from typing import IO

import numpy as np
from numpy.typing import NDArray

from tb_animate.model import LogWarning, PointTable
from tb_animate.sources import checkpoints, projector_files
from tb_animate.sources.broken import Unreadable
from tb_animate.sources.files import lies_in
from tb_animate.sources.projector_files import Beside
from tb_animate.sources.projector_folders import MAX_WARNINGS, Snapshot
from tb_animate.sources.tables import TableCache, UnreadTable, points_of

KEPT_BYTES = 512 << 20
"""Of points in a temporary file. Text takes a hundred times as long to read as these do, and
a fit reads all frames several times."""


class Reader:
    """Reads snapshots. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept = _Kept()
        self._tables = TableCache()
        # With the files that each is about.
        self._warnings: dict[tuple[str, str], tuple[Beside, LogWarning]] = {}

    def warnings(self) -> list[LogWarning]:
        with self._lock:
            return [warning for _, warning in self._warnings.values()]

    def read(self, one: Snapshot) -> tuple[NDArray[np.float32], PointTable | None, bool]:
        """Points and table of a snapshot, and whether the table cannot be read at the moment.

        Raises:
          Unreadable: there are no points, or only a part of them so far.
        """
        for path in (one.path, *one.beside.paths):
            # The search looked, too; but a file may have become a link since.
            if not lies_in(path, one.inside):
                raise Unreadable(
                    f'"{os.path.basename(path)}" leads out of the log directory and is not '
                    "read; put the file itself there."
                )
        stamps = tuple(map(projector_files.stamp_of, (one.path, *one.beside.paths)))
        points = self._read_points(one, stamps[0])
        if not one.beside.paths:
            return points, None, False

        def load() -> tuple[str, Callable[[], tuple[PointTable, int]]]:
            found = projector_files.load_table(one.beside, len(points))
            self._settle(one)
            return found

        try:
            table = self._tables.get(
                (one.beside, stamps[1:], len(points)), load, lambda reason: self._warn(one, reason)
            )
        except UnreadTable:
            return points, None, True
        described = points_of(table) if table is not None else None
        # Labels are written before the points.
        if described is not None and described > len(points) and not one.variable:
            raise Unreadable(
                f'"{os.path.basename(one.path)}" has {len(points):,} points so far, and there '
                f"are {described:,} labels; it may still be written."
            )
        return points, table if described in (None, len(points)) else None, False

    def _read_points(self, one: Snapshot, stamp: tuple[int, ...]) -> NDArray[np.float32]:
        key = one.path, one.variable, one.shape, stamp
        points = self._kept.get(key)
        if points is None:
            if one.variable:
                points = checkpoints.read_variable(one.path, one.variable)
            else:
                points = projector_files.read_points(one.path, one.shape)
            self._kept.put(key, points)
        points.flags.writeable = False
        return points

    def _warn(self, one: Snapshot, reason: str) -> None:
        message = f'What is known of the points of "{one.tag}" at step {one.step} is not used: '
        warning = LogWarning(one.run, "", None, message + reason)
        with self._lock:
            # Mostly it is the same with all steps.
            if len(self._warnings) < MAX_WARNINGS:
                self._warnings.setdefault((one.run, one.tag), (one.beside, warning))

    def _settle(self, one: Snapshot) -> None:
        """What was said of the files beside a snapshot does not hold any more."""
        with self._lock:
            if self._warnings.get((one.run, one.tag), (None,))[0] == one.beside:
                del self._warnings[one.run, one.tag]


class _Kept:
    """Points by name, in a temporary file that is gone with the process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._file: IO[bytes] | None = None
        self._places: dict[object, tuple[int, tuple[int, ...]]] = {}
        self._end = 0

    def get(self, key: object) -> NDArray[np.float32] | None:
        with self._lock:
            if self._file is None or key not in self._places:
                return None
            offset, shape = self._places[key]
            size = 4 * math.prod(shape)
            try:
                self._file.seek(offset)
                raw = self._file.read(size)
            except OSError:
                return None
        return np.frombuffer(raw, np.float32).reshape(shape) if len(raw) == size else None

    def put(self, key: object, points: NDArray[np.float32]) -> None:
        if points.nbytes > KEPT_BYTES:
            return
        with self._lock:
            try:
                if self._file is None:
                    # Without a buffer: one that a full disk did not take would stay in the way.
                    self._file = tempfile.TemporaryFile(  # noqa: SIM115
                        buffering=0, prefix="tb_animate-"
                    )
                    weakref.finalize(self, self._file.close)
                if self._end + points.nbytes > KEPT_BYTES:
                    self._places, self._end = {}, 0
                    self._file.truncate(0)
                self._file.seek(self._end)
                rest = np.ascontiguousarray(points).reshape(-1).view(np.uint8).data
                while rest:
                    # May take a part only, the disk's last.
                    rest = rest[self._file.write(rest) :]
            except OSError:
                return  # No room: then they are read anew.
            self._places[key] = self._end, points.shape
            self._end += points.nbytes
