"""Which scalars a clip shows, and what they say."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory_scalars import MemoryScalars
from tb_animate import errors, insets
from tb_animate.curves import find, value_text

LOSS = {0: 3.0, 10: 2.0, 25: math.nan, 30: 1.0}
SCALARS = MemoryScalars(
    {
        ("lr/train", "loss"): LOSS,
        ("lr/validation", "accuracy"): {5: 0.5},
        ("lr/train", "rate"): {0: 1.0},
        ("other/a", "both"): {0: 1.0},
        ("other/b", "both"): {0: 2.0},
    }
)


def test_the_latest_value_at_or_before_a_step() -> None:
    ((curve,),) = find(SCALARS, ["lr/train"], ["loss"])
    assert [curve.value(step) for step in (0, 9, 10, 24, 30, 99)] == [3, 3, 2, 2, 1, 1]
    assert math.isnan(curve.value(25) or 0.0)
    assert curve.value(-1) is None


def test_a_run_beside_it_stands_in_and_is_named() -> None:
    ((own, lent),) = find(SCALARS, ["lr/train"], ["loss", "accuracy"])
    assert (own.other, lent.other) == ("", "lr/validation")
    assert lent.value(7) == 0.5


@pytest.mark.parametrize(
    ("run", "tag", "message"),
    [
        ("lr/train", "los", r"'lr/train' has no scalar 'los'\. Did you mean 'loss'\?"),
        ("lr/train", "zzz", r"Its scalars are 'loss', 'rate'\."),
        ("none", "loss", r"'none' has no scalar 'loss'\. Other runs have 'accuracy', 'both', "),
        ("other/c", "both", r"several runs beside it have one: 'other/a', 'other/b'\. Choose"),
        ("other/c", "loss", r"'other/c' has no scalar 'loss'"),
    ],
)
def test_what_is_not_there(run: str, tag: str, message: str) -> None:
    with pytest.raises(errors.AnimateError, match=message):
        find(SCALARS, [run], [tag])


def test_without_any_scalars() -> None:
    assert find(None, ["a", "b"], []) == [[], []]
    with pytest.raises(errors.AnimateError, match="No scalars can be read here"):
        find(None, ["a"], ["loss"])
    with pytest.raises(errors.NotFound, match="No scalar has been logged there"):
        find(MemoryScalars({}), ["a"], ["loss"])


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (0.03124, "0.03124"),
        (1480.0, "1,480"),
        (123456.0, "123,500"),
        (3.2e-5, "3.2e-5"),
        (-1.5e7, "-1.5e7"),
        (1.0, "1"),
        (0.99996, "1"),
        (2.5, "2.5"),
        (math.nan, "NaN"),
        (-math.inf, "-inf"),
    ],
)
def test_values_as_text(value: float, text: str) -> None:
    assert value_text(value) == text


@given(st.floats(width=32))
def test_any_value_is_told_to_four_digits(value: float) -> None:
    said = float(value_text(value).replace(",", ""))
    if math.isfinite(value):
        assert said == pytest.approx(value, rel=5e-4)
    else:
        assert math.isnan(said) == math.isnan(value)


# The picture of a curve


def _inset(points: dict[int, float], span: tuple[float, float]) -> insets.Inset:
    ((curve,),) = find(MemoryScalars({("r", "t"): points}), ["r"], ["t"])
    places = curve.points.steps.astype(np.float64)
    return insets.Inset(curve, places, span, insets.bounds([(curve, places)], span), ["0.5"])


def _ink(picture: np.ndarray) -> np.ndarray:
    """Where a strip's plot is not empty, shape [rows, columns]."""
    return (picture[insets.LABEL_HEIGHT :] < 230).any(axis=2)


def test_a_curve_goes_from_edge_to_edge_and_up_and_down() -> None:
    inset = _inset({0: 0.0, 50: 1.0, 100: 0.0}, (0, 100))
    ink = _ink(inset.picture(212, "light", None, math.nan, ""))
    rows = [np.flatnonzero(ink[:, x]).mean() for x in (8, 105, 203)]
    low, high = insets.CURVE_HEIGHT - insets.PAD, insets.PAD
    assert rows == pytest.approx([low, high, low], abs=1.5)
    assert not ink[:, :5].any()
    assert not ink[:, 207:].any()


def test_a_gap_is_left_where_a_value_is_no_number() -> None:
    inset = _inset({0: 0.0, 40: 1.0, 50: math.nan, 60: 1.0, 100: 0.0}, (0, 100))
    ink = _ink(inset.picture(212, "light", None, math.nan, ""))
    assert not ink[:, 92:120].any()
    assert ink[:, 60].any()
    assert ink[:, 150].any()


def test_what_lies_outside_leads_to_the_edges() -> None:
    inset = _inset({0: 0.0, 100: 1.0, 200: 0.0}, (50, 150))
    ink = _ink(inset.picture(212, "light", None, math.nan, ""))
    assert ink[:, 7].any()
    assert ink[:, 204].any()


@pytest.mark.parametrize(("at", "column"), [(0.0, 6), (50.0, 106), (100.0, 205)])
def test_the_playhead_is_where_it_must_be(at: float, column: int) -> None:
    inset = _inset({0: 1.0, 100: 1.0}, (0, 100))
    without = inset.picture(212, "dark", None, math.nan, "")
    line = inset.picture(212, "dark", at, math.nan, "")
    changed = np.flatnonzero((without != line).any(axis=(0, 2)))
    assert changed.tolist() == [column]
    dotted = inset.picture(212, "dark", at, 1.0, "")
    changed = np.argwhere((dotted != line).any(axis=2))
    assert abs(changed[:, 1].mean() - column) <= 0.5
    assert abs(changed[:, 0].mean() - insets.LABEL_HEIGHT - insets.CURVE_HEIGHT / 2) <= 1


@pytest.mark.parametrize("width", [1, 5, 12, 13, 14, 40])
def test_any_width(width: int) -> None:
    for points in ({0: 1.0}, {0: math.nan}, {0: math.inf, 1: 1.0}, dict(enumerate(range(5000)))):
        inset = _inset(points, (0, max(points)))
        assert inset.picture(width, "light", 0.0, 1.0, "1").shape == (insets.HEIGHT, width, 3)


def test_a_spike_among_many_points_is_seen() -> None:
    points = dict.fromkeys(range(100_000), 0.0) | {54_321: 1.0}
    ink = _ink(_inset(points, (0, 99_999)).picture(212, "light", None, math.nan, ""))
    assert ink[: insets.CURVE_HEIGHT // 2, 110:120].any()
