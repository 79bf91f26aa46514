"""What `summary.embedding` logs is read back as it was given, whichever writer it went to."""

from __future__ import annotations

import io
import os
import pathlib
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

import event_bytes as eb
import logs
import tb_animate
from reading import frames, opened
from tb_animate.model import Frame, PointTable, Sprite

LABELS = [f"class {index % 3}" for index in range(30)]


def table(frame: Frame) -> PointTable:
    assert frame.table is not None
    return frame.table


def sprite(frame: Frame) -> Sprite:
    found = table(frame).sprite
    assert found is not None
    return found


@pytest.fixture
def writer(tmp_path: pathlib.Path) -> Iterator[Any]:
    with logs.quiet():
        from tensorboardX import SummaryWriter

        made = SummaryWriter(os.fspath(tmp_path / "run"))
        yield made
        made.close()


def by_default_writer(path: pathlib.Path, log: Callable[..., Any]) -> None:
    with logs.quiet_tensorflow() as tf:
        writer = tf.summary.create_file_writer(os.fspath(path))
        with writer.as_default():
            for step in range(3):
                tf.summary.experimental.set_step(step)
                assert log(step)
        tf.summary.experimental.set_step(None)
        writer.close()


def by_named_writer(path: pathlib.Path, log: Callable[..., Any]) -> None:
    with logs.quiet_tensorflow() as tf:
        writer = tf.summary.create_file_writer(os.fspath(path))
        for step in range(3):
            assert log(step, step=step, writer=writer)
        writer.close()


def by_tensorboardx(path: pathlib.Path, log: Callable[..., Any]) -> None:
    with logs.quiet():
        from tensorboardX import SummaryWriter

        writer = SummaryWriter(os.fspath(path))
        for step in range(3):
            assert log(step, step=step, writer=writer)
        writer.close()


def by_event_file_writer(path: pathlib.Path, log: Callable[..., Any]) -> None:
    from tensorboard.summary.writer.event_file_writer import EventFileWriter

    writer = EventFileWriter(os.fspath(path))
    for step in range(3):
        assert log(step, step=step, writer=writer)
    writer.close()


WRITERS = [by_default_writer, by_named_writer, by_tensorboardx, by_event_file_writer]


@pytest.mark.parametrize("through", WRITERS)
def test_points_and_what_is_known_of_them_come_back(tmp_path: pathlib.Path, through: Any) -> None:
    clouds = logs.clouds(3)
    ids = [f"id{index}" for index in range(30)]
    columns = {"label": LABELS, "number": range(30)}
    images = np.random.default_rng(0).integers(0, 256, (30, 6, 4, 3), np.uint8)

    def log(index: int, **to: Any) -> bool:
        return tb_animate.summary.embedding(
            "features",
            clouds[index],
            metadata=columns,
            ids=ids,
            sprite=images,
            description="Where they lie.",
            **to,
        )

    through(tmp_path / "run", log)

    found = frames(tmp_path)
    assert [frame.step for frame in found] == [0, 1, 2]
    for frame, points in zip(found, clouds, strict=True):
        assert isinstance(frame.data, np.ndarray)
        assert frame.data.dtype == np.float32
        np.testing.assert_array_equal(frame.data, points)
    known = table(found[0])
    assert dict(known.columns) == {
        "label": tuple(LABELS),
        "number": tuple(str(index) for index in range(30)),
    }
    assert known.ids == tuple(ids)
    np.testing.assert_array_equal(cells(sprite(found[0]), 30), images)
    assert all(frame.table is known for frame in found)
    (series,) = opened(tmp_path).series()
    assert (series.kind, series.description) == ("embedding", "Where they lie.")
    assert series.complete


def cells(sprite: Sprite, points: int) -> NDArray[np.uint8]:
    return logs.cut(sprite.data, (sprite.width, sprite.height), points)


def test_labels_are_logged_once_and_again_when_they_change(
    tmp_path: pathlib.Path, writer: Any
) -> None:
    points = logs.clouds(1)[0]
    changed = [*LABELS[1:], "other"]
    for step, labels in [(0, LABELS), (1, list(LABELS)), (2, changed), (3, changed), (4, None)]:
        tb_animate.summary.embedding("features", points, step, metadata=labels, writer=writer)
    writer.close()

    seen = [table(frame).columns["label"] for frame in frames(tmp_path)]
    assert seen == [tuple(LABELS)] * 2 + [tuple(changed)] * 3
    (written,) = tmp_path.joinpath("run").iterdir()
    assert written.read_bytes().count(b"features#points") == 2


def test_labels_that_return_are_the_table_that_they_were(
    tmp_path: pathlib.Path, writer: Any
) -> None:
    for step, label in enumerate("aba"):
        tb_animate.summary.embedding("f", WHOLE, step, [label] * 4, writer=writer)
    writer.close()
    first, second, third = (table(frame) for frame in frames(tmp_path, "f"))
    assert first is third
    assert first.digest != second.digest


def test_a_writer_that_goes_back_in_steps_logs_its_labels_again(
    tmp_path: pathlib.Path, writer: Any
) -> None:
    points = logs.clouds(1)[0]
    for step, label in [(0, "a"), (10, "b"), (5, "b"), (6, "b")]:
        tb_animate.summary.embedding("features", points, step, metadata=[label] * 30, writer=writer)
    writer.close()

    seen = {frame.step: table(frame).columns["label"][0] for frame in frames(tmp_path)}
    assert seen == {0: "a", 5: "b", 6: "b"}


def test_each_tag_and_each_writer_has_its_own_labels(tmp_path: pathlib.Path) -> None:
    with logs.quiet():
        from tensorboardX import SummaryWriter

        writers = [SummaryWriter(os.fspath(tmp_path / name)) for name in ("one", "two")]
    points = logs.clouds(1)[0]
    for writer in writers:
        for tag in ("a", "b"):
            tb_animate.summary.embedding(tag, points, 0, metadata=LABELS, writer=writer)
        writer.close()
    source = opened(tmp_path)
    assert len(source.series()) == 4
    for series in source.series():
        (frame,) = source.open(series.id).read([0])
        assert table(frame).columns["label"] == tuple(LABELS)


class Tensor:
    """As PyTorch's tensors behave: numpy is refused what needs a gradient or is elsewhere."""

    def __init__(self, values: NDArray[Any], dtype: str, *, plain: bool = False) -> None:
        self.values, self.dtype, self.plain = values, dtype, plain

    def detach(self) -> Tensor:
        return Tensor(self.values, self.dtype, plain=True)

    def cpu(self) -> Tensor:
        return self

    def float(self) -> Tensor:
        return Tensor(self.values.astype(np.float32), "torch.float32", plain=self.plain)

    def __array__(self, dtype: Any = None, copy: Any = None) -> NDArray[Any]:
        if not self.plain:
            raise RuntimeError("Can't call numpy() on Tensor that requires grad.")
        if "bfloat16" in self.dtype:
            raise TypeError("Got unsupported ScalarType BFloat16")
        return self.values


WHOLE = np.arange(12, dtype=np.float64).reshape(4, 3)
TIFF = logs.encode(logs.noise(8), "TIFF")


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (WHOLE, WHOLE),
        (WHOLE.tolist(), WHOLE),
        (WHOLE.astype(np.int64), WHOLE),
        (WHOLE.astype(np.float16), WHOLE),
        (WHOLE[::-1, ::2], WHOLE[::-1, ::2]),
        (np.array([1.5, np.nan, np.inf]), [[1.5], [np.nan], [np.inf]]),
        (WHOLE > 3, WHOLE > 3),
        (Tensor(WHOLE, "torch.float64"), WHOLE),
        (Tensor(WHOLE, "torch.bfloat16"), WHOLE),
    ],
)
def test_what_counts_as_points(
    tmp_path: pathlib.Path, writer: Any, data: Any, expected: Any
) -> None:
    tb_animate.summary.embedding("features", data, 0, writer=writer)
    writer.close()
    (frame,) = frames(tmp_path)
    np.testing.assert_array_equal(frame.data, np.asarray(expected, np.float32))
    assert isinstance(frame.data, np.ndarray)
    assert frame.data.dtype == np.float32
    assert frame.table is None


def test_tensors_of_tensorflow_and_its_name_scopes(tmp_path: pathlib.Path) -> None:
    with logs.quiet_tensorflow() as tf:
        writer = tf.summary.create_file_writer(os.fspath(tmp_path))
        with writer.as_default(step=tf.Variable(7, dtype=tf.int64)), tf.name_scope("scope"):
            tb_animate.summary.embedding(
                "features", tf.constant(WHOLE, tf.bfloat16), metadata=tf.constant([b"a"] * 4)
            )
        with tf.summary.record_if(False), writer.as_default():
            assert not tb_animate.summary.embedding("features", WHOLE, 8)
        assert not tb_animate.summary.embedding("features", WHOLE, 9)
        writer.close()
    (frame,) = frames(tmp_path, "scope/features")
    assert frame.step == 7
    np.testing.assert_array_equal(frame.data, WHOLE)
    assert table(frame).columns["label"] == ("a",) * 4


@pytest.mark.parametrize("through", WRITERS)
def test_half_keeps_what_float16_holds(tmp_path: pathlib.Path, through: Any) -> None:
    clouds = logs.clouds(3)
    clouds[1][0] = np.nan, np.inf, -np.inf, 65504, 1e-9

    def log(index: int, **to: Any) -> bool:
        return tb_animate.summary.embedding("features", clouds[index], half=True, **to)

    through(tmp_path / "run", log)

    for frame, points in zip(frames(tmp_path), clouds, strict=True):
        assert isinstance(frame.data, np.ndarray)
        assert frame.data.dtype == np.float16
        np.testing.assert_array_equal(frame.data, points.astype(np.float16))


@pytest.mark.parametrize("values", [[1.5, -2, 65504, 6e-8, np.nan, 0], [0.25]])
def test_half_floats_in_a_field_of_their_own(tmp_path: pathlib.Path, values: list[float]) -> None:
    """As tensors have them that come from a list; one number stands for all that are equal."""
    value = eb.tensor("features", eb.DT_HALF, 3, 2)
    halves = np.array(values, np.float16)
    value.tensor.half_val.extend(halves.view(np.uint16).tolist())
    eb.write(tmp_path, [eb.version(), eb.event(0, eb.described(value, "animate", 2))])

    (frame,) = frames(tmp_path)
    np.testing.assert_array_equal(frame.data, np.resize(halves, (3, 2)))


def test_a_clip_of_half_floats_is_that_of_the_same_floats(tmp_path: pathlib.Path) -> None:
    clips = []
    for half in (True, False):
        with logs.quiet():
            from tensorboardX import SummaryWriter

            writer = SummaryWriter(os.fspath(tmp_path / f"half={half}"))
        for step, points in enumerate(logs.clouds(3)):
            points = points.astype(np.float16)
            tb_animate.summary.embedding("f", points, step, LABELS, half=half, writer=writer)
        writer.close()
        clip = tmp_path / f"{half}.gif"
        tb_animate.export_clip(
            os.fspath(tmp_path / f"half={half}"), os.fspath(clip), tag="f", width=96, height=96
        )
        clips.append(clip.read_bytes())
    assert clips[0] == clips[1]
    with Image.open(io.BytesIO(clips[0])) as image:
        assert image.n_frames == 3


@pytest.mark.parametrize(
    ("data", "reached"),
    [
        ([[0.0, -65520.0]], "65,520"),
        (np.array([1.0, 1e300]), r"1e\+300"),
        (np.array([70_000, 3]), "70,000"),
        (Tensor(np.array([2.0**17]), "torch.bfloat16"), "131,072"),
    ],
)
def test_numbers_too_large_for_half_are_said(writer: Any, data: Any, reached: str) -> None:
    said = f"data reaches {reached}, and float16 ends at 65,504; leave half out"
    with pytest.raises(ValueError, match=said):
        tb_animate.summary.embedding("features", data, 0, half=True, writer=writer)


def test_labels_in_a_column(tmp_path: pathlib.Path, writer: Any) -> None:
    labels = np.array([[3], [1], [2], [1]])
    tb_animate.summary.embedding("f", WHOLE, 0, labels, writer=writer)
    tb_animate.summary.embedding("f", WHOLE, 1, {"digit": labels}, writer=writer)
    writer.close()
    first, second = frames(tmp_path, "f")
    assert table(first).columns == {"label": ("3", "1", "2", "1")}
    assert table(second).columns == {"digit": ("3", "1", "2", "1")}


def test_what_a_call_takes_by_position(tmp_path: pathlib.Path, writer: Any) -> None:
    images = np.arange(4 * 5 * 6, dtype=np.uint8).reshape(4, 5, 6)
    ids = [3, 2, 1, 0]
    tb_animate.summary.embedding("f", WHOLE, 7, ["abcd"] * 4, images, ids, "Why.", writer=writer)
    writer.close()
    (frame,) = frames(tmp_path, "f")
    assert frame.step == 7
    assert table(frame).columns["label"] == ("abcd",) * 4
    assert table(frame).ids == ("3", "2", "1", "0")
    np.testing.assert_array_equal(cells(sprite(frame), 4), images)
    (series,) = opened(tmp_path).series()
    assert series.description == "Why."


def tensorflow_writer(path: pathlib.Path) -> Any:
    with logs.quiet_tensorflow() as tf:
        return tf.summary.create_file_writer(os.fspath(path))


def tensorboardx_writer(path: pathlib.Path) -> Any:
    with logs.quiet():
        from tensorboardX import SummaryWriter

        return SummaryWriter(os.fspath(path))


def event_file_writer(path: pathlib.Path) -> Any:
    from tensorboard.summary.writer.event_file_writer import EventFileWriter

    return EventFileWriter(os.fspath(path))


@pytest.mark.parametrize("make", [tensorflow_writer, tensorboardx_writer, event_file_writer])
@pytest.mark.parametrize("half", [False, True])
def test_a_call_writes_as_many_bytes_as_it_says(
    tmp_path: pathlib.Path, make: Callable[[pathlib.Path], Any], half: bool
) -> None:
    points = np.random.default_rng(0).normal(size=(1000, 64))
    known = {
        "metadata": [str(index % 10) for index in range(1000)],
        "sprite": np.random.default_rng(0).integers(0, 256, (1000, 4, 4), np.uint8),
    }
    tag, description = "validation/features", "Where they lie. " * 20

    def size(*calls: tuple[int, dict[str, Any]]) -> int:
        """Of the event file after these calls; tensorboardX writes all only when closed."""
        path = tmp_path / str(len(calls))
        writer = make(path)
        for step, more in calls:
            tb_animate.summary.embedding(
                tag, points, step, description=description, half=half, writer=writer, **more
            )
        writer.close()
        (file,) = path.iterdir()
        return file.stat().st_size

    # A step of 2**62 takes nine bytes.
    calls = [(0, {}), (1, {}), (2, known), (2**62, known)]
    sizes = [size(*calls[:count]) for count in (1, 2, 3, 4)]
    second, third, fourth = np.diff(sizes)
    numbers = 64_000 * (2 if half else 4)
    named = len(tag) + len(description)
    assert numbers <= second - named < numbers + 150
    # What is known of the points: labels as text, thumbnails as a PNG of noise.
    assert 16_000 < third - second < 40_000
    assert numbers <= fourth - named < numbers + 150


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        (["a", b"b", 3, 4.5], ("a", "b", "3", "4.5")),
        (np.array([1, 2, 3, 4]), ("1", "2", "3", "4")),
        (np.float32([0.1, 0.2, 1, 2]), ("0.1", "0.2", "1.0", "2.0")),
        (Tensor(np.array([5, 6, 7, 8]), "torch.int64"), ("5", "6", "7", "8")),
        (np.array(["ä", "ß", "中", "\ud800"]), ("ä", "ß", "中", "?")),
        ((True, None, "", "\t"), ("True", "None", "", "\t")),
    ],
)
def test_what_counts_as_labels(
    tmp_path: pathlib.Path, writer: Any, values: Any, texts: tuple[str, ...]
) -> None:
    tb_animate.summary.embedding("features", WHOLE, 0, metadata=values, writer=writer)
    writer.close()
    assert table(frames(tmp_path)[0]).columns["label"] == texts


def test_floating_and_grey_thumbnails(tmp_path: pathlib.Path, writer: Any) -> None:
    images = np.linspace(-0.2, 1.2, 4 * 8 * 8).reshape(4, 8, 8)
    tb_animate.summary.embedding("features", WHOLE, 0, sprite=images, writer=writer)
    writer.close()
    found = cells(sprite(frames(tmp_path)[0]), 4)
    np.testing.assert_array_equal(found, np.rint(images.clip(0, 1) * 255))


def test_a_picture_of_all_thumbnails_is_kept_as_it_is(tmp_path: pathlib.Path, writer: Any) -> None:
    data = logs.encode(logs.noise(20))
    for step, given in enumerate((data, Image.open(io.BytesIO(data)))):
        tb_animate.summary.embedding(
            "features", WHOLE, step, sprite=given, sprite_size=(10, 8), writer=writer
        )
    writer.close()
    first, second = (sprite(frame) for frame in frames(tmp_path))
    assert (first.data, first.width, first.height) == (data, 10, 8)
    np.testing.assert_array_equal(cells(first, 4), cells(second, 4))


def test_many_thumbnails_are_made_smaller_until_they_fit(
    tmp_path: pathlib.Path, writer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tb_animate import sprite_sheet

    monkeypatch.setattr(sprite_sheet, "MAX_SPRITE_SIDE", 64)
    images = np.zeros((20, 40, 20), np.uint8)
    images[::2] = 200
    points = np.zeros((20, 2))
    tb_animate.summary.embedding("features", points, 0, sprite=images, writer=writer)
    writer.close()
    found = sprite(frames(tmp_path)[0])
    # Six columns of 10 and four rows of 16 pixels do not hold 20 of a larger size.
    assert found.height in (2 * found.width - 1, 2 * found.width, 2 * found.width + 1)
    with Image.open(io.BytesIO(found.data)) as image:
        assert max(image.size) <= 64
        larger = (64 // (found.width + 1)) * (64 // (found.height + 2))
    assert larger < 20
    assert (cells(found, 20).mean(axis=(1, 2)) == [200, 0] * 10).all()
    with pytest.raises(ValueError, match="do not fit into a sprite of 64 x 64"):
        tb_animate.summary.embedding(
            "features", np.zeros((99, 2)), 1, sprite=np.zeros((99, 40, 40)), writer=writer
        )


@pytest.mark.parametrize(
    ("data", "given", "said"),
    [
        (np.zeros((2, 3, 4)), {}, r"shape \[2, 3, 4\].*reshape\(len\(data\), -1\)"),
        (np.zeros(()), {}, r"shape \[\]"),
        (np.zeros((0, 3)), {}, "nothing in it"),
        ([["a"]], {}, "numbers are wanted"),
        ([1j], {}, "numbers are wanted"),
        ([[1, 2], [3]], {}, "is not an array"),
        (WHOLE, {"metadata": ["a"] * 3}, '"label" has 3 entries, and data has 4 points'),
        (WHOLE, {"metadata": "abcd"}, "is one text"),
        (WHOLE, {"metadata": iter("abcd")}, '"label" .* list with one for each point'),
        (WHOLE, {"metadata": {"a": map(str, range(4))}}, '"a" .* list with one for each point'),
        (WHOLE, {"metadata": {"a", "b", "c", "d"}}, "list with one for each point"),
        (WHOLE, {"metadata": dict.fromkeys("abcd", 1).values()}, "list with one for each point"),
        (WHOLE, {"metadata": 7}, "list with one for each point"),
        (WHOLE, {"ids": (str(row) for row in range(4))}, "ids .* list with one for each point"),
        (WHOLE, {"metadata": [["a", "b"]] * 4}, "more than one value for a point"),
        (WHOLE, {"metadata": {str(i): range(4) for i in range(101)}}, "101 columns"),
        (WHOLE, {"ids": ["a", "b", "a", "c"]}, 'ids has "a" more than once'),
        (WHOLE, {"ids": ["a"]}, "ids has 1 entries"),
        (WHOLE, {"sprite": np.zeros((3, 8, 8))}, "sprite has 3 images"),
        (WHOLE, {"sprite": np.zeros((4, 3, 8, 8))}, r"transpose\(0, 2, 3, 1\)"),
        (WHOLE, {"sprite": np.zeros((4, 8, 8), int)}, "type int64"),
        (WHOLE, {"sprite": b"png"}, "give sprite_size"),
        (WHOLE, {"sprite": b"png", "sprite_size": (1, 1)}, "none of PNG, JPEG"),
        (WHOLE, {"sprite": TIFF, "sprite_size": (4, 4)}, "none of PNG, JPEG"),
        (WHOLE, {"sprite": logs.encode(logs.noise(9)), "sprite_size": (5, 5)}, "not room for 4"),
        (WHOLE, {"step": None}, "There is no step"),
        (WHOLE, {"step": "one"}, "whole number"),
        (WHOLE, {"step": 2**63}, "64 bits"),
        (WHOLE, {"writer": "logs"}, "of type str"),
    ],
)
def test_what_does_not_fit_is_said(writer: Any, data: Any, given: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        tb_animate.summary.embedding("features", data, **{"step": 0, "writer": writer, **given})


def test_labels_beyond_the_limit_are_refused(writer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tb_animate.summary.MAX_TEXT_BYTES", 1 << 20)
    with pytest.raises(ValueError, match="metadata and ids take 4 MB, and 1 MB is the most"):
        tb_animate.summary.embedding(
            "features", WHOLE, 0, metadata=["x" * 1_000_000] * 4, writer=writer
        )


def test_inside_of_a_traced_function_it_says_so(tmp_path: pathlib.Path, writer: Any) -> None:
    with logs.quiet_tensorflow() as tf:

        @tf.function  # type: ignore[untyped-decorator]
        def traced(points: Any, **to: Any) -> None:
            tb_animate.summary.embedding("features", points, 0, **to)

        with pytest.raises(ValueError, match=r"tracing a function"):
            traced(tf.constant(WHOLE), writer=writer)
        # Even where the points have values, the call would be lost after the first.
        constant = tf.function(lambda: tb_animate.summary.embedding("features", WHOLE, 0))
        with pytest.raises(ValueError, match=r"inside of tf.function"):
            constant()


def test_without_any_writer_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "tensorflow", raising=False)
    with pytest.raises(ValueError, match="give writer="):
        tb_animate.summary.embedding("features", WHOLE, 0)


def test_it_costs_nothing_until_it_is_used_and_no_tensorflow_then() -> None:
    program = (
        "import sys, tb_animate\n"
        "assert not {'numpy', 'tb_animate.summary'} & set(sys.modules)\n"
        "tb_animate.summary.embedding\n"
        "assert not {'tensorflow', 'torch', 'tensorboard', 'PIL'} & set(sys.modules)\n"
        "class Writer:\n"
        "    def add_event(self, event):\n"
        "        print(event.summary.value[0].tag)\n"
        "assert tb_animate.summary.embedding('f', [[1]], 0, ['a'], half=True, writer=Writer())\n"
        "assert not {'tensorflow', 'torch'} & set(sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["f#points", "f"]
