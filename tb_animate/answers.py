"""What the routes send, as http_api.md lays it down."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, cast

from tb_animate import encoders, errors, kinds
from tb_animate.jobs import Pending
from tb_animate.kinds.base import LoggedKind, PlacedKind
from tb_animate.model import ClipSpec, Frame, FrameIndex, Series, Source
from tb_animate.scene_cache import Scenes

# One answer with frames: small enough to keep a scrubber's requests short, to be dropped
# without much loss when the playhead jumps, and to be held several times over while it is
# packed and sent without adding much to TensorBoard's memory.
MAX_FRAMES = 256
MAX_FRAME_BYTES = 2 * 2**20


def listing(source: Source) -> dict[str, Any]:
    """All that can be played, and what one needs to know to show it."""
    # Before the series: what is read meanwhile is listed, but not told to be all.
    progress = source.progress()
    return {
        "series": [_series(series) for series in source.series()],
        "runs": source.runs(),
        "kinds": [_kind(name) for name in kinds.KINDS],
        "formats": [
            {
                "name": name,
                "suffix": encoder.suffix,
                "mime_type": encoder.mime_type,
                "max_fps": encoder.max_fps,
            }
            for name, encoder in encoders.ENCODERS.items()
        ],
        "warnings": [dataclasses.asdict(warning) for warning in source.warnings()],
        "progress": dataclasses.asdict(progress),
    }


def steps(index: FrameIndex) -> dict[str, Any]:
    return {
        "steps": index.steps.tolist(),
        "wall_times": index.wall_times.tolist(),
        "generation": index.generation,
    }


def frames(
    index: FrameIndex, spec: ClipSpec, kept: Scenes, *, start: int, count: int
) -> dict[str, Any]:
    """Frames from position `start` on, as many as fit in one answer.

    A frame that cannot be read comes with a sentence, and the others come all the same.

    Raises:
      errors.Busy: the scene that places them is still being fitted.
    """
    sent = _sender(index, spec, kept)
    found: list[dict[str, Any]] = []
    size = 0
    for frame in index.read(range(start, min(start + min(count, MAX_FRAMES), len(index.steps)))):
        entry: dict[str, Any] = {"step": frame.step, "wall_time": frame.wall_time}
        try:
            data = sent(frame)
            size += len(data) if isinstance(data, bytes) else sum(map(len, data))
            entry["data"] = data
        except ValueError as error:
            entry |= {"data": None, "error": str(error)}
        # One frame comes whatever its size, or a client would never get past it.
        if found and size > MAX_FRAME_BYTES:
            break
        found.append(entry)
    return {"frames": found, "generation": index.generation, "start": start}


def table(index: FrameIndex, spec: ClipSpec, kept: Scenes) -> dict[str, Any]:
    """What is known of the points of a series.

    Raises:
      errors.AnimateError: it has none.
      errors.Busy: the scene that they belong to is still being fitted.
    """
    kind = kinds.get(index.series.kind)
    if not kinds.is_placed(kind):
        raise errors.AnimateError(f"{kind.title} have no table; ask for their frames alone.")
    return kind.table(_scene(index, kind, spec, kept))


def _sender(
    index: FrameIndex, spec: ClipSpec, kept: Scenes
) -> Callable[[Frame], bytes | list[bytes]]:
    """How a frame becomes what is sent; raises `ValueError` for a broken one."""
    kind = kinds.get(index.series.kind)
    if not kinds.is_placed(kind):
        logged = cast("LoggedKind[Any, Any]", kind)
        return lambda frame: logged.wire(frame, spec.sample)
    scene = _scene(index, kind, spec, kept)
    return lambda frame: kind.pack(kind.place(scene, kind.decode(frame, spec)))


def _scene(index: FrameIndex, kind: PlacedKind[Any, Any, Any], spec: ClipSpec, kept: Scenes) -> Any:
    found = kept.ask(index, kind, spec)
    if isinstance(found, Pending):
        raise errors.Busy(
            "The projection is still being computed; /scene tells how far it is. "
            "Try again when it is done."
        )
    return found.scene


def _series(series: Series) -> dict[str, Any]:
    return {"id": series.id, **dataclasses.asdict(series)}


def _kind(name: str) -> dict[str, Any]:
    kind = kinds.get(name)
    return {
        "name": name,
        "title": kind.title,
        "placed": kind.placed,
        "shares_scene": kind.shares_scene,
    }
