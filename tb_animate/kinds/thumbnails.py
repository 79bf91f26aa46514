"""Thumbnails of points as they are drawn: cut out of their sprites, and scaled."""

from __future__ import annotations

import collections
from collections.abc import Callable, Hashable, Sequence
from typing import Generic, TypeVar

from PIL import Image

from tb_animate.kinds import raster
from tb_animate.kinds.encoded import MAX_PIXELS, EncodedImage, laid
from tb_animate.kinds.raster import Pixels
from tb_animate.model import Sprite, Theme

T = TypeVar("T")

# As large as sprites may be logged. What is laid on a background as a whole, which takes many
# bytes a pixel, is refused below that: here a single thumbnail.
MAX_SPRITE_PIXELS = 8192 * 8192

# Of sprites as they are decoded: one of the largest in colour, or several others.
MAX_DECODED_BYTES = 4 * MAX_SPRITE_PIXELS

# Of thumbnails in the size in which they are drawn, up to 0.8 MB each: the next frame draws
# them again. One that is not here any more is made anew in less than a millisecond.
MAX_SCALED_BYTES = 64 << 20


class Recent(Generic[T]):
    """What was made last, up to so many bytes; the very last stays even if it has more."""

    def __init__(self, most: int) -> None:
        self.held = 0
        self._most = most
        self._made: collections.OrderedDict[Hashable, tuple[T, int]] = collections.OrderedDict()

    def get(self, key: Hashable, make: Callable[[], tuple[T, int]]) -> T:
        """What `make` returns, besides its bytes, or has returned for this key."""
        if key not in self._made:
            self._made[key] = make()
            self.held += self._made[key][1]
            while self.held > self._most and len(self._made) > 1:
                _, (_, size) = self._made.popitem(last=False)
                self.held -= size
        self._made.move_to_end(key)
        return self._made[key][0]


class Thumbnails:
    """Those of a series. For one thread at a time."""

    def __init__(self, sprites: Sequence[Sprite]) -> None:
        self._sprites = sprites
        self._encoded: dict[int, EncodedImage | None] = {}
        self._decoded: Recent[Image.Image] = Recent(MAX_DECODED_BYTES)
        self._scaled: Recent[Pixels] = Recent(MAX_SCALED_BYTES)

    def count(self, sprite: int) -> int:
        """How many a sprite has; none if it is no picture, or one of too large ones."""
        encoded, one = self._open(sprite), self._sprites[sprite]
        if encoded is None or one.width * one.height > MAX_PIXELS:
            return 0
        width, height = encoded.size
        return (width // one.width) * (height // one.height)

    def get(self, sprite: int, number: int, side: int, theme: Theme) -> Pixels:
        """One with `side` pixels on its longer side.

        Raises:
          ValueError: the sprite is damaged.
        """

        def make() -> tuple[Pixels, int]:
            made = self._make(sprite, number, side, theme)
            return made, made.nbytes

        return self._scaled.get((sprite, number, side, theme), make)

    def _make(self, sprite: int, number: int, side: int, theme: Theme) -> Pixels:
        one, whole = self._sprites[sprite], self._decoded.get(sprite, lambda: self._decode(sprite))
        row, column = divmod(number, whole.width // one.width)
        left, top = column * one.width, row * one.height
        # As it was logged up to here: of a whole sprite in RGB there would be too much.
        cut = whole.crop((left, top, left + one.width, top + one.height))
        box = raster.contain((one.width, one.height), (side, side))
        pixels = laid(cut, raster.PALETTES[theme].background)
        return raster.scale(pixels, (box.width, box.height))

    def _open(self, sprite: int) -> EncodedImage | None:
        if sprite not in self._encoded:
            data = self._sprites[sprite].data
            try:
                self._encoded[sprite] = EncodedImage(data, MAX_SPRITE_PIXELS)
            except ValueError:
                self._encoded[sprite] = None
        return self._encoded[sprite]

    def _decode(self, sprite: int) -> tuple[Image.Image, int]:
        encoded = self._open(sprite)
        assert encoded is not None
        image = encoded.decoded(0)
        # Pillow takes four bytes for whatever has more than one channel.
        channel = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16B": 2}.get(image.mode, 4)
        return image, channel * image.width * image.height
