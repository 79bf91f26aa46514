"""Where everything of a clip lies: its size, the cells of its series, their captions."""

from __future__ import annotations

import dataclasses
import math

from tb_animate import errors
from tb_animate.fields import MAX_SIDE
from tb_animate.kinds import raster
from tb_animate.model import ClipSpec


@dataclasses.dataclass(frozen=True, slots=True)
class Layout:
    """A grid of equal cells, each a picture and, beneath it, its caption.

    Attributes:
      size: (width, height) of the clip, in pixels.
      cell: (width, height) of each picture.
      caption: height of the line beneath it, 0 where there is none.
      corners: upper left corner of each cell.
    """

    size: tuple[int, int]
    cell: tuple[int, int]
    caption: int
    corners: list[tuple[int, int]]


def arrange(count: int, natural: tuple[int, int], spec: ClipSpec, max_side: int) -> Layout:
    """Lays out `count` pictures of one natural size.

    Args:
      count: at least 1.
      natural: (width, height) of a picture where `spec` asks for no size.
      spec: `width` and `height` are those of the whole clip, captions included. One alone
        gives the other by the pictures' aspect.
      max_side: the encoder's.

    Raises:
      errors.TooLarge: a side would be over `MAX_SIDE` or `max_side`.
      errors.AnimateError: the size leaves no pixel for a picture.
    """
    columns, rows = raster.grid(count)
    caption = raster.CAPTION_HEIGHT if spec.caption else 0
    width, height = _size((columns, rows), natural, caption, spec)
    most = min(MAX_SIDE, max_side)
    if max(width, height) > most:
        raise errors.TooLarge(
            f"The clip would be {width} x {height} pixels, and {most} is the most for a side; "
            "ask for a smaller width or height."
        )
    cell = (width // columns, height // rows - caption)
    if min(cell) < 1:
        captions = " with captions" if caption else ""
        what = "a picture" if count == 1 else f"{count} pictures side by side"
        raise errors.AnimateError(
            f"{width} x {height} pixels have no room for {what}{captions}; "
            "ask for a larger width or height."
        )
    # What whole pixels leave over becomes a margin, so that all cells are of one size.
    left = (width - columns * cell[0]) // 2
    top = (height - rows * (cell[1] + caption)) // 2
    corners = [
        (left + index % columns * cell[0], top + index // columns * (cell[1] + caption))
        for index in range(count)
    ]
    return Layout((width, height), cell, caption, corners)


def _size(
    grid: tuple[int, int], natural: tuple[int, int], caption: int, spec: ClipSpec
) -> tuple[int, int]:
    columns, rows = grid
    aspect = natural[0] / natural[1]
    if spec.width is not None and spec.height is not None:
        return spec.width, spec.height
    if spec.width is not None:
        return spec.width, rows * (max(round(spec.width / columns / aspect), 1) + caption)
    if spec.height is not None:
        return columns * max(round((spec.height / rows - caption) * aspect), 1), spec.height
    # Nobody asked for a size, so one that is over the limit is reduced and no error.
    room = (MAX_SIDE / columns, MAX_SIDE / rows - caption)
    scale = min(1.0, room[0] / natural[0], room[1] / natural[1])
    width, height = (max(math.floor(side * scale), 1) for side in natural)
    return columns * width, rows * (height + caption)
