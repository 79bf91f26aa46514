"""What single formats promise beyond what all of them do."""

from __future__ import annotations

import contextlib
import csv
import functools
import http.server
import io
import pathlib
import struct
import threading
import zipfile
from collections.abc import Iterator

import av
import numpy as np
import pytest
from PIL import Image

from browser import chromium
from tb_animate.encoders import ENCODERS
from tb_animate.encoders.apng import ApngEncoder
from test_encoders import drawing, photograph, pictures, written

PLAY = """async (source) => {
  const video = document.createElement("video");
  video.muted = true;
  const event = (name) => new Promise((resolve, reject) => {
    video.addEventListener(name, resolve, { once: true });
    video.addEventListener("error", () => reject(video.error?.message), { once: true });
  });
  const known = event("loadedmetadata");
  video.src = source;
  document.body.append(video);
  await known;
  const { duration, videoWidth, videoHeight } = video;
  const ended = event("ended");
  await video.play();
  await ended;
  const canvas = new OffscreenCanvas(videoWidth, videoHeight);
  const context = canvas.getContext("2d");
  context.drawImage(video, 0, 0);
  return [duration, videoWidth, videoHeight, [...context.getImageData(5, 5, 1, 1).data]];
}"""

SHOW = """async (source) => {
  const image = new Image();
  image.src = source;
  await image.decode();
  return [image.naturalWidth, image.naturalHeight];
}"""


def test_a_picture_that_stays_costs_next_to_nothing() -> None:
    for name in ("webp", "apng", "webm", "mp4"):
        once = len(written(name, [photograph(0)]))
        assert len(written(name, [photograph(0)] * 11)) < once + 10 * 250, name


def test_webp_keeps_up_to_256_colours_exactly() -> None:
    rng = np.random.default_rng(0)
    grey = np.broadcast_to(rng.integers(0, 256, (40, 60, 1), dtype=np.uint8), (40, 60, 3))
    image = Image.open(io.BytesIO(written("webp", [grey])))
    assert np.array_equal(np.asarray(image.convert("RGB")), grey)


def test_webp_keeps_enlarged_pictures_exactly_without_a_long_search() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (128, 128, 3), np.uint8)
    enlarged = noise.repeat(4, axis=0).repeat(4, axis=1)
    data = written("webp", [enlarged])
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(data)).convert("RGB")), enlarged)
    # The search that pays for drawings takes seconds, and makes it four times as large.
    assert len(data) < 2 * noise.nbytes


def test_webp_says_its_own_length() -> None:
    data = written("webp", [photograph(nth) for nth in range(3)])
    assert struct.unpack_from("<I", data, 4) == (len(data) - 8,)


def test_apng_is_the_first_picture_to_those_that_know_no_animation() -> None:
    data = written("apng", [drawing(0), drawing(1)])
    # The animation's own chunks are of a kind that others skip.
    kinds, place = [], 8
    while place < len(data):
        length, kind = struct.unpack_from(">I4s", data, place)
        kinds.append(kind)
        place += 12 + length
    assert kinds == [b"IHDR", b"acTL", b"fcTL", b"IDAT", b"fcTL", b"fdAT", b"IEND"]


def test_apng_keeps_delays_that_are_no_whole_milliseconds() -> None:
    for fps in (10, 12.5, 24, 25, 30, 48, 50, 60, 90):
        data = b"".join(ApngEncoder().encode(pictures([drawing(0)], 1 / fps), (120, 80), "once"))
        numerator, denominator = struct.unpack_from(">HH", data, data.index(b"fcTL") + 24)
        assert numerator / denominator == pytest.approx(1 / fps, rel=1e-9)


def test_zip_is_pngs_and_a_table() -> None:
    pixels = [photograph(nth, 20, 10) for nth in range(3)]
    one = b"".join(ENCODERS["zip"].encode(pictures(pixels, [0.1, 0.2, 1.5]), (20, 10), "forever"))
    with zipfile.ZipFile(io.BytesIO(one)) as archive:
        names = [f"frame_{nth:05}.png" for nth in (1, 2, 3)]
        assert archive.namelist() == [*names, "frames.csv"]
        # Lengths stand before the data, which some programs need.
        assert {entry.flag_bits & 8 for entry in archive.infolist()} == {0}
        assert {entry.external_attr >> 16 for entry in archive.infolist()} == {0o644}
        for name in names:
            assert Image.open(io.BytesIO(archive.read(name))).mode == "RGB"
        assert archive.read("frames.csv").decode().splitlines() == [
            "frame,file,start,duration,step",
            "1,frame_00001.png,0.000000,0.100000,0",
            "2,frame_00002.png,0.100000,0.200000,1",
            "3,frame_00003.png,0.300000,1.500000,2",
        ]


def test_zip_names_the_series_of_each_step() -> None:
    made = pictures([photograph(0, 20, 10)] * 2, series=2)
    data = b"".join(ENCODERS["zip"].encode(made, (20, 10), "forever"))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        rows = list(csv.reader(archive.read("frames.csv").decode().splitlines()))
    assert rows[0][4:] == ["step of tag · run 0", "step of tag · run 1"]
    assert [row[4:] for row in rows[1:]] == [["0", "1"], ["1", "2"]]


def test_mp4_is_a_plain_file_that_says_what_it_holds() -> None:
    pixels = [photograph(nth, 320, 240) for nth in range(120)]
    data = written("mp4", pixels, 1 / 30)
    kinds, place = [], 0
    while place < len(data):
        length, kind = struct.unpack_from(">I4s", data, place)
        kinds.append(kind)
        place += length
    assert place == len(data)
    assert kinds == [b"ftyp", *[b"mdat"] * (len(kinds) - 2), b"moov"]
    assert kinds.count(b"mdat") > 1
    with av.open(io.BytesIO(data)) as container:
        (stream,) = container.streams
        assert isinstance(stream, av.VideoStream)
        assert stream.frames == 120
        assert stream.duration * stream.time_base == 4
        assert stream.average_rate == 30
        context = stream.codec_context
        assert (context.name, context.profile, context.pix_fmt) == ("h264", "High", "yuv420p")
        assert (context.colorspace, context.color_primaries, context.color_trc) == (1, 1, 1)
        assert context.color_range == 1
        # A player goes to any place: each picture that stands alone is listed.
        container.seek(round(3.5 * 90_000), stream=stream)
        frame = next(container.decode(stream))
        assert frame.key_frame
        assert frame.pts is not None
        assert 90 * 3_000 <= frame.pts <= 3.5 * 90_000


def test_webm_says_its_colours() -> None:
    with av.open(io.BytesIO(written("webm", [drawing(0)]))) as container:
        context = container.streams.video[0].codec_context
        assert (context.codec.canonical_name, context.pix_fmt) == ("vp9", "yuv420p")
        assert (context.colorspace, context.color_primaries, context.color_trc) == (1, 1, 1)
        assert context.color_range == 1


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


@contextlib.contextmanager
def served(folder: pathlib.Path) -> Iterator[str]:
    """A server that sends whole files only, as the plugin sends clips."""
    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("localhost", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://localhost:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


def test_a_browser_plays_them(tmp_path: pathlib.Path) -> None:
    colours = [(200, 30, 30), (30, 160, 60), (40, 60, 220)]
    pixels = [np.full((81, 121, 3), colour, np.uint8) for colour in colours]
    for name, encoder in ENCODERS.items():
        (tmp_path / f"clip{encoder.suffix}").write_bytes(written(name, pixels, [0.1, 0.1, 0.3]))
    (tmp_path / "index.html").write_text("<!doctype html><body></body>")
    with served(tmp_path) as address, chromium() as browser:
        page = browser.new_page()
        page.goto(address)
        for name, size in (("mp4", [122, 82]), ("webm", [121, 81])):
            duration, width, height, pixel = page.evaluate(PLAY, f"clip.{name}")
            assert duration == pytest.approx(0.5, abs=1e-3)
            assert [width, height] == size
            # It ends on the last picture. Chromium computes colours with few bits.
            assert np.abs(np.array(pixel[:3]) - colours[-1]).max() <= 10
        for name in ("gif", "webp", "png"):
            assert page.evaluate(SHOW, f"clip.{name}") == [121, 81]
