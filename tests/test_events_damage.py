"""A damaged log costs what is damaged, and nothing that came before it."""

from __future__ import annotations

import pathlib
import struct
import tempfile
from typing import Any

import hypothesis
import pytest
from hypothesis import strategies as st

import event_bytes as eb
from tb_animate.model import Wanted
from tb_animate.sources import crc32c, events
from tb_animate.sources.byte_files import LocalFile

WANTED = [Wanted("image", "images", leading=2), Wanted("histogram", "histograms")]


def frames_of(logdir: pathlib.Path) -> tuple[dict[tuple[str, str], list[Any]], int]:
    """By run and tag: step and data of each frame; and how many warnings there are."""
    source = events.EventSource(events.roots(str(logdir)), WANTED)
    assert source.wait(60), "the walk does not end"
    found: dict[tuple[str, str], list[Any]] = {}
    for one in source.series():
        for frame in source.open(one.id).read(range(one.frames)):
            assert (frame.data is None) == (frame.error is not None)
            data = frame.data if isinstance(frame.data, tuple | None) else frame.data.tobytes()
            found.setdefault((one.run, one.tag), []).append((frame.step, data))
    warnings = source.warnings()
    for warning in warnings:
        assert warning.offset is not None
        assert warning.offset >= 0
    source.close()
    return found, len(warnings)


def a_log() -> list[bytes]:
    """Records of all forms, steps increasing, small enough to damage each byte in turn."""
    rows = [(0.0, 1.0, 2.0), (1.0, 2.0, 5.0)]
    return [
        eb.version(),
        *[
            eb.event(step, value)
            for step in range(3, 60, 4)
            for value in (
                eb.tf2_image("two", b"sample %d" % step, b"other"),
                eb.scalar("loss", 1 / (1 + step)),
                eb.tf1_image("one", b"picture %d" % step),
                eb.tf2_histogram("weights", rows),
                eb.tf1_histogram("old", [0, step, 2], [1.0, 2.0, 3.0]),
                eb.tf2_scalar("accuracy", 0.5),
            )
        ],
    ]


RECORDS = a_log()
SIZE = sum(map(len, RECORDS))


def check(damaged: bytes, at: int, *, small: bool) -> None:
    """The frames whose records end before byte `at` are what they were."""
    whole, position = [], 0
    for record in RECORDS:
        position += len(record)
        if position > at:
            break
        whole.append(record)
    with tempfile.TemporaryDirectory() as directory, pytest.MonkeyPatch.context() as patch:
        logdir = pathlib.Path(directory)
        if small:
            patch.setattr(LocalFile, "reads", LocalFile.reads._replace(hop=64))
        # An earlier file of the same run holds the same tags at lower steps.
        earlier = [eb.event(1, eb.tf1_image("one", b"first"), eb.tf2_image("two", b"first"))]
        eb.write(logdir / "kept" / "run", [*earlier], "1.tfevents")
        eb.write(logdir / "kept" / "run", whole, "2.tfevents")
        eb.write(logdir / "hurt" / "run", [*earlier], "1.tfevents")
        eb.write(logdir / "hurt" / "run", [damaged], "2.tfevents")
        kept, _ = frames_of(logdir / "kept")
        hurt, _ = frames_of(logdir / "hurt")
    for key, frames in kept.items():
        assert hurt[key][: len(frames)] == frames


@hypothesis.settings(max_examples=250)
@hypothesis.given(st.integers(0, SIZE - 1), st.integers(0, 7), st.booleans())
def test_a_flipped_bit(at: int, bit: int, small: bool) -> None:
    data = bytearray(b"".join(RECORDS))
    data[at] ^= 1 << bit
    check(bytes(data), at, small=small)


@hypothesis.settings(max_examples=60)
@hypothesis.given(st.integers(0, SIZE - 1), st.binary(min_size=1, max_size=40), st.booleans())
def test_other_bytes(at: int, junk: bytes, small: bool) -> None:
    data = b"".join(RECORDS)
    check(data[:at] + junk + data[at + len(junk) :], at, small=small)


@hypothesis.settings(max_examples=60)
@hypothesis.given(st.integers(0, SIZE))
def test_a_truncation_is_no_damage(at: int) -> None:
    data = b"".join(RECORDS)
    check(data[:at], at, small=False)
    with tempfile.TemporaryDirectory() as directory:
        eb.write(pathlib.Path(directory), [data[:at]])
        assert frames_of(pathlib.Path(directory))[1] == 0


@hypothesis.settings(max_examples=60)
@hypothesis.given(st.binary(max_size=400))
def test_anything_at_all(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as directory:
        eb.write(pathlib.Path(directory), [data])
        assert frames_of(pathlib.Path(directory))[0] == {}


@hypothesis.settings(max_examples=100)
@hypothesis.given(st.lists(st.binary(max_size=60), max_size=5))
def test_any_records(contents: list[bytes]) -> None:
    """Framing and CRC may be right and the content nonsense all the same."""
    with tempfile.TemporaryDirectory() as directory:
        eb.write(pathlib.Path(directory), [eb.record(data) for data in contents])
        frames_of(pathlib.Path(directory))


def one_frame(step: int, data: bytes) -> bytes:
    return eb.event(step, eb.tf1_image("a", data))


def test_a_step_that_is_damaged_drops_nothing(tmp_path: pathlib.Path) -> None:
    """The step of the third is 1 because of a flipped bit, not of a restart."""
    log = [one_frame(2, b"x"), one_frame(4, b"y"), one_frame(5, b"z").replace(b"\x10\5", b"\x10\1")]
    path = eb.write(tmp_path, log)
    found, warnings = frames_of(tmp_path)
    assert [step for step, _ in found[".", "a"]] == [2, 4]
    assert warnings == 1
    path.write_bytes(b"".join([*log[:2], one_frame(1, b"z")]))
    assert [step for step, _ in frames_of(tmp_path)[0][".", "a"]] == [1]


def test_a_damaged_picture_costs_one_frame(tmp_path: pathlib.Path) -> None:
    log = [one_frame(step, b"picture %d" % step) for step in range(9)]
    log[4] = log[4].replace(b"picture", b"pictuse")
    eb.write(tmp_path / "run", log)
    source = events.EventSource(events.roots(str(tmp_path)), WANTED)
    assert source.wait(60)
    (one,) = source.series()
    frames = list(source.open(one.id).read(range(9)))
    assert [frame.step for frame in frames if frame.data is None] == [4]
    assert frames[4].error is not None
    assert "Step 4" in frames[4].error
    assert str(sum(map(len, log[:4]))) in frames[4].error
    assert frames[8].data == (b"4", b"5", b"picture 8")
    source.close()


def test_damage_that_is_mended_is_read_on(tmp_path: pathlib.Path) -> None:
    """A network file system may show zeros where the bytes have not arrived."""
    log = [one_frame(step, b"x") for step in range(6)]
    path = eb.write(tmp_path, [*log[:3], bytes(len(log[3]))])
    source = events.EventSource(events.roots(str(tmp_path)), WANTED)
    assert source.wait(60)
    assert [one.frames for one in source.series()] == [3]
    assert len(source.warnings()) == 1
    generation = source.open(source.series()[0].id).generation
    path.write_bytes(b"".join(log))
    assert source.wait(60)
    (one,) = source.series()
    assert (one.frames, one.complete) == (6, True)
    assert source.open(one.id).generation == generation
    assert source.warnings() == []
    source.close()


def test_compressed_files_are_named(tmp_path: pathlib.Path) -> None:
    import gzip

    eb.write(tmp_path / "run", [gzip.compress(b"".join(RECORDS))], "events.tfevents.gz")
    source = events.EventSource(events.roots(str(tmp_path)), WANTED)
    assert source.wait(60)
    (warning,) = source.warnings()
    assert (warning.run, warning.file, warning.offset) == ("run", "run/events.tfevents.gz", 0)
    source.close()


def test_a_record_larger_than_any_event_is_damage(tmp_path: pathlib.Path) -> None:
    good = one_frame(0, b"x")
    length = struct.pack("<Q", 1 << 31)
    header = length + struct.pack("<I", crc32c.masked_crc32c(length))
    path = eb.write(tmp_path, [good, header])
    with path.open("r+b") as file:
        file.truncate(1 << 32)  # a hole, which takes no room on the disk
    source = events.EventSource(events.roots(str(tmp_path)), WANTED)
    assert source.wait(60)
    (warning,) = source.warnings()
    assert warning.offset == len(good)
    assert "a record announces more than 2,047 MB, the most" in warning.message
    assert [one.frames for one in source.series()] == [1]
    source.close()
