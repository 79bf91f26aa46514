"""What is known of points besides where they lie: columns, thumbnails and ids, by slot."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tb_animate.kinds.columns import Codes, Column, column
from tb_animate.kinds.versions import Growing, Slots, Version
from tb_animate.model import PointTable, Sprite


@dataclasses.dataclass(frozen=True, eq=False)
class Tables:
    """All tables of a series. Never changes; `add` returns another one.

    Attributes:
      texts: of each column, all that occur.
      dropped: how many versions there were before these.
      held: bytes of sprites and texts, about.
    """

    versions: tuple[Version, ...] = ()
    sprites: tuple[Sprite, ...] = ()
    texts: Mapping[str, Mapping[str, int]] = dataclasses.field(default_factory=dict)
    dropped: int = 0
    held: int = 0

    @functools.cached_property
    def columns(self) -> tuple[Column, ...]:
        return tuple(column(name, list(texts)) for name, texts in self.texts.items())

    @functools.cached_property
    def _places(self) -> dict[tuple[str, int], int]:
        return {(one.digest, one.segment): nth for nth, one in enumerate(self.versions)}

    def find(self, table: PointTable | None, segment: int) -> int:
        """The version of a table in a segment, -1 where there is none."""
        return -1 if table is None else self._places.get((table.digest, segment), -1)

    def column(self, name: str) -> Column | None:
        return next((one for one in self.columns if one.name == name), None)

    def categories(self, version: int, column: Column, slots: int) -> Codes:
        """The category of each slot, -1 for none; shape [slots]."""
        assert column.codes is not None
        found: Codes = column.codes[self._codes(version, column.name, slots)]
        return found

    def numbers(self, version: int, column: Column, slots: int) -> NDArray[np.float32]:
        """The number of each slot, NaN for none; shape [slots]."""
        assert column.numbers is not None
        found: NDArray[np.float32] = column.numbers[self._codes(version, column.name, slots)]
        return found

    def label(self, version: int, slot: int) -> str:
        """What a point is called: its first column's value, its id, or its slot."""
        if version >= 0 and slot < len(self.versions[version].rows):
            known = self.versions[version]
            for name, codes in known.codes.items():
                if codes[slot] >= 0:
                    return f"{name} {list(self.texts[name])[codes[slot]]}"
                break
            if known.ids is not None and known.ids[slot]:
                return known.ids[slot]
        return f"point {slot}"

    def _codes(self, version: int, name: str, slots: int) -> Codes:
        """Of each slot, those included that the segment got after this version."""
        codes = np.full(slots, -1, np.int32)
        if version >= 0:
            known = self.versions[version].codes.get(name, codes[:0])[:slots]
            codes[: len(known)] = known
        return codes

    def add(self, found: Iterable[tuple[PointTable, int, Slots, int]]) -> Tables:
        """With more tables: each with its segment, the slot of each row, and how many slots.

        They are taken one by one, and the earliest dropped where they get too many.
        """
        grown: Growing | None = None
        for one in found:
            if grown is None:
                grown = Growing(self.versions, self.sprites, self.texts, self.dropped, self.held)
            grown.add(*one)
        if grown is None:
            return self
        return Tables(
            tuple(grown.versions), tuple(grown.sprites), grown.texts, grown.dropped, grown.held
        )

    @property
    def weight(self) -> int:
        """About how many bytes they hold."""
        return self.held + sum(4 * one.values for one in self.versions)

    def packed(self, slots: Sequence[int]) -> dict[str, Any]:
        """As http_api.md lays it down under `/table`, for segments of so many slots."""
        ids: list[list[str] | None] = [None] * len(slots)
        for version in self.versions:
            if version.ids is not None:
                known = ids[version.segment]
                if known is None:
                    known = ids[version.segment] = [""] * slots[version.segment]
                for slot, name in enumerate(version.ids):
                    known[slot] = name or known[slot]
        return {
            "columns": [self._packed(column) for column in self.columns],
            "versions": [one.segment for one in self.versions],
            "sprites": [dataclasses.asdict(one) for one in self.sprites],
            "sprite_of": [one.sprite for one in self.versions],
            "cells": [
                one.rows.astype("<u4").tobytes() if one.sprite >= 0 else b""
                for one in self.versions
            ],
            "ids": ids,
        }

    def _packed(self, column: Column) -> dict[str, Any]:
        values: list[Any] = []
        of: list[int] = []
        places: dict[bytes, int] = {}
        texts = [*self.texts[column.name], ""]
        for version in self.versions:
            codes = version.codes.get(column.name)
            if codes is None:
                codes = np.full(len(version.rows), -1, np.int32)
            key = codes.tobytes()
            if key not in places:
                places[key] = len(values)
                if column.codes is not None:
                    # -1 comes out as 65535.
                    values.append(column.codes[codes].astype("<u2").tobytes())
                elif column.numbers is not None:
                    # -1 comes out as 4294967295.
                    values.append(codes.astype("<u4").tobytes())
                else:
                    values.append([texts[code] for code in codes.tolist()])
            of.append(places[key])
        categories = list(column.categories) if column.type == "category" else None
        # float32 are enough for colours, but not to say what was logged.
        known = None if column.numbers is None else column.numbers[:-1].astype("<f4").tobytes()
        return {
            "name": column.name,
            "type": column.type,
            "categories": categories,
            "texts": None if known is None else texts[:-1],
            "numbers": known,
            "values": values,
            "of": of,
        }
