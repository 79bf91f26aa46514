"""What one clip may be, and the sentences for what it may not."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tb_animate import errors, fields, kinds
from tb_animate.encoders.base import Encoder
from tb_animate.model import ClipSpec, Series

# More than anyone watches: half an hour at the fastest rate of a GIF.
MAX_PICTURES = 100_000

# Ten to twenty minutes of drawing and encoding on one core.
MAX_CLIP_PIXELS = 4_000_000_000


def check_rate(spec: ClipSpec, encoder: Encoder) -> None:
    rate = spec.fps * (spec.tween + 1)
    if rate > encoder.max_fps + 1e-6:
        between = f" with {spec.tween} pictures between frames" if spec.tween else ""
        mend = "fps or tween" if spec.tween else "fps"
        raise errors.AnimateError(
            f"fps {spec.fps:g}{between} makes {rate:g} pictures per second, and "
            f"{encoder.name} keeps at most {encoder.max_fps:g}; lower {mend}."
        )


def check_series(series: Sequence[Series], spec: ClipSpec) -> None:
    """What is asked of series must be there: every option, and the sample in each."""
    check_options(series, spec)
    for one in series:
        check_sample(one, spec)


def check_sample(series: Series, spec: ClipSpec) -> None:
    if spec.sample is not None and spec.sample >= series.samples:
        have = "1 sample" if series.samples == 1 else f"{series.samples} samples"
        raise errors.AnimateError(
            f"There is no sample {spec.sample}: {series.tag!r} of run {series.run!r} has "
            f"{have}, counted from 0."
        )


def check_options(series: Sequence[Series], spec: ClipSpec) -> None:
    """Every option that is given must mean something to one of the series."""
    there = {one.kind for one in series}
    for name in spec.options:
        having, field = fields.of_kinds()[name]
        if there.isdisjoint(having):
            first = series[0]
            *others, last = kinds.words(having)
            titles = f"{', '.join(others)} and {last}" if others else last
            raise errors.AnimateError(
                f"{field.name} is an option of {titles}, and "
                f"{first.tag!r} of run {first.run!r} is none of them; leave it out."
            )


def nothing_there(steps: NDArray[np.int64], spec: ClipSpec) -> errors.AnimateError:
    if not len(steps):
        return errors.AnimateError("No frame has been logged yet; try again later.")
    start = "" if spec.start_step is None else f" from step {spec.start_step}"
    end = "" if spec.end_step is None else f" up to step {spec.end_step}"
    return errors.AnimateError(
        f"No frame lies in the range{start}{end}; the logged steps go from {steps[0]} to "
        f"{steps[-1]}."
    )


def check_pictures(pictures: int) -> None:
    if pictures > MAX_PICTURES:
        raise errors.TooLarge(
            f"The clip would have {pictures:,} pictures, and {MAX_PICTURES:,} is the most; "
            "lower max_frames or tween, or raise every."
        )


def check_pixels(pictures: int, size: tuple[int, int]) -> None:
    each = size[0] * size[1]
    if pictures * each > MAX_CLIP_PIXELS:
        raise errors.TooLarge(
            f"{pictures:,} pictures of {size[0]} x {size[1]} pixels are too much for one clip; "
            f"at this size {MAX_CLIP_PIXELS // each:,} is the most. Lower max_frames or tween, "
            "or ask for a smaller width or height."
        )
