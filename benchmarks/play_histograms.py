"""Counts the pictures that headless Chromium drops while it plays histograms.

    python benchmarks/play_histograms.py [--steps 500] [--buckets 30] [--cards 1]

Writes a log of Gaussians that drift and narrow, starts TensorBoard on it and plays the tab
without a graphics card, at the display's rate: once with a new frame for each picture, once
slower with pictures between frames. A picture is dropped when the next one comes more than
1.5 of its times later. Run by hand, on a machine that has nothing else to do.
"""

from __future__ import annotations

import argparse
import math
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


def histograms(steps: int, buckets: int, cards: int) -> Iterator[event_pb2.Event]:
    for step in range(steps):
        event = event_pb2.Event(step=10 * step, wall_time=1.7e9 + step)
        for card in range(cards):
            done = step / steps
            middle, width = 2 * done - 0.5 * card, 1 - 0.7 * done
            edges = np.linspace(middle - 4 * width, middle + 4 * width, buckets + 1)
            shares = np.diff([math.erf((edge - middle) / width / math.sqrt(2)) for edge in edges])
            rows = np.stack([edges[:-1], edges[1:], 5000 * shares], axis=1)
            add_array(event, f"layer{card}/kernel", "histograms", rows)
        yield event


def play(server: TensorBoard) -> None:
    with playing.opened(server) as page:
        for name in playing.ways(page):
            playing.play(page)
            found = playing.measured(page)
            dropped = sum(round(gap / playing.PICTURE) - 1 for gap in found.late)
            verdict = "ok" if found.share_late <= playing.MOST_DROPPED else "too many"
            print(
                f"{name}: {len(found.gaps)} pictures in {sum(found.gaps) / 1000:.1f} s, "
                f"{found.drawn} frames drawn; {len(found.late)} late ({found.share_late:.1%}, "
                f"{verdict}), {dropped} dropped, longest {max(found.gaps):.0f} ms"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=500)
    parser.add_argument("--buckets", type=int, default=30)
    parser.add_argument("--cards", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        logdir = pathlib.Path(folder)
        content = histograms(asked.steps, asked.buckets, asked.cards)
        write(logdir / "run" / "events.out.tfevents.1", content)
        print(f"{asked.steps} steps x {asked.buckets} buckets, {asked.cards} cards")
        with tensorboard(logdir) as server:
            play(server)


if __name__ == "__main__":
    main()
