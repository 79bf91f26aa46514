"""Trains two small models on handwritten digits, with two learning rates, and logs them.

    python demo/train.py [--logdir DIR] [--quick] [--overwrite]

For each learning rate a generator that draws digits from noise and a classifier. After each
epoch both log what they have become: pictures, histograms, an embedding and scalars. When
all is done, a file DIR.json beside the log directory says so.
"""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import shutil
import sys
import time

# TensorFlow reads these when it is imported: errors only, and the same sums on every machine.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")

import numpy as np
import tensorflow as tf

import classifier
import digits
import generator
import pictures
from tb_animate import summary

HERE = pathlib.Path(__file__).resolve().parent
LEARNING_RATES = (0.001, 0.0001)
EPOCHS = 100
QUICK_EPOCHS = 5
SEED = 1
NOISE_SEED = 7
# Twelve pictures fill a grid of three rows of four.
DRAWN = np.array([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 2, 5])
SHOWN_UNITS = 16


def main() -> int:
    arguments = _arguments()
    logdir: pathlib.Path = arguments.logdir
    done = logdir.with_name(logdir.name + ".json")
    if logdir.is_dir() and any(logdir.iterdir()):
        if not arguments.overwrite:
            print(
                f"{logdir} is not empty; add --overwrite to replace the demo's runs in it, "
                "or choose another one with --logdir.",
                file=sys.stderr,
            )
            return 2
        for rate in LEARNING_RATES:
            shutil.rmtree(logdir / _run(rate), ignore_errors=True)
    done.unlink(missing_ok=True)

    epochs = QUICK_EPOCHS if arguments.quick else EPOCHS
    start = time.monotonic()
    training, validation = digits.load()
    for rate in LEARNING_RATES:
        _train(logdir / _run(rate), rate, epochs, training, validation)
    summary = {
        "runs": [_run(rate) for rate in LEARNING_RATES],
        "frames": epochs + 1,
        "seconds": round(time.monotonic() - start, 1),
    }
    done.write_text(json.dumps(summary, indent=2) + "\n", encoding="utf-8")
    print(f"Logged {epochs + 1} steps of {len(LEARNING_RATES)} runs in {summary['seconds']} s.")
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--logdir", type=pathlib.Path, default=HERE / "logs", metavar="DIR")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_EPOCHS} epochs only")
    parser.add_argument("--overwrite", action="store_true", help="replace the runs in DIR")
    return parser.parse_args()


def _run(rate: float) -> str:
    return f"lr={rate:g}"


def _train(
    directory: pathlib.Path,
    rate: float,
    epochs: int,
    training: digits.Digits,
    validation: digits.Digits,
) -> None:
    """Trains both models and logs each epoch, the untrained state as step 0."""
    drawer = generator.Generator(training, learning_rate=rate, epochs=epochs, seed=SEED)
    namer = classifier.Classifier(training, learning_rate=rate, epochs=epochs, seed=SEED)
    writers = {
        name: tf.summary.create_file_writer(str(directory / name))
        for name in ("train", "validation")
    }
    for epoch in range(epochs + 1):
        drawing_loss = None
        if epoch > 0:
            drawing_loss = drawer.train_epoch()
            namer.train_epoch()
        with writers["train"].as_default(step=epoch):
            result = namer.evaluate(training)
            _log_scores(result)
            tf.summary.scalar("learning_rate", namer.learning_rate)
            if drawing_loss is not None:
                tf.summary.scalar("generator/loss", drawing_loss)
            _log_drawings(drawer)
            _log_weights(namer)
        with writers["validation"].as_default(step=epoch):
            result = namer.evaluate(validation)
            _log_scores(result)
            _log_judgement(result, validation, epoch)
        if epoch % 10 == 0 or epoch == epochs:
            print(
                f"{_run(rate)}: epoch {epoch} of {epochs}, "
                f"validation accuracy {result.accuracy:.1%}",
                flush=True,
            )
    for writer in writers.values():
        writer.close()


def _log_scores(result: classifier.Evaluation) -> None:
    tf.summary.scalar("loss", result.loss)
    tf.summary.scalar("accuracy", result.accuracy)


def _log_drawings(drawer: generator.Generator) -> None:
    tf.summary.image(
        "generated/digits",
        pictures.framed(drawer.draw(DRAWN, NOISE_SEED), margin=2, value=0.0),
        max_outputs=len(DRAWN),
        description="Digits that the generator draws from the same noise after each epoch.",
    )


def _log_weights(namer: classifier.Classifier) -> None:
    weights = namer.weights
    for name, values in weights.items():
        tf.summary.histogram(f"weights/{name}", values)
    tf.summary.image(
        "weights/first_layer",
        pictures.first_layer(weights["hidden_1/kernel"], SHOWN_UNITS),
        max_outputs=SHOWN_UNITS,
        description="What each unit of the first layer looks for: ink where blue, none where "
        "orange.",
    )


def _log_judgement(result: classifier.Evaluation, data: digits.Digits, step: int) -> None:
    tf.summary.image(
        "validation/confusion",
        pictures.confusion(data.labels, result.named, digits.CLASSES),
        description="Rows: what the digits are, 0 at the top. Columns: what they were taken for.",
    )
    summary.embedding(
        "validation/features",
        result.features,
        step,
        metadata={"digit": data.labels},
        sprite=data.images,
        description="Where the last hidden layer puts the digits that it does not learn from.",
    )


if __name__ == "__main__":
    sys.exit(main())
