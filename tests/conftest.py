"""Logs that many tests read. Nobody writes into them; tests that write make their own."""

from __future__ import annotations

import dataclasses
import pathlib

import pytest

import logs

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
