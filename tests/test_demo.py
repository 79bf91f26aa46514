"""The demo logs what it says: evenly, in all runs, and pictures that change."""

from __future__ import annotations

import json
import pathlib
import subprocess
import sys

import pytest

import tb_animate

ROOT = pathlib.Path(__file__).resolve().parent.parent
TRAIN = ROOT / "demo" / "train.py"
RATES = ("lr=0.0001", "lr=0.001")
FRAMES = 6


def train(logdir: pathlib.Path, *flags: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(TRAIN), "--logdir", str(logdir), "--quick", *flags]
    return subprocess.run(command, capture_output=True, text=True, timeout=300)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    logdir = tmp_path_factory.mktemp("demo") / "logs"
    done = train(logdir)
    assert done.returncode == 0, done.stderr
    return logdir


def test_each_run_has_all_its_images_at_every_step(trained: pathlib.Path) -> None:
    listed = {
        (series.run, series.tag): series
        for series in tb_animate.list_series(trained)
        if series.kind == "image"
    }
    samples = {
        ("train", "generated/digits"): 12,
        ("train", "weights/first_layer"): 16,
        ("validation", "validation/confusion"): 1,
    }
    assert set(listed) == {(f"{rate}/{part}", tag) for rate in RATES for part, tag in samples}
    for (run, tag), series in listed.items():
        assert (series.frames, series.first_step, series.last_step) == (FRAMES, 0, FRAMES - 1)
        assert series.samples == samples[run.rpartition("/")[2], tag]
        assert series.complete


def test_generated_digits_change_and_differ_between_runs(
    trained: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    clips = []
    for rate in RATES:
        path = tmp_path / f"{rate}.gif"
        tb_animate.export_clip(trained, path, tag="generated/digits", run=f"{rate}/train")
        clips.append(path.read_bytes())
    assert clips[0] != clips[1]
    from PIL import Image

    with Image.open(tmp_path / f"{RATES[1]}.gif") as clip:
        assert clip.n_frames == FRAMES  # type: ignore[attr-defined]
        first = clip.convert("RGB").tobytes()
        clip.seek(FRAMES - 1)
        assert clip.convert("RGB").tobytes() != first


def test_only_event_files_lie_in_the_log_directory(trained: pathlib.Path) -> None:
    files = [path for path in trained.rglob("*") if path.is_file()]
    assert files
    assert all(path.name.startswith("events.out.tfevents.") for path in files)
    assert json.loads((trained.parent / "logs.json").read_text())["frames"] == FRAMES


def test_logs_that_are_there_are_not_mixed_with_new_ones(trained: pathlib.Path) -> None:
    before = sorted(trained.rglob("*"))
    done = train(trained)
    assert done.returncode == 2
    assert "is not empty; add --overwrite" in done.stderr
    assert sorted(trained.rglob("*")) == before
