"""The words that everything else is written in. Imports nothing of ours."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

Loop: TypeAlias = Literal["forever", "bounce", "once"]
Theme: TypeAlias = Literal["light", "dark"]
Measure: TypeAlias = Literal["step", "time", "share"]

Payload: TypeAlias = "tuple[bytes, ...] | NDArray[np.generic]"
"""What one frame holds: the entries of a blob sequence as logged, or a tensor."""


@dataclasses.dataclass(frozen=True, slots=True)
class Wanted:
    """What a kind reads from the logs.

    Attributes:
      kind: name of the kind, a key of `kinds.KINDS`.
      plugin_name: `SummaryMetadata.plugin_data.plugin_name` of its summaries.
      leading: entries of a blob sequence that come before the first sample
        (an image summary begins with its width and height).
      points: its frames are points: what is known of these is logged beside them, and the
        folders that TensorBoard's projector reads hold such series, too.
    """

    kind: str
    plugin_name: str
    leading: int = 0
    points: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class Series:
    """All frames of one run, tag and kind.

    Attributes:
      samples: the largest number of samples at one step, at least 1.
      frames: how many frames can be read.
      logged: how many frames the writer logged, `None` where nobody knows.
      first_step, last_step: of the frames that can be read.
      complete: every frame that was logged and not dropped by a restart can be read.
      sampled: it is not complete because TensorBoard keeps a random sample only.
    """

    run: str
    tag: str
    kind: str
    samples: int
    frames: int
    logged: int | None
    first_step: int
    last_step: int
    complete: bool
    sampled: bool = False
    display_name: str = ""
    description: str = ""

    @property
    def id(self) -> str:
        """Short, opaque and the same in every process: links survive a restart."""
        return series_id(self.run, self.tag, self.kind)


def in_order(series: Iterable[Series]) -> list[Series]:
    """By tag, then run: as sources list them."""
    return sorted(series, key=lambda one: (one.tag, one.run, one.kind))


def series_id(run: str, tag: str, kind: str) -> str:
    """Digest of a series' three names, 16 characters of the URL-safe alphabet."""
    text = "\0".join((run, tag, kind)).encode("utf-8", "surrogatepass")
    return base64.urlsafe_b64encode(hashlib.blake2b(text, digest_size=12).digest()).decode()


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Sprite:
    """Thumbnails of points in one picture: from left to right, then from top to bottom.

    Attributes:
      data: an image file, as logged.
      width, height: of one thumbnail, in pixels of the picture.
    """

    data: bytes
    width: int
    height: int


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class PointTable:
    """What is known of a snapshot's points besides where they lie.

    Attributes:
      columns: by name, one text for each point, in the snapshot's order.
      ids: one text for each point that names it in every snapshot, or `None`: row i is
        the same point as long as there are as many.
      sprite: a thumbnail of each point, or `None`.
      digest: tables of the same content have the same one.
    """

    columns: Mapping[str, Sequence[str]]
    ids: Sequence[str] | None
    sprite: Sprite | None
    digest: str


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One logged snapshot.

    Attributes:
      step: global step, int64 range.
      wall_time: seconds since the epoch.
      data: what was logged, or `None` where it could not be read.
      error: one plain sentence that says why `data` is `None`.
      table: what is known of the points, of a frame of points.
      unread: `data` or `table` is missing only because it could not be read this time, as
        where storage is away: asked for again, it may be there.
    """

    step: int
    wall_time: float
    data: Payload | None
    error: str | None = None
    table: PointTable | None = None
    unread: bool = False


class FrameIndex(Protocol):
    """The steps of a series as they were at one moment, and the way to its frames.

    A log that grows or restarts does not change an index that somebody holds.
    """

    @property
    def series(self) -> Series: ...

    @property
    def steps(self) -> NDArray[np.int64]:
        """Strictly increasing, shape [frames]."""

    @property
    def wall_times(self) -> NDArray[np.float64]:
        """Seconds since the epoch, shape [frames]."""

    @property
    def generation(self) -> str:
        """Changes when a frame that was listed before is another one now.

        Appending frames leaves it as it is.
        """

    def read(self, positions: Iterable[int]) -> Iterator[Frame]:
        """Yields the frames at these positions (0 is the first), in the order asked.

        Lazily: a frame is read when it is taken. A frame that cannot be read comes
        with `error` set; the others come all the same.
        """


@dataclasses.dataclass(frozen=True, slots=True)
class LogWarning:
    """Something in the logs that could not be used, and what was kept.

    Attributes:
      run: the run's name.
      file: the file's path relative to the log directory, or "".
      offset: the byte in it where reading stopped, or `None`.
      message: one plain sentence.
    """

    run: str
    file: str
    offset: int | None
    message: str


@dataclasses.dataclass(frozen=True, slots=True)
class Progress:
    """How far the reading of the logs is, in bytes. `done == total`: all is read."""

    done: int
    total: int


class Source(Protocol):
    """Where series come from. Safe to use from several threads."""

    def runs(self) -> list[str]:
        """Names of all runs, those without anything to play included."""

    def series(self) -> list[Series]:
        """What can be played at this moment, ordered by tag, then run."""

    def open(self, series_id: str) -> FrameIndex:
        """Raises `errors.NotFound` when there is no such series (any more)."""

    def warnings(self) -> list[LogWarning]: ...

    def progress(self) -> Progress: ...

    def wait(self, timeout: float | None = None, since: float | None = None) -> bool:
        """Returns when all that was on disk at the call has been read.

        Args:
          timeout: seconds after which to stop waiting, while reading goes on.
          since: a time of `time.monotonic`, at which it was on disk, instead of the call.
            Whoever waits in several calls gives all of them the same: one look at large logs
            may take longer than each.

        Returns:
          Whether all has been read.
        """


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ClipSpec:
    """A described animation, whatever it is drawn by and written as.

    Attributes:
      sample: which sample of each step, from 0; `None`: all of them as a grid.
      start_step, end_step: first and last step, both included; `None`: no bound.
      every: only each so-many-th frame, counted from the first.
      max_frames: at most so many frames, evenly spread, first and last included.
      fps: logged frames per second.
      loop: "forever", "bounce" (forth and back, for ever) or "once".
      hold: extra seconds on the last frame.
      tween: pictures drawn between two neighbouring frames.
      width, height: of the clip, in pixels; `None`: from the other one, or natural.
      max_bytes: of the file, which is made to fit; `None`: no limit. See `budget`.
      theme: colours of everything that is not data.
      caption: tag and run drawn above each picture, step and time beneath it.
      scalar: tags of numbers that the run logged: the value at the frame shown and a small
        curve beneath each picture.
      measure: what brings several series in step with each other: the step, the time since
        the run's first frame, or how far along its steps the run is.
      reverse: from the last frame to the first.
      options: those that a kind adds, by name, as far as they are given.
    """

    sample: int | None = None
    start_step: int | None = None
    end_step: int | None = None
    every: int = 1
    max_frames: int | None = None
    fps: float = 10.0
    loop: Loop = "forever"
    hold: float = 0.0
    tween: int = 0
    width: int | None = None
    height: int | None = None
    max_bytes: int | None = None
    theme: Theme = "light"
    caption: bool = False
    scalar: tuple[str, ...] = ()
    measure: Measure = "step"
    reverse: bool = False
    options: Mapping[str, Any] = dataclasses.field(default_factory=dict)
