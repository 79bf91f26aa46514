"""`EmbeddingCallback` takes data, labels and layers in the forms that Keras has for them."""

from __future__ import annotations

import pathlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

import tb_animate
from keras_models import POINTS, RANDOM, X, Y, fit, keras, latent, layers, sequential, tf
from reading import frames


def datasets() -> list[tuple[str, Any, Any, Sequence[int]]]:
    """A name, what is given, labels, and the points of X that are shown."""
    rows = np.sort(np.random.default_rng(0).choice(POINTS, 20, replace=False)).tolist()
    pairs = tf.data.Dataset.from_tensor_slices((X, Y))
    one_hot = np.eye(3, dtype=np.float32)[Y]

    class Batches(keras.utils.PyDataset):  # type: ignore[misc]
        def __len__(self) -> int:
            return 9

        def __getitem__(self, index: int) -> Any:
            return X[index * 10 :][:10], Y[index * 10 :][:10]

    return [
        ("array", X, Y, rows),
        ("lists", X.tolist(), Y.tolist(), rows),
        ("tensor", tf.constant(X), tf.constant(Y), rows),
        ("one-hot", X, one_hot, rows),
        ("floating column", X, Y[:, None].astype(np.float32), rows),
        ("pair", (X, Y), None, rows),
        ("weighted", (X, one_hot, np.ones(POINTS)), None, rows),
        ("dataset of pairs", pairs.batch(7), None, range(20)),
        ("endless dataset", pairs.batch(32).repeat(), None, range(20)),
        ("dataset of inputs", tf.data.Dataset.from_tensor_slices(X).batch(9), Y, range(20)),
        ("PyDataset", Batches(), None, range(20)),
    ]


@pytest.mark.parametrize(
    ("data", "labels", "rows"), [pytest.param(*given, id=name) for name, *given in datasets()]
)
def test_the_same_points_each_time_with_what_is_theirs(
    tmp_path: pathlib.Path, data: Any, labels: Any, rows: Sequence[int]
) -> None:
    model = sequential()
    sprite = np.arange(POINTS, dtype=np.uint8)[:, None, None] * np.ones((1, 2, 2), np.uint8)
    ours = tb_animate.keras.EmbeddingCallback(
        data,
        labels,
        log_dir=tmp_path,
        max_points=20,
        sprite=sprite,
        ids=np.arange(POINTS),
        half=False,
        description="Digits.",
    )
    fit(model, ours)
    expected = latent(model, X[list(rows)])
    *_, last = found = frames(tmp_path)
    np.testing.assert_allclose(last.data, expected, atol=1e-6)
    for frame in found:
        assert frame.table is not None
        assert frame.table.columns["label"] == tuple(str(Y[row]) for row in rows)
        assert frame.table.ids == tuple(str(row) for row in rows)
        assert frame.table.sprite is not None
    (series,) = tb_animate.list_series(tmp_path)
    assert (series.kind, series.frames, series.complete) == ("embedding", 3, True)


def test_targets_that_are_no_labels_are_left_out(tmp_path: pathlib.Path) -> None:
    columns = {"digit": Y, "image": RANDOM.random((POINTS, 6))}
    ours = tb_animate.keras.EmbeddingCallback((X, columns), log_dir=tmp_path)
    fit(sequential(), ours)
    table = frames(tmp_path)[0].table
    assert table is not None
    assert list(table.columns) == ["digit"]


def test_several_inputs_as_list_and_as_mapping(tmp_path: pathlib.Path) -> None:
    left, right = keras.Input((2,), name="left"), keras.Input((4,), name="right")
    joined = layers.Concatenate(name="joined")([left, right])
    model = keras.Model([left, right], layers.Dense(3)(joined))
    named = {"left": X[:, :2], "right": X[:, 2:]}
    for name, data in (("list", [X[:, :2], X[:, 2:]]), ("mapping", named)):
        ours = tb_animate.keras.EmbeddingCallback(
            data, Y, layer="joined", log_dir=tmp_path, name=name, half=False
        )
        fit(model, ours, x=[X[:, :2], X[:, 2:]], epochs=1)
        for frame in frames(tmp_path, name):
            np.testing.assert_array_equal(frame.data, X)


def test_texts_as_inputs(tmp_path: pathlib.Path) -> None:
    words = np.array(["cat", "dog", "owl"] * 10)
    lookup = layers.StringLookup(vocabulary=["cat", "dog", "owl"])
    model = keras.Sequential(
        [keras.Input((), dtype="string"), lookup, layers.Embedding(4, 5), layers.Dense(3)]
    )
    ours = tb_animate.keras.EmbeddingCallback(words, words, log_dir=tmp_path, half=False)
    fit(model, ours, x=tf.constant(words), y=np.arange(30) % 3, epochs=1)
    vectors = model.layers[-2].get_weights()[0]
    last = frames(tmp_path)[-1]
    np.testing.assert_allclose(last.data, vectors[np.arange(30) % 3 + 1], atol=1e-6)
    assert last.table is not None
    assert last.table.columns["label"] == tuple(words)


def nested() -> Any:
    encoder = keras.Sequential([keras.Input((6,)), layers.Dense(5, "tanh", name="latent")])
    encoder.name = "encoder"
    inputs = keras.Input((6,))
    return keras.Model(inputs, layers.Dense(3, name="out")(encoder(inputs)))


@pytest.mark.parametrize("layer", [-2, 1, "encoder", "latent", "encoder/latent"])
def test_a_nested_model_and_a_layer_in_it(tmp_path: pathlib.Path, layer: Any) -> None:
    model = nested()
    ours = tb_animate.keras.EmbeddingCallback(X, layer=layer, log_dir=tmp_path, half=False)
    fit(model, ours)
    kernel, bias = model.get_layer("encoder").get_weights()
    last = frames(tmp_path)[-1]
    np.testing.assert_allclose(last.data, np.tanh(X @ kernel + bias), atol=1e-6)


def test_the_layer_itself_of_several_outputs_and_more_axes(tmp_path: pathlib.Path) -> None:
    inputs = keras.Input((3, 2))
    recurrent = layers.LSTM(4, return_sequences=True, return_state=True)
    sequence, *_ = recurrent(inputs)
    model = keras.Model(inputs, layers.Dense(3)(layers.Flatten()(sequence)))
    x = X.reshape(POINTS, 3, 2)
    ours = tb_animate.keras.EmbeddingCallback(x, layer=recurrent, log_dir=tmp_path, half=False)
    fit(model, ours, x=x, epochs=1)
    expected = keras.ops.convert_to_numpy(recurrent(x)[0]).reshape(POINTS, 12)
    np.testing.assert_allclose(frames(tmp_path)[-1].data, expected, atol=1e-5)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"layer": -9}, r"layer is -9, and the model has 2 layers: latent, out\. Give"),
        ({"layer": 2}, "the model has 2 layers"),
        ({"layer": "hidden"}, "has no layer of the name 'hidden'; it has latent, out"),
        ({"layer": True}, "no layer of the name True"),
        ({"layer": layers.Dense(1, name="other")}, '"other" is not called when the model is'),
    ],
)
def test_a_layer_that_is_not_there_is_said_before_training(
    tmp_path: pathlib.Path, given: dict[str, Any], said: str
) -> None:
    model = sequential()
    with pytest.raises(ValueError, match=said):
        fit(model, tb_animate.keras.EmbeddingCallback(X, log_dir=tmp_path, **given))
    assert int(model.optimizer.iterations) == 0


def test_a_name_that_two_layers_have(tmp_path: pathlib.Path) -> None:
    inputs = keras.Input((6,))
    towers = [
        keras.Sequential([layers.Dense(2, name="latent")], name=name) for name in ("one", "two")
    ]
    joined = layers.Concatenate()([tower(inputs) for tower in towers])
    model = keras.Model(inputs, layers.Dense(3)(joined))
    ours = tb_animate.keras.EmbeddingCallback(X, layer="latent", log_dir=tmp_path)
    with pytest.raises(ValueError, match=r"has 2 layers of the name 'latent'.*one/latent.*two"):
        fit(model, ours)
    ours = tb_animate.keras.EmbeddingCallback(X, layer="two/latent", log_dir=tmp_path, half=False)
    fit(model, ours)
    kernel, bias = model.get_layer("two").get_weights()
    np.testing.assert_allclose(frames(tmp_path)[-1].data, X @ kernel + bias, atol=1e-5)


def test_a_layer_too_wide_and_one_without_rows(tmp_path: pathlib.Path) -> None:
    wide = keras.Sequential([keras.Input((6,)), layers.Dense(4097), layers.Dense(3)])
    with pytest.raises(ValueError, match=r"gives 4,097 numbers for a point.*4096 is the most"):
        fit(wide, tb_animate.keras.EmbeddingCallback(X, log_dir=tmp_path))
    inputs = keras.Input((6,))
    summed = layers.Lambda(lambda x: keras.ops.sum(x, axis=0), output_shape=(None,))
    model = keras.Model(inputs, [layers.Dense(3)(inputs), summed(inputs)])
    ours = tb_animate.keras.EmbeddingCallback(X, layer=summed, log_dir=tmp_path)
    ours.set_model(model)
    with pytest.raises(ValueError, match=r"shape \[6\] for 32 points"):
        ours.on_epoch_begin(0)


@pytest.mark.parametrize(
    ("data", "given", "said"),
    [
        (X, {"labels": Y[:80]}, 'labels "label" has 80 entries, and data has 90 points'),
        (X, {"labels": {"a": Y, "b": X}}, 'labels "b" has more than one value for a point'),
        (X, {"sprite": np.zeros((9, 2, 2))}, "sprite has 9 entries"),
        (X, {"ids": range(91)}, "ids has 91 entries"),
        (X[:0], {}, r"inputs of \[0\] points"),
        (3.0, {}, r"inputs of \[0\] points"),
        ([X, X[:5]], {}, r"inputs of \[5, 90\] points"),
        ((X, Y, Y, Y), {}, "a tuple of 4"),
        (tf.data.Dataset.from_tensor_slices(X).batch(9).take(0), {}, "without a batch"),
        (tf.data.Dataset.from_tensor_slices(X[:, 0]), {}, "without a batch"),
        (tf.data.Dataset.from_tensor_slices(X).batch(9), {"labels": Y[:8]}, "has 8 entries"),
        (X, {"freq": 0}, "freq is 0"),
        (X, {"freq": 2.5}, "freq is 2.5"),
        (X, {"name": ""}, "name is empty"),
        (X, {"max_points": 0}, "max_points is 0"),
        (X, {"batch_size": 0}, "batch_size is 0"),
    ],
)
def test_what_does_not_fit_is_said_at_once(data: Any, given: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        tb_animate.keras.EmbeddingCallback(data, **given)
