"""A series' decoded frames, as many at a time as a picture needs."""

from __future__ import annotations

from typing import Any

from tb_animate.kinds.base import Kind
from tb_animate.model import ClipSpec, Frame, FrameIndex

# The one on screen, and the one that it is blended with or gives way to. A trail comes
# on top.
KEPT = 2


class Reel:
    """Reads and decodes frames when they are asked for, and forgets those that are far."""

    def __init__(self, index: FrameIndex, kind: Kind[Any, Any], spec: ClipSpec) -> None:
        self._index = index
        self._kind = kind
        self._spec = spec
        self._most = KEPT + kind.trail(spec)
        self._kept: dict[int, tuple[Any, str]] = {}

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
                # Clips go frame by frame, either way: what is far is behind.
                del self._kept[max(self._kept, key=lambda kept: abs(kept - position))]
            entry = self._kept[position] = self._read(position)
        return entry

    def _read(self, position: int) -> tuple[Any, str]:
        frame: Frame = next(iter(self._index.read([position])))
        if frame.data is None:
            return None, frame.error or "It could not be read from the log."
        try:
            return self._kind.decode(frame, self._spec), ""
        except ValueError as error:
            return None, str(error)
