"""Logs behind addresses: the same frames as from disk, and few bytes of the logs for them."""

from __future__ import annotations

import argparse
import builtins
import json
import pathlib
import subprocess
import sys
import types
from collections.abc import Iterator
from typing import Any

import fsspec
import msgpack
import pytest
from fsspec.implementations.memory import MemoryFileSystem

import event_bytes as eb
import gif_blocks
import logs
import object_storage
import reading
import servers
from conftest import Logdir
from tb_animate import api, errors, kinds, sources
from tb_animate.model import Source, Wanted
from tb_animate.sources import events, remote, scalars, scan
from tb_animate.sources.byte_files import is_url

WANTED = [Wanted("image", "images", leading=2)]

SIDE, LARGE_FRAMES = 320, 40
"""Pictures of noise: each some 300 kB."""


class Requests:
    """What was asked of the file system in memory."""

    def __init__(self) -> None:
        self.reads: list[tuple[str, int]] = []
        self.lists = 0

    @property
    def bytes(self) -> int:
        return sum(count for _, count in self.reads)


@pytest.fixture
def requests(monkeypatch: pytest.MonkeyPatch) -> Requests:
    """Counts; and each listing is new, as the clock stands still in tests."""
    made = Requests()
    cat_file, find = MemoryFileSystem.cat_file, MemoryFileSystem.find

    def counted(system: Any, path: str, start: int, end: int) -> bytes:
        found: bytes = cat_file(system, path, start=start, end=end)
        made.reads.append((path, len(found)))
        return found

    def listed(system: Any, path: str, **more: Any) -> Any:
        made.lists += 1
        return find(system, path, **more)

    monkeypatch.setattr(MemoryFileSystem, "cat_file", counted)
    monkeypatch.setattr(MemoryFileSystem, "find", listed)
    monkeypatch.setattr(scan, "REMOTE_SECONDS", 0.0)
    return made


class Memory:
    """A log directory of fsspec's own file system in memory."""

    url = "memory://logs"

    def __init__(self) -> None:
        self.system = fsspec.filesystem("memory")

    def put(self, name: str, data: bytes) -> None:
        self.system.pipe_file(f"/logs/{name}", data)

    def upload(self, directory: pathlib.Path) -> int:
        """Returns how many bytes there are."""
        total = 0
        for path in directory.rglob("*"):
            if path.is_file():
                self.put(path.relative_to(directory).as_posix(), path.read_bytes())
                total += path.stat().st_size
        return total

    def open(self) -> events.EventSource:
        return events.EventSource(events.roots(self.url), WANTED)


@pytest.fixture
def memory() -> Iterator[Memory]:
    made = Memory()
    yield made
    made.system.store.clear()
    made.system.pseudo_dirs[:] = [""]


def read_all(source: Source) -> dict[str, list[tuple[int, float, Any, str | None]]]:
    """By id: step, wall time, data and error of each frame."""
    assert source.wait(60)
    found = {}
    for one in source.series():
        frames = reading.read(source, one)
        found[one.id] = [(frame.step, frame.wall_time, frame.data, frame.error) for frame in frames]
    return found


def steps(source: Source) -> list[int]:
    assert source.wait(60)
    (one,) = source.series()
    return source.open(one.id).steps.tolist()


def large(path: pathlib.Path) -> None:
    with logs.old_style_writer(path) as writer:
        pictures = [logs.encode(logs.noise(SIDE, seed)) for seed in range(LARGE_FRAMES)]
        writer.add("large", pictures)


def records(count: int, start: int = 0) -> bytes:
    steps = range(start, start + count)
    return b"".join(eb.event(step, eb.tf1_image("a", b"%d" % step)) for step in steps)


@pytest.mark.parametrize(
    ("path", "is_one"),
    [
        ("s3://bucket/logs", True),
        ("memory://x", True),
        ("simplecache::s3://bucket", True),
        ("/logs", False),
        ("C:\\logs", False),
        ("a:/b,c:/d", False),
        ("logs://", True),
    ],
)
def test_addresses_are_told_from_paths(path: str, is_one: bool) -> None:
    assert is_url(path) == is_one


def test_all_writers_logs_are_the_same_as_from_disk(
    logdir: Logdir, memory: Memory, requests: Requests
) -> None:
    memory.upload(logdir.path)
    wanted = list(kinds.KINDS.values())
    local, far = (sources.open_logdir(place, wanted) for place in (str(logdir.path), memory.url))
    assert read_all(local) == read_all(far)
    assert far.series() == local.series()
    assert far.runs() == local.runs() == sorted(logdir.runs)
    assert far.warnings() == []


def test_all_scalars_are_the_same_as_from_disk(logdir: Logdir, memory: Memory) -> None:
    memory.upload(logdir.path)
    found = []
    for place in (str(logdir.path), memory.url):
        source = scalars.EventScalars(events.roots(place))
        assert source.wait(60)
        curves = [source.points(one.run, one.tag) for one in source.scalars()]
        parts = [[one.steps, one.wall_times, one.values] for one in curves if one is not None]
        assert parts
        found.append((source.scalars(), [part.tolist() for curve in parts for part in curve]))
    assert found[0] == found[1]


def test_opening_a_tag_reads_its_index_and_not_the_logs(
    tmp_path: pathlib.Path, memory: Memory, requests: Requests
) -> None:
    large(tmp_path / "run")
    total = memory.upload(tmp_path)
    source = memory.open()
    assert source.wait(60)
    (series,) = source.series()
    index = source.open(series.id)
    walked = requests.bytes
    assert walked < 0.08 * total
    # Of each record but the first, which is checked, its first bytes in one request.
    assert len(requests.reads) <= LARGE_FRAMES + 5
    (frame,) = index.read([LARGE_FRAMES // 2])
    assert frame.data is not None
    read = requests.bytes - walked
    assert len(frame.data[2]) <= read < len(frame.data[2]) + 1000
    list(index.read([LARGE_FRAMES // 2]))
    assert requests.bytes == walked + read, "read last, so it is held"
    source.close()


def test_scalars_beside_large_pictures_are_read_without_them(
    memory: Memory, requests: Requests
) -> None:
    """As TF1's merge_all logs them, all of a step in one event."""
    picture = eb.tf1_image("picture", bytes(300_000))
    made = [
        eb.event(step, eb.scalar("loss", step), picture, eb.tf2_scalar("rate", -step))
        for step in range(LARGE_FRAMES)
    ]
    memory.put("run/1.tfevents", b"".join(made))
    source = scalars.EventScalars(events.roots(memory.url))
    assert source.wait(60)
    for tag, sign in (("loss", 1), ("rate", -1)):
        points = source.points("run", tag)
        assert points is not None
        assert points.values.tolist() == [sign * step for step in range(LARGE_FRAMES)]
    # The first record is checked, and so read wholly.
    assert requests.bytes < 0.15 * sum(map(len, made))


def test_small_records_come_many_at_a_time(memory: Memory, requests: Requests) -> None:
    data = records(20_000)
    memory.put("run/1.tfevents", data)
    assert len(steps(memory.open())) == 20_000
    assert requests.bytes < 1.05 * len(data)
    assert len(requests.reads) < 10 + len(data) / remote.READS.largest


def test_a_log_that_grows_is_read_on(memory: Memory, requests: Requests) -> None:
    """An object does not grow: it is another one that begins like it."""
    memory.put("run/1.tfevents", records(2000))
    source = memory.open()
    assert steps(source) == list(range(2000))
    (one,) = source.series()
    generation = source.open(one.id).generation
    before = requests.bytes
    assert steps(source) == list(range(2000))
    assert requests.bytes == before, "nothing has changed"
    memory.put("run/1.tfevents", records(2010))
    assert steps(source) == list(range(2010))
    assert requests.bytes - before < 0.1 * len(records(2000))
    assert source.open(one.id).generation == generation
    source.close()


def test_a_log_that_is_replaced_is_read_anew(memory: Memory, requests: Requests) -> None:
    memory.put("run/1.tfevents", records(20))
    source = memory.open()
    assert steps(source) == list(range(20))
    (one,) = source.series()
    generation = source.open(one.id).generation
    memory.put("run/1.tfevents", records(30, 100))
    assert steps(source) == list(range(100, 130))
    assert source.open(one.id).generation != generation
    memory.system.rm_file("/logs/run/1.tfevents")
    assert source.wait(60)
    assert source.series() == []
    source.close()


def test_listings_have_their_interval(
    memory: Memory, requests: Requests, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scan, "REMOTE_SECONDS", 3600.0)
    memory.put("run/1.tfevents", records(3))
    source = memory.open()
    assert source.wait(60)
    for _ in range(5):
        assert source.wait(60)
        source.series()
    assert requests.lists == 1
    source.close()


def test_while_an_address_cannot_be_listed_what_was_found_stays(
    memory: Memory, requests: Requests, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory.put("run/1.tfevents", records(3))
    source = memory.open()
    assert steps(source) == [0, 1, 2]
    with monkeypatch.context() as patch:

        def fails(system: Any, path: str, **more: Any) -> Any:
            raise ConnectionError("The storage is away.\nMore of it.")

        patch.setattr(MemoryFileSystem, "find", fails)
        assert steps(source) == [0, 1, 2]
        (warning,) = source.warnings()
        assert warning.file == memory.url
        assert "The storage is away. It is tried again." in warning.message
    memory.put("run/1.tfevents", records(4))
    assert steps(source) == [0, 1, 2, 3]
    assert source.warnings() == []
    source.close()


def test_a_file_that_cannot_be_read_is_said_and_tried_again(
    memory: Memory, requests: Requests, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory.put("bad/1.tfevents", records(3))
    memory.put("good/1.tfevents", records(3))
    whole = MemoryFileSystem.cat_file

    def fails(system: Any, path: str, **more: Any) -> Any:
        if "bad" in path:
            raise RuntimeError("Access Denied")
        return whole(system, path, **more)

    source = memory.open()
    with monkeypatch.context() as patch:
        patch.setattr(MemoryFileSystem, "cat_file", fails)
        assert source.wait(60)
        assert [one.run for one in source.series()] == ["good"]
        (warning,) = source.warnings()
        assert (warning.run, warning.file) == ("bad", "bad/1.tfevents")
        assert "Access Denied" in warning.message
    assert source.wait(60)
    assert [one.run for one in source.series()] == ["bad", "good"]
    assert source.warnings() == []
    with monkeypatch.context() as patch:
        patch.setattr(MemoryFileSystem, "cat_file", fails)
        (frame,) = source.open(source.series()[0].id).read([1])
        assert frame.data is None
        assert frame.error is not None
        assert "cannot be read (Access Denied)" in frame.error
    source.close()


def test_frames_come_in_the_order_asked(memory: Memory, requests: Requests) -> None:
    memory.put("run/1.tfevents", records(100))
    source = memory.open()
    assert len(steps(source)) == 100
    index = source.open(source.series()[0].id)
    order = [70, 3, 70, *range(99, -1, -1)]
    assert [frame.step for frame in index.read(order)] == order
    with pytest.raises(IndexError):
        list(index.read([1, 100]))
    source.close()


def test_local_and_far_directories_of_one_spec(
    tmp_path: pathlib.Path, memory: Memory, requests: Requests
) -> None:
    memory.put("run/1.tfevents", records(3))
    eb.write(tmp_path / "run", [eb.event(7, eb.tf1_image("a", b"x"))])
    roots = events.roots("", f"near:{tmp_path},far:{memory.url}")
    source = events.EventSource(roots, WANTED)
    assert source.wait(60)
    assert {one.run: one.frames for one in source.series()} == {"far/run": 3, "near/run": 1}
    source.close()


def test_what_is_not_there_and_what_is_a_file(memory: Memory) -> None:
    with pytest.raises(errors.NotFound, match="There is no log directory"):
        api.list_series("memory://nothing")
    memory.put("file", b"x")
    with pytest.raises(errors.AnimateError, match="is a file"):
        api.list_series("memory://logs/file")
    with pytest.raises(errors.AnimateError, match="fsspec knows"):
        api.list_series("nosuchscheme://logs")


@pytest.mark.parametrize(
    ("url", "package", "extra"), [("s3://b/x", "s3fs", "s3"), ("gs://b/x", "gcsfs", "gs")]
)
def test_a_package_that_is_missing_is_named(
    monkeypatch: pytest.MonkeyPatch, url: str, package: str, extra: str
) -> None:
    whole = builtins.__import__

    def without(name: str, *more: Any, **others: Any) -> types.ModuleType:
        if name.partition(".")[0] == "fsspec":
            raise ModuleNotFoundError(f"No module named '{name}'", name=name)
        return whole(name, *more, **others)

    monkeypatch.setattr(builtins, "__import__", without)
    flags = argparse.Namespace(logdir=url, logdir_spec="", grpc_data_provider="")
    context = argparse.Namespace(flags=flags, logdir=url, data_provider=None, multiplexer=None)
    for attempt in (
        lambda: api.list_series(url),
        lambda: sources.open_context(context, WANTED),  # type: ignore[arg-type]
    ):
        with pytest.raises(errors.AnimateError) as raised:
            attempt()
        assert f"needs the package {package}" in str(raised.value)
        assert f'`pip install "tb-animate[{extra}]"`' in str(raised.value)


# On S3, as moto speaks it.


@pytest.fixture(scope="module")
def storage() -> Iterator[object_storage.Storage]:
    with object_storage.serving() as running:
        yield running


@pytest.fixture
def s3(storage: object_storage.Storage, monkeypatch: pytest.MonkeyPatch) -> object_storage.Storage:
    for name, value in storage.environment.items():
        monkeypatch.setenv(name, value)
    return storage


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "tb_animate.cli", *arguments]
    return subprocess.run(line, cwd=servers.ROOT, capture_output=True, text=True, check=False)


def test_the_command_line_on_s3(
    s3: object_storage.Storage, logdir: Logdir, tmp_path: pathlib.Path
) -> None:
    url = s3.upload(logdir.path, "all")
    far, near = (command("list", place, "--json") for place in (url, str(logdir.path)))
    assert (far.returncode, far.stderr) == (0, "")
    assert json.loads(far.stdout) == json.loads(near.stdout)
    made = []
    for number, place in enumerate((url, str(logdir.path))):
        path = tmp_path / f"{number}.gif"
        done = command("export", place, "--tag", "digits", "-o", str(path))
        assert (done.returncode, done.stderr) == (0, "")
        made.append(path.read_bytes())
    assert made[0] == made[1]
    assert gif_blocks.read(made[0])
    absent = command("list", f"{url}/nothing")
    assert absent.returncode == 2
    assert "There is no log directory" in absent.stderr
    absent = command("list", "s3://other-bucket/logs")
    assert absent.returncode == 2
    assert absent.stderr.count("\n") == 1


def test_on_s3_a_tag_of_large_images_costs_a_tenth_of_the_logs(
    s3: object_storage.Storage, tmp_path: pathlib.Path
) -> None:
    large(tmp_path / "run")
    total = sum(path.stat().st_size for path in tmp_path.rglob("*tfevents*"))
    url = s3.upload(tmp_path, "large")
    before = s3.counted()
    done = command("list", url)
    assert str(LARGE_FRAMES) in done.stdout
    counted = s3.counted()
    assert 0 < counted.sent - before.sent < 0.1 * total


@pytest.mark.parametrize("scheme", ["s3", "file"])
def test_in_tensorboard_the_tab_has_every_frame(
    s3: object_storage.Storage, logdir: Logdir, tmp_path: pathlib.Path, scheme: str
) -> None:
    (tmp_path / "sitecustomize.py").write_text(object_storage.NO_TENSORFLOW)
    url = s3.upload(logdir.path, "tab") if scheme == "s3" else logdir.path.as_uri()
    with servers.tensorboard(url, pythonpath=[tmp_path]) as server:
        content = server.listing()
        assert content["warnings"] == []
        assert content["runs"] == sorted(logdir.runs)
        found = {(one["run"], one["tag"]): one for one in content["series"]}
        assert found.keys() == logdir.tags().keys()
        for key, logged in logdir.tags().items():
            assert found[key]["complete"]
            answer = server.animate("frames", series=found[key]["id"])
            frames = msgpack.unpackb(answer.body)["frames"]
            assert [frame["step"] for frame in frames] == logged.steps
            for frame, expected in zip(frames, logged.samples, strict=True):
                assert None in expected or frame["data"] == expected


def test_without_the_extra_tensorboards_sample_is_played(
    s3: object_storage.Storage, logdir: Logdir, tmp_path: pathlib.Path
) -> None:
    hidden = '\nsys.modules["s3fs"] = sys.modules["fsspec"] = None\n'
    (tmp_path / "sitecustomize.py").write_text(object_storage.NO_TENSORFLOW + hidden)
    url = s3.upload(logdir.path, "sampled")
    with servers.tensorboard(url, pythonpath=[tmp_path]) as server:

        def listed() -> Any:
            content = server.animate("series").json()
            return content if len(content["series"]) == len(logdir.tags()) else None

        content = servers.until(listed, "TensorBoard has read the logs")
        (warning,) = content["warnings"]
        assert 'pip install "tb-animate[s3]"' in warning["message"]
        assert "only the frames that TensorBoard keeps are shown" in warning["message"]
        (digits,) = (one for one in content["series"] if one["tag"] == "digits")
        assert digits["frames"] == 10
        assert not digits["complete"]
