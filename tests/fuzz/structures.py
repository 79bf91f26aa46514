"""What is fuzzed with structure: hypothesis makes what no writer would, but could."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import hypothesis
import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import event_bytes as eb
import seeds
import targets
from tb_animate.model import Frame, PointTable

SPECIAL = [0.0, -0.0, 1e-310, 1e38, -1.7e308, np.inf, -np.inf, np.nan]
# As float32 has them: hypothesis takes no element that an array rounds.
SPECIAL_SINGLE = np.float32([0.0, 1.0, -2.5, 1e38, np.inf, -np.inf, np.nan, 1e-40]).tolist()
HOSTILE_TEXTS = [
    "",
    ".",
    "..",
    "../../etc/passwd",
    "100%",
    "%2e%2e%2f",
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    "a\nb\r\n\tc",
    "nul\0byte",
    "\x1b]0;title\x07\x1b[2J",
    "\u202egnp.exe",
    "שלום مرحبا",
    "n" * 10_000,
    "9" * 5_000,
    "\U0001f600\u200d\u0301",
]
texts = st.sampled_from(HOSTILE_TEXTS) | st.text(max_size=12)
numbers = st.sampled_from(SPECIAL) | st.floats(allow_nan=True, allow_infinity=True)


def arrays(most: int) -> st.SearchStrategy[np.ndarray]:
    """Of any type and shape that a tensor can have, mostly two-dimensional numbers."""
    likely = hnp.arrays(
        np.float32,
        hnp.array_shapes(min_dims=2, max_dims=2, max_side=most),
        elements=st.sampled_from(SPECIAL_SINGLE),
    )
    other = hnp.arrays(
        hnp.scalar_dtypes() | st.just(np.dtype(object)),
        hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
        elements=None,
    ).filter(lambda array: array.dtype.kind in "biufcSU")
    return likely | other


histograms = st.lists(
    hnp.arrays(np.float64, st.tuples(st.integers(0, 6), st.just(3)), elements=numbers) | arrays(4),
    min_size=1,
    max_size=4,
)


def histogram(found: list[np.ndarray]) -> None:
    targets.play("histogram", [Frame(step, 0.0, one) for step, one in enumerate(found)])


@st.composite
def clouds(draw: st.DrawFn) -> list[Frame]:
    frames = []
    for step, values in enumerate(draw(st.lists(arrays(6), min_size=1, max_size=3))):
        table = None
        if draw(st.booleans()) and values.ndim:
            names = st.lists(texts, min_size=len(values), max_size=len(values))
            columns = draw(st.dictionaries(texts, names.map(tuple), max_size=2))
            ids = [f"{draw(texts)}{n}" for n in range(len(values))] if draw(st.booleans()) else None
            table = PointTable(columns, ids, None, f"digest {step}")
        frames.append(Frame(step, 0.0, values, table=table))
    return frames


def cloud(frames: list[Frame]) -> None:
    targets.play("embedding", frames)


@st.composite
def tensors(draw: st.DrawFn) -> eb.Value:
    """A tensor that announces any shape and type, and holds something else."""
    sides = st.sampled_from([-1, 0, 1, 2, 3, 1 << 20, 1 << 31, 1 << 40, (1 << 63) - 1, -(1 << 63)])
    value = eb.tensor(draw(texts), draw(st.integers(0, 24)), *draw(st.lists(sides, max_size=4)))
    if draw(st.booleans()):
        value.tensor.tensor_content = draw(st.binary(max_size=24))
    if draw(st.booleans()):
        value.tensor.float_val.extend([1.5] * draw(st.integers(0, 3)))
        value.tensor.double_val.extend([2.5] * draw(st.integers(0, 3)))
        value.tensor.int_val.extend([3] * draw(st.integers(0, 2)))
        value.tensor.half_val.extend([3] * draw(st.integers(0, 2)))
        value.tensor.scomplex_val.extend([3] * draw(st.integers(0, 4)))
    value.tensor.string_val.extend(draw(st.lists(st.binary(max_size=8), max_size=3)))
    plugin = draw(st.sampled_from(["images", "histograms", "animate", "animate_points", "scalars"]))
    return eb.described(value, plugin, draw(st.integers(0, 3)))


@st.composite
def old_histograms(draw: st.DrawFn) -> eb.Value:
    value = eb.Value(tag=draw(texts))
    value.histo.min, value.histo.max = draw(numbers), draw(numbers)
    value.histo.bucket.extend(draw(st.lists(numbers, max_size=4)))
    value.histo.bucket_limit.extend(draw(st.lists(numbers, max_size=4)))
    return value


@st.composite
def new_histograms(draw: st.DrawFn) -> eb.Value:
    return eb.tf2_histogram(draw(texts), draw(st.lists(st.tuples(*[numbers] * 3), max_size=3)))


values = (
    tensors()
    | old_histograms()
    | new_histograms()
    | st.builds(eb.tf1_image, texts, st.sampled_from([b"", b"no image", seeds.pictures()[0]]))
    | st.builds(eb.points, texts, st.just(seeds.CLOUD))
    | st.builds(eb.scalar, texts, st.floats(width=32))
)
steps = st.integers(-(1 << 63), (1 << 63) - 1) | st.integers(0, 9)
logged = st.builds(
    lambda step, some, wall_time: eb.event(step, *some, wall_time=wall_time),
    steps,
    st.lists(values, max_size=3),
    st.sampled_from([1.7e9, 0.0, -1.0, 1e300, -1e300, float("inf")]),
)
logs_of_any_events = st.lists(logged, max_size=6).map(b"".join)

STRUCTURED: dict[str, tuple[st.SearchStrategy[Any], Callable[[Any], None]]] = {
    "histograms": (histograms, histogram),
    "embeddings": (clouds(), cloud),
    "logs": (logs_of_any_events, targets.events),
}


def searched(name: str, examples: int, seed: int) -> None:
    """Runs a target on so many examples. Raises what the smallest that fails raises."""
    strategy, check = STRUCTURED[name]

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=examples,
        deadline=None,
        database=None,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(strategy)
    def run(value: Any) -> None:
        check(value)

    run()
