"""Brings the indices of all event files up to date with what is on disk, a slice at a time."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Sequence

from tb_animate.model import LogWarning, Progress
from tb_animate.sources.eventfile import EventFile, stamp_of
from tb_animate.sources.files import Found, Root, discover
from tb_animate.sources.records import Window, open_binary
from tb_animate.sources.runs import Run
from tb_animate.sources.walk import Walker

SLICE_SECONDS = 0.002
"""Of walking at a stretch. Other threads, TensorBoard's answers to other requests among
them, wait for Python's interpreter lock no longer than this and one window of records."""

PAUSE_SECONDS = 50e-6
"""Between two slices: sleeping, however shortly, is what lets another thread have it."""


class Scan:
    """All runs under some log directories.

    Only one thread at a time may call `run`.

    Attributes:
      lock: held while anything that readers look at changes; take it to read `runs`.
      runs: by name.
    """

    def __init__(self, roots: Sequence[Root], walker: Walker) -> None:
        self.lock = threading.RLock()
        self.runs: dict[str, Run] = {}
        self._roots = tuple(roots)
        self._walker = walker
        self._stopped = False
        self._search_warnings: list[LogWarning] = []
        self._unreadable: dict[str, LogWarning] = {}
        self._names: dict[str, str] = {}
        self._sizes: dict[str, int] = {}
        self._done: dict[str, int] = {}
        self._searched = False

    def stop(self) -> None:
        """Makes a `run` that is under way end soon."""
        self._stopped = True

    def run(self) -> bool:
        """Reads all that is on disk now.

        Returns:
          False if it was stopped before.
        """
        found, warnings = self._search()
        with self.lock:
            self._arrange(found)
            self._search_warnings = warnings
            self._searched = True
        for name, items in found.items():
            run = self.runs[name]
            # What the files so far have decided tags to be; 0 is what nobody wants.
            decided: dict[bytes, int] = {}
            for item, file in zip(items, run.files, strict=True):
                if self._stopped:
                    return False
                file = self._refresh(run, item, file, decided)
                for tag, log in file.published.items():
                    declared = log.declaration if log is not None else None
                    decided.setdefault(tag, declared.data_class if declared else 0)
                with self.lock:
                    # Half a record at the end counts as read: no more comes of it now.
                    self._done[item.path] = item.status.st_size
        return not self._stopped

    def progress(self) -> Progress:
        """Bytes read, and in all files that are known."""
        if not self._searched:
            return Progress(0, 1)  # Nobody knows how many yet, but it is not all.
        total = sum(self._sizes.values())
        done = sum(min(self._done[path], size) for path, size in self._sizes.items())
        return Progress(done, total)

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
                            self._names.get(file.path, ""),
                            file.damage.offset,
                            f"Here {file.damage.what}, so this file is read no further. "
                            f"What its first {file.records} records hold is kept.",
                        )
                    )
        return found

    def _search(self) -> tuple[dict[str, list[Found]], list[LogWarning]]:
        """The files to read, by run."""
        by_run: dict[str, list[Found]] = {}
        warnings: list[LogWarning] = []
        for root in self._roots:
            for item in discover(root):
                if isinstance(item, LogWarning):
                    warnings.append(item)
                    continue
                held = by_run.setdefault(item.run, [])
                if held and held[0].root != item.root:
                    # TensorBoard too shows the directory that was named last.
                    warnings.append(
                        LogWarning(
                            item.run,
                            "",
                            None,
                            f'Both "{held[0].root}" and "{item.root}" have a run of this '
                            "name, and only the latter is shown. Give the directories "
                            "names: --logdir_spec=one:PATH,two:PATH.",
                        )
                    )
                    held.clear()
                held.append(item)
        return dict(sorted(by_run.items())), warnings

    def _arrange(self, found: dict[str, list[Found]]) -> None:
        """Makes `runs` hold these files, those that are known with what is known."""
        runs: dict[str, Run] = {}
        sizes: dict[str, int] = {}
        done: dict[str, int] = {}
        for name, items in found.items():
            run = self.runs.get(name)
            if run is None or run.root != items[0].root:
                run = Run(name, items[0].root)
            held = {file.path: file for file in run.files}
            run.files = [held.get(item.path) or EventFile(item.path) for item in items]
            runs[name] = run
            for item, file in zip(items, run.files, strict=True):
                size = sizes[item.path] = item.status.st_size
                unchanged = file.stamp == stamp_of(item.status)
                done[item.path] = size if unchanged else file.position
        self.runs = runs
        self._sizes, self._done = sizes, done
        self._names = {item.path: item.file for items in found.values() for item in items}
        self._unreadable = {
            path: warning for path, warning in self._unreadable.items() if path in sizes
        }

    def _refresh(
        self, run: Run, item: Found, file: EventFile, decided: dict[bytes, int]
    ) -> EventFile:
        """Brings one file's index up to date. Returns what now stands for the file."""
        misread = file.misread(decided)
        if file.stamp == stamp_of(item.status) and not misread:
            return file
        try:
            fd = open_binary(item.path)
        except FileNotFoundError:
            return file
        except OSError as error:
            self._complain(item, f"This file cannot be opened: {error.strerror}.")
            return file
        try:
            status = os.fstat(fd)
            if file.position and (misread or not file.continues(fd, status.st_size)):
                # The new index takes the old one's place when it is complete, so that a
                # log that was merely copied again never seems to have lost frames.
                new = EventFile(item.path)
                if self._extend(new, fd, status, decided, shown=False):
                    with self.lock:
                        run.files = [new if other is file else other for other in run.files]
                    file = new
            else:
                self._extend(file, fd, status, decided, shown=True)
        except EOFError:
            # It was cut while it was read. The next scan finds out what is left.
            file.stamp = None
        except OSError as error:
            self._complain(item, f"This file cannot be read to its end: {error.strerror}.")
        finally:
            os.close(fd)
        return file

    def _complain(self, item: Found, message: str) -> None:
        with self.lock:
            self._unreadable[item.path] = LogWarning(item.run, item.file, None, message)

    def _extend(
        self,
        file: EventFile,
        fd: int,
        status: os.stat_result,
        decided: dict[bytes, int],
        *,
        shown: bool,
    ) -> bool:
        """Reads on to the end. Returns False if it was stopped before."""
        file.forced = {tag: data_class for tag, data_class in decided.items() if data_class}
        file.damage = None
        window = Window(fd, status.st_size)
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
        with self.lock:
            file.settle(fd, stamp_of(status))
            self._unreadable.pop(file.path, None)
        return True
