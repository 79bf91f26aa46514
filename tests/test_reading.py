"""Logs of which one look takes longer than anybody waits at a time."""

from __future__ import annotations

import threading
import time
import types
from collections.abc import Callable, Iterator

import pytest

from memory_source import MemorySource
from tb_animate import api, clip_routes, errors
from tb_animate.model import Source
from tb_animate.sources import reading as module
from tb_animate.sources.reading import NEVER, Reading


class Slow:
    """A scan that ends when the test says so.

    Attributes:
      begun: counts the looks.
    """

    rest = 0.0

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.begun = threading.Semaphore(0)
        self.finish = threading.Semaphore(0)

    def run(self) -> bool:
        self.begun.release()
        return self.finish.acquire(timeout=60)

    def stop(self) -> None:
        self.finish.release()


@pytest.fixture
def slow() -> Iterator[tuple[Reading, Slow]]:
    scan = Slow()
    reading = Reading(scan)
    yield reading, scan
    reading.close()


def test_whoever_waits_in_parts_needs_one_look_only(slow: tuple[Reading, Slow]) -> None:
    reading, scan = slow
    begun = time.monotonic()
    assert not reading.wait(0, begun)
    assert scan.begun.acquire(timeout=60)
    assert not any(reading.wait(0, begun) for _ in range(5))
    scan.finish.release()
    assert reading.wait(60, begun)
    assert not scan.begun.acquire(blocking=False)


def test_a_coarse_clock_costs_no_second_look(
    slow: tuple[Reading, Slow], monkeypatch: pytest.MonkeyPatch
) -> None:
    reading, scan = slow
    monkeypatch.setattr(module, "time", types.SimpleNamespace(monotonic=lambda: 7.0))
    assert not reading.wait(0)
    scan.finish.release()
    assert reading.wait(60, 7.0)
    assert scan.begun.acquire(timeout=60)
    assert not scan.begun.acquire(blocking=False)


def test_what_was_logged_during_a_look_needs_another(slow: tuple[Reading, Slow]) -> None:
    reading, scan = slow
    assert not reading.wait(0)
    assert scan.begun.acquire(timeout=60)
    logged = time.monotonic()
    assert not reading.wait(0, logged)
    scan.finish.release()
    assert scan.begun.acquire(timeout=60)
    assert not reading.wait(0, logged)
    scan.finish.release()
    assert reading.wait(60, logged)


def test_that_all_was_read_once_stays_true(slow: tuple[Reading, Slow]) -> None:
    reading, scan = slow
    assert not reading.wait(0, NEVER)
    scan.finish.release()
    assert reading.wait(60, NEVER)
    scan.begun.acquire()
    assert not reading.wait(0)
    assert reading.wait(0, NEVER)


class Patient(MemorySource):
    """A source that has read all, for whoever has asked for long enough since one time."""

    def __init__(self, calls: int) -> None:
        super().__init__([])
        self.since: list[float | None] = []
        self._calls = calls

    def wait(self, timeout: float | None = None, since: float | None = None) -> bool:
        self.since.append(since)
        return self.since.count(since) >= self._calls


@pytest.mark.parametrize("wait", [api._wait, lambda source: clip_routes.wait(source, lambda: None)])
def test_commands_and_clips_wait_for_the_logs_as_they_were_at_first(
    wait: Callable[[Source], None],
) -> None:
    source = Patient(3)
    wait(source)
    assert source.since[0] is not None
    assert len(source.since) == 3


def test_a_clip_is_put_off_where_the_logs_take_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clip_routes, "WAIT_SECONDS", 0.01)
    with pytest.raises(errors.Busy, match="still being read"):
        clip_routes.wait(Patient(10**9), lambda: None)
