"""The command line and the Python functions, on sources in memory and on real logs."""

from __future__ import annotations

import errno
import io
import json
import os
import pathlib
import pty
import re
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import pytest

import gif_blocks
import logs
import servers
import tb_animate
from decoders import decode
from memory_source import MemoryIndex, MemorySource, flat, images, incomplete, points
from tb_animate import api, cli, errors, saving, sources
from tb_animate.model import Frame, LogWarning

Run = tuple[int, str, str]


class Logs:
    """Commands on a source in memory, in an empty folder."""

    def __init__(self, path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.path = path
        self.source = MemorySource()
        self._capsys = capsys

    def run(self, *arguments: str) -> Run:
        status = cli.main(arguments)
        out, err = self._capsys.readouterr()
        return status, out, err

    def fails(self, *arguments: str) -> str:
        """The one line of a command that must fail and leave nothing behind."""
        before = sorted(self.path.rglob("*"))
        status, out, err = self.run(*arguments)
        assert (status, out) == (2, "")
        assert err.startswith("tb-animate: ")
        assert err.endswith("\n")
        assert err.count("\n") == 1
        assert sorted(self.path.rglob("*")) == before
        return err

    def export(self, *arguments: str, tag: str = "generated", name: str = "clip.gif") -> Run:
        return self.run("export", "logs", "--tag", tag, "-o", str(self.path / name), *arguments)

    def fails_export(self, *arguments: str, tag: str = "generated", name: str = "clip.gif") -> str:
        output = str(self.path / name)
        return self.fails("export", "logs", "--tag", tag, "-o", output, *arguments)


@pytest.fixture
def memory(
    tmp_path: pathlib.Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Logs:
    made = Logs(tmp_path, capsys)
    frames = {10 * n: [flat(40 * n), flat(40 * n)] for n in range(6)}
    made.source = MemorySource(
        [
            images(frames, run="lr=0.1"),
            images(frames, run="lr=0.2"),
            images({1500: [flat(1)]}, run="lr=0.2", tag="weights"),
        ]
    )
    monkeypatch.setattr(sources, "open_logdir", lambda logdir, wanted: made.source)
    return made


def _broken_off(index: MemoryIndex, error: BaseException) -> MemoryIndex:
    """The same, whose third frame raises while the clip is made, after the plan."""
    whole, fitted = index.read, len(index.steps)

    def read(positions: Iterable[int]) -> Iterator[Frame]:
        for position in positions:
            if len(index.reads) >= fitted + 2:
                raise error
            yield from whole([position])

    index.read = read  # type: ignore[method-assign]
    return index


# list


def test_list(memory: Logs) -> None:
    status, out, err = memory.run("list", "logs")
    assert (status, err) == (0, "")
    assert out.splitlines() == [
        "kind   tag        run     samples  frames  steps  complete",
        "image  generated  lr=0.1        2       6  0\N{EN DASH}50   yes",
        "image  generated  lr=0.2        2       6  0\N{EN DASH}50   yes",
        "image  weights    lr=0.2        1       1  1,500  yes",
    ]


def test_list_as_json(memory: Logs) -> None:
    status, out, _ = memory.run("list", "logs", "--json")
    assert status == 0
    first = json.loads(out)[0]
    expected = {
        "run": "lr=0.1",
        "tag": "generated",
        "kind": "image",
        "samples": 2,
        "frames": 6,
        "first_step": 0,
        "last_step": 50,
        "complete": True,
    }
    assert first == first | expected
    assert first["id"] in memory.source.indexes


def test_list_of_nothing(memory: Logs) -> None:
    memory.source = MemorySource()
    assert memory.run("list", "logs") == (0, "", "")
    status, out, err = memory.run("list", "logs", "--json")
    assert (status, json.loads(out), err) == (0, [], "")


def test_list_tells_warnings(memory: Logs) -> None:
    memory.source = MemorySource(
        [incomplete(images({0: [flat(0)]}, tag="a\nb"), 5)],
        [LogWarning("train", "train/events.1", 1234, "The record is damaged.")],
    )
    status, out, err = memory.run("list", "logs")
    assert status == 0
    assert out.splitlines()[1].split() == ["image", "a\\nb", "train", "1", "1", "0", "no"]
    assert err == "train/events.1 at byte 1,234: The record is damaged.\n"


# export


def test_export(memory: Logs) -> None:
    status, out, err = memory.export("--fps", "20", "--loop", "once", "--run", "lr=0.2")
    assert (status, out, err) == (0, "", "")
    assert os.listdir(memory.path) == ["clip.gif"]
    blocks = gif_blocks.read((memory.path / "clip.gif").read_bytes())
    assert blocks.delays == [5] * 6
    assert blocks.loop is None
    assert blocks.size == (256, 128)


def test_all_runs_or_those_chosen(memory: Logs) -> None:
    def size(*arguments: str) -> tuple[int, int]:
        assert memory.export("--sample", "0", *arguments)[0] == 0
        return gif_blocks.read((memory.path / "clip.gif").read_bytes()).size

    assert size() == (256, 128)
    assert size("--run", "lr=0.1") == (128, 128)
    assert size("--run", "lr=0.2", "--run", "lr=0.1", "--run", "lr=0.2") == (256, 128)


def test_files_have_the_usual_permissions(memory: Logs) -> None:
    plain = memory.path / "plain"
    plain.write_bytes(b"")
    memory.export()
    assert (memory.path / "clip.gif").stat().st_mode == plain.stat().st_mode


def test_an_export_replaces_what_a_link_points_to(memory: Logs) -> None:
    (memory.path / "real.gif").write_bytes(b"old")
    (memory.path / "clip.gif").symlink_to("real.gif")
    assert memory.export()[0] == 0
    assert (memory.path / "clip.gif").is_symlink()
    assert (memory.path / "real.gif").read_bytes().startswith(b"GIF89a")


def test_export_tells_what_is_missing(memory: Logs) -> None:
    memory.source = MemorySource(
        [incomplete(images({0: [flat(0)]}), 5)],
        [
            LogWarning("train", "train/events.1", 7, "Damaged."),
            LogWarning("other", "other/events.1", 7, "Damaged."),
        ],
    )
    status, _, err = memory.export()
    assert status == 0
    assert err == "train/events.1 at byte 7: Damaged.\ntrain: 1 of 5 logged frames could be read.\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--fps", "nan"), "--fps is 'nan'; it must be a number from 0.1 to 60."),
        (("--fps", "60"), "lower fps"),
        (("--sample", "2"), "2 samples"),
        (("--start-step", "51"), "0 to 50"),
        (("--kind", "imagine"), "'imagine'"),
        (("--run", "lr=0.3"), "The run 'lr=0.3' does not exist. Did you mean 'lr="),
        (("--run", "scalars only"), "lacks the tag 'generated'. The runs are 'lr=0.1', 'lr=0.2'."),
    ],
)
def test_what_cannot_be_exported(memory: Logs, arguments: Sequence[str], message: str) -> None:
    assert message in memory.fails_export(*arguments)


def test_unknown_tags(memory: Logs) -> None:
    assert "Did you mean 'generated'?" in memory.fails_export(tag="generatd")
    assert "The tags are 'generated', 'weights'." in memory.fails_export(tag="\n")
    memory.source = MemorySource()
    assert "Nothing that can be played" in memory.fails_export()
    memory.source = MemorySource([images({0: [flat(0)]}, tag=f"t{n}") for n in range(20)])
    assert "and 12 more." in memory.fails_export(tag="unlike")


def test_a_tag_of_several_kinds(memory: Logs) -> None:
    both = [images({0: [flat(0)]}), images({0: [flat(0)]}, kind="histogram")]
    memory.source = MemorySource(both)
    assert "as histogram and as image; choose" in memory.fails_export()
    assert memory.export("--kind", "image")[0] == 0


def test_a_value_that_begins_with_a_dash(memory: Logs, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        memory.export("--camera", "-0.5,0,2,35,20")
    assert "begins with a dash, write --camera=VALUE" in capsys.readouterr().err


def test_a_tag_that_another_run_logs_as_another_kind(memory: Logs) -> None:
    memory.source = MemorySource(
        [images({0: [flat(0)]}, run="a"), images({0: [flat(0)]}, run="b", kind="histogram")]
    )
    assert "as histogram and as image; choose" in memory.fails_export()
    assert memory.export("--run", "a")[0] == 0


def test_bad_targets(memory: Logs) -> None:
    assert ".gif" in memory.fails_export(name="clip.avi")
    assert "does not exist; make it first" in memory.fails_export(name="no/such/clip.gif")
    (memory.path / "folder.gif").mkdir()
    assert "is a folder" in memory.fails_export(name="folder.gif")


def test_a_folder_in_the_place_of_one_of_many_clips(memory: Logs) -> None:
    (memory.path / "weights.gif").mkdir()
    status, _, said = memory.export(tag="weights", name="{tag}.gif")
    assert status == 2
    assert "weights.gif' is a folder; give the name of a file." in said


def test_what_goes_wrong_with_a_file_names_that_file(
    memory: Logs, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(part: pathlib.Path, target: pathlib.Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(part))

    monkeypatch.setattr(pathlib.Path, "replace", full)
    assert "clip.gif': No space left on device." in memory.fails_export()


def test_a_link_to_itself_is_no_file(memory: Logs) -> None:
    (memory.path / "loop.gif").symlink_to("loop.gif")
    said = memory.fails_export(name="loop.gif")
    assert "loop.gif" in said
    assert "fault" not in said


def test_what_is_discarded_may_be_gone_or_no_file(tmp_path: pathlib.Path) -> None:
    (tmp_path / "loop.gif").symlink_to("loop.gif")
    saving.discard(tmp_path / "loop.gif", "a")
    saving.discard(tmp_path / "none.gif", "a")


def test_a_list_that_nobody_reads(memory: Logs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    assert cli.main(["list", "logs"]) == 0


@pytest.mark.parametrize(
    "arguments",
    [(), ("play",), ("export", "logs"), ("list",), ("list", "logs", "--jso"), ("list", "a", "b")],
)
def test_bad_command_lines(capsys: pytest.CaptureFixture[str], arguments: Sequence[str]) -> None:
    with pytest.raises(SystemExit) as raised:
        cli.main(arguments)
    assert raised.value.code == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("error", "status", "lines"),
    [
        (KeyboardInterrupt(), 130, 0),
        (OSError(errno.ENOSPC, "No space left on device"), 2, 1),
        (errors.Busy("Try again."), 2, 1),
        (ZeroDivisionError("of\nours"), 2, 1),
    ],
)
def test_nothing_is_left_of_an_export_that_breaks_off(
    memory: Logs, error: BaseException, status: int, lines: int
) -> None:
    target = memory.path / "clip.gif"
    target.write_bytes(b"what was there")
    memory.source = MemorySource([_broken_off(images({n: [flat(n)] for n in range(6)}), error)])
    found, out, err = memory.export()
    assert (found, out, err.count("\n")) == (status, "", lines)
    assert os.listdir(memory.path) == ["clip.gif"]
    assert target.read_bytes() == b"what was there"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_bar_on_a_terminal_only(memory: Logs, monkeypatch: pytest.MonkeyPatch) -> None:
    assert memory.export()[2] == ""
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    assert memory.export()[0] == 0
    drawn = terminal.getvalue()
    assert "] 0/6 pictures" in drawn
    assert f"[{'#' * 30}] 6/6 pictures" in drawn
    assert drawn.endswith("\r\x1b[K")
    assert "\n" not in drawn


def test_points_are_projected_before_the_pictures_are_drawn(
    memory: Logs, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(0)
    memory.source = MemorySource(
        [points({n: rng.normal(size=(30, 8)) for n in range(4)}, tag="generated")]
    )
    status, _, err = memory.export("--dims=3", "--camera=0,0,1,-30,10", "--trail=2")
    assert (status, err) == (0, "")
    whole = gif_blocks.read((memory.path / "clip.gif").read_bytes())
    assert (whole.size, len(whole.delays)) == ((480, 360), 4)
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    assert memory.export()[0] == 0
    drawn = terminal.getvalue()
    assert re.search(r"\] [\d,]+/[\d,]+ fitted.*\r\x1b\[K.*0/4 pictures", drawn)
    assert "\n" not in drawn


# Python


def test_export_clip(memory: Logs) -> None:
    target = memory.path / "clip.gif"
    tb_animate.export_clip("logs", target, tag="generated", run="lr=0.1", fps=4, sample="all")
    assert gif_blocks.read(target.read_bytes()).delays == [25] * 6
    runs = ["lr=0.2", "lr=0.1"]
    tb_animate.export_clip(
        "logs", str(target), tag="generated", run=runs, kind="image", sample=1, width=None
    )
    assert gif_blocks.read(target.read_bytes()).size == (256, 128)
    with pytest.raises(errors.AnimateError, match="no parameter 'speed'"):
        tb_animate.export_clip("logs", target, tag="generated", speed=2)
    with pytest.raises(errors.AnimateError, match=r"'\.avi'"):
        tb_animate.export_clip("logs", "clip.avi", tag="generated")


def test_runs_come_in_the_order_asked(memory: Logs) -> None:
    found = api.find(memory.source, "generated", ["lr=0.2", "lr=0.1"])
    assert [series.run for series in found] == ["lr=0.2", "lr=0.1"]


def test_list_series(memory: Logs) -> None:
    assert [series.tag for series in tb_animate.list_series("logs")] == [
        "generated",
        "generated",
        "weights",
    ]


def test_too_many_runs_for_one_clip(memory: Logs) -> None:
    memory.source = MemorySource([images({0: [flat(0)]}, run=str(n)) for n in range(65)])
    assert "65 runs have the tag 'generated', and 64" in memory.fails_export()


# Real logs, in a process of its own


@pytest.fixture(scope="module")
def logdir(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    path = tmp_path_factory.mktemp("real")
    logs.write_old_style(path / "one", tag="digits", frames=12)
    logs.write_old_style(path / "two", tag="digits", frames=8, every=5, first=20)
    return path


def _command(*arguments: str | os.PathLike[str]) -> list[str]:
    return [sys.executable, "-m", "tb_animate.cli", *(os.fspath(one) for one in arguments)]


def _process(*arguments: str | os.PathLike[str]) -> Run:
    done = subprocess.run(
        _command(*arguments), capture_output=True, timeout=60, encoding="utf-8", env=_environ()
    )
    return done.returncode, done.stdout, done.stderr


def _environ() -> dict[str, str]:
    root = str(pathlib.Path(tb_animate.__file__).parent.parent)
    return {**os.environ, "PYTHONPATH": root, "PYTHONUTF8": "1"}


def test_real_logs(logdir: pathlib.Path, tmp_path: pathlib.Path) -> None:
    status, out, err = _process("list", logdir, "--json")
    assert (status, err) == (0, "")
    found = {one["run"]: one for one in json.loads(out)}
    assert {run: one["frames"] for run, one in found.items()} == {"one": 12, "two": 8}
    assert all(one["complete"] for one in found.values())
    target = tmp_path / "clip.gif"
    status, out, err = _process("export", logdir, "--tag", "digits", "--run", "one", "-o", target)
    assert (status, out, err) == (0, "", "")
    pictures = decode("gif", target.read_bytes()).pictures
    assert [logs.index_in(picture) for picture in pictures] == list(range(12))


def test_directories_that_are_none(logdir: pathlib.Path, tmp_path: pathlib.Path) -> None:
    file = next((logdir / "one").iterdir())
    for wrong in (tmp_path / "no such", file):
        for command in (
            ("list", wrong),
            ("export", wrong, "--tag", "x", "-o", tmp_path / "clip.gif"),
        ):
            status, out, err = _process(*command)
            assert (status, out, err.count("\n")) == (2, "", 1)
    assert os.listdir(tmp_path) == []
    assert _process("list", tmp_path, "--json") == (0, "[]\n", "")
    assert _process("list", tmp_path) == (0, "", "")


def test_a_reader_that_has_enough(logdir: pathlib.Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        _command("list", logdir), stdout=writing, stderr=subprocess.PIPE, timeout=60, env=_environ()
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")


def test_ctrl_c_on_a_terminal(logdir: pathlib.Path, tmp_path: pathlib.Path) -> None:
    """The bar tells when the file is being written; the interrupt comes then."""
    ours, theirs = pty.openpty()
    command = _command(
        "export", logdir, "--tag", "digits", "-o", tmp_path / "clip.gif",
        "--width", "2000", "--tween", "4",
    )  # fmt: skip
    process = subprocess.Popen(command, stderr=theirs, stdout=theirs, env=_environ())
    os.close(theirs)
    try:
        seen = b""
        while b" 0/" not in seen:
            seen += os.read(ours, 1000)
        process.send_signal(signal.SIGINT)
        while True:
            try:
                more = os.read(ours, 1000)
            except OSError:  # Linux's way to say that the other end is closed
                break
            if not more:
                break
            seen += more
        assert process.wait(30) == 130
    finally:
        process.kill()
        process.wait()
        os.close(ours)
    assert b"Traceback" not in seen
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("more", [(), ("--max-bytes", "1GB")], ids=["streamed", "made to fit"])
def test_a_signal_leaves_no_file_behind(
    logdir: pathlib.Path, tmp_path: pathlib.Path, number: signal.Signals, more: tuple[str, ...]
) -> None:
    command = _command(
        "export", logdir, "--tag", "digits", "-o", tmp_path / "clip.gif",
        "--width", "2000", "--tween", "4", *more,
    )  # fmt: skip
    process = subprocess.Popen(command, stderr=subprocess.PIPE, env=_environ())
    try:
        servers.until(lambda: os.listdir(tmp_path) or process.poll() is not None, "it has begun")
        assert process.poll() is None
        process.send_signal(number)
        _, err = process.communicate(timeout=30)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 128 + number
    assert err == b""
    assert os.listdir(tmp_path) == []


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = (
        "import sys, tb_animate; tb_animate.__version__; "
        "print([m for m in ('numpy', 'PIL', 'imageio', 'tensorboard') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, text=True, env=_environ()
    )
    assert done.stdout.strip() == "[]"


def test_public_names() -> None:
    assert set(tb_animate.__all__) <= set(dir(tb_animate))
    assert tb_animate.list_series is api.list_series
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = tb_animate.nothing
