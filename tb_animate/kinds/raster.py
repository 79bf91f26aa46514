"""Pixels, as all kinds need them: fitting, scaling, laying on the theme's colours, text.

Pictures are RGB, uint8, shape [height, width, 3]; sizes are (width, height) in pixels.
"""

from __future__ import annotations

import math
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from tb_animate import text
from tb_animate.model import Theme
from tb_animate.text import fonts

Pixels: TypeAlias = NDArray[np.uint8]
Colour: TypeAlias = tuple[int, int, int]


class Palette(NamedTuple):
    """Colours of everything that is not data, and one for data that has none of its own.

    Attributes:
      surface: behind notices.
      line, text: of notices and captions.
      ink, soft, faint: of numbers in a plot, by their weight.
      rule: of a plot's axis.
      accent: of what a plot shows.
    """

    background: Colour
    surface: Colour
    line: Colour
    text: Colour
    ink: Colour
    soft: Colour
    faint: Colour
    rule: Colour
    accent: Colour


PALETTES: dict[Theme, Palette] = {
    "light": Palette(
        background=(255, 255, 255),
        surface=(245, 245, 245),
        line=(189, 189, 189),
        text=(66, 66, 66),
        ink=(33, 33, 33),
        soft=(97, 97, 97),
        faint=(158, 158, 158),
        rule=(224, 224, 224),
        accent=(245, 124, 0),
    ),
    "dark": Palette(
        background=(58, 58, 58),
        surface=(72, 72, 72),
        line=(117, 117, 117),
        text=(224, 224, 224),
        ink=(255, 255, 255),
        soft=(189, 189, 189),
        faint=(138, 138, 138),
        rule=(85, 85, 85),
        accent=(255, 152, 0),
    ),
}

# Lengths of a plot are told for pictures between these widths; smaller and larger ones have
# them smaller and larger. The page does the same.
USUAL = (300, 500)
MIN_UNIT, MAX_UNIT = 0.5, 8.0

FIGURES = 11  # size of the numbers at a plot's axes, where the unit is 1

TEXT_SIZE = 13  # pixels, as TensorBoard's own small print
LINE_HEIGHT = 18
MARGIN = 6
MAX_NOTICE = 400  # characters; more than fits, and wrapping takes time


class Box(NamedTuple):
    """A rectangle of pixels; `x` and `y` are its upper left corner."""

    x: int
    y: int
    width: int
    height: int


def contain(content: tuple[int, int], box: tuple[int, int]) -> Box:
    """The largest rectangle of `content`'s aspect in the middle of `box`."""
    scale = min(box[0] / content[0], box[1] / content[1])
    width = min(max(round(content[0] * scale), 1), box[0])
    height = min(max(round(content[1] * scale), 1), box[1])
    return Box((box[0] - width) // 2, (box[1] - height) // 2, width, height)


def grid(count: int) -> tuple[int, int]:
    """(columns, rows) of the most nearly square grid that holds `count` cells."""
    columns = max(math.isqrt(max(count, 1) - 1) + 1, 1)
    return columns, -(-max(count, 1) // columns)


def unit(size: tuple[int, int]) -> float:
    """What lengths in a plot are multiplied with, so that they suit its size."""
    width = min(size[0], size[1] * 4 / 3)
    return min(max(min(width / USUAL[0], 1.0), width / USUAL[1], MIN_UNIT), MAX_UNIT)


def blank(size: tuple[int, int], colour: Colour) -> Pixels:
    """A picture of one colour."""
    pixels = np.empty((size[1], size[0], 3), np.uint8)
    pixels[...] = colour
    return pixels


def paste(canvas: Pixels, pixels: Pixels, x: int, y: int) -> None:
    """Writes `pixels` into `canvas`, which must hold them, at (x, y)."""
    height, width = pixels.shape[:2]
    canvas[y : y + height, x : x + width] = pixels


def scale(pixels: Pixels, size: tuple[int, int]) -> Pixels:
    """Enlarges with hard edges, since a logged pixel is a value; reduces by area means."""
    height, width = pixels.shape[:2]
    if (width, height) == size:
        return pixels
    enlarges = size[0] >= width and size[1] >= height
    method = Image.Resampling.NEAREST if enlarges else Image.Resampling.BOX
    return np.asarray(Image.fromarray(pixels).resize(size, method))


def flatten(pixels: NDArray[np.uint8], background: Colour) -> Pixels:
    """Lays RGBA, shape [height, width, 4], on a colour."""
    alpha = pixels[..., 3:].astype(np.uint16)
    under = np.array(background, np.uint16)
    # alpha * c + (255 - alpha) * b is at most 255 * 255: with the rounding it fits 16 bits.
    mixed = pixels[..., :3] * alpha + (255 - alpha) * under
    return ((mixed + 127) // 255).astype(np.uint8)


def blend(first: Pixels, second: Pixels, amount: float) -> Pixels:
    """(1 - amount) * first + amount * second, in steps of 1/256 of `amount`."""
    weight = round(256 * amount)
    mixed = first.astype(np.uint16)
    mixed *= 256 - weight
    # NumPy 1 would take the narrowest type for a weight that is a scalar.
    mixed += np.multiply(second, weight, dtype=np.uint16)
    mixed += 128
    mixed >>= 8
    return mixed.astype(np.uint8)


def cross(size: tuple[int, int], theme: Theme) -> Pixels:
    """Stands for a sample that cannot be shown where there is no room for words."""
    palette = PALETTES[theme]
    image = Image.new("RGB", size, palette.background)
    draw = ImageDraw.Draw(image)
    right, bottom = size[0] - 1, size[1] - 1
    draw.line((0, 0, right, bottom), palette.line)
    draw.line((0, bottom, right, 0), palette.line)
    return np.asarray(image)


def notice(sentence: str, size: tuple[int, int], theme: Theme) -> Pixels:
    """A sentence in the middle of an otherwise empty picture, as far as it has room."""
    palette = PALETTES[theme]
    image = Image.new("RGB", size, palette.surface)
    draw = ImageDraw.Draw(image)
    room = size[0] - 2 * MARGIN
    most = max((size[1] - 2 * MARGIN) // LINE_HEIGHT, 1)
    lines = text.wrap(sentence[:MAX_NOTICE], room, most, TEXT_SIZE)
    top = (size[1] - LINE_HEIGHT * (len(lines) - 1)) / 2
    for row, line in enumerate(lines):
        place = (size[0] / 2, top + row * LINE_HEIGHT)
        text.draw(draw, place, line, palette.text, TEXT_SIZE, anchor="mm")
    return np.asarray(image)


def mix(first: Colour, second: Colour, amount: float) -> Colour:
    """(1 - amount) * first + amount * second."""
    red, green, blue = (round(a + (b - a) * amount) for a, b in zip(first, second, strict=True))
    return red, green, blue


def font(size: float) -> ImageFont.FreeTypeFont:
    """The font of figures, at a size in pixels."""
    return fonts.sized(fonts.own(), size)
