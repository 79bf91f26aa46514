"""What is known of the points of a segment, as one table said it; and how many tables are kept."""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from tb_animate.kinds.columns import Codes
from tb_animate.model import PointTable, Sprite

Slots: TypeAlias = NDArray[np.int64]

# Of a series whose points are described anew at each step, the latest stay. After a cut some
# more have room, since a cut makes all frames that were sent before out of date.
MAX_VERSIONS = 200
MAX_VALUES = 8_000_000
LEFT_BY_CUT = 0.75

# Bytes of texts and thumbnails: a page gets all of it with each table, and holds it. Two of the
# largest sprites that can be logged; the latest table stays whatever it has.
MAX_HELD = 128 << 20

# What a text takes beside its characters, as a string and as a key.
TEXT_BYTES = 100


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Version:
    """A table, by the slots of a segment.

    Attributes:
      codes: for each column the number of each slot's text in `Tables.texts`, -1 for none;
        shape [slots] each.
      rows: of each slot in the table, -1 where it has none; shape [slots]. Thumbnails come
        in this order.
      ids: for each slot, or `None`.
      sprite: position in `Tables.sprites`, or -1.
    """

    digest: str
    segment: int
    codes: Mapping[str, Codes]
    rows: Codes
    ids: list[str] | None
    sprite: int

    @property
    def values(self) -> int:
        return len(self.rows) * (len(self.codes) + 1)


def weight(table: PointTable) -> int:
    """About how many bytes a table holds."""
    sprite = len(table.sprite.data) if table.sprite is not None else 0
    columns = [*table.columns.values(), table.ids or ()]
    return sprite + sum(8 * len(texts) + _bytes_of(set(texts)) for texts in columns)


class Growing:
    """Versions in the making, with their texts and sprites; see `Tables` for its attributes.

    Too many, and the earliest are dropped with all that only they had.
    """

    def __init__(
        self,
        versions: Sequence[Version],
        sprites: Sequence[Sprite],
        texts: Mapping[str, Mapping[str, int]],
        dropped: int,
        held: int,
    ) -> None:
        self.versions = list(versions)
        self.sprites = list(sprites)
        self.texts = {name: dict(known) for name, known in texts.items()}
        self.dropped = dropped
        self.held = held
        self._places = {_digest(sprite): nth for nth, sprite in enumerate(sprites)}

    def add(self, table: PointTable, segment: int, slots: Slots, count: int) -> None:
        """A table with its segment, the slot of each row, and how many slots there are."""
        shown = slots >= 0
        rows = np.full(count, -1, np.int32)
        rows[slots[shown]] = np.flatnonzero(shown)
        codes = {name: self._coded(name, values, rows) for name, values in table.columns.items()}
        ids = None
        if table.ids is not None:
            ids = ["" if row < 0 else table.ids[row] for row in rows.tolist()]
        sprite = self._placed(table.sprite)
        self.versions.append(Version(table.digest, segment, codes, rows, ids, sprite))
        values = sum(one.values for one in self.versions)
        if len(self.versions) > MAX_VERSIONS or values > MAX_VALUES or self.held > MAX_HELD:
            self._cut()

    def _coded(self, name: str, values: Sequence[str], rows: Codes) -> Codes:
        """The number of each slot's text, which gets one if it is new."""
        known = self.texts.setdefault(name, {})
        before = len(known)
        found = np.full(len(rows), -1, np.int32)
        there = np.flatnonzero(rows >= 0)
        # An empty text is what tables have where there is none.
        found[there] = [
            known.setdefault(text, len(known)) if text else -1
            for text in map(values.__getitem__, rows[there].tolist())
        ]
        self.held += _bytes_of(itertools.islice(reversed(known), len(known) - before))
        return found

    def _placed(self, sprite: Sprite | None) -> int:
        if sprite is None:
            return -1
        place = self._places.setdefault(_digest(sprite), len(self.sprites))
        if place == len(self.sprites):
            self.sprites.append(sprite)
            self.held += len(sprite.data)
        return place

    def _cut(self) -> None:
        kept = self.versions[-self._fitting() :]
        self.dropped += len(self.versions) - len(kept)
        used = sorted({one.sprite for one in kept} - {-1})
        sprite_of = {-1: -1, **{old: new for new, old in enumerate(used)}}
        self.sprites = [self.sprites[old] for old in used]
        self._places = {_digest(sprite): nth for nth, sprite in enumerate(self.sprites)}
        code_of: dict[str, Codes] = {}
        names = {name for one in kept for name in one.codes}
        texts = {name: list(known) for name, known in self.texts.items() if name in names}
        for name, known in texts.items():
            # The last one is for the code of no text.
            there = np.zeros(len(known) + 1, np.bool_)
            for one in kept:
                there[one.codes.get(name, [])] = True
            there[-1] = False
            code_of[name] = np.where(there, np.cumsum(there) - 1, -1).astype(np.int32)
            self.texts[name] = {
                text: nth for nth, text in enumerate(itertools.compress(known, there))
            }
        self.texts = {name: self.texts[name] for name in texts}
        self.versions = [
            dataclasses.replace(
                one,
                codes={name: code_of[name][codes] for name, codes in one.codes.items()},
                sprite=sprite_of[one.sprite],
            )
            for one in kept
        ]
        self.held = sum(len(sprite.data) for sprite in self.sprites)
        self.held += sum(map(_bytes_of, self.texts.values()))

    def _fitting(self) -> int:
        """How many of the latest are well within the limits; one at least."""
        sprites = [len(sprite.data) for sprite in self.sprites]
        texts = {
            name: np.array([_bytes_of([text]) for text in known], np.int64)
            for name, known in self.texts.items()
        }
        values = held = 0
        for count, one in enumerate(reversed(self.versions)):
            values += one.values
            # What a later one has, too, is counted already.
            if one.sprite >= 0:
                held += sprites[one.sprite]
                sprites[one.sprite] = 0
            for name, codes in one.codes.items():
                used = np.unique(codes[codes >= 0])
                held += int(texts[name][used].sum())
                texts[name][used] = 0
            limits = ((count + 1, MAX_VERSIONS), (values, MAX_VALUES), (held, MAX_HELD))
            if count and any(found > int(most * LEFT_BY_CUT) for found, most in limits):
                return count
        return len(self.versions)


def _bytes_of(texts: Iterable[str]) -> int:
    return sum(TEXT_BYTES + len(text) for text in texts)


def _digest(sprite: Sprite) -> tuple[bytes, int, int]:
    return hashlib.blake2b(sprite.data).digest(), sprite.width, sprite.height
