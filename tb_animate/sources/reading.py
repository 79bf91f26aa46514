"""Keeps what was found in logs up to date in the background, for as long as somebody asks."""

from __future__ import annotations

import threading
import time
from typing import Protocol

STALE_SECONDS = 0.5
"""Asking looks for what is new when the last look is older than this."""


class Scanning(Protocol):
    """What `Reading` runs again and again."""

    @property
    def lock(self) -> threading.RLock:
        """Held while anything that readers look at changes."""

    @property
    def rest(self) -> float:
        """Seconds for which what was read counts as all that there is."""

    def run(self) -> bool:
        """Reads all that is there now; one thread at a time. False if it was stopped before."""

    def stop(self) -> None:
        """Makes a `run` that is under way end soon."""


class Reading:
    """A scan, and the thread that runs it. Safe to use from several threads.

    Nothing is read until it is first asked for something.
    """

    def __init__(self, scan: Scanning) -> None:
        self._scan = scan
        self._lock = scan.lock
        self._changed = threading.Condition(self._lock)
        self._requested = self._absorbed = 0
        self._started = float("-inf")
        self._finished = float("-inf")
        self._running = self._closed = False
        self._fault: Exception | None = None

    def nudge(self) -> None:
        """Sees to it that what is new will be read."""
        with self._lock:
            self._raise_fault()
            fresh = time.monotonic() - self._started < STALE_SECONDS
            if not self._running and not fresh and not self._rests():
                self._request()

    def wait(self, timeout: float | None = None) -> bool:
        """As `model.Source.wait`."""
        with self._changed:
            if self._rests():
                return True
            # Where each look has its price, one that is under way will do.
            under_way = self._running and self._scan.rest > 0
            ticket = self._requested if under_way else self._request()
            self._changed.wait_for(lambda: self._absorbed >= ticket or not self._running, timeout)
            self._raise_fault()
            return self._absorbed >= ticket

    def close(self) -> None:
        """Stops reading."""
        with self._changed:
            self._closed = True
            self._scan.stop()
            self._changed.notify_all()
            self._changed.wait_for(lambda: not self._running)

    def _rests(self) -> bool:
        return time.monotonic() - self._finished < self._scan.rest

    def _request(self) -> int:
        """Asks for a scan that begins from now on. Returns its number."""
        self._requested += 1
        if not self._running and not self._closed:
            self._running = True
            # A thread for as long as there is something to do: an idle source has none.
            threading.Thread(target=self._work, name="tb_animate reading", daemon=True).start()
        return self._requested

    def _raise_fault(self) -> None:
        """Whoever asks learns that the last walk failed; nobody else would see it."""
        if self._fault is not None:
            raise RuntimeError("the logs could not be walked") from self._fault

    def _work(self) -> None:
        while True:
            with self._changed:
                if self._closed or self._absorbed >= self._requested:
                    self._running = False
                    self._changed.notify_all()
                    return
                ticket = self._requested
                self._started = time.monotonic()
            complete = False
            fault: Exception | None = None
            try:
                complete = self._scan.run()
            except Exception as error:
                fault = error
            with self._changed:
                self._fault = fault
                if complete:
                    self._absorbed = ticket
                    self._finished = time.monotonic()
                else:
                    # Closed, or a fault of ours, which the next call of `wait` tries again.
                    self._running = False
                self._changed.notify_all()
            if not complete:
                return
