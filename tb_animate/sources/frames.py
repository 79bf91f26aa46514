"""Reads the frames of an index when they are asked for."""

from __future__ import annotations

import collections
import os
import threading
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from tb_animate.model import Frame, Series
from tb_animate.sources import crc32c, tensors
from tb_animate.sources.records import FOOTER_BYTES, HEADER_BYTES, open_binary, pread
from tb_animate.sources.runs import Frames

ENTRY_BYTES = 600
"""What a cached record takes beside its bytes: small frames are mostly that."""


class RecordCache:
    """The records read last, up to so many bytes. Safe to use from several threads."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._held = 0
        self._records: collections.OrderedDict[tuple[object, ...], bytes] = (
            collections.OrderedDict()
        )
        self._lock = threading.Lock()

    def get(self, key: tuple[object, ...]) -> bytes | None:
        with self._lock:
            record = self._records.get(key)
            if record is not None:
                self._records.move_to_end(key)
            return record

    def put(self, key: tuple[object, ...], record: bytes) -> None:
        if len(record) > self._limit:
            return
        with self._lock:
            old = self._records.pop(key, None)
            self._records[key] = record
            self._held += len(record) + ENTRY_BYTES
            if old is not None:
                self._held -= len(old) + ENTRY_BYTES
            while self._held > self._limit:
                _, dropped = self._records.popitem(last=False)
                self._held -= len(dropped) + ENTRY_BYTES


class Unreadable(Exception):
    """A record is not what it was when it was indexed. The message is for users."""


class EventFrameIndex:
    """A `model.FrameIndex` over event files."""

    def __init__(
        self,
        series: Series,
        generation: str,
        frames: Frames,
        data_class: int,
        cache: RecordCache,
    ) -> None:
        self._series = series
        self._generation = generation
        self._frames = frames
        self._data_class = data_class
        self._cache = cache
        self._steps = np.ascontiguousarray(frames.rows["step"], dtype=np.int64)
        self._wall_times = np.ascontiguousarray(frames.rows["wall_time"], dtype=np.float64)
        self._steps.flags.writeable = False
        self._wall_times.flags.writeable = False

    @property
    def series(self) -> Series:
        return self._series

    @property
    def steps(self) -> NDArray[np.int64]:
        """Strictly increasing, shape [frames]."""
        return self._steps

    @property
    def wall_times(self) -> NDArray[np.float64]:
        """Seconds since the epoch, shape [frames]."""
        return self._wall_times

    @property
    def generation(self) -> str:
        return self._generation

    def read(self, positions: Iterable[int]) -> Iterator[Frame]:
        """Yields the frames at these positions, each read when it is taken.

        Raises:
          IndexError: there is no such position.
        """
        reader = _Reader(self._cache)
        try:
            for position in positions:
                if not 0 <= position < len(self._steps):
                    raise IndexError(f"position {position} of {len(self._steps)} frames")
                yield self._frame(reader, position)
        finally:
            reader.close()

    def _frame(self, reader: _Reader, position: int) -> Frame:
        row = self._frames.rows[position]
        path = self._frames.paths[self._frames.files[position]]
        step, wall_time = int(row["step"]), float(row["wall_time"])
        try:
            record = reader.read(path, int(row["offset"]), int(row["length"]), int(row["crc"]))
            data = tensors.payload(record, self._series.tag, self._data_class)
        except (Unreadable, tensors.Unusable) as error:
            return Frame(step, wall_time, None, f"Step {step} cannot be shown: {error}")
        except Exception as error:
            # The record is as its writer made it, so what it holds is what is odd; numpy
            # and protobuf have many words for that.
            reason = f"what was logged is not understood ({error})"
            return Frame(step, wall_time, None, f"Step {step} cannot be shown: {reason}.")
        return Frame(step, wall_time, data)


class _Reader:
    """Reads records and keeps the last file open in between."""

    def __init__(self, cache: RecordCache) -> None:
        self._cache = cache
        self._path = ""
        self._fd = -1

    def close(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def read(self, path: str, offset: int, length: int, crc: int) -> bytes:
        key = path, offset, length, crc
        record = self._cache.get(key)
        if record is None:
            record = self._fetch(path, offset, length, crc)
            self._cache.put(key, record)
        return record

    def _fetch(self, path: str, offset: int, length: int, crc: int) -> bytes:
        name = os.path.basename(path)
        try:
            if path != self._path or self._fd < 0:
                self.close()
                self._fd = open_binary(path)
                self._path = path
            whole = self._pread(offset, HEADER_BYTES + length + FOOTER_BYTES)
        except FileNotFoundError:
            raise Unreadable(f'the file "{name}" is gone. Reload the page.') from None
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise Unreadable(f'the file "{name}" cannot be read ({reason}).') from None
        data = memoryview(whole)[HEADER_BYTES:-FOOTER_BYTES]
        stored = int.from_bytes(whole[-FOOTER_BYTES:], "little")
        if len(data) != length or whole[:8] != length.to_bytes(8, "little") or stored != crc:
            raise Unreadable(f'the file "{name}" has been replaced or cut. Reload the page.')
        if crc32c.masked_crc32c(data) != crc:
            raise Unreadable(f'the record at byte {offset} of "{name}" is damaged.')
        return bytes(data)

    def _pread(self, offset: int, count: int) -> bytes:
        whole = pread(self._fd, count, offset)
        while 0 < len(whole) < count:
            more = pread(self._fd, count - len(whole), offset + len(whole))
            if not more:
                break
            whole += more
        return whole
