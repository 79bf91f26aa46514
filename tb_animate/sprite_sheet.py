"""Puts the thumbnails of points into one picture, as the record of points holds them."""

from __future__ import annotations

import io
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tb_animate.model import Sprite
from tb_animate.sources.tables import MAX_SPRITE_SIDE, NO_SPRITE, SPRITE_FORMATS

SMALLEST = 8
"""Pixels on the longer side below which a thumbnail is not shrunk: nothing is seen of it."""


def whole(picture: Any, size: tuple[int, int], points: int) -> Sprite:
    """A picture that holds the thumbnails already, row by row.

    Args:
      picture: the bytes of an image file, or a Pillow image.
      size: width and height of one thumbnail, in pixels.
      points: how many thumbnails it must have room for.

    Raises:
      ValueError: no image, too large, or too small for so many.
    """
    from PIL import Image, UnidentifiedImageError

    data = picture if isinstance(picture, bytes) else _png(picture)
    try:
        with Image.open(io.BytesIO(data), formats=SPRITE_FORMATS) as opened:
            sides = opened.size
    except UnidentifiedImageError as error:
        raise ValueError(f"sprite {NO_SPRITE}") from error
    except Exception as error:
        raise ValueError(f"sprite is not an image file ({error}).") from error
    width, height = (int(side) for side in size)
    if max(sides) > MAX_SPRITE_SIDE:
        raise ValueError(
            f"sprite has {sides[0]} x {sides[1]} pixels, and {MAX_SPRITE_SIDE} x "
            f"{MAX_SPRITE_SIDE} is the most; make the thumbnails smaller."
        )
    if min(width, height) < 1 or (sides[0] // width) * (sides[1] // height) < points:
        raise ValueError(
            f"sprite has {sides[0]} x {sides[1]} pixels, which is not room for {points:,} "
            f"thumbnails of {width} x {height}; sprite_size is (width, height) of one."
        )
    return Sprite(data, width, height)


def thumbnails(images: NDArray[np.generic]) -> NDArray[np.uint8]:
    """Checks pictures of points, one each.

    Args:
      images: shape [points, height, width] or [points, height, width, 1, 3 or 4], uint8, or
        floating from 0 to 1, where values beyond are clipped.

    Returns:
      uint8, shape [points, height, width, channels].

    Raises:
      ValueError: another shape or type.
    """
    if images.ndim == 3:
        images = images[..., None]
    if images.ndim != 4 or images.shape[3] not in (1, 3, 4) or 0 in images.shape:
        mend = ""
        if images.ndim == 4 and images.shape[1] in (1, 3, 4):
            mend = " Channels come last: use images.transpose(0, 2, 3, 1)."
        raise ValueError(
            f"sprite has shape {list(images.shape)}, and [points, height, width] or [points, "
            f"height, width, 1, 3 or 4] is wanted.{mend}"
        )
    if images.dtype == np.uint8:
        return np.asarray(images, np.uint8)
    if images.dtype == np.bool_ or images.dtype.kind == "f":
        levels = np.nan_to_num(images.astype(np.float32), nan=0.0).clip(0, 1) * 255
        return np.asarray(np.rint(levels), np.uint8)
    raise ValueError(f"sprite is of type {images.dtype}; uint8, or floating from 0 to 1 is wanted.")


def sheet(images: NDArray[np.uint8]) -> Sprite:
    """Thumbnails in as square a picture as fits them, made smaller where they are too many.

    Args:
      images: as `thumbnails` returns them.

    Raises:
      ValueError: there are too many even for the smallest thumbnails.
    """
    from PIL import Image

    points, height, width, channels = images.shape
    size = _fitting(points, width, height)
    if size != (width, height):
        small = np.empty((points, size[1], size[0], channels), np.uint8)
        for image, kept in zip(images, small, strict=True):
            picture = Image.fromarray(image[..., 0] if channels == 1 else image)
            resized = np.asarray(picture.resize(size, Image.Resampling.BOX))
            kept[:] = resized.reshape(kept.shape)
        images = small
        width, height = size
    columns = math.ceil(math.sqrt(points * height / width))
    columns = max(1, min(columns, MAX_SPRITE_SIDE // width, points))
    columns = max(columns, math.ceil(points / (MAX_SPRITE_SIDE // height)))
    rows = math.ceil(points / columns)
    cells = np.zeros((rows * columns, height, width, channels), np.uint8)
    cells[:points] = images
    grid = cells.reshape(rows, columns, height, width, channels).swapaxes(1, 2)
    pixels = grid.reshape(rows * height, columns * width, channels)
    return Sprite(_png(Image.fromarray(pixels[..., 0] if channels == 1 else pixels)), width, height)


def _fitting(points: int, width: int, height: int) -> tuple[int, int]:
    """The largest size of a thumbnail at which all fit, the proportions kept."""
    longer = max(width, height)
    for side in range(min(longer, MAX_SPRITE_SIDE), min(longer, SMALLEST) - 1, -1):
        size = max(1, round(width * side / longer)), max(1, round(height * side / longer))
        if (MAX_SPRITE_SIDE // size[0]) * (MAX_SPRITE_SIDE // size[1]) >= points:
            return size
    raise ValueError(
        f"{points:,} thumbnails of {width} x {height} pixels do not fit into a sprite of "
        f"{MAX_SPRITE_SIDE} x {MAX_SPRITE_SIDE}, even made as small as {SMALLEST} pixels; leave "
        "sprite out, or log fewer points."
    )


def _png(image: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()
