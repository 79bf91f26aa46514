"""The routes that make clips: a place in the queue, one call, a response that can be left."""

from __future__ import annotations

import time
import urllib.parse
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from werkzeug import wrappers

from tb_animate import budget, errors, export, file_names, params, preview, streaming
from tb_animate.exports import LOOK_SECONDS, Exports
from tb_animate.jobs import Progress

if TYPE_CHECKING:
    from tb_animate.model import Source
    from tb_animate.scalars import ScalarSource
    from tb_animate.scene_cache import Scenes

# A clip of what happens to be read so far would pass for the whole. Whoever asks for one
# right after TensorBoard started waits for the logs; a proxy would not wait much longer.
WAIT_SECONDS = 30.0

Planning = Callable[[params.ClipRequest, Progress], export.Plan]
"""Plans a clip, and calls the second argument now and then, which may raise."""


def clip(
    request: wrappers.Request,
    source: Source,
    planned: Planning,
    queue: Exports,
    pause: Callable[[], None],
) -> wrappers.Response:
    """Answers `/clip`: the clip, streamed.

    Args:
      pause: called between its pictures, to let others go first.
    """
    asked = params.clip(request.args)
    connection = streaming.Connection(request.environ)
    place = queue.enter(asked.token)

    def report(done: int, total: int) -> None:
        place.report(done, total)
        pause()
        connection.check()

    try:
        queue.wait(place, connection.check)
        wait(source, connection.check)
        # The logs have been read: nobody else waits for what this thread does now.
        connection.stand_back()
        plan = planned(asked, lambda done, total: connection.check())
        if request.method == "HEAD":
            # What a limit in bytes makes of it shows when it is made.
            pictures = plan.pictures if asked.spec.max_bytes is None else None
            response = _response(asked, plan, pictures, ())
            # Nobody knows how long it will be; 0 is what the empty body would say.
            response.automatically_set_content_length = False
            queue.finish(place)
            return response
        made = budget.make(plan, report)
        response = _response(asked, plan, made.plan.pictures, made.notes)
    except BaseException:
        queue.finish(place)
        raise
    response.response = streaming.ClipStream(made.pieces, lambda: queue.finish(place))
    # The server then closes the stream itself, which a wrapper would put off.
    response.direct_passthrough = True
    return response


def look(
    request: wrappers.Request,
    source: Source,
    planned: Planning,
    queue: Exports,
    kept: Scenes,
    pause: Callable[[], None],
) -> dict[str, Any]:
    """Answers `/preview`: some pictures of a clip and an estimate of its size.

    Args:
      pause: as of `clip`.
    """
    asked, frames = params.preview(request.args)
    connection = streaming.Connection(request.environ)
    place = queue.enter("")

    def report(done: int, total: int) -> None:
        pause()
        connection.check()

    try:
        queue.wait(place, connection.check)
        wait(source, connection.check)
        connection.stand_back()
        indexes = [source.open(series_id) for series_id in asked.series]
        waiting = preview.pending(indexes, asked.spec, kept)
        if waiting is not None:
            return {"pending": waiting._asdict()}
        return preview.describe(planned(asked, report), frames, report)
    finally:
        queue.finish(place)


def wait(source: Source | ScalarSource, check: Callable[[], None]) -> None:
    """Returns when all of the logs has been read.

    Args:
      check: called now and then; what it raises ends the wait.

    Raises:
      errors.Busy: it takes too long.
    """
    begun = time.monotonic()
    while time.monotonic() - begun < WAIT_SECONDS:
        if source.wait(LOOK_SECONDS, begun):
            return
        check()
    raise errors.Busy(
        "The logs are still being read, and a clip made now would lack frames. "
        "Try again in a moment."
    )


def _response(
    asked: params.ClipRequest, plan: export.Plan, pictures: int | None, notes: tuple[str, ...]
) -> wrappers.Response:
    encoder = asked.encoder
    response = wrappers.Response(content_type=encoder.mime_type)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-cache"
    if pictures is not None:
        response.headers["X-Animate-Pictures"] = str(pictures)
    if notes:
        response.headers["X-Animate-Notes"] = urllib.parse.quote(" ".join(notes), safe=" ")
    if asked.download:
        series = [track.series for track in plan.tracks]
        name = file_names.file_name(file_names.words(series), encoder.suffix)
        response.headers.set("Content-Disposition", "attachment", filename=name)
    return response
