"""The ways to a smaller file, from the least harmful on. Each step keeps those before it.

Pictures between frames go first, which only make it smoother; then frames, as long as one
still sees movement; then size, as long as one sees what it is; then more of both.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from tb_animate.export import Plan
from tb_animate.model import ClipSpec

# Frames per second, and pixels of the longer side, that are not gone below: first, then after all.
RATES = (5.0, 2.0)
SIDES = (320, 128)

# Of each step in size: 0.7 of the pixels.
SCALE = 0.84


def steps(plan: Plan) -> list[ClipSpec]:
    """Clips of the same series, each no larger a file than the one before; first `plan`'s own."""
    return [plan.spec, *_smaller(plan)]


def said(plan: Plan, fitted: Plan) -> str:
    """What was done to a clip, as the end of a sentence; "" for nothing."""
    spec, new = plan.spec, fitted.spec
    done = []
    if new.tween != spec.tween:
        done.append(f"{new.tween} instead of {spec.tween} pictures between frames")
    if len(fitted.parts) != len(plan.parts):
        done.append(
            f"{len(fitted.parts):,} instead of {len(plan.parts):,} frames, at {new.fps:.3g} "
            f"instead of {spec.fps:.3g} a second"
        )
    if fitted.size != plan.size:
        before, after = (f"{width} x {height}" for width, height in (plan.size, fitted.size))
        done.append(f"{after} instead of {before} pixels")
    return "; ".join(done)


def _smaller(plan: Plan) -> Iterator[ClipSpec]:
    spec, frames = plan.spec, len(plan.parts)
    while spec.tween:
        spec = dataclasses.replace(spec, tween=spec.tween // 2)
        yield spec
    longer = max(plan.size)
    side = float(longer)
    for least_rate, least_side in zip(RATES, SIDES, strict=True):
        while frames > 2 and _thinned(plan, (frames + 1) // 2).fps >= least_rate:
            frames = (frames + 1) // 2
            thin = _thinned(plan, frames)
            spec = dataclasses.replace(spec, max_frames=frames, fps=thin.fps)
            yield spec
        while side > least_side:
            side = max(side * SCALE, least_side)
            width, height = _sides(plan, side / longer)
            spec = dataclasses.replace(spec, width=width, height=height)
            yield spec


def _thinned(plan: Plan, frames: int) -> ClipSpec:
    """So many frames, evenly spread, in the time that all of them had."""
    bounces = plan.spec.loop == "bounce"
    before, after = len(plan.parts) - bounces, frames - bounces
    return dataclasses.replace(plan.spec, max_frames=frames, fps=plan.spec.fps * after / before)


def _sides(plan: Plan, scale: float) -> tuple[int | None, int | None]:
    """The width and the height to ask for: of what is asked for already, else of the width."""
    width, height = (max(2 * round(side * scale / 2), 2) for side in plan.size)  # for videos
    spec = plan.spec
    if spec.height is None:
        return width, None
    return (None if spec.width is None else width), height
