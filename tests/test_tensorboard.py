"""Real TensorBoard processes with the plugin, on both data paths, over logs of all writers."""

from __future__ import annotations

import concurrent.futures
import io
import pathlib
import socket
import struct
import urllib.parse
from collections.abc import Iterator
from typing import Any

import msgpack
import psutil
import pytest
from PIL import Image

import logs
import servers
from conftest import Logdir
from decoders import decode
from tb_animate import encoders, exports
from tb_animate.model import series_id

pytestmark = pytest.mark.tensorboard

# Both of TensorBoard's ways to read logs, one of them below a path.
PATHS = {
    "data-server": ("--load_fast=true",),
    "multiplexer": ("--load_fast=false", "--path_prefix=/some/where"),
}


@pytest.fixture(scope="module", params=list(PATHS.values()), ids=list(PATHS))
def server(request: pytest.FixtureRequest, logdir: Logdir) -> Iterator[servers.TensorBoard]:
    with servers.tensorboard(logdir.path, *request.param) as running:
        yield running


def frames(server: servers.TensorBoard, **query: Any) -> Any:
    answer = server.animate("frames", **query)
    assert answer.status == 200, answer.text
    return msgpack.unpackb(answer.body)["frames"]


def enabled(server: servers.TensorBoard) -> bool:
    return bool(server.get("data/plugins_listing").json()["animate"]["enabled"])


def test_the_tab_is_there_and_enabled(server: servers.TensorBoard) -> None:
    # TensorBoard tells it from what it has read itself.
    servers.until(lambda: enabled(server), "TensorBoard has read the images")
    listed = server.get("data/plugins_listing").json()["animate"]

    assert listed["tab_name"] == "Animate"
    path = listed["loading_mechanism"]["module_path"]
    script = server.get(path)
    assert script.status == 200
    assert script.headers["Content-Type"].startswith("text/javascript")
    assert "render" in script.text
    assert "plugin/animate/" in server.get("data/plugin_entry.html", name="animate").text


def test_it_lists_every_image_tag_of_every_writer(
    server: servers.TensorBoard, logdir: Logdir
) -> None:
    content = server.listing()

    listed = {(one["run"], one["tag"]): one for one in content["series"]}
    assert listed.keys() == logdir.tags().keys()
    for key, logged in logdir.tags().items():
        assert listed[key]["frames"] == logged.frames, key
        assert listed[key]["complete"]
    assert content["runs"] == sorted(logdir.runs)
    assert content["progress"]["done"] == content["progress"]["total"]


def test_frames_are_the_bytes_that_were_logged(server: servers.TensorBoard, logdir: Logdir) -> None:
    for (run, tag), logged in logdir.tags().items():
        found = frames(server, series=series_id(run, tag, "image"))
        assert [frame["step"] for frame in found] == logged.steps
        for frame, expected in zip(found, logged.samples, strict=True):
            if None not in expected:
                assert frame["data"] == expected
            else:
                with Image.open(io.BytesIO(frame["data"][0])) as image:
                    pixel = image.convert("RGB").getpixel((image.width - 1, image.height - 1))
                if tag != "x/video":
                    assert isinstance(pixel, tuple)
                    assert logs.index_of(pixel) == frame["step"]


def test_a_clip_shows_the_frames_in_order(server: servers.TensorBoard, logdir: Logdir) -> None:
    (logged,) = logdir.runs["tf2"]
    series = series_id("tf2", "digits", "image")
    answer = server.animate("clip", series=series, sample=2, fps=5, download=1)

    assert answer.headers["Content-Type"] == "image/gif"
    assert answer.headers["Content-Disposition"] == "attachment; filename=tf2-digits.gif"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Animate-Pictures"] == str(logged.frames)
    clip = decode("gif", answer.body)
    assert clip.durations == [0.2] * logged.frames
    assert [logs.index_in(picture) for picture in clip.pictures] == list(range(logged.frames))


def test_errors_are_plain(server: servers.TensorBoard) -> None:
    requests: list[tuple[str, dict[str, Any], int]] = [
        ("steps", {"series": "none"}, 404),
        ("frames", {"series": "none", "start": "x"}, 400),
        ("clip", {"series": series_id("tf2", "digits", "image"), "fps": "fast"}, 400),
        ("static/../loader.py", {}, 404),
    ]
    for route, query, status in requests:
        answer = server.animate(route, **query)
        assert answer.status == status, route
        assert answer.headers["Content-Type"].startswith("text/plain"), route
        assert answer.headers["X-Content-Type-Options"] == "nosniff", route
        assert answer.text.count("\n") == 0, route
    assert server.animate("series", method="POST").status == 405
    assert "Traceback" not in server.log


def test_many_requests_at_once(server: servers.TensorBoard, logdir: Logdir) -> None:
    ids = [series_id(run, tag, "image") for run, tag in logdir.tags()]

    def ask(number: int) -> int:
        route = ("series", "steps", "frames", "scene")[number % 4]
        query: dict[str, Any] = {} if route == "series" else {"series": ids[number % len(ids)]}
        return server.animate(route, **query).status

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        assert set(pool.map(ask, range(64))) == {200}


def test_nothing_went_to_the_log_that_should_not(server: servers.TensorBoard) -> None:
    # Also what TensorBoard warns of: a header missing, a policy broken.
    for word in ("Traceback", "In 3.0, this warning", "tb_animate"):
        assert word not in server.log


@pytest.mark.parametrize("flags", PATHS.values(), ids=list(PATHS))
def test_a_log_directory_that_comes_later_and_grows(
    tmp_path: pathlib.Path, flags: tuple[str, ...]
) -> None:
    later = tmp_path / "later"
    encoded = [logs.encode(logs.picture(i)) for i in range(10)]
    # TensorBoard's own reload is a minute away: what shows does so without it.
    with servers.tensorboard(later, *flags, "--reload_interval=60") as server:
        assert server.animate("series").json()["series"] == []
        assert not enabled(server)

        with logs.old_style_writer(later / "run") as writer:
            writer.add("tag", encoded[:4])
            (listed,) = server.listing()["series"]
            assert listed["frames"] == 4
            assert enabled(server)
            before = server.animate("steps", series=listed["id"]).json()

            writer.add("tag", encoded[4:], first_step=4)
            after = server.animate("steps", series=listed["id"]).json()
            assert after["steps"] == list(range(10))
            assert after["generation"] == before["generation"]
            (last,) = frames(server, series=listed["id"], start=9)
            assert last["data"] == [encoded[9]]


def test_a_remote_data_server_is_sampled_and_says_so(logdir: Logdir) -> None:
    with (
        servers.data_server(logdir.path) as address,
        servers.tensorboard(None, f"--grpc_data_provider={address}") as server,
    ):

        def listed() -> Any:
            found = server.animate("series").json()["series"]
            return found if len(found) == len(logdir.tags()) else None

        for one in servers.until(listed, "the data server has read the logs"):
            logged = logdir.tags()[one["run"], one["tag"]]
            assert not one["complete"]
            assert one["logged"] is None
            assert one["frames"] == min(10, logged.frames)
        (logged,) = logdir.runs["old"]
        for frame in frames(server, series=series_id("old", logged.tag, "image")):
            assert frame["data"] == logged.samples[logged.steps.index(frame["step"])]


def test_a_broken_dependency_leaves_tensorboard_running_and_the_tab_says_why(
    tmp_path: pathlib.Path, logdir: Logdir
) -> None:
    # The one package that we need and TensorBoard does not.
    tmp_path.joinpath("msgpack.py").write_text('raise ImportError("broken on purpose")\n')
    with servers.tensorboard(logdir.path, "--load_fast=false", pythonpath=[tmp_path]) as server:
        servers.until(lambda: enabled(server), "TensorBoard has read the images")
        script = server.animate("index.js")
        assert script.status == 200
        assert "broken on purpose" in script.text
        assert "pip install" in script.text
        assert server.animate("index.js").text == script.text
        assert server.get("data/runs").status == 200
        assert server.log.count("ImportError: broken on purpose") == 1


# Each picture of this clip takes long to encode, and all of them far longer than a test.
SLOW: dict[str, Any] = {"series": series_id("run", "tag", "image"), "width": 1024}
SLOW_PICTURES = 300


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[servers.TensorBoard]:
    path = tmp_path_factory.mktemp("slow")
    with logs.old_style_writer(path / "run") as writer:
        writer.add("tag", [logs.encode(logs.noise(64))] * SLOW_PICTURES)
    with servers.tensorboard(path) as running:
        yield running


def ask_for_slow_clip(server: servers.TensorBoard, token: str, **more: Any) -> socket.socket:
    """A connection whose request has been sent, and the start of the answer not yet read."""
    client = socket.create_connection(("localhost", server.port), timeout=30)
    query = urllib.parse.urlencode({**SLOW, "token": token, **more})
    request = f"GET /data/plugin/animate/clip?{query} HTTP/1.1\r\nHost: localhost\r\n\r\n"
    client.sendall(request.encode())
    return client


def ended(server: servers.TensorBoard, token: str) -> bool:
    return server.animate("progress", token=token).status == 204


def test_a_client_that_leaves_ends_the_work_within_a_second(slow: servers.TensorBoard) -> None:
    with ask_for_slow_clip(slow, "leaves") as client:
        received = client.recv(1 << 16)
        # It streams: the start is here while most of the pictures are not made.
        assert received.startswith(b"HTTP/1.1 200")
        assert b"Transfer-Encoding: chunked" in received

        def some_are_made() -> bool:
            client.recv(1 << 20)
            progress = slow.animate("progress", token="leaves").json()
            assert progress["done"] < progress["total"] == SLOW_PICTURES
            return bool(progress["done"] > 3)

        servers.until(some_are_made, "some pictures are made")
    servers.until(lambda: ended(slow, "leaves"), "the export has ended", 1)
    # And nothing goes on in secret.
    assert psutil.Process(slow.pid).cpu_percent(0.5) < 50
    assert "Traceback" not in slow.log


@pytest.mark.parametrize("name", list(encoders.ENCODERS))
def test_a_client_that_leaves_ends_the_work_in_every_format(
    slow: servers.TensorBoard, name: str
) -> None:
    for more in ({}, {"max_bytes": "100MB", "width": 800}):
        token = f"{name}{len(more)}"
        with ask_for_slow_clip(slow, token, format=name, **more):

            def some_are_made(token: str = token) -> bool:
                answer = slow.animate("progress", token=token)
                return answer.status == 200 and answer.json()["done"] > 1

            servers.until(some_are_made, "some pictures are made")
        servers.until(lambda token=token: ended(slow, token), "the export has ended", 1)


def test_a_client_that_resets_the_connection_ends_it_too(slow: servers.TensorBoard) -> None:
    with ask_for_slow_clip(slow, "resets") as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        assert client.recv(12) == b"HTTP/1.1 200"
    servers.until(lambda: ended(slow, "resets"), "the export has ended", 1)
    assert "Traceback" not in slow.log


def test_exports_wait_for_their_turn_and_beyond_the_limit_are_refused(
    slow: servers.TensorBoard,
) -> None:
    running, waiting = exports.MAX_RUNNING, exports.MAX_WAITING
    clients: list[socket.socket] = []

    def standing(number: int) -> Any:
        answer = slow.animate("progress", token=f"t{number}")
        return answer.json() if answer.status == 200 else None

    try:
        for number in range(running + waiting):
            clients.append(ask_for_slow_clip(slow, f"t{number}"))
            # One after the other, so that it is known who is first.
            state = servers.until(lambda number=number: standing(number), "it is in the queue")
            assert state["waiting"] == max(number - running + 1, 0)
        for client in clients[:running]:
            assert client.recv(12) == b"HTTP/1.1 200"
        refused = slow.animate("clip", **SLOW)
        assert refused.status == 503
        assert "Try again" in refused.text
        assert slow.animate("series").status == 200
        # One that waits leaves, and one that runs: those behind move up.
        clients.pop(running).close()
        servers.until(lambda: ended(slow, f"t{running}"), "it left the queue", 1)
        clients.pop(0).close()
        assert clients[running - 1].recv(12) == b"HTTP/1.1 200"
        assert standing(running + 2)["waiting"] == 1
    finally:
        for client in clients:
            client.close()
    servers.until(
        lambda: slow.animate("clip", **SLOW, max_frames=2).status == 200, "a slot is free again", 15
    )
