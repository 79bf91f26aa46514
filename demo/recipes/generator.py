"""A generator in Keras' fit that draws from the same noise after every epoch.

    pip install "tb-animate[demo]"
    python demo/recipes/generator.py --logdir logs --epochs 60
    tensorboard --logdir logs

Animate plays how noise becomes digits: each place in the grid keeps its noise, so that it shows
one digit taking shape. The model is a variational autoencoder, whose decoder is the generator.
"""

import argparse

import keras
from keras import layers, ops
from sklearn.datasets import load_digits

from tb_animate.keras import GeneratedImagesCallback

parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
parser.add_argument("--logdir", default="logs")
parser.add_argument("--epochs", type=int, default=60)
arguments = parser.parse_args()

keras.utils.set_random_seed(1)
# From -1 for paper to 1 for ink: the range of tanh, and the one that the callback expects.
digits = load_digits().images[..., None] / 8 - 1
larger = ops.clip(ops.image.resize(digits, (20, 20), "bicubic"), -1, 1)
images = ops.pad(larger, ((0, 0), (4, 4), (4, 4), (0, 0)), constant_values=-1)
LATENT = 8


class Sampling(layers.Layer):
    """Draws from the distribution that the encoder names, and keeps it close to the standard."""

    def call(self, mean, log_variance):
        divergence = ops.exp(log_variance) + ops.square(mean) - 1 - log_variance
        self.add_loss(0.003 * ops.mean(ops.sum(divergence, axis=-1)))
        return mean + ops.exp(log_variance / 2) * keras.random.normal(ops.shape(mean))


picture = keras.Input((28, 28, 1))
hidden = layers.Dense(256, activation="relu")(layers.Flatten()(picture))
code = Sampling()(layers.Dense(LATENT)(hidden), layers.Dense(LATENT)(hidden))
generator = keras.Sequential(
    [
        keras.Input((LATENT,)),
        layers.Dense(256, activation="relu"),
        layers.Dense(28 * 28, activation="tanh"),
        layers.Reshape((28, 28, 1)),
    ]
)
model = keras.Model(picture, generator(code))
model.compile(keras.optimizers.Adam(0.002), "mse")

logs = f"{arguments.logdir}/generator"
model.fit(
    images,
    images,
    epochs=arguments.epochs,
    callbacks=[
        keras.callbacks.TensorBoard(logs),
        GeneratedImagesCallback(generator, latent_dim=LATENT, samples=16, log_dir=logs),
    ],
    verbose=2,
)
