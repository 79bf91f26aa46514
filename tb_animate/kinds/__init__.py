"""Kinds of snapshots. A new one is one file, named as the kind, and one row here.

The rows say what TensorBoard must know at its start. A kind's file, with the image
libraries that it needs, is loaded when the kind is first used.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Iterable
from typing import Any, TypeGuard

from tb_animate import errors
from tb_animate.kinds.base import ComparingKind, Kind, PlacedKind
from tb_animate.model import Wanted

__all__ = [
    "KINDS",
    "ComparingKind",
    "Kind",
    "PlacedKind",
    "compares",
    "get",
    "is_placed",
    "words",
]

KINDS: dict[str, Wanted] = {
    "image": Wanted(kind="image", plugin_name="images", leading=2),
    "histogram": Wanted(kind="histogram", plugin_name="histograms"),
    "embedding": Wanted(kind="embedding", plugin_name="animate", points=True),
    "pr_curve": Wanted(kind="pr_curve", plugin_name="pr_curves"),
}


def get(name: str) -> Kind[Any, Any]:
    """The kind of this name.

    Raises:
      errors.AnimateError: there is none; the message lists those that exist.
    """
    if name not in KINDS:
        known = ", ".join(KINDS)
        raise errors.AnimateError(f"There is no kind {name[:40]!r}. Choose one of: {known}.")
    return _load(name)


def words(names: Iterable[str]) -> list[str]:
    """What these kinds are called within a sentence: a capital stays in abbreviations only."""
    titles = [get(name).title for name in names]
    return [one if one[:2].isupper() else one[0].lower() + one[1:] for one in titles]


def is_placed(kind: Kind[Any, Any]) -> TypeGuard[PlacedKind[Any, Any, Any]]:
    return kind.placed


def compares(kind: Kind[Any, Any]) -> TypeGuard[ComparingKind[Any, Any]]:
    return kind.compares


@functools.cache
def _load(name: str) -> Kind[Any, Any]:
    kind: Kind[Any, Any] = importlib.import_module(f"{__name__}.{name}").KIND
    return kind
