"""Text in pictures, in any language that the fonts of this machine can draw.

Lengths are in pixels. A text is drawn in one line from left to right; its vertical place is
that of Pillow's own font, whatever fonts its characters come from.
"""

from __future__ import annotations

import functools
import math
import unicodedata
from collections.abc import Callable, Sequence
from typing import Any

from PIL import ImageDraw, ImageFont

from tb_animate.text import fonts
from tb_animate.text.shaping import Run, clusters, runs

__all__ = ["draw", "longest", "shorten", "shorten_around", "width", "wrap"]

Colour = tuple[int, int, int]
CUT = "…"


@functools.lru_cache(maxsize=4096)
def width(text: str, size: float) -> float:
    """Of a line of text, at a size of its letters."""
    return sum(_length(run, size) for run in runs(text))


def draw(
    canvas: ImageDraw.ImageDraw,
    at: tuple[float, float],
    text: str,
    colour: Colour,
    size: float,
    *,
    anchor: str = "lm",
    halo: Colour | None = None,
) -> None:
    """Draws a line of text.

    Args:
      at: where `anchor` lies.
      anchor: "l", "m" or "r" for its left end, middle or right end, then "m" for the middle
        of its height or "s" for the line that letters stand on.
      halo: a colour of one pixel around the letters.
    """
    outline: dict[str, Any] = {} if halo is None else {"stroke_width": 1, "stroke_fill": halo}
    found = runs(text)
    own = fonts.sized(fonts.own(), size)
    if len(found) == 1 and found[0].face is fonts.own():
        canvas.text(at, found[0].text, colour, own, anchor=anchor, **outline)
        return
    x, y = at
    if anchor[0] != "l":
        x -= width(text, size) / (2 if anchor[0] == "m" else 1)
    if anchor[1] == "m":
        above, below = own.getmetrics()
        y += (above - below) / 2
    for run in found:
        canvas.text(
            (x, y),
            _ordered(run),
            colour,
            fonts.sized(run.face, size),
            anchor="ls",
            direction=_direction(run),
            **outline,
        )
        x += _length(run, size)


def shorten(text: str, room: float, size: float) -> str:
    """The longest beginning that fits, with "…" where something is cut; "" if nothing does."""
    parts = clusters(text)

    def cut(kept: int) -> str:
        return "".join(parts[:kept]).rstrip() + CUT

    return _fitting(text, len(parts), cut, room, size)


def shorten_around(text: str, room: float, size: float, core: tuple[int, int] = (0, 0)) -> str:
    """The text cut so that it fits: outside of `core` first, then in the middle.

    Args:
      core: from which character to which, the last left out, it says what others do not;
        empty for a text that is to be cut in the middle only.
    """
    start, stop = core
    count = len(text)

    def window(around: int) -> str:
        first, last = max(start - around, 0), min(stop + around, count)
        # A mark is not torn from its letter.
        while first > 0 and unicodedata.combining(text[first]):
            first -= 1
        while last < count and unicodedata.combining(text[last]):
            last += 1
        return CUT * (first > 0) + text[first:last] + CUT * (last < count)

    if stop > start and width(window(0), size) <= room:
        return _fitting(text, count, window, room, size) or window(0)
    parts = clusters(text[start:stop] if stop > start else text)
    before = CUT if stop > start > 0 else ""
    after = CUT if start < stop < count else ""

    def ends(kept: int) -> str:
        head, tail = kept - kept // 2, kept // 2
        return before + "".join([*parts[:head], CUT, *parts[len(parts) - tail :]]) + after

    return _fitting(text, len(parts), ends, room, size)


def wrap(text: str, room: float, most: int, size: float) -> list[str]:
    """At most `most` lines; the last one is cut if there is more."""
    words = text.split()
    lines: list[str] = []
    while words and len(lines) < most - 1:
        taken = 1
        while taken < len(words) and width(" ".join(words[: taken + 1]), size) <= room:
            taken += 1
        lines.append(shorten(" ".join(words[:taken]), room, size))
        words = words[taken:]
    if words:
        lines.append(shorten(" ".join(words), room, size))
    return lines


def longest(texts: Sequence[str], size: float) -> float:
    """About the greatest width of these, told from those of most characters."""
    most = max(map(len, texts), default=0)
    candidates = {text for text in texts if len(text) == most}
    return max((width(text, size) for text in sorted(candidates)[:100]), default=0.0)


def _fitting(text: str, count: int, cut: Callable[[int], str], room: float, size: float) -> str:
    """The whole text if it fits, or the longest cut of it; "" if none fits."""
    if width(text, size) <= room:
        return text
    fits, over = 0, count  # binary search: tags may be thousands of characters long
    while over - fits > 1:
        middle = (fits + over) // 2
        if width(cut(middle), size) <= room:
            fits = middle
        else:
            over = middle
    best = cut(fits)
    return best if width(best, size) <= room else ""


def _length(run: Run, size: float) -> float:
    font = fonts.sized(run.face, size)
    return math.ceil(font.getlength(_ordered(run), direction=_direction(run)) * 64) / 64


def _direction(run: Run) -> str | None:
    return "rtl" if run.backwards and _raqm(run) else None


def _ordered(run: Run) -> str:
    """From left to right where nobody else turns it around."""
    if run.backwards and not _raqm(run):
        return "".join(reversed(clusters(run.text)))
    return run.text


def _raqm(run: Run) -> bool:
    """Whether Pillow turns the text around by itself, and joins its letters."""
    return fonts.sized(run.face, 16).layout_engine == ImageFont.Layout.RAQM
