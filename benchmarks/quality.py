"""How near decoded frames come to what they were made of; uint8, [frames, height, width, 3]."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Set = NDArray[np.uint8]


def psnr(found: Set, frames: Set) -> float:
    """In dB over all frames; infinite where they are equal."""
    pairs = zip(found, frames, strict=True)
    error = np.mean([np.mean((a.astype(np.float64) - b) ** 2) for a, b in pairs])
    return 10 * math.log10(255**2 / error) if error else math.inf


def ssim(found: Set, frames: Set) -> float:
    """Mean structural similarity of luma (Wang et al. 2004): Gaussian windows of 11 x 11."""
    weights = np.exp(-(np.arange(-5, 6) ** 2) / (2 * 1.5**2))
    weights /= weights.sum()

    def smooth(values: NDArray[np.float64]) -> NDArray[np.float64]:
        for axis in (0, 1):
            span = values.shape[axis] - 10
            parts = (np.take(values, range(at, at + span), axis) for at in range(11))
            values = sum(w * part for w, part in zip(weights, parts, strict=True))
        return values

    shares = []
    for a, b in zip(found, frames, strict=True):
        x, y = (one @ np.array([0.299, 0.587, 0.114]) for one in (a, b))
        mx, my = smooth(x), smooth(y)
        vx, vy, both = smooth(x * x) - mx**2, smooth(y * y) - my**2, smooth(x * y) - mx * my
        c, d = (0.01 * 255) ** 2, (0.03 * 255) ** 2
        same = (2 * mx * my + c) * (2 * both + d) / ((mx**2 + my**2 + c) * (vx + vy + d))
        shares.append(same.mean())
    return float(np.mean(shares))


def colours(frames: Set) -> int:
    """Of all frames together."""
    packed = frames.astype(np.uint32) @ np.array([1 << 16, 1 << 8, 1], np.uint32)
    return len(np.unique(packed))
