"""What the file of a clip is named after."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tb_animate.model import Series

# File systems allow 255 bytes; this leaves room for whatever a browser appends.
_MAX_NAME = 100

# What Windows takes for a device, whatever comes after a dot.
_DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)


def file_name(words: Sequence[str], suffix: str) -> str:
    """A name that is safe on every file system and in a header: ASCII, no separators."""
    cleaned = (re.sub(r"[^A-Za-z0-9._-]+", "-", word).strip("-._") for word in words)
    stem = "-".join(word for word in cleaned if word)[:_MAX_NAME].strip("-._")
    if _DEVICE.fullmatch(stem):
        stem = f"clip-{stem}"
    return (stem or "clip") + suffix


def words(series: Sequence[Series]) -> list[str]:
    """What a downloaded file is named after: the run, where it is one, and the tags."""
    runs = {one.run for one in series}
    return [*(runs if len(runs) == 1 else ()), *dict.fromkeys(one.tag for one in series)]
