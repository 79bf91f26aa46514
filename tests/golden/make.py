"""Writes the golden scenes that Python and the browser must draw alike.

    python tests/golden/make.py

Each file: `kind`, `size` (width and height in pixels), `theme`, `options`, `scene` (as
`/scene` answers), `frames` (step and, in base 64, what `/frames` sends), `index` (of the frame
in front) and `phase` (how far it is on the way to the next one).
"""

from __future__ import annotations

import base64
import json
import pathlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tb_animate import kinds
from tb_animate.model import ClipSpec, Frame

HERE = pathlib.Path(__file__).resolve().parent
Rows = NDArray[np.float64]


def even(values: NDArray[np.float64], buckets: int = 30) -> Rows:
    """Buckets as `tf.summary.histogram` makes them."""
    counts, edges = np.histogram(values, buckets)
    return np.stack([edges[:-1], edges[1:], counts.astype(float)], axis=1)


def growing(values: NDArray[np.float64]) -> Rows:
    """Buckets that widen by a tenth each, on both sides of 0, as PyTorch has them."""
    side = 1e-12 * 1.1 ** np.arange(330)
    counts, edges = np.histogram(values, np.concatenate([-side[::-1], [0.0], side]))
    rows = np.stack([edges[:-1], edges[1:], counts.astype(float)], axis=1)
    return rows[counts > 0]


def drift(step: int) -> Rows:
    rng = np.random.default_rng(step)
    return even(rng.normal(-1 + step / 10, 0.8 - step / 50, 4000))


def relu(step: int) -> Rows:
    rng = np.random.default_rng(step)
    return growing(np.maximum(rng.normal(0.6 - step / 8, 1, 6000), 0))


def two_peaks(step: int) -> Rows:
    rng = np.random.default_rng(step)
    left, right = rng.normal(-2e-5, 4e-6, 500), rng.normal(step * 1e-5, 6e-6, 1500)
    return even(np.concatenate([left, right]), 40)


def odd(step: int) -> Rows:
    far = [-1.797e308, -0.5, 10.0 + step]
    point = [0.25 * step, 0.25 * step, 40.0]
    return np.array([far, [-0.5, 0.5, 100.0], [0.5, 2.5, 60.0], point])


# Name, size, theme, options, frames, and how far towards the last of them.
SCENES: list[tuple[str, tuple[int, int], str, dict[str, Any], list[Rows], float]] = [
    ("drift", (480, 360), "light", {"trail": 20}, [drift(n) for n in range(21)], 0.0),
    ("tween", (360, 240), "dark", {"trail": 8}, [drift(3 * n) for n in range(7)], 0.4),
    ("log", (480, 360), "light", {"mode": "single", "scale": "log"}, [relu(2)], 0.0),
    ("peaks", (640, 480), "dark", {"trail": 12}, [two_peaks(n) for n in range(8)], 0.0),
    ("odd", (400, 300), "light", {"trail": 4, "range": "full"}, [odd(n) for n in range(5)], 0.0),
]


def golden(
    size: tuple[int, int], theme: str, options: dict[str, Any], rows: list[Rows], phase: float
) -> dict[str, Any]:
    kind = kinds.get("histogram")
    spec = ClipSpec(options=options)
    frames = [Frame(74 * nth, 0.0, one) for nth, one in enumerate(rows)]
    scene = kind.describe(kind.fit([kind.decode(frame, spec) for frame in frames], spec))
    sent = []
    for frame in frames:
        data = kind.wire(frame, None)
        assert isinstance(data, bytes)
        sent.append({"step": frame.step, "data": base64.b64encode(data).decode()})
    return {
        "kind": "histogram",
        "size": size,
        "theme": theme,
        "options": options,
        "scene": {**scene, "fitted": len(frames), "frames": len(frames)},
        "frames": sent,
        "index": len(sent) - (2 if phase else 1),
        "phase": phase,
    }


def main() -> None:
    for name, size, theme, options, rows, phase in SCENES:
        text = json.dumps(golden(size, theme, options, rows, phase), indent=1)
        HERE.joinpath(f"histogram_{name}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
