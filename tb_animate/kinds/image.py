"""Images: the pictures that `tf.summary.image`, `add_image` and their like have logged."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterable, Sequence
from typing import Any

from tb_animate.kinds import KINDS, compare, effort, gallery, raster
from tb_animate.kinds.base import Against
from tb_animate.kinds.encoded import EncodedImage
from tb_animate.kinds.gallery import Gallery, Look
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
      look: how they are shown.
      comparison: with what they are compared, if they are.
    """

    width: int
    height: int
    samples: int
    look: Look = gallery.UNTOUCHED
    comparison: compare.Comparison = compare.ALONE

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
    options: tuple[Field, ...] = (*gallery.OPTIONS, *compare.OPTIONS)
    placed = False
    shares_scene = False
    compares = True

    def decode(self, frame: Frame, spec: ClipSpec) -> ImageData:
        """Reads the headers of the samples, or of the one that `spec` chooses.

        Raises:
          ValueError: not one of them can be shown.
        """
        samples: list[EncodedImage | None] = []
        problem = ""
        encoded = _encoded(frame, spec.sample)
        effort.check_samples(frame.step, len(encoded))
        for raw in encoded:
            try:
                samples.append(EncodedImage(raw))
            except ValueError as error:
                samples.append(None)
                problem = problem or str(error)
        if not any(samples):
            raise ValueError(problem)
        effort.check_step(frame.step, [sample.size for sample in samples if sample])
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
            width, height, samples = MIN_SIDE, MIN_SIDE, 1
        look, comparison = Look.of(spec.options), compare.chosen(spec.options)
        return ImageScene(width, height, samples, look, comparison)

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

    def against(self, spec: ClipSpec) -> Against | None:
        how = compare.chosen(spec.options)
        return None if how.mode == "off" else Against(how.against, how.words)

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
        against: ImageData | None = None,
    ) -> Pixels:
        """See `Kind.draw`. Towards a frame that cannot be drawn, the picture holds still.

        Raises:
          ValueError: the header of `data` could be read, but the pixels of no sample.
        """
        # A step that the scene has not looked at may hold more; one in its place has no more.
        room = max(scene.samples, len(data.samples))
        scene = dataclasses.replace(scene, samples=room)
        if against is None:
            other = following
            shown = _between(scene, data, following, phase, size, theme)
        else:
            other = against
            shown = _compared(scene, data, against, phase, size, theme)
            if scene.comparison.mode == "difference":
                # It is one of logged values.
                return shown
        # What is seen is adjusted, as on the page, not what it is mixed of: the two differ where
        # levels are clamped.
        samples = max(len(one.samples) for one in (data, other) if one is not None)
        return _gallery(scene, size, theme).adjust(shown, samples)

    def describe(self, scene: ImageScene) -> dict[str, Any]:
        mode, against, amount = scene.comparison
        return {
            "width": scene.width,
            "height": scene.height,
            "samples": scene.samples,
            **dataclasses.asdict(scene.look),
            "compare": mode,
            "against": against,
            "amount": amount,
        }

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


def _gallery(scene: ImageScene, size: tuple[int, int], theme: Theme) -> Gallery:
    return Gallery((scene.width, scene.height), scene.samples, size, scene.look, theme)


def _picture(
    scene: ImageScene, data: ImageData, phase: float, size: tuple[int, int], theme: Theme
) -> Pixels:
    """The whole grid as logged, read-only; `phase` is the time within samples that move."""
    key = (scene, phase, size, theme)
    if data.drawn is not None and data.drawn[0] == key:
        return data.drawn[1]
    canvas = _gallery(scene, size, theme).paint(data.samples, phase)
    canvas.flags.writeable = False
    data.drawn = (key, canvas)
    return canvas


def _between(
    scene: ImageScene,
    data: ImageData,
    following: ImageData | None,
    phase: float,
    size: tuple[int, int],
    theme: Theme,
) -> Pixels:
    """A frame on its way to the next one, if there is one that can be drawn."""
    first = _picture(scene, data, 0.0 if following else phase, size, theme)
    if following is None or phase == 0:
        return first
    try:
        second = _picture(scene, following, 0.0, size, theme)
    except ValueError:
        return first
    return raster.blend(first, second, phase)


def _compared(
    scene: ImageScene,
    data: ImageData,
    other: ImageData,
    phase: float,
    size: tuple[int, int],
    theme: Theme,
) -> Pixels:
    """Two frames in one picture; the own one alone where the other cannot be drawn."""
    how = scene.comparison
    own = _picture(scene, data, phase, size, theme)
    try:
        beside = _picture(scene, other, phase, size, theme)
    except ValueError:
        return own
    places = _gallery(scene, size, theme)
    pairs = list(itertools.zip_longest(data.samples, other.samples))[: places.room]
    both = [places.seen(nth) for nth, pair in enumerate(pairs) if None not in pair]
    result = compare.mixed(own, beside, both, how, places.area)
    if how.mode == "difference":
        for nth, pair in enumerate(pairs):
            x, y, width, height = places.seen(nth)
            if None in pair and width and height:
                raster.paste(result, raster.cross((width, height), theme), x, y)
    return result


KIND = ImageKind()
