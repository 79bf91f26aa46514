"""The scalars that a clip shows beside its series: which, of which run, and their values."""

from __future__ import annotations

import dataclasses
import math
import posixpath
from collections.abc import Sequence

import numpy as np

from tb_animate import errors
from tb_animate.names import instead, some
from tb_animate.scalars import Points, ScalarSource


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """A scalar as it was when the clip was planned.

    Attributes:
      tag: as it was logged.
      other: the run that it comes from if that is not the series' own, or "".
    """

    tag: str
    other: str
    points: Points

    def value(self, step: int) -> float | None:
        """The latest value at or before a step, not always finite; `None` before the first."""
        after = int(np.searchsorted(self.points.steps, step, side="right"))
        return float(self.points.values[after - 1]) if after else None


def find(
    source: ScalarSource | None, runs: Sequence[str], tags: Sequence[str]
) -> list[list[Curve]]:
    """The curves of these tags for each run, in the order of both.

    A run that lacks a tag takes it from the only one beside it that has it: Keras and many
    scripts log pictures as "lr/train" and some scalars as "lr/validation".

    Args:
      source: all of it has been read; `None` if there is none.

    Raises:
      errors.NotFound: no such scalar; the message names those that there are.
      errors.AnimateError: several runs beside it have the tag.
    """
    if not tags:
        return [[] for _ in runs]
    if source is None:
        raise errors.AnimateError("No scalars can be read here; leave scalar out.")
    known: dict[str, set[str]] = {}
    for one in source.scalars():
        known.setdefault(one.run, set()).add(one.tag)
    loaded: dict[tuple[str, str], Points] = {}
    found = []
    for run in runs:
        row = []
        for tag in tags:
            of = _run(known, run, tag)
            if (of, tag) not in loaded:
                points = source.points(of, tag)
                if points is None:
                    raise _missing(known, run, tag)
                loaded[of, tag] = points
            row.append(Curve(tag, "" if of == run else of, loaded[of, tag]))
        found.append(row)
    return found


def value_text(value: float) -> str:
    """A scalar in four digits: "0.0312", "1,480", "3.2e-5"."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "inf" if value > 0 else "-inf"
    if value == 0:
        return "0"
    size = abs(value)
    if size < 1e-3 or size >= 1e6:
        digits, _, power = f"{value:.3e}".partition("e")
        return f"{digits.rstrip('0').rstrip('.')}e{int(power)}"
    decimals = max(3 - math.floor(math.log10(size)), 0)
    text = f"{float(f'{value:.4g}'):,.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _run(known: dict[str, set[str]], run: str, tag: str) -> str:
    if tag in known.get(run, ()):
        return run
    parent = posixpath.dirname(run)
    beside = sorted(
        other for other in known if posixpath.dirname(other) == parent and tag in known[other]
    )
    if len(beside) == 1:
        return beside[0]
    if beside:
        raise errors.AnimateError(
            f"The run {run!r} has no scalar {tag!r}, and several runs beside it have one: "
            f"{some(beside)}. Choose a scalar of its own, or leave it out."
        )
    raise _missing(known, run, tag)


def _missing(known: dict[str, set[str]], run: str, tag: str) -> errors.NotFound:
    own = sorted(known.get(run, ()))
    start = f"The run {run!r} has no scalar {tag!r}."
    if not own:
        every = sorted(set().union(*known.values()))
        there = f"Other runs have {some(every)}." if every else "No scalar has been logged there."
        return errors.NotFound(f"{start} {there}")
    return errors.NotFound(f"{start} {instead(tag, own, 'Its scalars are')}")
