"""The notebook of the demo: executed as it stands, and opened in JupyterLab in a browser."""

from __future__ import annotations

import base64
import io
import json
import pathlib
import re
import shutil
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from PIL import Image

import jupyter
from browser import chromium
from servers import ROOT, until

NOTEBOOK = ROOT / "demo" / "notebook.ipynb"
EPOCHS = 40
SIDE = 96  # of the pictures, in pixels; a clip shows them twice as large
# TensorFlow and TensorBoard each take some ten seconds to start, and more on a busy machine.
RUN_SECONDS = 240


def cells(path: pathlib.Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return found


def shown(cell: dict[str, Any], mime_type: str) -> str:
    """What a cell shows in one form, all outputs put together."""
    texts = [output.get("data", {}).get(mime_type, "") for output in cell["outputs"]]
    return "".join("".join(text) for text in texts)


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """A copy that was executed, in a folder of its own, with the logs that it wrote."""
    notebook = pathlib.Path(shutil.copy(NOTEBOOK, tmp_path_factory.mktemp("notebook")))
    # Not the program `jupyter-execute`, which lies where jupyter does: that may be elsewhere.
    command = [sys.executable, "-c", "from nbclient.cli import main; main()", "--inplace"]
    with jupyter.variables(tmp_path_factory.mktemp("home")) as known:
        done = subprocess.run(
            [*command, str(notebook)],
            env=known,
            capture_output=True,
            text=True,
            timeout=RUN_SECONDS,
        )
    assert done.returncode == 0, done.stderr
    return notebook


def test_it_is_kept_without_outputs() -> None:
    for cell in cells(NOTEBOOK):
        if cell["cell_type"] == "code":
            assert (cell["outputs"], cell["execution_count"]) == ([], None)


def test_it_starts_tensorboard_and_shows_a_clip(executed: pathlib.Path) -> None:
    *_, load, magic, _, clip = cells(executed)
    assert (load["source"], load["outputs"]) == (["%load_ext tensorboard"], [])
    # The frame that it shows, and no message of a failure.
    assert re.search(r"const port = \d+;", shown(magic, "text/html")), magic["outputs"]

    found = re.search(r'src="data:image/gif;base64,([^"]+)"', shown(clip, "text/html"))
    assert found is not None, clip["outputs"]
    with Image.open(io.BytesIO(base64.b64decode(found[1]))) as gif:
        assert gif.n_frames == EPOCHS
        spread = []
        for index in (0, EPOCHS - 1):
            gif.seek(index)
            red = np.asarray(gif.convert("RGB"), int)[: 2 * SIDE, :, 0]
            spread.append(red.std())
    # First the network takes all places for about the same, last it tells them apart.
    assert spread[0] < 25 < 35 < spread[1]


def test_in_jupyterlab_the_tab_plays_and_the_clip_shows(
    executed: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    content = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    # The logs are there already: what is left of the training is what the last cell needs.
    first = next(at for at, cell in enumerate(content["cells"]) if "%load" in cell["source"][0])
    needed = {**content["cells"][first], "id": "import", "source": ["import tb_animate"]}
    content["cells"][:first] = [needed]
    executed.with_name("short.ipynb").write_text(json.dumps(content), encoding="utf-8")

    with jupyter.lab(executed.parent, tmp_path) as address, chromium() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 1000})
        page.set_default_timeout(1000 * RUN_SECONDS)
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(address.format("/tree/short.ipynb"))
        page.get_by_text("Python 3 (ipykernel) | Idle").wait_for()
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()

        board = page.frame_locator("iframe[id^=tensorboard-frame]")
        board.get_by_role("tab", name="Animate").click()
        card = board.frame_locator("iframe").locator(".card", has_text="boundary")
        # Below the histograms of older releases of Keras, which name them otherwise.
        card.scroll_into_view_if_needed()
        seen: set[str | None] = set()

        def several() -> bool:
            seen.add(card.locator("canvas").get_attribute("data-index"))
            return len(seen) > 5

        until(several, "its pictures play")
        clip = page.get_by_role("img", name="tb_animate clip: gif")
        clip.scroll_into_view_if_needed()
        width = clip.evaluate("async (i) => { await i.decode(); return i.naturalWidth; }")
        assert width == 2 * SIDE
        assert errors == []
