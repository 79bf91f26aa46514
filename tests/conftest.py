"""What many tests use: logs that all writers wrote, a browser, and the tab on a TensorBoard.

Nobody writes into the logs; tests that write make their own.
"""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Iterator

import hypothesis
import pytest
from playwright.sync_api import Browser

import logs
import servers
from browser import chromium, open_tab
from tab import Tab

# How long an example takes tells of the machine, not of the code.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")

# Warnings are errors here, and TensorBoard's own modules give some as they are imported.
with logs.quiet():
    import tensorboard.backend.application  # noqa: F401


@dataclasses.dataclass(frozen=True)
class Logdir:
    """A log directory and what was logged in each of its runs."""

    path: pathlib.Path
    runs: dict[str, list[logs.Logged]]

    def tags(self) -> dict[tuple[str, str], logs.Logged]:
        return {(run, one.tag): one for run, all_ in self.runs.items() for one in all_}


@pytest.fixture(scope="session")
def logdir(tmp_path_factory: pytest.TempPathFactory) -> Logdir:
    """One run of each writer, see `logs.write_all`."""
    path = tmp_path_factory.mktemp("logs")
    return Logdir(path, logs.write_all(path))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def server(logdir: pathlib.Path) -> Iterator[servers.TensorBoard]:
    """A TensorBoard on the `logdir` of the module that asks, which is a path there."""
    with servers.tensorboard(logdir) as running:
        yield running


@pytest.fixture
def tab(browser: Browser, server: servers.TensorBoard) -> Iterator[Tab]:
    """The Animate tab of `server`; whatever the console says fails the test."""
    with open_tab(browser, server) as opened:
        yield opened
        assert opened.complaints == []
