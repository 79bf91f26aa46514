"""Logs read back: what tests look at of what was written, whoever wrote it."""

from __future__ import annotations

import os
from collections.abc import Iterable

from tb_animate import kinds, sources
from tb_animate.model import Frame, Series, Source, Wanted


def opened(
    logdir: str | os.PathLike[str], wanted: Iterable[Wanted] = kinds.KINDS.values()
) -> Source:
    """A log directory that has been read to its end."""
    source = sources.open_logdir(os.fspath(logdir), wanted)
    assert source.wait(60)
    return source


def read(source: Source, series: Series) -> list[Frame]:
    """All frames of a series."""
    index = source.open(series.id)
    return list(index.read(range(len(index.steps))))


def frames(logdir: str | os.PathLike[str], tag: str = "features") -> list[Frame]:
    """All frames of a tag that one run has logged, of which nothing may be wrong."""
    source = opened(logdir)
    (series,) = [one for one in source.series() if one.tag == tag]
    found = read(source, series)
    assert [frame.error for frame in found] == [None] * len(found)
    assert source.warnings() == []
    return found
