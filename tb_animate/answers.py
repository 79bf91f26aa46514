"""What the routes send, as http_api.md lays it down."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Sequence
from typing import Any, cast

from tb_animate import encoders, errors, kinds
from tb_animate.jobs import Pending
from tb_animate.kinds.base import LoggedKind, PlacedKind
from tb_animate.model import ClipSpec, Frame, FrameIndex, Series, Source
from tb_animate.scalars import Points, ScalarSource, thin
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
        "formats": [_format(encoder) for encoder in encoders.ENCODERS.values()],
        "warnings": [
            dataclasses.asdict(warning) | {"message": errors.plain(warning.message)}
            for warning in source.warnings()
        ],
        "progress": dataclasses.asdict(progress),
    }


def steps(index: FrameIndex, kept: Scenes) -> dict[str, Any]:
    return {
        "steps": index.steps.tolist(),
        "wall_times": index.wall_times.tolist(),
        "generation": kept.generation(index),
    }


def steps_of(source: Source, series: Sequence[str], kept: Scenes) -> dict[str, Any]:
    """Of several at once; those that are not there (any more) are left out."""
    found: dict[str, Any] = {}
    for series_id in series:
        with contextlib.suppress(errors.NotFound):
            found[series_id] = steps(source.open(series_id), kept)
    return {"series": found}


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
            entry |= {"data": None, "error": errors.plain(str(error))}
        # One frame comes whatever its size, or a client would never get past it.
        if found and size > MAX_FRAME_BYTES:
            break
        found.append(entry)
    return {"frames": found, "generation": kept.generation(index), "start": start}


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


def scalars(
    source: ScalarSource, *, run: str = "", tag: str = "", seconds: float
) -> dict[str, Any]:
    """One curve, thinned where it is long; without a tag, what curves there are.

    Args:
      run, tag: names; "" for those of all runs, or for the list.
      seconds: how long to wait for the logs to be read.

    Raises:
      errors.AnimateError: a tag without a run.
      errors.NotFound: there is nothing of these names.
      errors.Busy: nor is there, but not all has been read.
    """
    if tag and not run:
        raise errors.AnimateError('A tag is of a run, so give "run" too.')
    all_read = source.wait(seconds)
    # Before the points: what is read meanwhile is sent, but not told to be all.
    progress = dataclasses.asdict(source.progress())
    if tag:
        points = source.points(run, tag)
        if points is not None:
            return {**_curve(points), "progress": progress}
    else:
        found = [dataclasses.asdict(one) for one in source.scalars() if run in ("", one.run)]
        if found or not run or not all_read:
            return {"scalars": found, "progress": progress}
    named = f"scalar {tag!r} in the run {run!r}" if tag else f"scalar in a run {run!r}"
    if not all_read:
        raise errors.Busy(
            f"There is no {named} so far, and the logs are still being read. Try again in a moment."
        )
    raise errors.NotFound(
        f"There is no {named} (any more). Leave out both names to list what there is."
    )


def _curve(points: Points) -> dict[str, Any]:
    thinned = thin(points)
    return {
        "steps": thinned.steps.tolist(),
        "values": thinned.values.tolist(),
        "wall_times": thinned.wall_times.tolist(),
        "points": len(points.steps),
        "sampled": points.sampled,
    }


def _series(series: Series) -> dict[str, Any]:
    return {"id": series.id, **dataclasses.asdict(series)}


def _format(encoder: encoders.Encoder) -> dict[str, Any]:
    hint = encoders.hint(encoder)
    return {
        "name": encoder.name,
        "title": encoder.title,
        "suffix": encoder.suffix,
        "mime_type": encoder.mime_type,
        "max_fps": encoder.max_fps,
        "max_side": encoder.max_side,
        "loops": encoder.loops,
        "available": not hint,
        "hint": hint,
    }


def _kind(name: str) -> dict[str, Any]:
    kind = kinds.get(name)
    return {
        "name": name,
        "title": kind.title,
        "plugin_name": kinds.KINDS[name].plugin_name,
        "placed": kind.placed,
        "shares_scene": kind.shares_scene,
    }
