"""The series of a clip, each with its scene and the frame that it shows when."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tb_animate import errors, kinds, limits, scenes
from tb_animate.alignment import Alignment, latest
from tb_animate.jobs import Progress
from tb_animate.kinds import Kind
from tb_animate.kinds.base import FIRST, PREVIOUS, RUN, Against
from tb_animate.model import ClipSpec, FrameIndex, Series, Source, series_id
from tb_animate.scene_cache import Scenes


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Beside:
    """Frames that are drawn in the same place as those of a track.

    Attributes:
      index: of the same series, or of another run's.
      held: for each frame of the clip the position of that one, -1 where there is none.
      words: for a caption.
    """

    index: FrameIndex
    held: NDArray[np.int64]
    words: str


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Track:
    """One series of a clip.

    Attributes:
      held: for each frame of the clip the position of the series' own frame, -1 before its
        first; shape [frames], int64.
      beside: what it is compared with.
    """

    index: FrameIndex
    kind: Kind[Any, Any]
    scene: Any
    held: NDArray[np.int64]
    beside: Beside | None = None

    @property
    def series(self) -> Series:
        return self.index.series

    def step(self, frame: int) -> int | None:
        """The step that is shown in `frame`, `None` before the first."""
        position = int(self.held[frame])
        return None if position < 0 else int(self.index.steps[position])

    def before(self, frame: int, most: int) -> range:
        """Positions of the series' own frames before that of `frame`, at most so many, in order.

        As on the page, also those that the clip itself passes over or begins after.
        """
        last = max(int(self.held[frame]), 0)
        return range(max(last - most, 0), last)


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
      progress: called while frames are looked at and scenes fitted.
    """
    shown = [
        scenes.Shown(index, _drawn(positions, kinds.get(index.series.kind).trail(spec)))
        for index, positions in zip(indexes, held, strict=True)
    ]
    groups: list[list[int]] = []
    for nth, index in enumerate(indexes):
        shares = kinds.get(index.series.kind).shares_scene
        alike = (g for g in groups if _alike(indexes[g[0]], index))
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
        fitted = scenes.fit(kind, [shown[nth] for nth in group], spec, progress)
        scene = fitted.scene
        deciding = [one for one in fitted_to if _alike(indexes[group[0]], one)]
        if deciding and kind.shares_scene:
            everything = [scenes.whole(one) for one in deciding]
            scene = scenes.fit(kind, everything, spec, progress).scene
        for nth, own in zip(group, fitted.parts, strict=True):
            parts = np.maximum(parts, [own.get(position, 1) for position in held[nth].tolist()])
            found[nth] = Track(indexes[nth], kind, scene, held[nth])
    return [found[nth] for nth in range(len(indexes))], parts


def _drawn(held: NDArray[np.int64], trail: int) -> NDArray[np.int64]:
    """Positions of all frames that a clip draws, increasing: those that it holds, and trails."""
    fronts = np.unique(held[held >= 0])
    drawn = np.zeros(fronts[-1] + 1 if len(fronts) else 0, bool)
    for back in range(trail + 1):
        drawn[np.maximum(fronts - back, 0)] = True
    return np.flatnonzero(drawn)


def _alike(one: FrameIndex, other: FrameIndex) -> bool:
    """Whether both have one scene where the kind shares scenes, as on the page."""
    first, second = one.series, other.series
    return (first.kind, first.tag) == (second.kind, second.tag)


def counterparts(
    indexes: Sequence[FrameIndex], source: Source, spec: ClipSpec
) -> dict[str, FrameIndex]:
    """What the runs that series are compared with have logged under the clip's tags, by id.

    By time and share that is all of it, compared or not: what is counted from is told from all
    of these tags, as it is of the series' own runs, and as on the page.
    """
    wanted = [(index.series, _against(index.series, spec)[0]) for index in indexes]
    runs = {run for _, run in wanted if run is not None}
    own = {index.series.id: index for index in indexes}
    found: dict[str, FrameIndex] = {}
    for series, its in wanted:
        for run in runs:
            other = series_id(run, series.tag, series.kind)
            if other in found or (spec.measure == "step" and run != its):
                continue
            # Opened once: it might grow in between.
            with contextlib.suppress(errors.NotFound):
                found[other] = own[other] if other in own else source.open(other)
    return found


def compared(
    track: Track, aligned: Alignment, others: Mapping[str, FrameIndex], spec: ClipSpec
) -> Track:
    """The track with what its kind wants to compare it with.

    Args:
      aligned: the clip that it is of, with the others.
      others: see `counterparts`.

    Raises:
      errors.NotFound: the run has not logged this tag.
      errors.AnimateError: it has no such sample.
    """
    series = track.series
    run, against = _against(series, spec)
    if against is None:
        return track
    index, held = track.index, track.held
    if against.which == FIRST:
        held = np.minimum(held, 0)
    elif against.which == PREVIOUS:
        held = np.maximum(held - 1, -1)
    elif run is None or run == series.run:
        return track
    else:
        found = others.get(series_id(run, series.tag, series.kind))
        if found is None:
            raise errors.NotFound(
                f"Run {run!r} has not logged {series.tag!r}, which it is to be compared by; "
                "name one that has."
            )
        index = found
        limits.check_sample(index.series, spec)
        held = latest(aligned, index, spec.measure)
    return dataclasses.replace(track, beside=Beside(index, held, against.words))


def _against(series: Series, spec: ClipSpec) -> tuple[str | None, Against | None]:
    """What a series is compared with, if anything; and of which run, if of one."""
    kind = kinds.get(series.kind)
    against = kind.against(spec) if kinds.compares(kind) else None
    if against is None or not against.which.startswith(RUN):
        return None, against
    return against.which.removeprefix(RUN), against


def natural(tracks: Sequence[Track], spec: ClipSpec) -> tuple[int, int]:
    """The size that holds the picture of every track."""
    seen = [track for track in tracks if track.held[-1] >= 0]
    # A series that begins after the range of steps says nothing about the size.
    sizes = [track.kind.size(track.scene, spec) for track in seen or tracks]
    return max(width for width, _ in sizes), max(height for _, height in sizes)
