"""What colours mean, beneath a picture of points."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw

from tb_animate import text
from tb_animate.kinds import colours, raster
from tb_animate.kinds.columns import Column
from tb_animate.kinds.raster import Pixels
from tb_animate.model import Theme

# Pixels where `raster.unit` is 1.
TEXT = 11
ROW = 16
DISC = 4  # radius
AFTER_DISC = 5
APART = 12
BAR = (100, 8)
MAX_ROWS = 4  # of fifty categories most; the plot keeps most of the picture


class Entry(NamedTuple):
    """A category's place; without a category, how many have none."""

    nth: int | None
    text: str
    x: float
    row: int


def height(column: Column | None, width: int) -> int:
    """Of the strip under a picture of a width, in pixels; 0 without a legend."""
    if column is None or column.type == "text":
        return 0
    unit = _unit(width)
    rows = 1
    if column.type == "category":
        entries = _entries(column, width, unit)
        rows = entries[-1].row + 1 if entries else 0
    return round((rows * ROW + ROW / 2) * unit) if rows else 0


def draw(column: Column, hidden: frozenset[int], width: int, theme: Theme) -> Pixels:
    """The strip, as high as `height` says. Hidden categories are pale."""
    palette = raster.PALETTES[theme]
    unit = _unit(width)
    image = Image.new("RGB", (width, height(column, width)), palette.background)
    canvas = ImageDraw.Draw(image)
    if column.type == "number":
        _bar(image, column, unit, theme)
        return np.asarray(image)
    for entry in _entries(column, width, unit):
        y = (entry.row + 0.5) * ROW * unit
        x = entry.x
        ink = palette.text
        if entry.nth is not None:
            colour = colours.category(entry.nth, theme)
            if entry.nth in hidden:
                colour, ink = palette.rule, palette.faint
            _disc(image, x + DISC * unit, y, DISC * unit, colour)
            x += (2 * DISC + AFTER_DISC) * unit
        text.draw(canvas, (x, y), entry.text, ink, TEXT * unit)
    return np.asarray(image)


def _unit(width: int) -> float:
    return raster.unit((width, width))


def _entries(column: Column, width: int, unit: float) -> list[Entry]:
    """From left to right in rows; the last says how many had no room."""
    size = TEXT * unit
    margin = raster.MARGIN * unit
    before = (2 * DISC + AFTER_DISC) * unit
    room = width - 2 * margin
    count = len(column.categories)
    found: list[Entry] = []
    x, row = margin, 0
    for nth, name in enumerate(column.categories):
        label = text.shorten(name, int(room - before), size)
        needs = before + text.width(label, size)
        if x > margin and x + needs > margin + room:
            x, row = margin, row + 1
        more = f"+ {count - nth:,} more"
        # The last row keeps room for the words that stand for the rest.
        tail = text.width(f"+ {count - nth - 1:,} more", size) if nth < count - 1 else 0
        last = row == MAX_ROWS - 1
        if row == MAX_ROWS or (last and x + needs + APART * unit + tail > margin + room):
            if row == MAX_ROWS:
                row, x = found[-1].row, found[-1].x + before + APART * unit
                x += text.width(found[-1].text, size)
            return [*found, Entry(None, more, x, row)]
        found.append(Entry(nth, label, x, row))
        x += needs + APART * unit
    return found


def _bar(image: Image.Image, column: Column, unit: float, theme: Theme) -> None:
    """The scale of numbers between the smallest and the largest."""
    palette = raster.PALETTES[theme]
    font = raster.font(TEXT * unit)
    canvas = ImageDraw.Draw(image)
    low, high = f"{column.low:.4g}", f"{column.high:.4g}"
    x, y = raster.MARGIN * unit, ROW * unit / 2
    canvas.text((x, y), low, palette.text, font, anchor="lm")
    x += font.getlength(low) + AFTER_DISC * unit
    width, tall = round(BAR[0] * unit), max(round(BAR[1] * unit), 1)
    shades = colours.scale((np.arange(width) + 0.5) / width)
    strip = np.broadcast_to(np.rint(shades).astype(np.uint8), (tall, width, 3))
    image.paste(Image.fromarray(np.ascontiguousarray(strip)), (round(x), round(y - tall / 2)))
    canvas.text((x + width + AFTER_DISC * unit, y), high, palette.text, font, anchor="lm")


def _disc(image: Image.Image, x: float, y: float, radius: float, colour: raster.Colour) -> None:
    """A disc with a smooth edge."""
    side = round(2 * radius) + 2
    mask = Image.new("L", (side * 4, side * 4))
    middle = side * 2
    reach = radius * 4
    ImageDraw.Draw(mask).ellipse(
        (middle - reach, middle - reach, middle + reach, middle + reach), 255
    )
    image.paste(colour, (round(x - side / 2), round(y - side / 2)), mask.reduce(4))
