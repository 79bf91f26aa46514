"""What a clip will look like and how large it will be, before it is made."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image

from tb_animate import budget, kinds, ladder, timeline
from tb_animate.export import Plan
from tb_animate.jobs import Pending, Progress
from tb_animate.kinds.raster import Pixels
from tb_animate.model import ClipSpec, FrameIndex
from tb_animate.scene_cache import Scenes


def pending(indexes: list[FrameIndex], spec: ClipSpec, kept: Scenes) -> Pending | None:
    """How far the scene of a series is that takes long to fit, `None` if all are there."""
    for index in indexes:
        kind = kinds.get(index.series.kind)
        if kinds.is_placed(kind):
            found = kept.ask(index, kind, spec)
            if isinstance(found, Pending):
                return found
    return None


def describe(plan: Plan, frames: int, progress: Progress | None = None) -> dict[str, Any]:
    """Some pictures of a clip, as it will have them, and an estimate of its size.

    Under `max_bytes` they are those of the clip that will probably be made.

    Args:
      frames: how many pictures, evenly spread, the first and the last included.
      progress: called between pictures; what it raises ends the work.
    """
    shown, expected = budget.guess(plan, progress)
    found = []
    for nth in timeline.spread(shown.pictures, frames):
        for picture in shown.some(nth, nth + 1, progress):
            found.append({"picture": nth, "steps": picture.steps, "data": png(picture.pixels)})
    width, height = shown.size
    return {
        "width": width,
        "height": height,
        "pictures": shown.pictures,
        "seconds": shown.seconds,
        "bytes": expected.size,
        "change": ladder.said(plan, shown),
        "frames": found,
    }


def png(pixels: Pixels) -> bytes:
    """A picture as a file."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()
