"""Writes the golden scenes that Python and the browser must draw alike.

    python tests/golden/make.py

Each file: `kind`, `size` (width and height in pixels), `theme`, `options`, `scene` (as
`/scene` answers), `frames` (step and, in base 64, what `/frames` sends), `index` (of the frame
in front), `phase` (how far it is on the way to the next one), where it is compared `against` (the
index of the other frame), and of a kind that has one
`table` (as `/table` answers, with base 64 in place of bytes: `values` of columns of categories
and of numbers, `numbers`, `cells`, and `data` of sprites).

What the pictures of points hold both sides to, besides what http_api.md says:

- The frames before `index` are the trail, as far as they are of its segment. With a phase above
  0 the line to the frame at `index` comes first, with opacity 0.5; those from there on have
  0.5 * (1 - (j - 1 + phase) / trail) for j = 1 ... trail, so that nothing jumps. The oldest lie
  at the bottom. A line has its point's colour and fade, and is left out where an end is absent.
- A line covers a pixel at distance d from its middle by clamp(width / 2 + 0.5 - d, 0,
  min(width, 1)), and along it by as much of the pixel as lies between its ends.
- Colours, categories and names of a point come from the frame at `index`; of a point that is in
  the next frame only, from that one.
- A centroid's path goes through the frames before, the frame at `index`, and, with a phase
  above 0, what is so far on the way to the next frame's centroid.
- A ring lies 3 units outside the dot (or half the thumbnail); its name begins 6 units further.
  The name is the first column's, "label 7"; without columns the id, or else "point 12".
"""

from __future__ import annotations

import base64
import functools
import io
import json
import pathlib
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tb_animate import kinds
from tb_animate.model import ClipSpec, Frame, PointTable, Sprite

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


COUNT = 150
SIDES = 8  # pixels of a thumbnail


def cloud(step: int, dims: int = 3, count: int = COUNT) -> NDArray[np.float32]:
    """Five clusters that drift apart."""
    rng = np.random.default_rng(7)
    middles = rng.normal(0, 1, (5, dims)) * (0.4 + 0.25 * step)
    middles[:, 0] += 0.1 * step * np.arange(-2, 3)
    still = rng.normal(0, 0.35, (count, dims))
    shaken = np.random.default_rng(100 + step).normal(0, 0.06, (count, dims))
    return (middles[np.arange(count) % 5] + still + shaken).astype(np.float32)


def table(rows: Sequence[int], *, ids: bool = False, sprite: bool = False) -> PointTable:
    """What is known of the points of these numbers."""
    columns = {
        "label": [f"class {row % 5 + 6}" for row in rows],
        "loss": [f"{row**1.5:.3f}" for row in rows],
        "name": [f"point #{row}" for row in rows],
    }
    names = [f"id{row}" for row in rows] if ids else None
    pictures = Sprite(thumbnails(len(rows)), SIDES, SIDES) if sprite else None
    return PointTable(columns, names, pictures, f"{ids}{sprite}{list(rows)}")


def png(pixels: NDArray[np.uint8]) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def thumbnails(count: int) -> bytes:
    """Squares with a corner of another colour, in a sprite ten wide."""
    pixels = np.zeros((-(-count // 10) * SIDES, 10 * SIDES, 3), np.uint8)
    for nth in range(count):
        top, left = nth // 10 * SIDES, nth % 10 * SIDES
        cell = pixels[top : top + SIDES, left : left + SIDES]
        cell[:] = (40 * (nth % 5) + 60, 90, 230 - 40 * (nth % 5))
        cell[: SIDES // 2, : SIDES // 2] = (250, 220, 90)
    return png(pixels)


def clouds(count: int, **known: bool) -> list[Frame]:
    rows = table(range(COUNT), **known)
    return [Frame(74 * n, 0.0, cloud(n), None, rows) for n in range(count)]


def coming_and_going(count: int) -> list[Frame]:
    """At each frame other 20 points are absent, and some rows are not finite."""
    frames = []
    for step in range(count):
        rows = [row for row in range(COUNT) if not 20 * step <= row < 20 * (step + 1)]
        values = cloud(step)[rows]
        values[120 + step] = np.nan
        frames.append(Frame(74 * step, 0.0, values, None, table(rows, ids=True)))
    return frames


def pictures(count: int, samples: int = 1) -> list[Frame]:
    """Smooth colours with a bright disc that wanders, each sample in another way."""
    y, x = np.mgrid[0:30, 0:40]
    frames = []
    for step in range(count):
        batch = []
        for sample in range(samples):
            waves = [np.sin(x / (4 + n) + step / 3 + sample) * np.cos(y / 6 - n) for n in range(3)]
            pixels = (120 + 90 * np.stack(waves, -1)).astype(np.uint8)
            inside = (x - 8 - 4 * step) ** 2 + (y - 15 + 3 * sample) ** 2 < 25
            pixels[inside] = (250, 40 * sample, 60)
            batch.append(png(pixels))
        frames.append(Frame(74 * step, 0.0, (b"40", b"30", *batch)))
    return frames


def striped(count: int) -> list[Frame]:
    """Broad stripes, light over dark, that lie across those of the frame before."""
    y, x = np.mgrid[0:30, 0:40]
    frames = []
    for step in range(count):
        along = (y if step % 2 else x) // 5 % 2 == 0
        pixels = np.where(along[..., None], (250, 240, 200), (10, 40, 70)).astype(np.uint8)
        frames.append(Frame(74 * step, 0.0, (b"40", b"30", png(pixels))))
    return frames


def pr_curve(skill: float, thresholds: int, count: int = 400) -> Rows:
    """Of scores that tell a third of the examples from the others, the better the skill."""
    rng = np.random.default_rng(3)
    labels = np.arange(count) % 3 == 0
    scores = 1 / (1 + np.exp(-(rng.normal(0, 1, count) + skill * (labels - 0.5))))
    picked = scores[:, None] >= np.linspace(0, 1, thresholds)
    tp, fp = ((picked & (labels == one)[:, None]).sum(axis=0) for one in (True, False))
    tn, fn = fp[0] - fp, tp[0] - tp
    return np.stack([tp, fp, tn, fn, tp / np.maximum(tp + fp, 1e-7), tp / tp[0]])


def tensors(rows: Iterable[Rows]) -> list[Frame]:
    return [Frame(74 * nth, 0.0, one) for nth, one in enumerate(rows)]


class Scene(NamedTuple):
    """One file.

    Attributes:
      frames: as they are logged.
      phase: how far from the last but one to the last it shows; 0: the last one itself.
    """

    kind: str
    name: str
    size: tuple[int, int]
    theme: str
    options: dict[str, Any]
    frames: list[Frame]
    phase: float = 0.0

    @property
    def stem(self) -> str:
        return f"{self.kind}_{self.name}"


_histogram = functools.partial(Scene, "histogram")
_image = functools.partial(Scene, "image")
_pr_curve = functools.partial(Scene, "pr_curve")


def _embedding(
    name: str, size: tuple[int, int], theme: str, options: dict[str, Any], *rest: Any
) -> Scene:
    # The page's legend is none of the picture.
    return Scene("embedding", name, size, theme, {"legend": "off", **options}, *rest)


SCENES: list[Scene] = [
    _image("grid", (320, 240), "light", {"brightness": 120, "contrast": 60}, pictures(1, 3)),
    _image("tween", (320, 240), "dark", {}, pictures(3), 0.4),
    _image("zoom", (360, 240), "light", {"zoom": "0.3,0.6,3", "contrast": 160}, pictures(2, 4)),
    _image("smooth", (320, 240), "dark", {"smooth": "on", "zoom": "0.5,0.2,1.5"}, pictures(1)),
    _image(
        "wipe",
        (320, 240),
        "light",
        {"compare": "wipe", "against": "first", "amount": 0.3},
        pictures(3),
    ),
    _image(
        "onion",
        (320, 240),
        "dark",
        {"compare": "onion", "against": "previous", "amount": 0.25, "brightness": 70},
        pictures(3),
    ),
    # Where levels are clamped, it shows that pictures are mixed before they are adjusted.
    _image(
        "bright",
        (320, 240),
        "light",
        {"compare": "onion", "against": "previous", "amount": 0.5, "brightness": 200},
        striped(2),
    ),
    _image("contrast", (320, 240), "dark", {"contrast": 400}, striped(3), 0.25),
    _image(
        "difference",
        (320, 240),
        "light",
        {"compare": "difference", "against": "previous", "amount": 3},
        pictures(3, 3),
    ),
    _histogram("drift", (480, 360), "light", {"trail": 20}, tensors(map(drift, range(21)))),
    _histogram(
        "tween", (360, 240), "dark", {"trail": 8}, tensors(map(drift, range(0, 21, 3))), 0.4
    ),
    _histogram("log", (480, 360), "light", {"mode": "single", "scale": "log"}, tensors([relu(2)])),
    _histogram("peaks", (640, 480), "dark", {"trail": 12}, tensors(map(two_peaks, range(8)))),
    _histogram(
        "odd", (400, 300), "light", {"trail": 4, "range": "full"}, tensors(map(odd, range(5)))
    ),
    _embedding("plain", (480, 360), "light", {"hidden": "class%208"}, clouds(3)),
    _embedding("fade", (480, 360), "dark", {"trail": 3}, coming_and_going(5), 0.4),
    _embedding("space", (480, 360), "light", {"dims": 3}, clouds(3)),
    _embedding(
        "numbers",
        (640, 480),
        "dark",
        {"dims": 3, "color_by": "loss", "trail": 2, "camera": "0.1,-0.05,1.3,-50,35"},
        clouds(4),
        0.7,
    ),
    _embedding("paths", (480, 360), "light", {"follow": "fit", "centroids": "on"}, clouds(6), 0.5),
    _embedding(
        "selected",
        (480, 360),
        "dark",
        {"selected": "3,40,77", "follow": "center", "camera": "0,0,2,0,0"},
        clouds(3),
        0.25,
    ),
    _embedding(
        "thumbnails",
        (480, 360),
        "light",
        {"points": "thumbnails", "camera": "0,0,1.5,0,0", "color_by": "none"},
        clouds(2, sprite=True),
    ),
    _pr_curve("skill", (480, 360), "light", {}, tensors(pr_curve(n / 3, 101) for n in range(12))),
    _pr_curve(
        "tween", (360, 240), "dark", {"trail": 4}, tensors(pr_curve(n, 21) for n in range(7)), 0.4
    ),
    _pr_curve(
        "alone", (640, 480), "light", {"trail": 0}, tensors([pr_curve(2, 201), pr_curve(4, 9)]), 0.5
    ),
]


def golden(made: Scene) -> dict[str, Any]:
    kind = kinds.get(made.kind)
    spec = ClipSpec(options=made.options)
    frames = [kind.decode(frame, spec) for frame in made.frames]
    scene = kind.fit(frames, spec)
    sent, tables = [], {}
    index = len(frames) - (2 if made.phase else 1)
    against = {}
    if "against" in made.options:
        against["against"] = {"first": 0, "previous": index - 1}[made.options["against"]]
    if kinds.is_placed(kind):
        sent = [kind.pack(kind.place(scene, data)) for data in frames]
        tables = {"table": _text(kind.table(scene))}
    else:
        logged: Any = kind
        sent = [logged.wire(frame, None) for frame in made.frames]
    return {
        "kind": made.kind,
        "size": made.size,
        "theme": made.theme,
        "options": made.options,
        "scene": {**kind.describe(scene), "fitted": len(frames), "frames": len(frames)},
        **tables,
        "frames": [
            {"step": frame.step, "data": _text(data)}
            for frame, data in zip(made.frames, sent, strict=True)
        ],
        "index": index,
        "phase": made.phase,
        **against,
    }


def _text(content: Any) -> Any:
    """With base 64 in place of bytes."""
    if isinstance(content, bytes):
        return base64.b64encode(content).decode()
    if isinstance(content, dict):
        return {key: _text(value) for key, value in content.items()}
    return [*map(_text, content)] if isinstance(content, list) else content


def main() -> None:
    for made in SCENES:
        text = json.dumps(golden(made), indent=1)
        HERE.joinpath(f"{made.stem}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
