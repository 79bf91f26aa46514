"""Event files made byte by byte: events in every form that a writer gives them, or no
writer ever would."""

from __future__ import annotations

import pathlib
import struct
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

import logs

with logs.quiet():
    from tensorboard.compat.proto import event_pb2, summary_pb2
    from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import masked_crc32c

Value = summary_pb2.Summary.Value

DT_FLOAT, DT_DOUBLE, DT_STRING, DT_HALF = 1, 2, 7, 19


def record(data: bytes) -> bytes:
    """TFRecord framing, by TensorBoard's own CRC."""
    length = struct.pack("<Q", len(data))
    return b"".join(
        [
            length,
            struct.pack("<I", masked_crc32c(length)),
            data,
            struct.pack("<I", masked_crc32c(data)),
        ]
    )


def event(step: int, *values: Value, wall_time: float | None = None) -> bytes:
    """A summary, framed. Its wall time follows from its step unless given."""
    made = event_pb2.Event(step=step)
    made.wall_time = 1.7e9 + step % 1000 if wall_time is None else wall_time
    made.summary.value.extend(values)
    return record(made.SerializeToString())


def version() -> bytes:
    """What every writer begins with."""
    return record(
        event_pb2.Event(wall_time=1.7e9, file_version="brain.Event:2").SerializeToString()
    )


def tf2_image(
    tag: str, *samples: bytes, plugin: str | None = "images", data_class: int = 3, size: int = 4
) -> Value:
    side = str(size).encode()
    return described(_entries(tag, side, side, *samples), plugin, data_class)


def tf1_image(tag: str, data: bytes, *, width: int = 4, height: int = 5) -> Value:
    value = Value(tag=tag)
    value.image.width, value.image.height, value.image.colorspace = width, height, 3
    value.image.encoded_image_string = data
    return value


def tf1_histogram(tag: str, counts: Sequence[float], limits: Sequence[float]) -> Value:
    value = Value(tag=tag)
    value.histo.min, value.histo.max = -1.5, 2.5
    value.histo.bucket.extend(counts)
    value.histo.bucket_limit.extend(limits)
    return value


def tf2_histogram(tag: str, rows: Sequence[Sequence[float]], *, data_class: int = 2) -> Value:
    value = tensor(tag, DT_DOUBLE, len(rows), 3)
    value.tensor.tensor_content = b"".join(struct.pack("<3d", *row) for row in rows)
    return described(value, "histograms", data_class)


def scalar(tag: str, number: float) -> Value:
    return Value(tag=tag, simple_value=number)


def tf2_scalar(tag: str, number: float) -> Value:
    value = tensor(tag, DT_FLOAT)
    value.tensor.tensor_content = struct.pack("<f", number)
    return described(value, "scalars", 1)


def points(tag: str, values: NDArray[np.float32]) -> Value:
    """A snapshot of points, as `summary.embedding` logs it."""
    value = tensor(tag, DT_FLOAT, *values.shape)
    value.tensor.tensor_content = values.tobytes()
    return described(value, "animate", 2)


def points_table(tag: str, *entries: bytes) -> Value:
    """What is known of the points of a tag, as `summary.embedding` logs it beside them."""
    return described(_entries(f"{tag}#points", *entries), "animate_points", 3)


def tensor(tag: str, dtype: int, *sides: int) -> Value:
    """A tensor of that type and shape, yet without content."""
    value = Value(tag=tag)
    value.tensor.dtype = dtype
    for side in sides:
        value.tensor.tensor_shape.dim.add(size=side)
    return value


def _entries(tag: str, *entries: bytes) -> Value:
    value = tensor(tag, DT_STRING, len(entries))
    value.tensor.string_val.extend(entries)
    return value


def described(value: Value, plugin: str | None, data_class: int) -> Value:
    if plugin is not None:
        value.metadata.plugin_data.plugin_name = plugin
        value.metadata.display_name = f"about {value.tag}"
        value.metadata.summary_description = "what it *is*"
    if data_class:
        value.metadata.data_class = data_class
    return value


def write(
    directory: pathlib.Path, records: Iterable[bytes], name: str = "1.tfevents"
) -> pathlib.Path:
    """Writes one event file, and makes its directory."""
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / name
    path.write_bytes(b"".join(records))
    return path
