"""Each recipe, run for a few steps where nothing but what it names is installed, plays.

The environments are made on the first run, which takes minutes, and kept in .venv-recipes/.
"""

from __future__ import annotations

import json
import os
import pathlib
import re
import subprocess

import pytest
from PIL import Image
from playwright.sync_api import Browser

import fresh
import tb_animate
from browser import open_tab
from decoders import decode
from servers import TensorBoard
from tab import Tab

# What is run, and what it has to log: by run and tag the kind, samples, frames and last step.
# A tag is a pattern where several are alike, which then stands with their number.
Logged = dict[tuple[str, str], tuple[int, str, int, int, int]]
RECIPES: dict[str, tuple[list[str], Logged]] = {
    "keras_classifier": (
        # Enough to overfit.
        ["--epochs", "40"],
        {
            ("train", "classifier/.*/histogram"): (6, "histogram", 1, 40, 39),
            ("train", "classifier/.*/bias/image"): (3, "image", 1, 40, 39),
            ("train", "classifier/(features|digits)/kernel/image"): (2, "image", 1, 40, 39),
            # Keras hands on three of the sixteen filters.
            ("train", "classifier/filters/kernel/image"): (1, "image", 3, 40, 39),
            # Before the first epoch too.
            ("validation", "features"): (1, "embedding", 1, 41, 39),
        },
    ),
    "custom_loop": (
        ["--steps", "100"],
        {
            ("", "plane"): (1, "image", 1, 5, 100),
            ("", "weights/.*/(kernel|bias)"): (6, "histogram", 1, 5, 100),
            ("", "hidden"): (1, "embedding", 1, 5, 100),
        },
    ),
    "generator": (["--epochs", "3"], {("train", "generated"): (1, "image", 16, 4, 2)}),
    "pytorch": (
        ["--epochs", "10"],
        {
            ("", "copies"): (1, "image", 1, 11, 10),
            ("", r"weights/.*\.(weight|bias)"): (8, "histogram", 1, 11, 10),
            ("", "codes/tb_animate"): (1, "embedding", 1, 11, 10),
            ("", "codes/add_embedding"): (1, "embedding", 1, 2, 10),
        },
    ),
    # More than ten: by name, 10 would come before 9.
    "folder_of_pngs": (["--steps", "12"], {("", "pictures"): (1, "image", 1, 12, 11)}),
    "old_summaries": (
        ["--steps", "4"],
        {
            ("", "digits/image"): (1, "image", 1, 4, 3),
            ("", "spread"): (1, "histogram", 1, 4, 3),
        },
    ),
    "matplotlib_figures": (["--steps", "4"], {("", "valley"): (1, "image", 1, 4, 3)}),
}


# What the callback logs with Keras before 3.14, the newest for Python 3.10 among them: the
# weights of all layers have the same names.
UNNAMED: Logged = {
    ("train", "(kernel|bias)/histogram"): (2, "histogram", 1, 40, 39),
    ("train", "(kernel|bias)/image"): (2, "image", 1, 40, 39),
    ("validation", "features"): (1, "embedding", 1, 41, 39),
}


def logged(recipe: str) -> Logged:
    """What is expected of a recipe."""
    if recipe != "keras_classifier":
        return RECIPES[recipe][1]
    ask = "from importlib.metadata import version; print(version('keras'))"
    done = in_environment(recipe, "python", "-c", ask)
    numbers = re.match(r"(\d+)\.(\d+)", done.stdout)
    assert numbers, done.stderr
    return RECIPES[recipe][1] if tuple(map(int, numbers.groups())) >= (3, 14) else UNNAMED


def test_no_recipe_is_left_out() -> None:
    assert {file.stem for file in fresh.RECIPES.glob("*.py")} == set(RECIPES)


def run(recipe: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs a recipe's script, which finds what is installed in its environment alone."""
    return in_environment(recipe, "python", str(fresh.RECIPES / f"{recipe}.py"), *arguments)


def in_environment(recipe: str, name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    outside = {name: text for name, text in os.environ.items() if not name.startswith("PYTHON")}
    return subprocess.run(
        [str(fresh.python(recipe).with_name(name)), *arguments],
        env={**outside, "TF_CPP_MIN_LOG_LEVEL": "3"},
        capture_output=True,
        text=True,
        timeout=300,
    )


@pytest.fixture(scope="module")
def logdir(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """What all recipes logged."""
    path = tmp_path_factory.mktemp("logs")
    for recipe, (arguments, _) in RECIPES.items():
        done = run(recipe, "--logdir", str(path), *arguments)
        assert done.returncode == 0, f"{recipe}: {done.stdout}\n{done.stderr}"
    return path


@pytest.mark.parametrize("recipe", RECIPES)
def test_series_of_a_recipe_are_listed(recipe: str, logdir: pathlib.Path) -> None:
    done = in_environment(recipe, "tb-animate", "list", str(logdir), "--json")
    assert done.returncode == 0, done.stderr
    listed = {
        (one["run"].removeprefix(recipe).removeprefix("/"), one["tag"]): one
        for one in json.loads(done.stdout)
        if one["run"].split("/")[0] == recipe
    }
    for (where, pattern), (count, *wanted) in logged(recipe).items():
        names = [key for key in listed if key[0] == where and re.fullmatch(pattern, key[1])]
        assert len(names) == count, (pattern, list(listed))
        for found in map(listed.pop, names):
            facts = [found[key] for key in ("kind", "samples", "frames", "last_step")]
            assert (facts, found["complete"]) == (wanted, True), found
    assert listed == {}


def test_files_are_logged_as_they_are_in_the_order_of_their_numbers(
    tmp_path: pathlib.Path,
) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    (folder / "notes.txt").write_text("of no matter")
    for number, name in enumerate(["run2_9", "run2_10", "run2_0100"]):
        Image.new("RGB", (12, 8), (number, 0, 0)).save(folder / f"{name}.png")
    done = run("folder_of_pngs", str(folder), "--logdir", str(tmp_path / "logs"))
    assert done.returncode == 0, done.stderr
    (series,) = tb_animate.list_series(tmp_path / "logs")
    assert (series.frames, series.first_step, series.last_step) == (3, 9, 100)
    path = tmp_path / "clip.gif"
    tb_animate.export_clip(tmp_path / "logs", path, tag="pictures", width=12)
    reds = [int(pixels[4, 6, 0]) for pixels in decode("gif", path.read_bytes()).pictures]
    assert reds == [0, 1, 2]


@pytest.mark.parametrize(
    ("names", "said"),
    [([], "There are no PNG files in"), (["final"], "has no number in its name; name the files")],
)
def test_a_folder_that_has_no_series_is_refused(
    names: list[str], said: str, tmp_path: pathlib.Path
) -> None:
    for name in names:
        Image.new("L", (4, 4)).save(tmp_path / f"{name}.png")
    done = run("folder_of_pngs", str(tmp_path), "--logdir", str(tmp_path / "logs"))
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr


# --- in the tab -----------------------------------------------------------------------


@pytest.mark.parametrize("recipe", RECIPES)
def test_recipe_plays_in_the_tab(recipe: str, server: TensorBoard, browser: Browser) -> None:
    expected = logged(recipe)
    # From step 0 on: the callbacks log the untrained model as step -1, where others have nothing.
    shown = f"#p.animate.runFilter=^{recipe}&p.animate.at=0"
    address = f"{server.url}data/plugin_entry.html?name=animate{shown}"
    # So high that all cards are in view, for others are not drawn.
    with open_tab(browser, server, address=address, size=(1280, 3400)) as tab:
        cards = tab.cards()
        assert len(cards) == sum(count for count, *_ in expected.values())
        tab.until(lambda: None not in tab.js(INDICES), "every card is drawn")
        before = pictures(tab)
        tab.pick("Loop", "Once")
        tab.button("Play")
        tab.until(lambda: not tab.playing, "it has played to the end")
        tab.settle()
        after = pictures(tab)
        lasts = map(int, tab.js(INDICES))
        for (tag, run_), last, first, picture in zip(cards, lasts, before, after, strict=True):
            where = run_.removeprefix(recipe).removeprefix("/")
            frames = next(
                wanted[3]
                for (at, pattern), wanted in expected.items()
                if at == where and re.fullmatch(pattern, tag)
            )
            assert last == frames - 1, tag
            assert picture != first, f"{tag} did not move"
        assert tab.complaints == []


def test_overfitting_shows_in_the_scalars(server: TensorBoard) -> None:
    learnt, unseen = (
        server.animate("scalars", run=f"keras_classifier/{part}", tag="epoch_loss").json()["values"]
        for part in ("train", "validation")
    )
    best = unseen.index(min(unseen))
    assert 5 < best < 30
    assert unseen[-1] > 1.05 * unseen[best]
    assert learnt[-1] < 0.4 * learnt[best]


INDICES = """() => [...document.querySelectorAll(".card")].map((card) =>
    card.querySelector("canvas[data-index]")?.dataset.index ?? null)"""


def pictures(tab: Tab) -> list[str]:
    found: list[str] = tab.js(
        """() => [...document.querySelectorAll(".card canvas[data-index]")]
            .map((canvas) => canvas.toDataURL())"""
    )
    return found
