"""Images: the pictures that `tf.summary.image`, `add_image` and their like have logged."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from typing import Any

from tb_animate.kinds import KINDS, raster
from tb_animate.kinds.encoded import EncodedImage
from tb_animate.kinds.raster import Pixels
from tb_animate.model import ClipSpec, Frame, Theme
from tb_animate.options import Field

# A digit of 28 pixels is a speck on a modern screen.
MIN_SIDE = 128

# Of a natural size. Larger pictures are reduced: no common screen shows more.
MAX_SIDE = 4096


@dataclasses.dataclass(frozen=True, slots=True)
class ImageScene:
    """The cell that holds every sample of every step.

    Attributes:
      width, height: of the largest single sample, in pixels.
      samples: how many there are at most.
    """

    width: int
    height: int
    samples: int

    @property
    def content(self) -> tuple[int, int]:
        """Size of the whole grid at the samples' own size."""
        columns, rows = raster.grid(self.samples)
        return columns * self.width, rows * self.height


@dataclasses.dataclass(slots=True, eq=False)
class ImageData:
    """The samples of one step, `None` where one is broken.

    `drawn` keeps the last picture: with pictures between two frames each is needed often.
    """

    step: int
    samples: list[EncodedImage | None]
    drawn: tuple[object, Pixels] | None = None


class ImageKind:
    """Samples are laid out as a grid that is as square as can be, without gaps."""

    title = "Images"
    fit_frames = 64
    options: tuple[Field, ...] = ()
    placed = False
    shares_scene = False

    def decode(self, frame: Frame, spec: ClipSpec) -> ImageData:
        """Reads the headers of the samples, or of the one that `spec` chooses.

        Raises:
          ValueError: not one of them can be shown.
        """
        samples: list[EncodedImage | None] = []
        problem = ""
        for raw in _encoded(frame, spec.sample):
            try:
                samples.append(EncodedImage(raw))
            except ValueError as error:
                samples.append(None)
                problem = problem or str(error)
        if not any(samples):
            raise ValueError(problem)
        return ImageData(frame.step, samples)

    def fit(self, frames: Iterable[ImageData], spec: ClipSpec) -> ImageScene:
        width = height = samples = 0
        for data in frames:
            samples = max(samples, len(data.samples))
            for sample in data.samples:
                if sample is not None:
                    width = max(width, sample.size[0])
                    height = max(height, sample.size[1])
        if not samples:
            return ImageScene(MIN_SIDE, MIN_SIDE, 1)
        return ImageScene(width, height, samples)

    def size(self, scene: ImageScene, spec: ClipSpec) -> tuple[int, int]:
        """The grid at the samples' own size, or the least multiple that one can look at."""
        multiple = max(-(-MIN_SIDE // max(scene.width, scene.height)), 1)
        width, height = (multiple * side for side in scene.content)
        if max(width, height) <= MAX_SIDE:
            return width, height
        box = raster.contain((width, height), (MAX_SIDE, MAX_SIDE))
        return box.width, box.height

    def parts(self, data: ImageData) -> int:
        return max(sample.parts for sample in data.samples if sample is not None)

    def trail(self, spec: ClipSpec) -> int:
        return 0

    def draw(
        self,
        scene: ImageScene,
        data: ImageData,
        *,
        earlier: Sequence[ImageData] = (),
        following: ImageData | None,
        phase: float,
        size: tuple[int, int],
        theme: Theme,
    ) -> Pixels:
        """See `Kind.draw`. Towards a frame that cannot be drawn, the picture holds still.

        Raises:
          ValueError: the header of `data` could be read, but the pixels of no sample.
        """
        first = _picture(scene, data, 0.0 if following else phase, size, theme)
        if following is None or phase == 0:
            return first
        try:
            second = _picture(scene, following, 0.0, size, theme)
        except ValueError:
            return first
        return raster.blend(first, second, phase)

    def describe(self, scene: ImageScene) -> dict[str, Any]:
        return dataclasses.asdict(scene)

    def wire(self, frame: Frame, sample: int | None) -> bytes | list[bytes]:
        """The bytes as logged: of one sample, or the list of all.

        Raises:
          ValueError: the frame could not be read, or has no such sample.
        """
        encoded = _encoded(frame, sample)
        return encoded if sample is None else encoded[0]


def _encoded(frame: Frame, sample: int | None) -> list[bytes]:
    """The samples' bytes, of one or of all; at least one."""
    if frame.data is None:
        raise ValueError(frame.error or f"Step {frame.step} could not be read.")
    if not isinstance(frame.data, tuple):
        raise ValueError(f"Step {frame.step} holds numbers where images should be.")
    encoded = list(frame.data[KINDS["image"].leading :])
    if not encoded:
        raise ValueError(f"Step {frame.step} holds no image.")
    if sample is None:
        return encoded
    if sample >= len(encoded):
        raise ValueError(
            f"Step {frame.step} has no sample {sample}, only {len(encoded)} counted from 0."
        )
    return [encoded[sample]]


def _picture(
    scene: ImageScene, data: ImageData, phase: float, size: tuple[int, int], theme: Theme
) -> Pixels:
    """The whole grid, read-only; `phase` is the time within samples that move."""
    key = (scene, phase, size, theme)
    if data.drawn is not None and data.drawn[0] == key:
        return data.drawn[1]
    columns, rows = raster.grid(scene.samples)
    place = raster.contain(scene.content, size)
    canvas = raster.blank(size, raster.PALETTES[theme].background)
    problem: ValueError | None = None
    shown = 0
    for index, sample in enumerate(data.samples[: columns * rows]):
        row, column = divmod(index, columns)
        # Cells share out all pixels of the place: no gaps, whatever its size.
        left, right = (place.width * c // columns for c in (column, column + 1))
        top, bottom = (place.height * r // rows for r in (row, row + 1))
        cell = (right - left, bottom - top)
        if 0 in cell:
            continue
        x, y = place.x + left, place.y + top
        try:
            pixels, inner = _cell(scene, sample, phase, cell, theme)
            shown += sample is not None
        except ValueError as error:
            problem = error
            pixels, inner = _cell(scene, None, phase, cell, theme)
        raster.paste(canvas, pixels, x + inner.x, y + inner.y)
    if problem is not None and not shown:
        raise problem
    canvas.flags.writeable = False
    data.drawn = (key, canvas)
    return canvas


def _cell(
    scene: ImageScene,
    sample: EncodedImage | None,
    phase: float,
    cell: tuple[int, int],
    theme: Theme,
) -> tuple[Pixels, raster.Box]:
    """One sample at the size it has in its cell, and its place there."""
    place = raster.Box(0, 0, *cell)
    if sample is None:
        return raster.cross(cell, theme), place
    # The phases that an export asks for are k / parts, which may come out a hair below.
    part = min(int(phase * sample.parts + 1e-6), sample.parts - 1)
    pixels = sample.pixels(part, raster.PALETTES[theme].background)
    # A cell has the scene's aspect but for rounding, which must not show as a gap.
    if sample.size != (scene.width, scene.height):
        place = raster.contain(sample.size, cell)
    return raster.scale(pixels, (place.width, place.height)), place


KIND = ImageKind()
