"""t-SNE of all frames together, in a process of its own.

scikit-learn can neither be stopped nor asked how far it is while it computes. A process
can be ended, and what it prints tells the iteration; besides, the server stays as small
as it is. Needs scikit-learn, from the extra `projection`.
"""

from __future__ import annotations

import importlib.util
import os
import pathlib
import re
import subprocess
import tempfile
import threading
from collections.abc import Callable
from typing import IO

import numpy as np

from tb_animate import errors, processes, scratch
from tb_animate.projection.model import Floats

ITERATIONS = 1000
PERPLEXITY = 30.0
FEWEST = 8

# The start's width, small so that no iteration is spent on undoing it.
START = 1e-4

# Seconds between two looks at whether to go on.
TICK = 0.25

NUMBER = re.compile(rb"Iteration (\d+)")


def check() -> None:
    """Raises errors.AnimateError where scikit-learn is missing."""
    if importlib.util.find_spec("sklearn") is None:
        raise errors.AnimateError(
            "t-SNE needs scikit-learn, which is not installed; install tb-animate[projection], "
            "or choose method pca."
        )


def layout(features: Floats, start: Floats, tick: Callable[[int], None]) -> Floats:
    """Lays out points so that neighbours stay neighbours.

    Args:
      features: float32, shape [points, features].
      start: float32, shape [points, dims], of any width.
      tick: is called several times a second with the iterations done of `ITERATIONS`; what
        it raises ends the computation.

    Returns:
      float32, shape [points, dims]; the start where there are too few points, or all are
      the same one.
    """
    width = float(start.std(axis=0).max()) if len(start) else 0.0
    if len(features) < FEWEST or width == 0:
        return start
    with scratch.room(), tempfile.TemporaryDirectory(prefix="tb-animate-") as folder:
        names = [pathlib.Path(folder, name) for name in ("features.npy", "start.npy", "out.npy")]
        np.save(names[0], features)
        np.save(names[1], (start * (START / width)).astype(np.float32))
        _run([str(name) for name in names], tick)
        return np.asarray(np.load(names[2]), np.float32)


def _run(names: list[str], tick: Callable[[int], None]) -> None:
    environment = processes.environment()
    environment["PYTHONUNBUFFERED"] = "1"
    # Threads that spin while they wait get in the way of whatever else computes here.
    environment.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    process = subprocess.Popen(
        processes.command("tb_animate.projection.joint", *names),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
    )
    said = _Said(process.stdout, process.stderr)
    try:
        while True:
            tick(said.iterations)
            try:
                status = process.wait(TICK)
                break
            except subprocess.TimeoutExpired:
                continue
    finally:
        process.kill()
        process.wait()
        if process.stdin is not None:
            process.stdin.close()
        said.close()
    if status:
        reason = said.last or f"its process ended with status {status}"
        raise errors.AnimateError(f"t-SNE failed: {reason}; choose method pca.")


class _Said:
    """What the process has printed, read as it comes."""

    def __init__(self, out: IO[bytes] | None, error: IO[bytes] | None) -> None:
        self.iterations = 0
        self.last = ""
        assert out is not None
        assert error is not None
        self._pipes = (out, error)
        self._threads = [
            threading.Thread(target=self._progress, daemon=True),
            threading.Thread(target=self._complaint, daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """Once the process has ended."""
        for thread in self._threads:
            thread.join()
        for pipe in self._pipes:
            pipe.close()

    def _progress(self) -> None:
        for line in self._pipes[0]:
            number = NUMBER.search(line)
            if number:
                self.iterations = min(int(number[1]), ITERATIONS)

    def _complaint(self) -> None:
        for line in self._pipes[1]:
            self.last = line.decode("utf-8", "replace").strip() or self.last


def main(given: str, begun: str, found: str) -> None:
    """In that process: from files of features and of a start to one of the layout."""
    from sklearn.manifold import TSNE

    threading.Thread(target=_end_with_parent, daemon=True).start()
    features, start = np.load(given), np.load(begun)
    positions = TSNE(
        n_components=start.shape[1],
        perplexity=min(PERPLEXITY, (len(features) - 1) / 3),
        init=start,
        max_iter=ITERATIONS,
        random_state=0,
        verbose=2,
    ).fit_transform(features)
    np.save(found, positions)


def _end_with_parent() -> None:
    """Nobody takes the result once the server has gone and its end of the pipe is closed."""
    os.read(0, 1)
    os._exit(1)
