"""What goes wrong around a running TensorBoard: disks, rights, clocks, files that change."""

from __future__ import annotations

import contextlib
import errno
import functools
import io
import os
import pathlib
import socket
import tempfile
import threading
import time
import urllib.parse
from collections.abc import Iterator
from typing import IO, Any

import numpy as np
import psutil
import pytest
from PIL import Image

import event_bytes as eb
import logs
import servers
from memory_source import MemorySource, flat, images
from sites import Site, plain
from tb_animate import api, cli, scratch
from tb_animate.model import Wanted, series_id
from tb_animate.sources import events, projector_files
from tb_animate.sources.projector import ProjectorSource

WANTED = [Wanted("image", "images", leading=2)]

NOBODY = 65534  # a user without rights, where tests run as root

# --- a disk that is full ----------------------------------------------------------------


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> list[IO[bytes]]:
    """Temporary files lie on a device without room; those that were opened."""
    opened: list[IO[bytes]] = []

    def temporary(mode: str = "w+b", buffering: int = -1, **kwargs: Any) -> IO[bytes]:
        opened.append(open("/dev/full", mode, buffering))  # noqa: SIM115
        return opened[-1]

    monkeypatch.setattr(tempfile, "TemporaryFile", temporary)
    # Small clips come to be on disk, too.
    monkeypatch.setattr(scratch, "_MEMORY", 1)
    return opened


FULL = [{"format": "webp"}, {"format": "gif", "max_bytes": "1MB"}, {"format": "gif"}]


@pytest.mark.parametrize("query", FULL, ids=["webp", "made to fit", "gif"])
def test_a_clip_without_room_is_a_sentence_and_leaves_nothing(
    tmp_path: pathlib.Path, full: list[IO[bytes]], query: dict[str, str]
) -> None:
    logs.write_old_style(tmp_path / "run", tag="plain", frames=6)
    site = Site(tmp_path)
    series = series_id("run", "plain", "image")
    before = threading.active_count()
    said = plain(site.get("clip", series=series, token="mine", **query), 507)
    assert "no room" in said
    assert tempfile.gettempdir() in said
    assert "TMPDIR" in said
    assert site.plugin._exports.count() == 0
    assert full
    assert all(file.closed for file in full)
    servers.until(lambda: threading.active_count() <= before, "its threads have ended")
    # The page does without temporary files.
    assert site.get("frames", series=series).status_code == 200


def test_the_command_line_says_that_there_is_no_room(
    tmp_path: pathlib.Path,
    full: list[IO[bytes]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    source = MemorySource([images({step: [flat(step)] for step in range(6)})])
    monkeypatch.setattr(api, "open_source", lambda logdir: source)
    target = tmp_path / "clip.webp"
    assert cli.main(["export", "logs", "--tag", "generated", "-o", str(target)]) == cli.BAD
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "TMPDIR" in said
    assert os.listdir(tmp_path) == []


def test_points_are_shown_without_room_to_keep_them(
    tmp_path: pathlib.Path, full: list[IO[bytes]]
) -> None:
    clouds = logs.clouds(3)  # fewer bytes than Python holds back before it writes
    logs.write_add_embedding(tmp_path / "run", clouds)
    source = ProjectorSource(events.roots(str(tmp_path)), [Wanted("cloud", "animate", points=True)])
    assert source.wait(60)
    index = source.open(series_id("run", "default", "cloud"))
    for _ in range(2):
        for frame, points in zip(index.read([0, 1, 2]), clouds, strict=True):
            assert frame.error is None
            np.testing.assert_array_equal(frame.data, points)
    assert full


def test_kept_points_that_cannot_be_read_are_read_anew(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[IO[bytes]] = []
    temporary = tempfile.TemporaryFile

    def kept(*args: Any, **kwargs: Any) -> IO[bytes]:
        opened.append(temporary(*args, **kwargs))
        return opened[-1]

    monkeypatch.setattr(tempfile, "TemporaryFile", kept)
    clouds = logs.clouds(2)
    logs.write_add_embedding(tmp_path / "run", clouds)
    source = ProjectorSource(events.roots(str(tmp_path)), [Wanted("cloud", "animate", points=True)])
    assert source.wait(60)
    index = source.open(series_id("run", "default", "cloud"))
    for _ in range(2):
        for frame, points in zip(index.read([0, 1]), clouds, strict=True):
            assert frame.error is None
            np.testing.assert_array_equal(frame.data, points)
        folder = os.open(tmp_path, os.O_RDONLY)
        os.dup2(folder, opened[0].fileno())
        os.close(folder)
    assert len(opened) == 1


def test_a_snapshot_that_fails_in_any_way_is_a_broken_frame(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(path: str, shape: Any) -> Any:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(projector_files, "read_points", fails)
    logs.write_add_embedding(tmp_path / "run", logs.clouds(1))
    source = ProjectorSource(events.roots(str(tmp_path)), [Wanted("cloud", "animate", points=True)])
    assert source.wait(60)
    (frame,) = source.open(series_id("run", "default", "cloud")).read([0])
    assert frame.data is None
    assert "Step 0 cannot be shown: " in str(frame.error)


# --- rights -----------------------------------------------------------------------------


@contextlib.contextmanager
def without_rights() -> Iterator[pathlib.Path]:
    """A folder, and meanwhile a user whom modes keep out: they do not keep out root."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        user = os.geteuid()
        if user == 0:
            os.chown(folder, NOBODY, -1)
            os.seteuid(NOBODY)
        try:
            yield folder
        finally:
            os.seteuid(user)


def test_a_file_that_may_no_longer_be_read_and_may_again() -> None:
    with without_rights() as folder:
        record = functools.partial(eb.tf1_image, "a")
        shut = eb.write(folder / "shut", [eb.event(step, record(b"x")) for step in range(3)])
        eb.write(folder / "open", [eb.event(step, record(b"y")) for step in range(3)])
        source = events.EventSource(events.roots(str(folder)), WANTED)
        assert source.wait(60)
        one, other = (source.open(series_id(run, "a", "image")) for run in ("shut", "open"))
        shut.chmod(0)
        (frame,) = one.read([1])
        assert frame.data is None
        assert "Permission denied" in str(frame.error)
        assert [frame.data for frame in other.read([1])] == [(b"4", b"5", b"y")]
        # What it grows by meanwhile is not known, which is said.
        os.utime(shut, (1, 1))
        assert source.wait(60)
        (warning,) = source.warnings()
        assert (warning.run, warning.file) == ("shut", "shut/1.tfevents")
        assert "cannot be opened: Permission denied" in warning.message
        assert [series.frames for series in source.series()] == [3, 3]
        shut.chmod(0o644)
        assert source.wait(60)
        assert source.warnings() == []
        assert [frame.data for frame in one.read([1])] == [(b"4", b"5", b"x")]
        source.close()


# --- clocks -----------------------------------------------------------------------------


def test_growth_is_seen_whatever_the_clock_that_dates_the_file(tmp_path: pathlib.Path) -> None:
    records = [eb.event(step, eb.tf1_image("a", b"x")) for step in range(4)]
    path = eb.write(tmp_path, records[:1])
    source = events.EventSource(events.roots(str(tmp_path)), WANTED)
    for count, moved in enumerate((0, -86_400, 86_400, -(10**9)), start=1):
        path.write_bytes(b"".join(records[:count]))
        os.utime(path, (time.time() + moved,) * 2)
        assert source.wait(60)
        assert [series.frames for series in source.series()] == [count]
    source.close()


def test_a_clock_that_jumps_changes_neither_what_is_kept_nor_clips(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jumps = iter([(-1) ** n * 10.0**9 for n in range(10**6)])
    now = time.time
    logs.write_old_style(tmp_path / "run", tag="plain", frames=6)
    site = Site(tmp_path)
    series = series_id("run", "plain", "image")
    before = site.get("clip", series=series).data
    monkeypatch.setattr(time, "time", lambda: now() + next(jumps))
    logs.write_old_style(tmp_path / "later", tag="plain", frames=3)
    assert len(site.get("series").json["series"]) == 2
    clip = site.get("clip", series=series)
    assert clip.data == before
    with Image.open(io.BytesIO(clip.data)) as image:
        assert image.n_frames == 6
    assert site.plugin._exports.count() == 0


# --- a clip that is being planned ---------------------------------------------------------


def test_a_client_that_leaves_while_a_clip_is_planned_ends_that_within_a_second(
    tmp_path: pathlib.Path,
) -> None:
    """A projection of this size takes minutes."""
    snapshots = logs.clouds(8, points=3000, dims=30)
    logs.write_add_embedding(tmp_path / "run", snapshots)
    with servers.tensorboard(tmp_path) as server:
        (series,) = server.listing()["series"]
        query = {"series": series["id"], "method": "tsne", "token": "plans"}
        path = "/data/plugin/animate/clip?" + urllib.parse.urlencode(query)

        def told() -> int:
            return server.animate("progress", token="plans").status

        def busy() -> bool:
            """Whether there is the process that lays out the points."""
            children = psutil.Process(server.pid).children(recursive=True)
            with contextlib.suppress(psutil.NoSuchProcess):
                return any("tb_animate.projection.joint" in one.cmdline() for one in children)
            return False

        with socket.create_connection(("localhost", server.port), timeout=30) as client:
            client.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            servers.until(lambda: told() == 200 and busy(), "the projection is being computed")
        servers.until(lambda: told() == 204, "the export has ended", 1)
        servers.until(lambda: not busy(), "and nothing goes on in secret", 1)
        assert "Traceback" not in server.log
