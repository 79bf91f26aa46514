"""The first pass over the snapshots: their points are joined, their moments summed up."""

from __future__ import annotations

import dataclasses
import operator
from collections.abc import Callable, Iterable

import numpy as np

from tb_animate.projection import rows as rows_of
from tb_animate.projection.anchors import WATCHED, Watch, anchors_of
from tb_animate.projection.cloud import LIMIT, Cloud, Gathering
from tb_animate.projection.hashing import chosen
from tb_animate.projection.model import Ints, Options, Snapshot
from tb_animate.projection.moments import Moments, budget

# Frames of a series that does not tell how many it has.
USUAL = 50


@dataclasses.dataclass(slots=True)
class Seen:
    """What one look at the snapshots has told.

    Attributes:
      cloud: their points.
      steps: of those with points, by stretch.
      moments: by the number of dimensions.
      rotated: numbers of dimensions whose frames are rotated against each other.
      frames: snapshots looked at.
      last: step of the last one.
      repeated: rows that named a point again, the most at one step.
    """

    cloud: Cloud
    steps: dict[int, list[int]]
    moments: dict[int, Moments]
    rotated: set[int]
    frames: int
    last: int | None
    repeated: int


def look(
    snapshots: Iterable[Snapshot],
    options: Options,
    before: Cloud | None,
    tick: Callable[[int], None],
) -> Seen:
    """Looks at snapshots in the order of their steps.

    Args:
      before: stretches that the first of them may join.
      tick: is called with the number of snapshots looked at.
    """
    gathering = Gathering(before)
    moments: dict[int, Moments] = {}
    watches: dict[int, Watch] = {}
    steps: dict[int, list[int]] = {}
    expected = operator.length_hint(snapshots) or USUAL
    frames = 0
    last = None
    for snapshot in snapshots:
        tick(frames)
        frames += 1
        last = snapshot.step
        looked = gathering.look(snapshot)
        if looked is None:
            continue
        steps.setdefault(looked.stretch, []).append(snapshot.step)
        dimensions = snapshot.values.shape[1]
        sums = moments.get(dimensions)
        if sums is None:
            sums = moments[dimensions] = Moments(dimensions, latest=options.method == "last")
        found = rows_of.spread(snapshot.values)
        sums.add(snapshot.values, rows_told_from(snapshot, looked.numbers, expected), found)
        anchors = anchors_of(snapshot, looked.numbers, found, WATCHED)
        sums.sample(anchors.rows, found)
        if options.align == "auto":
            watches.setdefault(dimensions, Watch()).look(looked.stretch, anchors)
    rotated = {dimensions for dimensions, watch in watches.items() if watch.rotated()}
    if options.align == "rigid":
        rotated = set(moments)
    return Seen(gathering.finish(), steps, moments, rotated, frames, last, gathering.repeated)


def rows_told_from(snapshot: Snapshot, numbers: Ints, frames: int) -> Ints | None:
    """The rows that variances are summed up from, others at each step; `None`: all.

    Args:
      numbers: of each row's point, below 0: left out.
      frames: how many there are, about.
    """
    most = min(budget(snapshot.values.shape[1], frames), LIMIT)
    if len(numbers) <= most and (numbers >= 0).all():
        return None
    return np.sort(chosen(numbers, most, snapshot.step))
