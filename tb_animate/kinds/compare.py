"""Two pictures in one place: wiped, laid over each other, or taken from each other.

The browser does the same from the same numbers.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np

from tb_animate import errors
from tb_animate.kinds import raster
from tb_animate.kinds.base import FIRST, PREVIOUS, RUN
from tb_animate.kinds.raster import Box, Pixels
from tb_animate.options import Field, number, one_of

MAX_NAME = 1000  # characters of a run's name
MAX_GAIN = 16  # a difference of one level in 256 is plainly seen then

# What the amount may be, and is where it is not given.
AMOUNTS = {
    "wipe": (0.0, 1.0, 0.5),
    "onion": (0.0, 1.0, 0.5),
    "difference": (1.0, float(MAX_GAIN), 4.0),
}


def _against(text: str) -> str:
    if text not in (FIRST, PREVIOUS) and not text.startswith(RUN):
        raise ValueError
    if not 0 < len(text.removeprefix(RUN)) <= MAX_NAME:
        raise ValueError
    return text


OPTIONS = (
    one_of(
        "compare",
        ("off", *AMOUNTS),
        "another frame in the same place: beside a cut, laid over, or what differs (default: off)",
    ),
    Field(
        "against",
        _against,
        f"first, previous or {RUN} and a run's name of at most {MAX_NAME} characters",
        "what is compared with: the series' first frame, the one before, or another run's "
        "(default: previous)",
        f"first|previous|{RUN}NAME",
    ),
    Field(
        "amount",
        number(0.0, MAX_GAIN),
        f"a number from 0 to {MAX_GAIN}",
        "where the cut lies, or the opacity, from 0 to 1 (default: 0.5); or what differences are "
        f"multiplied with, a whole number from 1 to {MAX_GAIN} (default: 4)",
        "N",
    ),
)


class Comparison(NamedTuple):
    """How two pictures are compared, if they are.

    Attributes:
      mode: "off" or a key of `AMOUNTS`.
      against: see `base.Against.which`.
      given: the amount, `None`: the mode's usual one.
    """

    mode: str = "off"
    against: str = PREVIOUS
    given: float | None = None

    @property
    def amount(self) -> float:
        return AMOUNTS[self.mode][2] if self.given is None else self.given

    @property
    def words(self) -> str:
        """For a caption, the scale of a difference included."""
        run = self.against.startswith(RUN)
        whose = self.against.removeprefix(RUN) if run else f"{self.against} frame"
        if self.mode == "wipe":
            return f"right: {whose}"
        if self.mode == "onion":
            return f"{self.amount:.0%} of {whose}"
        white = math.ceil(255 / self.amount)
        return f"difference x{self.amount:g} of {whose}, white = {white} or more of 255"


ALONE = Comparison()


def chosen(options: Mapping[str, Any]) -> Comparison:
    """What the options of a clip ask for.

    Raises:
      errors.AnimateError: the amount is not one of the mode's.
    """
    mode, given = options.get("compare", ALONE.mode), options.get("amount")
    if mode in AMOUNTS and given is not None:
        low, high, _ = AMOUNTS[mode]
        whole = mode == "difference"
        if not low <= given <= high or (whole and given != int(given)):
            number = "whole number" if whole else "number"
            raise errors.AnimateError(
                f"amount is {given:g}; with compare={mode} it must be a {number} from {low:g} "
                f"to {high:g}."
            )
    return Comparison(mode, options.get("against", ALONE.against), given)


def mixed(
    own: Pixels,
    other: Pixels,
    cells: Iterable[Box],
    how: Comparison,
    area: Box | None = None,
) -> Pixels:
    """Two pictures of one size as one; `how` is not "off".

    Args:
      cells: where there is something to take differences of; the rest stays as in `own`.
      area: where there is something to wipe, `None`: everywhere.
    """
    if how.mode == "onion":
        return raster.blend(own, other, how.amount)
    result: Pixels = own.copy()
    if how.mode == "wipe":
        # Half a pixel belongs to the right, as in the browser.
        left, width = (0, own.shape[1]) if area is None else (area.x, area.width)
        line = left + math.floor(width * how.amount + 0.5)
        result[:, line:] = other[:, line:]
        return result
    for x, y, width, height in cells:
        there = np.s_[y : y + height, x : x + width]
        first, second = own[there].astype(np.int16), other[there].astype(np.int16)
        result[there] = np.minimum(np.abs(first - second) * int(how.amount), 255)
    return result
