"""What goes wrong while the tab plays: TensorBoard ends, and runs and files go or change."""

from __future__ import annotations

import contextlib
import itertools
import os
import pathlib
import shutil
import signal
import socket
from collections.abc import Iterator

from playwright.sync_api import Browser

import logs
import seen
from browser import open_tab
from servers import TensorBoard, tensorboard
from tab import SETTLE, SLICE, Tab

FRAMES = 12

# More than the page waits before it looks for new frames of runs that are quiet.
LOOK = 30_000


@contextlib.contextmanager
def playing(browser: Browser, server: TensorBoard) -> Iterator[Tab]:
    """The tab, playing at five frames a second."""
    with open_tab(browser, server) as tab:
        tab.set_rate(5)
        tab.button("Play")
        yield tab


def shown(tab: Tab, run: str) -> int:
    return tab.card("t", run).shown()


def ticks(tab: Tab, count: int) -> list[int]:
    """The next so many that the playhead stops at."""
    found = [tab.tick]
    while len(found) < count:
        tab.until(lambda: tab.tick != found[-1], "it plays on")
        found.append(tab.tick)
    return found


def in_order(found: list[int], count: int) -> bool:
    return all(after == (before + 1) % count for before, after in itertools.pairwise(found))


def told(tab: Tab, run: str) -> str:
    return tab.card("t", run).text(".count")


def test_tensorboard_is_killed_and_comes_back_while_the_tab_plays(
    browser: Browser, tmp_path: pathlib.Path
) -> None:
    # More than is fetched ahead: the rest has to come from the server that comes back.
    count = 40
    with logs.old_style_writer(tmp_path / "run") as writer:
        writer.add("t", [logs.encode(logs.noise(400, seed)) for seed in range(count)])
    with socket.create_server(("localhost", 0)) as free:
        port = free.getsockname()[1]
    with contextlib.ExitStack() as stack:
        running = stack.enter_context(contextlib.ExitStack())
        server = running.enter_context(tensorboard(tmp_path, f"--port={port}"))
        tab = stack.enter_context(playing(browser, server))
        before = ticks(tab, 3)
        os.kill(server.pid, signal.SIGKILL)
        running.close()
        meanwhile = []
        for _ in range(10_000 // SLICE):
            tab.advance(SLICE)
            meanwhile.append(tab.tick)
        # It plays what it has, waits for what is missing, and does not go elsewhere.
        assert in_order([*before[:-1], *(tick for tick, _ in itertools.groupby(meanwhile))], count)
        assert before[-1] < meanwhile[-1] < count - 1
        assert tab.playing
        stack.enter_context(tensorboard(tmp_path, f"--port={port}"))
        after = ticks(tab, count + 2)
        assert after[0] == meanwhile[-1]
        assert in_order(after, count)


def test_a_run_is_deleted_while_it_plays(browser: Browser, tmp_path: pathlib.Path) -> None:
    for run in ("gone", "stays"):
        logs.write_old_style(tmp_path / run, tag="t", frames=FRAMES)
    with tensorboard(tmp_path) as server, playing(browser, server) as tab:
        assert [run for _, run in tab.cards()] == ["gone", "stays"]
        shutil.rmtree(tmp_path / "gone")

        def has_one_card() -> bool:
            # TensorBoard itself forgets the run somewhat later.
            tab.advance(LOOK // 10)
            return [run for _, run in tab.cards()] == ["stays"]

        tab.until(has_one_card, "its card is gone")
        assert in_order(ticks(tab, FRAMES + 2), FRAMES)
        assert shown(tab, "stays") == tab.tick


def test_a_file_is_cut_and_grows_again_while_it_plays(
    browser: Browser, tmp_path: pathlib.Path
) -> None:
    logs.write_old_style(tmp_path / "run", tag="t", frames=FRAMES)
    (path,) = (tmp_path / "run").iterdir()
    whole = path.read_bytes()
    with tensorboard(tmp_path) as server, playing(browser, server) as tab:
        ticks(tab, 2)
        os.truncate(path, len(whole) // 2)
        tab.advance(LOOK)
        tab.until(lambda: f"of {FRAMES} " not in told(tab, "run"), "the cut is noticed")
        left = int(told(tab, "run").split()[2])
        assert 0 < left < FRAMES
        assert in_order(ticks(tab, left + 2), left)
        path.write_bytes(whole)
        tab.advance(LOOK)
        tab.until(lambda: f"of {FRAMES} " in told(tab, "run"), "all is there again")
        assert in_order(ticks(tab, FRAMES + 2), FRAMES)
        assert tab.complaints == []


def test_a_file_is_replaced_while_it_plays(browser: Browser, tmp_path: pathlib.Path) -> None:
    logs.write_old_style(tmp_path / "run", tag="t", frames=FRAMES, every=1)
    with logs.old_style_writer(tmp_path.with_name("other")) as writer:
        writer.add("t", [logs.encode(logs.picture(index)) for index in range(20, 20 + FRAMES)])
    (path,) = (tmp_path / "run").iterdir()
    (other,) = tmp_path.with_name("other").iterdir()
    with tensorboard(tmp_path) as server, playing(browser, server) as tab:
        ticks(tab, FRAMES)
        assert shown(tab, "run") == tab.tick
        other.replace(path)
        tab.advance(LOOK)
        tab.until(lambda: shown(tab, "run") >= 20, "the new pictures are drawn")
        for _ in range(FRAMES):
            ticks(tab, 2)
            tab.until(lambda: shown(tab, "run") == 20 + tab.tick, "none of the old ones is left")
        assert tab.complaints == []


def test_runs_that_are_written_are_followed_frame_by_frame(
    browser: Browser, tmp_path: pathlib.Path
) -> None:
    runs = ("one", "two")
    pictures = [logs.encode(logs.picture(index)) for index in range(40)]
    with contextlib.ExitStack() as stack:
        one, two = (stack.enter_context(logs.old_style_writer(tmp_path / run)) for run in runs)
        written = 3
        for writer in (one, two):
            writer.add("t", pictures[:written])
        server = stack.enter_context(tensorboard(tmp_path))
        address = server.url + "data/plugin_entry.html?name=animate#p.animate.follow=newest"
        tab = stack.enter_context(open_tab(browser, server, address=address))
        tab.until(lambda: all(shown(tab, run) == 2 for run in runs), "the newest are drawn")
        tab.js(seen.WATCH)
        for more in (5, 9, 1, 14):
            one.add("t", pictures[written : written + more], first_step=written)
            # The other run is a frame late whenever the page looks.
            two.add("t", pictures[written : written + more - 1], first_step=written)
            tab.advance(5_000)
            written += more
            last = written - 1
            tab.until(lambda last=last: shown(tab, "one") == last, "the newest is drawn")
            two.add("t", [pictures[written - 1]], first_step=written - 1)
        tab.advance(5_000)
        tab.until(lambda: shown(tab, "two") == written - 1, "the last is drawn")
        tab.advance(SETTLE)
        found = tab.js(seen.SEEN)
        assert seen.faults(found, written) == []
        assert [len(found[run]) for run in runs] == [written - 2] * 2
        assert tab.complaints == []
