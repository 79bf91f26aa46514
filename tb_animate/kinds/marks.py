"""What lies on top of a cloud of points: the paths of categories, and what is selected."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from tb_animate import text
from tb_animate.kinds import colours, raster
from tb_animate.kinds.look import Look
from tb_animate.kinds.placed import PlacedPoints
from tb_animate.kinds.raster import Pixels
from tb_animate.kinds.stamps import Canvas
from tb_animate.kinds.view import View
from tb_animate.model import Theme

Floats = NDArray[np.float64]

# In units.
THUMBNAIL = 18.0
MIN_THUMBNAIL, MAX_THUMBNAIL = 8.0, 64.0
PATH = 2.0
HEAD = 5.0
OUTLINE = 1.5
RING_AWAY = 3.0
RING = 1.5
LABEL_AWAY = 6.0
TEXT = 11.0

PATH_OPACITY = 0.9


class Mark(NamedTuple):
    """A selected point: where it lies in pixels, its radius, its fade and its name."""

    x: float
    y: float
    radius: float
    fade: float
    label: str


def thumbnail_side(unit: float, factor: float, zoom: float) -> float:
    """The longer side in pixels."""
    side = THUMBNAIL * factor * math.sqrt(zoom)
    return unit * min(max(side, MIN_THUMBNAIL), MAX_THUMBNAIL)


def in_sight(canvas: Canvas, x: float, y: float, side: float) -> bool:
    """Whether something of a square may be seen, its middle and its side in pixels."""
    reach = side / 2 + 1  # as pictures lie on whole pixels
    width, height = canvas.size
    return -reach < x < width + reach and -reach < y < height + reach


def paths(
    canvas: Canvas,
    look: Look,
    frames: Sequence[PlacedPoints],
    following: PlacedPoints | None,
    phase: float,
    view: View,
    unit: float,
    theme: Theme,
) -> None:
    """For each category the way of its points' mean, with a disc where it is now.

    Args:
      frames: the present one last.
    """
    column = look.column
    if column is None or column.type != "category":
        return
    means = [_means(look, frame) for frame in frames]
    if phase and following is not None and following.segment == frames[-1].segment:
        means.append(means[-1] + (_means(look, following) - means[-1]) * phase)
    background = np.array(raster.PALETTES[theme].background, np.float64)
    for nth in range(len(column.categories)):
        if nth in look.hidden:
            continue
        seen = view.see(np.stack([one[nth] for one in means]))
        way = np.stack([seen.x, seen.y], axis=1)
        colour = np.array(colours.category(nth, theme), np.float64)
        canvas.path(np.concatenate([way[:-1], way[1:]], axis=1), PATH * unit, PATH_OPACITY, colour)
        x, y = seen.x[-1:], seen.y[-1:]
        solid = np.ones(1)
        canvas.discs(x, y, solid * (HEAD + OUTLINE / 2) * unit, solid, background[np.newaxis])
        canvas.discs(x, y, solid * (HEAD - OUTLINE / 2) * unit, solid, colour[np.newaxis])


def _means(look: Look, frame: PlacedPoints) -> Floats:
    """Of each category's points that are there, shape [categories, axes]; NaN without any."""
    assert look.column is not None
    count = len(look.column.categories)
    codes = look.tables.categories(frame.version, look.column, len(frame.positions))
    there = (codes >= 0) & ~np.isnan(frame.positions[:, 0])
    points = np.bincount(codes[there], minlength=count)
    with np.errstate(invalid="ignore"):
        return np.stack(
            [
                np.bincount(codes[there], axis[there], minlength=count) / points
                for axis in frame.positions.T
            ],
            axis=1,
        )


def selection(canvas: Canvas, marks: Sequence[Mark], unit: float, theme: Theme) -> Pixels:
    """Draws a ring around each selected point and its name beside it; the finished picture."""
    palette = raster.PALETTES[theme]
    if not marks:
        return canvas.pixels()
    x, y, radius, fade = np.array([one[:4] for one in marks]).T
    ink = np.broadcast_to(np.array(palette.ink, np.float64), (len(marks), 3))
    canvas.rings(x, y, radius + RING_AWAY * unit, RING * unit, fade, ink)
    image = Image.fromarray(canvas.pixels())
    draw = ImageDraw.Draw(image)
    for one in marks:
        left = one.x + one.radius + (RING_AWAY + LABEL_AWAY) * unit
        label = text.shorten(one.label, image.width, TEXT * unit)
        faded = raster.mix(palette.background, palette.ink, one.fade)
        text.draw(draw, (left, one.y), label, faded, TEXT * unit, halo=palette.background)
    return np.asarray(image)
