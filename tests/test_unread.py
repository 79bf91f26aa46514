"""What cannot be read is told from what is damaged, and comes as soon as it can be read."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import pathlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import event_bytes as eb
import logs
import reading
from memory_source import MemorySource, images, points
from reading import read
from sites import Site, json_of
from tb_animate import scene_cache
from tb_animate.model import Frame, Wanted, series_id
from tb_animate.sources import checkpoints, frames, projector, projector_files
from tb_animate.sources.points import PointsSource
from tb_animate.sources.tables import RECORDS, SUFFIX

POINTS = Wanted(kind="cloud", plugin_name="animate", points=True)
EMBEDDINGS = Wanted(kind="embedding", plugin_name="animate", points=True)
TWO = np.zeros((2, 3), np.float32)
DENIED = PermissionError(13, "Permission denied")
AWAY = Frame(1, 0.0, None, "Step 1 cannot be shown: the storage is away.", unread=True)


def opened(path: pathlib.Path) -> Any:
    return reading.opened(path, [POINTS])


def record(*texts: str) -> bytes:
    return json.dumps({"version": 1, "columns": [["label", texts]], "ids": None}).encode()


def labels(found: list[Frame]) -> list[Any]:
    return [None if one.table is None else one.table.columns["label"] for one in found]


@contextlib.contextmanager
def denied(monkeypatch: pytest.MonkeyPatch, module: Any, name: str = "") -> Iterator[None]:
    """Files whose path ends so may not be opened by a module."""

    def fails(path: Any, *more: Any) -> Any:
        if os.fspath(path).endswith(name):
            raise DENIED
        return open(path, *more)

    with monkeypatch.context() as patch:
        patch.setattr(module, "open", fails, raising=False)
        yield


def test_what_passes_is_told_from_damage(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frames.RecordCache, "get", lambda self, key: None)
    log = [eb.event(step, eb.points("f", TWO + step)) for step in range(4)]
    whole = b"".join(log)
    # What it says does not go with its checksum any more.
    damaged = log[1].replace(np.float32(1).tobytes(), np.float32(9).tobytes())
    path = eb.write(tmp_path / "run", [log[0], damaged, *log[2:]])
    source = opened(tmp_path)
    (series,) = source.series()
    index = source.open(series.id)

    def states() -> list[tuple[bool, bool]]:
        return [(frame.data is not None, frame.unread) for frame in index.read(range(4))]

    fine, broken, away = (True, False), (False, False), (False, True)
    assert states() == [fine, broken, fine, fine]
    with monkeypatch.context() as patch:

        def fails(path: str) -> Any:
            raise DENIED

        patch.setattr(frames, "open_file", fails)
        assert states() == [away] * 4
    path.write_bytes(path.read_bytes()[: len(log[0]) + len(damaged)])
    assert states() == [fine, broken, away, away]
    path.rename(tmp_path / "moved")
    assert states() == [away] * 4
    path.write_bytes(whole)
    assert states() == [fine] * 4


def test_a_table_that_could_not_be_read_is_asked_for_again() -> None:
    cloud = points(dict.fromkeys(range(4), TWO))
    known = images({1: "", 3: ""}, tag="features" + SUFFIX, kind=RECORDS.kind)
    held = [
        Frame(1, 0.0, (record("a", "b"), b"", b"")),
        Frame(3, 0.0, (record("c", "d"), b"", b"1")),
    ]
    known._frames = [AWAY, held[1]]
    source = PointsSource(MemorySource([cloud, known]), [EMBEDDINGS])
    index = source.open(cloud.series.id)
    found = list(index.read(range(4)))
    assert labels(found) == [None, None, None, ("c", "d")]
    assert [frame.unread for frame in found] == [False, True, True, False]
    assert all(frame.data is not None for frame in found)
    # Storage that is away may take long to say so.
    assert known.reads.count(0) == 1
    (warning,) = source.warnings()
    assert "the storage is away" in warning.message

    known._frames = held
    found = list(index.read(range(4)))
    assert labels(found) == [None, ("a", "b"), ("a", "b"), ("c", "d")]
    assert not any(frame.unread for frame in found)
    assert source.warnings() == []


def test_a_record_that_is_none_is_read_once() -> None:
    cloud = points(dict.fromkeys(range(4), TWO))
    known = images({1: "It is damaged."}, tag="features" + SUFFIX, kind=RECORDS.kind)
    source = PointsSource(MemorySource([cloud, known]), [EMBEDDINGS])
    for _ in range(3):
        found = list(source.open(cloud.series.id).read(range(4)))
        assert not any(frame.unread for frame in found)
    assert known.reads == [0]
    assert len(source.warnings()) == 1


def test_whether_records_adjoin_is_asked_again() -> None:
    """In a sample, the record after one tells whether it still holds."""
    cloud = points(dict.fromkeys(range(4), TWO))
    known = images({0: "", 3: ""}, tag="features" + SUFFIX, kind=RECORDS.kind)
    first = Frame(0, 0.0, (record("a", "b"), b"", b""))
    last = Frame(3, 0.0, (record("c", "d"), b"", b"0"))
    known._frames = [first, Frame(3, 0.0, None, "The storage is away.", unread=True)]
    known.series = dataclasses.replace(known.series, sampled=True)
    index = PointsSource(MemorySource([cloud, known]), [EMBEDDINGS]).open(cloud.series.id)
    found = list(index.read(range(4)))
    assert labels(found) == [("a", "b"), None, None, None]
    assert [frame.unread for frame in found] == [False, True, True, True]
    known._frames = [first, last]
    assert labels(list(index.read(range(4)))) == [("a", "b")] * 3 + [("c", "d")]


def test_files_of_the_projector(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clouds = logs.clouds(2)
    known = [f"class {row % 3}" for row in range(30)]
    logs.write_add_embedding(tmp_path / "run", clouds, tag="f", every=1, metadata=known)
    source = opened(tmp_path)
    (series,) = source.series()
    with denied(monkeypatch, projector_files, "tensors.tsv"):
        assert [(one.data is None, one.unread) for one in read(source, series)] == [
            (True, True)
        ] * 2
    with denied(monkeypatch, projector_files, "metadata.tsv"):
        for _ in range(2):
            found = read(source, series)
            assert labels(found) == [None, None]
            assert [(one.data is None, one.unread) for one in found] == [(False, True)] * 2
        (warning,) = source.warnings()
        assert '"metadata.tsv" cannot be read (Permission denied)' in warning.message
    found = read(source, series)
    assert labels(found) == [tuple(known)] * 2
    assert not any(frame.unread for frame in found)
    assert source.warnings() == []


def test_a_configuration_of_the_projector(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(projector, "LONG_SEARCH", float("inf"))
    (tmp_path / "points.tsv").write_text("1\t2\n3\t4\n")
    config = tmp_path / "projector_config.pbtxt"
    config.write_text('embeddings { tensor_name: "f" tensor_path: "points.tsv" }')
    with denied(monkeypatch, projector_files, config.name):
        source = opened(tmp_path)
        assert source.series() == []
        (warning,) = source.warnings()
        assert "Permission denied" in warning.message
    assert source.wait(30)
    assert [one.tag for one in source.series()] == ["f"]
    assert source.warnings() == []


def test_a_checkpoint(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "keras_embedding.ckpt-1.weights.h5"
    path.write_bytes(b"")
    asked: list[dict[str, str]] = []

    def ask(request: dict[str, str]) -> Any:
        asked.append(request)
        return {"layers": [["words", "a/vars/0"]]}, b""

    monkeypatch.setattr(checkpoints._READER, "ask", ask)
    checkpoints._answer.cache_clear()
    with (
        denied(monkeypatch, projector_files),
        pytest.raises(projector_files.Unread, match="Permission denied"),
    ):
        checkpoints.layers(os.fspath(path), (1,))
    assert not asked
    assert checkpoints.layers(os.fspath(path), (1,)) == [("words", "a/vars/0")]
    checkpoints._answer.cache_clear()


def test_a_scene_made_while_nothing_could_be_read(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a page sees it, which may ask at any time."""
    monkeypatch.setattr(scene_cache, "RETRY_SECONDS", 0.0)
    monkeypatch.setattr(frames.RecordCache, "get", lambda self, key: None)
    log = [eb.event(0, eb.points_table("f", record("a", "b"), b""))]
    rng = np.random.default_rng(0)
    log += [
        eb.event(step, eb.points("f", rng.normal(size=(2, 3)).astype(np.float32)))
        for step in range(4)
    ]
    eb.write(tmp_path / "run", log)
    site = Site(tmp_path)
    series = series_id("run", "f", "embedding")
    before = json_of(site.get("steps", series=series, wait_ms=10_000))["generation"]
    with monkeypatch.context() as patch:

        def fails(path: str) -> Any:
            raise DENIED

        patch.setattr(frames, "open_file", fails)
        told = json_of(site.get("scene", series=series))
        assert (told["fitted"], told["frames"], told["shown"]) == (0, 4, 0)
        assert told["unread"] > 0
        assert told["notes"] == [
            "4 of the frames that this is made from could not be read. It is made anew when "
            "they can be."
        ]
        answer = site.frames(series=series)
        assert all("Permission denied" in frame["error"] for frame in answer["frames"])
        assert answer["generation"] == before
    answer = site.frames(series=series)
    assert all(len(frame["data"]) == 4 * (8 + 2 * 2) for frame in answer["frames"])
    # By this, a page knows that what it has is out of date.
    assert answer["generation"] != before
    assert json_of(site.get("steps", series=series))["generation"] == answer["generation"]
    several = json_of(site.get("steps", series=[series, "other"]))["series"]
    assert several[series]["generation"] == answer["generation"]
    told = json_of(site.get("scene", series=series))
    assert (told["fitted"], told["shown"]) == (4, 2)
    assert [one["name"] for one in told["columns"]] == ["label"]
    assert "unread" not in told
    assert told["notes"] == []
