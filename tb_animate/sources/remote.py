"""Logs on object storage and other file systems of fsspec, read by ranges.

An address is resolved as TensorBoard resolves it where it has no file system of its own for
it: `s3://bucket/logs` with s3fs, `gs://` with gcsfs, `memory://` with fsspec alone, and so on.
Nothing is cached on disk, and of what was read only the last few ranges are held.
"""

from __future__ import annotations

import collections
import errno
import os
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from tb_animate import errors
from tb_animate.sources.byte_files import Reads, State

EXTRAS = {
    "s3": ("s3fs", "s3"),
    "s3a": ("s3fs", "s3"),
    "gs": ("gcsfs", "gs"),
    "gcs": ("gcsfs", "gs"),
}
"""By scheme, the package that reads it, and the extra of ours that brings it."""

READS = Reads(smallest=8 << 10, largest=1 << 20, hop=64 << 10)
"""A request costs some 30 ms, in which a connection could bring 1 MB; but bytes that leave a
cloud cost money, and logs of images are mostly payload. So a record is read with its
neighbours up to a sixteenth of that, and its first bytes alone beyond: an eighth at most."""

HELD_BYTES = 2 * READS.largest
"""Of ranges that were read last from a file. A record of several samples is looked at from
its front to its end twice."""

_MARKS = (
    *("ETag", "etag", "generation", "ino", "mtime", "LastModified", "last_modified"),
    *("modified", "updated", "created"),
)
"""What file systems call that which changes with a file."""


class Object(NamedTuple):
    """A file under a log directory.

    Attributes:
      relative: its path below that, with slashes.
      url: to open.
    """

    relative: str
    url: str
    state: State


def check(url: str) -> None:
    """Raises `errors.AnimateError`, which says what to install, if an address cannot be read."""
    _resolve(url)


def check_directory(url: str) -> None:
    """Asks whether there are logs at an address.

    Raises:
      errors.NotFound: there is nothing.
      errors.AnimateError: it cannot be listed, or is a file.
    """
    system, path = _resolve(url)
    try:
        system.invalidate_cache()
        there, is_file = _call(system.exists, path), _call(system.isfile, path)
    except OSError as error:
        raise errors.AnimateError(
            f'"{url}" cannot be listed: {error.strerror}. Check the address, and the account '
            "that the environment gives."
        ) from None
    if not there:
        raise errors.NotFound(
            f'There is no log directory "{url}". Check the address; it is the one that '
            "tensorboard gets as --logdir."
        )
    if is_file:
        raise errors.AnimateError(
            f'"{url}" is a file. Give the directory that holds the event files.'
        )


def objects(url: str) -> Iterator[Object]:
    """All files under an address, as of now; none where there is nothing (yet).

    Raises:
      OSError: it cannot be listed; with a `strerror`.
    """
    system, path = _resolve(url)
    # Else the listing of the last time would come again.
    system.invalidate_cache()
    try:
        found: dict[str, dict[str, Any]] = _call(system.find, path, detail=True)
    except FileNotFoundError:
        return
    base, top = url.rstrip("/"), path.rstrip("/") + "/"
    for name, about in found.items():
        if about.get("type") == "file" and name.startswith(top):
            relative = name[len(top) :]
            yield Object(relative, f"{base}/{relative}", _state(about))


class RemoteFile:
    """A `byte_files.ByteFile` behind an address; each range is a request.

    Args:
      found: its state, as `objects` gave it; `None` if nobody will ask.
    """

    reads = READS

    def __init__(self, url: str, found: State | None) -> None:
        self._system, self._path = _resolve(url)
        self._found = found
        self._held: collections.OrderedDict[int, bytes] = collections.OrderedDict()

    def state(self) -> State:
        if self._found is None:
            self._found = _state(_call(self._system.info, self._path))
        return self._found

    def read(self, count: int, offset: int) -> bytes:
        for start, block in reversed(self._held.items()):
            if start <= offset < start + len(block):
                return block[offset - start : offset - start + count]
        block = bytes(_call(self._system.cat_file, self._path, start=offset, end=offset + count))
        if block:
            self._held[offset] = block
            self._held.move_to_end(offset)
            while sum(map(len, self._held.values())) > HELD_BYTES and len(self._held) > 1:
                self._held.popitem(last=False)
        return block

    def close(self) -> None:
        self._held.clear()


def _resolve(url: str) -> tuple[Any, str]:
    """The file system of an address and the path in it.

    Raises:
      errors.AnimateError: there is none, or a package is missing.
    """
    scheme = url.partition("://")[0].rpartition("::")[2]
    try:
        from fsspec.core import url_to_fs

        options: dict[str, dict[str, str]] = {}
        # TensorBoard's own name for where S3 is.
        if scheme in ("s3", "s3a") and os.environ.get("S3_ENDPOINT"):
            options[scheme] = {"endpoint_url": os.environ["S3_ENDPOINT"]}
        system, path = url_to_fs(url, **options)
    except ImportError as error:
        raise errors.AnimateError(_missing(url, scheme, error)) from None
    except Exception as error:
        # Each file system has its own errors for an address that it does not understand.
        raise errors.AnimateError(
            f'"{url}" cannot be read ({errors.first_line(error)}). Give a local directory or '
            "an address that fsspec knows."
        ) from None
    return system, str(path)


def _missing(url: str, scheme: str, error: ImportError) -> str:
    if scheme not in EXTRAS:
        return (
            f'Reading "{url}" needs a package that is not installed '
            f"({errors.first_line(error)}). Install it where this runs, and start again."
        )
    package, extra = EXTRAS[scheme]
    return (
        f'Reading "{url}" needs the package {package}, which is not installed where this runs. '
        f'Install it with `pip install "tb-animate[{extra}]"` and start again.'
    )


def _state(about: dict[str, Any]) -> State:
    size = int(about.get("size") or 0)
    marks = (about.get(name) for name in _MARKS)
    return State(size, (size, *(str(mark) for mark in marks if mark is not None)))


def _call(method: Callable[..., Any], path: str, **options: Any) -> Any:
    """What a file system answers. All its errors, of many libraries, become `OSError`s."""
    try:
        return method(path, **options)
    except FileNotFoundError as error:
        raise FileNotFoundError(errno.ENOENT, "it is not there") from error
    except Exception as error:
        raise OSError(errno.EIO, errors.first_line(error)) from error
