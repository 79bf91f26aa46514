"""PR curves: precision over recall at every threshold, as `add_pr_curve` and others log it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from tb_animate.kinds import raster, tensors
from tb_animate.kinds.raster import Palette, Pixels
from tb_animate.kinds.stamps import Canvas
from tb_animate.kinds.trail import TRAIL
from tb_animate.model import ClipSpec, Frame, Theme

Floats: TypeAlias = NDArray[np.float64]

DEFAULTS = {"trail": 10}

OPTIONS = (TRAIL,)

SIZE = (480, 360)

# As TensorBoard logs them, and what stands before them here.
LOGGED = 6
TP, FP, PRECISION, RECALL = 1, 2, 5, 6

# A screen has about as many columns. Of more thresholds some are left out, evenly.
MAX_POINTS = 2048

# Beyond 0 and 1, what counts as rounding.
ROUNDING = 1e-3

# Pixels where `raster.unit` is 1. The page has the same.
LEFT, RIGHT, TOP, BOTTOM = 36, 14, 26, 40
FRONT, BEHIND = 2.5, 1.25  # widths of lines
TICKS: Floats = np.arange(6) / 5

# Opacity of a curve that has just been left; it is gone when it leaves the trail.
LEFT_BEHIND = 0.65


@dataclasses.dataclass(frozen=True, slots=True)
class PrCurveScene:
    """Both axes go from 0 to 1, whatever is logged."""

    trail: int


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class PrCurveData:
    """One frame.

    Attributes:
      points: threshold (increasing), true and false positives, true and false negatives,
        precision and recall (0 to 1) of each, shape [7, points]; there may be none.
      average_precision: 0 of no points.
    """

    step: int
    points: Floats
    average_precision: float


class Plot(NamedTuple):
    """Where the axes lie, in pixels; `unit` is what lengths are multiplied with."""

    unit: float
    left: float
    right: float
    top: float
    bottom: float

    def at(self, recall: Floats, precision: Floats) -> Floats:
        """Places in the picture, shape [points, 2]."""
        x = self.left + recall * (self.right - self.left)
        return np.stack([x, self.bottom - precision * (self.bottom - self.top)], axis=1)


class PrCurveKind:
    """The present curve in front of those that it has come from."""

    title = "PR curves"
    fit_frames = 2  # nothing depends on them
    options = OPTIONS
    placed = False
    shares_scene = True
    compares = False

    def decode(self, frame: Frame, spec: ClipSpec) -> PrCurveData:
        """Reads a tensor of shape [6, thresholds], the thresholds evenly from 0 to 1.

        Its rows are true positives, false positives, true negatives, false negatives,
        precision and recall. Where nothing is predicted to be positive there is no
        precision; writers log 0, and such points are left out.

        Raises:
          ValueError: it is none.
        """
        rows = tensors.numbers(frame, "PR curve").astype(np.float64)
        if rows.ndim != 2 or rows.shape[0] != LOGGED:
            raise tensors.misshapen(rows, "PR curve", f"{LOGGED} x thresholds")
        points = np.vstack([np.linspace(0, 1, rows.shape[1]), rows])
        shares = points[PRECISION:]
        nothing = (points[TP] + points[FP] == 0) & (points[PRECISION] == 0)
        points = points[:, np.isfinite(shares).all(axis=0) & ~nothing]
        shares = points[PRECISION:]
        wild = shares[(shares < -ROUNDING) | (shares > 1 + ROUNDING)]
        if len(wild):
            raise ValueError(
                f"It is no PR curve: it has a precision or recall of {wild[0]:g}, "
                "and both go from 0 to 1."
            )
        points[PRECISION:] = shares.clip(0, 1)
        average = average_precision(points[PRECISION], points[RECALL])
        return PrCurveData(frame.step, _thinned(points), average)

    def fit(self, frames: Iterable[PrCurveData], spec: ClipSpec) -> PrCurveScene:
        return PrCurveScene(self.trail(spec))

    def size(self, scene: PrCurveScene, spec: ClipSpec) -> tuple[int, int]:
        return SIZE

    def parts(self, data: PrCurveData) -> int:
        return 1

    def trail(self, spec: ClipSpec) -> int:
        return int({**DEFAULTS, **spec.options}["trail"])

    def draw(
        self,
        scene: PrCurveScene,
        data: PrCurveData,
        *,
        earlier: Sequence[PrCurveData] = (),
        following: PrCurveData | None,
        phase: float,
        size: tuple[int, int],
        theme: Theme,
    ) -> Pixels:
        """See `Kind.draw`. On its way to `following` the curve leaves `data` in its trail."""
        palette = raster.PALETTES[theme]
        unit = raster.unit(size)
        right, bottom = size[0] - RIGHT * unit, size[1] - BOTTOM * unit
        plot = Plot(unit, LEFT * unit, right, TOP * unit, bottom)
        if plot.right - plot.left < 1 or plot.bottom - plot.top < 1:
            return raster.blank(size, palette.background)
        accent = np.array(palette.accent)
        canvas = Canvas(size, palette.background)
        canvas.image(_grid(plot, size, palette), 0, 0, 1.0)
        moves = following is not None and phase > 0
        behind = [*earlier][-scene.trail :] if scene.trail else []
        trail = [*behind, data] if scene.trail and moves else behind
        for nth, one in enumerate(trail):
            age = len(trail) - nth - (1 - phase if moves else 0)
            opacity = LEFT_BEHIND * (1 - age / (scene.trail + 1))
            canvas.stroke(plot.at(*_shares(one)), BEHIND * unit, opacity, accent)
        front = _shares(data)
        if following is not None and phase > 0:
            front = between(data, following, phase)
        canvas.stroke(plot.at(*front), FRONT * unit, 1.0, accent)
        return _with_words(canvas.pixels(), plot, data.step, palette)

    def describe(self, scene: PrCurveScene) -> dict[str, Any]:
        return dataclasses.asdict(scene)

    def wire(self, frame: Frame, sample: int | None) -> bytes:
        """The average precision and the seven rows of points, as little-endian float32."""
        data = self.decode(frame, ClipSpec())
        return tensors.packed(np.append(data.average_precision, data.points))


def average_precision(precision: Floats, recall: Floats) -> float:
    """The mean of the precision, weighted with how much recall is gained at each threshold.

    As `sklearn.metrics.average_precision_score`: the sum of (R_n - R_n-1) P_n from the
    highest threshold on, without interpolation.
    """
    order = np.argsort(-recall, kind="stable")
    gained = -np.diff(recall[order], append=0.0)
    return float(gained @ precision[order])


def between(first: PrCurveData, second: PrCurveData, phase: float) -> tuple[Floats, Floats]:
    """Recall and precision on the way: those of each threshold go straight to the next ones.

    A threshold that only one of both has lies between its neighbours in the other, or where
    the other ends. A curve without points stays away until it is there.
    """
    if not first.points.size or not second.points.size:
        return _shares(first)
    at = np.union1d(first.points[0], second.points[0])
    ways = [
        [np.interp(at, one.points[0], one.points[row]) for row in (RECALL, PRECISION)]
        for one in (first, second)
    ]
    recall, precision = ((1 - phase) * a + phase * b for a, b in zip(*ways, strict=True))
    return recall, precision


def _shares(data: PrCurveData) -> tuple[Floats, Floats]:
    return data.points[RECALL], data.points[PRECISION]


def _thinned(points: Floats) -> Floats:
    count = points.shape[1]
    if count <= MAX_POINTS:
        return points
    return points[:, np.linspace(0, count - 1, MAX_POINTS).round().astype(int)]


def _grid(plot: Plot, size: tuple[int, int], palette: Palette) -> Pixels:
    pixels = raster.blank(size, palette.background)
    # On whole pixels, so that lines are sharp.
    thick = max(round(plot.unit), 1)
    left, right, top, bottom = map(round, plot[1:])
    for x, y in plot.at(TICKS, TICKS).tolist():
        column, row = round(x - thick / 2), round(y - thick / 2)
        pixels[top:bottom, column : column + thick] = palette.rule
        pixels[row : row + thick, left:right] = palette.rule
    return pixels


def _with_words(pixels: Pixels, plot: Plot, step: int, palette: Palette) -> Pixels:
    image = Image.fromarray(pixels)
    draw = ImageDraw.Draw(image)
    unit, height = plot.unit, image.height
    font = raster.font(raster.FIGURES * unit)

    def write(x: float, y: float, text: str, anchor: str) -> None:
        draw.text((x, y), text, palette.soft, font, anchor)

    for share, (x, y) in zip(TICKS.tolist(), plot.at(TICKS, TICKS).tolist(), strict=True):
        write(x, height - 25 * unit, f"{share:g}", "ms")
        write(plot.left - 6 * unit, y + 4 * unit, f"{share:g}", "rs")
    write(6 * unit, 16 * unit, "precision", "ls")
    write(plot.right, height - 8 * unit, "recall", "rs")
    draw.text((plot.right, 16 * unit), f"{step:,}", palette.ink, font, "rs")
    return np.asarray(image)


KIND = PrCurveKind()
