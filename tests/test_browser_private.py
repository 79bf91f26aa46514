"""Nothing leaves: no request to another host, and nothing is written where logs are."""

from __future__ import annotations

import contextlib
import hashlib
import os
import pathlib
import urllib.parse
from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Browser

import event_bytes as eb
import logs
import tb_animate
from browser import open_tab
from servers import tensorboard
from tab import Tab

ROUTES = [
    "index.js",
    "series",
    "steps",
    "scene",
    "table",
    "frames",
    "scalars",
    "clip",
    "preview",
    "progress",
    "static/index.js",
]


def write(path: pathlib.Path) -> None:
    for run in ("one", "two"):
        events = [
            eb.event(
                step,
                eb.tf1_image("picture", logs.encode(logs.picture(step))),
                eb.tf2_histogram("weights", [(-1.0, 0.0, 1.0 + step), (0.0, 2.0, 5.0)]),
                eb.scalar("loss", 1 / (1 + step)),
            )
            for step in range(6)
        ]
        eb.write(path / run, [eb.version(), *events])
    points = np.random.default_rng(0).normal(size=(3, 20, 5)).astype(np.float32)
    labels = [f"class {row % 3}" for row in range(20)]
    logs.write_add_embedding(path / "projector", points, metadata=labels)
    with logs.quiet():
        from tensorboardX import SummaryWriter

        writer = SummaryWriter(os.fspath(path / "logged"))
        for step, cloud in enumerate(points):
            tb_animate.summary.embedding("cloud", cloud, step, metadata=labels, writer=writer)
        writer.close()


def state(path: pathlib.Path) -> dict[str, tuple[object, ...]]:
    """Of all that lies under a directory: names, sizes, times, rights and contents."""
    found: dict[str, tuple[object, ...]] = {}
    for one in [path, *path.rglob("*")]:
        status = one.stat()
        digest = hashlib.sha256(one.read_bytes()).hexdigest() if one.is_file() else ""
        times = status.st_mtime_ns, status.st_ctime_ns
        found[os.fspath(one)] = (*times, status.st_mode, status.st_size, status.st_nlink, digest)
    return found


@contextlib.contextmanager
def read_only(path: pathlib.Path) -> Iterator[None]:
    """Takes the right to write, which stops everybody but root."""
    everything = [path, *path.rglob("*")]
    for one in everything:
        one.chmod(one.stat().st_mode & ~0o222)
    try:
        yield
    finally:
        for one in everything:
            one.chmod(one.stat().st_mode | 0o200)


def use(tab: Tab) -> None:
    """What people do with it: play, scrub, compare, look at embeddings, export, share."""
    for position in range(tab.frame.locator(".card").count()):
        card = tab.frame.locator(".card").nth(position)
        card.scroll_into_view_if_needed()
        tab.until(
            lambda card=card: card.locator("canvas[data-index]").count(),
            f"card {position} is drawn",
        )
        card.hover()
    for key in (" ", "l", "j", "k", "End", "ArrowLeft", "5", "i", "o", "?"):
        tab.press(key)
        tab.advance(400)
    tab.dialog()
    tab.page.keyboard.press("Escape")
    box = tab.timeline.bounding_box()
    assert box is not None
    tab.page.mouse.move(box["x"] + 5, box["y"] + box["height"] / 2)
    tab.page.mouse.down()
    tab.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=5)
    tab.page.mouse.up()
    tab.press("Home")
    tab.export()
    tab.page.keyboard.press("Escape")
    for tag, run in (("picture", "one"), ("about weights", "one"), ("cloud", "logged")):
        card = tab.card(tag, run)
        card.element.scroll_into_view_if_needed()
        dialog = card.export()
        tab.until(lambda d=dialog: d.get_by_role("button", name="Download").is_enabled(), "ready")
        dialog.get_by_role("button", name="Copy link").click()
        assert pathlib.Path(tab.download(dialog).path()).stat().st_size > 0
        tab.page.keyboard.press("Escape")
        tab.advance(300)


@pytest.mark.parametrize("flags", [(), ("--load_fast=false",)], ids=["data server", "python"])
def test_a_session_asks_nobody_else_and_writes_nothing(
    browser: Browser, tmp_path: pathlib.Path, flags: tuple[str, ...]
) -> None:
    path = tmp_path / "logs"
    write(path)
    with read_only(path):
        before = state(path)
        with (
            tensorboard(path, *flags) as server,
            open_tab(browser, server, within=True, autoplay=True) as tab,
        ):
            use(tab)
            assert tab.complaints == []
            here = urllib.parse.urlsplit(server.url)
            for address in tab.requests:
                parts = urllib.parse.urlsplit(address)
                own = parts.scheme in ("http", "ws") and parts.netloc == here.netloc
                assert own or parts.scheme in ("blob", "data"), address
            asked = {urllib.parse.urlsplit(address).path for address in tab.requests}
            assert {f"/data/plugin/animate/{name}" for name in ("clip", "frames", "table")} <= asked
            for route in ROUTES:
                for method in ("POST", "PUT", "DELETE", "PATCH"):
                    answer = server.animate(route, method=method)
                    assert (answer.status, answer.headers["Allow"]) == (405, "GET, HEAD")
        assert state(path) == before
