"""Clips that show themselves: what a notebook gets, and what a browser makes of it."""

from __future__ import annotations

import base64
import io
import pathlib

import pytest
from PIL import Image
from playwright.sync_api import Browser

import tb_animate
from memory_source import MemorySource, flat, images
from tb_animate import notebook, sources
from tb_animate.budget import units
from tb_animate.encoders import ENCODERS
from tb_animate.notebook import Clip


@pytest.fixture
def logs(monkeypatch: pytest.MonkeyPatch) -> str:
    source = MemorySource([images({n: [flat((9 * n, 0, 90), (128, 96))] for n in range(5)})])
    monkeypatch.setattr(sources, "open_logdir", lambda logdir, wanted: source)
    return "logs"


def test_a_clip_tells_about_itself(logs: str, tmp_path: pathlib.Path) -> None:
    clip = tb_animate.clip(logs, tag="generated", fps=5, run="train")
    assert (clip.format, clip.mime_type) == ("gif", "image/gif")
    assert (clip.width, clip.height, clip.pictures, clip.notes) == (128, 96, 5, ())
    assert clip.seconds == pytest.approx(1)
    size = units(len(clip.data))
    assert repr(clip) == f"<tb_animate clip: gif, 5 pictures of 128 x 96, 1 s, {size}>"
    clip.save(tmp_path / "any.name")
    assert (tmp_path / "any.name").read_bytes() == clip.data
    bundle = clip._repr_mimebundle_()
    assert set(bundle) == {"text/html", "image/png", "text/plain"}
    poster = Image.open(io.BytesIO(base64.b64decode(bundle["image/png"])))
    assert (poster.format, poster.size, poster.getpixel((5, 5))) == ("PNG", (128, 96), (0, 0, 90))
    assert bundle["text/plain"] == repr(clip)


@pytest.mark.parametrize("name", ["gif", "webp", "apng"])
def test_pictures_are_decoded_by_a_browser(logs: str, browser: Browser, name: str) -> None:
    clip = tb_animate.clip(logs, tag="generated", format=name)
    page = browser.new_page()
    page.set_content(clip._repr_html_())
    page.evaluate("() => document.querySelector('img').decode()")
    sides = "(image) => [image.naturalWidth, image.naturalHeight, image.width]"
    assert page.eval_on_selector("img", sides) == [128, 96, 128]
    count = page.evaluate(
        """async () => {
          const source = document.querySelector("img").src;
          const [, type, text] = source.match(/^data:(.*?);base64,(.*)$/);
          const data = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
          if (!("ImageDecoder" in window)) return -1;
          const known = type.replace("apng", "png");
          const decoder = new ImageDecoder({data, type: known});
          await decoder.tracks.ready;
          return decoder.tracks.selectedTrack.frameCount;
        }"""
    )
    assert count in (5, -1)  # the interface is there in a secure context only
    assert ENCODERS[name].mime_type == clip.mime_type
    page.close()


@pytest.mark.parametrize("name", ["mp4", "webm"])
def test_videos_play_in_a_browser(logs: str, browser: Browser, name: str) -> None:
    clip = tb_animate.clip(logs, tag="generated", format=name)
    page = browser.new_page()
    page.set_content(clip._repr_html_())
    page.wait_for_function("() => document.querySelector('video').readyState >= 2")
    found = page.eval_on_selector(
        "video",
        "(v) => [v.videoWidth, v.videoHeight, v.duration, v.muted, v.loop, v.autoplay, v.controls]",
    )
    assert found[:2] == [128, 96]
    assert found[2] == pytest.approx(clip.seconds, abs=0.05)
    assert found[3:] == [True, True, True, True]
    page.close()
    once = tb_animate.clip(logs, tag="generated", format=name, loop="once")
    assert " loop " not in once._repr_html_()


def test_what_cannot_be_played_shows_the_first_picture_and_says_why(
    logs: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def shown(clip: Clip) -> str:
        html = clip._repr_html_()
        assert base64.b64encode(clip.poster).decode() in html
        assert base64.b64encode(clip.data).decode() not in html
        return html

    archive = tb_animate.clip(logs, tag="generated", format="zip")
    assert "A file of the format zip cannot be played here." in shown(archive)
    monkeypatch.setattr(notebook, "MAX_SHOWN", 100)
    large = shown(tb_animate.clip(logs, tag="generated"))
    assert "a notebook shows at most 100 bytes; ask for max_bytes" in large


def test_notes_are_shown_and_markup_in_names_is_not_markup() -> None:
    clip = Clip(b"x", "gif", "image/gif", 1, 1, 1, 1.0, ("Made <b>small</b>.",), True, b"p")
    assert "<div>Made &lt;b&gt;small&lt;/b&gt;.</div>" in clip._repr_html_()
    assert 'alt="&lt;tb_animate clip' in clip._repr_html_()
