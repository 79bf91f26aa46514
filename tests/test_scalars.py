"""Every point of every scalar, as TensorBoard's data server would serve it without a limit."""

from __future__ import annotations

import math
import os
import pathlib
import struct
import tempfile

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

import data_server
import event_bytes as eb
import logs
from tb_animate.scalars import MAX_POINTS, Points, thin
from tb_animate.sources import event_fields, events
from tb_animate.sources.byte_files import LocalFile, Reads
from tb_animate.sources.records import Window
from tb_animate.sources.scalars import EventScalars

FLOATS = st.floats(width=32)
STEPS = st.one_of(
    st.integers(0, 12), st.integers(0, 3000), st.sampled_from([-1, -(2**63), 2**62, 2**63 - 1])
)
# Of one byte and of two in a record's lengths.
TAGS = st.sampled_from(["a", "loss/train", "ü" * 20, "long" * 40, ""])


@st.composite
def tensors(draw: st.DrawFn) -> eb.Value:
    """What the tensor of a scalar may be, and often is not."""
    dtype = draw(st.sampled_from([eb.DT_FLOAT, eb.DT_FLOAT, eb.DT_DOUBLE, 0]))
    sides = draw(st.sampled_from([[], [], [], [1], [2]]))
    value = eb.tensor(draw(TAGS), dtype, *sides)
    eb.described(value, "scalars", draw(st.sampled_from([0, 1, 1])))
    form = draw(st.integers(0, 5))
    if form <= 2:
        value.tensor.float_val.extend(draw(st.lists(FLOATS, min_size=form, max_size=form)))
    if form in (0, 1, 3, 4):
        value.tensor.tensor_content = struct.pack("<f", draw(FLOATS)) * (1 + (form == 4))
    return value


@st.composite
def values(draw: st.DrawFn) -> eb.Value:
    tag, form = draw(TAGS), draw(st.integers(0, 9))
    if form <= 4:
        return eb.scalar(tag, draw(FLOATS))
    if form <= 6:
        return eb.tf2_scalar(tag, draw(FLOATS))
    if form == 7:
        return eb.tf1_image(tag, b"image")
    return draw(tensors())


@st.composite
def content(draw: st.DrawFn) -> list[bytes]:
    """A file in which most events follow the ones before them, as in a log."""
    made = [eb.version()]
    step = 0
    for _ in range(draw(st.integers(0, 6))):
        step = draw(STEPS)
        value = draw(values())
        if draw(st.booleans()):
            made.append(eb.event(step, value, draw(values())))
            continue
        for number in draw(st.lists(FLOATS, max_size=4)):
            made.append(eb.event(min(step, 2**63 - 1), value))
            step += draw(st.integers(0, 200))
            value = type(value).FromString(value.SerializeToString())
            if value.HasField("simple_value"):
                value.simple_value = number
            elif len(value.tensor.float_val) == 1:
                value.tensor.float_val[0] = number
            elif len(value.tensor.tensor_content) == 4:
                value.tensor.tensor_content = struct.pack("<f", number)
    return made


RUNS = st.dictionaries(
    st.sampled_from([".", "train"]),
    st.lists(content(), min_size=1, max_size=3),
    min_size=1,
)


def curves(source: EventScalars) -> dict[tuple[str, str], list[tuple[int, float, float]]]:
    found = {}
    for one in source.scalars():
        points = source.points(one.run, one.tag)
        assert points is not None
        assert one.points == len(points.steps)
        assert (one.first_step, one.last_step) == (points.steps[0], points.steps[-1])
        assert (points.steps[1:] > points.steps[:-1]).all()
        assert points.values.dtype == np.float32
        rows = points.steps.tolist(), points.wall_times.tolist(), points.values.tolist()
        found[one.run, one.tag] = list(zip(*rows, strict=True))
    return found


def opened(logdir: pathlib.Path) -> EventScalars:
    source = EventScalars(events.roots(os.fspath(logdir)))
    assert source.wait(60)
    return source


def compare(logdir: pathlib.Path) -> dict[tuple[str, str], list[tuple[int, float, float]]]:
    with data_server.reading(logdir) as server:
        found = curves(opened(logdir))
        # As text, in which NaN is like NaN.
        assert repr(sorted(found.items())) == repr(sorted(server.scalars().items()))
    return found


@hypothesis.settings(max_examples=100)
@hypothesis.given(RUNS)
def test_random_logs(runs: dict[str, list[list[bytes]]]) -> None:
    with tempfile.TemporaryDirectory() as directory:
        logdir = pathlib.Path(directory)
        for run, files in runs.items():
            for number, made in enumerate(files):
                eb.write(logdir / run, made, f"{number}.tfevents")
        compare(logdir)


@hypothesis.settings(max_examples=30)
@hypothesis.given(RUNS, st.integers(1, 60))
def test_random_logs_through_small_windows(runs: dict[str, list[list[bytes]]], window: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(LocalFile, "reads", Reads(window, 3 * window, 2 * window))
        test_random_logs.hypothesis.inner_test(runs)


NUMBERS = [1.0, 0.1, math.nan, math.inf, -math.inf, 0.0, -2.5]


def rounded(numbers: list[float]) -> str:
    """As they come back: float32, and NaN is like NaN."""
    return repr(np.array(numbers, np.float32).tolist())


def test_tensorflow(tmp_path: pathlib.Path) -> None:
    with logs.quiet_tensorflow() as tf:
        writer = tf.summary.create_file_writer(str(tmp_path / "run"))
        with writer.as_default():
            for step, number in enumerate(NUMBERS):
                tf.summary.scalar("loss", number, step=10 * step, description="how bad")
                tf.summary.histogram("weights", [number], step=step)
        writer.close()
    found = compare(tmp_path)
    assert [step for step, _, _ in found["run", "loss"]] == [0, 10, 20, 30, 40, 50, 60]
    assert rounded(NUMBERS) == repr([number for _, _, number in found["run", "loss"]])
    (one,) = opened(tmp_path).scalars()
    assert (one.run, one.tag, one.description, one.sampled) == ("run", "loss", "how bad", False)


def test_tensorboardx_and_its_restarts(tmp_path: pathlib.Path) -> None:
    with logs.quiet():
        from tensorboardX import SummaryWriter

        for first, numbers in ((0, NUMBERS), (4, [7.0, 8.0])):
            name = f".{first}"
            writer = SummaryWriter(str(tmp_path), filename_suffix=name, purge_step=first or None)
            for step, number in enumerate(numbers, first):
                writer.add_scalar("loss", number, step)
            writer.close()
    found = compare(tmp_path)
    assert [step for step, _, _ in found[".", "loss"]] == [0, 1, 2, 3, 4, 5]
    expected = [*NUMBERS[:4], 7.0, 8.0]
    assert rounded(expected) == repr([number for _, _, number in found[".", "loss"]])


def test_many_values_in_one_event(tmp_path: pathlib.Path) -> None:
    """As TensorFlow 1's merge_all wrote them."""
    made = [
        eb.event(step, *[eb.scalar(f"loss/{part}", step + part / 8) for part in range(20)])
        for step in range(50)
    ]
    eb.write(tmp_path, made)
    found = compare(tmp_path)
    assert len(found) == 20
    assert [number for _, _, number in found[".", "loss/7"]] == [s + 7 / 8 for s in range(50)]


def test_a_tag_that_changes_its_form(tmp_path: pathlib.Path) -> None:
    made = [
        eb.event(step, (eb.scalar, eb.tf2_scalar)[step // 3 % 2]("a", step)) for step in range(20)
    ]
    eb.write(tmp_path, made)
    found = compare(tmp_path)
    assert [(step, number) for step, _, number in found[".", "a"]] == [(s, s) for s in range(20)]


def part(key: int, payload: bytes) -> bytes:
    """A field with a payload of less than 128 bytes."""
    return bytes([key, len(payload)]) + payload


def raw(step: int, number: float, behind: bytes = b"", behind_all: bytes = b"") -> bytes:
    """A scalar of the tag "a", with more fields behind its number and behind the summary."""
    value = part(0x0A, b"a") + b"\x15" + struct.pack("<f", number) + behind
    summary = part(0x2A, part(0x0A, value))
    return eb.record(
        b"\x09" + struct.pack("<d", 1.7e9) + bytes([0x10, step]) + summary + behind_all
    )


def doubtful(step: int, dtype: int) -> bytes:
    value = eb.tf2_scalar("a", step)
    value.tensor.dtype = dtype
    return eb.event(step, value)


LOOKALIKES = {
    "another type": [doubtful(1, eb.DT_FLOAT), doubtful(2, eb.DT_DOUBLE), doubtful(3, eb.DT_FLOAT)],
    "another tag behind": [
        raw(1, 1.0, part(0x3A, b"b")),
        raw(2, 2.0, part(0x0A, b"b")),
        raw(3, 3.0, part(0x3A, b"b")),
    ],
    "another step behind": [raw(step, step, behind_all=b"\x10\x05") for step in (1, 2, 7)],
    "two values": [
        eb.event(step, eb.scalar("a", step), eb.scalar("b", 5.0)) for step in range(1, 4)
    ],
}


@pytest.mark.parametrize("made", LOOKALIKES.values(), ids=list(LOOKALIKES))
def test_events_that_are_almost_alike(made: list[bytes], tmp_path: pathlib.Path) -> None:
    assert len({len(one) for one in made}) == 1
    eb.write(tmp_path, made)
    assert compare(tmp_path)


def test_a_log_that_grows_restarts_and_is_replaced(tmp_path: pathlib.Path) -> None:
    path = eb.write(tmp_path / "run", [eb.event(step, eb.scalar("a", step)) for step in range(5)])
    source = opened(tmp_path)

    def read() -> list[tuple[int, float]]:
        assert source.wait(60)
        points = source.points("run", "a")
        assert points is not None
        assert source.scalars()[0].points == len(points.steps)
        return list(zip(points.steps.tolist(), points.values.tolist(), strict=True))

    assert read() == [(step, step) for step in range(5)]
    more = b"".join(eb.event(step, eb.scalar("a", step)) for step in range(5, 9))
    with path.open("ab") as file:
        # Half a record waits for its other half.
        file.write(more[:-20])
        file.flush()
        assert read() == [(step, step) for step in range(8)]
        file.write(more[-20:])
    assert read() == [(step, step) for step in range(9)]
    eb.write(tmp_path / "run", [eb.event(3, eb.scalar("a", -1.0))], "2.tfevents")
    assert read() == [(0, 0), (1, 1), (2, 2), (3, -1)]
    eb.write(tmp_path / "run", [eb.event(1, eb.scalar("a", 0.5))], "1.tfevents")
    assert read() == [(1, 0.5), (3, -1)]
    assert source.points("run", "b") is None
    assert source.points("b", "a") is None
    source.close()


def test_a_damaged_step_that_goes_back_drops_nothing(tmp_path: pathlib.Path) -> None:
    made = [eb.event(step, eb.scalar("a", step)) for step in range(1, 6)]
    odd = bytearray(made[4])
    odd[22] = 2  # Was step 5.
    eb.write(tmp_path, [*made[:4], bytes(odd)])
    source = opened(tmp_path)
    points = source.points(".", "a")
    assert points is not None
    assert points.steps.tolist() == [1, 2, 3, 4]


def million(directory: pathlib.Path, count: int = 1_000_000) -> tuple[int, int]:
    """A log of so many points. Returns the steps of a spike and of a NaN.

    Made from one record by changing its numbers: TensorBoard looks at no data's checksum.
    """
    first = 100_000  # From here on steps take three bytes, up to two million.
    head, tail = 12 + 1, 4 + 4
    record = eb.event(first, eb.scalar("loss", 0.0), wall_time=1.7e9)
    table = np.tile(np.frombuffer(record, np.uint8), (count, 1))
    steps = first + np.arange(count)
    walls = 1.7e9 + np.arange(count) / 8
    table[:, head : head + 8] = walls.astype("<f8").view(np.uint8).reshape(count, 8)
    for byte in range(3):
        table[:, head + 9 + byte] = steps >> 7 * byte & 0x7F | (0x80 if byte < 2 else 0)
    numbers = np.sin(np.arange(count) / 1e4).astype("<f4")
    spike, odd = 123_457, 777_777
    numbers[[spike, odd]] = 99.0, np.nan
    table[:, -tail:-4] = numbers.view(np.uint8).reshape(count, 4)
    # The tag's first value is checked.
    eb.write(directory, [record, table[1:].tobytes()])
    return first + spike, first + odd


def test_a_million_points(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spike, odd = million(tmp_path / "run")
    taken_apart = []
    read_event = event_fields.read_event

    def noted(window: Window, start: int, end: int) -> event_fields.Event:
        taken_apart.append(start)
        return read_event(window, start, end)

    monkeypatch.setattr(event_fields, "read_event", noted)
    source = opened(tmp_path)
    assert len(taken_apart) < 10
    (one,) = source.scalars()
    assert (one.points, one.first_step, one.last_step) == (1_000_000, 100_000, 1_099_999)
    points = source.points("run", "loss")
    assert points is not None
    assert (points.steps == 100_000 + np.arange(1_000_000)).all()
    assert (points.wall_times == 1.7e9 + np.arange(1_000_000) / 8).all()
    expected = np.sin(np.arange(1_000_000) / 1e4).astype(np.float32)
    different = np.flatnonzero(points.values != expected)
    assert (100_000 + different).tolist() == [spike, odd]
    thinned = thin(points)
    assert len(thinned.steps) <= MAX_POINTS
    by_step = dict(zip(thinned.steps.tolist(), thinned.values.tolist(), strict=True))
    assert by_step[spike] == 99.0
    assert math.isnan(by_step[odd])
    source.close()


@hypothesis.given(
    st.lists(FLOATS, min_size=1, max_size=300),
    st.integers(5, 40),
)
def test_thinning_keeps_what_one_would_see(numbers: list[float], most: int) -> None:
    values = np.array(numbers, np.float32)
    steps = 3 * np.arange(len(values))
    thinned = thin(Points(steps, steps / 2, values), most)
    assert len(thinned.steps) <= most
    assert (np.diff(thinned.steps) > 0).all()
    kept = thinned.steps // 3
    assert (kept[0], kept[-1]) == (0, len(values) - 1)
    assert (thinned.wall_times == thinned.steps / 2).all()
    np.testing.assert_array_equal(thinned.values, values[kept])
    if len(values) <= most:
        assert len(kept) == len(values)
    finite, still = (part[np.isfinite(part)] for part in (values, thinned.values))
    if len(finite):
        assert (still.min(), still.max()) == (finite.min(), finite.max())
    assert np.isfinite(values).all() == np.isfinite(thinned.values).all()


def test_thinning_is_even() -> None:
    count = 10_000
    values = np.tile(np.array([0, 1, 2, 1], np.float32), count // 4)
    steps = np.arange(count)
    kept = thin(Points(steps, steps.astype(float), values), 302).steps
    assert 190 <= len(kept) <= 302
    assert np.diff(kept).max() <= 2 * 100
    assert {0.0, 2.0} <= set(values[kept[1:-1]].tolist())
