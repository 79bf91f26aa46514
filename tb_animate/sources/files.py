"""Which event files there are, and the runs that they belong to, by TensorBoard's rules."""

from __future__ import annotations

import collections
import dataclasses
import os
import posixpath
from collections.abc import Iterable, Iterator

from tb_animate.model import LogWarning
from tb_animate.sources.byte_files import State, is_url, state_of

INFIX = "tfevents"
"""A file is an event file when its name contains this."""

MAX_PLACES = 256
"""In which links show one directory. A run that others are compared with may be linked into each
of their folders; but ten folders that link to each other have millions of paths."""


@dataclasses.dataclass(frozen=True, slots=True)
class Root:
    """A log directory.

    Attributes:
      name: what its runs' names begin with, if anything.
      path: of the directory, or its address; it need not exist yet.
    """

    name: str | None
    path: str

    @property
    def is_remote(self) -> bool:
        """Whether it is an address rather than a directory of this machine."""
        return is_url(self.path)


@dataclasses.dataclass(frozen=True, slots=True)
class Found:
    """An event file.

    Attributes:
      run: name of its run.
      root: path of the log directory it was found under.
      file: path relative to that, for people.
      path: path or address to open.
      state: as of the moment of the search.
    """

    run: str
    root: str
    file: str
    path: str
    state: State


def roots(logdir: str, logdir_spec: str = "") -> list[Root]:
    """The log directories that TensorBoard reads when it is given these two flags.

    Args:
      logdir: one path; it takes precedence.
      logdir_spec: paths, separated by commas, each with an optional name and a colon in
        front of it.
    """
    if logdir:
        return [Root(None, os.path.expanduser(logdir))]
    # Equal paths are one directory, with the name that was given last.
    named = dict(_parse(part) for part in logdir_spec.split(",")) if logdir_spec else {}
    return [Root(name, path) for path, name in named.items()]


def _parse(part: str) -> tuple[str, str | None]:
    """Path and name of one part of `--logdir_spec`."""
    name, colon, path = part.partition(":")
    if not colon or part[0] == "/" or os.path.splitdrive(part)[0] or is_url(part):
        name, path = "", part
    if not is_url(path):
        path = os.path.realpath(os.path.expanduser(path))
    # An empty name, as in ":path", is none.
    return path, name or None


@dataclasses.dataclass(frozen=True, slots=True)
class Folder:
    """A directory under a log directory.

    Attributes:
      path: to open.
      relative: to the log directory, "" for that itself.
      files: what lies in it besides directories, sorted by the names' bytes.
    """

    path: str
    relative: str
    files: list[os.DirEntry[str]]


_CROWDED = (
    f"This link is not followed: links show the same directory in {MAX_PLACES} places, which is "
    "the most, and others may be left out likewise; remove links by which folders lead to each "
    "other."
)


def folders(root: Root) -> Iterator[Folder | LogWarning]:
    """A local log directory and all directories under it, in the order of their files.

    Directories behind links are searched too, except one that leads back to a directory it
    lies in, and one that `MAX_PLACES` links have led to.
    """
    stack: list[tuple[str, str, tuple[str, ...], int]] = [(root.path, "", (), 0)]
    # Links behind other links are counted by themselves, and take nothing from the first.
    places: collections.Counter[tuple[int, int, bool]] = collections.Counter()
    told = False
    while stack:
        path, relative, above, links = stack.pop()
        try:
            with os.scandir(path) as listing:
                # Bytes, since that is how the data server orders names.
                listed = sorted(listing, key=lambda entry: os.fsencode(entry.name))
        except FileNotFoundError:
            continue  # Not there yet, or no longer.
        except NotADirectoryError:
            continue
        except OSError as error:
            reason = error.strerror or type(error).__name__
            message = f"This directory cannot be listed: {reason}. What is in it is left out."
            yield LogWarning("", readable(relative) or ".", None, message)
            continue
        below: list[tuple[str, str, tuple[str, ...], int]] = []
        files: list[os.DirEntry[str]] = []
        lineage = (*above, path)
        for entry in listed:
            try:
                if not entry.is_dir():
                    files.append(entry)
                    continue
                name, is_link = os.path.join(relative, entry.name), entry.is_symlink()
                if is_link:
                    status = os.stat(entry.path)
                    if _leads_back(status, lineage):
                        continue
                    place = status.st_dev, status.st_ino, links > 0
                    places[place] += 1
                    if places[place] > MAX_PLACES:
                        if not told:
                            told = True
                            yield LogWarning("", readable(name), None, _CROWDED)
                        continue
                below.append((entry.path, name, lineage, links + is_link))
            except OSError:
                continue  # It vanished, or it is a link to nothing.
        yield Folder(path, relative, files)
        stack.extend(reversed(below))


def discover(root: Root) -> Iterator[Found | LogWarning]:
    """All event files under a directory, those of one run in the order in which they count.

    Runs are named after their directories, "." for the log directory itself.

    Raises:
      OSError: an address cannot be listed; with a `strerror`.
    """
    if root.is_remote:
        yield from _discover_remote(root)
        return
    for folder in folders(root):
        if isinstance(folder, LogWarning):
            yield folder
            continue
        for entry in folder.files:
            if INFIX not in entry.name:
                continue
            try:
                if entry.is_file():
                    file = readable(os.path.join(folder.relative, entry.name))
                    run = run_name(root, folder.relative)
                    yield Found(run, root.path, file, entry.path, state_of(entry.stat()))
            except OSError:
                continue  # It vanished, or it is a link to nothing.


def lies_in(path: str, directories: Iterable[str]) -> bool:
    """Whether a path lies in one of some directories when all links are followed."""
    try:
        real = os.path.realpath(path)
        return any(
            os.path.commonpath([one, real]) == one for one in map(os.path.realpath, directories)
        )
    except ValueError:
        return False  # Another drive, or no path at all.


def _discover_remote(root: Root) -> Iterator[Found]:
    from tb_animate.sources import remote

    for one in sorted(remote.objects(root.path), key=lambda one: one.relative.encode()):
        folder, name = posixpath.split(one.relative)
        if INFIX in name:
            yield Found(run_name(root, folder), root.path, one.relative, one.url, one.state)


def _leads_back(status: os.stat_result, lineage: tuple[str, ...]) -> bool:
    return any(os.path.samestat(status, os.stat(other)) for other in lineage)


def run_name(root: Root, relative: str) -> str:
    """What TensorBoard calls the run of a directory under a log directory."""
    name = readable(relative) or "."
    return os.path.join(root.name, name) if root.name else name


def readable(path: str) -> str:
    """A path as text, with what is not valid UTF-8 replaced as the data server does."""
    return os.fsencode(path).decode("utf-8", "replace")
