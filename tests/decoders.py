"""Every format read again by what did not write it: Pillow, libavformat, zipfile."""

from __future__ import annotations

import csv
import dataclasses
import io
import zipfile

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image

Pixels = NDArray[np.uint8]


@dataclasses.dataclass(frozen=True)
class Decoded:
    """A file's content.

    Attributes:
      pictures: RGB, uint8, shape [height, width, 3] each.
      durations: seconds that each stays.
      loop: how often it is played, 0: for ever; `None`: the file does not say.
    """

    pictures: list[Pixels]
    durations: list[float]
    loop: int | None


def decode(name: str, data: bytes) -> Decoded:
    """Reads a file of the format of this name."""
    if name in ("mp4", "webm"):
        return _video(data)
    return _archive(data) if name == "zip" else _still(data)


def psnr(first: Pixels, second: Pixels) -> float:
    """Peak signal-to-noise ratio in dB, infinite where they are equal."""
    error = np.mean((first.astype(float) - second.astype(float)) ** 2)
    return float(10 * np.log10(255**2 / error)) if error else float("inf")


def _still(data: bytes) -> Decoded:
    image = Image.open(io.BytesIO(data))
    pictures, durations = [], []
    for nth in range(image.n_frames):  # type: ignore[attr-defined]
        image.seek(nth)
        pictures.append(np.asarray(image.convert("RGB")))
        durations.append(image.info["duration"] / 1000)
    # A GIF that says nothing is played once.
    return Decoded(pictures, durations, image.info.get("loop", 1))


def _video(data: bytes) -> Decoded:
    pictures, starts = [], []
    with av.open(io.BytesIO(data)) as container:
        (stream,) = container.streams
        assert isinstance(stream, av.VideoStream)
        for frame in container.decode(stream):
            assert frame.pts is not None
            starts.append(float(frame.pts * frame.time_base))
            pictures.append(frame.reformat(format="rgb24", dst_color_range=2).to_ndarray())
        assert container.duration is not None
        ends = [*starts[1:], container.duration / av.time_base]
    assert starts[0] == 0
    durations = [end - start for start, end in zip(starts, ends, strict=True)]
    return Decoded(pictures, durations, None)


def _archive(data: bytes) -> Decoded:
    pictures, durations = [], []
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        for row in csv.DictReader(archive.read("frames.csv").decode().splitlines()):
            image = Image.open(io.BytesIO(archive.read(row["file"])))
            pictures.append(np.asarray(image.convert("RGB")))
            durations.append(float(row["duration"]))
        assert len(archive.namelist()) == len(pictures) + 1
    return Decoded(pictures, durations, None)
