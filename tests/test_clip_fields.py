"""Captions, scalars, measures and direction: the same from HTTP, Python and the command line."""

from __future__ import annotations

import pathlib
from typing import Any

import pytest

import event_bytes
import tb_animate
from decoders import decode
from memory_source import flat
from sites import Site
from tb_animate import cli, errors
from tb_animate.model import series_id

RUNS = ("lr=0.1/train", "lr=0.01/train")
TAG = "bilder/Größe λ"
STEPS = range(0, 60, 10)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """Two runs with pictures and a loss, one with the accuracy in the run beside it."""
    root = tmp_path_factory.mktemp("logs")
    for slow, run in enumerate(RUNS, start=1):
        events = [
            event_bytes.event(
                step,
                event_bytes.tf2_image(TAG, flat(4 * step, (32, 32))),
                event_bytes.scalar("loss", 1 / (1 + step)),
                wall_time=1.7e9 + slow * step,
            )
            for step in STEPS
        ]
        _write(root / run, events)
    events = [
        event_bytes.event(step, event_bytes.scalar("accuracy", step / 60), wall_time=1.7e9 + step)
        for step in range(0, 60, 7)
    ]
    _write(root / "lr=0.1/validation", events)
    return root


def _write(folder: pathlib.Path, events: list[bytes]) -> None:
    folder.mkdir(parents=True)
    name = "events.out.tfevents.1700000000.host"
    (folder / name).write_bytes(event_bytes.version() + b"".join(events))


@pytest.fixture(scope="module")
def site(path: pathlib.Path) -> Site:
    return Site(path)


def _asked(site: Site, runs: tuple[str, ...], **query: Any) -> Any:
    ids = [series_id(run, TAG, "image") for run in runs]
    return site.get("clip", series=ids, **query)


CASES: list[tuple[tuple[str, ...], dict[str, Any], dict[str, Any], list[str]]] = [
    (RUNS, {"caption": "1"}, {"caption": True}, ["--caption"]),
    (
        RUNS[:1],
        {"scalar": ["loss", "accuracy"]},
        {"scalar": ("loss", "accuracy")},
        ["--scalar", "loss", "--scalar", "accuracy"],
    ),
    (
        RUNS,
        {"scalar": "loss", "measure": "time", "caption": "1", "theme": "dark"},
        {"scalar": "loss", "measure": "time", "caption": True, "theme": "dark"},
        ["--scalar=loss", "--measure=time", "--caption", "--theme=dark"],
    ),
    (RUNS, {"measure": "share"}, {"measure": "share"}, ["--measure", "share"]),
    (RUNS, {"reverse": "1"}, {"reverse": True}, ["--reverse"]),
]


@pytest.mark.parametrize(("runs", "query", "fields", "options"), CASES)
def test_the_same_bytes_three_ways(
    site: Site,
    path: pathlib.Path,
    tmp_path: pathlib.Path,
    runs: tuple[str, ...],
    query: dict[str, Any],
    fields: dict[str, Any],
    options: list[str],
) -> None:
    plain = _asked(site, runs).data
    answer = _asked(site, runs, **query)
    assert answer.status_code == 200, answer.text
    assert answer.data != plain or "share" in query.values()
    tb_animate.export_clip(path, tmp_path / "a.gif", tag=TAG, run=runs, **fields)
    chosen = [word for run in runs for word in ("--run", run)]
    command = ["export", str(path), "--tag", TAG, *chosen, *options, "-o", str(tmp_path / "b.gif")]
    assert cli.main(command) == 0
    for name in ("a.gif", "b.gif"):
        assert (tmp_path / name).read_bytes() == answer.data


def _levels(data: bytes) -> list[list[int]]:
    """The grey in the middle of each of two cells, picture by picture."""
    found = []
    for pixels in decode("gif", data).pictures:
        row = pixels.shape[0] // 2
        quarter = pixels.shape[1] // 4
        found.append([int(pixels[row, x, 0]) // 40 * 10 for x in (quarter, 3 * quarter)])
    return found


def test_runs_in_step_by_time_and_backwards(site: Site) -> None:
    by_step = [[step, step] for step in STEPS]
    assert _levels(_asked(site, RUNS).data) == by_step
    assert _levels(_asked(site, RUNS, reverse=1).data) == by_step[::-1]
    # One run takes twice as long: six moments over its 100 seconds.
    by_time = _levels(_asked(site, RUNS, measure="time").data)
    assert by_time == [[0, 0], [20, 10], [40, 20], [50, 30], [50, 40], [50, 50]]


def test_a_scalar_that_is_not_there(
    site: Site, path: pathlib.Path, tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = "The run 'lr=0.01/train' has no scalar 'accuracy'. Its scalars are 'loss'."
    answer = _asked(site, RUNS[1:], scalar="accuracy")
    assert (answer.status_code, answer.text) == (404, said)
    with pytest.raises(errors.NotFound) as raised:
        tb_animate.export_clip(path, tmp_path / "a.gif", tag=TAG, run=RUNS[1], scalar="accuracy")
    assert str(raised.value) == said
    command = ["export", str(path), "--tag", TAG, "--run", RUNS[1], "--scalar", "accuracy"]
    assert cli.main([*command, "-o", str(tmp_path / "a.gif")]) == 2
    assert capsys.readouterr().err == f"tb-animate: {said}\n"
    assert list(tmp_path.iterdir()) == []
