"""Points and what is known of them, from records, folders and both of TensorBoard's loaders."""

from __future__ import annotations

import json
import os
import pathlib
import struct
import time
import zlib
from typing import Any

import hypothesis
import msgpack
import numpy as np
import pytest
from hypothesis import strategies

import event_bytes as eb
import logs
import reading
import servers
import tb_animate
from providers import data_server, multiplexer, sampling_multiplexer, source_over
from reading import read
from tb_animate import errors
from tb_animate.model import Frame, Source, Wanted, series_id
from tb_animate.sources import tables

POINTS = Wanted(kind="cloud", plugin_name="animate", points=True)
IMAGES = Wanted(kind="image", plugin_name="images", leading=2)
LABELS = [f"class {index % 3}" for index in range(30)]


def opened(path: pathlib.Path) -> Source:
    return reading.opened(path, [POINTS, IMAGES])


def labels_of(frame: Frame) -> Any:
    return None if frame.table is None else frame.table.columns["label"]


def labels(*texts: str, **more: Any) -> bytes:
    content = {"version": 1, "columns": [["label", texts]], "ids": None, "sprite": None}
    return json.dumps({**content, **more}).encode()


TWO = np.zeros((2, 3), np.float32)


def test_a_frame_has_the_latest_table_up_to_its_step(tmp_path: pathlib.Path) -> None:
    eb.write(
        tmp_path / "run",
        [
            eb.version(),
            eb.event(0, eb.points("f", TWO)),
            eb.event(10, eb.points_table("f", labels("a", "b"), b"")),
            eb.event(10, eb.points("f", TWO)),
            eb.event(20, eb.points("f", TWO)),
            eb.event(30, eb.points_table("f", labels("c", "d"), b"")),
            eb.event(30, eb.points("f", TWO)),
            eb.event(40, eb.points("f", np.zeros((3, 3), np.float32))),
            eb.event(50, eb.points_table("f", labels("a", "b"), b"")),
            eb.event(50, eb.points("f", TWO)),
        ],
    )
    source = opened(tmp_path)
    (series,) = source.series()
    assert series.tag == "f"
    found = read(source, series)
    # Those of three points are not known: labels of others would be worse than none.
    expected = [None, ("a", "b"), ("a", "b"), ("c", "d"), None, ("a", "b")]
    assert [labels_of(frame) for frame in found] == expected
    assert found[1].table is found[2].table is found[5].table
    assert source.warnings() == []
    with pytest.raises(errors.NotFound):
        source.open(series_id("run", "f" + tables.SUFFIX, tables.RECORDS.kind))


def test_the_generation_changes_with_the_tables(tmp_path: pathlib.Path) -> None:
    begun = [
        eb.version(),
        eb.event(0, eb.points_table("f", labels("a", "b"), b"")),
        eb.event(0, eb.points("f", TWO)),
        eb.event(1, eb.points("f", TWO)),
    ]
    path = eb.write(tmp_path / "run", begun)
    source = opened(tmp_path)
    (series,) = source.series()
    before = source.open(series.id).generation

    appended = [
        *begun,
        eb.event(2, eb.points_table("f", labels("c", "d"), b"")),
        eb.event(2, eb.points("f", TWO)),
    ]
    path.write_bytes(b"".join(appended))
    assert source.wait(30)
    longer = source.open(series.id)
    assert (len(longer.steps), longer.generation) == (3, before)

    # The frame of step 1 is what it was, and yet its labels are others now.
    path.write_bytes(
        b"".join([*appended, eb.event(1, eb.points_table("f", labels("x", "y"), b""))])
    )
    assert source.wait(30)
    other = source.open(series.id)
    assert other.generation != before
    assert [labels_of(frame) for frame in other.read([0, 1])] == [("a", "b"), ("x", "y")]


PICTURE = logs.encode(logs.noise(8))


def announced(side: int) -> bytes:
    """A PNG whose header says that it has so many pixels a side."""
    bomb = bytearray(PICTURE)
    bomb[16:24] = struct.pack(">II", side, side)
    bomb[29:33] = struct.pack(">I", zlib.crc32(bomb[12:29]))
    return bytes(bomb)


HOSTILE: dict[str, tuple[bytes, ...]] = {
    "nothing": (),
    "not JSON": (b"{", b""),
    "not text": (b"\xff\xfe", b""),
    "deep": (b"[" * 100_000, b""),
    "a long number": (b'{"version": ' + b"9" * 10_000 + b"}", b""),
    "a list": (b"[]", b""),
    "a later version": (labels("a", "b", version=2), b""),
    "columns that are none": (labels(columns={"label": ["a", "b"]}), b""),
    "a column without name": (labels(columns=[[["a"], ["a", "b"]]]), b""),
    "numbers": (labels(columns=[["label", [1, 2]]]), b""),
    "a text for a column": (labels(columns=[["label", "ab"]]), b""),
    "different lengths": (labels(columns=[["a", ["1", "2"]], ["b", ["1"]]]), b""),
    "two of one name": (labels(columns=[["a", ["1", "2"]], ["a", ["1", "2"]]]), b""),
    "too many columns": (labels(columns=[[str(i), ["1", "2"]] for i in range(101)]), b""),
    "ids of another length": (labels("a", "b", ids=["1"]), b""),
    "equal ids": (labels("a", "b", ids=["1", "1"]), b""),
    "ids that are none": (labels("a", "b", ids=3), b""),
    "no picture": (labels("a", "b", sprite=[4, 4]), b""),
    "no size": (labels("a", "b", sprite=[0, 4]), PICTURE),
    "a huge size": (labels("a", "b", sprite=[4, 10**30]), PICTURE),
    "a size of three": (labels("a", "b", sprite=[4, 4, 4]), PICTURE),
    "a picture that is none": (labels("a", "b", sprite=[4, 4]), b"no picture"),
    "a picture that bombs": (labels("a", "b", sprite=[4, 4]), announced(100_000)),
    "a true size": (labels("a", "b", sprite=[True, 4]), PICTURE),
}


@pytest.mark.parametrize("entries", HOSTILE.values(), ids=list(HOSTILE))
def test_a_bad_table_leaves_the_points_and_a_sentence(
    tmp_path: pathlib.Path, entries: tuple[bytes, ...]
) -> None:
    eb.write(
        tmp_path / "run",
        [
            eb.version(),
            eb.event(0, eb.points_table("f", *entries)),
            eb.event(0, eb.points("f", TWO)),
            eb.event(1, eb.points("f", TWO)),
            eb.event(2, eb.points_table("f", labels("a", "b"), b"")),
            eb.event(2, eb.points("f", TWO)),
        ],
    )
    source = opened(tmp_path)
    (series,) = source.series()
    found = read(source, series)
    assert [frame.error for frame in found] == [None] * 3
    assert [labels_of(frame) for frame in found] == [None, None, ("a", "b")]
    (warning,) = source.warnings()
    assert warning.run == "run"
    assert warning.message.startswith('What is known of the points of "f" at step 0 is not used: ')
    assert warning.message.endswith(".")
    assert "\n" not in warning.message


def test_a_text_that_no_page_could_show_is_mended() -> None:
    raw = b'{"version": 1, "columns": [["label", ["\\ud800", "b"]]]}'
    table, _ = tables.parse((raw,), "digest")
    assert table.columns["label"] == ("?", "b")


json_values = strategies.recursive(
    strategies.none() | strategies.booleans() | strategies.integers() | strategies.text(max_size=3),
    lambda inner: (
        strategies.lists(inner, max_size=3)
        | strategies.dictionaries(
            strategies.sampled_from(["version", "columns", "ids", "sprite"]), inner
        )
    ),
    max_leaves=8,
)


@hypothesis.given(
    strategies.fixed_dictionaries(
        {"version": strategies.just(1)},
        optional=dict.fromkeys(("columns", "ids", "sprite"), json_values),
    )
    | json_values
    | strategies.binary()
)
def test_whatever_a_record_holds_it_is_a_table_or_unusable(content: Any) -> None:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    try:
        table, size = tables.parse((raw, PICTURE), "digest")
    except tables.Unusable:
        return
    lengths = {len(texts) for texts in (*table.columns.values(), table.ids) if texts is not None}
    assert len(lengths) <= 1
    assert size > 0


def test_tables_are_kept_within_their_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MAX_CACHED_BYTES", 2000)
    cache = tables.TableCache()
    loads: list[int] = []

    def get(place: int) -> Any:
        def load() -> Any:
            loads.append(place)
            raw = labels(*(f"{place} {'x' * 80}" for _ in range(10)))
            return str(place), lambda: tables.parse((raw,), str(place))

        return cache.get(place, load, lambda reason: None)

    assert get(0) is get(0)
    assert get(1).columns["label"][0].startswith("1 ")
    get(2)
    assert loads == [0, 1, 2]
    get(0)
    assert loads == [0, 1, 2, 0]


# All ways to log the same, on both of TensorBoard's data paths.


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    path = tmp_path_factory.mktemp("all")
    clouds = logs.clouds(4)
    with logs.quiet_tensorflow() as tf:
        writer = tf.summary.create_file_writer(os.fspath(path / "tensorflow"))
        with writer.as_default():
            for step, points in enumerate(clouds):
                tb_animate.summary.embedding("words", points, step, metadata=LABELS)
        writer.close()
    with logs.quiet():
        from tensorboardX import SummaryWriter

        other = SummaryWriter(os.fspath(path / "tensorboardx"))
        for step, points in enumerate(clouds):
            tb_animate.summary.embedding("words", points, step, metadata=LABELS, writer=other)
        other.close()
    logs.write_add_embedding(path / "folders", clouds, tag="words", every=1, metadata=LABELS)
    logs.write_keras_embedding(path / "keras", clouds, LABELS)
    return path


RUNS = ["folders", "keras/train", "tensorboardx", "tensorflow"]


def named_multiplexer(path: pathlib.Path) -> Any:
    """As TensorBoard reads a `--logdir_spec`, which its data server does not know."""
    return multiplexer(path, "here")


@pytest.mark.tensorboard
@pytest.mark.parametrize("through", [data_server, multiplexer, named_multiplexer])
def test_equal_data_is_equal_whatever_logged_it(everything: pathlib.Path, through: Any) -> None:
    named = through is named_multiplexer
    flags = {"logdir_spec": f"here:{everything}"} if named else {"logdir": os.fspath(everything)}
    with source_over(through, everything, [POINTS, IMAGES], **flags) as source:
        assert source.wait(60)
        found = {series.run: series for series in source.series()}
        assert sorted(found) == [f"here/{run}" if named else run for run in RUNS]
        for series in found.values():
            assert (series.tag, series.kind, series.frames) == ("words", "cloud", 4)
            assert series.complete
            frames = read(source, series)
            assert [frame.step for frame in frames] == [0, 1, 2, 3]
            for frame, points in zip(frames, logs.clouds(4), strict=True):
                assert frame.error is None
                assert isinstance(frame.data, np.ndarray)
                assert frame.data.dtype == np.float32
                np.testing.assert_array_equal(frame.data, points)
                assert labels_of(frame) == tuple(LABELS)
                assert frame.wall_time == pytest.approx(time.time(), abs=3600)
        assert source.warnings() == []


@pytest.mark.tensorboard
@pytest.mark.parametrize("through", [data_server, multiplexer])
def test_tables_come_through_tensorboard_itself(everything: pathlib.Path, through: Any) -> None:
    """Where the logs are elsewhere, and what TensorBoard keeps is all there is."""
    with source_over(through, everything, [POINTS, IMAGES]) as source:
        found = servers.until(
            lambda: [one for one in source.series() if one.last_step == 3][1:],
            "TensorBoard has read both runs",
        )
        assert [series.kind for series in source.series()] == ["cloud", "cloud"]
        assert found[0].sampled
        for series in source.series():
            frames = servers.until(
                lambda series=series: (
                    [frame for frame in read(source, series) if frame.table is not None][3:]
                    and read(source, series)
                ),
                "all that was logged is there",
            )
            for frame, points in zip(frames, logs.clouds(4), strict=True):
                np.testing.assert_array_equal(frame.data, points)
                assert labels_of(frame) == tuple(LABELS)


@pytest.mark.tensorboard
@pytest.mark.parametrize("through", [data_server, sampling_multiplexer])
def test_a_sample_of_tables_gives_no_frame_the_labels_of_another(
    tmp_path: pathlib.Path, through: Any
) -> None:
    with logs.quiet():
        from tensorboardX import SummaryWriter

        writer = SummaryWriter(os.fspath(tmp_path / "run"))
        for step in range(60):
            known = [str(step // 3)] * 2
            tb_animate.summary.embedding("f", TWO + step, step, known, writer=writer)
        writer.close()

    def expected(step: int) -> tuple[str, str]:
        return (str(step // 3),) * 2

    source = opened(tmp_path)
    frames = read(source, source.series()[0])
    assert [labels_of(frame) for frame in frames] == [expected(step) for step in range(60)]

    with source_over(through, tmp_path, [POINTS, IMAGES]) as source:

        def whole() -> list[Frame]:
            found = [frame for series in source.series() for frame in read(source, series)]
            return found if found and labels_of(found[-1]) == expected(59) else []

        frames = servers.until(whole, "TensorBoard has read the run")
        # Of 20 tables it keeps ten.
        wrong = [frame.step for frame in frames if labels_of(frame) != expected(frame.step)]
        assert 0 < len(wrong) < len(frames)
        assert [frame.step for frame in frames if frame.table and frame.step in wrong] == []


def test_without_a_kind_of_points_nothing_else_is_read(everything: pathlib.Path) -> None:
    source = reading.opened(everything, [IMAGES])
    assert source.series() == []
    assert "keras/train" in source.runs()
    assert "folders" in source.runs()


@pytest.mark.tensorboard
@pytest.mark.parametrize("flag", ["--load_fast=true", "--load_fast=false"])
def test_equal_data_is_at_equal_places_on_the_page(everything: pathlib.Path, flag: str) -> None:
    with servers.tensorboard(everything, flag) as server:
        listed = server.listing()["series"]
        assert [one["run"] for one in listed] == RUNS
        placed = []
        for one in listed:
            answer = server.animate("frames", series=one["id"])
            assert answer.status == 200, answer.text
            placed.append([frame["data"] for frame in msgpack.unpackb(answer.body)["frames"]])
    assert len(set(placed[0])) == 4
    assert placed == [placed[0]] * len(RUNS)
