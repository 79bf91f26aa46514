"""Finds what TensorBoard's projector shows: folders, configurations and checkpoints.

PyTorch and tensorboardX write `<step>/<tag>/tensors.tsv` with `metadata.tsv` and `sprite.png`
beside it, and name each in the run's `projector_config.pbtxt`. A writer that resumes forgets
in that file what was logged before, so the folders count, and it only adds to them.
"""

from __future__ import annotations

import dataclasses
import logging
import os
import re
import urllib.parse
from collections.abc import Iterable

from tb_animate.model import LogWarning
from tb_animate.sources import checkpoints
from tb_animate.sources.broken import Unreadable
from tb_animate.sources.files import Folder, Root, folders, lies_in, readable, run_name
from tb_animate.sources.projector_configs import CONFIG, Config, Configs, Entry
from tb_animate.sources.projector_files import Beside, stamp_of

logger = logging.getLogger(__name__)

# Five characters at least, of which a sign is one.
_STEP = re.compile(r"\d{5,18}|-\d{4,18}")
_TENSORS = ("tensors.tsv", "tensors.bytes")
_METADATA, _SPRITE = "metadata.tsv", "sprite.png"
_NAMED_STEP = re.compile(rf"(.*):({_STEP.pattern})", re.DOTALL)

MAX_WARNINGS = 20
"""Of a search: mostly they say the same of many files."""

FAILED = (
    "This file is not used wholly: it could not be understood, which is a fault of tb_animate. "
    "The log of this process says why."
)

LEADS_OUT = (
    "This link leads out of the log directory and is not followed; put the file itself here."
)


@dataclasses.dataclass(frozen=True, slots=True)
class Snapshot:
    """Where the points of one step lie.

    Attributes:
      path: of the file with the points.
      shape: of the points as configured, [points, dims], or empty.
      variable: which one of a checkpoint; "" where the file holds nothing else.
      inside: directories of which one must hold each of the files, links followed.
      stamp: of all files, as of the moment of the search; the time of the first, in
        nanoseconds since the epoch, is its third number.
    """

    run: str
    tag: str
    step: int
    path: str
    beside: Beside
    inside: tuple[str, ...]
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
            saved: dict[str, tuple[Folder, list[str]]] = {}
            for folder in folders(root):
                if isinstance(folder, LogWarning):
                    continue  # The source of event files says the same.
                names, refused = _usable(root, folder)
                warnings += refused
                snapshot = _in_folder(root, folder, names)
                if snapshot is not None:
                    found[snapshot.run, snapshot.tag, snapshot.step] = snapshot
                if CONFIG in names:
                    places.append((folder, run_name(root, folder.relative)))
                steps = [name for name in names if checkpoints.step_of(name) is not None]
                if steps:
                    saved[folder.relative] = folder, steps
            for folder, run in places:
                try:
                    warnings += self._add_configured(found, root, folder, run, saved)
                except Exception:
                    logger.exception("tb_animate could not use a projector's configuration")
                    file = readable(os.path.join(folder.relative, CONFIG))
                    warnings.append(LogWarning(run, file, None, FAILED))
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

    def _add_configured(
        self,
        found: dict[tuple[str, str, int], Snapshot],
        root: Root,
        folder: Folder,
        run: str,
        saved: dict[str, tuple[Folder, list[str]]],
    ) -> list[LogWarning]:
        """Adds what the configuration in a folder says."""
        config = self._configs.read(folder, run)
        warnings = list(config.warnings)
        _add_tensors(found, config, run, folder)
        # Keras saves one directory below its configuration.
        for part in ("", "train"):
            below = os.path.join(folder.relative, part).rstrip(os.sep)
            if below not in saved:
                continue
            made, more = _saved(config, root, *saved[below])
            warnings += more
            for one in made:
                found.setdefault((one.run, one.tag, one.step), one)
        return warnings


def _reach(root: Root, folder: Folder) -> tuple[str, ...]:
    """Where links in a folder may lead.

    Links to runs elsewhere are usual, so what counts is what they lead to. But a file in one
    of those that is a link to anywhere would show what nobody has logged.
    """
    return folder.path, root.path


def _usable(root: Root, folder: Folder) -> tuple[set[str], list[LogWarning]]:
    """Names of the files in a folder, without links that lead too far."""
    names = {entry.name for entry in folder.files}
    warnings: list[LogWarning] = []
    for entry in folder.files:
        known = entry.name in (*_TENSORS, CONFIG, _METADATA, _SPRITE)
        if not entry.is_symlink() or not (known or checkpoints.is_part(entry.name)):
            continue
        if not lies_in(entry.path, _reach(root, folder)):
            # Without its data, the index of a checkpoint is none.
            names -= {entry.name, entry.name.partition(".data-")[0] + ".index"}
            file = readable(os.path.join(folder.relative, entry.name))
            warnings.append(LogWarning("", file, None, LEADS_OUT))
    return names, warnings


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
        metadata=os.path.join(folder.path, _METADATA) if _METADATA in names else "",
        sprite=os.path.join(folder.path, _SPRITE) if _SPRITE in names else "",
    )
    run = run_name(root, os.sep.join(parts[:at]))
    path = os.path.join(folder.path, file)
    return Snapshot(run, tag, int(parts[at]), path, beside, _reach(root, folder))


def _add_tensors(
    found: dict[tuple[str, str, int], Snapshot], config: Config, run: str, folder: Folder
) -> None:
    """Adds what a configuration says of files of points, those of folders included."""
    by_path = {one.path: key for key, one in found.items() if one.run == run}
    directory = os.path.realpath(folder.path)
    for entry in config.entries:
        if not entry.tensors:
            continue
        named = _NAMED_STEP.fullmatch(entry.name)
        tag, step = (named[1], int(named[2])) if named else (entry.name.removesuffix(":0"), 0)
        # Its path is a resolved one; a folder's path may lead through links.
        relative = os.path.relpath(entry.tensors, directory)
        key = by_path.get(os.path.join(folder.path, relative), (run, tag, step))
        known = found.get(key)
        if known is not None:
            beside = Beside(
                entry.beside.metadata or known.beside.metadata,
                entry.beside.sprite or known.beside.sprite,
                entry.beside.thumbnail,
            )
            inside = (*known.inside, directory)
            found[key] = dataclasses.replace(known, beside=beside, shape=entry.shape, inside=inside)
        else:
            found[key] = Snapshot(
                run, tag, step, entry.tensors, entry.beside, (directory,), entry.shape
            )


def _saved(
    config: Config, root: Root, folder: Folder, names: list[str]
) -> tuple[list[Snapshot], list[LogWarning]]:
    """What a configuration says of the variables in the checkpoints of a directory."""
    entries = [entry for entry in config.entries if not entry.tensors and entry.name]
    if not entries:
        return [], []
    run = run_name(root, folder.relative)
    # Labels lie beside the configuration, which may be the directory above.
    inside = (*_reach(root, folder), os.path.dirname(folder.path))
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
        file = os.path.join(folder.path, name)
        for tag, variable, beside in _variables(entries, file, name):
            made.append(Snapshot(run, tag, step, file, beside, inside, variable=variable))
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
