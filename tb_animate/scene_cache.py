"""The scenes of placed kinds: fitted once, kept, and extended as the series grow."""

from __future__ import annotations

import collections
import dataclasses
import random
import threading
import time
from collections.abc import Hashable
from typing import Any, TypeAlias

from tb_animate import errors, fits
from tb_animate.fits import Fit
from tb_animate.jobs import Job, Jobs, Pending, Progress, Stopped, held
from tb_animate.kinds.base import PlacedKind
from tb_animate.model import ClipSpec, FrameIndex

# A page shows a few cards; each has a scene for every way of projecting that was tried.
MAX_SCENES = 32
MAX_BYTES = 512 * 2**20

# Where a series is so many times as long as when its scene was fitted, the first frames
# no longer speak for the others.
GROWTH = 1.5

# A small fit is done, and a missing library told, within one request.
WAIT_SECONDS = 1.0
POLL_SECONDS = 0.2

# A scene that lacks frames that could not be read is fitted anew when one of them can be, which
# is tried after so long at the earliest; after twice as long each time that it was, so that
# storage that fails now and then does not keep us fitting.
RETRY_SECONDS = 1.0
MAX_RETRY_SECONDS = 300.0

# A series, its generation, and the options that decide the scene.
_Key: TypeAlias = tuple[str, str, Hashable]


class _Place:
    """Where the scene of one series and one set of fitted options is, or will be."""

    def __init__(self) -> None:
        self.lock = threading.Lock()  # held while it is fitted: whoever needs it waits
        self.fit: Fit | None = None
        self.job: Job | None = None
        self.weight = 0
        self.dropped = False  # nobody will come for what is made here
        self.rest = RETRY_SECONDS
        self.retry_at = 0.0


class Scenes:
    """A bounded cache of fitted scenes. Safe to use from several threads.

    A scene is fitted once, whoever asks for it meanwhile; what fails is not kept. Fits of
    a kind that calls them slow run in the background, one at a time.
    """

    def __init__(self, most: int = MAX_SCENES, most_bytes: int = MAX_BYTES) -> None:
        self._most = most
        self._most_bytes = most_bytes
        self._lock = threading.Lock()
        self._places: collections.OrderedDict[_Key, _Place] = collections.OrderedDict()
        self._jobs = Jobs()
        # How often, by series.
        self._completed: collections.Counter[str] = collections.Counter()

    def get(
        self,
        index: FrameIndex,
        kind: PlacedKind[Any, Any, Any],
        spec: ClipSpec,
        progress: Progress | None = None,
    ) -> Fit:
        """The scene of all frames of a series, however long it takes.

        Args:
          progress: called with what is done of the fitting, and of how much; what it raises
            ends the wait, and the fitting if nobody asked for it before.

        Raises:
          errors.AnimateError: what `kind` raises, or the fitting was stopped.
        """
        place = self._place(index, kind, spec)
        mine = False
        while True:
            with held(place.lock, POLL_SECONDS, progress):
                began = place.job is None
                found = self._advance(place, index, kind, spec, progress)
                mine = mine or began
                # Unlike a page, which shows what there is meanwhile and then the rest.
                if isinstance(found, Fit) and found.unread and place.job is not None:
                    found = place.job
            if isinstance(found, Fit):
                return self._dressed(found, kind, spec)
            try:
                if not found.wait(POLL_SECONDS) and progress is not None:
                    progress(*found.pending)
            except BaseException:
                if mine:
                    found.stop()
                raise
            if found.is_stopped:
                raise errors.AnimateError(
                    "The projection was stopped before it was done; ask for it again."
                )

    def ask(
        self,
        index: FrameIndex,
        kind: PlacedKind[Any, Any, Any],
        spec: ClipSpec,
    ) -> Fit | Pending:
        """As `get`, but waits for a slow fit for `WAIT_SECONDS` only."""
        place = self._place(index, kind, spec)
        with place.lock:
            found = self._advance(place, index, kind, spec, None)
        if isinstance(found, Job):
            if not found.wait(WAIT_SECONDS):
                return found.pending
            with place.lock:
                found = self._advance(place, index, kind, spec, None)
        return found.pending if isinstance(found, Job) else self._dressed(found, kind, spec)

    def stop(self, index: FrameIndex, kind: PlacedKind[Any, Any, Any], spec: ClipSpec) -> bool:
        """Stops a slow fit. Returns whether there was one."""
        with self._lock:
            place = self._places.get(_key(index, kind, spec))
        job = place.job if place is not None else None
        if job is None:
            return False
        job.stop()
        return True

    def generation(self, index: FrameIndex) -> str:
        """The index', or another one since a scene got frames that it had lacked.

        Those that were placed before are then out of date.
        """
        with self._lock:
            times = self._completed[index.series.id]
        return f"{index.generation}+{times}" if times else index.generation

    def _advance(
        self,
        place: _Place,
        index: FrameIndex,
        kind: PlacedKind[Any, Any, Any],
        spec: ClipSpec,
        progress: Progress | None,
    ) -> Fit | Job:
        """The scene, up to date, or the job that makes it. `place.lock` is held."""
        slow = kind.slow(spec)
        self._collect(place, index, kind)
        count, fit = len(index.steps), place.fit
        again = _readable_again(place, index)
        if fit is not None and count <= fit.frames and not again:
            return fit
        renewed = fit is None or count > GROWTH * fit.fitted or again
        if renewed and not slow:
            fit = fits.fit(index, kind, spec, fit, progress)
            self._renew(place, index, fit, kind)
        elif fit is not None and count > fit.frames:
            fit = fits.extend(fit, index, kind, spec, progress)
            self._keep(place, fit, kind)
        if renewed and slow and place.job is None:
            place.job = self._jobs.start(lambda report: fits.fit(index, kind, spec, fit, report))
            if place.dropped:  # meanwhile, when there was no job to stop
                place.job.stop()
        # What is there is shown until what takes long has been renewed.
        if fit is None:
            assert place.job is not None
            return place.job
        return fit

    def _collect(self, place: _Place, index: FrameIndex, kind: PlacedKind[Any, Any, Any]) -> None:
        """Takes what a job that is over has made."""
        job = place.job
        if job is None or not job.wait(0):
            return
        place.job = None
        try:
            self._renew(place, index, job.result(), kind)
        except Exception as error:
            if place.fit is not None:
                # It still holds, and is renewed when there is much more, or after a while.
                place.fit = dataclasses.replace(place.fit, fitted=place.fit.frames)
                self._put_off(place)
            elif not isinstance(error, Stopped):
                raise

    def _renew(
        self, place: _Place, index: FrameIndex, fit: Fit, kind: PlacedKind[Any, Any, Any]
    ) -> None:
        if place.fit is not None and place.fit.unread:
            self._put_off(place)
            with self._lock:
                self._completed[index.series.id] += 1
        else:
            place.retry_at = time.monotonic() + place.rest
        self._keep(place, fit, kind)

    def _put_off(self, place: _Place) -> None:
        """The next time that frames which could not be read are tried is later than the last."""
        place.rest = min(2 * place.rest, MAX_RETRY_SECONDS)
        place.retry_at = time.monotonic() + place.rest

    def _keep(self, place: _Place, fit: Fit, kind: PlacedKind[Any, Any, Any]) -> None:
        place.fit = fit
        place.weight = kind.weight(fit.scene)
        with self._lock:
            for key, other in list(self._places.items()):
                total = sum(one.weight for one in self._places.values())
                if len(self._places) <= self._most and total <= self._most_bytes:
                    break
                if other is not place and other.job is None:
                    del self._places[key]

    def _place(self, index: FrameIndex, kind: PlacedKind[Any, Any, Any], spec: ClipSpec) -> _Place:
        key = _key(index, kind, spec)
        with self._lock:
            for old in [one for one in self._places if one[0] == key[0] and one[1] != key[1]]:
                outdated = self._places.pop(old)
                outdated.dropped = True
                if outdated.job is not None:
                    outdated.job.stop()  # others wait for their turn
            place = self._places.setdefault(key, _Place())
            self._places.move_to_end(key)
            return place

    def _dressed(self, fit: Fit, kind: PlacedKind[Any, Any, Any], spec: ClipSpec) -> Fit:
        return dataclasses.replace(fit, scene=kind.dress(fit.scene, spec))


def _readable_again(place: _Place, index: FrameIndex) -> bool:
    """Whether a frame that the scene lacks can be read by now."""
    fit = place.fit
    if fit is None or not fit.unread or place.job is not None or len(index.steps) < fit.frames:
        return False
    now = time.monotonic()
    if now < place.retry_at:
        return False
    place.retry_at = now + place.rest
    # One tells enough, and storage that is away may take long to say so. Any of them, since
    # some may never come.
    (frame,) = index.read([random.choice(fit.unread)])
    return not frame.unread


def _key(index: FrameIndex, kind: PlacedKind[Any, Any, Any], spec: ClipSpec) -> _Key:
    return index.series.id, index.generation, kind.fitted(spec)
