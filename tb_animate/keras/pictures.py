"""Logs what a generator draws from the same noise, epoch by epoch."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tb_animate.keras.calling import first, infer, untouched
from tb_animate.keras.epochs import EpochCallback
from tb_animate.keras.event_file import EventFile
from tb_animate.keras.image_event import image_event
from tb_animate.keras.needed import keras

MAX_SAMPLES = 64
"""Pictures at a step: a grid of eight by eight."""


class GeneratedImagesCallback(EpochCallback):
    """Logs the images that a generator draws from noise that stays the same.

    Each time writes a PNG of each sample and less than 400 bytes beside them. 16 samples of
    28 x 28 grey pixels are at most 15 kB, of 64 x 64 in colour 201 kB, of 256 x 256 in colour,
    beyond which images are made smaller, 3.2 MB; most PNGs are half of that. In time it costs
    one call of the generator, eagerly. The model's state is not changed by it, nor is its
    training function traced anew.

    Args:
      generator: a model or layer, or any function of the noise alone (for what takes several
        calls, or gives another shape). If left out, the attribute `generator` of the model that
        is trained, and where there is none the model itself.
      noise: what the generator is given, one row for each image: an array, or a list or mapping
        of these, for instance with the classes to draw.
      latent_dim: without `noise`, standard normal numbers of so many dimensions are drawn, once:
        an int, or the shape of a sample. If that is left out too, the generator's input shape
        says it, where it has one.
      samples: how many images, where they are drawn from noise of our own; 64 at most.
      freq: in epochs. Logged are the untrained model, epochs 0, freq, 2 * freq ..., and the last.
      value_range: the values that are black and white. (-1, 1) is what `tanh` gives; give (0, 1)
        for a sigmoid, (0, 255) for pixels. Values beyond are clipped, with a warning where it
        looks like a mistake. Images of type uint8 are logged as they are.
      log_dir: that of the whole training, or the `keras.callbacks.TensorBoard` of the same
        `fit`; "logs" if left out, as there.
      run: the folder in it, a run of its own in TensorBoard. "train" is where Keras logs the
        scalars of training.
      name: the tag.
      max_side: pixels; images with a longer side are shrunk to this.
      seed: of the noise.
      description: Markdown, shown beside the images.

    Raises:
      ValueError: the arguments do not fit each other; or, when `fit` begins, what the generator
        gives are no images. The message says what to do.
    """

    def __init__(
        self,
        generator: Any = None,
        noise: Any = None,
        *,
        latent_dim: int | tuple[int, ...] | None = None,
        samples: int = 16,
        freq: int = 1,
        value_range: tuple[float, float] = (-1.0, 1.0),
        log_dir: Any = None,
        run: str = "train",
        name: str = "generated",
        max_side: int = 256,
        seed: int = 0,
        description: str | None = None,
    ) -> None:
        super().__init__(freq=freq, log_dir=log_dir, run=run, name=name)
        if noise is not None and latent_dim is not None:
            raise ValueError("Both noise and latent_dim are given; one of them is enough.")
        if not 1 <= samples <= MAX_SAMPLES:
            raise ValueError(f"samples is {samples}, and 1 to {MAX_SAMPLES} are possible.")
        low, high = (float(value) for value in value_range)
        if not low < high:
            raise ValueError(f"value_range is {value_range}, and (lowest, highest) is wanted.")
        if max_side < 1:
            raise ValueError(f"max_side is {max_side}, and at least 1 pixel is wanted.")
        self._generator = generator
        self._noise = None if noise is None else _checked(noise)
        self._latent_dim = latent_dim
        self._samples = samples
        self._range = low, high
        self._max_side = max_side
        self._seed = seed
        self._description = description
        self._warned = False

    def log(self, file: EventFile, step: int) -> None:
        generator = self._generator
        if generator is None:
            generator = getattr(self.model, "generator", self.model)
        if self._noise is None:
            self._noise = self._drawn(generator)
        with untouched():
            images = first(infer(generator, self._noise))
        pixels = self._pixels(_with_channels(images))
        file.add_event(image_event(self.name, pixels, self._max_side, step, self._description))

    def _drawn(self, generator: Any) -> Any:
        shape = self._latent_dim
        if shape is None:
            known = getattr(generator, "input_shape", None)
            if not isinstance(known, tuple) or not known[1:] or None in known[1:]:
                raise ValueError(
                    "What the generator takes is not known; give latent_dim, the length of its "
                    "noise, or noise itself."
                )
            shape = known[1:]
        sizes = (shape,) if isinstance(shape, int) else shape
        random = np.random.default_rng(self._seed)
        return keras.ops.convert_to_tensor(
            random.standard_normal((self._samples, *sizes)).astype(np.float32)
        )

    def _pixels(self, images: NDArray[Any]) -> NDArray[np.uint8]:
        if images.dtype == np.uint8:
            return images
        low, high = self._range
        self._warn(images)
        scaled = (np.nan_to_num(images.astype(np.float64), nan=low) - low) / (high - low)
        return np.rint(np.clip(scaled, 0.0, 1.0) * 255.0).astype(np.uint8)

    def _warn(self, images: NDArray[Any]) -> None:
        """Says once that the range looks wrong: a training is not stopped for its pictures."""
        low, high = self._range
        margin = (high - low) / 10
        lost = ~((images >= low - margin) & (images <= high + margin))
        unused = low < 0 <= float(np.nan_to_num(images).min())
        if self._warned or not (lost.mean() > 0.01 or unused):
            return
        self._warned = True
        if not np.isfinite(images).any():
            found = "are not finite"
        else:
            finite = images[np.isfinite(images)]
            found = f"lie from {finite.min():.3g} to {finite.max():.3g}"
        warnings.warn(
            f'The values of "{self.name}" {found}, and value_range is {low:g} to {high:g}: images '
            "may look wrong. Give value_range=(0, 1) for a generator that ends with a sigmoid, "
            "(-1, 1) for tanh, (0, 255) for pixels.",
            stacklevel=2,
        )


def _checked(noise: Any) -> Any:
    """As tensors: an array, or a list, tuple or mapping of them, with a row for each image."""
    if isinstance(noise, Mapping):
        tensors: Any = {name: keras.ops.convert_to_tensor(part) for name, part in noise.items()}
    elif isinstance(noise, (list, tuple)) and all(
        len(getattr(part, "shape", ())) for part in noise
    ):
        tensors = [keras.ops.convert_to_tensor(part) for part in noise]
    else:
        tensors = keras.ops.convert_to_tensor(noise)
    rows = {int(part.shape[0]) if len(part.shape) else 0 for part in keras.tree.flatten(tensors)}
    if len(rows) != 1 or not 1 <= min(rows) <= MAX_SAMPLES:
        raise ValueError(
            f"noise has {sorted(rows)} rows, and 1 to {MAX_SAMPLES} are possible, as many in each "
            "of its parts: one for each image."
        )
    return tensors


def _with_channels(images: NDArray[Any]) -> NDArray[Any]:
    """Shape [samples, height, width, channels]."""
    shape = list(images.shape)
    if images.ndim == 3:
        images = images[..., None]
    elif images.ndim == 4 and keras.config.image_data_format() == "channels_first":
        images = np.moveaxis(images, 1, -1)
    if images.ndim != 4 or images.shape[-1] not in (1, 3, 4) or 0 in images.shape:
        raise ValueError(
            f"The generator gives shape {shape}, and [samples, height, width, 1, 3 or 4] is "
            "wanted; give a function that reshapes what it gives, for instance generator=lambda "
            "noise: keras.ops.reshape(model(noise), (-1, 28, 28, 1))."
        )
    if len(images) > MAX_SAMPLES:
        raise ValueError(
            f"The generator gives {len(images)} images, and {MAX_SAMPLES} is the most."
        )
    return images
