"""Scalars as TensorBoard itself holds them: a sample of each tag, wherever the logs are."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Collection, Iterator, Sequence
from typing import Any

import numpy as np
from tensorboard.data import provider as tb_provider

from tb_animate.model import Progress
from tb_animate.scalars import Points, Scalar, in_order
from tb_animate.sources import tensors
from tb_animate.sources.broken import Unreadable
from tb_animate.sources.calls import ALL, after_restarts, ask

_PLUGIN = "scalars"

_Last = tuple[int, float]


@dataclasses.dataclass(frozen=True, slots=True)
class _Datum:
    step: int
    wall_time: float
    value: float


class ProviderScalars:
    """A `scalars.ScalarSource` over TensorBoard's data provider, on either data path.

    Args:
      provider: `context.data_provider`.
      multiplexer: `context.multiplexer`, where there is one: it alone knows in which order a
        restarted tag's events were logged.
    """

    def __init__(self, provider: tb_provider.DataProvider, *, multiplexer: Any = None) -> None:
        self._provider = provider
        self._multiplexer = multiplexer
        self._lock = threading.Lock()
        self._known: dict[tuple[str, str], tuple[_Last, Scalar | None]] = {}

    def scalars(self, known: Collection[tuple[str, str]] = ()) -> list[Scalar]:
        """As `scalars.ScalarSource.scalars`.

        Args:
          known: runs and tags that the caller has from elsewhere; these are left out, and
            nothing of them is read.
        """
        listed = ask(self._provider, "list_scalars", plugin_name=_PLUGIN)
        found: dict[tuple[str, str], tuple[_Last, Scalar | None]] = {}
        with self._lock:
            for run, tags in listed.items():
                lasts = {
                    tag: (entry.max_step, entry.max_wall_time)
                    for tag, entry in tags.items()
                    if (run, tag) not in known
                }
                # What was not logged to since is not read again.
                fresh = {
                    tag: self._known[run, tag]
                    for tag, last in lasts.items()
                    if (run, tag) in self._known and self._known[run, tag][0] == last
                }
                read = self._read(run, [tag for tag in lasts if tag not in fresh])
                for tag, last in lasts.items():
                    found[run, tag] = fresh.get(tag) or (
                        last,
                        _describe(run, tag, tags[tag], read.get(tag, [])),
                    )
            self._known = found
        return in_order(scalar for _, scalar in found.values() if scalar is not None)

    def points(self, run: str, tag: str) -> Points | None:
        """A curve as TensorBoard holds it; `None` when there is none of these names."""
        kept = self._read(run, [tag]).get(tag)
        if not kept:
            return None
        return Points(
            np.array([datum.step for datum in kept], np.int64),
            np.array([datum.wall_time for datum in kept], np.float64),
            np.array([datum.value for datum in kept], np.float32),
            sampled=True,
        )

    def progress(self) -> Progress:
        """TensorBoard reads the logs, and does not say how far it is."""
        return Progress(0, 0)

    def wait(self, timeout: float | None = None, since: float | None = None) -> bool:
        return True

    def _read(self, run: str, tags: Sequence[str]) -> dict[str, list[_Datum]]:
        """The points of some tags, by increasing step."""
        if not tags:
            return {}
        wanted: dict[str, Any] = {
            "plugin_name": _PLUGIN,
            "run_tag_filter": tb_provider.RunTagFilter(runs=[run], tags=tags),
        }
        if self._multiplexer is not None:
            listed = ask(self._provider, "list_scalars", **wanted).get(run, {})
            return {tag: after_restarts(self._multiplexed(run, tag)) for tag in listed}
        read = ask(self._provider, "read_scalars", downsample=ALL, **wanted).get(run, {})
        return {
            tag: after_restarts(_Datum(one.step, one.wall_time, one.value) for one in series)
            for tag, series in read.items()
        }

    def _multiplexed(self, run: str, tag: str) -> Iterator[_Datum]:
        for event in self._multiplexer.Tensors(run, tag):
            # Whatever calls itself a scalar is kept there.
            try:
                array = tensors.array_of(event.tensor_proto)
            except (Unreadable, ValueError, TypeError):
                continue
            if array.ndim == 0 and array.dtype.kind == "f":
                yield _Datum(event.step, event.wall_time, array.item())


def _describe(
    run: str, tag: str, entry: tb_provider.ScalarTimeSeries, points: Sequence[_Datum]
) -> Scalar | None:
    if not points:
        return None
    return Scalar(
        run=run,
        tag=tag,
        display_name=entry.display_name or "",
        description=entry.description or "",
        points=len(points),
        first_step=points[0].step,
        last_step=points[-1].step,
        sampled=True,
    )
