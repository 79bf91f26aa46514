"""Scenes of placed kinds as they come to be: fitted over a series, and extended as it grows."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from tb_animate import timeline
from tb_animate.jobs import Progress, Told
from tb_animate.kinds.base import PlacedKind
from tb_animate.model import ClipSpec, FrameIndex
from tb_animate.reel import Decoded


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """A scene, and what it was made from.

    Attributes:
      frames: of the series that the scene covers, from the first on.
      looked_at: how many of them the kind was shown.
      fitted: how many frames there were when it was fitted; the others came by extending.
      unread: positions of those that the kind was to be shown and that could not be read, or
        not with all that belongs to them. What is damaged is not among them.
    """

    scene: Any
    frames: int
    looked_at: int
    fitted: int
    unread: tuple[int, ...] = ()


def fit(
    index: FrameIndex,
    kind: PlacedKind[Any, Any, Any],
    spec: ClipSpec,
    before: Fit | None,
    progress: Progress | None,
) -> Fit:
    """Fits a scene over all frames that there are.

    Args:
      before: the present scene of the same series, if there is one.
    """
    count = len(index.steps)
    positions = timeline.spread(count, kind.fit_frames)
    told = Told(progress)
    frames = Decoded(index, kind, positions, spec, told.again)
    old = before.scene if before is not None else None
    scene = kind.fit(frames, spec, before=old, progress=told)
    unread = tuple(sorted(frames.unread))
    return Fit(scene, count, len(positions) - len(unread), count, unread)


def extend(
    known: Fit,
    index: FrameIndex,
    kind: PlacedKind[Any, Any, Any],
    spec: ClipSpec,
    progress: Progress | None,
) -> Fit:
    """With the frames that came since."""
    count = len(index.steps)
    new = np.arange(known.frames, count)
    positions: Sequence[int] = new[timeline.spread(len(new), kind.fit_frames)].tolist()
    frames = Decoded(index, kind, positions, spec, progress)
    scene = kind.extend(known.scene, frames, spec)
    looked_at = known.looked_at + len(positions) - len(frames.unread)
    unread = (*known.unread, *sorted(frames.unread))
    return Fit(scene, count, looked_at, known.fitted, unread)
