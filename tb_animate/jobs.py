"""Work in the background that tells how far it is and can be stopped."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from tb_animate import errors

Progress = Callable[[int, int], None]
"""Called with what is done (pictures encoded, or parts of a fit), and of how much."""

# More would wait for minutes, and each holds on to the frames that it will read.
MAX_JOBS = 8


class Pending(NamedTuple):
    """How far a job is; `total` is 0 until that is known."""

    done: int
    total: int


class Stopped(Exception):
    """Ends the work of a job that nobody wants any more."""


class Told:
    """What a fit tells of itself, and again for every frame that it reads meanwhile.

    A fit goes through the frames several times and tells how far it is now and then only;
    that nobody wants it any more is noticed at the next frame.
    """

    def __init__(self, progress: Progress | None) -> None:
        self._progress = progress
        self._last = (0, 0)

    def __call__(self, done: int, total: int) -> None:
        self._last = (done, total)
        if self._progress is not None:
            self._progress(done, total)

    def again(self, done: int, total: int) -> None:
        self(*self._last)


@contextlib.contextmanager
def held(lock: threading.Lock, seconds: float, progress: Progress | None) -> Iterator[None]:
    """Holds a lock that another thread may have for long.

    Args:
      progress: called each so many seconds of waiting; what it raises ends the wait.
    """
    while not lock.acquire(timeout=seconds):
        if progress is not None:
            progress(0, 0)
    try:
        yield
    finally:
        lock.release()


class Job:
    """One piece of work. `Jobs.start` makes it."""

    def __init__(self) -> None:
        self._told = Pending(0, 0)
        self._over = threading.Event()
        self._stop = threading.Event()
        self._result: Any = None
        self._error: BaseException | None = None

    @property
    def pending(self) -> Pending:
        """How far it is."""
        return self._told

    @property
    def is_stopped(self) -> bool:
        """Nobody will get a result of it any more."""
        return self._stop.is_set()

    def stop(self) -> None:
        """Ends the work the next time that it tells how far it is."""
        self._stop.set()

    def wait(self, timeout: float) -> bool:
        """Whether it is over, after at most so many seconds."""
        return self._over.wait(timeout)

    def result(self) -> Any:
        """What the work returned. Raises what it raised; `Stopped` if it was stopped."""
        if self._error is not None:
            raise self._error
        return self._result

    def report(self, done: int, total: int) -> None:
        if self._stop.is_set():
            raise Stopped
        self._told = Pending(done, total)

    def run(self, work: Callable[[Progress], Any], turn: threading.Lock) -> None:
        try:
            with turn:
                self.report(0, 0)
                self._result = work(self.report)
        except BaseException as error:
            self._error = error
        finally:
            self._over.set()


class Jobs:
    """Does one job at a time, in a thread that ends with the process."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._lock = threading.Lock()
        self._unfinished = 0

    def start(self, work: Callable[[Progress], Any]) -> Job:
        """Begins the work, or queues it.

        Args:
          work: called with a function that it has to call now and then, with what is done
            and of how much.

        Raises:
          errors.Busy: too many are waiting.
        """
        with self._lock:
            if self._unfinished >= MAX_JOBS:
                raise errors.Busy(
                    f"{MAX_JOBS} projections are being computed or wait for it, which is the "
                    "most at once. Try again when one of them is done."
                )
            self._unfinished += 1
        job = Job()
        threading.Thread(target=self._run, args=(job, work), daemon=True).start()
        return job

    def _run(self, job: Job, work: Callable[[Progress], Any]) -> None:
        try:
            job.run(work, self._turn)
        finally:
            with self._lock:
                self._unfinished -= 1
