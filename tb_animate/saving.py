"""A clip becomes a file: whole, or not at all."""

from __future__ import annotations

import contextlib
import os
import pathlib
import secrets
from collections.abc import Iterator

from tb_animate import budget, errors
from tb_animate.export import Plan
from tb_animate.jobs import Progress


def check(path: str | os.PathLike[str]) -> None:
    """Raises `errors.AnimateError` if `path` cannot be a file, before any work is done."""
    target = pathlib.Path(path)
    if target.is_dir():
        raise errors.AnimateError(f"{str(target)!r} is a folder; give the name of a file.")
    if not target.parent.is_dir():
        raise errors.AnimateError(
            f"The folder {str(target.parent)!r} does not exist; make it first."
        )


def new_token() -> str:
    """For the name of an unfinished file, which nobody else has."""
    return secrets.token_hex(8)


def discard(path: str | os.PathLike[str], token: str) -> None:
    """Removes what a process left behind that was killed while it saved with that token."""
    with contextlib.suppress(OSError, errors.AnimateError):
        _part(_resolved(path), token).unlink()


def save(
    plan: Plan, path: str | os.PathLike[str], progress: Progress | None = None, token: str = ""
) -> tuple[str, ...]:
    """Writes a clip: whole, or not at all, whatever goes wrong or is raised meanwhile.

    Args:
      token: of `new_token`; one of its own if left out.

    Returns:
      What was done to meet the clip's `max_bytes`, a sentence each.

    Raises:
      errors.AnimateError: it cannot be made to fit, or `path` cannot be a file.
      OSError: the file cannot be written; it names `path`.
    """
    target = _resolved(path)  # through a link, which stays one
    check(target)
    part = _part(target, token or new_token())
    try:
        with contextlib.ExitStack() as stack:
            with _naming(path):
                file = stack.enter_context(part.open("xb"))
            made = budget.make(plan, progress)
            for piece in made.pieces:
                with _naming(path):
                    file.write(piece)
            with _naming(path):
                file.flush()
        with _naming(path):
            part.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            part.unlink()
        raise
    return made.notes


def _resolved(path: str | os.PathLike[str]) -> pathlib.Path:
    target = pathlib.Path(path)
    with contextlib.suppress(RuntimeError):  # at a link that leads to itself, before Python 3.13
        target = target.resolve()
    if target.is_symlink():
        raise errors.AnimateError(
            f"{os.fspath(path)!r} is a link that leads to itself; give another name."
        )
    return target


def _part(target: pathlib.Path, token: str) -> pathlib.Path:
    return target.with_name(f".tb-animate-{token}.part")


@contextlib.contextmanager
def _naming(path: str | os.PathLike[str]) -> Iterator[None]:
    """Errors are of the file that somebody asked for, not of what it is called meanwhile."""
    try:
        yield
    except OSError as error:
        error.filename, error.filename2 = os.fspath(path), None
        raise
