"""`EmbeddingCallback` logs what a model does, at the cost it names, and changes nothing."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import tb_animate
from keras_models import (
    EPOCHS,
    POINTS,
    RANDOM,
    Subclassed,
    X,
    Y,
    event_files,
    fit,
    keras,
    latent,
    layers,
    sequential,
    steps,
    tf,
)
from reading import frames


def functional() -> Any:
    inputs = keras.Input((6,))
    return keras.Model(
        inputs, layers.Dense(3, name="out")(layers.Dense(5, "tanh", name="latent")(inputs))
    )


class Traced(Subclassed):
    """Its layers only ever see a graph's tensors, but for the callback."""

    @tf.function  # type: ignore[untyped-decorator]
    def call(self, inputs: Any) -> Any:
        return self.out(self.latent(inputs))


KINDS: list[Callable[[], Any]] = [sequential, functional, Subclassed, Traced]


@pytest.mark.parametrize("make", KINDS)
def test_each_frame_is_what_the_layer_gave_then(tmp_path: pathlib.Path, make: Any) -> None:
    model = make()
    model(X[:1])
    expected = {-1: latent(model)}

    class Keeps(keras.callbacks.Callback):  # type: ignore[misc]
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            expected[epoch] = latent(self.model)

    ours = tb_animate.keras.EmbeddingCallback(X, Y, log_dir=tmp_path, freq=1, half=False)
    fit(model, ours, Keeps())

    found = frames(tmp_path)
    assert [frame.step for frame in found] == [-1, 0, 1, 2, 3]
    for frame in found:
        np.testing.assert_allclose(frame.data, expected[frame.step], atol=1e-6)
        assert frame.table is not None
        assert frame.table.columns["label"] == tuple(str(label) for label in Y)
    assert np.abs(expected[3] - expected[-1]).max() > 0.01
    assert [one.run for one in tb_animate.list_series(tmp_path)] == ["validation"]


class Delicate(keras.Model):  # type: ignore[misc]
    """Everything that a call may change: statistics, random seeds, losses, a counter."""

    def __init__(self) -> None:
        super().__init__()
        self.first = layers.Dense(8, activity_regularizer=keras.regularizers.L2(0.01))
        self.norm = layers.BatchNormalization()
        self.drop = layers.Dropout(0.5, seed=3)
        self.seeds = keras.random.SeedGenerator(4)
        self.out = layers.Dense(3)
        self.calls = self.add_weight(shape=(), initializer="zeros", trainable=False)
        self.traces = 0

    def call(self, inputs: Any) -> Any:
        if not hasattr(inputs, "numpy"):
            self.traces += 1
        # In inference mode, too.
        self.calls.assign_add(1.0)
        noise = keras.random.normal((8,), seed=self.seeds)
        return self.out(self.drop(self.norm(self.first(inputs))) + noise)


@pytest.mark.parametrize("built", [True, False])
def test_training_goes_as_without_it(tmp_path: pathlib.Path, built: bool) -> None:
    trained = []
    for callbacks in ([], [tb_animate.keras.EmbeddingCallback(X, log_dir=tmp_path, freq=1)]):
        keras.utils.set_random_seed(5)
        model = Delicate()
        if built:
            model(X[:1])
        history = fit(model, *callbacks, validation_data=(X, Y))
        layer = model.layers[-2]
        assert not {"call", "quantized_call"} & set(vars(layer))
        assert not tf.config.functions_run_eagerly()
        trained.append((model, history.history))

    (plain, before), (watched, after) = trained
    assert before == after
    # TensorFlow traces a function again that has made variables. This is saved where the
    # callback is the first to call the model.
    assert 0 < watched.traces <= plain.traces
    assert watched.traces == plain.traces or not built
    state = [
        [variable.numpy() for variable in (*model.variables, model.seeds.state)]
        for model in (plain, watched)
    ]
    assert state[0][-1][1] > 0
    for one, other in zip(*state, strict=True):
        np.testing.assert_array_equal(one, other)
    assert len(frames(tmp_path)) == EPOCHS + 1


class Noisy(keras.Model):  # type: ignore[misc]
    """Unless told otherwise it takes every call for training."""

    def __init__(self) -> None:
        super().__init__()
        self.latent = layers.Dense(5, "tanh", name="latent")
        self.drop = layers.Dropout(0.5)
        self.out = layers.Dense(3)

    def call(self, inputs: Any, training: bool = True) -> Any:
        return self.out(self.latent(self.drop(inputs, training=training)))


def test_the_model_is_called_in_inference_mode(tmp_path: pathlib.Path) -> None:
    model = Noisy()
    ours = tb_animate.keras.EmbeddingCallback(X, layer="latent", log_dir=tmp_path, half=False)
    fit(model, ours)
    np.testing.assert_allclose(frames(tmp_path)[-1].data, latent(model), atol=1e-6)


def test_a_layer_that_fails_is_put_back(tmp_path: pathlib.Path) -> None:
    model = sequential()
    ours = tb_animate.keras.EmbeddingCallback(np.zeros((9, 7)), log_dir=tmp_path)
    with pytest.raises(ValueError, match=r"expected axis|incompatible"):
        fit(model, ours)
    assert "call" not in vars(model.layers[-2])
    assert not tf.config.functions_run_eagerly()
    fit(model)


@pytest.mark.parametrize(
    ("freq", "how", "expected"),
    [
        (5, {"epochs": 12}, [-1, 0, 5, 10, 11]),
        (5, {"epochs": 1}, [-1, 0]),
        (3, {"epochs": 4}, [-1, 0, 3]),
        (2, {"epochs": 8, "initial_epoch": 5}, [4, 6, 7]),
    ],
)
def test_steps_are_epochs_and_the_last_is_there(
    tmp_path: pathlib.Path, freq: int, how: dict[str, int], expected: list[int]
) -> None:
    fit(sequential(), tb_animate.keras.EmbeddingCallback(X, log_dir=tmp_path, freq=freq), **how)
    assert steps(tmp_path) == expected


class StopsAt(keras.callbacks.Callback):  # type: ignore[misc]
    def __init__(self, epoch: int, error: BaseException | None = None) -> None:
        super().__init__()
        self.epoch, self.error = epoch, error

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if epoch == self.epoch:
            if self.error is not None:
                raise self.error
            self.model.stop_training = True


def test_training_that_stops_early_has_its_last_epoch(tmp_path: pathlib.Path) -> None:
    model = sequential()
    ours = tb_animate.keras.EmbeddingCallback(X, log_dir=tmp_path, freq=4, half=False)
    fit(model, ours, StopsAt(6), epochs=50)
    last = frames(tmp_path)[-1]
    assert steps(tmp_path) == [-1, 0, 4, 6]
    np.testing.assert_allclose(last.data, latent(model), atol=1e-6)


def test_an_interrupted_fit_has_logged_and_goes_on(tmp_path: pathlib.Path) -> None:
    model = sequential()
    ours = tb_animate.keras.EmbeddingCallback(X, Y, log_dir=tmp_path, freq=2)
    with pytest.raises(KeyboardInterrupt):
        fit(model, ours, StopsAt(3, KeyboardInterrupt()), epochs=9)
    # Nothing has closed the file, and all of it is there.
    assert steps(tmp_path) == [-1, 0, 2]
    fit(model, ours, epochs=6, initial_epoch=3)
    assert steps(tmp_path) == [-1, 0, 2, 4, 5]
    fit(model, ours, epochs=8, initial_epoch=6)
    # Step 5 is where this fit begins, and it was logged.
    assert steps(tmp_path) == [-1, 0, 2, 4, 5, 6, 7]
    files = event_files(tmp_path)
    assert len(files) == 3
    # The labels are in each, so that one alone can be played.
    assert [file.read_bytes().count(b"features#points") for file in files] == [1, 1, 1]


def test_a_fit_that_starts_anew_logs_the_untrained_model_of_its_own(
    tmp_path: pathlib.Path,
) -> None:
    ours = tb_animate.keras.EmbeddingCallback(X, Y, log_dir=tmp_path, half=False)
    with pytest.raises(KeyboardInterrupt):
        # The one before hears of the epoch's end, the other does not.
        fit(sequential(), StopsAt(0, KeyboardInterrupt()), ours, epochs=2)
    other = sequential()
    untrained = latent(other)
    fit(other, ours, epochs=1)
    first = frames(tmp_path)[0]
    assert first.step == -1
    np.testing.assert_allclose(first.data, untrained, atol=1e-6)


def test_a_second_fit_from_the_start_takes_the_first_ones_place(tmp_path: pathlib.Path) -> None:
    model = sequential()
    ours = tb_animate.keras.EmbeddingCallback(X, Y, log_dir=tmp_path, freq=1, half=False)
    fit(model, ours, epochs=5)
    trained = latent(model)
    fit(model, ours, epochs=2)
    found = frames(tmp_path)
    # As with the steps of epoch_loss, which TensorBoard drops where they go back.
    assert [frame.step for frame in found] == [-1, 0, 1]
    np.testing.assert_allclose(found[0].data, trained, atol=1e-6)
    assert all(frame.table is not None for frame in found)


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_mixed_precision(tmp_path: pathlib.Path, policy: str) -> None:
    dense = layers.Dense(5, "tanh", dtype=policy)
    model = keras.Sequential([keras.Input((6,)), dense, layers.Dense(3, dtype="float32")])
    fit(model, tb_animate.keras.EmbeddingCallback(X, log_dir=tmp_path))
    kernel, bias = model.layers[0].get_weights()
    found = frames(tmp_path)[-1].data
    np.testing.assert_allclose(found, np.tanh(X @ kernel + bias), atol=0.03)


def test_under_a_distribution_strategy(tmp_path: pathlib.Path) -> None:
    with tf.distribute.MirroredStrategy(["CPU:0"]).scope():
        model = sequential()
        model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    fit(model, tb_animate.keras.EmbeddingCallback(X, log_dir=tmp_path, half=False))
    np.testing.assert_allclose(frames(tmp_path)[-1].data, latent(model), atol=1e-6)


def test_it_costs_the_bytes_and_calls_that_it_says(tmp_path: pathlib.Path) -> None:
    points, units = 1500, 64
    model = Subclassed(units)
    model(X[:1])
    model.batches.clear()
    x = RANDOM.normal(size=(points, 6)).astype(np.float32)
    y = RANDOM.integers(0, 3, points)
    ours = tb_animate.keras.EmbeddingCallback(x, y, log_dir=tmp_path)
    fit(model, ours, x=x, y=y, epochs=40, batch_size=points)

    # Untrained, every fifth, and the last.
    logged = 1 + 8 + 1
    assert len(frames(tmp_path)) == logged
    assert model.batches == ([32] * 31 + [8]) * logged
    (file,) = event_files(tmp_path)
    written = file.read_bytes()
    assert written.count(b"features#points") == 1
    labels = 3 * 2 * 1000 + 300
    assert 128_000 * logged < len(written) <= (128_000 + 300) * logged + labels


@pytest.mark.parametrize(
    ("given", "half", "width"),
    [
        (X[:, :5], True, 2),
        (X[:, :5], False, 4),
        # All at 1,000, where float16 has steps of a half.
        (X[:, :5] + 1000, True, 4),
        (X[:, :5] * 60_000, True, 4),
    ],
)
def test_float16_only_where_it_shows_the_same(
    tmp_path: pathlib.Path, given: NDArray[np.float32], half: bool, width: int
) -> None:
    model = keras.Sequential([keras.Input((5,)), layers.Identity(), layers.Dense(3)])
    ours = tb_animate.keras.EmbeddingCallback(given, log_dir=tmp_path, half=half)
    fit(model, ours, x=X[:, :5], epochs=1)
    (file,) = event_files(tmp_path)
    bare = 2 * POINTS * 5 * width
    assert bare < file.stat().st_size < bare + 800
    extent = np.ptp(given, axis=0).max()
    np.testing.assert_allclose(frames(tmp_path)[-1].data, given, rtol=0, atol=extent / 1000)


def test_beside_the_tensorboard_callback_in_one_log_directory(tmp_path: pathlib.Path) -> None:
    board = keras.callbacks.TensorBoard(os.fspath(tmp_path), histogram_freq=2)
    ours = tb_animate.keras.EmbeddingCallback(X, Y, log_dir=board, freq=2)
    fit(sequential(), board, ours, validation_data=(X, Y), epochs=6)
    listed = {(one.run, one.tag): one for one in tb_animate.list_series(tmp_path)}
    assert {run for run, _ in listed} == {"train", "validation"}
    features = listed["validation", "features"]
    weights = next(one for one in listed.values() if one.kind == "histogram")
    assert (features.first_step, features.last_step, features.frames) == (-1, 5, 5)
    assert (weights.first_step, weights.last_step, weights.frames) == (0, 4, 3)
    # A clip finds the scalars of its own run.
    tb_animate.export_clip(tmp_path, tmp_path / "out.gif", tag="features", scalar=["epoch_loss"])


@pytest.mark.parametrize("order", [1, -1])
def test_a_tensorboard_that_is_open_goes_on_reading_keras_scalars(
    tmp_path: pathlib.Path, order: int
) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    watching = EventAccumulator(os.fspath(tmp_path / "train"))

    class Reloads(keras.callbacks.Callback):  # type: ignore[misc]
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            watching.Reload()

    board = keras.callbacks.TensorBoard(os.fspath(tmp_path))
    ours = tb_animate.keras.EmbeddingCallback(X, log_dir=board, run="train", freq=1)
    fit(sequential(), *[board, ours][::order], Reloads())
    watching.Reload()
    found = watching.Tensors("epoch_loss")
    assert [event.step for event in found] == list(range(EPOCHS))


def test_keras_is_imported_when_it_is_asked_for() -> None:
    program = (
        "import sys, tb_animate, tb_animate.loader, tb_animate.summary\n"
        "assert not {'keras', 'tensorflow', 'tb_animate.keras'} & set(sys.modules)\n"
        "assert 'keras' in dir(tb_animate)\n"
        "sys.modules['keras'] = None\n"
        "from tb_animate import *\n"
        "try:\n"
        "    tb_animate.keras\n"
        "except ImportError as error:\n"
        "    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "needs Keras 3 and TensorFlow: pip install" in done.stdout


def test_an_old_keras_is_named(tmp_path: pathlib.Path) -> None:
    (tmp_path / "keras.py").write_text("__version__ = '2.15.0'\n")
    program = "import tb_animate\ntb_animate.keras\n"
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])},
    )
    assert "Keras 2.15.0 is installed." in done.stderr
