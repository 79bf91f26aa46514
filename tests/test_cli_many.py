"""Many clips in one command: which they are, what they are called, and what becomes of them."""

from __future__ import annotations

import os
import pathlib
import signal
import subprocess
import sys
from collections.abc import Sequence

import psutil
import pytest

import event_bytes as eb
import gif_blocks
import logs
import servers
from memory_source import MemorySource, flat, images
from tb_animate import batch, cli, crew, errors, params, sources
from tb_animate.batch import Clip

SLOW = ("--width", "2000", "--tween", "4")
"""Seconds for a clip of a few frames."""


def source_of(*places: tuple[str, str]) -> MemorySource:
    """A source with two frames of each (tag, run)."""
    frames = {0: [flat(0)], 10: [flat(200)]}
    return MemorySource([images(frames, tag=tag, run=run) for tag, run in places])


SOME = [("a", "x"), ("a", "y"), ("b/c", "x"), ("b/d", "y")]


@pytest.mark.parametrize(
    ("output", "tags", "runs", "expected"),
    [
        (
            "{tag}.gif",
            [],
            [],
            [("a", "x y", "a.gif"), ("b/c", "x", "b-c.gif"), ("b/d", "y", "b-d.gif")],
        ),
        ("{run}.gif", ["a"], [], [("a", "x", "x.gif"), ("a", "y", "y.gif")]),
        (
            "p/{run}-{tag}.gif",
            ["b/*"],
            [],
            [("b/c", "x", "p/x-b-c.gif"), ("b/d", "y", "p/y-b-d.gif")],
        ),
        ("{tag}.gif", ["b/d", "a"], ["y"], [("a", "y", "a.gif"), ("b/d", "y", "b-d.gif")]),
        ("{tag}.gif", [], ["x*"], [("a", "x", "a.gif"), ("b/c", "x", "b-c.gif")]),
    ],
)
def test_a_pattern_stands_for_clips(
    output: str, tags: list[str], runs: list[str], expected: list[tuple[str, str, str]]
) -> None:
    found = batch.choose(source_of(*SOME), output, tags, runs, None)
    assert found == [Clip(tag, tuple(those.split()), path) for tag, those, path in expected]


def test_names_are_safe_and_their_own() -> None:
    odd = ["a/b", "a:b", "../x", "..", "A-b", "\N{SNOWMAN}", "{tag}"]
    found = batch.choose(source_of(*((tag, "r") for tag in odd)), "d/{tag}.gif", [], [], None)
    names = {clip.tag: clip.path for clip in found}
    assert all(os.path.dirname(path) == "d" for path in names.values())
    assert len({path.casefold() for path in names.values()}) == len(odd)
    assert names["../x"] == "d/x.gif"
    assert names["{tag}"] == "d/tag.gif"
    assert sorted(names[tag] for tag in ("a/b", "a:b")) == ["d/a-b-2.gif", "d/a-b-3.gif"]


def test_brackets_stand_for_themselves() -> None:
    source = source_of(("w[0]/a", "r"), ("w[0]/b", "r"), ("w0/a", "r"), ("w[0]/a\nb", "r"))
    found = batch.choose(source, "{tag}.gif", ["w[0]/*"], [], None)
    assert sorted(clip.tag for clip in found) == ["w[0]/a", "w[0]/a\nb", "w[0]/b"]
    with pytest.raises(errors.NotFound):
        batch.choose(source, "{tag}.gif", ["w?/a"], [], None)


def test_a_tag_with_a_star_is_itself() -> None:
    found = batch.choose(source_of(("a*", "r"), ("ab", "r")), "{tag}.gif", ["a*"], [], None)
    assert [clip.tag for clip in found] == ["a*"]


@pytest.mark.parametrize(
    ("output", "tags", "message"),
    [
        ("clip.gif", [], "No tag is given"),
        ("clip.gif", ["a", "b"], "2 tags are given"),
        ("{run}.gif", [], "put {tag} into the name"),
        ("{run}/clip.gif", ["a"], "not of its folder"),
        ("no such folder/{tag}.gif", [], "make it first"),
        ("{tag}.avi", [], "'.avi'"),
    ],
)
def test_outputs_that_do_not_go(output: str, tags: Sequence[str], message: str) -> None:
    with pytest.raises(errors.AnimateError) as raised:
        batch.check(output, tags)
    assert message in str(raised.value)


def test_what_stands_for_nothing_is_said() -> None:
    with pytest.raises(errors.NotFound, match="Did you mean 'b/c'"):
        batch.choose(source_of(*SOME), "{tag}.gif", ["b/cc"], [], None)
    with pytest.raises(errors.NotFound, match=r"no run 'z'\. The runs are 'x', 'y'"):
        batch.choose(source_of(*SOME), "{tag}.gif", [], ["z"], None)
    with pytest.raises(errors.NotFound, match="Nothing"):
        batch.choose(MemorySource(), "{tag}.gif", [], [], None)


def test_clips_that_fail_are_told_and_the_others_kept(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    frames = {0: [flat(0)], 10: [flat(200)]}
    several = {step: shown * 3 for step, shown in frames.items()}
    made = MemorySource([images(frames, tag=tag) for tag in ("one", "other")])
    made.indexes |= MemorySource([images(several, tag="several")]).indexes
    monkeypatch.setattr(sources, "open_logdir", lambda logdir, wanted: made)
    output = str(tmp_path / "{tag}.gif")
    status = cli.main(["export", "logs", "-o", output, "--sample", "2"])
    out, err = capsys.readouterr()
    assert (status, out) == (2, "")
    assert os.listdir(tmp_path) == ["several.gif"]
    told = err.splitlines()
    assert [line.partition(" · ")[0] for line in told] == ["tb-animate: one", "tb-animate: other"]
    assert all("sample" in line for line in told)


@pytest.mark.parametrize("jobs", ["0", "65", "1.5", "x", "-1", "00640", "9" * 5000])
def test_numbers_of_jobs(capsys: pytest.CaptureFixture[str], jobs: str) -> None:
    with pytest.raises(SystemExit) as raised:
        cli.main(["export", "logs", "-o", "{tag}.gif", f"--jobs={jobs}"])
    assert raised.value.code == 2
    assert "whole number from 1 to 64" in capsys.readouterr().err


@pytest.mark.parametrize(("jobs", "number"), [("1", 1), ("64", 64), ("0004", 4)])
def test_numbers_of_jobs_are_taken_as_they_are_read(jobs: str, number: int) -> None:
    assert cli._jobs(jobs) == number


# Processes, on real logs


@pytest.fixture(scope="module")
def logdir(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    path = tmp_path_factory.mktemp("real")
    for run in ("one", "two"):
        logs.write_old_style(path / run, tag="digits", frames=12)
        logs.write_old_style(path / run, tag="more/digits", frames=8, every=5)
    eb.write(path / "two", [eb.event(1, eb.tf1_image("broken", b"no picture"))])
    return path


def start(*arguments: str | os.PathLike[str]) -> subprocess.Popen[str]:
    """The command, as the leader of a group of processes, as a terminal starts it."""
    return subprocess.Popen(
        [sys.executable, "-m", "tb_animate.cli", "export", *map(os.fspath, arguments)],
        cwd=servers.ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def test_jobs_make_the_same_files(logdir: pathlib.Path, tmp_path: pathlib.Path) -> None:
    found = []
    for jobs in ("1", "3"):
        folder = tmp_path / jobs
        folder.mkdir()
        process = start(logdir, "-o", folder / "{run}-{tag}.gif", "--jobs", jobs)
        assert process.communicate(timeout=120) == ("", "")
        assert process.returncode == 0
        found.append({path.name: path.read_bytes() for path in folder.iterdir()})
    assert found[0] == found[1]
    assert sorted(found[0]) == [
        "one-digits.gif",
        "one-more-digits.gif",
        "two-broken.gif",
        "two-digits.gif",
        "two-more-digits.gif",
    ]
    assert len(gif_blocks.read(found[1]["one-digits.gif"]).delays) == 12


def unfinished(folder: pathlib.Path, count: int) -> bool:
    return len(list(folder.glob(".tb-animate-*.part"))) == count


def test_ctrl_c_stops_all(logdir: pathlib.Path, tmp_path: pathlib.Path) -> None:
    process = start(logdir, "-o", tmp_path / "{run}-{tag}.gif", "--tag=*digits", "--jobs=2", *SLOW)
    servers.until(lambda: unfinished(tmp_path, 2), "two clips are being written")
    family = psutil.Process(process.pid).children(recursive=True)
    os.killpg(process.pid, signal.SIGINT)
    assert process.communicate(timeout=60) == ("", "")
    assert process.returncode == 130
    _, alive = psutil.wait_procs(family, timeout=30)
    assert not alive
    assert os.listdir(tmp_path) == []


def test_processes_that_do_not_end_in_time_leave_nothing(
    logdir: pathlib.Path, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crew, "_GRACE_SECONDS", 0.1)
    spec = params.from_values({"width": 2000, "tween": 4})
    clips = [Clip("digits", (run,), str(tmp_path / f"{run}.gif")) for run in ("one", "two")]
    family: list[psutil.Process] = []

    def interrupted(ends: object) -> None:
        servers.until(lambda: unfinished(tmp_path, 2), "two clips are being written")
        family.extend(psutil.Process().children())
        for process in family:
            process.suspend()
        raise KeyboardInterrupt

    monkeypatch.setattr(crew.multiprocessing.connection, "wait", interrupted)
    with pytest.raises(KeyboardInterrupt):
        list(crew.run(batch.Order(str(logdir), None, (), spec), clips, 2))
    assert len(family) >= 2
    assert list(tmp_path.iterdir()) == []


def test_a_process_that_is_killed_takes_one_clip_along(
    logdir: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    process = start(logdir, "-o", tmp_path / "{run}.gif", "--tag=digits", "--jobs=2", *SLOW)
    servers.until(lambda: unfinished(tmp_path, 2), "two clips are being written")
    workers = [
        child
        for child in psutil.Process(process.pid).children()
        if "resource_tracker" not in " ".join(child.cmdline())
    ]
    assert len(workers) == 2
    workers[0].kill()
    out, err = process.communicate(timeout=120)
    assert (process.returncode, out, err.count("\n")) == (2, "", 1)
    assert "Its process ended (-9)." in err
    (made,) = tmp_path.iterdir()
    assert gif_blocks.read(made.read_bytes()).size[0] == 2000
