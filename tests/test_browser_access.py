"""The tab by keyboard alone, and what axe-core finds in it."""

from __future__ import annotations

import pathlib
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator

import logs
from browser import open_tab
from servers import ROOT, TensorBoard, tensorboard
from tab import SETTLE, Tab

FRAMES = 8
AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"


@pytest.fixture(scope="module")
def logdir(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """Something of each kind, scalars, a broken frame, and a run that begins later."""
    path = tmp_path_factory.mktemp("access")
    logs.write_old_style(path / "fast", tag="a/plain", frames=FRAMES, every=10)
    logs.write_old_style(path / "late", tag="a/plain", frames=2, every=40, first=1)
    logs.write_tf2_images(path / "tf2", tag="b/batch", frames=4, samples=3, every=20)
    logs.write_tensorboardx(path / "torch")
    logs.write_add_embedding(
        path / "points",
        logs.clouds(6),
        tag="c/points",
        metadata=[str(row % 3) for row in range(30)],
    )
    logs.write_tf2_scalars(path / "fast")
    with logs.old_style_writer(path / "odd") as writer:
        writer.add("d/broken", [logs.encode(logs.picture(0))[:50]])
    return path


def found_by_axe(tab: Tab) -> list[str]:
    """What is serious or critical: the rule, and where."""
    assert AXE.exists(), "axe-core is missing: run `npm ci` in frontend/."
    tab.js(AXE.read_text(encoding="utf-8"))
    # The controlled clock has to go on while it works.
    tab.js(
        """() => {
            window.found = undefined;
            axe.run(document, {resultTypes: ["violations"]}).then(
                ({violations}) => { window.found = violations; },
                (error) => { window.found = [{id: String(error), impact: "critical", nodes: []}]; },
            );
        }"""
    )
    tab.until(lambda: tab.js("() => window.found !== undefined"), "axe-core is done")
    violations: list[Any] = tab.js("() => window.found")
    return [
        f"{rule['id']}: {node['html'][:120]} {node['failureSummary']}"
        for rule in violations
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"] or [{"html": "", "failureSummary": ""}]
    ]


def dialog(tab: Tab) -> Locator:
    return tab.frame.locator("dialog[open]")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_serious(browser: Browser, server: TensorBoard, dark: bool) -> None:
    with open_tab(browser, server, dark=dark, size=(1280, 3000)) as tab:
        assert found_by_axe(tab) == []
        tab.export()
        tab.until(lambda: dialog(tab).count() == 1, "the dialog is open")
        assert found_by_axe(tab) == []
        tab.page.keyboard.press("Escape")
        tab.press("?")
        tab.until(lambda: dialog(tab).count() == 1, "the keys are told")
        assert found_by_axe(tab) == []
        tab.page.keyboard.press("Escape")
        # All that is only there when it was asked for.
        tab.frame.get_by_role("button", name="Pin a/plain, fast").first.click()
        tab.frame.get_by_role("button", name="Play b/batch, tf2 alone").click()
        tab.frame.locator(".compare .pill", has_text="Wipe").click()
        tab.frame.get_by_label("Filter runs").fill("(")
        tab.press("i")
        tab.advance(SETTLE)
        assert found_by_axe(tab) == []
        for menu in ("Loop", "Follow", "Speed"):
            with tab.opened(menu):
                assert found_by_axe(tab) == []
        tab.frame.get_by_role("button", name="Scalars").click()
        assert found_by_axe(tab) == []


def test_axe_finds_nothing_serious_in_a_narrow_or_an_empty_tab(
    browser: Browser, server: TensorBoard, tmp_path: pathlib.Path
) -> None:
    with open_tab(browser, server, size=(400, 800)) as tab:
        assert found_by_axe(tab) == []
        tab.button("Filters")
        assert found_by_axe(tab) == []
    with tensorboard(tmp_path) as empty, open_tab(browser, empty, cards=False) as tab:
        tab.until(lambda: tab.frame.locator("pre").count(), "it says how to log")
        assert found_by_axe(tab) == []


def focused(tab: Tab) -> str:
    """What has the focus, as a screen reader would say it."""
    name: str = tab.js(
        """() => {
            const one = document.activeElement;
            if (!one || one === document.body) return "";
            return one.getAttribute("aria-label") ?? one.labels?.[0]?.innerText
                ?? one.innerText ?? "";
        }"""
    )
    return name.strip()


def tab_to(tab: Tab, name: str, key: str = "Tab") -> None:
    """Presses the tab key until what has that name has the focus, seen as such."""
    for _ in range(300):
        tab.page.keyboard.press(key)
        if focused(tab).startswith(name):
            # It can be seen, too, that it is there.
            assert tab.js(
                """() => {
                    const one = document.activeElement;
                    const shown = [one, one.closest("label"), one.parentElement].filter(Boolean);
                    return one.matches(":focus-visible") && shown.some((part) => {
                        const {outlineStyle, outlineWidth, boxShadow} = getComputedStyle(part);
                        return (outlineStyle !== "none" && outlineWidth !== "0px")
                            || boxShadow !== "none";
                    });
                }"""
            ), f"the focus on {name} cannot be seen"
            return
    raise AssertionError(f"the tab key never comes to {name}")


def test_by_keyboard_alone(browser: Browser, server: TensorBoard) -> None:
    with open_tab(browser, server) as tab:
        keys = tab.page.keyboard
        # Filters: by name, and run by run.
        tab_to(tab, "Filter runs")
        keys.type("fast|tf2")
        tab.advance(SETTLE)
        assert {run for _, run in tab.cards()} == {"fast", "tf2"}
        tab_to(tab, "tf2")
        keys.press("Space")
        tab.advance(SETTLE)
        assert {run for _, run in tab.cards()} == {"fast"}
        keys.press("Space")
        tab.advance(SETTLE)
        assert {run for _, run in tab.cards()} == {"fast", "tf2"}
        # Cards: pinned, enlarged, another sample.
        tab_to(tab, "Pin b/batch, tf2")
        keys.press("Enter")
        tab.advance(SETTLE)
        assert tab.cards()[0] == ("b/batch", "tf2")
        assert focused(tab) == "Pin b/batch, tf2"
        tab_to(tab, "Enlarge b/batch, tf2")
        keys.press("Enter")
        tab_to(tab, "Samples shown")
        keys.press("ArrowDown")
        tab.advance(SETTLE)
        assert tab.frame.get_by_label("Samples shown").last.input_value() == "0"
        # The transport: the timeline, playing, a menu, a number.
        tab_to(tab, "Timeline")
        keys.press("ArrowRight")
        assert tab.tick == 1
        tab_to(tab, "Play")
        keys.press("Space")
        assert tab.playing
        assert focused(tab) == "Pause"
        keys.press("Space")
        assert not tab.playing
        tab_to(tab, "Loop: ")
        keys.press("Enter")
        tab.advance(SETTLE)
        assert focused(tab) == "Forever"
        keys.press("ArrowDown")
        keys.press("Escape")
        assert tab.set_of("Loop") == "bounce"
        assert focused(tab).startswith("Loop: ")
        tab_to(tab, "Frames per second")
        keys.press("Control+a")
        keys.type("25")
        keys.press("Enter")
        # The dialog keeps the focus and gives it back.
        tab_to(tab, "Download clip")
        keys.press("Enter")
        tab.until(lambda: dialog(tab).count() == 1, "the dialog is open")
        for _ in range(40):
            keys.press("Tab")
            assert tab.js(
                "() => document.activeElement === document.body"
                " || document.activeElement.closest('dialog') !== null"
            )
        keys.press("Escape")
        tab.until(lambda: dialog(tab).count() == 0, "the dialog is closed")
        assert focused(tab).startswith("Download")
        # And back: nothing holds it.
        tab_to(tab, "Filter runs", "Shift+Tab")
        assert tab.complaints == []


def test_what_has_the_focus_is_in_view(browser: Browser, server: TensorBoard) -> None:
    with open_tab(browser, server, size=(700, 500)) as tab:
        seen = set()
        for _ in range(150):
            tab.page.keyboard.press("Tab")
            name = focused(tab)
            if name in seen or not name:
                continue
            seen.add(name)
            assert tab.js(
                """() => {
                    const box = document.activeElement.getBoundingClientRect();
                    return box.bottom > 0 && box.top < innerHeight
                        && box.right > 0 && box.left < innerWidth;
                }"""
            ), f"{name} has the focus out of view"
        assert len(seen) > 30
