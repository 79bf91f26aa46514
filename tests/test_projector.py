"""Embeddings in files: folders of PyTorch and tensorboardX, configurations, checkpoints."""

from __future__ import annotations

import os
import pathlib
import shutil
from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest
from PIL import Image

import logs
import tb_animate
from reading import read
from tb_animate import errors, sources
from tb_animate.model import Frame, Series, Wanted
from tb_animate.sources import (
    apart,
    broken,
    checkpoints,
    hdf5,
    projector,
    projector_files,
    projector_reader,
)
from tb_animate.sources.files import Root
from tb_animate.sources.projector import ProjectorSource

POINTS = Wanted(kind="cloud", plugin_name="animate", points=True)
CLOUDS = logs.clouds(4)
THUMBNAILS = np.zeros((30, 3, 4, 4), np.float32)
LABELS = [f"class {index % 3}" for index in range(30)]
CONFIG = "projector_config.pbtxt"


def opened(path: pathlib.Path, name: str | None = None) -> ProjectorSource:
    source = ProjectorSource([Root(name, os.fspath(path))], [POINTS])
    assert source.wait(30)
    return source


def named(source: ProjectorSource) -> dict[tuple[str, str], Series]:
    return {(one.run, one.tag): one for one in source.series()}


def only(source: ProjectorSource) -> list[Frame]:
    (series,) = source.series()
    return read(source, series)


def assert_clouds(frames: Iterable[Frame], clouds: Iterable[Any] = CLOUDS) -> None:
    for frame, points in zip(frames, clouds, strict=True):
        assert frame.error is None
        np.testing.assert_array_equal(frame.data, points)


def write(path: pathlib.Path, content: str | bytes) -> pathlib.Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def tsv(points: Any) -> str:
    return "".join("\t".join(str(float(value)) for value in row) + "\n" for row in points)


def column(frame: Frame, name: str = "label") -> Any:
    return None if frame.table is None else frame.table.columns[name]


@pytest.fixture(autouse=True)
def searches_whenever_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow the machine is."""
    monkeypatch.setattr(projector, "LONG_SEARCH", float("inf"))


# tensorboardX does not escape the backslash in its configuration, which protobuf forgives.
@pytest.mark.filterwarnings("ignore:invalid escape sequence:DeprecationWarning")
@pytest.mark.parametrize("tag", ["default", "a/b/c", "100% of it", "back\\slash", "%41:00007", "ä"])
def test_tags_and_steps_come_back_as_they_were(tmp_path: pathlib.Path, tag: str) -> None:
    logs.write_add_embedding(tmp_path / "deep" / "run", CLOUDS, tag=tag, every=70_000)
    source = opened(tmp_path)
    series = named(source)["deep/run", tag]
    assert len(source.series()) == 1
    assert (series.frames, series.logged, series.complete) == (4, 4, True)
    assert (series.first_step, series.last_step) == (0, 210_000)
    index = source.open(series.id)
    assert index.steps.tolist() == [0, 70_000, 140_000, 210_000]
    assert (np.diff(index.wall_times) >= 0).all()
    assert_clouds(index.read(range(4)))
    assert source.warnings() == []
    assert source.runs() == ["deep/run"]


def test_what_is_known_of_the_points(tmp_path: pathlib.Path) -> None:
    rows = [[label, str(index), "x"] for index, label in enumerate(LABELS)]
    images = np.random.default_rng(0).integers(0, 2, (30, 3, 8, 8)).astype(np.float32)
    logs.write_add_embedding(
        tmp_path / "run",
        CLOUDS,
        metadata=rows,
        metadata_header=["kind", "number", "same"],
        label_img=images,
    )
    frames = only(opened(tmp_path))
    assert_clouds(frames)
    assert column(frames[2], "kind") == tuple(LABELS)
    assert column(frames[2], "number") == tuple(str(index) for index in range(30))
    table = frames[0].table
    assert table is not None
    assert list(table.columns) == ["kind", "number", "same"]
    assert table.ids is None
    assert table.sprite is not None
    assert (table.sprite.width, table.sprite.height) == (8, 8)
    thumbnails = logs.cut(table.sprite.data, (8, 8), 30)
    np.testing.assert_array_equal(thumbnails, images.transpose(0, 2, 3, 1) * 255)
    assert all(frame.table is table for frame in frames)


def test_steps_that_the_configuration_forgot_are_there_with_their_sprites(
    tmp_path: pathlib.Path,
) -> None:
    images = np.zeros((30, 3, 8, 8), np.float32)
    logs.write_add_embedding(tmp_path / "run", CLOUDS, metadata=LABELS, label_img=images)
    config = tmp_path / "run" / CONFIG
    # As a writer of PyTorch that resumed leaves it: its own steps only.
    config.write_text("embeddings {" + config.read_text().rpartition("embeddings {")[2])
    assert config.read_text().count("tensor_name") == 1
    resumed = only(opened(tmp_path))
    config.unlink()
    without = only(opened(tmp_path))
    for frames in (resumed, without):
        assert_clouds(frames)
        for frame in frames:
            assert column(frame) == tuple(LABELS)
            assert frame.table is not None
            assert frame.table.sprite is not None
            assert frame.table.sprite.width == 8


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\nb\nc\n", {"label": ("a", "b", "c")}),
        ("a\nb\nc", {"label": ("a", "b", "c")}),
        ("a\r\nb\r\nc\r\n", {"label": ("a", "b", "c")}),
        ("a\n\nc\n", {"label": ("a", "", "c")}),
        ("a\nb\nc\n\n\n", {"label": ("a", "b", "c")}),
        ("head\na\nb\nc\n", {"head": ("a", "b", "c")}),
        ("x\ty\na\t1\nb\nc\t3\t4\n", {"x": ("a", "b", "c"), "y": ("1", "", "3")}),
        ("a\nb\n", None),
        ("x\tx\na\t1\nb\t2\nc\t3\n", None),
    ],
)
def test_forms_of_metadata(tmp_path: pathlib.Path, text: str, expected: Any) -> None:
    write(tmp_path / "00001" / "tag" / "tensors.tsv", "1\n2\n3\n")
    write(tmp_path / "00001" / "tag" / "metadata.tsv", text)
    source = opened(tmp_path)
    (frame,) = only(source)
    assert frame.error is None
    assert (None if frame.table is None else dict(frame.table.columns)) == expected
    assert (named(source)[".", "tag"].run, frame.step) == (".", 1)


def test_one_configuration_for_one_tensor(tmp_path: pathlib.Path) -> None:
    write(tmp_path / "vectors.tsv", tsv(CLOUDS[0]))
    write(tmp_path / "words.tsv", "\n".join(LABELS))
    write(tmp_path / "run" / "more.bytes", CLOUDS[1].tobytes())
    write(
        tmp_path / CONFIG,
        'embeddings { tensor_path: "vectors.tsv" metadata_path: "words.tsv" }\n'
        'embeddings { tensor_name: "later:00030" tensor_path: "run/more.bytes" '
        "tensor_shape: 30 tensor_shape: 5 }\n"
        'embeddings { tensor_name: "gone:0" tensor_path: "nowhere.tsv" }\n',
    )
    source = opened(tmp_path, "spec")
    series = named(source)
    assert set(series) == {("spec/.", "vectors.tsv"), ("spec/.", "later")}
    (first,) = read(source, series["spec/.", "vectors.tsv"])
    assert_clouds([first], CLOUDS[:1])
    assert (first.step, column(first)) == (0, tuple(LABELS))
    (second,) = read(source, series["spec/.", "later"])
    assert_clouds([second], CLOUDS[1:2])
    assert (second.step, second.table) == (30, None)
    (warning,) = source.warnings()
    assert warning.message == (
        'projector_config.pbtxt names "nowhere.tsv" for "gone", and there is no such file; it '
        "is left out."
    )


def test_binary_points_in_a_folder(tmp_path: pathlib.Path) -> None:
    folder = tmp_path / "run" / "00002" / "tag"
    write(folder / "tensors.bytes", CLOUDS[0].tobytes())
    (frame,) = only(opened(tmp_path))
    assert frame.data is None
    assert "gives no tensor_shape" in str(frame.error)
    config = 'embeddings { tensor_name: "tag:00002" tensor_path: "00002/tag/tensors.bytes" '
    write(tmp_path / "run" / CONFIG, config + "tensor_shape: 30 tensor_shape: 5 }")
    source = opened(tmp_path)
    assert_clouds(only(source), CLOUDS[:1])
    write(folder / "tensors.bytes", CLOUDS[0].tobytes()[:-4])
    assert source.wait(30)
    (frame,) = only(source)
    assert "596 bytes, and 30 x 5 float32 numbers take 600" in str(frame.error)


@pytest.mark.parametrize("outside", ["../secret.tsv", "/ABSOLUTE/secret.tsv", "link.tsv"])
def test_nothing_outside_of_the_configurations_directory_is_read(
    tmp_path: pathlib.Path, outside: str
) -> None:
    write(tmp_path / "secret.tsv", "1\t2\n")
    run = tmp_path / "logs" / "run"
    run.mkdir(parents=True)
    (run / "link.tsv").symlink_to(tmp_path / "secret.tsv")
    outside = outside.replace("/ABSOLUTE", os.fspath(tmp_path))
    if outside.startswith(".."):
        outside = "../" + outside
    write(run / "own.tsv", "1\n2\n")
    write(
        run / CONFIG,
        f'embeddings {{ tensor_name: "a" tensor_path: "{outside}" }}\n'
        f'embeddings {{ tensor_name: "b" tensor_path: "own.tsv" metadata_path: "{outside}" '
        f'sprite {{ image_path: "{outside}" }} }}\n',
    )
    source = opened(tmp_path / "logs")
    (frame,) = only(source)
    assert (frame.error, frame.table) == (None, None)
    assert source.warnings()
    for warning in source.warnings():
        assert (warning.run, warning.file) == ("run", f"run/{CONFIG}")
        assert f'names "{outside}", which lies outside' in warning.message


@pytest.mark.parametrize("name", ["tensors.tsv", "metadata.tsv", "sprite.png"])
def test_a_link_out_of_the_log_directory_is_not_followed(tmp_path: pathlib.Path, name: str) -> None:
    run = tmp_path / "logs" / "run"
    logs.write_add_embedding(run, CLOUDS[:1], metadata=LABELS, label_img=THUMBNAILS)
    folder = run / "00000" / "default"
    elsewhere = tmp_path / name
    shutil.move(folder / name, elsewhere)
    (folder / name).symlink_to(elsewhere)
    source = opened(tmp_path / "logs")
    frames = only(source) if source.series() else []
    assert [name, *map(table_of, frames)] in (
        ["tensors.tsv"],
        ["metadata.tsv", (None, True)],
        ["sprite.png", (tuple(LABELS), False)],
    )
    assert any(
        warning.file == f"run/00000/default/{name}"
        and "leads out of the log directory" in warning.message
        for warning in source.warnings()
    )


def table_of(frame: Frame) -> tuple[Any, bool]:
    """Its labels, and whether there are thumbnails."""
    if frame.table is None:
        return None, False
    return frame.table.columns.get("label"), frame.table.sprite is not None


@pytest.mark.parametrize("form", ["index", "data", "h5"])
def test_checkpoints_that_lie_elsewhere_are_not_read(tmp_path: pathlib.Path, form: str) -> None:
    variable = "points/.ATTRIBUTES/VARIABLE_VALUE"
    run, elsewhere = tmp_path / "logs" / "run", tmp_path / "elsewhere"
    elsewhere.mkdir()
    run.mkdir(parents=True)
    write(run / CONFIG, f'embeddings {{ tensor_name: "{variable}" }} model_checkpoint_path: "/x-1"')
    if form == "h5":
        import h5py

        with h5py.File(elsewhere / "a-1.weights.h5", "w") as file:
            file.create_dataset("layers/embedding/vars/0", data=CLOUDS[0])
    else:
        with logs.quiet_tensorflow() as tf:
            tf.train.Checkpoint(points=tf.Variable(CLOUDS[0])).write(os.fspath(elsewhere / "a-1"))
    for file_ in elsewhere.iterdir():
        shutil.copy(file_, run)
    assert_clouds(only(opened(tmp_path / "logs")), CLOUDS[:1])

    (file_,) = run.glob(f"*.{form}*")
    file_.unlink()
    file_.symlink_to(elsewhere / file_.name)
    source = opened(tmp_path / "logs")
    assert source.series() == []
    assert any("leads out of the log" in warning.message for warning in source.warnings())


def test_a_file_that_becomes_a_link_is_not_followed_either(tmp_path: pathlib.Path) -> None:
    """The configuration was read before, and has not changed since."""
    write(tmp_path / "secret.tsv", "1\t2\n")
    run = tmp_path / "logs" / "run"
    write(run / "own.tsv", "1\n2\n")
    write(run / CONFIG, 'embeddings { tensor_name: "a" tensor_path: "own.tsv" }')
    source = opened(tmp_path / "logs")
    assert_clouds(only(source), [[[1], [2]]])
    (run / "own.tsv").unlink()
    (run / "own.tsv").symlink_to(tmp_path / "secret.tsv")
    for _ in range(2):
        (frame,) = only(source)
        assert frame.data is None
        assert '"own.tsv" leads out of the log directory' in str(frame.error)
        assert source.wait(30)


def test_log_directories_and_runs_that_are_links_are_read(tmp_path: pathlib.Path) -> None:
    logs.write_add_embedding(
        tmp_path / "real" / "run", CLOUDS, metadata=LABELS, label_img=THUMBNAILS
    )
    logs.write_keras_embedding(tmp_path / "keras", CLOUDS, LABELS)
    (tmp_path / "real" / "far").symlink_to(tmp_path / "keras")
    # Within the log directory links may lead anywhere.
    shared = tmp_path / "real" / "labels.tsv"
    own = tmp_path / "real" / "run" / "00000" / "default" / "metadata.tsv"
    shutil.move(own, shared)
    own.symlink_to(shared)
    # What a configuration names must lie beside it, by TensorBoard's rule.
    (tmp_path / "real" / "run" / CONFIG).unlink()
    (tmp_path / "logs").symlink_to(tmp_path / "real")
    source = opened(tmp_path / "logs")
    for run, tag in (("run", "default"), ("far/train", "words")):
        frames = read(source, named(source)[run, tag])
        assert_clouds(frames)
        assert [column(frame) for frame in frames] == [tuple(LABELS)] * len(CLOUDS)
    assert source.warnings() == []


@pytest.mark.parametrize("content", ["embeddings {", b"\xff\xfe", "no such { }}"])
def test_a_damaged_configuration_leaves_the_folders(
    tmp_path: pathlib.Path, content: str | bytes
) -> None:
    logs.write_add_embedding(tmp_path / "run", CLOUDS, metadata=LABELS)
    write(tmp_path / "run" / CONFIG, content)
    source = opened(tmp_path)
    assert_clouds(only(source))
    (warning,) = source.warnings()
    assert warning.message.startswith("This file is not used: ")
    assert "\n" not in warning.message


@pytest.mark.parametrize("name", ["~\\000", "a\\000b", "~nobody\\000/a.tsv"])
def test_a_path_that_is_none_costs_what_it_names(tmp_path: pathlib.Path, name: str) -> None:
    logs.write_add_embedding(tmp_path / "run", CLOUDS)
    write(tmp_path / "other" / "a.tsv", tsv(CLOUDS[0]))
    entries = [
        f'"named" tensor_path: "{name}"',
        f'"a" tensor_path: "a.tsv" metadata_path: "{name}"',
    ]
    text = "".join(f"embeddings {{ tensor_name: {entry} }}\n" for entry in entries)
    write(tmp_path / "other" / CONFIG, text)
    source = opened(tmp_path)
    assert set(named(source)) == {("run", "default"), ("other", "a")}
    assert {(one.run, one.file) for one in source.warnings()} == {("other", f"other/{CONFIG}")}


def test_a_fault_of_ours_with_one_configuration_leaves_the_others(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for run in ("bad", "good"):
        write(tmp_path / run / "a.tsv", tsv(CLOUDS[0]))
        entry = f'embeddings {{ tensor_name: "{run}" tensor_path: "a.tsv" }}'
        write(tmp_path / run / CONFIG, entry)
    relpath = os.path.relpath

    def fails(path: str, start: str) -> str:
        if "bad" in path:
            raise ZeroDivisionError
        return relpath(path, start)

    monkeypatch.setattr(os.path, "relpath", fails)
    source = opened(tmp_path)
    assert set(named(source)) == {("good", "good")}
    (warning,) = source.warnings()
    assert (warning.run, warning.file) == ("bad", f"bad/{CONFIG}")
    assert "says why" in warning.message
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.parametrize(
    "half",
    ["", "1.5\t2\n3", "1.5\t2\n3\t", "1.5\t2\n", "1.5\t2\n3\t1e\n", "\n\n"],
)
def test_a_half_written_frame_says_so_until_it_is_whole(tmp_path: pathlib.Path, half: str) -> None:
    for step in (0, 1):
        folder = tmp_path / f"{step:05}" / "tag"
        write(folder / "metadata.tsv", "a\nb\nc\n")
        write(folder / "tensors.tsv", "1\t2\n3\t4\n5\t6\n")
    write(tmp_path / "00001" / "tag" / "tensors.tsv", half)
    source = opened(tmp_path)
    first, second = only(source)
    assert first.error is None
    assert second.data is None
    assert str(second.error).startswith('Step 1 cannot be shown: "tensors.tsv" ')
    assert "it may still be written." in str(second.error)
    before = source.open(source.series()[0].id).generation

    write(tmp_path / "00001" / "tag" / "tensors.tsv", "1\t2\n3\t4\n5\t7\n")
    assert source.wait(30)
    assert source.open(source.series()[0].id).generation != before
    assert_clouds(only(source), [[[1, 2], [3, 4], [5, 6]], [[1, 2], [3, 4], [5, 7]]])


def test_appended_frames_keep_the_generation_and_an_open_index(tmp_path: pathlib.Path) -> None:
    for step in (0, 10):
        write(tmp_path / f"{step:05}" / "tag" / "tensors.tsv", f"{step}\n")
    source = opened(tmp_path)
    before = source.open(source.series()[0].id)
    write(tmp_path / "00020" / "tag" / "tensors.tsv", "20\n")
    assert source.wait(30)
    after = source.open(source.series()[0].id)
    assert after.generation == before.generation
    assert (before.steps.tolist(), after.steps.tolist()) == ([0, 10], [0, 10, 20])

    write(tmp_path / "00005" / "tag" / "tensors.tsv", "5\n")
    assert source.wait(30)
    assert source.open(source.series()[0].id).generation != after.generation

    shutil.rmtree(tmp_path / "00010")
    gone = list(after.read([1, 2]))
    assert "No such file" in str(gone[0].error)
    assert gone[1].error is None


def test_a_record_wins_over_a_folder_of_the_same_name(tmp_path: pathlib.Path) -> None:
    logs.write_add_embedding(tmp_path / "run", CLOUDS, tag="both")
    with logs.quiet():
        from tensorboardX import SummaryWriter

        writer = SummaryWriter(os.fspath(tmp_path / "run"))
        tb_animate.summary.embedding("both", CLOUDS[3], 5, writer=writer)
        writer.close()
    source = sources.open_logdir(os.fspath(tmp_path), [POINTS])
    assert source.wait(30)
    (series,) = source.series()
    assert (series.first_step, series.frames) == (5, 1)
    assert source.runs() == ["run"]


def test_links_in_a_circle_and_what_is_no_folder_of_points(tmp_path: pathlib.Path) -> None:
    logs.write_add_embedding(tmp_path / "run", CLOUDS[:1])
    (tmp_path / "run" / "again").symlink_to(tmp_path)
    write(tmp_path / "123" / "tag" / "tensors.tsv", "1\n")
    write(tmp_path / "00001" / "tensors.tsv", "1\n")
    (tmp_path / "00002" / "tag" / "tensors.tsv").mkdir(parents=True)
    (tmp_path / "00003" / "tag").mkdir(parents=True)
    os.mkfifo(tmp_path / "00003" / "tag" / "tensors.tsv")
    source = opened(tmp_path)
    assert set(named(source)) == {("run", "default"), (".", "tag")}
    (frame,) = read(source, named(source)[".", "tag"])
    assert "cannot be read (not a file)" in str(frame.error)


def test_what_is_too_large_is_refused(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(projector_files, "MAX_TENSOR_BYTES", 100)
    monkeypatch.setattr(projector_files, "MAX_TEXT_BYTES", 100)
    write(tmp_path / "00000" / "tag" / "tensors.tsv", "1\n" * 60)
    write(tmp_path / "00000" / "tag" / "metadata.tsv", "1\n" * 60)
    write(tmp_path / "00001" / "tag" / "tensors.tsv", "1\n" * 600)
    source = opened(tmp_path)
    first, second = only(source)
    assert (first.error, first.table) == (None, None)
    assert "is the most; log fewer points or dimensions." in str(second.error)
    (warning,) = source.warnings()
    assert warning.message.startswith('What is known of the points of "tag" at step 0 is not used:')


def test_a_sprite_is_the_same_whatever_lies_below_its_thumbnails(tmp_path: pathlib.Path) -> None:
    """tensorboardX leaves there what was in memory."""
    images = np.random.default_rng(0).random((30, 3, 8, 8))
    logs.write_add_embedding(tmp_path, CLOUDS, every=1, label_img=images)
    for step, row in ((0, 47), (1, 47), (2, 39)):
        path = tmp_path / f"{step:05}" / "default" / "sprite.png"
        with Image.open(path) as image:
            pixels = np.array(image)
        assert pixels.shape == (48, 48, 3)
        pixels[40:] = 99
        pixels[row] = step
        write(path, logs.encode(pixels))
    first, second, third, _ = (frame.table for frame in only(opened(tmp_path)))
    assert first is second
    assert first is not None
    assert third is not None
    # In the last row of thumbnails.
    assert third.digest != first.digest


@pytest.mark.parametrize("picture", [b"", b"no image", logs.encode(logs.noise(2))])
def test_a_bad_sprite_leaves_the_points(tmp_path: pathlib.Path, picture: bytes) -> None:
    logs.write_add_embedding(tmp_path, CLOUDS[:1])
    write(tmp_path / "00000" / "default" / "sprite.png", picture)
    source = opened(tmp_path)
    assert_clouds(only(source), CLOUDS[:1])
    told = [warning.message for warning in source.warnings()]
    assert len(told) == (1 if picture else 0)
    assert not any("object at 0x" in message for message in told)


def test_a_sprite_is_shown_to_no_other_decoder(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pillow would run Ghostscript, for one, which has had its holes."""
    asked: list[bytes] = []

    def accept(start: bytes) -> bool:
        asked.append(start)
        return False

    Image.init()
    monkeypatch.setattr(Image, "ID", ["OTHER", *Image.ID])
    monkeypatch.setitem(Image.OPEN, "OTHER", (Image.Image, accept))
    logs.write_add_embedding(tmp_path, CLOUDS[:1])
    write(tmp_path / "00000" / "default" / "sprite.png", b"%!PS-Adobe-3.0 EPSF-3.0\n")
    source = opened(tmp_path)
    assert_clouds(only(source), CLOUDS[:1])
    (warning,) = source.warnings()
    assert "none of PNG, JPEG, GIF, WEBP and BMP" in warning.message
    assert asked == []


def test_text_is_read_once_as_long_as_there_is_room(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed: list[str] = []

    def read_points(path: str, shape: Any) -> Any:
        parsed.append(pathlib.Path(path).parent.parent.name)
        return original(path, shape)

    original = projector_files.read_points
    monkeypatch.setattr(projector_files, "read_points", read_points)
    monkeypatch.setattr(projector_reader, "KEPT_BYTES", 3 * CLOUDS[0].nbytes)
    logs.write_add_embedding(tmp_path, CLOUDS)
    source = opened(tmp_path)
    index = source.open(source.series()[0].id)
    order = [0, 1, 2, 1, 0, 3, 3, 0]
    assert_clouds(index.read(order), [CLOUDS[position] for position in order])
    # The fourth has no room: all begins anew.
    assert parsed == ["00000", "00010", "00020", "00030", "00000"]

    write(tmp_path / "00000" / "default" / "tensors.tsv", tsv(CLOUDS[1]))
    assert_clouds(index.read([0]), CLOUDS[1:2])
    (frame,) = index.read([3])
    assert isinstance(frame.data, np.ndarray)
    assert not frame.data.flags.writeable


def test_an_unknown_series_and_a_directory_that_comes_later(tmp_path: pathlib.Path) -> None:
    source = opened(tmp_path / "later")
    assert source.series() == []
    with pytest.raises(errors.NotFound, match="Reload"):
        source.open("nothing")
    logs.write_add_embedding(tmp_path / "later" / "run", CLOUDS[:1])
    assert source.wait(30)
    assert len(source.series()) == 1
    assert source.progress().done == source.progress().total


def test_a_long_search_is_not_repeated_at_once(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    searches: list[int] = []

    class Slow:
        def find(self, roots: Any) -> Any:
            searches.append(1)
            return [], []

    monkeypatch.setattr(projector, "Finder", Slow)
    monkeypatch.setattr(projector, "LONG_SEARCH", -1.0)
    monkeypatch.setattr(projector, "REST", 10**12)
    source = opened(tmp_path)
    for _ in range(3):
        assert source.wait(30)
        source.series()
    assert len(searches) == 1


def test_a_fault_of_ours_is_a_warning(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken:
        def find(self, roots: Any) -> Any:
            raise ZeroDivisionError

    monkeypatch.setattr(projector, "Finder", Broken)
    source = opened(tmp_path)
    assert source.series() == []
    (warning,) = source.warnings()
    assert "says why" in warning.message
    assert "ZeroDivisionError" in caplog.text


def test_checkpoints_of_keras(tmp_path: pathlib.Path) -> None:
    logs.write_keras_embedding(tmp_path / "run", CLOUDS, LABELS)
    source = opened(tmp_path)
    frames = read(source, named(source)["run/train", "words"])
    assert [frame.step for frame in frames] == [0, 1, 2, 3]
    assert_clouds(frames)
    assert [column(frame) for frame in frames] == [tuple(LABELS)] * 4
    damaged = tmp_path / "run" / "train" / "keras_embedding.ckpt-2.weights.h5"
    held = source.open(source.series()[0].id)
    damaged.write_bytes(damaged.read_bytes()[:100])
    (frame,) = held.read([2])
    assert "the checkpoint cannot be read" in str(frame.error)
    assert source.wait(30)
    assert [frame.step for frame in only(source)] == [0, 1, 3]


def test_several_embedding_layers_have_their_own_names_and_labels(tmp_path: pathlib.Path) -> None:
    with logs.quiet_tensorflow():
        import keras

        inputs = keras.Input((1,))
        layers = [
            keras.layers.Embedding(points, 3, name=name)
            for name, points in (("words", 5), ("letters", 4))
        ]
        joined = keras.layers.Concatenate()([layer(inputs) for layer in layers])
        outputs = keras.layers.Dense(1, use_bias=False)(keras.layers.Flatten()(joined))
        model = keras.Model(inputs, outputs)
        model.save_weights(tmp_path / "keras_embedding.ckpt-7.weights.h5")
    name = "layer_with_weights-0/embeddings/.ATTRIBUTES/VARIABLE_VALUE"
    entry = 'embeddings {{ tensor_name: "{}" metadata_path: "{}" }}\n'
    write(tmp_path / CONFIG, entry.format(name, "words.tsv") + entry.format(name, "letters.tsv"))
    write(tmp_path / "words.tsv", "a\nb\nc\nd\ne\n")
    write(tmp_path / "letters.tsv", "v\nw\nx\ny\n")
    source = opened(tmp_path)
    assert set(named(source)) == {(".", "words"), (".", "letters")}
    for layer, labels in zip(layers, (tuple("abcde"), tuple("vwxy")), strict=True):
        (frame,) = read(source, named(source)[".", layer.name])
        assert_clouds([frame], layer.get_weights())
        assert (frame.step, column(frame)) == (7, labels)


def test_checkpoints_of_tensorflow_as_keras_2_saved_them(tmp_path: pathlib.Path) -> None:
    variable = "layer_with_weights-0/embeddings/.ATTRIBUTES/VARIABLE_VALUE"
    with logs.quiet_tensorflow() as tf:
        for epoch, points in enumerate(CLOUDS):
            model, layer = tf.train.Checkpoint(), tf.train.Checkpoint()
            layer.embeddings = tf.Variable(points)
            setattr(model, "layer_with_weights-0", layer)
            model.write(os.fspath(tmp_path / "run" / "train" / f"keras_embedding.ckpt-{epoch}"))
    entry = f'embeddings {{ tensor_name: "{variable}" metadata_path: "metadata.tsv" }}\n'
    other = 'embeddings { tensor_name: "nothing:0" }\n'
    write(tmp_path / "run" / CONFIG, entry + other)
    write(tmp_path / "run" / "metadata.tsv", "\n".join(LABELS))
    source = opened(tmp_path)
    series = named(source)
    assert set(series) == {
        ("run/train", "layer_with_weights-0/embeddings"),
        ("run/train", "nothing"),
    }
    frames = read(source, series["run/train", "layer_with_weights-0/embeddings"])
    assert_clouds(frames)
    assert column(frames[3]) == tuple(LABELS)
    (missing, *_) = read(source, series["run/train", "nothing"])
    assert 'has no "nothing"' in str(missing.error)


@pytest.mark.parametrize("way", ["external", "virtual", "link"])
def test_a_checkpoint_shows_nothing_of_other_files(tmp_path: pathlib.Path, way: str) -> None:
    import h5py

    secret = tmp_path / "secret"
    write(secret, CLOUDS[0].tobytes())
    with h5py.File(tmp_path / "other.h5", "w") as other:
        other["0"] = CLOUDS[0]
    layout = h5py.VirtualLayout(CLOUDS[0].shape, np.float32)
    layout[:] = h5py.VirtualSource(os.fspath(tmp_path / "other.h5"), "0", CLOUDS[0].shape)
    (tmp_path / "logs").mkdir()
    path = tmp_path / "logs" / "keras_embedding.ckpt-1.weights.h5"
    with h5py.File(path, "w") as file:
        group = file.create_group("layers/embedding/vars")
        if way == "external":
            place = [(os.fspath(secret), 0, CLOUDS[0].nbytes)]
            group.create_dataset("0", CLOUDS[0].shape, np.float32, external=place)
        elif way == "virtual":
            group.create_virtual_dataset("0", layout)
        else:
            group["0"] = h5py.ExternalLink(os.fspath(tmp_path / "other.h5"), "0")
    for name in ("layers/embedding/vars/0", "embedding"):
        with pytest.raises(broken.Unreadable, match=r"lies in another file|has no"):
            checkpoints.read_variable(os.fspath(path), name)


def test_a_checkpoint_of_texts_is_none(tmp_path: pathlib.Path) -> None:
    import h5py

    path = tmp_path / "keras_embedding.ckpt-1.weights.h5"
    with h5py.File(path, "w") as file:
        group = file.create_group("layers/embedding/vars")
        # 16 numbers by their shape, and 16 GB.
        group.create_dataset("0", (4, 4), "S1000000000", chunks=(1, 1))
    with pytest.raises(broken.Unreadable, match="holds no numbers"):
        checkpoints.read_variable(os.fspath(path), "layers/embedding/vars/0")


def test_a_checkpoint_that_fails_anywhere_is_unreadable(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As damaged ones do: h5py has found errors of many types after it opened the file."""
    import h5py

    path = tmp_path / "keras_embedding.ckpt-1.weights.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("layers/embedding/vars/0", data=CLOUDS[0])
    ((_, variable),) = hdf5.layers(os.fspath(path))

    def fails(*arguments: Any) -> Any:
        raise RuntimeError("invalid datatype size\nand more of it")

    for name, ask in {
        "visititems": lambda: hdf5.layers(os.fspath(path)),
        "__getitem__": lambda: hdf5.table(os.fspath(path), variable),
    }.items():
        with monkeypatch.context() as patch:
            patch.setattr(h5py.Group, name, fails)
            with pytest.raises(broken.Unreadable, match=r"cannot be read \(invalid .* size\)"):
                ask()


def test_a_checkpoint_that_never_ends_is_given_up(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As damaged ones can be for HDF5's own library; here a pipe that nobody writes to."""
    monkeypatch.setattr(apart, "SECONDS", 3)
    endless = tmp_path / "keras_embedding.ckpt-1.weights.h5"
    os.mkfifo(endless)
    for _ in range(2):  # the second is remembered
        with pytest.raises(broken.Unreadable, match="longer than 3 s to read; save it anew"):
            checkpoints.layers(os.fspath(endless), (1,))
    whole = tmp_path / "keras_embedding.ckpt-2.weights.h5"
    import h5py

    with h5py.File(whole, "w") as file:
        file.create_dataset("layers/embedding/vars/0", data=CLOUDS[0])
    monkeypatch.setattr(apart, "SECONDS", 60)
    ((name, variable),) = checkpoints.layers(os.fspath(whole), (2,))
    assert name == "layers/embedding"
    np.testing.assert_array_equal(checkpoints.read_variable(os.fspath(whole), variable), CLOUDS[0])


@pytest.mark.parametrize(
    ("name", "package"),
    [("ckpt-0.weights.h5", "h5py"), ("ckpt-0.index", "tensorflow")],
)
def test_a_library_that_is_missing_is_named(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, name: str, package: str
) -> None:
    write(tmp_path / "train" / name, b"")
    write(tmp_path / CONFIG, 'embeddings { tensor_name: "layer/embeddings" }')
    import importlib.util

    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == package else found(name)
    )
    source = opened(tmp_path)
    assert source.series() == []
    (warning,) = source.warnings()
    assert f"`pip install {package}`" in warning.message
