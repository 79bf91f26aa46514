"""Links in a real browser: what one page shows, another one shows that opens its address."""

from __future__ import annotations

import base64
import functools
import http.server
import json
import pathlib
import threading
import urllib.parse
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from playwright.sync_api import Browser

import logs
from browser import open_tab
from servers import TensorBoard, tensorboard
from tab import SETTLE, Tab

FRAMES = 12
# The address is written so long after a change, in milliseconds.
WRITTEN = 600


@pytest.fixture(scope="module")
def logdir(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """Runs of another cadence, several samples, and points to turn."""
    path = tmp_path_factory.mktemp("link")
    logs.write_old_style(path / "fast", tag="a/plain", frames=FRAMES, every=10)
    logs.write_old_style(path / "slow", tag="a/plain", frames=4, every=40)
    logs.write_tf2_images(path / "tf2", tag="b/batch", frames=4, samples=3, every=20)
    logs.write_add_embedding(
        path / "points",
        logs.clouds(6),
        tag="c/points",
        metadata=[str(row % 3) for row in range(30)],
    )
    logs.write_tf2_scalars(path / "fast")
    return path


def pictures(tab: Tab) -> list[str]:
    """All pixels of all cards, from top to bottom."""
    tab.settle()
    found: list[str] = tab.js(
        "() => [...document.querySelectorAll('canvas.picture')].map((one) => one.toDataURL())"
    )
    return found


def words(tab: Tab) -> list[str]:
    """What the cards, the transport and the filters say."""
    found: list[str] = tab.js(
        """() => [...document.querySelectorAll(
            ".group > h2, .card h3, .card .where, .card .own, .transport, aside h2")]
            .map((one) => one.innerText)"""
    )
    fields: list[str] = tab.js(
        """() => [...document.querySelectorAll("input:not([readonly]), select")]
            .map((one) => one.type === "checkbox" || one.type === "radio" ? `${one.checked}`
                : one.value)"""
    )
    return [*found, *fields]


def link(tab: Tab) -> str:
    """What the button copies."""
    tab.button("Link")
    tab.until(lambda: tab.frame.get_by_role("button", name="Copied").count(), "it is said")
    found: str = tab.js("() => navigator.clipboard.readText()")
    tab.until(lambda: tab.frame.get_by_role("button", name="Link").count(), "it is no news")
    return found


def fragment(address: str) -> dict[str, str]:
    """Our keys of an address."""
    parts = urllib.parse.urlsplit(address).fragment.split("&")
    pairs = dict(part.split("=") for part in parts if "=" in part)
    return {
        urllib.parse.unquote(key).removeprefix("p.animate."): urllib.parse.unquote(value)
        for key, value in pairs.items()
    }


def arrange(tab: Tab) -> None:
    """Changes about everything that one can."""
    tab.frame.get_by_label("Filter tags").fill("plain|batch|points")
    tab.frame.locator("aside").get_by_role("checkbox", name="slow").uncheck()
    for _ in range(5):
        tab.press("ArrowRight")
    tab.press("o")
    tab.press("ArrowLeft")
    tab.press("ArrowLeft")
    tab.press("i")
    tab.press("ArrowRight")
    tab.frame.locator("aside").get_by_role("radio", name="Time").check(force=True)
    tab.pick("Loop", "Bounce")
    tab.press(">")
    tab.frame.locator(".compare .pill", has_text="Wipe").click()
    tab.advance(SETTLE)
    tab.frame.get_by_label("Against").select_option(value="own:first")
    tab.frame.get_by_role("slider", name="Brightness").fill("140")
    tab.card("b/batch", "tf2").element.get_by_label("Samples shown").select_option("1")
    tab.settle()
    points = tab.card("c/points", "points").element
    points.locator("canvas").focus()
    for key in ("+", "Shift+ArrowLeft"):
        tab.page.keyboard.press(key)
    points.locator(".legend button").nth(1).click()
    for name in ("Pin a/plain, fast", "Enlarge b/batch, tf2", "Play b/batch, tf2 alone"):
        tab.frame.get_by_role("button", name=name).first.click()
    tab.advance(SETTLE)
    alone = tab.frame.get_by_label("Timeline of this card").first
    alone.fill("2")
    tab.settle()


@pytest.mark.parametrize(
    ("within", "flags"),
    [
        (False, ()),
        (True, ()),
        (True, ("--path_prefix=/a/b", "--load_fast=false")),
    ],
    ids=["alone", "tensorboard", "prefix"],
)
def test_a_link_shows_the_same_pixels_in_another_browser(
    browser: Browser, logdir: pathlib.Path, within: bool, flags: Sequence[str]
) -> None:
    size = (1280, 2600)
    with tensorboard(logdir, *flags) as server:
        with open_tab(browser, server, within=within, size=size) as tab:
            untouched = pictures(tab)
            arrange(tab)
            address = link(tab)
            shown, told = pictures(tab), words(tab)
            assert tab.complaints == []
        assert address.startswith(server.url)
        assert set(fragment(address)) == {
            *("runs", "tagFilter", "at", "in", "out", "measure", "loop", "speed", "compare"),
            *("options", "views", "samples", "pinned", "large", "unlinked"),
        }
        with open_tab(browser, server, within=within, address=address, size=size) as tab:
            assert pictures(tab) == shown
            # Pixels that nothing was done to would say nothing.
            assert len(set(shown)) == 3
            assert set(shown).isdisjoint(untouched)
            assert words(tab) == told
            assert tab.page.url == address
            assert tab.complaints == []


def test_a_reload_keeps_the_view_and_the_playhead(browser: Browser, server: TensorBoard) -> None:
    with open_tab(browser, server, within=True, autoplay=True) as tab:
        # The controlled clock brings a performance of its own, which knows of no navigation.
        tab.page.add_init_script("performance.getEntriesByType = () => [{type: 'reload'}]")
        tab.until(lambda: tab.playing and tab.tick >= 3, "it plays by itself")
        before = tab.tick
        tab.page.reload()
        tab.arrive(within=True)
        # It goes on from there, not from the start.
        tab.until(lambda: tab.playing, "it plays on")
        assert before <= tab.tick <= before + 3
        tab.press("k")
        tab.press("7")
        assert not tab.playing
        tab.frame.get_by_label("Filter tags").fill("plain")
        shown, tick = pictures(tab), tab.tick
        tab.advance(WRITTEN)
        tab.page.reload()
        tab.arrive(within=True)
        tab.advance(2000)
        assert not tab.playing
        assert (pictures(tab), tab.tick) == (shown, tick)
        assert tab.complaints == []


def test_a_linked_position_is_not_played_away_from(browser: Browser, server: TensorBoard) -> None:
    address = f"{server.url}data/plugin_entry.html?name=animate#p.animate.at=50"
    with open_tab(browser, server, address=address, autoplay=True) as tab:
        tab.advance(2000)
        assert not tab.playing
        assert tab.card("a/plain", "fast").shown() == 5


def test_the_address_is_written_seldom_and_not_for_every_frame(
    browser: Browser, server: TensorBoard
) -> None:
    with open_tab(browser, server) as tab:
        tab.page.evaluate(
            """() => {
                window.written = 0;
                const write = history.replaceState.bind(history);
                history.replaceState = (...all) => { window.written += 1; write(...all); };
            }"""
        )
        for _ in range(6):
            tab.press("ArrowRight")
        tab.advance(WRITTEN)
        assert tab.page.evaluate("() => window.written") == 1
        assert fragment(tab.page.url) == {"at": "60"}
        tab.press(" ")
        tab.advance(3000)
        # Whether it plays is no part of it.
        assert tab.page.evaluate("() => window.written") <= 2
        assert tab.playing
        tab.press(" ")
        tab.advance(WRITTEN)
        assert int(fragment(tab.page.url)["at"]) == 10 * tab.tick


def test_tabs_and_addresses_of_tensorboard(browser: Browser, server: TensorBoard) -> None:
    with open_tab(browser, server, within=True) as tab:
        tab.page.evaluate("() => history.replaceState(history.state, '', '#animate&other=1')")
        tab.press("ArrowRight")
        tab.press("ArrowRight")
        tab.advance(WRITTEN)
        assert tab.page.url == f"{server.url}#animate&other=1&p.animate.at=20"
        tab.page.get_by_role("tab", name="Images").click()
        tab.advance(WRITTEN)
        assert tab.page.url == f"{server.url}#images&other=1&p.animate.at=20"
        tab.page.get_by_role("tab", name="Animate").click()
        tab.advance(WRITTEN)
        assert tab.page.url == f"{server.url}#animate&other=1&p.animate.at=20"
        assert tab.tick == 2
        # An address that somebody types or pastes while the page is open.
        tab.page.evaluate("() => { location.hash = '#animate&p.animate.at=70&p.animate.speed=4'; }")
        tab.until(lambda: tab.tick == 7, "it goes there")
        assert tab.set_of("Speed") == "4\u00d7"
        tab.page.go_back()
        tab.until(lambda: tab.tick == 2, "and back")
        assert tab.set_of("Speed") == "1\u00d7"
        assert tab.complaints == []


def test_a_link_has_its_own_looks_and_leaves_the_readers_as_they_are(
    browser: Browser, server: TensorBoard
) -> None:
    with open_tab(browser, server) as tab:
        tab.press(">")
        tab.frame.get_by_role("slider", name="Contrast").fill("150")
        tab.advance(SETTLE)
        before = tab.page.evaluate("() => ({...localStorage})")
        page = tab.page.url.partition("#")[0]
        tab.page.goto("about:blank")
        tab.page.goto(page + "#p.animate.at=30&p.animate.fps=24")
        tab.arrive()
        assert tab.set_of("Speed") == "1\u00d7"
        assert tab.frame.get_by_role("slider", name="Contrast").input_value() == "100"
        assert tab.frame.get_by_label("Frames per second").input_value() == "24"
        assert tab.page.evaluate("() => ({...localStorage})") == before
        tab.page.goto("about:blank")
        tab.page.goto(page)
        tab.arrive()
        assert tab.set_of("Speed") == "2\u00d7"
        assert tab.frame.get_by_role("slider", name="Contrast").input_value() == "150"
        assert tab.frame.get_by_label("Frames per second").input_value() == "10"


HOSTILE: Any = {
    "at": "1e999",
    "in": "NaN",
    "speed": "-3",
    "runs": '{"a": 1}',
    "runFilter": "(",
    "tagFilter": "(",
    "measure": "__proto__",
    "compare": "wipe,7,run:<img src=x onerror=alert(1)>",
    "options": '{"image.brightness": "x", "embedding.dims": 99, "__proto__": {"x": 1}}',
    "samples": '{"SAMPLES": 999}',
    "pinned": '["nobody"]',
    "unlinked": '{"nobody": 3, "constructor": 1}',
    "scalars": '["<b>"]',
    "smoothing": "7",
    "best": "constructor,,<b>",
    "views": '{"POINTS": {"camera": {"x": "a"}, "hidden": 7, "selected": [null], "segment": {},'
    ' "color_by": []}, "image:a/plain": {"camera": 3}}',
    "nothing": "%E0%A4%A",
}


def test_a_hostile_link_harms_nothing(browser: Browser, server: TensorBoard) -> None:
    listing = server.listing()["series"]
    ids = {one["tag"]: one["id"] for one in listing}
    values = {
        key: text.replace("POINTS", ids["c/points"]).replace("SAMPLES", ids["b/batch"])
        for key, text in HOSTILE.items()
    }
    parts = [f"p.animate.{key}={urllib.parse.quote(text)}" for key, text in values.items()]
    broken = "p.animate.large=%E0%A4%A"
    address = f"{server.url}data/plugin_entry.html?name=animate#{'&'.join([*parts, broken])}"
    size = (1280, 2600)
    with open_tab(browser, server, size=size) as tab:
        usual = pictures(tab)
    with open_tab(browser, server, address=address, size=size) as tab:
        assert pictures(tab) == usual
        assert tab.complaints == []


def test_without_a_clipboard_the_address_is_there_to_be_copied(
    browser: Browser, server: TensorBoard
) -> None:
    with open_tab(browser, server) as tab:
        # As on plain http to another machine.
        tab.js("() => Object.defineProperty(navigator, 'clipboard', {value: undefined})")
        tab.press("ArrowRight")
        tab.button("Link")
        field = tab.frame.get_by_label("The address of what you see")
        tab.until(field.is_visible, "the address is shown")
        assert field.input_value() == tab.page.url
        assert fragment(tab.page.url) == {"at": "10"}
        assert tab.js("() => getSelection().toString()") == tab.page.url
        tab.page.keyboard.press("Escape")
        assert not field.is_visible()


@pytest.fixture
def elsewhere(tmp_path: pathlib.Path) -> Iterator[str]:
    """The address of a page on another port, to be completed by that of a frame in it."""
    page = "<iframe width=1200 height=800></iframe><script>document.querySelector('iframe').src ="
    page += " atob(location.search.slice(1))</script>"
    tmp_path.joinpath("index.html").write_text(page)

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            pass

    handler = functools.partial(Handler, directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(("localhost", 0), handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://localhost:{running.server_port}/?"
        running.shutdown()


@pytest.mark.parametrize("path", ["data/plugin_entry.html?name=animate", "#animate"])
def test_in_a_frame_of_a_notebook(
    browser: Browser, server: TensorBoard, elsewhere: str, path: str
) -> None:
    address = elsewhere + base64.b64encode((server.url + path).encode()).decode()
    with open_tab(browser, server, within=True, address=address) as tab:
        tab.press("ArrowRight")
        tab.press("ArrowRight")
        tab.advance(WRITTEN)
        # That of TensorBoard's page, which is a frame itself; of the tab, where there is none.
        (holder,) = {tab.frame, *tab.page.frames} & {
            frame for frame in tab.page.frames if "p.animate." in frame.url
        }
        assert holder.url == server.url + path + ("&" if "#" in path else "#") + "p.animate.at=20"
        assert tab.page.url == address
        assert tab.complaints == []


def test_views_are_json_that_people_can_read(browser: Browser, server: TensorBoard) -> None:
    with open_tab(browser, server, size=(1280, 2600)) as tab:
        tab.card("c/points", "points").element.locator(".legend button").first.click()
        tab.advance(WRITTEN)
        (state,) = json.loads(fragment(tab.page.url)["views"]).values()
        assert state == {"hidden": ["0"]}
