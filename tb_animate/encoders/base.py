"""What an encoder is: pictures in, bytes out, nothing held."""

from __future__ import annotations

import dataclasses
import importlib.util
from collections.abc import Iterator
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from tb_animate.model import Loop

# What an extra of the package installs, by its name in setup.py.
LIBRARIES = {"video": "av"}


class Picture(NamedTuple):
    """One picture of a clip.

    Attributes:
      pixels: RGB, uint8, shape [height, width, 3], the same for all pictures. Nobody
        writes into them.
      duration: seconds that it stays.
      steps: for each series of the clip the step that it shows, `None` before its first.
    """

    pixels: NDArray[np.uint8]
    duration: float
    steps: tuple[int | None, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Pictures:
    """The pictures of a clip, to be taken once, each made when it is taken.

    Attributes:
      made: makes them.
      count: how many there will be, at least 1.
      seconds: how long they stay in all.
      series: names of the series, in the order of `Picture.steps`.
    """

    made: Iterator[Picture]
    count: int
    seconds: float
    series: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[Picture]:
        return self.made


class Encoder(Protocol):
    """A file format.

    Attributes:
      name: the key in `ENCODERS` and the value of `format` in a request.
      title: what people call it.
      suffix: the file's ending, with the dot.
      mime_type: of the file.
      max_fps: the fastest rate that the format and its players keep.
      max_side: the largest width or height in pixels.
      loops: whether the file itself says that it repeats; elsewhere the player decides.
      key_every: pictures from one that is stored whole to the next, 0: only the first need be.
      extra: the extra that installs what it needs, a key of `LIBRARIES`, or "".
    """

    name: str
    title: str
    suffix: str
    mime_type: str
    max_fps: float
    max_side: int
    loops: bool
    key_every: int
    extra: str

    def encode(self, pictures: Pictures, size: tuple[int, int], loop: Loop) -> Iterator[bytes]:
        """Yields the file in pieces, each as soon as it is known.

        The pictures of a bouncing clip already go forth and back; `loop` only says
        whether the file repeats. Closing the iterator ends the work and leaves nothing.
        """


def hint(encoder: Encoder) -> str:
    """How to get what the encoder needs, as a sentence; "" where all is there."""
    if not encoder.extra:
        return ""
    library = LIBRARIES[encoder.extra]
    if importlib.util.find_spec(library) is not None:
        return ""
    return (
        f"{encoder.title} needs the package {library}, which is not installed; get it with: "
        f'pip install "tb-animate[{encoder.extra}]"'
    )
