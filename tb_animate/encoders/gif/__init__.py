"""GIF, streamed: each picture leaves soon after it is drawn, and of it what has changed.

Saving with Pillow or imageio holds every picture until the last one is there, merges equal
neighbours, and learns a palette for each picture from all of its pixels. Here Pillow only
compresses.
"""

from __future__ import annotations

import contextlib
import functools
import struct
import tempfile
from collections.abc import Iterator
from typing import BinaryIO

from tb_animate import scratch
from tb_animate.encoders.base import Picture, Pictures
from tb_animate.encoders.changes import rounded
from tb_animate.encoders.gif import lzw
from tb_animate.encoders.gif.canvas import Canvas, Patch
from tb_animate.encoders.gif.colours import Packed, pack, unpack
from tb_animate.encoders.gif.ordered import staged
from tb_animate.model import Loop

# Players show a delay of 0 or 1 hundredth as 10, so 2 is the shortest that they keep.
MIN_DELAY = 2
MAX_DELAY = 0xFFFF

# Rows that are compressed to find the smaller of two ways.
ROWS = 40

_KEEP = 1 << 2  # what follows is laid over the picture
_TRAILER = b"\x3b"
_LOOP_FOREVER = b"\x21\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00"


class GifEncoder:
    """GIF89a: exact as long as no more than 256 colours change, with fitted palettes above."""

    name = "gif"
    title = "GIF"
    suffix = ".gif"
    mime_type = "image/gif"
    max_fps = 100 / MIN_DELAY
    max_side = 0xFFFF
    loops = True
    key_every = 0
    extra = ""

    def encode(self, pictures: Pictures, size: tuple[int, int], loop: Loop) -> Iterator[bytes]:
        """Yields the header, then each picture whole, then the trailer.

        Delays are whole hundredths of a second and at least 2; what rounding takes from
        one picture the next ones give back, so that the total is right. A picture that
        repeats the one before it is a picture all the same, of one pixel.

        While pictures are drawn, two threads choose colours and compress.
        """
        canvas = Canvas()

        def update(item: tuple[Picture, int]) -> tuple[list[Patch], int]:
            picture, delay = item
            return canvas.update(pack(picture.pixels)), delay

        with scratch.room(), tempfile.TemporaryFile(buffering=0) as file:
            block = functools.partial(_block, file=file)
            # Closed before the file is: a thread may be writing to it.
            with contextlib.closing(staged(_timed(pictures), update, block)) as blocks:
                first = next(blocks)
                yield _header(size, canvas.shared, loop)
                yield first
                yield from blocks
        yield _TRAILER


def _timed(pictures: Pictures) -> Iterator[tuple[Picture, int]]:
    """Each picture and its delay in hundredths of a second."""
    total, written = 0.0, 0
    for picture in pictures:
        total += picture.duration
        delay = min(max(rounded(total, written, 100), MIN_DELAY), MAX_DELAY)
        written += delay
        yield picture, delay


def _header(size: tuple[int, int], palette: Packed, loop: Loop) -> bytes:
    bits, table = _table(palette)
    screen = struct.pack("<HHBBB", *size, 0xF0 | bits - 1, 0, 0)  # 8 bits a channel
    return b"GIF89a" + screen + table + (b"" if loop == "once" else _LOOP_FOREVER)


def _block(item: tuple[list[Patch], int], file: BinaryIO) -> bytes:
    """The graphic control extension, the image descriptor, the palette and the pixels."""
    ways, delay = item
    best = min(ways, key=lambda patch: _estimate(patch, file)) if len(ways) > 1 else ways[0]
    corner, indexes, palette, transparent = best
    seen = transparent is not None
    control = struct.pack("<BBBBHBB", 0x21, 0xF9, 4, _KEEP | seen, delay, transparent or 0, 0)
    flags, table = 0, b""
    if palette is not None:
        bits, table = _table(palette, more=int(seen))
        flags = 0x80 | bits - 1
    height, width = indexes.shape
    descriptor = struct.pack("<BHHHHB", 0x2C, *corner, width, height, flags)
    return control + descriptor + table + lzw.compress(indexes, file)


def _estimate(patch: Patch, file: BinaryIO) -> int:
    """Bytes of a patch, from some of its rows where it has many."""
    step = len(patch.indexes) // ROWS + 1
    table = 0 if patch.palette is None else 3 * len(patch.palette)
    return table + step * len(lzw.compress(patch.indexes[::step], file))


def _table(palette: Packed, more: int = 0) -> tuple[int, bytes]:
    """Bits of an index, and the palette with room for so many more, as the file has it."""
    bits = lzw.code_size(len(palette) + more)
    return bits, unpack(palette).tobytes().ljust(3 << bits, b"\0")
