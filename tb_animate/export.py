"""The only composer: source -> kind -> timeline -> encoder, one picture at a time."""

from __future__ import annotations

import dataclasses
from collections.abc import Generator, Iterator, Sequence

import numpy as np

from tb_animate import errors, limits, timeline, tracks
from tb_animate.encoders.base import Encoder, Picture
from tb_animate.jobs import Progress
from tb_animate.kinds import raster
from tb_animate.layout import Layout, arrange
from tb_animate.model import ClipSpec, Source
from tb_animate.reel import Reel
from tb_animate.scene_cache import Scenes
from tb_animate.tracks import Track

# Seconds. The parts of a frame that moves by itself are not shown faster: neither GIF nor
# common screens keep up.
MIN_PART = 0.02


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """A clip about to be made. Making it holds two frames of each series at a time, and
    the trail where the kind draws one.

    Attributes:
      pictures: how many the file will have.
      tracks: the series, in the order asked.
      parts: for each frame of the clip, how many pictures it consists of by itself.
    """

    spec: ClipSpec
    encoder: Encoder
    layout: Layout
    tracks: list[Track]
    parts: list[int]
    pictures: int

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        return self.layout.size

    def encode(self, progress: Progress | None = None) -> Iterator[bytes]:
        """Yields the file in pieces while it is made. Closing the iterator stops at once.

        A frame that cannot be read or decoded becomes a picture that says so.

        Args:
          progress: called before the first picture and after each; what it raises ends
            the work.
        """
        pictures = self._pictures(progress or _ignore)
        try:
            yield from self.encoder.encode(pictures, self.size, self.spec.loop)
        finally:
            pictures.close()

    def _pictures(self, progress: Progress) -> Generator[Picture, None, None]:
        reels = [Reel(track.index, track.kind, track.scene, self.spec) for track in self.tracks]
        progress(0, self.pictures)
        course = _course(self.parts, self.spec)
        for done, (frame, phase, duration) in enumerate(course, start=1):
            yield Picture(self._compose(reels, frame, phase), duration)
            progress(done, self.pictures)

    def _compose(self, reels: list[Reel], frame: int, phase: float) -> raster.Pixels:
        pictures = [
            self._draw(track, reel, frame, phase)
            for track, reel in zip(self.tracks, reels, strict=True)
        ]
        if pictures[0].shape[1::-1] == self.size:
            return pictures[0]
        theme = self.spec.theme
        canvas = raster.blank(self.size, raster.PALETTES[theme].background)
        width, height = self.layout.cell
        for track, pixels, (x, y) in zip(self.tracks, pictures, self.layout.corners, strict=True):
            raster.paste(canvas, pixels, x, y)
            if self.layout.caption:
                line = raster.caption(*_words(track, frame), width, theme)
                raster.paste(canvas, line, x, y + height)
        return canvas

    def _draw(self, track: Track, reel: Reel, frame: int, phase: float) -> raster.Pixels:
        size, theme = self.layout.cell, self.spec.theme
        position = int(track.held[frame])
        if position < 0:
            return raster.blank(size, raster.PALETTES[theme].background)
        data = reel.get(position)
        if data is not None:
            following = None
            # What moves by itself does so within its time, and is not blended on top.
            if phase and self.spec.tween and track.kind.parts(data) == 1:
                coming = int(track.held[min(frame + 1, len(track.held) - 1)])
                following = reel.get(coming) if coming != position else None
            trail = track.before(frame, track.kind.trail(self.spec))
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
                )
            except ValueError as error:
                reel.fail(position, str(error))
        step = track.index.steps[position]
        return raster.notice(
            f"Step {step:,} cannot be shown. {reel.problem(position)}", size, theme
        )


def plan(
    source: Source,
    series_ids: Sequence[str],
    spec: ClipSpec,
    encoder: Encoder,
    *,
    axes: Sequence[str] = (),
    kept: Scenes | None = None,
    progress: Progress | None = None,
) -> Plan:
    """Checks a clip and works out all of it but the pictures.

    Several series run side by side, in step with each other: the clip has a frame for each
    step that one of them has, and the others hold their latest frame meanwhile.

    Args:
      source: asked once for each series; what is logged later does not come into the clip.
      series_ids: at least one.
      axes: of kinds that share scenes, all frames of these series decide the scene, as they
        do on a page that shows them together; left out: the frames of the clip.
      kept: the scenes of placed kinds, which all frames of the series decide.
      progress: called while those are fitted; what it raises ends the work.

    Raises:
      errors.NotFound: no such series.
      errors.TooLarge: too many pictures, or too many pixels in one or all of them.
      errors.AnimateError: no such sample, an option of a kind that is not there, no frame in
        the range of steps, or a rate that the format does not keep.
    """
    if not series_ids:
        raise errors.AnimateError("No series is given; name at least one.")
    limits.check_rate(spec, encoder)
    indexes = [source.open(series_id) for series_id in series_ids]
    limits.check_options([index.series for index in indexes], spec)
    for index in indexes:
        limits.check_sample(index.series, spec)
    steps, held = timeline.union([index.steps for index in indexes])
    chosen = np.array(timeline.select(steps, spec), np.int64)
    if not len(chosen):
        raise limits.nothing_there(steps, spec)
    limits.check_pictures(timeline.length(len(chosen), spec))
    fitted_to = [source.open(series_id) for series_id in axes]
    kept = Scenes() if kept is None else kept
    shown = [latest[chosen] for latest in held]
    found, parts = tracks.tracks(indexes, shown, fitted_to, spec, kept, progress)
    layout = arrange(len(found), tracks.natural(found, spec), spec, encoder.max_side)
    pictures = sum(1 for _ in _course(parts.tolist(), spec))
    limits.check_pictures(pictures)
    limits.check_pixels(pictures, layout.size)
    return Plan(spec, encoder, layout, found, parts.tolist(), pictures)


def _course(parts: Sequence[int], spec: ClipSpec) -> Iterator[tuple[int, float, float]]:
    """(frame, phase, seconds) of every picture.

    Without pictures between frames, one that moves by itself has its own within its time.
    """
    last = len(parts) - 1
    for beat in timeline.beats(len(parts), spec):
        hold = spec.hold if beat.index == last else 0.0
        moving = beat.duration - hold
        count = 1 if spec.tween else min(parts[beat.index], int(moving / MIN_PART + 1e-6))
        if count <= 1:
            yield beat.index, beat.phase, beat.duration
            continue
        for nth in range(count):
            part = count - 1 - nth if beat.backwards else nth
            yield beat.index, part / count, moving / count + (hold if nth == count - 1 else 0.0)


def _words(track: Track, frame: int) -> tuple[str, str]:
    """A caption, and its ending, which is shown even if the rest has to be cut."""
    series, position = track.index.series, int(track.held[frame])
    name = f"{series.tag} · {series.run}"
    return name, f" · step {track.index.steps[position]:,}" if position >= 0 else ""


def _ignore(done: int, total: int) -> None:
    pass
