"""What a kind is. A kind's file reads top to bottom: options, decode, fit, draw."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import Any, NamedTuple, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from tb_animate.jobs import Progress
from tb_animate.model import ClipSpec, Frame, Theme
from tb_animate.options import Field

DataT = TypeVar("DataT")
PlacedT = TypeVar("PlacedT")
SceneT = TypeVar("SceneT")

FIRST, PREVIOUS, RUN = "first", "previous", "run:"


class Against(NamedTuple):
    """Another frame that is drawn in the same place.

    Attributes:
      which: `FIRST` or `PREVIOUS` of the series' own frames, or `RUN` and the name of a run
        whose frame of the same tag it is.
      words: for a caption.
    """

    which: str
    words: str


class Kind(Protocol[DataT, SceneT]):
    """How snapshots of one sort are understood and drawn.

    Decoding and fitting happen once, here. Drawing happens here for clips and in the
    browser for playing, from the same scene.

    Attributes:
      title: what the page calls it, in the plural.
      fit_frames: at how many frames, evenly spread, `fit` needs to look.
      options: fields of its own, found in `ClipSpec.options` where they are given. Two
        kinds have one of the same name only if it is the same field.
      placed: it is a `PlacedKind`; otherwise a `LoggedKind`.
      compares: it is a `ComparingKind`.
      shares_scene: several series of a clip have one scene, fitted over all of them, so
        that they can be compared.
    """

    title: str
    fit_frames: int
    options: tuple[Field, ...]
    placed: bool
    shares_scene: bool
    compares: bool

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


class LoggedKind(Kind[DataT, SceneT], Protocol[DataT, SceneT]):
    """A kind whose frames travel as they were logged."""

    def wire(self, frame: Frame, sample: int | None) -> bytes | list[bytes]:
        """A frame as the browser gets it."""


class ComparingKind(LoggedKind[DataT, SceneT], Protocol[DataT, SceneT]):
    """A kind that can draw two frames in one place."""

    def against(self, spec: ClipSpec) -> Against | None:
        """What the frames are to be compared with, if anything."""

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
        against: DataT | None = None,
    ) -> NDArray[np.uint8]:
        """As `Kind.draw`; `against` is the frame to compare with, `None` where there is none."""


class PlacedKind(Kind[Any, SceneT], Protocol[DataT, PlacedT, SceneT]):
    """A kind whose scene places what is decoded.

    Its scene is fitted over the whole series, kept while the page is open and extended as
    the series grows. Frames travel, and are drawn, as it places them. A scene never
    changes: what is fitted, extended or looked at in another way is another one.
    """

    def decode(self, frame: Frame, spec: ClipSpec) -> DataT:
        """As `Kind.decode`. What it returns may be large, and is held no longer than needed."""

    def fitted(self, spec: ClipSpec) -> Hashable:
        """Those options that decide the scene. The others decide only how it is drawn."""

    def fit(
        self,
        frames: Iterable[DataT],
        spec: ClipSpec,
        *,
        before: SceneT | None = None,
        progress: Progress | None = None,
    ) -> SceneT:
        """The scene of a series.

        Args:
          frames: may be iterated several times.
          before: the scene of the same series when it was shorter, which the new one keeps
            as close to as it can.
        """

    def extend(self, scene: SceneT, frames: Iterable[DataT], spec: ClipSpec) -> SceneT:
        """The scene with frames that were appended, which moves none of the others."""

    def dress(self, scene: SceneT, spec: ClipSpec) -> SceneT:
        """The scene with the options of `spec`, of which the fitted ones are its own.

        Raises:
          errors.AnimateError: an option that does not fit the series.
        """

    def place(self, scene: SceneT, data: DataT) -> PlacedT:
        """Raises `ValueError` with one plain sentence for what the scene cannot place."""

    def pack(self, placed: PlacedT) -> bytes:
        """A frame as the browser gets it."""

    def table(self, scene: SceneT) -> dict[str, Any]:
        """What is known of the points, in types that MessagePack has."""

    def key(self, scene: SceneT) -> str:
        """Changes when frames that were placed before are placed or packed in another way."""

    def weight(self, scene: SceneT) -> int:
        """About how many bytes the scene holds."""

    def slow(self, spec: ClipSpec) -> bool:
        """Whether fitting takes so long that a page shows how far it is."""

    def draw(
        self,
        scene: SceneT,
        data: PlacedT,
        *,
        earlier: Sequence[PlacedT],
        following: PlacedT | None,
        phase: float,
        size: tuple[int, int],
        theme: Theme,
    ) -> NDArray[np.uint8]:
        """As `Kind.draw`, from frames that `place` returned."""
