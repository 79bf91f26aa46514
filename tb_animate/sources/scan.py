"""Brings the indices of all event files up to date with what is there, a slice at a time."""

from __future__ import annotations

import concurrent.futures
import threading
import time
from collections.abc import Sequence

from tb_animate.model import LogWarning, Progress
from tb_animate.sources.byte_files import ByteFile, State, open_file
from tb_animate.sources.eventfile import EventFile
from tb_animate.sources.files import Found, Root
from tb_animate.sources.records import Window
from tb_animate.sources.runs import Run
from tb_animate.sources.search import Search
from tb_animate.sources.walk import Walker

SLICE_SECONDS = 0.002
"""Of walking at a stretch. Other threads, TensorBoard's answers to other requests among
them, wait for Python's interpreter lock no longer than this and one window of records."""

PAUSE_SECONDS = 50e-6
"""Between two slices: sleeping, however shortly, is what lets another thread have it."""

REMOTE_RUNS = 8
"""Runs behind addresses that are read at once: nearly all of the time is waiting for answers,
and eight ranges in flight are few for any object storage."""

REMOTE_SECONDS = 10.0
"""For so long a listing of an address counts as new. Each is a request for every thousand
files, and TensorBoard itself looks every five seconds."""


class Scan:
    """All runs under some log directories.

    Only one thread at a time may call `run`.

    Attributes:
      lock: held while anything that readers look at changes; take it to read `runs`.
      runs: by name.
      rest: seconds for which what was read counts as all that there is.
    """

    def __init__(self, roots: Sequence[Root], walker: Walker) -> None:
        self.lock = threading.RLock()
        self.runs: dict[str, Run] = {}
        self._search = Search(roots)
        self._remote = any(root.is_remote for root in roots)
        self.rest = REMOTE_SECONDS if self._remote else 0.0
        self._walker = walker
        self._stopped = False
        self._search_warnings: list[LogWarning] = []
        self._unreadable: dict[str, LogWarning] = {}
        self._found: dict[str, Found] = {}
        self._done: dict[str, int] = {}
        self._searched = False

    def stop(self) -> None:
        """Makes a `run` that is under way end soon."""
        self._stopped = True

    def run(self) -> bool:
        """Reads all that is there now.

        Returns:
          False if it was stopped before.
        """
        found, warnings = self._search.find()
        with self.lock:
            self._arrange(found)
            self._search_warnings = warnings
            self._searched = True
        work = [(self.runs[name], items) for name, items in found.items()]
        if self._remote:
            with concurrent.futures.ThreadPoolExecutor(REMOTE_RUNS, "tb_animate run") as pool:
                list(pool.map(lambda one: self._read_run(*one), work))
        else:
            for run, items in work:
                self._read_run(run, items)
        return not self._stopped

    def _read_run(self, run: Run, items: list[Found]) -> None:
        """Brings the files of one run up to date; only one thread may do so."""
        # What the files so far have decided tags to be; 0 is what nobody wants.
        decided: dict[bytes, int] = {}
        for item, file in zip(items, run.files, strict=True):
            if self._stopped:
                return
            file = self._refresh(run, item, file, decided)
            for tag, log in file.published.items():
                declared = log.declaration if log is not None else None
                decided.setdefault(tag, declared.data_class if declared else 0)
            with self.lock:
                # Half a record at the end counts as read: no more comes of it now.
                self._done[item.path] = item.state.size

    def progress(self) -> Progress:
        """Bytes read, and in all files that are known."""
        if not self._searched:
            return Progress(0, 1)  # Nobody knows how many yet, but it is not all.
        sizes = {path: item.state.size for path, item in self._found.items()}
        done = sum(min(self._done[path], size) for path, size in sizes.items())
        return Progress(done, sum(sizes.values()))

    def warnings(self) -> list[LogWarning]:
        """What could not be used, in the order of runs and files."""
        found = list(self._search_warnings)
        for name in sorted(self.runs):
            for file in self.runs[name].files:
                if file.path in self._unreadable:
                    found.append(self._unreadable[file.path])
                elif file.damage is not None:
                    found.append(
                        LogWarning(
                            name,
                            self._found[file.path].file,
                            file.damage.offset,
                            f"Here {file.damage.what}, so this file is read no further. "
                            f"What its first {file.records} records hold is kept.",
                        )
                    )
        return found

    def _arrange(self, found: dict[str, list[Found]]) -> None:
        """Makes `runs` hold these files, those that are known with what is known."""
        runs: dict[str, Run] = {}
        done: dict[str, int] = {}
        for name, items in found.items():
            run = self.runs.get(name)
            if run is None or run.root != items[0].root:
                run = Run(name, items[0].root)
            held = {file.path: file for file in run.files}
            run.files = [held.get(item.path) or EventFile(item.path) for item in items]
            runs[name] = run
            for item, file in zip(items, run.files, strict=True):
                unchanged = file.stamp == item.state.stamp
                done[item.path] = item.state.size if unchanged else file.position
        self.runs = runs
        self._done = done
        self._found = {item.path: item for items in found.values() for item in items}
        self._unreadable = {
            path: warning for path, warning in self._unreadable.items() if path in self._found
        }

    def _refresh(
        self, run: Run, item: Found, file: EventFile, decided: dict[bytes, int]
    ) -> EventFile:
        """Brings one file's index up to date. Returns what now stands for the file."""
        misread = file.misread(decided)
        if file.stamp == item.state.stamp and not misread:
            return file
        try:
            opened = open_file(item.path, item.state)
        except FileNotFoundError:
            return file
        except OSError as error:
            self._complain(item, f"This file cannot be opened: {error.strerror}.")
            return file
        try:
            state = opened.state()
            if file.position and (misread or not file.continues(opened, state.size)):
                # The new index takes the old one's place when it is complete, so that a
                # log that was merely copied again never seems to have lost frames.
                new = EventFile(item.path)
                if self._extend(new, opened, state, decided, shown=False):
                    with self.lock:
                        run.files = [new if other is file else other for other in run.files]
                    file = new
            else:
                self._extend(file, opened, state, decided, shown=True)
        except EOFError:
            # It was cut while it was read. The next scan finds out what is left.
            file.stamp = None
        except OSError as error:
            self._complain(item, f"This file cannot be read to its end: {error.strerror}.")
        finally:
            opened.close()
        return file

    def _complain(self, item: Found, message: str) -> None:
        with self.lock:
            self._unreadable[item.path] = LogWarning(item.run, item.file, None, message)

    def _extend(
        self,
        file: EventFile,
        opened: ByteFile,
        state: State,
        decided: dict[bytes, int],
        *,
        shown: bool,
    ) -> bool:
        """Reads on to the end. Returns False if it was stopped before."""
        file.forced = {tag: data_class for tag, data_class in decided.items() if data_class}
        file.damage = None
        window = Window(opened, state.size)
        done = False
        while not done:
            if self._stopped:
                return False
            done = self._walker.advance(file, window, SLICE_SECONDS)
            with self.lock:
                if shown or done:
                    file.publish()
                self._done[file.path] = file.position
            time.sleep(PAUSE_SECONDS)
        file.settle(opened, state.stamp)
        with self.lock:
            self._unreadable.pop(file.path, None)
        return True
