"""What a message says where a name does not exist: which come close to it, or which there are."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

_LISTED = 8  # names that a message lists before it says how many more there are


def some(known: Sequence[str]) -> str:
    """The first of some names, and how many more there are."""
    more = f" and {len(known) - _LISTED} more" if len(known) > _LISTED else ""
    return ", ".join(map(repr, known[:_LISTED])) + more


def instead(wanted: str, known: Sequence[str], there: str) -> str:
    """A sentence.

    Args:
      known: names that exist, at least one, sorted.
      there: how it begins where none of them comes close, such as "The tags are".
    """
    close = difflib.get_close_matches(wanted, known, n=3)
    if close:
        return f"Did you mean {' or '.join(map(repr, close))}?"
    return f"{there} {some(known)}."
