"""What an encoder is: pictures in, bytes out, nothing held."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from tb_animate.model import Loop


class Picture(NamedTuple):
    """One picture of a clip.

    Attributes:
      pixels: RGB, uint8, shape [height, width, 3], the same for all pictures.
      duration: seconds that it stays.
    """

    pixels: NDArray[np.uint8]
    duration: float


class Encoder(Protocol):
    """A file format.

    Attributes:
      name: the key in `ENCODERS` and the value of `format` in a request.
      suffix: the file's ending, with the dot.
      mime_type: of the file.
      max_fps: the fastest rate that the format and its players keep.
      max_side: the largest width or height in pixels.
    """

    name: str
    suffix: str
    mime_type: str
    max_fps: float
    max_side: int

    def encode(
        self, pictures: Iterable[Picture], size: tuple[int, int], loop: Loop
    ) -> Iterator[bytes]:
        """Yields the file in pieces, each as soon as it is known.

        The pictures of a bouncing clip already go forth and back; `loop` only says
        whether the file repeats.
        """
