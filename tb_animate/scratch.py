"""Temporary files, whose disk may be full."""

from __future__ import annotations

import contextlib
import errno
import tempfile
from collections.abc import Iterator
from typing import IO

from tb_animate import errors

# The disk, or what this user may have of it.
_FULL = (errno.ENOSPC, errno.EDQUOT)

_MEMORY = 8 * 2**20  # bytes of a clip before its temporary file comes to be on disk
_PIECE = 2**18


@contextlib.contextmanager
def room() -> Iterator[None]:
    """Around what writes temporary files.

    Raises:
      errors.NoRoom: there is none for them.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in _FULL:
            raise
        raise errors.NoRoom(
            f"There is no room for temporary files in {tempfile.gettempdir()!r}. Free some, or "
            "start TensorBoard or tb-animate with TMPDIR set to a folder on another disk."
        ) from error


def whole() -> IO[bytes]:
    """A file for a clip that cannot leave before it is whole; in memory as long as it is small."""
    return tempfile.SpooledTemporaryFile(_MEMORY)


def pieces(file: IO[bytes]) -> Iterator[bytes]:
    """All that a file holds, from its beginning on."""
    file.seek(0)
    while piece := file.read(_PIECE):
        yield piece
