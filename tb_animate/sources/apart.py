"""A module that runs in a process of its own, so that what it does cannot hold up this one."""

from __future__ import annotations

import contextlib
import json
import subprocess
import threading
import weakref
from collections.abc import Callable
from typing import Any

from tb_animate import processes
from tb_animate.sources.broken import Unreadable

SECONDS = 30.0
"""For one request: a gigabyte takes some, also on a slow disk."""

IDLE_SECONDS = 30.0
"""After which the process ends: it takes some 60 MB."""


class Apart:
    """Asks a module that answers as `hdf5.main` does. Safe to use from several threads.

    Args:
      module: its name.
    """

    def __init__(self, module: str) -> None:
        self._module = module
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._finish: Callable[[], object] | None = None
        self._idle: threading.Timer | None = None

    def ask(self, request: dict[str, str]) -> tuple[dict[str, Any], bytes]:
        """The answer to a request, and the bytes that come with it.

        Raises:
          Unreadable: the module says so, does not answer in time, or ends.
        """
        with self._lock:
            process = self._running()
            # Whatever it does then, reading from it ends.
            timer = threading.Timer(SECONDS, process.kill)
            timer.start()
            try:
                answer, raw = _exchange(process, request)
            except (OSError, ValueError, EOFError):
                self._end()
                raise Unreadable(
                    f"the checkpoint is damaged, or takes longer than {SECONDS:g} s to read; "
                    "save it anew."
                ) from None
            finally:
                timer.cancel()
            self._rest()
        if "error" in answer:
            raise Unreadable(answer["error"])
        return answer, raw

    def _running(self) -> subprocess.Popen[bytes]:
        if self._idle is not None:
            self._idle.cancel()
        if self._process is not None and self._process.poll() is not None:
            self._end()
        if self._process is None:
            self._process = subprocess.Popen(
                processes.command(self._module),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=processes.environment(),
            )
            # At the latest when nobody can ask any more, or with this process.
            self._finish = weakref.finalize(self, _stop, self._process)
        return self._process

    def _rest(self) -> None:
        self._idle = threading.Timer(IDLE_SECONDS, self.close)
        self._idle.daemon = True
        self._idle.start()

    def close(self) -> None:
        """Ends the process; the next request starts another."""
        with self._lock:
            self._end()

    def _end(self) -> None:
        if self._finish is not None:
            self._finish()
        self._process = self._finish = None


def _exchange(
    process: subprocess.Popen[bytes], request: dict[str, str]
) -> tuple[dict[str, Any], bytes]:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(request).encode() + b"\n")
    process.stdin.flush()
    line = process.stdout.readline()
    answer: dict[str, Any] = json.loads(line)
    raw = process.stdout.read(answer.get("bytes", 0))
    if len(raw) != answer.get("bytes", 0):
        raise EOFError
    return answer, raw


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            # What was not written to it yet has no reader.
            with contextlib.suppress(OSError):
                pipe.close()
