"""What a kind is. A kind's file reads top to bottom: options, decode, fit, draw."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from tb_animate.model import ClipSpec, Frame, Theme
from tb_animate.options import Field

DataT = TypeVar("DataT")
SceneT = TypeVar("SceneT")


class Kind(Protocol[DataT, SceneT]):
    """How snapshots of one sort are understood and drawn.

    Decoding and fitting happen once, here. Drawing happens here for clips and in the
    browser for playing, from the same scene.

    Attributes:
      title: what the page calls it, in the plural.
      fit_frames: at how many frames, evenly spread, `fit` needs to look.
      options: fields of its own, found in `ClipSpec.options` where they are given. No two
        kinds have one of the same name.
      shares_scene: several series of a clip have one scene, fitted over all of them, so
        that they can be compared.
    """

    title: str
    fit_frames: int
    options: tuple[Field, ...]
    shares_scene: bool

    def decode(self, frame: Frame, spec: ClipSpec) -> DataT:
        """Raises `ValueError` with one plain sentence when the frame is broken."""

    def fit(self, frames: Iterable[DataT], spec: ClipSpec) -> SceneT:
        """What holds still over the whole clip. `frames` may be empty."""

    def size(self, scene: SceneT, spec: ClipSpec) -> tuple[int, int]:
        """The picture's natural (width, height) in pixels."""

    def parts(self, data: DataT) -> int:
        """How many pictures the frame itself consists of, 1 unless it moves by itself."""

    def trail(self, spec: ClipSpec) -> int:
        """How many earlier frames `draw` wants."""

    def draw(
        self,
        scene: SceneT,
        data: DataT,
        *,
        earlier: Sequence[DataT],
        following: DataT | None,
        phase: float,
        size: tuple[int, int],
        theme: Theme,
    ) -> NDArray[np.uint8]:
        """The picture at `phase` (0 <= phase < 1) of the way from `data` to `following`.

        Pure: the same arguments give the same picture.

        Args:
          earlier: the frames before `data`, the oldest first, at most `trail` of them.
          following: with `None` the phase is the time within the frame itself.
          size: (width, height) in pixels, at least 1 each.

        Returns:
          RGB, uint8, shape [height, width, 3].
        """

    def describe(self, scene: SceneT) -> dict[str, Any]:
        """The scene as JSON, for the browser."""

    def wire(self, frame: Frame, sample: int | None) -> bytes | list[bytes]:
        """A frame as the browser gets it."""
