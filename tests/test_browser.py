"""What somebody sees who opens the tab: a real browser on a real TensorBoard."""

from __future__ import annotations

import contextlib
import pathlib
import re
import struct

import numpy as np
import pytest
from playwright.sync_api import Browser

import logs
from browser import open_tab
from decoders import decode
from servers import TensorBoard, data_server, tensorboard
from tab import SETTLE, TIMES, Tab

FRAMES = 8

PROGRESS = r"[1-9][\d,]* of [\d,]+ pictures"


@pytest.fixture(scope="module")
def logdir(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """Three runs of another cadence, several samples, a video, and a broken picture."""
    path = tmp_path_factory.mktemp("browser")
    logs.write_old_style(path / "fast", tag="a/plain", frames=FRAMES, every=10)
    logs.write_old_style(path / "slow", tag="a/plain", frames=2, every=40)
    logs.write_tf2_images(path / "tf2", tag="b/batch", frames=4, samples=3, every=20)
    with logs.old_style_writer(path / "odd") as writer:
        good = [logs.encode(logs.picture(index)) for index in range(4)]
        # The header is whole, what follows is not.
        writer.add("c/broken", [good[0], good[1][:50], good[2], good[3]], 20)
        gifs = [logs.animated_gif(logs.video_indices(index)) for index in range(2)]
        writer.add("c/video", gifs, 40)
    return path


def test_pixels_change_in_the_logged_order_and_the_loop_comes_round(tab: Tab) -> None:
    tab.warm()
    tab.press(" ")
    shown = tab.card("a/plain", "fast").played(2000)
    order = [index for index, _ in shown]
    assert order == [index % FRAMES for index in range(len(order))]
    assert len(order) > 2 * FRAMES
    # 10 frames a second: what was seen from beginning to end stayed for a tenth of it.
    assert {stayed for _, stayed in shown[1:-1]} <= {80, 100, 120}
    assert sum(stayed for _, stayed in shown[1 : 1 + FRAMES]) in (780, 800, 820)


def test_speed_and_frame_rate_take_effect(tab: Tab) -> None:
    tab.warm()
    tab.pick("Speed", f"0.5{TIMES}")
    tab.press(" ")
    slow = tab.card("a/plain", "fast").played(1200)
    assert len(slow) > 4
    assert {stayed for _, stayed in slow[1:-1]} <= {180, 200, 220}
    tab.press(">")
    tab.press(">")
    tab.set_rate(5)
    assert tab.set_of("Speed") == f"2{TIMES}"
    quick = tab.card("a/plain", "fast").played(800)
    assert len(quick) > 6
    assert {stayed for _, stayed in quick[1:-1]} <= {80, 100, 120}


def test_bounce_and_once(tab: Tab) -> None:
    tab.warm()
    tab.pick("Loop", "Bounce")
    tab.press(" ")
    order = tab.card("a/plain", "fast").order(1700)
    forth = list(range(FRAMES))
    assert order == (forth + forth[-2:0:-1] + forth)[: len(order)]
    tab.press(" ")
    tab.press("Home")
    tab.pick("Loop", "Once")
    tab.press(" ")
    order = tab.card("a/plain", "fast").order(1200)
    assert order == forth
    assert not tab.playing


def test_runs_of_another_cadence_hold_their_frame(tab: Tab) -> None:
    tab.warm()
    for _ in range(5):
        tab.press("ArrowRight")
    slow = tab.card("a/plain", "slow")
    assert slow.shown() == 1
    assert slow.text(".where").startswith("step 40 held")
    assert slow.text(".count") == "2 of 2 frames"
    fast = tab.card("a/plain", "fast")
    assert fast.text(".where").startswith("step 50")
    assert "held" not in fast.text(".where")
    assert fast.text(".count") == f"6 of {FRAMES} frames"


def test_samples_as_a_grid_or_one_at_a_time(tab: Tab) -> None:
    tab.warm()
    card = tab.card("b/batch", "tf2")
    # Three samples stand in two columns; each has a grey mark of its own in its corner.
    marks = [card.pixel(0.02, 0.02), card.pixel(0.52, 0.02), card.pixel(0.02, 0.52)]
    assert [mark[0] for mark in marks] == [0, 40, 80]
    assert card.pixel(0.75, 0.75)[3] == 0
    card.element.get_by_label("Samples shown").select_option("2")
    tab.until(lambda: card.pixel(0.02, 0.02)[0] == 80, "the third sample alone is drawn")
    assert card.pixel(0.75, 0.75)[3] == 255


def test_a_video_plays_within_its_step(tab: Tab) -> None:
    tab.warm()
    tab.set_rate(5)
    tab.press(" ")
    order = tab.card("c/video", "odd").order(760)
    # It goes round in each tick of its step, which lasts for four of the other run's.
    assert order == (4 * logs.video_indices(0))[: len(order)]
    assert len(order) > 12
    order = tab.card("c/video", "odd").order(220)
    assert order[-4:] == logs.video_indices(1)


def test_a_broken_image_is_a_sentence_and_the_rest_plays(tab: Tab) -> None:
    tab.warm()
    tab.press("ArrowRight")
    tab.press("ArrowRight")
    card = tab.card("c/broken", "odd")
    tab.until(lambda: "could not be decoded" in card.text(".message"), "the sentence is there")
    assert tab.card("a/plain", "fast").shown() == 2
    tab.press("ArrowRight")
    tab.press("ArrowRight")
    tab.until(lambda: card.text(".message") == "", "the sentence went")
    assert card.shown() == 2


def test_the_keyboard(tab: Tab) -> None:
    tab.warm()
    tab.press("End")
    assert tab.tick == FRAMES - 1
    tab.press("ArrowLeft")
    assert tab.tick == FRAMES - 2
    tab.press("Home")
    assert tab.tick == 0
    tab.press("ArrowLeft")
    assert tab.tick == FRAMES - 1
    tab.press(" ")
    assert tab.playing
    tab.press(" ")
    assert not tab.playing
    tab.press("<")
    assert tab.set_of("Speed") == f"0.5{TIMES}"
    # In a field the keys are the field's own.
    find = tab.frame.get_by_label("Filter runs")
    find.press("Home")
    find.press(" ")
    assert not tab.playing
    assert tab.cards() == []
    find.fill("")
    assert tab.tick == FRAMES - 1


def test_every_control_has_a_name_and_shows_its_focus(tab: Tab) -> None:
    # A press of the Tab key at a time, through the whole page.
    names = []
    for _ in range(60):
        tab.page.keyboard.press("Tab")
        found = tab.js(
            """() => {
                const it = document.activeElement;
                if (it === document.body) return null;
                const labels = it.labels ? [...it.labels].map((one) => one.textContent) : [];
                const ring = getComputedStyle(it.closest(".number") ?? it).outlineStyle;
                return [it.getAttribute("aria-label") || labels.join() || it.textContent, ring];
            }"""
        )
        if found is None:
            break
        names.append(found[0].strip())
        assert found[1] != "none", f"no focus ring on {found[0]!r}"
    assert all(names)
    for name in (
        "Filter runs",
        "Timeline",
        "In point",
        "Play",
        "Loop: forever",
        f"Speed: 1{TIMES}",
    ):
        assert name in names
    assert {f"Speed: 1{TIMES}", "Frames per second"} <= set(names)


def test_dragging_the_scrubber_seeks_and_pauses(tab: Tab) -> None:
    tab.warm()
    tab.press(" ")
    box = tab.timeline.bounding_box()
    assert box
    middle = box["y"] + box["height"] / 2
    tab.page.mouse.move(box["x"] + 10, middle)
    tab.page.mouse.down()
    tab.page.mouse.move(box["x"] + box["width"] - 2, middle, steps=4)
    tab.page.mouse.up()
    assert tab.tick == FRAMES - 1
    assert not tab.playing
    assert tab.card("a/plain", "fast").shown() == FRAMES - 1


def test_filters(tab: Tab) -> None:
    everything = tab.cards()
    assert len(everything) == 5
    tab.frame.get_by_label("Filter runs").fill("^(fast|slow)$")
    assert tab.cards() == [("a/plain", "fast"), ("a/plain", "slow")]
    tab.frame.get_by_label("Filter tags").fill("nothing like it")
    assert tab.cards() == []
    tab.button("Show everything")
    assert tab.cards() == everything
    tab.frame.get_by_role("checkbox", name="slow").uncheck()
    assert ("a/plain", "slow") not in tab.cards()
    tab.frame.get_by_label("Filter runs").fill("(")
    assert len(tab.cards()) == 4
    tab.frame.get_by_label("Filter runs").fill("")
    tab.frame.get_by_role("checkbox", name="Images").uncheck()
    assert tab.cards() == []


def test_hiding_a_run_keeps_the_step(tab: Tab) -> None:
    for _ in range(4):
        tab.press("ArrowRight")
    assert tab.tick == 4
    tab.frame.get_by_label("Filter runs").fill("slow")
    # Only steps 0 and 40 are left: the playhead stays on 40.
    assert (tab.tick, tab.ticks) == (1, 2)
    tab.frame.get_by_label("Filter runs").fill("")
    assert (tab.tick, tab.ticks) == (4, FRAMES)


def test_download_decodes_to_what_the_card_shows(tab: Tab) -> None:
    dialog = tab.card("a/plain", "fast").export()
    assert dialog.get_by_label("Card", exact=True).evaluate(
        "it => it.selectedOptions[0].textContent"
    ) == ("a/plain · fast")
    dialog.get_by_label("Frames per second").fill("20")
    download = tab.download(dialog)
    assert re.fullmatch(r"[\w.-]+\.gif", download.suggested_filename)
    clip = decode("gif", pathlib.Path(download.path()).read_bytes())
    assert (clip.loop, clip.durations) == (0, [0.05] * FRAMES)
    assert [logs.index_in(picture) for picture in clip.pictures] == list(range(FRAMES))
    tab.until(
        lambda: ".gif ·" in dialog.get_by_role("list", name="Exports").inner_text(), "it says so"
    )
    tab.page.keyboard.press("Escape")
    tab.until(lambda: dialog.count() == 0, "the dialog is closed")


def test_an_export_that_cannot_be_says_why_and_can_be_mended(tab: Tab) -> None:
    dialog = tab.export()
    dialog.get_by_label("From step").fill("1000")
    assert "No frame lies in this range" in dialog.inner_text()
    assert dialog.get_by_role("button", name="Download").is_disabled()
    dialog.get_by_label("From step").fill("30")
    assert "5 frames" in dialog.inner_text()


def test_an_export_can_be_cancelled(browser: Browser, tmp_path: pathlib.Path) -> None:
    noise = np.random.default_rng(0)
    with logs.old_style_writer(tmp_path / "run") as writer:
        frames = [noise.integers(0, 255, (64, 64, 3), np.uint8) for _ in range(800)]
        writer.add("noise", [logs.encode(frame) for frame in frames])
    with tensorboard(tmp_path) as server, open_tab(browser, server) as tab:
        dialog = tab.export()
        dialog.get_by_label("Size").select_option("1080")
        # Without, it would be there within seconds.
        dialog.get_by_label("Tween between frames").check()
        dialog.get_by_role("button", name="Download").click()
        tab.until(lambda: re.search(PROGRESS, dialog.inner_text()), "it progresses")
        dialog.get_by_role("button", name="Cancel").click()
        assert not re.search(PROGRESS, dialog.inner_text())
        # The server's slot is free again: the same export begins anew.
        dialog.get_by_role("button", name="Download").click()
        tab.until(lambda: re.search(PROGRESS, dialog.inner_text()), "it goes again")


@pytest.mark.parametrize("flags", [(), ("--load_fast=false", "--path_prefix=/x")])
def test_within_tensorboard(browser: Browser, logdir: pathlib.Path, flags: tuple[str, ...]) -> None:
    with (
        tensorboard(logdir, *flags) as server,
        open_tab(browser, server, within=True, dark=True) as tab,
    ):
        assert len(tab.cards()) == 5
        assert tab.frame.locator(".app").get_attribute("data-theme") == "dark"
        assert "Roboto" in tab.js("() => [...document.fonts].map((one) => one.family).join()")
        tab.page.evaluate("() => document.body.classList.remove('dark-mode')")
        tab.until(
            lambda: tab.frame.locator(".app").get_attribute("data-theme") == "light", "light again"
        )
        assert tab.complaints == []


def test_reload_brings_new_frames_and_leaves_the_playhead(
    browser: Browser, tmp_path: pathlib.Path
) -> None:
    with contextlib.ExitStack() as stack:
        writer = stack.enter_context(logs.old_style_writer(tmp_path / "run"))
        writer.add("grows", [logs.encode(logs.picture(index)) for index in range(4)])
        server = stack.enter_context(tensorboard(tmp_path))
        tab = stack.enter_context(open_tab(browser, server, within=True))
        tab.press("ArrowRight")
        tab.press("ArrowRight")
        card = tab.card("grows", "run")
        assert card.text(".count") == "3 of 4 frames"
        more = [logs.encode(logs.picture(index)) for index in range(4, 7)]
        writer.add("grows", more, 1, 4)
        tab.page.locator(".reload-button").click()
        tab.until(lambda: card.text(".count") == "3 of 7 frames", "the new frames are there")
        assert tab.tick == 2
        assert card.shown() == 2
        tab.button("Last frame")
        tab.until(lambda: card.shown() == 6, "the newest frame is drawn")


def test_a_server_that_went_away_is_a_sentence_while_the_rest_plays(
    browser: Browser, tmp_path: pathlib.Path
) -> None:
    logs.write_old_style(tmp_path / "run", tag="plain", frames=4)
    with contextlib.ExitStack() as stack:
        running = stack.enter_context(contextlib.ExitStack())
        server = running.enter_context(tensorboard(tmp_path))
        tab = stack.enter_context(open_tab(browser, server))
        tab.warm()
        running.close()
        tab.press(" ")
        order = tab.card("plain", "run").order(900)
        assert order[:5] == [0, 1, 2, 3, 0]
        dialog = tab.export()
        dialog.get_by_role("button", name="Download").click()
        tab.until(lambda: "does not answer" in dialog.inner_text(), "the dialog says so")


def test_reduced_motion_decides_about_autoplay(browser: Browser, server: TensorBoard) -> None:
    with open_tab(browser, server, autoplay=True) as tab:
        tab.until(lambda: tab.playing, "it plays by itself")
    with open_tab(browser, server) as tab:
        tab.advance(1000)
        assert not tab.playing
        assert tab.tick == 0


def test_an_empty_log_directory_shows_how_to_log(browser: Browser, tmp_path: pathlib.Path) -> None:
    with (
        tensorboard(tmp_path) as server,
        open_tab(browser, server, cards=False) as tab,
    ):
        tab.until(lambda: tab.frame.locator("pre").count() == 2, "the code is there")
        for code in tab.frame.locator("pre").all_inner_texts():
            assert len(code.splitlines()) == 4
        assert tab.complaints == []


@pytest.mark.parametrize("width", [400, 3840])
def test_any_width(browser: Browser, server: TensorBoard, width: int) -> None:
    with open_tab(browser, server, size=(width, 800)) as tab:
        assert tab.js("() => document.documentElement.scrollWidth <= innerWidth")
        assert tab.js("() => document.querySelector('main').scrollWidth <= innerWidth")
        bar = tab.frame.get_by_label("Playback").bounding_box()
        assert bar
        assert bar["y"] + bar["height"] <= 800
        if width == 400:
            filters = tab.frame.get_by_role("button", name="Filters", exact=True)
            for close in (lambda: tab.button("Close filters"), lambda: tab.press("Escape")):
                tab.button("Filters")
                assert tab.frame.get_by_label("Filter runs").is_visible()
                assert filters.get_attribute("aria-expanded") == "true"
                close()
                tab.advance(SETTLE)
                assert not tab.frame.get_by_label("Filter runs").is_visible()
                assert filters.get_attribute("aria-expanded") == "false"


def test_only_what_is_in_view_is_fetched_and_drawn(
    browser: Browser, tmp_path: pathlib.Path
) -> None:
    with logs.old_style_writer(tmp_path / "run") as writer:
        for number in range(40):
            writer.add(f"{number:02}/tag", [logs.encode(logs.picture(i)) for i in range(3)])
    with tensorboard(tmp_path) as server, open_tab(browser, server, size=(600, 500)) as tab:
        tab.warm()
        first, last = tab.card("00/tag", "run"), tab.card("39/tag", "run")
        assert first.shown() == 0
        assert not last.drawn()
        last.element.scroll_into_view_if_needed()
        tab.until(last.drawn, "it is drawn once it is in view")
        tab.press("ArrowRight")
        tab.until(lambda: last.shown() == 1, "it follows the playhead")
        assert not first.drawn()


def test_damage_is_told_with_its_place_and_the_rest_plays(
    browser: Browser, tmp_path: pathlib.Path
) -> None:
    logs.write_old_style(tmp_path / "bad", tag="plain", frames=6)
    logs.write_old_style(tmp_path / "good", tag="plain", frames=6)
    (file,) = (tmp_path / "bad").iterdir()
    whole = bytearray(file.read_bytes())
    starts = [0]
    while starts[-1] < len(whole):
        (length,) = struct.unpack_from("<Q", whole, starts[-1])
        starts.append(starts[-1] + 16 + length)
    # The length of the last record: its header no longer matches its checksum.
    whole[starts[-2]] ^= 1
    file.write_bytes(whole)
    with tensorboard(tmp_path) as server, open_tab(browser, server) as tab:
        bad, good = tab.card("plain", "bad"), tab.card("plain", "good")
        assert bad.text(".count") == "1 of 5 frames (log damaged)"
        assert good.text(".count") == "1 of 6 frames"
        tab.button("One log file is damaged; the rest plays.")
        told = tab.text(".notice.warn li")
        assert re.match(rf"run bad, bad/{re.escape(file.name)}, byte {starts[-2]:,}: .*kept", told)
        tab.button("log damaged")
        assert "cannot be read" in bad.text(".why")
        tab.warm()
        tab.press("End")
        assert good.shown() == 5
        assert bad.shown() == 4


def test_a_sample_is_never_passed_off_as_all(browser: Browser, tmp_path: pathlib.Path) -> None:
    logs.write_old_style(tmp_path / "run", tag="plain", frames=30)
    with (
        data_server(tmp_path) as address,
        tensorboard(None, f"--grpc_data_provider={address}") as server,
        open_tab(browser, server) as tab,
    ):
        card = tab.card("plain", "run")
        assert card.text(".count") == "1 of 10 frames (sampled by TensorBoard)"
        tab.button("sampled by TensorBoard")
        assert "--logdir" in card.text(".why")
        assert "--samples_per_plugin=images=" in card.text(".why")
