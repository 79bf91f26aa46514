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
import time
from collections.abc import Iterator

import numpy as np
from made_logs import write
from tensorboard.compat.proto import event_pb2

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests"))

from browser import chromium
from servers import TensorBoard, tensorboard

SECONDS = 5
PICTURE = 1000 / 60
MOST_DROPPED = 0.05

MEASURE = """seconds => new Promise((resolve) => {
    const gaps = [];
    const drawn = new Set();
    const canvas = document.querySelector("canvas.picture");
    let first, last;
    requestAnimationFrame(function picture(now) {
        if (last !== undefined) gaps.push(now - last);
        drawn.add(canvas.dataset.index);
        first ??= now;
        last = now;
        if (now - first < 1000 * seconds) requestAnimationFrame(picture);
        else resolve([gaps, drawn.size]);
    });
})"""


def histograms(steps: int, buckets: int, cards: int) -> Iterator[event_pb2.Event]:
    for step in range(steps):
        event = event_pb2.Event(step=10 * step, wall_time=1.7e9 + step)
        for card in range(cards):
            done = step / steps
            middle, width = 2 * done - 0.5 * card, 1 - 0.7 * done
            edges = np.linspace(middle - 4 * width, middle + 4 * width, buckets + 1)
            shares = np.diff([math.erf((edge - middle) / width / math.sqrt(2)) for edge in edges])
            rows = np.stack([edges[:-1], edges[1:], 5000 * shares], axis=1)
            value = event.summary.value.add(tag=f"layer{card}/kernel")
            value.metadata.plugin_data.plugin_name = "histograms"
            value.metadata.data_class = 2
            value.tensor.dtype = 2
            value.tensor.tensor_shape.dim.add(size=buckets)
            value.tensor.tensor_shape.dim.add(size=3)
            value.tensor.tensor_content = rows.astype("<f8").tobytes()
        yield event


def play(server: TensorBoard) -> None:
    with chromium() as browser:
        context = browser.new_context(
            viewport={"width": 1280, "height": 900}, reduced_motion="reduce"
        )
        page = context.new_page()
        begun = time.monotonic()
        page.goto(server.url + "data/plugin_entry.html?name=animate")
        page.wait_for_selector("canvas.picture[data-index]")
        print(f"first picture after {time.monotonic() - begun:.2f} s")
        for name, fps, tween in (("a frame for each picture", 60, False), ("tweened", 12, True)):
            page.get_by_label("Tween between frames").set_checked(tween)
            rate = page.get_by_label("Frames per second")
            rate.fill(str(fps))
            rate.press("Enter")
            page.get_by_role("button", name="First frame").click()
            page.get_by_role("button", name="Play", exact=True).click()
            gaps, drawn = page.evaluate(MEASURE, SECONDS)
            page.get_by_role("button", name="Pause", exact=True).click()
            dropped = sum(max(0, round(gap / PICTURE) - 1) for gap in gaps if gap > 1.5 * PICTURE)
            late = sum(gap > 1.5 * PICTURE for gap in gaps)
            share = late / len(gaps)
            verdict = "ok" if share <= MOST_DROPPED else "too many"
            print(
                f"{name}: {len(gaps)} pictures in {sum(gaps) / 1000:.1f} s, {drawn} frames drawn; "
                f"{late} late ({share:.1%}, {verdict}), {dropped} dropped, "
                f"longest {max(gaps):.0f} ms"
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
