"""What every format must keep to. Files are read again by other code than wrote them."""

from __future__ import annotations

import gc
import importlib.util
import pathlib
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence

import numpy as np
import psutil
import pytest
from PIL import Image, ImageDraw

from decoders import Pixels, decode, psnr
from logs import encode
from memory_source import MemorySource, flat, images
from tb_animate import answers, cli, encoders, errors, export, scratch
from tb_animate.encoders import ENCODERS, Picture, Pictures
from tb_animate.model import ClipSpec, Loop

pytestmark = pytest.mark.oldest

EVERY = list(ENCODERS)
# Those whose pictures come back as they were, whatever they show.
LOSSLESS = ["apng", "zip"]
VIDEO = ["mp4", "webm"]
# Seconds to which a format keeps the time of each picture.
GRID = {"gif": 0.01, "mp4": 1 / 90_000, "webm": 1e-3, "webp": 1e-3, "apng": 1e-3, "zip": 1e-6}


def pictures(
    pixels: Sequence[Pixels], durations: Sequence[float] | float = 0.1, series: int = 1
) -> Pictures:
    times = [durations] * len(pixels) if isinstance(durations, float) else list(durations)
    made = [
        Picture(one, time, tuple(range(nth, nth + series)))
        for nth, (one, time) in enumerate(zip(pixels, times, strict=True))
    ]
    names = tuple(f"tag · run {nth}" for nth in range(series))
    return Pictures(iter(made), len(made), sum(times), names)


def written(
    name: str,
    pixels: Sequence[Pixels],
    durations: Sequence[float] | float = 0.1,
    loop: Loop = "forever",
) -> bytes:
    size = pixels[0].shape[1], pixels[0].shape[0]
    return b"".join(ENCODERS[name].encode(pictures(pixels, durations), size, loop))


def drawing(nth: int, width: int = 120, height: int = 80) -> Pixels:
    """Plain areas and smooth lines: more than 256 colours in all, none of them at an edge."""
    image = Image.new("RGB", (4 * width, 4 * height), "white")
    draw = ImageDraw.Draw(image)
    for line in range(6):
        left = 20 * line + 9 * nth
        draw.line((left, 20, left + 160, 4 * height - 20), (30 * line, 90, 250 - 40 * line), 12)
    return np.asarray(image.resize((width, height), Image.Resampling.BOX))


def photograph(nth: int, width: int = 120, height: int = 80) -> Pixels:
    rng = np.random.default_rng(nth)
    coarse = Image.fromarray(rng.integers(30, 220, (4, 5, 3), dtype=np.uint8))
    smooth = np.asarray(coarse.resize((width, height), Image.Resampling.BICUBIC)).astype(float)
    return np.clip(smooth + rng.normal(0, 3, smooth.shape), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("name", EVERY)
def test_count_size_and_timing_come_back(name: str) -> None:
    durations = [1 / 30, 1 / 30, 0.5, 1 / 30, 1 / 30, 0.05, 61.25]
    pixels = [drawing(nth) for nth in (0, 1, 1, 2, 3, 0, 0)]  # equal neighbours among them
    found = decode(name, written(name, pixels, durations))
    assert [one.shape for one in found.pictures] == [(80, 120, 3)] * 7
    for is_, should in zip(found.durations, durations, strict=True):
        assert abs(is_ - should) <= GRID[name] + 1e-6
    assert abs(sum(found.durations) - sum(durations)) <= GRID[name] / 2 + 1e-6


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("kind", ["drawing", "photograph"])
def test_pixels_come_back(name: str, kind: str) -> None:
    make = drawing if kind == "drawing" else photograph
    pixels = [make(nth) for nth in range(5)]
    # Video has colours at half the resolution, which blurs thin coloured lines.
    least = {"drawing": 24.0, "photograph": 33.0}[kind]
    for is_, should in zip(decode(name, written(name, pixels)).pictures, pixels, strict=True):
        exact = name in LOSSLESS or (name == "webp" and kind == "drawing")
        assert psnr(is_, should) == float("inf") if exact else psnr(is_, should) > least


@pytest.mark.parametrize("name", EVERY)
def test_plain_colours_come_back(name: str) -> None:
    colours = [(0, 0, 0), (255, 255, 255), (58, 58, 58), (255, 0, 0), (0, 0, 255), (245, 124, 0)]
    pixels = [np.full((32, 48, 3), colour, np.uint8) for colour in colours]
    for is_, should in zip(decode(name, written(name, pixels)).pictures, pixels, strict=True):
        # 8 bits of limited range and 3 of rounding, where a video has them.
        assert np.abs(is_.astype(int) - should).max() <= (4 if name in VIDEO else 0)


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize(("width", "height"), [(1, 1), (1, 7), (17, 1), (33, 25), (2, 2)])
@pytest.mark.parametrize("count", [1, 3])
def test_any_size_works(name: str, width: int, height: int, count: int) -> None:
    pixels = [np.full((height, width, 3), 60 * nth, np.uint8) for nth in range(count)]
    found = decode(name, written(name, pixels)).pictures
    assert len(found) == count
    for is_, should in zip(found, pixels, strict=True):
        if name == "mp4":
            assert is_.shape == (height + height % 2, width + width % 2, 3)
        else:
            assert is_.shape == should.shape
        # What is added at an edge repeats it.
        assert np.abs(is_.astype(int) - should[0, 0]).max() <= (4 if name in VIDEO else 0)


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize(("loop", "plays"), [("forever", 0), ("bounce", 0), ("once", 1)])
def test_the_loop(name: str, loop: Loop, plays: int) -> None:
    data = written(name, [drawing(0), drawing(1)], loop=loop)
    assert decode(name, data).loop == (plays if ENCODERS[name].loops else None)


@pytest.mark.parametrize("name", EVERY)
def test_the_same_clip_is_the_same_bytes(name: str) -> None:
    pixels = [photograph(nth, 320, 240) for nth in range(8)]
    assert written(name, pixels) == written(name, pixels)


@pytest.mark.parametrize("name", EVERY)
def test_pieces_leave_while_pictures_are_made(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made = 0

    def make() -> Iterator[Picture]:
        nonlocal made
        for nth in range(200):
            made += 1
            yield Picture(photograph(nth % 7, 64, 64), 0.1)

    monkeypatch.setattr(scratch, "_PIECE", 1000)
    pieces = ENCODERS[name].encode(Pictures(make(), 200, 20.0), (64, 64), "forever")
    first, second = next(pieces), next(pieces)
    assert first
    assert second
    # x264 looks 20 pictures ahead; a WebP begins with its length.
    assert made <= {"mp4": 25, "webp": 200}.get(name, 2)
    assert list(pieces)
    assert made == 200


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("taken", [0, 1, 3])
def test_closing_stops_the_work_and_leaves_nothing(
    name: str, taken: int, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(scratch, "_MEMORY", 10)
    monkeypatch.setattr(scratch, "_PIECE", 1000)
    process = psutil.Process()
    gc.collect()
    threads, files = process.num_threads(), process.num_fds()
    index = images({step: [encode(photograph(step, 128, 128))] for step in range(60)})
    drawn: list[int] = []

    def progress(done: int, total: int) -> None:
        drawn.append(done)
        if taken == 0 and done == 10:
            raise ConnectionAbortedError

    plan = export.plan(MemorySource([index]), [index.series.id], ClipSpec(), ENCODERS[name])
    pieces = plan.encode(progress)
    if taken:
        for _ in range(taken):
            next(pieces)
        pieces.close()  # type: ignore[attr-defined]
    else:
        with pytest.raises(ConnectionAbortedError):
            list(pieces)
    before = len(drawn)
    assert list(pieces) == []
    del pieces
    gc.collect()
    assert len(drawn) == before
    assert not list(tmp_path.iterdir())
    assert process.num_fds() <= files
    assert process.num_threads() <= threads


@pytest.mark.parametrize("name", EVERY)
def test_a_clip_of_the_composer(name: str) -> None:
    index = images({10 * n: [flat(50 * n)] for n in range(4)})
    spec = ClipSpec(loop="bounce", fps=5, hold=1.0)
    plan = export.plan(MemorySource([index]), [index.series.id], spec, ENCODERS[name])
    data = b"".join(plan.encode())
    assert data == b"".join(plan.encode())
    found = decode(name, data)
    assert found.durations == pytest.approx([0.2, 0.2, 0.2, 1.2, 0.2, 0.2], abs=1e-5)
    middle = [int(one[one.shape[0] // 2, one.shape[1] // 2, 0]) for one in found.pictures]
    assert middle == pytest.approx([0, 50, 100, 150, 100, 50], abs=3 if name in VIDEO else 0)


# The table


def test_every_format_says_what_it_is() -> None:
    for name, encoder in ENCODERS.items():
        assert encoder.name == name
        assert encoders.get(name) is encoder
        assert encoders.for_path(f"out/CLIP{encoder.suffix.upper()}") is encoder
        assert encoder.max_fps >= 50
        assert encoder.max_side >= 4096
    assert len({encoder.suffix for encoder in ENCODERS.values()}) == len(ENCODERS)
    assert encoders.for_path("clip.apng").name == "apng"


def test_nothing_heavy_is_imported_before_it_is_needed() -> None:
    code = "import sys, tb_animate.answers; print('av' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_a_format_whose_library_is_missing_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda n: None if n == "av" else real(n))
    listed = {one["name"]: one for one in answers.listing(MemorySource())["formats"]}
    assert [name for name, one in listed.items() if not one["available"]] == VIDEO
    for name in VIDEO:
        hint = listed[name]["hint"]
        assert hint.endswith('pip install "tb-animate[video]"')
        with pytest.raises(errors.AnimateError) as raised:
            encoders.get(name)
        assert str(raised.value) == hint
        assert raised.value.status == 400
        assert cli.main(["export", "logs", "--tag", "any", "-o", f"clip.{name}"]) == 2
        assert capsys.readouterr().err == f"tb-animate: {hint}\n"
    assert {listed[name]["hint"] for name in EVERY if name not in VIDEO} == {""}


@pytest.mark.parametrize("name", VIDEO)
def test_a_library_that_fails_to_load_is_told(
    name: str, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "av.py").write_text("raise ImportError('libavcodec is not there')")
    monkeypatch.delitem(sys.modules, "av")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(errors.AnimateError, match=r"av, which fails: libavcodec is not there\.$"):
        written(name, [drawing(0)])
