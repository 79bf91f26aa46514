"""Reads the blocks of a GIF without Pillow: what the file says, not what a library makes of it."""

from __future__ import annotations

import dataclasses
import struct


@dataclasses.dataclass
class Blocks:
    """What a GIF file consists of.

    Attributes:
      size: (width, height) of the screen.
      loop: the count of the NETSCAPE extension, 0 for ever; `None` where there is none.
      delays: hundredths of a second, of each image.
      rectangles: (x, y, width, height) of each image.
      colours: entries of each image's own palette.
      disposals: what happens to each image at its end.
    """

    size: tuple[int, int]
    loop: int | None = None
    delays: list[int] = dataclasses.field(default_factory=list)
    rectangles: list[tuple[int, int, int, int]] = dataclasses.field(default_factory=list)
    colours: list[int] = dataclasses.field(default_factory=list)
    disposals: list[int] = dataclasses.field(default_factory=list)


def read(data: bytes) -> Blocks:
    """Raises `AssertionError` at the first byte that the format does not allow."""
    assert data[:6] == b"GIF89a"
    width, height, flags = struct.unpack_from("<HHB", data, 6)
    at = 13 + _palette(flags)
    blocks = Blocks((width, height))
    while data[at] != 0x3B:
        if data[at] == 0x21:
            label = data[at + 1]
            body, at = _chain(data, at + 2)
            if label == 0xF9:
                packed, delay = struct.unpack_from("<BH", body[0])
                blocks.delays.append(delay)
                blocks.disposals.append(packed >> 2 & 7)
            elif label == 0xFF and body[0] == b"NETSCAPE2.0":
                assert not blocks.rectangles, "players look for it before the first image"
                blocks.loop = struct.unpack("<xH", body[1])[0]
            continue
        assert data[at] == 0x2C, f"no block begins with {data[at]:#x}"
        *rectangle, flags = struct.unpack_from("<HHHHB", data, at + 1)
        blocks.rectangles.append((rectangle[0], rectangle[1], rectangle[2], rectangle[3]))
        blocks.colours.append(_palette(flags) // 3)
        at += 10 + _palette(flags)
        assert 2 <= data[at] <= 8, "the code size"
        body, at = _chain(data, at + 1)
        assert body
    assert at == len(data) - 1, "nothing follows the trailer"
    assert len(blocks.delays) == len(blocks.rectangles)
    return blocks


def _palette(flags: int) -> int:
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _chain(data: bytes, at: int) -> tuple[list[bytes], int]:
    """Sub-blocks up to the empty one, and where they end."""
    body = []
    while length := data[at]:
        body.append(data[at + 1 : at + 1 + length])
        at += 1 + length
    return body, at + 1
