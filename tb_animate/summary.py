"""Logs what TensorBoard has no summary for: embeddings, snapshot by snapshot.

    tb_animate.summary.embedding("validation/features", features, step=epoch, metadata=labels)

Works with TensorFlow's writers and with PyTorch's and tensorboardX' `SummaryWriter`; none of
these is imported unless it is there already.
"""

from __future__ import annotations

import hashlib
import json
import weakref
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tb_animate import sprite_sheet, summary_values
from tb_animate.model import Sprite
from tb_animate.sources.tables import MAX_TEXT_BYTES, RECORDS, SUFFIX, VERSION
from tb_animate.summary_writers import Sink, Value, find_sink

__all__ = ["embedding"]

PLUGIN_NAME = "animate"

# By writer and tag, the digest of the last table and the step that it was logged at.
_logged: weakref.WeakKeyDictionary[Any, dict[str, tuple[bytes, int]]] = weakref.WeakKeyDictionary()


def embedding(
    name: str,
    data: Any,
    step: Any = None,
    metadata: Any = None,
    sprite: Any = None,
    ids: Any = None,
    description: str | None = None,
    *,
    sprite_size: tuple[int, int] | None = None,
    half: bool = False,
    writer: Any = None,
) -> bool:
    """Logs where each point lies at this step.

    A call writes 4 bytes for each number of `data`, or 2 with `half`, and besides these the
    name, the description and less than 150 bytes: 1,000 points of 64 dimensions take 256 kB a
    call, or 128 kB. Labels, ids and sprite are written with the first call, as JSON and as an
    image file, and again only when they change. A call without any of the three leaves them as
    they are; one that gives some replaces them all.

    Args:
      name: the tag.
      data: one row for each point, shape [points, dims], or [points] for one dimension: an
        array, list or tensor of TensorFlow or PyTorch. Logged as float32, or with `half` as
        float16.
      step: the training step; the one that `tf.summary` has by default if left out.
      metadata: what each point is: a sequence of labels, or a mapping from a column's name
        to such a sequence. Anything that has a text will do as a label.
      sprite: a thumbnail of each point: images of shape [points, height, width] or [points,
        height, width, 1, 3 or 4], uint8, or floating from 0 to 1; or a picture that holds
        them all row by row, as a Pillow image or the bytes of a file. It has at most 8192 x
        8192 pixels: thumbnails are made smaller to fit.
      ids: what names each point in every snapshot, where they come in another order or in
        other numbers from step to step. If left out, row i is always the same point.
      description: Markdown, shown beside the embedding.
      sprite_size: width and height of a thumbnail, for a picture that holds them all.
      half: log float16, which keeps three digits of numbers from 6e-5 to 65,504, and fewer of
        smaller ones.
      writer: a `tf.summary` writer, a PyTorch or tensorboardX `SummaryWriter`, or anything
        with `add_event`; `tf.summary`'s default writer if left out.

    Returns:
      Whether it was recorded: `tf.summary` records nothing where there is no default writer
      or `tf.summary.record_if` says so.

    Raises:
      ValueError: shapes, lengths or types do not fit, there is no step, a number is too large
        for `half`, or TensorFlow is tracing a function. The message says what to do.
    """
    points = summary_values.as_points(data, np.dtype(np.float16 if half else np.float32))
    sink = find_sink(writer)
    at = sink.step(step)
    if not sink.recording():
        return False
    tag = sink.tag(name)
    pictures = summary_values.as_pictures(sprite, sprite_size, len(points))
    columns = summary_values.as_columns(metadata, len(points))
    names = summary_values.as_names(ids, len(points))
    if columns or names is not None or pictures is not None:
        _log_table(sink, tag + SUFFIX, at, columns, names, pictures, sprite_size)
    return sink.write(Value(tag, points, PLUGIN_NAME, description or ""), at)


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
    entries.append(b"" if last is None else str(last[1]).encode())
    if sink.write(Value(tag, entries, RECORDS.plugin_name, ""), step):
        logged[tag] = digest.digest(), step


def _encoded(content: dict[str, Any]) -> bytes:
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace")
