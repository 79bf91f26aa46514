"""Logs what TensorBoard has no summary for: embeddings, snapshot by snapshot.

    tb_animate.summary.embedding("validation/features", features, step=epoch, metadata=labels)

Works with TensorFlow's writers and with PyTorch's and tensorboardX' `SummaryWriter`; none of
these is imported unless it is there already.
"""

from __future__ import annotations

import collections
import hashlib
import json
import sys
import weakref
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tb_animate import sprite_sheet
from tb_animate.model import Sprite
from tb_animate.sources.tables import MAX_COLUMNS, MAX_TEXT_BYTES, RECORDS, SUFFIX, VERSION
from tb_animate.summary_writers import Sink, Value, find_sink

__all__ = ["embedding"]

PLUGIN_NAME = "animate"

MAX_BYTES = (1 << 31) - (1 << 20)
"""Of the points: a record is one protocol buffer."""

# By writer and tag, the digest of the last table and the step that it was logged at.
_logged: weakref.WeakKeyDictionary[Any, dict[str, tuple[bytes, int]]] = weakref.WeakKeyDictionary()


def embedding(
    name: str,
    data: Any,
    step: Any = None,
    *,
    metadata: Any = None,
    ids: Any = None,
    sprite: Any = None,
    sprite_size: tuple[int, int] | None = None,
    description: str | None = None,
    writer: Any = None,
) -> bool:
    """Logs where each point lies at this step.

    A call writes 4 bytes for each number of `data`. Labels, ids and sprite are written with
    the first call, and again only when they change. A call without any of the three leaves
    them as they are; one that gives some replaces them all.

    Args:
      name: the tag.
      data: one row for each point, shape [points, dims], or [points] for one dimension: an
        array, list or tensor of TensorFlow or PyTorch. Logged as float32.
      step: the training step; the one that `tf.summary` has by default if left out.
      metadata: what each point is: a sequence of labels, or a mapping from a column's name
        to such a sequence. Anything that has a text will do as a label.
      ids: what names each point in every snapshot, where they come in another order or in
        other numbers from step to step. If left out, row i is always the same point.
      sprite: a thumbnail of each point: images of shape [points, height, width] or [points,
        height, width, 1, 3 or 4], uint8, or floating from 0 to 1; or a picture that holds
        them all row by row, as a Pillow image or the bytes of a file. It has at most 8192 x
        8192 pixels: thumbnails are made smaller to fit.
      sprite_size: width and height of a thumbnail, for a picture that holds them all.
      description: Markdown, shown beside the embedding.
      writer: a `tf.summary` writer, a PyTorch or tensorboardX `SummaryWriter`, or anything
        with `add_event`; `tf.summary`'s default writer if left out.

    Returns:
      Whether it was recorded: `tf.summary` records nothing where there is no default writer
      or `tf.summary.record_if` says so.

    Raises:
      ValueError: shapes, lengths or types do not fit, there is no step, or TensorFlow is
        tracing a function. The message says what to do.
    """
    points = _points(data)
    sink = find_sink(writer)
    at = sink.step(step)
    if not sink.recording():
        return False
    tag = sink.tag(name)
    pictures = _pictures(sprite, sprite_size, len(points))
    columns = _columns(metadata, len(points))
    names = _names(ids, len(points))
    if columns or names is not None or pictures is not None:
        _log_table(sink, tag + SUFFIX, at, columns, names, pictures, sprite_size)
    return sink.write(Value(tag, points, PLUGIN_NAME, description or ""), at)


def _points(data: Any) -> NDArray[np.float32]:
    array = _array(data, "data")
    if array.ndim == 1:
        array = array[:, None]
    if array.ndim != 2:
        raise ValueError(
            f"data has shape {list(array.shape)}, and [points, dims] is wanted; make one row of "
            "each point first, for instance by data.reshape(len(data), -1)."
        )
    if 0 in array.shape:
        raise ValueError(f"data has shape {list(array.shape)}: there is nothing in it to log.")
    if array.size * 4 > MAX_BYTES:
        raise ValueError(
            f"data has {array.size * 4 / 1e9:.1f} GB, and a record holds 2 GB; log fewer points."
        )
    # Types that numpy does not know, such as bfloat16, have the kind "V".
    if array.dtype.kind not in "fiubV":
        raise ValueError(f"data is of type {array.dtype}, and numbers are wanted.")
    try:
        return np.ascontiguousarray(array, dtype=np.float32)
    except (TypeError, ValueError):
        raise ValueError(f"data is of type {array.dtype}, and numbers are wanted.") from None


def _array(data: Any, what: str) -> NDArray[Any]:
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


def _columns(metadata: Any, points: int) -> list[list[Any]]:
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


def _names(ids: Any, points: int) -> list[str] | None:
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
    plain = isinstance(values, Sequence)
    entries = list(values if plain else _array(values, what))
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
        entry = _array(entry, "a label")[()]
    return entry.decode("utf-8", "replace") if isinstance(entry, bytes) else str(entry)


def _pictures(
    sprite: Any, size: tuple[int, int] | None, points: int
) -> Sprite | NDArray[np.uint8] | None:
    if sprite is None:
        return None
    if isinstance(sprite, bytes) or hasattr(sprite, "save"):
        if size is None:
            raise ValueError("sprite is one picture; give sprite_size=(width, height) of a part.")
        return sprite_sheet.whole(sprite, size, points)
    pictures = sprite_sheet.thumbnails(_array(sprite, "sprite"))
    if len(pictures) != points:
        raise ValueError(f"sprite has {len(pictures):,} images, and data has {points:,} points.")
    return pictures


def _log_table(
    sink: Sink,
    tag: str,
    step: int,
    columns: list[list[Any]],
    ids: list[str] | None,
    pictures: Sprite | NDArray[np.uint8] | None,
    size: tuple[int, int] | None,
) -> None:
    """Logs what is known of the points, unless it is what this writer logged last."""
    content: dict[str, Any] = {"version": VERSION, "columns": columns, "ids": ids, "sprite": None}
    text = _encoded(content)
    if len(text) > MAX_TEXT_BYTES:
        raise ValueError(
            f"metadata and ids take {len(text) / 1e6:.0f} MB, and {MAX_TEXT_BYTES >> 20} MB is "
            "the most; leave columns out or shorten the texts."
        )
    digest = hashlib.blake2b(text)
    if isinstance(pictures, Sprite):
        digest.update(repr(size).encode() + pictures.data)
    elif pictures is not None:
        digest.update(repr(pictures.shape).encode())
        digest.update(np.ascontiguousarray(pictures).data)
    logged = {} if sink.owner is None else _logged.setdefault(sink.owner, {})
    last = logged.get(tag)
    # Readers look for the latest record at a frame's step or earlier: a writer that goes back
    # in steps has to log again.
    if last is not None and last[0] == digest.digest() and last[1] <= step:
        return
    if pictures is not None:
        sheet = pictures if isinstance(pictures, Sprite) else sprite_sheet.sheet(pictures)
        content["sprite"] = [sheet.width, sheet.height]
        text = _encoded(content)
        entries = [text, sheet.data]
    else:
        entries = [text, b""]
    if sink.write(Value(tag, entries, RECORDS.plugin_name, ""), step):
        logged[tag] = digest.digest(), step


def _encoded(content: dict[str, Any]) -> bytes:
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace")
