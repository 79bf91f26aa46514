"""t-SNE views: references are gathered, laid out together, and all frames placed."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np

from tb_animate.projection import joint, neighbours
from tb_animate.projection.basis import signs
from tb_animate.projection.hashing import chosen
from tb_animate.projection.linear import Laid, View
from tb_animate.projection.looking import Seen
from tb_animate.projection.model import Doubles, Floats, Options, Snapshot
from tb_animate.projection.neighbours import Neighbours, Reference
from tb_animate.projection.projected import Projection

# Of a fit's thousandths, where gathering, laying out and placing begin.
GATHER, LAYOUT, PLACE, END = 50, 100, 700, 1000

Tick = Callable[[int], None]


def lay_out(
    views: Sequence[View],
    seen: Seen,
    snapshots: Iterable[Snapshot],
    options: Options,
    before: Projection | None,
    tick: Tick,
) -> list[View]:
    """For each segment's view on straight axes one that keeps neighbours.

    Args:
      tick: is called with the thousandths done, several times a second.
    """
    spaces = list(dict.fromkeys(map(id, views)))
    space_of = [spaces.index(id(view)) for view in views]
    features, earlier = _gather(views, space_of, seen, snapshots, before, tick)
    laid: list[View] = []
    for space in range(len(spaces)):
        view = views[space_of.index(space)]
        if not features[space]:
            laid.append(view)
            continue
        begin = LAYOUT + (PLACE - LAYOUT) * space // len(spaces)
        span = (PLACE - LAYOUT) // len(spaces)
        advance = functools.partial(_advance, tick, begin, span)
        references = _together(features[space], options.dims, advance)
        found = neighbours.framed(view, references)
        if space in earlier:
            newest = references[-1].positions
            found = neighbours.turned_to(found, newest, earlier[space])
        laid.append(found)
    found_views = [laid[space] for space in space_of]
    return _place(found_views, seen, snapshots, tick)


def _advance(tick: Tick, begin: int, span: int, iterations: int) -> None:
    tick(begin + span * iterations // joint.ITERATIONS)


def _gather(
    views: Sequence[View],
    space_of: Sequence[int],
    seen: Seen,
    snapshots: Iterable[Snapshot],
    before: Projection | None,
    tick: Tick,
) -> tuple[list[dict[int, Floats]], dict[int, Floats]]:
    """Features of some points of some frames, by space and step.

    Returns:
      these, and where the points of each space's last frame were before, if known.
    """
    spaces = max(space_of, default=-1) + 1
    steps: list[list[int]] = [[] for _ in range(spaces)]
    for stretch, some in seen.steps.items():
        steps[space_of[stretch]] += some
    wanted = [set(_spread(sorted(some))) for some in steps]
    features: list[dict[int, Floats]] = [{} for _ in range(spaces)]
    earlier: dict[int, Floats] = {}
    for done, snapshot in enumerate(snapshots):
        tick(GATHER + (LAYOUT - GATHER) * done // seen.frames)
        at = seen.cloud.find(snapshot)
        if at is None or snapshot.step not in wanted[space_of[at]]:
            continue
        space = space_of[at]
        slots = seen.cloud.stretches[at].slots(snapshot)
        rows = np.sort(chosen(slots, neighbours.IDS))
        found = views[at].place(snapshot, slots, rows).positions
        there = np.isfinite(found).all(axis=1)
        if not there.any():
            continue
        features[space][snapshot.step] = found[there]
        earlier.pop(space, None)
        if before is not None:
            earlier[space] = _where_before(before, snapshot)[rows[there]]
    return features, earlier


def _spread(steps: Sequence[int]) -> Iterable[int]:
    """At most `FRAMES` of the steps, evenly, the first and the last among them."""
    count = min(len(steps), neighbours.FRAMES)
    return (steps[round(i)] for i in np.linspace(0, len(steps) - 1, count))


def _where_before(before: Projection, snapshot: Snapshot) -> Floats:
    """Positions of a snapshot's rows in an earlier projection; NaN where it has none."""
    placed, slots = before.place(snapshot), before.slots(snapshot)
    found = np.full((len(slots), before.dims), np.nan, np.float32)
    found[slots >= 0] = placed.positions[slots[slots >= 0]]
    return found


def _together(features: Mapping[int, Floats], dims: int, tick: Tick) -> list[Reference]:
    every = np.concatenate(list(features.values()))
    positions = joint.layout(every, _start(every, dims), tick)
    ends = np.cumsum([len(one) for one in features.values()])
    parts = np.split(positions, ends[:-1])
    return [
        Reference(step, one, part)
        for (step, one), part in zip(features.items(), parts, strict=True)
    ]


def _start(features: Floats, dims: int) -> Floats:
    """The first principal components of all together, shape [points, dims]."""
    left = features - features.mean(axis=0)
    covariance = (left.T @ left).astype(np.float64)
    axes: Doubles = np.zeros((len(covariance), dims))
    found = np.linalg.eigh(covariance)[1][:, ::-1][:, :dims]
    axes[:, : found.shape[1]] = found
    return np.asarray(left @ (axes * signs(axes)), np.float32)


def _place(
    views: Sequence[View], seen: Seen, snapshots: Iterable[Snapshot], tick: Tick
) -> list[View]:
    """Places the frames, which takes its time, and keeps as many as fit."""
    room = neighbours.KEPT_BYTES
    kept: list[dict[int, Laid]] = [{} for _ in views]
    for done, snapshot in enumerate(snapshots):
        again = functools.partial(tick, PLACE + (END - PLACE) * done // seen.frames)
        again()
        at = seen.cloud.find(snapshot)
        if at is None or not len(snapshot.values):
            continue
        view = views[at]
        if not isinstance(view, Neighbours):
            continue
        slots = seen.cloud.stretches[at].slots(snapshot)
        rows = None if (slots >= 0).all() else np.flatnonzero(slots >= 0)
        laid = view.place(snapshot, slots, rows, again)
        room -= laid.positions.nbytes
        if room < 0:
            break
        laid.positions.flags.writeable = False
        kept[at][snapshot.step] = laid
    return [
        Neighbours(view.features, view.references, view.middle, view.scale, kept[at])
        if isinstance(view, Neighbours)
        else view
        for at, view in enumerate(views)
    ]
