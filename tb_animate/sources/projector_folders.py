"""Finds what TensorBoard's projector shows: folders, configurations and checkpoints.

PyTorch and tensorboardX write `<step>/<tag>/tensors.tsv` with `metadata.tsv` and `sprite.png`
beside it, and name each in the run's `projector_config.pbtxt`. A writer that resumes forgets
in that file what was logged before, so the folders count, and it only adds to them.
"""

from __future__ import annotations

import dataclasses
import os
import re
import urllib.parse
from collections.abc import Iterable

from tb_animate.model import LogWarning
from tb_animate.sources import checkpoints
from tb_animate.sources.files import Folder, Root, folders, readable, run_name
from tb_animate.sources.projector_configs import CONFIG, Config, Configs, Entry
from tb_animate.sources.projector_files import Beside, Unreadable, stamp_of

# Five characters at least, of which a sign is one.
_STEP = re.compile(r"\d{5,18}|-\d{4,18}")
_TENSORS = ("tensors.tsv", "tensors.bytes")
_NAMED_STEP = re.compile(rf"(.*):({_STEP.pattern})", re.DOTALL)

MAX_WARNINGS = 20


@dataclasses.dataclass(frozen=True, slots=True)
class Snapshot:
    """Where the points of one step lie.

    Attributes:
      path: of the file with the points.
      shape: of the points as configured, [points, dims], or empty.
      variable: which one of a checkpoint; "" where the file holds nothing else.
      stamp: of all files, as of the moment of the search; the time of the first, in
        nanoseconds since the epoch, is its third number.
    """

    run: str
    tag: str
    step: int
    path: str
    beside: Beside
    shape: tuple[int, ...] = ()
    variable: str = ""
    stamp: tuple[tuple[int, ...], ...] = ()


class Finder:
    """Looks for snapshots again and again. For one thread at a time."""

    def __init__(self) -> None:
        self._configs = Configs()

    def find(self, roots: Iterable[Root]) -> tuple[list[Snapshot], list[LogWarning]]:
        """All snapshots under some log directories, at most one of a run, tag and step."""
        found: dict[tuple[str, str, int], Snapshot] = {}
        warnings: list[LogWarning] = []
        for root in roots:
            places: list[tuple[Folder, str]] = []
            saved: dict[str, list[str]] = {}
            for folder in folders(root):
                if isinstance(folder, LogWarning):
                    continue  # The source of event files says the same.
                names = {entry.name for entry in folder.files}
                snapshot = _in_folder(root, folder, names)
                if snapshot is not None:
                    found[snapshot.run, snapshot.tag, snapshot.step] = snapshot
                if CONFIG in names:
                    places.append((folder, run_name(root, folder.relative)))
                steps = [name for name in names if checkpoints.step_of(name) is not None]
                if steps:
                    saved[folder.relative] = steps
            for folder, run in places:
                config = self._configs.read(folder, run)
                warnings += config.warnings
                _add_tensors(found, config, run, folder)
                # Keras saves one directory below its configuration.
                for part in ("", "train"):
                    below = os.path.join(folder.relative, part).rstrip(os.sep)
                    made, more = _saved(
                        config,
                        run_name(root, below),
                        os.path.join(folder.path, part),
                        saved.get(below, []),
                    )
                    warnings += more
                    for one in made:
                        found.setdefault((one.run, one.tag, one.step), one)
        there: list[Snapshot] = []
        gone: dict[tuple[str, str], LogWarning] = {}
        for one in found.values():
            stamp = tuple(map(stamp_of, (one.path, *one.beside.paths)))
            if stamp[0]:
                there.append(dataclasses.replace(one, stamp=stamp))
            else:
                message = (
                    f'{CONFIG} names "{os.path.basename(one.path)}" for "{one.tag}", and there '
                    "is no such file; it is left out."
                )
                gone.setdefault((one.run, one.tag), LogWarning(one.run, "", None, message))
        return there, [*warnings, *gone.values()][:MAX_WARNINGS]


def _in_folder(root: Root, folder: Folder, names: set[str]) -> Snapshot | None:
    """The snapshot of `<run>/<step>/<tag>`, if a folder is one."""
    file = next((name for name in _TENSORS if name in names), None)
    if file is None:
        return None
    parts = folder.relative.split(os.sep)
    steps = [place for place, part in enumerate(parts[:-1]) if _STEP.fullmatch(part)]
    if not steps:
        return None
    at = steps[-1]
    # Writers put %2f for a slash; very old ones left it, so that the tag is several folders.
    tag = "/".join(urllib.parse.unquote(readable(part)) for part in parts[at + 1 :])
    beside = Beside(
        metadata=os.path.join(folder.path, "metadata.tsv") if "metadata.tsv" in names else "",
        sprite=os.path.join(folder.path, "sprite.png") if "sprite.png" in names else "",
    )
    run = run_name(root, os.sep.join(parts[:at]))
    return Snapshot(run, tag, int(parts[at]), os.path.join(folder.path, file), beside)


def _add_tensors(
    found: dict[tuple[str, str, int], Snapshot], config: Config, run: str, folder: Folder
) -> None:
    """Adds what a configuration says of files of points, those of folders included."""
    by_path = {one.path: key for key, one in found.items() if one.run == run}
    for entry in config.entries:
        if not entry.tensors:
            continue
        named = _NAMED_STEP.fullmatch(entry.name)
        tag, step = (named[1], int(named[2])) if named else (entry.name.removesuffix(":0"), 0)
        # Its path is a resolved one; a folder's path may lead through links.
        inside = os.path.relpath(entry.tensors, os.path.realpath(folder.path))
        key = by_path.get(os.path.join(folder.path, inside), (run, tag, step))
        known = found.get(key)
        if known is not None:
            beside = Beside(
                entry.beside.metadata or known.beside.metadata,
                entry.beside.sprite or known.beside.sprite,
                entry.beside.thumbnail,
            )
            found[key] = dataclasses.replace(known, beside=beside, shape=entry.shape)
        else:
            found[key] = Snapshot(run, tag, step, entry.tensors, entry.beside, entry.shape)


def _saved(
    config: Config, run: str, path: str, names: list[str]
) -> tuple[list[Snapshot], list[LogWarning]]:
    """What a configuration says of the variables in the checkpoints of a directory."""
    entries = [entry for entry in config.entries if not entry.tensors and entry.name]
    if not entries or not names:
        return [], []
    lacking = sorted({package for name in names if (package := checkpoints.missing(name))})
    warnings = [
        LogWarning(
            run,
            "",
            None,
            f"The embeddings in this run's checkpoints need the package {package} to be read; "
            f"install it with `pip install {package}` and start again.",
        )
        for package in lacking
    ]
    made: list[Snapshot] = []
    for name in sorted(names, key=lambda name: checkpoints.step_of(name) or 0):
        if checkpoints.missing(name):
            continue
        step = checkpoints.step_of(name)
        assert step is not None
        file = os.path.join(path, name)
        for tag, variable, beside in _variables(entries, file, name):
            made.append(Snapshot(run, tag, step, file, beside, variable=variable))
    return made, warnings


def _variables(entries: list[Entry], file: str, name: str) -> list[tuple[str, str, Beside]]:
    if not checkpoints.is_h5(name):
        unique = {entry.name.removesuffix(":0"): entry.beside for entry in reversed(entries)}
        return [(checkpoints.tag_of(one), one, beside) for one, beside in unique.items()]
    try:
        layers = checkpoints.layers(file, stamp_of(file))
    except Unreadable:
        return []  # Still being written: the next search finds it.
    # Keras names all layers alike in its configuration; only their order tells them apart.
    known = [entry.beside for entry in entries] if len(entries) == len(layers) else []
    known += [Beside()] * (len(layers) - len(known))
    return [(tag, place, one) for (tag, place), one in zip(layers, known, strict=True)]
