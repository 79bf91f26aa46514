"""A small curve with a playhead, beneath a picture."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from tb_animate import scalars, text
from tb_animate.alignment import Positions
from tb_animate.curves import Curve
from tb_animate.kinds import raster
from tb_animate.kinds.raster import Pixels
from tb_animate.model import Theme

# Pixels.
LABEL_HEIGHT = 18
CURVE_HEIGHT = 30
HEIGHT = LABEL_HEIGHT + CURVE_HEIGHT
PAD = 4  # above and below a curve, so that its line is not cut
DOT = 3.0  # radius
TEXT_SIZE = 12
APART = 8

# Drawn so many times larger and reduced, for smooth lines.
SMOOTH = 4

# A curve has more points than its picture has columns. Those that stick out are kept.
POINTS_PER_PIXEL = 8


class Inset:
    """One scalar of one series: its name and value above its curve.

    Args:
      curve: as logged.
      places: the position of each of its points by the clip's measure; shape [points].
      span: the first and the last position that the clip shows.
      bounds: the least and the greatest value of the axis, which all series share.
      values: all texts of values that will be shown.
    """

    def __init__(
        self,
        curve: Curve,
        places: Positions,
        span: tuple[float, float],
        bounds: tuple[float, float],
        values: Sequence[str],
    ) -> None:
        self._curve = curve
        self._places = places.astype(np.float64)
        self._span = span
        self._bounds = bounds
        self._value_room = text.longest(values, TEXT_SIZE)
        self._still = functools.lru_cache(1)(self._draw)

    def picture(
        self, width: int, theme: Theme, at: float | None, value: float, shown: str
    ) -> Pixels:
        """The strip at one frame, shape [HEIGHT, width, 3].

        Args:
          at: the playhead's position; `None`: it is not there yet.
          value: where its dot lies; none if it is not finite.
          shown: the value as text.
        """
        palette = raster.PALETTES[theme]
        image = Image.fromarray(self._still(width, theme))
        draw = ImageDraw.Draw(image)
        right = width - raster.MARGIN
        middle = LABEL_HEIGHT / 2
        text.draw(draw, (right, middle), shown, palette.ink, TEXT_SIZE, anchor="rm")
        if at is not None and width > 2 * raster.MARGIN:
            x = playhead(width, self._span, at)
            draw.line((x, LABEL_HEIGHT, x, HEIGHT - 1), palette.soft)
            if math.isfinite(value):
                _dot(image, x, LABEL_HEIGHT + self._height(value), palette.accent)
        return np.asarray(image)

    def _draw(self, width: int, theme: Theme) -> Pixels:
        """All that does not move."""
        palette = raster.PALETTES[theme]
        image = Image.new("RGB", (width, HEIGHT), palette.background)
        other = f" ({self._curve.other})" if self._curve.other else ""
        name = self._curve.tag + other
        room = width - 2 * raster.MARGIN - self._value_room - APART
        label = text.shorten_around(name, room, TEXT_SIZE)
        place = (raster.MARGIN, LABEL_HEIGHT / 2)
        text.draw(ImageDraw.Draw(image), place, label, palette.soft, TEXT_SIZE)
        plot = width - 2 * raster.MARGIN
        if plot > 0:
            colour = raster.mix(palette.accent, palette.background, 0.25)
            image.paste(
                self._lines(plot, colour, palette.background), (raster.MARGIN, LABEL_HEIGHT)
            )
        return np.asarray(image)

    def _lines(self, plot: int, colour: raster.Colour, background: raster.Colour) -> Image.Image:
        first, last = self._span
        # The points on either side of what is shown lead the line to its edges.
        start = max(int(np.searchsorted(self._places, first, side="left")) - 1, 0)
        stop = int(np.searchsorted(self._places, last, side="right")) + 1
        points = self._curve.points
        numbered = scalars.Points(
            np.arange(len(self._places))[start:stop],
            points.wall_times[start:stop],
            points.values[start:stop],
        )
        kept = scalars.thin(numbered, max(POINTS_PER_PIXEL * plot, 64)).steps
        values = points.values[kept].astype(np.float64)
        x = (self._places[kept] - first) / ((last - first) or 1.0) * (plot - 1) + 0.5
        y = np.array([self._height(value) for value in values.tolist()])
        image = Image.new("RGB", (plot * SMOOTH, CURVE_HEIGHT * SMOOTH), background)
        draw = ImageDraw.Draw(image)
        for piece in _pieces(np.isfinite(values)):
            line = list(
                zip((x[piece] * SMOOTH).tolist(), (y[piece] * SMOOTH).tolist(), strict=True)
            )
            if len(line) == 1:
                line.append((line[0][0] + SMOOTH, line[0][1]))
            draw.line(line, colour, round(1.5 * SMOOTH), joint="curve")
        return image.reduce(SMOOTH)

    def _height(self, value: float) -> float:
        """How far below the upper edge of the plot a value lies."""
        low, high = self._bounds
        share = 0.5 if high <= low else (value - low) / (high - low)
        return CURVE_HEIGHT - PAD - share * (CURVE_HEIGHT - 2 * PAD)


def playhead(width: int, span: tuple[float, float], at: float) -> int:
    """The column of a position in a strip."""
    first, last = span
    share = 0.5 if last <= first else min(max((at - first) / (last - first), 0.0), 1.0)
    return raster.MARGIN + round(share * (width - 2 * raster.MARGIN - 1))


def bounds(
    curves: Sequence[tuple[Curve, Positions]], span: tuple[float, float]
) -> tuple[float, float]:
    """The least and the greatest finite value within what is shown, (0, 0) if there is none."""
    found: list[NDArray[np.float32]] = []
    for curve, places in curves:
        inside = (places >= span[0]) & (places <= span[1]) & np.isfinite(curve.points.values)
        # What was logged last before holds when the clip begins.
        held = int(np.searchsorted(places, span[0], side="right")) - 1
        if held >= 0 and np.isfinite(curve.points.values[held]):
            inside[held] = True
        found.append(curve.points.values[inside])
    values = np.concatenate(found)
    return (float(values.min()), float(values.max())) if len(values) else (0.0, 0.0)


def _pieces(known: NDArray[np.bool_]) -> list[slice]:
    """The stretches without a gap."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], known, [False]]).astype(np.int8)))
    return [slice(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _dot(image: Image.Image, x: int, y: float, colour: raster.Colour) -> None:
    side = 2 * math.ceil(DOT) + 1
    top = math.floor(y) - side // 2
    mask = Image.new("L", (side * SMOOTH, side * SMOOTH))
    middle = (side / 2 * SMOOTH, (y - top) * SMOOTH)
    reach = DOT * SMOOTH
    ImageDraw.Draw(mask).ellipse(
        (middle[0] - reach, middle[1] - reach, middle[0] + reach, middle[1] + reach), 255
    )
    image.paste(colour, (x - side // 2, top), mask.reduce(SMOOTH))
