"""The index of one event file: where the frames of each tag lie, and how far it is read.

A file's index depends on that file alone, so that one that grows, is replaced or vanishes
touches nothing else. `runs.py` joins the files of a run.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Mapping
from typing import Any

import numpy as np

from tb_animate.sources.byte_files import ByteFile
from tb_animate.sources.summaries import Declaration

ROW = np.dtype(
    [
        ("step", "<i8"),
        ("wall_time", "<f8"),
        ("offset", "<i8"),  # of the record's header
        ("length", "<i8"),  # of the record's data
        ("crc", "<u4"),  # of the record's data, as stored
        ("size", "<u2"),  # 1 + entries of the value; 0: no data
    ]
)
"""One logged value, 38 bytes."""

FINGERPRINT_BYTES = 64
"""Of the beginning, and before the place reached: enough to hold the first event's time
and the last record's CRC, by which a file that was written anew is told from one that
grew."""


@dataclasses.dataclass(frozen=True, slots=True)
class Damage:
    """Why and where the reading of a file ended before its end."""

    offset: int
    what: str


class Log:
    """What one file holds of one tag.

    Attributes:
      declaration: what the tag is by this file alone.
      data_class: what the sizes of its values were counted as.
      rows: what the walker makes of each value, packed, in the order of the file, those of
        dropped steps included; `ROW`s unless it says otherwise.
      form: what the walker remembers of the tag's last event, to know the next one by.
    """

    __slots__ = ("data_class", "declaration", "form", "last_step", "pending", "rows")

    def __init__(self, declaration: Declaration | None, data_class: int) -> None:
        self.declaration = declaration
        self.data_class = data_class
        self.rows = bytearray()
        self.pending = bytearray()
        self.last_step: int | None = None
        self.form: Any = None


_serials = itertools.count()


class EventFile:
    """How far an event file has been read and what was found.

    One thread at a time may call `advance`; `publish` must not run at the same time as
    anybody reads `published` or a log's `rows`.

    Attributes:
      tags: by tag, its log, or `None` for one that nobody wants.
      published: the same, for readers.
      skipped: how events begin, behind their step, that hold nothing but a value of a tag
        that nobody wants, with the length from there on.
      forced: data classes of tags that earlier files of the run have decided.
      serial: unlike that of any other in this process.
      position: where the next record begins.
      damage: set when reading cannot go on although there is more.
      stamp: what the file looked like from outside when its last walk was over.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.serial = next(_serials)
        self.forced: Mapping[bytes, int] = {}
        self.published: dict[bytes, Log | None] = {}
        self.position = 0
        self.records = 0
        self.damage: Damage | None = None
        self.stamp: tuple[object, ...] | None = None
        self.tags: dict[bytes, Log | None] = {}
        self.skipped: dict[bytes, int] = {}
        self._touched: set[Log] = set()
        self._edges: tuple[bytes, bytes] = b"", b""

    def add(
        self, step: int, begun: Mapping[bytes, Log | None], rows: list[tuple[Log, bytes]]
    ) -> None:
        """Takes in the values of one record."""
        self.tags.update(begun)
        for log, row in rows:
            self.append(log, step, row)

    def append(self, log: Log, step: int, row: bytes) -> None:
        """Takes in a value of a tag that is known."""
        log.pending += row
        log.last_step = step
        self._touched.add(log)

    def publish(self) -> None:
        """Makes what `advance` found visible to readers."""
        for log in self._touched:
            log.rows += log.pending
            log.pending.clear()
        self._touched.clear()
        if len(self.published) != len(self.tags):
            self.published = dict(self.tags)

    def continues(self, file: ByteFile, size: int) -> bool:
        """Whether the file still begins with what was read."""
        return size >= self.position and self._edges == _edges(file, self.position)

    def misread(self, decided: Mapping[bytes, int]) -> bool:
        """Whether a tag was taken for something that earlier files say it is not.

        Args:
          decided: by tag, its data class, 0 if nobody wants it.
        """
        for tag in decided.keys() & self.published.keys():
            log = self.published[tag]
            if decided[tag] and (log is None or log.data_class != decided[tag]):
                return True
        return False

    def settle(self, file: ByteFile, stamp: tuple[object, ...]) -> None:
        """To be called when a walk is over: remembers by what to tell that it is current."""
        self._edges = _edges(file, self.position)
        self.stamp = stamp


def _edges(file: ByteFile, position: int) -> tuple[bytes, bytes]:
    count = min(FINGERPRINT_BYTES, position)
    if not count:
        return b"", b""
    return file.read(count, 0), file.read(count, position - count)
