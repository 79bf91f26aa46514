"""The routes: parameters, one call, response. Everything heavy is imported when first asked."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Any

from tensorboard.plugins import base_plugin
from werkzeug import wrappers

from tb_animate import errors, exports, fallback, static_files, streaming, web

if TYPE_CHECKING:
    from tb_animate.model import FrameIndex, Source
    from tb_animate.scene_cache import Scenes

logger = logging.getLogger(__name__)

# Logs of common size are read in less, so that a page needs one request, not two; a page
# that waits longer without a sign looks broken.
WAIT_SECONDS = 2.0

# A clip of what happens to be read so far would pass for the whole. Whoever asks for one
# right after TensorBoard started waits for the logs; a proxy would not wait much longer.
CLIP_WAIT_SECONDS = 30.0

YEAR_SECONDS = 365 * 24 * 3600


class AnimatePlugin(base_plugin.TBPlugin):  # type: ignore[misc]
    """Plays what training runs log step by step. See http_api.md for the routes."""

    plugin_name = "animate"

    def __init__(self, context: base_plugin.TBContext) -> None:
        self._context = context
        self._exports = exports.Exports()
        self._lock = threading.Lock()
        self._opened: Source | None = None
        self._scenes: Scenes | None = None
        self._broken = False

    def get_plugin_apps(self) -> dict[str, Any]:
        return {
            "/index.js": web.route(self._serve_index),
            "/series": web.route(self._serve_series),
            "/steps": web.route(self._serve_steps),
            "/scene": web.route(self._serve_scene),
            "/table": web.route(self._serve_table),
            "/frames": web.route(self._serve_frames),
            "/clip": web.route(self._serve_clip),
            "/progress": web.route(self._serve_progress),
            # The bundle's files import each other relative to where they lie, and
            # index.js lies at the top.
            "/*": web.route(self._serve_static),
        }

    def is_active(self) -> bool:
        """Asked when TensorBoard lists none of `data_plugin_names()`; starts nothing."""
        if self._broken:
            return True
        source = self._opened
        return source is not None and bool(source.series())

    def data_plugin_names(self) -> tuple[str, ...]:
        # TensorBoard catches nothing here: its whole list of plugins would fail with us.
        try:
            from tb_animate import kinds

            names = [wanted.plugin_name for wanted in kinds.KINDS.values()]
        except Exception:
            if not self._broken:
                logger.exception("tb_animate could not load its kinds; its tab says why")
            self._broken = True
            names = []
        return (*names, self.plugin_name)

    def frontend_metadata(self) -> base_plugin.FrontendMetadata:
        return base_plugin.FrontendMetadata(es_module_path="/index.js", tab_name="Animate")

    def _serve_index(self, request: wrappers.Request) -> wrappers.Response:
        try:
            _load_everything()
        except Exception as error:
            if not self._broken:
                logger.exception("tb_animate could not be loaded; its tab says why")
            self._broken = True
            script = fallback.module(fallback.not_loaded(error))
            return web.respond(request, script, "text/javascript")
        self._broken = False
        entry = static_files.find(static_files.ENTRY)
        body = fallback.module(fallback.BUILD_BUNDLE) if entry is None else entry.read_bytes()
        return web.respond(request, body, "text/javascript")

    def _serve_static(self, request: wrappers.Request) -> wrappers.Response:
        name = request.path.rpartition(f"/plugin/{self.plugin_name}/")[2].removeprefix("static/")
        found = static_files.find(name)
        if found is None:
            raise errors.NotFound("There is no such file. Reload the page: its files may be newer.")
        return web.respond(
            request,
            found.read_bytes(),
            static_files.content_type(name),
            expires=YEAR_SECONDS if static_files.is_hashed(name) else 0,
        )

    def _serve_series(self, request: wrappers.Request) -> wrappers.Response:
        from tb_animate import answers

        web.only(request)
        source = self._source()
        source.wait(WAIT_SECONDS)
        return web.respond_json(request, answers.listing(source))

    def _serve_steps(self, request: wrappers.Request) -> wrappers.Response:
        from tb_animate import answers

        web.only(request, "series")
        series_id = web.text(request, "series")
        self._source().wait(WAIT_SECONDS)
        return web.respond_json(request, answers.steps(self._index(series_id)))

    def _serve_scene(self, request: wrappers.Request) -> wrappers.Response:
        from tb_animate import params, scenes

        asked = params.scene(request.args)
        indexes = [self._index(series_id) for series_id in asked.series]
        if asked.cancel:
            stopped = scenes.stop(indexes, asked.spec, self._kept())
            return web.respond_json(request, {"cancelled": stopped})
        return web.respond_json(request, scenes.describe(indexes, asked.spec, self._kept()))

    def _serve_table(self, request: wrappers.Request) -> wrappers.Response:
        from tb_animate import answers, limits, params

        spec = params.from_query(request.args.to_dict(flat=False), also=("series",))
        index = self._index(web.text(request, "series"))
        limits.check_options([index.series], spec)
        return web.respond_packed(request, answers.table(index, spec, self._kept()))

    def _serve_frames(self, request: wrappers.Request) -> wrappers.Response:
        from tb_animate import answers, limits, params

        also = ("series", "start", "count")
        spec = params.from_query(request.args.to_dict(flat=False), also=also)
        start = web.integer(request, "start", 0, least=0)
        count = web.integer(request, "count", 64, least=1)
        index = self._index(web.text(request, "series"))
        if spec.sample is not None and spec.sample >= index.series.samples:
            raise errors.AnimateError(
                f"There is no sample {spec.sample}: this series has {index.series.samples}, "
                "counted from 0."
            )
        limits.check_options([index.series], spec)
        content = answers.frames(index, spec, self._kept(), start=start, count=count)
        return web.respond_packed(request, content)

    def _serve_clip(self, request: wrappers.Request) -> wrappers.Response:
        from tb_animate import export, params

        asked = params.clip(request.args)
        source = self._source()
        if not source.wait(CLIP_WAIT_SECONDS):
            raise errors.Busy(
                "The logs are still being read, and a clip made now would lack frames. "
                "Try again in a moment."
            )
        encoder = asked.encoder
        connection = streaming.Connection(request.environ)
        running = self._exports.start(asked.token)

        def report(done: int, total: int) -> None:
            running.report(done, total)
            connection.check()

        try:
            plan = export.plan(
                source,
                asked.series,
                asked.spec,
                encoder,
                axes=asked.axes,
                kept=self._kept(),
                progress=lambda done, total: connection.check(),
            )
            response = wrappers.Response(content_type=encoder.mime_type)
            response.headers["X-Content-Type-Options"] = "nosniff"
            response.headers["X-Animate-Pictures"] = str(plan.pictures)
            response.headers["Cache-Control"] = "no-cache"
            if asked.download:
                name = streaming.file_name(
                    streaming.words([track.series for track in plan.tracks]), encoder.suffix
                )
                response.headers.set("Content-Disposition", "attachment", filename=name)
            pieces = None if request.method == "HEAD" else plan.encode(progress=report)
        except BaseException:
            self._exports.finish(running)
            raise
        if pieces is None:
            self._exports.finish(running)
            return response
        response.response = streaming.ClipStream(pieces, lambda: self._exports.finish(running))
        # The server then closes the stream itself, which a wrapper would put off.
        response.direct_passthrough = True
        return response

    def _serve_progress(self, request: wrappers.Request) -> wrappers.Response:
        web.only(request, "token")
        done, total = self._exports.progress(web.text(request, "token"))
        return web.respond_json(request, {"done": done, "total": total})

    def _source(self) -> Source:
        with self._lock:
            if self._opened is None:
                from tb_animate import kinds, sources

                wanted = list(kinds.KINDS.values())
                self._opened = sources.open_context(self._context, wanted)
            return self._opened

    def _kept(self) -> Scenes:
        with self._lock:
            if self._scenes is None:
                from tb_animate import scene_cache

                self._scenes = scene_cache.Scenes()
            return self._scenes

    def _index(self, series_id: str) -> FrameIndex:
        source = self._source()
        try:
            return source.open(series_id)
        except errors.NotFound:
            # A page that outlived a restart of TensorBoard asks before anything is read.
            source.wait(WAIT_SECONDS)
            return source.open(series_id)


def _load_everything() -> None:
    """Imports what requests will need, so that the page can say what is missing."""
    import msgpack  # noqa: F401

    from tb_animate import answers, encoders, export, kinds, params, sources  # noqa: F401
    from tb_animate.sources import events, merged, provider  # noqa: F401

    for name in kinds.KINDS:
        kinds.get(name)
