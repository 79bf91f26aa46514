"""What one option accepts as text. Imports nothing of ours, so that kinds declare their own.

Query strings, command lines and keyword arguments are all read by the same rows.
"""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

SHOWN = 40  # characters of a bad value that a message repeats

Parse = Callable[[str], Any]

_UNITS = {"": 1, "b": 1}
for _power, _letter in enumerate("kmg", start=1):
    _UNITS |= {_letter: 1000**_power, f"{_letter}b": 1000**_power, f"{_letter}ib": 1024**_power}


@dataclasses.dataclass(frozen=True, slots=True)
class Field:
    """One option as text.

    Attributes:
      name: with underscores.
      parse: raises `ValueError` for what it does not accept.
      accepts: ends the sentence "... must be".
      help: for `--help`.
      metavar: stands for the value there; "" for a switch with a `--no-` form.
      most: how often it may be given. If more than once, its value is a tuple.
    """

    name: str
    parse: Parse
    accepts: str
    help: str
    metavar: str
    most: int = 1

    @property
    def option(self) -> str:
        return "--" + self.name.replace("_", "-")


def whole(low: int, high: int) -> Parse:
    """Whole numbers from `low` to `high`."""

    def parse(text: str) -> int:
        # int() would also take "1_000", " 1" and other scripts' digits.
        if not re.fullmatch(r"[+-]?[0-9]{1,30}", text):
            raise ValueError
        return int(_within(int(text), low, high))

    return parse


def number(low: float, high: float) -> Parse:
    """Finite numbers from `low` to `high`."""

    def parse(text: str) -> float:
        if not re.fullmatch(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?", text):
            raise ValueError
        return float(_within(float(text), low, high))

    return parse


def size(low: int, high: int) -> Parse:
    """Whole numbers of bytes from `low` to `high`; kB, MB and GB count by 1000, KiB by 1024."""

    def parse(text: str) -> int:
        match = re.fullmatch(r"([0-9]+\.?[0-9]*|\.[0-9]+) ?([a-z]{0,3})", text, re.IGNORECASE)
        if match is None or match[2].lower() not in _UNITS:
            raise ValueError
        return int(_within(float(match[1]) * _UNITS[match[2].lower()], low, high))

    return parse


def choice(words: Mapping[str, Any]) -> Parse:
    """The values of these words."""

    def parse(text: str) -> Any:
        if text not in words:
            raise ValueError
        return words[text]

    return parse


def one_of(name: str, words: Sequence[str], help: str) -> Field:
    """An option that is one of some words."""
    accepts = ", ".join(words[:-1]) + " or " + words[-1]
    return Field(name, choice({word: word for word in words}), accepts, help, "|".join(words))


def quoted(text: str) -> str:
    """The text on one line and not too much of it."""
    return ascii(text if len(text) <= SHOWN else text[:SHOWN] + "...")


def _within(value: float, low: float, high: float) -> float:
    if not (math.isfinite(value) and low <= value <= high):
        raise ValueError
    return value
