"""How large a file will be, from a few of its pictures."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from tb_animate.encoders import Picture, Pictures
from tb_animate.export import Plan
from tb_animate.jobs import Progress

# About half a second of drawing and encoding on one core, whatever the size of a picture.
SAMPLE_PIXELS = 3 * 2**20
MOST_PICTURES = 48

# Stretches of neighbours, since most of a picture is told by what differs from the one before.
# Each stands for its third of the clip, from the middle of it.
STRETCHES = 3
LEAST_NEIGHBOURS = 2


@dataclasses.dataclass(frozen=True, slots=True)
class Estimate:
    """A straight line through a few pictures.

    Attributes:
      first: bytes of a file with one picture.
      more: bytes that each further one adds.
      key_every: each so-many-th picture is as large as the first, 0: none is.
      pictures: how many the clip has.
    """

    first: float
    more: float
    key_every: int
    pictures: int

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return self.up_to(self.pictures)

    def up_to(self, pictures: int) -> int:
        """Bytes of a file with so many pictures of the clip."""
        if not pictures:
            return 0
        whole = 1 + ((pictures - 1) // self.key_every if self.key_every else 0)
        return round(self.first * whole + self.more * (pictures - whole))


def of(plan: Plan, progress: Progress | None = None) -> Estimate:
    """Encodes a few pictures of a clip. The same clip gives the same estimate.

    Args:
      progress: called before and after each picture, with nothing done of all; what it raises
        ends the work.
    """

    def told(done: int, total: int) -> None:
        if progress is not None:
            progress(0, plan.pictures)

    each = plan.size[0] * plan.size[1]
    most = min(max(SAMPLE_PIXELS // each, LEAST_NEIGHBOURS), MOST_PICTURES)
    if plan.pictures <= most:
        stretches = [(0, plan.pictures)]
    else:
        count = min(max(most // LEAST_NEIGHBOURS, 1), STRETCHES)
        length = most // count
        middles = [(2 * nth + 1) * plan.pictures // (2 * count) for nth in range(count)]
        starts = [min(max(m - length // 2, 0), plan.pictures - length) for m in middles]
        stretches = [(start, start + length) for start in starts]
    firsts, more = [], []
    for start, stop in stretches:
        pictures = list(plan.some(start, stop, told))
        firsts.append(_encoded(plan, pictures[:1]))
        if len(pictures) > 1:
            # Video codecs spend the first pictures after a whole one on what that one lacks.
            half = len(pictures) // 2
            begun = _encoded(plan, pictures[:half]) if half > 1 else firsts[-1]
            more.append((_encoded(plan, pictures) - begun) / (len(pictures) - half))
    return Estimate(_mean(firsts), _mean(more), plan.encoder.key_every, plan.pictures)


def _encoded(plan: Plan, pictures: Sequence[Picture]) -> int:
    seconds = sum(picture.duration for picture in pictures)
    names = tuple(track.series.run for track in plan.tracks)
    some = Pictures(iter(pictures), len(pictures), seconds, names)
    return sum(map(len, plan.encoder.encode(some, plan.size, plan.spec.loop)))


def _mean(numbers: Sequence[float]) -> float:
    return sum(numbers) / len(numbers) if numbers else 0.0
