"""What each way of logging costs: bytes in the log directory, and processor milliseconds.

    python benchmarks/log_sizes.py

Of each way 10 calls make one log directory and 30 another one: the difference is what a call
costs, and what is left of the first is written once (labels, thumbnails). Needs TensorFlow and
tensorboardX.
"""

from __future__ import annotations

import os
import pathlib
import tempfile
import time
from collections.abc import Callable, Iterator
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tensorflow as tf
from tensorboardX import SummaryWriter

from tb_animate import summary

FEW, MANY = 10, 30
POINTS, DIMENSIONS = 1_000, 64
CLOUD = f"{POINTS:,} points x {DIMENSIONS}"

# What logs something of a step with a writer.
Call = Callable[[Any, int], object]

random = np.random.default_rng(0)
weights = random.normal(0, 1, 10_000).astype(np.float32)
points = random.normal(0, 1, (POINTS, DIMENSIONS)).astype(np.float32)
labels = [str(row % 10) for row in range(POINTS)]


def picture(side: int) -> np.ndarray:
    """Coloured waves with a little noise, which compress as a photograph does."""
    rows, columns = np.mgrid[0:side, 0:side] / side
    waves = [np.sin(6 * columns + k) * np.cos(5 * rows - k) for k in (1, 2, 3)]
    noise = random.normal(0, 2, (side, side, 3))
    return np.clip(127 + 110 * np.stack(waves, -1) + noise, 0, 255).astype(np.uint8)


def strokes(count: int) -> np.ndarray:
    """Grey strokes on black, as handwritten digits are, shape [count, 28, 28, 1]."""
    rows, columns = np.mgrid[0:28, 0:28]
    middles = 14 + 8 * np.sin(np.arange(count)[:, None, None] + rows / 6)
    grey = 255 * np.clip(2.5 - abs(columns - middles), 0, 1) * (abs(rows - 14) < 11)
    return grey.astype(np.uint8)[..., None]


small, large, digits, thumbnails = picture(64), picture(256), strokes(16), strokes(POINTS)


def with_tensorflow() -> Iterator[tuple[str, Call]]:
    log = tf.summary
    yield "scalar", lambda _, step: log.scalar("s", 0.1, step)
    yield "image, 64 x 64, RGB", lambda _, step: log.image("i", small[None], step)
    yield "image, 256 x 256, RGB", lambda _, step: log.image("i", large[None], step)
    yield (
        "image, 16 samples of 28 x 28, grey",
        lambda _, step: log.image("i", digits, step, max_outputs=16),
    )
    yield "histogram of 10,000 weights", lambda _, step: log.histogram("h", weights, step)
    yield (
        f"summary.embedding, {CLOUD}, labels, thumbnails",
        lambda writer, step: summary.embedding("e", points, step, labels, thumbnails),
    )
    yield (
        "the same, half=True",
        lambda writer, step: summary.embedding("e", points, step, labels, thumbnails, half=True),
    )


def with_tensorboardx() -> Iterator[tuple[str, Call]]:
    yield (
        "add_image, 256 x 256, RGB",
        lambda writer, step: writer.add_image("i", large, step, dataformats="HWC"),
    )
    yield (
        "add_histogram of 10,000 weights",
        lambda writer, step: writer.add_histogram("h", weights, step),
    )
    yield (
        f"add_embedding, {CLOUD}, labels",
        lambda writer, step: writer.add_embedding(points, labels, global_step=step),
    )
    yield (
        f"summary.embedding, {CLOUD}, labels",
        lambda writer, step: summary.embedding("e", points, step, labels, writer=writer),
    )


def main() -> None:
    print(f"{'':<58} {'bytes a call':>12} {'once':>7} {'ms a call':>9}")
    families = (
        ("TensorFlow", tf.summary.create_file_writer, with_tensorflow()),
        ("tensorboardX", SummaryWriter, with_tensorboardx()),
    )
    for family, open_writer, ways in families:
        print(family)
        for name, call in ways:
            (few, _), (many, seconds) = (logged(open_writer, call, n) for n in (FEW, MANY))
            each = (many - few) / (MANY - FEW)
            once = few - FEW * each
            print(f"  {name:<56} {each:>12,.0f} {once:>7,.0f} {1e3 * seconds:>9.1f}")


def logged(open_writer: Callable[[str], Any], call: Call, calls: int) -> tuple[int, float]:
    """Bytes of so many calls, and processor seconds of each."""
    with tempfile.TemporaryDirectory() as folder:
        writer = open_writer(folder)
        default = writer.as_default if hasattr(writer, "as_default") else lambda: writer
        with default():
            call(writer, 0)
            start = time.process_time()
            for step in range(1, calls):
                call(writer, step)
            seconds = (time.process_time() - start) / (calls - 1)
        writer.close()
        files = [path for path in pathlib.Path(folder).rglob("*") if path.is_file()]
        return sum(path.stat().st_size for path in files), seconds


if __name__ == "__main__":
    main()
