"""Fits a projection to a series, and extends it as the series grows.

A snapshot is read, looked at and let go: once for the points and their moments, again to
align frames that are rotated, and twice for t-SNE.
"""

from __future__ import annotations

import dataclasses
import operator
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias, TypeVar

import numpy as np

from tb_animate.projection import align, basis, joint, layouts, notes
from tb_animate.projection.align import Aligned
from tb_animate.projection.anchors import Reduced
from tb_animate.projection.linear import Fixed, View
from tb_animate.projection.looking import Seen, look, rows_told_from
from tb_animate.projection.model import Options, Snapshot
from tb_animate.projection.neighbours import FEATURES, Neighbours
from tb_animate.projection.projected import Projection, key_of
from tb_animate.projection.share import Variance, variance_of

# `progress` counts in thousandths, of which t-SNE's first look takes so many.
WHOLE = 1000
LOOK = 50

# A view, and the share of the variance that it shows.
Found: TypeAlias = tuple[View, float]


def fit(
    snapshots: Iterable[Snapshot],
    options: Options,
    *,
    before: Projection | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Projection:
    """Fits a projection to snapshots in the order of their steps.

    Args:
      snapshots: are iterated over several times where they have to be, and none is kept.
      before: an earlier projection of the series, to whose axes the new ones are turned.
      progress: is told how much of how much is done; what it raises ends the fit.

    Raises:
      errors.AnimateError: t-SNE without scikit-learn, or it failed.
    """
    if options.method == "tsne":
        joint.check()
    report = progress or (lambda done, total: None)
    hint = operator.length_hint(snapshots)
    span = LOOK if options.method == "tsne" else WHOLE
    with np.errstate(all="ignore"):
        seen = look(
            snapshots,
            options,
            None,
            lambda done: report(min(span * done // max(hint, 1), span) if hint else 0, WHOLE),
        )
        new = range(len(seen.cloud.stretches))
        axes = FEATURES if options.method == "tsne" else options.dims
        found = _linear(seen, snapshots, new, seen.rotated, axes, before)
        views: list[View] = [view for view, _ in found]
        if options.method == "tsne":
            views = layouts.lay_out(
                views, seen, snapshots, options, before, lambda done: report(done, WHOLE)
            )
        report(WHOLE, WHOLE)
    return Projection(
        options=options,
        variance=0.0 if options.method == "tsne" else _pooled(found, seen.steps),
        aligned=any(isinstance(view, Aligned) for view, _ in found),
        frames=seen.frames,
        fitted=seen.frames,
        notes=notes.of_fit(options, seen),
        key=key_of(options, seen.cloud, views),
        last=seen.last,
        cloud=seen.cloud,
        views=views,
    )


def extend(projection: Projection, snapshots: Iterable[Snapshot]) -> Projection:
    """Covers frames that were appended. Axes, offset, scale and slots stay, and the key.

    Args:
      snapshots: those appended, in the order of their steps; others are passed over.
    """
    if not any(segment.points for segment in projection.segments):
        return fit(snapshots, projection.options)
    after = _After(snapshots, projection.last)
    options = projection.options
    with np.errstate(all="ignore"):
        seen = look(after, options, projection.cloud, lambda done: None)
        views: list[View | None] = list(projection.views)
        known = {
            segment.dimensions: _axes_of(view)
            for segment, view in zip(projection.segments, projection.views, strict=True)
        }
        rotated = set(seen.rotated)
        for stretch in seen.cloud.stretches[len(views) :]:
            dimensions = stretch.segment.dimensions
            view = known.get(dimensions)
            if isinstance(view, Aligned):
                rotated.add(dimensions)
            at = [one.dimensions for one in projection.segments]
            fixed = isinstance(view, Fixed)
            views.append(projection.views[at.index(dimensions)] if fixed else None)
        new = [at for at, view in enumerate(views) if view is None]
        found = iter(_linear(seen, after, new, rotated, options.dims, None))
        settled = [next(found)[0] if view is None else view for view in views]
    return dataclasses.replace(
        projection,
        frames=projection.frames + seen.frames,
        notes=notes.of_growth(projection.notes, options, seen, new),
        last=projection.last if seen.last is None else seen.last,
        cloud=seen.cloud,
        views=settled,
    )


class _After:
    """Snapshots past a step, as often as they are asked for."""

    def __init__(self, snapshots: Iterable[Snapshot], step: int | None) -> None:
        self._snapshots = snapshots
        self._step = step

    def __iter__(self) -> Iterator[Snapshot]:
        return (one for one in self._snapshots if self._step is None or one.step > self._step)


def _linear(
    seen: Seen,
    snapshots: Iterable[Snapshot],
    new: Sequence[int],
    rotated: set[int],
    axes: int,
    before: Projection | None,
) -> list[Found]:
    """The views of these stretches on straight axes; of one space the same, if not aligned."""
    turned = {at for at in new if seen.cloud.stretches[at].segment.dimensions in rotated}
    aligned = _align(seen, snapshots, turned, axes, before)
    fixed: dict[int, Found] = {}
    found = []
    for at in new:
        dimensions = seen.cloud.stretches[at].segment.dimensions
        if at not in aligned and dimensions not in fixed:
            fixed[dimensions] = _fix(seen, dimensions, axes, before)
        found.append(aligned[at] if at in aligned else fixed[dimensions])
    return found


def _fix(seen: Seen, dimensions: int, axes: int, before: Projection | None) -> Found:
    sums = seen.moments.get(dimensions)
    if sums is None:
        return Fixed(np.eye(dimensions, axes), np.zeros(dimensions), 1.0), 0.0
    found = basis.of_frames(sums, axes)
    if dimensions > axes:
        for old in _views_before(before, Fixed):
            if old.basis.shape == found.shape:
                found = found @ basis.nearest_rotation(found, old.basis)
                break
    mean = sums.mean()
    sample = sums.samples()
    sample -= mean.astype(np.float32)
    scale = basis.scale_of(sample @ found.astype(np.float32))
    return Fixed(found, sums.origin + mean, scale), basis.explained(sums, found)


def _align(
    seen: Seen,
    snapshots: Iterable[Snapshot],
    turned: set[int],
    axes: int,
    before: Projection | None,
) -> dict[int, Found]:
    """The views of the stretches whose frames are rotated, as far as points tell how."""
    if not turned:
        return {}
    frames: dict[int, dict[int, Reduced]] = {}
    variances: dict[int, Variance] = {}
    count = sum(len(seen.steps[at]) for at in turned)
    kept = {at: align.detail(count, seen.cloud.stretches[at].segment.dimensions) for at in turned}
    for snapshot in snapshots:
        at = seen.cloud.find(snapshot)
        if at is not None and at in turned and len(snapshot.values):
            slots = seen.cloud.stretches[at].slots(snapshot)
            reduced = align.components_of(snapshot, slots, kept[at])
            if len(reduced.slots) >= 2:
                frames.setdefault(at, {})[snapshot.step] = reduced
                rows = rows_told_from(snapshot, slots, count)
                variances[snapshot.step] = variance_of(snapshot, rows, reduced)
    found: dict[int, Found] = {}
    for at, some in frames.items():
        view, share = align.fit(some, variances, axes, kept[at])
        for old in _views_before(before, Aligned):
            view = align.turned_to(view, old.turns)
        found[at] = view, share
    return found


Kind = TypeVar("Kind", Fixed, Aligned)


def _views_before(before: Projection | None, kind: type[Kind]) -> list[Kind]:
    views = [_axes_of(view) for view in before.views] if before is not None else []
    return [view for view in views if isinstance(view, kind)]


def _axes_of(view: View) -> View:
    return view.features if isinstance(view, Neighbours) else view


def _pooled(found: Sequence[Found], steps: Mapping[int, Sequence[int]]) -> float:
    """The share of the variance over all segments, each frame of equal weight."""
    weights = [len(steps.get(at, ())) for at in range(len(found))]
    shown = sum(share * weight for (_, share), weight in zip(found, weights, strict=True))
    return shown / sum(weights) if sum(weights) else 0.0
