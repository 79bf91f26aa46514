"""The provider source on both of TensorBoard's real providers."""

from __future__ import annotations

import contextlib
import os
import pathlib
import threading
from collections.abc import Callable, Iterator
from typing import Any

import grpc
import numpy as np
import pytest
from tensorboard.backend.event_processing import data_provider, plugin_event_multiplexer
from tensorboard.data import grpc_provider

import event_bytes as eb
import logs
import providers
import servers
from conftest import Logdir
from tb_animate import errors
from tb_animate.model import LogWarning, Progress, Series, Wanted
from tb_animate.sources import provider
from tb_animate.sources.merged import MergedSource
from tb_animate.sources.provider import ProviderSource

pytestmark = pytest.mark.tensorboard

IMAGES = Wanted(kind="image", plugin_name="images", leading=2)
HISTOGRAMS = Wanted(kind="histogram", plugin_name="histograms")

# What TensorBoard keeps of an image tag unless told otherwise.
SAMPLED = 10

Open = Callable[..., Any]


@contextlib.contextmanager
def over_grpc(
    path: str | os.PathLike[str], samples: int = SAMPLED, wanted: Wanted = IMAGES
) -> Iterator[ProviderSource]:
    limits = f"images={samples},histograms={samples}"
    with providers.data_server(path, samples=limits) as (provider, _):
        yield ProviderSource(provider, [wanted])


class Multiplexed(ProviderSource):
    """Over a multiplexer, which reads the logs again whenever it is asked to list."""

    def __init__(
        self, path: str | os.PathLike[str], samples: int, wanted: Wanted, *, through: bool
    ) -> None:
        limits = {"images": samples, "histograms": samples}
        self._logs = plugin_event_multiplexer.EventMultiplexer(tensor_size_guidance=limits)
        self._path = os.fspath(path)
        super().__init__(
            data_provider.MultiplexerDataProvider(self._logs, self._path),
            [wanted],
            multiplexer=self._logs if through else None,
        )

    def series(self, known: Any = ()) -> list[Series]:
        self._logs.AddRunsFromDirectory(self._path)
        self._logs.Reload()
        return super().series(known)


@contextlib.contextmanager
def over_multiplexer(
    path: str | os.PathLike[str], samples: int = SAMPLED, wanted: Wanted = IMAGES
) -> Iterator[ProviderSource]:
    yield Multiplexed(path, samples, wanted, through=True)


@contextlib.contextmanager
def over_multiplexers_provider(
    path: str | os.PathLike[str], samples: int = SAMPLED, wanted: Wanted = IMAGES
) -> Iterator[ProviderSource]:
    yield Multiplexed(path, samples, wanted, through=False)


@pytest.fixture(params=[over_grpc, over_multiplexer], ids=["grpc", "multiplexer"])
def opened(request: pytest.FixtureRequest) -> Open:
    """Opens a directory on one of the two data paths."""
    return request.param  # type: ignore[no-any-return]


def listed(source: ProviderSource, last_step: int) -> Series:
    """The only series, once TensorBoard has come to its last step."""

    def reached() -> Series | None:
        found = source.series()
        return found[0] if found and found[0].last_step == last_step else None

    found = servers.until(reached, f"step {last_step} is listed")
    assert isinstance(found, Series)
    return found


@pytest.mark.parametrize("through", [over_grpc, over_multiplexer, over_multiplexers_provider])
def test_lists_what_all_writers_logged_and_reads_their_bytes(logdir: Logdir, through: Open) -> None:
    tags = logdir.tags()

    with through(logdir.path) as source:
        found = servers.until(
            lambda: _all_listed(source, tags), "all tags are listed to their ends"
        )
        assert set(source.runs()) == set(logdir.runs)
        assert [(one.tag, one.run) for one in found] == sorted((tag, run) for run, tag in tags)
        for one in found:
            logged = tags[one.run, one.tag]
            assert one.frames == min(logged.frames, SAMPLED)
            assert one.samples == len(logged.samples[0])
            assert not one.complete
            assert one.logged is None
            index = source.open(one.id)
            assert index.series == one
            frames = list(index.read(range(one.frames)))
            assert [frame.step for frame in frames] == index.steps.tolist()
            assert (np.diff(index.steps) > 0).all()
            for frame in frames:
                assert isinstance(frame.data, tuple)
                expected = logged.samples[logged.steps.index(frame.step)]
                entries = frame.data[IMAGES.leading :]
                assert len(entries) == len(expected)
                assert all(want in (None, got) for got, want in zip(entries, expected, strict=True))


def _all_listed(source: ProviderSource, tags: dict[tuple[str, str], logs.Logged]) -> list[Series]:
    found = source.series()
    ends = {(one.run, one.tag): one.last_step for one in found}
    return found if ends == {key: logged.steps[-1] for key, logged in tags.items()} else []


def test_reads_frames_in_the_order_asked_and_lazily(logdir: Logdir) -> None:
    with over_multiplexer(logdir.path, samples=0) as source:
        one = next(one for one in source.series() if one.tag == "rgb")
        index = source.open(one.id)

        assert [frame.step for frame in index.read([5, 0, 5])] == [5, 0, 5]


def test_a_restart_drops_the_steps_from_there_on(tmp_path: pathlib.Path, opened: Open) -> None:
    with logs.old_style_writer(tmp_path / "run") as writer:
        writer.add("tag", [b"".join([logs.encode(logs.picture(i))]) for i in range(20)])
        again = writer.add(
            "tag", [logs.encode(logs.picture(40 + i)) for i in range(10)], first_step=15
        )

    with opened(tmp_path, samples=1000) as source:
        one = listed(source, last_step=24)
        index = source.open(one.id)
        assert index.steps.tolist() == [*range(15), *range(15, 25)]
        restarted = [frame.data[2:] for frame in index.read(range(15, 25))]
        assert restarted == [tuple(samples) for samples in again.samples]


def test_the_last_of_equal_steps_counts(tmp_path: pathlib.Path, opened: Open) -> None:
    first, second = (logs.encode(logs.picture(i)) for i in (1, 2))
    with logs.old_style_writer(tmp_path / "run") as writer:
        writer.add("tag", [first], first_step=7)
        writer.add("tag", [second], first_step=7)

    with opened(tmp_path, samples=1000) as source:
        one = listed(source, last_step=7)

        def shown() -> bool:
            (frame,) = source.open(one.id).read([0])
            return bool(frame.data[2:] == (second,))

        # The data server may have read only the first of them so far.
        servers.until(shown, "the second of the two is there")


def test_appending_keeps_the_generation_and_a_restart_ends_it(
    tmp_path: pathlib.Path, opened: Open
) -> None:
    encoded = [logs.encode(logs.picture(i)) for i in range(10)]
    with logs.old_style_writer(tmp_path / "run") as writer, opened(tmp_path, 1000) as source:
        writer.add("tag", encoded[:4])
        one = listed(source, last_step=3)
        old = source.open(one.id)

        writer.add("tag", encoded[4:], first_step=4)
        listed(source, last_step=9)
        longer = source.open(one.id)
        assert longer.generation == old.generation
        assert len(longer.steps) == 10
        assert old.steps.tolist() == [0, 1, 2, 3]

        writer.add("tag", encoded[:1], first_step=2)
        listed(source, last_step=2)
        assert source.open(one.id).generation != old.generation


def test_a_frame_that_tensorboard_dropped_has_an_error_and_the_others_come(
    tmp_path: pathlib.Path,
) -> None:
    encoded = [logs.encode(logs.picture(i)) for i in range(6)]
    with logs.old_style_writer(tmp_path / "run") as writer, over_grpc(tmp_path) as source:
        writer.add("tag", encoded)
        index = source.open(listed(source, last_step=5).id)
        writer.add("tag", encoded[:1], first_step=3)
        listed(source, last_step=3)

        frames = list(index.read(range(6)))
        assert [frame.error is None for frame in frames] == [True] * 4 + [False] * 2
        assert frames[5].data is None
        assert "no longer keeps" in str(frames[5].error)


def test_reads_tensors(tmp_path: pathlib.Path, opened: Open) -> None:
    with logs.quiet():
        from tensorboardX import SummaryWriter

        writer = SummaryWriter(os.fspath(tmp_path / "run"))
        for step in range(5):
            writer.add_histogram("weights", np.linspace(step, step + 1, 100), step)
        writer.close()

    with opened(tmp_path, samples=1000, wanted=HISTOGRAMS) as source:
        one = listed(source, last_step=4)
        assert (one.kind, one.samples, one.frames) == ("histogram", 1, 5)
        for frame in source.open(one.id).read(range(5)):
            assert frame.data.ndim == 2
            assert frame.data.shape[1] == 3
            assert frame.data[:, 2].sum() == pytest.approx(100)


def test_an_unknown_series_is_not_found(logdir: Logdir) -> None:
    with over_multiplexer(logdir.path) as source, pytest.raises(errors.NotFound, match="Reload"):
        source.open("nothing")


def test_a_data_server_that_is_gone_is_busy_not_broken(logdir: Logdir) -> None:
    with servers.data_server(logdir.path) as address:
        channel = grpc.secure_channel(address, grpc.local_channel_credentials())
    with channel:
        stub = grpc_provider.make_stub(channel)
        source = ProviderSource(grpc_provider.GrpcDataProvider(address, stub), [IMAGES])
        with pytest.raises(errors.Busy, match="does not answer"):
            source.series()


def test_requests_at_once_share_one_listing(
    logdir: Logdir, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provider, "LISTING_SECONDS", 600.0)
    multiplexer = plugin_event_multiplexer.EventMultiplexer()
    multiplexer.AddRunsFromDirectory(os.fspath(logdir.path))
    multiplexer.Reload()
    calls: list[str] = []

    class Counting(data_provider.MultiplexerDataProvider):  # type: ignore[misc]
        def list_blob_sequences(self, *args: Any, **arguments: Any) -> Any:
            calls.append(threading.current_thread().name)
            return super().list_blob_sequences(*args, **arguments)

    source = ProviderSource(Counting(multiplexer, ""), [IMAGES])
    threads = [threading.Thread(target=source.series) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(calls) == 1

    # Records of points are asked for with each answer, and most logs have none.
    for _ in range(3):
        with pytest.raises(errors.NotFound):
            source.open("nothing")
    assert len(calls) == 1


class Failing:
    """A source that is broken in a way that nobody foresaw."""

    def __getattr__(self, name: str) -> Any:
        raise ZeroDivisionError(name)


def test_where_the_event_files_fail_the_provider_serves_and_says_so(
    logdir: Logdir, caplog: pytest.LogCaptureFixture
) -> None:
    with over_multiplexer(logdir.path) as provider:
        source = MergedSource(Failing(), provider)

        found = source.series()
        assert [one.id for one in found] == [one.id for one in provider.series()]
        assert len(source.open(found[0].id).steps) == found[0].frames
        assert source.runs() == sorted(logdir.runs)
        assert [warning.message for warning in source.warnings()] == [
            "The event files could not be read by tb_animate, so only the frames that "
            "TensorBoard keeps are shown. The log of the tensorboard process says why."
        ]
        assert "ZeroDivisionError" not in source.warnings()[0].message
        tracebacks = [record for record in caplog.records if record.exc_info]
        assert len(tracebacks) == 1


class Known:
    """An events source that has one series of the log directory already."""

    def __init__(self, known: Series) -> None:
        self.known = known
        self.done = False

    def runs(self) -> list[str]:
        return [self.known.run, "only-here"]

    def series(self) -> list[Series]:
        return [self.known]

    def open(self, series_id: str) -> Any:
        raise errors.NotFound("not here")

    def warnings(self) -> list[LogWarning]:
        return [LogWarning("run", "file", 12, "broken")]

    def progress(self) -> Progress:
        return Progress(1, 2)

    def wait(self, timeout: float | None = None, since: float | None = None) -> bool:
        return self.done


def test_merging_takes_from_the_provider_only_what_the_files_do_not_have(logdir: Logdir) -> None:
    with over_multiplexer(logdir.path) as provider:
        everything = provider.series()
        events = Known(everything[3])
        source = MergedSource(events, provider)

        # Sampled tags do not flash up while the files are read.
        assert source.series() == [everything[3]]
        with pytest.raises(errors.NotFound):
            source.open(everything[0].id)

        events.done = True
        assert source.series() == everything
        assert source.series()[3] is events.known
        assert len(source.open(everything[0].id).steps) == everything[0].frames
        assert "only-here" in source.runs()
        assert source.warnings() == events.warnings()
        assert source.progress() == Progress(1, 2)


def test_a_tensor_that_is_none_costs_its_frame_or_its_tag(
    tmp_path: pathlib.Path, opened: Open
) -> None:
    """The data server's client makes arrays of all frames of a tag at once."""
    bad = eb.tf2_histogram("bad", [(0.0, 1.0, 2.0)])
    bad.tensor.tensor_shape.dim[0].size = 7
    good = eb.tf2_histogram("good", [(0.0, 1.0, 2.0)])
    eb.write(tmp_path / "run", [eb.version(), eb.event(1, bad), eb.event(1, good)])
    with opened(tmp_path, wanted=HISTOGRAMS) as source:
        found = {series.tag: series for series in servers.until(source.series, "it is listed")}
        (frame,) = source.open(found["good"].id).read([0])
        assert frame.error is None
        if "bad" in found:
            (frame,) = source.open(found["bad"].id).read([0])
            assert str(frame.error).startswith("Step 1 cannot be shown: what was logged is not")
        else:
            (warning,) = source.warnings()
            assert warning.message.startswith('"bad" is left out: TensorBoard does not understand')
