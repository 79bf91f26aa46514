"""Tensors that are not what they say."""

from __future__ import annotations

import pathlib
import tracemalloc

import numpy as np
import pytest

import event_bytes as eb
from tb_animate.model import Frame, Wanted
from tb_animate.sources import broken, events, tensors

WANTED = [Wanted("histogram", "histograms")]


def announcing(*sides: int, dtype: int = eb.DT_DOUBLE, content: bytes = b"") -> eb.Value:
    value = eb.described(eb.tensor("weights", dtype, *sides), "histograms", 2)
    value.tensor.tensor_content = content
    if not content:
        value.tensor.double_val.append(1.0)
        value.tensor.float_val.append(1.0)
    return value


def frames_of(path: pathlib.Path, *values: eb.Value) -> list[Frame]:
    rows = [(0.0, 1.0, 2.0)]
    good = eb.event(99, eb.tf2_histogram("weights", rows))
    eb.write(path, [*(eb.event(step, value) for step, value in enumerate(values)), good])
    source = events.EventSource(events.roots(str(path)), WANTED)
    assert source.wait(60)
    (series,) = source.series()
    found = list(source.open(series.id).read(range(series.frames)))
    source.close()
    assert np.array_equal(found[-1].data, rows)
    return found


@pytest.mark.parametrize(
    ("sides", "size"),
    [
        ((50_000_000, 3), "1.2 GB"),
        ((1 << 40, 3), "26388.3 GB"),
        ((1 << 62, 1 << 62, 1 << 62), "GB"),  # more elements than 64 bits count
    ],
)
def test_one_number_does_not_stand_for_a_thousand_million(
    tmp_path: pathlib.Path, sides: tuple[int, ...], size: str
) -> None:
    tracemalloc.start()
    first, _ = frames_of(tmp_path, announcing(*sides))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert first.data is None
    assert "Step 0 cannot be shown: it is a tensor of shape" in str(first.error)
    assert f"{size}, and 1 GB is the most; log a smaller one." in str(first.error)
    assert most < 50_000_000


def test_one_number_stands_for_a_few(tmp_path: pathlib.Path) -> None:
    first, _ = frames_of(tmp_path, announcing(4, 3))
    assert np.array_equal(first.data, np.ones((4, 3)))


@pytest.mark.parametrize(
    "value",
    [
        announcing(-1, 3),
        announcing(-(1 << 63), -1),
        announcing(2, 3, content=bytes(8 * 5)),
        announcing(2, 3, content=bytes(7)),
        announcing(2, 3, dtype=0),
        announcing(2, 3, dtype=99),
    ],
    ids=["negative", "overflowing", "too short", "half a number", "no type", "unknown type"],
)
def test_another_shape_than_it_has_costs_one_frame(tmp_path: pathlib.Path, value: eb.Value) -> None:
    first, _ = frames_of(tmp_path, value)
    assert first.data is None
    assert str(first.error).startswith("Step 0 cannot be shown: what was logged is not understood")


def test_the_limit_is_in_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tensors, "MAX_TENSOR_BYTES", 8 * 12)
    assert tensors.array_of(announcing(4, 3).tensor).nbytes == 8 * 12
    with pytest.raises(broken.Unreadable, match=r"shape \[13\]"):
        tensors.array_of(announcing(13).tensor)
    assert tensors.array_of(announcing(13, content=bytes(8 * 13)).tensor).shape == (13,)
