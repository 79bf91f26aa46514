"""Clips from the page: a real browser on a real TensorBoard; what comes is decoded again."""

from __future__ import annotations

import base64
import io
import os
import pathlib
import re
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Browser, Locator

import event_bytes as eb
import logs
from browser import open_tab
from decoders import decode
from servers import ROOT, TensorBoard, tensorboard
from tab import SETTLE, Tab

FRAMES = 8
# What a shell would take apart, or fill in.
TAG = 'it\'s/$HOME "two"'
RUN, OTHER = "a b/it's", "plain"
NORMAL, NORMAL_TITLE = "weights", "about weights"
LIMIT = 1_500_000  # bytes, below what the noise takes


@pytest.fixture(scope="module")
def logdir(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    path = tmp_path_factory.mktemp("export")
    for shift, run in enumerate((RUN, OTHER)):
        with logs.old_style_writer(path / run) as writer:
            plain = [logs.encode(logs.picture(index + FRAMES * shift)) for index in range(FRAMES)]
            writer.add(TAG, plain, 10)
        rows = [[float(at) * (1 + shift), at + 1.0 + shift, 5.0 + at] for at in range(4)]
        events = [
            eb.event(step, eb.tf2_histogram(NORMAL, [[a - step / 9, b, c] for a, b, c in rows]))
            for step in range(0, 40, 10)
        ]
        numbers = [
            eb.event(step, eb.scalar("val/loss", 1 / (1 + step))) for step in range(0, 80, 5)
        ]
        own = [eb.event(step, eb.scalar(f"own/{shift}", step)) for step in range(0, 80, 5)]
        eb.write(path / run, [*events, *numbers, *own])
    with logs.old_style_writer(path / "noise") as writer:
        writer.add("noise", [logs.encode(logs.noise(64, seed)) for seed in range(200)], 10)
    return path


def ask(tab: Tab, tag: str = TAG, run: str = RUN) -> Locator:
    """Opens the dialog of a card."""
    tab.until(lambda: (tag, run) in tab.cards(), "the card is there")
    card = tab.card(tag, run)
    card.element.scroll_into_view_if_needed()
    tab.until(card.drawn, "the card is drawn")
    dialog = card.export()
    tab.until(lambda: dialog.get_by_role("button", name="Download").is_enabled(), "steps are there")
    return dialog


def download(tab: Tab, dialog: Locator) -> bytes:
    return pathlib.Path(tab.download(dialog).path()).read_bytes()


def shown(tab: Tab) -> list[NDArray[np.uint8]]:
    """The preview's pictures, RGB."""
    found = tab.js(
        """async () => Promise.all([...document.querySelectorAll(".stills img")].map(
            async (image) => {
                await image.decode();
                const canvas = document.createElement("canvas");
                canvas.width = image.naturalWidth;
                canvas.height = image.naturalHeight;
                canvas.getContext("2d").drawImage(image, 0, 0);
                return canvas.toDataURL().split(",")[1];
            }))"""
    )
    files = [io.BytesIO(base64.b64decode(one)) for one in found]
    return [np.asarray(Image.open(file).convert("RGB")) for file in files]


def settle(tab: Tab) -> None:
    stills = tab.frame.get_by_label("Preview")
    tab.until(lambda: stills.get_attribute("aria-busy") == "false", "the preview is there")


def copied(tab: Tab, dialog: Locator, what: str) -> str:
    dialog.get_by_role("button", name=f"Copy {what}").click()
    tab.until(lambda: dialog.get_by_role("button", name="Copied").count(), "it is copied")
    text: str = tab.js("() => navigator.clipboard.readText()")
    return text


def test_the_player_decides_how_it_begins(tab: Tab) -> None:
    tab.frame.get_by_label("Tween between frames").check()
    for _ in range(2):
        tab.press("ArrowRight")
    tab.press("i")
    for _ in range(3):
        tab.press("ArrowRight")
    tab.press("o")
    dialog = ask(tab)
    assert dialog.get_by_label("From step").input_value() == "20"
    assert dialog.get_by_label("To step").input_value() == "50"
    dialog.get_by_label("Tween between frames").uncheck()
    dialog.get_by_label("Loop").select_option("bounce")
    dialog.get_by_label("Backwards").check()
    dialog.get_by_label("Hold the last").fill("1")
    dialog.get_by_label("Frames per second").fill("5")
    clip = decode("gif", download(tab, dialog))
    assert [logs.index_in(picture) for picture in clip.pictures] == [5, 4, 3, 2, 3, 4]
    # The out point stays longer, as it does on the page.
    assert clip.durations == [1.2, 0.2, 0.2, 0.2, 0.2, 0.2]


@pytest.mark.parametrize("name", ["webp", "apng"])
def test_other_formats(tab: Tab, name: str) -> None:
    dialog = ask(tab)
    dialog.get_by_label("Format").select_option(name)
    dialog.get_by_label("Every").fill("2")
    clip = decode(name, download(tab, dialog))
    assert [logs.index_in(picture) for picture in clip.pictures] == [0, 2, 4, 6]


def test_runs_side_by_side_and_all_cards_in_view(tab: Tab) -> None:
    dialog = ask(tab)
    dialog.get_by_label("Its 2 runs").check()
    pictures = decode("gif", download(tab, dialog)).pictures
    assert [(logs.index_in(one, 0.25), logs.index_in(one, 0.75)) for one in pictures] == [
        (index, index + FRAMES) for index in range(FRAMES)
    ]
    inside = dialog.get_by_label("cards in view")
    count = int(re.findall(r"\d+", inside.evaluate("it => it.parentElement.textContent"))[0])
    assert count > 2
    inside.check()
    with tab.page.expect_request(re.compile("/clip")) as asked:
        dialog.get_by_role("button", name="Download").click()
    assert asked.value.url.count("series=") == count
    # Two tags are more than a command can name.
    assert dialog.get_by_role("button", name="Copy command").is_disabled()
    tab.until(lambda: "MB" in tab.text("dialog") or "kB" in tab.text("dialog"), "it is made")


def test_the_preview_is_the_clip(tab: Tab) -> None:
    dialog = ask(tab)
    dialog.get_by_label("Size").select_option("480")
    settle(tab)
    pictures = decode("gif", download(tab, dialog)).pictures
    stills = shown(tab)
    for still, index in zip(stills, (0, FRAMES // 2, FRAMES - 1), strict=True):
        assert still.shape == (360, 480, 3)
        assert logs.index_in(still) in (index, index - 1)
    np.testing.assert_array_equal(stills[0], pictures[0])
    np.testing.assert_array_equal(stills[2], pictures[-1])
    told = tab.text(".stills .sum")
    assert "8 frames · 8 pictures · 480 \N{MULTIPLICATION SIGN} 360" in told
    assert "0.8 s" in told
    assert re.search(r"about [\d.]+ k?B", told)


def test_only_the_latest_wish_is_shown(tab: Tab) -> None:
    dialog = ask(tab)
    settle(tab)
    asked: list[str] = []
    tab.page.on("request", lambda request: asked.append(request.url))
    for every in ("2", "3", "4"):
        dialog.get_by_label("Every").fill(every)
    settle(tab)
    assert [url.partition("every=")[2][:1] for url in asked if "/preview" in url] == ["4"]
    assert "2 frames · 2 pictures" in tab.text(".stills .sum")


def test_how_many_frames_are_left_out_can_be_typed_anew(tab: Tab) -> None:
    dialog = ask(tab)
    every = dialog.get_by_label("Every")
    every.fill("3")
    settle(tab)
    for key in ("End", "Backspace", "4"):
        every.press(key)
        tab.advance(SETTLE)
    assert every.input_value() == "4"
    settle(tab)
    assert "2 frames · 2 pictures" in tab.text(".stills .sum")


def test_a_caption_with_the_numbers_that_are_picked(tab: Tab) -> None:
    tab.until(lambda: tab.frame.locator(".readout li").count(), "the curves are there")
    dialog = ask(tab)
    settle(tab)
    plain = shown(tab)[0]
    dialog.get_by_label("Caption").check()
    numbers = dialog.get_by_role("group", name="values and curves")
    # Only what each run of the clip has.
    assert numbers.get_by_role("checkbox").count() == 2
    assert numbers.get_by_label("val/loss").is_checked()
    settle(tab)
    captioned = shown(tab)[0]
    assert captioned.shape[0] > plain.shape[0]
    numbers.get_by_label("val/loss").uncheck()
    numbers.get_by_label("own/0").check()
    with tab.page.expect_request(re.compile("/clip")) as asked:
        download(tab, dialog)
    assert "caption=1" in asked.value.url
    assert re.findall(r"scalar=([^&]*)", asked.value.url) == ["own%2F0"]


def test_a_limit_is_kept_and_what_was_done_is_said(tab: Tab) -> None:
    dialog = ask(tab, "noise", "noise")
    dialog.get_by_label("Fit into").select_option("other")
    dialog.get_by_label("Limit in MB").fill(str(LIMIT / 1e6))
    assert len(download(tab, dialog)) <= LIMIT
    said = dialog.get_by_role("list", name="Exports").inner_text()
    assert re.search(r"Downloaded .*\.gif · 1\.\d MB · Made to fit 1\.5 MB", said)
    dialog.get_by_label("Fit into").select_option("10")
    assert dialog.get_by_label("Limit in MB").count() == 0


def test_what_the_server_says_stands_at_the_field(browser: Browser, server: TensorBoard) -> None:
    with open_tab(browser, server) as tab:
        dialog = ask(tab)
        dialog.get_by_label("Size").select_option("other")
        width = dialog.get_by_label("Width in pixels")
        width.fill("5000")
        tab.until(lambda: width.get_attribute("aria-invalid") == "true", "it is marked")
        said = tab.frame.locator(f"#{width.get_attribute('aria-describedby')}")
        assert "from 1 to 4096" in said.inner_text()
        width.fill("64")
        settle(tab)
        assert width.get_attribute("aria-invalid") == "false"
        first, *_ = decode("gif", download(tab, dialog)).pictures
        assert first.shape == (48, 64, 3)
        # Only who tries learns that it cannot be made to fit.
        dialog.get_by_label("Card", exact=True).select_option("noise · noise")
        dialog.get_by_label("Fit into").select_option("other")
        limit = dialog.get_by_label("Limit in MB")
        limit.fill("0.01")
        dialog.get_by_role("button", name="Download").click()
        tab.until(lambda: limit.get_attribute("aria-invalid") == "true", "it is marked")
        # What the browser itself says of the answers.
        assert all(re.search("400|413", complaint) for complaint in tab.complaints)


def test_exports_go_on_without_the_dialog(tab: Tab) -> None:
    dialog = ask(tab, "noise", "noise")
    dialog.get_by_label("Size").select_option("720")
    # Other formats would be there before one looks at them again.
    dialog.get_by_label("Format").select_option("webm")
    start = dialog.get_by_role("button", name="Download")
    for _ in range(4):
        start.click()
    tab.until(lambda: "Waits for" in dialog.inner_text(), "others wait")
    tab.page.keyboard.press("Escape")
    tab.until(lambda: dialog.count() == 0, "the dialog is closed")
    tray = tab.frame.get_by_role("region", name="Exports")
    tab.until(lambda: tray.get_by_role("listitem").count() == 4, "all are listed")
    # The page goes on meanwhile.
    tab.press("ArrowRight")
    assert tab.tick == 1
    # Two at once take more than half a minute on a busy machine.
    tab.until(lambda: "Downloaded" in tray.inner_text(), "one is there", 180)
    with tab.page.expect_download() as waiting:
        tray.get_by_role("button", name="Save noise").first.click()
    content = pathlib.Path(waiting.value.path()).read_bytes()
    assert len(decode("webm", content).pictures) == 200
    tray.get_by_role("button", name="Put noise").first.click()
    tab.until(lambda: tray.get_by_role("listitem").count() == 3, "it is put away")


@pytest.mark.parametrize(("tag", "runs"), [(TAG, 1), (TAG, 2), (NORMAL_TITLE, 1)])
def test_link_command_and_python_make_the_same_file(
    tab: Tab, logdir: pathlib.Path, tmp_path: pathlib.Path, tag: str, runs: int
) -> None:
    dialog = ask(tab, tag)
    dialog.get_by_label("Caption").check()
    dialog.get_by_label("Theme").select_option("dark")
    dialog.get_by_label("From step").fill("10")
    if runs > 1:
        dialog.get_by_label("Its 2 runs").check()
    link = copied(tab, dialog, "link")
    command = copied(tab, dialog, "command")
    program = copied(tab, dialog, "Python")
    content = download(tab, dialog)
    assert "scalar=val" in link

    response = tab.page.request.get(link)
    assert response.ok
    assert response.body() == content

    environment = {**os.environ, "PYTHONPATH": os.fspath(ROOT), "HOME": os.fspath(tmp_path)}
    bin_ = tmp_path / "bin"
    bin_.mkdir()
    tool = bin_ / "tb-animate"
    tool.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m tb_animate.cli "$@"\n')
    tool.chmod(0o755)
    environment["PATH"] = f"{bin_}{os.pathsep}{environment['PATH']}"

    def run(*words: str, **more: Any) -> bytes:
        subprocess.run(words, cwd=tmp_path, env=environment, check=True, **more)
        made = tmp_path / "clip.gif"
        found = made.read_bytes()
        made.unlink()
        return found

    assert run("sh", "-c", command.replace("LOGDIR", f"'{logdir}'", 1)) == content
    assert run(sys.executable, "-c", program.replace("LOGDIR", os.fspath(logdir), 1)) == content


def test_without_a_clipboard_the_text_is_shown(browser: Browser, server: TensorBoard) -> None:
    with open_tab(browser, server) as tab:
        tab.js("() => Object.defineProperty(navigator, 'clipboard', {value: undefined})")
        dialog = ask(tab)
        dialog.get_by_role("button", name="Copy link").click()
        text = dialog.get_by_label("To be copied by hand")
        tab.until(text.is_visible, "the text is there")
        assert text.input_value().startswith(server.url + "data/plugin/animate/clip?series=")
        assert text.evaluate("it => it.selectionEnd - it.selectionStart === it.value.length")
        # What is copied later is the clip that the dialog describes then.
        dialog.get_by_label("Every").fill("2")
        tab.until(lambda: "every=2" in text.input_value(), "the link is the present clip's")


def test_what_is_not_installed_says_how_to_get_it(
    browser: Browser, logdir: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.modules['av'] = None\n")
    with (
        tensorboard(logdir, pythonpath=[tmp_path]) as server,
        open_tab(browser, server) as tab,
    ):
        dialog = ask(tab)
        for name in ("mp4", "webm"):
            option = dialog.locator(f"option[value={name}]")
            assert option.is_disabled()
            assert "not installed" in (option.text_content() or "")
        assert 'pip install "tb-animate[video]"' in dialog.inner_text()


def test_the_keyboard_alone_is_enough(tab: Tab) -> None:
    dialog = ask(tab)
    assert dialog.evaluate("it => it.contains(document.activeElement)")
    named = """() => {
        const it = document.activeElement;
        const label = it.labels?.[0]?.textContent ?? it.ariaLabel ?? it.textContent;
        return label.trim();
    }"""
    reached = set()
    for _ in range(40):
        reached.add(tab.js(named))
        assert tab.js("() => document.activeElement.matches(':focus-visible')")
        tab.page.keyboard.press("Tab")
        if tab.js("() => document.activeElement === document.body"):
            break
    assert {"Card", "Format", "Size", "From step", "Loop", "Theme", "Download"} <= reached
    dialog.get_by_label("Frames per second").focus()
    with tab.page.expect_download():
        tab.page.keyboard.press("Enter")
        tab.until(lambda: "Downloaded" in dialog.inner_text(), "the clip is there")


@pytest.mark.parametrize(("width", "dark"), [(360, False), (760, True), (1280, True)])
def test_any_width_and_theme(browser: Browser, server: TensorBoard, width: int, dark: bool) -> None:
    with open_tab(browser, server, size=(width, 700), dark=dark) as tab:
        dialog = ask(tab)
        dialog.get_by_label("Caption").check()
        settle(tab)
        overflow = "it => it.scrollWidth - it.clientWidth"
        assert dialog.evaluate(overflow) <= 0
        box = dialog.get_by_role("button", name="Download").bounding_box()
        assert box
        # It is there without scrolling.
        assert 0 <= box["x"] <= width - box["width"]
        assert box["y"] + box["height"] <= 700
        pixel = shown(tab)[0][0, 0]
        assert (pixel.max() < 128) == dark
