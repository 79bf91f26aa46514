"""The answers being given at this moment, to which clips give way."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator

from werkzeug import wrappers

Handler = Callable[[wrappers.Request], wrappers.Response]

# A picture may take long, and one that follows it shall not wait for as long. It is noticed
# between two pictures, too, that a client has left.
MAX_PAUSE_SECONDS = 0.25


class Answering:
    """Counts the answers that others wait for. Safe to use from several threads."""

    def __init__(self) -> None:
        self._none = threading.Condition()
        self._count = 0

    def counted(self, handler: Handler) -> Handler:
        """The handler, which counts for as long as it works."""

        def counting(request: wrappers.Request) -> wrappers.Response:
            with self._one():
                return handler(request)

        return counting

    def pauses(self) -> Callable[[], None]:
        """What a clip calls between its pictures: it returns when no answer is being given.

        At the latest it returns after as long as the clip has worked since it called last, so
        that the clip has half of the time however many ask.
        """
        since = time.monotonic()

        def pause() -> None:
            nonlocal since
            worked = time.monotonic() - since
            with self._none:
                self._none.wait_for(lambda: not self._count, min(worked, MAX_PAUSE_SECONDS))
            since = time.monotonic()

        return pause

    @contextlib.contextmanager
    def _one(self) -> Iterator[None]:
        with self._none:
            self._count += 1
        try:
            yield
        finally:
            with self._none:
                self._count -= 1
                if not self._count:
                    self._none.notify_all()
