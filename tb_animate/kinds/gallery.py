"""A step's samples as one picture: where each lies, and their pixels there.

The browser places them by the same rules.
"""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tb_animate.kinds import raster
from tb_animate.kinds.encoded import EncodedImage
from tb_animate.kinds.raster import Box, Pixels
from tb_animate.model import Theme
from tb_animate.options import Field, one_of, whole

MAX_ZOOM = 1000.0  # a pixel of the largest image fills the picture

_NUMBER = re.compile(r"[0-9]+\.?[0-9]*|\.[0-9]+", re.ASCII)


def view(text: str) -> tuple[float, float, float]:
    """What of the whole is in the middle, from 0 to 1 each way, and how much it is enlarged.

    Raises:
      ValueError: for anything but three such numbers.
    """
    parts = text.split(",")
    if len(parts) != 3 or not all(map(_NUMBER.fullmatch, parts)):
        raise ValueError
    x, y, zoom = map(float, parts)
    if not (x <= 1 and y <= 1 and 1 <= zoom <= MAX_ZOOM):
        raise ValueError
    return x, y, zoom


def _zoom(text: str) -> str:
    view(text)
    return text


OPTIONS = (
    Field(
        "brightness",
        whole(0, 200),
        "a whole number from 0 to 200",
        "of images, in per cent (default: 100)",
        "PERCENT",
    ),
    Field(
        "contrast",
        whole(0, 500),
        "a whole number from 0 to 500",
        "of images, in per cent, applied before the brightness (default: 100)",
        "PERCENT",
    ),
    one_of("smooth", ("off", "on"), "mix neighbouring pixels where images are enlarged"),
    Field(
        "zoom",
        _zoom,
        f"three numbers x,y,zoom: x and y from 0 to 1, zoom from 1 to {MAX_ZOOM:g}",
        "what of the image is in the middle, and how much it is enlarged (default: 0.5,0.5,1)",
        "X,Y,ZOOM",
    ),
)


@dataclasses.dataclass(frozen=True, slots=True)
class Look:
    """The options, see `OPTIONS`."""

    brightness: int = 100
    contrast: int = 100
    smooth: str = "off"
    zoom: str = "0.5,0.5,1"

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Look:
        names = [field.name for field in dataclasses.fields(cls)]
        return cls(**{name: options[name] for name in names if name in options})


UNTOUCHED = Look()


def levels(brightness: int, contrast: int) -> NDArray[np.uint8]:
    """What each level of a channel becomes, uint8 [256].

    First the contrast about the middle, then the brightness, each clamped, by the formulas
    of CSS Filter Effects 1, 9.1, which TensorBoard's own image cards use.
    """
    contrasted = np.clip((np.arange(256) / 255 - 0.5) * (contrast / 100) + 0.5, 0, 1)
    brightened = np.clip(contrasted * (brightness / 100), 0, 1)
    return np.floor(255 * brightened + 0.5).astype(np.uint8)


class Gallery:
    """Places samples in a picture, and paints them there."""

    def __init__(
        self, cell: tuple[int, int], samples: int, size: tuple[int, int], look: Look, theme: Theme
    ) -> None:
        """
        Args:
          cell: (width, height) of the largest sample.
          samples: how many there is room for.
          size: (width, height) of the picture.
        """
        self._cell = cell
        self._columns, self._rows = raster.grid(samples)
        self._size = size
        self._look = look
        self._theme: Theme = theme
        self._edges = self._placed()

    @property
    def room(self) -> int:
        return self._columns * self._rows

    def cell(self, number: int) -> Box:
        """Where a sample's cell lies; with a zoom it may reach out of the picture."""
        row, column = divmod(number, self._columns)
        columns, rows = self._edges
        x, y = columns[column], rows[row]
        return Box(x, y, columns[column + 1] - x, rows[row + 1] - y)

    def seen(self, number: int) -> Box:
        """What of the cell is in the picture; width or height may be 0."""
        return _cut(self.cell(number), self._size)

    @property
    def area(self) -> Box:
        """What of all cells is in the picture."""
        columns, rows = self._edges
        whole = Box(columns[0], rows[0], columns[-1] - columns[0], rows[-1] - rows[0])
        return _cut(whole, self._size)

    def paint(self, samples: Sequence[EncodedImage | None], phase: float) -> Pixels:
        """The whole picture as logged; `phase` is the time within samples that move.

        Raises:
          ValueError: the pixels of no sample can be read.
        """
        canvas = raster.blank(self._size, raster.PALETTES[self._theme].background)
        problem: ValueError | None = None
        shown = 0
        for number, sample in enumerate(samples[: self.room]):
            seen = self.seen(number)
            if 0 in (seen.width, seen.height):
                continue
            try:
                pixels = self._pixels(sample, phase, self.cell(number), seen)
                shown += sample is not None
            except ValueError as error:
                problem = error
                pixels = self._pixels(None, phase, self.cell(number), seen)
            raster.paste(canvas, pixels, seen.x, seen.y)
        if problem is not None and not shown:
            raise problem
        return canvas

    def adjust(self, picture: Pixels, samples: int) -> Pixels:
        """The picture with the cells of so many samples in the look's brightness and contrast."""
        if (self._look.brightness, self._look.contrast) == (100, 100):
            return picture
        table = levels(self._look.brightness, self._look.contrast)
        adjusted: Pixels = picture.copy()
        for number in range(min(samples, self.room)):
            x, y, width, height = self.seen(number)
            there = np.s_[y : y + height, x : x + width]
            adjusted[there] = table[picture[there]]
        return adjusted

    def _placed(self) -> tuple[list[int], list[int]]:
        """Edges of the columns and of the rows."""
        content = (self._columns * self._cell[0], self._rows * self._cell[1])
        x, y, zoom = view(self._look.zoom)
        if zoom == 1:
            place = raster.contain(content, self._size)
            # Cells share out all pixels of the place: no gaps, whatever its size.
            return (
                [place.x + place.width * n // self._columns for n in range(self._columns + 1)],
                [place.y + place.height * n // self._rows for n in range(self._rows + 1)],
            )
        scale = zoom * min(room / side for room, side in zip(self._size, content, strict=True))
        return (
            _edges(content[0] * scale, self._size[0], x, self._columns),
            _edges(content[1] * scale, self._size[1], y, self._rows),
        )

    def _pixels(self, sample: EncodedImage | None, phase: float, cell: Box, seen: Box) -> Pixels:
        """What is seen of a cell, at the size that it has in the picture."""
        background = raster.PALETTES[self._theme].background
        if sample is None:
            return raster.cross((seen.width, seen.height), self._theme)
        # The phases that an export asks for are k / parts, which may come out a hair below.
        part = min(int(phase * sample.parts + 1e-6), sample.parts - 1)
        pixels = sample.pixels(part, background)
        place = Box(0, 0, cell.width, cell.height)
        # A cell has the scene's aspect but for rounding, which must not show as a gap.
        if sample.size != self._cell:
            place = raster.contain(sample.size, (cell.width, cell.height))
        place = place._replace(x=cell.x + place.x, y=cell.y + place.y)
        shown = _cut(place, self._size)
        canvas = raster.blank((seen.width, seen.height), background)
        if 0 not in (shown.width, shown.height):
            scaled = _scaled(pixels, place, shown, self._look.smooth == "on")
            raster.paste(canvas, scaled, shown.x - seen.x, shown.y - seen.y)
        return canvas


def _edges(length: float, room: int, middle: float, count: int) -> list[int]:
    """Edges of `count` equal parts of a length of which `middle` is to be in the middle."""
    if length <= room:
        start = (room - length) / 2
    else:
        start = min(0.0, max(room - length, room / 2 - middle * length))
    return [math.floor(start + n * length / count + 0.5) for n in range(count + 1)]


def _cut(box: Box, size: tuple[int, int]) -> Box:
    """What of a box is in a picture."""
    left, top = max(box.x, 0), max(box.y, 0)
    right, bottom = min(box.x + box.width, size[0]), min(box.y + box.height, size[1])
    return Box(left, top, max(right - left, 0), max(bottom - top, 0))


def _scaled(pixels: Pixels, place: Box, shown: Box, smooth: bool) -> Pixels:
    """What is shown of a picture that fills `place`, at that size."""
    height, width = pixels.shape[:2]
    enlarges = place.width >= width and place.height >= height
    if place == shown and not (enlarges and smooth):
        return raster.scale(pixels, (place.width, place.height))
    if enlarges:
        method = Image.Resampling.BICUBIC if smooth else Image.Resampling.NEAREST
    else:
        method = Image.Resampling.BOX
    across, down = width / place.width, height / place.height
    left, top = (shown.x - place.x) * across, (shown.y - place.y) * down
    box = (left, top, left + shown.width * across, top + shown.height * down)
    size = (shown.width, shown.height)
    return np.asarray(Image.fromarray(pixels).resize(size, method, box))
