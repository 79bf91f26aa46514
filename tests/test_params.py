"""Text becomes a ClipSpec, or one plain sentence."""

from __future__ import annotations

import argparse
import dataclasses
import math
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from tb_animate import errors, fields, kinds, params
from tb_animate.model import ClipSpec

GOOD: dict[str, tuple[str, Any]] = {
    "sample": ("3", 3),
    "start_step": ("-5", -5),
    "end_step": ("9223372036854775807", 2**63 - 1),
    "every": ("2", 2),
    "max_frames": ("200", 200),
    "fps": ("12.5", 12.5),
    "loop": ("bounce", "bounce"),
    "hold": ("1e0", 1.0),
    "tween": ("30", 30),
    "width": ("4096", 4096),
    "height": ("1", 1),
    "max_bytes": ("9.5MB", 9_500_000),
    "theme": ("dark", "dark"),
    "caption": ("1", True),
    "scalar": ("loss/train", ("loss/train",)),
    "measure": ("time", "time"),
    "reverse": ("1", True),
}

BAD = [
    ("sample", "-1"),
    ("sample", "ALL"),
    ("sample", "1.0"),
    ("start_step", "9223372036854775808"),
    ("end_step", "1e3"),
    ("every", "0"),
    ("max_frames", "0"),
    ("max_frames", "1_000"),
    ("fps", "nan"),
    ("fps", "inf"),
    ("fps", "1e999"),
    ("fps", "0"),
    ("fps", "60.1"),
    ("fps", " 5"),
    ("fps", "٣"),
    ("fps", "1" * 10_000),
    ("loop", "Forever"),
    ("loop", ""),
    ("hold", "-0.1"),
    ("hold", "61"),
    ("tween", "31"),
    ("width", "0"),
    ("width", "4097"),
    ("height", "12px"),
    ("max_bytes", "999"),
    ("max_bytes", "10 bytes"),
    ("max_bytes", "1.5.2MB"),
    ("max_bytes", "-10MB"),
    ("max_bytes", "101GB"),
    ("theme", "blue"),
    ("caption", "yes"),
    ("scalar", ""),
    ("scalar", "x" * 1001),
    ("measure", "seconds"),
    ("reverse", "2"),
]


def _from_options(*options: str) -> ClipSpec:
    parser = argparse.ArgumentParser()
    params.add_arguments(parser)
    return params.from_arguments(parser.parse_args(options))


def test_every_field_has_a_row() -> None:
    *own, options = (field.name for field in dataclasses.fields(ClipSpec))
    assert [field.name for field in fields.FIELDS] == own
    assert options == "options"
    assert set(GOOD) == set(fields.BY_NAME)
    assert [field.name for field in fields.every()] == [
        *own,
        *dict.fromkeys(o.name for kind in kinds.KINDS for o in kinds.get(kind).options),
    ]


def test_nothing_given_is_the_default() -> None:
    assert params.from_query({}) == ClipSpec()
    assert _from_options() == ClipSpec()
    assert params.from_values({"sample": None, "width": None}) == ClipSpec()


@pytest.mark.parametrize("name", GOOD)
def test_query_command_line_and_python_accept_the_same(name: str) -> None:
    text, value = GOOD[name]
    expected = dataclasses.replace(ClipSpec(), **{name: value})
    assert params.from_query({name: [text]}) == expected
    assert params.from_values({name: text}) == expected
    assert params.from_values({name: value}) == expected
    option = fields.BY_NAME[name].option
    switch = not fields.BY_NAME[name].metavar
    assert _from_options(*([option] if switch else [option, text])) == expected


def test_words_for_all_samples_and_switches() -> None:
    assert params.from_query({"sample": ["all"]}).sample is None
    assert params.from_query({"caption": ["0"]}).caption is False
    assert _from_options("--no-caption").caption is False
    assert _from_options("--no-reverse").reverse is False
    assert params.from_query({"reverse": ["on"]}).reverse is True
    assert params.from_values({"reverse": True, "caption": False}) == ClipSpec(reverse=True)


@pytest.mark.parametrize(("name", "text"), BAD)
def test_bad_values_are_named_with_their_limit(name: str, text: str) -> None:
    with pytest.raises(errors.AnimateError) as raised:
        params.from_query({name: [text]})
    message = str(raised.value)
    assert re.fullmatch(rf"{name} is '.*'; it must be .*\.", message)
    assert fields.BY_NAME[name].accepts in message
    assert len(message) < 150


@pytest.mark.parametrize(
    ("name", "text"), [case for case in BAD if fields.BY_NAME[case[0]].metavar]
)
def test_bad_options_are_named_as_they_are_typed(name: str, text: str) -> None:
    option = fields.BY_NAME[name].option
    with pytest.raises(errors.AnimateError, match=f"^{option} is '"):
        _from_options(f"{option}={text}")


def test_python_gives_the_parts_of_a_text_as_a_list() -> None:
    for name, value, text in [
        ("camera", (-0.5, 0, 2, 35, 20), "-0.5,0,2,35,20"),
        ("hidden", ["cat", "cat, big"], "cat,cat%2C%20big"),
        ("selected", [3, 14], "3,14"),
    ]:
        assert params.from_values({name: value}) == params.from_query({name: [text]})
    with pytest.raises(errors.AnimateError, match=r"^fps is '\[1, 2\]'; it must be"):
        params.from_values({"fps": [1, 2]})


def test_unknown_and_repeated_names() -> None:
    with pytest.raises(errors.AnimateError, match=r"no parameter 'fsp'.*fps"):
        params.from_query({"fsp": ["1"]})
    with pytest.raises(errors.AnimateError, match=r"no parameter 'fsp'"):
        params.from_values({"fsp": None})
    assert params.from_query({"series": ["a", "b"]}, also=("series",)) == ClipSpec()
    with pytest.raises(errors.AnimateError, match=r"^fps is given 2 times; give it once\.$"):
        params.from_query({"fps": ["1", "1"]})
    with pytest.raises(errors.AnimateError, match=r"^--caption is given 2 times"):
        _from_options("--caption", "--no-caption")


def test_several_values_of_one_name() -> None:
    expected = ClipSpec(scalar=("loss", "b c", "1.5"))
    assert params.from_query({"scalar": ["loss", "b c", "loss", "1.5"]}) == expected
    assert params.from_values({"scalar": ["loss", "b c", 1.5]}) == expected
    assert params.from_values({"scalar": ("loss", "b c", "1.5")}) == expected
    assert _from_options("--scalar", "loss", "--scalar=b c", "--scalar", "1.5") == expected
    assert params.from_values({"scalar": ()}) == params.from_values({"scalar": None}) == ClipSpec()
    assert params.clip(
        MultiDict([("series", "a"), ("scalar", "x"), ("scalar", "y")])
    ).spec.scalar == ("x", "y")
    many = [str(n) for n in range(9)]
    with pytest.raises(errors.AnimateError, match=r"scalar is given 9 times, and 8 is the most"):
        params.from_query({"scalar": many})
    with pytest.raises(errors.AnimateError, match=r"^--scalar is '';"):
        _from_options("--scalar", "loss", "--scalar", "")


def test_python_values_that_are_none() -> None:
    for value in (True, 2.5, math.nan, [1], object()):
        with pytest.raises(errors.AnimateError, match=r"^width is .*; it must be"):
            params.from_values({"width": value})


def test_steps_in_the_wrong_order() -> None:
    with pytest.raises(errors.AnimateError, match=r"start_step 5 lies after end_step 4; swap"):
        params.from_query({"start_step": ["5"], "end_step": ["4"]})
    assert params.from_query({"start_step": ["4"], "end_step": ["4"]}).start_step == 4


@given(st.dictionaries(st.sampled_from([*GOOD, "other"]), st.lists(st.text(), max_size=2)))
def test_any_query_is_a_clip_or_a_sentence(query: dict[str, list[str]]) -> None:
    try:
        spec = params.from_query(query)
    except errors.AnimateError as error:
        message = str(error)
    else:
        message = ""
        assert fields.MIN_FPS <= spec.fps <= fields.MAX_FPS
    assert re.fullmatch(r"(.*[.])?", message), "one line, and nothing that moves a cursor"


@given(fps=st.floats(fields.MIN_FPS, fields.MAX_FPS), hold=st.floats(0, fields.MAX_HOLD))
def test_numbers_survive_being_text(fps: float, hold: float) -> None:
    assert params.from_values({"fps": fps, "hold": hold}) == ClipSpec(fps=fps, hold=hold)


# Requests


def test_a_clip_request() -> None:
    query = MultiDict(
        [
            ("series", "a"),
            ("series", "b"),
            ("series", "a"),
            ("format", "gif"),
            ("fps", "20"),
            ("token", "x_Y-1"),
            ("download", "1"),
        ]
    )
    asked = params.clip(query)
    assert asked.series == ["a", "b"]
    assert asked.spec == ClipSpec(fps=20)
    assert asked.encoder.name == "gif"
    assert asked.token == "x_Y-1"
    assert asked.download
    plain = params.clip({"series": ["a"]})
    assert (plain.token, plain.download, plain.encoder.name) == ("", False, "gif")


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({}, "No series"),
        ({"series": [""]}, "No series"),
        ({"series": ["a"], "format": ["avi"]}, "'avi'.*gif"),
        ({"series": ["a"], "format": ["gif", "gif"]}, "format is given 2 times"),
        ({"series": ["a"], "token": ["a b"]}, "token is 'a b'; it must be"),
        ({"series": ["a"], "token": ["a" * 65]}, "token is"),
        ({"series": ["a"], "download": ["yes"]}, "download is 'yes'; it must be 1 or 0"),
        ({"series": ["a"], "fsp": ["1"]}, "no parameter 'fsp'"),
    ],
)
def test_bad_clip_requests(query: dict[str, list[str]], message: str) -> None:
    with pytest.raises(errors.AnimateError, match=message):
        params.clip(query)


def test_too_many_series() -> None:
    with pytest.raises(errors.TooLarge, match="64"):
        params.clip({"series": [str(n) for n in range(65)]})


def test_a_scene_request() -> None:
    asked = params.scene(MultiDict([("series", "a"), ("sample", "2"), ("series", "b")]))
    assert (asked.series, asked.spec) == (["a", "b"], ClipSpec(sample=2))
    with pytest.raises(errors.TooLarge, match="64 that one scene can hold"):
        params.scene({"series": [str(n) for n in range(65)]})
    with pytest.raises(errors.AnimateError, match="No series"):
        params.scene({})
    assert params.scene({"series": ["a"], "cancel": ["1"]}).cancel
    assert not asked.cancel
    with pytest.raises(errors.AnimateError, match="cancel is 'yes'; it must be 1 or 0"):
        params.scene({"series": ["a"], "cancel": ["yes"]})


def test_an_option_of_two_kinds_is_one_field(monkeypatch: pytest.MonkeyPatch) -> None:
    having, field = fields.of_kinds()["trail"]
    assert set(having) == {name for name in kinds.KINDS if field in kinds.get(name).options}
    assert len(having) >= 2
    other = dataclasses.replace(field)
    monkeypatch.setattr(kinds.get(having[0]), "options", (other,), raising=False)
    fields.of_kinds.cache_clear()
    with pytest.raises(RuntimeError, match="'trail' is declared twice"):
        fields.of_kinds()
    monkeypatch.undo()
    fields.of_kinds.cache_clear()
    assert fields.of_kinds()["trail"] == (having, field)


@pytest.mark.parametrize(
    ("text", "size"),
    [("1000", 1000), ("500kB", 500_000), ("10 MB", 10**7), ("8MiB", 2**23), ("1g", 10**9)],
)
def test_units_of_bytes(text: str, size: int) -> None:
    assert params.from_query({"max_bytes": [text]}).max_bytes == size
    assert params.from_values({"max_bytes": float(size)}).max_bytes == size
