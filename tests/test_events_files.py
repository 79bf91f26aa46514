"""Log directories, as TensorBoard's flags name them, and the files in them."""

from __future__ import annotations

import os
import pathlib

import pytest

import event_bytes as eb
import logs
from tb_animate.model import LogWarning, Wanted
from tb_animate.sources import events, files
from tb_animate.sources.files import discover

with logs.quiet():
    from tensorboard.backend.event_processing import data_ingester

WANTED = [Wanted("image", "images", leading=2)]


@pytest.mark.parametrize(
    "spec",
    [
        "/logs",
        "logs/deep",
        "a:/logs",
        "a:/one,b:/two",
        "a:/one,/two,c:three",
        "/with:colon,b:/with:colon",
        "a:/same,b:/same",
        ":/unnamed",
        "a:",
        "a:/one,",
        "~/logs,a:~/other",
        "C:\\logs,D:/logs",
        "gs://bucket",
        "a:s3://bucket/x",
        "/local,b:hdfs://x",
        "C3.x://y",
    ],
)
def test_logdir_spec_is_read_as_by_tensorboard(spec: str) -> None:
    expected = data_ingester._parse_event_files_spec(spec)
    found = {root.path: root.name for root in events.roots("", spec)}
    assert found == {path: name or None for path, name in expected.items()}


def test_logdir_is_one_path_whatever_is_in_it() -> None:
    assert events.roots("a:/b,c:/d") == [events.Root(None, "a:/b,c:/d")]
    assert events.roots("~/logs", "x:/other") == [events.Root(None, os.path.expanduser("~/logs"))]
    assert events.roots("", "") == []


def test_names_of_a_spec_come_before_those_of_runs(tmp_path: pathlib.Path) -> None:
    """As the Python multiplexer, which is what reads a `--logdir_spec`, names them."""
    content = [eb.event(1, eb.tf1_image("a", b"x"))]
    eb.write(tmp_path / "one", content)
    eb.write(tmp_path / "one" / "train", content)
    eb.write(tmp_path / "two" / "val", content)
    spec = f"first:{tmp_path}/one,{tmp_path}/two"
    source = events.EventSource(events.roots("", spec), WANTED)
    assert source.wait(60)
    assert source.runs() == ["first/.", "first/train", "val"]
    assert source.warnings() == []
    source.close()


def test_of_two_runs_of_one_name_the_last_is_shown(tmp_path: pathlib.Path) -> None:
    for directory in ("one", "two"):
        image = eb.tf1_image(directory, b"x")
        eb.write(tmp_path / directory / "train", [eb.event(1, image)])
    source = events.EventSource(events.roots("", f"{tmp_path}/one,{tmp_path}/two"), WANTED)
    assert source.wait(60)
    assert [one.tag for one in source.series()] == ["two"]
    (warning,) = source.warnings()
    assert warning.run == "train"
    assert "--logdir_spec" in warning.message
    source.close()


def test_a_directory_that_does_not_exist_yet(tmp_path: pathlib.Path) -> None:
    source = events.EventSource(events.roots(str(tmp_path / "later" / "logs")), WANTED)
    assert source.wait(60)
    assert (source.runs(), source.series(), source.warnings()) == ([], [], [])
    eb.write(tmp_path / "later" / "logs" / "run", [eb.event(1, eb.tf1_image("a", b"x"))])
    assert source.wait(60)
    assert source.runs() == ["run"]
    source.close()


def test_a_file_is_no_log_directory(tmp_path: pathlib.Path) -> None:
    path = eb.write(tmp_path, [eb.event(1, eb.tf1_image("a", b"x"))])
    assert list(discover(events.Root(None, str(path)))) == []


def test_a_directory_that_cannot_be_listed(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    eb.write(tmp_path / "open", [eb.event(1, eb.tf1_image("a", b"x"))])
    eb.write(tmp_path / "shut", [eb.event(1, eb.tf1_image("a", b"x"))])
    real = os.scandir

    def scandir(path: str) -> object:
        # Tests may run as root, whom no mode keeps out.
        if path.endswith("shut"):
            raise PermissionError(13, "Permission denied", path)
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    source = events.EventSource(events.roots(str(tmp_path)), WANTED)
    assert source.wait(60)
    assert source.runs() == ["open"]
    (warning,) = source.warnings()
    assert warning.file == "shut"
    assert "Permission denied" in warning.message
    source.close()


def test_names_that_are_not_utf8(tmp_path: pathlib.Path) -> None:
    directory = os.path.join(os.fsencode(tmp_path), b"caf\xe9")
    os.mkdir(directory)
    path = os.path.join(directory, b"\xff.tfevents")
    with open(path, "wb") as file:
        file.write(eb.event(1, eb.tf1_image("a", b"x")) + b"\0" * 16)
    source = events.EventSource(events.roots(str(tmp_path)), WANTED)
    assert source.wait(60)
    (one,) = source.series()
    assert one.run == "caf\ufffd"
    assert [frame.data for frame in source.open(one.id).read([0])] == [(b"4", b"5", b"x")]
    (warning,) = source.warnings()
    assert warning.file == "caf\ufffd/\ufffd.tfevents"
    source.close()


def test_folders_that_link_to_each_other_end_the_search(tmp_path: pathlib.Path) -> None:
    """Ten have some ten million paths; TensorBoard's own search goes through each."""
    names = "abcdefghij"
    for name in names:
        eb.write(tmp_path / name, [eb.event(1, eb.tf1_image("a", b"x"))])
        for other in names.replace(name, ""):
            (tmp_path / name / other).symlink_to(tmp_path / other)
    found = list(discover(events.Root(None, str(tmp_path))))
    runs = {one.run for one in found if not isinstance(one, LogWarning)}
    near = {f"{one}/{other}" for one in names for other in names if one != other}
    # What there is without links, or behind one, is there whatever else there is.
    assert {*names, *near} <= runs
    assert len(runs) == len(names) * (1 + 9 + files.MAX_PLACES)
    (warning,) = (one for one in found if isinstance(one, LogWarning))
    assert os.path.islink(tmp_path / warning.file)
    assert "256 places" in warning.message
    assert "remove" in warning.message


def test_what_many_folders_link_to_is_in_each_of_them(tmp_path: pathlib.Path) -> None:
    eb.write(tmp_path / "far" / "base", [eb.event(1, eb.tf1_image("a", b"x"))])
    expected = {"far/base"}
    for number in range(files.MAX_PLACES):
        (tmp_path / "runs" / str(number)).mkdir(parents=True)
        (tmp_path / "runs" / str(number) / "base").symlink_to(tmp_path / "far" / "base")
        expected.add(f"runs/{number}/base")
    (tmp_path / "latest").symlink_to("runs/7")
    found = list(discover(events.Root(None, str(tmp_path))))
    assert {one.run for one in found} == {*expected, "latest/base"}
