"""Scenes of placed kinds: fitted once, kept, extended, and made in the background if slow."""

from __future__ import annotations

import dataclasses
import threading
import types
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pytest

import servers
from memory_source import MemoryIndex, images
from tb_animate import errors, jobs, scene_cache
from tb_animate.jobs import Pending
from tb_animate.model import ClipSpec, Frame
from tb_animate.scene_cache import Scenes

SLOW = ClipSpec(options={"method": "slow"})
PLAIN = ClipSpec()


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scene_cache, "WAIT_SECONDS", 0.0)
    monkeypatch.setattr(scene_cache, "POLL_SECONDS", 0.01)


class Kind:
    """A placed kind whose scenes tell how they came about; its other parts are not asked for."""

    fit_frames = 5

    def __init__(self) -> None:
        self.fits: list[tuple[list[int], Any]] = []
        self.during: Callable[[Any], None] = lambda progress: None

    def decode(self, frame: Frame, spec: ClipSpec) -> int:
        return frame.step

    def fitted(self, spec: ClipSpec) -> str:
        return str(spec.options.get("method", "plain"))

    def slow(self, spec: ClipSpec) -> bool:
        return self.fitted(spec) == "slow"

    def fit(
        self, frames: Iterable[int], spec: ClipSpec, *, before: Any = None, progress: Any = None
    ) -> dict[str, Any]:
        steps = list(frames)
        assert steps == list(frames), "can be iterated again"
        self.fits.append((steps, before))
        nth = len(self.fits)
        self.during(progress)
        return {"fit": nth, "extended": []}

    def extend(self, scene: dict[str, Any], frames: Iterable[int], spec: ClipSpec) -> Any:
        return {**scene, "extended": [*scene["extended"], list(frames)]}

    def dress(self, scene: dict[str, Any], spec: ClipSpec) -> dict[str, Any]:
        return {**scene, "dressed": spec.options.get("color", "")}

    def weight(self, scene: dict[str, Any]) -> int:
        return 10


def _index(count: int, tag: str = "tag", generation: str = "1") -> MemoryIndex:
    index = images({n: [b""] for n in range(count)}, tag=tag)
    index.generation = generation
    return index


def _get(kept: Scenes, index: MemoryIndex, kind: Any, spec: ClipSpec = PLAIN, **more: Any) -> Any:
    return kept.get(index, kind, spec, **more)


def _ask(kept: Scenes, index: MemoryIndex, kind: Any, spec: ClipSpec = SLOW) -> Any:
    return kept.ask(index, kind, spec)


def _in_threads(count: int, work: Callable[[], Any]) -> list[Any]:
    found: list[Any] = []
    threads = [threading.Thread(target=lambda: found.append(work())) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return found


def test_a_scene_is_fitted_once_whoever_asks() -> None:
    kept, kind, index = Scenes(), Kind(), _index(20)
    asked = threading.Barrier(8)

    def work() -> Any:
        asked.wait()
        return _get(kept, index, kind).scene["fit"]

    assert _in_threads(8, work) == [1] * 8
    assert [steps for steps, _ in kind.fits] == [[0, 5, 10, 14, 19]]
    dressed = _get(kept, index, kind, ClipSpec(options={"color": "label"}))
    assert (dressed.scene["fit"], dressed.scene["dressed"]) == (1, "label")
    assert (dressed.frames, dressed.looked_at) == (20, 5)
    assert _get(kept, index, kind).scene["dressed"] == ""


def test_others_do_not_wait_for_a_fit() -> None:
    kept, kind, first, second = Scenes(), Kind(), _index(3, "a"), _index(4, "b")
    begun, goes_on = threading.Event(), threading.Event()

    def during(progress: Any) -> None:
        if len(kind.fits) == 1:
            begun.set()
            assert goes_on.wait(30)

    kind.during = during
    thread = threading.Thread(target=lambda: _get(kept, first, kind))
    thread.start()
    assert begun.wait(30)
    assert _get(kept, second, kind).scene["fit"] == 2
    goes_on.set()
    thread.join(30)
    assert _get(kept, first, kind).scene["fit"] == 1


def test_what_fails_is_tried_again() -> None:
    kept, kind, index = Scenes(), Kind(), _index(3)
    kind.during = lambda progress: 1 / 0  # type: ignore[assignment, return-value]
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            _get(kept, index, kind)
    kind.during = lambda progress: None
    assert _get(kept, index, kind).scene["fit"] == 3


def test_a_growing_series_is_extended_until_it_is_half_as_long_again() -> None:
    kept, kind = Scenes(), Kind()
    assert _get(kept, _index(4), kind).scene["extended"] == []
    five = _get(kept, _index(5), kind)
    assert five.scene["extended"] == [[4]]
    assert (five.frames, five.looked_at, five.fitted) == (5, 5, 4)
    assert _get(kept, _index(6), kind).scene["extended"] == [[4], [5]]
    # A page that opened the series earlier has what there is by now.
    assert _get(kept, _index(4), kind).scene["extended"] == [[4], [5]]
    seven = _get(kept, _index(7), kind)
    assert (seven.scene["fit"], seven.scene["extended"]) == (2, [])
    steps, before = kind.fits[-1]
    assert steps == [0, 2, 3, 5, 6]
    assert before["extended"] == [[4], [5]]


def test_many_appended_frames_are_looked_at_evenly() -> None:
    kept, kind = Scenes(), Kind()
    _get(kept, _index(100), kind)
    assert _get(kept, _index(141), kind).scene["extended"] == [[100, 110, 120, 130, 140]]


def test_an_empty_series_that_fills() -> None:
    kept, kind = Scenes(), Kind()
    assert _get(kept, _index(0), kind).frames == 0
    assert _get(kept, _index(1), kind).scene["fit"] == 2


def test_another_generation_begins_anew() -> None:
    kept, kind = Scenes(), Kind()
    _get(kept, _index(4), kind)
    assert _get(kept, _index(4, generation="2"), kind).scene["fit"] == 2
    assert kind.fits[-1][1] is None
    assert len(kept._places) == 1


def test_it_is_bounded_by_number_and_by_size() -> None:
    for kept in (Scenes(most=2), Scenes(most_bytes=20)):
        kind = Kind()
        for tag in "abac":  # b has not been asked for longest
            _get(kept, _index(3, tag), kind)
        assert len(kind.fits) == 3
        _get(kept, _index(3, "a"), kind)
        assert len(kind.fits) == 3
        _get(kept, _index(3, "b"), kind)
        assert len(kind.fits) == 4


class Work:
    """Holds a slow fit until it is let go, and lets it tell how far it is."""

    def __init__(self, kind: Kind) -> None:
        self.begun, self.goes_on = threading.Event(), threading.Event()
        self.running = self.most = 0
        kind.during = self.during

    def during(self, progress: Any) -> None:
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            progress(3, 10)
            self.begun.set()
            while not self.goes_on.wait(0.01):
                progress(3, 10)
        finally:
            self.running -= 1


def _done(kept: Scenes, index: MemoryIndex, kind: Kind) -> Any:
    """The scene, when it is there."""

    def ready() -> Any:
        found = _ask(kept, index, kind)
        return None if isinstance(found, Pending) else found

    return servers.until(ready, "the scene is fitted")


def test_a_slow_fit_tells_how_far_it_is_and_is_kept() -> None:
    kept, kind, index = Scenes(), Kind(), _index(4)
    work = Work(kind)
    assert isinstance(_ask(kept, index, kind), Pending)
    assert work.begun.wait(30)
    assert _ask(kept, index, kind) == Pending(3, 10)
    # Whatever else is asked for does not wait.
    kind.during = lambda progress: None
    assert _get(kept, _index(4, "other"), kind).scene["fit"] == 2
    work.goes_on.set()
    assert _done(kept, index, kind).scene["fit"] == 1
    assert _get(kept, index, kind, SLOW).scene["fit"] == 1
    assert len(kind.fits) == 2


def test_slow_fits_run_one_at_a_time() -> None:
    kept, kind = Scenes(), Kind()
    work = Work(kind)
    indexes = [_index(4, tag) for tag in "abc"]
    for index in indexes:
        _ask(kept, index, kind)
    assert work.begun.wait(30)
    assert _ask(kept, indexes[2], kind).total in (0, 10)
    work.goes_on.set()
    for index in indexes:
        _done(kept, index, kind)
    assert (work.most, len(kind.fits)) == (1, 3)


def test_too_many_slow_fits_are_told_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "MAX_JOBS", 1)
    kept, kind = Scenes(), Kind()
    work = Work(kind)
    _ask(kept, _index(4, "a"), kind)
    with pytest.raises(errors.Busy, match=r"^1 projections .* Try again"):
        _ask(kept, _index(4, "b"), kind)
    work.goes_on.set()
    _done(kept, _index(4, "a"), kind)
    servers.until(lambda: not kept._jobs._unfinished, "the job is over")
    _ask(kept, _index(4, "b"), kind)


def test_a_slow_fit_can_be_stopped() -> None:
    kept, kind, index = Scenes(), Kind(), _index(4)
    work = Work(kind)
    assert not kept.stop(index, kind, SLOW)  # type: ignore[arg-type]
    _ask(kept, index, kind)
    assert work.begun.wait(30)
    assert kept.stop(index, kind, SLOW)  # type: ignore[arg-type]
    servers.until(lambda: not work.running, "it is stopped")
    work.goes_on.set()
    assert _done(kept, index, kind).scene["fit"] == 2


def test_a_slow_fit_of_frames_that_are_others_now_is_stopped() -> None:
    kept, kind = Scenes(), Kind()
    work = Work(kind)
    for generation in "1234567890":  # more than may be computed or wait for it
        servers.until(lambda: kept._jobs._unfinished < 2, "the one before the last is over")
        assert isinstance(_ask(kept, _index(4, generation=generation), kind), Pending)
    assert len(kept._places) == 1
    servers.until(lambda: kept._jobs._unfinished == 1, "only the last one is wanted")
    work.goes_on.set()
    newest = _index(4, generation="0")
    assert _done(kept, newest, kind).frames == 4
    assert (work.running, work.most) == (0, 1)


def test_nor_is_one_begun_for_them() -> None:
    """Whoever asks may have looked for its place before others found the log replaced."""
    kept, kind, old = Scenes(), Kind(), _index(4)
    work = Work(kind)
    place = kept._place(old, kind, SLOW)  # type: ignore[arg-type]
    _ask(kept, _index(4, generation="2"), kind)
    assert work.begun.wait(30)
    with place.lock:
        job = kept._advance(place, old, kind, SLOW, None)  # type: ignore[arg-type]
    assert isinstance(job, jobs.Job)
    assert job.is_stopped
    work.goes_on.set()


def test_whoever_waits_for_a_fit_that_is_stopped_is_told() -> None:
    kept, kind, index = Scenes(), Kind(), _index(4)
    Work(kind)

    def stop(done: int, total: int) -> None:
        kept.stop(index, kind, SLOW)  # type: ignore[arg-type]

    _ask(kept, index, kind)
    with pytest.raises(
        errors.AnimateError, match=r"stopped before it was done; ask for it again\."
    ):
        _get(kept, index, kind, SLOW, progress=stop)


def test_a_slow_fit_that_fails_says_why_and_nothing_is_stuck() -> None:
    kept, kind, index = Scenes(), Kind(), _index(4)

    def during(progress: Any) -> None:
        raise errors.AnimateError("A library is missing; install it.")

    kind.during = during
    for _ in range(2):
        with pytest.raises(errors.AnimateError, match="install it"):
            _done(kept, index, kind)
        with pytest.raises(errors.AnimateError, match="install it"):
            _get(kept, index, kind, SLOW)
    kind.during = lambda progress: None
    assert _done(kept, index, kind).scene["fit"] == 5


def test_whoever_waits_for_a_slow_fit_hears_of_it_and_can_leave() -> None:
    kept, kind, index = Scenes(), Kind(), _index(4)
    work = Work(kind)

    def leave(done: int, total: int) -> None:
        if total:
            assert (done, total) == (3, 10)
            raise ConnectionAbortedError

    with pytest.raises(ConnectionAbortedError):
        _get(kept, index, kind, SLOW, progress=leave)
    servers.until(lambda: not work.running, "nobody wants it any more")
    servers.until(lambda: not kept._jobs._unfinished, "the job is over")
    # One that a page waits for goes on.
    _ask(kept, index, kind)
    with pytest.raises(ConnectionAbortedError):
        _get(kept, index, kind, SLOW, progress=leave)
    work.goes_on.set()
    assert _done(kept, index, kind).scene["fit"] == 2


def test_while_a_slow_scene_is_renewed_the_one_before_stays() -> None:
    kept, kind = Scenes(), Kind()
    assert _get(kept, _index(4), kind, SLOW).scene["fit"] == 1
    work = Work(kind)
    grown = _index(10)
    found = _ask(kept, grown, kind)
    assert (found.scene["fit"], found.scene["extended"]) == (1, [[4, 5, 7, 8, 9]])
    assert work.begun.wait(30)
    assert _ask(kept, grown, kind).scene["fit"] == 1
    work.goes_on.set()
    servers.until(lambda: _ask(kept, grown, kind).scene["fit"] == 2, "it is renewed")
    assert kind.fits[-1][1]["fit"] == 1
    assert len(kind.fits) == 2


def test_a_renewal_that_fails_leaves_the_one_before() -> None:
    kept, kind = Scenes(), Kind()
    _get(kept, _index(4), kind, SLOW)
    kind.during = lambda progress: 1 / 0  # type: ignore[assignment, return-value]
    grown = _index(10)
    assert _ask(kept, grown, kind).scene["fit"] == 1
    servers.until(lambda: not kept._jobs._unfinished, "the job is over")
    assert _ask(kept, grown, kind).scene["fit"] == 1
    assert len(kind.fits) == 2, "it is not tried again at once"


# --- frames that cannot be read ---------------------------------------------------------


def _lacking(index: MemoryIndex, *unread: int) -> MemoryIndex:
    """The same series while these frames cannot be read."""
    frames = [
        dataclasses.replace(one, data=None, error="It is away.", unread=True)
        if n in unread
        else one
        for n, one in enumerate(index._frames)
    ]
    lacking = MemoryIndex(index.series, frames)
    lacking.generation = index.generation
    return lacking


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What could not be read is asked for again with every look."""
    monkeypatch.setattr(scene_cache, "RETRY_SECONDS", 0.0)


def test_a_renewal_with_such_frames_that_fails_is_put_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [0.0]
    monkeypatch.setattr(scene_cache, "time", types.SimpleNamespace(monotonic=lambda: now[0]))
    kept, kind, whole = Scenes(), Kind(), _index(5)
    _get(kept, _lacking(whole, 1), kind, SLOW)
    tried: list[float] = []

    def fail(progress: Any) -> None:
        # It takes longer than what is waited between two tries.
        now[0] += 10 * scene_cache.RETRY_SECONDS
        tried.append(now[0])
        if len(tried) < 5:
            raise MemoryError

    kind.during = fail
    now[0] += 10 * scene_cache.RETRY_SECONDS
    assert _get(kept, whole, kind, SLOW).unread == (1,)
    assert len(tried) == 1


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("spec", [PLAIN, SLOW], ids=["plain", "slow"])
def test_frames_that_can_be_read_again_come_into_the_scene(spec: ClipSpec) -> None:
    kept, kind, whole = Scenes(), Kind(), _index(5)
    first = _get(kept, _lacking(whole, 1, 3), kind, spec)
    assert (first.unread, first.looked_at, first.frames) == ((1, 3), 3, 5)
    assert kind.fits[0][0] == [0, 2, 4]
    before = kept.generation(whole)
    for _ in range(3):
        again = _lacking(whole, 1, 3)
        assert _get(kept, again, kind, spec).scene["fit"] == 1
        assert len(again.reads) == 1, "one is asked for, and nothing is fitted"
        assert again.reads[0] in (1, 3)
    assert kept.generation(whole) == before

    renewed = _get(kept, whole, kind, spec)
    assert (renewed.scene["fit"], renewed.unread, renewed.looked_at) == (2, (), 5)
    assert kind.fits[1][0] == [0, 1, 2, 3, 4]
    assert kind.fits[1][1]["fit"] == 1, "as close to the one before as can be"
    # What was placed before is out of date.
    assert kept.generation(whole) != before
    assert kept.generation(_index(5, "other")) == before
    whole.reads.clear()
    assert _get(kept, whole, kind, spec).scene["fit"] == 2
    assert not whole.reads
    assert len(kind.fits) == 2


@pytest.mark.usefixtures("at_once")
def test_a_page_shows_the_incomplete_scene_until_a_slow_one_is_renewed() -> None:
    kept, kind, whole = Scenes(), Kind(), _index(5)
    _get(kept, _lacking(whole, 1), kind, SLOW)
    work = Work(kind)
    assert _ask(kept, whole, kind).scene["fit"] == 1
    assert work.begun.wait(30)
    assert _ask(kept, whole, kind).scene["fit"] == 1
    work.goes_on.set()
    servers.until(lambda: _ask(kept, whole, kind).scene["fit"] == 2, "it is renewed")
    assert len(kind.fits) == 2


@pytest.mark.usefixtures("at_once")
def test_damaged_frames_are_not_asked_for_again() -> None:
    kept, kind, index = Scenes(), Kind(), _index(5)
    index._frames = [dataclasses.replace(one, data=None, error="!") for one in index._frames]
    for _ in range(3):
        assert _get(kept, index, kind).unread == ()
    assert len(kind.fits) == 1


@pytest.mark.usefixtures("at_once")
def test_what_is_still_away_when_a_series_grows_is_not_forgotten() -> None:
    kept, kind = Scenes(), Kind()
    _get(kept, _lacking(_index(5), 1), kind)
    grown = _get(kept, _lacking(_index(6), 1, 5), kind)
    assert (grown.scene["fit"], grown.unread, grown.looked_at) == (1, (1, 5), 4)
    # Whoever opened the series before has the scene of all that there is.
    assert _get(kept, _index(5), kind).frames == 6
    assert _get(kept, _index(6), kind).unread == ()
    assert len(kind.fits) == 2


def test_storage_that_fails_now_and_then_is_asked_less_and_less(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = [0.0]
    monkeypatch.setattr(scene_cache.time, "monotonic", lambda: clock[0])
    kept, kind, whole = Scenes(), Kind(), _index(5)
    fitted_at = []
    for _ in range(4_000):
        # By turns, one of two frames is away while the scene is fitted, and the other one later.
        count = len(kind.fits)
        _get(kept, _lacking(whole, 1 + count % 2), kind)
        if len(kind.fits) > count:
            fitted_at.append(clock[0])
        clock[0] += 0.5
    rests = np.diff(fitted_at)
    assert rests[:5].tolist() == [1, 2, 4, 8, 16]
    assert rests.max() == scene_cache.MAX_RETRY_SECONDS


def test_frames_are_read_one_at_a_time() -> None:
    """Fifty frames of a hundred thousand points do not fit into memory together."""
    live: list[int] = []

    class Index(MemoryIndex):
        def read(self, positions: Iterable[int]) -> Any:
            for position in positions:
                live.append(position)
                yield Frame(position, 0.0, np.zeros(1))

    class Looking(Kind):
        def fit(self, frames: Iterable[int], spec: ClipSpec, **more: Any) -> Any:
            for nth, step in enumerate(frames):
                assert live == [*range(nth + 1)]
                assert step == nth
            return {"extended": []}

    plain = _index(5)
    index = Index(plain.series, plain._frames)
    assert _get(Scenes(), index, Looking()).looked_at == 5
    assert scene_cache.GROWTH > 1
