"""Reads the frames of an index when they are asked for."""

from __future__ import annotations

import collections
import concurrent.futures
import os
import threading
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from tb_animate.model import Frame, Series
from tb_animate.sources import crc32c, tensors
from tb_animate.sources.broken import Unread, Unreadable, broken_frame
from tb_animate.sources.byte_files import ByteFile, is_url, open_file
from tb_animate.sources.records import FOOTER_BYTES, HEADER_BYTES
from tb_animate.sources.runs import Frames

ENTRY_BYTES = 600
"""What a cached record takes beside its bytes: small frames are mostly that."""

AHEAD, AHEAD_BYTES = 8, 16 << 20
"""Records behind addresses that are fetched at once: the time goes into waiting for answers."""


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
        self.series = series
        self.generation = generation
        self.steps: NDArray[np.int64] = np.ascontiguousarray(frames.rows["step"], np.int64)
        self.wall_times: NDArray[np.float64] = np.ascontiguousarray(
            frames.rows["wall_time"], np.float64
        )
        self.steps.flags.writeable = False
        self.wall_times.flags.writeable = False
        self._frames = frames
        self._data_class = data_class
        self._cache = cache

    def read(self, positions: Iterable[int]) -> Iterator[Frame]:
        """Yields the frames at these positions, each read when it is taken.

        Raises:
          IndexError: there is no such position.
        """
        if any(map(is_url, self._frames.paths)):
            yield from self._read_ahead(positions)
            return
        reader = _Reader(self._cache)
        try:
            for position in positions:
                yield self._frame(reader, position)
        finally:
            reader.close()

    def _read_ahead(self, positions: Iterable[int]) -> Iterator[Frame]:
        """The same, several requests at a time."""
        coming: collections.deque[concurrent.futures.Future[Frame]] = collections.deque()
        most = int(self._frames.rows["length"].max(initial=1))
        ahead = max(1, min(AHEAD, AHEAD_BYTES // most))
        with concurrent.futures.ThreadPoolExecutor(ahead, "tb_animate frames") as pool:
            try:
                for position in positions:
                    coming.append(pool.submit(self._alone, position))
                    if len(coming) == ahead:
                        yield coming.popleft().result()
                while coming:
                    yield coming.popleft().result()
            finally:
                pool.shutdown(wait=False, cancel_futures=True)

    def _alone(self, position: int) -> Frame:
        reader = _Reader(self._cache)
        try:
            return self._frame(reader, position)
        finally:
            reader.close()

    def _frame(self, reader: _Reader, position: int) -> Frame:
        if not 0 <= position < len(self.steps):
            raise IndexError(f"position {position} of {len(self.steps)} frames")
        row = self._frames.rows[position]
        path = self._frames.paths[self._frames.files[position]]
        step, wall_time = int(row["step"]), float(row["wall_time"])
        try:
            record = reader.read(path, int(row["offset"]), int(row["length"]), int(row["crc"]))
            data = tensors.payload(record, self.series.tag, self._data_class)
        except Exception as error:
            return broken_frame(step, wall_time, error)
        return Frame(step, wall_time, data)


class _Reader:
    """Reads records and keeps the last file open in between."""

    def __init__(self, cache: RecordCache) -> None:
        self._cache = cache
        self._path = ""
        self._file: ByteFile | None = None

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

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
            if path != self._path or self._file is None:
                self.close()
                self._file = open_file(path)
                self._path = path
            whole = _read(self._file, HEADER_BYTES + length + FOOTER_BYTES, offset)
        except FileNotFoundError:
            raise Unread(f'the file "{name}" is gone. Reload the page.') from None
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise Unread(f'the file "{name}" cannot be read ({reason}).') from None
        data = whole[HEADER_BYTES:-FOOTER_BYTES]
        stored = int.from_bytes(whole[-FOOTER_BYTES:], "little")
        if len(data) != length or whole[:8] != length.to_bytes(8, "little") or stored != crc:
            raise Unread(f'the file "{name}" has been replaced or cut. Reload the page.')
        if crc32c.masked_crc32c(data) != crc:
            raise Unreadable(f'the record at byte {offset} of "{name}" is damaged.')
        return data


def _read(file: ByteFile, count: int, offset: int) -> bytes:
    whole = file.read(count, offset)
    while 0 < len(whole) < count:
        more = file.read(count - len(whole), offset + len(whole))
        if not more:
            break
        whole += more
    return whole
