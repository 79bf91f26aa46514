"""The GIF encoder: what it writes is read again, by Pillow and block by block."""

from __future__ import annotations

import io
import tracemalloc
from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

import gif_blocks
from tb_animate import encoders, errors
from tb_animate.encoders import Picture
from tb_animate.encoders.gif import GifEncoder
from tb_animate.model import Loop


def _gif(
    pixels: Sequence[NDArray[np.uint8]],
    durations: Sequence[float] | None = None,
    loop: Loop = "forever",
) -> bytes:
    size = pixels[0].shape[1], pixels[0].shape[0]
    times = durations or [0.1] * len(pixels)
    pictures = [Picture(one, time) for one, time in zip(pixels, times, strict=True)]
    return b"".join(GifEncoder().encode(pictures, size, loop))


def _decoded(data: bytes) -> list[NDArray[np.uint8]]:
    image = Image.open(io.BytesIO(data))
    pictures = []
    for nth in range(image.n_frames):  # type: ignore[attr-defined]
        image.seek(nth)
        pictures.append(np.asarray(image.convert("RGB")))
    return pictures


def _psnr(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> float:
    error = np.mean((first.astype(float) - second.astype(float)) ** 2)
    return float(10 * np.log10(255**2 / error))


@pytest.mark.parametrize("colours", [1, 2, 3, 5, 16, 17, 128, 129, 255, 256])
def test_up_to_256_colours_come_back_exactly(colours: int) -> None:
    rng = np.random.default_rng(colours)
    palette = np.unique(rng.integers(0, 256, (2 * colours, 3), dtype=np.uint8), axis=0)[:colours]
    indices = np.concatenate([np.arange(colours), rng.integers(0, colours, 23 * 29 - colours)])
    pixels = palette[indices.reshape(23, 29)]
    # Another palette for each picture, so that one's indices cannot leak into the next.
    other = pixels ^ np.uint8(0x55)
    data = _gif([pixels, other, pixels])
    for found, expected in zip(_decoded(data), [pixels, other, pixels], strict=True):
        assert np.array_equal(found, expected)
    for entries in gif_blocks.read(data).colours:
        assert colours <= entries <= max(2 * colours, 4)


def test_more_colours_keep_their_quality() -> None:
    y, x = np.mgrid[0:256, 0:256]
    gradient = np.stack([x, y, (x + y) // 2], axis=-1).astype(np.uint8)
    rng = np.random.default_rng(0)
    # A natural picture: smooth shapes with fine grain.
    coarse = Image.fromarray(rng.integers(30, 220, (6, 6, 3), dtype=np.uint8))
    smooth = np.asarray(coarse.resize((256, 256), Image.Resampling.BICUBIC)).astype(float)
    natural = np.clip(smooth + rng.normal(0, 4, smooth.shape), 0, 255).astype(np.uint8)
    first, second = _decoded(_gif([gradient, natural]))
    assert _psnr(first, gradient) > 34
    assert _psnr(second, natural) > 32


def test_plain_areas_come_back_exactly_among_many_colours() -> None:
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (96, 128, 3), dtype=np.uint8)
    # Shades close to the plain colours draw a palette's entries away from them.
    pixels[:, :60] = rng.integers(246, 256, (96, 60, 3), dtype=np.uint8)
    pixels[:, :30] = 255
    pixels[40:, 98:] = (245, 124, 0)
    (found,) = _decoded(_gif([pixels]))
    assert (found[:, :30] == 255).all()
    assert (found[40:, 98:] == (245, 124, 0)).all()


def test_equal_neighbours_stay_pictures_of_their_own() -> None:
    pixels = np.zeros((9, 7, 3), np.uint8)
    data = _gif([pixels] * 5)
    blocks = gif_blocks.read(data)
    assert blocks.size == (7, 9)
    assert blocks.rectangles == [(0, 0, 7, 9)] * 5
    assert blocks.disposals == [1] * 5
    assert len(_decoded(data)) == 5


@pytest.mark.parametrize(("loop", "written"), [("forever", 0), ("bounce", 0), ("once", None)])
def test_the_loop(loop: Loop, written: int | None) -> None:
    data = _gif([np.zeros((4, 4, 3), np.uint8)] * 2, loop=loop)
    assert gif_blocks.read(data).loop == written
    assert Image.open(io.BytesIO(data)).info.get("loop") == written


@given(
    fps=st.floats(0.1, 50),
    count=st.integers(1, 60),
    hold=st.floats(0, 60),
)
@settings(deadline=None, max_examples=50)
def test_rounded_delays_add_up(fps: float, count: int, hold: float) -> None:
    durations = [1 / fps] * (count - 1) + [1 / fps + hold]
    delays = gif_blocks.read(_gif([np.zeros((1, 1, 3), np.uint8)] * count, durations)).delays
    assert abs(sum(delays) - 100 * sum(durations)) <= 0.5 + 1e-6
    assert min(delays) >= 2
    for delay, duration in zip(delays, durations, strict=True):
        assert abs(delay - 100 * duration) <= 1 + 1e-6


def test_thirty_a_second_is_thirty_a_second() -> None:
    data = _gif([np.zeros((1, 1, 3), np.uint8)] * 6, [1 / 30] * 6)
    assert gif_blocks.read(data).delays == [3, 4, 3, 3, 4, 3]


def test_extreme_durations_are_clamped() -> None:
    data = _gif([np.zeros((1, 1, 3), np.uint8)] * 3, [0.0, 1e6, 0.1])
    assert gif_blocks.read(data).delays == [2, 0xFFFF, 0xFFFF]


def test_each_picture_leaves_before_the_next_is_drawn() -> None:
    drawn = 0

    def pictures() -> Iterator[Picture]:
        nonlocal drawn
        for _ in range(5):
            drawn += 1
            yield Picture(np.zeros((4, 4, 3), np.uint8), 0.1)

    pieces = GifEncoder().encode(pictures(), (4, 4), "forever")
    assert next(pieces).startswith(b"GIF89a")
    for expected in range(1, 6):
        assert next(pieces)
        assert drawn == expected


def test_memory_does_not_grow_with_length() -> None:
    def peak(count: int) -> int:
        def pictures() -> Iterator[Picture]:
            rng = np.random.default_rng(0)
            for nth in range(count):
                channels = 1 if nth % 10 else 3  # an exact palette mostly, adaptive at times
                pixels = rng.integers(0, 256, (64, 64, channels), dtype=np.uint8)
                yield Picture(np.broadcast_to(pixels, (64, 64, 3)), 0.1)

        tracemalloc.start()
        try:
            for _ in GifEncoder().encode(pictures(), (64, 64), "forever"):
                pass
            # The table of colours is reserved whole, though hardly any of it is touched.
            return tracemalloc.get_traced_memory()[1] - (1 << 24)
        finally:
            tracemalloc.stop()

    peak(2)
    assert 0 < peak(300) < 1.2 * peak(30)


def test_look_up_by_name_and_ending() -> None:
    assert encoders.get("gif").name == "gif"
    assert encoders.for_path("out/CLIP.GIF").name == "gif"
    with pytest.raises(errors.AnimateError, match=r"'avi'.*gif"):
        encoders.get("avi")
    with pytest.raises(errors.AnimateError, match=r"'\.avi'.*\.gif"):
        encoders.for_path("clip.avi")
    with pytest.raises(errors.AnimateError, match=r"no ending.*\.gif"):
        encoders.for_path("clip")
    for name, encoder in encoders.ENCODERS.items():
        assert encoder.name == name
        assert encoder.suffix.startswith(".")
