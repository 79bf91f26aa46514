"""Environments made of nothing but what a recipe of demo/recipes/ says to install.

    python scripts/lib/fresh.py pytorch     prints the interpreter of the recipe's environment

Recipes that name the same packages share one. `tb-animate` comes from an sdist of this
checkout, so that it is installed as from an index: without the tests' packages and the editable
install.
"""

from __future__ import annotations

import ast
import functools
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

from environment import ROOT, SKIPPED, SetupError, digest, ensure, fail

RECIPES = ROOT / "demo" / "recipes"
ENVIRONMENTS = ROOT / ".venv-recipes"
# What the installed package is made from.
SOURCES = [ROOT / name for name in ("setup.py", "pyproject.toml", "tb_animate", "frontend")]
# What the build reads besides.
PACKED = ("MANIFEST.in", "README.md", "LICENSE")
INSTALL = re.compile(r"^\s*pip install (.+)$", re.MULTILINE)
# Builds without GPU code are local versions (2.13.0+cpu), which pip, where it is told of one,
# takes in place of exactly this release. Any other brings gigabytes of GPU libraries on Linux.
PINNED = {"torch": "torch==2.13.0"}


def main() -> int:
    try:
        print(python(sys.argv[1]))
    except SetupError as error:
        return fail(str(error))
    return 0


@functools.cache
def python(recipe: str) -> pathlib.Path:
    """Makes the environment of a recipe, unless it is there, and returns its interpreter.

    What changes in the course of a process is installed by the next one.

    Args:
      recipe: its file's name without `.py`.

    Raises:
      SetupError: it names nothing to install, or that cannot be installed.
    """
    wanted = requirements(RECIPES / f"{recipe}.py")
    sdist = str(_sdist())
    directory = ENVIRONMENTS / re.sub(r"[^\w.]+", "-", "-".join(wanted)).strip("-")
    packages = [
        PINNED.get(name, re.sub(r"^tb-animate\b", lambda _: sdist, name)) for name in wanted
    ]
    note = f"Installing {', '.join(wanted)} in {directory} ..."
    return ensure(directory, packages, SOURCES, note) / "python"


def requirements(recipe: pathlib.Path) -> list[str]:
    """What stands behind `pip install` in the recipe's docstring."""
    text = ast.get_docstring(ast.parse(recipe.read_text(encoding="utf-8"))) or ""
    found = INSTALL.search(text)
    if found is None:
        raise SetupError(f"The docstring of {recipe} has no line `pip install ...`.")
    return shlex.split(found[1])


def _sdist() -> pathlib.Path:
    """Builds the sdist, unless that of these sources is there."""
    place = ENVIRONMENTS / "sdist"
    stamp = place / "sources.stamp"
    sources = digest(*SOURCES)
    if not stamp.is_file() or stamp.read_text() != sources:
        shutil.rmtree(place, ignore_errors=True)
        with tempfile.TemporaryDirectory() as copy:
            # The build leaves its own node_modules and bundle behind, which in the checkout
            # would take the place of those that are in use.
            for source in (*SOURCES, *(ROOT / name for name in PACKED)):
                if source.is_dir():
                    ignored = shutil.ignore_patterns(*SKIPPED)
                    shutil.copytree(source, pathlib.Path(copy, source.name), ignore=ignored)
                else:
                    shutil.copy(source, copy)
            _build(copy, place)
        stamp.write_text(sources)
    return next(place.glob("*.tar.gz"))


def _build(project: str, place: pathlib.Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "build", "--sdist", "--outdir", str(place), project],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )
    if done.returncode != 0:
        raise SetupError(f"The sdist could not be built:\n{done.stdout}")


if __name__ == "__main__":
    sys.exit(main())
