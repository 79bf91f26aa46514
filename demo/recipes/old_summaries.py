"""Summaries as TensorFlow 1 has them: softmax regression on digits, in a graph and a session.

    pip install "tb-animate[demo]"
    python demo/recipes/old_summaries.py --logdir logs --steps 60
    tensorboard --logdir logs

Animate plays what each digit's weights look for (images) and how they are spread (histogram).
"""

import argparse

import tensorflow.compat.v1 as tf
from sklearn.datasets import load_digits

parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
parser.add_argument("--logdir", default="logs")
parser.add_argument("--steps", type=int, default=60)
arguments = parser.parse_args()

tf.disable_eager_execution()
digits = load_digits()
images = tf.constant(digits.data / 16.0, tf.float32)
labels = tf.constant(digits.target)

weights = tf.get_variable("weights", initializer=tf.random.normal([64, 10], stddev=0.1, seed=1))
logits = tf.matmul(images, weights)
loss = tf.losses.sparse_softmax_cross_entropy(labels, logits)
train = tf.train.MomentumOptimizer(0.5, momentum=0.9).minimize(loss)

tf.summary.scalar("loss", loss)
tf.summary.histogram("spread", weights)
# Two rows of five pictures of 8 x 8. Grey is 0 at every step: floats, where some are negative,
# would be scaled anew for each picture.
rows = tf.transpose(tf.reshape(weights, [8, 8, 2, 5]), [2, 0, 3, 1])
picture = tf.clip_by_value(128 + 32 * tf.reshape(rows, [1, 16, 40, 1]), 0, 255)
tf.summary.image("digits", tf.cast(picture, tf.uint8), max_outputs=1)
summaries = tf.summary.merge_all()

with (
    tf.Session() as session,
    tf.summary.FileWriter(f"{arguments.logdir}/old_summaries") as writer,
):
    session.run(tf.global_variables_initializer())
    for step in range(arguments.steps):
        writer.add_summary(session.run(summaries), step)
        session.run(train)
