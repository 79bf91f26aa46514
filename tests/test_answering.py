"""Clips that give way to other answers."""

from __future__ import annotations

import threading
import types

import pytest
from werkzeug import test, wrappers

from tb_animate import answering


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time that clips go by, which the test sets."""
    now = [0.0]
    monkeypatch.setattr(answering, "time", types.SimpleNamespace(monotonic=lambda: now[0]))
    return now


class Answer:
    """An answer in another thread, which is given until the test ends it."""

    def __init__(self, counting: answering.Answering) -> None:
        self._begun, self._end = threading.Event(), threading.Event()
        request = wrappers.Request(test.EnvironBuilder().get_environ())
        self._thread = threading.Thread(target=counting.counted(self._handle), args=(request,))
        self._thread.start()
        assert self._begun.wait(60)

    def _handle(self, request: wrappers.Request) -> wrappers.Response:
        self._begun.set()
        assert self._end.wait(60)
        return wrappers.Response()

    def end(self) -> None:
        self._end.set()
        self._thread.join(60)


def waits(counting: answering.Answering, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds of each wait that is asked for."""
    asked: list[float] = []
    plain = counting._none.wait_for

    def wait_for(condition: object, timeout: float) -> bool:
        asked.append(timeout)
        return plain(condition, min(timeout, 0.001))  # type: ignore[arg-type]

    monkeypatch.setattr(counting._none, "wait_for", wait_for)
    return asked


def test_a_clip_goes_on_at_once_where_nobody_asks(
    clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    counting = answering.Answering()
    monkeypatch.setattr(answering, "MAX_PAUSE_SECONDS", 3600.0)
    Answer(counting).end()
    pause = counting.pauses()
    clock[0] += 3600.0
    clip = threading.Thread(target=pause, daemon=True)
    clip.start()
    clip.join(60)
    assert not clip.is_alive()


def test_a_clip_waits_for_an_answer_as_long_as_it_worked(
    clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    counting = answering.Answering()
    asked = waits(counting, monkeypatch)
    pause = counting.pauses()
    answer = Answer(counting)
    for worked in (0.02, 0.1, 3.0):
        clock[0] += worked
        pause()
    answer.end()
    assert asked == pytest.approx([0.02, 0.1, answering.MAX_PAUSE_SECONDS])


def test_a_clip_goes_on_when_the_last_answer_is_given(
    clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answering, "MAX_PAUSE_SECONDS", 3600.0)
    counting = answering.Answering()
    answers = [Answer(counting), Answer(counting)]
    pause = counting.pauses()
    clock[0] += 3600.0
    clip = threading.Thread(target=pause, daemon=True)
    clip.start()
    for answer in answers:
        assert clip.is_alive()
        answer.end()
    clip.join(60)
    assert not clip.is_alive()


def test_an_answer_that_fails_is_over() -> None:
    counting = answering.Answering()

    def fail(request: wrappers.Request) -> wrappers.Response:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        counting.counted(fail)(wrappers.Request(test.EnvironBuilder().get_environ()))
    assert counting._count == 0
