"""Files as ranges of bytes, wherever they lie: what the walk and the frames are read from.

`LocalFile` reads this machine's files, `remote.RemoteFile` those of other file systems.
"""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Callable
from typing import NamedTuple, Protocol

_URL = re.compile(r"[a-zA-Z][0-9a-zA-Z.]*(::[a-zA-Z][0-9a-zA-Z.]*)*://")
"""As TensorBoard tells addresses from paths; those of fsspec may be chained."""


class Reads(NamedTuple):
    """How much to read of a file at once, in bytes.

    Attributes:
      smallest: after a jump over a payload.
      largest: when records follow each other closely.
      hop: records from this length on are hopped over rather than read.
    """

    smallest: int
    largest: int
    hop: int


class State(NamedTuple):
    """What a file looks like from outside.

    Attributes:
      size: in bytes.
      stamp: changes when the file does.
    """

    size: int
    stamp: tuple[object, ...]


class ByteFile(Protocol):
    """A file that is open. For one thread at a time."""

    @property
    def reads(self) -> Reads: ...

    @property
    def read(self) -> Callable[[int, int], bytes]:
        """Takes a count and an offset, as `os.pread` does after the file.

        Fewer bytes than asked for may come; none come only at the end of the file. Raises
        `OSError`, with a `strerror`.
        """

    def state(self) -> State:
        """As of now, or of when it was found. Raises `OSError`."""

    def close(self) -> None: ...


def is_url(path: str) -> bool:
    """Whether a log directory is an address, such as `s3://bucket/logs`."""
    return _URL.match(path) is not None


def open_file(path: str, found: State | None = None) -> ByteFile:
    """Opens a file.

    Args:
      path: as the search for files gave it.
      found: its state then, if the caller will ask for a state.

    Raises:
      OSError: with a `strerror`.
    """
    if not is_url(path):
        return LocalFile(path)
    from tb_animate.sources import remote

    return remote.RemoteFile(path, found)


def state_of(status: os.stat_result) -> State:
    stamp = status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns
    return State(status.st_size, stamp)


def pread(descriptor: int, count: int, offset: int) -> bytes:
    """As `os.pread`, which Windows lacks; descriptors are never shared here, so seeking does."""
    os.lseek(descriptor, offset, os.SEEK_SET)
    return os.read(descriptor, count)


class LocalFile:
    """A `ByteFile` of this machine. It is not mapped.

    A mapped file that is truncated by another process kills this one (SIGBUS), and mapped
    pages count as resident memory.
    """

    # After a jump one page, which is what the disk reads anyway; and about 2 ms of walking.
    reads = Reads(smallest=4 << 10, largest=128 << 10, hop=64 << 10)

    def __init__(self, path: str) -> None:
        flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
        self._descriptor = os.open(path, flags)
        self.read: Callable[[int, int], bytes] = functools.partial(
            getattr(os, "pread", pread), self._descriptor
        )

    def state(self) -> State:
        return state_of(os.fstat(self._descriptor))

    def close(self) -> None:
        os.close(self._descriptor)
