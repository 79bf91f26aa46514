"""How the texts of a table's column are understood: as categories, numbers, or texts."""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Sequence
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tb_animate.kinds.tensors import LARGEST
from tb_animate.model import PointTable

ColumnType: TypeAlias = Literal["category", "number", "text"]
Codes: TypeAlias = NDArray[np.int32]

# More colours, or entries in a legend, cannot be told apart.
MAX_CATEGORIES = 50

# As Python writes what there is none of; "nan" is a number already.
MISSING = ("", "None", "<NA>", "NaT")


@dataclasses.dataclass(frozen=True, eq=False)
class Column:
    """How a column's texts are understood.

    Attributes:
      categories: in the order in which people sort, of a column of categories.
      codes: category of each text, shape [texts + 1]: the last is that of no text.
      numbers: value of each text, likewise; NaN for none, and for what is not finite.
      low, high: of the finite ones, of which there is one at least.
    """

    name: str
    type: ColumnType
    categories: tuple[str, ...] = ()
    codes: Codes | None = None
    numbers: NDArray[np.float32] | None = None
    low: float = 0.0
    high: float = 0.0


def column(name: str, texts: Sequence[str]) -> Column:
    """A column of these different texts, in the order of their codes."""
    if len(texts) <= MAX_CATEGORIES:
        categories = tuple(sorted(texts, key=lambda text: (natural(text), text)))
        order = {text: nth for nth, text in enumerate(categories)}
        codes = np.array([*(order[text] for text in texts), -1], np.int32)
        return Column(name, "category", categories, codes)
    try:
        numbers = np.array([*map(_number, texts), math.nan])
    except ValueError:
        return Column(name, "text")
    finite = np.isfinite(numbers)
    if not finite.any():
        return Column(name, "text")
    # One loss that blew up takes the colours of no other.
    numbers = np.where(finite, np.clip(numbers, -LARGEST, LARGEST), math.nan)
    low, high = float(np.nanmin(numbers)), float(np.nanmax(numbers))
    return Column(name, "number", numbers=numbers.astype(np.float32), low=low, high=high)


def _number(text: str) -> float:
    return math.nan if text in MISSING else float(text)


def label_column(table: PointTable) -> str | None:
    """The first column that reads like categories, by which points can be left out evenly."""
    for name, texts in table.columns.items():
        if len(set(texts)) <= MAX_CATEGORIES:
            return name
    return None


def natural(text: str) -> list[tuple[int, int, str]]:
    """A key that sorts as people do: 2 before 10."""
    return [
        (0, *_size(part)) if part.isdecimal() and part.isascii() else (1, 0, part.casefold())
        for part in re.split(r"([0-9]+)", text)
        if part
    ]


def _size(digits: str) -> tuple[int, str]:
    """Sorts as the number does; `int` refuses those of thousands of digits."""
    digits = digits.lstrip("0")
    return len(digits), digits
