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
      shared: entries of the palette for all images, 0: there is none.
      colours: entries of each image's own palette, 0: it has none.
      transparent: the transparent index of each image, where it has one.
      disposals: what happens to each image at its end.
      code_sizes: bits of an index, of each image.
    """

    size: tuple[int, int]
    loop: int | None = None
    shared: int = 0
    delays: list[int] = dataclasses.field(default_factory=list)
    rectangles: list[tuple[int, int, int, int]] = dataclasses.field(default_factory=list)
    colours: list[int] = dataclasses.field(default_factory=list)
    transparent: list[int | None] = dataclasses.field(default_factory=list)
    disposals: list[int] = dataclasses.field(default_factory=list)
    code_sizes: list[int] = dataclasses.field(default_factory=list)


def read(data: bytes) -> Blocks:
    """Raises `AssertionError` at the first byte that the format does not allow."""
    assert data[:6] == b"GIF89a"
    width, height, flags = struct.unpack_from("<HHB", data, 6)
    at = 13 + _palette(flags)
    blocks = Blocks((width, height), shared=_palette(flags) // 3)
    while data[at] != 0x3B:
        if data[at] == 0x21:
            label = data[at + 1]
            body, at = _chain(data, at + 2)
            if label == 0xF9:
                packed, delay, index = struct.unpack("<BHB", body[0])
                blocks.delays.append(delay)
                blocks.disposals.append(packed >> 2 & 7)
                blocks.transparent.append(index if packed & 1 else None)
            elif label == 0xFF and body[0] == b"NETSCAPE2.0":
                assert not blocks.rectangles, "players look for it before the first image"
                blocks.loop = struct.unpack("<xH", body[1])[0]
            continue
        assert data[at] == 0x2C, f"no block begins with {data[at]:#x}"
        *rectangle, flags = struct.unpack_from("<HHHHB", data, at + 1)
        x, y, across, down = rectangle
        assert across > 0, "an image has pixels"
        assert down > 0, "an image has pixels"
        assert x + across <= width, "and all of them are on the screen"
        assert y + down <= height, "and all of them are on the screen"
        blocks.rectangles.append((x, y, across, down))
        blocks.colours.append(_palette(flags) // 3)
        assert blocks.colours[-1] or blocks.shared, "no palette"
        at += 10 + _palette(flags)
        assert 2 <= data[at] <= 8, "the code size"
        blocks.code_sizes.append(data[at])
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
