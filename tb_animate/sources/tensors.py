"""What a record holds for a tag, in the form in which TensorBoard's data provider gives it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tb_animate.model import Payload
from tb_animate.sources.broken import Unreadable
from tb_animate.sources.summaries import BLOB_SEQUENCE

MAX_TENSOR_BYTES = 1 << 30
"""Of one frame in memory. A few bytes of a log can announce a tensor of any size, and so can
a few of a compressed file."""


def payload(record: bytes, tag: str, data_class: int) -> Payload:
    """The value that an event has for a tag; the last one, if there are several.

    Args:
      record: a serialized `Event`.
      data_class: of the tag.

    Returns:
      The entries of a blob sequence, or an array: of a `simple_value` float32 of shape [],
      of an old-style histogram float64 of shape [buckets, 3] (left, right, count), else
      what was logged.

    Raises:
      Unreadable: it is too large.
      ValueError, TypeError: there is no such value, or none of this class.
    """
    # TensorBoard's protocol buffers are loaded when the first frame is read.
    from tensorboard.compat.proto import event_pb2

    event = event_pb2.Event.FromString(record)
    for value in reversed(event.summary.value):
        if value.tag == tag:
            return _blobs(value) if data_class == BLOB_SEQUENCE else _tensor(value)
    if data_class == BLOB_SEQUENCE and event.HasField("tagged_run_metadata"):
        return (event.tagged_run_metadata.run_metadata,)
    if data_class == BLOB_SEQUENCE and event.HasField("graph_def"):
        return (event.graph_def,)
    raise ValueError("the tag is not in the record")


def _blobs(value: Any) -> tuple[bytes, ...]:
    form = value.WhichOneof("value")
    if form == "image":
        size = value.image.width, value.image.height
        return (*(str(side).encode("ascii") for side in size), value.image.encoded_image_string)
    if form == "audio":
        return (value.audio.encoded_audio_string,)
    if form == "tensor":
        return tuple(value.tensor.string_val)
    raise ValueError("it is no blob sequence")


def _tensor(value: Any) -> NDArray[np.generic]:
    form = value.WhichOneof("value")
    if form == "tensor":
        return array_of(value.tensor)
    if form == "histo":
        return _histogram(value.histo)
    if form == "simple_value":
        return np.array(value.simple_value, dtype=np.float32)
    if form is None:
        # Only metadata was logged. The data server makes it an empty vector.
        return np.zeros(0, dtype=np.float32)
    raise ValueError("it is no tensor")


def array_of(tensor: Any) -> NDArray[np.generic]:
    """A `TensorProto` as an array.

    Raises:
      Unreadable: it announces more than `MAX_TENSOR_BYTES`: one number can stand for all.
      ValueError, TypeError: it is damaged.
    """
    from tensorboard.compat.tensorflow_stub import dtypes
    from tensorboard.util import tensor_util

    sides = [dim.size for dim in tensor.tensor_shape.dim]
    if min(sides, default=0) < 0:
        raise ValueError("a side of its shape is negative")
    dtype = np.dtype(dtypes.as_dtype(tensor.dtype).as_numpy_dtype)
    size = math.prod(sides) * dtype.itemsize
    # What is there in full takes no more memory than it took in the log.
    if size > MAX_TENSOR_BYTES and not tensor.tensor_content:
        raise Unreadable(
            f"it is a tensor of shape {sides} and {size / 1e9:.1f} GB, and "
            f"{MAX_TENSOR_BYTES >> 30} GB is the most; log a smaller one."
        )
    if tensor.half_val and dtype == np.float16:
        # TensorBoard changes the type of an array in its place, which NumPy 2.5 deprecates.
        halves = np.array(tensor.half_val, np.int64).astype(np.uint16).view(np.float16)
        return np.repeat(halves, math.prod(sides) // len(halves)).reshape(sides)
    array: NDArray[np.generic] = tensor_util.make_ndarray(tensor)
    return array


def _histogram(histogram: Any) -> NDArray[np.float64]:
    """The data server's conversion: the outermost edges are the data's own extremes."""
    counts = np.array(histogram.bucket, dtype=np.float64)
    limits = np.array(histogram.bucket_limit, dtype=np.float64)
    if len(counts) != len(limits):
        raise ValueError("it has not as many limits as buckets")
    if not len(counts):
        return np.zeros((0, 3), dtype=np.float64)
    lefts = np.concatenate([[histogram.min], limits[:-1]])
    rights = np.concatenate([limits[:-1], [histogram.max]])
    return np.stack([lefts, rights, counts], axis=1)
