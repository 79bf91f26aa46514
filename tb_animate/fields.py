"""The fields of a clip as text, the kinds' own among them, and the sentences for bad ones.

Query strings, command lines and keyword arguments are all read by this one table, so they
accept the same.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any, get_args

from tb_animate import errors, kinds
from tb_animate.model import ClipSpec, Loop, Measure, Theme
from tb_animate.options import Field, choice, number, one_of, quoted, size, whole

MIN_FPS, MAX_FPS = 0.1, 60.0  # a frame for ten seconds; what common screens show
MAX_HOLD = 60.0  # seconds; longer looks like a clip that has stopped
MAX_TWEEN = 30  # half a second at 60 pictures a second
MAX_SIDE = 4096  # pixels; no common screen shows more
MAX_SAMPLE = 1_000_000  # beyond any grid that one can look at
MAX_COUNT = 1_000_000  # frames; beyond any clip that one can watch
MAX_STEP = 2**63 - 1  # steps are int64
MIN_BYTES, MAX_BYTES = 1_000, 100_000_000_000  # an icon; beyond any clip within the limits
MAX_SCALARS = 8  # curves beneath a picture; more leave no room for it
MAX_TAG = 1_000  # characters


def _sample(text: str) -> int | None:
    return None if text == "all" else int(whole(0, MAX_SAMPLE)(text))


def _tag(text: str) -> str:
    if not 1 <= len(text) <= MAX_TAG:
        raise ValueError
    return text


_WORDS = {True: ("1", "true", "on"), False: ("0", "false", "off")}
_SWITCH = {word: value for value, words in _WORDS.items() for word in words}
_STEP = f"a whole number from {-MAX_STEP - 1} to {MAX_STEP}"
_COUNT = f"a whole number from 1 to {MAX_COUNT}"
_SIDE = f"a whole number of pixels from 1 to {MAX_SIDE}"

# Those that every kind has. The others stand in the kinds' own files.
FIELDS: tuple[Field, ...] = (
    Field(
        "sample",
        _sample,
        f"all or a whole number from 0 to {MAX_SAMPLE}",
        "which image of each step, from 0, or all as a grid (default: all)",
        "N|all",
    ),
    Field("start_step", whole(-MAX_STEP - 1, MAX_STEP), _STEP, "first step to show", "STEP"),
    Field("end_step", whole(-MAX_STEP - 1, MAX_STEP), _STEP, "last step to show", "STEP"),
    Field("every", whole(1, MAX_COUNT), _COUNT, "only each N-th frame", "N"),
    Field(
        "max_frames",
        whole(1, MAX_COUNT),
        _COUNT,
        "at most N frames, evenly spread, first and last included",
        "N",
    ),
    Field(
        "fps",
        number(MIN_FPS, MAX_FPS),
        f"a number from {MIN_FPS:g} to {MAX_FPS:g}",
        "logged frames per second (default: 10)",
        "N",
    ),
    one_of(
        "loop",
        get_args(Loop),
        "repeat forever, forth and back, or play once (default: forever)",
    ),
    Field(
        "hold",
        number(0.0, MAX_HOLD),
        f"a number of seconds from 0 to {MAX_HOLD:g}",
        "extra time on the last frame",
        "SECONDS",
    ),
    Field(
        "tween",
        whole(0, MAX_TWEEN),
        f"a whole number from 0 to {MAX_TWEEN}",
        "pictures drawn between two neighbouring frames",
        "N",
    ),
    Field("width", whole(1, MAX_SIDE), _SIDE, "of the clip, in pixels", "PIXELS"),
    Field("height", whole(1, MAX_SIDE), _SIDE, "of the clip, in pixels", "PIXELS"),
    Field(
        "max_bytes",
        size(MIN_BYTES, MAX_BYTES),
        "a number of bytes from 1kB to 100GB, such as 500kB, 10MB or 8MiB",
        "make the file fit: fewer pictures first, then smaller ones (10MB, 500kB)",
        "SIZE",
    ),
    one_of(
        "theme",
        get_args(Theme),
        "colours of everything that is not data (default: light)",
    ),
    Field(
        "caption",
        choice(_SWITCH),
        "1 or 0",
        "tag and run above the picture, step and time beneath it",
        "",
    ),
    Field(
        "scalar",
        _tag,
        f"a tag of 1 to {MAX_TAG} characters",
        "a scalar's value and curve beneath the picture; repeat for several",
        "TAG",
        most=MAX_SCALARS,
    ),
    one_of(
        "measure",
        get_args(Measure),
        "align runs by step, by time, or by share of their steps (default: step)",
    ),
    Field("reverse", choice(_SWITCH), "1 or 0", "from the last frame to the first", ""),
)

BY_NAME = {field.name: field for field in FIELDS}


@functools.cache
def of_kinds() -> dict[str, tuple[tuple[str, ...], Field]]:
    """The options that kinds add: by name, the kinds that have it and the field.

    Loads every kind.

    Raises:
      RuntimeError: a name stands for two things.
    """
    found: dict[str, tuple[tuple[str, ...], Field]] = {}
    for kind in kinds.KINDS:
        for field in kinds.get(kind).options:
            others, known = found.get(field.name, ((), field))
            if known is not field or kind in others or field.name in BY_NAME:
                raise RuntimeError(f"The option {field.name!r} is declared twice.")
            found[field.name] = ((*others, kind), field)
    return found


def every() -> list[Field]:
    """All fields, those of the kinds last."""
    return [*FIELDS, *(field for _, field in of_kinds().values())]


def plain_name(field: Field) -> str:
    """What messages call a field outside the command line."""
    return field.name


def spec_from(given: Mapping[str, Sequence[str]], label: Callable[[Field], str]) -> ClipSpec:
    """Builds a clip from texts by field name.

    Args:
      given: the values of each name, as many as its field allows.
      label: what a message calls a field.

    Raises:
      errors.AnimateError: a name that is no field's, a repeated or a malformed value, one
        out of range, or a range of steps that ends before it starts.
    """
    found: dict[str, Any] = {}
    options: dict[str, Any] = {}
    known = {field.name: field for field in every()}
    for name, texts in given.items():
        field = known.get(name)
        if field is None:
            raise errors.AnimateError(
                f"There is no parameter {quoted(name)}. Those of a clip are {', '.join(known)}."
            )
        (found if name in BY_NAME else options)[name] = _value(field, texts, label)
    spec = ClipSpec(**found, options=options)
    start, end = spec.start_step, spec.end_step
    if start is not None and end is not None and start > end:
        first, last = (label(BY_NAME[name]) for name in ("start_step", "end_step"))
        raise errors.AnimateError(f"{first} {start} lies after {last} {end}; swap them.")
    return spec


def _value(field: Field, texts: Sequence[str], label: Callable[[Field], str]) -> Any:
    if field.most == 1 and len(texts) != 1:
        raise errors.AnimateError(f"{label(field)} is given {len(texts)} times; give it once.")
    distinct = list(dict.fromkeys(texts))
    if len(distinct) > field.most:
        raise errors.AnimateError(
            f"{label(field)} is given {len(distinct)} times, and {field.most} is the most; "
            "leave some out."
        )
    values = []
    for text in distinct:
        try:
            values.append(field.parse(text))
        except ValueError:
            raise errors.AnimateError(
                f"{label(field)} is {quoted(text)}; it must be {field.accepts}."
            ) from None
    return values[0] if field.most == 1 else tuple(values)
