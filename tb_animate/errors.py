"""Errors that a user can mend. Imports nothing of ours.

    AnimateError      400  the request cannot be met as it stands
    ├── NotFound      404  no such series, run, tag or file
    ├── TooLarge      413  over a limit
    └── Busy          503  try again later

Each message says what was wrong, the limit, and the mend, in plain sentences: the
page, the command line and HTTP all show it as it is.
"""

from __future__ import annotations


class AnimateError(Exception):
    """The request cannot be met as it stands."""

    status = 400


class NotFound(AnimateError):
    """What was asked for does not exist."""

    status = 404


class TooLarge(AnimateError):
    """What was asked for is over a limit."""

    status = 413


class Busy(AnimateError):
    """The server cannot do it now; the same request may go through later."""

    status = 503
