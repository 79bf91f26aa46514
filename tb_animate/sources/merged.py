"""The event files' every frame, and TensorBoard's sample of whatever they do not hold."""

from __future__ import annotations

import logging
from typing import Any

from tb_animate import errors
from tb_animate.model import FrameIndex, LogWarning, Progress, Series, Source, in_order
from tb_animate.sources.provider import ProviderSource
from tb_animate.sources.reading import NEVER

logger = logging.getLogger(__name__)

UNREADABLE = (
    "The event files could not be read by tb_animate, so only the frames that TensorBoard "
    "keeps are shown. The log of the tensorboard process says why."
)


class Merged:
    """Two sources, of which that over the event files says how far the reading is."""

    def __init__(self, events: Guard, provider: Guard) -> None:
        self._events = events
        self._provider = provider

    def progress(self) -> Progress:
        progress: Progress = self._events.ask("progress", Progress(0, 0))
        return progress

    def wait(self, timeout: float | None = None, since: float | None = None) -> bool:
        done: bool = self._events.ask("wait", True, timeout, since)
        return done

    def _read_once(self) -> bool:
        """Whether the event files were read to their ends at some time, or cannot be."""
        return self.wait(0, NEVER)


class MergedSource(Merged):
    """A `model.Source` of two: what `events` has comes from there, the rest from `provider`.

    Either may fail without taking the other along; a warning says so while it lasts.

    Args:
      events: the source over the event files; `None` if it could not even be made.
      provider: the source over TensorBoard's data provider.
      unreadable: what is said when the event files cannot be read.
    """

    def __init__(
        self, events: Source | None, provider: ProviderSource, unreadable: str = UNREADABLE
    ) -> None:
        super().__init__(
            Guard(events, unreadable),
            Guard(
                provider,
                "TensorBoard's own data could not be read, so only what lies in the "
                "event files is shown. The log of the tensorboard process says why.",
            ),
        )

    def runs(self) -> list[str]:
        return sorted({*self._events.ask("runs", []), *self._provider.ask("runs", [])})

    def series(self) -> list[Series]:
        found: list[Series] = self._events.ask("series", [])
        # While the event files are read for the first time, TensorBoard may list a tag
        # that we have not come to; its sample would show for a moment and then change.
        if not self._read_once():
            return found
        known = {series.id for series in found}
        more: list[Series] = self._provider.ask("series", [], known)
        if not more:
            return found
        return in_order([*found, *more])

    def open(self, series_id: str) -> FrameIndex:
        index: FrameIndex | None = self._events.ask("open", None, series_id)
        if index is None and self._read_once():
            index = self._provider.ask("open", None, series_id)
        if index is None:
            raise errors.NotFound(
                "There is no such series (any more): its run or tag is not in the logs. "
                "Reload to list what is there."
            )
        return index

    def warnings(self) -> list[LogWarning]:
        found: list[LogWarning] = self._events.ask("warnings", [])
        return [*self._events.warnings(), *self._provider.warnings(), *found]


class Guard:
    """Asks one of two sources; an unexpected failure becomes a default and a warning."""

    def __init__(self, source: object | None, message: str) -> None:
        self._source = source
        self._message = message
        self._failing: dict[str, str] = {} if source is not None else {"": message}
        self._logged = False

    def ask(self, method: str, default: Any, *arguments: Any) -> Any:
        """The method's answer; the default when it finds nothing or fails."""
        if self._source is None:
            return default
        try:
            answer = getattr(self._source, method)(*arguments)
        except errors.NotFound:
            answer = default
        except errors.AnimateError as error:
            self._failing[method] = str(error)
            return default
        except Exception:
            self._failing[method] = self._message
            # Pages ask again and again: the first traceback says it all.
            if not self._logged:
                self._logged = True
                logger.exception("%s", self._message)
            return default
        self._failing.pop(method, None)
        return answer

    def warnings(self) -> list[LogWarning]:
        messages = dict.fromkeys(list(self._failing.values()))
        return [LogWarning("", "", None, message) for message in messages]
