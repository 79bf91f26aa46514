"""The exports of this moment: how many run at once, who waits, and how far each is."""

from __future__ import annotations

import dataclasses
import os
import threading
from collections.abc import Callable

from tb_animate import errors


def most_running(processors: int) -> int:
    """How many clips are made at once by a machine of so many processors.

    A clip keeps one busy and a second one now and then, as it is drawn and coded in stages.
    So one at a time leaves a machine of two something for TensorBoard's other tabs, and makes
    as many clips in the same time. More than two at once make every one of them slower.
    """
    return min(max(processors // 2, 1), 2)


def processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):  # not on macOS and Windows
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


# As `most_running` says.
MAX_RUNNING = most_running(processors())

# Each holds a thread and a connection. Browsers open six to a server, which the page needs, too.
MAX_WAITING = 8

# How soon it is noticed that whoever waits has left.
LOOK_SECONDS = 0.25


@dataclasses.dataclass(eq=False)
class Export:
    """One export, which waits or runs.

    Attributes:
      token: the name that the client gave it, or "".
      done, total: pictures encoded, of how many; `total` is 0 until it is known.
    """

    token: str
    done: int = 0
    total: int = 0

    def report(self, done: int, total: int) -> None:
        self.done, self.total = done, total


class Exports:
    """The queue of exports, in which the first `running` run. It never outgrows its limits."""

    def __init__(self, running: int = MAX_RUNNING, waiting: int = MAX_WAITING) -> None:
        self._running = running
        self._waiting = waiting
        self._moved = threading.Condition()
        self._queue: list[Export] = []

    def enter(self, token: str) -> Export:
        """Takes a place in the queue, which `finish` gives back.

        Raises:
          errors.Busy: the queue is full.
        """
        with self._moved:
            if len(self._queue) >= self._running + self._waiting:
                made = "a clip is" if self._running == 1 else f"{self._running} clips are"
                raise errors.Busy(
                    f"{made.capitalize()} being made and {self._waiting} more wait for it, "
                    "which is the most at once. Try again when one of them is done."
                )
            export = Export(token)
            self._queue.append(export)
            return export

    def wait(self, export: Export, look: Callable[[], None]) -> None:
        """Returns when it is this export's turn.

        Args:
          look: called now and then; what it raises ends the wait.
        """
        while True:
            with self._moved:
                if not self._ahead(export):
                    return
                self._moved.wait(LOOK_SECONDS)
            look()

    def finish(self, export: Export) -> None:
        """Leaves the queue. Finishing twice is harmless."""
        with self._moved:
            if export in self._queue:
                self._queue.remove(export)
                self._moved.notify_all()

    def progress(self, token: str) -> tuple[int, int, int] | None:
        """Pictures encoded, of how many, and how many exports have to end before it begins.

        `None`: it has not begun, or it has ended.
        """
        with self._moved:
            # The newest of a name counts: a client that tries again asks about that one.
            for export in reversed(self._queue):
                if token and export.token == token:
                    return export.done, export.total, self._ahead(export)
        return None

    def count(self) -> int:
        """How many run or wait."""
        with self._moved:
            return len(self._queue)

    def _ahead(self, export: Export) -> int:
        """How many have to end before it is this one's turn."""
        return max(self._queue.index(export) - self._running + 1, 0)
