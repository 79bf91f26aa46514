"""What holds still over one series, or over several that are compared."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tb_animate import errors, kinds, limits, timeline
from tb_animate.jobs import Pending, Progress
from tb_animate.kinds import Kind
from tb_animate.model import ClipSpec, FrameIndex
from tb_animate.reel import Decoded
from tb_animate.scene_cache import Scenes


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """The frames of a series that are in question; positions of shape [frames], int64."""

    index: FrameIndex
    positions: NDArray[np.int64]


class Fitted(NamedTuple):
    """A kind's scene, and what it was made from.

    Attributes:
      looked_at: frames that the kind was shown.
      parts: for each series, by position, of how many pictures a frame consists, if that
        is not 1 for all.
    """

    scene: Any
    looked_at: int
    parts: list[dict[int, int]]


def whole(index: FrameIndex) -> Shown:
    """All frames of a series."""
    return Shown(index, np.arange(len(index.steps)))


def describe(
    indexes: Sequence[FrameIndex], spec: ClipSpec, kept: Scenes | None = None
) -> dict[str, Any]:
    """The scene of all frames of these series, as JSON for the browser.

    Besides what the kind tells, `fitted` is the number of frames looked at, of `frames`.
    While a slow fit runs it is `{"pending": {"done", "total"}}`.

    Args:
      kept: the scenes of placed kinds.

    Raises:
      errors.AnimateError: no such sample, an option that another kind has, series of
        several kinds, or several of a kind that does not share scenes.
    """
    limits.check_series([index.series for index in indexes], spec)
    names = list(dict.fromkeys(index.series.kind for index in indexes))
    if len(names) > 1:
        raise errors.AnimateError(
            f"Series of several kinds ({', '.join(names)}) have no scene in common; ask for "
            "those of one kind."
        )
    kind = kinds.get(names[0])
    if len(indexes) > 1 and not kind.shares_scene:
        raise errors.AnimateError(
            f"{kind.title} have a scene for each series; ask for one series at a time."
        )
    if kinds.is_placed(kind):
        kept = Scenes() if kept is None else kept
        told = kept.ask(indexes[0], kind, spec)
        if isinstance(told, Pending):
            return {"pending": told._asdict()}
        found = {**kind.describe(told.scene), "fitted": told.looked_at, "frames": told.frames}
        if told.unread:
            found["unread"] = len(told.unread)
            found["notes"] = [
                *found.get("notes", ()),
                f"{len(told.unread):,} of the frames that this is made from could not be read. "
                "It is made anew when they can be.",
            ]
        return found
    fitted = fit(kind, [whole(index) for index in indexes], spec)
    frames = sum(len(index.steps) for index in indexes)
    return {**kind.describe(fitted.scene), "fitted": fitted.looked_at, "frames": frames}


def stop(indexes: Sequence[FrameIndex], spec: ClipSpec, kept: Scenes) -> bool:
    """Stops the fits of these series that run in the background; whether there was one."""
    limits.check_options([index.series for index in indexes], spec)
    stopped = False
    for index in indexes:
        kind = kinds.get(index.series.kind)
        if kinds.is_placed(kind):
            stopped = kept.stop(index, kind, spec) or stopped
    return stopped


def fit(
    kind: Kind[Any, Any],
    shown: Sequence[Shown],
    spec: ClipSpec,
    progress: Progress | None = None,
) -> Fitted:
    """One scene of all these frames. Each series has as many of those that are looked at.

    A series of which no frame looked at moves by itself is taken for one that stands still.

    Args:
      progress: called for each frame that is read; what it raises ends the work.
    """
    # Two, so that a series counts from its first frame to its last.
    most = max(kind.fit_frames // len(shown), 2)
    looked_at = [
        [int(one.positions[i]) for i in timeline.spread(len(one.positions), most)] for one in shown
    ]
    parts: list[dict[int, int]] = [{} for _ in shown]

    def seen() -> Iterator[Any]:
        for one, positions, known in zip(shown, looked_at, parts, strict=True):
            for position, data in Decoded(one.index, kind, positions, spec, progress).items():
                known[position] = kind.parts(data)
                yield data

    scene = kind.fit(seen(), spec)
    for one, known in zip(shown, parts, strict=True):
        if any(count > 1 for count in known.values()):
            rest = [position for position in one.positions.tolist() if position not in known]
            for position, data in Decoded(one.index, kind, rest, spec, progress).items():
                known[position] = kind.parts(data)
    return Fitted(scene, sum(map(len, looked_at)), parts)
