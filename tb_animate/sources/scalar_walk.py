"""Walks event files for their scalars, whose numbers it keeps instead of where they lie.

Nothing else of a scalar's record is needed, and a number takes less room than its place.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

import numpy as np

from tb_animate.sources import summaries
from tb_animate.sources.event_fields import SIMPLE_VALUE, Event, Value
from tb_animate.sources.eventfile import EventFile, Log
from tb_animate.sources.records import FIXED32, HEADER_BYTES, Window, fields
from tb_animate.sources.walk import Walker, is_skipped

POINT = np.dtype(
    [
        ("wall_time", "<f8"),
        ("step", "<i8"),
        ("value", "<f4"),
        ("size", "u1"),  # 0: no number, though the step is taken; else 1
    ]
)
"""One logged number, 21 bytes."""

_pack = struct.Struct("<8sq4sB").pack  # A `POINT`, its floats as they lie in the file.

_WALL_TIME = HEADER_BYTES + 1
_STEP = _WALL_TIME + 8 + 1  # Of the varint, in a record that has one.

_LONGEST_STEP = 9
"""Bytes of a varint that is no negative number."""

_MOST_USUAL = 9 + 11 + 0x7F
"""Bytes of an event with a `Form`: wall time, step, and a rest whose length is one byte. What is
longer may hold pictures beside the scalars, and is not read for looking at it."""

_NO_NUMBER = b"\0\0\xc0\x7f"


class Form(NamedTuple):
    """What all events of a tag have in common, as a writer makes them.

    Attributes:
      size: bytes of an event from behind its step on.
      number: offset of the number in those.
      before, after: all other bytes.
    """

    size: int
    number: int
    before: bytes
    after: bytes


class ScalarWalker(Walker):
    """Walks event files for the tags of TensorBoard's scalars plugin; rows are `POINT`s.

    An event that differs from the one before it of its tag in time, step and number alone is
    not taken apart again. As in TensorBoard's data server, checksums of the data are not looked
    at, but where damage would drop points.
    """

    def __init__(self) -> None:
        super().__init__(frozenset(["scalars"]))

    def _is_usual(
        self, file: EventFile, beginning: bytes, buffer: bytes, start: int, at: int, end: int
    ) -> bool:
        log = file.tags.get(beginning[6:])
        if log is None:
            return is_skipped(file, beginning, buffer[at:end])
        form = log.form
        if form is None or end - at != form.size:
            return False
        number = at + form.number
        if buffer[at:number] != form.before or buffer[number + 4 : end] != form.after:
            return False
        first = start + _STEP
        if at - first > _LONGEST_STEP:
            return False
        step = 0
        for place in range(at - 1, first - 1, -1):
            step = step << 7 | buffer[place] & 0x7F
        if log.last_step is None or step <= log.last_step:
            return False
        time = start + _WALL_TIME
        row = _pack(buffer[time : time + 8], step, buffer[number : number + 4], 1)
        file.append(log, step, row)
        return True

    def _row(
        self, window: Window, log: Log, event: Event, value: Value, position: int, length: int
    ) -> bytes:
        wall_time = struct.pack("<d", event.wall_time)
        if summaries.entries(window, value, log.data_class) is None:
            return _pack(wall_time, event.step, _NO_NUMBER, 0)
        place = _place(window, value)
        start = position + HEADER_BYTES
        usual = length <= _MOST_USUAL
        log.form = _form(window.take(start, length), place - start) if usual else None
        return _pack(wall_time, event.step, window.take(place, 4), 1)


def _place(window: Window, value: Value) -> int:
    """Where the number lies in the file, four bytes."""
    if value.field == SIMPLE_VALUE:
        return value.start
    listed = content = 0
    for number, wire, start, after in fields(window, value.start, value.end):
        if number == 4:
            content = start
        elif number == 5 and (wire == FIXED32 or after > start):
            listed = start
    # A list of numbers takes precedence over raw bytes.
    return listed or content


def _form(event: bytes, number: int) -> Form | None:
    """What to expect of the tag's next events, if this one is as writers make them.

    That is: 09 wall time, 10 step (which lacks where it is 0), 2a summary, 0a value, 0a tag; the
    lengths of all three one byte, and the value going on to the end.
    """
    if event[:1] != b"\x09":
        return None
    at = 9
    if event[at] == 0x10:
        at += 2
        while event[at - 1] > 0x7F:
            at += 1
    rest = event[at:]
    usual = len(rest) < 0x80 and rest[:6:2] == b"\x2a\x0a\x0a"
    if not usual or rest[3] != len(rest) - 4:
        return None
    number -= at
    return Form(len(rest), number, rest[:number], rest[number + 4 :])
