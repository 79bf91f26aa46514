"""The exports that run at this moment: how many there may be, and how far each is."""

from __future__ import annotations

import dataclasses
import threading

from tb_animate import errors

# Drawing and encoding keep one core busy each; on a common machine of two to four cores
# more at once make every one slower, and TensorBoard itself too.
MAX_EXPORTS = 4


@dataclasses.dataclass(eq=False)
class Export:
    """One running export.

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
    """Slots for exports. Holds running ones only, so it never outgrows its limit."""

    def __init__(self, limit: int = MAX_EXPORTS) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._running: list[Export] = []

    def start(self, token: str) -> Export:
        """Takes a slot, which `finish` gives back.

        Raises:
          errors.Busy: all slots are taken.
        """
        with self._lock:
            if len(self._running) >= self._limit:
                raise errors.Busy(
                    f"{self._limit} clips are being made already, which is the most at once. "
                    "Try again when one of them is done."
                )
            export = Export(token)
            self._running.append(export)
            return export

    def finish(self, export: Export) -> None:
        """Gives the slot back. Finishing twice is harmless."""
        with self._lock:
            if export in self._running:
                self._running.remove(export)

    def progress(self, token: str) -> tuple[int, int]:
        """Pictures encoded, of how many.

        Raises:
          errors.NotFound: no such export is running.
        """
        with self._lock:
            # The newest of a name counts: a client that tries again asks about that one.
            for export in reversed(self._running):
                if token and export.token == token:
                    return export.done, export.total
        raise errors.NotFound(
            "No export with this token is running: it has not begun, or it has ended."
        )

    def running(self) -> int:
        with self._lock:
            return len(self._running)
