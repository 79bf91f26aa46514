"""The only composer: source -> kind -> timeline -> encoder, one picture at a time."""

from __future__ import annotations

import dataclasses
import functools
import itertools
from collections.abc import Callable, Generator, Sequence
from typing import Any, NamedTuple

from tb_animate import curves, errors, limits, timeline, tracks
from tb_animate.alignment import align
from tb_animate.captions import Captions
from tb_animate.curves import Curve
from tb_animate.encoders.base import Encoder, Picture, Pictures
from tb_animate.jobs import Progress
from tb_animate.kinds import raster
from tb_animate.layout import Layout, arrange
from tb_animate.model import ClipSpec, FrameIndex, Source
from tb_animate.reel import Reel
from tb_animate.scalars import ScalarSource
from tb_animate.scene_cache import Scenes
from tb_animate.timeline import Shot
from tb_animate.tracks import Track


class _Reels(NamedTuple):
    """The frames of a track, and of what it is compared with."""

    own: Reel
    beside: Reel | None

    @classmethod
    def of(cls, track: Track, spec: ClipSpec) -> _Reels:
        own = Reel(track.index, track.kind, track.scene, spec)
        if track.beside is None:
            return cls(own, None)
        # One of its own, also of the same series: what is far from its frames stays in it.
        return cls(own, Reel(track.beside.index, track.kind, track.scene, spec))

    def at(self, track: Track, frame: int) -> Any | None:
        """The track's data in a frame of the clip; `None` before its first, or if broken."""
        position = int(track.held[frame])
        return self.own.get(position) if position >= 0 else None

    def moves(self, track: Track, frame: int) -> bool:
        data = self.at(track, frame)
        return data is not None and track.kind.parts(data) > 1

    def beside_at(self, track: Track, frame: int) -> Any | None:
        """What is drawn in the same place; `None` where there is none or it is broken."""
        if self.beside is None or track.beside is None:
            return None
        position = int(track.beside.held[frame])
        return self.beside.get(position) if position >= 0 else None


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """A clip about to be made. Making it holds two frames of each series at a time, and
    the trail where the kind draws one.

    Attributes:
      tracks: the series, in the order asked.
      parts: for each frame of the clip, how many pictures it consists of by itself.
      pictures: how many the file will have.
      again: plans another clip of the same frames as logged. Raises as `plan`.
    """

    spec: ClipSpec
    encoder: Encoder
    layout: Layout
    captions: Captions
    tracks: list[Track]
    parts: list[int]
    pictures: int
    again: Callable[[ClipSpec], Plan]

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        return self.layout.size

    @property
    def seconds(self) -> float:
        """How long one turn of the clip takes."""
        return sum(shot.duration for shot in timeline.pictures(self.parts, self.spec))

    def encode(self, progress: Progress | None = None) -> Generator[bytes, None, None]:
        """Yields the file in pieces while it is made. Closing the iterator stops at once.

        A frame that cannot be read or decoded becomes a picture that says so.

        Args:
          progress: called before the first picture and after each; what it raises ends
            the work.
        """
        made = self._pictures(progress or _ignore)
        series = tuple(f"{track.series.tag} · {track.series.run}" for track in self.tracks)
        pictures = Pictures(made, self.pictures, self.seconds, series)
        try:
            yield from self.encoder.encode(pictures, self.size, self.spec.loop)
        finally:
            made.close()

    def some(
        self, start: int, stop: int, progress: Progress | None = None
    ) -> Generator[Picture, None, None]:
        """The pictures from number `start`, counted from 0, to `stop`, which is left out.

        Args:
          progress: as of `encode`.
        """
        return self._pictures(progress or _ignore, start, stop)

    def _pictures(
        self, progress: Progress, start: int = 0, stop: int | None = None
    ) -> Generator[Picture, None, None]:
        reels = [_Reels.of(track, self.spec) for track in self.tracks]
        progress(start, self.pictures)
        course = itertools.islice(timeline.pictures(self.parts, self.spec), start, stop)
        for done, shot in enumerate(course, start=start + 1):
            steps = tuple(track.step(shot.own) for track in self.tracks)
            yield Picture(self._compose(reels, shot), shot.duration, steps)
            progress(done, self.pictures)

    def _compose(self, reels: list[_Reels], shot: Shot) -> raster.Pixels:
        pictures = [
            self._draw(track, reel, shot) for track, reel in zip(self.tracks, reels, strict=True)
        ]
        if pictures[0].shape[1::-1] == self.size:
            return pictures[0]
        theme = self.spec.theme
        canvas = raster.blank(self.size, raster.PALETTES[theme].background)
        width, height = self.layout.cell
        bands = self.layout.bands
        if bands.header:
            raster.paste(canvas, self.captions.header(self.size[0]), 0, 0)
        for nth, (pixels, (x, y)) in enumerate(zip(pictures, self.layout.corners, strict=True)):
            raster.paste(canvas, pixels, x, y)
            if bands.above:
                raster.paste(canvas, self.captions.above(nth, width), x, y - bands.above)
            if bands.below:
                raster.paste(canvas, self.captions.below(nth, shot.own, width), x, y + height)
        return canvas

    def _draw(self, track: Track, reels: _Reels, shot: Shot) -> raster.Pixels:
        size, theme = self.layout.cell, self.spec.theme
        reel = reels.own
        trail = track.before(shot.index, track.kind.trail(self.spec))
        reel.need([*track.held[shot.index : shot.index + 2].tolist(), *trail])
        frame, phase, following = self._shown(track, reels, shot)
        position = int(track.held[frame])
        if position < 0:
            return raster.blank(size, raster.PALETTES[theme].background)
        data = reel.get(position)
        if data is not None:
            beside = reels.beside_at(track, frame)
            earlier = [one for one in map(reel.get, trail) if one is not None]
            try:
                return track.kind.draw(
                    track.scene,
                    data,
                    earlier=earlier,
                    following=following,
                    phase=phase,
                    size=size,
                    theme=theme,
                    **({} if beside is None else {"against": beside}),
                )
            except ValueError as error:
                reel.fail(position, str(error))
        step = track.index.steps[position]
        return raster.notice(
            f"Step {step:,} cannot be shown. {reel.problem(position)}", size, theme
        )

    def _shown(self, track: Track, reels: _Reels, shot: Shot) -> tuple[int, float, Any | None]:
        """Which frame of the clip a track shows, how far on, and the data that it turns into."""
        index, phase, _, own, moved = shot
        # What moves by itself does so within its time, and is not blended on top. Only what
        # was logged is compared.
        if reels.moves(track, own) or reels.beside_at(track, own) is not None:
            return own, moved, None
        if not phase:
            return index, phase, None
        if reels.moves(track, index):
            return own, 1 - phase, reels.at(track, index)
        coming = min(index + 1, len(track.held) - 1)
        changes = track.held[coming] != track.held[index]
        return index, phase, reels.at(track, coming) if changes else None


def plan(
    source: Source,
    series_ids: Sequence[str],
    spec: ClipSpec,
    encoder: Encoder,
    *,
    axes: Sequence[str] = (),
    kept: Scenes | None = None,
    scalars: ScalarSource | None = None,
    progress: Progress | None = None,
) -> Plan:
    """Checks a clip and works out all of it but the pictures.

    Several series run side by side, in step with each other by the measure that `spec` names;
    each holds its latest frame meanwhile. By steps, the clip has a frame for each step that
    one of them has.

    Args:
      source: asked once for each series; what is logged later does not come into the clip.
      series_ids: at least one.
      axes: of kinds that share scenes, all frames of these series decide the scene, as they
        do on a page that shows them together; left out: the frames of the clip, with
        their trails.
      kept: the scenes of placed kinds, which all frames of the series decide.
      scalars: where those that `spec` names come from; all of it has been read.
      progress: called while frames are looked at and scenes fitted, with what is done of
        the part at hand, and of how much; what it raises ends the work.

    Raises:
      errors.NotFound: no such series, or no such scalar.
      errors.TooLarge: too many pictures, or too many pixels in one or all of them.
      errors.AnimateError: no such sample, an option of a kind that is not there, no frame in
        the range of steps, or a rate that the format does not keep.
    """
    if not series_ids:
        raise errors.AnimateError("No series is given; name at least one.")
    limits.check_rate(spec, encoder)
    indexes = [source.open(series_id) for series_id in series_ids]
    limits.check_series([index.series for index in indexes], spec)
    fitted_to = [source.open(series_id) for series_id in axes]
    kept = Scenes() if kept is None else kept
    found = curves.find(scalars, [index.series.run for index in indexes], spec.scalar)
    return _planned(source, indexes, fitted_to, found, encoder, kept, progress, spec)


def _planned(
    source: Source,
    indexes: Sequence[FrameIndex],
    fitted_to: Sequence[FrameIndex],
    shown_scalars: Sequence[Sequence[Curve]],
    encoder: Encoder,
    kept: Scenes,
    progress: Progress | None,
    spec: ClipSpec,
) -> Plan:
    others = tracks.counterparts(indexes, source, spec)
    aligned = align(indexes, spec, others.values())
    count = len(aligned.moments)
    if not count:
        logged, _ = timeline.union([index.steps for index in indexes])
        raise limits.nothing_there(logged, spec)
    limits.check_pictures(timeline.length(count, spec))
    found, parts = tracks.tracks(indexes, aligned.held, fitted_to, spec, kept, progress)
    found = [tracks.compared(track, aligned, others, spec) for track in found]
    beside = ["" if track.beside is None else track.beside.words for track in found]
    captions = Captions(indexes, aligned, shown_scalars, spec, beside)
    natural = tracks.natural(found, spec)
    layout = arrange(len(found), natural, spec, encoder.max_side, captions.bands)
    pictures = sum(1 for _ in timeline.pictures(parts.tolist(), spec))
    limits.check_pictures(pictures)
    limits.check_pixels(pictures, layout.size)
    again = functools.partial(
        _planned, source, indexes, fitted_to, shown_scalars, encoder, kept, progress
    )
    return Plan(spec, encoder, layout, captions, found, parts.tolist(), pictures, again)


def _ignore(done: int, total: int) -> None:
    pass
