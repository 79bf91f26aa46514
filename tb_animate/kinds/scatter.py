"""A cloud of points as a picture: between two frames, with trails, from where one looks.

The browser draws the same from the same numbers: what is a constant here is one there, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tb_animate.kinds import colours, marks, raster
from tb_animate.kinds.look import Look
from tb_animate.kinds.placed import PlacedPoints, padded, same_segment
from tb_animate.kinds.raster import Pixels
from tb_animate.kinds.stamps import Canvas
from tb_animate.kinds.view import FIT, View
from tb_animate.model import Theme

Floats = NDArray[np.float64]

# Radius of a dot in units, by how many points there are at most.
RADII = ((500, 3.5), (2_000, 2.6), (10_000, 2.0), (50_000, 1.5))
LEAST_RADIUS = 1.1

OPACITY = 0.85
TRAIL_OPACITY = 0.5

# Of a picture's height. A legend that needs more is left out.
MAX_STRIP = 0.4

# More points hide each other whichever comes first, and sorting them takes time.
MAX_SORTED = 20_000


class Cloud(NamedTuple):
    """Points of one segment at one moment; each field by slot.

    Attributes:
      positions: shape [slots, axes].
      fade: 1 for a point that stays, less for one that comes or goes, 0 for one not shown.
      versions: the tables that describe the points: the first that has a point does.
      earlier: positions of the frames behind, the latest first.
      age: how far the first of them is from the frame before this moment, 0 to 1.
    """

    segment: int
    positions: Floats
    fade: Floats
    described: NDArray[np.int64]
    versions: tuple[int, ...]
    earlier: list[NDArray[np.float32]]
    age: float


def draw(
    look: Look,
    data: PlacedPoints,
    earlier: Sequence[PlacedPoints],
    following: PlacedPoints | None,
    phase: float,
    size: tuple[int, int],
    theme: Theme,
) -> Pixels:
    """See `Kind.draw`. The legend takes its room from the picture's height."""
    strip = look.legend_height(size[0])
    strip = strip if strip <= MAX_STRIP * size[1] else 0
    plot = (size[0], size[1] - strip)
    palette = raster.PALETTES[theme]
    canvas = Canvas(plot, palette.background)
    unit = raster.unit(plot)
    if following is None:
        phase = 0.0
    view = _view(look, data, following, phase, plot)
    behind = same_segment(data, earlier)
    clouds = _clouds(look, data, behind, following, phase)
    told: list[marks.Mark] = []
    for cloud in clouds:
        _trails(canvas, look, cloud, view, unit, theme)
    for cloud in clouds:
        told += _dots(canvas, look, cloud, view, unit, theme)
    if look.centroids:
        marks.paths(canvas, look, [*behind, data], following, phase, view, unit, theme)
    pixels = marks.selection(canvas, told, unit, theme)
    if not strip:
        return pixels
    whole = raster.blank(size, palette.background)
    raster.paste(whole, pixels, 0, 0)
    raster.paste(whole, look.legend(size[0], theme), 0, plot[1])
    return whole


def _view(
    look: Look,
    data: PlacedPoints,
    following: PlacedPoints | None,
    phase: float,
    size: tuple[int, int],
) -> View:
    """Where the cloud is followed, the way to the next frame's view is as straight as points'."""
    if look.follow == "off":
        return View(size, look.camera, np.zeros(3), 1.0)
    fit = look.follow == "fit"
    ends = [data] if following is None else [data, following]
    scales = [np.log(FIT / max(one.radius, 1e-6)) if fit else 0.0 for one in ends]
    centre = ends[0].centre + (ends[-1].centre - ends[0].centre) * phase
    return View(
        size, look.camera, centre, float(np.exp(scales[0] + (scales[-1] - scales[0]) * phase))
    )


def _clouds(
    look: Look,
    data: PlacedPoints,
    behind: Sequence[PlacedPoints],
    following: PlacedPoints | None,
    phase: float,
) -> list[Cloud]:
    trail = [one.positions for one in behind[::-1]][: look.trail]
    if look.trail and phase:
        trail.insert(0, data.positions)
    here = np.where(data.present, 1.0, 0.0)
    first = np.zeros(len(here), np.int64)
    positions = data.positions.astype(np.float64)
    alone = Cloud(data.segment, positions, here, first, (data.version,), trail, phase)
    if following is None or not phase:
        return [alone]
    if following.segment != data.segment:
        there = np.where(following.present, phase, 0.0)
        none = np.zeros(len(there), np.int64)
        coming = following.positions.astype(np.float64)
        return [
            alone._replace(fade=here * (1 - phase)),
            Cloud(following.segment, coming, there, none, (following.version,), [], 0.0),
        ]
    # A segment may have got more slots since the frame before was placed.
    a, b = (padded(one.positions, len(following.positions)) for one in (data, following))
    in_a, in_b = ~np.isnan(a[:, 0]), ~np.isnan(b[:, 0])
    only_a, only_b = in_a & ~in_b, in_b & ~in_a
    between = a + (b - a) * phase
    between[only_a], between[only_b] = a[only_a], b[only_b]
    fade = (in_a & in_b) + only_a * (1 - phase) + only_b * phase
    versions = (data.version, following.version)
    return [Cloud(data.segment, between, fade, only_b.astype(np.int64), versions, trail, phase)]


def _appearance(look: Look, cloud: Cloud, theme: Theme) -> tuple[Floats, Floats]:
    """The colour of each slot, and its fade, 0 for hidden categories."""
    slots = len(cloud.fade)
    colour = np.empty((slots, 3))
    fade = cloud.fade.copy()
    for nth, version in enumerate(cloud.versions):
        its = cloud.described == nth
        colour[its] = colours.of_points(look.tables, look.column, version, slots, theme)[its]
        fade[its & ~look.shown(version, slots)] = 0
    return colour, fade


def _trails(
    canvas: Canvas, look: Look, cloud: Cloud, view: View, unit: float, theme: Theme
) -> None:
    """Lines to where points were before, the oldest first.

    While points are on their way, the line to the frame that they come from grows and all
    others grow older, so that nothing jumps when they arrive.
    """
    if not cloud.earlier:
        return
    colour, fade = _appearance(look, cloud, theme)
    slots = np.flatnonzero(fade)
    ends = [view.see(cloud.positions)]
    ends += [view.see(padded(one, len(fade))) for one in cloud.earlier]
    for nth in range(len(cloud.earlier) - 1, -1, -1):
        age = nth if not cloud.age else max(nth - 1 + cloud.age, 0.0)
        alpha = TRAIL_OPACITY * (1 - age / look.trail)
        one, other = ends[nth], ends[nth + 1]
        lines = np.stack([one.x, one.y, other.x, other.y], axis=1)[slots]
        canvas.lines(lines, unit, alpha * fade[slots], colour[slots])


def _dots(
    canvas: Canvas, look: Look, cloud: Cloud, view: View, unit: float, theme: Theme
) -> list[marks.Mark]:
    """Draws the points, and tells where those that are selected lie."""
    colour, fade = _appearance(look, cloud, theme)
    seen = view.see(cloud.positions)
    slots = len(fade)
    base = unit * next((size for most, size in RADII if slots <= most), LEAST_RADIUS)
    order = np.flatnonzero((fade > 0) & ~np.isnan(seen.factor))
    if cloud.positions.shape[1] == 3 and slots <= MAX_SORTED:
        order = order[np.argsort(seen.depth[order], kind="stable")]
    radius = base * seen.factor
    dots = order
    pictured = np.zeros(slots, np.bool_)
    if look.thumbnails:
        for nth, version in enumerate(cloud.versions):
            pictured |= (cloud.described == nth) & look.pictured(version, slots)
        dots = order[~pictured[order]]
    canvas.discs(seen.x[dots], seen.y[dots], radius[dots], OPACITY * fade[dots], colour[dots])
    for slot in order[pictured[order]].tolist():
        version = cloud.versions[cloud.described[slot]]
        long = marks.thumbnail_side(unit, float(seen.factor[slot]), view.camera.zoom)
        radius[slot] = long / 2
        if not marks.in_sight(canvas, seen.x[slot], seen.y[slot], long):
            continue
        pixels = look.thumbnail(version, slot, round(long), theme)
        left = round(seen.x[slot] - pixels.shape[1] / 2)
        top = round(seen.y[slot] - pixels.shape[0] / 2)
        canvas.image(pixels, left, top, float(fade[slot]))
    if cloud.segment:
        return []
    there = set(order.tolist())
    return [
        marks.Mark(
            float(seen.x[slot]),
            float(seen.y[slot]),
            float(radius[slot]),
            float(fade[slot]),
            look.tables.label(cloud.versions[cloud.described[slot]], slot),
        )
        for slot in look.selected
        if slot in there
    ]
