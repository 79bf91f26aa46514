"""How much the plugin adds to TensorBoard's start, in paired runs.

    python benchmarks/startup.py [--pairs 15] [--logdir DIR]

Run it with a Python that has TensorBoard and this package's dependencies. Each pair starts
`tensorboard` once with and once without the plugin's entry point, in alternating order, and
takes the time until `/data/plugins_listing` answers. Also prints what importing the entry
point's module loads.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.metadata
import json
import os
import pathlib
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
START_SECONDS = 120
# Short against a start of seconds, long enough not to take its processor time.
POLL_SECONDS = 0.01

LOADED = """
import json, sys
from tensorboard.backend import application
from tensorboard.plugins import base_plugin
before = set(sys.modules)
import tb_animate.loader
print(json.dumps(sorted(set(sys.modules) - before)))
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--pairs", type=int, default=15)
    parser.add_argument("--logdir", type=pathlib.Path, help="an empty one if left out")
    arguments = parser.parse_args()
    points = importlib.metadata.entry_points(group="tensorboard_plugins")
    if any(point.value.startswith("tb_animate.") for point in points):
        print("tb_animate is installed here, so TensorBoard would always load it; run this")
        print("with an environment that has its dependencies but not tb_animate itself.")
        return 2
    with tempfile.TemporaryDirectory() as folder:
        with_plugin = pathlib.Path(folder, "with")
        without = pathlib.Path(folder, "without")
        for place in (with_plugin, without):
            _copy(place, named=place is with_plugin)
        loaded = subprocess.check_output([sys.executable, "-c", LOADED], env=_environment(without))
        print(f"importing tb_animate.loader loads: {', '.join(json.loads(loaded))}")
        logdir = arguments.logdir or pathlib.Path(folder, "logs")
        logdir.mkdir(exist_ok=True)
        # The first starts write byte code and fill the disk cache.
        for place in (with_plugin, without):
            start_time(place, logdir)
        ratios = []
        for number in range(arguments.pairs):
            order = (with_plugin, without) if number % 2 else (without, with_plugin)
            seconds = {place: start_time(place, logdir) for place in order}
            ratios.append(seconds[with_plugin] / seconds[without])
            print(
                f"pair {number + 1}: without {seconds[without]:.3f} s, "
                f"with {seconds[with_plugin]:.3f} s, ratio {ratios[-1]:.3f}",
                flush=True,
            )
    low, middle, high = statistics.quantiles(ratios, n=4)
    print(f"median ratio {middle:.3f}, quartiles {low:.3f} to {high:.3f}")
    return 0


def _copy(place: pathlib.Path, *, named: bool) -> None:
    """Copies the package, and a list of its entry points where TensorBoard shall find it.

    Both sides import from a path of equal length; they differ in the entry point only.
    """
    shutil.copytree(
        ROOT / "tb_animate", place / "tb_animate", ignore=shutil.ignore_patterns("__pycache__")
    )
    info = place / "tb_animate-0.dist-info"
    info.mkdir()
    info.joinpath("METADATA").write_text("Metadata-Version: 2.1\nName: tb-animate\nVersion: 0\n")
    point = "[tensorboard_plugins]\nanimate = tb_animate.loader:Loader\n" if named else ""
    info.joinpath("entry_points.txt").write_text(point)


def _environment(place: pathlib.Path) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(place), "TF_CPP_MIN_LOG_LEVEL": "3"}


def start_time(place: pathlib.Path, logdir: pathlib.Path) -> float:
    """Starts TensorBoard, stops it again, and returns the seconds until it answered."""
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "tensorboard.main", "--logdir", str(logdir)]
    start = time.perf_counter()
    process = subprocess.Popen(
        [*command, "--port", str(port)],
        env=_environment(place),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        url = f"http://localhost:{port}/data/plugins_listing"
        while time.perf_counter() - start < START_SECONDS:
            with contextlib.suppress(OSError), urllib.request.urlopen(url) as answer:
                seconds = time.perf_counter() - start
                if ("animate" in json.load(answer)) != (place.name == "with"):
                    raise RuntimeError("the plugin is loaded where it should not be, or is not")
                return seconds
            if process.poll() is not None:
                raise RuntimeError("TensorBoard ended before it answered")
            time.sleep(POLL_SECONDS)
        raise RuntimeError(f"TensorBoard did not answer within {START_SECONDS} s")
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    sys.exit(main())
