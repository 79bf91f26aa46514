"""The queue of exports, and the preview, through the routes."""

from __future__ import annotations

import io
import threading

import msgpack
import numpy as np
import pytest
from PIL import Image
from werkzeug.test import TestResponse

import servers
from conftest import Logdir
from memory_source import MemorySource, flat, images, points
from tb_animate import errors, exports, scene_cache
from tb_animate.model import series_id
from test_plugin import BASE, Site, json_of, plain


def _nothing() -> None:
    pass


def _left() -> None:
    raise ConnectionAbortedError


def test_the_first_run_and_the_others_know_how_many_are_ahead() -> None:
    queue = exports.Exports(running=2, waiting=2)
    places = [queue.enter(name) for name in "abcd"]
    assert [queue.progress(name)[2] for name in "abcd"] == [0, 0, 1, 2]
    with pytest.raises(errors.Busy, match=r"2 clips are being made and 2 more wait"):
        queue.enter("e")
    queue.wait(places[0], _left)
    queue.wait(places[1], _left)
    queue.finish(places[0])
    assert [queue.progress(name)[2] for name in "bcd"] == [0, 0, 1]
    queue.wait(places[2], _left)
    queue.finish(places[2])
    queue.finish(places[2])
    assert queue.count() == 2


def test_two_clips_are_made_at_once_where_that_leaves_a_processor() -> None:
    made = [exports.most_running(processors) for processors in (1, 2, 3, 4, 8, 64)]
    assert made == [1, 1, 1, 2, 2, 2]
    assert exports.processors() >= 1


def test_one_clip_at_a_time_is_told_in_words() -> None:
    queue = exports.Exports(running=1, waiting=0)
    queue.enter("a")
    with pytest.raises(errors.Busy, match=r"^A clip is being made and 0 more wait"):
        queue.enter("b")


def test_whoever_waits_begins_when_one_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "LOOK_SECONDS", 60.0)
    queue = exports.Exports(running=1, waiting=1)
    first, second = queue.enter("a"), queue.enter("b")
    begun = threading.Event()

    def wait() -> None:
        queue.wait(second, _nothing)
        begun.set()

    thread = threading.Thread(target=wait)
    thread.start()
    assert not begun.is_set()
    queue.finish(first)
    thread.join(30)
    assert begun.is_set()


def test_whoever_leaves_stops_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "LOOK_SECONDS", 0.01)
    queue = exports.Exports(running=1, waiting=1)
    queue.enter("a")
    with pytest.raises(ConnectionAbortedError):
        queue.wait(queue.enter("b"), _left)


def test_the_newest_export_of_a_token_is_the_one_asked_about() -> None:
    queue = exports.Exports(running=3)
    first, second, nameless = queue.enter("t"), queue.enter("t"), queue.enter("")
    first.report(5, 10)
    second.report(1, 10)
    assert queue.progress("t") == (1, 10, 0)
    queue.finish(second)
    assert queue.progress("t") == (5, 10, 0)
    assert queue.progress("") is None
    queue.finish(nameless)
    assert queue.count() == 1


def test_an_export_that_waits_says_so_and_then_runs(logdir: Logdir) -> None:
    site = Site(logdir.path)
    series = series_id("tf2", "digits", "image")
    held = [site.plugin._exports.enter("") for _ in range(exports.MAX_RUNNING)]
    answers: list[TestResponse] = []
    thread = threading.Thread(
        target=lambda: answers.append(site.get("clip", series=series, token="waits"))
    )
    thread.start()
    servers.until(lambda: site.plugin._exports.count() > len(held), "it waits")
    assert json_of(site.get("progress", token="waits")) == {"done": 0, "total": 0, "waiting": 1}
    site.plugin._exports.finish(held[0])
    thread.join(60)
    assert answers[0].status_code == 200
    assert answers[0].data.startswith(b"GIF89a")
    answers[0].close()
    assert site.plugin._exports.count() == len(held) - 1


# Planning


def test_whoever_leaves_while_frames_are_looked_at_ends_that() -> None:
    index = images({n: [flat(n)] for n in range(60)})
    from tb_animate import encoders, export
    from tb_animate.model import ClipSpec

    calls = 0

    def leave(done: int, total: int) -> None:
        nonlocal calls
        calls += 1
        if calls == 5:
            raise ConnectionAbortedError

    for one in (index, points({n: np.ones((9, 4)) * n for n in range(60)})):
        calls = 0
        one.reads.clear()
        with pytest.raises(ConnectionAbortedError):
            export.plan(
                MemorySource([one]), [one.series.id], ClipSpec(), encoders.get("gif"),
                progress=leave,
            )  # fmt: skip
        assert len(one.reads) <= 5


def test_whoever_leaves_while_another_fits_does_not_wait_for_that(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(scene_cache, "POLL_SECONDS", 0.01)
    from tb_animate import kinds
    from tb_animate.model import ClipSpec

    index = points({n: np.random.default_rng(n).normal(size=(9, 4)) for n in range(6)})
    kind = kinds.get("embedding")
    assert kinds.is_placed(kind)
    kept = scene_cache.Scenes()
    inside, go_on = threading.Event(), threading.Event()

    def hold(done: int, total: int) -> None:
        inside.set()
        assert go_on.wait(30)

    thread = threading.Thread(target=kept.get, args=(index, kind, ClipSpec(), hold))
    thread.start()
    assert inside.wait(30)
    with pytest.raises(ConnectionAbortedError):
        kept.get(index, kind, ClipSpec(), lambda done, total: _left())
    go_on.set()
    thread.join(30)
    assert kept.get(index, kind, ClipSpec()).frames == 6


# Preview


def test_a_preview(logdir: Logdir) -> None:
    site = Site(logdir.path)
    series = series_id("tf2", "digits", "image")
    answer = site.get("preview", series=series, format="gif", fps=4, frames=2, width=200)
    assert (answer.status_code, answer.mimetype) == (200, "application/x-msgpack")
    found = msgpack.unpackb(answer.data)
    clip = site.get("clip", series=series, fps=4, width=200)
    with Image.open(io.BytesIO(clip.data)) as image:
        assert (found["width"], found["height"]) == image.size
        assert found["pictures"] == image.n_frames == 12
        assert found["seconds"] == pytest.approx(3)
        assert len(clip.data) / 2 < found["bytes"] < 2 * len(clip.data)
        assert [one["picture"] for one in found["frames"]] == [0, 11]
        assert [one["steps"] for one in found["frames"]] == [[0], [110]]
        for one in found["frames"]:
            image.seek(one["picture"])
            shown = Image.open(io.BytesIO(one["data"]))
            assert shown.format == "PNG"
            assert np.array_equal(np.asarray(shown), np.asarray(image.convert("RGB")))
    assert len(msgpack.unpackb(site.get("preview", series=series).data)["frames"]) == 3
    assert site.plugin._previews.count() == 0


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("frames=0", "frames is '0'; it must be a whole number from 1 to 12."),
        ("frames=13", "1 to 12"),
        ("frames=2&frames=3", "frames is given 2 times"),
        ("format=avi", "There is no format 'avi'"),
        ("max_bytes=10", "max_bytes is '10'; it must be a number of bytes"),
        ("speed=1", "speed"),
    ],
)
def test_bad_previews(logdir: Logdir, query: str, said: str) -> None:
    site = Site(logdir.path)
    series = series_id("tf2", "digits", "image")
    assert said in plain(site.client.get(f"{BASE}preview?series={series}&{query}"), 400)


def test_a_preview_of_a_slow_projection_is_pending(
    logdir: Logdir, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scene_cache, "WAIT_SECONDS", 0.0)
    site = Site(logdir.path)
    index = points({n: np.random.default_rng(n).normal(size=(60, 8)) for n in range(3)})
    site.plugin._opened = MemorySource([index])
    answer = site.get("preview", series=index.series.id, method="tsne")
    assert set(msgpack.unpackb(answer.data)["pending"]) == {"done", "total"}
    json_of(site.get("scene", series=index.series.id, method="tsne", cancel=1))
