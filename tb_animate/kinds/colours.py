"""Colours of points: by category, by number, or one for all.

The browser has the same: what is a constant here is one there, too.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tb_animate.kinds import raster
from tb_animate.kinds.columns import Column
from tb_animate.kinds.points import Tables
from tb_animate.kinds.raster import Colour
from tb_animate.model import Theme

CATEGORIES: tuple[Colour, ...] = (
    (0x4E, 0x79, 0xA7),
    (0xF2, 0x8E, 0x2B),
    (0xE1, 0x57, 0x59),
    (0x76, 0xB7, 0xB2),
    (0x59, 0xA1, 0x4F),
    (0xED, 0xC9, 0x48),
    (0xB0, 0x7A, 0xA1),
    (0xFF, 0x9D, 0xA7),
    (0x9C, 0x75, 0x5F),
    (0xBA, 0xB0, 0xAC),
)

# How far the second and the third ten are mixed with black or white.
MIXED = 0.35
BLACK: Colour = (0, 0, 0)
WHITE: Colour = (255, 255, 255)

# Matplotlib's viridis at eighths of its range.
NUMBERS: tuple[Colour, ...] = (
    (0x44, 0x01, 0x54),
    (0x47, 0x2D, 0x7B),
    (0x3B, 0x52, 0x8B),
    (0x2C, 0x72, 0x8E),
    (0x21, 0x91, 0x8C),
    (0x28, 0xAE, 0x80),
    (0x5E, 0xC9, 0x62),
    (0xAD, 0xDC, 0x30),
    (0xFD, 0xE7, 0x25),
)


def category(nth: int, theme: Theme) -> Colour:
    """Ten that can be told apart, then the same ten stronger and weaker, and again."""
    base = CATEGORIES[nth % len(CATEGORIES)]
    towards, away = (BLACK, WHITE) if theme == "light" else (WHITE, BLACK)
    turn = nth // len(CATEGORIES) % 3
    return base if turn == 0 else raster.mix(base, towards if turn == 1 else away, MIXED)


def scale(shares: NDArray[np.floating]) -> NDArray[np.float64]:
    """Colours of shares from 0 to 1; shape [points] to [points, 3]."""
    stops = np.linspace(0, 1, len(NUMBERS))
    return np.stack([np.interp(shares, stops, channel) for channel in np.array(NUMBERS).T], axis=1)


def of_points(
    tables: Tables, column: Column | None, version: int, slots: int, theme: Theme
) -> NDArray[np.float64]:
    """The colour of each slot, shape [slots, 3]."""
    palette = raster.PALETTES[theme]
    if column is None:
        return np.full((slots, 3), palette.accent, np.float64)
    if column.type == "category":
        codes = tables.categories(version, column, slots)
        known = [category(nth, theme) for nth in range(len(column.categories))]
        return np.array([*known, palette.faint], np.float64)[codes]
    numbers = tables.numbers(version, column, slots).astype(np.float64)
    width = column.high - column.low
    found = scale(np.nan_to_num((numbers - column.low) / width) if width else numbers * 0)
    found[np.isnan(numbers)] = palette.faint
    return found
