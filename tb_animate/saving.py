"""A clip becomes a file: whole, or not at all."""

from __future__ import annotations

import contextlib
import os
import pathlib
import secrets

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


def save(
    plan: Plan, path: str | os.PathLike[str], progress: Progress | None = None
) -> tuple[str, ...]:
    """Writes a clip: whole, or not at all, whatever goes wrong or is raised meanwhile.

    Returns:
      What was done to meet the clip's `max_bytes`, a sentence each.

    Raises:
      errors.TooLarge: it cannot be made to fit.
      OSError: the file cannot be written.
    """
    target = pathlib.Path(path).resolve()  # through a link, which stays one
    part = target.with_name(f".tb-animate-{secrets.token_hex(8)}.part")
    try:
        with part.open("xb") as file:
            made = budget.make(plan, progress)
            for piece in made.pieces:
                file.write(piece)
        part.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            part.unlink()
        raise
    return made.notes
