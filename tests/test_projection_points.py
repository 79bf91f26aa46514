"""Projections: which rows are the same point, and snapshots that are odd."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tb_animate import projection
from tb_animate.projection import Options, Projection, Snapshot, cloud
from test_projection import fit, made, movement, rotation, separating, series

pytestmark = pytest.mark.oldest


def names(numbers: Sequence[int]) -> list[str]:
    return [f"point {number}" for number in numbers]


def fitted(snapshots: Sequence[Snapshot], **options: Any) -> Projection:
    return projection.fit(snapshots, Options(**options))


def test_rows_in_another_order_are_joined_by_id() -> None:
    random = np.random.default_rng(0)
    rows = made(300, 12)
    snapshots = []
    for nth in range(5):
        order = random.permutation(300)
        snapshots.append(Snapshot(nth, rows[order], names(order)))
    found = fitted(snapshots)
    assert movement([found.place(one).positions for one in snapshots]).max() < 1e-6
    assert [found.slots(one)[0] for one in snapshots[:1]] == [0]
    assert found.segments == (projection.Segment(300, 300, 12),)


@settings(max_examples=30)
@given(st.lists(st.lists(st.integers(0, 30), max_size=12), min_size=1, max_size=6))
def test_slots_are_ids_in_the_order_in_which_they_appear(frames: list[list[int]]) -> None:
    snapshots = [
        Snapshot(nth, np.arange(2.0 * len(some)).reshape(-1, 2), names(some))
        for nth, some in enumerate(frames)
    ]
    found = fitted(snapshots)
    order = list(dict.fromkeys(number for some in frames for number in some))
    for one, some in zip(snapshots, frames, strict=True):
        first = [order.index(n) if n not in some[:i] else -1 for i, n in enumerate(some)]
        assert found.slots(one).tolist() == first
        placed = found.place(one)
        assert placed.positions.shape == (len(order), 2)
        there = np.isfinite(placed.positions[:, 0])
        assert set(np.flatnonzero(there)) == {order.index(n) for n in some}
    repeated = any(len(some) != len(set(some)) for some in frames)
    assert any("more than once" in note for note in found.notes) == repeated


def test_the_first_of_an_id_counts() -> None:
    rows = np.array([[1.0, 0], [0, 1], [5, 5]])
    found = fitted([Snapshot(0, rows, ["a", "b", "a"])])
    assert found.slots(Snapshot(0, rows, ["a", "b", "a"])).tolist() == [0, 1, -1]


def test_new_ids_take_new_slots_as_the_series_grows() -> None:
    rows = made(60, 8)
    first = [Snapshot(nth, rows[:40], names(range(40))) for nth in range(3)]
    later = Snapshot(3, rows, names(range(59, -1, -1)))
    old = fitted(first)
    new = projection.extend(old, [later])
    assert (old.segments[0].points, new.segments[0].points) == (40, 60)
    np.testing.assert_array_equal(new.place(first[0]).positions[:40], old.place(first[0]).positions)
    assert np.isnan(new.place(first[0]).positions[40:]).all()
    assert new.slots(later)[-40:].tolist() == list(range(39, -1, -1))
    assert new.key == old.key


@pytest.mark.parametrize("dims", [2, 3])
def test_another_number_of_rows_begins_a_segment(dims: int) -> None:
    rows = made(50, 9)
    snapshots = series([rows, rows, rows[:30], rows])
    found = fitted(snapshots, dims=dims)
    assert [one.points for one in found.segments] == [50, 30, 50]
    placed = [found.place(one) for one in snapshots]
    assert [one.segment for one in placed] == [0, 0, 1, 2]
    # The axes are those of the same space.
    np.testing.assert_allclose(placed[2].positions, placed[0].positions[:30], atol=1e-6)
    assert any("3 stretches" in note for note in found.notes)


def test_another_number_of_dimensions_begins_a_segment_with_its_own_axes() -> None:
    snapshots = series([made(50, 9), made(50, 9), made(50, 4), made(50, 4)])
    found = fitted(snapshots)
    assert [one.dimensions for one in found.segments] == [9, 4]
    for one in snapshots:
        positions = found.place(one).positions
        assert 0.9 < np.percentile(np.linalg.norm(positions, axis=1), 99.5) < 1.1
    assert any("dimensions" in note for note in found.notes)


def test_rows_with_ids_and_without_are_not_joined() -> None:
    rows = made(20, 5)
    snapshots = [Snapshot(0, rows), Snapshot(1, rows, names(range(20))), Snapshot(2, rows)]
    found = fitted(snapshots)
    assert [found.segment(one) for one in snapshots] == [0, 1, 2]


def test_segments_that_come_later_have_axes_too() -> None:
    snapshots = series([made(40, 9), made(40, 9), made(30, 9), made(30, 6), made(30, 6)])
    old = fitted(snapshots[:2])
    new = projection.extend(old, snapshots)
    assert [one.dimensions for one in new.segments] == [9, 9, 6]
    assert (new.key, new.frames, new.last) == (old.key, 5, 40)
    assert projection.extend(new, []).frames == 5
    for one in snapshots:
        assert np.isfinite(new.place(one).positions).all()


def test_rotated_frames_of_a_later_segment_are_aligned_as_well() -> None:
    random = np.random.default_rng(1)
    rows = made(400, 10)
    frames = [(rows @ rotation(random, 10)).astype(np.float32) for _ in range(4)]
    frames += [(rows[:300] @ rotation(random, 10)).astype(np.float32) for _ in range(3)]
    snapshots = series(frames)
    new = projection.extend(fitted(snapshots[:4]), snapshots[4:])
    assert movement([new.place(one).positions for one in snapshots[4:]]).max() < 0.01


def test_a_frame_that_joins_no_segment_is_hidden() -> None:
    found = fitted(series([made(50, 9), made(50, 9)]))
    placed = found.place(Snapshot(5, made(7, 9)))
    assert (placed.hidden, placed.positions.shape) == (7, (50, 2))
    assert np.isnan(placed.positions).all()


def test_above_the_limit_those_with_the_smallest_hash_stay() -> None:
    most = cloud.LIMIT
    small, large = made(most + 20_000, 3), made(most + 25_000, 3)
    labels = ["common"] * len(small)
    labels[7:12] = ["rare"] * 5
    found = fitted([Snapshot(0, small, labels=labels)])
    slots = found.slots(Snapshot(0, small))
    assert (slots >= 0).sum() == most == found.segments[0].points
    assert found.segments[0].logged == len(small)
    assert (slots[7:12] >= 0).all()
    grown = fitted([Snapshot(0, large)])
    both = (slots >= 0) & (grown.slots(Snapshot(0, large))[: len(small)] >= 0)
    assert both.sum() > 0.94 * most
    assert np.isfinite(found.place(Snapshot(0, small)).positions).all()
    assert any("100,000 of 120,000" in note for note in found.notes)


def gathered(frames: Sequence[Snapshot], limit: int) -> cloud.Cloud:
    gathering = cloud.Gathering(limit=limit)
    for one in frames:
        gathering.look(one)
    return gathering.finish()


def test_a_growing_set_of_ids_keeps_its_subset() -> None:
    def shown(count: int) -> set[str]:
        every = names(range(count))
        rows = np.zeros((count, 2))
        labels = ["rare" if n < 3 else "common" for n in range(count)]
        found = gathered([Snapshot(0, rows, every, labels)], 200)
        assert found.stretches[0].segment == projection.Segment(200, count, 2)
        return set(found.stretches[0].slot_of or ())

    before, after = shown(400), shown(420)
    assert len(before & after) > 0.9 * 200
    assert set(names(range(3))) <= before & after


def test_sets_of_ids_that_change_do_not_fill_the_memory() -> None:
    frames = [
        Snapshot(nth, np.zeros((500, 2)), names(range(500 * nth, 500 * nth + 500)))
        for nth in range(40)
    ]
    segment = gathered(frames, 1000).stretches[0].segment
    assert segment.points == 1000
    assert segment.logged == pytest.approx(20_000, rel=0.15)


def test_no_snapshots_at_all() -> None:
    found = fitted([])
    assert (found.segments, found.variance, found.frames) == ((), 0.0, 0)
    assert found.place(Snapshot(0, made(3, 4))).hidden == 3
    grown = projection.extend(found, series([made(30, 4)]))
    assert np.isfinite(grown.place(Snapshot(0, made(30, 4))).positions).all()


def test_snapshots_without_points() -> None:
    empty = Snapshot(0, np.empty((0, 6), np.float32))
    found = fitted([empty])
    assert (found.segments[0].points, len(found.place(empty).positions)) == (0, 0)
    rows = made(20, 6)
    snapshots = [empty, Snapshot(1, rows), Snapshot(2, np.empty((0, 0))), Snapshot(3, rows)]
    for found in (fitted(snapshots), projection.extend(fitted(snapshots[:1]), snapshots[1:])):
        placed = [found.place(one) for one in snapshots]
        assert len({one.segment for one in placed}) == 1
        assert np.isnan(placed[2].positions).all()
        assert np.isfinite(placed[3].positions).all()


@pytest.mark.parametrize("dims", [2, 3])
@pytest.mark.parametrize("dimensions", [1, 2, 3])
def test_few_dimensions_are_shown_as_they_are(dims: int, dimensions: int) -> None:
    if dimensions > dims:
        return
    rows = made(200, dimensions)
    found, pictures = fit([rows, rows + 1], dims=dims)
    ratio = pictures[0] - pictures[1]
    step = ratio[0, 0]
    np.testing.assert_allclose(ratio[:, :dimensions], step, rtol=1e-3)
    np.testing.assert_array_equal(pictures[0][:, dimensions:], 0)
    assert found.variance == pytest.approx(1)


def test_one_point_shows_its_way() -> None:
    way = np.array([[3.0, 4, 0, 0]])
    found, pictures = fit([way * nth for nth in range(5)])
    along = np.array(pictures)[:, 0]
    assert found.variance == pytest.approx(1)
    np.testing.assert_allclose(along[:, 1], 0, atol=1e-6)
    np.testing.assert_allclose(np.diff(along[:, 0]), 0.5, atol=0.02)


def test_fewer_points_than_dimensions() -> None:
    rows = made(5, 40)
    found, pictures = fit([rows, rows])
    assert found.variance > 0.5
    assert movement(pictures).max() == 0


@pytest.mark.parametrize("value", [0.0, -7.25, 1e6])
@pytest.mark.parametrize("align", ["auto", "rigid"])
def test_all_constant_lies_in_the_middle(value: float, align: str) -> None:
    found, pictures = fit([np.full((30, 6), value)] * 3, align=align)
    np.testing.assert_array_equal(pictures, 0)
    assert found.variance == 0


def test_constant_frames_that_move_show_the_way() -> None:
    found, pictures = fit([np.full((30, 6), float(nth)) for nth in range(4)])
    assert found.variance == pytest.approx(1)
    assert (movement(pictures) > 0.1).all()


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e30])
@pytest.mark.parametrize("align", ["none", "rigid"])
def test_rows_that_cannot_be_placed_are_hidden(bad: float, align: str) -> None:
    rows = made(400, 10)
    broken = rows.copy()
    broken[5:9, 3] = bad
    truth, pictures = fit([rows, rows], align=align)
    found = fitted(series([rows, broken]), align=align)
    placed = found.place(series([rows, broken])[1])
    assert placed.hidden == 4
    assert np.flatnonzero(np.isnan(placed.positions[:, 0])).tolist() == [5, 6, 7, 8]
    there = np.isfinite(placed.positions[:, 0])
    np.testing.assert_allclose(placed.positions[there], pictures[1][there], atol=0.03)
    assert truth.place(series([rows])[0]).hidden == 0


def test_float64_that_overflows_is_hidden() -> None:
    rows = made(50, 4).astype(np.float64)
    rows[3] = 1e200
    found, pictures = fit([rows])
    assert np.flatnonzero(np.isnan(pictures[0][:, 0])).tolist() == [3]
    assert found.place(series([rows])[0]).hidden == 1


def test_nothing_that_can_be_placed() -> None:
    found, pictures = fit([np.full((9, 4), np.nan)] * 2)
    assert np.isnan(pictures).all()
    assert (found.variance, found.place(series([np.full((9, 4), np.nan)])[0]).hidden) == (0, 9)


@pytest.mark.parametrize("align", ["none", "rigid"])
def test_far_rows_stand_at_the_rim_and_leave_the_others_alone(align: str) -> None:
    rows = made(500, 10)
    wild = rows.copy()
    wild[7] = 1e6
    truth, _ = fit([rows, rows], align=align)
    found = fitted(series([wild, wild]), align=align)
    placed = found.place(series([wild])[0])
    assert placed.outliers == 1
    assert np.linalg.norm(placed.positions[7]) == pytest.approx(1.25)
    others = np.arange(500) != 7
    picture = truth.place(series([rows])[0]).positions
    np.testing.assert_allclose(placed.positions[others], picture[others], atol=0.03)


def test_a_cloud_that_grows_is_not_brought_to_the_rim() -> None:
    rows = made(500, 10)
    found = fitted(series([rows, rows]))
    placed = found.place(Snapshot(20, 5 * rows))
    assert placed.outliers == 0
    assert np.linalg.norm(placed.positions, axis=1).max() > 4


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", "i1", "u1", "i8", "u8", "?", ">f4"])
def test_numbers_of_any_type(dtype: str) -> None:
    rows = (10 * made(200, 6)).clip(0, 100).astype(dtype)
    _, pictures = fit([rows, rows])
    _, truth = fit([rows.astype(np.float64)] * 2)
    np.testing.assert_allclose(pictures, truth, atol=1e-5)


def test_snapshots_are_not_kept_and_are_read_once() -> None:
    frames = separating(6, 100, 8)

    class Series:
        reads = 0

        def __iter__(self) -> Any:
            self.reads += 1
            yield from series(frames)

    every: Any = Series()
    fitted(every)
    assert every.reads == 1
