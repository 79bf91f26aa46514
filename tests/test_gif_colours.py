"""GIFs of more colours than a palette has."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

import gif_blocks
from decoders import Pixels, psnr
from gif_clips import gif, natural, shown
from tb_animate.encoders.gif import colours

pytestmark = pytest.mark.oldest


def gradient(shift: int = 0) -> Pixels:
    y, x = np.mgrid[0:256, 0:256]
    return np.stack([(x + shift) % 256, y, (x + y) // 2], axis=-1).astype(np.uint8)


def test_more_colours_keep_their_quality() -> None:
    first, second = shown(gif([gradient(), natural(0)]))
    assert psnr(first, gradient()) > 34
    assert psnr(second, natural(0)) > 32


@pytest.mark.parametrize("pixels", [gradient(), natural(1), natural(2, grain=20)])
@pytest.mark.parametrize("before", [None, gradient(100), natural(3), natural(4, grain=60)])
def test_palettes_fit_as_well_as_usual_ones(before: Pixels | None, pixels: Pixels) -> None:
    # Whatever the palette was before.
    found = shown(gif([pixels] if before is None else [before, pixels]))[-1]
    usual = Image.fromarray(pixels).convert("P", palette=Image.Palette.ADAPTIVE)
    assert psnr(found, pixels) > psnr(np.asarray(usual.convert("RGB")), pixels) - 0.5


@pytest.mark.parametrize("height", [96, 400])  # with 6,000 and 25,000 more colours
def test_plain_areas_come_back_exactly_among_many_colours(height: int) -> None:
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (height, 128, 3), dtype=np.uint8)
    # Shades close to the plain colours draw a palette's entries away from them.
    pixels[:, :60] = rng.integers(246, 256, (height, 60, 3), dtype=np.uint8)
    pixels[:, :30] = 255
    pixels[40:, 98:] = (245, 124, 0)
    (found,) = shown(gif([pixels]))
    assert (found[:, :30] == 255).all()
    assert (found[40:, 98:] == (245, 124, 0)).all()


def test_still_parts_do_not_flicker() -> None:
    pictures = []
    for nth in range(5):
        pixels = natural(0)
        pixels[100:180, 60:200] = natural(nth + 1, 80, 140, grain=30)
        pictures.append(pixels)
    found = shown(gif(pictures))
    still = np.ones((256, 256), bool)
    still[100:180, 60:200] = False
    for one, pixels in zip(found, pictures, strict=True):
        assert np.array_equal(one[still], found[0][still])
        assert psnr(one, pixels) > 28
    for x, y, width, height in gif_blocks.read(gif(pictures)).rectangles[1:]:
        assert 60 <= x <= x + width <= 200
        assert 100 <= y <= y + height <= 180


def test_a_background_that_dots_leave_is_exact_again() -> None:
    rng = np.random.default_rng(0)
    pictures = []
    for _ in range(4):
        pixels = np.full((120, 120, 3), (58, 58, 58), np.uint8)
        there = rng.random((120, 120)) < 0.3
        pixels[there] = rng.integers(0, 256, (np.count_nonzero(there), 3))
        pictures.append(pixels)
    for found, pixels in zip(shown(gif(pictures)), pictures, strict=True):
        plain = (pixels == 58).all(axis=2)
        assert (found[plain] == 58).all()


def test_what_256_colours_can_put_right_becomes_exact() -> None:
    rng = np.random.default_rng(0)
    many = rng.integers(0, 256, (64, 64, 3), dtype=np.uint8)
    few = rng.integers(0, 6, (64, 64, 3), dtype=np.uint8) * 50
    # Some pixels stay what they were and were not shown exactly.
    many[:8] = few[:8]
    assert np.array_equal(shown(gif([many, few]))[1], few)


def test_257_colours_lose_next_to_nothing() -> None:
    numbers = np.arange(64 * 64) % 257
    pixels = np.stack([numbers % 16 * 17, numbers // 16 * 15, numbers % 7], axis=-1)
    pixels = pixels.reshape(64, 64, 3).astype(np.uint8)
    (found,) = shown(gif([pixels]))
    assert psnr(found, pixels) > 45


@given(st.lists(st.integers(0, 0xFFFFFF), min_size=1, max_size=60), st.integers(1, 5))
def test_distinct_colours(values: list[int], times: int) -> None:
    packed = np.repeat(np.array(values, np.uint32), times)
    assert np.array_equal(colours.distinct(packed), np.unique(packed))
    assert np.array_equal(colours.pack(colours.unpack(packed)), packed)


def test_the_same_pictures_give_the_same_bytes() -> None:
    pictures = [natural(n, 60, 60) for n in range(6)]
    assert gif(pictures) == gif(pictures)
