"""Makes a file fit a number of bytes by the least harmful means.

What a step of the ladder would take is estimated from a few pictures, and found by
halving. Only what seems to fit is encoded whole, into a temporary file, and what that takes
corrects the estimates. The same clip goes the same way, so its bytes are the same everywhere.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator
from typing import IO

from tb_animate import errors, estimate, ladder, scratch
from tb_animate.estimate import Estimate
from tb_animate.export import Plan
from tb_animate.jobs import Progress

# Whole encodings at most, those that are broken off included.
ENCODINGS = 4

# An estimate this far above the limit may be wrong, so that the clip is tried as it is.
DOUBT = 1.2
# How far below the limit an estimate has to lie, and a file that is worth one more try of a
# less harmful step.
MARGIN, SPARE = 0.95, 0.75


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Made:
    """A clip that is ready to be written.

    Attributes:
      plan: of what `pieces` has.
      notes: a sentence for each thing that was done unasked.
      pieces: yields the file, once. Closing it stops the work.
    """

    plan: Plan
    notes: tuple[str, ...]
    pieces: Iterator[bytes]


def make(plan: Plan, progress: Progress | None = None) -> Made:
    """The file of a clip: streamed, or made to fit `max_bytes` where the clip has that.

    Args:
      progress: as of `Plan.encode`; begins anew with each try.

    Raises:
      errors.TooLarge: it cannot be made to fit.
    """
    if plan.spec.max_bytes is None:
        return Made(plan, (), plan.encode(progress))
    return _Fitting(plan, progress).make(plan.spec.max_bytes)


def guess(plan: Plan, progress: Progress | None = None) -> tuple[Plan, Estimate]:
    """About what `make` makes of a clip, and how large, from estimates alone."""
    most = plan.spec.max_bytes
    fitting = _Fitting(plan, progress)
    found = 0
    if most is not None and fitting.estimate(0).size > most:
        found = fitting.first(1, most)
    return fitting.plan(found), fitting.estimate(found)


class _Fitting:
    """The steps of one clip's ladder, by number."""

    def __init__(self, plan: Plan, progress: Progress | None) -> None:
        self._progress = progress
        self._steps = ladder.steps(plan)
        self._plans = {0: plan}
        self._estimates: dict[int, Estimate] = {}
        self._ratio = 1.0  # of a file to its estimate, where one is known

    def plan(self, step: int) -> Plan:
        if step not in self._plans:
            self._plans[step] = self._plans[0].again(self._steps[step])
        return self._plans[step]

    def estimate(self, step: int) -> Estimate:
        if step not in self._estimates:
            self._estimates[step] = estimate.of(self.plan(step), self._progress)
        return self._estimates[step]

    def first(self, low: int, most: int) -> int:
        """The first step from `low` on that seems to fit, or the last that there is."""
        high = self._last()
        low = min(low, high)
        while low < high:
            middle = (low + high) // 2
            if self._fits(middle, MARGIN * most):
                high = middle
            else:
                low = middle + 1
        return low

    def make(self, most: int) -> Made:
        step = 0 if self._fits(0, DOUBT * most) else self.first(1, most)
        too_large = -1
        kept: tuple[int, IO[bytes]] | None = None
        try:
            for left in reversed(range(ENCODINGS)):
                file = self._encoded(step, most)
                if file is None:
                    too_large = step
                    if kept is not None or step == self._last():
                        break
                    # The last try is the one that is surest to fit.
                    step = self._last() if left == 1 else self.first(step + 1, most)
                    continue
                if kept is not None:
                    kept[1].close()
                kept = step, file
                less = self.first(too_large + 1, most)
                if less >= step or file.tell() > SPARE * most:
                    break
                step = less
            if kept is None:
                raise self._cannot(most)
        except BaseException:
            if kept is not None:
                kept[1].close()
            raise
        return self._made(*kept, most)

    def _fits(self, step: int, most: float) -> bool:
        return self.estimate(step).size * self._ratio <= most

    def _last(self) -> int:
        """The last step. Those that leave no room for what the clip has in it are none."""
        while True:
            last = len(self._steps) - 1
            try:
                self.plan(last)
            except errors.AnimateError:
                self._steps.pop()
            else:
                return last

    def _encoded(self, step: int, most: int) -> IO[bytes] | None:
        """The file, at its end; `None` as soon as it takes more than `most` bytes."""
        plan, expected = self.plan(step), self.estimate(step)
        drawn = 0

        def told(done: int, total: int) -> None:
            nonlocal drawn
            drawn = done
            if self._progress is not None:
                self._progress(done, total)

        file = scratch.whole()
        try:
            with scratch.room(), contextlib.closing(plan.encode(told)) as pieces:
                for piece in pieces:
                    file.write(piece)
                    if file.tell() > most:
                        break
            size = file.tell()
            self._ratio = size / expected.up_to(max(drawn, 1))
            if size <= most:
                return file
            # Encoders hold pictures back, and so what is written falls short of what was drawn.
            self._ratio = max(self._ratio, most / expected.size)
        except BaseException:
            file.close()
            raise
        file.close()
        return None

    def _made(self, step: int, file: IO[bytes], most: int) -> Made:
        done = ladder.said(self.plan(0), self.plan(step))
        note = f"Made to fit {units(most)}, with {units(file.tell())}: {done}."
        return Made(self.plan(step), (note,) if done else (), _read(file))

    def _cannot(self, most: int) -> errors.TooLarge:
        last = self._last()
        plan, size = self.plan(last), round(self.estimate(last).size * self._ratio)
        width, height = plan.size
        return errors.TooLarge(
            f"The clip cannot be made to fit {units(most)}: {plan.pictures:,} pictures of "
            f"{width} x {height} pixels still take about {units(max(size, most + 1))}, and less "
            "is not worth watching. Raise max_bytes, choose fewer steps, samples or runs, or "
            "another format."
        )


def units(size: int) -> str:
    """Bytes as people read them, by 1000: 950 bytes, 12.3 kB, 10 MB."""
    if size < 1000:
        return f"{size} bytes"
    number, unit = size / 1000, "kB"
    for larger in ("MB", "GB"):
        if number < 999.5:
            break
        number, unit = number / 1000, larger
    return f"{number:.3g} {unit}"


def _read(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        yield from scratch.pieces(file)
