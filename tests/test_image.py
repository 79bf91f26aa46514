"""The image kind: what was logged, as pixels in a picture."""

from __future__ import annotations

import contextlib
import io
import re
import struct
import zlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from logs import encode
from memory_source import flat, images, moving
from tb_animate import errors, kinds
from tb_animate.kinds import effort, encoded, raster
from tb_animate.kinds.encoded import EncodedImage
from tb_animate.kinds.image import ImageData, ImageKind, ImageScene
from tb_animate.model import ClipSpec, Frame, Theme

pytestmark = pytest.mark.oldest

WHITE, DARK = (255, 255, 255), (58, 58, 58)
KIND = ImageKind()


def _data(*samples: bytes, spec: ClipSpec | None = None) -> ImageData:
    return KIND.decode(_frame(*samples), spec or ClipSpec())


def _frame(*samples: bytes) -> Frame:
    return Frame(0, 0.0, (b"1", b"1", *samples))


def _draw(
    data: ImageData,
    size: tuple[int, int],
    *,
    scene: ImageScene | None = None,
    following: ImageData | None = None,
    phase: float = 0.0,
    theme: Theme = "light",
) -> NDArray[np.uint8]:
    return KIND.draw(
        scene or KIND.fit([data], ClipSpec()),
        data,
        following=following,
        phase=phase,
        size=size,
        theme=theme,
    )


def _pixels(raw: bytes, theme: Theme = "light") -> NDArray[np.uint8]:
    return EncodedImage(raw).pixels(0, raster.PALETTES[theme].background)


def _png(
    rows: NDArray[np.generic], colour_type: int, depth: int, extra: bytes = b"", filters: int = 0
) -> bytes:
    """A PNG written by hand, since Pillow writes few of the forms that exist.

    Args:
      rows: big-endian samples, shape [height, width, channels].
      filters: 1 filters each row by the pixel to its left, 2 by the row above.
    """
    raw = np.frombuffer(rows.tobytes(), np.uint8).reshape(rows.shape[0], -1)
    step = rows.shape[2] * depth // 8
    shifted = np.zeros_like(raw)
    if filters == 1:
        shifted[:, step:] = raw[:, :-step]
    elif filters == 2:
        shifted[1:] = raw[:-1]
    lines = b"".join(bytes([filters]) + line.tobytes() for line in raw - shifted)
    header = struct.pack(">IIBBBBB", rows.shape[1], rows.shape[0], depth, colour_type, 0, 0, 0)

    def chunk(name: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        )

    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + extra
        + chunk(b"IDAT", zlib.compress(lines))
        + chunk(b"IEND", b"")
    )


def test_the_table_of_kinds() -> None:
    assert isinstance(kinds.get("image"), ImageKind)
    assert all(wanted.kind == name for name, wanted in kinds.KINDS.items())
    with pytest.raises(errors.AnimateError, match=r"'imagine'.*image"):
        kinds.get("imagine")


# Decoding


def test_eight_bit_forms() -> None:
    rng = np.random.default_rng(0)
    rgba = rng.integers(0, 256, (5, 7, 4), dtype=np.uint8)
    rgb, grey = rgba[..., :3], rgba[..., 0]
    assert np.array_equal(_pixels(encode(np.ascontiguousarray(rgb))), rgb)
    assert np.array_equal(_pixels(encode(grey)), np.repeat(grey[..., None], 3, axis=-1))
    for theme, under in (("light", WHITE), ("dark", DARK)):
        alpha = rgba[..., 3:].astype(float) / 255
        expected = np.rint(alpha * rgb + (1 - alpha) * np.array(under))
        found = _pixels(encode(rgba), "light" if theme == "light" else "dark")
        assert np.abs(found - expected).max() <= 1


def test_grey_with_alpha() -> None:
    grey_alpha = np.array([[[10, 255], [200, 0]]], np.uint8)
    assert _pixels(encode(grey_alpha), "dark").tolist() == [[[10, 10, 10], list(DARK)]]


def test_palettes_and_single_bits() -> None:
    indexed = Image.new("P", (2, 1))
    indexed.putpalette([255, 0, 0, 0, 0, 255])
    indexed.putpixel((1, 0), 1)
    file = io.BytesIO()
    indexed.save(file, "PNG", transparency=0)
    assert _pixels(file.getvalue(), "dark").tolist() == [[list(DARK), [0, 0, 255]]]
    bits = io.BytesIO()
    Image.fromarray(np.array([[True, False]])).save(bits, "PNG")
    assert _pixels(bits.getvalue()).tolist() == [[[255] * 3, [0] * 3]]


@pytest.mark.parametrize("filters", [0, 1, 2])
@pytest.mark.parametrize(("colour_type", "channels"), [(0, 1), (2, 3), (4, 2), (6, 4)])
def test_sixteen_bits_are_rounded_not_cut(colour_type: int, channels: int, filters: int) -> None:
    rng = np.random.default_rng(channels)
    values = rng.integers(0, 65536, (16, 9, channels)).astype(">u2")
    values[0, :, 0] = [0, 127, 128, 129, 255, 256, 385, 386, 65535]  # around where rounding turns
    narrow = np.rint(values * 255.0 / 65535).astype(np.uint8)
    found = _pixels(_png(values, colour_type, 16, filters=filters))
    if channels in (2, 4):
        rgba = np.concatenate([np.repeat(narrow[..., :1], 3, -1), narrow[..., 1:]], -1)
        expected = raster.flatten(rgba if channels == 2 else narrow, WHITE)
    else:
        expected = np.broadcast_to(narrow, (16, 9, 3))
    assert np.array_equal(found, expected)


@pytest.mark.parametrize(("colour_type", "channels"), [(0, 1), (2, 3)])
def test_sixteen_bits_with_a_transparent_colour(colour_type: int, channels: int) -> None:
    values = np.array([[[1000] * channels, [1001] * channels]], ">u2")
    body = np.array([1000] * channels, ">u2").tobytes()
    key = struct.pack(">I", len(body)) + b"tRNS" + body
    key += struct.pack(">I", zlib.crc32(b"tRNS" + body))
    found = _pixels(_png(values, colour_type, 16, extra=key), "dark")
    assert found.tolist() == [[list(DARK), [4, 4, 4]]]


def test_sixteen_bits_as_pillow_writes_them() -> None:
    values = np.array([[0, 300, 65535]], np.uint16)
    assert _pixels(encode(values))[0, :, 0].tolist() == [0, 1, 255]


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_jpeg(mode: str) -> None:
    file = io.BytesIO()
    Image.new("RGB", (16, 16), (200, 120, 120)).convert(mode).save(file, "JPEG", quality=95)
    expected = (
        Image.new("RGB", (1, 1), (200, 120, 120)).convert(mode).convert("RGB").getpixel((0, 0))
    )
    assert np.abs(_pixels(file.getvalue()).astype(int) - np.array(expected)).max() <= 3


def test_photographs_stand_upright() -> None:
    picture = Image.new("RGB", (32, 16), (0, 0, 0))
    picture.paste((255, 255, 255), (0, 0, 16, 16))
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: rotate by 90 degrees clockwise
    file = io.BytesIO()
    picture.save(file, "JPEG", exif=exif, quality=95)
    image = EncodedImage(file.getvalue())
    assert image.size == (16, 32)
    pixels = image.pixels(0, WHITE)
    assert pixels.shape == (32, 16, 3)
    assert pixels[:12].min() > 240
    assert pixels[20:].max() < 15


def test_webp_and_bmp() -> None:
    assert _pixels(flat((10, 20, 30), format="BMP"))[0, 0].tolist() == [10, 20, 30]
    assert np.abs(_pixels(flat((90, 90, 90), format="WEBP")).astype(int) - 90).max() <= 2


# Damage


@pytest.mark.parametrize("raw", [b"", b"no image", b"\x89PNG\r\n\x1a\n", flat(0)[:30]])
def test_broken_headers(raw: bytes) -> None:
    with pytest.raises(ValueError, match=r"^The image is .*\.$"):
        _data(raw)


def test_broken_pixels() -> None:
    whole = encode(np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8))
    data = _data(whole[: len(whole) // 2])
    assert KIND.fit([data], ClipSpec()) == ImageScene(32, 32, 1)
    with pytest.raises(ValueError, match="damaged"):
        _draw(data, (32, 32))


def test_one_broken_sample_is_a_cross_among_the_others() -> None:
    whole = encode(np.random.default_rng(0).integers(0, 256, (8, 8, 3), dtype=np.uint8))
    for broken in (b"no image", whole[: len(whole) // 2]):
        picture = _draw(_data(flat(7), broken, flat(9)), (32, 32))
        assert (picture[:16, :16] == 7).all()
        assert (picture[16:, :16] == 9).all()
        assert (picture[16:, 16:] == 255).all()
        cross = picture[:16, 16:]
        assert (cross[0, 0] == raster.PALETTES["light"].line).all()
        assert (cross[0, 8] == 255).all()


@given(st.data())
@settings(max_examples=150)
def test_any_damage_is_a_plain_sentence(data: st.DataObject) -> None:
    whole = data.draw(
        st.sampled_from(
            [
                flat((1, 2, 3)),
                flat((1, 2, 3, 4)),
                flat(5, format="JPEG"),
                flat((5, 6, 7), format="WEBP"),
                moving([1, 2]),
                moving([1, 2], format="PNG"),
                _png(np.zeros((4, 4, 3), ">u2"), 2, 16),
                _png(np.zeros((4, 4, 2), ">u2"), 4, 16),
            ]
        )
    )
    raw = bytearray(whole[: data.draw(st.integers(0, len(whole)))])
    for at in data.draw(st.lists(st.integers(0, max(len(raw) - 1, 0)), max_size=3)):
        if raw:
            raw[at] ^= 1 << data.draw(st.integers(0, 7))
    problem = ""
    try:
        decoded = _data(bytes(raw))
        for part in range(min(KIND.parts(decoded), 3)):
            picture = _draw(decoded, (8, 8), phase=part / KIND.parts(decoded))
            assert picture.shape == (8, 8, 3)
    except ValueError as error:
        problem = str(error)
    assert re.fullmatch(r"(The image .*\.)?", problem)


def test_what_is_not_an_image_at_all() -> None:
    with pytest.raises(ValueError, match="gone"):
        KIND.decode(Frame(3, 0.0, None, "The file is gone."), ClipSpec())
    with pytest.raises(ValueError, match="numbers"):
        KIND.decode(Frame(3, 0.0, np.zeros(3)), ClipSpec())
    with pytest.raises(ValueError, match="no image"):
        KIND.decode(Frame(3, 0.0, (b"1", b"1")), ClipSpec())
    with pytest.raises(ValueError, match="no sample 2"):
        KIND.decode(Frame(3, 0.0, (b"1", b"1", flat(0), flat(0))), ClipSpec(sample=2))


@pytest.mark.parametrize("side", [6400, 11_000, 30_000, 100_000])
def test_bombs_are_refused_by_their_header(side: int) -> None:
    bomb = bytearray(flat(0))
    bomb[16:24] = struct.pack(">II", side, side)
    bomb[29:33] = struct.pack(">I", zlib.crc32(bomb[12:29]))
    with pytest.raises(ValueError, match="million pixels"):
        EncodedImage(bytes(bomb))


def test_too_many_parts_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    clip = moving([1, 2, 3])
    monkeypatch.setattr(encoded, "MAX_PARTS", 2)
    with pytest.raises(ValueError, match="3 pictures of 8 x 8"):
        EncodedImage(clip)
    monkeypatch.setattr(encoded, "MAX_PARTS", 3)
    monkeypatch.setattr(encoded, "MAX_PARTS_PIXELS", 3 * 64 - 1)
    with pytest.raises(ValueError, match="3 pictures of 8 x 8"):
        EncodedImage(clip)


def gif_of(pictures: int, *, blocks: bytes = b"") -> bytes:
    """So many pictures of one pixel each, 15 bytes long."""
    header = b"GIF89a" + struct.pack("<HHBBB", 4, 4, 0x80, 0, 0) + bytes(6)
    one = b"," + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x44\x01\x00"
    return header + blocks + one * pictures + b";"


def test_an_endless_gif_is_refused_at_its_first_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    assert EncodedImage(gif_of(effort.MAX_PARTS)).parts == effort.MAX_PARTS
    monkeypatch.setattr(encoded, "_parts", None)  # it is not to be reached
    with pytest.raises(ValueError, match=r"more than 1,024 pictures, .* Log it shorter\."):
        EncodedImage(gif_of(1_000_000))


@pytest.mark.parametrize("crumb", [b"\x21\xfe\x00", b"\x01a"])
def test_a_gif_of_crumbs_is_refused(monkeypatch: pytest.MonkeyPatch, crumb: bytes) -> None:
    monkeypatch.setattr(effort, "MAX_GIF_BLOCKS", 1_000)
    few, many = (
        crumb * n if crumb[0] == 0x21 else b"\x21\xfe" + crumb * n + b"\0" for n in (900, 1_100)
    )
    assert EncodedImage(gif_of(1, blocks=few)).parts == 1
    monkeypatch.setattr(encoded, "_parts", None)
    with pytest.raises(ValueError, match="a GIF of more than 1,000 blocks, which is the most"):
        EncodedImage(gif_of(1, blocks=many))


def test_a_gif_that_is_cut_anywhere_is_counted_or_told() -> None:
    whole = moving([1, 2, 3])
    for end in range(len(whole)):
        with contextlib.suppress(ValueError):
            assert EncodedImage(whole[:end]).parts <= 3


def test_a_jpeg_of_endless_passes_is_refused() -> None:
    buffer = io.BytesIO()
    noise = np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    Image.fromarray(noise).save(buffer, "JPEG", progressive=True)
    whole = buffer.getvalue()
    scans = whole.count(b"\xff\xda")
    last = whole[whole.rindex(b"\xff\xda") : -2]
    most = whole[:-2] + last * (effort.MAX_SCANS - scans) + whole[-2:]
    assert EncodedImage(most).pixels(0, (0, 0, 0)).shape == (32, 32, 3)
    with pytest.raises(ValueError, match="a JPEG of 65 passes, and 64 is the most"):
        EncodedImage(most[:-2] + last + whole[-2:])


def test_a_step_of_too_much_is_refused_as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(effort, "MAX_SAMPLES", 3)
    assert len(_data(*[flat(0)] * 3).samples) == 3
    with pytest.raises(ValueError, match=r"4 images, and 3 is the most .*; choose a single sample"):
        _data(*[flat(0)] * 4)
    assert len(KIND.decode(_frame(*[flat(0)] * 4), ClipSpec(sample=3)).samples) == 1
    monkeypatch.setattr(effort, "MAX_STEP_PIXELS", 2 * 64)
    with pytest.raises(ValueError, match="million is the most; choose a single sample"):
        _data(*[flat(0)] * 3)


# Scene and size


def test_the_scene_holds_the_largest_sample() -> None:
    scene = KIND.fit([_data(flat(0, (10, 4)), flat(0, (3, 9))), _data(flat(0, (6, 6)))], ClipSpec())
    assert scene == ImageScene(10, 9, 2)
    assert KIND.describe(scene).items() >= {"width": 10, "height": 9, "samples": 2}.items()
    assert KIND.fit([], ClipSpec()).samples == 1


def test_fitting_decodes_no_pixels() -> None:
    raw = flat(0, (6000, 6000))
    header_only = raw[:60]
    assert KIND.fit([_data(header_only)], ClipSpec()) == ImageScene(6000, 6000, 1)


def test_one_chosen_sample() -> None:
    spec = ClipSpec(sample=1)
    data = _data(flat(0, (10, 10)), flat(5, (20, 8)), spec=spec)
    assert KIND.fit([data], spec) == ImageScene(20, 8, 1)


@pytest.mark.parametrize(
    ("scene", "size"),
    [
        (ImageScene(28, 28, 1), (140, 140)),
        (ImageScene(28, 28, 5), (420, 280)),
        (ImageScene(1, 1, 1), (128, 128)),
        (ImageScene(127, 3, 1), (254, 6)),
        (ImageScene(128, 64, 1), (128, 64)),
        (ImageScene(300, 200, 2), (600, 200)),
        (ImageScene(2048, 1024, 9), (4096, 2048)),
        (ImageScene(8192, 2, 1), (4096, 1)),
    ],
)
def test_natural_size(scene: ImageScene, size: tuple[int, int]) -> None:
    assert KIND.size(scene, ClipSpec()) == size


@pytest.mark.parametrize(
    ("count", "grid"),
    [(1, (1, 1)), (2, (2, 1)), (3, (2, 2)), (5, (3, 2)), (9, (3, 3)), (10, (4, 3))],
)
def test_grid(count: int, grid: tuple[int, int]) -> None:
    assert raster.grid(count) == grid


# Drawing


def test_whole_multiples_repeat_each_pixel() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (4, 6, 3), dtype=np.uint8)
    picture = _draw(_data(encode(pixels)), (18, 12))
    assert np.array_equal(picture, pixels.repeat(3, 0).repeat(3, 1))


def test_reducing_takes_the_mean_of_areas() -> None:
    pixels = np.indices((8, 8)).sum(0).astype(np.uint8) % 2 * 200
    assert (_draw(_data(encode(pixels)), (4, 4)) == 100).all()


def test_a_grid_has_no_gaps_and_missing_samples_are_background() -> None:
    data = _data(flat(1), flat(2), flat(3))
    picture = _draw(data, (16, 16), theme="dark")
    for cell, level in (((0, 0), 1), ((0, 8), 2), ((8, 0), 3)):
        assert (picture[cell[0] : cell[0] + 8, cell[1] : cell[1] + 8] == level).all()
    assert (picture[8:, 8:] == DARK).all()
    # At a size that cells do not divide, they still meet.
    assert (_draw(_data(flat(1), flat(1)), (33, 17), scene=ImageScene(8, 8, 2))[0] < 2).all()


def test_other_sizes_are_contained_in_the_middle() -> None:
    picture = _draw(_data(flat(0, (4, 8))), (16, 16), scene=ImageScene(8, 8, 1), theme="dark")
    assert (picture[:, 4:12] == 0).all()
    assert (picture[:, :4] == DARK).all()
    assert (picture[:, 12:] == DARK).all()
    wide = _draw(_data(flat(0, (8, 8))), (40, 10))
    assert (wide[:, 15:25] == 0).all()
    assert (wide[:, :15] == 255).all()


def test_a_frame_in_the_place_of_another_has_no_more_room() -> None:
    scene = ImageScene(8, 8, 4)
    four, nine = _data(*[flat(0)] * 4), _data(*[flat(200)] * 9)

    def draw(data: ImageData, **more: Any) -> NDArray[np.uint8]:
        return KIND.draw(
            scene,
            data,
            **{"phase": 0.0, "following": None, "size": (48, 48), "theme": "dark", **more},
        )

    assert (draw(nine) == 200).all()
    # As on the page: its samples lie where those of the frame on screen do.
    assert (draw(four, following=nine, phase=0.5) == 100).all()
    assert (draw(nine, following=four, phase=0.5)[:16, :16] == 100).all()
    assert (draw(nine, following=four, phase=0.5)[32:, 32:] != 100).all()


def test_tween_blends_linearly() -> None:
    first, second = _data(flat(0)), _data(flat(200))
    for phase, level in ((0.0, 0), (0.25, 50), (0.5, 100), (0.75, 150)):
        assert (_draw(first, (8, 8), following=second, phase=phase) == level).all()
    broken = _data(encode(np.eye(64, dtype=np.uint8) * 255)[:70])
    assert (_draw(first, (8, 8), following=broken, phase=0.5) == 0).all()


@pytest.mark.parametrize("format", ["GIF", "PNG", "WEBP"])
def test_the_phase_picks_the_part_of_a_moving_sample(format: str) -> None:
    levels = [0, 60, 120, 180, 240]
    data = _data(moving(levels, format=format), flat(33))
    assert KIND.parts(data) == 5
    for nth in [0, 1, 2, 3, 4, 3, 0, 4]:
        picture = _draw(data, (16, 8), phase=nth / 5)
        assert (picture[:, :8] == levels[nth]).all()
        assert (picture[:, 8:] == 33).all()
    assert (_draw(data, (16, 8), phase=0.999)[:, :8] == 240).all()
    assert (_draw(data, (16, 8), phase=0.7, following=data)[:, :8] == 0).all()


def test_every_part_of_a_long_one_is_met() -> None:
    data = _data(moving([5 * n for n in range(49)]))
    seen = [int(_draw(data, (8, 8), phase=nth / 49)[0, 0, 0]) for nth in range(49)]
    assert seen == [5 * n for n in range(49)]


def test_a_spare_picture_of_an_animated_png_is_no_part() -> None:
    parts = [Image.new("RGB", (8, 8), (level,) * 3) for level in (9, 50, 100)]
    file = io.BytesIO()
    parts[0].save(file, "PNG", save_all=True, append_images=parts[1:], default_image=True)
    data = _data(file.getvalue())
    assert KIND.parts(data) == 2
    assert [_draw(data, (8, 8), phase=p)[0, 0, 0] for p in (0, 0.5)] == [50, 100]


def test_a_part_leaves_its_place_to_the_next() -> None:
    """Parts that cover only a piece of the picture are laid over what came before."""
    parts = [Image.new("P", (8, 8), 0) for _ in range(2)]
    for part, colour, left in zip(parts, (1, 2), (0, 4), strict=True):
        part.putpalette([0, 0, 0, 255, 0, 0, 0, 0, 255])
        part.paste(colour, (left, 0, left + 4, 8))
    file = io.BytesIO()
    parts[0].save(file, "GIF", save_all=True, append_images=parts[1:], disposal=2, transparency=0)
    picture = _draw(_data(file.getvalue()), (8, 8), phase=0.5, theme="dark")
    assert (picture[:, :4] == DARK).all()
    assert (picture[:, 4:] == (0, 0, 255)).all()


def test_drawing_twice_gives_the_same_and_changes_nothing() -> None:
    data = _data(flat(9))
    first = _draw(data, (8, 8))
    assert np.array_equal(first, _draw(data, (8, 8)))
    assert (
        (_draw(data, (8, 8), theme="dark", scene=ImageScene(16, 8, 1))[0] == DARK)
        .all(axis=-1)
        .any()
    )
    with pytest.raises(ValueError, match="read-only"):
        first[0] = 0


# The wire


def test_the_wire_carries_the_logged_bytes() -> None:
    index = images({0: [flat(1), b"broken"], 1: "It is gone."})
    frames: list[Any] = list(index.read([0, 1]))
    assert KIND.wire(frames[0], None) == [flat(1), b"broken"]
    assert KIND.wire(frames[0], 1) == b"broken"
    with pytest.raises(ValueError, match="no sample 2"):
        KIND.wire(frames[0], 2)
    with pytest.raises(ValueError, match="gone"):
        KIND.wire(frames[1], None)


# Text


def test_a_notice_has_any_size() -> None:
    for size in ((1, 1), (20, 8), (200, 100)):
        assert raster.notice("Something is broken. " * 100, size, "dark").shape == (
            size[1],
            size[0],
            3,
        )
