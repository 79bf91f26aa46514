"""Keeps what was found in logs up to date in the background, for as long as somebody asks."""

from __future__ import annotations

import math
import threading
import time
from typing import Protocol

STALE_SECONDS = 0.5
"""Asking looks for what is new when the last look is older than this."""

NEVER = float("-inf")


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
        # Points in time, of `time.monotonic`.
        self._wanted = NEVER  # what was there then is to be read
        self._read = NEVER  # all that was there then has been read
        self._started = NEVER
        self._finished = NEVER
        self._running = self._closed = False
        self._fault: Exception | None = None

    def nudge(self) -> None:
        """Sees to it that what is new will be read."""
        with self._lock:
            self._raise_fault()
            fresh = time.monotonic() - self._started < STALE_SECONDS
            if not self._running and not fresh and not self._rests():
                self._request(time.monotonic())

    def wait(self, timeout: float | None = None, since: float | None = None) -> bool:
        """As `model.Source.wait`."""
        with self._changed:
            wanted = time.monotonic() if since is None else since
            if self._read > wanted or self._rests():
                return True
            # Where each look has its price, one that is under way will do.
            if self._running and self._scan.rest > 0:
                wanted = self._read
            else:
                self._request(wanted)
            self._changed.wait_for(lambda: self._read > wanted or not self._running, timeout)
            self._raise_fault()
            return self._read > wanted

    def close(self) -> None:
        """Stops reading."""
        with self._changed:
            self._closed = True
            self._scan.stop()
            self._changed.notify_all()
            self._changed.wait_for(lambda: not self._running)

    def _rests(self) -> bool:
        return time.monotonic() - self._finished < self._scan.rest

    def _request(self, wanted: float) -> None:
        """Asks for a scan that begins after that time."""
        self._wanted = max(self._wanted, wanted)
        if not self._running and not self._closed:
            self._running = True
            # A thread for as long as there is something to do: an idle source has none.
            threading.Thread(target=self._work, name="tb_animate reading", daemon=True).start()

    def _raise_fault(self) -> None:
        """Whoever asks learns that the last walk failed; nobody else would see it."""
        if self._fault is not None:
            raise RuntimeError("the logs could not be walked") from self._fault

    def _work(self) -> None:
        while True:
            with self._changed:
                if self._closed or self._read > self._wanted:
                    self._running = False
                    self._changed.notify_all()
                    return
                # Later than what is wanted, which a coarse clock may not show.
                self._started = max(time.monotonic(), math.nextafter(self._wanted, math.inf))
            complete = False
            fault: Exception | None = None
            try:
                complete = self._scan.run()
            except Exception as error:
                fault = error
            with self._changed:
                self._fault = fault
                if complete:
                    self._read = self._started
                    self._finished = time.monotonic()
                else:
                    # Closed, or a fault of ours, which the next call of `wait` tries again.
                    self._running = False
                self._changed.notify_all()
            if not complete:
                return
