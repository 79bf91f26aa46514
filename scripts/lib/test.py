"""Checks everything: format, lint, types, and the tests of both languages.

scripts/test                 all of it
scripts/test -k gif          pytest alone, with these arguments
scripts/test --oldest        pytest alone, with the oldest supported releases; so, too
PYTHON=python3.10 scripts/test --oldest -k gif
"""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence

from environment import ROOT, SetupError, ensure, fail

ENVIRONMENT = ROOT / ".venv-test"
OLDEST = ROOT / ".venv-test-oldest"
FRONTEND = ROOT / "frontend"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

# Old TensorBoards use it, and setuptools complains of that.
OLD_WARNING = "ignore:pkg_resources is deprecated as an API:UserWarning"


class Steps:
    """Runs commands one after the other and remembers which failed."""

    def __init__(self, binaries: pathlib.Path) -> None:
        self.failed: list[str] = []
        path = os.pathsep.join([str(binaries), os.environ.get("PATH", os.defpath)])
        self._environment = {**os.environ, "PATH": path}

    def run(self, name: str, command: Sequence[str], *, cwd: pathlib.Path = ROOT) -> str:
        """Runs a command, shows its output as it comes, and returns the last line of it."""
        print(f"\n== {name}", flush=True)
        start = time.monotonic()
        last = ""
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        )
        assert process.stdout is not None
        for line in process.stdout:
            print(line, end="", flush=True)
            last = line.rstrip() or last
        if process.wait() != 0:
            self.failed.append(name)
        print(f"-- {name}: {time.monotonic() - start:.0f} s", flush=True)
        return last


def main() -> int:
    arguments = sys.argv[1:]
    if arguments in (["-h"], ["--help"]):
        print(__doc__)
        return 0
    try:
        binaries = _environment()
        steps = Steps(binaries)
        if arguments == ["--format"]:
            _format(steps)
        elif arguments == ["--static"]:
            _static(steps)
        elif arguments:
            _require_browser()
            _require_page_tools(steps)
            if arguments[0] == "--oldest":
                command = [*_oldest_pytest(binaries), *arguments[1:]]
            else:
                command = [str(binaries / "python"), "-m", "pytest", *arguments]
            return subprocess.run(command, cwd=ROOT).returncode
        else:
            _require_browser()
            return _everything(binaries, steps)
    except SetupError as error:
        return fail(str(error))
    return fail(f"\nFailed: {', '.join(steps.failed)}.") if steps.failed else 0


def _environment() -> pathlib.Path:
    inputs = [ROOT / "setup.py", ROOT / "pyproject.toml", FRONTEND]
    note = f"Installing tb_animate and what its tests need in {ENVIRONMENT} ..."
    return ensure(ENVIRONMENT, ["--editable", f"{ROOT}[test]"], inputs, note)


def _format(steps: Steps) -> None:
    steps.run("ruff check --fix", ["ruff", "check", "--fix"])
    steps.run("ruff format", ["ruff", "format"])
    if _has_script("format"):
        steps.run("npm run format", ["npm", "run", "format"], cwd=FRONTEND)


def _static(steps: Steps) -> None:
    steps.run("ruff format", ["ruff", "format", "--check"])
    steps.run("ruff check", ["ruff", "check"])
    steps.run("mypy", ["mypy"])
    _require_page_tools(steps)
    for name in ("lint", "check"):
        if _has_script(name):
            steps.run(f"npm run {name}", ["npm", "run", name], cwd=FRONTEND)


def _everything(binaries: pathlib.Path, steps: Steps) -> int:
    oldest = _oldest_pytest(binaries)
    _static(steps)
    steps.run("npm test", ["npm", "test"], cwd=FRONTEND)
    steps.run("pytest with the oldest releases", [*oldest, "-m", "tensorboard or oldest"])
    closing = steps.run("pytest", [str(binaries / "python"), "-m", "pytest"])
    if steps.failed:
        print(f"\nFailed: {', '.join(steps.failed)}.")
    # Last, so that whoever reads only the end of the log sees how many tests ran.
    print(f"\n{closing}", flush=True)
    return 1 if steps.failed else 0


def _oldest_pytest(binaries: pathlib.Path) -> list[str]:
    """Makes an environment of the oldest supported releases, and returns its pytest's command.

    All else, TensorFlow above all, it borrows from the first one, whose packages come after
    its own: a gigabyte less to install.
    """
    python = str(binaries / "python")
    requirements = _output([python, str(pathlib.Path(__file__).with_name("bounds.py"))]).split("\n")
    note = f"Installing the oldest supported releases in {OLDEST}: {', '.join(requirements)} ..."
    # Afresh, or pip would take the borrowed packages for its own.
    oldest = ensure(OLDEST, requirements, [ROOT / "setup.py"], note, afresh=True)
    where = "import sysconfig; print(sysconfig.get_path('purelib'))"
    own = pathlib.Path(_output([str(oldest / "python"), "-c", where]))
    borrowed = _output([python, "-c", where])
    # addsitedir, for the editable install of tb_animate has a .pth file too.
    borrow = f"import site; site.addsitedir({borrowed!r})\n"
    (own / "borrowed.pth").write_text(borrow, encoding="utf-8")
    return [str(oldest / "python"), "-m", "pytest", "-W", OLD_WARNING]


def _output(command: list[str]) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def _has_script(name: str) -> bool:
    text = (FRONTEND / "package.json").read_text(encoding="utf-8")
    return name in json.loads(text).get("scripts", {})


def _require_page_tools(steps: Steps) -> None:
    """Installs what the package's own build leaves out, as only checks need it."""
    if not (FRONTEND / "node_modules" / "vitest").is_dir():
        steps.run("npm ci", ["npm", "ci"], cwd=FRONTEND)


def _require_browser() -> None:
    """Installs Chromium where it is missing and this may be done."""
    if any(map(shutil.which, BROWSERS)):
        return
    sentence = (
        "The browser tests need Chromium, which is not on the path. "
        "Install it (Debian: apt-get install chromium) and run this again."
    )
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise SetupError(sentence)
    print("Installing Chromium ...", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["install", "--yes", "--no-install-recommends", "chromium"]):
        done = subprocess.run(["apt-get", "--quiet", "--quiet", *command], env=environment)
        if done.returncode != 0:
            raise SetupError(f"`apt-get {' '.join(command)}` failed. {sentence}")
    if not any(map(shutil.which, BROWSERS)):
        raise SetupError(sentence)


if __name__ == "__main__":
    sys.exit(main())
