"""Every point of the scalars in event files, and TensorBoard's sample of all others."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tb_animate import errors
from tb_animate.model import Progress
from tb_animate.scalars import Points, Scalar, in_order
from tb_animate.sources.files import Root
from tb_animate.sources.merged import Guard, Merged
from tb_animate.sources.provider_scalars import ProviderScalars
from tb_animate.sources.reading import Reading
from tb_animate.sources.runs import Run, after_restarts
from tb_animate.sources.scalar_walk import POINT, ScalarWalker
from tb_animate.sources.scan import Scan
from tb_animate.sources.summaries import Declaration

_Key = tuple[Declaration, tuple[tuple[int, int], ...]]


class EventScalars:
    """A `scalars.ScalarSource` over event files. Safe to use from several threads.

    An index of its own, apart from that of what can be played: logs often hold a thousand
    scalars for each picture, and most pages never ask for one. Points take 21 bytes each.
    Nothing is read until it is first asked for something.

    Args:
      roots: the log directories, see `events.roots()`; they need not exist yet.
    """

    def __init__(self, roots: Sequence[Root]) -> None:
        self._scan = Scan(roots, ScalarWalker())
        self._reading = Reading(self._scan)
        # Guards what the scan publishes. Held for moments only.
        self._lock = self._scan.lock
        self._looking = threading.Lock()
        self._known: dict[tuple[str, bytes], tuple[_Key, Scalar | None]] = {}

    def scalars(self) -> list[Scalar]:
        """What can be read at this moment, ordered by tag, then run."""
        self._reading.nudge()
        found: list[Scalar] = []
        with self._looking:
            with self._lock:
                places = [
                    (run, tag, declaration)
                    for run in self._scan.runs.values()
                    for tag, declaration in run.declarations().items()
                    if declaration is not None
                ]
            known = self._known
            self._known = {}
            for run, tag, declaration in places:
                entry = self._look(run, tag, declaration, known.get((run.name, tag)))
                self._known[run.name, tag] = entry
                if entry[1] is not None:
                    found.append(entry[1])
        return in_order(found)

    def points(self, run: str, tag: str) -> Points | None:
        """A curve as it is at this moment; `None` when there is none of these names."""
        self._reading.nudge()
        name = tag.encode("utf-8", "surrogatepass")
        with self._lock:
            found = self._scan.runs.get(run)
            if found is None or found.declarations().get(name) is None:
                return None
            steps, sizes, wall_times, values = _columns(
                found, name, "step", "size", "wall_time", "value"
            )
        kept = after_restarts(steps, sizes)
        if not kept.any():
            return None
        if kept.all():
            return Points(steps, wall_times, values)
        return Points(steps[kept], wall_times[kept], values[kept])

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

    def _look(
        self,
        run: Run,
        tag: bytes,
        declaration: Declaration,
        known: tuple[_Key, Scalar | None] | None,
    ) -> tuple[_Key, Scalar | None]:
        """What a tag holds now, found out anew only where something was logged to it."""
        with self._lock:
            lengths = tuple((file.serial, len(log.rows)) for file, log in run.logs(tag))
            key = declaration, lengths
            if known is not None and known[0] == key:
                return known
            steps, sizes = _columns(run, tag, "step", "size")
        steps = steps[after_restarts(steps, sizes)]
        if not len(steps):
            return key, None
        return key, Scalar(
            run=run.name,
            tag=tag.decode(),
            display_name=declaration.display_name,
            description=declaration.description,
            points=len(steps),
            first_step=int(steps[0]),
            last_step=int(steps[-1]),
        )


class MergedScalars(Merged):
    """A `scalars.ScalarSource` of two: what `events` has comes from there.

    Either may fail without taking the other along; who finds nothing then is told so.

    Args:
      events: the source over the event files.
      provider: the source over TensorBoard's data provider.
    """

    def __init__(self, events: EventScalars, provider: ProviderScalars) -> None:
        says_why = "The log of the tensorboard process says why."
        super().__init__(
            Guard(
                events,
                f"The scalars in the event files could not be read by tb_animate. {says_why}",
            ),
            Guard(provider, f"The scalars that TensorBoard keeps could not be read. {says_why}"),
        )

    def scalars(self) -> list[Scalar]:
        found: list[Scalar] = self._events.ask("scalars", [])
        # Until the event files were read once, a tag's sample would show for a moment only.
        if not self._read_once():
            return found
        known = {(scalar.run, scalar.tag) for scalar in found}
        more: list[Scalar] = self._provider.ask("scalars", [], known)
        if not found and not more:
            self._complain()
        return in_order([*found, *more])

    def points(self, run: str, tag: str) -> Points | None:
        points: Points | None = self._events.ask("points", None, run, tag)
        if points is None and self._read_once():
            points = self._provider.ask("points", None, run, tag)
        if points is None:
            self._complain()
        return points

    def _complain(self) -> None:
        for warning in (*self._events.warnings(), *self._provider.warnings()):
            raise errors.Busy(warning.message)


def _columns(run: Run, tag: bytes, *names: str) -> list[NDArray[Any]]:
    """Fields of a tag's `POINT`s, in the order of the log. Needs the lock.

    Copied field by field, so that nothing is held twice.
    """
    rows = [np.empty(0, POINT)]
    rows += [np.frombuffer(log.rows, POINT) for _, log in run.logs(tag)]
    return [np.concatenate([part[name] for part in rows]) for name in names]
