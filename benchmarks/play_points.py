"""Counts the pictures that headless Chromium drops while it plays clouds of points.

    python benchmarks/play_points.py [--points 10000 100000] [--steps 50] [--dims 2]

Writes embeddings whose clusters drift, starts TensorBoard on each and plays the tab without a
graphics card at the display's rate: once with a new frame for each picture, once slower with
pictures between frames. Frames are played once through before, so that drawing is measured
and not the server. A picture is dropped when the next one comes more than 1.5 of its times
later. Run by hand, on a machine that has nothing else to do.
"""

from __future__ import annotations

import argparse
import pathlib
import sys
import tempfile
from collections.abc import Iterator

import numpy as np
import playing
from made_logs import add_array, write
from tensorboard.compat.proto import event_pb2

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests"))

from servers import TensorBoard, tensorboard

LOGGED_DIMS = 16
# From so many points on, another goal holds.
MANY = 50_000
LEAST_RATE = 15


def points(steps: int, count: int) -> Iterator[event_pb2.Event]:
    rng = np.random.default_rng(0)
    middles = rng.normal(0, 1, (10, LOGGED_DIMS))
    noise = rng.normal(0, 0.4, (count, LOGGED_DIMS))
    for step in range(steps):
        done = step / steps
        turn = np.cos(3 * done + np.arange(LOGGED_DIMS))
        rows = noise * (1 - 0.5 * done) + middles[np.arange(count) % 10] * (0.3 + done) * turn
        event = event_pb2.Event(step=10 * step, wall_time=1.7e9 + step)
        add_array(event, "features/val", "animate", rows.astype(np.float32))
        yield event


def play(server: TensorBoard, count: int, steps: int, dims: int) -> None:
    with playing.opened(server) as page:
        page.get_by_label(f"{dims}D", exact=True).check()
        for name in playing.ways(page):
            for measured in (False, True):
                page.get_by_role("button", name="Loop: ").click()
                page.get_by_role("radio", name="Forever" if measured else "Once").check()
                page.keyboard.press("Escape")
                playing.play(page)
                if not measured:
                    page.wait_for_selector(f"canvas.picture[data-index='{steps - 1}']")
            report(name, playing.measured(page), count)


def report(name: str, found: playing.Pictures, count: int) -> None:
    rate = 1000 * len(found.gaps) / sum(found.gaps)
    smooth = found.share_late <= playing.MOST_DROPPED
    good = rate >= LEAST_RATE if count >= MANY else smooth
    print(
        f"{name}: {rate:.1f} pictures a second, {found.drawn} frames drawn; "
        f"{found.share_late:.1%} late, longest {max(found.gaps):.0f} ms: "
        f"{'ok' if good else 'too slow'}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--points", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--dims", type=int, choices=(2, 3), default=2)
    asked = parser.parse_args()
    for count in asked.points:
        with tempfile.TemporaryDirectory() as folder:
            logdir = pathlib.Path(folder)
            write(logdir / "run" / "events.out.tfevents.1", points(asked.steps, count))
            print(f"{count} points, {asked.steps} steps, {asked.dims}D")
            with tensorboard(logdir) as server:
                play(server, count, asked.steps, asked.dims)


if __name__ == "__main__":
    main()
