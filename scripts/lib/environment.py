"""Virtual environments that are made once and made anew when what they hold has changed."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import pathlib
import subprocess
import sys
from collections.abc import Iterable, Sequence

ROOT = pathlib.Path(__file__).resolve().parents[2]
STAMP = "tb_animate.stamp"
SKIPPED = {"__pycache__", "node_modules", "static", "logs"}


def fail(message: str) -> int:
    """Says what went wrong on standard error; returns the exit status."""
    print(message, file=sys.stderr, flush=True)
    return 1


class SetupError(Exception):
    """The environment cannot be made; one plain message for the user."""


def digest(*parts: str | pathlib.Path) -> str:
    """Digest of these words and of all files at or under these paths, built ones left out."""
    total = hashlib.sha256()
    for part in parts:
        if isinstance(part, str):
            total.update(part.encode() + b"\0")
            continue
        for file in [part] if part.is_file() else sorted(_files(part)):
            total.update(os.fsencode(file.relative_to(ROOT)) + b"\0")
            total.update(hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()


def _files(directory: pathlib.Path) -> Iterable[pathlib.Path]:
    for place, directories, files in os.walk(directory):
        directories[:] = [name for name in directories if name not in SKIPPED]
        yield from (pathlib.Path(place, name) for name in files)


def is_current(
    directory: pathlib.Path, requirements: Sequence[str], inputs: Iterable[pathlib.Path]
) -> bool:
    """Whether `ensure` would have nothing to do."""
    stamp = directory / STAMP
    return stamp.is_file() and stamp.read_text() == digest(sys.version, *requirements, *inputs)


def ensure(
    directory: pathlib.Path,
    requirements: Sequence[str],
    inputs: Sequence[pathlib.Path],
    note: str,
    *,
    afresh: bool = False,
) -> pathlib.Path:
    """Makes the environment, unless it is there and neither requirements nor inputs changed.

    Args:
      directory: of the environment.
      requirements: pip's arguments.
      inputs: files and directories which the installed packages are made from.
      note: what to say when there is something to do.
      afresh: begin with an empty environment then, instead of changing what is there.

    Returns:
      The environment's directory of executables.

    Raises:
      SetupError: when a step fails.
    """
    binaries = directory / "bin"
    if is_current(directory, requirements, inputs):
        return binaries
    print(note, flush=True)
    # Taken before the work: what changes in its course is installed the next time.
    wanted = digest(sys.version, *requirements, *inputs)
    stamp = directory / STAMP
    stamp.unlink(missing_ok=True)
    _make(directory, afresh)
    _pip(binaries, *requirements)
    stamp.write_text(wanted)
    return binaries


def _make(directory: pathlib.Path, afresh: bool) -> None:
    """Makes the environment, or leaves the one that this very Python made before."""
    config = directory / "pyvenv.cfg"
    version = ".".join(map(str, sys.version_info[:3]))
    if config.is_file():
        lines = [line.strip() for line in config.read_text().splitlines()]
        if not afresh and f"version = {version}" in lines:
            return
    elif directory.exists() and any(directory.iterdir()):
        raise SetupError(f"{directory} exists and is no virtual environment; move it away.")
    command = [sys.executable, "-m", "venv", "--clear"]
    # Debian takes ensurepip out of its Python; then the machine's own pip fills in.
    bundled = importlib.util.find_spec("ensurepip") is not None
    _run(
        [*command, *([] if bundled else ["--without-pip"]), str(directory)],
        "make " + str(directory),
    )
    if not bundled:
        python = str(directory / "bin" / "python")
        _run(
            [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "pip"],
            f"put pip into {directory} (a pip of 22.3 or newer is needed)",
        )


def _pip(binaries: pathlib.Path, *arguments: str) -> None:
    quiet = ["--quiet", "--disable-pip-version-check", "--no-input"]
    _run(
        [str(binaries / "python"), "-m", "pip", "install", *quiet, *arguments],
        "install the packages; where pip says above that it could not connect or found no "
        "matching distribution, check the network or the proxy and run this again",
    )


def _run(command: list[str], purpose: str) -> None:
    done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        raise SetupError(f"Could not {purpose}.")
