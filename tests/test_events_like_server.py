"""The index keeps what TensorBoard's data server keeps: runs, steps, bytes, descriptions."""

from __future__ import annotations

import pathlib
import tempfile
from typing import Any

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st
from tensorboard.compat.proto import event_pb2

import conftest
import data_server
import event_bytes as eb
from tb_animate.model import Wanted
from tb_animate.sources import events
from tb_animate.sources.byte_files import LocalFile, Reads

WANTED = [Wanted("image", "images", leading=2), Wanted("histogram", "histograms")]

INT64 = st.integers(-(2**63), 2**63 - 1)
STEPS = st.one_of(st.integers(0, 12), st.integers(0, 12), st.integers(-3, 3000), INT64)
WALL_TIMES = st.one_of(
    st.floats(1.0, 2e9), st.floats(1.0, 2e9), st.sampled_from([0.0, -1.0, np.inf, -np.inf])
)
TAGS = st.sampled_from(["a", "b/image", "ü", "", "__run_graph__"])
BYTES = st.binary(max_size=300)
NUMBERS = st.lists(st.floats(allow_nan=False, width=32), max_size=5)


@st.composite
def values(draw: st.DrawFn) -> eb.Value:
    tag = draw(TAGS)
    form = draw(st.integers(0, 11))
    if form <= 1:
        samples = draw(st.lists(BYTES, max_size=4))
        return eb.tf2_image(tag, *samples, data_class=draw(st.sampled_from([0, 3])))
    if form <= 3:
        return eb.tf1_image(tag, draw(BYTES), width=draw(st.integers(0, 2000)))
    if form == 4:
        return eb.tf2_image(tag, draw(BYTES), plugin=None, data_class=0)
    if form == 5:
        counts, limits = draw(NUMBERS), draw(NUMBERS)
        cut = draw(st.sampled_from([len(counts), min(len(counts), len(limits))]))
        return eb.tf1_histogram(tag, counts[:cut], limits[:cut])
    if form == 6:
        rows = draw(st.lists(st.tuples(*[st.floats(allow_nan=False)] * 3), max_size=4))
        return eb.tf2_histogram(tag, rows, data_class=draw(st.sampled_from([0, 2])))
    if form == 7:
        return eb.scalar(tag, 0.5)
    if form == 8:
        return eb.tf2_scalar(tag, 0.5)
    if form == 9:
        # Only metadata, as hparams have it.
        return eb.described(eb.Value(tag=tag), draw(st.sampled_from(["images", "histograms"])), 0)
    value = eb.tf2_image(
        tag,
        b"sample",
        plugin=draw(st.sampled_from(["images", "text", "mine"])),
        data_class=draw(st.integers(0, 9)),
    )
    if form == 11:
        odd = draw(st.sampled_from(["scalar", "matrix", "no type", "shape"]))
        if odd == "no type":
            value.tensor.dtype = eb.DT_FLOAT
        else:
            del value.tensor.tensor_shape.dim[:]
            sizes = {"scalar": [], "matrix": [1, 3], "shape": [77]}[odd]
            for size in sizes:
                value.tensor.tensor_shape.dim.add(size=size)
    return value


@st.composite
def records_of_file(draw: st.DrawFn) -> list[bytes]:
    made = [eb.version()]
    for step, wall_time, content in draw(
        st.lists(st.tuples(STEPS, WALL_TIMES, st.lists(values(), max_size=3)), max_size=9)
    ):
        made.append(eb.event(step, *content, wall_time=wall_time))
    extra = draw(st.sampled_from(["", "", "graph", "run metadata", "empty", "session"]))
    if extra:
        event = event_pb2.Event(step=draw(STEPS), wall_time=1.0)
        if extra == "graph":
            event.graph_def = b"graph"
        elif extra == "run metadata":
            event.tagged_run_metadata.tag = draw(TAGS)
            event.tagged_run_metadata.run_metadata = b"metadata"
        elif extra == "session":
            event.session_log.status = 1
        data = b"" if extra == "empty" else event.SerializeToString()
        made.insert(draw(st.integers(0, len(made))), eb.record(data))
    return made


RUNS = st.dictionaries(
    st.sampled_from([".", "train", "train/deep", ".hidden", "ü x", "a,b:c"]),
    st.dictionaries(
        st.sampled_from(
            ["tfevents", "events.out.tfevents.9", "events.out.tfevents.10", "X.tfevents~"]
        ),
        records_of_file(),
        min_size=1,
        max_size=3,
    ),
    min_size=1,
    max_size=4,
)


def images(source: events.EventSource) -> dict[tuple[str, str], list[Any]]:
    return {
        (one.run, one.tag): [
            (frame.step, frame.wall_time, frame.data)
            for frame in source.open(one.id).read(range(one.frames))
        ]
        for one in source.series()
        if one.kind == "image"
    }


def compare(logdir: pathlib.Path) -> None:
    with data_server.reading(logdir) as server:
        source = events.EventSource(events.roots(str(logdir)), WANTED)
        assert source.wait(60)
        assert source.runs() == server.runs()
        served = server.images()
        assert images(source) == served
        described = server.described()
        for one in source.series():
            index = source.open(one.id)
            assert one.frames == len(index.steps) == one.logged
            assert (one.first_step, one.last_step) == (index.steps[0], index.steps[-1])
            assert np.all(np.diff(index.steps) > 0) or np.ptp(index.steps) < 0
            if one.kind == "image":
                found = one.samples, one.display_name, one.description
                assert found == described[one.run, one.tag]
        histograms = server.histograms()
        mine = [one for one in source.series() if one.kind == "histogram"]
        assert {(one.run, one.tag) for one in mine} == histograms.keys()
        for one in mine:
            for frame, (step, wall_time, array) in zip(
                source.open(one.id).read(range(one.frames)),
                histograms[one.run, one.tag],
                strict=True,
            ):
                assert (frame.step, frame.wall_time) == (step, wall_time)
                if array is None:
                    assert frame.data is None
                    assert f"Step {step} cannot be shown" in str(frame.error)
                    continue
                assert isinstance(frame.data, np.ndarray)
                assert frame.data.shape == array.shape
                assert frame.data.dtype == array.dtype
                np.testing.assert_array_equal(frame.data, array)
        source.close()


@hypothesis.settings(max_examples=100)
@hypothesis.given(RUNS)
def test_random_logs(runs: dict[str, dict[str, list[bytes]]]) -> None:
    with tempfile.TemporaryDirectory() as directory:
        logdir = pathlib.Path(directory)
        for run, files in runs.items():
            for name, content in files.items():
                eb.write(logdir / run, content, name)
        compare(logdir)


@hypothesis.settings(max_examples=40)
@hypothesis.given(RUNS, st.integers(1, 60))
def test_random_logs_through_small_windows(
    runs: dict[str, dict[str, list[bytes]]], window: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(LocalFile, "reads", Reads(window, 3 * window, 2 * window))
        test_random_logs.hypothesis.inner_test(runs)


def test_all_writers(logdir: conftest.Logdir, tmp_path: pathlib.Path) -> None:
    """TensorFlow, its old writer, tensorboardX, torch: what they write themselves."""
    for run in logdir.runs:
        for path in (logdir.path / run).glob("*tfevents*"):
            eb.write(tmp_path / run, [path.read_bytes()], path.name)
    compare(tmp_path)


def test_links_and_odd_files(tmp_path: pathlib.Path) -> None:
    logdir = tmp_path / "logs"
    eb.write(logdir / "real", [eb.event(1, eb.tf1_image("a", b"1"))])
    eb.write(tmp_path / "elsewhere" / "deep", [eb.event(2, eb.tf1_image("a", b"2"))])
    (logdir / "linked").symlink_to(tmp_path / "elsewhere")
    (logdir / "again").symlink_to(logdir / "real")
    (logdir / "loop").symlink_to(logdir)
    (logdir / "real" / "up").symlink_to(logdir)
    (logdir / "nowhere.tfevents").symlink_to(tmp_path / "nothing")
    (logdir / "a.tfevents.directory").mkdir()
    eb.write(logdir / "other", [eb.event(3, eb.tf1_image("a", b"3"))], "events.v2")
    source = events.EventSource(events.roots(str(logdir)), WANTED)
    assert source.wait(60)
    assert source.runs() == ["again", "linked/deep", "real"]
    with data_server.reading(logdir) as server:
        assert server.runs() == source.runs()
    source.close()


@pytest.mark.parametrize(
    "odd",
    [
        pytest.param(eb.event(5, eb.tf1_image("a", b"x"), wall_time=np.nan), id="time"),
        pytest.param(eb.event(5, eb.scalar("loss", 1.0), wall_time=np.nan), id="time of a scalar"),
        pytest.param(eb.record(b"\x09\x00"), id="short"),
        pytest.param(eb.record(b"\x2a\x7f\x0a"), id="long"),
        pytest.param(eb.record(b"\x15\x00\x00\x00\x00"), id="type"),
        pytest.param(eb.record(b"\x10" + b"\xff" * 9 + b"\x7f"), id="varint"),
        pytest.param(eb.event(5, eb.tf1_image("b", b"")).replace(b"b", b"\xff"), id="utf-8"),
        pytest.param(b"\0" * 16, id="zeros"),
        pytest.param(eb.record(b"")[:8] + b"\1\1\1\1" + b"\0" * 4, id="header"),
    ],
)
def test_what_ends_a_file(odd: bytes, tmp_path: pathlib.Path) -> None:
    """Where the server reads no further the index does not either, and says so."""
    before = [eb.event(step, eb.tf1_image("a", b"y")) for step in (1, 2)]
    before += [eb.event(step, eb.scalar("loss", 0.5)) for step in (1, 2)]
    eb.write(tmp_path / "run", [*before, odd, eb.event(7, eb.tf1_image("a", b"z"))])
    with data_server.reading(tmp_path) as server:
        source = events.EventSource(events.roots(str(tmp_path)), WANTED)
        assert source.wait(60)
        assert images(source) == server.images()
    (series,) = [one for one in source.series() if one.tag == "a"]
    assert (series.frames, series.complete, series.logged) == (2, False, None)
    (warning,) = source.warnings()
    assert (warning.run, warning.file) == ("run", "run/1.tfevents")
    assert warning.offset == sum(map(len, before))
    assert "4 records" in warning.message
    source.close()


def test_a_summary_in_two_parts(tmp_path: pathlib.Path) -> None:
    """Protocol buffers may come in pieces; no writer does it, and the server joins them."""
    first = event_pb2.Event(step=1, wall_time=1.0)
    first.summary.value.append(eb.tf1_image("a", b"1"))
    second = event_pb2.Event(step=2)
    second.summary.value.append(eb.tf1_image("b", b"2"))
    graph = event_pb2.Event(step=3, graph_def=b"graph")
    pieces = [first.SerializeToString(), second.SerializeToString()]
    eb.write(tmp_path, [eb.record(b"".join(pieces))])
    eb.write(tmp_path, [eb.record(pieces[0] + graph.SerializeToString())], "2.tfevents")
    compare(tmp_path)


def test_many_values_in_one_event(tmp_path: pathlib.Path) -> None:
    """As TensorFlow 1's merge_all wrote them."""
    content = [
        eb.event(
            step,
            *[eb.scalar(f"loss/{index}", 1.0) for index in range(50)],
            *[eb.tf1_image(f"image/{index}", b"%d" % (step * index)) for index in range(30)],
        )
        for step in range(5)
    ]
    eb.write(tmp_path / "run", content)
    compare(tmp_path)
