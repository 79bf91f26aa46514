"""What one sees is what one gets: a card of the page beside the same frame of its clip."""

from __future__ import annotations

import io
import pathlib
import zipfile

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Browser
from tensorboardX import SummaryWriter

import golden_scenes
import tb_animate
from browser import open_tab
from servers import TensorBoard
from tab import Card, Tab
from tb_animate import kinds

FRAMES = 5
SHOWN = 3
RUN = "run"
ALIKE = 0.9
# What a card of this width draws in a pixel, a clip draws in one, too.
WIDTH = 400


def _photograph(frame: int) -> NDArray[np.uint8]:
    """Soft shapes, shape [96, 128, 3], uint8."""
    y, x = np.mgrid[:96, :128] / 32.0
    waves = [np.sin(x * (1 + n) + frame) * np.cos(y - n * frame / 2) for n in range(3)]
    return (127.5 + 120 * np.stack(waves, axis=-1)).astype(np.uint8)


def _points(frame: int) -> NDArray[np.float32]:
    """Four families that part, shape [200, 6]."""
    random = np.random.default_rng(0)
    centres = random.normal(size=(4, 6)) * (1 + frame)
    return (random.normal(size=(200, 6)) + np.repeat(centres, 50, axis=0)).astype(np.float32)


def _scores(frame: int, labels: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Of a classifier that learns, shape [labels]."""
    noise = np.random.default_rng(2).normal(size=len(labels))
    return 1 / (1 + np.exp(-noise - frame * (labels - 0.5)))


def _write(path: pathlib.Path) -> None:
    random = np.random.default_rng(1)
    with SummaryWriter(str(path / RUN)) as writer:
        for frame in range(FRAMES):
            step = 10 * frame
            writer.add_image("image", _photograph(frame), step, dataformats="HWC")
            labels = np.arange(500) % 3 == 0
            writer.add_pr_curve("pr_curve", labels, _scores(frame, labels), step)
            writer.add_histogram("histogram", random.normal(frame / 2, 1, 5000), step)
            tb_animate.summary.embedding(
                "embedding",
                _points(frame),
                step,
                metadata=[f"family {row // 50}" for row in range(200)],
                writer=writer,
            )


@pytest.fixture(scope="module")
def logdir(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    path = tmp_path_factory.mktemp("same")
    _write(path)
    return path


def _exported(tab: Tab, card: Card, width: int) -> NDArray[np.uint8]:
    """The same frame of the clip that the dialog makes, without loss."""
    dialog = card.export()
    dialog.get_by_label("Format").select_option("zip")
    dialog.get_by_label("Size").select_option("other")
    dialog.get_by_label("Width in pixels").fill(str(width))
    legend = dialog.get_by_label("Legend")
    if legend.count():  # beneath the picture, where the page has its own
        legend.select_option("off")
    with zipfile.ZipFile(tab.download(dialog).path()) as archive:
        pictures = [name for name in sorted(archive.namelist()) if name.endswith(".png")]
        assert len(pictures) == FRAMES
        with Image.open(io.BytesIO(archive.read(pictures[SHOWN]))) as image:
            return np.asarray(image.convert("RGB"))


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("kind", sorted(kinds.KINDS))
def test_a_clip_shows_what_the_page_shows(
    browser: Browser, server: TensorBoard, kind: str, dark: bool, tmp_path: pathlib.Path
) -> None:
    with open_tab(browser, server, dark=dark, size=(880, 900)) as tab:
        tab.js("(width) => localStorage.setItem('tb_animate.card_width', width)", str(WIDTH))
        tab.page.reload()
        tab.until(lambda: (kind, RUN) in tab.cards(), "the card is there")
        card = tab.card(kind, RUN)
        card.element.scroll_into_view_if_needed()
        tab.until(card.drawn, "the card is drawn")
        tab.go_to(SHOWN)
        tab.until(
            lambda: card.element.locator("canvas").get_attribute("data-index") == str(SHOWN),
            "the frame is drawn",
        )
        tab.advance(1000)
        seen = card.pixels()
        got = _exported(tab, card, seen.shape[1])
        assert tab.complaints == []
    height = min(len(seen), len(got))
    # Rounding may make one of them a pixel higher.
    assert abs(len(seen) - len(got)) <= 1
    seen, got = seen[:height], got[:height]
    # For whoever has to see why they differ.
    Image.fromarray(np.concatenate([seen, got], axis=1)).save(tmp_path / f"{kind}.png")
    assert golden_scenes.similarity(seen, got) >= ALIKE
