"""A source whose frames are given, for tests of everything above the sources."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tb_animate import errors
from tb_animate.model import Frame, FrameIndex, LogWarning, Payload, PointTable, Progress, Series


class MemoryIndex:
    """A series whose frames are given; `reads` counts how often each was read."""

    def __init__(self, series: Series, frames: Sequence[Frame]) -> None:
        self.series = series
        self.steps = np.array([frame.step for frame in frames], np.int64)
        self.wall_times = np.array([frame.wall_time for frame in frames], np.float64)
        self.generation = "1"
        self.reads: list[int] = []
        self._frames = frames

    def read(self, positions: Iterable[int]) -> Iterator[Frame]:
        for position in positions:
            self.reads.append(position)
            yield self._frames[position]


class MemorySource:
    """Implements `model.Source`; all of it has been read from the start."""

    def __init__(
        self, indexes: Sequence[MemoryIndex] = (), warnings: Sequence[LogWarning] = ()
    ) -> None:
        self.indexes = {index.series.id: index for index in indexes}
        self._warnings = list(warnings)

    def runs(self) -> list[str]:
        return sorted({index.series.run for index in self.indexes.values()} | {"scalars only"})

    def series(self) -> list[Series]:
        found = [index.series for index in self.indexes.values()]
        return sorted(found, key=lambda series: (series.tag, series.run))

    def open(self, series_id: str) -> FrameIndex:
        if series_id not in self.indexes:
            raise errors.NotFound("There is no such series.")
        return self.indexes[series_id]

    def warnings(self) -> list[LogWarning]:
        return self._warnings

    def progress(self) -> Progress:
        return Progress(1, 1)

    def wait(self, timeout: float | None = None, since: float | None = None) -> bool:
        return True


def images(
    frames: Mapping[int, Payload | Sequence[bytes] | str],
    *,
    run: str = "train",
    tag: str = "generated",
    kind: str = "image",
    samples: int | None = None,
) -> MemoryIndex:
    """An index of image frames.

    Args:
      frames: by step, the encoded samples; a string is the reason why it cannot be read.
    """
    made = []
    for step, content in frames.items():
        wall_time = 1e9 + step
        if isinstance(content, str):
            made.append(Frame(step, wall_time, None, content))
        elif isinstance(content, np.ndarray):
            made.append(Frame(step, wall_time, content))
        else:
            made.append(Frame(step, wall_time, (b"1", b"1", *content)))
    counts = [len(f.data) - 2 for f in made if isinstance(f.data, tuple)]
    series = Series(
        run=run,
        tag=tag,
        kind=kind,
        samples=samples or max(counts, default=1),
        frames=len(made),
        logged=len(made),
        first_step=min(frames, default=0),
        last_step=max(frames, default=0),
        complete=True,
    )
    return MemoryIndex(series, made)


def points(
    values: Mapping[int, NDArray[np.generic]],
    tables: Mapping[int, PointTable] | None = None,
    *,
    run: str = "train",
    tag: str = "features",
) -> MemoryIndex:
    """An index of frames of points, with their tables, by step."""
    index = images(values, run=run, tag=tag, kind="embedding")
    index._frames = [
        dataclasses.replace(frame, table=(tables or {}).get(frame.step)) for frame in index._frames
    ]
    return index


def incomplete(index: MemoryIndex, logged: int) -> MemoryIndex:
    """The same, of which only some frames could be read."""
    index.series = dataclasses.replace(index.series, logged=logged, complete=False)
    return index


def flat(
    colour: int | tuple[int, ...], size: tuple[int, int] = (8, 8), format: str = "PNG"
) -> bytes:
    """A picture of one colour; a number is a level of grey."""
    mode = "L" if isinstance(colour, int) else {3: "RGB", 4: "RGBA"}[len(colour)]
    file = io.BytesIO()
    Image.new(mode, size, colour).save(file, format)
    return file.getvalue()


def moving(levels: Sequence[int], size: tuple[int, int] = (8, 8), format: str = "GIF") -> bytes:
    """A picture that moves by itself: one part of each level of grey."""
    parts = [Image.new("RGB", size, (level, level, level)) for level in levels]
    file = io.BytesIO()
    parts[0].save(file, format, save_all=True, append_images=parts[1:], duration=100, lossless=True)
    return file.getvalue()
