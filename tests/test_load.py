"""Many clients at once: no errors, bounded threads, and work that ends with who asked for it."""

from __future__ import annotations

import contextlib
import os
import pathlib
import sys
import urllib.parse
import urllib.request

import psutil
import pytest

import crowd
from servers import tensorboard, until
from tb_animate import streaming
from tb_animate.model import series_id

CLIENTS = 8
SECONDS = 3.0


@pytest.mark.tensorboard
def test_many_clients_list_scrub_and_export_at_once(tmp_path: pathlib.Path) -> None:
    crowd.write_logs(tmp_path, steps=24, side=64, points=60)
    with tensorboard(tmp_path) as server:
        process = psutil.Process(server.pid)
        server.animate("series", wait_ms=10_000)
        server.animate("scalars")
        idle = process.num_threads()
        with crowd.Watcher(process) as watcher:
            met = crowd.crowd(server.url, CLIENTS, SECONDS, pause=0.02)
        assert met.errors == []
        assert met.done["frames", 200] > CLIENTS
        assert met.done["export", 200] + met.done["leave", 200] > 0
        # Each client asks how far its export is while another connection of it may still end.
        assert watcher.threads <= idle + crowd.most_threads(2 * CLIENTS)
        until(lambda: process.num_threads() <= idle, "what was left behind has ended")
        assert "Traceback" not in server.log


def priorities(process: psutil.Process) -> set[int]:
    found = set()
    for thread in process.threads():
        with contextlib.suppress(ProcessLookupError):
            found.add(os.getpriority(os.PRIO_PROCESS, thread.id))
    return found


@pytest.mark.skipif(
    sys.platform != "linux", reason="elsewhere threads have no priority of their own"
)
def test_clips_stand_back_behind_other_requests(tmp_path: pathlib.Path) -> None:
    crowd.write_logs(tmp_path, steps=24, side=64, points=60)
    with tensorboard(tmp_path) as server:
        process = psutil.Process(server.pid)
        usual = priorities(process)
        lower = min(max(usual) + streaming.NICENESS, 19)
        series = series_id(crowd.RUNS[0], "pictures", "image")
        query = urllib.parse.urlencode({"series": series, "width": 2000, "tween": 30, "fps": 1})
        with urllib.request.urlopen(f"{server.url}data/plugin/animate/clip?{query}") as answer:
            assert answer.read(1)
            assert lower in priorities(process)
        until(lambda: priorities(process) <= usual, "whoever comes next has the usual one")
