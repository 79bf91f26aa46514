"""What a viewer has before the eyes, and what of the next picture has to be sent."""

from __future__ import annotations

import functools
from typing import NamedTuple, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from tb_animate.encoders.gif.colours import NO_COLOUR, Packed, distinct, run_starts
from tb_animate.encoders.gif.palette import Quantiser

COLOURS = 256

# Pixels that are looked at before all are.
LOOK = 2048

# Where fewer pixels stay, there is next to nothing to gain from leaving them out.
STAY = 0.1

# Of two ways to send a patch, one with so many times as many runs is the larger one.
MORE_RUNS = 1.3

Indexes: TypeAlias = NDArray[np.uint8]
_Mask: TypeAlias = NDArray[np.bool_]
_Area: TypeAlias = tuple[slice, slice]
_T = TypeVar("_T", bound=np.generic)


class Patch(NamedTuple):
    """A rectangle that is laid over what is shown.

    Attributes:
      corner: (x, y) of its upper left pixel.
      indexes: of the palette, shape [height, width].
      palette: shape [colours]; `None`: the shared one.
      transparent: index of the pixels that stay as they are, where there are any.
    """

    corner: tuple[int, int]
    indexes: Indexes
    palette: Packed | None
    transparent: int | None


# For a picture that looks like the one before it: a pixel that stays.
NOTHING = Patch((0, 0), np.zeros((1, 1), np.uint8), None, 0)


class Canvas:
    """Takes a clip's pictures, all of one size, in their order.

    Attributes:
      shared: the palette of the first picture, which later ones need not send again.
    """

    def __init__(self) -> None:
        self.shared = np.zeros(0, np.uint32)
        self._wanted = self._shown = np.zeros((0, 0), np.uint32)
        # Colour to index. Only the pages of colours that occur take up memory.
        self._table = np.zeros(1 << 24, np.uint8)

    def update(self, wanted: Packed) -> list[Patch]:
        """What turns the picture before into this one: one way, or two of which to choose.

        All that is shown wrong is put right if that takes no more than 256 colours. If it
        takes more, pixels that are what they were stay as they are shown: still parts do
        not flicker, and the palette is for the moving ones.

        Args:
          wanted: colours, shape [height, width].
        """
        if not len(self.shared):
            self._wanted = self._shown = np.full_like(wanted, NO_COLOUR)
        before, self._wanted = self._wanted, wanted
        changed = wanted != self._shown
        area = _bounds(changed)
        if area is None:
            return [NOTHING]
        palette, fresh = _exact(_cut(wanted, area), _cut(changed, area))
        if fresh:
            self._shown[area] = wanted[area]
        else:
            changed &= wanted != before
            area = _bounds(changed)
            if area is None:
                return [NOTHING]
            palette, fresh = self._approximate(area, changed)
        if not len(self.shared):
            self.shared = _ramp(palette)
        ways = self._ways(area, _cut(changed, area), palette, fresh)
        return [self._share(patch) for patch in ways]

    def _approximate(self, area: _Area, changed: _Mask) -> tuple[Packed, int]:
        """Shows changed pixels as well as a palette can. Returns as `_exact`."""
        places = np.flatnonzero(_cut(changed, area))
        shown = _cut(self._shown, area)
        most = COLOURS if len(places) == len(shown) else COLOURS - 1
        palette, indexes = self._quantiser.quantise(_cut(self._wanted, area)[places], most)
        shown[places] = palette.take(indexes)
        self._shown[area] = shown.reshape(self._shown[area].shape)
        return palette, most

    @functools.cached_property
    def _quantiser(self) -> Quantiser:
        return Quantiser()

    def _ways(self, area: _Area, changed: _Mask, palette: Packed, fresh: int) -> list[Patch]:
        """A rectangle as it is shown, with as few and with as many transparent pixels as can be.

        Args:
          changed: shape [pixels of the rectangle].
          palette, fresh: as `_exact` returns them.
        """
        shown = _cut(self._shown, area)
        self._table[palette] = np.arange(len(palette), dtype=np.uint8)
        indexes = self._table.take(shown)
        transparent = None
        if not changed.all():
            padded = np.full(COLOURS, NO_COLOUR, np.uint32)
            padded[: len(palette)] = palette
            unknown = padded.take(indexes) != shown
            if unknown.any():
                transparent = len(palette)
                np.putmask(indexes, unknown, np.uint8(transparent))
        rows, columns = area
        corner, width = (columns.start, rows.start), columns.stop - columns.start
        full = Patch(corner, indexes.reshape(-1, width), palette, transparent)
        if fresh == COLOURS or np.count_nonzero(changed) > (1 - STAY) * len(changed):
            return [full]
        sparse = np.where(changed, indexes, np.uint8(fresh))
        thin = Patch(corner, sparse.reshape(-1, width), palette[:fresh], fresh)
        runs = len(run_starts(indexes)), len(run_starts(sparse))
        if max(runs) > MORE_RUNS * min(runs):
            return [full if runs[0] < runs[1] else thin]
        return [full, thin]

    def _share(self, patch: Patch) -> Patch:
        """The same with the shared palette, where that has the colours."""
        shared, palette = self.shared, patch.palette
        assert palette is not None
        full = len(shared) == COLOURS and patch.transparent is not None
        # A few colours of a large palette have longer codes than in one of their own.
        if full or len(shared) > 4 * len(palette):
            return patch
        order = np.argsort(shared)
        places = order[np.searchsorted(shared, palette, sorter=order) % len(shared)]
        if not np.array_equal(shared[places], palette):
            return patch
        moved = np.append(places, len(shared)).astype(np.uint8).take(patch.indexes)
        transparent = None if patch.transparent is None else len(shared)
        return Patch(patch.corner, moved, None, transparent)


def _exact(target: Packed, wrong: _Mask) -> tuple[Packed, int]:
    """A palette that has every colour of some pixels, or at least of the wrong ones.

    Args:
      target, wrong: shape [pixels].

    Returns:
      The palette, and how many of its colours, which come first, wrong pixels have:
      0 if they have too many.
    """
    needed = target[np.flatnonzero(wrong)]
    # A few pixels tell soonest that there are too many.
    for some in (needed[:: len(needed) // LOOK + 1], needed):
        fresh = distinct(some)
        if len(fresh) > COLOURS:
            return fresh[:0], 0
    right = distinct(target[np.flatnonzero(~wrong)])
    if len(right) <= COLOURS:
        others = np.setdiff1d(right, fresh, assume_unique=True)
        if len(fresh) + len(others) <= COLOURS:
            # In falling order: Pillow takes a palette of all greys in rising order for none
            # and then reads the indexes of later pictures as greys.
            return np.concatenate([fresh[::-1], others[::-1]]), len(fresh)
    # Right pixels of other colours take a transparent index.
    return fresh[::-1], len(fresh) if len(fresh) < COLOURS else 0


def _ramp(palette: Packed) -> Packed:
    """All greys instead of most of them: later pictures of greys then need no palette."""
    greys = np.arange(COLOURS, dtype=np.uint32)[::-1] * np.uint32(0x010101)
    return greys if len(palette) > COLOURS // 2 and np.isin(palette, greys).all() else palette


def _cut(values: NDArray[_T], area: _Area) -> NDArray[_T]:
    """The pixels of a rectangle; [height, width] becomes [pixels]."""
    return values[area].flatten()


def _bounds(mask: _Mask) -> _Area | None:
    """The smallest rectangle that holds all that is true."""
    rows = np.flatnonzero(mask.any(axis=1))
    if not len(rows):
        return None
    columns = np.flatnonzero(mask[rows[0] : rows[-1] + 1].any(axis=0))
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)
