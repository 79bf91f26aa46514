"""Logs that grow, shrink, change and vanish while they are being watched."""

from __future__ import annotations

import os
import pathlib
import tempfile
import threading
from collections.abc import Iterator
from typing import Any

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

import event_bytes as eb
import servers
from tb_animate import errors
from tb_animate.model import FrameIndex, Progress, Source, Wanted
from tb_animate.sources import events, frames
from tb_animate.sources.byte_files import ByteFile

WANTED = [Wanted("image", "images", leading=2)]


@pytest.fixture
def source(tmp_path: pathlib.Path) -> Iterator[events.EventSource]:
    made = events.EventSource(events.roots(str(tmp_path)), WANTED)
    yield made
    made.close()


def image(step: int, data: bytes = b"x", tag: str = "a") -> bytes:
    return eb.event(step, eb.tf1_image(tag, data))


def steps(source: events.EventSource) -> dict[str, list[int]]:
    """By run and tag."""
    assert source.wait(60)
    return {f"{one.run}:{one.tag}": source.open(one.id).steps.tolist() for one in source.series()}


def generation(source: events.EventSource) -> str:
    assert source.wait(60)
    (one,) = source.series()
    return source.open(one.id).generation


def threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if "tb_animate" in thread.name]


def test_it_is_a_source(source: events.EventSource, tmp_path: pathlib.Path) -> None:
    eb.write(tmp_path, [image(3)])
    typed: Source = source
    assert typed.wait(60)
    index: FrameIndex = typed.open(typed.series()[0].id)
    assert index.steps.dtype == np.int64
    assert index.wall_times.dtype == np.float64
    assert not index.steps.flags.writeable
    assert not index.wall_times.flags.writeable


def test_nothing_is_read_until_it_is_asked_for(tmp_path: pathlib.Path) -> None:
    eb.write(tmp_path, [image(1)])
    source = events.EventSource(events.roots(str(tmp_path)), WANTED)
    assert source.progress() == Progress(0, 1)
    assert source.warnings() == []
    assert threads() == []
    servers.until(source.series, "the series is listed")
    assert source.wait(60)
    size = os.path.getsize(tmp_path / "1.tfevents")
    assert source.progress() == Progress(size, size)
    source.close()
    assert threads() == []
    assert [one.frames for one in source.series()] == [1]
    assert not source.wait(60)


def test_an_unknown_series(source: events.EventSource, tmp_path: pathlib.Path) -> None:
    path = eb.write(tmp_path, [image(1)])
    assert source.wait(60)
    (one,) = source.series()
    with pytest.raises(errors.NotFound):
        source.open("AAAA")
    path.unlink()
    assert source.wait(60)
    with pytest.raises(errors.NotFound):
        source.open(one.id)
    assert source.runs() == []


@hypothesis.settings(max_examples=60)
@hypothesis.given(
    st.lists(st.tuples(st.integers(0, 30), st.sampled_from("ab")), min_size=1, max_size=25),
    st.lists(st.integers(0, 3000), max_size=8),
)
def test_growing_is_like_reading_anew(logged: list[tuple[int, str]], cuts: list[int]) -> None:
    """At any cut, the middle of a record included; a generation means what it says."""
    data = b"".join(image(step, b"%d" % at, tag) for at, (step, tag) in enumerate(logged))
    with tempfile.TemporaryDirectory() as directory:
        path = pathlib.Path(directory) / "1.tfevents"
        roots = events.roots(directory)
        grown = events.EventSource(roots, WANTED)
        seen: dict[str, tuple[str, list[Any]]] = {}
        for cut in [*sorted(min(cut, len(data)) for cut in cuts), len(data)]:
            with open(path, "ab") as file:
                file.write(data[file.tell() : cut])
            assert grown.wait(60)
            fresh = events.EventSource(roots, WANTED)
            assert fresh.wait(60)
            assert grown.series() == fresh.series()
            assert grown.warnings() == []
            for one in grown.series():
                index = grown.open(one.id)
                content = [(f.step, f.data) for f in index.read(range(one.frames))]
                other = fresh.open(one.id).read(range(one.frames))
                assert content == [(f.step, f.data) for f in other]
                if one.id in seen:
                    before, earlier = seen[one.id]
                    appended = content[: len(earlier)] == earlier
                    assert (index.generation == before) == appended
                seen[one.id] = index.generation, content
            fresh.close()
        grown.close()


def test_several_files_count_in_the_order_of_their_names(
    source: events.EventSource, tmp_path: pathlib.Path
) -> None:
    """Whichever grows last: what is shown must not depend on who looked when."""
    first = eb.write(tmp_path, [image(1), image(5)], "1.tfevents")
    eb.write(tmp_path, [image(4), image(9)], "2.tfevents")
    assert steps(source) == {".:a": [1, 4, 9]}
    with open(first, "ab") as file:
        file.write(image(7) + image(8))
    assert steps(source) == {".:a": [1, 4, 9]}
    with open(first, "ab") as file:
        file.write(image(2) + image(3))
    assert steps(source) == {".:a": [1, 2, 3, 4, 9]}
    (tmp_path / "2.tfevents").unlink()
    assert steps(source) == {".:a": [1, 2, 3]}


def test_what_a_tag_is_depends_on_the_first_file(
    source: events.EventSource, tmp_path: pathlib.Path
) -> None:
    """Later files are looked at again when an earlier one turns up, and when it goes."""
    scalar = eb.event(3, eb.scalar("a", 1.0))
    eb.write(tmp_path, [scalar, image(4)], "2.tfevents")
    eb.write(tmp_path, [image(5)], "3.tfevents")
    assert steps(source) == {}
    first = eb.write(tmp_path, [image(1), image(3)], "1.tfevents")
    # The scalar is no picture, but it is a value of the tag, so what came at step 3 goes.
    assert steps(source) == {".:a": [1, 4, 5]}
    first.unlink()
    assert steps(source) == {}
    (tmp_path / "2.tfevents").unlink()
    assert steps(source) == {".:a": [5]}


def test_a_file_that_shrank(source: events.EventSource, tmp_path: pathlib.Path) -> None:
    path = eb.write(tmp_path, [image(step) for step in range(5)])
    before = generation(source)
    path.write_bytes(image(0) + image(1))
    assert steps(source) == {".:a": [0, 1]}
    assert generation(source) != before


@pytest.mark.parametrize("in_place", [True, False])
def test_a_file_that_was_replaced(
    source: events.EventSource, tmp_path: pathlib.Path, in_place: bool
) -> None:
    path = eb.write(tmp_path, [eb.version(), *[image(step, b"old") for step in range(5)]])
    before = generation(source)
    held = source.open(source.series()[0].id)
    data = b"".join([eb.version(), *[image(step, b"new") for step in range(9)]])
    if in_place:
        path.write_bytes(data)
    else:
        path.with_name("partial").write_bytes(data)
        path.with_name("partial").replace(path)
    assert steps(source) == {".:a": list(range(9))}
    assert generation(source) != before
    (one,) = source.series()
    new = [frame.data for frame in source.open(one.id).read(range(9))]
    assert new == [(b"4", b"5", b"new")] * 9
    # What an index once listed is gone, and is not passed off as what is there now.
    (frame,) = held.read([2])
    assert frame.data is None
    assert "replaced" in str(frame.error)


def test_a_log_that_was_copied_again_is_the_same(
    source: events.EventSource, tmp_path: pathlib.Path
) -> None:
    """rsync puts a new file in place of the old one each time."""
    path = eb.write(tmp_path, [image(step, b"%d" % step) for step in range(5)])
    before = generation(source)
    data = path.read_bytes() + image(5)
    path.with_name("partial").write_bytes(data)
    path.with_name("partial").replace(path)
    assert steps(source) == {".:a": [0, 1, 2, 3, 4, 5]}
    assert generation(source) == before


def test_a_file_cut_under_a_reader(source: events.EventSource, tmp_path: pathlib.Path) -> None:
    """A mapped file would end the whole process here."""
    path = eb.write(tmp_path, [image(step, bytes(100_000)) for step in range(5)])
    assert source.wait(60)
    index = source.open(source.series()[0].id)
    reading = index.read(range(5))
    assert next(reading).data is not None
    os.truncate(path, 150_000)
    frames = list(reading)
    assert [frame.step for frame in frames] == [1, 2, 3, 4]
    assert all(frame.data is None and "cut" in str(frame.error) for frame in frames)
    path.unlink()
    (frame,) = index.read([4])
    assert frame.data is None


def test_frames_are_read_as_they_are_taken(
    source: events.EventSource, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    eb.write(tmp_path, [image(step, b"%d" % step) for step in range(100)])
    assert source.wait(60)
    index = source.open(source.series()[0].id)
    offsets: list[int] = []

    def read(file: ByteFile, count: int, offset: int) -> bytes:
        offsets.append(offset)
        return file.read(count, offset)

    monkeypatch.setattr(frames, "_read", read)
    taken = index.read([70, 3, 70, 3])
    assert [next(taken).step, next(taken).step] == [70, 3]
    assert len(offsets) == 2
    assert [frame.step for frame in taken] == [70, 3]
    assert len(offsets) == 2, "the last two come from the cache"
    with pytest.raises(IndexError):
        list(index.read([100]))
    with pytest.raises(IndexError):
        list(index.read([-1]))


def test_the_cache_is_bounded_in_bytes() -> None:
    cache = frames.RecordCache(50_000)
    for number in range(200):
        cache.put((number,), bytes(number * 10))
        held = [key for key in range(200) if cache.get((key,)) is not None]
        assert number in held
        assert sum(key * 10 for key in held) <= 50_000
    cache.put(("large",), bytes(60_000))
    assert cache.get(("large",)) is None
    assert cache.get((199,)) is not None
    cache.put((199,), b"other")
    assert cache.get((199,)) == b"other"


def test_samples_are_the_most_at_any_step_that_is_kept(
    source: events.EventSource, tmp_path: pathlib.Path
) -> None:
    def batch(step: int, count: int) -> bytes:
        return eb.event(step, eb.tf2_image("a", *[b"sample"] * count))

    path = eb.write(tmp_path, [batch(1, 2), batch(2, 5), batch(3, 3)])
    assert source.wait(60)
    assert [one.samples for one in source.series()] == [5]
    with open(path, "ab") as file:
        file.write(batch(2, 1))
    assert source.wait(60)
    assert [one.samples for one in source.series()] == [2]


def test_another_kind_is_only_another_wanted(tmp_path: pathlib.Path) -> None:
    content = [eb.event(step, eb.scalar("loss", step / 4)) for step in range(4)]
    content += [eb.event(step, eb.tf2_scalar("accuracy", step / 2)) for step in range(4)]
    mine = eb.tf2_image("mine", b"blob", plugin="my_plugin", data_class=3)
    eb.write(tmp_path, [*content, eb.event(9, mine)])
    wanted = [Wanted("scalar", "scalars"), Wanted("mine", "my_plugin"), Wanted("too", "my_plugin")]
    source = events.EventSource(events.roots(str(tmp_path)), wanted)
    assert source.wait(60)
    found = {(one.kind, one.tag): source.open(one.id) for one in source.series()}
    assert sorted(found) == [
        ("mine", "mine"),
        ("scalar", "accuracy"),
        ("scalar", "loss"),
        ("too", "mine"),
    ]
    values = [float(frame.data) for frame in found["scalar", "loss"].read(range(4))]  # type: ignore[arg-type]
    assert values == [0.0, 0.25, 0.5, 0.75]
    assert [frame.data for frame in found["mine", "mine"].read([0])] == [(b"4", b"4", b"blob")]
    source.close()


def test_many_threads_ask_while_the_log_grows(
    source: events.EventSource, tmp_path: pathlib.Path
) -> None:
    total = 300
    path = eb.write(tmp_path, [])
    faults: list[BaseException] = []
    finished = threading.Event()

    def ask() -> None:
        try:
            while not finished.is_set():
                source.wait(60)
                for one in source.series():
                    index = source.open(one.id)
                    assert index.steps.tolist() == list(range(len(index.steps)))
                    (frame,) = index.read([len(index.steps) - 1])
                    assert frame.data == (b"4", b"5", b"%d" % frame.step)
                progress = source.progress()
                assert progress.done <= progress.total
        except BaseException as error:
            faults.append(error)

    asking = [threading.Thread(target=ask) for _ in range(4)]
    for thread in asking:
        thread.start()
    for step in range(total):
        with open(path, "ab") as file:
            file.write(image(step, b"%d" % step))
    assert source.wait(60)
    finished.set()
    for thread in asking:
        thread.join()
    assert faults == []
    assert steps(source) == {".:a": list(range(total))}


def test_a_walk_can_be_stopped(tmp_path: pathlib.Path) -> None:
    """Closing does not wait for gigabytes."""
    content = b"".join(image(step, b"%d" % step) for step in range(30_000))
    eb.write(tmp_path, [content])
    source = events.EventSource(events.roots(str(tmp_path)), WANTED)
    assert not source.wait(0)
    source.close()
    assert sum(one.frames for one in source.series()) < 30_000
    assert threads() == []


def test_a_fault_of_the_walk_reaches_whoever_asks_and_may_pass(
    source: events.EventSource, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    eb.write(tmp_path, [image(3)])

    def fail(_: object) -> bool:
        raise ZeroDivisionError("not foreseen")

    with monkeypatch.context() as patch:
        patch.setattr("tb_animate.sources.scan.Scan.run", fail)
        with pytest.raises(RuntimeError, match="could not be walked") as raised:
            source.wait(60)
        assert isinstance(raised.value.__cause__, ZeroDivisionError)
        with pytest.raises(RuntimeError, match="could not be walked"):
            source.series()
        assert threads() == []
    assert steps(source) == {".:a": [3]}
