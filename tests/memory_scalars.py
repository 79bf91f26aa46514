"""Scalars whose points are given, for tests of everything above the sources."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from tb_animate.model import Progress
from tb_animate.scalars import Points, Scalar

Logged = Mapping[int, float]
"""Values by step."""

START = 1e9  # as of memory_source: a second for each step


class MemoryScalars:
    """Implements `scalars.ScalarSource`; all of it has been read from the start."""

    def __init__(self, logged: Mapping[tuple[str, str], Logged]) -> None:
        self._logged = logged

    def scalars(self) -> list[Scalar]:
        found = [
            Scalar(run, tag, "", "", len(points), min(points), max(points))
            for (run, tag), points in self._logged.items()
        ]
        return sorted(found, key=lambda one: (one.tag, one.run))

    def points(self, run: str, tag: str) -> Points | None:
        points = self._logged.get((run, tag))
        if points is None:
            return None
        steps = np.array(list(points), np.int64)
        return Points(steps, START + steps, np.array(list(points.values()), np.float32))

    def progress(self) -> Progress:
        return Progress(1, 1)

    def wait(self, timeout: float | None = None, since: float | None = None) -> bool:
        return True
