"""Makes clips in several processes at once.

They are not multiprocessing's own: the command that it starts looks for modules in the working
directory, see `child`.
"""

from __future__ import annotations

import collections
import contextlib
import multiprocessing
import multiprocessing.connection
import os
import signal
import subprocess
import sys
from collections.abc import Generator, Iterator, Sequence
from typing import TYPE_CHECKING, Any, cast

from tb_animate import api, errors, processes, saving
from tb_animate.batch import Clip, Order, Result, attempt

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from tb_animate.model import Source
    from tb_animate.scalars import ScalarSource

MAX_JOBS = 64  # more would be a slip of the finger: each takes memory for the logs' index

_GRACE_SECONDS = 10.0  # for a process to clear away its unfinished file


def run(order: Order, clips: Sequence[Clip], jobs: int) -> Generator[Result, None, None]:
    """As `batch.run`, as many clips at once as there are jobs, each in a process.

    Closing the iterator stops all; what is unfinished then leaves no file. Each process reads
    the logs for itself.
    """
    waiting = collections.deque(clip._replace(token=saving.new_token()) for clip in clips)
    crew: dict[Connection, tuple[subprocess.Popen[bytes], Clip]] = {}
    try:
        while waiting or crew:
            while waiting and len(crew) < jobs:
                end, process = _start(order)
                crew[end] = process, waiting.popleft()
                _give(end, crew[end][1])
            for ready in cast("list[Connection]", multiprocessing.connection.wait(list(crew))):
                process, clip = crew[ready]
                result = _taken(ready)
                if result is not None and waiting:
                    crew[ready] = process, waiting.popleft()
                    _give(ready, crew[ready][1])
                else:
                    del crew[ready]
                    ready.close()
                    process.wait()
                    saving.discard(clip.path, clip.token)
                ended = f"Its process ended ({process.returncode})."
                yield result or Result(clip, failure=ended)
    finally:
        for process, _ in crew.values():
            process.terminate()
        for process, clip in crew.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_GRACE_SECONDS)
            process.kill()
            process.wait()
            saving.discard(clip.path, clip.token)


def _give(end: Connection, what: Order | Clip) -> None:
    with contextlib.suppress(OSError):  # it has gone, which is noticed when its answer is due
        end.send(what)


def _taken(end: Connection) -> Result | None:
    """An answer, `None` of a process that was killed, for want of memory for example."""
    try:
        found: Result = end.recv()
    except (EOFError, OSError):
        return None
    return found


def _start(order: Order) -> tuple[Connection, subprocess.Popen[bytes]]:
    ours, theirs = multiprocessing.Pipe()
    with _interrupts_held(), theirs:
        process = subprocess.Popen(
            processes.command("tb_animate.crew", str(theirs.fileno())),
            stdin=subprocess.DEVNULL,
            env=processes.environment(),
            **_handing_on(theirs.fileno()),
        )
    _give(ours, order)
    return ours, process


def _handing_on(handle: int) -> dict[str, Any]:
    """The arguments by which another process gets a handle under the same number."""
    if sys.platform != "win32":
        return {"pass_fds": [handle]}
    os.set_handle_inheritable(handle, True)
    return {"startupinfo": subprocess.STARTUPINFO(lpAttributeList={"handle_list": [handle]})}


def _taking(handle: int) -> Connection:
    """What the other process makes of it."""
    if sys.platform != "win32":
        return multiprocessing.connection.Connection(handle)
    return multiprocessing.connection.PipeConnection(handle)


@contextlib.contextmanager
def _interrupts_held() -> Iterator[None]:
    """Ctrl-C reaches all processes of a terminal; those that start now shall not hear it.

    They are told to end by the one that does.
    """
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def main(handle: str) -> None:
    """In such a process: makes the clips that come until no more do."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    source: Source | None = None
    scalars: ScalarSource | None = None
    with processes.ended_by_signals(), contextlib.suppress(EOFError, BrokenPipeError):
        end = _taking(int(handle))
        order: Order = end.recv()
        while True:
            clip = end.recv()
            try:
                if source is None:
                    scalars = api.open_scalars(order.logdir, order.spec)
                    source = api.open_source(order.logdir)
            except Exception as error:
                end.send(Result(clip, failure=errors.sentence(error)))
            else:
                end.send(attempt(source, scalars, order, clip))
