"""WebM with VP9, streamed.

VP9 rather than AV1: every browser plays it, on older devices too, and PyAV's encoder of AV1
holds dozens of pictures back.

Elements and their identifiers: RFC 8794 (EBML) and RFC 9559 (Matroska).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from tb_animate.encoders import video
from tb_animate.encoders.base import Pictures
from tb_animate.model import Loop

_PER_SECOND = 1_000

# Constant quality. In its mode for calls the encoder holds no pictures back, so that each
# leaves at once; it is up to twice as fast as in the other one (35 to 75 pictures of 512 x 512
# a second), and files are no larger. The next faster setting adds 20 to 180 % to drawings.
_OPTIONS = {
    "crf": "20",
    "b": "0",
    "deadline": "realtime",
    "cpu-used": "4",
    "lag-in-frames": "0",
    "row-mt": "1",
}

_CLUSTER_UNITS = 0x7FFF  # times within one are signed 16-bit numbers
_VIDEO = 1
_UNKNOWN_SIZE = b"\x01" + b"\xff" * 7


class WebmEncoder:
    """VP9 profile 0, 4:2:0, BT.709, of any size."""

    name = "webm"
    title = "WebM"
    suffix = ".webm"
    mime_type = "video/webm"
    max_fps = video.MAX_FPS
    max_side = 16384
    loops = False
    key_every = video.KEY_EVERY
    extra = "video"

    def encode(self, pictures: Pictures, size: tuple[int, int], loop: Loop) -> Iterator[bytes]:
        """Yields the head, which says how long all is, then the pictures in clusters.

        Whether it repeats is up to the player: the container cannot say.

        Raises:
          errors.AnimateError: PyAV cannot be loaded.
        """
        coder = video.Coder("libvpx-vp9", self, pictures, size, _PER_SECOND, _OPTIONS)
        yield _head(size, pictures.seconds)
        for group in video.grouped(coder.packets(), longest=_CLUSTER_UNITS):
            start = group[0].start
            blocks = [_block(packet, start) for packet in group]
            yield _element(0x1F43B675, _number(0xE7, start), *blocks)


def _head(size: tuple[int, int], seconds: float) -> bytes:
    document = _element(
        0x1A45DFA3,
        *(_number(0x4286, 1), _number(0x42F7, 1), _number(0x42F2, 4), _number(0x42F3, 8)),
        *(_element(0x4282, b"webm"), _number(0x4287, 4), _number(0x4285, 2)),
    )
    information = _element(
        0x1549A966,
        _number(0x2AD7B1, 1_000_000),  # nanoseconds in a unit of time
        _element(0x4489, struct.pack(">d", round(seconds * _PER_SECOND))),
        *(_element(0x4D80, b"tb_animate"), _element(0x5741, b"tb_animate")),
    )
    colour = _element(
        0x55B0,
        *(_number(0x55B1, video.BT709), _number(0x55BA, video.BT709)),
        *(_number(0x55BB, video.BT709), _number(0x55B9, video.LIMITED)),
    )
    track = _element(
        0xAE,
        *(_number(0xD7, 1), _number(0x73C5, 1), _number(0x83, _VIDEO), _number(0x9C, 0)),
        _element(0x86, b"V_VP9"),
        _element(0xE0, _number(0xB0, size[0]), _number(0xBA, size[1]), colour),
    )
    segment = bytes.fromhex("18538067") + _UNKNOWN_SIZE
    return document + segment + information + _element(0x1654AE6B, track)


def _block(packet: video.Packet, cluster: int) -> bytes:
    """A picture with its duration, which the last one of a clip would otherwise lack.

    In this form a picture that needs an earlier one says so by naming it.
    """
    place = struct.pack(">BhB", 0x81, packet.start - cluster, 0)
    content = [_element(0xA1, place + packet.data), _number(0x9B, packet.duration)]
    if not packet.key:
        content.append(_element(0xFB, struct.pack(">b", -1)))
    return _element(0xA0, *content)


def _number(identifier: int, value: int) -> bytes:
    length = max((value.bit_length() + 7) // 8, 1)
    return _element(identifier, value.to_bytes(length, "big"))


def _element(identifier: int, *content: bytes) -> bytes:
    whole = b"".join(content)
    size = 1
    while len(whole) >= (1 << 7 * size) - 1:  # all ones would mean an unknown size
        size += 1
    marked = (1 << 7 * size) | len(whole)
    name = identifier.to_bytes((identifier.bit_length() + 7) // 8, "big")
    return name + marked.to_bytes(size, "big") + whole
