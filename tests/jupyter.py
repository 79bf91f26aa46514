"""Jupyter for tests: nothing of the user's own is read or written, and TensorBoards end."""

from __future__ import annotations

import contextlib
import json
import pathlib
import shlex
import subprocess
import sys
from collections.abc import Iterator

import psutil

from servers import START_SECONDS, environment, until

# Neither updates nor extensions: tests need no network.
LAB = [
    "--no-browser",
    "--allow-root",
    "--ServerApp.port=0",
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    "--LabApp.extension_manager=readonly",
]


@contextlib.contextmanager
def variables(home: pathlib.Path) -> Iterator[dict[str, str]]:
    """Environment variables for Jupyter; afterwards the TensorBoards that were started end.

    Args:
      home: an empty directory for all that it keeps, TensorBoard's list of running ones too.
    """
    temporary = home / "tmp"
    temporary.mkdir()
    with environment() as known:
        # The magic takes PYTHONPATH away from TensorBoard, which a checkout that is not
        # installed needs.
        board = home / "tensorboard"
        board.write_text(
            f"#!/bin/sh\nPYTHONPATH={shlex.quote(known['PYTHONPATH'])} "
            f'exec {shlex.quote(sys.executable)} -m tensorboard.main "$@"\n'
        )
        board.chmod(0o700)
        own = {
            "HOME": str(home),
            "IPYTHONDIR": str(home / "ipython"),
            "JUPYTER_CONFIG_DIR": str(home / "config"),
            "JUPYTER_DATA_DIR": str(home / "data"),
            "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
            "TENSORBOARD_BINARY": str(board),
            "TMPDIR": str(temporary),
        }
        try:
            yield {**known, **own}
        finally:
            for file in temporary.glob(".tensorboard-info/pid-*.info"):
                with contextlib.suppress(psutil.NoSuchProcess):
                    process = psutil.Process(json.loads(file.read_text())["pid"])
                    process.terminate()
                    process.wait(10)


@contextlib.contextmanager
def lab(folder: pathlib.Path, home: pathlib.Path) -> Iterator[str]:
    """Starts JupyterLab; gives the address of its pages, with `{}` where the path goes.

    Args:
      folder: what it shows.
      home: see `variables`.
    """
    with variables(home) as known:
        process = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *LAB],
            cwd=folder,
            env=known,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            file = home / "runtime" / f"jpserver-{process.pid}.json"
            until(lambda: process.poll() is not None or file.exists(), "it runs", START_SECONDS)
            assert process.poll() is None, "JupyterLab did not start"
            yield until(lambda: _address(file), "its address is written")
        finally:
            process.terminate()
            process.wait(30)


def _address(file: pathlib.Path) -> str:
    try:
        server = json.loads(file.read_text())
    except ValueError:  # It is being written.
        return ""
    return f"http://localhost:{server['port']}/lab{{}}?token={server['token']}"
