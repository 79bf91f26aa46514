"""Real TensorBoard processes for tests: started on a free port, stopped by their own id."""

from __future__ import annotations

import contextlib
import dataclasses
import importlib.metadata
import json
import os
import pathlib
import queue
import re
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

T = TypeVar("T")

ROOT = pathlib.Path(__file__).resolve().parent.parent

# A cold start on a busy machine with one core takes some ten seconds.
START_SECONDS = 90.0

_ADDRESS = re.compile(r"TensorBoard \S+ at (http://\S+)")


@dataclasses.dataclass(frozen=True)
class Answer:
    """A response: status, headers, and the body as bytes."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    def json(self) -> Any:
        return json.loads(self.body)


class TensorBoard:
    """A running process.

    Attributes:
      url: its address, path prefix included, with a slash at the end.
      pid: its process id.
    """

    def __init__(self, process: subprocess.Popen[str], url: str, lines: list[str]) -> None:
        self.url = url
        self.pid = process.pid
        self._process = process
        self._lines = lines

    @property
    def log(self) -> str:
        """What it wrote to standard error so far."""
        return "".join(self._lines)

    @property
    def port(self) -> int:
        port = urllib.parse.urlsplit(self.url).port
        assert port is not None
        return port

    def get(self, path: str, *, method: str = "GET", **query: Any) -> Answer:
        """Asks for a path below the address; lists become repeated parameters."""
        text = urllib.parse.urlencode(query, doseq=True)
        url = urllib.parse.urljoin(self.url, path) + (f"?{text}" if text else "")
        request = urllib.request.Request(url, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                return Answer(response.status, dict(response.headers), response.read())
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, dict(error.headers), error.read())

    def animate(self, route: str, *, method: str = "GET", **query: Any) -> Answer:
        """Asks one of the plugin's routes, named without its leading slash."""
        return self.get(f"data/plugin/animate/{route}", method=method, **query)

    def listing(self) -> Any:
        """What `/series` answers when all that is there has been read."""

        def whole() -> Any:
            content = self.animate("series", wait_ms=10_000).json()
            progress = content["progress"]
            return content if progress["done"] >= progress["total"] else None

        return until(whole, "all logs have been read")

    def is_running(self) -> bool:
        return self._process.poll() is None


@contextlib.contextmanager
def tensorboard(
    logdir: str | os.PathLike[str] | None,
    *flags: str,
    pythonpath: Sequence[str | os.PathLike[str]] = (),
) -> Iterator[TensorBoard]:
    """Starts TensorBoard with the plugin and waits until it answers.

    Args:
      logdir: as `--logdir`; `None`: the flags say where the logs are.
      flags: more of its command line.
      pythonpath: directories that its imports look into first.
    """
    command = [sys.executable, "-m", "tensorboard.main", "--port=0", "--reload_interval=1"]
    if logdir is not None:
        command.append(f"--logdir={os.fspath(logdir)}")
    with environment(pythonpath) as variables:
        process = subprocess.Popen(
            [*command, *flags],
            env=variables,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            lines: list[str] = []
            url = _address(process, lines)
            server = TensorBoard(process, url, lines)
            until(lambda: _listing(server), "TensorBoard lists its plugins", START_SECONDS)
            yield server
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            # The reader thread has seen the end of the pipe by now, or soon will.
            if process.stderr is not None:
                with contextlib.suppress(ValueError):
                    process.stderr.close()


def until(condition: Callable[[], T], what: str, seconds: float = 30.0) -> T:
    """Polls until the condition is true, and returns its value.

    Raises:
      AssertionError: it was not true in time.
    """
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds:g} s: {what}")
        pause.wait(0.05)


def _listing(server: TensorBoard) -> bool:
    assert server.is_running(), server.log
    try:
        return server.get("data/plugins_listing").status == 200
    except (urllib.error.URLError, ConnectionError):
        return False


def _address(process: subprocess.Popen[str], lines: list[str]) -> str:
    """Reads standard error to its end in a thread, up to the address in this one."""
    found: queue.Queue[str | None] = queue.Queue()

    def read() -> None:
        assert process.stderr is not None
        for line in process.stderr:
            lines.append(line)
            match = _ADDRESS.search(line)
            if match is not None:
                found.put(match[1])
        found.put(None)

    threading.Thread(target=read, daemon=True).start()
    try:
        url = found.get(timeout=START_SECONDS)
    except queue.Empty:
        url = None
    if url is None:
        raise AssertionError("TensorBoard did not start:\n" + "".join(lines))
    return url.rstrip("/") + "/"


@contextlib.contextmanager
def environment(
    pythonpath: Sequence[str | os.PathLike[str]] = (),
) -> Iterator[dict[str, str]]:
    """Environment variables of a process that finds the plugin, and TensorFlow's quiet.

    Args:
      pythonpath: directories that its imports look into first.
    """
    with _installed() as paths:
        variables = dict(os.environ)
        before = [os.fspath(path) for path in (*pythonpath, *paths)]
        known = variables.get("PYTHONPATH", "")
        variables["PYTHONPATH"] = os.pathsep.join([*before, *([known] if known else [])])
        variables["TF_CPP_MIN_LOG_LEVEL"] = "3"
        yield variables


@contextlib.contextmanager
def _installed() -> Iterator[list[pathlib.Path]]:
    """Paths that make TensorBoard find the plugin: none where the package is installed.

    In a checkout that is not installed, the entry point alone is written out. Both at
    once would be two plugins of one name, which TensorBoard refuses.
    """
    import tempfile

    points = importlib.metadata.entry_points(group="tensorboard_plugins")
    if any(point.value.startswith("tb_animate.") for point in points):
        yield []
        return
    with tempfile.TemporaryDirectory() as folder:
        info = pathlib.Path(folder, "tb_animate-0.dist-info")
        info.mkdir()
        info.joinpath("METADATA").write_text(
            "Metadata-Version: 2.1\nName: tb_animate\nVersion: 0\n"
        )
        info.joinpath("entry_points.txt").write_text(
            "[tensorboard_plugins]\nanimate = tb_animate.loader:Loader\n"
        )
        yield [ROOT, pathlib.Path(folder)]


@contextlib.contextmanager
def data_server(
    logdir: str | os.PathLike[str],
    *,
    samples: str = "images=10",
    reload: str = "1",
    port: int = 0,
) -> Iterator[str]:
    """A data server on its own, as `--grpc_data_provider` takes it.

    Args:
      samples: as `--samples_per_plugin`.
      reload: seconds between two looks at the logs, or "once".
      port: 0 for any that is free.

    Yields:
      Its address, host and port.
    """
    import tempfile

    import tensorboard_data_server

    with tempfile.TemporaryDirectory() as folder:
        port_file = pathlib.Path(folder, "port")
        process = subprocess.Popen(
            [
                tensorboard_data_server.server_binary(),
                f"--logdir={os.fspath(logdir)}",
                f"--samples-per-plugin={samples}",
                f"--reload={reload}",
                f"--port={port}",
                f"--port-file={port_file}",
            ],
            stderr=subprocess.DEVNULL,
        )
        try:
            bound = until(
                lambda: port_file.read_text().strip() if port_file.exists() else "",
                "the data server has a port",
                START_SECONDS,
            )
            yield f"localhost:{bound}"
        finally:
            process.terminate()
            process.wait(10)
