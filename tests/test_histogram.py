"""Histograms: what logs hold is mended and kept, moved and drawn."""

from __future__ import annotations

import io
import itertools
import math
import pathlib
from collections.abc import Sequence
from statistics import NormalDist
from typing import Any

import msgpack
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

import event_bytes
import golden_scenes
import logs
import tb_animate
from decoders import decode
from memory_source import MemoryIndex, MemorySource, images
from sites import Site, json_of, plain
from tb_animate import api, cli, encoders, export, kinds, scenes
from tb_animate.kinds import axes, distribution, histogram, raster, ridge
from tb_animate.kinds.distribution import Distribution
from tb_animate.model import ClipSpec, Frame, series_id

pytestmark = pytest.mark.oldest

KIND = kinds.get("histogram")
HUGE = 1.7976931348623157e308
Rows = NDArray[np.float64]


def rows(*buckets: Sequence[float]) -> Rows:
    return np.array(buckets, np.float64).reshape(-1, 3)


def clean(*buckets: Sequence[float]) -> Distribution:
    return distribution.clean(rows(*buckets))


def gaussian(mean: float, sd: float, count: int = 4000) -> NDArray[np.float64]:
    """Values whose distribution is as normal as so many can be."""
    normal = NormalDist(mean, sd)
    return np.array([normal.inv_cdf((n + 0.5) / count) for n in range(count)])


def even(values: NDArray[np.float64], buckets: int = 30) -> Rows:
    counts, edges = np.histogram(values, buckets)
    return np.stack([edges[:-1], edges[1:], counts.astype(float)], axis=1)


def fit(frames: Sequence[Rows], **options: object) -> histogram.HistogramScene:
    spec = ClipSpec(options=options)
    decoded = [KIND.decode(Frame(n, 0.0, one), spec) for n, one in enumerate(frames)]
    scene = KIND.fit(decoded, spec)
    assert isinstance(scene, histogram.HistogramScene)
    return scene


EDGES = st.one_of(
    st.sampled_from([0.0, -0.0, 1.0, -3.5, 1e-300, HUGE, -HUGE, math.inf, -math.inf, math.nan]),
    st.floats(-100, 100),
    st.floats(-1e300, 1e300),
)
COUNTS = st.one_of(
    st.sampled_from([0.0, -1.0, math.nan, math.inf, 1.0, 1e12]), st.floats(1e-3, 1e12)
)
ROWS = st.lists(st.tuples(EDGES, EDGES, COUNTS), max_size=40).map(lambda found: rows(*found))


def counted(found: Rows) -> float:
    """What must be there of a frame: all that has a count, and a place."""
    good = np.isfinite(found[:, 2]) & (found[:, 2] > 0)
    return float(found[good & ~np.isnan(found[:, :2]).all(axis=1), 2].sum())


# Decoding


@given(ROWS)
def test_whatever_is_logged_becomes_ordered_buckets_of_the_same_count(found: Rows) -> None:
    values = distribution.clean(found)
    left, right, counts = values.buckets.T
    assert np.isfinite(values.buckets).all()
    assert (counts > 0).all()
    assert (left <= right).all()
    assert (right[:-1] <= left[1:]).all()
    assert values.total == pytest.approx(counted(found), rel=1e-9)
    assert counts.sum() == pytest.approx(values.total, rel=1e-9)


@pytest.mark.parametrize(
    ("logged", "expected"),
    [
        ([], []),
        ([(0, 0, 0)] * 30, []),
        ([(1, 2, 5)], [(1, 2, 5)]),
        ([(7, 7, 0), (7, 7, 0), (7, 7, 9)], [(7, 7, 9)]),
        ([(-5, -4, 2), (-4, -3, 1e12)], [(-5, -4, 2), (-4, -3, 1e12)]),
        ([(2, 3, 1), (0, 2, 4)], [(0, 2, 4), (2, 3, 1)]),
        ([(2, 1, 3)], [(1, 2, 3)]),
        ([(-HUGE, 0, 1), (0, 2, 5), (2, HUGE, 1)], [(-2, 0, 1), (0, 2, 5), (2, 4, 1)]),
        ([(-math.inf, 1, 4)], [(1, 1, 4)]),
        ([(math.inf, math.inf, 4), (0, 1, 1)], [(0, 1, 1), (1, 1, 4)]),
        ([(-HUGE, HUGE, 4), (0, 1, 1)], [(0, 1, 5)]),
        ([(-HUGE, HUGE, 4)], [(0, 0, 4)]),
        ([(math.nan, 1, 4), (0, 1, 1)], [(0, 1, 5)]),
        ([(math.nan, math.nan, 4), (0, 1, 1)], [(0, 1, 1)]),
        ([(0, 1, math.nan), (0, 1, math.inf), (0, 1, -2), (1, 2, 3)], [(1, 2, 3)]),
        ([(0, 4, 8), (1, 1, 2)], [(0, 1, 2), (1, 1, 2), (1, 4, 6)]),
        ([(0, 1 + 1e-9, 8), (1, 2, 2)], [(0, 1, 8), (1, 2, 2)]),
    ],
)
def test_odd_buckets(logged: list[Any], expected: list[Any]) -> None:
    found = clean(*logged).buckets
    assert sum(found[:, 2]) == pytest.approx(sum(row[2] for row in expected))
    merged = [[*key, sum(row[2] for row in same)] for key, same in _by_edges(found)]
    assert merged == [list(map(float, row)) for row in expected]


def _by_edges(found: Rows) -> Any:
    return itertools.groupby(found.tolist(), key=lambda row: row[:2])


def test_many_buckets_are_merged() -> None:
    edges = np.arange(100_001.0)
    found = np.stack([edges[:-1], edges[1:], np.ones(100_000)], axis=1)
    values = distribution.clean(found)
    assert len(values.buckets) <= distribution.MAX_BUCKETS
    assert values.total == 100_000
    overlapping = found + [0, 3, 0]  # noqa: RUF005
    assert distribution.clean(overlapping).total == pytest.approx(100_000)


def test_counts_of_every_size_are_kept() -> None:
    values = clean((0, 1, 1), (1, 2, 1e12), (2, 3, 1))
    assert values.total == 1e12 + 2
    bins = distribution.resample(values, np.arange(4.0))
    assert bins == pytest.approx(np.array([1, 1e12, 1]), rel=1e-3)


# Mass


@given(ROWS, st.floats(-50, 50), st.floats(1e-6, 100))
def test_mass_lies_in_a_bin_or_outside(found: Rows, low: float, width: float) -> None:
    values = distribution.clean(found)
    edges = np.linspace(low, low + width, 161)
    bins = distribution.resample(values, edges)
    assert (bins >= 0).all()
    left, right, counts = values.buckets.T
    # Buckets wholly to one side of the axis, or wholly within, tell without any sum of parts.
    within = counts[(left >= edges[0]) & (right <= edges[-1])].sum()
    touching = counts[(right >= edges[0]) & (left <= edges[-1])].sum()
    slack = 1e-9 * values.total
    assert within - slack <= bins.sum() <= touching + slack
    ends = np.array([np.nextafter(low, -np.inf), edges[-1]])
    below, up_to = distribution.cumulative(values, ends)
    assert below + bins.sum() + (values.total - up_to) == pytest.approx(values.total)


@given(ROWS, ROWS, st.floats(0, 1))
def test_mass_is_kept_on_the_way(first: Rows, second: Rows, phase: float) -> None:
    a, b = distribution.clean(first), distribution.clean(second)
    found = distribution.between(a, b, phase)
    total = (1 - phase) * a.total + phase * b.total
    assert found.total == pytest.approx(total, rel=1e-9, abs=1e-300)
    assert (np.diff(found.knots) >= 0).all()
    if len(a.knots) and len(b.knots):
        scale = max(np.abs(a.knots).max(), np.abs(b.knots).max())
        # Means move on a line: the mean is an integral of the quantile function.
        means = [distribution.moments(one).mean for one in (a, found, b)]
        expected = (1 - phase) * means[0] + phase * means[2]
        assert means[1] == pytest.approx(expected, rel=1e-6, abs=1e-6 * scale)


def test_a_point_mass_falls_into_the_bin_that_holds_it() -> None:
    edges = np.linspace(0, 1, 11)
    for value, expected in ((0.0, 0), (0.05, 0), (edges[3], 3), (0.999, 9), (1.0, 9)):
        bins = distribution.resample(clean((value, value, 7)), edges)
        assert np.flatnonzero(bins).tolist() == [expected]
        assert bins[expected] == 7
    for value in (-0.001, 1.001):
        assert not distribution.resample(clean((value, value, 7)), edges).any()


def test_a_peak_moves_and_is_not_faded_over() -> None:
    first, second = (distribution.clean(even(gaussian(mean, 0.5))) for mean in (-10, 10))
    edges = np.linspace(-15, 15, 301)
    middles = (edges[1:] + edges[:-1]) / 2
    for phase in (0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0):
        found = distribution.between(first, second, phase)
        bins = distribution.resample(found, edges)
        centre = (bins @ middles) / bins.sum()
        assert centre == pytest.approx(-10 + 20 * phase, abs=0.02)
        spread = ((middles - centre) ** 2 @ bins / bins.sum()) ** 0.5
        assert spread == pytest.approx(0.5, rel=0.03)


def test_two_peaks_stay_two() -> None:
    first = clean((0, 1, 50), (10, 11, 50))
    second = clean((4, 5, 50), (20, 21, 50))
    found = distribution.between(first, second, 0.5)
    assert distribution.resample(found, np.array([2.0, 3.0, 15.0, 16.0])) == pytest.approx(
        np.array([50, 0, 50])
    )


def test_towards_and_from_nothing() -> None:
    some, none = clean((0, 1, 8)), clean()
    for found in (distribution.between(some, none, 0.25), distribution.between(none, some, 0.75)):
        assert found.buckets.tolist() == [[0, 1, 6]]
    assert distribution.between(none, some, 0).total == 0
    assert distribution.between(none, none, 0.5).total == 0


# Numbers


def test_mean_and_deviation() -> None:
    values = distribution.clean(even(gaussian(3, 2), 100))
    assert distribution.moments(values) == pytest.approx((3, 2), rel=1e-2)
    assert distribution.moments(clean((4, 4, 10))) == (4, 0)
    far = distribution.moments(clean((-1e300, 1e300, 1)))
    assert far == pytest.approx((0, 2e300 / 12**0.5))


def test_the_share_of_zeros() -> None:
    share = distribution.zero_share
    assert share(clean()) == 0
    assert share(clean((0, 0, 5))) == 1
    assert share(clean((0, 0, 30), (1, 2, 70))) == pytest.approx(0.3)
    assert share(clean((-1e-9, 1e-9, 30), (1, 2, 70))) == pytest.approx(0.3)
    # Half of a layer is dead, and the writer has 30 buckets.
    rectified = np.maximum(gaussian(0, 1), 0)
    assert share(distribution.clean(even(rectified))) == pytest.approx(0.5, abs=0.03)
    # Weights around 0 are not zeros.
    assert share(distribution.clean(even(gaussian(0, 1)))) < 0.01
    assert share(distribution.clean(even(gaussian(5, 1)))) == 0


# Scene


def test_one_wild_step_does_not_widen_the_axis() -> None:
    frames = [even(gaussian(0.01 * n, 1)) for n in range(50)]
    calm, wild = fit(frames), fit([*frames, even(gaussian(4000, 900))])
    assert (wild.lo, wild.hi) == pytest.approx((calm.lo, calm.hi), rel=0.1)
    assert wild.full_hi > 4000
    whole = fit([*frames, even(gaussian(4000, 900))], range="full")
    assert (whole.lo, whole.hi) == (wild.full_lo, wild.full_hi)


def test_a_steady_drift_is_not_wild() -> None:
    scene = fit([even(gaussian(n, 0.05)) for n in range(40)])
    assert scene.lo < 0
    assert scene.hi > 39
    scene = fit([rows((n, n, 1)) for n in range(40)])
    assert scene.lo < 0
    assert scene.hi > 39


@pytest.mark.parametrize("value", [0.0, -3.0, 1e-9, 1e12])
def test_all_values_equal(value: float) -> None:
    scene = fit([rows((value, value, 5))] * 3)
    assert scene.lo < value < scene.hi
    assert scene.hi - scene.lo >= 2e-3 * 0.999
    assert scene.top == pytest.approx(1)


def test_one_tall_peak_does_not_flatten_the_others() -> None:
    frames = [even(gaussian(0, 1)) for _ in range(20)]
    usual = fit(frames).top
    assert fit([*frames, rows((0, 0, 100))]).top == pytest.approx(3 * usual, rel=0.02)


@given(st.lists(ROWS, max_size=5), st.sampled_from(["robust", "full"]))
def test_any_frames_have_an_axis(frames: list[Rows], extent: str) -> None:
    scene = fit(frames, range=extent)
    assert math.isfinite(scene.hi - scene.lo)
    assert scene.lo < scene.hi
    assert 0 < scene.top <= 1 + 1e-9
    assert scene.top_count > 0
    assert (np.diff(scene.edges) > 0).all()
    axes.ticks(scene.lo, scene.hi)


def test_the_least_counts_have_heights() -> None:
    found = rows((1e38, 5e-324, 5e-324), (1e38, 5e-324, 5e-324), (5e-324, 5e-324, 5e-324))
    values = clean(*found.tolist())
    for phase in (0.25, 0.5, 0.75, 1.0):
        # The total times the top of the axis is 0 somewhere on the way.
        heights = histogram._curve(fit([found]), distribution.between(clean(), values, phase))
        assert np.isfinite(heights).all()
    assert heights.max() > 0


def test_the_logarithmic_scale() -> None:
    frame = rows((0, 1, 1e6), (1, 2, 1e3))
    scene = fit([frame], scale="log", range="full")
    heights = histogram._curve(scene, distribution.clean(frame))
    first, second = heights[40], heights[120]
    assert heights.max() == pytest.approx(1)
    assert 0.2 < second / first < 0.4
    plainly = histogram._curve(fit([frame], range="full"), distribution.clean(frame))
    assert plainly[120] / plainly[40] == pytest.approx(1e-3, rel=1e-6)


@pytest.mark.parametrize(
    ("low", "high", "texts"),
    [
        (-3.3, 2.3, ["-2", "0", "2"]),
        (0, 1, ["0", "0.5", "1.0"]),
        (0.01, 0.05, ["0.01", "0.02", "0.03", "0.04", "0.05"]),
        (-3.4e-5, 9.1e-5, ["0", "5e-5"]),
        (0, 250_000, ["0", "1e5", "2e5"]),
        (1e-300, 3e-300, ["1e-300", "1.5e-300", "2e-300", "2.5e-300", "3e-300"]),
        (-1e300, 1e300, ["-1e300", "-5e299", "0", "5e299", "1e300"]),
        (1, 1, []),
        (0, math.inf, []),
    ],
)
def test_ticks(low: float, high: float, texts: list[str]) -> None:
    assert [text for _, text in axes.ticks(low, high)] == texts


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e9))
def test_ticks_lie_on_the_axis(low: float, width: float) -> None:
    found = axes.ticks(low, low + width)
    slack = 1e-6 * width + math.ulp(low)
    assert 1 <= len(found) <= axes.MAX_TICKS
    assert all(low - slack <= value <= low + width + slack for value, _ in found)
    assert len({value for value, _ in found}) == len(found)


def test_long_series_are_thinned_evenly() -> None:
    frames = {n: rows((n, n + 1, 5)) for n in range(2500)}
    index = images(frames, kind="histogram")
    scene = scenes.describe([index], ClipSpec())
    assert (scene["fitted"], scene["frames"]) == (1000, 2500)
    gaps = np.diff(index.reads)
    assert (index.reads[0], index.reads[-1]) == (0, 2499)
    assert set(gaps.tolist()) == {2, 3}
    both = [index, images(frames, run="b", kind="histogram")]
    assert scenes.describe(both, ClipSpec())["fitted"] == 1000


# Clips


def _plan(index: MemoryIndex, **fields: Any) -> export.Plan:
    ids = [index.series.id]
    spec = ClipSpec(**fields)
    return export.plan(MemorySource([index]), ids, spec, encoders.get("gif"), axes=ids)


def test_a_clip_that_begins_later_begins_with_the_trail() -> None:
    index = images({n: rows((n, n + 30, 5)) for n in range(60)}, kind="histogram")
    (whole,) = _plan(index).some(50, 51)
    for cut in ({"start_step": 50}, {"start_step": 50, "every": 5}, {"measure": "share"}):
        plan = _plan(index, **cut)
        start = 50 if "measure" in cut else 0
        (first,) = plan.some(start, start + 1)
        assert first.steps == (50,)
        assert np.array_equal(first.pixels, whole.pixels)


@pytest.mark.parametrize("every", [3, 15, 50])
@pytest.mark.parametrize("tween", [0, 3])
@pytest.mark.parametrize("reverse", [False, True])
def test_trails_between_which_frames_are_passed_over_are_read_once(
    every: int, tween: int, reverse: bool
) -> None:
    index = images({n: rows((n, n + 30, 5)) for n in range(160)}, kind="histogram")
    plan = _plan(index, every=every, tween=tween, reverse=reverse, width=64, height=48)
    index.reads.clear()
    assert sum(1 for _ in plan.some(0, plan.pictures)) == plan.pictures
    trails = {n for front in range(0, 160, every) for n in range(max(front - 20, 0), front + 1)}
    assert sorted(index.reads) == sorted(trails)


def test_axes_hold_the_trail() -> None:
    """Also where only the clip's frames decide them."""
    index = images({n: rows((n, n + 1, 5)) for n in range(60)}, kind="histogram")
    plan = export.plan(
        MemorySource([index]),
        [index.series.id],
        ClipSpec(start_step=50, options={"trail": 5, "range": "full"}),
        encoders.get("gif"),
    )
    assert (plan.tracks[0].scene.lo, plan.tracks[0].scene.hi) == (45, 60)


# The wire


@given(ROWS)
def test_the_wire_carries_all_of_it(found: Rows) -> None:
    wire = KIND.wire(Frame(0, 0.0, found), None)
    assert isinstance(wire, bytes)
    numbers = np.frombuffer(wire, "<f4")
    assert np.isfinite(numbers).all()
    assert numbers[0] == pytest.approx(min(counted(found), float(np.finfo("f4").max)), rel=1e-6)
    assert 0 <= numbers[3] <= 1
    assert numbers[4] <= numbers[5]
    sent = golden_scenes.rows_of(wire)
    most = float(np.finfo("f4").max)
    logged = np.clip(distribution.clean(found).buckets, -most, most)
    # Each edge has twice the digits of a float32 of its own, down to the least of these.
    assert np.allclose(sent[:, :2], logged[:, :2], rtol=1e-14, atol=1e-44)
    assert np.allclose(sent[:, 2], logged[:, 2], rtol=1e-6, atol=1e-44)


def test_narrow_buckets_far_from_zero_stay_apart() -> None:
    edges = 1000 + 1e-9 * np.arange(31)
    found = np.stack([edges[:-1], edges[1:], np.ones(30)], axis=1)
    wire = KIND.wire(Frame(0, 0.0, found), None)
    assert isinstance(wire, bytes)
    sent = golden_scenes.rows_of(wire)
    assert (np.diff(sent[:, 0]) > 0).all()
    assert np.allclose(sent[:, 1] - sent[:, 0], 1e-9, rtol=1e-2)


@pytest.mark.parametrize(
    "far",
    [
        np.array([-1e5]),
        np.array([1e5]),
        np.full(6000, -1e5),  # more than half: where the middle lies is no help
        np.concatenate([np.full(3000, -1e20), np.full(3000, 1e20)]),
    ],
)
def test_the_page_gets_the_bulk_of_a_frame_whose_outliers_lie_far(far: Rows) -> None:
    # Buckets that widen by a tenth each, as PyTorch has them.
    side = 1e-12 * 1.1 ** np.arange(800)
    limits = np.concatenate([-side[::-1], [0.0], side])
    calm = gaussian(0, 1e-3)

    def logged(values: Rows) -> Rows:
        counts, _ = np.histogram(values, limits)
        found = np.stack([limits[:-1], limits[1:], counts.astype(float)], axis=1)
        return found[counts > 0]

    wild = logged(np.concatenate([calm, far]))
    scene = fit([logged(calm)] * 4 + [wild])
    assert scene.hi < 0.1  # the axis is that of the bulk
    wire = KIND.wire(Frame(0, 0.0, wild), None)
    assert isinstance(wire, bytes)
    page = histogram._curve(scene, distribution.clean(golden_scenes.rows_of(wire)))
    clip = histogram._curve(scene, distribution.clean(wild))
    assert clip.max() > 0.3
    assert page == pytest.approx(clip, abs=1e-6)


# Real logs


def test_forms_of_all_writers(tmp_path: pathlib.Path) -> None:
    values = gaussian(0.5, 2, 1000)
    with (
        logs.quiet_tensorflow() as tf,
        tf.summary.create_file_writer(str(tmp_path / "tf2")).as_default(),
    ):
        for step, logged in enumerate((values, [], np.full(50, 3.0)), start=1):
            tf.summary.histogram("w", logged, step=step)
    with logs.quiet():
        from tensorboardX import SummaryWriter

        with SummaryWriter(str(tmp_path / "x")) as writer:
            for step in (1, 3):
                writer.add_histogram("w", values if step == 1 else np.full(50, 3.0), step)
    outer = event_bytes.tf1_histogram("w", [0, 600, 400, 0], [-HUGE, 0, 2.5, HUGE])
    event_bytes.write(tmp_path / "tf1", [event_bytes.event(1, outer)])
    source = api.open_source(tmp_path)
    for run, steps in (("tf1", [1]), ("tf2", [1, 2, 3]), ("x", [1, 3])):
        index = source.open(series_id(run, "w", "histogram"))
        assert index.steps.tolist() == steps
        decoded = {
            one.step: KIND.decode(one, ClipSpec()).values
            for one in index.read([*range(len(steps))])
        }
        assert decoded[1].total == 1000
        if run != "tf1":
            assert distribution.moments(decoded[1]) == pytest.approx((0.5, 2), rel=0.1)
            assert decoded[3].total == 50
            assert distribution.moments(decoded[3]).mean == pytest.approx(3, rel=0.1)
        if 2 in decoded:
            assert decoded[2].total == 0


@pytest.fixture(scope="module")
def gaussians(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """Two runs of a tag: one narrows and drifts to the right, one lies far to the left."""
    path = tmp_path_factory.mktemp("gaussians")
    with logs.quiet_tensorflow() as tf:
        for run, shift in (("a", 0.0), ("b", -6.0)):
            with tf.summary.create_file_writer(str(path / run)).as_default():
                for nth in range(8):
                    values = gaussian(shift - 2 + 0.6 * nth, 1.2 - 0.1 * nth)
                    tf.summary.histogram("weights", values, step=10 * nth)
    return path


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("mode", ["ridge", "single"])
def test_a_gaussian_that_narrows_and_drifts(
    gaussians: pathlib.Path, tmp_path: pathlib.Path, theme: Any, mode: str
) -> None:
    path = tmp_path / "clip.gif"
    tb_animate.export_clip(gaussians, path, tag="weights", run="a", tween=2, theme=theme, mode=mode)
    centres, widths = [], []
    pictures = decode("gif", path.read_bytes()).pictures
    assert len(pictures) == 7 * 3 + 1
    for pixels in pictures:
        assert pixels.shape == (*histogram.SIZE[::-1], 3)
        accent = np.array(raster.PALETTES[theme].accent)
        profile = (np.abs(pixels - accent).max(axis=-1) <= 20).sum(axis=0)
        columns = np.arange(len(profile))
        centre = profile @ columns / profile.sum()
        centres.append(centre)
        widths.append((profile @ (columns - centre) ** 2 / profile.sum()) ** 0.5)
    assert (np.diff(centres) > 0).all()
    assert (np.diff(widths) < 0).all()
    scene = json_of(Site(gaussians).get("scene", series=series_id("a", "weights", "histogram")))
    place = ridge.plot(histogram.SIZE)
    scale = (place.right - place.left) / (scene["hi"] - scene["lo"])
    assert centres[-1] - centres[0] == pytest.approx(4.2 * scale, rel=0.03)
    assert widths[0] == pytest.approx(1.2 * scale, rel=0.1)
    assert widths[-1] == pytest.approx(0.5 * scale, rel=0.1)
    # Between two frames it is on its way: thirds of it, not a fade.
    for start in range(0, 21, 3):
        whole = centres[start + 3] - centres[start]
        assert centres[start + 1] - centres[start] == pytest.approx(whole / 3, rel=0.25)


def test_runs_of_a_tag_share_their_axes(gaussians: pathlib.Path, tmp_path: pathlib.Path) -> None:
    site = Site(gaussians)
    ids = [series_id(run, "weights", "histogram") for run in "ab"]
    one, other = (json_of(site.get("scene", series=id)) for id in ids)
    both = json_of(site.get("scene", series=ids, mode="single", trail=5))
    assert both["lo"] <= min(one["lo"], other["lo"]) + 0.5
    assert both["hi"] >= max(one["hi"], other["hi"]) - 0.5
    assert (both["mode"], both["trail"]) == ("single", 5)
    assert (both["fitted"], both["frames"]) == (16, 16)
    tb_animate.export_clip(gaussians, tmp_path / "clip.gif", tag="weights", mode="single")
    with Image.open(tmp_path / "clip.gif") as image:
        pixels = np.asarray(image.convert("RGB")).astype(int)
    assert pixels.shape == (360, 960, 3)
    accent = (np.abs(pixels - raster.PALETTES["light"].accent).max(axis=-1) <= 20).sum(axis=0)
    columns = np.arange(480)
    left, right = (part @ columns / part.sum() for part in (accent[:480], accent[480:]))
    place = ridge.plot(histogram.SIZE)
    scale = (place.right - place.left) / (both["hi"] - both["lo"])
    assert left - right == pytest.approx(6 * scale, rel=0.05)


def test_a_clip_of_one_run_can_have_the_axes_of_several(gaussians: pathlib.Path) -> None:
    site = Site(gaussians)
    a, b = (series_id(run, "weights", "histogram") for run in "ab")

    def first(**query: Any) -> Any:
        with Image.open(io.BytesIO(site.get("clip", mode="single", **query).data)) as image:
            return np.asarray(image.convert("RGB")).astype(int)

    beside = first(series=[a, b])[:, :480]
    shared, alone = first(series=a, axes=[a, b]), first(series=a)
    # A palette of 256 colours is chosen for each clip.
    assert np.abs(shared - beside).mean() < 1
    assert np.abs(alone - beside).mean() > 3
    assert site.get("clip", series=a, axes="nothing").status_code == 404


def test_over_http(gaussians: pathlib.Path) -> None:
    site = Site(gaussians)
    series = series_id("a", "weights", "histogram")
    listed = json_of(site.get("series"))
    assert [(s["run"], s["kind"], s["frames"]) for s in listed["series"]] == [
        ("a", "histogram", 8),
        ("b", "histogram", 8),
    ]
    told = {
        "name": "histogram",
        "title": "Histograms",
        "plugin_name": "histograms",
        "placed": False,
        "shares_scene": True,
    }
    assert told in listed["kinds"]
    answer = site.get("frames", series=series, start=7)
    (frame,) = msgpack.unpackb(answer.data)["frames"]
    numbers = np.frombuffer(frame["data"], "<f4")
    assert len(numbers) == 6 + 5 * 30
    assert numbers[0] == 4000
    assert numbers[1:3] == pytest.approx(np.array([2.2, 0.5]), rel=0.02)
    assert numbers[4:6] == pytest.approx(np.array([2.2 - 1.163, 2.2 + 1.163]), rel=0.05)
    assert golden_scenes.rows_of(frame["data"])[:, 2].sum() == 4000
    clip = site.get("clip", series=series, trail=2, scale="log", range="full", max_frames=2)
    assert (clip.status_code, clip.headers["X-Animate-Pictures"]) == (200, "2")
    assert "mode is 'both'; it must be ridge or single." in plain(
        site.get("scene", series=series, mode="both"), 400
    )


def test_from_the_command_line(
    gaussians: pathlib.Path, tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def export(*options: str) -> tuple[int, str]:
        where = ["--tag", "weights", "--run", "a", "-o", str(tmp_path / "clip.gif")]
        status = cli.main(["export", str(gaussians), *where, "--max-frames", "3", *options])
        return status, capsys.readouterr().err

    seen = set()
    for options in ([], ["--mode", "single"], ["--trail", "1"], ["--scale", "log"]):
        assert export(*options) == (0, "")
        seen.add((tmp_path / "clip.gif").read_bytes())
    assert len(seen) == 4
    assert export("--trail", "101") == (
        2,
        "tb-animate: --trail is '101'; it must be a whole number from 0 to 100.\n",
    )


def test_what_keras_logs_plays(tmp_path: pathlib.Path) -> None:
    with logs.quiet_tensorflow() as tf:
        # One layer: Keras before 3.14 logs the kernels of all layers to the same tag.
        model = tf.keras.Sequential([tf.keras.layers.Input((4,)), tf.keras.layers.Dense(1)])
        model.compile("sgd", "mse")
        callback = tf.keras.callbacks.TensorBoard(
            str(tmp_path / "logs"), histogram_freq=1, write_graph=False
        )
        inputs = np.random.default_rng(0).normal(size=(32, 4))
        model.fit(inputs, inputs.sum(1), epochs=4, verbose=0, callbacks=[callback])
    found = [one for one in tb_animate.list_series(tmp_path / "logs") if one.kind == "histogram"]
    assert len(found) == 2
    assert all(one.frames == 4 and one.complete for one in found)
    tag = next(one.tag for one in found if "kernel" in one.tag)
    tb_animate.export_clip(tmp_path / "logs", tmp_path / "clip.gif", tag=tag)
    with Image.open(tmp_path / "clip.gif") as image:
        assert image.n_frames == 4
