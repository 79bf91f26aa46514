"""Kinds of snapshots. A new one is one file and one row here."""

from __future__ import annotations

from typing import Any

from tb_animate import errors
from tb_animate.kinds.base import Kind
from tb_animate.kinds.image import ImageKind

__all__ = ["KINDS", "Kind", "get"]

KINDS: dict[str, Kind[Any, Any]] = {
    "image": ImageKind(),
}


def get(name: str) -> Kind[Any, Any]:
    """The kind of this name.

    Raises:
      errors.AnimateError: there is none; the message lists those that exist.
    """
    try:
        return KINDS[name]
    except KeyError:
        known = ", ".join(KINDS)
        raise errors.AnimateError(
            f"There is no kind {name[:40]!r}. Choose one of: {known}."
        ) from None
