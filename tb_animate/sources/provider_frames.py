"""The frames of single tags, from TensorBoard's data provider or from its multiplexer."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tensorboard.data import provider as tb_provider

from tb_animate import errors
from tb_animate.model import Frame, Payload, Series, Wanted, series_id
from tb_animate.sources import tensors
from tb_animate.sources.broken import broken_frame
from tb_animate.sources.calls import ALL, NotUnderstood, after_restarts, ask


@dataclasses.dataclass(frozen=True, slots=True)
class Tag:
    """One run's tag as the provider lists it. Equal as long as nothing was logged to it.

    Attributes:
      blobs: it is a blob sequence, or else a tensor.
      last: step and wall time of what was logged last.
    """

    run: str
    tag: str
    wanted: Wanted
    blobs: bool
    samples: int
    last: tuple[int, float]
    display_name: str
    description: str

    @property
    def id(self) -> str:
        return series_id(self.run, self.tag, self.wanted.kind)


@dataclasses.dataclass(frozen=True, slots=True)
class Row:
    """One frame that is held; `load` gets its data."""

    step: int
    wall_time: float
    load: Callable[[], Payload]


class RowReader:
    """Finds out what tags hold.

    Args:
      provider, multiplexer: as of `provider.ProviderSource`.

    Attributes:
      in_process: reading costs nothing: the multiplexer is in this process.
    """

    def __init__(self, provider: tb_provider.DataProvider, multiplexer: Any) -> None:
        self._provider = provider
        self._multiplexer = multiplexer
        self.in_process = multiplexer is not None

    def read(self, tags: Sequence[Tag]) -> dict[str, list[Row]]:
        """The frames of some tags, all of them blob sequences, or only one of tensors.

        Raises as `calls.ask`.
        """
        if self.in_process:
            return {tag.id: after_restarts(self._multiplexed(tag)) for tag in tags}
        wanted = {tag.wanted.plugin_name for tag in tags}
        rows: dict[str, list[Row]] = {tag.id: [] for tag in tags}
        for plugin_name in wanted:
            group = [tag for tag in tags if tag.wanted.plugin_name == plugin_name]
            read = ask(
                self._provider,
                "read_blob_sequences" if group[0].blobs else "read_tensors",
                plugin_name=plugin_name,
                downsample=ALL,
                run_tag_filter=tb_provider.RunTagFilter(
                    runs={tag.run for tag in group}, tags={tag.tag for tag in group}
                ),
            )
            for tag in group:
                load = self._load_blobs if tag.blobs else _load_array
                rows[tag.id] = after_restarts(
                    Row(datum.step, datum.wall_time, _later(load, datum))
                    for datum in read.get(tag.run, {}).get(tag.tag, ())
                )
        return rows

    def _multiplexed(self, tag: Tag) -> Iterator[Row]:
        try:
            events = self._multiplexer.Tensors(tag.run, tag.tag)
        except KeyError:
            return
        load = _load_strings if tag.blobs else _load_tensor
        for event in events:
            yield Row(event.step, event.wall_time, _later(load, event.tensor_proto))

    def _load_blobs(self, datum: tb_provider.BlobSequenceDatum) -> Payload:
        return tuple(
            ask(self._provider, "read_blob", blob_key=reference.blob_key)
            for reference in datum.values
        )


class ProviderIndex:
    """A `model.FrameIndex` of what the provider held at one moment."""

    def __init__(
        self,
        series: Series,
        steps: NDArray[np.int64],
        wall_times: NDArray[np.float64],
        generation: str,
        rows: Sequence[Row],
    ) -> None:
        self.series = series
        self.steps = steps
        self.wall_times = wall_times
        self.generation = generation
        self._rows = rows

    def read(self, positions: Iterable[int]) -> Iterator[Frame]:
        for position in positions:
            row = self._rows[position]
            try:
                yield Frame(row.step, row.wall_time, row.load())
            except errors.AnimateError as error:
                again = not isinstance(error, NotUnderstood)
                yield Frame(row.step, row.wall_time, None, str(error), unread=again)
            except Exception as error:
                yield broken_frame(row.step, row.wall_time, error)


def _later(load: Callable[[Any], Payload], what: Any) -> Callable[[], Payload]:
    return lambda: load(what)


def _load_array(datum: tb_provider.TensorDatum) -> Payload:
    array: NDArray[np.generic] = datum.numpy
    return array


def _load_tensor(proto: Any) -> Payload:
    return tensors.array_of(proto)


def _load_strings(proto: Any) -> Payload:
    entries: list[Any] = tensors.array_of(proto).ravel().tolist()
    return tuple(bytes(entry) for entry in entries)
