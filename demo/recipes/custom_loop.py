"""A training loop of one's own with tf.summary: a small network learns to part two spirals.

    pip install "tb-animate[demo]"
    python demo/recipes/custom_loop.py --logdir logs --steps 2000
    tensorboard --logdir logs

Animate plays the plane as the network sees it (image), its weights (histograms), and the
hidden layer's view of the points (embedding), all in step.
"""

import argparse

import keras
import numpy as np
import tensorflow as tf

import tb_animate

parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
parser.add_argument("--logdir", default="logs")
parser.add_argument("--steps", type=int, default=2000)
arguments = parser.parse_args()

keras.utils.set_random_seed(1)
LOG_EVERY = 25

# Two spirals of 200 points each: one of blue, one of orange.
turn = np.sqrt(np.linspace(0.02, 1, 200)) * 3 * np.pi
spiral = np.stack([turn * np.cos(turn), turn * np.sin(turn)], axis=1) / 10
points = tf.constant(np.concatenate([spiral, -spiral]), tf.float32)
labels = tf.repeat([[0.0], [1.0]], 200, axis=0)
colours = ["blue"] * 200 + ["orange"] * 200

# Every pixel of a picture of the plane.
plane = tf.stack(tf.meshgrid(*2 * [tf.linspace(-1.0, 1.0, 128)]), axis=-1)
blue, orange = tf.constant([0.12, 0.47, 0.71]), tf.constant([1.0, 0.5, 0.05])

hidden = keras.Sequential(
    [keras.Input((2,)), *(keras.layers.Dense(32, "tanh", name=f"hidden_{i}") for i in (1, 2))]
)
model = keras.Sequential([hidden, keras.layers.Dense(1, "sigmoid", name="output")])
optimizer = keras.optimizers.Adam(0.005)


@tf.function
def train():
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(keras.losses.binary_crossentropy(labels, model(points)))
    weights = model.trainable_variables
    optimizer.apply(tape.gradient(loss, weights), weights)
    return loss


with tf.summary.create_file_writer(f"{arguments.logdir}/custom_loop").as_default():
    for step in range(arguments.steps + 1):
        loss = train()
        if step % LOG_EVERY:
            continue
        tf.summary.scalar("loss", loss, step)
        share = tf.reshape(model(tf.reshape(plane, [-1, 2])), [1, 128, 128, 1])
        tf.summary.image("plane", blue + (orange - blue) * share, step)
        for weight in model.trainable_variables:
            # What stands before a slash is the name of a group in the tab.
            tf.summary.histogram("weights/" + "/".join(weight.path.split("/")[-2:]), weight, step)
        tb_animate.summary.embedding("hidden", hidden(points), step, metadata=colours)
