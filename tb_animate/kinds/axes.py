"""Axes of numbers: where ticks stand, and what they are called."""

from __future__ import annotations

import math

MAX_TICKS = 5  # their texts stand apart even on a small card

# Beyond these, in size, numbers are written with an exponent.
SMALL, LARGE = 1e-4, 1e5

# Of an axis' size: less than that between two ends is rounding.
ROUNDING = 1e-12


def ticks(low: float, high: float) -> list[tuple[float, str]]:
    """The values that ticks stand at, and their texts.

    The step is the smallest of 1, 2 or 5 times a power of ten that gives at most
    `MAX_TICKS`.
    """
    width = high - low
    if not (math.isfinite(width) and width > 0):
        return []
    power = math.floor(math.log10(width / MAX_TICKS))
    for factor, exponent in ((f, power + e) for e in (0, 1) for f in (1, 2, 5)):
        # Multiples of 1e-5 by multiplying would come out as 3.0000000000000004e-05.
        first = math.ceil(_divide(low, factor, exponent) - 1e-9)
        last = math.floor(_divide(high, factor, exponent) + 1e-9)
        if last - first < MAX_TICKS:
            multiples = range(first, last + 1)
            break
    largest = max(abs(low), abs(high))
    return [(_times(n * factor, exponent), text(n * factor, exponent, largest)) for n in multiples]


def text(multiple: int, exponent: int, largest: float) -> str:
    """`multiple` times ten to the `exponent`, as an axis up to `largest` writes it."""
    if not multiple:
        return "0"
    if SMALL <= largest < LARGE:
        return f"{_times(multiple, exponent):.{max(-exponent, 0)}f}"
    digits = str(abs(multiple))
    shown = digits.rstrip("0")
    point = f".{shown[1:]}" if len(shown) > 1 else ""
    sign = "-" if multiple < 0 else ""
    return f"{sign}{shown[0]}{point}e{exponent + len(digits) - 1}"


def widened(low: float, high: float, by: float) -> tuple[float, float]:
    """The range with a share of its width on either side; one of no width gets some."""
    width = high - low
    size = max(abs(low), abs(high))
    if width <= ROUNDING * size or width < 1e-290:
        room = max(1e-3, 0.05 * size)
        return low - room, high + room
    return low - by * width, high + by * width


def _times(multiple: int, exponent: int) -> float:
    return float(f"{multiple}e{exponent}")


def _divide(value: float, factor: int, exponent: int) -> float:
    # In two steps: ten to the exponent alone may be out of range.
    half = exponent // 2
    return value / 10.0**half / 10.0 ** (exponent - half) / factor
