"""The GIF encoder: what it writes is read again, by Pillow and block by block."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import gif_blocks
from decoders import Pixels
from gif_clips import dots, fading, gif, hills, shown
from tb_animate.encoders.gif import canvas, lzw
from tb_animate.model import Loop

pytestmark = pytest.mark.oldest


def _same(found: list[Pixels], expected: list[Pixels]) -> None:
    assert len(found) == len(expected)
    for nth, (is_, should) in enumerate(zip(found, expected, strict=True)):
        assert np.array_equal(is_, should), f"picture {nth}"


# Pixels


@pytest.mark.parametrize("colours", [1, 2, 3, 5, 16, 17, 128, 129, 255, 256])
def test_up_to_256_colours_come_back_exactly(colours: int) -> None:
    rng = np.random.default_rng(colours)
    palette = np.unique(rng.integers(0, 256, (2 * colours, 3), dtype=np.uint8), axis=0)[:colours]
    indices = np.concatenate([np.arange(colours), rng.integers(0, colours, 23 * 29 - colours)])
    pixels = palette[indices.reshape(23, 29)]
    # Another palette for each picture, so that one's indices cannot leak into the next.
    other = pixels ^ np.uint8(0x55)
    data = gif([pixels, other, pixels])
    _same(shown(data), [pixels, other, pixels])
    blocks = gif_blocks.read(data)
    assert colours <= blocks.shared <= max(2 * colours, 4)
    for entries in blocks.colours:
        assert entries <= max(2 * colours, 4)


@given(data=st.data())
@settings(max_examples=150)
def test_clips_of_up_to_256_colours_come_back_exactly(data: st.DataObject) -> None:
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    colours = data.draw(st.sampled_from([1, 2, 4, 17, 100, 254, 255, 256]))
    if data.draw(st.booleans()):
        palette = np.repeat(rng.permutation(256)[:colours, np.newaxis], 3, axis=1)
    else:
        palette = rng.integers(0, 256, (colours, 3))
    palette = palette.astype(np.uint8)
    height, width = data.draw(st.integers(1, 40)), data.draw(st.integers(1, 40))
    # A few colours in runs, or all of them as noise.
    some = data.draw(st.integers(1, colours))
    indexes = rng.integers(0, some, (height, width)).astype(np.uint8)
    pictures = [palette[indexes]]
    for _ in range(data.draw(st.integers(1, 6))):
        top, left = rng.integers(0, height), rng.integers(0, width)
        part = indexes[top : top + rng.integers(0, 40), left : left + rng.integers(0, 40)]
        kept = rng.random(part.shape) < data.draw(st.sampled_from([0.0, 0.5, 0.95]))
        part[~kept] = rng.integers(0, colours, part.shape)[~kept]
        pictures.append(palette[indexes])
    _same(shown(gif(pictures)), pictures)


def test_all_greys_do_not_spoil_what_follows() -> None:
    # Pillow takes indexes for greys when the first palette is 0 to 255 in rising order.
    ramp = np.repeat(np.arange(256, dtype=np.uint8).reshape(16, 16, 1), 3, axis=2)
    few = np.where(ramp > 100, np.uint8(255), np.uint8(7))
    coloured = few * np.array([1, 0, 1], np.uint8)
    _same(shown(gif([ramp, few, coloured, ramp])), [ramp, few, coloured, ramp])


def test_noise_is_not_made_larger_than_its_indexes() -> None:
    rng = np.random.default_rng(0)
    for colours, bits in ((256, 8), (128, 7), (32, 5), (16, 4)):
        pixels = np.repeat(rng.integers(0, colours, (90, 110, 1), dtype=np.uint8), 3, axis=2)
        data = gif([pixels])
        _same(shown(data), [pixels])
        codes = pixels[..., 0].size * (bits + 1) / 8
        assert len(data) < 1.01 * codes * (2**bits - 7) / (2**bits - 8) + 3 * colours + 100


@pytest.mark.parametrize("bits", range(4, 9))
@pytest.mark.parametrize("count", [1, 2, 7, 8, 9, 120, 247, 248, 249, 5000])
def test_bare_codes_are_read_again(bits: int, count: int) -> None:
    rng = np.random.default_rng(count)
    indexes = rng.integers(0, 1 << bits, count, dtype=np.uint8)
    width = count.to_bytes(2, "little")
    screen = b"GIF89a" + width + b"\1\0\xf7\0\0" + bytes(range(255, -1, -1)) * 3
    image = b"\x2c\0\0\0\0" + width + b"\1\0\0" + bytes([bits]) + lzw.bare(indexes, bits)
    found = Image.open(io.BytesIO(screen + image + b"\0\x3b"))
    assert np.array_equal(np.asarray(found)[0], indexes)


# What is stored


def test_only_the_rectangle_that_changed_is_stored() -> None:
    rng = np.random.default_rng(0)
    first = np.repeat(rng.integers(0, 9, (60, 80, 1), dtype=np.uint8), 3, axis=2)
    second, third = first.copy(), first.copy()
    second[20:30, 50:53] += 100
    third[59, 79] = 50
    pictures = [first, second, third]
    data = gif(pictures)
    _same(shown(data), pictures)
    blocks = gif_blocks.read(data)
    assert blocks.rectangles == [(0, 0, 80, 60), (50, 20, 3, 10), (50, 20, 30, 40)]
    assert blocks.disposals == [1] * 3


def test_equal_neighbours_stay_pictures_of_their_own() -> None:
    data = gif([np.full((9, 7, 3), 80, np.uint8)] * 5)
    blocks = gif_blocks.read(data)
    assert blocks.size == (7, 9)
    assert blocks.rectangles == [(0, 0, 7, 9)] + [(0, 0, 1, 1)] * 4
    assert blocks.transparent == [None, 0, 0, 0, 0]
    assert len(data) < 200
    _same(shown(data), [np.full((9, 7, 3), 80, np.uint8)] * 5)


def test_pixels_that_stay_are_left_out_where_that_is_smaller() -> None:
    rng = np.random.default_rng(0)
    still = np.repeat(rng.integers(0, 200, (100, 100, 1), dtype=np.uint8), 3, axis=2)
    moved = still.copy()
    moved[0, 0], moved[99, 99] = 210, 220  # the rectangle is the whole picture
    data = gif([still, moved])
    _same(shown(data), [still, moved])
    assert gif_blocks.read(data).transparent[1] is not None
    assert len(data) - len(gif([still])) < 500


def test_pixels_that_stay_are_stored_where_that_is_smaller() -> None:
    # Dots that turn up on a plain background: a single index for what stays and what is new.
    rng = np.random.default_rng(0)
    pictures = []
    for _ in range(3):
        dots = np.zeros((64, 64, 3), np.uint8)
        dots[rng.random((64, 64)) < 0.2] = 255
        pictures.append(dots)
    data = gif(pictures)
    _same(shown(data), pictures)
    assert gif_blocks.read(data).transparent == [None] * 3


def test_the_first_palette_is_sent_once() -> None:
    rng = np.random.default_rng(0)
    palette = rng.integers(0, 256, (200, 3), dtype=np.uint8)
    pictures = [palette[rng.integers(0, 200, (40, 40))] for _ in range(4)]
    pictures[0][:5] = palette.reshape(5, 40, 3)
    data = gif(pictures)
    _same(shown(data), pictures)
    blocks = gif_blocks.read(data)
    assert blocks.shared == 256
    assert blocks.colours == [0] * 4


def test_greys_share_one_palette_though_the_first_picture_lacks_some() -> None:
    rng = np.random.default_rng(0)
    pictures = [
        np.repeat(rng.integers(0, end, (50, 50, 1), dtype=np.uint8), 3, 2) for end in (180, 255)
    ]
    data = gif(pictures)
    _same(shown(data), pictures)
    assert gif_blocks.read(data).colours == [0, 0]


def test_a_few_new_colours_have_a_small_palette() -> None:
    rng = np.random.default_rng(0)
    first = np.repeat(rng.integers(0, 256, (50, 50, 1), dtype=np.uint8), 3, 2)
    second = first.copy()
    second[10:12, 10:13] = (245, 124, 0)
    data = gif([first, second])
    _same(shown(data), [first, second])
    blocks = gif_blocks.read(data)
    assert blocks.colours[1] == 4
    assert blocks.code_sizes == [8, 2]


@pytest.mark.parametrize("draw", [hills, dots, fading])
def test_no_larger_than_as_pillow_saves_it(draw: Callable[[int], Pixels]) -> None:
    pictures = [draw(nth) for nth in range(8)]
    data = gif(pictures)
    _same(shown(data), pictures)
    file = io.BytesIO()
    first, *others = map(Image.fromarray, pictures)
    first.save(file, "GIF", save_all=True, append_images=others, duration=100, loop=0)
    assert len(data) <= len(file.getvalue())


def test_the_smaller_of_two_ways_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    clips = [[draw(nth) for nth in range(8)] for draw in (hills, dots)]
    chosen = [len(gif(clip)) for clip in clips]
    monkeypatch.setattr(canvas, "STAY", 2.0)  # leaves out no more pixels than it has to
    stored = [len(gif(clip)) for clip in clips]
    assert chosen[0] < 0.97 * stored[0]
    assert chosen[1] <= 1.01 * stored[1]


# Time


@pytest.mark.parametrize(("loop", "written"), [("forever", 0), ("bounce", 0), ("once", None)])
def test_the_loop(loop: Loop, written: int | None) -> None:
    data = gif([np.zeros((4, 4, 3), np.uint8)] * 2, loop=loop)
    assert gif_blocks.read(data).loop == written
    assert Image.open(io.BytesIO(data)).info.get("loop") == written


@given(
    fps=st.floats(0.1, 50),
    count=st.integers(1, 60),
    hold=st.floats(0, 60),
)
@settings(max_examples=50)
def test_rounded_delays_add_up(fps: float, count: int, hold: float) -> None:
    durations = [1 / fps] * (count - 1) + [1 / fps + hold]
    delays = gif_blocks.read(gif([np.zeros((1, 1, 3), np.uint8)] * count, durations)).delays
    assert abs(sum(delays) - 100 * sum(durations)) <= 0.5 + 1e-6
    assert min(delays) >= 2
    for delay, duration in zip(delays, durations, strict=True):
        assert abs(delay - 100 * duration) <= 1 + 1e-6


def test_thirty_a_second_is_thirty_a_second() -> None:
    data = gif([np.zeros((1, 1, 3), np.uint8)] * 6, [1 / 30] * 6)
    assert gif_blocks.read(data).delays == [3, 4, 3, 3, 4, 3]


def test_extreme_durations_are_clamped() -> None:
    data = gif([np.zeros((1, 1, 3), np.uint8)] * 3, [0.0, 1e6, 0.1])
    assert gif_blocks.read(data).delays == [2, 0xFFFF, 0xFFFF]
