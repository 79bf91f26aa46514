"""Small Keras models, and what the callback logged of them."""

from __future__ import annotations

import pathlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

import logs
import reading

with logs.quiet_tensorflow() as tf:
    import keras
    from keras import layers

RANDOM = np.random.default_rng(0)
POINTS = 90
X = RANDOM.normal(size=(POINTS, 6)).astype(np.float32)
Y = RANDOM.integers(0, 3, POINTS)
EPOCHS = 4


def sequential() -> Any:
    return keras.Sequential(
        [keras.Input((6,)), layers.Dense(5, "tanh", name="latent"), layers.Dense(3, name="out")]
    )


class Subclassed(keras.Model):  # type: ignore[misc]
    """Keeps how many rows it was called with, where they were not those of a graph."""

    def __init__(self, units: int = 5) -> None:
        super().__init__()
        self.latent = layers.Dense(units, "tanh", name="latent")
        self.out = layers.Dense(3, name="out")
        self.batches: list[int] = []

    def call(self, inputs: Any) -> Any:
        if hasattr(inputs, "numpy"):
            self.batches.append(len(inputs))
        return self.out(self.latent(inputs))


def fit(model: Any, *callbacks: Any, x: Any = X, y: Any = Y, **how: Any) -> Any:
    if not model.compiled:
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile("sgd", loss)
    with logs.quiet():
        return model.fit(
            x, y, **{"epochs": EPOCHS, "verbose": 0, "callbacks": list(callbacks), **how}
        )


def steps(path: pathlib.Path, tag: str = "features") -> list[int]:
    return [frame.step for frame in reading.frames(path, tag)]


def latent(model: Any, x: NDArray[np.float32] = X) -> NDArray[np.float32]:
    """What the layer of the models above gives, by hand."""
    kernel, bias = model.get_layer("latent").get_weights()
    found: NDArray[np.float32] = np.tanh(x @ kernel + bias)
    return found


def event_files(path: pathlib.Path) -> list[pathlib.Path]:
    return sorted(file for file in path.rglob("*tfevents*"))
