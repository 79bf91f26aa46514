"""Frames that clips are made of: digits, noisy photographs, a scatter plot and a ridge.

Each set is uint8 of shape [frames, height, width, 3], and the same on every machine that has
the same Pillow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from tb_animate import api, export, kinds
from tb_animate.encoders import Pictures
from tb_animate.encoders.gif import GifEncoder
from tb_animate.kinds import raster
from tb_animate.model import ClipSpec, Frame, Loop

FRAMES = 60

# Ten colours that tell classes apart.
CLASSES = [
    *[(76, 120, 168), (245, 133, 24), (84, 162, 75), (228, 87, 86), (178, 121, 162)],
    *[(114, 183, 178), (238, 202, 59), (157, 117, 93), (255, 157, 166), (121, 112, 110)],
]

Set = NDArray[np.uint8]


def digits() -> Set:
    """A grid of grey digits, as a generator draws them: out of noise, 256 x 256."""
    rng = np.random.default_rng(1)
    sheet = Image.new("L", (256, 256), 0)
    draw = ImageDraw.Draw(sheet)
    for nth in range(16):
        at = (64 * (nth % 4) + 32, 64 * (nth // 4) + 32)
        draw.text(at, str(nth % 10), 255, raster.font(56), anchor="mm")
    clean = np.asarray(sheet.reduce(4), np.float64)
    blobs = rng.normal(90, 70, (64, 64))
    frames = []
    for nth in range(FRAMES):
        done = nth / (FRAMES - 1)
        small = (1 - done) * blobs + done * clean + rng.normal(0, 20 * (1 - done) + 2, clean.shape)
        grey = Image.fromarray(np.clip(small, 0, 255).astype(np.uint8))
        large = np.asarray(grey.resize((256, 256), Image.Resampling.NEAREST))
        frames.append(np.repeat(large[..., np.newaxis], 3, axis=2))
    return np.stack(frames)


def photographs() -> Set:
    """Two textured scenes that come out of noise and keep some grain, 256 x 256."""
    rng = np.random.default_rng(2)
    scenes = [_scene(rng), _scene(rng)]
    frames = []
    for nth in range(FRAMES):
        half = FRAMES // 2
        noise = 12 + 48 * (1 - (nth % half) / (half - 1))
        part = scenes[nth // half][nth : nth + 256, nth : nth + 256]
        frames.append(np.clip(part + rng.normal(0, noise, part.shape), 0, 255).astype(np.uint8))
    return np.stack(frames)


def _scene(rng: np.random.Generator) -> NDArray[np.float64]:
    """Shapes of all sizes in colours of their own, shape [320, 320, 3]."""
    scene = np.full((320, 320, 3), 128.0)
    for cells, strength in ((3, 70), (7, 40), (20, 25), (60, 15), (160, 8)):
        for channel in range(3):
            values = rng.normal(0, strength, (cells, cells)).astype(np.float32)
            smooth = Image.fromarray(values).resize((320, 320), Image.Resampling.BICUBIC)
            scene[..., channel] += np.asarray(smooth)
    return scene


def scatter() -> Set:
    """2,000 dots of ten classes that part from each other, with smooth edges, 400 x 400."""
    rng = np.random.default_rng(3)
    classes = rng.integers(0, len(CLASSES), 2000)
    start = rng.normal(0, 60, (2000, 2))
    middles = rng.normal(0, 90, (len(CLASSES), 2))
    end = middles[classes] + rng.normal(0, 16, (2000, 2))
    frames = []
    for nth in range(FRAMES):
        places = 200 + start + (end - start) * nth / (FRAMES - 1)
        image = Image.new("RGB", (800, 800), "white")
        draw = ImageDraw.Draw(image, "RGBA")
        for (x, y), one in zip(2 * places, classes, strict=True):
            draw.ellipse((x - 5, y - 5, x + 5, y + 5), (*CLASSES[one], 200))
        frames.append(np.asarray(image.reduce(2)))
    return np.stack(frames)


def ridge() -> Set:
    """The histogram of weights that drift and narrow, as the page draws it, 400 x 400."""
    rng = np.random.default_rng(4)
    kind = kinds.get("histogram")
    spec = ClipSpec()
    decoded = []
    for nth in range(FRAMES):
        done = nth / FRAMES
        counts, edges = np.histogram(rng.normal(2 * done, 1.5 - done, 3000), 30)
        rows = np.stack([edges[:-1], edges[1:], counts.astype(np.float64)], axis=1)
        decoded.append(kind.decode(Frame(10 * nth, 0.0, rows), spec))
    scene = kind.fit(decoded, spec)
    trail = kind.trail(spec)
    return np.stack(
        [
            kind.draw(
                scene,
                data,
                earlier=decoded[max(nth - trail, 0) : nth],
                following=None,
                phase=0.0,
                size=(400, 400),
                theme="light",
            )
            for nth, data in enumerate(decoded)
        ]
    )


MADE: dict[str, Callable[[], Set]] = {
    "digits": digits,
    "photographs": photographs,
    "scatter": scatter,
    "ridge": ridge,
}


class _Keeper(GifEncoder):
    """Takes the pictures of a clip as they are."""

    def __init__(self) -> None:
        self.frames: list[NDArray[np.uint8]] = []

    def encode(self, pictures: Pictures, size: tuple[int, int], loop: Loop) -> Iterator[bytes]:
        for picture in pictures:
            self.frames.append(picture.pixels)
            yield b""


def logged(logdir: str) -> Iterator[tuple[str, Set]]:
    """Frames of one series of each tag of a log directory, as its clip shows them."""
    source = api.open_source(logdir)
    tags: set[tuple[str, str]] = set()
    for series in source.series():
        if series.frames > 1 and (series.tag, series.kind) not in tags:
            tags.add((series.tag, series.kind))
            keeper = _Keeper()
            plan = export.plan(source, [series.id], ClipSpec(max_frames=FRAMES), keeper)
            for _ in plan.encode():
                pass
            yield series.tag, np.stack(keeper.frames)
