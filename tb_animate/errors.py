"""Errors that a user can mend. Imports nothing of ours.

    AnimateError      400  the request cannot be met as it stands
    ├── NotFound      404  no such series, run, tag or file
    ├── TooLarge      413  over a limit
    ├── Busy          503  try again later
    └── NoRoom        507  the disk is full

Each message says what was wrong, the limit, and the mend, in plain sentences: the
page, the command line and HTTP all show it as it is.
"""

from __future__ import annotations

MAX_SENTENCE = 1_000
"""Characters of a message that are shown. Logs may name a tag with tens of thousands, and
what a message says of it stands before and after the name."""


def sentence(error: Exception) -> str:
    """What the command line says of an error: one plain sentence."""
    if isinstance(error, AnimateError):
        return str(error)
    if isinstance(error, OSError):
        name = f"{error.filename!r}: " if error.filename else ""
        return f"{name}{error.strerror or error}."
    return (
        f"{type(error).__name__}: {error}. This is a fault of tb-animate; "
        "python -X dev -m tb_animate.cli shows where."
    )


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


class NoRoom(AnimateError):
    """There is no room on the disk for what is written meanwhile."""

    status = 507


def first_line(error: BaseException) -> str:
    """What a library says of an error, to stand within a sentence."""
    said = str(getattr(error, "strerror", None) or error) or type(error).__name__
    return said.splitlines()[0].rstrip(".")


def printable(text: str) -> str:
    """The text on one line, and without what would move a terminal's cursor, turn the
    direction of what follows or be no valid text at all."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def plain(sentence: str) -> str:
    """A message as people are to see it, whatever the names in it are."""
    if len(sentence) > MAX_SENTENCE:
        half = MAX_SENTENCE // 2
        sentence = f"{sentence[:half]} ... {sentence[-half:]}"
    return printable(sentence)
