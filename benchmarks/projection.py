"""What it costs to project a series of embeddings, and how true the picture is.

    python benchmarks/projection.py [--sizes 50x10000x128 50x100000x128] [--repeat 3]
    python benchmarks/projection.py --truth

The first takes the time and the peak memory above the input of fitting and placing all
frames, and beside it of scikit-learn's PCA (`covariance_eigh`) of the same frames, which
have to be concatenated for it; then without that, of one array that is there already. Each
measurement is a process of its own with one thread, which makes its input first; of
several, the fastest counts. Memory is Linux only.

The second shows series whose truth is known: how far points move on screen that stand
still, in shares of the cloud's radius, and how often an axis flips or swaps from one frame
to the next; each frame's own PCA beside it.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import pathlib
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

THREADS = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
os.environ.update(THREADS)

import numpy as np  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tb_animate import projection  # noqa: E402

STATUS = pathlib.Path("/proc/self/status")
CLUSTERS = 10


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sizes", nargs="+", default=["50x10000x128", "50x100000x128"])
    parser.add_argument("--dims", type=int, default=2)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--truth", action="store_true")
    parser.add_argument("--measure", choices=sorted(WORKS), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        size = [int(side) for side in arguments.sizes[0].split("x")]
        print(json.dumps(measure(WORKS[arguments.measure], size, arguments.dims)))
    elif arguments.truth:
        truth(arguments.dims)
    else:
        for size in arguments.sizes:
            compare(size, arguments.dims, arguments.repeat)
    return 0


def compare(size: str, dims: int, repeat: int) -> None:
    """Both in turns, each time in a new process."""
    best: dict[str, dict[str, float]] = {}
    for _ in range(repeat):
        for work in WORKS:
            command = [sys.executable, __file__, "--measure", work]
            command += ["--sizes", size, "--dims", str(dims)]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            found = json.loads(done.stdout)
            if work not in best or found["seconds"] < best[work]["seconds"]:
                best[work] = found
    print(f"{size.replace('x', ' x ')}, {dims} axes, one thread, the fastest of {repeat}")
    for work, found in best.items():
        steps = ", ".join(f"{name} {found[name]:.3f}" for name in ("fit", "place") if name in found)
        print(
            f"  {work:12} {found['seconds']:7.3f} s {found['megabytes']:8.1f} MB above the input"
            f"{'  (' + steps + ')' if steps else ''}"
        )
    ours = best["tb_animate"]
    for work in list(WORKS)[1:]:
        ratios = [ours[name] / max(best[work][name], 0.01) for name in ("seconds", "megabytes")]
        print(f"  to {work:12} {ratios[0]:5.2f} {ratios[1]:9.2f} times as much", flush=True)


def measure(
    work: Callable[[np.ndarray, int], dict[str, float]], size: list[int], dims: int
) -> dict[str, float]:
    """Time and peak memory of one work on an input that is there before."""
    frames, points, dimensions = size
    values = np.empty((frames, points, dimensions), np.float32)
    for frame, rows in enumerate(drifting(frames, points, dimensions)):
        values[frame] = rows
    work(values[:2, :1000], dims)  # what is loaded and set up once
    before = _resident()
    start = time.perf_counter()
    steps = work(values, dims)
    seconds = time.perf_counter() - start
    return {"seconds": seconds, "megabytes": (_peak() - before) / 1e6, **steps}


def ours(values: np.ndarray, dims: int) -> dict[str, float]:
    """Fits and places all frames, each of which is let go, as they go out to the page."""
    snapshots = [projection.Snapshot(step, rows) for step, rows in enumerate(values)]
    start = time.perf_counter()
    found = projection.fit(snapshots, projection.Options(dims=dims))
    middle = time.perf_counter()
    every = [found.place(snapshot).positions for snapshot in snapshots]
    assert len(every) == len(values)
    return {"fit": middle - start, "place": time.perf_counter() - middle}


def concatenated(values: np.ndarray, dims: int) -> dict[str, float]:
    """Of the frames as they are read, one by one."""
    return in_one_array(np.concatenate(list(values))[None], dims)


def in_one_array(values: np.ndarray, dims: int) -> dict[str, float]:
    """As if the frames had been logged side by side."""
    from sklearn.decomposition import PCA

    rows = values.reshape(-1, values.shape[-1])
    assert len(PCA(dims, svd_solver="covariance_eigh").fit_transform(rows)) == len(rows)
    return {}


WORKS: dict[str, Callable[[np.ndarray, int], dict[str, float]]] = {
    "tb_animate": ours,
    "scikit-learn": concatenated,
    "of one array": in_one_array,
}


def drifting(frames: int, points: int, dimensions: int) -> Iterator[np.ndarray]:
    """Clusters that separate over time, each point with a noise of its own that stays."""
    random = np.random.default_rng(0)
    noise = random.standard_normal((points, dimensions), np.float32)
    centres = 3 * random.standard_normal((CLUSTERS, dimensions), np.float32)
    cluster = random.integers(CLUSTERS, size=points)
    for frame in range(frames):
        yield noise + centres[cluster] * np.float32(frame / max(frames - 1, 1))


def truth(dims: int) -> None:
    random = np.random.default_rng(1)
    points, dimensions, frames = 2000, 64, 50
    still = next(drifting(1, points, dimensions))
    still[:, :8] *= np.arange(9, 1, -1, dtype=np.float32)
    rotated = [still @ _rotation(random, dimensions) for _ in range(frames)]
    few = [still.copy() for _ in range(frames)]
    for frame, rows in enumerate(few):
        rows[:20] += np.float32(0.2 * frame)
    print(f"{points} points of {dimensions} dimensions, {frames} frames: those that stand still")
    print(f"{'':28}{'moved, mean':>12}{'most':>10}{'flips':>7}")
    for name, series, quiet in (
        ("rotated at each frame", rotated, slice(0, None)),
        ("20 points move", few, slice(20, None)),
    ):
        for way, place in (("fitted over all frames", together), ("each frame's own PCA", apart)):
            pictures = place(series, dims)
            moved = np.array(
                [
                    np.linalg.norm((new - old)[quiet], axis=1)
                    for old, new in itertools.pairwise(pictures)
                ]
            )
            print(f"{name}\n  {way:26}{moved.mean():12.5f}{moved.max():10.5f}{flips(pictures):7d}")


def together(series: list[np.ndarray], dims: int) -> list[np.ndarray]:
    snapshots = [projection.Snapshot(step, rows) for step, rows in enumerate(series)]
    found = projection.fit(snapshots, projection.Options(dims=dims))
    return [found.place(snapshot).positions for snapshot in snapshots]


def apart(series: list[np.ndarray], dims: int) -> list[np.ndarray]:
    pictures = []
    for rows in series:
        left = rows - rows.mean(axis=0)
        picture = left @ np.linalg.svd(left, full_matrices=False)[2][:dims].T
        pictures.append(picture / np.percentile(np.linalg.norm(picture, axis=1), 99.5))
    return pictures


def flips(pictures: list[np.ndarray]) -> int:
    """How often an axis runs against itself, or along another one, in the frame after."""
    count = 0
    for old, new in itertools.pairwise(pictures):
        along = np.corrcoef(old.T, new.T)[: old.shape[1], old.shape[1] :]
        count += sum(along[i].argmax() != i or along[i, i] <= 0 for i in range(len(along)))
    return count


def _rotation(random: np.random.Generator, dimensions: int) -> np.ndarray:
    """Orthogonal, reflections included, all equally likely."""
    found, triangle = np.linalg.qr(random.standard_normal((dimensions, dimensions)))
    return (found * np.sign(np.diag(triangle))).astype(np.float32)


def _resident() -> int:
    """Bytes at this moment; the peak is counted anew from here."""
    if not STATUS.exists():
        return 0
    pathlib.Path("/proc/self/clear_refs").write_text("5")
    return _status("VmRSS")


def _peak() -> int:
    return _status("VmHWM") if STATUS.exists() else 0


def _status(name: str) -> int:
    line = next(one for one in STATUS.read_text().splitlines() if one.startswith(name))
    return 1024 * int(line.split()[1])


if __name__ == "__main__":
    sys.exit(main())
