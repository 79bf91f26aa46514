"""Embeddings from what was logged to what a page gets: decode, tables, places, wire."""

from __future__ import annotations

import re
import sys
import weakref
from collections.abc import Iterator
from typing import Any

import msgpack
import numpy as np
import pytest
from numpy.typing import NDArray

from logs import encode
from memory_source import MemorySource, points
from tb_animate import encoders, errors, export, scenes
from tb_animate.kinds import columns, raster, versions
from tb_animate.kinds.embedding import KIND, EmbeddingScene
from tb_animate.kinds.placed import PlacedPoints
from tb_animate.kinds.snapshots import Points
from tb_animate.model import ClipSpec, Frame, PointTable, Sprite
from tb_animate.scene_cache import Scenes

pytestmark = pytest.mark.oldest

PLAIN = ClipSpec()
RNG = np.random.default_rng(0)


def _table(digest: str = "t", ids: list[str] | None = None, **known: list[str]) -> PointTable:
    return PointTable(known, ids, None, digest)


def _decoded(values: NDArray[Any], step: int = 0, table: PointTable | None = None) -> Points:
    return KIND.decode(Frame(step, 0.0, values, None, table), PLAIN)


def _fit(frames: list[Points], **options: Any) -> EmbeddingScene:
    spec = ClipSpec(options=options)
    return KIND.dress(KIND.fit(frames, spec), spec)


def _unpacked(data: bytes) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    numbers = np.frombuffer(data, "<f4")
    return numbers[:8], numbers[8:].reshape(int(numbers[2]), int(numbers[3]))


# What is logged


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", "i4", "u1", "?"])
def test_numbers_of_any_type_are_points(dtype: str) -> None:
    values = np.array([[0, 1], [1, 0], [1, 1]], dtype)
    decoded = _decoded(values)
    assert decoded.values.dtype == (np.float64 if dtype == "f8" else np.float32)
    assert decoded.values.tolist() == values.tolist()


def test_wide_numbers_stay_wide_whatever_the_order_of_their_bytes() -> None:
    decoded = _decoded(np.array([[1e300, 1 + 2**-40]], ">f8"))
    assert decoded.values.dtype == np.float64
    assert decoded.values.tolist() == [[1e300, 1 + 2**-40]]


def test_a_vector_is_points_of_one_dimension() -> None:
    assert _decoded(np.arange(5.0)).values.shape == (5, 1)


def test_a_table_of_another_length_is_ignored() -> None:
    values = np.ones((3, 2))
    good = _table(label=["a", "b", "c"], other=["", "", ""])
    assert _decoded(values, table=good).table is good
    for bad in (_table(label=["a", "b"]), _table(ids=["a"]), _table(a=["1"] * 3, b=["1"] * 4)):
        assert _decoded(values, table=bad).table is None


# Columns


def test_types_of_columns() -> None:
    few = [f"{n % 3}" for n in range(100)]
    fifty = [str(n % 50) for n in range(100)]
    numbers = [f"{n / 7:.4f}" for n in range(99)] + [""]
    texts = [*numbers[:-1], "no number"]
    infinite = [*numbers[:-1], "inf"]
    gaps = [*numbers[:-3], "nan", "None", "-inf"]
    blown = [f"1e{400 + n}" for n in range(100)]
    huge = [*numbers[:-1], "1e300"]
    scene = _fit(
        [
            _decoded(
                RNG.normal(size=(100, 3)),
                table=_table(
                    few=few,
                    fifty=fifty,
                    numbers=numbers,
                    texts=texts,
                    infinite=infinite,
                    huge=huge,
                    gaps=gaps,
                    blown=blown,
                ),
            )
        ]
    )
    assert [(one["name"], one["type"]) for one in KIND.describe(scene)["columns"]] == [
        ("few", "category"),
        ("fifty", "category"),
        ("numbers", "number"),
        ("texts", "text"),
        ("infinite", "number"),
        ("huge", "number"),
        ("gaps", "number"),
        ("blown", "text"),
    ]
    assert scene.look.column is not None
    assert scene.look.column.name == "few"
    packed = KIND.table(scene)["columns"]
    assert packed[1]["categories"] == [str(n) for n in range(50)], "2 before 10"
    assert np.frombuffer(packed[1]["values"][0], "<u2").tolist() == list(map(int, fifty))
    # As logged, and what it means.
    assert packed[2]["texts"] == numbers[:-1]
    meant = np.frombuffer(packed[2]["numbers"], "<f4")
    assert meant.tolist() == pytest.approx([float(text) for text in numbers[:-1]])
    sent = np.frombuffer(packed[2]["values"][0], "<u4")
    assert sent.tolist() == [*range(99), 2**32 - 1]
    assert packed[3]["values"] == [texts]
    assert (packed[3]["texts"], packed[3]["numbers"]) == (None, None)
    assert np.isfinite(np.frombuffer(packed[5]["numbers"], "<f4")).all()
    # What is no number has no colour, says what was logged, and leaves the scale to the others.
    for nth, finite in ((4, 99), (6, 97)):
        meant = np.frombuffer(packed[nth]["numbers"], "<f4")
        assert meant[:finite].tolist() == pytest.approx([float(text) for text in numbers[:finite]])
        assert np.isnan(meant[finite:]).all()
    assert packed[6]["texts"][97:] == ["nan", "None", "-inf"]
    column = scene.tables.column("gaps")
    assert column is not None
    assert (column.low, column.high) == pytest.approx((0.0, 96 / 7), abs=1e-3)


def test_people_sort_2_before_10() -> None:
    texts = ["class 10", "Class 2", "b", "10", "9", "a", ""]
    assert sorted(texts, key=columns.natural) == ["", "9", "10", "a", "b", "Class 2", "class 10"]


@pytest.mark.parametrize(
    ("asked", "found"),
    [("", "kind"), ("none", None), ("size", "size"), ("kind", "kind")],
)
def test_the_column_that_colours(asked: str, found: str | None) -> None:
    known = _table(
        size=[str(n) for n in range(60)],
        name=[f"n{n}" for n in range(60)],
        kind=["a", "b"] * 30,
    )
    scene = _fit([_decoded(RNG.normal(size=(60, 3)), table=known)], color_by=asked)
    assert (scene.look.column.name if scene.look.column else None) == found


def test_a_column_that_cannot_colour_is_told() -> None:
    known = _table(name=[f"n{n}" for n in range(60)], size=[str(n) for n in range(60)])
    frames = [_decoded(RNG.normal(size=(60, 3)), table=known)]
    found = _fit(frames).look.column
    assert found is not None
    assert found.name == "size", "the first number, where there is no category"
    with pytest.raises(errors.AnimateError, match=r"no column 'x'\. Those that colour are size\."):
        _fit(frames, color_by="x")
    with pytest.raises(errors.AnimateError, match=r"'name' has too many different texts"):
        _fit(frames, color_by="name")
    with pytest.raises(errors.AnimateError, match=r"'x'\. No column is there"):
        _fit([_decoded(np.eye(3))], color_by="x")


# Tables and versions


def test_labels_that_change_have_versions() -> None:
    first = _table("1", label=["a", "b", "c"])
    second = _table("2", label=["a", "b", "d"])
    values = RNG.normal(size=(3, 2))
    frames = [_decoded(values + n, n, t) for n, t in enumerate([first, first, second, None])]
    scene = _fit(frames)
    versions = [_unpacked(KIND.pack(KIND.place(scene, data)))[0][1] for data in frames]
    assert versions == [0, 0, 1, -1]
    packed = msgpack.unpackb(msgpack.packb(KIND.table(scene)))
    assert packed["versions"] == [0, 0]
    (column,) = packed["columns"]
    assert column["categories"] == ["a", "b", "c", "d"]
    assert column["of"] == [0, 1]
    assert [np.frombuffer(v, "<u2").tolist() for v in column["values"]] == [[0, 1, 2], [0, 1, 3]]
    # A table that no frame had when the scene was made.
    assert KIND.place(scene, _decoded(values, 9, _table("3", label=["z"] * 3))).version == -1


def test_slots_follow_ids_and_values_travel_once() -> None:
    values = RNG.normal(size=(4, 3))
    forth = _table("1", ["a", "b", "c", "d"], label=["A", "B", "C", ""])
    back = _table("2", ["d", "c", "b", "a"], label=["", "C", "B", "A"])
    less = _table("3", ["b", "e"], label=["B", "E"])
    frames = [
        _decoded(values, 0, forth),
        _decoded(values[::-1], 1, back),
        _decoded(values[:2] + 1, 2, less),
    ]
    scene = _fit(frames)
    placed = [KIND.place(scene, data) for data in frames]
    assert np.allclose(placed[0].positions, placed[1].positions, equal_nan=True, atol=1e-5)
    packed = KIND.table(scene)
    (ids,) = packed["ids"]
    assert sorted(ids) == ["a", "b", "c", "d", "e"]
    (column,) = packed["columns"]
    assert column["of"] == [0, 0, 1]
    for version, known in enumerate(({"a": "A", "b": "B", "c": "C"}, None, {"b": "B", "e": "E"})):
        codes = np.frombuffer(column["values"][column["of"][version]], "<u2").tolist()
        told = {
            name: column["categories"][code]
            for name, code in zip(ids, codes, strict=True)
            if code != 65535
        }
        assert told == (known or {"a": "A", "b": "B", "c": "C"})
    assert np.isnan(placed[2].positions[[ids.index(name) for name in "acd"]]).all()


def test_new_ids_get_slots_and_what_was_placed_stays() -> None:
    values = RNG.normal(size=(4, 3))
    frames = [
        _decoded(values + n / 9, n, _table("1", list("abcd"), l=list("wxyz"))) for n in (0, 1)
    ]
    scene = _fit(frames)
    grown_table = _table("2", list("abcdef"), l=list("wxyzuv"))
    new = _decoded(RNG.normal(size=(6, 3)), 2, grown_table)
    grown = KIND.extend(scene, [new], PLAIN)
    before, after = KIND.place(scene, frames[0]).positions, KIND.place(grown, frames[0]).positions
    assert np.array_equal(before, after[: len(before)], equal_nan=True)
    assert np.isnan(after[len(before) :]).all()
    assert not np.isnan(KIND.place(grown, new).positions).any()
    packed = KIND.table(grown)
    assert packed["versions"] == [0, 0]
    assert sorted(packed["ids"][0]) == list("abcdef")
    assert KIND.describe(grown)["versions"] == 2
    assert KIND.describe(scene)["versions"] == 1


def test_labels_that_change_for_ever_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(versions, "MAX_VERSIONS", 8)
    values = RNG.normal(size=(3, 2))

    def frame(n: int) -> Points:
        return _decoded(values, n, _table(str(n), label=[f"{n}", "x", "y"]))

    frames = [frame(n) for n in range(8)]
    full = _fit(frames)
    assert KIND.describe(full)["versions"] == 8
    assert not any("described anew" in note for note in KIND.describe(full)["notes"])
    cut = KIND.extend(full, [frame(8)], PLAIN)
    told = KIND.describe(cut)
    assert told["versions"] == 6
    assert any(re.search("described anew.*latest 6 times", note) for note in told["notes"])
    assert KIND.key(cut) != KIND.key(full)
    described = [KIND.place(cut, frame(n)).version for n in range(9)]
    assert described == [-1, -1, -1, 0, 1, 2, 3, 4, 5]
    assert np.array_equal(KIND.place(cut, frame(0)).positions, KIND.place(full, frame(0)).positions)
    # The next one fits in.
    assert KIND.key(KIND.extend(cut, [frame(9)], PLAIN)) == KIND.key(cut)
    monkeypatch.setattr(versions, "MAX_VALUES", 1)
    assert KIND.describe(_fit(frames))["versions"] == 1


def test_with_a_table_goes_all_that_only_it_had(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(versions, "MAX_VERSIONS", 8)
    values = RNG.normal(size=(3, 2))
    pictures = [encode(np.full((2, 6, 3), n, np.uint8)) for n in range(30)]

    def frame(n: int) -> Points:
        known = {"name": [f"{n}", "same", ""], "old" if n < 10 else "new": ["a", "b", f"{n % 3}"]}
        # Every other one has the first one's thumbnails.
        table = PointTable(known, None, Sprite(pictures[n * (n % 2)], 2, 2), str(n))
        return _decoded(values, n, table)

    scene = _fit([frame(0)])
    for n in range(1, 30):
        scene = KIND.extend(scene, [frame(n)], PLAIN)
        tables = scene.tables
        used = {one.sprite for one in tables.versions}
        assert used == set(range(len(tables.sprites)))
        for name, texts in tables.texts.items():
            codes = [one.codes[name] for one in tables.versions if name in one.codes]
            assert set(np.concatenate(codes).tolist()) - {-1} == set(range(len(texts)))
        held = sum(len(one.data) for one in tables.sprites)
        held += sum(
            versions.TEXT_BYTES + len(text) for one in tables.texts.values() for text in one
        )
        assert tables.held == held
        for known in range(n + 1):
            placed = KIND.place(scene, frame(known))
            if placed.version < 0:
                continue
            assert tables.label(placed.version, 0) == f"name {known}"
            sprite = tables.sprites[tables.versions[placed.version].sprite]
            assert sprite.data == pictures[known * (known % 2)]
            packed = KIND.table(scene)
            assert packed["sprites"][packed["sprite_of"][placed.version]]["data"] == sprite.data
            column = packed["columns"][0]
            row = np.frombuffer(column["values"][column["of"][placed.version]], "<u2")
            words = [*column["categories"], ""]
            told = [words[min(code, len(words) - 1)] for code in row.tolist()]
            assert told == [f"{known}", "same", ""]
    assert [one["name"] for one in KIND.table(scene)["columns"]] == ["name", "new"]


def test_tables_are_bounded_in_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(versions, "MAX_HELD", 100_000)
    values = RNG.normal(size=(3, 2))

    def tables_of(count: int, picture: Any, text: Any) -> Any:
        def frame(n: int) -> Points:
            table = PointTable({"l": [text(n)] * 3}, None, Sprite(picture(n), 2, 2), str(n))
            return _decoded(values, n, table)

        scene = _fit([frame(n) for n in range(2)])
        for n in range(2, count):
            scene = KIND.extend(scene, [frame(n)], PLAIN)
            assert scene.tables.held <= max(100_000, len(picture(n)) + 1_000)
        return scene

    pictures = tables_of(40, lambda n: bytes([n]) * 10_000, lambda n: "same")
    assert 7 <= len(pictures.tables.versions) <= 10
    (note,) = [one for one in KIND.describe(pictures)["notes"] if "described anew" in one]
    assert "or by so much" in note
    texts = tables_of(40, lambda n: b"same", lambda n: f"{n}" * 5_000)
    assert 7 <= len(texts.tables.versions) <= 20
    # The latest one stays, however large.
    assert len(tables_of(4, lambda n: bytes([n]) * 200_000, str).tables.versions) == 1
    # What all have counts once.
    shared = tables_of(40, lambda n: b"x" * 60_000, lambda n: "same")
    assert len(shared.tables.versions) == 40


def test_large_tables_are_not_held_together(monkeypatch: pytest.MonkeyPatch) -> None:
    class Texts(list[str]):
        """Can be counted, each by itself."""

        __hash__ = object.__hash__  # type: ignore[assignment]
        __eq__ = object.__eq__

    live: weakref.WeakSet[Texts] = weakref.WeakSet()
    most = [0]

    class Frames:
        def __iter__(self) -> Iterator[Points]:
            rng = np.random.default_rng(0)
            for n in range(20):
                texts = Texts([f"{n}" * 500, "x", "y"])
                live.add(texts)
                most[0] = max(most[0], len(live))
                yield _decoded(rng.normal(size=(3, 2)), n, _table(str(n), label=texts))
                del texts

    held = _fit(Frames())  # type: ignore[arg-type]
    assert most[0] == 20
    assert len(held.tables.versions) == 20
    monkeypatch.setattr(versions, "MAX_HELD", 6_000)
    most[0] = 0
    cut = _fit(Frames())  # type: ignore[arg-type]
    assert most[0] < 10
    assert 3 <= len(cut.tables.versions) < 10
    assert cut.tables.dropped == 20 - len(cut.tables.versions)
    assert KIND.place(cut, [*Frames()][-1]).version == len(cut.tables.versions) - 1


def test_thumbnails_are_counted_as_rows_of_their_own_table() -> None:
    data = encode(np.zeros((4, 4, 3), np.uint8))
    known = PointTable({}, ["b", "a"], Sprite(data, 2, 2), "1")
    other = PointTable({}, ["a", "c"], Sprite(data, 2, 2), "2")
    without = PointTable({"l": ["x", "y"]}, ["a", "b"], None, "3")
    values = RNG.normal(size=(2, 2))
    frames = [_decoded(values, n, t) for n, t in enumerate((known, other, without))]
    scene = _fit(frames)
    packed = KIND.table(scene)
    assert packed["sprites"] == [{"data": data, "width": 2, "height": 2}]
    assert packed["sprite_of"] == [0, 0, -1]
    (ids,) = packed["ids"]
    for cells, expected in zip(
        packed["cells"], ({"b": 0, "a": 1}, {"a": 0, "c": 1}, {}), strict=True
    ):
        numbers = np.frombuffer(cells, "<u4").tolist()
        told = {n: c for n, c in zip(ids, numbers, strict=False) if c != 2**32 - 1}
        assert told == expected
    assert packed["cells"][2] == b""
    assert KIND.describe(scene)["sprites"] is True


# What travels


def test_the_wire() -> None:
    values = RNG.normal(size=(50, 3)).astype(np.float32)
    values[7] = np.nan
    frames = [_decoded(values, n) for n in range(2)]
    for dims in (2, 3):
        scene = _fit(frames, dims=dims)
        head, positions = _unpacked(KIND.pack(KIND.place(scene, frames[0])))
        assert head[:4].tolist() == [0, -1, 50, dims]
        assert np.isnan(positions[7]).all()
        there = np.delete(positions, 7, axis=0)
        assert np.isfinite(there).all()
        assert head[4 : 4 + dims] == pytest.approx(there.mean(axis=0), abs=1e-6)
        assert head[6] == 0 or dims == 3
        away = np.linalg.norm(there - there.mean(axis=0), axis=1)
        assert head[7] == pytest.approx(np.sqrt((away**2).mean()), rel=1e-5)


def test_nothing_to_be_seen_travels_as_zeros() -> None:
    frames = [_decoded(np.full((3, 2), np.nan))]
    head, positions = _unpacked(KIND.pack(KIND.place(_fit(frames), frames[0])))
    assert np.isnan(positions).all()
    assert head[4:].tolist() == [0, 0, 0, 0]
    empty = PlacedPoints(0, 0, -1, np.empty((0, 2), np.float32))
    assert _unpacked(KIND.pack(empty))[1].shape == (0, 2)


def test_the_scene_as_a_page_gets_it() -> None:
    known = _table(label=["a", "b"] * 10)
    index = points({n: RNG.normal(size=(20, 5)) for n in range(4)}, dict.fromkeys(range(4), known))
    told = scenes.describe([index], ClipSpec(options={"dims": 3}))
    assert told["dims"] == 3
    assert (told["fitted"], told["frames"]) == (4, 4)
    assert (told["shown"], told["logged"]) == (20, 20)
    assert told["segments"] == [{"points": 20, "logged": 20, "dimensions": 5}]
    assert 0 < told["variance"] <= 1
    assert told["columns"] == [{"name": "label", "type": "category"}]
    assert told["key"] != scenes.describe([index], PLAIN)["key"]


def test_raw_values_are_let_go() -> None:
    """Fifty frames of a hundred thousand points would not fit into memory."""
    values = RNG.normal(size=(3, 10, 2)).astype(np.float32)
    frames = [_decoded(values[n], n, _table(label=["a"] * 10)) for n in range(3)]
    references = [sys.getrefcount(data) for data in frames]
    scene = _fit(frames)
    placed = [KIND.place(scene, data) for data in frames]
    assert [sys.getrefcount(data) for data in frames] == references
    assert not any(np.shares_memory(one.positions, values) for one in placed)


# In a clip


def test_a_clip_of_some_frames_has_the_scene_of_all() -> None:
    index = points({n: RNG.normal(size=(9, 3)) * (n + 1) for n in range(6)})
    source, gif = MemorySource([index]), encoders.get("gif")
    kept = Scenes()
    whole = export.plan(source, [index.series.id], PLAIN, gif, kept=kept)
    index.reads.clear()
    some = export.plan(source, [index.series.id], ClipSpec(start_step=4), gif, kept=kept)
    assert not index.reads, "what is kept is not fitted again"
    assert some.tracks[0].scene.projection is whole.tracks[0].scene.projection
    assert some.pictures == 2
    assert b"".join(some.encode()).startswith(b"GIF89a")
    told: list[tuple[int, int]] = []
    export.plan(source, [index.series.id], PLAIN, gif, progress=lambda *of: told.append(of))
    assert told[-1][0] == told[-1][1] > 0


def test_what_cannot_be_decoded_is_shown_as_broken() -> None:
    index = points({0: np.ones((4, 2)), 1: np.ones((2, 2, 2)), 2: np.eye(4)[:, :2]})
    plan = export.plan(MemorySource([index]), [index.series.id], PLAIN, encoders.get("gif"))
    pictures = [picture.pixels for picture in plan._pictures(lambda done, total: None)]
    assert (pictures[1][0] == raster.PALETTES["light"].surface).all()
    assert (pictures[0][0] == raster.PALETTES["light"].background).all()


def test_people_sort_numbers_of_any_length() -> None:
    long = "9" * 5_000
    found = sorted([long, "1" + long, "010", "9", ""], key=columns.natural)
    assert found == ["", "9", "010", long, "1" + long]
