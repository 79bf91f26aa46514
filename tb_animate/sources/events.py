"""Every frame of the event files under a log directory, at the memory of an index.

`EventSource` walks the files in the background and holds where each frame lies; a frame's
bytes are read when they are asked for. What it keeps equals what TensorBoard's data server
would keep with unlimited samples.
"""

from __future__ import annotations

import collections
import threading
from collections.abc import Iterable, Sequence

from tb_animate import errors
from tb_animate.model import LogWarning, Progress, Series, Wanted, in_order, series_id
from tb_animate.sources.files import Root, roots
from tb_animate.sources.frames import EventFrameIndex, RecordCache
from tb_animate.sources.reading import Reading
from tb_animate.sources.runs import Frames, Generations, Run, join
from tb_animate.sources.scan import Scan
from tb_animate.sources.summaries import Declaration
from tb_animate.sources.walk import Walker

__all__ = ["EventSource", "Root", "roots"]

CACHE_BYTES = 8 << 20
"""Of records read last. The page and the disk cache hold frames too, so this only has to do
for samples of one record that are asked for one by one; the plugin as a whole may add 40 MB
to TensorBoard."""

REMOTE_CACHE_BYTES = 64 << 20
"""The same where the logs are behind an address: fetching a record again costs a request, and
a clip reads its frames twice."""

CACHED_ROWS = 200_000
"""Index rows kept joined between requests, about 8 MB."""


class _Known:
    """What was last found out about a series."""

    __slots__ = ("frames", "generation", "generations", "key", "series")

    def __init__(self) -> None:
        self.key: object = None
        self.series: Series | None = None
        self.frames: Frames | None = None
        self.generation = ""
        self.generations = Generations()


class EventSource:
    """A `model.Source` over event files. Safe to use from several threads.

    Nothing is read until it is first asked for something.

    Args:
      roots: the log directories, see `roots()`; they need not exist yet.
      wanted: what the kinds read.
      cache_bytes: bytes of the records read last that are kept in memory; if left out,
        what suits where the logs are.
    """

    def __init__(
        self,
        roots: Sequence[Root],
        wanted: Iterable[Wanted],
        *,
        cache_bytes: int | None = None,
    ) -> None:
        self._wanted = tuple(wanted)
        if cache_bytes is None:
            remote = any(root.is_remote for root in roots)
            cache_bytes = REMOTE_CACHE_BYTES if remote else CACHE_BYTES
        self._cache = RecordCache(cache_bytes)
        self._scan = Scan(roots, Walker(frozenset(item.plugin_name for item in self._wanted)))
        self._reading = Reading(self._scan)
        # Guards what the scan publishes. Held for moments only.
        self._lock = self._scan.lock
        # Guards what is known about series, so that looks at one come in order of time.
        self._looking = threading.Lock()
        self._known: dict[tuple[str, bytes, Wanted], _Known] = {}
        self._ids: dict[str, tuple[str, bytes, Wanted]] = {}
        self._joined: collections.OrderedDict[_Known, int] = collections.OrderedDict()

    def runs(self) -> list[str]:
        """Names of all runs, those without anything to play included."""
        self._reading.nudge()
        with self._lock:
            return sorted(self._scan.runs)

    def series(self) -> list[Series]:
        """What can be played at this moment, ordered by tag, then run."""
        self._reading.nudge()
        found: list[Series] = []
        with self._looking:
            with self._lock:
                places = self._places()
            for run, tag, declaration, item in places:
                known = self._look(run, tag, declaration, item)
                if known.series is not None:
                    found.append(known.series)
            for gone in self._known.keys() - {(run.name, tag, w) for run, tag, _, w in places}:
                self._joined.pop(self._known[gone], None)
                # Kept, without its frames: should it come back, its generation tells
                # whether it is the same.
                self._known[gone].key = self._known[gone].frames = None
        return in_order(found)

    def open(self, series_id: str) -> EventFrameIndex:
        """The steps of a series and the way to its frames.

        Raises:
          errors.NotFound: there is no such series (any more).
        """
        self._reading.nudge()
        with self._looking:
            with self._lock:
                place = self._find(series_id)
            if place is not None:
                known = self._look(*place, with_frames=True)
                if known.series is not None and known.frames is not None:
                    return EventFrameIndex(
                        known.series,
                        known.generation,
                        known.frames,
                        place[2].data_class,
                        self._cache,
                    )
        raise errors.NotFound(
            "There is no such series in the logs (any more). Reload to see what there is."
        )

    def warnings(self) -> list[LogWarning]:
        """Damaged and unreadable files, and what was kept of them."""
        with self._lock:
            return self._scan.warnings()

    def progress(self) -> Progress:
        """How many bytes of the logs have been walked."""
        with self._lock:
            return self._scan.progress()

    def wait(self, timeout: float | None = None, since: float | None = None) -> bool:
        """As `model.Source.wait`."""
        return self._reading.wait(timeout, since)

    def close(self) -> None:
        """Stops reading. What was found so far can still be asked for."""
        self._reading.close()

    def _places(self) -> list[tuple[Run, bytes, Declaration, Wanted]]:
        return [
            (run, tag, declaration, item)
            for run in self._scan.runs.values()
            for tag, declaration in run.declarations().items()
            if declaration is not None
            for item in self._wanted
            if item.plugin_name == declaration.plugin_name
        ]

    def _find(self, wanted_id: str) -> tuple[Run, bytes, Declaration, Wanted] | None:
        if wanted_id not in self._ids:
            for run, tag, _, item in self._places():
                self._ids[series_id(run.name, tag.decode(), item.kind)] = run.name, tag, item
        if wanted_id not in self._ids:
            return None
        name, tag, item = self._ids[wanted_id]
        found = self._scan.runs.get(name)
        declaration = found.declarations().get(tag) if found is not None else None
        if found is None or declaration is None or item.plugin_name != declaration.plugin_name:
            return None  # It was there once.
        return found, tag, declaration, item

    def _look(
        self,
        run: Run,
        tag: bytes,
        declaration: Declaration,
        item: Wanted,
        *,
        with_frames: bool = False,
    ) -> _Known:
        known = self._known.setdefault((run.name, tag, item), _Known())
        with self._lock:
            logs = run.logs(tag)
            damaged = run.damaged
            key = damaged, declaration, [(file.serial, len(log.rows)) for file, log in logs]
            if known.key == key and (known.frames is not None or not with_frames):
                return known
            parts = [(file.path, bytes(log.rows)) for file, log in logs]
        frames = join(parts)
        known.generation = known.generations.look(frames)
        known.series = _describe(run.name, tag.decode(), declaration, item, frames, damaged)
        known.key = key
        if with_frames:
            self._keep(known, frames)
        elif known.frames is not None:
            known.frames = frames
            self._joined[known] = len(frames.rows)
        return known

    def _keep(self, known: _Known, frames: Frames) -> None:
        known.frames = frames
        self._joined[known] = len(frames.rows)
        self._joined.move_to_end(known)
        while sum(self._joined.values()) > CACHED_ROWS and len(self._joined) > 1:
            dropped, _ = self._joined.popitem(last=False)
            dropped.frames = None


def _describe(
    run: str, tag: str, declaration: Declaration, item: Wanted, frames: Frames, damaged: bool
) -> Series | None:
    """Returns `None` for a series without frames."""
    rows = frames.rows
    if not len(rows):
        return None
    return Series(
        run=run,
        tag=tag,
        kind=item.kind,
        samples=max(1, int(rows["size"].max()) - 1 - item.leading),
        frames=len(rows),
        logged=None if damaged else len(rows),
        first_step=int(rows["step"][0]),
        last_step=int(rows["step"][-1]),
        complete=not damaged,
        display_name=declaration.display_name,
        description=declaration.description,
    )
