"""Writes real logs by all writers, with pixels that tell which frame they are.

Each function takes a directory, writes one run into it and returns what it logged, so that
a test can compare bytes. TensorFlow is imported inside the functions: most tests do not
need it. torch is too large for the test environment; tensorboardX writes the same records.
"""

from __future__ import annotations

import contextlib
import dataclasses
import io
import os
import pathlib
import warnings
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

# Far from each other, so that they survive JPEG and a palette.
LEVELS = (0, 85, 170, 255)


@dataclasses.dataclass(frozen=True)
class Logged:
    """One tag as it was logged: `samples[i]` is what was logged at `steps[i]`.

    The bytes are `None` where the writer encodes the picture itself.
    """

    tag: str
    steps: list[int]
    samples: list[list[bytes | None]]

    @property
    def frames(self) -> int:
        return len(self.steps)


def colour(index: int) -> tuple[int, int, int]:
    """The colour of frame `index`, another one for each of 64."""
    return (
        LEVELS[index % 4],
        LEVELS[index // 4 % 4],
        LEVELS[index // 16 % 4],
    )


def index_of(pixel: tuple[int, ...]) -> int:
    """The frame that a pixel of a plain picture belongs to, lossy coding forgiven."""
    nearest = [min(range(4), key=lambda level: abs(LEVELS[level] - part)) for part in pixel[:3]]
    return nearest[0] + 4 * nearest[1] + 16 * nearest[2]


def index_in(picture: NDArray[np.uint8], x: float = 0.5, y: float = 0.5) -> int:
    """The same of the pixel at that share of a decoded picture's width and height."""
    height, width = picture.shape[:2]
    return index_of(tuple(picture[int(y * height), int(x * width)].tolist()))


def picture(index: int, sample: int = 0, *, width: int = 32, height: int = 24) -> NDArray[np.uint8]:
    """RGB uint8 [height, width, 3] of one colour, with a mark for the sample.

    The mark is a square in the upper left, 4 pixels wide: its grey is 40 times the sample.
    """
    pixels = np.empty((height, width, 3), np.uint8)
    pixels[:] = colour(index)
    pixels[:4, :4] = 40 * sample
    return pixels


def noise(side: int, seed: int = 0) -> NDArray[np.uint8]:
    """RGB uint8 [side, side, 3] that no coder makes small."""
    return np.random.default_rng(seed).integers(0, 256, (side, side, 3), np.uint8)


def encode(pixels: NDArray[np.generic], form: str = "PNG") -> bytes:
    """Pixels as a file: L, LA, RGB or RGBA by their shape."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, form)
    return buffer.getvalue()


def animated_gif(indices: list[int], *, milliseconds: int = 50) -> bytes:
    """A GIF whose own frames have the colours of these indices."""
    first, *rest = [Image.fromarray(picture(index)) for index in indices]
    buffer = io.BytesIO()
    first.save(buffer, "GIF", save_all=True, append_images=rest, duration=milliseconds, loop=0)
    return buffer.getvalue()


def cut(data: bytes, size: tuple[int, int], count: int) -> NDArray[np.uint8]:
    """Thumbnails, cut out of a picture that holds them row by row.

    Args:
      size: width and height of each.

    Returns:
      The first `count`, shape [count, height, width, channels as the picture has them].
    """
    with Image.open(io.BytesIO(data)) as image:
        pixels = np.asarray(image)
    width, height = size
    across = pixels.shape[1] // width
    places = [(height * (index // across), width * (index % across)) for index in range(count)]
    return np.stack([pixels[y : y + height, x : x + width] for y, x in places])


def write_tf2_images(
    directory: str | os.PathLike[str],
    *,
    tag: str = "digits",
    frames: int = 12,
    samples: int = 3,
    every: int = 10,
    first: int = 0,
) -> Logged:
    """`tf.summary.image` of a batch, TensorFlow's own PNG."""
    steps = [every * index for index in range(first, first + frames)]
    with quiet_tensorflow() as tf:
        writer = tf.summary.create_file_writer(os.fspath(directory))
        logged = []
        with writer.as_default():
            for index, step in enumerate(steps, first):
                batch = np.stack([picture(index, sample) for sample in range(samples)])
                tf.summary.image(tag, batch, step=step, max_outputs=samples)
                logged.append([tf.io.encode_png(image).numpy() for image in batch])
        writer.close()
    return Logged(tag, steps, logged)


def write_tf2_scalars(
    directory: str | os.PathLike[str], *, tag: str = "loss", frames: int = 12
) -> None:
    """A run with nothing to play."""
    with quiet_tensorflow() as tf:
        writer = tf.summary.create_file_writer(os.fspath(directory))
        with writer.as_default():
            for step in range(frames):
                tf.summary.scalar(tag, 1 / (1 + step), step=step)
        writer.close()


def write_old_style(
    directory: str | os.PathLike[str],
    *,
    tag: str = "old/image",
    frames: int = 12,
    every: int = 5,
    first: int = 0,
) -> Logged:
    """`Summary.Value.image` without metadata, as TensorFlow 1 and PyTorch write it."""
    with old_style_writer(directory) as writer:
        return writer.add(
            tag, [encode(picture(first + index)) for index in range(frames)], every, first * every
        )


class OldStyleWriter:
    """Appends to one event file; what is flushed is there for others to read."""

    def __init__(self, directory: str | os.PathLike[str]) -> None:
        from tensorboard.summary.writer.event_file_writer import EventFileWriter

        self._writer = EventFileWriter(os.fspath(directory))

    def add(self, tag: str, encoded: list[bytes], every: int = 1, first_step: int = 0) -> Logged:
        """Logs one image a step and flushes."""
        from tensorboard.compat.proto.event_pb2 import Event
        from tensorboard.compat.proto.summary_pb2 import Summary

        steps = [first_step + every * index for index in range(len(encoded))]
        for step, data in zip(steps, encoded, strict=True):
            with Image.open(io.BytesIO(data)) as image:
                value = Summary.Image(
                    encoded_image_string=data,
                    width=image.width,
                    height=image.height,
                    colorspace=3,
                )
            summary = Summary(value=[Summary.Value(tag=tag, image=value)])
            event = Event(step=step, wall_time=1.6e9 + step, summary=summary)
            self._writer.add_event(event)
        self._writer.flush()
        return Logged(tag, steps, [[data] for data in encoded])

    def add_scalar(self, tag: str, value: float, step: int) -> None:
        """Logs one number, which is flushed with the next image."""
        from tensorboard.compat.proto.event_pb2 import Event
        from tensorboard.compat.proto.summary_pb2 import Summary

        summary = Summary(value=[Summary.Value(tag=tag, simple_value=value)])
        self._writer.add_event(Event(step=step, wall_time=1.6e9 + step, summary=summary))

    def close(self) -> None:
        self._writer.close()


@contextlib.contextmanager
def old_style_writer(directory: str | os.PathLike[str]) -> Iterator[OldStyleWriter]:
    writer = OldStyleWriter(directory)
    try:
        yield writer
    finally:
        writer.close()


def write_tensorboardx(directory: str | os.PathLike[str], *, frames: int = 6) -> list[Logged]:
    """`add_image`, `add_images` and `add_figure`, and the record that `add_video` writes."""
    with quiet():
        import matplotlib

        matplotlib.use("Agg")
        import matplotlib.pyplot as plt
        from tensorboardX import SummaryWriter

        steps = list(range(frames))
        writer = SummaryWriter(os.fspath(directory))
        for step in steps:
            writer.add_image("x/image", picture(step), step, dataformats="HWC")
            batch = np.stack([picture(step, sample) for sample in range(4)])
            writer.add_images("x/images", batch, step, dataformats="NHWC")
            red, green, blue = (part / 255 for part in colour(step))
            figure = plt.figure(figsize=(1, 1), facecolor=(red, green, blue))
            writer.add_figure("x/figure", figure, step)
            # add_video itself needs moviepy, and that ffmpeg, only to make an animated GIF,
            # which it logs as an ordinary image.
            writer.file_writer.add_summary(_video_summary("x/video", step), step)
        writer.close()
    tags = ("x/image", "x/images", "x/figure", "x/video")
    return [Logged(tag, steps, [[None]] * frames) for tag in tags]


def video_indices(step: int) -> list[int]:
    """The colours that `x/video` shows within a step."""
    return [4 * step + part for part in range(4)]


def write_formats(directory: str | os.PathLike[str], *, frames: int = 8) -> dict[str, Logged]:
    """Every pixel format under a tag of its name, and sizes that change, and one frame."""
    pixels = [picture(index) for index in range(frames)]
    ramp = np.linspace(0, 65535, 32 * 24).reshape(24, 32).astype(np.uint16)
    alpha = np.linspace(0, 255, 32 * 24).reshape(24, 32, 1).astype(np.uint8)
    encoded = {
        "grey": [encode(np.full((24, 32), 30 * i, np.uint8)) for i in range(frames)],
        "rgb": [encode(image) for image in pixels],
        "rgba": [encode(np.concatenate([image, alpha], axis=2)) for image in pixels],
        "grey16": [encode(np.roll(ramp, 4 * i, axis=1)) for i in range(frames)],
        "jpeg": [encode(image, "JPEG") for image in pixels],
        "gif": [animated_gif(video_indices(i)) for i in range(frames)],
        "sizes": [encode(picture(i, width=16 + 8 * i, height=48 - 4 * i)) for i in range(frames)],
        "single": [encode(pixels[0])],
    }
    with old_style_writer(directory) as writer:
        return {tag: writer.add(tag, data) for tag, data in encoded.items()}


def write_all(directory: str | os.PathLike[str]) -> dict[str, list[Logged]]:
    """A run of each writer in one log directory; by the runs' names."""
    root = pathlib.Path(directory)
    write_tf2_scalars(root / "scalars")
    return {
        "tf2": [write_tf2_images(root / "tf2")],
        "old": [write_old_style(root / "old")],
        "tensorboardx": write_tensorboardx(root / "tensorboardx"),
        "formats": list(write_formats(root / "formats").values()),
        "scalars": [],
    }


def clouds(frames: int, *, points: int = 30, dims: int = 5) -> list[NDArray[np.float32]]:
    """Snapshots of points that move, each shape [points, dims]."""
    random = np.random.default_rng(frames)
    start, way = random.normal(size=(2, points, dims))
    return [np.float32(start + way * index / 10) for index in range(frames)]


def write_add_embedding(
    directory: str | os.PathLike[str],
    snapshots: Sequence[NDArray[np.float32]],
    *,
    tag: str = "default",
    every: int = 10,
    first: int = 0,
    **beside: Any,
) -> None:
    """`add_embedding` of tensorboardX, whose files PyTorch writes too.

    Args:
      beside: `metadata`, `metadata_header` and `label_img` of each call.
    """
    with quiet():
        from tensorboardX import SummaryWriter

        writer = SummaryWriter(os.fspath(directory))
        for index, points in enumerate(snapshots):
            writer.add_embedding(points, global_step=first + every * index, tag=tag, **beside)
        writer.close()


def write_keras_embedding(
    directory: str | os.PathLike[str], snapshots: Sequence[NDArray[np.float32]], labels: list[str]
) -> None:
    """What Keras' TensorBoard callback saves of an embedding layer with these weights.

    A snapshot an epoch, under the layer's name "words", and the labels in metadata.tsv.
    """
    root = pathlib.Path(directory)
    with quiet_tensorflow():
        import keras

        class Sets(keras.callbacks.Callback):  # type: ignore[misc]
            def on_epoch_end(self, epoch: int, logs: object = None) -> None:
                layer.set_weights([snapshots[epoch]])

        layer = keras.layers.Embedding(*snapshots[0].shape, name="words")
        model = keras.Sequential([keras.Input((1,)), layer, keras.layers.Flatten()])
        model.compile("sgd", "mse")
        board = keras.callbacks.TensorBoard(
            os.fspath(root), embeddings_freq=1, embeddings_metadata="metadata.tsv"
        )
        wanted = np.zeros((1, snapshots[0].shape[1]))
        # Ours comes first, so that the callback saves what was set.
        model.fit(
            np.zeros((1, 1)), wanted, epochs=len(snapshots), callbacks=[Sets(), board], verbose=0
        )
    (root / "metadata.tsv").write_text("\n".join(labels) + "\n", encoding="utf-8")


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Other packages' warnings are not ours to mend."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@contextlib.contextmanager
def quiet_tensorflow() -> Iterator[Any]:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
    with quiet():
        import tensorflow

        yield tensorflow


def _video_summary(tag: str, step: int) -> object:
    from tensorboardX.proto.summary_pb2 import Summary

    data = animated_gif(video_indices(step))
    image = Summary.Image(width=32, height=24, colorspace=3, encoded_image_string=data)
    return Summary(value=[Summary.Value(tag=tag, image=image)])
