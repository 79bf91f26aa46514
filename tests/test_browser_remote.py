"""The tab where TensorBoard's data come from a data server of its own, or from S3."""

from __future__ import annotations

import contextlib
import pathlib

import pytest
from playwright.sync_api import Browser

import logs
import object_storage
from browser import open_tab
from decoders import decode
from servers import data_server, tensorboard
from tab import Tab

FRAMES, KEPT = 30, 10

RETRY = 10_000
"""Milliseconds of the page's time: more than it waits before it asks again."""


def export(tab: Tab) -> bytes:
    """A clip by the dialog's usual settings."""
    content = pathlib.Path(tab.download(tab.export()).path()).read_bytes()
    tab.page.keyboard.press("Escape")
    return content


def play(tab: Tab) -> list[int]:
    """The logged frames that are seen from the first to the last."""
    card = tab.card("plain", "run")
    tab.press("Home")
    seen = []
    for tick in range(KEPT):
        tab.until(lambda tick=tick: tab.tick == tick and card.drawn(), "the frame is drawn")  # type: ignore[misc]
        seen.append(card.shown())
        tab.press("ArrowRight")
    return seen


def test_a_sample_plays_and_is_exported(browser: Browser, tmp_path: pathlib.Path) -> None:
    logged = logs.write_old_style(tmp_path / "run", tag="plain", frames=FRAMES, every=5)
    with (
        data_server(tmp_path) as address,
        tensorboard(None, f"--grpc_data_provider={address}") as server,
        open_tab(browser, server) as tab,
    ):
        assert tab.card("plain", "run").text(".count") == (
            f"1 of {KEPT} frames (sampled by TensorBoard)"
        )
        seen = play(tab)
        assert len(set(seen)) == KEPT
        assert seen == sorted(seen)
        shown = [logs.index_in(picture) for picture in decode("gif", export(tab)).pictures]
        assert shown == seen
        assert {5 * index for index in shown} <= set(logged.steps)
        assert tab.complaints == []


def test_the_tab_outlives_the_data_server(browser: Browser, tmp_path: pathlib.Path) -> None:
    logs.write_old_style(tmp_path / "run", tag="plain", frames=FRAMES)
    with contextlib.ExitStack() as stack:
        first = contextlib.ExitStack()
        address = first.enter_context(data_server(tmp_path))
        server = stack.enter_context(tensorboard(None, f"--grpc_data_provider={address}"))
        tab = stack.enter_context(open_tab(browser, server))
        before = play(tab)
        first.close()
        gone = server.animate("series")
        assert gone.status == 503
        assert gone.text.startswith("TensorBoard's data server does not answer.")
        tab.advance(60_000)
        assert play(tab) == before, "what is here plays on"
        with data_server(tmp_path, port=int(address.rpartition(":")[2])):
            tab.until(lambda: server.animate("series").status == 200, "it is back")
            tab.page.reload()
            tab.arrive()
            assert len(play(tab)) == KEPT
            assert tab.frame.get_by_role("alert").count() == 0
            assert export(tab).startswith(b"GIF89a")


def test_a_page_opened_while_the_data_server_is_away_recovers(
    browser: Browser, tmp_path: pathlib.Path
) -> None:
    logs.write_old_style(tmp_path / "run", tag="plain", frames=FRAMES)
    with contextlib.ExitStack() as stack:
        first = contextlib.ExitStack()
        address = first.enter_context(data_server(tmp_path))
        server = stack.enter_context(tensorboard(None, f"--grpc_data_provider={address}"))
        first.close()
        tab = stack.enter_context(open_tab(browser, server, cards=False))
        alert = tab.frame.get_by_role("alert")
        tab.until(alert.count, "the page says what is wrong")
        assert "data server does not answer" in alert.inner_text()
        stack.enter_context(data_server(tmp_path, port=int(address.rpartition(":")[2])))
        tab.until(lambda: server.animate("series").status == 200, "it is back")
        tab.until(lambda: tab.advance(RETRY) or tab.cards(), "the page has found out")
        tab.until(lambda: alert.count() == 0, "and takes back what it said")
        assert len(play(tab)) == KEPT


def test_the_tab_on_s3(
    browser: Browser, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sitecustomize.py").write_text(object_storage.NO_TENSORFLOW)
    logs.write_old_style(tmp_path / "logs" / "run", tag="plain", frames=KEPT)
    with object_storage.serving() as storage:
        for name, value in storage.environment.items():
            monkeypatch.setenv(name, value)
        url = storage.upload(tmp_path / "logs", "logs")
        with (
            tensorboard(url, pythonpath=[tmp_path]) as server,
            open_tab(browser, server) as tab,
        ):
            assert tab.card("plain", "run").text(".count") == f"1 of {KEPT} frames"
            assert play(tab) == list(range(KEPT))
            assert tab.complaints == []
        # Hidden after TensorBoard's own reader, which is boto3 here.
        hidden = '\nsys.modules["s3fs"] = sys.modules["fsspec"] = None\n'
        (tmp_path / "sitecustomize.py").write_text(object_storage.NO_TENSORFLOW + hidden)
        with (
            tensorboard(url, pythonpath=[tmp_path]) as server,
            open_tab(browser, server) as tab,
        ):
            tab.button("Not all of the logs could be read; the rest plays.")
            assert 'pip install "tb-animate[s3]"' in tab.text(".notice.warn li")
