"""What the video formats share: pictures through one of PyAV's codecs.

PyAV and imageio-ffmpeg both bring H.264 and VP9 for Linux, macOS and Windows and for all of
Python 3.10 to 3.13. PyAV (BSD; the FFmpeg in it is under the GPL for x264's sake, and so is
imageio-ffmpeg's, which is why neither is more than an extra) takes half of the download (36
instead of 68 MB) and of the disk, gives each picture a time of its own, and runs in this
process: no program to end when a client leaves. Only the codecs are used. The containers
are written here, since libavformat's need either a file to go back in or a form of MP4
that many players show without a length (see mp4.py), and these are small.

The same pictures give the same bytes: the number of threads is fixed, and neither codec
asks the clock.
"""

from __future__ import annotations

import fractions
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tb_animate import errors
from tb_animate.encoders.base import Pictures, hint
from tb_animate.encoders.changes import rounded

if TYPE_CHECKING:
    from av import VideoCodecContext, VideoFrame

    from tb_animate.encoders.base import Encoder

# Faster than common screens.
MAX_FPS = 120.0

# Two suit the usual drawing of one picture at a time, and several exports at once.
THREADS = 2

# Pictures from one that can be shown on its own to the next: a player goes to any within
# a blink, and they cost less than a tenth of the file.
KEY_EVERY = 90

# BT.709, limited range: what players take untagged video of this size for, too.
BT709 = 1
LIMITED, FULL = 1, 2

_FIRST_GROUP, _LARGEST_GROUP = 2**16, 2**22  # bytes


class Packet(NamedTuple):
    """A coded picture.

    Attributes:
      data: as the codec gives it.
      start, duration: in units of the track's time.
      key: whether it can be shown without those before it.
    """

    data: bytes
    start: int
    duration: int
    key: bool


class Coder:
    """A codec that is open and gives the pictures in the order in which it gets them.

    Args:
      codec: FFmpeg's name of the encoder.
      encoder: of the format, for messages.
      per_second: units of the track's time.
      options: of the codec.

    Raises:
      errors.AnimateError: the library or the codec in it cannot be loaded.
    """

    def __init__(
        self,
        codec: str,
        encoder: Encoder,
        pictures: Pictures,
        size: tuple[int, int],
        per_second: int,
        options: Mapping[str, str],
    ) -> None:
        try:
            import av
            from av.codec.context import Flags
        except ImportError as error:
            raise errors.AnimateError(
                hint(encoder) or f"{encoder.title} needs the package av, which fails: {error}."
            ) from error
        try:
            context: Any = av.CodecContext.create(codec, "w")
        except ValueError as error:
            raise errors.AnimateError(
                f"The installed package av has no {codec}, which {encoder.title} needs; "
                'get the one from PyPI with: pip install --force-reinstall "tb-animate[video]"'
            ) from error
        context.width, context.height = size
        context.pix_fmt = "yuv420p"
        context.time_base = fractions.Fraction(1, per_second)
        # From it and the size follows the level that the file asks of players.
        rate = fractions.Fraction(pictures.count / max(pictures.seconds, 1e-3))
        context.framerate = max(rate, fractions.Fraction(1)).limit_denominator(1001)
        context.thread_count = THREADS
        context.flags |= Flags.global_header
        context.color_range = LIMITED
        context.color_primaries = context.color_trc = context.colorspace = BT709
        context.options = {**options, "g": str(KEY_EVERY)}
        context.open()
        self._context: VideoCodecContext = context
        self._frame: Callable[..., VideoFrame] = av.VideoFrame.from_ndarray
        self._per_second = per_second
        self._pictures = pictures

    @property
    def header(self) -> bytes:
        """What the codec puts before all pictures."""
        return bytes(self._context.extradata or b"")

    def packets(self) -> Iterator[Packet]:
        """One for each picture.

        Times are whole units; what rounding takes from one picture the next ones give back.
        """
        times: list[tuple[int, int]] = []  # of pictures that the codec still has
        total, written = 0.0, 0
        for picture in self._pictures:
            total += picture.duration
            duration = max(rounded(total, written, self._per_second), 1)
            frame = self._convert(picture.pixels)
            frame.pts = written
            frame.time_base = fractions.Fraction(1, self._per_second)
            times.append((written, duration))
            written += duration
            yield from self._coded(frame, times)
        yield from self._coded(None, times)

    def _coded(self, frame: VideoFrame | None, times: list[tuple[int, int]]) -> Iterator[Packet]:
        for packet in self._context.encode(frame):
            start, duration = times.pop(0)
            if packet.pts != start:
                raise RuntimeError("The codec changed the order of the pictures.")
            yield Packet(bytes(packet), start, duration, packet.is_keyframe)

    def _convert(self, pixels: NDArray[np.uint8]) -> VideoFrame:
        down, right = self._context.height - len(pixels), self._context.width - pixels.shape[1]
        if down or right:
            pixels = np.pad(pixels, ((0, down), (0, right), (0, 0)), mode="edge")
        frame = self._frame(np.ascontiguousarray(pixels), format="rgb24")
        return frame.reformat(
            format="yuv420p",
            dst_colorspace=BT709,
            src_color_range=FULL,
            dst_color_range=LIMITED,
        )


def grouped(packets: Iterable[Packet], longest: int) -> Iterator[list[Packet]]:
    """Packets that go into one box of the container.

    The first is alone, so that it leaves at once. The others grow: a reader goes through
    a file from box to box, and over a network each costs it a request.

    Args:
      longest: so many units of time at most from the first start in a group to the last.
    """
    group: list[Packet] = []
    size, most = 0, 1
    for packet in packets:
        if group and packet.start - group[0].start > longest:
            yield group
            group, size = [], 0
        group.append(packet)
        size += len(packet.data)
        if size >= most:
            yield group
            group, size, most = [], 0, min(max(2 * most, _FIRST_GROUP), _LARGEST_GROUP)
    if group:
        yield group
