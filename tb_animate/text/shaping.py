"""Which font draws which part of a text."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from tb_animate.text import fonts
from tb_animate.text.fonts import Face

_JOINER = "\u200d"
_VARIANTS = {*map(chr, range(0xFE00, 0xFE10)), *map(chr, range(0x1F3FB, 0x1F400))}
_REGIONAL = range(0x1F1E6, 0x1F200)
_RIGHT_TO_LEFT = {"R", "AL"}


class Run(NamedTuple):
    """A stretch of text in one font, in the order in which it is read.

    Attributes:
      backwards: it is written from right to left.
    """

    face: Face
    text: str
    backwards: bool = False


@functools.lru_cache(maxsize=4096)
def runs(text: str) -> tuple[Run, ...]:
    """The text from left to right, in fonts that have its characters.

    A word is set in the first font that has all of it. Where none has, each character comes
    from the first that has it; one that no font has is written in plain letters or as Python
    escapes it, so that different names stay different.

    A stretch written from right to left stands in a line that goes from left to right.
    """
    found: list[Run] = []
    for backwards, stretch in _stretches(_clean(text)):
        parts = _joined(
            [
                Run(face, part, backwards)
                for word in re.findall(r" +|[^ ]+", stretch)
                for face, part in _word(word)
            ]
        )
        found += reversed(parts) if backwards else parts
    return tuple(found)


def clusters(text: str) -> list[str]:
    """The text cut where it can be: marks and what is joined stay with their letter."""
    found: list[str] = []
    for character in text:
        last = found[-1] if found else ""
        belongs = (
            unicodedata.category(character) in ("Mn", "Mc", "Me")
            or _steers(character)
            or last.endswith(_JOINER)
            or (len(last) == 1 and ord(last) in _REGIONAL and ord(character) in _REGIONAL)
        )
        if last and belongs:
            found[-1] += character
        else:
            found.append(character)
    return found


def _joined(parts: list[Run]) -> list[Run]:
    """Neighbours in the same font become one; a space belongs to what comes before it."""
    merged: list[Run] = []
    for part in parts:
        last = merged[-1] if merged else None
        if last is not None and (last.face is part.face or not part.text.strip()):
            merged[-1] = last._replace(text=last.text + part.text)
        else:
            merged.append(part)
    return merged


def _stretches(text: str) -> Iterator[tuple[bool, str]]:
    """The text cut where the direction changes: from the first to the last letter of a script
    that is written from right to left, as long as none of another comes between.
    """
    codes = "".join(map(_direction, text))
    start = 0
    for match in re.finditer("<(?:[?]*<)*", codes):
        if match.start() > start:
            yield False, text[start : match.start()]
        start = match.end()
        yield True, text[match.start() : start]
    if start < len(text):
        yield False, text[start:]


def _direction(character: str) -> str:
    kind = unicodedata.bidirectional(character)
    return "<" if kind in _RIGHT_TO_LEFT else ">" if kind == "L" else "?"


@functools.lru_cache(maxsize=4096)
def _word(word: str) -> tuple[tuple[Face, str], ...]:
    """The word in fonts, in the order in which it is read."""
    face = _first(word)
    if face is not None:
        return ((face, _known(face, word)),)
    return tuple(piece for cluster in clusters(word) for piece in _cluster(cluster))


def _cluster(cluster: str) -> Iterator[tuple[Face, str]]:
    """A letter and its marks; without a font that has all, one after the other."""
    face = _first(cluster)
    if face is not None:
        yield face, _known(face, cluster)
        return
    drawn = False
    for one in cluster:
        if _steers(one):
            continue
        face = _first(one)
        if face is not None:
            yield face, one
            drawn = True
        # An accent falls off its letter sooner than that it stands there in figures.
        elif not (drawn and unicodedata.category(one) == "Mn"):
            yield fonts.own(), _plain(one)


def _first(text: str) -> Face | None:
    """The first font that has all characters of a text, but for those that draw nothing."""
    visible = [one for one in text if not _steers(one)]
    if not visible:
        return None
    return next((face for face in fonts.faces() if all(map(face.has, visible))), None)


def _known(face: Face, text: str) -> str:
    """Without what only changes the look of its neighbours, where the font cannot do that."""
    return "".join(one for one in text if not _steers(one) or face.knows(one))


def _steers(character: str) -> bool:
    return character == _JOINER or character in _VARIANTS


def _plain(character: str) -> str:
    """Stands for a character that no font has."""
    own = fonts.own()
    if unicodedata.category(character) == "Pd":
        return "-"
    plain = "".join(filter(own.has, unicodedata.normalize("NFKD", character)))
    return plain or character.encode("ascii", "backslashreplace").decode()


def _clean(text: str) -> str:
    """Space for what is white, nothing for what only steers, "?" for what is no text."""
    return "".join(_character(one) for one in text)


def _character(one: str) -> str:
    if one.isspace():
        return " "
    if _steers(one):
        return one
    category = unicodedata.category(one)
    if category == "Cf":
        return ""
    return "?" if category in ("Cc", "Cs", "Cn", "Co") else one
