"""TFRecord framing, protocol buffers' outer fields, and the CRC they stand on."""

from __future__ import annotations

import itertools
import pathlib
import random
from collections.abc import Iterator

import hypothesis
import pytest
from hypothesis import strategies as st

import event_bytes as eb
import logs
from tb_animate.sources import crc32c, records
from tb_animate.sources.byte_files import ByteFile, LocalFile, open_file

with logs.quiet():
    from tensorboard.compat.tensorflow_stub import pywrap_tensorflow


@pytest.mark.parametrize("size", [0, 1, 3, 4, 5, 2048, 5000, crc32c.CHUNK_BYTES + 1])
def test_crc_is_tensorboards(size: int) -> None:
    data = random.Random(size).randbytes(size)
    assert crc32c.masked_crc32c(data) == pywrap_tensorflow.masked_crc32c(data)


@hypothesis.given(st.binary(max_size=6000), st.lists(st.integers(0, 6000), max_size=4))
def test_crc_in_pieces(data: bytes, cuts: list[int]) -> None:
    crc = 0
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    for start, end in itertools.pairwise(edges):
        crc = crc32c.extend(crc, data[start:end])
    assert crc32c.masked(crc) == crc32c.masked_crc32c(data)


def test_a_header_with_any_flipped_bit_is_damaged() -> None:
    headers = records.Headers()
    header = eb.record(b"x" * 300)[: records.HEADER_BYTES]
    assert headers.check(header) == 300
    assert headers.known == {header: 300}
    for bit in range(8 * len(header)):
        flipped = bytearray(header)
        flipped[bit // 8] ^= 1 << bit % 8
        assert headers.check(bytes(flipped)) is None


def test_remembered_headers_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "HEADERS_KEPT", 3)
    headers = records.Headers()
    for size in range(10):
        assert headers.check(eb.record(bytes(size))[: records.HEADER_BYTES]) == size
        assert len(headers.known) <= 3


@pytest.fixture
def file(tmp_path: pathlib.Path) -> Iterator[tuple[ByteFile, bytes]]:
    data = random.Random(1).randbytes(50_000)
    path = tmp_path / "file"
    path.write_bytes(data)
    opened = open_file(str(path))
    yield opened, data
    opened.close()


def test_window_gives_what_is_in_the_file(file: tuple[ByteFile, bytes]) -> None:
    opened, data = file
    window = records.Window(opened, len(data))
    chance = random.Random(2)
    for _ in range(500):
        start = chance.randrange(len(data))
        count = chance.randrange(min(9000, len(data) - start) + 1)
        assert window.take(start, count) == data[start : start + count]
        assert len(window.buffer) <= opened.reads.largest
    assert window.crc(3, 40_000) == crc32c.masked_crc32c(data[3:40_000])


def test_window_reads_nothing_beyond_the_size_it_was_given(file: tuple[ByteFile, bytes]) -> None:
    """What is appended during a walk belongs to the next one."""
    opened, data = file
    window = records.Window(opened, 1000)
    window.take(990, 10)
    assert window.buffer == data[990:1000]


def test_a_file_that_was_cut_raises_end_of_file(file: tuple[ByteFile, bytes]) -> None:
    opened, data = file
    window = records.Window(opened, len(data) + 100)
    with pytest.raises(EOFError):
        window.take(len(data) - 5, 10)
    with pytest.raises(EOFError):
        window.crc(0, len(data) + 1)


class Nothing(LocalFile):
    """A file that nobody reads."""

    def __init__(self) -> None:
        self.read = lambda count, offset: b""


class MemoryWindow(records.Window):
    """A window on bytes, all of it there from the start or piece by piece."""

    def __init__(self, data: bytes, at_once: int) -> None:
        super().__init__(Nothing(), len(data))
        self._data = data
        self._at_once = at_once

    def fill(self, offset: int, count: int) -> bytes:
        self.base = offset
        self.buffer = self._data[offset : offset + max(count, self._at_once)]
        return self.buffer


def windows(data: bytes) -> list[records.Window]:
    return [MemoryWindow(data, at_once) for at_once in (1, 7, len(data))]


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b"\x00", 0),
        (b"\x7f", 127),
        (b"\x80\x01", 128),
        (b"\xac\x82\x80\x00", 300),
        (b"\xff" * 9 + b"\x01", 2**64 - 1),
    ],
)
def test_varints(data: bytes, value: int) -> None:
    for window in windows(data) + windows(data + bytes(40)):
        assert window.varint(0, len(data)) == (value, len(data))
        with pytest.raises(records.Malformed):
            window.varint(0, len(data) - 1)
    assert records.signed(value) == (-1 if value == 2**64 - 1 else value)


def test_a_varint_over_64_bits_is_malformed() -> None:
    for data in (b"\xff" * 9 + b"\x02", b"\xff" * 10 + b"\x01"):
        for window in windows(data + bytes(20)):
            with pytest.raises(records.Malformed):
                window.varint(0, 11)


@hypothesis.given(st.binary(max_size=60))
def test_fields_of_anything(data: bytes) -> None:
    """Any bytes are either a message, whose fields lie in order inside it, or malformed."""
    for window in windows(data):
        end = offset = 0
        try:
            for number, wire, value, after in records.fields(window, 0, len(data)):
                assert number > 0
                assert end < after <= len(data)
                if wire == records.BYTES:
                    assert end < value <= after
                end = after
            assert end == len(data)
        except records.Malformed as error:
            offset = error.offset
        assert offset == 0 or end <= offset <= len(data)
