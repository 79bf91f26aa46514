"""Modules that lie in the working directory, which may be that of the logs, are never executed."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys

import numpy as np
import pytest

import event_bytes as eb
import logs
from tb_animate import processes
from tb_animate.projection import joint
from tb_animate.sources import apart

NEEDED = ("h5py", "numpy", "scipy", "sitecustomize", "sklearn", "tb_animate", "usercustomize")
"""Besides the standard library's: what our processes import, or Python by itself."""


@pytest.fixture
def executed(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    """A file that is written when one of the working directory's modules is executed."""
    mark = tmp_path / "executed"
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    for name in {*sys.stdlib_module_names, *NEEDED}:
        leave = f"open({os.fspath(mark)!r}, 'a').write({name!r} + '\\n')\n"
        (foreign / f"{name}.py").write_text(leave)
    monkeypatch.chdir(foreign)
    return mark


def test_checkpoints_are_read_where_modules_lie(executed: pathlib.Path) -> None:
    import h5py

    name = "ckpt-1.weights.h5"
    with h5py.File(name, "w") as file:
        file.create_dataset("layers/embedding/vars/0", data=np.eye(3))
    reader = apart.Apart("tb_animate.sources.hdf5")
    try:
        answer, _ = reader.ask({"path": name})
    finally:
        reader.close()
    assert [layer for layer, _ in answer["layers"]] == ["layers/embedding"]
    assert not executed.exists(), executed.read_text()


def test_points_are_laid_out_where_modules_lie(executed: pathlib.Path) -> None:
    rows = np.random.default_rng(0).normal(size=(20, 3)).astype(np.float32)
    assert np.isfinite(joint.layout(rows, rows[:, :2], lambda done: None)).all()
    assert not executed.exists(), executed.read_text()


def test_jobs_make_clips_where_modules_lie(executed: pathlib.Path, tmp_path: pathlib.Path) -> None:
    data = logs.encode(logs.picture(0))
    for run in ("one", "two"):
        events = [eb.event(step, eb.tf1_image("a", data)) for step in range(2)]
        eb.write(pathlib.Path(run), events)
    # As the installed command, which looks for modules where it lies itself.
    command = tmp_path / "tb-animate"
    command.write_text("import sys\nfrom tb_animate.cli import main\nsys.exit(main())\n")
    process = subprocess.run(
        [
            sys.executable,
            command,
            "export",
            ".",
            "-o",
            tmp_path / "{run}.gif",
            "--tag",
            "a",
            "--jobs=2",
        ],
        env=processes.environment(),
        capture_output=True,
        text=True,
    )
    assert (process.returncode, process.stdout, process.stderr) == (0, "", "")
    assert sorted(path.name for path in tmp_path.glob("*.gif")) == ["one.gif", "two.gif"]
    assert not executed.exists(), executed.read_text()
