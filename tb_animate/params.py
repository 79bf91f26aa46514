"""Requests, command lines and keyword arguments become dataclasses, or a plain error."""

from __future__ import annotations

import argparse
import dataclasses
import re
import urllib.parse
from collections.abc import Collection, Mapping, Sequence

from tb_animate import encoders, errors, kinds
from tb_animate.encoders import Encoder
from tb_animate.fields import every, of_kinds, plain_name, spec_from
from tb_animate.model import ClipSpec
from tb_animate.options import Field, quoted

DEFAULT_FORMAT = "gif"

# More side by side cannot be told apart, and each takes memory for a frame or two.
MAX_SERIES = 64

# Pictures of a preview.
DEFAULT_SHOWN, MAX_SHOWN = 3, 12

# Characters of a client's name for an export; a UUID has 36.
MAX_TOKEN = 64
_TOKEN = re.compile(rf"[A-Za-z0-9_-]{{1,{MAX_TOKEN}}}")

Query = Mapping[str, Sequence[str]]
"""The values of each parameter, in the order given. werkzeug's `MultiDict` is welcome too."""


@dataclasses.dataclass(frozen=True, slots=True)
class SceneRequest:
    """What `/scene` is asked for.

    Attributes:
      series: ids, each once, in the order given.
      cancel: stop the fitting instead.
    """

    series: list[str]
    spec: ClipSpec
    cancel: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class ClipRequest:
    """What `/clip` is asked for.

    Attributes:
      series: ids, each once, in the order given.
      axes: ids of the series that share their axes with these, see `export.plan`.
      token: the client's name for this export, or "".
      download: whether the answer is to be saved under a file name.
    """

    series: list[str]
    axes: list[str]
    spec: ClipSpec
    encoder: Encoder
    token: str
    download: bool


def series(query: Query) -> list[str]:
    """The ids that `/steps` is asked for, each once. Raises as `clip` does."""
    return _series(_lists(query), "request")


def scene(query: Query) -> SceneRequest:
    """Reads the parameters of `/scene`. Raises as `clip` does."""
    lists = _lists(query)
    return SceneRequest(
        _series(lists, "scene"),
        from_query(lists, also=("series", "cancel")),
        _switch(lists, "cancel"),
    )


def clip(query: Query) -> ClipRequest:
    """Reads the parameters of `/clip`.

    Raises:
      errors.AnimateError: a parameter that does not exist, comes twice, is malformed or
        out of range; the message names it, its limit and the mend.
    """
    return _clip(_lists(query))


def preview(query: Query) -> tuple[ClipRequest, int]:
    """Reads the parameters of `/preview`: the clip, and how many pictures of it to show.

    Raises as `clip` does.
    """
    lists = _lists(query)
    text = _one(lists, "frames") or str(DEFAULT_SHOWN)
    if text not in map(str, range(1, MAX_SHOWN + 1)):
        raise errors.AnimateError(
            f"frames is {quoted(text)}; it must be a whole number from 1 to {MAX_SHOWN}."
        )
    lists.pop("frames", None)
    return _clip(lists), int(text)


def _clip(lists: Query) -> ClipRequest:
    series = _series(lists, "clip")
    token = _one(lists, "token")
    if token and not _TOKEN.fullmatch(token):
        raise errors.AnimateError(
            f"token is {quoted(token)}; it must be 1 to {MAX_TOKEN} letters, digits, - and _."
        )
    return ClipRequest(
        series=series,
        axes=_ids(lists, "axes", "scene"),
        spec=from_query(lists, also=("series", "axes", "format", "token", "download")),
        encoder=encoders.get(_one(lists, "format") or DEFAULT_FORMAT),
        token=token,
        download=_switch(lists, "download"),
    )


def _lists(query: Query) -> dict[str, Sequence[str]]:
    lists = getattr(query, "lists", None)  # a MultiDict's own items are the first values only
    return dict(query.items() if lists is None else lists())


def _series(lists: Query, what: str) -> list[str]:
    series = _ids(lists, "series", what)
    if not series:
        raise errors.AnimateError("No series is given. Name one: series=ID, as /series lists it.")
    return series


def _ids(lists: Query, name: str, what: str) -> list[str]:
    series = list(dict.fromkeys(text for text in lists.get(name, ()) if text))
    if len(series) > MAX_SERIES:
        raise errors.TooLarge(
            f"{len(series)} series are more than the {MAX_SERIES} that one {what} can hold; "
            "choose fewer."
        )
    return series


def _one(lists: Query, name: str) -> str:
    values = lists.get(name, ("",))
    if len(values) != 1:
        raise errors.AnimateError(f"{name} is given {len(values)} times; give it once.")
    return values[0]


def _switch(lists: Query, name: str) -> bool:
    text = _one(lists, name) or "0"
    if text not in ("0", "1"):
        raise errors.AnimateError(f"{name} is {quoted(text)}; it must be 1 or 0.")
    return text == "1"


def from_query(query: Mapping[str, Sequence[str]], also: Collection[str] = ()) -> ClipSpec:
    """Reads a clip from the parameters of a request.

    Args:
      query: values by name, in the order given (`MultiDict.to_dict(flat=False)`).
      also: names of the route's other parameters, which are none of ours.

    Raises:
      errors.AnimateError: a name that is neither a field's nor in `also`, a repeated or
        a malformed value, or one out of range.
    """
    return spec_from(
        {name: values for name, values in query.items() if name not in also}, plain_name
    )


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds an option for each field. `from_arguments` reads what the parser found."""
    whose = {name: ", ".join(kinds.words(having)) for name, (having, _) in of_kinds().items()}
    for field in every():
        if field.metavar:
            only = f"{whose[field.name]}: " if field.name in whose else ""
            # Collected as text, so that it is checked as a query is, repetition included.
            parser.add_argument(
                field.option,
                dest=field.name,
                action="append",
                metavar=field.metavar,
                help=only + field.help,
            )
            continue
        no = "--no-" + field.option[2:]
        parser.add_argument(
            field.option, dest=field.name, action="append_const", const="1", help=field.help
        )
        parser.add_argument(no, dest=field.name, action="append_const", const="0", help="(default)")


def from_arguments(arguments: argparse.Namespace) -> ClipSpec:
    """Reads a clip from a command line. Raises as `from_query` does."""
    given = {field.name: getattr(arguments, field.name) for field in every()}
    return spec_from({name: texts for name, texts in given.items() if texts is not None}, _option)


def from_values(values: Mapping[str, object]) -> ClipSpec:
    """Reads a clip from Python values, text included. `None` stands for the default.

    Raises:
      errors.AnimateError: as `from_query`.
    """
    known = {field.name: field for field in every()}
    given = {
        name: _texts(known.get(name), value)
        for name, value in values.items()
        if value is not None or name not in known
    }
    return spec_from(given, plain_name)


def _texts(field: Field | None, value: object) -> list[str]:
    """A Python value as a query would hold it."""
    if field is not None and isinstance(value, (list, tuple)):
        if field.most > 1:
            return [str(one) for one in value]
        if "," in field.metavar:
            return [",".join(urllib.parse.quote(str(one), safe="") for one in value)]
    if field is not None and not field.metavar and isinstance(value, bool):
        return [str(int(value))]
    return [str(value)]


def _option(field: Field) -> str:
    return field.option
