"""The golden scenes, read and drawn in Python, and how alike two pictures are."""

from __future__ import annotations

import base64
import dataclasses
import json
import pathlib
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tb_animate import kinds, projection
from tb_animate.kinds import distribution, embedding
from tb_animate.kinds.embedding import EmbeddingScene
from tb_animate.kinds.histogram import HistogramData, HistogramScene
from tb_animate.kinds.image import ImageData, ImageScene
from tb_animate.kinds.placed import PlacedPoints
from tb_animate.kinds.points import Tables
from tb_animate.kinds.pr_curve import PrCurveData, PrCurveScene
from tb_animate.kinds.versions import Version
from tb_animate.model import ClipSpec, Frame, Sprite, Theme

GOLDEN = pathlib.Path(__file__).resolve().parent / "golden"
NAMES = sorted(path.stem for path in GOLDEN.glob("*.json"))

WINDOW = 8


def read(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))
    return content


def rows_of(wire: bytes) -> NDArray[np.float64]:
    """The buckets that a frame carries, shape [k, 3]."""
    rows = np.frombuffer(wire, "<f4")[6:].reshape(-1, 5).astype(np.float64)
    return np.stack([rows[:, 0] + rows[:, 1], rows[:, 2] + rows[:, 3], rows[:, 4]], axis=1)


def draw(golden: dict[str, Any], theme: Theme) -> NDArray[np.uint8]:
    """The scene as an export has it."""
    kind, spec = kinds.get(golden["kind"]), ClipSpec(options=golden["options"])
    scene, frames = READ[golden["kind"]](golden)
    index, against = golden["index"], golden.get("against")
    beside = {} if against is None else {"against": frames[against]}
    return kind.draw(
        scene,
        frames[index],
        earlier=frames[max(index - kind.trail(spec), 0) : index],
        following=frames[index + 1] if golden["phase"] else None,
        phase=golden["phase"],
        size=tuple(golden["size"]),
        theme=theme,
        **beside,
    )


def _pictures(golden: dict[str, Any]) -> tuple[ImageScene, list[ImageData]]:
    kind, spec = kinds.get("image"), ClipSpec(options=golden["options"])

    def data(frame: dict[str, Any]) -> ImageData:
        samples = map(base64.b64decode, frame["data"])
        decoded: ImageData = kind.decode(Frame(frame["step"], 0.0, (b"", b"", *samples)), spec)
        return decoded

    frames = list(map(data, golden["frames"]))
    scene = kind.fit(frames, spec)
    told = kind.describe(scene)
    assert {name: golden["scene"][name] for name in told} == told
    return scene, frames


def _distributions(golden: dict[str, Any]) -> tuple[HistogramScene, list[HistogramData]]:
    names = [field.name for field in dataclasses.fields(HistogramScene)]
    scene = HistogramScene(**{name: golden["scene"][name] for name in names})

    def data(frame: dict[str, Any]) -> HistogramData:
        rows = rows_of(base64.b64decode(frame["data"]))
        return HistogramData(frame["step"], distribution.clean(rows))

    return scene, list(map(data, golden["frames"]))


def _points(golden: dict[str, Any]) -> tuple[EmbeddingScene, list[PlacedPoints]]:
    options = {**embedding.DEFAULTS, **golden["options"]}

    def data(frame: dict[str, Any]) -> PlacedPoints:
        numbers = np.frombuffer(base64.b64decode(frame["data"]), "<f4")
        segment, version, slots, dims = map(int, numbers[:4])
        positions = numbers[8:].reshape(slots, dims)
        return PlacedPoints(frame["step"], segment, version, positions)

    tables = tables_of(golden["table"])
    # Placed already.
    nothing = projection.fit([], projection.Options())
    return EmbeddingScene(nothing, tables, options), list(map(data, golden["frames"]))


def _pr_curves(golden: dict[str, Any]) -> tuple[PrCurveScene, list[PrCurveData]]:
    def data(frame: dict[str, Any]) -> PrCurveData:
        numbers = np.frombuffer(base64.b64decode(frame["data"]), "<f4").astype(np.float64)
        return PrCurveData(frame["step"], numbers[1:].reshape(7, -1), float(numbers[0]))

    return PrCurveScene(golden["scene"]["trail"]), list(map(data, golden["frames"]))


READ: dict[str, Callable[[dict[str, Any]], tuple[Any, list[Any]]]] = {
    "image": _pictures,
    "histogram": _distributions,
    "embedding": _points,
    "pr_curve": _pr_curves,
}


def tables_of(packed: dict[str, Any]) -> Tables:
    """The tables that a page gets, as they were before they were packed."""
    texts: dict[str, dict[str, int]] = {}
    codes: list[dict[str, Any]] = [{} for _ in packed["versions"]]
    for column in packed["columns"]:
        known = texts[column["name"]] = {}
        if column["type"] == "category":
            known |= {text: nth for nth, text in enumerate(column["categories"])}
        elif column["type"] == "number":
            known |= {text: nth for nth, text in enumerate(column["texts"])}
        for version, place in enumerate(column["of"]):
            values = column["values"][place]
            if column["type"] == "category":
                found = np.frombuffer(base64.b64decode(values), "<u2").astype(np.int32)
                found[found == 65535] = -1
            elif column["type"] == "number":
                found = np.frombuffer(base64.b64decode(values), "<u4").astype(np.int32)
            else:
                found = np.array(
                    [known.setdefault(text, len(known)) if text else -1 for text in values],
                    np.int32,
                )
            codes[version][column["name"]] = found
    sprites = tuple(
        Sprite(base64.b64decode(one["data"]), one["width"], one["height"])
        for one in packed["sprites"]
    )
    slots = [len(next(iter(of.values()))) for of in codes]
    cells = [
        np.frombuffer(base64.b64decode(one), "<u4").astype(np.int32) for one in packed["cells"]
    ]
    versions = tuple(
        Version(
            str(nth),
            segment,
            codes[nth],
            cells[nth] if len(cells[nth]) else np.arange(slots[nth], dtype=np.int32),
            packed["ids"][segment],
            packed["sprite_of"][nth],
        )
        for nth, segment in enumerate(packed["versions"])
    )
    return Tables(versions, sprites, texts)


def similarity(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> float:
    """The mean structural similarity of two pictures' grey levels, 1 where they are equal.

    By Z. Wang, A. C. Bovik, H. R. Sheikh and E. P. Simoncelli, "Image quality assessment:
    from error visibility to structural similarity", IEEE Transactions on Image Processing
    13 (4), 2004, formula 13, with the constants given there (K1 = 0.01, K2 = 0.03,
    L = 255) and plain means over all windows of 8 x 8 pixels in place of Gaussian ones.
    """
    assert first.shape == second.shape
    x, y = (picture.astype(np.float64) @ [0.299, 0.587, 0.114] for picture in (first, second))
    mean_x, mean_y = _means(x), _means(y)
    variance_x = _means(x * x) - mean_x**2
    variance_y = _means(y * y) - mean_y**2
    covariance = _means(x * y) - mean_x * mean_y
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    alike = (2 * mean_x * mean_y + c1) * (2 * covariance + c2)
    whole = (mean_x**2 + mean_y**2 + c1) * (variance_x + variance_y + c2)
    return float((alike / whole).mean())


def _means(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of each window, by sums over the whole picture's upper left parts."""
    sums = np.pad(values, ((1, 0), (1, 0))).cumsum(0).cumsum(1)
    w = WINDOW
    windows = sums[w:, w:] - sums[:-w, w:] - sums[w:, :-w] + sums[:-w, :-w]
    means: NDArray[np.float64] = windows / w**2
    return means
