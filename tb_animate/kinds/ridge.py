"""Curves over one axis, one before the other, as a picture.

The browser draws the same from the same numbers: what is a constant here is one there, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from tb_animate.kinds import axes, raster
from tb_animate.kinds.raster import Colour, Palette, Pixels

# Pixels where `raster.unit` is 1.
LEFT, RIGHT, TOP, BOTTOM = 14, 52, 14, 30
TICK = 4
TEXT_BELOW = 7
LABEL_RIGHT = 6
LABEL_APART = 12  # of two labels that do not touch

# Less than that above its baseline, a curve would be no more than a line along it.
FLAT = 0.25

# Below this many pixels in a picture, edges are smoothed by drawing at twice its size.
# Above it an edge is fine enough without, and the drawing would take hundreds of megabytes.
MAX_SMOOTHED = 3_000_000

# How far colours go towards the background: the first behind the front, and the last.
NEAREST, FARTHEST = 0.2, 0.9


class Label(NamedTuple):
    """A text to the right of a curve's baseline."""

    text: str
    curve: int
    colour: Colour


class Plot(NamedTuple):
    """Where curves lie, in pixels.

    Attributes:
      unit: what lengths are multiplied with.
      baseline: of the curve in front.
    """

    unit: float
    left: float
    right: float
    top: float
    baseline: float

    @property
    def height(self) -> float:
        return self.baseline - self.top


def plot(size: tuple[int, int]) -> Plot:
    width, height = size
    unit = raster.unit(size)
    return Plot(unit, LEFT * unit, width - RIGHT * unit, TOP * unit, height - BOTTOM * unit)


def draw(
    curves: Sequence[NDArray[np.float64]],
    *,
    steps: Sequence[int],
    depth: int,
    full: float,
    axis: tuple[float, float],
    size: tuple[int, int],
    palette: Palette,
) -> Pixels:
    """Curves on baselines of their own, the last in front.

    Args:
      curves: heights of equally wide bins, 0 to 1, the curve in front last.
      steps: of each curve, for its label.
      depth: how many curves the room behind the front one is for.
      full: height 1 as a share of the plot's. Below 1 a line parts each curve from those
        behind it.
      axis: the values at both ends.
      size: (width, height) in pixels.
    """
    place = plot(size)
    if place.right - place.left < 1 or place.height < 1:
        return raster.blank(size, palette.background)
    smooth = 2 if size[0] * size[1] <= MAX_SMOOTHED else 1
    image = Image.new("RGB", (size[0] * smooth, size[1] * smooth), palette.background)
    canvas = ImageDraw.Draw(image)
    tall = full * place.height
    apart = 0.5 * place.height / max(depth, 1)
    count = len(curves)
    for nth, heights in enumerate(curves):
        back = count - 1 - nth
        baseline = place.baseline - back * apart
        away = NEAREST + (FARTHEST - NEAREST) * back / depth if back else 0.0
        colour = raster.mix(palette.accent, palette.background, away)
        for run in _runs(heights, place, baseline, tall):
            # Pillow counts from the middle of the first pixel, and edges from its corner.
            line = [(x * smooth - 0.5, y * smooth - 0.5) for x, y in run]
            foot = baseline * smooth - 0.5
            canvas.polygon([(line[0][0], foot), *line, (line[-1][0], foot)], colour)
            if full < 1:
                # Pillow draws lines of some width half a pixel further to the left.
                line = [(x + 0.5, y) for x, y in line]
                canvas.line(line, palette.background, max(round(place.unit * smooth), 1))
    if smooth > 1:
        image = image.reduce(smooth)
    labels = [Label(f"{steps[-1]:,}", 0, palette.ink)]
    if (count - 1) * apart >= LABEL_APART * place.unit:
        labels.append(Label(f"{steps[0]:,}", count - 1, palette.faint))
    _axis(image, place, axis, palette)
    font = raster.font(raster.FIGURES * place.unit)
    for label in labels:
        at = (size[0] - LABEL_RIGHT * place.unit, place.baseline - label.curve * apart)
        ImageDraw.Draw(image).text(at, label.text, label.colour, font, anchor="rs")
    return np.asarray(image)


def _runs(
    heights: NDArray[np.float64], place: Plot, baseline: float, full: float
) -> Iterator[list[tuple[float, float]]]:
    """The stretches of a curve that rise above its baseline, with the point beside each end."""
    up = np.minimum(heights, 1.0) * full
    width = (place.right - place.left) / len(up)
    points = [
        (place.left + (nth + 0.5) * width, baseline - height)
        for nth, height in enumerate(up.tolist())
    ]
    # A border on either side makes every run begin and end.
    risen = np.concatenate([[False], up > FLAT, [False]])
    turns = np.flatnonzero(risen[1:] != risen[:-1])
    for start, end in zip(turns[::2].tolist(), turns[1::2].tolist(), strict=True):
        run = points[max(start - 1, 0) : end + 1]
        if len(run) > 1:
            yield run


def _axis(image: Image.Image, place: Plot, axis: tuple[float, float], palette: Palette) -> None:
    draw = ImageDraw.Draw(image)
    font = raster.font(raster.FIGURES * place.unit)
    thick = max(round(place.unit), 1)
    low, high = axis
    base = round(place.baseline)

    def bar(left: float, top: float, right: float, bottom: float) -> None:
        draw.rectangle((left, top, right - 1, bottom - 1), palette.rule)

    bar(round(place.left), base, round(place.right), base + thick)
    for value, text in axes.ticks(low, high):
        x = place.left + (value - low) / (high - low) * (place.right - place.left)
        left = round(x - thick / 2)
        bar(left, base, left + thick, base + round(TICK * place.unit))
        draw.text((x, base + TEXT_BELOW * place.unit), text, palette.soft, font, anchor="mt")
