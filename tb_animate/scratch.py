"""Temporary files, whose disk may be full."""

from __future__ import annotations

import contextlib
import errno
import tempfile
from collections.abc import Iterator

from tb_animate import errors

# The disk, or what this user may have of it.
_FULL = (errno.ENOSPC, errno.EDQUOT)


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
