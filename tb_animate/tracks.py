"""The series of a clip, each with its scene and the frame that it shows when."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tb_animate import kinds, scenes
from tb_animate.jobs import Progress
from tb_animate.kinds import Kind
from tb_animate.model import ClipSpec, FrameIndex, Series
from tb_animate.scene_cache import Scenes


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Track:
    """One series of a clip.

    Attributes:
      held: for each frame of the clip the position of the series' own frame, -1 before its
        first; shape [frames], int64.
    """

    index: FrameIndex
    kind: Kind[Any, Any]
    scene: Any
    held: NDArray[np.int64]

    @property
    def series(self) -> Series:
        return self.index.series

    def before(self, frame: int, most: int) -> list[int]:
        """Positions of the frames shown before that of `frame`, at most so many, in order."""
        earlier: list[int] = []
        last = self.held[frame]
        while len(earlier) < most:
            # Increases: the first of those that hold a frame stands where it would come in.
            frame = int(np.searchsorted(self.held, last)) - 1
            if frame < 0 or self.held[frame] < 0:
                break
            last = self.held[frame]
            earlier.append(int(last))
        return earlier[::-1]


def tracks(
    indexes: Sequence[FrameIndex],
    held: Sequence[NDArray[np.int64]],
    fitted_to: Sequence[FrameIndex],
    spec: ClipSpec,
    kept: Scenes,
    progress: Progress | None = None,
) -> tuple[list[Track], NDArray[np.int64]]:
    """The series with their scenes, and of how many parts each frame of the clip consists.

    Args:
      held: for each frame of the clip the position of the series' own, shape [frames] each.
      fitted_to: the series that decide the scenes that are shared; none: those of the clip.
      kept: the scenes of placed kinds, which all frames of a series decide.
      progress: called while those are fitted.
    """
    shown = [
        scenes.Shown(index, np.unique(positions[positions >= 0]))
        for index, positions in zip(indexes, held, strict=True)
    ]
    groups: list[list[int]] = []
    for nth, index in enumerate(indexes):
        shares = kinds.get(index.series.kind).shares_scene
        alike = (g for g in groups if indexes[g[0]].series.kind == index.series.kind)
        group = next(alike, None) if shares else None
        if group is None:
            groups.append([nth])
        else:
            group.append(nth)
    found: dict[int, Track] = {}
    parts = np.ones(len(held[0]), np.int64)
    for group in groups:
        kind = kinds.get(indexes[group[0]].series.kind)
        if kinds.is_placed(kind):
            for nth in group:
                scene = kept.get(indexes[nth], kind, spec, progress).scene
                found[nth] = Track(indexes[nth], kind, scene, held[nth])
            continue
        fitted = scenes.fit(kind, [shown[nth] for nth in group], spec)
        scene = fitted.scene
        deciding = [one for one in fitted_to if kinds.get(one.series.kind) is kind]
        if deciding and kind.shares_scene:
            scene = scenes.fit(kind, [scenes.whole(one) for one in deciding], spec).scene
        for nth, own in zip(group, fitted.parts, strict=True):
            parts = np.maximum(parts, [own.get(position, 1) for position in held[nth].tolist()])
            found[nth] = Track(indexes[nth], kind, scene, held[nth])
    return [found[nth] for nth in range(len(indexes))], parts


def natural(tracks: Sequence[Track], spec: ClipSpec) -> tuple[int, int]:
    """The size that holds the picture of every track."""
    seen = [track for track in tracks if track.held[-1] >= 0]
    # A series that begins after the range of steps says nothing about the size.
    sizes = [track.kind.size(track.scene, spec) for track in seen or tracks]
    return max(width for width, _ in sizes), max(height for _, height in sizes)
