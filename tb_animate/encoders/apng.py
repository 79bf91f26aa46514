"""Animated PNG, streamed: every picture exact, and only what changed of it stored.

Pillow compresses the changed part of each picture as a file of its own, whose data are
taken over here. Its own writer of animations holds every picture until the end, and merges
equal neighbours.
"""

from __future__ import annotations

import fractions
import io
import struct
import zlib
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tb_animate.encoders.base import Pictures
from tb_animate.encoders.changes import changed
from tb_animate.model import Loop

# Browsers show a picture of 10 ms or less for 100 ms.
MAX_FPS = 90.0

# A delay is a fraction of two 16-bit numbers. 1/900 s is less than a tenth of what the
# fastest picture has, the common rates up to 90 are met exactly, and 70 s still fit.
_MAX_DENOMINATOR = 900
_MAX_DELAY = 0xFFFF // _MAX_DENOMINATOR

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_TRUECOLOUR = 2


class ApngEncoder:
    """APNG 1.0: 24-bit colour, lossless."""

    name = "apng"
    title = "APNG"
    suffix = ".png"
    mime_type = "image/apng"
    max_fps = MAX_FPS
    max_side = 2**31 - 1
    loops = True
    key_every = 0
    extra = ""

    def encode(self, pictures: Pictures, size: tuple[int, int], loop: Loop) -> Iterator[bytes]:
        """Yields the header, then each picture whole, then the trailer."""
        header = struct.pack(">IIBBBBB", *size, 8, _TRUECOLOUR, 0, 0, 0)
        plays = 1 if loop == "once" else 0  # 0: for ever
        animation = struct.pack(">II", pictures.count, plays)
        yield _SIGNATURE + _chunk(b"IHDR", header) + _chunk(b"acTL", animation)
        before: NDArray[np.uint8] | None = None
        number = 0  # counts the chunks of the animation, which its readers check
        for picture in pictures:
            x, y, pixels = changed(before, picture.pixels)
            height, width = pixels.shape[:2]
            place = struct.pack(">IIIII", number, width, height, x, y)
            control = place + struct.pack(">HHBB", *_delay(picture.duration), 0, 0)
            piece = _chunk(b"fcTL", control)
            number += 1
            for data in _data(pixels):
                if before is None:
                    piece += _chunk(b"IDAT", data)
                else:
                    piece += _chunk(b"fdAT", struct.pack(">I", number) + data)
                    number += 1
            yield piece
            before = picture.pixels
        yield _chunk(b"IEND", b"")


def _delay(seconds: float) -> tuple[int, int]:
    """Numerator and denominator."""
    shown = fractions.Fraction(min(seconds, _MAX_DELAY)).limit_denominator(_MAX_DENOMINATOR)
    return shown.numerator, shown.denominator


def _data(pixels: NDArray[np.uint8]) -> Iterator[bytes]:
    """The contents of the IDAT chunks of the one-picture file that Pillow writes."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    whole, place = file.getvalue(), len(_SIGNATURE)
    while place < len(whole):
        length, kind = struct.unpack_from(">I4s", whole, place)
        if kind == b"IDAT":
            yield whole[place + 8 : place + 8 + length]
        place += 12 + length


def _chunk(kind: bytes, content: bytes) -> bytes:
    check = zlib.crc32(content, zlib.crc32(kind))
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)
