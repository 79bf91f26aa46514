"""Rigid alignment of snapshots that are rotated against each other.

Networks that were initialised independently have their features in axes of their own.
Frame by frame, backwards from the last one, the principal components of the points are
turned (and mirrored) onto those of the frame after, which leaves distances as they are.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from tb_animate.projection import basis, share
from tb_animate.projection.anchors import (
    ANCHORS,
    Reduced,
    anchors_of,
    reduce,
    shared,
)
from tb_animate.projection.linear import Laid, Turn, lay
from tb_animate.projection.model import Doubles, Floats, Ints, Snapshot
from tb_animate.projection.rows import spread
from tb_animate.projection.share import Variance

KEPT_BYTES = 32_000_000  # of all frames' anchors

# Principal components that frames are turned in: the first of these that there is room
# for, with so many anchors for each component.
COMPONENTS = (128, 64, 32)
POINTS_A_COMPONENT = 4

# Of weighing; and the share of the usual distance below which all weigh the same.
ROUNDS = 5
SOFT = 0.1


class Target(NamedTuple):
    """A frame's anchors in the common axes, which other frames are turned onto.

    Attributes:
      slots: shape [points].
      coordinates: float32, shape [points, components].
    """

    slots: Ints
    coordinates: Floats


class Step(NamedTuple):
    """From a frame's own components to the common axes: coordinates turned + shift."""

    turned: Doubles
    shift: Doubles


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Aligned:
    """Frames of one stretch in common axes.

    Attributes:
      turns: by step, of the frames that were looked at.
      targets: their anchors.
      axes: from the common axes to those shown, shape [components, axes].
      middle: what is the origin of the picture, in the common axes.
      kept: of each frame.
    """

    turns: Mapping[int, Turn]
    targets: Mapping[int, Target]
    axes: Doubles
    middle: Doubles
    kept: Detail
    scale: float

    def turn(self, snapshot: Snapshot, slots: Ints) -> Turn:
        """Of a frame that was not looked at: onto the nearest one that was."""
        if snapshot.step in self.turns:
            return self.turns[snapshot.step]
        nearest = min(self.targets, key=lambda step: (abs(step - snapshot.step), step))
        frame = components_of(snapshot, slots, self.kept)
        step = onto(frame, self.targets[nearest])
        if step is None:
            return self.turns[nearest]
        return _to_picture(frame, step, self.axes, self.middle)

    def place(self, snapshot: Snapshot, slots: Ints, rows: Ints | None) -> Laid:
        return lay(snapshot.values, rows, self.turn(snapshot, slots), self.scale)

    def digest(self) -> bytes:
        turns = (part.tobytes() for turn in self.turns.values() for part in turn)
        return b"".join((*turns, repr(self.scale).encode()))


class Detail(NamedTuple):
    """How many points of a frame are kept, and in how many dimensions."""

    anchors: int
    components: int


def detail(frames: int, dimensions: int) -> Detail:
    """As much of each frame as can be kept of all.

    In fewer components than dimensions the turn is no longer exact where points move.
    """
    for most in COMPONENTS:
        components = max(min(most, dimensions), 1)
        anchors = min(KEPT_BYTES // (4 * components * max(frames, 1)), ANCHORS)
        if anchors >= POINTS_A_COMPONENT * components:
            break
    return Detail(max(anchors, POINTS_A_COMPONENT * components), components)


def components_of(snapshot: Snapshot, slots: Ints, kept: Detail) -> Reduced:
    found = spread(snapshot.values)
    return reduce(anchors_of(snapshot, slots, found, kept.anchors), kept.components)


def onto(frame: Reduced, target: Target) -> Step | None:
    """Turns a frame onto another one by the points that both have; `None`: there are none.

    The sum of their distances is made small, not of the squares, in rounds of weighted
    Procrustes solutions: a few points that move do not turn those that stand still.
    """
    here, there = shared(frame.slots, target.slots)
    if len(here) < 2:
        return None
    source, goal = frame.coordinates[here], target.coordinates[there]
    weights = np.ones(len(here), np.float32)
    for _ in range(ROUNDS):
        weights /= weights.sum()
        hinge, arrival = weights @ source, weights @ goal
        turned = basis.nearest_rotation((source - hinge) * weights[:, None], goal - arrival)
        shift = arrival - hinge @ turned
        apart = np.linalg.norm(source @ turned.astype(np.float32) + (shift - goal), axis=1)
        usual = float(np.median(apart))
        if usual == 0:
            break
        weights = 1 / (apart + np.float32(SOFT * usual))
    return Step(turned, shift)


def fit(
    frames: Mapping[int, Reduced], variances: Mapping[int, Variance], dims: int, kept: Detail
) -> tuple[Aligned, float]:
    """Aligns the frames of one stretch.

    Args:
      frames: by step, at least one.
      variances: of the same ones.
      dims: axes to show.
      kept: of each frame.

    Returns:
      the view, and the share of the variance, 0 to 1, that it shows.
    """
    steps = _chain(frames)
    targets = {}
    components = frames[max(frames)].basis.shape[1]
    within = np.zeros((components, components))
    means = []
    for step in sorted(frames):
        frame, (turned, shift) = frames[step], steps[step]
        coordinates = frame.coordinates @ turned + shift
        means.append(_mean(coordinates))
        centred = coordinates - means[-1]
        within += centred.T @ centred / max(len(centred), 1)
        targets[step] = Target(frame.slots, coordinates.astype(np.float32))
    middle = np.mean(means, axis=0)
    last = frames[max(frames)]
    axes = _axes(within, last.basis, dims)
    turns = {step: _to_picture(frames[step], steps[step], axes, middle) for step in targets}
    positions = np.concatenate([(one.coordinates - middle) @ axes for one in targets.values()])
    view = Aligned(turns, targets, axes, middle, kept, basis.scale_of(positions))
    along = ((variances[step], steps[step].turned @ axes) for step in targets)
    return view, share.shown(along)


def _chain(frames: Mapping[int, Reduced]) -> dict[int, Step]:
    """Turns each frame onto the one after; the last one's components are the common axes."""
    steps: dict[int, Step] = {}
    after: tuple[Reduced, Step, Target] | None = None
    for step in sorted(frames, reverse=True):
        frame = frames[step]
        components = frame.basis.shape[1]
        if after is None:
            found = Step(np.eye(components), np.zeros(components))
        else:
            found = onto(frame, after[2]) or _as(frame, *after[:2])
        coordinates = frame.coordinates @ found.turned + found.shift
        after = frame, found, Target(frame.slots, coordinates.astype(np.float32))
        steps[step] = found
    return steps


def _as(frame: Reduced, other: Reduced, step: Step) -> Step:
    """Lays a frame as another one lies, where there is nothing to turn it by."""
    turned = other.basis @ step.turned
    return Step(frame.basis.T @ turned, (frame.offset - other.offset) @ turned + step.shift)


def turned_to(view: Aligned, before: Mapping[int, Turn]) -> Aligned:
    """The view with its axes turned to those that it had, by the newest frame of both."""
    both = view.turns.keys() & before.keys()
    if not both:
        return view
    new, old = view.turns[max(both)].basis, before[max(both)].basis
    if new.shape != old.shape:
        return view
    turned = basis.nearest_rotation(new, old)
    turns = {
        step: Turn(turn.basis @ turned, turn.offset, turn.shift @ turned)
        for step, turn in view.turns.items()
    }
    return dataclasses.replace(view, axes=view.axes @ turned, turns=turns)


def _axes(within: Doubles, last: Floats, dims: int) -> Doubles:
    """The principal axes of the aligned frames, in signs that fit the last frame's own."""
    components = len(within)
    axes = np.zeros((components, dims))
    if len(last) <= dims:
        # No more dimensions than axes: the last frame is shown as it is.
        axes[:, :components] = last.T
        return axes
    found = np.linalg.eigh(within)[1][:, ::-1][:, :dims]
    axes[:, : found.shape[1]] = found
    return axes * basis.signs(last @ axes)


def _to_picture(frame: Reduced, step: Step, axes: Doubles, middle: Doubles) -> Turn:
    return Turn(frame.basis @ (step.turned @ axes), frame.offset, (step.shift - middle) @ axes)


def _mean(rows: Doubles) -> Doubles:
    return rows.mean(axis=0) if len(rows) else np.zeros(rows.shape[1])
