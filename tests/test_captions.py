"""The words around the pictures of a clip, and where they stand."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from memory_scalars import MemoryScalars
from memory_source import MemoryIndex, MemorySource, flat, images
from tb_animate import captions, encoders, errors, export, insets, text
from tb_animate.kinds import raster
from tb_animate.model import ClipSpec, Theme

GIF = encoders.get("gif")
LOSS = {step: 1.0 / (1 + step) for step in range(0, 1481, 7)}


class Word(NamedTuple):
    text: str
    x: float
    anchor: str
    size: tuple[int, int]


@pytest.fixture
def words(monkeypatch: pytest.MonkeyPatch) -> list[Word]:
    """What is drawn, in order, each with the size of the band that it is drawn in."""
    found: list[Word] = []
    draw = text.draw

    def record(
        canvas: ImageDraw.ImageDraw, at: tuple[float, float], line: str, *more: Any, **options: Any
    ) -> None:
        if line:
            found.append(Word(line, at[0], options.get("anchor", "lm"), canvas._image.size))
        draw(canvas, at, line, *more, **options)

    monkeypatch.setattr(text, "draw", record)
    return found


def _series(
    run: str = "train", tag: str = "generated", steps: Sequence[int] = (0, 70, 1480), side: int = 8
) -> MemoryIndex:
    return images({step: [flat(9, (side, side))] for step in steps}, run=run, tag=tag)


def _plan(
    indexes: Sequence[MemoryIndex], scalars: MemoryScalars | None = None, **fields: Any
) -> export.Plan:
    source = MemorySource(indexes)
    ids = [index.series.id for index in indexes]
    return export.plan(source, ids, ClipSpec(**fields), GIF, scalars=scalars)


def _pictures(plan: export.Plan) -> list[NDArray[np.uint8]]:
    """Of the file, decoded again."""
    image = Image.open(io.BytesIO(b"".join(plan.encode())))
    found = []
    for nth in range(plan.pictures):
        image.seek(nth)
        found.append(np.asarray(image.convert("RGB")))
    return found


def _said(words: Sequence[Word]) -> list[str]:
    return [word.text for word in words]


# What is said


def test_tag_run_step_and_time(words: list[Word]) -> None:
    plan = _plan([_series(side=200)], caption=True)
    first, *_, last = plan.some(0, 3)
    assert first.pixels.shape == (200 + 3 * captions.LINE, 200, 3)
    assert _said(words) == [
        *("generated", "train"),
        *("step 0", "0.0 s", "step 70", "1 min 10 s", "step 1,480", "24 min 40 s"),
    ]
    assert not np.array_equal(first.pixels, last.pixels)
    assert {(word.x, word.anchor) for word in words} == {(6, "lm"), (194, "rm")}


def test_only_the_moment_changes() -> None:
    first, second, _ = _pictures(_plan([_series(side=200)], caption=True))
    below = 2 * captions.LINE + 200
    assert np.array_equal(first[:below], second[:below])
    assert (first[2 * captions.LINE : below] == 9).all()
    assert not np.array_equal(first[below:], second[below:])
    # "step " and the left of it stay where they are.
    assert np.array_equal(first[below:, :30], second[below:, :30])


@pytest.mark.parametrize(
    ("width", "expected"),
    [(200, ["step 70", "1 min 10 s"]), (130, ["70", "1 min 10 s"]), (90, ["step 70"])],
)
def test_the_step_stays_where_there_is_little_room(
    words: list[Word], width: int, expected: list[str]
) -> None:
    plan = _plan([_series()], caption=True, width=width)
    words.clear()
    list(plan.some(1, 2))
    assert _said(words)[2:] == expected


def test_no_time_where_none_is_known(words: list[Word]) -> None:
    index = _series(side=200)
    index.wall_times[:] = math.nan
    list(_plan([index], caption=True).some(0, 1))
    assert _said(words) == ["generated", "train", "step 0"]


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0.0 s"),
        (59.94, "59.9 s"),
        (59.96, "1 min 00 s"),
        (187, "3 min 07 s"),
        (3599.6, "1 h 00 min"),
        (7380, "2 h 03 min"),
        (3_600_000, "1,000 h 00 min"),
    ],
)
def test_durations(seconds: float, said: str) -> None:
    assert captions.duration_text(seconds) == said


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_words_are_of_the_theme(theme: Theme) -> None:
    palette = raster.PALETTES[theme]
    (picture, *_) = _pictures(_plan([_series(side=200)], caption=True, theme=theme))
    title = picture[: captions.LINE].reshape(-1, 3)
    assert (title[0] == palette.background).all()
    away = np.abs(title.astype(int) - palette.text).sum(axis=1)
    assert away.min() < 12


# Titles


def test_what_runs_share_is_said_once(words: list[Word]) -> None:
    plan = _plan([_series("lr=0.1"), _series("lr=0.2")], caption=True)
    picture = next(plan.some(0, 1)).pixels
    assert picture.shape == (128 + 3 * captions.LINE, 256, 3)
    titles = [(word.text, word.size) for word in words if not word.text[0].isdigit()]
    assert titles == [
        ("generated", (256, captions.LINE)),
        ("lr=0.1", (128, captions.LINE)),
        ("lr=0.2", (128, captions.LINE)),
    ]


@pytest.mark.parametrize(
    ("series", "expected"),
    [
        ([("t", "a"), ("t", "b")], ("t", ["a", "b"])),
        ([("t", "a"), ("u", "a")], ("a", ["t", "u"])),
        ([("t", "a"), ("u", "b")], ("", ["t · a", "u · b"])),
        ([("t", "a")], ("t", ["a"])),
    ],
)
def test_names(series: list[tuple[str, str]], expected: tuple[str, list[str]]) -> None:
    found = [_series(run, tag).series for tag, run in series]
    assert captions.names_of(found) == expected


@pytest.mark.parametrize(
    ("titles", "expected"),
    [
        (["lr=0.01/train", "lr=0.1/train"], ["0", "."]),
        (["a/x", "a/y"], ["x", "y"]),
        (["run", "run2"], ["n", "2"]),
        (["aa", "aaa"], ["a", "a"]),
        (["same", "same"], ["", ""]),
        (["one"], [""]),
    ],
)
def test_what_differs_is_found(titles: list[str], expected: list[str]) -> None:
    found = [title[a:b] for title, (a, b) in zip(titles, captions.cores(titles), strict=True)]
    assert found == expected


def test_long_names_keep_what_differs(words: list[Word]) -> None:
    runs = [f"experiments/2024/resnet50/lr={lr}/augmented/seed=1/train" for lr in (1, 2, 3)]
    list(_plan([_series(run) for run in runs], caption=True).some(0, 1))
    titles = [word for word in _said(words) if "lr=" in word]
    assert len(set(titles)) == 3
    for lr, title in zip((1, 2, 3), titles, strict=True):
        assert f"lr={lr}" in title
        assert title.startswith("…")
        assert text.width(title, captions.TEXT_SIZE) <= 128 - 2 * raster.MARGIN


def test_cells_stand_beneath_their_titles() -> None:
    plan = _plan([_series(str(n)) for n in range(3)], caption=True)
    line = captions.LINE
    tall = 128 + 2 * line
    assert plan.size == (256, line + 2 * tall)
    (picture, *_) = _pictures(plan)
    for left, top in ((0, 2 * line), (128, 2 * line), (0, 2 * line + tall)):
        assert (picture[top : top + 128, left : left + 128] == 9).all()
        assert picture[top - line : top, left : left + 128].min() < 128
        assert picture[top + 128 : top + 128 + line, left : left + 128].min() < 128
    assert (picture[line + tall :, 128:] == 255).all()


# Scalars


def test_the_value_is_the_logs_at_the_frame_shown(words: list[Word]) -> None:
    first = _series("a", steps=(0, 71, 1480))
    second = _series("b", steps=(30, 1480))
    scalars = MemoryScalars({("a", "loss"): LOSS, ("b", "loss"): {40: 5.0, 1480: math.nan}})
    plan = _plan([first, second], scalars, scalar=("loss",))
    assert plan.size == (256, 128 + insets.HEIGHT)
    words.clear()
    list(plan.some(0, 9))
    values = [word.text for word in words if word.anchor == "rm"]
    # Steps 0, 30, 71, 1480: a holds 0, 0, 71, 1480, and b nothing, 30, 30, 1480.
    assert values[0::2] == ["1", "1", f"{LOSS[70]:.4g}", "6.766e-4"]
    assert values[1::2] == ["\u2013", "\u2013", "\u2013", "NaN"]


def test_the_playhead_stands_at_the_frame() -> None:
    steps = (0, 50, 100, 400)
    plan = _plan(
        [_series(steps=steps)],
        MemoryScalars({("train", "loss"): LOSS}),
        scalar=("loss",),
        width=212,
    )
    pictures = [p[-insets.CURVE_HEIGHT :].astype(int) for p in _pictures(plan)]
    soft = np.array(raster.PALETTES["light"].soft)
    for step, picture in zip(steps, pictures, strict=True):
        lines = (np.abs(picture[:1] - soft).sum(axis=2) < 12).all(axis=0)
        assert np.flatnonzero(lines).tolist() == [6 + round(step / 400 * 199)]


@pytest.mark.parametrize(("measure", "column"), [("time", 106), ("share", 106), ("step", 106)])
def test_the_curve_lies_by_the_measure(measure: str, column: int) -> None:
    # The only rise is logged with the frame in the middle.
    index = _series(steps=(0, 100, 200))
    scalars = MemoryScalars({("train", "loss"): {0: 0.0, 99: 0.0, 100: 1.0, 200: 1.0}})
    plan = _plan([index], scalars, scalar=("loss",), width=212, measure=measure)
    picture = _pictures(plan)[0][-insets.CURVE_HEIGHT :]
    upper = (picture[: insets.CURVE_HEIGHT // 2, 20:] < 230).any(axis=2)
    assert abs(20 + np.flatnonzero(upper.any(axis=0))[0] - column) <= 2


def test_runs_share_the_axis_of_a_scalar() -> None:
    low, high = {0: 0.0, 100: 0.1}, {0: 0.0, 100: 1.0}
    scalars = MemoryScalars({("a", "loss"): low, ("b", "loss"): high})
    indexes = [_series(run, steps=(0, 100)) for run in "ab"]
    picture = _pictures(_plan(indexes, scalars, scalar=("loss",)))[0]
    plot = (picture[-insets.CURVE_HEIGHT :, :, :] < 230).any(axis=2)
    assert not plot[:15, 20:122].any()
    assert plot[:15, 150:250].any()


def test_a_scalar_of_the_run_beside_says_so(words: list[Word]) -> None:
    scalars = MemoryScalars({("lr/validation", "acc"): {0: 0.5}, ("lr/train", "loss"): LOSS})
    plan = _plan([_series("lr/train", side=300)], scalars, scalar=("loss", "acc"), caption=True)
    assert plan.size[1] == 300 + 3 * captions.LINE + 2 * insets.HEIGHT
    list(plan.some(0, 1))
    assert _said(words)[2:] == ["step 0", "0.0 s", "loss", "1", "acc (lr/validation)", "0.5"]


def test_what_is_missing_is_said_before_anything_is_drawn() -> None:
    with pytest.raises(errors.NotFound, match=r"'train' has no scalar 'los'.*'loss'"):
        _plan([_series()], MemoryScalars({("train", "loss"): LOSS}), scalar=("los",))
    with pytest.raises(errors.AnimateError, match="No scalars"):
        _plan([_series()], scalar=("loss",))
    with pytest.raises(errors.AnimateError, match=r"no room.*with captions.*larger"):
        _plan([_series()], MemoryScalars({("train", "loss"): LOSS}), scalar=("loss",), height=48)


def test_one_frame_shows_the_whole_curve() -> None:
    scalars = MemoryScalars({("train", "loss"): {0: 0.0, 100: 1.0, 200: 0.0}})
    plan = _plan([_series(steps=(100,))], scalars, scalar=("loss",), width=212)
    (picture,) = _pictures(plan)
    ink = (picture[-insets.CURVE_HEIGHT :] < 230).any(axis=2)
    assert ink[:, 8].any()
    assert ink[:, 203].any()


def test_names_of_any_language_come_into_the_picture(words: list[Word]) -> None:
    for nth, name in enumerate(["λόγος", "Привет", "画像", "שלום", "😀", "a" * 5000]):
        index = _series(f"{name}/{nth}", tag=name, side=200)
        picture = next(_plan([index], caption=True).some(0, 1)).pixels
        assert picture[: captions.LINE].min() < 128
        assert picture[captions.LINE : 2 * captions.LINE].min() < 128
