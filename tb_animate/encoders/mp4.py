"""MP4 with H.264, streamed, and yet a plain file with one table of all pictures.

The pieces of a usual MP4 that is streamed, a fragmented one, come with no table, and then
players know neither how long it is nor where to go in it: FFmpeg's, and so Chromium, does
not read the box for the length, and of a length in the head Apple's players make the double.
A plain file with the table in front can leave only when all is encoded. Here the data come
in boxes of known size, as they are made, and the table behind them: FFmpeg reads it as any
plain file, and Chromium does even from a server that cannot send parts of one.
"""

from __future__ import annotations

import re
import struct
from array import array
from collections.abc import Iterator, Sequence

from tb_animate.encoders import video
from tb_animate.encoders.base import Pictures
from tb_animate.model import Loop

# Of time. 90,000 a second meet the common rates exactly; lengths are 32-bit numbers.
_FINE, _COARSE, _FINE_SECONDS = 90_000, 1_000, 40_000.0
_MOVIE = 1_000

# Constant quality that hardly differs from the picture, at 60 to 500 pictures of 512 x 512
# a second. Pictures that refer to later ones would save a tenth, and need players to shift
# all times: without them each picture's duration stands in the table as it is.
_OPTIONS = {"preset": "faster", "crf": "18", "bf": "0"}

# Pictures that x264 looks at before it decides, as far as they take this many bytes.
_LOOKAHEAD, _LOOKAHEAD_BYTES = 20, 48 * 2**20

_MATRIX = struct.pack(">9I", 1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)
_START_CODE = re.compile(rb"\x00?\x00\x00\x01")


class Mp4Encoder:
    """H.264 High, 4:2:0, BT.709. Odd sides are made even by repeating the last pixels."""

    name = "mp4"
    title = "MP4"
    suffix = ".mp4"
    mime_type = "video/mp4"
    max_fps = video.MAX_FPS
    max_side = 4096
    loops = False
    key_every = video.KEY_EVERY
    extra = "video"

    def encode(self, pictures: Pictures, size: tuple[int, int], loop: Loop) -> Iterator[bytes]:
        """Yields the file's head, the data in boxes, and last the table.

        Whether it repeats is up to the player: the container cannot say.

        Raises:
          errors.AnimateError: PyAV cannot be loaded.
        """
        even = size[0] + size[0] % 2, size[1] + size[1] % 2
        per_second = _FINE if pictures.seconds < _FINE_SECONDS else _COARSE
        ahead = min(_LOOKAHEAD, _LOOKAHEAD_BYTES // (even[0] * even[1] * 3 // 2))
        options = {**_OPTIONS, "rc-lookahead": str(ahead)}
        coder = video.Coder("libx264", self, pictures, even, per_second, options)
        head = _box(b"ftyp", b"isom", struct.pack(">I", 512), b"isomiso2avc1mp41")
        yield head
        place = len(head)
        track = _Track(even, per_second)
        for group in video.grouped(coder.packets(), longest=2**32):
            data = b"".join([track.add(packet) for packet in group])
            track.close_chunk(place + 8, len(group))
            place += 8 + len(data)
            yield _box(b"mdat", data)
        yield track.table(coder.header)


class _Track:
    """What the table says of each picture: 12 bytes."""

    def __init__(self, size: tuple[int, int], per_second: int) -> None:
        self._size, self._per_second = size, per_second
        self._sizes, self._durations, self._keys = array("I"), array("I"), array("I")
        self._offsets, self._counts = array("Q"), array("I")

    def add(self, packet: video.Packet) -> bytes:
        """The picture as the file has it: each unit after its length."""
        units = _units(packet.data)
        data = b"".join([struct.pack(">I", len(unit)) + unit for unit in units])
        self._sizes.append(len(data))
        self._durations.append(packet.duration)
        if packet.key:
            self._keys.append(len(self._sizes))
        return data

    def close_chunk(self, offset: int, count: int) -> None:
        self._offsets.append(offset)
        self._counts.append(count)

    def table(self, header: bytes) -> bytes:
        width, height = self._size
        units = sum(self._durations)
        length = round(units * _MOVIE / self._per_second)
        zeros = bytes(8)  # made and changed at no known time, so that bytes repeat
        movie = _full(
            *(b"mvhd", zeros, struct.pack(">IIIH", _MOVIE, length, 1 << 16, 1 << 8)),
            *(bytes(10), _MATRIX, bytes(24), struct.pack(">I", 2)),
        )
        track = _full(
            *(b"tkhd", zeros, struct.pack(">III", 1, 0, length), bytes(16), _MATRIX),
            *(struct.pack(">II", width << 16, height << 16),),
            flags=3,  # enabled, part of the movie
        )
        undetermined = 0x55C4  # the language
        media = _full(
            *(b"mdhd", zeros, struct.pack(">IIHH", self._per_second, units, undetermined, 0)),
        )
        handler = _full(b"hdlr", bytes(4), b"vide", bytes(12), b"Video\0")
        here = _full(b"url ", flags=1)
        information = _box(
            b"minf",
            _full(b"vmhd", bytes(8), flags=1),
            _box(b"dinf", _full(b"dref", struct.pack(">I", 1), here)),
            self._samples(header),
        )
        return _box(
            b"moov", movie, _box(b"trak", track, _box(b"mdia", media, handler, information))
        )

    def _samples(self, header: bytes) -> bytes:
        wide = bool(self._offsets) and self._offsets[-1] >= 2**32
        first, runs = 1, []
        for count, repeated in _runs(self._counts):
            runs.append((first, count, 1))
            first += repeated
        return _box(
            b"stbl",
            _full(b"stsd", struct.pack(">I", 1), self._description(header)),
            _full(b"stts", _rows([(n, value) for value, n in _runs(self._durations)])),
            _full(b"stss", _rows([(key,) for key in self._keys])),
            _full(b"stsc", _rows(runs)),
            _full(b"stsz", bytes(4), _rows([(size,) for size in self._sizes])),
            _full(
                b"co64" if wide else b"stco",
                _rows([(offset,) for offset in self._offsets], "Q" if wide else "I"),
            ),
        )

    def _description(self, header: bytes) -> bytes:
        sequence, parameters = sorted(
            (unit for unit in _units(header) if unit[0] & 31 in (7, 8)), key=lambda u: u[0] & 31
        )
        configuration = b"".join(
            [
                *(b"\1", sequence[1:4], b"\xff\xe1", struct.pack(">H", len(sequence)), sequence),
                *(b"\1", struct.pack(">H", len(parameters)), parameters),
                b"\xfd\xf8\xf8\0",  # 4:2:0, 8 bits, nothing more
            ]
        )
        colour = struct.pack(">4sHHHB", b"nclx", *[video.BT709] * 3, 0)
        return _box(
            b"avc1",
            *(bytes(6), struct.pack(">H", 1), bytes(16), struct.pack(">HH", *self._size)),
            *(struct.pack(">III", 72 << 16, 72 << 16, 0), struct.pack(">H", 1), bytes(32)),
            *(struct.pack(">Hh", 24, -1), _box(b"avcC", configuration), _box(b"colr", colour)),
        )


def _units(data: bytes) -> list[bytes]:
    """The units of a stream in which each follows a start code, which occurs nowhere else."""
    return _START_CODE.split(data)[1:]


def _runs(values: array[int]) -> Iterator[tuple[int, int]]:
    """(value, how many times in a row)."""
    start = 0
    for place in range(1, len(values) + 1):
        if place == len(values) or values[place] != values[start]:
            yield values[start], place - start
            start = place


def _rows(rows: Sequence[tuple[int, ...]], form: str = "I") -> bytes:
    """How many, and each."""
    packed = [struct.pack(">" + form * len(row), *row) for row in rows]
    return struct.pack(">I", len(rows)) + b"".join(packed)


def _box(kind: bytes, *content: bytes) -> bytes:
    whole = b"".join(content)
    return struct.pack(">I", 8 + len(whole)) + kind + whole


def _full(kind: bytes, *content: bytes, flags: int = 0) -> bytes:
    """A box with a version, which is 0, and flags."""
    return _box(kind, struct.pack(">I", flags), *content)
