"""The routes: parameters, one call, response. Everything heavy is imported when first asked."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Any

from tensorboard.plugins import base_plugin
from werkzeug import wrappers

from tb_animate import answering, errors, exports, fallback, static_files, web

if TYPE_CHECKING:
    from tb_animate.export import Plan
    from tb_animate.jobs import Progress
    from tb_animate.model import FrameIndex, Source
    from tb_animate.params import ClipRequest
    from tb_animate.scalars import ScalarSource
    from tb_animate.scene_cache import Scenes

logger = logging.getLogger(__name__)

# What somebody asks for by name may be read in a moment; longer without a sign looks broken.
WAIT_SECONDS = 2.0

# Logs of common size are read in less, so that a client needs one listing, not two.
LISTING_WAIT_MS = 500
# A request holds one of TensorBoard's threads as long as it waits.
MAX_WAIT_MS = 10_000

YEAR_SECONDS = 365 * 24 * 3600


class AnimatePlugin(base_plugin.TBPlugin):  # type: ignore[misc]
    """Plays what training runs log step by step. See http_api.md for the routes."""

    plugin_name = "animate"

    def __init__(self, context: base_plugin.TBContext) -> None:
        self._context = context
        self._exports = exports.Exports()
        self._previews = exports.Exports()
        self._answering = answering.Answering()
        self._lock = threading.Lock()
        self._opened: Source | None = None
        self._scenes: Scenes | None = None
        self._opened_scalars: ScalarSource | None = None
        self._broken = False

    def get_plugin_apps(self) -> dict[str, Any]:
        ahead = self._answering.counted  # of clips
        return {
            "/index.js": web.route(self._serve_index),
            "/series": web.route(self._serve_series),
            "/steps": web.route(self._serve_steps),
            "/scene": web.route(ahead(self._serve_scene)),
            "/table": web.route(ahead(self._serve_table)),
            "/frames": web.route(ahead(self._serve_frames)),
            "/scalars": web.route(self._serve_scalars),
            "/clip": web.route(self._serve_clip),
            "/preview": web.route(self._serve_preview),
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

        web.only(request, "wait_ms")
        return web.respond_json(request, answers.listing(self._read(request)))

    def _serve_steps(self, request: wrappers.Request) -> wrappers.Response:
        from tb_animate import answers, params

        web.only(request, "series", "wait_ms")
        series = params.series(request.args)
        source = self._read(request)
        if len(series) == 1:
            return web.respond_json(request, answers.steps(self._index(series[0]), self._kept()))
        return web.respond_json(request, answers.steps_of(source, series, self._kept()))

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
        limits.check_series([index.series], spec)
        content = answers.frames(index, spec, self._kept(), start=start, count=count)
        return web.respond_packed(request, content)

    def _serve_scalars(self, request: wrappers.Request) -> wrappers.Response:
        from tb_animate import answers

        web.only(request, "run", "tag")
        names = {name: web.text(request, name) for name in ("run", "tag") if name in request.args}
        content = answers.scalars(self._scalars(), **names, seconds=WAIT_SECONDS)
        return web.respond_json(request, content)

    def _serve_clip(self, request: wrappers.Request) -> wrappers.Response:
        from tb_animate import clip_routes

        queue, pause = self._exports, self._answering.pauses()
        return clip_routes.clip(request, self._source(), self._plan, queue, pause)

    def _serve_preview(self, request: wrappers.Request) -> wrappers.Response:
        from tb_animate import clip_routes

        queue, kept, pause = self._previews, self._kept(), self._answering.pauses()
        content = clip_routes.look(request, self._source(), self._plan, queue, kept, pause)
        return web.respond_packed(request, content)

    def _plan(self, asked: ClipRequest, progress: Progress) -> Plan:
        from tb_animate import clip_routes, export

        scalars = self._scalars() if asked.spec.scalar else None
        if scalars is not None:
            clip_routes.wait(scalars, lambda: progress(0, 0))
        return export.plan(
            self._source(),
            asked.series,
            asked.spec,
            asked.encoder,
            axes=asked.axes,
            kept=self._kept(),
            scalars=scalars,
            progress=progress,
        )

    def _serve_progress(self, request: wrappers.Request) -> wrappers.Response:
        web.only(request, "token")
        found = self._exports.progress(web.text(request, "token"))
        if found is None:
            # No error: whoever asks cannot know whether the export has begun, or just ended.
            return web.respond(request, "", "application/json", status=204)
        done, total, waiting = found
        return web.respond_json(request, {"done": done, "total": total, "waiting": waiting})

    def _source(self) -> Source:
        with self._lock:
            if self._opened is None:
                from tb_animate import kinds, sources

                wanted = list(kinds.KINDS.values())
                self._opened = sources.open_context(self._context, wanted)
            return self._opened

    def _read(self, request: wrappers.Request) -> Source:
        """The source, after it had time to read what is new."""
        wait = web.integer(request, "wait_ms", LISTING_WAIT_MS, least=0, most=MAX_WAIT_MS)
        source = self._source()
        source.wait(wait / 1000)
        return source

    def _kept(self) -> Scenes:
        with self._lock:
            if self._scenes is None:
                from tb_animate import scene_cache

                self._scenes = scene_cache.Scenes()
            return self._scenes

    def _scalars(self) -> ScalarSource:
        with self._lock:
            if self._opened_scalars is None:
                from tb_animate import sources

                self._opened_scalars = sources.open_scalars(self._context)
            return self._opened_scalars

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

    from tb_animate import answers, clip_routes, encoders, export, kinds, sources  # noqa: F401
    from tb_animate.sources import events, merged, provider, scalars  # noqa: F401

    for name in kinds.KINDS:
        kinds.get(name)
