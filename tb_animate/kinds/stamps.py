"""Discs, rings and lines with smooth edges, each laid over those before it.

What covers a pixel is collected for many shapes at once and then laid on in their order, which
is exact: a pixel that several shapes cover gets each of them over the one before.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tb_animate.kinds.raster import Colour, Pixels

Floats = NDArray[np.floating]

# Shapes, and pixels that they touch, that are laid on at once: what a sort key of 63 bits
# has room for beside the number of a pixel, of which a picture has 2 ** 24 at most.
_SHAPE_BITS = 17
_TOUCH_BITS = 21
MAX_TOUCHED = 1 << _TOUCH_BITS

# Opaque but for rounding: the logarithm of what shines through has to be finite.
OPAQUE = 1 - 1e-7


class Cover(NamedTuple):
    """Pixels that shapes cover; shape [touched] each.

    Attributes:
      pixel: counted from left to right, then from top to bottom.
      amount: 0 to 1.
      owner: which shape.
    """

    pixel: NDArray[np.int64]
    amount: NDArray[np.float32]
    owner: NDArray[np.int64]


class Canvas:
    """A picture in the making."""

    def __init__(self, size: tuple[int, int], background: Colour) -> None:
        self.size = size
        self._pixels = np.empty((size[1] * size[0], 3), np.float32)
        self._pixels[:] = background

    def pixels(self) -> Pixels:
        rounded = np.rint(self._pixels).astype(np.uint8)
        return rounded.reshape(self.size[1], self.size[0], 3)

    def lay(self, cover: Cover, alpha: Floats, colour: Floats) -> None:
        """Lays shapes over what is there, in the order of their numbers.

        Args:
          alpha: of each shape, shape [shapes].
          colour: 0 to 255, shape [shapes, 3].
        """
        if not len(cover.pixel):
            return
        touch = np.arange(len(cover.pixel))
        key = (cover.pixel << (_SHAPE_BITS + _TOUCH_BITS)) | (cover.owner << _TOUCH_BITS) | touch
        key.sort()
        touch = key & ((1 << _TOUCH_BITS) - 1)
        pixel = key >> (_SHAPE_BITS + _TOUCH_BITS)
        owner = cover.owner[touch]
        amount = np.minimum(cover.amount * alpha[cover.owner], OPAQUE)[touch].astype(np.float64)
        first = np.flatnonzero(np.concatenate([[True], pixel[1:] != pixel[:-1]]))
        counts = np.diff(np.append(first, len(pixel)))
        # What shines through all that comes later, by sums of logarithms.
        sums = np.cumsum(np.log1p(-amount))
        ends = sums[first + counts - 1]
        weight = amount * np.exp(np.repeat(ends, counts) - sums)
        through = np.exp(ends - np.concatenate([[0.0], ends[:-1]]))
        there = pixel[first]
        for channel, shades in zip(self._pixels.T, colour.T, strict=True):
            laid = np.add.reduceat(weight * shades[owner], first)
            channel[there] = channel[there] * through + laid

    def discs(self, x: Floats, y: Floats, radius: Floats, alpha: Floats, colour: Floats) -> None:
        """Discs; shape [discs] each, `colour` [discs, 3]."""
        for part, cover in _round(self.size, x, y, radius, None):
            self.lay(cover, alpha[part], colour[part])

    def rings(
        self, x: Floats, y: Floats, radius: Floats, width: float, alpha: Floats, colour: Floats
    ) -> None:
        """Circles drawn with a line of some width."""
        for part, cover in _round(self.size, x, y, radius, width):
            self.lay(cover, alpha[part], colour[part])

    def lines(self, ends: Floats, width: float, alpha: Floats, colour: Floats) -> None:
        """Straight lines that stop where they end; `ends` is x, y, x, y, shape [lines, 4]."""
        for part, cover in _straight(self.size, ends, width):
            self.lay(cover, alpha[part], colour[part])

    def path(self, ends: Floats, width: float, alpha: float, colour: Floats) -> None:
        """Lines of one colour that do not cover each other twice where they meet."""
        self._once(_straight(self.size, ends, width), alpha, colour)

    def stroke(self, places: Floats, width: float, alpha: float, colour: Floats) -> None:
        """A line through places, shape [places, 2], with round corners and ends."""
        lines = _straight(self.size, np.concatenate([places[:-1], places[1:]], axis=1), width)
        radius = np.full(len(places), width / 2)
        corners = _round(self.size, places[:, 0], places[:, 1], radius, None)
        self._once(itertools.chain(lines, corners), alpha, colour)

    def _once(self, covers: Iterable[tuple[slice, Cover]], alpha: float, colour: Floats) -> None:
        """Lays shapes of one colour that do not cover each other twice where they meet."""
        amount = np.zeros(len(self._pixels), np.float32)
        for _, cover in covers:
            np.maximum.at(amount, cover.pixel, cover.amount)
        pixel = np.flatnonzero(amount)
        under = self._pixels[pixel]
        self._pixels[pixel] = under + alpha * amount[pixel, np.newaxis] * (colour - under)

    def image(self, pixels: Pixels, x: int, y: int, alpha: float) -> None:
        """A picture whose upper left corner is at a pixel, cut where the canvas ends."""
        width, height = self.size
        canvas = self._pixels.reshape(height, width, 3)
        left, top = max(x, 0), max(y, 0)
        right, bottom = min(x + pixels.shape[1], width), min(y + pixels.shape[0], height)
        if left < right and top < bottom:
            under = canvas[top:bottom, left:right]
            under += alpha * (pixels[top - y : bottom - y, left - x : right - x] - under)


def _round(
    size: tuple[int, int], x: Floats, y: Floats, radius: Floats, width: float | None
) -> Iterator[tuple[slice, Cover]]:
    """What discs, or rings of a width, cover: so many at a time, in order."""
    reach = radius + 0.5 + (width or 0.0) / 2
    with np.errstate(invalid="ignore"):
        near = (x + reach > 0) & (x - reach < size[0]) & (y + reach > 0) & (y - reach < size[1])
    side = np.where(near, np.floor(2 * np.where(near, reach, 0)) + 1, 0).astype(np.int64)
    for part in _parts(side * side):
        covers = []
        for count in np.unique(side[part]):
            if not count:
                continue
            owner = np.flatnonzero(side[part] == count)
            across = np.arange(count)
            left = np.ceil(x[part][owner] - reach[part][owner] - 0.5).astype(np.int64)
            top = np.ceil(y[part][owner] - reach[part][owner] - 0.5).astype(np.int64)
            columns, rows = left[:, np.newaxis] + across, top[:, np.newaxis] + across
            dx = (columns + 0.5 - x[part][owner, np.newaxis]).astype(np.float32)
            dy = (rows + 0.5 - y[part][owner, np.newaxis]).astype(np.float32)
            far = np.sqrt(dx[:, np.newaxis, :] ** 2 + dy[:, :, np.newaxis] ** 2)
            edge = radius[part][owner].astype(np.float32)[:, np.newaxis, np.newaxis]
            if width is None:
                amount = np.clip(edge + np.float32(0.5) - far, 0, 1)
            else:
                amount = np.clip(np.float32(width / 2 + 0.5) - np.abs(far - edge), 0, 1)
            amount *= ((columns >= 0) & (columns < size[0]))[:, np.newaxis, :]
            amount *= ((rows >= 0) & (rows < size[1]))[:, :, np.newaxis]
            pixel = rows[:, :, np.newaxis] * size[0] + columns[:, np.newaxis, :]
            covered = np.flatnonzero(amount)
            whose = owner[covered // (count * count)]
            covers.append(Cover(pixel.ravel()[covered], amount.ravel()[covered], whose))
        if covers:
            yield part, Cover(*map(np.concatenate, zip(*covers, strict=True)))


def _straight(size: tuple[int, int], ends: Floats, width: float) -> Iterator[tuple[slice, Cover]]:
    """What lines cover: so many at a time, in order.

    Along its longer side a line crosses columns (or rows) of pixels one by one; in each it
    touches a few.
    """
    reach = width / 2 + 0.5
    inside = _clipped(size, ends.astype(np.float64), reach)
    x0, y0, x1, y1 = inside.T
    steep = np.abs(y1 - y0) > np.abs(x1 - x0)
    x0, y0, x1, y1 = (np.where(steep, a, b) for a, b in ((y0, x0), (x0, y0), (y1, x1), (x1, y1)))
    back = x1 < x0
    x0, x1, y0, y1 = (np.where(back, a, b) for a, b in ((x1, x0), (x0, x1), (y1, y0), (y0, y1)))
    long = np.hypot(x1 - x0, y1 - y0)
    there = long > 1e-9  # and not NaN
    start = np.where(there, np.floor(np.where(there, x0, 0) - reach), 0).astype(np.int64)
    stop = np.where(there, np.ceil(np.where(there, x1, 0) + reach), 0).astype(np.int64)
    across = np.arange(int(np.ceil(2 * reach * 1.4143)) + 1)
    for part in _parts((stop - start) * len(across)):
        counts = (stop - start)[part]
        owner = np.repeat(np.arange(len(counts)), counts)
        if not len(owner):
            continue
        first = np.cumsum(counts) - counts
        major = np.arange(len(owner)) - first[owner] + start[part][owner]
        ux = ((x1 - x0)[part] / np.where(there, long, 1)[part])[owner]
        uy = ((y1 - y0)[part] / np.where(there, long, 1)[part])[owner]
        away = major + 0.5 - x0[part][owner]
        middle = y0[part][owner] + away * uy / ux
        minor = np.ceil(middle - reach / ux - 0.5).astype(np.int64)[:, np.newaxis] + across
        side = minor + 0.5 - y0[part][owner, np.newaxis]
        off = np.abs(side * ux[:, np.newaxis] - (away * uy)[:, np.newaxis])
        along = side * uy[:, np.newaxis] + (away * ux)[:, np.newaxis]
        amount = np.clip(reach - off, 0, min(width, 1.0))
        # As much of a pixel as lies between the ends.
        far = np.minimum(along + 0.5, long[part][owner, np.newaxis])
        amount *= np.clip(far - np.maximum(along - 0.5, 0), 0, 1)
        upright = steep[part][owner, np.newaxis]
        columns = np.where(upright, minor, major[:, np.newaxis])
        rows = np.where(upright, major[:, np.newaxis], minor)
        amount *= (columns >= 0) & (columns < size[0]) & (rows >= 0) & (rows < size[1])
        step, nth = np.nonzero(amount)
        yield (
            part,
            Cover(
                (rows * size[0] + columns)[step, nth],
                amount[step, nth].astype(np.float32),
                owner[step],
            ),
        )


def _clipped(size: tuple[int, int], ends: NDArray[np.float64], reach: float) -> Floats:
    """The parts of lines that can be seen, NaN for those that cannot (Liang and Barsky)."""
    first, way = ends[:, :2], ends[:, 2:] - ends[:, :2]
    low, high = -2.0 - reach, np.array(size) + 2.0 + reach
    with np.errstate(invalid="ignore", divide="ignore"):
        near, far = (low - first) / way, (high - first) / way
        outside = np.where((first < low) | (first > high), np.inf, -np.inf)
        enter = np.where(way == 0, outside, np.minimum(near, far)).max(axis=1)
        leave = np.where(way == 0, np.inf, np.maximum(near, far)).min(axis=1)
        enter, leave = np.maximum(enter, 0), np.minimum(leave, 1)
        seen = enter < leave  # not where one of them is NaN
    enter, leave = enter[:, np.newaxis], leave[:, np.newaxis]
    found = np.concatenate([first + enter * way, first + leave * way], axis=1)
    return np.where(seen[:, np.newaxis], found, np.nan)


def _parts(touched: NDArray[np.int64]) -> Iterator[slice]:
    """Stretches of shapes that touch at most `MAX_TOUCHED` pixels; one shape at least."""
    sums = np.cumsum(touched)
    start = 0
    while start < len(touched):
        done = sums[start - 1] if start else 0
        stop = int(np.searchsorted(sums, done + MAX_TOUCHED, side="right"))
        stop = min(max(stop, start + 1), start + (1 << _SHAPE_BITS))
        yield slice(start, stop)
        start = stop
