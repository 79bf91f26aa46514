"""TensorBoard's real data server, asked for all that it keeps of a log directory."""

from __future__ import annotations

import contextlib
import os
import pathlib
import subprocess
import tempfile
import time
from collections.abc import Iterator
from typing import Any

import event_bytes
import logs

with logs.quiet():
    import grpc
    import tensorboard_data_server
    from tensorboard import context
    from tensorboard.data import grpc_provider, provider
    from tensorboard.data.proto import data_provider_pb2, data_provider_pb2_grpc
    from tensorboard.util import tensor_util

START_SECONDS = 60.0
ALL = 10**6

END_TAG = "the end"
END_FILE = "~.tfevents"
"""The last file of a run in the server's order. The server shows what it read of a run all
at once, so when this is there, all is."""


class DataServer:
    """A server that has read a log directory once."""

    def __init__(self, address: str, stub: Any) -> None:
        self._stub = stub
        self._provider = grpc_provider.GrpcDataProvider(address, stub)
        self._context = context.RequestContext()

    def runs(self) -> list[str]:
        found = self._provider.list_runs(self._context, experiment_id="")
        return sorted(run.run_name for run in found)

    def images(self) -> dict[tuple[str, str], list[tuple[int, float, tuple[bytes, ...]]]]:
        """By run and tag: step, wall time, blobs. Series without frames are left out."""
        found = self._provider.read_blob_sequences(
            self._context, experiment_id="", plugin_name="images", downsample=ALL
        )
        return {
            (run, tag): [(one.step, one.wall_time, self._blobs(one.values)) for one in series]
            for run, tags in found.items()
            for tag, series in tags.items()
            if series
        }

    def described(self) -> dict[tuple[str, str], tuple[int, str, str]]:
        """By run and tag: samples, display name, description."""
        found = self._provider.list_blob_sequences(
            self._context, experiment_id="", plugin_name="images"
        )
        return {
            (run, tag): (max(1, one.max_length - 2), one.display_name, one.description)
            for run, tags in found.items()
            for tag, one in tags.items()
        }

    def histograms(self) -> dict[tuple[str, str], list[tuple[int, float, Any]]]:
        """By run and tag: step, wall time, array. Series without frames are left out.

        The array is `None` where TensorBoard cannot make one of what was logged.
        """
        request = data_provider_pb2.ReadTensorsRequest(
            plugin_filter=data_provider_pb2.PluginFilter(plugin_name="histograms"),
            downsample=data_provider_pb2.Downsample(num_points=ALL),
        )
        return {
            (run.run_name, tag.tag_name): [
                (step, wall_time, _array(value))
                for step, wall_time, value in zip(
                    tag.data.step, tag.data.wall_time, tag.data.value, strict=True
                )
            ]
            for run in self._stub.ReadTensors(request).runs
            for tag in run.tags
            if tag.data.step
        }

    def scalars(self) -> dict[tuple[str, str], list[tuple[int, float, float]]]:
        """By run and tag: step, wall time, value. Series without points are left out."""
        found = self._provider.read_scalars(
            self._context, experiment_id="", plugin_name="scalars", downsample=ALL
        )
        return {
            (run, tag): [(one.step, one.wall_time, one.value) for one in series]
            for run, tags in found.items()
            for tag, series in tags.items()
            if series
        }

    def _blobs(self, references: Any) -> tuple[bytes, ...]:
        keys = [one.blob_key for one in references]
        return tuple(self._provider.read_blob(self._context, key) for key in keys)

    def _has_ended(self, run: str) -> bool:
        wanted = provider.RunTagFilter(runs=[run], tags=[END_TAG])
        found = self._provider.list_blob_sequences(
            self._context, experiment_id="", plugin_name="images", run_tag_filter=wanted
        )
        return bool(found.get(run))

    def wait_for(self, runs: list[str]) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not all(self._has_ended(run) for run in runs):
            if time.monotonic() > deadline:
                raise TimeoutError(f"the data server has not read {runs}, only {self.runs()}")
            time.sleep(0.002)


@contextlib.contextmanager
def reading(logdir: pathlib.Path) -> Iterator[DataServer]:
    """A server that has read all that is there now, with unlimited samples.

    It writes a file of its own into each run.
    """
    directories = {path.parent for path in logdir.rglob("*tfevents*") if path.is_file()}
    for directory in directories:
        event_bytes.write(
            directory, [event_bytes.event(0, event_bytes.tf1_image(END_TAG, b""))], END_FILE
        )
    runs = [str(directory.relative_to(logdir)) for directory in directories]
    with tempfile.TemporaryDirectory() as scratch:
        port_file = pathlib.Path(scratch) / "port"
        server = subprocess.Popen(
            [
                tensorboard_data_server.server_binary(),
                f"--logdir={logdir}",
                "--samples-per-plugin=images=all,histograms=all,scalars=all",
                "--reload=once",
                "--port=0",
                f"--port-file={port_file}",
                "--die-after-stdin",
            ],
            stdin=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        try:
            address = f"localhost:{_port(port_file, server)}"
            with grpc.insecure_channel(address) as channel:
                stub = data_provider_pb2_grpc.TensorBoardDataProviderStub(channel)
                asked = DataServer(address, stub)
                asked.wait_for(runs)
                yield asked
        finally:
            assert server.stdin is not None
            server.stdin.close()
            server.wait()


def _array(value: Any) -> Any:
    try:
        return tensor_util.make_ndarray(value)
    except (TypeError, ValueError):
        return None


def _port(path: pathlib.Path, server: subprocess.Popen[bytes]) -> int:
    deadline = time.monotonic() + START_SECONDS
    while True:
        with contextlib.suppress(FileNotFoundError):
            text = path.read_text()
            if text.endswith(os.linesep):
                return int(text)
        if server.poll() is not None or time.monotonic() > deadline:
            raise TimeoutError("the data server does not start")
        time.sleep(0.001)
