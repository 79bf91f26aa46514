"""Which characters a font file has, read from its own table.

Source: the OpenType specification, chapters "OpenType font file" and "cmap", formats 4 and 12.
"""

from __future__ import annotations

import struct
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

MAX_FACES = 64  # of one collection; the largest known have some 30
MAX_TABLE = 1 << 23  # bytes; that of a font with every character there is takes a quarter

# Fonts without one of these hold pictures, which come in one size only.
_OUTLINES = {b"glyf", b"CFF ", b"CFF2"}

# By platform and encoding, those that list characters beyond U+FFFF first.
_UNICODE = ((3, 10), (0, 6), (0, 4), (3, 1), (0, 3), (0, 2), (0, 1), (0, 0))

Characters = NDArray[np.uint32]
"""Ranges of code points, first and last, increasing; shape [ranges, 2]."""

NONE: Characters = np.empty((0, 2), np.uint32)


def has(characters: Characters, code: int) -> bool:
    """Whether the ranges hold a code point."""
    after = int(np.searchsorted(characters[:, 0], code, side="right"))
    return after > 0 and code <= int(characters[after - 1, 1])


def faces(file: BinaryIO) -> list[Characters]:
    """The characters of each face of a font file; none of one that cannot be read or used."""
    try:
        head = _at(file, 0, 12)
        if head[:4] != b"ttcf":
            return [_face(file, 0)]
        count = min(struct.unpack(">I", head[8:])[0], MAX_FACES)
        starts = struct.unpack(f">{count}I", _at(file, 12, 4 * count))
    except (OSError, struct.error, ValueError):
        return []
    found = []
    for start in starts:
        try:
            found.append(_face(file, start))
        except (OSError, struct.error, ValueError):
            found.append(NONE)
    return found


def _face(file: BinaryIO, start: int) -> Characters:
    (count,) = struct.unpack(">H", _at(file, start + 4, 2))
    rows = struct.iter_unpack(">4sIII", _at(file, start + 12, 16 * count))
    tables = {name: (offset, length) for name, _, offset, length in rows}
    if b"cmap" not in tables or _OUTLINES.isdisjoint(tables):
        return NONE
    offset, length = tables[b"cmap"]
    return _cmap(_at(file, offset, min(length, MAX_TABLE)))


def _cmap(table: bytes) -> Characters:
    (count,) = struct.unpack_from(">H", table, 2)
    places = {
        (platform, encoding): offset
        for platform, encoding, offset in struct.iter_unpack(">HHI", table[4 : 4 + 8 * count])
    }
    for key in _UNICODE:
        if key not in places:
            continue
        part = table[places[key] :]
        (form,) = struct.unpack_from(">H", part)
        if form == 12:
            return _groups(part)
        if form == 4:
            return _segments(part)
    return NONE


def _groups(part: bytes) -> Characters:
    """Format 12: ranges as they are."""
    (count,) = struct.unpack_from(">I", part, 12)
    rows = np.frombuffer(part, ">u4", 3 * count, 16).reshape(-1, 3)
    ranges = rows[:, :2].astype(np.uint32)
    return ranges[np.argsort(ranges[:, 0], kind="stable")]


def _segments(part: bytes) -> Characters:
    """Format 4: ranges, in which single characters can be missing."""
    count = struct.unpack_from(">H", part, 6)[0] // 2
    words = np.frombuffer(part, ">u2", (len(part) - 14) // 2, 14).astype(np.int64)
    if len(words) < 4 * count + 1:
        raise ValueError("cut off")
    ends, starts = words[:count], words[count + 1 : 2 * count + 1]
    deltas, offsets = words[2 * count + 1 : 3 * count + 1], words[3 * count + 1 : 4 * count + 1]
    lengths = np.maximum(ends - starts + 1, 0)
    segment = np.repeat(np.arange(count), lengths)
    within = np.arange(len(segment)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    codes = starts[segment] + within
    # An offset counts bytes from its own place in the list of offsets, which the glyphs follow.
    place = 3 * count + 1 + segment + offsets[segment] // 2 + within
    listed = offsets[segment] > 0
    there = place < len(words)
    glyphs = np.where(listed, words[np.where(there, place, 0)] * there, codes)
    glyphs = np.where(listed & (glyphs == 0), 0, (glyphs + deltas[segment]) & 0xFFFF)
    known = np.unique(codes[(glyphs != 0) & (codes != 0xFFFF)])
    if not len(known):
        return NONE
    breaks = np.flatnonzero(np.diff(known) != 1)
    firsts = known[np.concatenate([[0], breaks + 1])]
    lasts = known[np.concatenate([breaks, [len(known) - 1]])]
    return np.stack([firsts, lasts], axis=1).astype(np.uint32)


def _at(file: BinaryIO, offset: int, length: int) -> bytes:
    file.seek(offset)
    data = file.read(length)
    if len(data) != length:
        raise ValueError("cut off")
    return data
