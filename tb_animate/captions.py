"""The words around the pictures of a clip: what they are, which moment, and scalars."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from tb_animate import alignment, insets, text
from tb_animate.alignment import Alignment, Positions
from tb_animate.curves import Curve, value_text
from tb_animate.insets import Inset
from tb_animate.kinds import raster
from tb_animate.kinds.raster import Pixels
from tb_animate.layout import Bands
from tb_animate.model import ClipSpec, FrameIndex, Series, Theme

LINE = 22  # pixels
TEXT_SIZE = 13  # pixels
BETWEEN = " · "
NONE = "\u2013"  # where nothing has been logged yet


class Captions:
    """Draws the bands of a clip.

    Args:
      indexes: the series, in the order of the cells.
      curves: of each series, in the order asked.
      beside: what each series is compared with, or "".
    """

    def __init__(
        self,
        indexes: Sequence[FrameIndex],
        aligned: Alignment,
        curves: Sequence[Sequence[Curve]],
        spec: ClipSpec,
        beside: Sequence[str],
    ) -> None:
        self._theme = spec.theme
        header, titles = names_of([index.series for index in indexes])
        titles = [BETWEEN.join(filter(None, both)) for both in zip(titles, beside, strict=True)]
        self._header, self._titles = (header, titles) if spec.caption else ("", [])
        self._core = cores(self._titles)
        self._cells = [
            _Cell(index, aligned, nth, curves[nth], spec) for nth, index in enumerate(indexes)
        ]
        span = _span(aligned, self._cells)
        for row in range(len(spec.scalar)):
            shared = [(cell.curves[row], cell.places[row]) for cell in self._cells]
            bounds = insets.bounds(shared, span)
            for cell in self._cells:
                cell.add(row, span, bounds)
        self.bands = Bands(
            header=LINE if self._header else 0,
            above=LINE if spec.caption else 0,
            below=(LINE if spec.caption else 0) + insets.HEIGHT * len(spec.scalar),
        )
        self._line = functools.lru_cache(2 * len(indexes) + 2)(_line)

    def header(self, width: int) -> Pixels:
        """What all series have in common, shape [bands.header, width, 3]."""
        return self._line(self._header, width, self._theme)

    def above(self, nth: int, width: int) -> Pixels:
        """The title of a cell, shape [bands.above, width, 3]."""
        return self._line(self._titles[nth], width, self._theme, self._core[nth])

    def below(self, nth: int, frame: int, width: int) -> Pixels:
        """The moment and the scalars of a cell at a frame, shape [bands.below, width, 3]."""
        cell = self._cells[nth]
        parts = [cell.moment(frame, width, self._theme)] if self.bands.above else []
        parts += cell.scalars(frame, width, self._theme)
        return np.concatenate(parts)


class _Cell:
    """What is told of one series, frame by frame."""

    def __init__(
        self,
        index: FrameIndex,
        aligned: Alignment,
        nth: int,
        curves: Sequence[Curve],
        spec: ClipSpec,
    ) -> None:
        extent = aligned.extents[index.series.run]

        def placed(steps: Positions, wall_times: Positions) -> Positions:
            return alignment.positions(spec.measure, steps, wall_times, extent)

        self.curves = curves
        self.places = [placed(one.points.steps, one.points.wall_times) for one in curves]
        self._held = aligned.held[nth]
        self._steps = index.steps
        self._at = placed(index.steps, index.wall_times)
        shown = np.unique(self._held[self._held >= 0]).tolist()
        since = alignment.positions("time", index.steps, index.wall_times, extent)
        known = np.isfinite(extent.start)
        self._moments = {
            one: (f"{index.steps[one]:,}", duration_text(float(since[one])) if known else "")
            for one in shown
        }
        self._values = [
            {one: curve.value(int(index.steps[one])) for one in shown} for curve in curves
        ]
        self._insets: list[Inset] = []
        self._form = functools.lru_cache(1)(self._choose)

    def add(self, row: int, span: tuple[float, float], bounds: tuple[float, float]) -> None:
        """Makes the strip of one more scalar."""
        texts = [_shown(value) for value in self._values[row].values()]
        self._insets.append(Inset(self.curves[row], self.places[row], span, bounds, texts))

    def moment(self, frame: int, width: int, theme: Theme) -> Pixels:
        palette = raster.PALETTES[theme]
        image = Image.new("RGB", (width, LINE), palette.background)
        step, time = self._moments.get(int(self._held[frame]), ("", ""))
        if step:
            draw = ImageDraw.Draw(image)
            left, has_time = self._form(width)
            label = text.shorten(left + step, width - 2 * raster.MARGIN, TEXT_SIZE)
            text.draw(draw, (raster.MARGIN, LINE / 2), label, palette.text, TEXT_SIZE)
            if has_time:
                right = (width - raster.MARGIN, LINE / 2)
                text.draw(draw, right, time, palette.soft, TEXT_SIZE, anchor="rm")
        return np.asarray(image)

    def scalars(self, frame: int, width: int, theme: Theme) -> list[Pixels]:
        position = int(self._held[frame])
        at = None if position < 0 else float(self._at[position])
        found = []
        for inset, values in zip(self._insets, self._values, strict=True):
            value = values.get(position)
            place = float("nan") if value is None else value
            found.append(inset.picture(width, theme, at, place, _shown(value)))
        return found

    def _choose(self, width: int) -> tuple[str, bool]:
        """What stands before the step, and whether there is room for the time as well.

        The same in all frames, so that nothing jumps.
        """
        steps, times = zip(*self._moments.values(), strict=True) if self._moments else ((), ())
        room = width - 2 * raster.MARGIN
        step, time = text.longest(steps, TEXT_SIZE), text.longest(times, TEXT_SIZE)
        word = text.width("step ", TEXT_SIZE)
        apart = text.width(BETWEEN, TEXT_SIZE)
        if word + step + apart + time <= room:
            return "step ", bool(time)
        if step + apart + time <= room:
            return "", bool(time)
        return ("step " if word + step <= room else ""), False


def names_of(series: Sequence[Series]) -> tuple[str, list[str]]:
    """What is said once above all, "" if there is nothing, and the title of each series.

    A tag that all have is said once, or else a run that all have.
    """
    tags, runs = {one.tag for one in series}, {one.run for one in series}
    if len(tags) == 1:
        return series[0].tag, [one.run for one in series]
    if len(runs) == 1:
        return series[0].run, [one.tag for one in series]
    return "", [f"{one.tag}{BETWEEN}{one.run}" for one in series]


def cores(titles: Sequence[str]) -> list[tuple[int, int]]:
    """From where to where each title differs from the others; empty for one alone."""
    distinct = sorted(set(titles))
    if len(distinct) < 2:
        return [(0, 0) for _ in titles]
    before = _alike(distinct)
    after = _alike([title[before:][::-1] for title in distinct])
    # A title that the others only add to has nothing of its own but where it ends.
    return [(min(before, max(len(title) - after - 1, 0)), len(title) - after) for title in titles]


def _alike(texts: Sequence[str]) -> int:
    """With how many of the same characters all of these begin."""
    first, last = min(texts), max(texts)
    pairs = enumerate(zip(first, last, strict=False))
    return next((nth for nth, (a, b) in pairs if a != b), min(len(first), len(last)))


def duration_text(seconds: float) -> str:
    """As the page writes it: "12.4 s", "3 min 07 s", "2 h 03 min"."""
    tenths = int(seconds * 10 + 0.5)  # rounded first, or there would be 60 seconds in a minute
    if tenths < 600:
        return f"{tenths / 10:.1f} s"
    whole = int(seconds + 0.5)
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02} s"
    minutes = int(seconds / 60 + 0.5)
    return f"{minutes // 60:,} h {minutes % 60:02} min"


def _span(aligned: Alignment, cells: Sequence[_Cell]) -> tuple[float, float]:
    """The positions that the clip shows; of a single frame, all of its curves."""
    first, last = float(aligned.moments[0]), float(aligned.moments[-1])
    if last <= first:
        ends = [end for cell in cells for places in cell.places for end in places[[0, -1]].tolist()]
        first, last = min([first, *ends]), max([last, *ends])
    return first, last


def _shown(value: float | None) -> str:
    return NONE if value is None else value_text(value)


def _line(words: str, width: int, theme: Theme, core: tuple[int, int] = (0, 0)) -> Pixels:
    """One line of text, cut where others are the same."""
    palette = raster.PALETTES[theme]
    image = Image.new("RGB", (width, LINE), palette.background)
    label = text.shorten_around(words, width - 2 * raster.MARGIN, TEXT_SIZE, core)
    place = (raster.MARGIN, LINE / 2)
    text.draw(ImageDraw.Draw(image), place, label, palette.text, TEXT_SIZE)
    return np.asarray(image)
