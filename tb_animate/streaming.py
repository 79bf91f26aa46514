"""A clip on its way to a client, and the client's leaving noticed."""

from __future__ import annotations

import contextlib
import itertools
import logging
import os
import selectors
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

from tb_animate import errors

logger = logging.getLogger(__name__)

# A client that stays connected but takes nothing for so long gives its slot back.
STALLED_SECONDS = 120.0

# A clip gets a third of what other requests get where both want the same processor. With less
# it would hardly be made beside a training that keeps all of them busy.
NICENESS = 5

# An encoder's first piece may be a bare header; the next one has a picture in it. Whatever
# is wrong with the first picture is thus still told by a status.
_PIECES_BEFORE_HEADERS = 2


class ClientLeft(ConnectionAbortedError):
    """Nobody waits for the clip any more. The server takes it for a dropped connection."""


class ClipStream:
    """The pieces of a file, the first of which are known before any header is sent.

    Args:
      pieces: yields the file.
      finish: called once, when all is sent or the client has left.

    Raises:
      Whatever `pieces` raises before its first picture; `finish` was called then.
    """

    def __init__(self, pieces: Iterator[bytes], finish: Callable[[], None]) -> None:
        self._pieces = pieces
        self._finish: Callable[[], None] | None = finish
        try:
            self._first = list(itertools.islice(pieces, _PIECES_BEFORE_HEADERS))
        except BaseException:
            self.close()
            raise

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if self._first:
            return self._first.pop(0)
        try:
            return next(self._pieces)
        except (StopIteration, ClientLeft):
            self.close()
            raise
        except errors.AnimateError as error:
            logger.warning("A clip ended early: %s", error)
            self.close()
            raise ClientLeft from error
        except Exception as error:
            logger.exception("A clip ended early")
            self.close()
            # The headers are gone; a connection cut before the end of the body is what
            # tells the client that the file is not whole.
            raise ClientLeft from error

    def close(self) -> None:
        """Stops the work at once. WSGI servers call it whenever a response is over."""
        finish, self._finish = self._finish, None
        try:
            close = getattr(self._pieces, "close", None)
            if close is not None:
                close()
        finally:
            if finish is not None:
                finish()


class Connection:
    """The socket behind a request, where the server tells it (TensorBoard's does)."""

    def __init__(self, environ: dict[str, Any]) -> None:
        found = environ.get("werkzeug.socket")
        self._socket = found if isinstance(found, socket.socket) else None
        if self._socket is not None:
            self._socket.settimeout(STALLED_SECONDS)

    def stand_back(self) -> None:
        """Gives what this thread does, and the threads that it starts, less of the processor.

        It cannot be taken back without rights, so only where the thread ends with the request:
        TensorBoard's server has one for each connection, and a connection for each request.
        """
        if self._socket is None or sys.platform != "linux":
            return  # elsewhere a priority is a whole process's
        with contextlib.suppress(OSError):
            thread = threading.get_native_id()
            usual = os.getpriority(os.PRIO_PROCESS, thread)
            os.setpriority(os.PRIO_PROCESS, thread, usual + NICENESS)

    def check(self) -> None:
        """Raises `ClientLeft` when the other end has closed.

        Writing would tell as well, but only at the second try, and a slow clip has long
        pauses between writes.
        """
        if self._socket is None:
            return
        try:
            with selectors.DefaultSelector() as selector:
                selector.register(self._socket, selectors.EVENT_READ)
                left = bool(selector.select(0)) and not self._socket.recv(1, socket.MSG_PEEK)
        except (OSError, ValueError):
            left = True
        if left:
            raise ClientLeft
