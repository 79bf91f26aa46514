"""Which frames a page shows, in which order: looked at for every picture of the display."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

# By run: [frame, whether its card told its step meanwhile], as often as the frame changed. The
# words are drawn a moment before the picture or after it. Steps count from 0, as frames do.
WATCH = """() => {
    const seen = (window.seenFrames = {});
    requestAnimationFrame(function picture() {
        requestAnimationFrame(picture);
        for (const card of document.querySelectorAll(".card")) {
            const canvas = card.querySelector("canvas.picture[data-index]");
            if (!canvas) continue;
            const list = (seen[card.querySelector(".run").textContent] ??= []);
            const index = Number(canvas.dataset.index);
            if (list.at(-1)?.[0] !== index) list.push([index, false]);
            const step = /step ([0-9,]+)/.exec(card.textContent)?.[1].replaceAll(",", "");
            if (step === String(index)) list.at(-1)[1] = true;
        }
    });
}"""

SEEN = "() => window.seenFrames"


def faults(seen: Mapping[str, Sequence[Any]], frames: int) -> list[str]:
    """What differs from each frame once, in order, up to the last.

    Args:
      seen: as `SEEN` returns it.
      frames: how many each run has logged.
    """
    found = []
    for run, shown in sorted(seen.items()):
        order = [index for index, _ in shown]
        found += [
            f"{run}: frame {after} came after {before}"
            for before, after in itertools.pairwise(order)
            if after != before + 1
        ]
        if not order or order[-1] != frames - 1:
            found.append(f"{run}: the last frame seen is {order[-1:]}, of {frames}")
        found += [f"{run}: frame {index} was without its step" for index, told in shown if not told]
    return found
