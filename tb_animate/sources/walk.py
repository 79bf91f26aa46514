"""Walks event files: from record to record, over the payloads."""

from __future__ import annotations

import struct
import time

from tb_animate.sources import event_fields, summaries
from tb_animate.sources.event_fields import Event, Value
from tb_animate.sources.eventfile import Damage, EventFile, Log
from tb_animate.sources.records import (
    FOOTER_BYTES,
    HEADER_BYTES,
    Headers,
    Malformed,
    Window,
)

_pack = struct.Struct("<qdqqIH").pack  # An `eventfile.ROW`.

LARGEST_SIZE = (1 << 16) - 1

_SHORTEST_USUAL = 20
"""Bytes that an event with a wall time, a step and a value has at least; below, there may
be too few to look at."""


MAX_RECORD_BYTES = (1 << 31) - 1
"""No protocol buffer is larger. The checksum of one takes some seconds already."""


class Walker:
    """Walks event files.

    Args:
      plugin_names: of the tags whose values are to be indexed.
    """

    def __init__(self, plugin_names: frozenset[str]) -> None:
        self._plugin_names = plugin_names
        self._headers = Headers()

    def advance(self, file: EventFile, window: Window, seconds: float) -> bool:
        """Reads on from where the last walk of the file stopped, for about so long.

        Returns:
          Whether all that there is has been read; the rest may be half a record, which
          waits for its other half.
        """
        until = time.monotonic() + seconds
        # This loop sees each scalar of a training run: everything is a local name, and the
        # usual event of a tag that nobody wants is recognised by how it begins.
        known = self._headers.known
        skipped = file.skipped
        buffer, base = window.buffer, window.base
        position, records = file.position, file.records
        done = False
        while True:
            start = position - base
            length = known.get(buffer[start : start + 12], -1) if start >= 0 else -1
            end = start + 12 + length
            if length < 0 or end + 4 > len(buffer):
                # Not wholly in the window, or a header that was not seen before.
                if time.monotonic() > until:
                    break
                file.position, file.records = position, records
                stop = self._next(file, window)
                buffer, base = window.buffer, window.base
                if stop is not None:
                    position, records, done = file.position, file.records, stop
                    if done:
                        break
                continue
            # 09 wall time; 10 step; then one of the beginnings that can be skipped. A wall
            # time that ends in 7f or ff is huge, infinite or not a number.
            at = start + 12
            if length > _SHORTEST_USUAL and buffer[at] == 0x09 and buffer[at + 8] & 0x7F != 0x7F:
                at += 9
                if buffer[at] == 0x10:
                    at += 2
                    while buffer[at - 1] > 0x7F and at < end - 6:
                        at += 1
                beginning = buffer[at : at + 6 + buffer[at + 5]]
                if skipped.get(beginning) == end - at or self._is_usual(
                    file, beginning, buffer, start, at, end
                ):
                    position += length + 16
                    records += 1
                    continue
            file.position, file.records = position, records
            try:
                self._record(file, window, position, length)
            except Malformed as error:
                file.damage = Damage(position, error.what)
                done = True
                break
            position, records = position + length + 16, records + 1
            buffer, base = window.buffer, window.base
            if time.monotonic() > until:
                break
        file.position, file.records = position, records
        return done

    def _next(self, file: EventFile, window: Window) -> bool | None:
        """Brings the next record into the window, or reads it if it is too big for that.

        Returns:
          `None`: it is in the window now; `False`: it was read; `True`: the file ends here.
        """
        position = file.position
        if position + HEADER_BYTES + FOOTER_BYTES > window.size:
            return True
        header = window.take(position, HEADER_BYTES)
        length = self._headers.known.get(header)
        if length is None:
            length = self._headers.check(header)
        if length is None:
            file.damage = Damage(position, "a record's header is damaged")
            return True
        if length > MAX_RECORD_BYTES:
            file.damage = Damage(
                position, f"a record announces more than {MAX_RECORD_BYTES >> 20:,} MB, the most"
            )
            return True
        whole = HEADER_BYTES + length + FOOTER_BYTES
        if position + whole > window.size:
            return True
        if length < window.hop:
            window.take(position, whole)
            return None
        try:
            self._record(file, window, position, length)
        except Malformed as error:
            file.damage = Damage(position, error.what)
            return True
        file.position += whole
        file.records += 1
        return False

    def _record(self, file: EventFile, window: Window, position: int, length: int) -> None:
        start = position + HEADER_BYTES
        event = event_fields.read_event(window, start, start + length)
        if event.wall_time - event.wall_time != 0.0:
            return  # Infinite. TensorBoard drops such an event and reads on.
        trusted = False
        begun: dict[bytes, Log | None] = {}
        rows: list[tuple[Log, bytes]] = []
        for value in event.values:
            tag = value.tag
            new = tag not in file.tags and tag not in begun
            log = None if new else file.tags.get(tag) or begun.get(tag)
            back = log is not None and log.last_step is not None and event.step <= log.last_step
            if (new or back) and not trusted:
                # What a damaged byte could do here is worse than one broken frame: give
                # the tag another meaning, or drop frames that were logged before.
                if not _is_sound(window, start, length):
                    raise Malformed(position, "a record is damaged")
                trusted = True
            if new:
                log = begun[tag] = self._begin(file, window, value)
            if log is not None:
                rows.append((log, self._row(window, log, event, value, position, length)))
        # Only now, so that a record counts as a whole or, if it is damaged, not at all.
        file.add(event.step, begun, rows)

    def _begin(self, file: EventFile, window: Window, value: Value) -> Log | None:
        declaration = summaries.declare(window, value)
        wanted = summaries.has_data(declaration)
        wanted = wanted and declaration.plugin_name in self._plugin_names
        data_class = file.forced.get(value.tag, declaration.data_class if wanted else 0)
        return Log(declaration if wanted else None, data_class) if data_class else None

    def _is_usual(
        self, file: EventFile, beginning: bytes, buffer: bytes, start: int, at: int, end: int
    ) -> bool:
        """Whether an event is done with, without a closer look.

        Args:
          beginning: as of `is_skipped`.
          start, at, end: in the buffer: of the record, behind the event's step, of the event.
        """
        return is_skipped(file, beginning, buffer[at:end])

    def _row(
        self, window: Window, log: Log, event: Event, value: Value, position: int, length: int
    ) -> bytes:
        """What is kept of a value, packed."""
        count = summaries.entries(window, value, log.data_class)
        size = 0 if count is None else min(count + 1, LARGEST_SIZE)
        end = position + HEADER_BYTES + length
        crc = int.from_bytes(window.take(end, FOOTER_BYTES), "little")
        return _pack(event.step, event.wall_time, position, length, crc, size)


def is_skipped(file: EventFile, beginning: bytes, rest: bytes) -> bool:
    """Whether an event holds one value alone, of a tag that nobody wants.

    Args:
      beginning: 2a (summary), its length, 0a (value), its length, 0a (tag), its length, tag;
        if that is what the event holds, and each length is one byte.
      rest: the event from there to its end.
    """
    size = len(rest)
    if size < 0x80 and beginning[::2][:3] == b"\x2a\x0a\x0a":
        usual = beginning[1] == size - 2 and beginning[3] == size - 4
        if usual and file.tags.get(beginning[6:], beginning) is None:
            file.skipped[beginning] = size
            return True
    return False


def _is_sound(window: Window, start: int, length: int) -> bool:
    end = start + length
    stored = int.from_bytes(window.take(end, FOOTER_BYTES), "little")
    return window.crc(start, end) == stored
