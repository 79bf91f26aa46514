"""TFRecord framing and the outer fields of protocol buffers, read without their payloads.

A record is a header (length, uint64, and its masked CRC, uint32), the data, and the data's
masked CRC (uint32), all little-endian.
"""

from __future__ import annotations

from collections.abc import Iterator

from tb_animate.sources import crc32c
from tb_animate.sources.byte_files import ByteFile

HEADER_BYTES = 12
FOOTER_BYTES = 4

HEADERS_KEPT = 1 << 16
"""Verified headers that are remembered; records of a log have few distinct lengths."""

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5


class Malformed(Exception):
    """The bytes at an offset are not what the format asks for."""

    def __init__(self, offset: int, what: str) -> None:
        super().__init__(what)
        self.offset = offset
        self.what = what


class Headers:
    """Checks record headers.

    A length with a flipped bit would send the walk astray, so each header's CRC is checked.
    Remembering the headers seen so far, CRC and all, makes that one dictionary look-up.
    """

    def __init__(self) -> None:
        self.known: dict[bytes, int] = {}

    def check(self, header: bytes) -> int | None:
        """The record's length in bytes, or `None` if the header is damaged."""
        if crc32c.masked_crc32c(header[:8]) != int.from_bytes(header[8:12], "little"):
            return None
        length = int.from_bytes(header[:8], "little")
        if len(self.known) >= HEADERS_KEPT:
            self.known.clear()
        self.known[header] = length
        return length


class Window:
    """The part of a file that is being looked at.

    Attributes:
      buffer: bytes of the file from `base` on.
      size: where the file ended when it was opened; nothing beyond is read.
      hop: records from this many bytes on are hopped over rather than read.
    """

    def __init__(self, file: ByteFile, size: int) -> None:
        self._read = file.read
        self._smallest, self._largest, self.hop = file.reads
        self.size = size
        self.base = 0
        self.buffer = b""
        self._next = self.hop // 2  # Doubled for the file's beginning, which is often all of it.

    def fill(self, offset: int, count: int) -> bytes:
        """Moves the window to `offset`.

        Returns:
          The new buffer, at least `count` bytes long.

        Raises:
          EOFError: the file is shorter than that now.
        """
        end = self.base + len(self.buffer)
        close = self.base <= offset <= end
        self._next = min(2 * self._next, self._largest) if close else self._smallest
        wish = min(max(count, self._next), max(self.size - offset, count))
        parts: list[bytes] = []
        held = 0
        while held < count:
            part = self._read(wish - held, offset + held)
            if not part:
                raise EOFError
            parts.append(part)
            held += len(part)
        self.base = offset
        self.buffer = parts[0] if len(parts) == 1 else b"".join(parts)
        return self.buffer

    def take(self, offset: int, count: int) -> bytes:
        """`count` bytes of the file from `offset` on."""
        start = offset - self.base
        if start < 0 or start + count > len(self.buffer):
            self.fill(offset, count)
            start = 0
        return self.buffer[start : start + count]

    def varint(self, offset: int, end: int) -> tuple[int, int]:
        """Reads a varint that must lie before `end`.

        Returns:
          Its value (unsigned, 64 bits) and the offset after it.

        Raises:
          Malformed: it does not end in time or does not fit into 64 bits.
        """
        start = offset - self.base
        if start < 0 or start + 10 > len(self.buffer):
            if offset >= end:
                raise Malformed(offset, "a number is cut off")
            self.take(offset, min(10, end - offset))
            start = offset - self.base
        buffer = self.buffer
        value = buffer[start]
        if value < 0x80:
            if offset >= end:
                raise Malformed(offset, "a number is cut off")
            return value, offset + 1
        value &= 0x7F
        for index in range(1, min(10, end - offset)):
            byte = buffer[start + index]
            value |= (byte & 0x7F) << 7 * index
            if byte < 0x80:
                if value >> 64:
                    break
                return value, offset + index + 1
        raise Malformed(offset, "a number does not end")

    def crc(self, start: int, end: int) -> int:
        """Masked CRC32C of a range, read in pieces so that a large one needs no memory."""
        held = start - self.base
        if held >= 0 and end - self.base <= len(self.buffer):
            return crc32c.masked_crc32c(self.buffer[held : end - self.base])
        crc = 0
        while start < end:
            piece = self._read(min(crc32c.CHUNK_BYTES, end - start), start)
            if not piece:
                raise EOFError
            crc = crc32c.extend(crc, piece)
            start += len(piece)
        return crc32c.masked(crc)


Field = tuple[int, int, int, int]
"""Field number, wire type, value (of a varint) or offset of the payload, payload's end."""


def fields(window: Window, start: int, end: int) -> Iterator[Field]:
    """The fields of a message, payloads left alone.

    Raises:
      Malformed: not a message; raised where the damage begins.
    """
    position = start
    while position < end:
        key, after = window.varint(position, end)
        number, wire = key >> 3, key & 7
        if not 0 < number < 1 << 29:
            raise Malformed(position, "a field has no valid number")
        if wire == BYTES:
            length, payload = window.varint(after, end)
            after = payload + length
            value = payload
        elif wire == VARINT:
            value, after = window.varint(after, end)
        elif wire == FIXED64:
            value = after
            after += 8
        elif wire == FIXED32:
            value = after
            after += 4
        else:
            raise Malformed(position, "a field has no valid type")
        if after > end:
            raise Malformed(position, "a field is longer than what holds it")
        yield number, wire, value, after
        position = after


def signed(value: int) -> int:
    """An unsigned 64-bit number as the int64 that was meant."""
    return value - (1 << 64) if value >> 63 else value
