"""Counts the frames that headless Chromium drops while it plays a dozen images at once.

    python benchmarks/play_images.py [--cards 12] [--side 256] [--frames 300] [--fps 30]

Writes a log of so many image tags, starts TensorBoard on it and plays all cards in view,
without a graphics card: first with every frame still on the server, then round after round. The
page never leaves out a frame but comes late with it, so what is dropped is what the same
time should have shown and did not: one minus the frames drawn over the frames due, of the card
that drew fewest. Run by hand, on a machine that has nothing else to do.
"""

from __future__ import annotations

import argparse
import pathlib
import sys
import tempfile

import playing
from made_logs import make_waves

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests"))

from servers import TensorBoard, tensorboard

SECONDS = 10

# Changes of the index that each card's canvas tells, between two pictures of the display.
MEASURE = """seconds => new Promise((resolve) => {
    const cards = [...document.querySelectorAll("canvas.picture")];
    const shown = cards.map((card) => card.dataset.index);
    const drawn = cards.map(() => 0);
    let first, last, longest = 0;
    requestAnimationFrame(function picture(now) {
        first ??= now;
        if (last !== undefined) longest = Math.max(longest, now - last);
        last = now;
        cards.forEach((card, i) => {
            if (card.dataset.index !== shown[i]) drawn[i] += 1;
            shown[i] = card.dataset.index;
        });
        if (now - first < 1000 * seconds) requestAnimationFrame(picture);
        else resolve({drawn, longest, seconds: (now - first) / 1000});
    });
})"""


def play(server: TensorBoard, cards: int, fps: int) -> None:
    # Four cards of 256 pixels in a row, beside the bar of filters.
    with playing.opened(server, width=1440, height=1400) as page:
        page.get_by_label("Card size").fill("260")
        playing.set_rate(page, fps)
        page.wait_for_function(
            "n => document.querySelectorAll('canvas.picture[data-index]').length === n", arg=cards
        )
        page.get_by_role("button", name="Play", exact=True).click()
        for name in ("frames from the server", "round after round", "later"):
            measured = page.evaluate(MEASURE, SECONDS)
            due = fps * measured["seconds"]
            dropped = 1 - min(measured["drawn"]) / due
            verdict = "ok" if dropped <= playing.MOST_DROPPED else "too many"
            print(
                f"{name}: {min(measured['drawn'])} to {max(measured['drawn'])} of {due:.0f} "
                f"frames drawn; {max(0, dropped):.1%} dropped ({verdict}), longest time between "
                f"two pictures {measured['longest']:.0f} ms"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cards", type=int, default=12)
    parser.add_argument("--side", type=int, default=256)
    parser.add_argument("--frames", type=int, default=300)
    parser.add_argument("--fps", type=int, default=30)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        logdir = pathlib.Path(folder)
        make_waves(logdir, runs=1, tags=asked.cards, steps=asked.frames, side=asked.side)
        print(f"{asked.cards} cards of {asked.side}x{asked.side}, {asked.frames} frames each")
        with tensorboard(logdir) as server:
            play(server, asked.cards, asked.fps)


if __name__ == "__main__":
    main()
