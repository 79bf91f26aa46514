"""Tells digits apart: two small hidden layers, whose weights and features are logged."""

from __future__ import annotations

from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

import digits

BATCH = 32
UNITS = (32, 16)


class Evaluation(NamedTuple):
    """What the classifier makes of some digits.

    Attributes:
      loss: mean cross-entropy in nats.
      accuracy: share of digits that it names rightly.
      named: int64, shape [digits], what it takes each digit for.
      features: float32, shape [digits, 16], the outputs of the last hidden layer.
    """

    loss: float
    accuracy: float
    named: NDArray[np.int64]
    features: NDArray[np.float32]


class Classifier:
    """A multilayer perceptron over 8 x 8 digits.

    Args:
      data: what to learn from.
      learning_rate: at the start; it falls along a cosine to a twentieth.
      epochs: after so many epochs the learning rate has fallen.
      seed: of the weights and of the order of the batches.
    """

    def __init__(
        self, data: digits.Digits, *, learning_rate: float, epochs: int, seed: int
    ) -> None:
        self._images = tf.constant(data.flat)
        self._labels = tf.constant(data.labels)
        self._batches = len(data.images) // BATCH
        self._random = np.random.default_rng(seed)
        self._network = _network(seed)
        self._loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        decay = keras.optimizers.schedules.CosineDecay(
            learning_rate, epochs * self._batches, alpha=0.05
        )
        self._optimizer = keras.optimizers.Adam(decay)
        self._optimizer.build(self._network.trainable_variables)

    @property
    def learning_rate(self) -> float:
        """The one that the next batch is trained with."""
        return float(self._optimizer.learning_rate)

    @property
    def weights(self) -> dict[str, NDArray[np.float32]]:
        """All trained weights by name, such as `hidden_1/kernel`, in the layers' order."""
        return {
            f"{layer.name}/{weight.name}": weight.numpy()
            for layer in self._network.layers
            for weight in layer.trainable_variables
        }

    def train_epoch(self) -> None:
        """Trains on every digit once, in a new order; the last incomplete batch is left out."""
        order = self._random.permutation(len(self._images))[: self._batches * BATCH]
        self._train_epoch(tf.constant(order.reshape(self._batches, BATCH)))

    def evaluate(self, data: digits.Digits) -> Evaluation:
        """Says how well it does on these digits."""
        logits, features = (part.numpy() for part in self._outputs(tf.constant(data.flat)))
        named = logits.argmax(axis=1)
        return Evaluation(
            loss=float(self._loss(data.labels, logits)),
            accuracy=float((named == data.labels).mean()),
            named=named,
            features=features,
        )

    @tf.function
    def _train_epoch(self, batches: tf.Tensor) -> None:
        variables = self._network.trainable_variables
        for batch in batches:
            with tf.GradientTape() as tape:
                logits, _ = self._network(tf.gather(self._images, batch), training=True)
                loss = self._loss(tf.gather(self._labels, batch), logits)
            gradients = tape.gradient(loss, variables)
            self._optimizer.apply_gradients(zip(gradients, variables, strict=True))

    @tf.function
    def _outputs(self, images: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        return self._network(images)


def _network(seed: int) -> keras.Model:
    images = keras.Input((64,))
    hidden = images
    for layer, units in enumerate(UNITS, start=1):
        hidden = keras.layers.Dense(
            units,
            activation="relu",
            kernel_initializer=keras.initializers.GlorotUniform(seed=seed + layer),
            name=f"hidden_{layer}",
        )(hidden)
    logits = keras.layers.Dense(
        digits.CLASSES,
        kernel_initializer=keras.initializers.GlorotUniform(seed=seed),
        name="logits",
    )(hidden)
    return keras.Model(images, [logits, hidden], name="classifier")
