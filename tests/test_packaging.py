"""What `python -m build` makes, and that it works where there is neither Node nor a checkout.

These tests fetch from the package index, as an installation does.
"""

from __future__ import annotations

import gzip
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile
import urllib.request
import zipfile

import pytest

import bounds
from conftest import Logdir
from servers import START_SECONDS, until

ROOT = pathlib.Path(__file__).resolve().parent.parent
ENTRY = "tb_animate/static/index.js"
# What a browser has to load before the page can show anything.
MAX_PAGE_BYTES = 60_000
STATIC_IMPORT = re.compile(r"""(?:\bfrom|\bimport)\s*["']\./([^"']+)["']""")


def build(project: pathlib.Path, *arguments: str, **environment: str) -> tuple[int, str]:
    """Runs `python -m build`; returns its status and all that it said."""
    done = subprocess.run(
        [sys.executable, "-m", "build", *arguments, str(project)],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        timeout=600,
    )
    return done.returncode, done.stdout


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """A copy of what git has, or would have: nothing that was built."""
    copy = tmp_path_factory.mktemp("checkout") / "tb_animate"
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy / name)
    assert not (copy / ENTRY).exists()
    return copy


@pytest.fixture(scope="module")
def sdist(checkout: pathlib.Path, tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    out = tmp_path_factory.mktemp("dist")
    status, said = build(checkout, "--sdist", "--outdir", str(out))
    assert status == 0, said
    (path,) = out.glob("*.tar.gz")
    return path


@pytest.fixture(scope="module")
def wheel(sdist: pathlib.Path, tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """Built from the sdist, where npm can reach nothing and Node is not on the path."""
    place = tmp_path_factory.mktemp("wheel")
    with tarfile.open(sdist) as archive:
        archive.extractall(place, filter="data")
    (project,) = place.iterdir()
    status, said = build(
        *(project, "--wheel", "--outdir", str(place)),
        PATH=without_node(),
        npm_config_registry="http://localhost:9",
    )
    assert status == 0, said
    # Not even fetched: it is 60 MB.
    assert "nodejs" not in said
    (path,) = place.glob("*.whl")
    return path


def without_node() -> str:
    """The search path without the directories that have a `node`."""
    places = os.environ.get("PATH", os.defpath).split(os.pathsep)
    kept = [place for place in places if not pathlib.Path(place, "node").exists()]
    return os.pathsep.join(kept)


def test_sdist_and_wheel_hold_the_bundle_and_the_sources(
    sdist: pathlib.Path, wheel: pathlib.Path
) -> None:
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {ENTRY, "frontend/package-lock.json", "frontend/.npmrc", "LICENSE"} <= names
    assert not any("node_modules" in name for name in names)
    with zipfile.ZipFile(wheel) as archive_:
        packed = set(archive_.namelist())
    sources = {path.relative_to(ROOT).as_posix() for path in (ROOT / "tb_animate").rglob("*.py")}
    assert {ENTRY, "tb_animate/py.typed", "tb_animate/http_api.md", *sources} <= packed
    assert {name for name in packed if "/static/" in name} == {
        name for name in names if "/static/" in name
    }
    assert {name.partition("/")[0].partition("-")[0] for name in packed} == {"tb_animate"}


def test_wheel_names_its_entry_points_and_licence(wheel: pathlib.Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (info,) = {name.partition("/")[0] for name in archive.namelist() if "dist-info" in name}
        points = archive.read(f"{info}/entry_points.txt").decode()
        metadata = archive.read(f"{info}/METADATA").decode()
    assert "[tensorboard_plugins]\nanimate = tb_animate.loader:Loader" in points
    assert "[console_scripts]\ntb-animate = tb_animate.cli:main" in points
    assert "\nLicense-Expression: Apache-2.0\n" in metadata
    # Needed to write logs, not to view them.
    assert not re.search(r"^Requires-Dist: tensorflow(?!.*extra)", metadata, re.MULTILINE)


def test_page_is_small_before_anything_is_loaded_lazily(wheel: pathlib.Path) -> None:
    waiting, sizes = ["index.js"], dict[str, int]()
    with zipfile.ZipFile(wheel) as archive:
        while waiting:
            name = waiting.pop()
            if name not in sizes:
                script = archive.read(f"tb_animate/static/{name}")
                sizes[name] = len(gzip.compress(script))
                waiting += STATIC_IMPORT.findall(script.decode())
    assert sum(sizes.values()) <= MAX_PAGE_BYTES, sizes


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("node --version", "The frontend's build left no tb_animate/static/index.js."),
        ("node -p '\"the cause\"' && exit 3", "the cause"),
    ],
)
def test_build_without_a_bundle_fails_and_says_why(
    checkout: pathlib.Path, tmp_path: pathlib.Path, script: str, said: str
) -> None:
    built = shutil.ignore_patterns("static", "node_modules", "build", "*.egg-info")
    project = shutil.copytree(checkout, tmp_path / "project", ignore=built)
    package = project / "frontend" / "package.json"
    content = json.loads(package.read_text())
    content["scripts"]["build"] = script
    package.write_text(json.dumps(content))
    # This environment has what a build needs, and the other builds fetch it anew already.
    status, output = build(project, "--wheel", "--no-isolation", "--outdir", str(tmp_path / "out"))
    assert status != 0
    assert said in output
    assert not list(tmp_path.glob("out/*.whl"))


@pytest.mark.parametrize("releases", ["newest", "oldest"])
def test_installed_wheel_serves_the_tab(
    wheel: pathlib.Path, logdir: Logdir, tmp_path: pathlib.Path, releases: str
) -> None:
    demanded = bounds.oldest() if releases == "oldest" else []
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "env")], check=True)
    binaries = tmp_path / "env" / "bin"
    # Nothing of this environment or of the machine: no Node above all.
    environment = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith("PYTHON") and key != "VIRTUAL_ENV"
    } | {"PATH": str(binaries)}
    subprocess.run(
        [binaries / "python", "-m", "pip", "install", "--quiet", str(wheel), *demanded],
        env=environment,
        cwd=tmp_path,
        check=True,
        timeout=600,
    )
    listing = subprocess.run(
        [binaries / "tb-animate", "list", str(logdir.path), "--json"],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert listing.returncode == 0, listing.stderr
    listed = {(one["run"], one["tag"]) for one in json.loads(listing.stdout)}
    assert listed == set(logdir.tags())
    run, tag = min(listed)
    clip = tmp_path / "clip.gif"
    chosen = ["--run", run, "--tag", tag, "-o", str(clip)]
    made = subprocess.run(
        [binaries / "tb-animate", "export", str(logdir.path), *chosen],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert made.returncode == 0, made.stderr
    assert clip.read_bytes().startswith(b"GIF89a")

    port_line = re.compile(r" at (http://\S+/)")
    log = tmp_path / "log.txt"
    with log.open("w") as stream:
        process = subprocess.Popen(
            [binaries / "tensorboard", "--logdir", str(logdir.path), "--port", "0"],
            env=environment,
            cwd=tmp_path,
            stdout=stream,
            stderr=subprocess.STDOUT,
        )
    try:

        def address() -> str:
            assert process.poll() is None, log.read_text()
            found = port_line.search(log.read_text())
            return found[1] if found else ""

        url = until(address, "TensorBoard says its address", START_SECONDS)

        def enabled() -> bool:
            plugin = json.loads(fetch(url + "data/plugins_listing"))["animate"]
            assert plugin["loading_mechanism"]["type"] == "IFRAME"
            return bool(plugin["enabled"])

        until(enabled, "the tab is enabled")
        with zipfile.ZipFile(wheel) as archive:
            assert fetch(url + "data/plugin/animate/index.js") == archive.read(ENTRY)
    finally:
        process.terminate()
        process.wait(30)


def fetch(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=60) as answer:
        body: bytes = answer.read()
        return body
