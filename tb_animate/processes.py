"""What this package's own processes have in common: how they start, and how they end."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Iterator
from typing import NoReturn

SIGNALLED = 128  # and the number of the signal: the exit status, as shells have it

_PACKAGE = os.path.dirname(os.path.abspath(__file__))


def command(module: str, *arguments: str) -> list[str]:
    """Calls `main` of a module of this package in another Python.

    Nothing that lies in the working directory is executed, see `child`. To be run in
    `environment()`, and without warnings: a library's are none of the user's business.
    """
    return [sys.executable, "-W", "ignore", os.path.join(_PACKAGE, "child.py"), module, *arguments]


def environment() -> dict[str, str]:
    """For another Python, which is to find the same packages as this one."""
    # An empty entry is the working directory, as of a notebook or `python -c`.
    path = [entry for entry in sys.path if entry]
    home = os.path.dirname(_PACKAGE)
    if home not in path:
        path.insert(0, home)
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path)}


@contextlib.contextmanager
def ended_by_signals() -> Iterator[None]:
    """Signals to end come as exceptions, so that what is half done is cleaned up."""

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
