"""`GeneratedImagesCallback` logs what a generator draws from the same noise."""

from __future__ import annotations

import io
import os
import pathlib
import warnings
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

import logs
import reading
import tb_animate

with logs.quiet_tensorflow() as tf:
    import keras
    from keras import layers

Pixels = NDArray[np.uint8]
REAL = np.random.default_rng(1).normal(size=(64, 8, 8, 1)).astype(np.float32)


def drawer(activation: str = "tanh", *, unbuilt: bool = False) -> Any:
    """8 x 8 images of 4 numbers."""
    head = [] if unbuilt else [keras.Input((4,))]
    return keras.Sequential(
        [*head, layers.Dense(64, activation=activation), layers.Reshape((8, 8, 1))]
    )


class Gan(keras.Model):  # type: ignore[misc]
    """As tutorials have it: two models, a training step of its own, and no `call`."""

    def __init__(self, *, unbuilt: bool = False) -> None:
        super().__init__()
        self.generator = drawer(unbuilt=unbuilt)
        self.discriminator = keras.Sequential([layers.Flatten(), layers.Dense(1)])
        self.steps = 0

    def compile(self) -> None:
        super().compile()
        self.of_generator = keras.optimizers.Adam(0.01)
        self.of_discriminator = keras.optimizers.Adam(0.01)

    def train_step(self, real: Any) -> dict[str, Any]:
        self.steps += 1
        count = tf.shape(real)[0]
        with tf.GradientTape(persistent=True) as tape:
            drawn = self.generator(tf.random.normal((count, 4)), training=True)
            judged = self.discriminator(drawn, training=True)
            loss = -tf.reduce_mean(judged)
            other = -loss - tf.reduce_mean(self.discriminator(real, training=True))
        for model, optimizer, of in (
            (self.generator, self.of_generator, loss),
            (self.discriminator, self.of_discriminator, other),
        ):
            weights = model.trainable_variables
            optimizer.apply_gradients(zip(tape.gradient(of, weights), weights, strict=True))
        return {"loss": loss}


class Still(keras.Model):  # type: ignore[misc]
    """Trains nothing, and keeps what its generator was called with."""

    def __init__(self, images: Any) -> None:
        super().__init__()
        self.images = images
        self.noises: list[Any] = []
        self.compile()

    def generator(self, noise: Any) -> Any:
        self.noises.append(noise)
        return tf.constant(self.images)

    def train_step(self, data: Any) -> dict[str, Any]:
        return {"loss": tf.reduce_mean(data)}


def fit(model: Any, *callbacks: Any, epochs: int = 3) -> None:
    if not model.compiled:
        model.compile()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"keras\.|tensorflow\.")
        model.fit(REAL, epochs=epochs, verbose=0, callbacks=list(callbacks))


def frames(path: pathlib.Path) -> dict[int, list[Pixels]]:
    """By step, the pixels of each sample."""
    source = reading.opened(path)
    assert source.warnings() == []
    (one,) = [series for series in source.series() if series.kind == "image"]
    found = {}
    for frame in reading.read(source, one):
        assert frame.error is None
        assert isinstance(frame.data, tuple)
        pictures = [Image.open(io.BytesIO(data)) for data in frame.data[2:]]
        found[frame.step] = [np.asarray(picture) for picture in pictures]
    return found


def only_file(path: pathlib.Path) -> pathlib.Path:
    (file,) = path.rglob("events.*")
    return file


def shown(model: Any, noise: Any) -> Pixels:
    """What a generator with tanh gives, as pixels, by hand."""
    images = np.asarray(model(noise))[..., 0]
    return np.rint((images + 1) / 2 * 255).astype(np.uint8)


@pytest.mark.parametrize("unbuilt", [False, True])
def test_the_generator_of_a_gan_from_the_same_noise(tmp_path: pathlib.Path, unbuilt: bool) -> None:
    keras.utils.set_random_seed(1)
    noise = np.random.default_rng(3).normal(size=(5, 4)).astype(np.float32)
    model = Gan(unbuilt=unbuilt)
    expected = {}

    class Keeps(keras.callbacks.Callback):  # type: ignore[misc]
        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            expected[epoch - 1] = shown(model.generator, noise)

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            expected[epoch] = shown(model.generator, noise)

    ours = tb_animate.keras.GeneratedImagesCallback(noise=noise, log_dir=tmp_path)
    fit(model, ours, Keeps())

    found = frames(tmp_path)
    assert list(found) == [-1, 0, 1, 2]
    for step, samples in found.items():
        np.testing.assert_array_equal(samples, expected[step])
    assert (expected[2] != expected[-1]).any()
    (series,) = tb_animate.list_series(tmp_path)
    assert (series.run, series.tag, series.kind) == ("train", "generated", "image")
    assert (series.samples, series.frames, series.complete) == (5, 4, True)


def test_training_goes_as_without_it(tmp_path: pathlib.Path) -> None:
    trained = []
    for callbacks in ([], [tb_animate.keras.GeneratedImagesCallback(log_dir=tmp_path)]):
        keras.utils.set_random_seed(5)
        model = Gan()
        fit(model, *callbacks)
        trained.append((model.steps, [variable.numpy() for variable in model.variables]))
    (steps, before), (watched, after) = trained
    assert steps == watched
    for one, other in zip(before, after, strict=True):
        np.testing.assert_array_equal(one, other)


def test_its_own_noise_is_normal_and_the_same_for_a_seed(tmp_path: pathlib.Path) -> None:
    drawn = []
    for seed, shape in ((0, 500), (0, 500), (1, (20, 25))):
        model = Still(np.zeros((64, 2, 2, 1), np.uint8))
        fit(
            model,
            tb_animate.keras.GeneratedImagesCallback(
                latent_dim=shape, samples=64, seed=seed, log_dir=tmp_path
            ),
        )
        first, *others = [np.asarray(noise) for noise in model.noises]
        assert len(others) == 3
        assert all((other == first).all() for other in others)
        drawn.append(first)
    assert (drawn[0] == drawn[1]).all()
    assert drawn[2].shape == (64, 20, 25)
    assert (drawn[0] != drawn[2].reshape(64, 500)).any()
    for noise in drawn:
        assert noise.dtype == np.float32
        assert abs(noise.mean()) < 0.03
        assert abs(noise.std() - 1) < 0.03


def test_the_model_itself_and_its_input_shape(tmp_path: pathlib.Path) -> None:
    class Decoder(keras.Sequential):  # type: ignore[misc]
        def train_step(self, data: Any) -> dict[str, Any]:
            return {"loss": tf.reduce_mean(data)}

    model = Decoder([keras.Input((4,)), layers.Dense(64, "tanh"), layers.Reshape((8, 8))])
    fit(model, tb_animate.keras.GeneratedImagesCallback(log_dir=tmp_path, seed=2))
    noise = np.random.default_rng(2).standard_normal((16, 4)).astype(np.float32)
    expected = np.rint((np.asarray(model(noise)) + 1) / 2 * 255)
    np.testing.assert_array_equal(frames(tmp_path)[-1], expected)


@pytest.mark.parametrize("form", [list, dict])
def test_a_conditional_generator(tmp_path: pathlib.Path, form: type) -> None:
    noise, digit = keras.Input((4,), name="noise"), keras.Input((), dtype="int32", name="digit")
    joined = layers.Concatenate()([noise, layers.Embedding(10, 3)(digit)])
    image = layers.Reshape((8, 8, 1))(layers.Dense(64, "tanh")(joined))
    generator = keras.Model([noise, digit], image)
    given = {
        "noise": np.random.default_rng(4).normal(size=(10, 4)).astype(np.float32),
        "digit": np.arange(10),
    }
    inputs: Any = given if form is dict else list(given.values())
    ours = tb_animate.keras.GeneratedImagesCallback(generator, inputs, log_dir=tmp_path)
    fit(Gan(), ours)
    expected = shown(generator, [tf.constant(part) for part in given.values()])
    np.testing.assert_array_equal(frames(tmp_path)[2], expected)


@pytest.mark.parametrize(
    ("value_range", "values", "pixels"),
    [
        ((-1, 1), [-1, -0.5, 0, 1], [0, 64, 128, 255]),
        ((-1, 1), [-1.05, 1.05, -1, 1], [0, 255, 0, 255]),
        ((0, 1), [0, 0.2, 0.5, 1], [0, 51, 128, 255]),
        ((0, 255), [0, 51.4, 51.6, 255], [0, 51, 52, 255]),
        ((-3, 7), [-3, -1, 1, 7], [0, 51, 102, 255]),
    ],
)
def test_the_value_range_is_mapped_to_black_and_white(
    tmp_path: pathlib.Path, value_range: Any, values: list[float], pixels: list[int]
) -> None:
    images = np.float32(values).reshape(1, 2, 2, 1)
    ours = tb_animate.keras.GeneratedImagesCallback(
        latent_dim=1, value_range=value_range, log_dir=tmp_path
    )
    fit(Still(images), ours)
    for samples in frames(tmp_path).values():
        assert samples[0].ravel().tolist() == pixels


def test_bytes_are_logged_as_they_are_with_all_their_channels(tmp_path: pathlib.Path) -> None:
    for channels in (1, 3, 4):
        images = np.random.default_rng(channels).integers(0, 256, (2, 6, 5, channels), np.uint8)
        logdir = tmp_path / str(channels)
        fit(
            Still(images),
            tb_animate.keras.GeneratedImagesCallback(latent_dim=1, log_dir=logdir, run=""),
        )
        assert only_file(logdir).parent == logdir
        expected = images[..., 0] if channels == 1 else images
        np.testing.assert_array_equal(frames(logdir)[0], expected)


@pytest.mark.parametrize(
    ("low", "high", "value_range", "said"),
    [
        (0, 1, (-1, 1), r"lie from 0 to 1, and value_range is -1 to 1.*value_range=\(0, 1\)"),
        (0, 255, (-1, 1), r"lie from 0 to 255"),
        (-1, 1, (0, 1), r"lie from -1 to 1, and value_range is 0 to 1"),
        (np.nan, np.nan, (-1, 1), r"are not finite"),
    ],
)
def test_a_range_that_looks_wrong_is_said_once(
    tmp_path: pathlib.Path, low: float, high: float, value_range: Any, said: str
) -> None:
    images = np.linspace(low, high, 100, dtype=np.float32).reshape(1, 10, 10, 1)
    ours = tb_animate.keras.GeneratedImagesCallback(
        latent_dim=1, value_range=value_range, log_dir=tmp_path
    )
    with pytest.warns(UserWarning, match=said) as caught:
        fit(Still(images), ours)
    assert len([one for one in caught if "value_range" in str(one.message)]) == 1
    assert len(frames(tmp_path)) == 4


def test_the_record_is_that_of_tensorflow(tmp_path: pathlib.Path) -> None:
    from tensorboard.backend.event_processing.event_file_loader import RawEventFileLoader
    from tensorboard.compat.proto.event_pb2 import Event

    images = np.random.default_rng(0).integers(0, 256, (3, 6, 5, 3), np.uint8)
    fit(
        Still(images),
        tb_animate.keras.GeneratedImagesCallback(
            latent_dim=1, description="Drawn.", log_dir=tmp_path, run="ours"
        ),
        epochs=1,
    )
    writer = tf.summary.create_file_writer(os.fspath(tmp_path / "theirs"))
    with writer.as_default():
        tf.summary.image("generated", images, step=-1, description="Drawn.", max_outputs=3)
    writer.close()
    ours, theirs = (
        list(RawEventFileLoader(os.fspath(only_file(tmp_path / run))).Load())[1]
        for run in ("ours", "theirs")
    )
    (one,), (other,) = (Event.FromString(record).summary.value for record in (ours, theirs))
    # TensorBoard sets the class as it reads theirs; for its data server it stands in ours.
    from tensorboard import dataclass_compat

    (migrated,) = dataclass_compat.migrate_event(Event.FromString(theirs), {})
    assert one.metadata == migrated.summary.value[0].metadata
    assert (one.tag, one.tensor.dtype) == (other.tag, other.tensor.dtype)
    assert one.tensor.tensor_shape == other.tensor.tensor_shape
    assert one.tensor.string_val[:2] == other.tensor.string_val[:2] == [b"5", b"6"]
    for mine, its in zip(one.tensor.string_val[2:], other.tensor.string_val[2:], strict=True):
        np.testing.assert_array_equal(
            np.asarray(Image.open(io.BytesIO(mine))), np.asarray(Image.open(io.BytesIO(its)))
        )


@pytest.mark.parametrize(
    ("shape", "most"),
    [((28, 28, 1), 15_000), ((64, 64, 3), 201_000), ((256, 256, 3), 3_200_000)],
)
def test_it_costs_the_bytes_and_calls_that_it_says(
    tmp_path: pathlib.Path, shape: tuple[int, ...], most: int
) -> None:
    # Nothing is larger as a PNG than noise.
    images = np.random.default_rng(0).integers(0, 256, (16, *shape), np.uint8)
    model = Still(images)
    fit(model, tb_animate.keras.GeneratedImagesCallback(latent_dim=8, log_dir=tmp_path), epochs=2)
    assert len(model.noises) == len(frames(tmp_path)) == 3
    assert 3 * 0.9 * images.nbytes < only_file(tmp_path).stat().st_size <= 3 * most


def test_large_images_are_made_smaller(tmp_path: pathlib.Path) -> None:
    images = np.zeros((2, 512, 1024, 3), np.uint8)
    images[:, :, 512:] = 200
    fit(Still(images), tb_animate.keras.GeneratedImagesCallback(latent_dim=8, log_dir=tmp_path))
    for image in frames(tmp_path)[0]:
        assert image.shape == (128, 256, 3)
        np.testing.assert_array_equal(image, images[0, ::4, ::4])


def test_frequency_and_the_scalars_beside(tmp_path: pathlib.Path) -> None:
    board = keras.callbacks.TensorBoard(os.fspath(tmp_path))
    ours = tb_animate.keras.GeneratedImagesCallback(log_dir=board, freq=4)
    fit(Gan(), board, ours, epochs=7)
    assert list(frames(tmp_path)) == [-1, 0, 4, 6]
    tb_animate.export_clip(tmp_path, tmp_path / "out.gif", tag="generated", scalar=["epoch_loss"])


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"noise": np.zeros((2, 4)), "latent_dim": 4}, "Both noise and latent_dim"),
        ({"noise": np.zeros((65, 4))}, r"noise has \[65\] rows, and 1 to 64"),
        ({"noise": [np.zeros((2, 4)), np.zeros((3, 4))]}, r"noise has \[2, 3\] rows"),
        ({"noise": 3.0}, r"noise has \[0\] rows"),
        ({"samples": 0}, "samples is 0"),
        ({"samples": 65}, "samples is 65"),
        ({"value_range": (1, -1)}, r"value_range is \(1, -1\)"),
        ({"value_range": (0, float("nan"))}, "value_range is"),
        ({"max_side": 0}, "max_side is 0"),
        ({"freq": True}, "freq is True"),
    ],
)
def test_what_does_not_fit_is_said_at_once(given: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        tb_animate.keras.GeneratedImagesCallback(drawer(), **given)


@pytest.mark.parametrize(
    ("images", "given", "said"),
    [
        (np.zeros((2, 784)), {}, r"gives shape \[2, 784\].*keras\.ops\.reshape"),
        (np.zeros((2, 8, 8, 2)), {}, r"gives shape \[2, 8, 8, 2\]"),
        (np.zeros((0, 8, 8, 1)), {}, r"gives shape \[0, 8, 8, 1\]"),
        (np.zeros((65, 8, 8, 1)), {}, "gives 65 images, and 64 is the most"),
        (np.zeros((2, 8, 8, 1)), {"latent_dim": None}, "give latent_dim"),
    ],
)
def test_what_is_no_image_is_said_before_training(
    tmp_path: pathlib.Path, images: Any, given: dict[str, Any], said: str
) -> None:
    ours = tb_animate.keras.GeneratedImagesCallback(
        **{"latent_dim": 4, "log_dir": tmp_path, **given}
    )
    ours.set_model(Still(images.astype(np.float32)))
    with pytest.raises(ValueError, match=said):
        ours.on_epoch_begin(0)
