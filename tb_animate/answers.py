"""What the routes send, as http_api.md lays it down."""

from __future__ import annotations

import dataclasses
from typing import Any

from tb_animate import encoders, kinds
from tb_animate.model import FrameIndex, Series, Source

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


def frames(index: FrameIndex, *, start: int, count: int, sample: int | None) -> dict[str, Any]:
    """Frames from position `start` on, as many as fit in one answer.

    A frame that cannot be read comes with a sentence, and the others come all the same.
    """
    kind = kinds.get(index.series.kind)
    found: list[dict[str, Any]] = []
    size = 0
    for frame in index.read(range(start, min(start + min(count, MAX_FRAMES), len(index.steps)))):
        entry: dict[str, Any] = {"step": frame.step, "wall_time": frame.wall_time}
        try:
            data = kind.wire(frame, sample)
            size += len(data) if isinstance(data, bytes) else sum(map(len, data))
            entry["data"] = data
        except ValueError as error:
            entry |= {"data": None, "error": str(error)}
        # One frame comes whatever its size, or a client would never get past it.
        if found and size > MAX_FRAME_BYTES:
            break
        found.append(entry)
    return {"frames": found, "generation": index.generation, "start": start}


def _series(series: Series) -> dict[str, Any]:
    return {"id": series.id, **dataclasses.asdict(series)}


def _kind(name: str) -> dict[str, Any]:
    kind = kinds.get(name)
    return {"name": name, "title": kind.title, "shares_scene": kind.shares_scene}
