"""Images as `tf.summary.image` logs them, without TensorFlow."""

from __future__ import annotations

import io
import time
from typing import Any

import numpy as np
from numpy.typing import NDArray


def image_event(
    tag: str, pixels: NDArray[np.uint8], max_side: int, step: int, description: str | None
) -> Any:
    """As `tf.summary.image` writes it: width, height and the PNGs, as one vector of strings."""
    from tensorboard.compat.proto import event_pb2, summary_pb2, tensor_pb2, types_pb2
    from tensorboard.compat.proto.tensor_shape_pb2 import TensorShapeProto
    from tensorboard.plugins.image import metadata

    height, width = _size(pixels.shape[1], pixels.shape[2], max_side)
    entries = [str(side).encode("ascii") for side in (width, height)]
    entries += [_png(image, width, height) for image in pixels]
    about = metadata.create_summary_metadata(display_name=None, description=description)
    about.data_class = summary_pb2.DATA_CLASS_BLOB_SEQUENCE
    value = summary_pb2.Summary.Value(
        tag=tag,
        metadata=about,
        tensor=tensor_pb2.TensorProto(
            dtype=types_pb2.DT_STRING,
            tensor_shape=TensorShapeProto(dim=[TensorShapeProto.Dim(size=len(entries))]),
            string_val=entries,
        ),
    )
    return event_pb2.Event(
        wall_time=time.time(), step=step, summary=summary_pb2.Summary(value=[value])
    )


def _size(height: int, width: int, most: int) -> tuple[int, int]:
    factor = min(1.0, most / max(height, width))
    return max(1, round(height * factor)), max(1, round(width * factor))


def _png(pixels: NDArray[np.uint8], width: int, height: int) -> bytes:
    from PIL import Image

    image = Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels)
    if image.size != (width, height):
        image = image.resize((width, height), Image.Resampling.BOX)
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()
