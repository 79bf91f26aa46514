"""Pictures in a file format, as logged: their header first, their pixels when asked."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile, UnidentifiedImageError

from tb_animate.kinds import effort
from tb_animate.kinds.effort import MAX_PARTS, MAX_PARTS_PIXELS
from tb_animate.kinds.raster import Colour, Pixels, flatten

# What summary writers log and browsers show. Pillow knows many more formats, whose readers
# have no business with bytes out of a log.
FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP")

# 8K photographs have 33 million pixels. One picture is decoded at a time, at 4 bytes each.
MAX_PIXELS = 40_000_000

_MOVING = ("GIF", "PNG", "WEBP")
_ORIENTATION = 0x0112
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class EncodedImage:
    """One picture of which only the header has been read.

    Attributes:
      size: (width, height) in pixels, the right way up.
      parts: how many pictures it consists of, 1 unless it moves by itself.
    """

    def __init__(self, raw: bytes, most: int = MAX_PIXELS) -> None:
        """Raises `ValueError`, one plain sentence, for what cannot be shown.

        Args:
          most: pixels that it may have.
        """
        self._raw = raw
        self._moving: Image.Image | None = None
        image = _open(raw)
        width, height = image.size
        if width * height > most:
            raise ValueError(_too_large(width, height, most))
        effort.check(image.format, raw)
        self._transpose = _UPRIGHT.get(_orientation(image))
        swapped = self._transpose is not None and _orientation(image) >= 5
        self.size = (height, width) if swapped else (width, height)
        self._first, self.parts = _parts(image)
        if self.parts > MAX_PARTS or self.parts * width * height > MAX_PARTS_PIXELS:
            raise ValueError(
                f"The image is {self.parts:,} pictures of {width} x {height}; at most "
                f"{MAX_PARTS:,} and {MAX_PARTS_PIXELS // 10**6} million pixels can be played. "
                "Log it shorter or smaller."
            )

    def pixels(self, part: int, background: Colour) -> Pixels:
        """Decodes one part, laid on `background` where it is transparent.

        Going through the parts in order costs one decoding each; each step back costs all
        that come before.

        Raises:
          ValueError: the picture is damaged.
        """
        try:
            if self.parts == 1 and _is_wide(self._raw):
                return _flat(_narrow(_decode_wide(self._raw)), background)
            return laid(self._upright(part), background)
        except Exception as error:  # whatever Pillow's parsers trip over in damaged bytes
            self._moving = None
            raise ValueError("The image is damaged and cannot be decoded.") from error

    def decoded(self, part: int) -> Image.Image:
        """Decodes one part to what takes the least memory; `laid` makes pixels of it, or of cuts.

        Of pictures with 16 bits a channel, those in colour have only the upper 8 left.

        Raises:
          ValueError: the picture is damaged.
        """
        try:
            image = self._upright(part)
            image.load()
            return image
        except Exception as error:  # as above
            self._moving = None
            raise ValueError("The image is damaged and cannot be decoded.") from error

    def _upright(self, part: int) -> Image.Image:
        image = self._at(part)
        return image if self._transpose is None else image.transpose(self._transpose)

    def _at(self, part: int) -> Image.Image:
        if self.parts == 1 and self._first == 0:
            return _open(self._raw)
        # Opened anew to go back: rewinding breaks Pillow's reader of animated PNGs.
        if self._moving is None or self._moving.tell() > self._first + part:
            self._moving = _open(self._raw)
        self._moving.seek(self._first + part)
        return self._moving


def laid(image: Image.Image, background: Colour) -> Pixels:
    """A decoded picture on a colour, where it is transparent."""
    if image.mode.startswith("I;16"):
        grey = np.asarray(image).astype(np.uint16)[..., np.newaxis]
        return _flat(_narrow(_keyed(grey, image.info.get("transparency"))), background)
    if image.has_transparency_data:
        return flatten(np.asarray(image.convert("RGBA")), background)
    return np.asarray(image.convert("RGB"))


def _open(raw: bytes) -> Image.Image:
    try:
        return Image.open(io.BytesIO(raw), formats=FORMATS)
    # The warning comes as an exception where a program has made errors of warnings.
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise ValueError(_too_large()) from None
    except UnidentifiedImageError:
        known = f"{', '.join(FORMATS[:-1])} or {FORMATS[-1]}"
        what = "is damaged or not" if raw else "is empty, not"
        raise ValueError(f"The image {what} one of {known}.") from None
    except Exception as error:  # whatever Pillow's parsers trip over in damaged bytes
        raise ValueError("The image is damaged: its header cannot be read.") from error


def _too_large(width: int | None = None, height: int | None = None, most: int = MAX_PIXELS) -> str:
    measured = f"of {width} x {height} pixels " if width else ""
    return (
        f"The image {measured}is larger than the {most // 10**6} million pixels "
        "that can be shown; log it smaller."
    )


def _orientation(image: Image.Image) -> int:
    # Browsers turn photographs upright, so do we. Other formats rarely say.
    if image.format not in ("JPEG", "MPO"):
        return 1
    try:
        return int(image.getexif().get(_ORIENTATION, 1))
    except Exception:  # a damaged note about the picture is not a damaged picture
        return 1


def _parts(image: Image.Image) -> tuple[int, int]:
    """(index of the first part, number of parts)."""
    if image.format not in _MOVING:
        return 0, 1
    try:
        count = int(getattr(image, "n_frames", 1))
    except Exception as error:  # as in _open
        raise ValueError("The image is damaged: its pictures cannot be counted.") from error
    # An animated PNG may begin with a picture for viewers that cannot play it.
    skipped = 1 if count > 1 and getattr(image, "default_image", False) else 0
    return skipped, max(count - skipped, 1)


def _is_wide(raw: bytes) -> bool:
    """A PNG with 16 bits a channel, of which Pillow would keep the upper 8."""
    return raw[12:16] == b"IHDR" and raw[24:25] == b"\x10"


def _decode_wide(raw: bytes) -> NDArray[np.uint16]:
    """Grey, grey and alpha, RGB or RGBA; shape [height, width, channels]."""
    colour_type = raw[25]
    image = _open(raw)
    if colour_type == 0:
        channels = np.asarray(image).astype(np.uint16)[..., np.newaxis]
    elif colour_type == 4:
        # Two bytes of grey and two of alpha lie and are filtered as four channels of 8 bits.
        header = raw[12:24] + b"\x08\x06" + raw[26:29]
        disguised = raw[:12] + header + struct.pack(">I", zlib.crc32(header)) + raw[33:]
        channels = np.ascontiguousarray(np.asarray(_open(disguised))).view(">u2")
    else:
        upper = np.asarray(image)
        # Read as little-endian, the byte that is kept is the lower one.
        image = _open(raw)
        assert isinstance(image, ImageFile.ImageFile)
        codec, extents, offset, mode = image.tile[0]
        assert isinstance(mode, str)
        image.tile = [_same_type(image.tile[0], (codec, extents, offset, mode[:-1] + "L"))]
        channels = upper.astype(np.uint16) << 8 | np.asarray(image)
    key = image.info.get("transparency") if colour_type in (0, 2) else None
    return _keyed(channels.astype(np.uint16), key)


def _keyed(channels: NDArray[np.uint16], key: Any) -> NDArray[np.uint16]:
    """With an alpha channel where pixels of one colour are transparent."""
    if key is None:
        return channels
    opaque = np.any(channels != np.array(key), axis=-1, keepdims=True)
    return np.concatenate([channels, np.where(opaque, 0xFFFF, 0)], axis=-1).astype(np.uint16)


def _same_type(like: Any, values: tuple[Any, ...]) -> Any:
    """A tuple, or the named tuple that newer versions of Pillow have in its place."""
    return type(like)(*values) if hasattr(like, "_fields") else values


def _narrow(channels: NDArray[np.uint16]) -> NDArray[np.uint8]:
    # As an array, since NumPy 1 takes the narrowest type for a scalar.
    wide = channels.astype(np.uint32)
    return ((wide * 255 + 0x7FFF) // 0xFFFF).astype(np.uint8)


def _flat(channels: NDArray[np.uint8], background: Colour) -> Pixels:
    if channels.shape[-1] in (1, 2):
        grey = np.repeat(channels[..., :1], 3, axis=-1)
        channels = np.concatenate([grey, channels[..., 1:]], axis=-1)
    return flatten(channels, background) if channels.shape[-1] == 4 else channels
