"""Projections, against series whose truth is known: what moves on screen is what moved."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tb_animate import projection
from tb_animate.projection import Options, Projection, Snapshot
from tb_animate.projection.align import Aligned

pytestmark = pytest.mark.oldest

Rows = NDArray[np.float32]


def series(frames: Sequence[NDArray[Any]], **fields: Any) -> list[Snapshot]:
    return [Snapshot(10 * nth, rows, **fields) for nth, rows in enumerate(frames)]


def fit(frames: Sequence[NDArray[Any]], **options: Any) -> tuple[Projection, list[Rows]]:
    """The projection of all frames, and the positions in each."""
    snapshots = series(frames)
    found = projection.fit(snapshots, Options(**options))
    return found, [found.place(one).positions for one in snapshots]


def made(points: int, dimensions: int, seed: int = 0) -> Rows:
    """A cloud that is wider along its first dimensions."""
    random = np.random.default_rng(seed)
    widths = 1 + 4 * 0.7 ** np.arange(dimensions)
    return (random.normal(size=(points, dimensions)) * widths).astype(np.float32)


def separating(frames: int, points: int, dimensions: int) -> list[Rows]:
    """Clusters that move apart while the points in them stay where they are."""
    random = np.random.default_rng(1)
    centres = random.normal(size=(10, dimensions)) * 3
    of = random.integers(10, size=points)
    rows = random.normal(size=(points, dimensions))
    return [(rows + centres[of] * nth / frames).astype(np.float32) for nth in range(frames)]


def rotation(random: np.random.Generator, dimensions: int) -> NDArray[np.float64]:
    """Orthogonal; every other one is a reflection."""
    found, triangle = np.linalg.qr(random.normal(size=(dimensions, dimensions)))
    return np.asarray(found * np.sign(np.diag(triangle)))


def movement(pictures: Sequence[Rows]) -> NDArray[np.float32]:
    """How far each point moves, shape [frames - 1, points], in radii of the cloud."""
    return np.array(
        [np.linalg.norm(new - old, axis=1) for old, new in itertools.pairwise(pictures)]
    )


def never_flips(pictures: Sequence[Rows]) -> bool:
    """Each axis runs along itself in the frame after, and along no other one more."""
    for old, new in itertools.pairwise(pictures):
        axes = old.shape[1]
        along = np.corrcoef(old.T, new.T)[:axes, axes:]
        if (np.diag(along) <= 0).any() or (along.argmax(axis=1) != np.arange(axes)).any():
            return False
    return True


def exact(frames: Sequence[NDArray[Any]]) -> NDArray[np.float64]:
    """The principal axes of the pooled covariance within frames, in float64."""
    within = sum(np.cov(np.asarray(rows, np.float64).T, bias=True) for rows in frames)
    return np.asarray(np.linalg.eigh(within)[1][:, ::-1][:, :3])


@pytest.mark.parametrize("dims", [2, 3])
def test_points_that_stand_still_stand_still(dims: int) -> None:
    rows = made(10_000, 128)
    moving = np.arange(10_000) % 100 == 7
    frames = [rows + np.float32(nth) * moving[:, None] for nth in range(6)]
    found, pictures = fit(frames, dims=dims)
    moved = movement(pictures)
    assert not found.aligned
    assert moved[:, ~moving].max() == 0
    assert moved[:, moving].min() > 1e-3


def test_no_point_moves_more_than_in_truth() -> None:
    frames = separating(8, 500, 40)
    found, pictures = fit(frames)
    truth = movement(frames)
    # One scale for all frames and directions: the largest ratio of the two is at most it.
    scale = 1 / np.percentile(np.linalg.norm(_unscaled(frames), axis=1), 99.5)
    assert (movement(pictures) <= truth * scale * 1.001 + 1e-6).all()
    assert found.place(series(frames)[3]).positions.dtype == np.float32


def _unscaled(frames: Sequence[Rows]) -> NDArray[np.float64]:
    middle = np.mean([rows.mean(axis=0, dtype=np.float64) for rows in frames], axis=0)
    return (np.concatenate(frames) - middle) @ exact(frames)[:, :2]


def test_the_picture_is_the_pooled_covariance_within_frames() -> None:
    frames = [rows + 3 for rows in separating(6, 200, 20)]
    _, pictures = fit(frames, dims=3)
    middle = np.mean([rows.mean(axis=0) for rows in frames], axis=0)
    axes = exact(frames)
    axes *= np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(3)])
    truth = [(rows - middle) @ axes for rows in frames]
    usual = np.percentile(np.linalg.norm(np.concatenate(truth), axis=1), 99.5)
    np.testing.assert_allclose(pictures, np.array(truth) / usual, atol=2e-5)


def test_many_rows_are_told_from_some_of_them() -> None:
    frames = separating(5, 20_000, 96)
    found = projection.fit(series(frames), Options())
    within = sum(np.cov(rows.T, bias=True) for rows in frames)
    best = np.linalg.eigvalsh(within)[-2:].sum()
    axes = np.linalg.lstsq(frames[4] - frames[4].mean(0), _centred(found, frames[4]), rcond=None)[0]
    axes = np.linalg.qr(axes)[0]
    assert np.trace(axes.T @ within @ axes) > 0.995 * best
    assert found.variance == pytest.approx(best / np.trace(within), rel=0.02)


def _centred(found: Projection, rows: Rows) -> Rows:
    positions = found.place(Snapshot(40, rows)).positions
    return positions - positions.mean(axis=0)


def test_more_dimensions_than_a_covariance_can_have() -> None:
    random = np.random.default_rng(3)
    axes = np.linalg.qr(random.normal(size=(3000, 3)))[0]
    inner = random.normal(size=(200, 3)) * [9, 6, 3]
    frames = [
        inner @ axes.T + 0.05 * random.normal(size=(200, 3000)) + np.float32(0.1 * nth)
        for nth in range(3)
    ]
    found, pictures = fit([rows.astype(np.float32) for rows in frames])
    turned = np.linalg.svd((pictures[0] - pictures[0].mean(0)).T @ inner[:, :2])[1]
    norms = np.linalg.norm(pictures[0] - pictures[0].mean(0)) * np.linalg.norm(inner[:, :2])
    assert turned.sum() / norms > 0.98
    assert 0.85 < found.variance <= 1


@pytest.mark.parametrize("align", ["auto", "rigid"])
@pytest.mark.parametrize(("points", "dimensions"), [(2000, 64), (300, 16), (400, 2)])
def test_rotated_frames_are_aligned(align: str, points: int, dimensions: int) -> None:
    random = np.random.default_rng(4)
    rows = made(points, dimensions)
    moving = np.arange(points) < points // 20
    frames = []
    for nth in range(12):
        truth = rows + np.float32(0.3 * nth) * moving[:, None]
        frames.append((truth @ rotation(random, dimensions)).astype(np.float32))
    found, pictures = fit(frames, align=align)
    assert found.aligned
    assert movement(pictures)[:, ~moving].max() < 0.01
    assert never_flips(pictures)


@pytest.mark.parametrize(
    ("points", "dimensions", "decay"), [(3000, 512, 0.0), (2000, 768, 0.5), (400, 600, 0.5)]
)
def test_aligned_frames_tell_the_share_that_the_picture_has(
    points: int, dimensions: int, decay: float
) -> None:
    """Neither that of the components that frames are turned in, nor that of a few points."""
    random = np.random.default_rng(11)
    widths = (1 + np.arange(dimensions)) ** -decay
    rows = random.normal(size=(points, dimensions)) * widths
    frames = [(rows @ rotation(random, dimensions) + 5).astype(np.float32) for _ in range(3)]
    found, pictures = fit(frames, align="rigid")
    view = found.views[0]
    assert isinstance(view, Aligned)
    picture = sum(float(one.var(axis=0).sum()) for one in pictures) / view.scale**2
    truth = picture / sum(float(one.var(axis=0).sum()) for one in frames)
    assert found.variance == pytest.approx(truth, rel=0.01)


def test_rotated_frames_are_not_aligned_where_that_was_not_wanted() -> None:
    random = np.random.default_rng(4)
    frames = [(made(500, 16) @ rotation(random, 16)).astype(np.float32) for _ in range(5)]
    found, pictures = fit(frames, align="none")
    assert not found.aligned
    assert movement(pictures).mean() > 0.1


def test_a_frame_that_was_not_looked_at_is_aligned_as_it_comes() -> None:
    random = np.random.default_rng(5)
    rows = made(800, 24)
    every = series([(rows @ rotation(random, 24)).astype(np.float32) for _ in range(9)])
    found = projection.fit(every[:7:2], Options())
    more = projection.extend(found, every[7:])
    pictures = [found.place(one).positions for one in every]
    assert movement(pictures).max() < 0.01
    assert (more.key, more.frames, more.fitted) == (found.key, 6, 4)
    for one, picture in zip(every, pictures, strict=True):
        np.testing.assert_array_equal(more.place(one).positions, picture)


def test_aligned_frames_keep_still_while_points_come_and_go() -> None:
    random = np.random.default_rng(6)
    rows = made(900, 20)
    snapshots = []
    for nth in range(8):
        there = np.sort(random.permutation(900)[:700])
        turned = (rows[there] @ rotation(random, 20)).astype(np.float32)
        snapshots.append(Snapshot(nth, turned, [f"p{i}" for i in there]))
    found = projection.fit(snapshots, Options(align="rigid"))
    pictures = [found.place(one).positions for one in snapshots]
    assert found.aligned
    assert np.nanmax(movement(pictures)) < 0.01


@pytest.mark.parametrize("share", [0.05, 0.5, 2.0])
def test_a_training_is_not_taken_for_a_rotation(share: float) -> None:
    random = np.random.default_rng(7)
    rows = made(1000, 32)
    frames = [rows]
    for _ in range(9):
        step = random.normal(size=rows.shape) * share * rows.std(axis=0)
        frames.append((0.8 * frames[-1] + step).astype(np.float32))
    found, _ = fit(frames)
    assert not found.aligned
    assert not fit(separating(10, 1000, 32))[0].aligned


def test_too_few_points_to_tell_are_not_aligned() -> None:
    random = np.random.default_rng(8)
    frames = [random.normal(size=(15, 30)).astype(np.float32) for _ in range(6)]
    assert not fit(frames)[0].aligned


@pytest.mark.parametrize("method", ["pca", "last"])
def test_a_series_that_grows_never_flips(method: Any) -> None:
    frames = separating(20, 400, 24)
    found = None
    before = None
    for count in range(2, 21, 3):
        some = series(frames[:count])
        found = projection.fit(some, Options(method), before=found)
        pictures = [found.place(one).positions for one in some]
        if before is not None:
            assert never_flips([before, pictures[len(before) and count - 4]])
        before = pictures[-1]
        assert never_flips(pictures[1:])


def test_a_new_basis_is_turned_to_the_old_one() -> None:
    frames = separating(6, 400, 24)
    old = projection.fit(series(frames), Options())
    # Two axes of the same plane, mirrored: the plane is the same, the axes would not be.
    old = dataclasses.replace(old, views=[dataclasses.replace(old.views[0], basis=-_basis(old))])
    new = projection.fit(series(frames), Options(), before=old)
    np.testing.assert_allclose(_basis(new), _basis(old), atol=1e-6)
    assert new.key != projection.fit(series(frames), Options()).key


def _basis(found: Projection) -> NDArray[np.float64]:
    view: Any = found.views[0]
    return np.asarray(view.basis)


def test_aligned_frames_that_are_fitted_again_stay_where_they_were() -> None:
    random = np.random.default_rng(9)
    rows = made(600, 16)
    # Two axes that are as wide: which comes first is up to chance.
    rows[:, 1] *= rows[:, 0].std() / rows[:, 1].std()
    every = series([(rows @ rotation(random, 16)).astype(np.float32) for _ in range(9)])
    old = projection.fit(every[:6], Options())
    new = projection.fit(every, Options(), before=old)
    pictures = [old.place(every[5]).positions, new.place(every[5]).positions]
    assert movement(pictures).max() < 0.02


def test_the_key_follows_what_is_placed() -> None:
    frames = separating(8, 300, 12)
    found = projection.fit(series(frames[:6]), Options())
    assert found.key == projection.fit(series(frames[:6]), Options()).key
    grown = projection.extend(found, series(frames))
    assert (grown.key, grown.frames, grown.fitted) == (found.key, 8, 6)
    assert found.key != projection.fit(series(frames), Options()).key
    assert found.key != projection.fit(series(frames[:6]), Options(dims=3)).key
    for one in series(frames):
        np.testing.assert_array_equal(grown.place(one).positions, found.place(one).positions)


def test_a_drift_of_the_mean_does_not_spoil_the_axes() -> None:
    random = np.random.default_rng(10)
    rows = made(500, 30)
    way = random.normal(size=30)
    still = [rows + np.float32(0) for _ in range(10)]
    drifting = [(rows + 50 * nth * way).astype(np.float32) for nth in range(10)]
    one, other = _basis(fit(still)[0]), _basis(fit(drifting)[0])
    np.testing.assert_allclose(one, other, atol=1e-3)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_far_from_zero_the_axes_are_the_same(dtype: Any) -> None:
    rows = made(3000, 48).astype(np.float64)
    near = fit([rows, rows + 0.1])[0]
    far = fit([(rows + 3000).astype(dtype), (rows + 3000.1).astype(dtype)])[0]
    cosines = np.linalg.svd(_basis(near).T @ _basis(far))[1]
    assert np.degrees(np.arccos(min(cosines.min(), 1))) < 0.1


def test_the_last_frame_gives_the_axes() -> None:
    random = np.random.default_rng(11)
    early = random.normal(size=(200, 10)) * ([20] * 2 + [1] * 8)
    late = random.normal(size=(200, 10)) * ([1] * 8 + [20] * 2)
    found, _ = fit([early, early + 1, late], method="last")
    axes = exact([late])[:, :2]
    np.testing.assert_allclose(np.abs(np.linalg.svd(axes.T @ _basis(found))[1]), 1, atol=1e-6)
    assert found.method == "last"
    assert found.variance < fit([early, early + 1, late])[0].variance


@settings(max_examples=25)
@given(
    points=st.integers(2, 40),
    dimensions=st.integers(1, 12),
    phase=st.floats(0, 1),
    seed=st.integers(0, 2**20),
)
def test_between_frames_is_between_their_places(
    points: int, dimensions: int, phase: float, seed: int
) -> None:
    random = np.random.default_rng(seed)
    frames = [random.normal(size=(points, dimensions)) for _ in range(3)]
    found, pictures = fit(frames, align="none")
    between = frames[0] * (1 - phase) + frames[1] * phase
    placed = found.place(Snapshot(5, between))
    if placed.outliers:
        return
    truth = pictures[0] * (1 - phase) + pictures[1] * phase
    np.testing.assert_allclose(placed.positions, truth, atol=1e-4)


def test_places_do_not_depend_on_the_order() -> None:
    snapshots = series(separating(6, 100, 8))
    found = projection.fit(snapshots, Options())
    forth = [found.place(one).positions for one in snapshots]
    back = [found.place(one).positions for one in reversed(snapshots)]
    np.testing.assert_array_equal(forth, back[::-1])


def test_progress_is_told_and_can_end_the_fit() -> None:
    snapshots = series(separating(6, 50, 8))
    told: list[tuple[int, int]] = []
    projection.fit(snapshots, Options(), progress=lambda *done: told.append(done))
    assert told == sorted(told)
    assert told[-1][0] == told[-1][1]

    def stop(done: int, total: int) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        projection.fit(snapshots, Options(), progress=stop)
