"""A Keras classifier that overfits, and all that Keras' TensorBoard callback logs of it.

    pip install "tb-animate[demo]"
    python demo/recipes/keras_classifier.py --logdir logs --epochs 60
    tensorboard --logdir logs

Animate plays the weights of each layer as histograms and as images, and the features of digits
that it does not learn from as points. Pick epoch_loss for the timeline: the validation's rises
again while the training's still falls.
"""

import argparse

import keras
from sklearn.datasets import load_digits

from tb_animate.keras import EmbeddingCallback

parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
parser.add_argument("--logdir", default="logs")
parser.add_argument("--epochs", type=int, default=60)
arguments = parser.parse_args()

keras.utils.set_random_seed(1)
digits = load_digits()
images, labels = digits.images[..., None] / 16, digits.target
# So few to learn from that they are learnt by heart.
learnt, unseen = slice(0, 100), slice(1000, 1500)

model = keras.Sequential(
    [
        keras.Input((8, 8, 1)),
        keras.layers.Conv2D(16, 3, activation="relu", name="filters"),
        keras.layers.Flatten(),
        keras.layers.Dense(64, activation="relu", name="features"),
        keras.layers.Dense(10, activation="softmax", name="digits"),
    ],
    name="classifier",
)
model.compile(keras.optimizers.Adam(0.005), "sparse_categorical_crossentropy", metrics=["accuracy"])

tensorboard = keras.callbacks.TensorBoard(
    f"{arguments.logdir}/keras_classifier", histogram_freq=1, write_images=True
)
features = EmbeddingCallback(
    images[unseen], labels[unseen], layer="features", freq=1, log_dir=tensorboard
)
model.fit(
    images[learnt],
    labels[learnt],
    epochs=arguments.epochs,
    validation_data=(images[unseen], labels[unseen]),
    callbacks=[tensorboard, features],
    verbose=2,
)
