"""The fields of a clip as text: what each accepts, and the sentence for what it does not.

Query strings, command lines and keyword arguments are all read by this one table, so they
accept the same.
"""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, get_args

from tb_animate import errors
from tb_animate.model import ClipSpec, Loop, Theme

MIN_FPS, MAX_FPS = 0.1, 60.0  # a frame for ten seconds; what common screens show
MAX_HOLD = 60.0  # seconds; longer looks like a clip that has stopped
MAX_TWEEN = 30  # half a second at 60 pictures a second
MAX_SIDE = 4096  # pixels; no common screen shows more
MAX_SAMPLE = 1_000_000  # beyond any grid that one can look at
MAX_COUNT = 1_000_000  # frames; beyond any clip that one can watch
MAX_STEP = 2**63 - 1  # steps are int64
SHOWN = 40  # characters of a bad value that a message repeats

Parse = Callable[[str], Any]


@dataclasses.dataclass(frozen=True, slots=True)
class Field:
    """One field of ClipSpec as text.

    Attributes:
      name: the field's, with underscores.
      parse: raises `ValueError` for what it does not accept.
      accepts: ends the sentence "... must be".
      help: for `--help`.
      metavar: stands for the value there; "" for a switch with a `--no-` form.
    """

    name: str
    parse: Parse
    accepts: str
    help: str
    metavar: str

    @property
    def option(self) -> str:
        return "--" + self.name.replace("_", "-")


def _whole(low: int, high: int) -> Parse:
    def parse(text: str) -> int:
        # int() would also take "1_000", " 1" and other scripts' digits.
        if not re.fullmatch(r"[+-]?[0-9]{1,30}", text):
            raise ValueError
        return int(_within(int(text), low, high))

    return parse


def _number(low: float, high: float) -> Parse:
    def parse(text: str) -> float:
        if not re.fullmatch(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?", text):
            raise ValueError
        return float(_within(float(text), low, high))

    return parse


def _within(value: float, low: float, high: float) -> float:
    if not (math.isfinite(value) and low <= value <= high):
        raise ValueError
    return value


def _choice(words: Mapping[str, Any]) -> Parse:
    def parse(text: str) -> Any:
        if text not in words:
            raise ValueError
        return words[text]

    return parse


def _sample(text: str) -> int | None:
    return None if text == "all" else int(_whole(0, MAX_SAMPLE)(text))


def _words(words: Sequence[str]) -> str:
    return ", ".join(words[:-1]) + " or " + words[-1]


_LOOPS: tuple[str, ...] = get_args(Loop)
_THEMES: tuple[str, ...] = get_args(Theme)
_SWITCH = {"1": True, "0": False, "true": True, "false": False}
_STEP = f"a whole number from {-MAX_STEP - 1} to {MAX_STEP}"
_COUNT = f"a whole number from 1 to {MAX_COUNT}"
_SIDE = f"a whole number of pixels from 1 to {MAX_SIDE}"

# A kind's own fields follow here, one row each, as they come to ClipSpec.
FIELDS: tuple[Field, ...] = (
    Field(
        "sample",
        _sample,
        f"all or a whole number from 0 to {MAX_SAMPLE}",
        "which image of each step, from 0, or all as a grid (default: all)",
        "N|all",
    ),
    Field("start_step", _whole(-MAX_STEP - 1, MAX_STEP), _STEP, "first step to show", "STEP"),
    Field("end_step", _whole(-MAX_STEP - 1, MAX_STEP), _STEP, "last step to show", "STEP"),
    Field("every", _whole(1, MAX_COUNT), _COUNT, "only each N-th frame", "N"),
    Field(
        "max_frames",
        _whole(1, MAX_COUNT),
        _COUNT,
        "at most N frames, evenly spread, first and last included",
        "N",
    ),
    Field(
        "fps",
        _number(MIN_FPS, MAX_FPS),
        f"a number from {MIN_FPS:g} to {MAX_FPS:g}",
        "logged frames per second (default: 10)",
        "N",
    ),
    Field(
        "loop",
        _choice({word: word for word in _LOOPS}),
        _words(_LOOPS),
        "repeat forever, forth and back, or play once (default: forever)",
        "|".join(_LOOPS),
    ),
    Field(
        "hold",
        _number(0.0, MAX_HOLD),
        f"a number of seconds from 0 to {MAX_HOLD:g}",
        "extra time on the last frame",
        "SECONDS",
    ),
    Field(
        "tween",
        _whole(0, MAX_TWEEN),
        f"a whole number from 0 to {MAX_TWEEN}",
        "pictures drawn between two neighbouring frames",
        "N",
    ),
    Field("width", _whole(1, MAX_SIDE), _SIDE, "of the clip, in pixels", "PIXELS"),
    Field("height", _whole(1, MAX_SIDE), _SIDE, "of the clip, in pixels", "PIXELS"),
    Field(
        "theme",
        _choice({word: word for word in _THEMES}),
        _words(_THEMES),
        "colours of everything that is not data (default: light)",
        "|".join(_THEMES),
    ),
    Field("caption", _choice(_SWITCH), "1 or 0", "run, tag and step beneath the picture", ""),
)

BY_NAME = {field.name: field for field in FIELDS}


def plain_name(field: Field) -> str:
    """What messages call a field outside the command line."""
    return field.name


def spec_from(given: Mapping[str, Sequence[str]], label: Callable[[Field], str]) -> ClipSpec:
    """Builds a clip from texts by field name.

    Args:
      given: the values of each name, which must be one.
      label: what a message calls a field.

    Raises:
      errors.AnimateError: a name that is no field's, a repeated or a malformed value, one
        out of range, or a range of steps that ends before it starts.
    """
    found: dict[str, Any] = {}
    for name, texts in given.items():
        field = BY_NAME.get(name)
        if field is None:
            known = ", ".join(BY_NAME)
            raise errors.AnimateError(
                f"There is no parameter {quoted(name)}. Those of a clip are {known}."
            )
        if len(texts) != 1:
            raise errors.AnimateError(f"{label(field)} is given {len(texts)} times; give it once.")
        try:
            found[name] = field.parse(texts[0])
        except ValueError:
            raise errors.AnimateError(
                f"{label(field)} is {quoted(texts[0])}; it must be {field.accepts}."
            ) from None
    spec = ClipSpec(**found)
    start, end = spec.start_step, spec.end_step
    if start is not None and end is not None and start > end:
        first, last = (label(BY_NAME[name]) for name in ("start_step", "end_step"))
        raise errors.AnimateError(f"{first} {start} lies after {last} {end}; swap them.")
    return spec


def quoted(text: str) -> str:
    """The text on one line and not too much of it."""
    return ascii(text if len(text) <= SHOWN else text[:SHOWN] + "...")
