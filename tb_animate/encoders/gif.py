"""GIF, streamed: each picture leaves as soon as it is encoded.

Pillow compresses each picture as a file of its own, whose image block is taken over here.
Saving all at once, which imageio's writer does too, holds every picture and merges equal
neighbours. imageio's older writer streams, but with one duration for all pictures, and
what it is built on, `GifImagePlugin.getdata`, leaves a class per picture to the garbage
collector. This is as fast: 2 ms for a photograph of 400 x 400, palette aside.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tb_animate.encoders.base import Picture
from tb_animate.model import Loop

COLOURS = 256

# Players show a delay of 0 or 1 hundredth as 10, so 2 is the shortest that they keep.
MIN_DELAY = 2
MAX_DELAY = 0xFFFF

# Pixels that an adaptive palette is learnt from. On photographs and gradients of 256 x 256
# and 400 x 400, 8192 take 35 ms and come within 1 dB of what all pixels give in 100 to 800 ms.
# Dithering costs 2 to 3 dB, makes files larger, and flickers from picture to picture.
PALETTE_SAMPLE = 8192

# A colour that so large a share of the pixels has comes back exactly.
COMMON = 0.02

_IMAGE = 0x2C
_TRAILER = b"\x3b"
_LOOP_FOREVER = b"\x21\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00"


class GifEncoder:
    """GIF89a with a palette for each picture: exact up to 256 colours, adaptive above."""

    name = "gif"
    suffix = ".gif"
    mime_type = "image/gif"
    max_fps = 100 / MIN_DELAY
    max_side = 0xFFFF

    def encode(
        self, pictures: Iterable[Picture], size: tuple[int, int], loop: Loop
    ) -> Iterator[bytes]:
        """Yields the header, then each picture whole, then the trailer.

        Delays are whole hundredths of a second and at least 2; what rounding takes from
        one picture the next ones give back, so that the total is right.
        """
        yield _header(size, loop)
        # Colour to palette index. Only the pages of colours that occur take up memory.
        table = np.zeros(1 << 24, np.uint8)
        ideal, written = 0.0, 0
        for picture in pictures:
            ideal += picture.duration
            delay = min(max(round(100 * ideal) - written, MIN_DELAY), MAX_DELAY)
            written += delay
            yield _control(delay) + _image(picture.pixels, table)
        yield _TRAILER


def _header(size: tuple[int, int], loop: Loop) -> bytes:
    screen = struct.pack("<HHBBB", *size, 0x70, 0, 0)  # 8 bits a channel, no global palette
    return b"GIF89a" + screen + (b"" if loop == "once" else _LOOP_FOREVER)


def _control(delay: int) -> bytes:
    """The graphic control extension: leave the picture in place, then wait."""
    return struct.pack("<BBBBHBB", 0x21, 0xF9, 4, 1 << 2, delay, 0, 0)


def _image(pixels: NDArray[np.uint8], table: NDArray[np.uint8]) -> bytes:
    """The image descriptor, its local palette and the compressed pixels."""
    image = Image.fromarray(pixels)
    counted = image.getcolors(COLOURS)  # gives up above, which np.unique does not
    if counted is None:
        indexed = _adaptive(pixels, image)
    else:
        palette = sorted(colour for _, colour in counted)
        indexed = _exact(pixels, np.array(palette, np.uint32), table)
    return _framed(indexed)


def _framed(indexed: Image.Image) -> bytes:
    """The image block of the one-picture file that Pillow writes, its palette made local."""
    file = io.BytesIO()
    indexed.save(file, "GIF", interlace=0, optimize=False)
    whole = file.getvalue()
    # Header and screen take 13 bytes, the palette follows; a picture without transparency,
    # duration or comment has no extension before its image block.
    table_bits = whole[10] & 0x87
    start = 13 + (3 << (table_bits & 7) + 1)
    if table_bits < 0x80 or whole[start] != _IMAGE or whole[-1:] != _TRAILER:
        raise RuntimeError("This version of Pillow writes GIF files of an unknown form.")
    descriptor = whole[start : start + 9] + bytes([table_bits])
    return descriptor + whole[13:start] + whole[start + 10 : -1]


def _exact(
    pixels: NDArray[np.uint8], palette: NDArray[np.uint32], table: NDArray[np.uint8]
) -> Image.Image:
    # A look-up in a table of all colours: 2 ms for a million pixels, which searching a
    # sorted palette takes 41 ms for and np.unique 113.
    table[_pack(palette)] = np.arange(len(palette), dtype=np.uint8)
    indexed = Image.fromarray(table[_pack(pixels)])
    indexed.putpalette(palette.astype(np.uint8).tobytes())
    return indexed


def _pack(colours: NDArray[np.uint8] | NDArray[np.uint32]) -> NDArray[np.uint32]:
    """One number for each colour; [..., 3] becomes [...]."""
    packed = colours[..., 0].astype(np.uint32)
    for channel in (1, 2):
        packed <<= 8
        packed |= colours[..., channel].astype(np.uint32, copy=False)
    return packed


def _adaptive(pixels: NDArray[np.uint8], image: Image.Image) -> Image.Image:
    flat = pixels.reshape(-1, 3)
    # An odd stride does not fall into step with the columns of common, even widths.
    stride = (len(flat) // PALETTE_SAMPLE) | 1
    sample = flat[::stride]
    learnt = Image.fromarray(np.ascontiguousarray(sample[np.newaxis])).quantize(
        COLOURS, Image.Quantize.MEDIANCUT, kmeans=1
    )
    indexed = image.quantize(palette=learnt, dither=Image.Dither.NONE)
    # A palette's colours are means, so that a plain background would be a little off.
    _, places, counts = np.unique(_pack(sample), return_index=True, return_counts=True)
    entries = np.asarray(indexed).reshape(-1)[places * stride]
    palette = np.array(indexed.getpalette(), np.uint8).reshape(-1, 3)
    for nth in np.argsort(counts):
        if counts[nth] >= COMMON * len(sample):
            palette[entries[nth]] = sample[places[nth]]
    indexed.putpalette(palette.tobytes())
    return indexed
