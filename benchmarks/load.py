"""What 32 clients at once do to TensorBoard: errors, memory, threads, and its other tabs.

    python benchmarks/load.py [--minutes 1] [--clients 32] [--pause 0.2]

Starts TensorBoard on a log of images, histograms and embeddings, and times what its other tabs
ask for while it is idle. Then so many clients list, scrub and export for a while, some of which
leave in the middle of a clip, and the same is timed again. `tests/crowd.py` says what a client does
and with what pauses. The clients are on this machine and would be on others, so they run only
when TensorBoard and what is timed leave a processor idle (on Linux; elsewhere with the lowest
priority). For comparison, the same is timed while the server has nothing to do and as many programs
as there are processors count with the lowest priority. Needs psutil.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import contextlib
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import threading
import time

import psutil

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests"))

import crowd
from servers import TensorBoard, tensorboard
from tb_animate import exports

# Interpreters that the clients are spread over, so that theirs is not what is measured.
PROCESSES = 4

COUNTING = "import os\nos.nice(19)\nwhile True:\n    pass"

# What TensorBoard's own pages ask for: the page, the runs, and the scalars' tab.
OTHERS = ("", "data/runs", "data/plugin/scalars/tags", "data/plugins_listing")
IDLE_ROUNDS = 100
MOST_TIMES = 2.0
MOST_FREED_SECONDS = 1.0

# Two clips being made, an answer with frames for each client (2 MB, held some times over while it
# is packed and sent), and the caches of frames (8 MB) and scenes take about 200 MB, and so much
# is measured with MALLOC_ARENA_MAX=2. By default the C library keeps up to 8 pools a processor
# for threads, and what was freed in one is not used in another: three times as much.
MOST_MB = 600


def times(server: TensorBoard, rounds: int, over: threading.Event) -> dict[str, list[float]]:
    """Milliseconds of each of `OTHERS`, in turn, until it is over or for so many rounds."""
    found: dict[str, list[float]] = {path: [] for path in OTHERS}
    for _ in range(rounds):
        for path in OTHERS:
            begun = time.perf_counter()
            status = server.get(path).status
            found[path].append(1000 * (time.perf_counter() - begun))
            assert status == 200, (path, status)
        if over.wait(0.05):
            break
    return found


def median_and_p95(values: list[float]) -> tuple[float, float]:
    return statistics.median(values), statistics.quantiles(values, n=20)[-1]


def visit(url: str, clients: int, seconds: float, pause: float, name: str) -> crowd.Tally:
    if sys.platform == "linux":
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    else:
        os.nice(19)
    return crowd.crowd(url, clients, seconds, pause, name)


def beside_others(server: TensorBoard) -> dict[str, list[float]]:
    """`times` of an idle server on a machine that others keep busy."""
    with contextlib.ExitStack() as stack:
        for _ in range(exports.processors()):
            counting = stack.enter_context(subprocess.Popen([sys.executable, "-c", COUNTING]))
            stack.callback(counting.kill)
        time.sleep(1)
        return times(server, IDLE_ROUNDS, threading.Event())


def verdict(good: bool) -> str:
    return "ok" if good else "MISSED"


def load(server: TensorBoard, clients: int, seconds: float, pause: float) -> bool:
    process = psutil.Process(server.pid)
    server.animate("series", wait_ms=10_000)
    server.animate("scalars")
    never, over = threading.Event(), threading.Event()
    times(server, 10, never)
    idle = times(server, IDLE_ROUNDS, never)
    beside = beside_others(server)
    memory, threads = process.memory_info().rss / 1e6, process.num_threads()
    each = [clients // PROCESSES + (n < clients % PROCESSES) for n in range(PROCESSES)]
    tally = crowd.Tally()
    with contextlib.ExitStack() as stack:
        pool = stack.enter_context(concurrent.futures.ProcessPoolExecutor(PROCESSES))
        probe = stack.enter_context(concurrent.futures.ThreadPoolExecutor(1))
        watcher = stack.enter_context(crowd.Watcher(process))
        visits = [
            pool.submit(visit, server.url, count, seconds, pause, f"{number}-")
            for number, count in enumerate(each)
        ]
        # The first seconds, in which interpreters start, are not yet the load.
        over.wait(min(3, seconds / 4))
        timed = probe.submit(times, server, 10**9, over)
        time.sleep(max(0.0, 0.7 * seconds))
        over.set()
        busy = timed.result()
        for one in visits:
            tally.add(one.result())
    good = [not tally.errors]
    answers = ", ".join(
        f"{what} {count}" if status == 200 else f"{what} refused with {status} {count}"
        for (what, status), count in sorted(tally.done.items())
    )
    print(f"answers: {answers}; {len(tally.errors)} errors ({verdict(good[-1])})")
    for error in tally.errors[:10]:
        print(f"  {error}")
    good.append(watcher.memory - memory <= MOST_MB)
    print(
        f"memory: {memory:.0f} MB idle, {watcher.memory - memory:.0f} MB more at most "
        f"({verdict(good[-1])}; at most {MOST_MB})"
    )
    most = crowd.most_threads(clients + 1)
    good.append(watcher.threads - threads <= most)
    print(
        f"threads: {threads} idle, {watcher.threads - threads} more at most "
        f"({verdict(good[-1])}; at most {most})"
    )
    if tally.freed:
        good.append(max(tally.freed) <= MOST_FREED_SECONDS)
        print(
            f"clients that left: {len(tally.freed)}; their work ended after "
            f"{statistics.median(tally.freed):.2f} s, at most {max(tally.freed):.2f} s "
            f"({verdict(good[-1])}; at most {MOST_FREED_SECONDS:g})"
        )
    for path in OTHERS:
        before, after, others = (median_and_p95(one[path]) for one in (idle, busy, beside))
        ratios = [b / a for a, b in zip(before, after, strict=True)]
        good.append(max(ratios) <= MOST_TIMES)
        print(
            f"/{path}: median {before[0]:.1f} ms idle and {after[0]:.1f} ms under load "
            f"({ratios[0]:.1f} times), p95 {before[1]:.1f} and {after[1]:.1f} ms "
            f"({ratios[1]:.1f} times) ({verdict(good[-1])}; at most {MOST_TIMES:g}); "
            f"idle beside other programs {others[0]:.1f} and {others[1]:.1f} ms "
            f"({others[0] / before[0]:.1f} and {others[1] / before[1]:.1f} times)"
        )
    return all(good)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=1)
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--pause", type=float, default=0.2)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        crowd.write_logs(pathlib.Path(folder))
        with tensorboard(folder) as server:
            good = load(server, asked.clients, 60 * asked.minutes, asked.pause)
            if "Traceback" in server.log:
                print(server.log)
                good = False
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
