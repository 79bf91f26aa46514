"""Frames as TensorBoard itself holds them: a sample of each tag, wherever the logs are."""

from __future__ import annotations

import dataclasses
import itertools
import secrets
import threading
import time
from collections.abc import Collection, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tensorboard.data import provider as tb_provider

from tb_animate import errors
from tb_animate.model import FrameIndex, LogWarning, Progress, Series, Wanted, in_order
from tb_animate.sources.calls import NotUnderstood, ask
from tb_animate.sources.provider_frames import ProviderIndex, Row, RowReader, Tag

# A page that opens asks several things at once; one listing answers them all.
LISTING_SECONDS = 1.0


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    """What a tag held when it was last read."""

    tag: Tag
    steps: NDArray[np.int64]
    wall_times: NDArray[np.float64]
    generation: str

    def series(self) -> Series:
        return Series(
            run=self.tag.run,
            tag=self.tag.tag,
            kind=self.tag.wanted.kind,
            samples=self.tag.samples,
            frames=len(self.steps),
            logged=None,
            first_step=int(self.steps[0]),
            last_step=int(self.steps[-1]),
            complete=False,
            sampled=True,
            display_name=self.tag.display_name,
            description=self.tag.description,
        )


class ProviderSource:
    """A `model.Source` over TensorBoard's data provider, on either of its data paths.

    Args:
      provider: `context.data_provider`.
      wanted: what the kinds read.
      multiplexer: `context.multiplexer`, where there is one. The provider on top of it
        sorts a restarted tag's events by step and keeps the first of equal steps; only
        the multiplexer still knows their order in the log.
    """

    def __init__(
        self,
        provider: tb_provider.DataProvider,
        wanted: Iterable[Wanted],
        *,
        multiplexer: Any = None,
    ) -> None:
        self._provider = provider
        self._wanted = tuple(wanted)
        self._rows = RowReader(provider, multiplexer)
        self._lock = threading.Lock()
        self._tags: dict[str, Tag] = {}
        self._listed_at = -float("inf")
        self._seen: dict[str, _Seen] = {}
        self._warnings: dict[str, LogWarning] = {}
        # Another process' generations must not look like ours.
        self._generations = (f"{secrets.token_hex(4)}-{n}" for n in itertools.count())

    def runs(self) -> list[str]:
        return sorted(run.run_name for run in ask(self._provider, "list_runs"))

    def series(self, known: Collection[str] = ()) -> list[Series]:
        """As `model.Source.series`.

        Args:
          known: ids of series that the caller has from elsewhere; these are left out,
            and nothing of them is read.
        """
        with self._lock:
            tags = [tag for tag in self._list().values() if tag.id not in known]
            self._read_steps(tags)
            seen = [self._seen[tag.id] for tag in tags if tag.id in self._seen]
        return in_order(entry.series() for entry in seen if len(entry.steps))

    def open(self, series_id: str) -> FrameIndex:
        with self._lock:
            tag = self._list().get(series_id)
            rows = [] if tag is None else self._rows.read([tag])[tag.id]
            if tag is None or not rows:
                raise errors.NotFound(
                    "There is no such series (any more): its run or tag is not in the logs. "
                    "Reload to list what is there."
                )
            seen = self._see(tag, rows)
            return ProviderIndex(seen.series(), seen.steps, seen.wall_times, seen.generation, rows)

    def warnings(self) -> list[LogWarning]:
        """Tags that are left out."""
        with self._lock:
            return list(self._warnings.values())

    def progress(self) -> Progress:
        """TensorBoard reads the logs, and does not say how far it is."""
        return Progress(0, 0)

    def wait(self, timeout: float | None = None, since: float | None = None) -> bool:
        return True

    def _list(self) -> dict[str, Tag]:
        """All tags by their series' id, at most `LISTING_SECONDS` old. Needs the lock."""
        if time.monotonic() - self._listed_at < LISTING_SECONDS:
            return self._tags
        tags: dict[str, Tag] = {}
        for wanted in self._wanted:
            for blobs in (True, False):
                method = "list_blob_sequences" if blobs else "list_tensors"
                listed = ask(self._provider, method, plugin_name=wanted.plugin_name)
                for run, entries in listed.items():
                    for name, entry in entries.items():
                        tag = Tag(
                            run=run,
                            tag=name,
                            wanted=wanted,
                            blobs=blobs,
                            samples=max(1, entry.max_length - wanted.leading) if blobs else 1,
                            last=(entry.max_step, entry.max_wall_time),
                            display_name=entry.display_name or "",
                            description=entry.description or "",
                        )
                        tags[tag.id] = tag
        self._tags = tags
        self._seen = {key: seen for key, seen in self._seen.items() if key in tags}
        self._listed_at = time.monotonic()
        return tags

    def _read_steps(self, tags: Iterable[Tag]) -> None:
        """Brings `_seen` up to date. Needs the lock."""
        # The multiplexer is in this process and costs nothing to ask again; elsewhere, what
        # was not logged to since is not read again.
        stale = [
            tag
            for tag in tags
            if self._rows.in_process or tag.id not in self._seen or self._seen[tag.id].tag != tag
        ]
        blobs = [tag for tag in stale if tag.blobs]
        # All blob sequences in one call, since only references come; tensors come with
        # their data, so no more than one tag's are held.
        groups = ([blobs] if blobs else []) + [[tag] for tag in stale if not tag.blobs]
        for group in groups:
            try:
                found = self._rows.read(group)
            except NotUnderstood as error:
                found = {tag.id: [] for tag in group}
                for tag in group:
                    message = f'"{tag.tag}" is left out: {error}'
                    self._warnings[tag.id] = LogWarning(tag.run, "", None, message)
            for key, rows in found.items():
                self._see(self._tags[key], rows)
                if rows:
                    self._warnings.pop(key, None)

    def _see(self, tag: Tag, rows: Sequence[Row]) -> _Seen:
        """Notes what a tag holds now, and whether earlier frames are still the same."""
        steps = np.array([row.step for row in rows], np.int64)
        wall_times = np.array([row.wall_time for row in rows], np.float64)
        old = self._seen.get(tag.id)
        if (
            old is not None
            and np.array_equal(old.steps, steps[: len(old.steps)])
            and np.array_equal(old.wall_times, wall_times[: len(old.steps)], equal_nan=True)
        ):
            generation = old.generation
        else:
            generation = next(self._generations)
        seen = self._seen[tag.id] = _Seen(tag, steps, wall_times, generation)
        return seen
