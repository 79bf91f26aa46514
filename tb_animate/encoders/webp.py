"""Animated WebP: drawings exact, photographs at high quality, only what changed stored.

Pillow compresses the changed part of each picture as a file of its own, whose chunk is
taken over here. Its own writer of animations holds every compressed picture, merges equal
neighbours, and asks for all of them at once.

The file begins with its own length, so nothing can leave before all is known: the pictures
wait in a temporary file that has no name, which the system removes whatever happens.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tb_animate import scratch
from tb_animate.encoders.base import Pictures
from tb_animate.encoders.changes import changed, rounded
from tb_animate.model import Loop

# Browsers show a picture of 10 ms or less for 100 ms.
MAX_FPS = 90.0

# Milliseconds; delays are 24-bit numbers.
_MIN_DELAY, _MAX_DELAY = 11, 0xFFFFFF

# So many colours or, of all pixels, so large a share that equal their left neighbours make
# a drawing. Those of 512 x 512 take 5 to 8 ms and 8 to 32 kB lossless, half of what they
# take lossy; noisy photographs 67 ms and 547 kB, lossy 20 ms and 95 kB.
DRAWING_COLOURS = 256
DRAWING_SHARE = 0.5

# `quality` is of the search, not of the pixels.
_DRAWN = {"lossless": True, "method": 2, "quality": 20}
# What has more colours is pictures that were enlarged. Of noise, where no pattern repeats, the
# longer search takes 5 s for 1024 x 1024 pixels and finds less: 780 kB, here 296 kB in 0.05 s.
_ENLARGED = {"lossless": True, "method": 0, "quality": 20}
_LOSSY = {"quality": 90, "method": 2}

_ANIMATED = 2  # in the flags of VP8X
_NO_BLENDING = 2  # in those of a picture


class WebpEncoder:
    """WebP with a picture chunk for each picture."""

    name = "webp"
    title = "WebP"
    suffix = ".webp"
    mime_type = "image/webp"
    max_fps = MAX_FPS
    max_side = 16383
    loops = True
    key_every = 0
    extra = ""

    def encode(self, pictures: Pictures, size: tuple[int, int], loop: Loop) -> Iterator[bytes]:
        """Yields the file in pieces when all its pictures are encoded.

        Delays are whole milliseconds; what rounding takes from one picture the next ones
        give back, so that the total is right.
        """
        with scratch.room(), scratch.whole() as file:
            screen = struct.pack("<I", _ANIMATED) + _24(size[0] - 1) + _24(size[1] - 1)
            plays = 1 if loop == "once" else 0  # 0: for ever
            head = _chunk(b"VP8X", screen) + _chunk(b"ANIM", struct.pack("<IH", 0, plays))
            total, written = 0.0, 0
            before: NDArray[np.uint8] | None = None
            for picture in pictures:
                total += picture.duration
                delay = min(max(rounded(total, written, 1000), _MIN_DELAY), _MAX_DELAY)
                written += delay
                x, y, pixels = changed(before, picture.pixels, grid=2)
                sides = _24(pixels.shape[1] - 1) + _24(pixels.shape[0] - 1)
                place = _24(x // 2) + _24(y // 2) + sides + _24(delay) + bytes([_NO_BLENDING])
                file.write(_chunk(b"ANMF", place + _image(pixels)))
                before = picture.pixels
            length = file.tell()
            yield struct.pack("<4sI4s", b"RIFF", 4 + len(head) + length, b"WEBP") + head
            yield from scratch.pieces(file)


def _image(pixels: NDArray[np.uint8]) -> bytes:
    """The chunk of the one-picture file that Pillow writes."""
    image = Image.fromarray(pixels)
    file = io.BytesIO()
    image.save(file, "WEBP", **_how(pixels, image))
    whole = file.getvalue()
    if whole[12:16] not in (b"VP8 ", b"VP8L"):
        raise RuntimeError("This version of Pillow writes WebP files of an unknown form.")
    return whole[12:]


def _how(pixels: NDArray[np.uint8], image: Image.Image) -> dict[str, Any]:
    """Pillow's options for a picture."""
    if image.getcolors(DRAWING_COLOURS) is not None:
        return _DRAWN
    equal = (pixels[:, 1:] == pixels[:, :-1]).all(axis=2)
    return _ENLARGED if np.count_nonzero(equal) >= DRAWING_SHARE * equal.size else _LOSSY


def _chunk(kind: bytes, content: bytes) -> bytes:
    return kind + struct.pack("<I", len(content)) + content + b"\0" * (len(content) & 1)


def _24(number: int) -> bytes:
    return number.to_bytes(3, "little")
