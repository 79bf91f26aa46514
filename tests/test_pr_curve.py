"""PR curves: what writers log is read as TensorBoard and scikit-learn understand it, and drawn."""

from __future__ import annotations

import os
import pathlib
from collections.abc import Callable, Sequence
from typing import Any

import msgpack
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from sklearn import metrics

import logs
import reading
import servers
import tb_animate
from sites import Site, json_of
from tb_animate import cli, kinds
from tb_animate.kinds import pr_curve, raster
from tb_animate.kinds.pr_curve import PrCurveData, PrCurveScene
from tb_animate.model import ClipSpec, Frame, Wanted, series_id
from test_provider import listed, over_grpc, over_multiplexer

pytestmark = pytest.mark.oldest

KIND = kinds.get("pr_curve")
WANTED = Wanted("pr_curve", "pr_curves")
COUNT = 600
LABELS = np.arange(COUNT) % 4 == 0
STEPS = range(0, 120, 10)
THRESHOLDS = 51

Floats = NDArray[np.float64]


def scores(step: int, of: int = THRESHOLDS) -> Floats:
    """Of a classifier that learns, as multiples of what parts the thresholds."""
    noise = np.random.default_rng(1).normal(0, 1, COUNT)
    found = 1 / (1 + np.exp(-noise - step / 40 * (LABELS - 0.5)))
    # A little above, so that no rounding moves a score below its threshold.
    return np.floor(found * (of - 1)) / (of - 1) + 1e-6


def rows(tp: Any, fp: Any, *, positive: float, negative: float) -> Floats:
    """What is logged of so many true and false positives at each threshold."""
    tp, fp = np.array(tp, float), np.array(fp, float)
    precision = tp / np.maximum(tp + fp, 1e-7)
    return np.stack([tp, fp, negative - fp, positive - tp, precision, tp / positive])


def decode(tensor: Any, step: int = 0) -> PrCurveData:
    data = KIND.decode(Frame(step, 0.0, np.asarray(tensor)), ClipSpec())
    assert isinstance(data, PrCurveData)
    return data


def flat(precision: float, step: int = 0) -> PrCurveData:
    """The same precision wherever the threshold is."""
    recall = np.linspace(1, 0, 11)
    counts = np.ones((4, 11))
    return decode(np.vstack([counts, [np.full(11, precision), recall]]), step)


# Writers


def write_tensorboardx(path: pathlib.Path) -> None:
    with logs.quiet():
        from tensorboardX import SummaryWriter

        with SummaryWriter(os.fspath(path)) as writer:
            for step in STEPS:
                writer.add_pr_curve("pr", LABELS, scores(step), step, num_thresholds=THRESHOLDS)


def write_tensorboardx_raw(path: pathlib.Path) -> None:
    with logs.quiet():
        from tensorboardX import SummaryWriter

        with SummaryWriter(os.fspath(path)) as writer:
            for step in STEPS:
                writer.add_pr_curve_raw("pr", *counted(step), step, num_thresholds=THRESHOLDS)


def write_tensorflow_2(path: pathlib.Path) -> None:
    with logs.quiet_tensorflow() as tf:
        from tensorboard.plugins.pr_curve import summary

        with tf.summary.create_file_writer(os.fspath(path)).as_default():
            for step in STEPS:
                made = summary.pb("pr", LABELS, scores(step), THRESHOLDS, display_name="PR")
                tf.summary.experimental.write_raw_pb(made.SerializeToString(), step)


def write_tensorflow_1(path: pathlib.Path) -> None:
    with logs.quiet_tensorflow() as tf:
        from tensorboard.plugins.pr_curve import summary

        v1 = tf.compat.v1
        with tf.Graph().as_default(), v1.Session() as session:
            given = v1.placeholder(tf.float32, [COUNT])
            op = summary.op("pr", tf.constant(LABELS), given, THRESHOLDS)
            writer = v1.summary.FileWriter(os.fspath(path))
            for step in STEPS:
                writer.add_summary(session.run(op, {given: scores(step)}), step)
            writer.close()


WRITERS: Sequence[tuple[Callable[[pathlib.Path], None], str]] = (
    (write_tensorboardx, "pr"),
    (write_tensorboardx_raw, "pr"),
    (write_tensorflow_2, "pr/pr_curves"),
    (write_tensorflow_1, "pr/pr_curves"),
)


def counted(step: int) -> Floats:
    """What there is to be logged at a step, counted one by one."""
    picked = scores(step) >= np.linspace(0, 1, THRESHOLDS)[:, np.newaxis]
    tp, fp = (picked & LABELS).sum(axis=1), (picked & ~LABELS).sum(axis=1)
    return rows(tp, fp, positive=LABELS.sum(), negative=(~LABELS).sum())


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """A run of every writer."""
    path = tmp_path_factory.mktemp("curves")
    for write, _ in WRITERS:
        write(path / write.__name__)
    return path


def frames(site: Any, run: str, tag: str) -> list[tuple[int, float, Floats]]:
    """Step, average precision and points of each, as they travel."""
    answer = site.get("frames", series=series_id(run, tag, "pr_curve"))
    found = []
    for frame in msgpack.unpackb(answer.data)["frames"]:
        numbers = np.frombuffer(frame["data"], "<f4").astype(np.float64)
        found.append((frame["step"], float(numbers[0]), numbers[1:].reshape(7, -1)))
    return found


@pytest.mark.parametrize(("write", "tag"), WRITERS, ids=[one.__name__ for one, _ in WRITERS])
def test_what_each_writer_logs(written: pathlib.Path, write: Any, tag: str) -> None:
    site = Site(written)
    (series,) = [
        one for one in json_of(site.get("series"))["series"] if one["run"] == write.__name__
    ]
    assert (series["tag"], series["kind"], series["frames"]) == (tag, "pr_curve", len(STEPS))
    assert series["complete"] is True
    for step, average, points in frames(site, write.__name__, tag):
        truth = counted(step)
        some = truth[0] + truth[1] > 0
        assert 0 < (~some).sum() < THRESHOLDS
        assert points[0] == pytest.approx(np.linspace(0, 1, THRESHOLDS)[some], abs=1e-6)
        assert points[1:] == pytest.approx(truth[:, some], abs=1e-6)
        truly = metrics.average_precision_score(LABELS, scores(step))
        assert average == pytest.approx(truly, abs=1e-6)


@pytest.mark.tensorboard
@pytest.mark.parametrize("fast", ["true", "false"])
def test_the_points_are_those_of_tensorboards_own_tab(written: pathlib.Path, fast: str) -> None:
    with servers.tensorboard(written, f"--load_fast={fast}") as server:
        for write, tag in WRITERS:
            run = write.__name__

            def own(run: str = run, tag: str = tag) -> Any:
                told = server.get("data/plugin/pr_curves/pr_curves", run=run, tag=tag)
                found = told.json().get(run, []) if told.status == 200 else []
                return found if found and found[-1]["step"] == STEPS[-1] else None

            theirs = servers.until(own, "TensorBoard has read the run")
            answer = server.animate("frames", series=series_id(run, tag, "pr_curve"))
            ours = {one["step"]: one["data"] for one in msgpack.unpackb(answer.body)["frames"]}
            assert list(ours) == list(STEPS)
            names = ["thresholds", "true_positives", "false_positives", "true_negatives"]
            names += ["false_negatives", "precision", "recall"]
            for one in theirs:
                points = np.frombuffer(ours[one["step"]], "<f4")[1:].reshape(7, -1)
                for name, row in zip(names, points, strict=True):
                    assert row == pytest.approx(np.array(one[name]), abs=1e-6), name


@pytest.mark.parametrize("through", [over_grpc, over_multiplexer])
def test_where_no_event_file_can_be_read(tmp_path: pathlib.Path, through: Any) -> None:
    write_tensorboardx(tmp_path / "run")
    with through(tmp_path, wanted=WANTED) as source:
        series = listed(source, last_step=STEPS[-1])
        assert (series.kind, series.sampled) == ("pr_curve", True)
        for frame in reading.read(source, series):
            points = decode(frame.data).points
            assert points[1:] == pytest.approx(counted(frame.step)[:, : points.shape[1]], abs=1e-6)


# Decoding


def test_points_without_a_precision_are_left_out() -> None:
    data = decode(rows([8, 4, 0, 0], [8, 1, 0, 0], positive=8, negative=8))
    assert data.points[0] == pytest.approx([0, 1 / 3])
    assert data.points[5:].tolist() == [[0.5, 0.8], [1, 0.5]]
    # All that is predicted positive is wrong: that is a precision of 0, and stays.
    data = decode(rows([8, 0, 0], [8, 2, 0], positive=8, negative=8))
    assert data.points[5:].tolist() == [[0.5, 0], [1, 0]]
    lost = rows([8, 4, 2], [8, 1, 1], positive=8, negative=8)
    lost[4, 1], lost[5, 2] = np.nan, np.inf
    assert decode(lost).points[0].tolist() == [0]


@pytest.mark.parametrize("tensor", [np.zeros((6, 0)), np.zeros((6, 5)), np.full((6, 5), np.nan)])
def test_nothing_predicted_is_no_curve(tensor: Floats) -> None:
    data = decode(tensor)
    assert data.points.shape == (7, 0)
    assert data.average_precision == 0
    assert KIND.wire(Frame(0, 0.0, tensor), None) == bytes(4)  # type: ignore[attr-defined]


def test_curves_that_were_logged_without_counts() -> None:
    precision, recall, _ = metrics.precision_recall_curve(LABELS, scores(80))
    data = decode(np.vstack([np.zeros((4, len(recall))), [precision, recall]]))
    assert data.points[5:].tolist() == [precision.tolist(), recall.tolist()]
    truly = metrics.average_precision_score(LABELS, scores(80))
    assert data.average_precision == pytest.approx(truly)


def test_rounding_is_forgiven_and_percent_are_not() -> None:
    tensor = rows([8, 4], [8, 1], positive=8, negative=8)
    tensor[4:] += 1e-6
    assert decode(tensor).points[5:].max() == 1
    with pytest.raises(ValueError, match=r"has a precision or recall of 50.*go from 0 to 1\.$"):
        decode(rows([8, 4], [8, 1], positive=8, negative=8) * [[1], [1], [1], [1], [100], [100]])


def test_very_many_thresholds_are_thinned_and_their_average_is_not() -> None:
    recall = np.linspace(1, 0, 100_001)
    precision = 0.5 + 0.5 * np.sin(recall * 5000) ** 2
    data = decode(np.vstack([np.ones((4, len(recall))), [precision, recall]]))
    assert data.points.shape == (7, pr_curve.MAX_POINTS)
    assert data.points[0, [0, -1]].tolist() == [0, 1]
    assert np.ptp(np.diff(data.points[0])) < 2e-5
    assert data.average_precision == pytest.approx(0.75, abs=1e-3)


# On the way from one frame to the next


def test_each_threshold_goes_straight_to_where_it_is_next() -> None:
    first, second = decode(counted(20)), decode(counted(90))
    recall, precision = pr_curve.between(first, second, 0.25)
    for row, found in ((5, precision), (6, recall)):
        logged = [one.points[row] for one in (first, second)]
        # Where one ends before the other, its end stays.
        held = [np.pad(one, (0, len(found) - len(one)), "edge") for one in logged]
        assert found == pytest.approx(0.75 * held[0] + 0.25 * held[1])
    assert len(recall) == max(first.points.shape[1], second.points.shape[1])


def test_thresholds_need_not_be_the_same() -> None:
    coarse = decode(rows([8, 4, 2], [8, 4, 0], positive=8, negative=8))
    fine = decode(rows([8, 8, 4, 4, 4], [8, 0, 0, 0, 0], positive=8, negative=8))
    recall, precision = pr_curve.between(coarse, fine, 0.5)
    assert recall.tolist() == [1, 0.875, 0.5, 0.4375, 0.375]
    assert precision.tolist() == [0.5, 0.75, 0.75, 0.875, 1]


def test_a_curve_that_is_not_there_yet_moves_nothing() -> None:
    nothing, data = decode(np.zeros((6, 5))), flat(0.5)
    for one, other in ((nothing, data), (data, nothing)):
        recall, _ = pr_curve.between(one, other, 0.5)
        assert len(recall) == one.points.shape[1]


# Pictures


def drawn(data: PrCurveData, trail: int = 10, **more: Any) -> NDArray[np.uint8]:
    asked = {"earlier": [], "following": None, "phase": 0.0, "size": (480, 360), "theme": "light"}
    return KIND.draw(PrCurveScene(trail), data, **{**asked, **more})


def height(picture: NDArray[np.uint8], theme: Any = "light") -> float:
    """The precision at which the strong line lies, in the middle between two grid lines."""
    column = 36 + round(0.5 * (480 - 50))
    near = np.abs(picture[:, column].astype(int) - raster.PALETTES[theme].accent).max(axis=-1) < 30
    rows = np.flatnonzero(near)
    assert 1 <= len(rows) <= 4
    return 1 - float(rows.mean() + 0.5 - 26) / (360 - 66)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("precision", [0.0, 0.13, 0.5, 0.77, 1.0])
def test_the_axes_go_from_0_to_1(precision: float, theme: Any) -> None:
    picture = drawn(flat(precision), theme=theme)
    assert height(picture, theme) == pytest.approx(precision, abs=0.005)


def test_the_line_moves_between_frames() -> None:
    for phase in (0.25, 0.5, 0.75):
        picture = drawn(flat(0.3), following=flat(0.7), phase=phase)
        assert height(picture) == pytest.approx(0.3 + 0.4 * phase, abs=0.005)


def test_earlier_curves_fade_and_arrive_without_a_jump() -> None:
    curves = [flat(0.15 + 0.14 * n) for n in range(6)]
    picture = drawn(curves[5], earlier=curves[1:5], trail=4)
    column = picture[:, 36 + round(0.5 * (480 - 50))].astype(int)
    places = [round(26 + (360 - 66) * (1 - 0.15 - 0.14 * n) - 0.5) for n in range(6)]
    # How far blue is from white: nothing of the frame that is no longer in the trail.
    strength = [255 - column[place - 1 : place + 2, 2].min() for place in places]
    assert strength == sorted(strength)
    assert strength[0] == 0
    assert len(set(strength)) == 6
    assert strength[5] == 255
    late = drawn(curves[4], earlier=curves[:4], trail=4, following=curves[5], phase=1 - 1e-9)
    # The old front lies there as the first of the trail; the step is told when it is reached.
    assert np.abs(late.astype(int) - picture)[20:].max() <= 1
    alone = drawn(curves[5], earlier=curves[1:5], trail=0)
    assert np.array_equal(alone, drawn(curves[5], trail=0))


def test_a_curve_of_one_point_is_a_dot() -> None:
    point = decode(np.vstack([np.ones((4, 1)), [[0.5], [0.5]]]))
    empty = drawn(decode(np.zeros((6, 0))))
    there = (drawn(point) != empty).any(axis=-1)
    y, x = np.nonzero(there)
    assert (x.mean() + 0.5, y.mean() + 0.5) == pytest.approx((251, 173), abs=0.3)
    assert 4 <= there.sum() <= 16


def test_over_http(written: pathlib.Path) -> None:
    site = Site(written)
    ids = [series_id(write.__name__, "pr", "pr_curve") for write, _ in WRITERS[:2]]
    told = json_of(site.get("scene", series=ids, trail=3))
    assert told["trail"] == 3
    assert told["frames"] == 2 * len(STEPS)
    clip = site.get("clip", series=ids, max_frames=3, caption=1)
    assert (clip.status_code, clip.headers["X-Animate-Pictures"]) == (200, "3")


def test_from_the_command_line(
    written: pathlib.Path, tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["list", str(written)]) == 0
    assert capsys.readouterr().out.count("pr_curve") >= len(WRITERS)
    target = tmp_path / "clip.gif"
    run = ["--run", write_tensorboardx.__name__]
    options = ["--kind", "pr_curve", "--tween", "1", "--trail", "2", "--theme", "dark"]
    asked = ["export", str(written), "--tag", "pr", *run, *options, "-o", str(target)]
    assert cli.main(asked) == 0
    with Image.open(target) as image:
        assert image.size == pr_curve.SIZE
        assert image.n_frames == 2 * len(STEPS) - 1
    with pytest.raises(tb_animate.errors.AnimateError, match="scale is an option of histograms"):
        tb_animate.export_clip(written, target, tag="pr", scale="log")
