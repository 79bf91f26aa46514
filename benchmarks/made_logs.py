"""Makes the logs that benchmarks read: large image logs, many scalars, many small frames."""

from __future__ import annotations

import io
import pathlib
import random
import struct
import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from tensorboard.compat.proto import event_pb2

from tb_animate.sources.crc32c import masked_crc32c


def png(side: int, noise: random.Random) -> bytes:
    """An RGB picture of noise, which no compression makes smaller than the logs promise."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    rows = b"".join(b"\0" + noise.randbytes(3 * side) for _ in range(side))
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    parts = chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(rows, 0)), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def record(event: event_pb2.Event) -> bytes:
    data: bytes = event.SerializeToString()
    length = struct.pack("<Q", len(data))
    crcs = [struct.pack("<I", masked_crc32c(part)) for part in (length, data)]
    return length + crcs[0] + data + crcs[1]


def waves(done: float, side: int) -> bytes:
    """A PNG of coloured waves with a little noise, of about 1.4 bytes a pixel.

    Args:
      done: share of the training that is over; the waves move with it.
    """
    rows, columns = np.mgrid[0:side, 0:side] / side
    moved = [np.sin(6 * columns + 5 * done * k) * np.cos(5 * rows - 3 * done) for k in (1, 2, 3)]
    noise = np.random.default_rng(round(1e6 * done)).normal(0, 2, (side, side, 3))
    pixels = np.clip(127 + 110 * np.stack(moved, -1) + noise, 0, 255).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def images(step: int, samples: list[bytes], side: int, tag: str = "generated") -> event_pb2.Event:
    event = event_pb2.Event(step=step, wall_time=1.7e9 + step)
    value = event.summary.value.add(tag=tag)
    value.metadata.plugin_data.plugin_name = "images"
    value.metadata.data_class = 3
    value.tensor.dtype = 7
    value.tensor.tensor_shape.dim.add(size=2 + len(samples))
    value.tensor.string_val.extend([b"%d" % side, b"%d" % side, *samples])
    return event


def add_array(
    event: event_pb2.Event, tag: str, plugin: str, values: NDArray[np.floating[Any]]
) -> None:
    """Adds a tensor of float32 or float64."""
    value = event.summary.value.add(tag=tag)
    value.metadata.plugin_data.plugin_name = plugin
    value.metadata.data_class = 2
    value.tensor.dtype = {"float32": 1, "float64": 2}[values.dtype.name]
    for side in values.shape:
        value.tensor.tensor_shape.dim.add(size=side)
    value.tensor.tensor_content = values.tobytes()


def write(path: pathlib.Path, content: Iterator[event_pb2.Event]) -> None:
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path.with_name("partial"), "wb") as file:
        for event in content:
            file.write(record(event))
    path.with_name("partial").rename(path)


def make_images(logdir: pathlib.Path, *, runs: int, steps: int, samples: int, side: int) -> None:
    noise = random.Random(0)
    for run in range(runs):
        content = (
            images(10 * step, [png(side, noise) for _ in range(samples)], side)
            for step in range(steps)
        )
        write(logdir / f"run{run}" / "events.out.tfevents.1", content)


def make_waves(logdir: pathlib.Path, *, runs: int, tags: int, steps: int, side: int) -> None:
    """Runs of so many image tags each, which all have the same pictures."""
    pictures = [waves(step / steps, side) for step in range(steps)]
    for run in range(runs):
        content = (
            images(10 * step, [picture], side, f"generated/{tag}")
            for step, picture in enumerate(pictures)
            for tag in range(tags)
        )
        write(logdir / f"run{run}" / "events.out.tfevents.1", content)


def make_scalars(logdir: pathlib.Path, count: int) -> None:
    tags = ["loss", "accuracy/train", "learning_rate", "gradient/norm"]

    def content() -> Iterator[event_pb2.Event]:
        for number in range(count):
            event = event_pb2.Event(step=number // 4, wall_time=1.7e9 + number / 100)
            event.summary.value.add(tag=tags[number % 4], simple_value=number)
            yield event
        yield images(count, [b"picture"], 1)

    write(logdir / "events.out.tfevents.1", content())


def make_small(logdir: pathlib.Path, count: int) -> None:
    noise = random.Random(0)
    content = (images(step, [png(8, noise)], 8) for step in range(count))
    write(logdir / "events.out.tfevents.1", content)
