"""A series' decoded frames, as many at a time as is needed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from tb_animate.jobs import Progress
from tb_animate.kinds import Kind, is_placed
from tb_animate.model import ClipSpec, Frame, FrameIndex

# The one on screen, and the one that it is blended with or gives way to. A trail comes
# on top.
KEPT = 2


class Decoded:
    """The frames of a series that are whole, decoded anew at each iteration, one by one.

    Args:
      progress: called when a frame has been read, before it is decoded; what it raises ends
        the iteration.

    Attributes:
      unread: positions of those that could not be read so far, or not with all that belongs
        to them; see `Frame.unread`.
    """

    def __init__(
        self,
        index: FrameIndex,
        kind: Kind[Any, Any],
        positions: Sequence[int],
        spec: ClipSpec,
        progress: Progress | None = None,
    ) -> None:
        self._index = index
        self._kind = kind
        self._positions = positions
        self._spec = spec
        self._progress = progress
        self.unread: set[int] = set()

    def __length_hint__(self) -> int:
        return len(self._positions)

    def __iter__(self) -> Iterator[Any]:
        return (data for _, data in self.items())

    def items(self) -> Iterator[tuple[int, Any]]:
        """Each with its position."""
        frames = self._index.read(self._positions)
        pairs = zip(self._positions, frames, strict=False)
        for done, (position, frame) in enumerate(pairs, start=1):
            if self._progress is not None:
                self._progress(done, len(self._positions))
            if frame.unread:
                self.unread.add(position)
            if frame.data is None:
                continue
            try:
                data = self._kind.decode(frame, self._spec)
            except ValueError:
                continue  # the clip shows it as broken when it comes to it
            yield position, data


class Reel:
    """Reads and decodes frames when they are asked for, and forgets those that are far.

    Frames of placed kinds come as `scene` places them.
    """

    def __init__(self, index: FrameIndex, kind: Kind[Any, Any], scene: Any, spec: ClipSpec) -> None:
        self._index = index
        self._kind = kind
        self._scene = scene
        self._spec = spec
        self._most = KEPT + kind.trail(spec)
        self._kept: dict[int, tuple[Any, str]] = {}
        self._needed: frozenset[int] = frozenset()

    def need(self, positions: Iterable[int]) -> None:
        """Tells which frames the picture at hand consists of, so that none gives way to another.

        They are as many as the reel keeps at most.
        """
        self._needed = frozenset(positions)

    def get(self, position: int) -> Any | None:
        """The decoded frame, or `None` if it is broken."""
        return self._entry(position)[0]

    def problem(self, position: int) -> str:
        """One plain sentence that says why the frame is broken, or ""."""
        return self._entry(position)[1]

    def fail(self, position: int, problem: str) -> None:
        """Notes that a frame that could be decoded cannot be drawn."""
        self._kept[position] = (None, problem)

    def _entry(self, position: int) -> tuple[Any, str]:
        entry = self._kept.get(position)
        if entry is None:
            while len(self._kept) >= self._most:
                # Clips go frame by frame, either way: what is far is behind. With frames
                # passed over it may also be the next one, beside a trail.
                spare = self._kept.keys() - self._needed or self._kept.keys()
                del self._kept[max(spare, key=lambda kept: abs(kept - position))]
            entry = self._kept[position] = self._read(position)
        return entry

    def _read(self, position: int) -> tuple[Any, str]:
        frame: Frame = next(iter(self._index.read([position])))
        if frame.data is None:
            return None, frame.error or "It could not be read from the log."
        try:
            data = self._kind.decode(frame, self._spec)
            return self._kind.place(self._scene, data) if is_placed(self._kind) else data, ""
        except ValueError as error:
            return None, str(error)
