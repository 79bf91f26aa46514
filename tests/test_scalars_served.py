"""The route `/scalars`, and TensorBoard's own sample where the logs are not here."""

from __future__ import annotations

import contextlib
import math
import os
import pathlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from tensorboard.backend.event_processing import data_provider, plugin_event_multiplexer

import event_bytes as eb
import logs
import providers
import servers
from sites import Site
from tb_animate import errors
from tb_animate.model import Progress
from tb_animate.scalars import MAX_POINTS
from tb_animate.sources import events
from tb_animate.sources.provider_scalars import ProviderScalars
from tb_animate.sources.scalars import EventScalars, MergedScalars

KEPT = 1000
"""Points of a scalar that TensorBoard keeps unless told otherwise."""


def write(logdir: pathlib.Path) -> None:
    """Two runs: a loss that becomes NaN, a picture, and a long curve that restarts."""
    numbers = [0.5, math.nan, math.inf, 0.25]
    made = [eb.event(step, eb.scalar("loss", number)) for step, number in enumerate(numbers)]
    eb.write(logdir / "a", [*made, eb.event(9, eb.tf1_image("picture", b""))])
    steps = [*range(2000), *range(1500, 2200)]
    made = [eb.event(step, eb.tf2_scalar("top/acc", number)) for number, step in enumerate(steps)]
    eb.write(logdir / "b", made)


LONG = [*range(1500), *range(2000, 2700)]
"""Values of the long curve at steps 0 to 2199: the ordinal of what was logged last there."""


def test_the_list_and_a_curve(tmp_path: pathlib.Path) -> None:
    write(tmp_path)
    site = Site(tmp_path)
    content = site.get("scalars").json
    assert content is not None
    names = {"display_name": "", "description": "", "sampled": False}
    about = {"display_name": "about top/acc", "description": "what it *is*", "sampled": False}
    first = {"run": "a", "tag": "loss", "points": 4, "first_step": 0, "last_step": 3, **names}
    second = {"run": "b", "tag": "top/acc", "points": 2200, "first_step": 0, "last_step": 2199}
    assert content["scalars"] == [first, second | about]
    assert content["progress"]["done"] == content["progress"]["total"] > 0
    assert site.get("scalars", run="a").json["scalars"] == [first]

    answer = site.get("scalars", run="a", tag="loss")
    assert answer.json == {
        "steps": [0, 1, 2, 3],
        "values": [0.5, None, None, 0.25],
        "wall_times": [1.7e9, 1.7e9 + 1, 1.7e9 + 2, 1.7e9 + 3],
        "points": 4,
        "sampled": False,
        "progress": content["progress"],
    }
    assert answer.mimetype == "application/json"
    long = site.get("scalars", run="b", tag="top/acc").json
    assert (long["steps"], long["values"]) == (list(range(2200)), LONG)


def test_a_long_curve_is_thinned(tmp_path: pathlib.Path) -> None:
    count = MAX_POINTS + 5000
    eb.write(tmp_path, [eb.event(step, eb.scalar("a", step)) for step in range(count)])
    found = Site(tmp_path).get("scalars", run=".", tag="a").json
    assert found["points"] == count
    assert MAX_POINTS / 4 < len(found["steps"]) <= MAX_POINTS
    assert found["values"] == found["steps"]
    assert (found["steps"][0], found["steps"][-1]) == (0, count - 1)
    assert len(found["wall_times"]) == len(found["steps"])


def test_nothing_else_knows_of_scalars(tmp_path: pathlib.Path) -> None:
    write(tmp_path)
    site = Site(tmp_path)
    assert site.get("scalars").status_code == 200
    listed = site.client.get("/data/plugin/animate/series").json
    assert listed is not None
    assert {one["tag"] for one in listed["series"]} == {"picture"}
    assert "scalar" not in {kind["name"] for kind in listed["kinds"]}
    assert "scalars" not in site.plugin.data_plugin_names()


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ({"run": "a", "tag": "none"}, 404, "There is no scalar 'none' in the run 'a'"),
        ({"run": "none", "tag": "loss"}, 404, "There is no scalar 'loss' in the run 'none'"),
        ({"run": "none"}, 404, "There is no scalar in a run 'none'"),
        ({"run": "a", "tag": "picture"}, 404, "There is no scalar 'picture'"),
        ({"run": "a", "tag": "\ud83d".encode("utf-8", "replace")}, 404, "There is no scalar"),
        ({"tag": "loss"}, 400, 'give "run" too'),
        ({"run": ""}, 400, '"run" is missing'),
        ({"run": "a", "tag": ""}, 400, '"tag" is missing'),
        ({"run": ["a", "b"]}, 400, '"run" is given 2 times'),
        ({"series": "a"}, 400, 'no parameter "series"'),
    ],
)
def test_errors_are_plain(
    query: dict[str, Any], status: int, said: str, tmp_path: pathlib.Path
) -> None:
    write(tmp_path)
    answer = Site(tmp_path).get("scalars", **query)
    assert (answer.status_code, answer.mimetype) == (status, "text/plain"), answer.text
    assert said in answer.text
    assert "\n" not in answer.text


def test_what_may_still_be_found_is_busy(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path)
    site = Site(tmp_path)
    monkeypatch.setattr(EventScalars, "wait", lambda *_: False)
    monkeypatch.setattr(EventScalars, "progress", lambda _: Progress(1, 2))
    monkeypatch.setattr(EventScalars, "points", lambda *_: None)
    monkeypatch.setattr(EventScalars, "scalars", lambda _: [])
    answer = site.get("scalars", run="a", tag="loss")
    assert answer.status_code == 503
    assert "still being read" in answer.text
    assert site.get("scalars", run="a").json == {"scalars": [], "progress": {"done": 1, "total": 2}}


@contextlib.contextmanager
def over_grpc(path: pathlib.Path) -> Iterator[ProviderScalars]:
    with providers.data_server(path, samples=f"scalars={KEPT}") as (provider, _):
        yield ProviderScalars(provider)


class Multiplexed(ProviderScalars):
    """Over a multiplexer, which reads the logs again whenever it is asked to list."""

    def __init__(self, path: pathlib.Path) -> None:
        self._logs = plugin_event_multiplexer.EventMultiplexer(
            tensor_size_guidance={"scalars": KEPT}
        )
        self._path = os.fspath(path)
        provider = data_provider.MultiplexerDataProvider(self._logs, self._path)
        super().__init__(provider, multiplexer=self._logs)

    def scalars(self, known: Any = ()) -> Any:
        self._logs.AddRunsFromDirectory(self._path)
        self._logs.Reload()
        return super().scalars(known)


@contextlib.contextmanager
def over_multiplexer(path: pathlib.Path) -> Iterator[ProviderScalars]:
    yield Multiplexed(path)


Open = Callable[[pathlib.Path], contextlib.AbstractContextManager[ProviderScalars]]
both_paths = pytest.mark.parametrize(
    "through", [over_grpc, over_multiplexer], ids=["grpc", "multiplexer"]
)


@pytest.mark.tensorboard
@both_paths
def test_tensorboards_sample_of_what_is_not_here(tmp_path: pathlib.Path, through: Open) -> None:
    write(tmp_path)
    with through(tmp_path) as source:

        def listed() -> Any:
            ends = {(one.run, one.tag): one.last_step for one in source.scalars()}
            return ends == {("a", "loss"): 3, ("b", "top/acc"): 2199}

        servers.until(listed, "both are listed to their ends")
        short, long = source.scalars()
        assert (short.points, short.first_step, short.sampled) == (4, 0, True)
        assert (long.display_name, long.description) == ("about top/acc", "what it *is*")
        assert [one.tag for one in source.scalars({("a", "loss")})] == ["top/acc"]
        points = source.points("a", "loss")
        assert points is not None
        assert points.sampled
        assert repr(points.values.tolist()) == "[0.5, nan, inf, 0.25]"
        points = source.points("b", "top/acc")
        assert points is not None
        # Either path drops by chance before or after the restart.
        assert 300 < len(points.steps) == long.points <= KEPT
        assert (points.steps[1:] > points.steps[:-1]).all()
        assert points.values.tolist() == [LONG[step] for step in points.steps.tolist()]
        for run, tag in (("a", "none"), ("none", "loss"), ("a", "picture")):
            assert source.points(run, tag) is None


@pytest.mark.tensorboard
@both_paths
def test_what_only_calls_itself_a_scalar_is_no_point(tmp_path: pathlib.Path, through: Open) -> None:
    vector = eb.tf2_scalar("a", 0.0)
    vector.tensor.tensor_shape.dim.add(size=2)
    vector.tensor.tensor_content *= 2
    made = [eb.event(1, eb.tf2_scalar("a", 1.0)), eb.event(2, vector), eb.event(3, vector)]
    eb.write(tmp_path, [*made, eb.event(4, eb.tf2_scalar("a", 4.0))])
    with through(tmp_path) as source:
        servers.until(lambda: [one.last_step for one in source.scalars()] == [4], "all is listed")
        points = source.points(".", "a")
        assert points is not None
        assert points.steps.tolist() == [1, 4]


@pytest.mark.tensorboard
@both_paths
def test_a_curve_that_grows_is_listed_anew(tmp_path: pathlib.Path, through: Open) -> None:
    path = eb.write(tmp_path, [eb.event(step, eb.scalar("a", step)) for step in range(3)])
    with through(tmp_path) as source:
        servers.until(lambda: [one.points for one in source.scalars()] == [3], "three are listed")
        with path.open("ab") as file:
            file.write(eb.event(7, eb.scalar("a", 7.0)))
        servers.until(lambda: [one.points for one in source.scalars()] == [4], "four are listed")
        assert source.scalars()[0].last_step == 7


class Failing:
    """A provider that does not work."""

    def list_scalars(self, *_: Any, **__: Any) -> Any:
        raise ValueError("broken")

    read_scalars = list_scalars


def test_what_is_here_comes_though_the_provider_fails(tmp_path: pathlib.Path) -> None:
    write(tmp_path / "logs")
    broken = ProviderScalars(Failing())
    source = MergedScalars(EventScalars(events.roots(os.fspath(tmp_path / "logs"))), broken)
    assert source.wait(60)
    assert [one.tag for one in source.scalars()] == ["loss", "top/acc"]
    assert source.points("a", "loss") is not None
    with pytest.raises(errors.Busy, match="TensorBoard keeps could not be read"):
        source.points("a", "none")


@pytest.mark.tensorboard
@pytest.mark.parametrize(
    "flags",
    [("--load_fast=true",), ("--load_fast=false", "--path_prefix=/some/where")],
    ids=["data-server", "multiplexer"],
)
def test_real_tensorboard(tmp_path: pathlib.Path, flags: tuple[str, ...]) -> None:
    write(tmp_path)
    logs.write_tf2_scalars(tmp_path / "tf2", frames=30)
    with servers.tensorboard(tmp_path, *flags) as server:
        content = server.animate("scalars").json()
        listed = {(one["run"], one["tag"]): one for one in content["scalars"]}
        assert listed.keys() == {("a", "loss"), ("b", "top/acc"), ("tf2", "loss")}
        # More than TensorBoard itself keeps.
        assert listed["b", "top/acc"]["points"] == 2200
        found = server.animate("scalars", run="b", tag="top/acc").json()
        assert (found["steps"], found["values"]) == (list(range(2200)), LONG)
        found = server.animate("scalars", run="tf2", tag="loss").json()
        assert found["values"] == pytest.approx([1 / (1 + step) for step in range(30)])
        assert server.animate("scalars", run="a", tag="none").status == 404
        with (tmp_path / "a" / "1.tfevents").open("ab") as file:
            file.write(eb.event(12, eb.scalar("loss", 0.125)))
        found = server.animate("scalars", run="a", tag="loss").json()
        assert (found["steps"][-1], found["values"][-1]) == (12, 0.125)
        assert "Traceback" not in server.log


@pytest.mark.tensorboard
def test_a_remote_data_server_is_sampled_and_says_so(tmp_path: pathlib.Path) -> None:
    write(tmp_path)
    with (
        servers.data_server(tmp_path) as address,
        servers.tensorboard(None, f"--grpc_data_provider={address}") as server,
    ):

        def listed() -> bool:
            found = server.animate("scalars").json()["scalars"]
            return [one["last_step"] for one in found] == [3, 2199]

        servers.until(listed, "the data server has read the logs")
        found = server.animate("scalars", run="b", tag="top/acc").json()
        assert found["sampled"]
        assert found["points"] == len(found["steps"]) <= KEPT
        assert found["values"] == [LONG[step] for step in found["steps"]]
