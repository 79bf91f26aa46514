"""Names and texts that are no harm, wherever a log puts them."""

from __future__ import annotations

import json
import os
import pathlib
from typing import Any

import msgpack
import numpy as np
import pytest

import event_bytes as eb
import logs
import tb_animate
from memory_source import flat
from sites import Site, json_of, plain
from tb_animate import cli, errors, file_names

MARKUP = "<img src=x onerror=alert(1)>"
LONG = "n" * 10_000
TAGS = [
    MARKUP,
    "</script><script>alert(1)</script>",
    "a\nb\r\nSet-Cookie: x",
    "nul\0byte",
    "\x1b]0;title\x07\x1b[2J",
    "\u202egnp.exe",
    "שלום/مرحبا",
    "100%/%2e%2e%2f",
    LONG,
    "..",
    "",
]
# As directories; "." is the log directory itself, and no path has "..".
RUNS = [".", "...", "with space", "100%41", "ünï\u202ecode", "new\nline", MARKUP.replace("/", "")]


def png(step: int) -> bytes:
    return flat(40 * step)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    path = tmp_path_factory.mktemp("hostile")
    records = [eb.event(step, *[eb.tf1_image(tag, png(step)) for tag in TAGS]) for step in (0, 1)]
    for run in RUNS:
        described = eb.tf2_image("described", png(0))
        described.metadata.display_name = MARKUP
        described.metadata.summary_description = "</script>" + MARKUP + LONG
        eb.write(path / run, [eb.version(), *records, eb.event(0, described), b"damage" * 9])
    not_text = os.path.join(os.fsencode(path), b"not\xfftext")
    os.mkdir(not_text)
    with open(os.path.join(not_text, b"a\xff\n.tfevents"), "wb") as file:
        good = eb.event(0, eb.tf1_image("a", png(0)))
        file.write(eb.version() + good + eb.event(1, eb.tf1_image("a", png(1))))
    return path


def test_every_answer_is_valid_whatever_the_names_are(hostile: pathlib.Path) -> None:
    site = Site(hostile)
    listed = json_of(site.get("series"))
    assert {one["run"] for one in listed["series"]} == {*RUNS, "not\ufffdtext"}
    assert {one["tag"] for one in listed["series"]} == {*TAGS, "described", "a"}
    assert len(listed["warnings"]) == len(RUNS)
    for warning in listed["warnings"]:
        assert warning["message"].isprintable()
    for one in listed["series"]:
        assert json_of(site.get("steps", series=one["id"]))["steps"][0] == 0
        json_of(site.get("scene", series=one["id"]))
        (first, *_) = site.frames(series=one["id"], sample=0)["frames"]
        assert first["data"] == png(0)


def test_an_error_names_a_file_that_is_no_text(hostile: pathlib.Path) -> None:
    """MessagePack takes no half of a surrogate pair."""
    site = Site(hostile)
    (one,) = [one for one in json_of(site.get("series"))["series"] if one["tag"] == "a"]
    path = os.path.join(os.fsencode(hostile), b"not\xfftext", b"a\xff\n.tfevents")
    with open(path, "rb") as file:
        whole = file.read()
    with open(path, "r+b") as file:
        file.write(whole.replace(png(1)[:30], png(1)[:29] + b"?"))
    try:
        found = site.frames(series=one["id"])["frames"]
    finally:
        with open(path, "wb") as file:
            file.write(whole)
    assert [frame["data"] is None for frame in found] == [True, True]
    assert "\\udcff\\n.tfevents" in found[0]["error"]
    assert found[0]["error"].isprintable()


@pytest.mark.parametrize("tag", TAGS, ids=lambda tag: ascii(tag[:20]))
def test_clips_have_captions_and_safe_names(hostile: pathlib.Path, tag: str) -> None:
    site = Site(hostile)
    ids = [one["id"] for one in json_of(site.get("series"))["series"] if one["tag"] == tag]
    answer = site.get("clip", series=ids[:2], caption=1, download=1, format="gif")
    assert answer.status_code == 200, answer.text
    assert answer.data.startswith(b"GIF89a")
    disposition = answer.headers["Content-Disposition"]
    name = disposition.removeprefix("attachment; filename=")
    assert name.endswith(".gif")
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")
    assert len(name) < 120
    assert not name.startswith((".", "-"))
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    "name", ["con", "NUL", "aux", "com1", "Lpt9", "prn", "CON.backup", "nul.x.y"]
)
def test_names_that_windows_keeps_for_itself(name: str) -> None:
    assert file_names.file_name([name], ".gif").upper().startswith("CLIP-")
    assert file_names.file_name(["a" + name], ".gif").startswith("a")


def test_lists_move_no_cursor(hostile: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["list", os.fspath(hostile)]) == 0
    out, err = capsys.readouterr()
    for line in (out + err).split("\n"):
        assert line.isprintable()
    # A long name sticks out of its column, and the others stand in theirs.
    assert max(map(len, (line for line in out.split("\n") if LONG not in line))) < 250
    assert cli.main(["list", os.fspath(hostile), "--json"]) == 0
    assert {row["tag"] for row in json.loads(capsys.readouterr().out)} == {*TAGS, "described", "a"}


@pytest.mark.parametrize("tag", ["\x1b[2J", LONG, "a\nb"], ids=["escape", "long", "line"])
def test_errors_move_no_cursor(
    hostile: pathlib.Path, capsys: pytest.CaptureFixture[str], tag: str
) -> None:
    command = ["export", os.fspath(hostile), "--tag", tag + "?", "-o", "x.gif"]
    assert cli.main(command) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.isprintable()
    assert len(line) < 2 * errors.MAX_SENTENCE


@pytest.mark.parametrize(
    "query",
    [
        {"series": LONG},
        {"series": "\0"},
        {"series": "a", "color_by": "\x1b[2J"},
        {"series": "a", LONG: "1"},
        {"series": "a", "x\r\nSet-Cookie: y": "1"},
        {"series": "a", "token": "\ud800"},
    ],
    ids=["long", "nul", "escape", "long name", "header", "half a pair"],
)
@pytest.mark.parametrize("route", ["series", "steps", "scene", "frames", "clip", "scalars"])
def test_bad_words_of_a_request_come_back_as_plain_text(
    hostile: pathlib.Path, route: str, query: dict[str, Any]
) -> None:
    words = {name: value.encode("utf-8", "surrogatepass") for name, value in query.items()}
    answer = Site(hostile).get(route, **words)
    sentence = plain(answer, 404 if answer.status_code == 404 else 400)
    assert sentence.isprintable()
    assert len(sentence) < 2 * errors.MAX_SENTENCE
    assert "Set-Cookie" not in answer.headers


def test_a_sentence_keeps_its_beginning_and_its_end() -> None:
    assert errors.plain("a\x1b\n\u202e\ud800é") == "a\\x1b\\n\\u202e\\ud800é"
    sentence = errors.plain(f"There is no {LONG}; choose another.")
    assert sentence.startswith("There is no nnn")
    assert sentence.endswith("nnn; choose another.")
    assert len(sentence) <= errors.MAX_SENTENCE + 5


def test_points_with_hostile_labels_travel(tmp_path: pathlib.Path) -> None:
    names = [MARKUP, LONG, "a\nb", "\u202ex", "9" * 5_000, "nul\0", ""]
    with logs.quiet():
        from tensorboardX import SummaryWriter

        writer = SummaryWriter(os.fspath(tmp_path))
        cloud = np.eye(len(names), 3, dtype=np.float32)
        tb_animate.summary.embedding("cloud", cloud, 0, metadata={"label": names}, writer=writer)
        writer.close()
    site = Site(tmp_path)
    (one,) = json_of(site.get("series"))["series"]
    scene = json_of(site.get("scene", series=one["id"]))
    assert scene["columns"][0]["type"] == "category"
    answer = site.get("table", series=one["id"])
    table = msgpack.unpackb(answer.data)
    assert set(table["columns"][0]["categories"]) == set(filter(None, names))
    clip = site.get("clip", series=one["id"], caption=1, selected="0,1,2")
    assert clip.status_code == 200, clip.text
