"""What a call of `summary.embedding` is given, made into what is logged."""

from __future__ import annotations

import collections
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tb_animate import sprite_sheet
from tb_animate.model import Sprite
from tb_animate.sources.tables import MAX_COLUMNS

MAX_BYTES = (1 << 31) - (1 << 20)
"""Of the points: a record is one protocol buffer."""


def as_points(data: Any, dtype: np.dtype[Any]) -> NDArray[np.floating[Any]]:
    """Rows of points, shape [points, dims].

    Args:
      dtype: float32 or float16, of what is returned.

    Raises:
      ValueError: no numbers, of another shape, none or too many, or too large for float16.
    """
    array = as_array(data, "data")
    if array.ndim == 1:
        array = array[:, None]
    if array.ndim != 2:
        raise ValueError(
            f"data has shape {list(array.shape)}, and [points, dims] is wanted; make one row of "
            "each point first, for instance by data.reshape(len(data), -1)."
        )
    if 0 in array.shape:
        raise ValueError(f"data has shape {list(array.shape)}: there is nothing in it to log.")
    size = array.size * dtype.itemsize
    if size > MAX_BYTES:
        raise ValueError(
            f"data has {size / 1e9:.1f} GB, and a record holds 2 GB; log fewer points."
        )
    # Types that numpy does not know, such as bfloat16, have the kind "V".
    if array.dtype.kind not in "fiubV":
        raise ValueError(f"data is of type {array.dtype}, and numbers are wanted.")
    half = dtype == np.float16
    try:
        with np.errstate(over="ignore" if half else None):
            found = np.ascontiguousarray(array, dtype=dtype)
    except (TypeError, ValueError):
        raise ValueError(f"data is of type {array.dtype}, and numbers are wanted.") from None
    lost = array[np.isinf(found) & np.isfinite(array)] if half else array[:0]
    if lost.size:
        raise ValueError(
            f"data reaches {np.abs(lost.astype(np.float64)).max():,.6g}, and float16 ends at "
            "65,504; leave half out."
        )
    return found


def as_array(data: Any, what: str) -> NDArray[Any]:
    """Anything as an array, tensors on a GPU or under a gradient included."""
    tensorflow = sys.modules.get("tensorflow")
    if tensorflow is not None and tensorflow.is_tensor(data) and not hasattr(data, "numpy"):
        raise ValueError(
            f"{what} is a tensor without values yet: TensorFlow is tracing a function. Call "
            "embedding outside of tf.function and of a model's call()."
        )
    if hasattr(data, "detach") and hasattr(data, "cpu"):
        data = data.detach().cpu()
        # NumPy has no type for PyTorch's bfloat16.
        data = data.float() if "bfloat16" in str(getattr(data, "dtype", "")) else data
    try:
        return np.asarray(data)
    except Exception as error:
        raise ValueError(f"{what} is not an array: {error}") from error


def as_columns(metadata: Any, points: int) -> list[list[Any]]:
    """Names and texts, in the form that the record has."""
    if metadata is None:
        return []
    named = metadata if isinstance(metadata, Mapping) else {"label": metadata}
    if len(named) > MAX_COLUMNS:
        raise ValueError(f"metadata has {len(named)} columns, and {MAX_COLUMNS} is the most.")
    return [
        [str(name), _texts(values, points, f'metadata column "{name}"')]
        for name, values in named.items()
    ]


def as_names(ids: Any, points: int) -> list[str] | None:
    """Ids as texts, each once."""
    if ids is None:
        return None
    names = _texts(ids, points, "ids")
    twice = [name for name, count in collections.Counter(names).items() if count > 1]
    if twice:
        raise ValueError(f'ids has "{twice[0]}" more than once; each point needs one of its own.')
    return names


def _texts(values: Any, points: int, what: str) -> list[str]:
    if isinstance(values, (str, bytes)):
        raise ValueError(f"{what} is one text; a sequence with one for each point is wanted.")
    given = values if isinstance(values, Sequence) else as_array(values, what)
    # To NumPy a generator, a set and a view of a dictionary are one object each.
    if isinstance(given, np.ndarray) and given.ndim == 0:
        raise ValueError(
            f"{what} is of type {type(values).__name__}; give a list with one for each point."
        )
    # Labels come in one column, too, as those of Keras' datasets do.
    if isinstance(given, np.ndarray) and given.ndim == 2 and given.shape[1] == 1:
        given = given[:, 0]
    entries = list(given)
    if len(entries) != points:
        raise ValueError(f"{what} has {len(entries):,} entries, and data has {points:,} points.")
    for entry in entries:
        if isinstance(entry, (list, tuple)) or getattr(entry, "ndim", None):
            raise ValueError(
                f"{what} has more than one value for a point; give a mapping from each "
                "column's name to its values."
            )
    return [_text(entry) for entry in entries]


def _text(entry: Any) -> str:
    if hasattr(entry, "detach") or hasattr(entry, "numpy"):
        entry = as_array(entry, "a label")[()]
    return entry.decode("utf-8", "replace") if isinstance(entry, bytes) else str(entry)


def as_pictures(
    sprite: Any, size: tuple[int, int] | None, points: int
) -> Sprite | NDArray[np.uint8] | None:
    """A sprite as it was given, or images, uint8 [points, height, width, channels]."""
    if sprite is None:
        return None
    if isinstance(sprite, bytes) or hasattr(sprite, "save"):
        if size is None:
            raise ValueError("sprite is one picture; give sprite_size=(width, height) of a part.")
        return sprite_sheet.whole(sprite, size, points)
    pictures = sprite_sheet.thumbnails(as_array(sprite, "sprite"))
    if len(pictures) != points:
        raise ValueError(f"sprite has {len(pictures):,} images, and data has {points:,} points.")
    return pictures
