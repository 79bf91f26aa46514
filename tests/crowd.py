"""Clients that list, scrub and export at once, as pages of many people do."""

from __future__ import annotations

import collections
import contextlib
import dataclasses
import http.client
import json
import pathlib
import random
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import psutil

import event_bytes as eb
import logs
from tb_animate import exports

RUNS = ("one", "two")

# Requests that belong together when somebody drags the playhead.
DRAG = 6

# Of all that a client does. Scrubbing is most of what pages ask for.
SHARES = {"list": 1, "curves": 1, "scrub": 8, "export": 2, "leave": 2}

# What a clip takes beyond the connection's own: drawing, finding colours and coding in stages,
# and the threads of libraries.
THREADS_A_CLIP = 8

TIMEOUT = 120.0  # seconds; whoever waits for the turn of an export may wait for long


def write_logs(
    folder: pathlib.Path, *, steps: int = 60, side: int = 128, points: int = 200
) -> None:
    """Two runs of images, histograms, embeddings and a scalar."""
    pictures = [logs.encode(logs.noise(side, seed)) for seed in range(8)]
    snapshots = logs.clouds(min(steps, 20), points=points, dims=16)
    normal = np.random.default_rng(0).normal(size=(steps, 1000))
    for run in RUNS:
        with logs.old_style_writer(folder / run) as writer:
            for step in range(steps):
                writer.add_scalar("loss", 1 / (1 + step), step)
                writer.add("pictures", [pictures[step % 8]], first_step=step)
        rows = [np.histogram(values * (1 + i / 9), 30) for i, values in enumerate(normal)]
        records = [
            eb.event(
                i, eb.tf2_histogram("weights", list(zip(edges, edges[1:], counts, strict=False)))
            )
            for i, (counts, edges) in enumerate(rows)
        ]
        eb.write(folder / run, [eb.version(), *records], "events.out.tfevents.2")
        logs.write_add_embedding(folder / run, snapshots)


@dataclasses.dataclass
class Tally:
    """What became of the requests.

    Attributes:
      done: answers by what was asked and status.
      errors: sentences of those that should not have been.
      freed: seconds until an export had ended whose client had left.
    """

    done: collections.Counter[tuple[str, int]] = dataclasses.field(
        default_factory=collections.Counter
    )
    errors: list[str] = dataclasses.field(default_factory=list)
    freed: list[float] = dataclasses.field(default_factory=list)

    def add(self, other: Tally) -> None:
        self.done += other.done
        self.errors += other.errors
        self.freed += other.freed


class Client:
    """One of them, at the address of a TensorBoard.

    Args:
      pause: seconds between two things that it does, on the average.
      over: set when it is to stop.
    """

    def __init__(self, url: str, name: str, pause: float, over: threading.Event) -> None:
        parts = urllib.parse.urlsplit(url)
        assert parts.hostname is not None
        self._address = (parts.hostname, parts.port)
        self._base = parts.path + "data/plugin/animate/"
        self._name = name
        self._pause = pause
        self._over = over
        self._random = random.Random(name)
        self._exports = 0
        self.tally = Tally()

    def run(self) -> None:
        try:
            listing = self._ask("list", "series", wait_ms=10_000)
            series, formats = listing["series"], listing["formats"]
            formats = [one["name"] for one in formats if one["available"]]
            acts: dict[str, Callable[[], object]] = {
                "list": lambda: self._ask("list", "series"),
                "curves": self._look_at_curves,
                "scrub": lambda: self._scrub(self._random.choice(series)),
                "export": lambda: self._export(self._random.choice(series), formats, leave=False),
                "leave": lambda: self._export(self._random.choice(series), formats, leave=True),
            }
            names, weights = list(SHARES), list(SHARES.values())
            while not self._over.wait(self._random.expovariate(1 / self._pause)):
                acts[self._random.choices(names, weights)[0]]()
        except Exception as error:
            self.tally.errors.append(f"{self._name}: {type(error).__name__}: {error}")

    def _look_at_curves(self) -> None:
        run = self._random.choice(RUNS)
        self._ask("curves", "scalars")
        self._ask("curves", "scalars", run=run, tag="loss")

    def _scrub(self, series: dict[str, Any]) -> None:
        self._ask("steps", "steps", series=series["id"])
        self._ask("scene", "scene", series=series["id"])
        for _ in range(DRAG):
            if self._over.wait(self._random.expovariate(1 / self._pause)):
                return
            start = self._random.randrange(series["frames"])
            count = self._random.randint(1, 16)
            self._ask("frames", "frames", series=series["id"], start=start, count=count)

    def _export(self, series: dict[str, Any], formats: Sequence[str], *, leave: bool) -> None:
        self._exports += 1
        token = f"{self._name}-{self._exports}"
        query = {
            "series": series["id"],
            "format": self._random.choice(formats),
            "token": token,
            # Those that stay are short, so that others get their turn.
            **({"tween": 3, "fps": 5} if leave else {"max_frames": 10, "fps": 5}),
        }
        with self._requested("clip", query) as response:
            if response.status == 200 and not leave:
                response.read()
            elif response.status == 200:
                response.read(1)
            self._count("leave" if leave else "export", response)
        if leave and response.status == 200:
            left = time.monotonic()
            while self._status("progress", {"token": token}) != 204:
                time.sleep(0.01)
            self.tally.freed.append(time.monotonic() - left)

    def _ask(self, what: str, route: str, **query: Any) -> Any:
        with self._requested(route, query) as response:
            body = response.read()
            self._count(what, response, body)
        is_json = response.status == 200 and response.headers["Content-Type"] == "application/json"
        return json.loads(body) if is_json else None

    def _count(self, what: str, response: http.client.HTTPResponse, body: bytes = b"") -> None:
        self.tally.done[what, response.status] += 1
        busy = response.status == 503 and what in ("export", "leave")
        if response.status != 200 and not busy:
            self.tally.errors.append(
                f"{what}: {response.status} {(body or response.read())[:200]!r}"
            )

    def _status(self, route: str, query: dict[str, Any]) -> int:
        with self._requested(route, query) as response:
            response.read()
            return response.status

    @contextlib.contextmanager
    def _requested(self, route: str, query: dict[str, Any]) -> Iterator[http.client.HTTPResponse]:
        connection = http.client.HTTPConnection(*self._address, timeout=TIMEOUT)
        try:
            connection.request("GET", f"{self._base}{route}?{urllib.parse.urlencode(query)}")
            with connection.getresponse() as response:
                yield response
        finally:
            connection.close()


def crowd(url: str, clients: int, seconds: float, pause: float, name: str = "client") -> Tally:
    """Lets so many clients loose for so long, and returns what all of them met."""
    over = threading.Event()
    them = [Client(url, f"{name}{number}", pause, over) for number in range(clients)]
    threads = [threading.Thread(target=one.run) for one in them]
    for thread in threads:
        thread.start()
    over.wait(seconds)
    over.set()
    for thread in threads:
        thread.join()
    tally = Tally()
    for one in them:
        tally.add(one.tally)
    return tally


def most_threads(clients: int) -> int:
    """More than a server has when idle: a thread for each connection, and those of clips."""
    return clients + THREADS_A_CLIP * exports.MAX_RUNNING


class Watcher:
    """The most memory and threads that a process has had."""

    def __init__(self, process: psutil.Process) -> None:
        self.threads = 0
        self.memory = 0.0
        self._process = process
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> Watcher:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(0.1):
            self.threads = max(self.threads, self._process.num_threads())
            self.memory = max(self.memory, self._process.memory_info().rss / 1e6)
