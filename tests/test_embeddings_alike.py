"""An embedding is the same series whichever way it was logged, and however TensorBoard reads it."""

from __future__ import annotations

import dataclasses
import os
import pathlib
import subprocess
from collections.abc import Iterator, Mapping
from typing import Any

import msgpack
import numpy as np
import pytest
from numpy.typing import NDArray

import fresh
import logs
import reading
import servers
from providers import data_server, sampling_multiplexer, source_over
from tb_animate import kinds, summary
from tb_animate.model import Frame, Series, Source, Sprite, series_id

TAG = "validation/features"
# TensorBoard without its data server keeps ten frames of a tag.
FRAMES, KEPT, POINTS, SIDE = 12, 10, 30, 6
CLOUDS = logs.clouds(FRAMES, points=POINTS)
CLOUDS[5][3, 2], CLOUDS[6][4, 0] = np.nan, np.inf
LABELS = [("dog", "Käfer", "two words")[index % 3] for index in range(POINTS)]
# What Keras' callback logs before training is one step before the first epoch.
STEPS = range(-1, FRAMES - 1)
# Black and white only, which stay what they are on the way through floats.
IMAGES = 255 * np.random.default_rng(0).integers(0, 2, (POINTS, SIDE, SIDE, 3), np.uint8)

HELPED = ["default", "named", "tensorboardx", "eventfile", "pytorch", "keras", "half"]
"""Runs that a helper of this package logged as events."""

ADDED = ["tensorboardx-own", "pytorch-own"]
"""Runs of `add_embedding`, which leaves files that only this package and the projector read."""

RUNS = sorted([*HELPED, *ADDED])


def log(step: int, **to: Any) -> None:
    assert summary.embedding(TAG, CLOUDS[step + 1], step, LABELS, IMAGES, **to)


def by_tensorflow(path: pathlib.Path) -> None:
    with logs.quiet_tensorflow() as tf:
        writer = tf.summary.create_file_writer(os.fspath(path / "default"))
        with writer.as_default():
            for step in STEPS:
                log(step)
        writer.close()
        writer = tf.summary.create_file_writer(os.fspath(path / "named"))
        for step in STEPS:
            log(step, writer=writer)
        writer.close()


def by_tensorboardx(path: pathlib.Path) -> None:
    with logs.quiet():
        from tensorboardX import SummaryWriter

        for run, half in (("tensorboardx", False), ("half", True)):
            writer = SummaryWriter(os.fspath(path / run))
            for step in STEPS:
                log(step, half=half, writer=writer)
            writer.close()
    logs.write_add_embedding(
        path / "tensorboardx-own",
        CLOUDS,
        tag=TAG,
        every=1,
        first=STEPS[0],
        metadata=LABELS,
        label_img=IMAGES.transpose(0, 3, 1, 2) / 255,
    )


def by_event_file_writer(path: pathlib.Path) -> None:
    from tensorboard.summary.writer.event_file_writer import EventFileWriter

    writer = EventFileWriter(os.fspath(path / "eventfile"))
    for step in STEPS:
        log(step, writer=writer)
    writer.close()


def by_keras(path: pathlib.Path) -> None:
    """A training in which the layer's weights are the points of each epoch."""
    with logs.quiet_tensorflow():
        import keras

        from tb_animate.keras import EmbeddingCallback

        class Sets(keras.callbacks.Callback):  # type: ignore[misc]
            def on_train_begin(self, logs: object = None) -> None:
                layer.set_weights([CLOUDS[0]])

            def on_epoch_end(self, epoch: int, logs: object = None) -> None:
                layer.set_weights([CLOUDS[epoch + 1]])

        layer = keras.layers.Embedding(*CLOUDS[0].shape)
        model = keras.Sequential([keras.Input((1,)), layer, keras.layers.Flatten()])
        model.compile("sgd", "mse")
        callback = EmbeddingCallback(
            np.arange(POINTS)[:, np.newaxis],
            LABELS,
            freq=1,
            log_dir=path,
            run="keras",
            name=TAG,
            sprite=IMAGES,
            half=False,
        )
        model.fit(
            *(np.zeros((1, 1)), np.zeros_like(CLOUDS[0][:1])),
            epochs=len(STEPS) - 1,
            # Ours comes last, so that it sees what was set.
            callbacks=[Sets(), callback],
            verbose=0,
        )


PYTORCH = """
import sys
import numpy, torch
from torch.utils.tensorboard import SummaryWriter
import tb_animate
path, tag = sys.argv[1:]
given = numpy.load(path + "/given.npz")
labels, images = given["labels"].tolist(), torch.tensor(given["images"])
helped, own = SummaryWriter(path + "/pytorch"), SummaryWriter(path + "/pytorch-own")
for step, rows in zip(given["steps"].tolist(), given["clouds"]):
    points = torch.tensor(rows, requires_grad=True)
    tb_animate.summary.embedding(tag, points, step, labels, images, writer=helped)
    own.add_embedding(points, labels, images.permute(0, 3, 1, 2) / 255, step, tag)
helped.close()
own.close()
assert "tensorflow" not in sys.modules
"""


def by_pytorch(path: pathlib.Path) -> None:
    """In an environment with PyTorch, and without TensorFlow."""
    given = path / "given.npz"
    np.savez(given, steps=STEPS, clouds=CLOUDS, labels=LABELS, images=IMAGES)
    done = subprocess.run(
        [fresh.python("pytorch"), "-c", PYTORCH, path, TAG], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    given.unlink()


@pytest.fixture(scope="module")
def logdir(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    path = tmp_path_factory.mktemp("alike")
    for write in (by_tensorflow, by_tensorboardx, by_event_file_writer, by_keras, by_pytorch):
        write(path)
    return path


@dataclasses.dataclass
class Told:
    """What is known of points: a label and a thumbnail of each."""

    labels: tuple[str, ...]
    thumbnails: NDArray[np.uint8]


def told(frame: Frame) -> Told:
    assert frame.table is not None
    assert frame.table.ids is None
    ((name, labels),) = frame.table.columns.items()
    assert name == "label"
    sprite = frame.table.sprite
    assert isinstance(sprite, Sprite)
    size = sprite.width, sprite.height
    return Told(tuple(labels), logs.cut(sprite.data, size, POINTS))


def rows_of(run: str, step: int) -> NDArray[np.float32]:
    points = CLOUDS[step + 1]
    return points.astype(np.float16).astype(np.float32) if run == "half" else points


def check(source: Source, series: Series) -> list[int]:
    """Looks at every frame of a series, and returns their steps."""
    frames = reading.read(source, series)
    for frame in frames:
        assert frame.error is None
        assert isinstance(frame.data, np.ndarray)
        np.testing.assert_array_equal(frame.data, rows_of(series.run, frame.step))
        known = told(frame)
        assert known.labels == tuple(LABELS)
        np.testing.assert_array_equal(known.thumbnails, IMAGES)
    assert len({frame.table.digest for frame in frames if frame.table}) == 1
    return [frame.step for frame in frames]


def test_the_event_files_and_folders_have_every_frame(logdir: pathlib.Path) -> None:
    source = reading.opened(logdir)
    assert [series.run for series in source.series()] == RUNS
    for series in source.series():
        same = dataclasses.replace(series, run="")
        assert same == Series(
            run="",
            tag=TAG,
            kind="embedding",
            samples=1,
            frames=FRAMES,
            logged=FRAMES,
            first_step=STEPS[0],
            last_step=STEPS[-1],
            complete=True,
        )
        assert check(source, series) == list(STEPS)
    assert source.warnings() == []


@pytest.mark.parametrize("run", HELPED)
def test_labels_are_in_the_log_once(logdir: pathlib.Path, run: str) -> None:
    (written,) = (logdir / run).iterdir()
    content = written.read_bytes()
    assert content.count(f"{TAG}#points".encode()) == 1
    assert content.count("Käfer".encode()) == POINTS // 3


@pytest.mark.tensorboard
@pytest.mark.parametrize(("through", "kept"), [(data_server, FRAMES), (sampling_multiplexer, KEPT)])
def test_what_tensorboard_itself_keeps(logdir: pathlib.Path, through: Any, kept: int) -> None:
    """As where the logs are elsewhere: there TensorBoard's loaders are the only way to them."""
    with source_over(through, logdir, kinds.KINDS.values()) as source:

        def known(series: Series) -> bool:
            index = source.open(series.id)
            (last,) = index.read([len(index.steps) - 1])
            return last.step == STEPS[-1] and last.table is not None

        servers.until(
            lambda: len(source.series()) == len(HELPED) and all(map(known, source.series())),
            "TensorBoard has read the runs",
        )
        steps = []
        for series in source.series():
            assert (series.tag, series.kind, series.frames) == (TAG, "embedding", kept)
            assert series.sampled
            steps.append(check(source, series))
        assert steps == [steps[0]] * len(HELPED)
        assert steps[0][-1] == STEPS[-1]


@pytest.fixture(scope="module", params=["--load_fast=true", "--load_fast=false"])
def server(request: pytest.FixtureRequest, logdir: pathlib.Path) -> Iterator[servers.TensorBoard]:
    with servers.tensorboard(logdir, request.param) as running:
        yield running


def ids(server: servers.TensorBoard) -> Mapping[str, str]:
    return {one["run"]: one["id"] for one in server.listing()["series"]}


def unpacked(answer: servers.Answer) -> Any:
    assert answer.status == 200, answer.text
    return msgpack.unpackb(answer.body)


@pytest.mark.tensorboard
def test_the_page_is_told_the_same_of_all(server: servers.TensorBoard) -> None:
    listed = server.listing()
    assert listed["warnings"] == []
    assert [one.pop("run") for one in listed["series"]] == RUNS
    keys = [one.pop("id") for one in listed["series"]]
    assert keys == [series_id(run, TAG, "embedding") for run in RUNS]
    assert listed["series"] == [listed["series"][0]] * len(RUNS)
    assert listed["series"][0]["frames"] == FRAMES
    assert listed["series"][0]["complete"]
    for key in keys:
        assert server.animate("steps", series=key).json()["steps"] == list(STEPS)


@pytest.mark.tensorboard
def test_points_are_at_the_same_places(server: servers.TensorBoard) -> None:
    frames, scenes = {}, {}
    for run, key in ids(server).items():
        found = unpacked(server.animate("frames", series=key))["frames"]
        assert [frame["step"] for frame in found] == list(STEPS)
        frames[run] = [frame["data"] for frame in found]
        scenes[run] = server.animate("scene", series=key).json()
        del scenes[run]["key"]
    halves, half_scene = frames.pop("half"), scenes.pop("half")
    first = frames["default"]
    assert len(set(first)) == FRAMES
    assert frames == dict.fromkeys(frames, first)
    assert scenes == dict.fromkeys(scenes, scenes["default"])
    for half, whole in zip(halves, first, strict=True):
        pair = np.frombuffer(half, "<f4"), np.frombuffer(whole, "<f4")
        np.testing.assert_allclose(*pair, atol=2e-3)
    variance = scenes["default"].pop("variance")
    assert half_scene.pop("variance") == pytest.approx(variance, abs=1e-3)
    assert half_scene == scenes["default"]


@pytest.mark.tensorboard
def test_points_are_called_the_same_and_look_the_same(server: servers.TensorBoard) -> None:
    tables, thumbnails, clips = {}, {}, {}
    for run, key in ids(server).items():
        found = tables[run] = unpacked(server.animate("table", series=key))
        (sprite,) = found.pop("sprites")
        cells = np.frombuffer(found["cells"][0], "<u4")
        size = sprite["width"], sprite["height"]
        thumbnails[run] = logs.cut(sprite["data"], size, POINTS)[cells]
        clip = server.animate(
            "clip", series=key, points="thumbnails", width=96, height=96, max_frames=3
        )
        assert clip.status == 200, clip.text
        clips[run] = clip.body
    assert tables == dict.fromkeys(RUNS, tables["default"])
    (column,) = tables["default"]["columns"]
    assert (column["name"], column["type"]) == ("label", "category")
    codes = np.frombuffer(column["values"][0], "<u2")
    assert [column["categories"][code] for code in codes] == LABELS
    for run in RUNS:
        np.testing.assert_array_equal(thumbnails[run], IMAGES, run)
    del clips["half"]
    assert clips == dict.fromkeys(clips, clips["default"])
