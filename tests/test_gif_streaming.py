"""The GIF encoder's threads: order, memory, and that nothing of them stays."""

from __future__ import annotations

import gc
import threading
import tracemalloc
from collections.abc import Iterator

import numpy as np
import pytest

from gif_clips import natural
from tb_animate.encoders import Picture, Pictures
from tb_animate.encoders.gif import GifEncoder, ordered

COUNT = 40


class Drawing:
    """Pictures, and how many of them have been drawn."""

    def __init__(self, fails: int | None = None) -> None:
        self.drawn = 0
        self._fails = fails

    def _make(self) -> Iterator[Picture]:
        for nth in range(COUNT):
            if nth == self._fails:
                raise ConnectionAbortedError
            self.drawn += 1
            yield Picture(natural(nth % 3, 64, 64), 0.1)

    def encode(self) -> Iterator[bytes]:
        pictures = Pictures(self._make(), COUNT, COUNT / 10)
        return GifEncoder().encode(pictures, (64, 64), "forever")


def _threads() -> int:
    return sum(thread.name.startswith("tb-animate-gif") for thread in threading.enumerate())


def test_the_first_picture_leaves_before_the_next_is_drawn() -> None:
    drawing = Drawing()
    pieces = drawing.encode()
    assert next(pieces).startswith(b"GIF89a")
    assert next(pieces)
    assert drawing.drawn == 1


def test_few_pictures_are_under_way() -> None:
    drawing = Drawing()
    pieces = drawing.encode()
    next(pieces)
    for done in range(1, COUNT + 1):
        assert next(pieces)
        assert done <= drawing.drawn < done + ordered.AHEAD
    assert next(pieces) == b"\x3b"
    assert next(pieces, None) is None
    assert _threads() == 0


@pytest.mark.parametrize("taken", [0, 1, 2, 5])
def test_closing_ends_the_threads(taken: int) -> None:
    drawing = Drawing()
    pieces = drawing.encode()
    for _ in range(taken):
        next(pieces)
    pieces.close()  # type: ignore[attr-defined]
    assert _threads() == 0
    assert drawing.drawn <= taken + ordered.AHEAD


def test_forgetting_ends_the_threads() -> None:
    pieces = Drawing().encode()
    next(pieces)
    assert _threads() > 0
    del pieces
    gc.collect()
    assert _threads() == 0


def test_what_drawing_raises_is_raised_and_ends_the_threads() -> None:
    pieces = Drawing(fails=5).encode()
    with pytest.raises(ConnectionAbortedError):
        list(pieces)
    assert _threads() == 0


@pytest.mark.parametrize("stage", [0, 1])
def test_what_a_stage_raises_is_raised_in_its_turn(stage: int) -> None:
    def work(item: int) -> int:
        if item == 3:
            raise ValueError("the third")
        return item

    def plain(item: int) -> int:
        return item

    found: list[int] = []
    stages = (work, plain) if stage == 0 else (plain, work)
    with pytest.raises(ValueError, match="the third"):
        found.extend(ordered.staged(range(9), *stages))
    assert found == [0, 1, 2]
    assert _threads() == 0


def test_what_is_under_way_ends_with_the_picture_at_hand() -> None:
    begun = []
    at_work, go_on = threading.Event(), threading.Event()

    def first(item: int) -> int:
        begun.append(item)
        if item == 1:
            at_work.set()
            go_on.wait(60)
        return item

    def items() -> Iterator[int]:
        yield from range(3)
        at_work.wait(60)
        threading.Timer(0.05, go_on.set).start()
        raise ConnectionAbortedError

    with pytest.raises(ConnectionAbortedError):
        list(ordered.staged(items(), first, lambda item: item))
    assert begun == [0, 1]
    assert _threads() == 0


def test_memory_does_not_grow_with_length() -> None:
    def peak(count: int) -> int:
        def pictures() -> Iterator[Picture]:
            rng = np.random.default_rng(0)
            for nth in range(count):
                channels = 1 if nth % 10 else 3  # an exact palette mostly, a fitted one at times
                pixels = rng.integers(0, 256, (64, 64, channels), dtype=np.uint8)
                yield Picture(np.broadcast_to(pixels, (64, 64, 3)), 0.1)

        tracemalloc.start()
        try:
            for _ in GifEncoder().encode(Pictures(pictures(), count, count / 10), (64, 64), "once"):
                pass
            # The tables of colours are reserved whole, though hardly any of them is touched.
            return tracemalloc.get_traced_memory()[1] - 3 * (1 << 24)
        finally:
            tracemalloc.stop()

    peak(2)
    # What is under way at one moment differs; keeping each picture would be four times as much.
    assert 0 < peak(600) < 2 * peak(30)
