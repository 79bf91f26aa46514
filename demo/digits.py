"""Handwritten digits that come inside scikit-learn: 1,797 pictures, 8 x 8 pixels each."""

from __future__ import annotations

import dataclasses

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from sklearn.datasets import load_digits

CLASSES = 10
VALIDATION = 500
SPLIT_SEED = 0


@dataclasses.dataclass(frozen=True)
class Digits:
    """Pictures and what they show.

    Attributes:
      images: float32 in 0 to 1, shape [digits, 8, 8].
      labels: int64 in 0 to 9, shape [digits].
    """

    images: NDArray[np.float32]
    labels: NDArray[np.int64]

    @property
    def flat(self) -> NDArray[np.float32]:
        """The pictures as vectors, shape [digits, 64]."""
        return self.images.reshape(len(self.images), -1)

    def enlarged(self, side: int) -> NDArray[np.float32]:
        """The pictures interpolated to `side` x `side`, float32, shape [digits, side, side]."""
        larger = tf.image.resize(self.images[..., None], (side, side), method="bicubic")
        return np.clip(larger.numpy()[..., 0], 0.0, 1.0)


def load() -> tuple[Digits, Digits]:
    """Returns the digits to train on and those to validate with, always the same."""
    bunch = load_digits()
    images = (bunch.images / 16.0).astype(np.float32)
    labels = bunch.target.astype(np.int64)
    order = np.random.default_rng(SPLIT_SEED).permutation(len(images))
    held_out, rest = order[:VALIDATION], order[VALIDATION:]
    return Digits(images[rest], labels[rest]), Digits(images[held_out], labels[held_out])
