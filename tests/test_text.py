"""Text in any language that the fonts at hand can draw."""

from __future__ import annotations

import io
import os
import pathlib
import unicodedata
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from fontTools import fontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTCollection, TTFont
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont, features

from tb_animate import text
from tb_animate.text import coverage, fonts, shaping
from tb_animate.text.shaping import clusters

pytestmark = pytest.mark.oldest

GREEK, CYRILLIC, CJK, HEBREW, EMOJI = "λόγος", "Привет", "画像生成", "שלום", "😀"


def font(path: pathlib.Path, characters: str, advance: int = 1000, blank: str = "") -> str:
    """Writes a font whose letters are solid squares of the height of a capital."""
    pen = TTGlyphPen(None)
    for point in ((0, 0), (0, 700), (advance, 700), (advance, 0)):
        (pen.moveTo if point == (0, 0) else pen.lineTo)(point)
    pen.closePath()
    square, nothing = pen.glyph(), TTGlyphPen(None).glyph()
    names = {ord(one): f"u{ord(one):05X}" for one in characters}
    builder = fontBuilder.FontBuilder(1000)
    builder.setupGlyphOrder([".notdef", *names.values()])
    builder.setupCharacterMap(names)
    glyphs = {name: nothing if chr(code) in blank else square for code, name in names.items()}
    builder.setupGlyf({".notdef": square, **glyphs})
    builder.setupHorizontalMetrics(dict.fromkeys([".notdef", *names.values()], (advance, 0)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": path.stem, "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    builder.save(path)
    return str(path)


@pytest.fixture
def only(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Makes the given files all fonts that the machine has besides Pillow's own."""

    def forget() -> None:
        for cached in (shaping.runs, shaping._word, text.width):
            cached.cache_clear()

    def use(*paths: str) -> None:
        monkeypatch.setattr(fonts, "files", lambda: paths)
        forget()

    yield use
    monkeypatch.undo()
    forget()


def _drawn(words: str, size: float = 20, width: int = 400) -> np.ndarray:
    image = Image.new("RGB", (width, 40), "white")
    text.draw(ImageDraw.Draw(image), (4, 20), words, (0, 0, 0), size)
    return np.asarray(image)


def _set(words: str) -> list[tuple[str, str]]:
    return [(pathlib.Path(run.face.path).stem, run.text) for run in shaping.runs(words)]


# Which font draws what


def test_plain_text_is_the_same_on_every_machine(
    only: Callable[..., None], tmp_path: pathlib.Path
) -> None:
    only()
    alone = _drawn("generated/train · step 1,480")
    only(font(tmp_path / "wide.ttf", "generatd/insp1480"))
    assert np.array_equal(_drawn("generated/train · step 1,480"), alone)


def test_a_word_is_set_in_the_first_font_that_has_all_of_it(
    only: Callable[..., None], tmp_path: pathlib.Path
) -> None:
    greek = font(tmp_path / "greek.ttf", GREEK)
    both = font(tmp_path / "both.ttf", GREEK + "=0.1" + CYRILLIC)
    only(greek, both)
    assert _set(f"rate {GREEK} λ=0.1 {CYRILLIC}") == [
        ("", "rate "),
        ("greek", f"{GREEK} "),
        ("both", f"λ=0.1 {CYRILLIC}"),
    ]


def test_a_word_of_two_fonts_is_set_in_both(
    only: Callable[..., None], tmp_path: pathlib.Path
) -> None:
    only(font(tmp_path / "greek.ttf", GREEK), font(tmp_path / "cjk.ttf", CJK))
    assert _set(f"lr{CJK}λ") == [("", "lr"), ("cjk", CJK), ("greek", "λ")]


def test_the_glyphs_are_where_they_belong(
    only: Callable[..., None], tmp_path: pathlib.Path
) -> None:
    only(font(tmp_path / "cjk.ttf", CJK))
    picture = _drawn("画像", size=20)
    ink = np.argwhere(picture[..., 0] < 128)
    top, left = ink.min(axis=0)
    bottom, right = ink.max(axis=0)
    # Two squares of 20 pixels, as high as a capital: 14 pixels, above the common line.
    assert (left, right) == (4, 43)
    assert bottom - top == 13
    letters = np.argwhere(_drawn("H", size=20)[..., 0] < 128)
    assert abs(bottom - letters[:, 0].max()) <= 1
    assert text.width("画像", 20) == 40


@pytest.mark.parametrize(
    "words", [GREEK, CYRILLIC, CJK, HEBREW, EMOJI, "naïve", "हिन्दी", "\U0001f469\u200d\U0001f52c"]
)
def test_never_a_box(only: Callable[..., None], words: str) -> None:
    """What no font has is written in characters that Pillow's own font draws."""
    only()
    own = fonts.own()
    for run in shaping.runs(words):
        assert run.face is own
        for character in run.text:
            assert character == " " or coverage.has(own.characters, ord(character)), run
    plain = "".join(run.text for run in shaping.runs(words))
    assert plain == {"naïve": "naive"}.get(words) or "\\" in plain


def test_names_that_cannot_be_drawn_stay_different(only: Callable[..., None]) -> None:
    only()
    assert _set("实验一 a—b") == [("", "\\u5b9e\\u9a8c\\u4e00 a-b")]
    assert not np.array_equal(_drawn("实验一"), _drawn("实验二"))
    assert _set("tab\tand\nbreak\x07\u202e\ufeff") == [("", "tab and break?")]
    assert _set("\ud800 \ue000") == [("", "? ?")]


def test_an_empty_glyph_is_none(only: Callable[..., None], tmp_path: pathlib.Path) -> None:
    """Colour fonts have glyphs without an outline: nothing at all would be drawn."""
    only(font(tmp_path / "empty.ttf", "λ", blank="λ"), font(tmp_path / "full.ttf", "λ"))
    assert _set("λ") == [("full", "λ")]


def test_a_damaged_font_is_passed_over(only: Callable[..., None], tmp_path: pathlib.Path) -> None:
    whole = pathlib.Path(font(tmp_path / "whole.ttf", GREEK)).read_bytes()
    damaged = []
    for nth, data in enumerate([b"", b"ttcf", whole[:40], whole[: len(whole) // 2], b"\0" * 999]):
        path = tmp_path / f"damaged{nth}.ttf"
        path.write_bytes(data)
        damaged.append(str(path))
    only(*damaged, str(tmp_path / "gone.ttf"), str(tmp_path / "whole.ttf"))
    assert _set(GREEK) == [("whole", GREEK)]


# Directions and marks


def test_right_to_left_stands_in_a_line_from_left_to_right(
    only: Callable[..., None], tmp_path: pathlib.Path
) -> None:
    narrow = font(tmp_path / "narrow.ttf", "של", advance=200)
    wide = font(tmp_path / "wide.ttf", "ום ", advance=900)
    only(narrow, wide)
    found = shaping.runs("run של שלום · 3")
    assert [(run.text, run.backwards) for run in found] == [
        ("run ", False),
        ("ום", True),
        ("של של", True),
        (" · 3", False),
    ]
    # The first letter that is read is the rightmost.
    picture = _drawn("שם", size=20)
    ink = np.flatnonzero((picture[..., 0] < 128).any(axis=0))
    assert (ink[0], ink[-1]) == (4, 4 + 18 + 4 - 1)
    narrow_column = picture[:, 23:26, 0]
    assert (narrow_column < 128).any()


@pytest.mark.parametrize("shaped", [True, False])
def test_letters_go_backwards_with_and_without_raqm(
    only: Callable[..., None],
    tmp_path: pathlib.Path,
    monkeypatch: pytest.MonkeyPatch,
    shaped: bool,
) -> None:
    assert features.check("raqm"), "Pillow's own wheels have it"
    monkeypatch.setattr(ImageFont.core, "HAVE_RAQM", shaped)
    path = tmp_path / "one.ttf"
    font(path, "אב")
    with TTFont(path) as opened:
        opened["hmtx"]["u005D0"] = (300, 0)
        glyph = opened["glyf"]["u005D0"]
        glyph.coordinates = type(glyph.coordinates)([(0, 0), (0, 200), (300, 200), (300, 0)])
        opened.save(path)
    only(str(path))
    ink = _drawn("אב", size=20)[..., 0] < 128
    heights = ink.sum(axis=0)
    # The low letter is read first and stands on the right.
    assert heights[10] > 10
    assert 0 < heights[4 + 20 + 2] < 6


def test_marks_stay_with_their_letter() -> None:
    assert clusters("e\u0301a\u0308b") == ["e\u0301", "a\u0308", "b"]
    family = "\U0001f469\u200d\U0001f52c"
    assert clusters(family + "\u2764\ufe0f") == [family, "\u2764\ufe0f"]
    assert clusters("🇩🇪🇫🇷") == ["🇩🇪", "🇫🇷"]
    cut = text.shorten("e\u0301" * 30, 100, 13)
    assert unicodedata.normalize("NFC", cut).strip("é") == "…"


def test_what_only_steers_is_no_box(only: Callable[..., None], tmp_path: pathlib.Path) -> None:
    only(font(tmp_path / "emoji.ttf", "👩🔬✌"))
    assert _set("\U0001f469\u200d\U0001f52c") == [("emoji", "👩🔬")]
    assert _set("✌\ufe0f ✌\U0001f3fd") == [("emoji", "✌ ✌")]
    assert _set("a\ufe0f") == [("", "a")]


# Cutting


def test_the_beginning_is_kept() -> None:
    assert text.shorten("generated", 1000, 13) == "generated"
    cut = text.shorten("generated/samples/of/the/epoch", 80, 13)
    assert cut.startswith("generated")
    assert cut.endswith("…")
    assert text.width(cut, 13) <= 80
    assert text.shorten("x", 0, 13) == ""


def test_what_differs_is_kept() -> None:
    name = "experiments/resnet50/lr=0.01/augmented/seed=3"
    start = name.index("0.01")
    core = (start, start + 4)
    assert text.shorten_around(name, 1000, 13, core) == name
    for room in (250, 150, 80, 60):
        cut = text.shorten_around(name, room, 13, core)
        assert "0.01" in cut
        assert text.width(cut, 13) <= room
    assert text.shorten_around(name, 60, 13, core).startswith("…")
    narrow = text.shorten_around(name, 30, 13, core)
    assert narrow
    assert text.width(narrow, 13) <= 30


def test_without_a_difference_the_middle_goes() -> None:
    cut = text.shorten_around("generated/samples/of/the/epoch", 120, 13)
    assert cut.startswith("gen")
    assert cut.endswith("och")
    assert cut.count("…") == 1
    assert text.width(cut, 13) <= 120
    assert text.shorten_around("long" * 5000, 0, 13) == ""


@given(st.text(max_size=30), st.integers(0, 200), st.integers(0, 30), st.integers(0, 30))
def test_any_text_fits(words: str, room: int, one: int, other: int) -> None:
    core = (min(one, other, len(words)), min(max(one, other), len(words)))
    for cut in (text.shorten(words, room, 13), text.shorten_around(words, room, 13, core)):
        assert text.width(cut, 13) <= room or not cut
        _drawn(cut)


# Font files


def test_the_characters_of_a_font_are_those_of_its_table(tmp_path: pathlib.Path) -> None:
    for nth, characters in enumerate(
        ["aAbzλ画", "a😀画Ω", "".join(map(chr, range(0x4E00, 0x4F00)))]
    ):
        path = font(tmp_path / f"{nth}.ttf", characters)
        with open(path, "rb") as file:
            (found,) = coverage.faces(file)
        there = {chr(code) for first, last in found.tolist() for code in range(first, last + 1)}
        assert there == set(characters)
        for character in characters + "xy€":
            assert coverage.has(found, ord(character)) == (character in characters)


def test_real_fonts_are_read_right() -> None:
    import matplotlib

    paths = sorted((pathlib.Path(matplotlib.get_data_path()) / "fonts" / "ttf").glob("DejaVu*.ttf"))
    assert len(paths) > 10
    for path in paths:
        with TTFont(path) as opened, path.open("rb") as file:
            known = set(opened.getBestCmap() or {})
            (found,) = coverage.faces(file)
        there = {code for first, last in found.tolist() for code in range(first, last + 1)}
        assert there == known, path.name


def test_pillows_own_font_is_read_right() -> None:
    data = fonts.sized(fonts.own(), 16).font_bytes
    with TTFont(io.BytesIO(data)) as opened:
        known = set(opened.getBestCmap())
    found = fonts.own().characters.tolist()
    assert {code for first, last in found for code in range(first, last + 1)} == known


def test_each_face_of_a_collection(tmp_path: pathlib.Path, only: Callable[..., None]) -> None:
    paths = [font(tmp_path / f"{n}.ttf", characters) for n, characters in enumerate([GREEK, CJK])]
    collection = TTCollection()
    collection.fonts = [TTFont(path) for path in paths]
    collection.save(tmp_path / "both.ttc")
    only(str(tmp_path / "both.ttc"))
    assert [run.face.index for run in shaping.runs(f"{GREEK} {CJK}")] == [0, 1]


def test_fonts_are_found_where_systems_keep_them(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    share = tmp_path / "share"
    (share / "fonts" / "deep").mkdir(parents=True)
    for name in (
        "Zed-Bold.ttf",
        "Zed.TTF",
        "notes.txt",
        "deep/NotoSans-Regular.otf",
        "LastResort.ttf",
    ):
        (share / "fonts" / name).write_bytes(b"")
    monkeypatch.setenv("XDG_DATA_DIRS", str(share))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr(fonts.shutil, "which", lambda name: None)
    fonts.files.cache_clear()
    try:
        names = [pathlib.Path(path).name for path in fonts.files()]
    finally:
        fonts.files.cache_clear()
    assert names == ["NotoSans-Regular.otf", "Zed.TTF", "Zed-Bold.ttf"]


def fc_list(folder: pathlib.Path, *paths: str) -> pathlib.Path:
    """A program that says that there are these."""
    command = folder / "fc-list"
    command.write_text("#!/bin/sh\n" + "".join(f"echo {path}\n" for path in paths))
    command.chmod(0o755)
    return command


def test_what_fontconfig_knows_is_found(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = fc_list(tmp_path, "/opt/a.ttf", "/opt/b.pcf.gz", "/opt/c.ttc")
    monkeypatch.setattr(fonts.shutil, "which", lambda name: str(command))
    assert list(fonts._listed()) == ["/opt/a.ttf", "/opt/c.ttc"]
    command.write_text("#!/bin/sh\nexit 3\n")
    assert list(fonts._listed()) == []


def test_a_program_in_the_working_directory_is_not_run(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fc_list(tmp_path, "/opt/a.ttf")
    monkeypatch.chdir(tmp_path)
    # On Windows it is looked for there first, whatever the path.
    monkeypatch.setenv("PATH", f".{os.pathsep}{os.environ['PATH']}")
    assert "/opt/a.ttf" not in list(fonts._listed())
