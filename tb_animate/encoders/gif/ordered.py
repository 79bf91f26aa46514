"""Two stages of work on the coming items, while the results of earlier ones are taken."""

from __future__ import annotations

import collections
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

_In = TypeVar("_In")
_Between = TypeVar("_Between")
_Out = TypeVar("_Out")

# Items under way at most: one in each stage, and one that waits for each.
AHEAD = 4


def staged(
    items: Iterable[_In],
    first: Callable[[_In], _Between],
    second: Callable[[_Between], _Out],
) -> Generator[_Out, None, None]:
    """Yields `second(first(item))` for each item, in order.

    Each stage has a thread of its own and works on one item after the other. Items are
    taken in the caller's thread, the second one when the first one's result is out.
    Whatever a stage raises is raised here. Closing the iterator ends both threads, which
    finish no more than the item that they are at.
    """
    one, two = (ThreadPoolExecutor(1, "tb-animate-gif") for _ in range(2))
    pending: collections.deque[Future[_Out]] = collections.deque()
    begun = False
    try:
        for item in items:
            pending.append(two.submit(_continue, one.submit(first, item), second))
            while pending and (not begun or len(pending) == AHEAD or pending[0].done()):
                begun = True
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
    finally:
        # The first stage first: what the second one waits for may not have begun.
        one.shutdown(cancel_futures=True)
        two.shutdown(cancel_futures=True)


def _continue(between: Future[_Between], second: Callable[[_Between], _Out]) -> _Out:
    return second(between.result())
