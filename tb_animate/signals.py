"""Signals to end a process come as exceptions, so that what is half done is cleaned up."""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
from collections.abc import Iterator
from typing import NoReturn

SIGNALLED = 128  # and the number of the signal: the exit status, as shells have it


@contextlib.contextmanager
def as_exceptions() -> Iterator[None]:
    """While it lasts, SIGTERM and SIGHUP raise `SystemExit`. For the main thread."""

    def end(number: int, frame: object) -> NoReturn:
        sys.exit(SIGNALLED + number)

    before = {}
    # Elsewhere they are not ours to handle.
    if threading.current_thread() is threading.main_thread():
        for name in ("SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)  # Windows lacks the second
            # Whoever has chosen to ignore one (nohup) shall have that.
            if number is not None and signal.getsignal(number) is signal.SIG_DFL:
                before[number] = signal.signal(number, end)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
