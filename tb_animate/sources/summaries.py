"""What TensorBoard's data server makes of the events in a log, decided without payloads.

The rules were found by experiment with tensorboard-data-server 0.7.2 and are held against
it by tests: which plugin and data class a tag gets, and which values count as data.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any

from tb_animate.sources.event_fields import (
    AUDIO,
    GRAPH,
    HISTOGRAM,
    IMAGE,
    NOTHING,
    RUN_METADATA,
    SIMPLE_VALUE,
    TENSOR_VALUE,
    Value,
    read_name,
)
from tb_animate.sources.records import BYTES, VARINT, Malformed, Window, fields

SCALAR, TENSOR, BLOB_SEQUENCE = 1, 2, 3  # tensorboard.DataClass

CLASSES: dict[str, int] = {
    "scalars": SCALAR,
    "histograms": TENSOR,
    "text": TENSOR,
    "hparams": TENSOR,
    "pr_curves": TENSOR,
    "mesh": TENSOR,
    "custom_scalars": TENSOR,
    "images": BLOB_SEQUENCE,
    "audio": BLOB_SEQUENCE,
    "graph_run_metadata": BLOB_SEQUENCE,
    "graph_run_metadata_graph": BLOB_SEQUENCE,
    "graph_keras_model": BLOB_SEQUENCE,
}
"""Data class of plugins whose writers left it out. Other plugins' tags without one have no
data; a plugin of this table has none in any other class either, since its dashboard does
not look there."""

_DT_FLOAT, _DT_STRING = 1, 7


@dataclasses.dataclass(frozen=True, slots=True)
class Declaration:
    """What a tag is: decided by its first value in a run, and for good.

    Attributes:
      data_class: one of SCALAR, TENSOR and BLOB_SEQUENCE, or anything else for no data.
    """

    plugin_name: str
    data_class: int
    display_name: str = ""
    description: str = ""


_IMPLIED = {
    SIMPLE_VALUE: Declaration("scalars", SCALAR),
    IMAGE: Declaration("images", BLOB_SEQUENCE),
    AUDIO: Declaration("audio", BLOB_SEQUENCE),
    HISTOGRAM: Declaration("histograms", TENSOR),
    GRAPH: Declaration("graphs", BLOB_SEQUENCE),
    RUN_METADATA: Declaration("graph_tagged_run_metadata", BLOB_SEQUENCE),
}


def declare(window: Window, value: Value) -> Declaration:
    """What a tag is that begins with this value.

    Raises:
      Malformed: its tag or its metadata cannot be read.
    """
    _text(value.tag, value.start)
    given = _read_metadata(window, *value.metadata) if value.metadata else None
    if given is not None and given.data_class:
        return given
    implied = _IMPLIED.get(value.field)
    if implied is not None:
        return implied
    if given is None:
        return Declaration("", 0)
    return dataclasses.replace(given, data_class=CLASSES.get(given.plugin_name, 0))


def has_data(declaration: Declaration) -> bool:
    """Whether TensorBoard offers the values of such a tag to its plugin."""
    name, data_class = declaration.plugin_name, declaration.data_class
    if data_class not in (SCALAR, TENSOR, BLOB_SEQUENCE):
        return False
    return CLASSES.get(name, data_class) == data_class


def _text(raw: bytes, offset: int) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise Malformed(offset, "a name is not valid UTF-8") from None


def _read_metadata(window: Window, start: int, end: int) -> Declaration:
    found: dict[str, Any] = {"plugin_name": "", "data_class": 0}
    for number, wire, value, after in fields(window, start, end):
        if number == 4 and wire == VARINT:
            found["data_class"] = value
        elif number == 1 and wire == BYTES:
            for inner, _, first, last in fields(window, value, after):
                if inner == 1:
                    found["plugin_name"] = _text(read_name(window, first, last), first)
        elif number in (2, 3) and wire == BYTES:
            key = "display_name" if number == 2 else "description"
            found[key] = _text(read_name(window, value, after), value)
    return Declaration(**found)


def entries(window: Window, value: Value, data_class: int) -> int | None:
    """How many entries TensorBoard serves for a value of a tag of this class.

    Returns:
      The length of a blob sequence, 1 for a tensor or a scalar, or `None` where the value
      is no data: it takes its step all the same, but is not shown.
    """
    field = value.field
    if data_class == BLOB_SEQUENCE:
        if field == IMAGE:
            return 3  # Width, height, image.
        if field in (AUDIO, GRAPH, RUN_METADATA):
            return 1
        if field != TENSOR_VALUE:
            return None
        dtype, rank, _, strings = _read_tensor(window, value.start, value.end)
        return strings if dtype == _DT_STRING and rank == 1 else None
    if data_class == TENSOR:
        if field in (NOTHING, TENSOR_VALUE):
            return 1
        return 1 if field == HISTOGRAM and _is_even(window, value.start, value.end) else None
    if field == SIMPLE_VALUE:
        return 1
    if field != TENSOR_VALUE:
        return None
    dtype, rank, floats, _ = _read_tensor(window, value.start, value.end)
    return 1 if dtype == _DT_FLOAT and rank == 0 and floats == 1 else None


def _read_tensor(window: Window, start: int, end: int) -> tuple[int, int, int, int]:
    """Data type, rank, and how many floats and strings a TensorProto holds."""
    dtype = rank = content = floats = strings = 0
    for number, wire, value, after in fields(window, start, end):
        if number == 8:
            strings += 1
        elif number == 1:
            dtype = value
        elif number == 2 and wire == BYTES:
            rank += _count(fields(window, value, after), 2)
        elif number == 4:
            content = after - value
        elif number == 5:
            floats += (after - value) // 4
    # Floats come in a list of their own or, where that is empty, as raw bytes.
    return dtype, rank, floats or content // 4, strings


def _count(found: Iterable[tuple[int, int, int, int]], wanted: int) -> int:
    return sum(number == wanted for number, _, _, _ in found)


def _is_even(window: Window, start: int, end: int) -> bool:
    """Whether an old-style histogram has as many limits as buckets."""
    limits = buckets = 0
    for number, _, value, after in fields(window, start, end):
        if number == 6:
            limits += after - value
        elif number == 7:
            buckets += after - value
    return limits == buckets
