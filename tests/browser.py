"""A real browser, and the tab opened in it on a real TensorBoard."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator

from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from servers import TensorBoard
from tab import Tab

# Sandboxing needs rights that a container's root lacks; the page is our own.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    # WebGL without a graphics card; newer releases ask for this word.
    "--enable-unsafe-swiftshader",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]

FOREIGN = ("Three.js", "/font-roboto/", "favicon.ico", "willReadFrequently", "ReadPixels")

# What no page may say, whoever wrote it.
POLICY = "Content Security Policy"


def chromium_path() -> str:
    """The browser: `$CHROMIUM`, or the one that is installed."""
    for name in (os.environ.get("CHROMIUM"), "chromium", "chromium-browser", "google-chrome"):
        path = shutil.which(name) if name else None
        if path:
            return path
    raise AssertionError("No Chromium here: install Debian's package chromium, or set $CHROMIUM.")


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=FLAGS)
        yield browser
        browser.close()


@contextlib.contextmanager
def open_tab(
    browser: Browser,
    server: TensorBoard,
    *,
    within: bool = False,
    address: str | None = None,
    autoplay: bool = False,
    dark: bool = False,
    size: tuple[int, int] = (1280, 900),
    cards: bool = True,
    prepare: Callable[[Page], object] | None = None,
) -> Iterator[Tab]:
    """Opens the tab and waits until its first card is drawn.

    Args:
      within: inside TensorBoard's own page instead of alone.
      address: a link to it, of the one page or the other.
      autoplay: false: the system asks for reduced motion, and nothing moves by itself.
      cards: wait for a card.
      prepare: gets the empty page first, to listen to it or to add scripts.
    """
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if dark else "light",
        reduced_motion="no-preference" if autoplay else "reduce",
        accept_downloads=True,
        permissions=["clipboard-read", "clipboard-write"],
    )
    page = context.new_page()
    page.set_default_timeout(30_000)
    complaints: list[str] = []
    requests: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        # TensorBoard's own page warns of its own library, and misses its own fonts under a
        # path prefix; alone, the tab has no icon; reading pixels back is what tests do, and what
        # showing WebGL's picture means without a graphics card.
        told = f"{message.text} {message.location['url']}"
        foreign = any(word in told for word in FOREIGN) and POLICY not in told
        if message.type in ("warning", "error") and not foreign:
            complaints.append(f"{message.type}: {message.text}")

    page.on("console", listen)
    page.on("pageerror", lambda error: complaints.append(f"exception: {error}"))
    page.on("request", lambda request: requests.append(request.url))
    page.on("websocket", lambda socket: requests.append(socket.url))
    if prepare is not None:
        prepare(page)
    page.clock.install(time=1_700_000_000)
    usual = "#animate" if within else "data/plugin_entry.html?name=animate"
    page.goto(address or server.url + usual)
    page.clock.pause_at(1_700_000_600)
    tab = Tab(page, page.main_frame, complaints, requests)
    tab.arrive(within=within, cards=cards)
    yield tab
    context.close()
