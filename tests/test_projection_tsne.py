"""t-SNE of all frames together: neighbours, progress, and the way out."""

from __future__ import annotations

import importlib.util
import itertools
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tb_animate import errors, projection
from tb_animate.projection import Options, Projection, Snapshot, joint, neighbours
from test_projection import movement, series

POINTS = 80
TSNE = Options(method="tsne")


def clusters(frames: int) -> list[Snapshot]:
    """Eight clusters at the corners of a simplex, which two axes cannot keep apart."""
    random = np.random.default_rng(0)
    centres = 6 * np.eye(8, 12)[np.arange(POINTS) % 8]
    rows = random.normal(size=(POINTS, 12))
    return series([(rows + centres * (1 + 0.1 * nth)).astype(np.float32) for nth in range(frames)])


def own_cluster(positions: NDArray[np.float32]) -> float:
    """The share of the 5 nearest neighbours that are of the same cluster."""
    apart = np.linalg.norm(positions[:, None] - positions[None], axis=2)
    nearest = np.argsort(apart, axis=1)[:, 1:6]
    return float((nearest % 8 == (np.arange(len(positions)) % 8)[:, None]).mean())


@pytest.fixture(scope="module")
def fitted() -> tuple[Projection, list[tuple[int, int]]]:
    told: list[tuple[int, int]] = []
    found = projection.fit(clusters(4), TSNE, progress=lambda *done: told.append(done))
    return found, told


def test_neighbours_are_kept_better_than_by_two_axes(
    fitted: tuple[Projection, list[tuple[int, int]]],
) -> None:
    found, _ = fitted
    pca = projection.fit(clusters(4), Options())
    for one in clusters(4):
        tsne = own_cluster(found.place(one).positions)
        assert tsne > 0.95
        assert tsne > own_cluster(pca.place(one).positions) + 0.1
    assert (found.method, found.variance) == ("tsne", 0.0)
    assert found.notes[0].startswith("Not metric")
    assert movement([found.place(one).positions for one in clusters(4)]).mean() < 0.1


def test_progress_is_told(fitted: tuple[Projection, list[tuple[int, int]]]) -> None:
    _, told = fitted
    done = [one for one, _ in told]
    assert done == sorted(done)
    assert {total for _, total in told} == {done[-1]}
    assert len(set(done)) > 5


def test_appended_and_passed_over_frames_are_placed_among_neighbours(
    fitted: tuple[Projection, list[tuple[int, int]]],
) -> None:
    found, _ = fitted
    every = clusters(6)
    grown = projection.extend(found, every[4:])
    assert (grown.key, grown.frames, grown.fitted) == (found.key, 6, 4)
    between = Snapshot(15, (every[1].values + every[2].values) / 2)
    for one in (*every[4:], between):
        positions = grown.place(one).positions
        assert own_cluster(positions) > 0.95
        assert movement([grown.place(every[3]).positions, positions]).mean() < 0.1


def test_a_series_that_grows_lies_as_it_did(
    fitted: tuple[Projection, list[tuple[int, int]]],
) -> None:
    found, _ = fitted
    mirrored = projection.fit(clusters(5), TSNE, before=found)
    old, new = (one.place(clusters(4)[3]).positions for one in (found, mirrored))
    assert np.trace(np.corrcoef(old.T, new.T)[:2, 2:]) > 1


def test_it_can_be_stopped_while_it_computes() -> None:
    calls = itertools.count()

    def stop(done: int, total: int) -> None:
        if done >= 100 and next(calls) > 1:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        projection.fit(clusters(4), TSNE, progress=stop)


def test_without_its_library_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "sklearn" else find(name)
    )
    with pytest.raises(errors.AnimateError, match=r"tb-animate\[projection\]"):
        projection.fit(clusters(2), TSNE)


def test_a_process_that_fails_says_why() -> None:
    rows = np.full((20, 3), np.nan, np.float32)
    start = np.arange(40, dtype=np.float32).reshape(20, 2)
    with pytest.raises(errors.AnimateError, match=r"t-SNE failed: .*NaN"):
        joint.layout(rows, start, lambda done: None)


@pytest.mark.parametrize("frames", [[], [np.ones((30, 4))] * 2, [np.eye(3)], [np.empty((0, 4))]])
def test_too_little_to_lay_out_is_shown_all_the_same(frames: list[Any]) -> None:
    snapshots = series(frames)
    found = projection.fit(snapshots, TSNE)
    for one in snapshots:
        assert np.isfinite(found.place(one).positions).all()


def test_a_row_that_is_known_is_placed_where_it_is() -> None:
    random = np.random.default_rng(0)
    known = random.normal(size=(60, 5)).astype(np.float32)
    positions = random.normal(size=(60, 2)).astype(np.float32)
    np.testing.assert_allclose(
        neighbours.among(known[::3], known, positions), positions[::3], atol=1e-6
    )
    other = neighbours.among(known[:5] + 0.01, known, positions)
    assert np.linalg.norm(other - positions[:5], axis=1).max() < 0.1
