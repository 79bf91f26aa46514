"""The routes, through TensorBoard's own routing, over real logs."""

from __future__ import annotations

import dataclasses
import gzip
import importlib.resources
import io
import logging
import math
import pathlib
import re
import sys
import threading
import urllib.parse
from collections.abc import Callable, Iterator
from typing import Any

import msgpack
import numpy as np
import pytest
from PIL import Image

import logs
import memory_source
import servers
import tb_animate
from conftest import Logdir
from sites import BASE, Site, json_of, plain
from tb_animate import answers, cli, errors, export, file_names, web
from tb_animate.encoders import ENCODERS
from tb_animate.model import ClipSpec, PointTable, series_id


@pytest.fixture(scope="module")
def site(logdir: Logdir) -> Site:
    return Site(logdir.path)


def test_series_lists_what_was_logged(site: Site, logdir: Logdir) -> None:
    answer = site.get("series")

    assert answer.mimetype == "application/json"
    content = json_of(answer)
    assert content["runs"] == sorted(logdir.runs)
    assert [(one["run"], one["tag"]) for one in content["series"]] == sorted(
        logdir.tags(), key=lambda key: (key[1], key[0])
    )
    for one in content["series"]:
        logged = logdir.tags()[one["run"], one["tag"]]
        assert one["id"] == series_id(one["run"], one["tag"], "image")
        assert one["frames"] == one["logged"] == logged.frames
        assert one["samples"] == len(logged.samples[0])
        assert (one["first_step"], one["last_step"]) == (logged.steps[0], logged.steps[-1])
        assert one["complete"] is True
        assert isinstance(one["display_name"], str)
        assert isinstance(one["description"], str)
    assert content["kinds"][0] == {
        "name": "image",
        "title": "Images",
        "plugin_name": "images",
        "placed": False,
        "shares_scene": False,
    }
    assert content["formats"][0]["name"] == "gif"
    assert [one["name"] for one in content["formats"]] == list(ENCODERS)
    assert content["formats"][0] == {
        "name": "gif",
        "title": "GIF",
        "suffix": ".gif",
        "mime_type": "image/gif",
        "max_fps": 50,
        "max_side": 65535,
        "loops": True,
        "available": True,
        "hint": "",
    }
    assert content["warnings"] == []
    assert content["progress"]["done"] == content["progress"]["total"] > 0


def test_steps_and_scene(site: Site, logdir: Logdir) -> None:
    (logged,) = logdir.runs["tf2"]
    found = json_of(site.get("steps", series=series_id("tf2", "digits", "image")))

    assert found["steps"] == logged.steps
    assert len(found["wall_times"]) == logged.frames
    assert found["generation"]
    scene = json_of(site.get("scene", series=series_id("tf2", "digits", "image")))
    size = {"width": 32, "height": 24, "samples": 3}
    frames = {"fitted": logged.frames, "frames": logged.frames}
    assert scene.items() >= {**size, **frames, "brightness": 100, "compare": "off"}.items()


def test_steps_of_several_series_are_those_of_each(site: Site, logdir: Logdir) -> None:
    ids = [series_id(run, tag, "image") for run, tag in logdir.tags()]
    found = json_of(site.get("steps", series=[*ids, "none"]))

    assert len(ids) > 1
    assert found == {"series": {one: json_of(site.get("steps", series=one)) for one in ids}}


def test_a_client_says_how_long_it_waits_for_logs_that_are_read(site: Site) -> None:
    listed = json_of(site.get("series"))
    (one, *_) = listed["series"]

    assert json_of(site.get("series", wait_ms=0)) == listed
    assert json_of(site.get("steps", series=one["id"], wait_ms=0)) == json_of(
        site.get("steps", series=one["id"])
    )
    refused = site.get("series", wait_ms=10_001)
    assert refused.status_code == 400
    assert "at least 0 and at most 10000" in refused.get_data(as_text=True)


def test_frames_are_the_bytes_that_were_logged(site: Site, logdir: Logdir) -> None:
    for (run, tag), logged in logdir.tags().items():
        found = site.frames(series=series_id(run, tag, "image"), count=256)
        assert [frame["step"] for frame in found["frames"]] == logged.steps
        assert found["start"] == 0
        for frame, expected in zip(found["frames"], logged.samples, strict=True):
            if None not in expected:
                assert frame["data"] == expected


def test_frames_of_one_sample_from_a_position_on(site: Site, logdir: Logdir) -> None:
    (logged,) = logdir.runs["tf2"]
    series = series_id("tf2", "digits", "image")
    found = site.frames(series=series, start=3, count=2, sample=1)

    assert found["start"] == 3
    assert found["frames"] == [
        {"step": step, "wall_time": frame["wall_time"], "data": samples[1]}
        for frame, step, samples in zip(
            found["frames"], logged.steps[3:5], logged.samples[3:5], strict=True
        )
    ]
    assert found["generation"] == json_of(site.get("steps", series=series))["generation"]
    assert site.frames(series=series, start=12)["frames"] == []
    assert site.frames(series=series, start=10**17)["frames"] == []


def test_an_answer_with_frames_is_bounded(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    series = series_id("formats", "rgb", "image")
    sizes = [len(frame["data"][0]) for frame in site.frames(series=series)["frames"]]

    monkeypatch.setattr(answers, "MAX_FRAME_BYTES", sum(sizes[:3]))
    assert len(site.frames(series=series)["frames"]) == 3
    monkeypatch.setattr(answers, "MAX_FRAME_BYTES", 1)
    assert len(site.frames(series=series)["frames"]) == 1
    monkeypatch.undo()
    monkeypatch.setattr(answers, "MAX_FRAMES", 5)
    assert len(site.frames(series=series, count=1000)["frames"]) == 5


@pytest.mark.parametrize(
    ("route", "status", "said"),
    [
        ("steps", 400, "No series is given"),
        ("steps?series=", 400, "No series is given"),
        ("steps?" + "&".join(f"series={n}" for n in range(65)), 413, "more than the 64"),
        ("steps?series=none", 404, "no such series"),
        ("steps?series=ID&fps=3", 400, '"fps"'),
        ("series?run=x", 400, '"run"'),
        ("scene", 400, "series"),
        ("scene?series=none", 404, "no such series"),
        ("scene?series=ID&sample=3", 400, "sample"),
        ("scene?series=ID&mode=single", 400, "mode is an option of histograms, and 'digits'"),
        ("frames?series=ID&trail=3", 400, "trail is an option of histograms"),
        ("clip?series=ID&scale=log", 400, "scale is an option of histograms"),
        ("frames?start=0", 400, '"series" is missing'),
        ("frames?series=none", 404, "no such series"),
        ("frames?series=ID&start=-1", 400, '"start"'),
        ("frames?series=ID&start=1e3", 400, '"start"'),
        ("frames?series=ID&start=" + "9" * 5000, 400, '"start"'),
        ("frames?series=ID&start=%D9%A3", 400, '"start"'),
        ("frames?series=ID&count=0", 400, '"count"'),
        ("frames?series=ID&sample=3", 400, "counted from 0"),
        ("frames?series=ID&sample=-1", 400, "sample"),
        ("frames?series=ID&nothing=1", 400, "nothing"),
        ("clip", 400, "series"),
        ("clip?series=none", 404, "no such series"),
        ("clip?series=ID&nothing=1", 400, "nothing"),
        ("clip?series=ID&fps=0", 400, "fps"),
        ("clip?series=ID&format=bmp", 400, "gif"),
        ("clip?series=ID&token=a/b", 400, "token"),
        ("clip?series=ID&start_step=9999", 400, "step"),
        ("progress", 400, '"token" is missing'),
        ("nothing", 404, "no such file"),
        ("static/nothing.js", 404, "no such file"),
    ],
)
def test_a_bad_request_gets_one_plain_sentence(
    site: Site, route: str, status: int, said: str
) -> None:
    route = route.replace("ID", series_id("tf2", "digits", "image"))

    sentence = plain(site.client.get(BASE + route), status)
    assert said.lower() in sentence.lower()
    assert sentence.endswith(".")
    assert len(sentence) < 500


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
@pytest.mark.parametrize("route", ["index.js", "series", "frames", "clip", "static/index.js"])
def test_only_get_and_head_are_answered(site: Site, method: str, route: str) -> None:
    answer = site.client.open(BASE + route, method=method)

    plain(answer, 405)
    assert answer.headers["Allow"] == "GET, HEAD"


def test_head_does_not_say_that_a_clip_is_empty(site: Site) -> None:
    query = {"series": series_id("tf2", "digits", "image")}
    answer = site.client.open(BASE + "clip", method="HEAD", query_string=query)
    assert answer.status_code == 200
    assert int(answer.headers["X-Animate-Pictures"]) > 0
    assert "Content-Length" not in answer.headers


def test_a_fault_of_ours_is_plain_to_the_client_and_traced_in_the_log(
    logdir: Logdir, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    site = Site(logdir.path)
    monkeypatch.setattr(answers, "listing", lambda source: 1 / 0)

    assert "division" not in plain(site.get("series"), 500)
    assert [record.exc_info is not None for record in caplog.records] == [True]


def test_numbers_that_json_does_not_know_become_null() -> None:
    from werkzeug.wrappers import Request

    content = {"wall_times": [1.5, math.nan, math.inf], "nested": ({"x": -math.inf},)}
    answer = web.respond_json(Request.from_values(), content)

    assert answer.json == {"wall_times": [1.5, None, None], "nested": [{"x": None}]}


def test_broken_frames_come_with_a_sentence_and_the_others_as_they_are(
    tmp_path: pathlib.Path,
) -> None:
    good, bad = logs.encode(logs.picture(0)), logs.encode(logs.picture(1))
    with logs.old_style_writer(tmp_path) as writer:
        writer.add("tag", [good, bad, good])
    (path,) = tmp_path.iterdir()
    content = path.read_bytes()
    middle = content.index(bad) + len(bad) // 2
    path.write_bytes(content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :])

    found = Site(tmp_path).frames(series=series_id(".", "tag", "image"))["frames"]

    assert found[0]["data"] == [good]
    for frame in found:
        assert (frame["data"] is None) == ("error" in frame)
    broken = [frame for frame in found if frame["data"] is None]
    assert len(broken) == 1
    assert broken[0]["error"].endswith(".")


def test_a_frame_without_the_sample_says_so(tmp_path: pathlib.Path) -> None:
    logs.write_tf2_images(tmp_path, tag="tag", frames=2, samples=3)
    (first,) = tmp_path.iterdir()
    logs.write_tf2_images(tmp_path / "later", tag="tag", frames=2, samples=1, first=2)
    (second,) = (tmp_path / "later").iterdir()
    # TensorFlow numbers its files, and TensorBoard takes the tenth for one before the ninth.
    second.rename(tmp_path / f"{first.name}.later")

    found = Site(tmp_path).frames(series=series_id(".", "tag", "image"), sample=2)["frames"]

    assert [frame["data"] is None for frame in found] == [False, False, True, True]
    assert "no sample 2" in found[3]["error"]


# --- points, which a scene places


@pytest.fixture
def points() -> Site:
    """Six frames of the same forty points, described by a table; and one of images."""
    rng = np.random.default_rng(0)
    values = {n: rng.normal(size=(40, 6)).astype(np.float32) for n in range(6)}
    table = PointTable({"label": [f"{n % 4}" for n in range(40)]}, None, None, "t")
    site = Site("nowhere")
    images = memory_source.images({0: [memory_source.flat(1)]})
    index = memory_source.points(values, dict.fromkeys(values, table))
    site.plugin._opened = memory_source.MemorySource([index, images])
    return site


POINTS = series_id("train", "features", "embedding")


def _is_fitted(site: Site, **query: object) -> Any:
    content = json_of(site.get("scene", series=POINTS, **query))
    return None if "pending" in content else content


def test_points_travel_as_the_scene_places_them(points: Site) -> None:
    for options in ({}, {"dims": 3}, {"method": "last", "align": "none"}):
        scene = json_of(points.get("scene", series=POINTS, **options))
        assert (scene["frames"], scene["shown"], scene["logged"]) == (6, 40, 40)
        found = points.frames(series=POINTS, start=2, count=3, **options)
        assert [frame["step"] for frame in found["frames"]] == [2, 3, 4]
        for frame in found["frames"]:
            numbers = np.frombuffer(frame["data"], "<f4")
            assert numbers[:4].tolist() == [0, 0, 40, scene["dims"]]
            assert len(numbers) == 8 + 40 * scene["dims"]
        answer = points.get("table", series=POINTS, **options)
        assert answer.mimetype == "application/x-msgpack"
        table = msgpack.unpackb(answer.data)
        (column,) = table["columns"]
        assert column["categories"] == ["0", "1", "2", "3"]
        assert np.frombuffer(column["values"][0], "<u2").tolist() == [n % 4 for n in range(40)]
        assert (table["versions"], table["ids"]) == ([0], [None])


def test_what_only_draws_is_fitted_once(points: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    from tb_animate import projection

    fits: list[object] = []
    fit = projection.fit
    monkeypatch.setattr(projection, "fit", lambda *of, **more: fits.append(of) or fit(*of, **more))
    for route in ("scene", "frames", "table"):
        for options in ({}, {"color_by": "none"}, {"trail": 3}, {"method": "pca"}):
            assert points.get(route, series=POINTS, **options).status_code == 200
    assert points.get("clip", series=POINTS, start_step=4).status_code == 200
    assert len(fits) == 1


def test_a_slow_projection_is_pending_until_it_is_done(
    points: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tb_animate import projection, scene_cache

    begun, goes_on = threading.Event(), threading.Event()
    fit = projection.fit

    def slow(snapshots: Any, options: Any, *, before: Any, progress: Any) -> Any:
        progress(250, 1000)
        begun.set()
        while not goes_on.wait(0.01):
            progress(250, 1000)
        return fit(snapshots, dataclasses.replace(options, method="pca"), before=before)

    monkeypatch.setattr(projection, "fit", slow)
    monkeypatch.setattr(scene_cache, "WAIT_SECONDS", 0.0)
    assert "pending" in json_of(points.get("scene", series=POINTS, method="tsne"))
    assert begun.wait(30)
    content = json_of(points.get("scene", series=POINTS, method="tsne"))
    assert content == {"pending": {"done": 250, "total": 1000}}
    for route in ("frames", "table"):
        answer = points.get(route, series=POINTS, method="tsne")
        assert "still being computed" in plain(answer, 503)
        assert int(answer.headers["Retry-After"]) > 0
    stopped = points.get("scene", series=POINTS, method="tsne", cancel=1)
    assert json_of(stopped) == {"cancelled": True}
    servers.until(lambda: not points.plugin._kept()._jobs._unfinished, "it is stopped")
    assert json_of(points.get("scene", series=POINTS, cancel=1)) == {"cancelled": False}
    goes_on.set()
    found = servers.until(lambda: _is_fitted(points, method="tsne"), "it is done")
    assert found["method"] == "tsne"
    # A clip waits for it instead.
    clip = points.get("clip", series=POINTS, method="tsne", align="none")
    assert (clip.status_code, clip.data[:6]) == (200, b"GIF89a")


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("table?series=IMAGES", "Images have no table"),
        ("table?series=POINTS&start=3", "start"),
        ("table?series=POINTS&sample=x", "sample"),
        ("table", '"series" is missing'),
        ("table?series=POINTS&scale=log", "scale is an option of histograms"),
        (
            "scene?series=POINTS&color_by=nothing",
            "no column 'nothing'. Those that colour are label",
        ),
        ("scene?series=POINTS&cancel=2", "cancel is '2'; it must be 1 or 0"),
        ("scene?series=POINTS&series=IMAGES", "several kinds"),
        ("frames?series=IMAGES&dims=3", "dims is an option of embeddings"),
        ("frames?series=POINTS&camera=1", "camera is '1'; it must be five numbers"),
        ("clip?series=POINTS&selected=a", "selected is 'a'"),
    ],
)
def test_bad_requests_for_points(points: Site, query: str, said: str) -> None:
    query = query.replace("POINTS", POINTS)
    query = query.replace("IMAGES", series_id("train", "generated", "image"))
    assert said in plain(points.client.get(BASE + query), 400)


def test_a_frame_that_is_no_points_comes_with_a_sentence(points: Site) -> None:
    index = memory_source.points({0: np.ones((4, 2)), 1: np.ones((2, 2, 2))}, tag="odd")
    points.plugin._opened = memory_source.MemorySource([index])
    good, bad = points.frames(series=index.series.id)["frames"]
    assert good["data"]
    assert bad["data"] is None
    assert "2 x 2 x 2" in bad["error"]


# --- the clip


@pytest.mark.parametrize("tag", ["digits", "rgba", "gif", "sizes", "single"])
def test_a_clip_decodes_to_as_many_pictures_as_announced(
    site: Site, logdir: Logdir, tag: str
) -> None:
    run, logged = next((key[0], one) for key, one in logdir.tags().items() if key[1] == tag)
    answer = site.get("clip", series=series_id(run, tag, "image"), fps=4)

    assert answer.status_code == 200
    assert answer.mimetype == "image/gif"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Content-Disposition" not in answer.headers
    with Image.open(io.BytesIO(answer.data)) as image:
        assert image.n_frames == int(answer.headers["X-Animate-Pictures"])
        assert image.n_frames == logged.frames * (4 if tag == "gif" else 1)


@pytest.mark.parametrize("name", ENCODERS)
def test_a_clip_is_the_same_from_http_python_and_the_command_line(
    site: Site, logdir: Logdir, tmp_path: pathlib.Path, name: str
) -> None:
    (logged,) = logdir.runs["tf2"]
    encoder = ENCODERS[name]
    series = series_id("tf2", logged.tag, "image")
    answer = site.get("clip", series=series, format=name, fps=6, hold=0.5)
    assert (answer.status_code, answer.mimetype) == (200, encoder.mime_type)
    by_python, by_command = (tmp_path / f"{way}{encoder.suffix}" for way in ("python", "command"))
    tb_animate.export_clip(logdir.path, by_python, tag=logged.tag, run="tf2", fps=6, hold=0.5)
    words = ["--tag", logged.tag, "--run", "tf2", "--fps", "6", "--hold", "0.5"]
    assert cli.main(["export", str(logdir.path), *words, "-o", str(by_command)]) == 0
    shown = tb_animate.clip(logdir.path, tag=logged.tag, run="tf2", format=name, fps=6, hold=0.5)
    assert answer.data == by_python.read_bytes() == by_command.read_bytes() == shown.data


@pytest.mark.parametrize("name", ENCODERS)
def test_a_clip_made_to_fit_is_the_same_too_and_all_say_what_was_done(
    site: Site,
    logdir: Logdir,
    tmp_path: pathlib.Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
) -> None:
    (logged,) = logdir.runs["tf2"]
    series = series_id("tf2", logged.tag, "image")
    whole = site.get("clip", series=series, format=name, width=400, tween=2)
    assert "X-Animate-Notes" not in whole.headers
    most = len(whole.data) // 2
    query = {"series": series, "format": name, "width": 400, "tween": 2, "max_bytes": most}
    answer = site.get("clip", **query)
    assert answer.status_code == 200, answer.text
    assert len(answer.data) <= most
    note = urllib.parse.unquote(answer.headers["X-Animate-Notes"])
    assert "instead of 2 pictures between frames" in note
    target = tmp_path / f"clip{ENCODERS[name].suffix}"
    fields: dict[str, Any] = {"tag": logged.tag, "run": "tf2", "width": 400, "tween": 2}
    assert tb_animate.export_clip(logdir.path, target, **fields, max_bytes=most) == (note,)
    assert target.read_bytes() == answer.data
    shown = tb_animate.clip(logdir.path, **fields, format=name, max_bytes=str(most))
    assert (shown.data, shown.notes) == (answer.data, (note,))
    assert shown.pictures == int(answer.headers["X-Animate-Pictures"])
    words = ["--tag", logged.tag, "--run", "tf2", "--width", "400", "--tween", "2"]
    size = f"{most / 1000}kB"
    command = ["export", str(logdir.path), *words, "--max-bytes", size, "-o", str(target)]
    assert cli.main(command) == 0
    assert capsys.readouterr().err == note + "\n"
    assert target.read_bytes() == answer.data


def test_head_tells_all_about_a_clip_and_makes_none(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(export.Plan, "encode")
    answer = site.client.head(
        BASE + "clip", query_string={"series": series_id("tf2", "digits", "image"), "download": 1}
    )

    assert answer.status_code == 200
    assert answer.data == b""
    assert answer.headers["X-Animate-Pictures"] == "12"
    assert answer.headers["Content-Disposition"] == "attachment; filename=tf2-digits.gif"
    assert site.plugin._exports.count() == 0


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (["run/a", "tag"], "run-a-tag.gif"),
        (["..", "../../etc/passwd"], "etc-passwd.gif"),
        (["ünï", 'a"b\r\nX: y'], "n-a-b-X-y.gif"),
        (["图"], "clip.gif"),
        (["x" * 300], "x" * 100 + ".gif"),
        ([], "clip.gif"),
    ],
)
def test_file_names_are_safe(words: list[str], name: str) -> None:
    assert file_names.file_name(words, ".gif") == name


class Endless:
    """A plan whose file never ends, and whose encoding notes that it was stopped."""

    spec = ClipSpec()
    pictures = 10**6
    tracks: tuple[Any, ...] = ()

    def __init__(self, error: Exception | None = None, after: int = 10**9) -> None:
        self.stopped = False
        self._error = error
        self._after = after

    def encode(self, progress: Callable[[int, int], None]) -> Iterator[bytes]:
        try:
            for done in range(self.pictures):
                if done == self._after:
                    assert self._error is not None
                    raise self._error
                progress(done, self.pictures)
                yield b"piece"
        finally:
            self.stopped = True


@pytest.fixture
def planned(monkeypatch: pytest.MonkeyPatch) -> Callable[[Endless], Endless]:
    def use(plan: Endless) -> Endless:
        monkeypatch.setattr(export, "plan", lambda *args, **axes: plan)
        return plan

    return use


def test_closing_the_response_stops_the_export_and_frees_its_slot(
    logdir: Logdir, planned: Callable[[Endless], Endless]
) -> None:
    site, plan = Site(logdir.path), planned(Endless())
    answer = site.get("clip", series="any", token="mine")
    pieces = answer.iter_encoded()
    assert [next(pieces) for _ in range(5)] == [b"piece"] * 5
    assert json_of(site.get("progress", token="mine")) == {
        "done": 4,
        "total": 10**6,
        "waiting": 0,
    }

    answer.close()

    assert plan.stopped
    assert site.plugin._exports.count() == 0
    ended = site.get("progress", token="mine")
    assert (ended.status_code, ended.get_data()) == (204, b"")


def test_a_response_that_was_never_read_frees_its_slot_too(
    logdir: Logdir, planned: Callable[[Endless], Endless]
) -> None:
    site, plan = Site(logdir.path), planned(Endless())
    site.get("clip", series="any").close()

    assert plan.stopped
    assert site.plugin._exports.count() == 0


@pytest.mark.parametrize("after", [0, 1])
def test_an_error_before_the_first_picture_is_a_status(
    logdir: Logdir, planned: Callable[[Endless], Endless], after: int
) -> None:
    site = Site(logdir.path)
    planned(Endless(errors.TooLarge("Too large; make it smaller."), after))

    assert plain(site.get("clip", series="any"), 413) == "Too large; make it smaller."
    assert site.plugin._exports.count() == 0


@pytest.mark.parametrize("error", [errors.AnimateError("broken"), ZeroDivisionError()])
def test_an_error_later_cuts_the_connection_so_that_the_file_is_not_taken_for_whole(
    logdir: Logdir,
    planned: Callable[[Endless], Endless],
    caplog: pytest.LogCaptureFixture,
    error: Exception,
) -> None:
    site = Site(logdir.path)
    planned(Endless(error, after=3))
    answer = site.get("clip", series="any")

    # What TensorBoard's server takes for a dropped connection.
    with pytest.raises(ConnectionError):
        list(answer.iter_encoded())
    assert site.plugin._exports.count() == 0
    assert len(caplog.records) == 1
    assert (caplog.records[0].levelno == logging.ERROR) == isinstance(error, ZeroDivisionError)


# --- the page's own files


@pytest.fixture
def bundle(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    """A bundle of our own in place of the package's."""
    package = tmp_path / "package"
    (package / "static" / "fonts").mkdir(parents=True)
    monkeypatch.setattr(importlib.resources, "files", lambda name: package)
    (package / "secret.py").write_text("secret")
    return package / "static"


def test_files_of_the_bundle_are_served_with_type_and_caching(bundle: pathlib.Path) -> None:
    types = {
        "index.js": "text/javascript",
        "scatter-Bx3k_9aZ.js": "text/javascript",
        "index-DkL0-x1y.css": "text/css",
        "fonts/roboto-a1b2c3d4.woff2": "font/woff2",
        "logo.svg": "image/svg+xml",
        "scatter-Bx3k_9aZ.js.map": "application/json",
        "odd": "application/octet-stream",
    }
    for name in types:
        bundle.joinpath(name).write_text(f"content of {name}")
    site = Site("nowhere")

    for name, kind in types.items():
        for route in (name, f"static/{name}"):
            answer = site.get(route)
            assert (answer.status_code, answer.mimetype) == (200, kind)
            assert answer.text == f"content of {name}"
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            cached = "max-age=31536000" in answer.headers["Cache-Control"]
            assert cached == ("-" in name)


def test_text_is_gzipped_where_the_client_takes_it(bundle: pathlib.Path) -> None:
    bundle.joinpath("index.js").write_text("export function render() {}" * 100)
    answer = Site("nowhere").get("index.js", headers={"Accept-Encoding": "gzip"})

    assert answer.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(answer.data).startswith(b"export function render")
    assert len(answer.data) < 500


@pytest.mark.parametrize(
    "name",
    [
        *("../secret.py", "static/../../secret.py", "%2e%2e/secret.py", "..%2fsecret.py"),
        *("%252e%252e/secret.py", "..%5csecret.py", "..\\secret.py", "fonts/../../secret.py"),
        *("/etc/passwd", "//etc/passwd", "%2fetc%2fpasswd", "file:///etc/passwd", "fonts", ""),
        *("index.js%00", "index.js%00.css", "%00", "./index.js", "fonts//../index.js"),
    ],
)
def test_nothing_outside_the_bundle_is_served(bundle: pathlib.Path, name: str) -> None:
    bundle.joinpath("index.js").write_text("")

    plain(Site("nowhere").client.get(f"{BASE}static/{name}"), 404)


def test_a_checkout_without_bundle_says_how_to_build_it(bundle: pathlib.Path) -> None:
    answer = Site("nowhere").get("index.js")

    assert (answer.status_code, answer.mimetype) == (200, "text/javascript")
    assert "export function render()" in answer.text
    assert "pip install ." in answer.text


# --- how TensorBoard sees the plugin


def test_a_package_that_breaks_later_says_so_in_the_tab_and_spares_tensorboard(
    logdir: Logdir, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delattr(tb_animate, "kinds", raising=False)
    monkeypatch.setitem(sys.modules, "tb_animate.kinds", None)
    site = Site(logdir.path)

    for _ in range(2):
        listing = json_of(site.client.get("/data/plugins_listing"))
        assert listing["animate"]["enabled"]
        assert "tb_animate could not be loaded" in site.get("index.js").text
    assert "could not be loaded" in plain(site.get("series"), 500)
    traced = [record for record in caplog.records if record.exc_info]
    assert len(traced) == 2  # one by the listing or the page, one by /series


def test_without_anything_to_play_the_tab_is_not_enabled(tmp_path: pathlib.Path) -> None:
    site = Site(tmp_path / "later")

    assert not site.plugin.is_active()
    assert site.plugin._opened is None
    content = json_of(site.get("series"))
    assert (content["series"], content["runs"]) == ([], [])
    assert not site.plugin.is_active()

    logs.write_old_style(tmp_path / "later" / "run", frames=2)
    assert len(json_of(site.get("series"))["series"]) == 1
    assert site.plugin.is_active()


def test_it_reads_the_data_of_the_kinds(site: Site) -> None:
    assert {"images", "animate"} <= set(site.plugin.data_plugin_names())


def test_every_route_is_documented_and_exists(site: Site) -> None:
    text = (pathlib.Path(tb_animate.__file__).parent / "http_api.md").read_text()
    documented = set(re.findall(r"^\| `(/[a-z.]+)", text, re.MULTILINE))

    routes = {route for route in site.plugin.get_plugin_apps() if route != "/*"}
    assert documented == routes | {"/static"}
