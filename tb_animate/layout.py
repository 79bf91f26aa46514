"""Where everything of a clip lies: its size, the cells of its series, their bands."""

from __future__ import annotations

import dataclasses
import math

from tb_animate import errors
from tb_animate.fields import MAX_SIDE
from tb_animate.kinds import raster
from tb_animate.model import ClipSpec


@dataclasses.dataclass(frozen=True, slots=True)
class Bands:
    """Heights of what is not the pictures, in pixels; 0 where there is none.

    Attributes:
      header: above the whole clip.
      above, below: each picture.
    """

    header: int = 0
    above: int = 0
    below: int = 0

    @property
    def cell(self) -> int:
        """What a cell has besides its picture."""
        return self.above + self.below


@dataclasses.dataclass(frozen=True, slots=True)
class Layout:
    """A grid of equal cells, each a picture between its bands, and above it the header.

    Attributes:
      size: (width, height) of the clip, in pixels.
      cell: (width, height) of each picture.
      bands: heights of the others.
      corners: upper left corner of each picture.
    """

    size: tuple[int, int]
    cell: tuple[int, int]
    bands: Bands
    corners: list[tuple[int, int]]


def arrange(
    count: int, natural: tuple[int, int], spec: ClipSpec, max_side: int, bands: Bands
) -> Layout:
    """Lays out `count` pictures of one natural size.

    Args:
      count: at least 1.
      natural: (width, height) of a picture where `spec` asks for no size.
      spec: `width` and `height` are those of the whole clip, bands included. One alone
        gives the other by the pictures' aspect.
      max_side: the encoder's.

    Raises:
      errors.TooLarge: a side would be over `MAX_SIDE` or `max_side`.
      errors.AnimateError: the size leaves no pixel for a picture.
    """
    columns, rows = raster.grid(count)
    width, height = _size((columns, rows), natural, bands, spec)
    most = min(MAX_SIDE, max_side)
    if max(width, height) > most:
        raise errors.TooLarge(
            f"The clip would be {width} x {height} pixels, and {most} is the most for a side; "
            "ask for a smaller width or height."
        )
    cell = (width // columns, (height - bands.header) // rows - bands.cell)
    if min(cell) < 1:
        captions = " with captions" if bands.cell else ""
        what = "a picture" if count == 1 else f"{count} pictures side by side"
        raise errors.AnimateError(
            f"{width} x {height} pixels have no room for {what}{captions}; "
            "ask for a larger width or height."
        )
    # What whole pixels leave over becomes a margin, so that all cells are of one size.
    tall = cell[1] + bands.cell
    left = (width - columns * cell[0]) // 2
    top = bands.header + (height - bands.header - rows * tall) // 2 + bands.above
    corners = [
        (left + index % columns * cell[0], top + index // columns * tall) for index in range(count)
    ]
    return Layout((width, height), cell, bands, corners)


def _size(
    grid: tuple[int, int], natural: tuple[int, int], bands: Bands, spec: ClipSpec
) -> tuple[int, int]:
    columns, rows = grid
    aspect = natural[0] / natural[1]
    fixed = bands.header + rows * bands.cell
    if spec.width is not None and spec.height is not None:
        return spec.width, spec.height
    if spec.width is not None:
        return spec.width, rows * max(round(spec.width / columns / aspect), 1) + fixed
    if spec.height is not None:
        return columns * max(round((spec.height - fixed) / rows * aspect), 1), spec.height
    # Nobody asked for a size, so one that is over the limit is reduced and no error.
    room = (MAX_SIDE / columns, (MAX_SIDE - fixed) / rows)
    scale = min(1.0, room[0] / natural[0], room[1] / natural[1])
    width, height = (max(math.floor(side * scale), 1) for side in natural)
    return columns * width, rows * height + fixed
