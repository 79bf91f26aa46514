"""Writes and reads the GIFs of the tests."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from decoders import Pixels, decode
from tb_animate.encoders import Picture, Pictures
from tb_animate.encoders.gif import GifEncoder
from tb_animate.model import Loop


def gif(
    pixels: Sequence[Pixels],
    durations: Sequence[float] | None = None,
    loop: Loop = "forever",
) -> bytes:
    size = pixels[0].shape[1], pixels[0].shape[0]
    times = durations or [0.1] * len(pixels)
    made = [Picture(one, time) for one, time in zip(pixels, times, strict=True)]
    return b"".join(GifEncoder().encode(Pictures(iter(made), len(made), sum(times)), size, loop))


def shown(data: bytes) -> list[Pixels]:
    """The pictures as Pillow shows them."""
    return decode("gif", data).pictures


def natural(seed: int, height: int = 256, width: int = 256, grain: float = 4) -> Pixels:
    """Smooth shapes with fine grain, as a photograph has them."""
    rng = np.random.default_rng(seed)
    coarse = Image.fromarray(rng.integers(30, 220, (6, 6, 3), dtype=np.uint8))
    smooth = np.asarray(coarse.resize((width, height), Image.Resampling.BICUBIC)).astype(float)
    return np.clip(smooth + rng.normal(0, grain, smooth.shape), 0, 255).astype(np.uint8)


def hills(nth: int) -> Pixels:
    """Coloured hills one before the other, of which every third moves."""
    image = Image.new("RGB", (360, 360), "white")
    draw = ImageDraw.Draw(image)
    for hill in range(12):
        at = 60 + 20 * hill + (6 * nth if hill % 3 == 0 else 0)
        foot = 100 + 20 * hill
        points = [(20, foot), (at - 40, foot), (at, foot - 80), (at + 40, foot), (340, foot)]
        draw.polygon(points, fill=(20 * hill, 255 - 20 * hill, 120), outline="white", width=3)
    return np.asarray(image.reduce(3))


def dots(nth: int) -> Pixels:
    image = Image.new("RGB", (240, 240), "white")
    draw = ImageDraw.Draw(image)
    rng = np.random.default_rng(0)
    start, way = rng.uniform(20, 220, (60, 2)), rng.normal(0, 2, (60, 2))
    for dot, (x, y) in enumerate(start + nth * way):
        draw.ellipse((x - 5, y - 5, x + 5, y + 5), fill=((dot % 3) * 120, 90, 200))
    return np.asarray(image.reduce(2))


def fading(nth: int) -> Pixels:
    rng = np.random.default_rng(nth)
    grey = np.clip(128 + rng.normal(0, 50 - 5 * nth, (100, 100, 1)), 0, 255).astype(np.uint8)
    return np.repeat(grey, 3, axis=2)
