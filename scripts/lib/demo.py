"""Trains the demo, starts TensorBoard on it and prints the address of the Animate tab."""

from __future__ import annotations

import argparse
import contextlib
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from typing import IO

from environment import ROOT, SetupError, digest, ensure, fail, is_current

LOGS = ROOT / "demo" / "logs"
# Written by demo/train.py when all is logged; beside the logs, so that it is no log.
TRAINED = ROOT / "demo" / "logs.json"
# Ports that are tried after the wanted one: enough for a few TensorBoards left running.
PORTS = 20
# A cold start of TensorBoard on a slow machine.
START_SECONDS = 120


def main() -> int:
    arguments = _arguments()
    directory = pathlib.Path(os.environ.get("TB_ANIMATE_ENV") or ROOT / ".venv-demo").absolute()
    if arguments.logdir and not arguments.logdir.is_dir():
        return fail(f"There is no directory {arguments.logdir}; --logdir needs one with logs.")
    try:
        binaries = _environment(directory, training=arguments.logdir is None)
        if arguments.logdir is None:
            _train(binaries, arguments.retrain)
        port = _free_port(arguments.port)
    except SetupError as error:
        return fail(str(error))
    if port != arguments.port and not arguments.check:
        print(f"Port {arguments.port} is taken, so it will be {port}.")
    with contextlib.ExitStack() as stack:
        # A check shows its own findings only, unless TensorBoard does not start.
        log = stack.enter_context(tempfile.TemporaryFile()) if arguments.check else None
        logdir = arguments.logdir or LOGS
        process, address = stack.enter_context(_tensorboard(binaries, logdir, port, log))
        if not _answers(process, address):
            if log is not None:
                log.seek(0)
                sys.stderr.write(log.read().decode("utf-8", "replace"))
            return fail("TensorBoard did not start; its messages are above.")
        if arguments.check:
            check = pathlib.Path(__file__).with_name("check.py")
            return subprocess.run([str(binaries / "python"), str(check), address]).returncode
        print(f"\nThe Animate tab is at {address}#animate (Ctrl-C stops TensorBoard)\n", flush=True)
        return process.wait()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/demo", description=__doc__)
    parser.add_argument("--port", type=int, default=6006, help="6006, or the next free one")
    parser.add_argument(
        "--logdir", type=pathlib.Path, metavar="DIR", help="show these logs and train nothing"
    )
    parser.add_argument("--retrain", action="store_true", help="train though it was done before")
    parser.add_argument(
        "--check", action="store_true", help="fetch the tab and a frame, say what came, and stop"
    )
    return parser.parse_args()


def _environment(directory: pathlib.Path, *, training: bool) -> pathlib.Path:
    inputs = [ROOT / name for name in ("setup.py", "pyproject.toml", "tb_animate", "frontend")]
    with_demo = [f"{ROOT}[demo]"]
    note = f"Installing tb_animate and, to train the demo, TensorFlow in {directory} ..."
    if not training and not is_current(directory, with_demo, inputs):
        # Logs of one's own need no TensorFlow, which is most of the download.
        note = f"Installing tb_animate in {directory} ..."
        return ensure(directory, [str(ROOT)], inputs, note)
    return ensure(directory, with_demo, inputs, note)


def _train(binaries: pathlib.Path, retrain: bool) -> None:
    sources = digest(*sorted((ROOT / "demo").glob("*.py")))
    stamp = binaries.parent / "trained.stamp"
    known = stamp.read_text() if stamp.is_file() else sources
    if TRAINED.is_file() and LOGS.is_dir() and known == sources and not retrain:
        return
    print("Training the demo (half a minute or so) ...", flush=True)
    TRAINED.unlink(missing_ok=True)
    # What lies there is the demo's own, from an earlier or an interrupted training.
    shutil.rmtree(LOGS, ignore_errors=True)
    command = [str(binaries / "python"), str(ROOT / "demo" / "train.py"), "--logdir", str(LOGS)]
    if subprocess.run(command).returncode != 0:
        raise SetupError("The demo could not be trained; its messages are above.")
    stamp.write_text(sources)


def _free_port(first: int) -> int:
    for port in range(first, min(first + PORTS, 65536)):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind(("localhost", port))
                return port
    raise SetupError(
        f"No port from {first} to {first + PORTS - 1} is free; choose one with --port."
    )


@contextlib.contextmanager
def _tensorboard(
    binaries: pathlib.Path, logdir: pathlib.Path, port: int, log: IO[bytes] | None
) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """Runs TensorBoard and stops it, and nothing else, at the end or at Ctrl-C."""
    process = subprocess.Popen(
        [
            *(str(binaries / "tensorboard"), "--logdir", str(logdir)),
            *("--port", str(port), "--reload_interval", "5"),
        ],
        # TensorBoard imports TensorFlow where it finds it, which then greets at length.
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": "0"},
        stdout=subprocess.DEVNULL,
        stderr=log,
        # Of its own, so that Ctrl-C reaches this script first, which then ends it in order.
        start_new_session=True,
    )

    def stop(signum: int, frame: object) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    try:
        yield process, f"http://localhost:{port}/"
    except KeyboardInterrupt:
        print("\nStopping TensorBoard.", flush=True)
        sys.exit(0)
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _answers(process: subprocess.Popen[bytes], address: str) -> bool:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(address + "data/plugins_listing", timeout=10).close()
            return True
        time.sleep(0.2)
    return False


if __name__ == "__main__":
    sys.exit(main())
