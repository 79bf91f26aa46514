"""The files of a run joined into series: which frames are kept, and where they lie."""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
import os
import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tb_animate.sources.eventfile import ROW, EventFile, Log
from tb_animate.sources.summaries import Declaration


class Run:
    """A run: its event files in the order in which they count.

    Attributes:
      root: path of the log directory that it was found under.
      files: sorted by the bytes of their names, as TensorBoard's data server reads them.
    """

    def __init__(self, name: str, root: str) -> None:
        self.name = name
        self.root = root
        self.files: list[EventFile] = []
        self._seen: tuple[tuple[int, int], ...] = ()
        self._tags: dict[bytes, Declaration | None] = {}

    def declarations(self) -> dict[bytes, Declaration | None]:
        """What each tag is, by its first value in the first file that has it."""
        seen = tuple((file.serial, len(file.published)) for file in self.files)
        if seen != self._seen:
            tags: dict[bytes, Declaration | None] = {}
            for file in self.files:
                for tag, log in file.published.items():
                    if tag not in tags:
                        tags[tag] = log.declaration if log is not None else None
            self._seen, self._tags = seen, tags
        return self._tags

    def logs(self, tag: bytes) -> list[tuple[EventFile, Log]]:
        """Where a tag's values are, in order."""
        found = [(file, file.published.get(tag)) for file in self.files]
        return [(file, log) for file, log in found if log is not None]

    @property
    def damaged(self) -> bool:
        return any(file.damage is not None for file in self.files)


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Frames:
    """The kept frames of a series as they were at one moment.

    Attributes:
      rows: `ROW`s by increasing step.
      files: for each row, the position of its file in `paths`.
    """

    rows: NDArray[np.void]
    files: NDArray[np.uint32]
    paths: tuple[str, ...]

    def digest(self, count: int) -> bytes:
        """Of what the first `count` frames are, wherever they lie."""
        digest = hashlib.blake2b(digest_size=16)
        for column in ("step", "wall_time", "length", "crc", "size"):
            digest.update(self.rows[column][:count].tobytes())
        return digest.digest()


def join(parts: list[tuple[str, bytes]]) -> Frames:
    """Keeps the frames that TensorBoard's data server would keep with unlimited samples.

    Args:
      parts: path and packed `ROW`s of each file, in order.
    """
    arrays = [np.frombuffer(rows, dtype=ROW) for _, rows in parts]
    rows = np.concatenate(arrays) if arrays else np.empty(0, dtype=ROW)
    kept = after_restarts(rows["step"], rows["size"])
    counts = [len(array) for array in arrays]
    files = np.repeat(np.arange(len(parts), dtype=np.uint32), counts)
    return Frames(rows[kept], files[kept], tuple(path for path, _ in parts))


def after_restarts(
    steps: NDArray[np.int64], sizes: NDArray[np.unsignedinteger[Any]]
) -> NDArray[np.bool_]:
    """Which values TensorBoard's data server would keep with unlimited samples.

    When a tag's step goes back to s, what it held at steps >= s is dropped. So a value
    stays if and only if all that come after it have larger steps.

    Args:
      steps: of all values of a tag in a run, in the order of the log.
      sizes: 0 where a value takes its step but has no data.
    """
    steps = np.ascontiguousarray(steps)
    kept: NDArray[np.bool_] = sizes > 0
    if len(steps) > 1:
        smallest_after = np.minimum.accumulate(steps[:0:-1])[::-1]
        kept[:-1] &= steps[:-1] < smallest_after
    return kept


class Generations:
    """Names the state of a series so that a browser knows when its frames are stale.

    A series keeps its generation as long as what it showed at the last look is how it
    still begins. That is judged by what the frames are, CRCs included, and not by how the
    log got there: a log that was copied anew (by rsync, say) is the same log.
    """

    _numbers = itertools.count()

    def __init__(self) -> None:
        self._name = ""
        self._count = 0
        self._digest = b""

    def look(self, frames: Frames) -> str:
        """The generation of a series that now consists of these frames."""
        count = len(frames.rows)
        same = count >= self._count and frames.digest(self._count) == self._digest
        if not self._name or not same:
            # Unlike those of other processes, which may have shown something else.
            self._name = f"{os.getpid():x}.{time.time_ns():x}.{next(self._numbers):x}"
        self._count = count
        self._digest = frames.digest(count)
        return self._name
