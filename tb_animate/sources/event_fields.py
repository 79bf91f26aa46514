"""The fields of an event and of its summary's values, read without what they hold."""

from __future__ import annotations

import math
import struct
from typing import NamedTuple

from tb_animate.sources.records import (
    BYTES,
    FIXED32,
    FIXED64,
    VARINT,
    Malformed,
    Window,
    fields,
    signed,
)

MAX_NAME_BYTES = 1 << 16
"""Of a tag. Longer ones come from damage, and would be held for each frame's look-up."""

# Numbers of the fields of tensorboard.Event and of its "what".
_WALL_TIME, _STEP, _GRAPH, _SUMMARY, _TAGGED_METADATA = 1, 2, 4, 5, 8
_EVENT = {_WALL_TIME: FIXED64, _STEP: VARINT} | dict.fromkeys(range(3, 11), BYTES)

# Numbers of the fields of tensorboard.Summary.Value.
_TAG, SIMPLE_VALUE, IMAGE, HISTOGRAM, AUDIO, TENSOR_VALUE, _METADATA = 1, 2, 4, 5, 6, 8, 9
_VALUE = dict.fromkeys((1, 3, 4, 5, 6, 7, 8, 9), BYTES) | {SIMPLE_VALUE: FIXED32}
NOTHING, GRAPH, RUN_METADATA = 0, -1, -2
"""Instead of a field's number: no value at all, and events that are no summaries."""

GRAPH_TAG = b"__run_graph__"


class Value(NamedTuple):
    """One value of an event: its tag, the field that is set, where that and metadata lie."""

    tag: bytes
    field: int
    start: int
    end: int
    metadata: tuple[int, int] | None


class Event(NamedTuple):
    """An event's outer fields. `wall_time` is never NaN; where it is infinite, drop it."""

    wall_time: float
    step: int
    values: list[Value]


def read_event(window: Window, start: int, end: int) -> Event:
    """Reads an event's outer fields.

    Raises:
      Malformed: TensorBoard's data server reads no further than here either.
    """
    wall_time, step = 0.0, 0
    what = 0
    ranges: list[tuple[int, int]] = []
    for number, wire, value, after in fields(window, start, end):
        expected = _EVENT.get(number)
        if expected is None:
            continue
        if wire != expected:
            raise Malformed(value, "a field has another type than events have")
        if number == _WALL_TIME:
            (wall_time,) = struct.unpack("<d", window.take(value, 8))
        elif number == _STEP:
            step = signed(value)
        else:
            # These exclude each other: the last one counts, and a summary that comes in
            # two parts is one.
            if number != what:
                what, ranges = number, []
            ranges.append((value, after))
    if math.isnan(wall_time):
        raise Malformed(start, "a wall time is not a number")
    values: list[Value] = []
    if what == _SUMMARY:
        for first, last in ranges:
            for number, wire, value, after in fields(window, first, last):
                if number == 1:
                    if wire != BYTES:
                        raise Malformed(value, "a field has another type than summaries have")
                    values.append(_read_value(window, value, after))
    elif what == _GRAPH:
        values.append(Value(GRAPH_TAG, GRAPH, 0, 0, None))
    elif what == _TAGGED_METADATA:
        tag = b""
        for first, last in ranges:
            for number, _, value, after in fields(window, first, last):
                if number == 1:
                    tag = read_name(window, value, after)
        values.append(Value(tag, RUN_METADATA, 0, 0, None))
    return Event(wall_time, step, values)


def read_name(window: Window, start: int, end: int) -> bytes:
    """A name's bytes. Raises `Malformed` if it is longer than any can be."""
    if end - start > MAX_NAME_BYTES:
        raise Malformed(start, f"a tag is longer than {MAX_NAME_BYTES:,} bytes, the most")
    return window.take(start, end - start)


def _read_value(window: Window, start: int, end: int) -> Value:
    tag = b""
    field, first, last = NOTHING, start, start
    metadata: tuple[int, int] | None = None
    for number, wire, value, after in fields(window, start, end):
        expected = _VALUE.get(number)
        if expected is None:
            continue
        if wire != expected:
            raise Malformed(value, "a field has another type than summaries have")
        if number == _TAG:
            tag = read_name(window, value, after)
        elif number == _METADATA:
            metadata = value, after
        elif number != 7:
            field, first, last = number, value, after
    return Value(tag, field, first, last, metadata)
