"""Draws digits from noise: a small flow that is told which digit to draw.

The network sees a mixture (1 - t) * noise + t * digit and says which digit was mixed in.
Drawing starts at t = 0 with nothing but noise and goes to what the network says in small
steps (Lipman et al., "Flow Matching for Generative Modeling", 2023, with the network
predicting the picture instead of the velocity).
"""

from __future__ import annotations

import math

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

import digits

SIDE = 16
PIXELS = SIDE * SIDE
BATCH = 64
UNITS = 256
DRAWING_STEPS = 24
FREQUENCIES = (1, 2, 3, 4, 6, 8, 12, 16)
# Large initial weights in the last layer: an untrained network draws noise, not plain grey.
LAST_LAYER_SCALE = 30.0


class Generator:
    """A conditional flow over 16 x 16 digits.

    Args:
      data: what to learn from.
      learning_rate: at the start; it falls along a cosine to a twentieth.
      epochs: after so many epochs the learning rate has fallen.
      seed: of the weights, the batches and the noise.
    """

    def __init__(
        self, data: digits.Digits, *, learning_rate: float, epochs: int, seed: int
    ) -> None:
        # The network works in -1 to 1, where noise of unit variance is at home.
        self._images = tf.constant(data.enlarged(SIDE).reshape(-1, PIXELS) * 2.0 - 1.0)
        self._labels = tf.one_hot(data.labels, digits.CLASSES)
        self._batches = len(data.images) // BATCH
        self._random = tf.random.Generator.from_seed(seed)
        self._network = _network(seed)
        decay = keras.optimizers.schedules.CosineDecay(
            learning_rate, epochs * self._batches, alpha=0.05
        )
        self._optimizer = keras.optimizers.Adam(decay)
        self._optimizer.build(self._network.trainable_variables)

    def train_epoch(self) -> float:
        """Trains on as many random batches as make one epoch and returns the mean loss."""
        return float(self._train_epoch())

    def draw(self, labels: NDArray[np.int64], seed: int) -> NDArray[np.float32]:
        """Draws these digits; the same seed starts from the same noise.

        Returns:
          Pictures in 0 to 1, float32, shape [len(labels), 16, 16, 1].
        """
        noise = np.random.default_rng(seed).standard_normal((len(labels), PIXELS))
        drawn = self._draw(
            tf.constant(noise.astype(np.float32)), tf.one_hot(labels, digits.CLASSES)
        ).numpy()
        return np.clip((drawn + 1.0) / 2.0, 0.0, 1.0).reshape(-1, SIDE, SIDE, 1)

    @tf.function
    def _train_epoch(self) -> tf.Tensor:
        total = 0.0
        for _ in tf.range(self._batches):
            total += self._train_batch()
        return total / self._batches

    def _train_batch(self) -> tf.Tensor:
        chosen = self._random.uniform((BATCH,), 0, tf.shape(self._images)[0], tf.int32)
        images = tf.gather(self._images, chosen)
        labels = tf.gather(self._labels, chosen)
        noise = self._random.normal((BATCH, PIXELS))
        time = self._random.uniform((BATCH, 1))
        mixture = (1.0 - time) * noise + time * images
        # An error in the picture is an error of 1 / (1 - t) in the velocity; bounded, so
        # that pictures with next to no noise left do not outweigh all others.
        weight = 1.0 / ((1.0 - time) ** 2 + 0.05)
        with tf.GradientTape() as tape:
            said = self._network([mixture, _waves(time), labels], training=True)
            loss = tf.reduce_mean(weight * (said - images) ** 2)
        variables = self._network.trainable_variables
        self._optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))
        return loss

    @tf.function
    def _draw(self, noise: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        drawn = noise
        for step in tf.range(DRAWING_STEPS):
            time = tf.fill((tf.shape(noise)[0], 1), tf.cast(step, tf.float32) / DRAWING_STEPS)
            said = self._network([drawn, _waves(time), labels])
            drawn += (said - drawn) / (1.0 - time) / DRAWING_STEPS
        return drawn


def _network(seed: int) -> keras.Model:
    initializers = keras.initializers
    mixture = keras.Input((PIXELS,))
    time = keras.Input((2 * len(FREQUENCIES),))
    label = keras.Input((digits.CLASSES,))
    hidden = mixture
    for layer in range(3):
        hidden = keras.layers.Concatenate()([hidden, time, label])
        hidden = keras.layers.Dense(
            UNITS,
            activation="silu",
            kernel_initializer=initializers.GlorotUniform(seed=seed + layer),
        )(hidden)
    scaled = initializers.VarianceScaling(LAST_LAYER_SCALE, seed=seed + 3)
    said = keras.layers.Dense(PIXELS, kernel_initializer=scaled)(hidden)
    return keras.Model([mixture, time, label], said, name="generator")


def _waves(time: tf.Tensor) -> tf.Tensor:
    """The time as sines and cosines, shape [batch, 16]: easier to learn from than a number."""
    angles = time * (tf.constant(FREQUENCIES, tf.float32) * (math.pi / 2.0))
    return tf.concat([tf.sin(angles), tf.cos(angles)], axis=1)
