"""Histograms: the distributions that `tf.summary.histogram` and its like have logged."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from tb_animate.kinds import axes, distribution, raster, ridge, tensors
from tb_animate.kinds.distribution import Distribution, Floats
from tb_animate.kinds.raster import Pixels
from tb_animate.kinds.trail import TRAIL
from tb_animate.model import ClipSpec, Frame, Theme
from tb_animate.options import one_of

DEFAULTS = {"mode": "ridge", "trail": 20, "scale": "linear", "range": "robust"}

OPTIONS = (
    one_of(
        "mode",
        ("ridge", "single"),
        "the latest before those before it, or the latest alone (default: ridge)",
    ),
    TRAIL,
    one_of("scale", ("linear", "log"), "of the counts (default: linear)"),
    one_of(
        "range",
        ("robust", "full"),
        "values that the axis holds: without those of single wild steps, or all (default: robust)",
    ),
)

SIZE = (480, 360)

BINS = 160  # about one for three pixels of a card

# The tails that a robust axis leaves out, as shares of one frame's count.
TAILS = np.array([0.005, 0.995])
TOLD = np.array([0.01, 0.99])  # percentiles that the page shows

# A frame is wild whose range ends so many usual ranges from where others end.
WILD = 8.0
PADDING = 0.05  # of the axis, on either side

# A frame whose peak is so many times as high as usual is cut, or it would flatten the others.
PEAK = 3.0


@dataclasses.dataclass(frozen=True, slots=True)
class HistogramScene:
    """What holds still over a clip.

    Attributes:
      lo, hi: ends of the value axis.
      full_lo, full_hi: of all values of the frames looked at.
      bins: equal parts of the axis, of which each has one height.
      top: share of a frame's count that reaches full height, on a linear scale.
      top_count: count that reaches it on a logarithmic one, where heights go by
        log(1 + count).
    """

    lo: float
    hi: float
    full_lo: float
    full_hi: float
    bins: int
    top: float
    top_count: float
    mode: str
    trail: int
    scale: str
    range: str

    @property
    def edges(self) -> Floats:
        return np.linspace(self.lo, self.hi, self.bins + 1)


@dataclasses.dataclass(slots=True, eq=False)
class HistogramData:
    """One frame. `curve` keeps its heights: a frame is in many pictures of the trail."""

    step: int
    values: Distribution
    curve: tuple[HistogramScene, Floats] | None = None


class HistogramKind:
    """The latest distribution in front, those before it receding behind."""

    title = "Histograms"
    fit_frames = 1000
    options = OPTIONS
    placed = False
    shares_scene = True
    compares = False

    def decode(self, frame: Frame, spec: ClipSpec) -> HistogramData:
        """Reads a tensor of shape [buckets, 3]: left edge, right edge and count of each.

        Raises:
          ValueError: it is none.
        """
        rows = tensors.numbers(frame, "histogram").astype(np.float64)
        if rows.shape == (0,):  # only metadata was logged
            rows = rows.reshape(0, 3)
        if rows.ndim != 2 or rows.shape[1] != 3:
            raise tensors.misshapen(rows, "histogram", "buckets x 3")
        return HistogramData(frame.step, distribution.clean(rows))

    def fit(self, frames: Iterable[HistogramData], spec: ClipSpec) -> HistogramScene:
        options = {**DEFAULTS, **spec.options}
        every = [data.values for data in frames if data.values.total]
        full = _range([values.knots for values in every])
        robust = _robust([distribution.quantile(values, TAILS) for values in every])
        lo, hi = full if options["range"] == "full" else robust
        edges = np.linspace(lo, hi, BINS + 1)
        peaks = np.array([distribution.resample(values, edges).max() for values in every])
        shares = peaks / np.array([values.total for values in every])
        shares = shares[shares > 0]
        return HistogramScene(
            *(lo, hi, *full, BINS),
            top=float(min(shares.max(), PEAK * np.median(shares))) if len(shares) else 1.0,
            top_count=float(peaks.max(initial=0)) or 1.0,
            mode=options["mode"],
            trail=options["trail"],
            scale=options["scale"],
            range=options["range"],
        )

    def size(self, scene: HistogramScene, spec: ClipSpec) -> tuple[int, int]:
        return SIZE

    def parts(self, data: HistogramData) -> int:
        return 1

    def trail(self, spec: ClipSpec) -> int:
        options = {**DEFAULTS, **spec.options}
        return int(options["trail"]) if options["mode"] == "ridge" else 0

    def draw(
        self,
        scene: HistogramScene,
        data: HistogramData,
        *,
        earlier: Sequence[HistogramData] = (),
        following: HistogramData | None,
        phase: float,
        size: tuple[int, int],
        theme: Theme,
    ) -> Pixels:
        """See `Kind.draw`. Only the front moves towards `following`; its step is `data`'s."""
        depth = scene.trail if scene.mode == "ridge" else 0
        behind = list(earlier)[-depth:] if depth else []
        front = _heights(scene, data)
        if following is not None and phase > 0:
            front = _curve(scene, distribution.between(data.values, following.values, phase))
        return ridge.draw(
            [*(_heights(scene, one) for one in behind), front],
            steps=[*(one.step for one in behind), data.step],
            depth=depth,
            full=0.5 if scene.mode == "ridge" else 1.0,
            axis=(scene.lo, scene.hi),
            size=size,
            palette=raster.PALETTES[theme],
        )

    def describe(self, scene: HistogramScene) -> dict[str, Any]:
        return dataclasses.asdict(scene)

    def wire(self, frame: Frame, sample: int | None) -> bytes:
        """Numbers that the page shows, and the buckets, as little-endian float32.

        First 6 numbers: total count, mean, standard deviation, share of zeros (see
        `distribution.zero_share`), 1st and 99th percentile. Then for each bucket its left
        edge in two parts, its right edge likewise, and its count. The parts add up to an
        edge, with twice the digits: one value far from the rest would take those of a
        single float32, wherever edges were counted from.
        """
        values = self.decode(frame, ClipSpec()).values
        if not values.total:
            return tensors.packed(np.zeros(6))
        mean, sd = distribution.moments(values)
        near_zero = distribution.zero_share(values)
        low, high = distribution.quantile(values, TOLD)
        head = [values.total, mean, sd, near_zero, low, high]
        edges = np.clip(values.buckets[:, :2], -tensors.LARGEST, tensors.LARGEST)
        coarse = edges.astype(np.float32).astype(np.float64)
        parts = np.stack([coarse, edges - coarse], axis=2).reshape(-1, 4)
        rows = np.concatenate([parts, values.buckets[:, 2:]], axis=1)
        return tensors.packed(np.concatenate([head, rows.ravel()]))


def _heights(scene: HistogramScene, data: HistogramData) -> Floats:
    if data.curve is None or data.curve[0] != scene:
        data.curve = (scene, _curve(scene, data.values))
    return data.curve[1]


def _curve(scene: HistogramScene, values: Distribution) -> Floats:
    """The height of each bin, 1 for the full one; shape [bins]."""
    counts = distribution.resample(values, scene.edges)
    if not values.total:
        return counts
    if scene.scale == "log":
        heights: Floats = np.log1p(counts) / np.log1p(scene.top_count)
        return heights
    # One after the other, as on the page: of the least counts that there are the product is 0.
    shares: Floats = counts / values.total
    return shares / scene.top


def _range(ends: Sequence[Floats]) -> tuple[float, float]:
    """From the least to the largest of all."""
    if not ends:
        return -1.0, 1.0
    return axes.widened(min(float(e[0]) for e in ends), max(float(e[-1]) for e in ends), by=0)


def _robust(ranges: Sequence[Floats]) -> tuple[float, float]:
    """From the least to the largest, but for frames that lie far from the others.

    What is far goes by the usual width of a frame, and by how far frames usually lie from
    the middle one: a narrow distribution that drifts steadily is not wild.
    """
    if not ranges:
        return -1.0, 1.0
    low, high = np.array(ranges).T
    middles = low / 2 + high / 2
    usual = np.median(high - low) + np.median(np.abs(middles - np.median(middles)))
    near = (high <= np.median(high) + WILD * usual) & (low >= np.median(low) - WILD * usual)
    if near.any():
        low, high = low[near], high[near]
    return axes.widened(float(low.min()), float(high.max()), by=PADDING)


KIND = HistogramKind()
