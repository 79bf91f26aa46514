"""The tab behind proxies such as those of Colab and JupyterHub: it plays, seeks and exports."""

from __future__ import annotations

import contextlib
import pathlib

import pytest
from PIL import Image
from playwright.sync_api import Browser

import event_bytes as eb
import logs
from browser import open_tab
from proxy import Proxy, page_with_frame, proxy
from servers import TensorBoard
from tab import Tab

FRAMES = 12
# As in a browser that forbids sites to store anything.
NO_STORAGE = """
for (const name of ["localStorage", "sessionStorage"])
  Object.defineProperty(window, name, {
    get() { throw new DOMException("Access is denied for this document.", "SecurityError"); },
  });
"""


@pytest.fixture(scope="module")
def logdir(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """Something of each kind, so that all parts of the page are loaded."""
    path = tmp_path_factory.mktemp("proxy")
    logs.write_old_style(path / "run", tag="a/plain", frames=FRAMES)
    logs.write_add_embedding(path / "run", logs.clouds(4), tag="points")
    rows = [[0.0, 1.0, 2.0], [1.0, 2.0, 5.0]]
    eb.write(path / "weights", [eb.event(n, eb.tf2_histogram("w", rows)) for n in range(4)])
    return path


def use(tab: Tab) -> None:
    """Plays, seeks and exports."""
    card = tab.card("a/plain", "run")

    tab.press("End")
    tab.until(lambda: card.shown() == FRAMES - 1, "it seeks")
    tab.press("Home")
    tab.until(lambda: card.shown() == 0, "it seeks back")
    tab.button("Play")
    tab.until(lambda: card.shown() == 5, "it plays")
    tab.button("Pause")
    dialog = card.export()
    assert tab.js("() => document.activeElement.closest('dialog') !== null")
    stills = dialog.locator("[aria-busy]")
    tab.until(lambda: stills.get_attribute("aria-busy") == "false", "the preview is there")
    with Image.open(tab.download(dialog).path()) as clip:
        assert clip.n_frames == FRAMES


@pytest.mark.parametrize("prefix", ["/", "/user/ann/proxy/6006/"], ids=["colab", "jupyterhub"])
def test_in_a_frame_behind_a_proxy(browser: Browser, server: TensorBoard, prefix: str) -> None:
    """As in Colab on a host of its own, as in JupyterHub under a path."""
    with contextlib.ExitStack() as stack:
        between = stack.enter_context(proxy(server.url, prefix))
        # What the magic asks for in Colab; to TensorBoard elsewhere it means nothing.
        framed = between.entrance("?tensorboardColab=true#animate")
        outside = stack.enter_context(page_with_frame(framed, "localhost"))
        tab = stack.enter_context(open_tab(browser, server, within=True, address=outside))
        use(tab)
        check(tab, between, outside)


def test_in_a_frame_of_another_site_without_storage(browser: Browser, server: TensorBoard) -> None:
    """TensorBoard's own page does not open then; the tab by itself does."""
    with contextlib.ExitStack() as stack:
        between = stack.enter_context(proxy(server.url))
        framed = between.entrance("data/plugin_entry.html?name=animate")
        # To a browser its number is another site than its name.
        outside = stack.enter_context(page_with_frame(framed, "127.0.0.1"))
        tab = stack.enter_context(
            open_tab(
                browser,
                server,
                within=True,
                address=outside,
                prepare=lambda page: page.add_init_script(NO_STORAGE),
            )
        )
        stored = "() => { try { return localStorage.length; } catch { return 'denied'; } }"
        assert tab.js(stored) == "denied"
        use(tab)
        check(tab, between, outside)


def check(tab: Tab, between: Proxy, outside: str) -> None:
    """Nothing was asked of anybody but the proxy, no websocket, and nothing that it refuses."""
    assert tab.complaints == []
    asked = [url for url in tab.requests if "/font-roboto/" not in url and url != outside]
    # TensorBoard's own page names its fonts from the root.
    refused = [told for told in between.refused if "/font-roboto/" not in told]
    assert [url for url in asked if not url.startswith((between.url, "blob:", "data:"))] == []
    assert refused == []
    paths = {url.removeprefix(between.url).partition("?")[0] for url in asked}
    wanted = ("index.js", "series", "steps", "scene", "frames", "table", "preview", "clip")
    assert {f"data/plugin/animate/{name}" for name in wanted} <= paths
