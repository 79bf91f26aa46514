"""How a cloud of points is to look: the options that decide no position."""

from __future__ import annotations

import urllib.parse
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tb_animate import errors
from tb_animate.kinds import legend, view
from tb_animate.kinds.columns import MAX_CATEGORIES, Column
from tb_animate.kinds.points import Tables
from tb_animate.kinds.raster import Pixels
from tb_animate.kinds.thumbnails import Thumbnails
from tb_animate.model import Theme
from tb_animate.options import Field, one_of

MAX_NAME = 200  # characters of a column's name
MAX_HIDDEN = 8_000  # characters; fifty categories of some length, percent-encoded
MAX_SELECTED = 200  # more names hide each other, and fill the address


def _column(text: str) -> str:
    if len(text) > MAX_NAME:
        raise ValueError
    return text


def _camera(text: str) -> str:
    view.camera(text)
    return text


def _hidden(text: str) -> str:
    if len(text) > MAX_HIDDEN:
        raise ValueError
    return text


def _selected(text: str) -> str:
    slots = text.split(",") if text else []
    if len(slots) > MAX_SELECTED:
        raise ValueError
    for slot in slots:
        if not (slot.isascii() and slot.isdigit() and len(slot) < 10):
            raise ValueError
    return text


OPTIONS = (
    Field(
        "color_by",
        _column,
        f"a column's name of at most {MAX_NAME} characters, none, or empty",
        "column that colours the points, or none (default: the first that can)",
        "COLUMN",
    ),
    one_of(
        "follow",
        ("off", "center", "fit"),
        "keep the axes, or move, or move and scale them with the cloud (default: off)",
    ),
    one_of("points", ("dots", "thumbnails"), "what stands for a point (default: dots)"),
    one_of("centroids", ("off", "on"), "the way of each category's middle (default: off)"),
    Field(
        "camera",
        _camera,
        "five numbers x,y,zoom,yaw,pitch: x and y up to 1000 either way, zoom from 0.01 to 1000, "
        "yaw in degrees, pitch from -90 to 90",
        "what is in the middle, how large, and from where 3D is seen (default: 0,0,1,35,20)",
        "X,Y,ZOOM,YAW,PITCH",
    ),
    Field(
        "hidden",
        _hidden,
        f"percent-encoded names with commas between, at most {MAX_HIDDEN} characters",
        "categories that are not drawn, each percent-encoded",
        "NAME,...",
    ),
    Field(
        "selected",
        _selected,
        f"at most {MAX_SELECTED} whole numbers with commas between",
        "slots of the points that are marked and named",
        "SLOT,...",
    ),
    one_of("legend", ("on", "off"), "what colours mean, beneath the picture (default: on)"),
)

DEFAULTS = {
    "color_by": "",
    "follow": "off",
    "points": "dots",
    "centroids": "off",
    "camera": "0,0,1,35,20",
    "hidden": "",
    "selected": "",
    "legend": "on",
}


class Look:
    """The options, understood for the tables of one series.

    Attributes:
      column: that colours the points, or `None`.
      hidden: its categories that are not drawn.
    """

    def __init__(self, options: Mapping[str, Any], tables: Tables) -> None:
        """Raises `errors.AnimateError` for a column that cannot colour."""
        self.tables = tables
        self.column = _colouring(str(options["color_by"]), tables)
        names = {urllib.parse.unquote(name) for name in options["hidden"].split(",")}
        categories = self.column.categories if self.column is not None else ()
        self.hidden = frozenset(n for n, name in enumerate(categories) if name in names)
        self.trail = int(options["trail"])
        self.follow = str(options["follow"])
        self.thumbnails = options["points"] == "thumbnails"
        self.centroids = options["centroids"] == "on"
        self.camera = view.camera(options["camera"])
        self.selected = [int(slot) for slot in options["selected"].split(",") if slot]
        self._has_legend = options["legend"] == "on"
        self._thumbnails = Thumbnails(tables.sprites)

    def legend_height(self, width: int) -> int:
        return legend.height(self.column, width) if self._has_legend else 0

    def legend(self, width: int, theme: Theme) -> Pixels:
        assert self.column is not None
        return legend.draw(self.column, self.hidden, width, theme)

    def shown(self, version: int, slots: int) -> NDArray[np.bool_]:
        """Whether each slot's category is drawn; shape [slots]."""
        if not self.hidden or self.column is None:
            return np.ones(slots, np.bool_)
        codes = self.tables.categories(version, self.column, slots)
        return ~np.isin(codes, sorted(self.hidden))

    def pictured(self, version: int, slots: int) -> NDArray[np.bool_]:
        """Whether each slot has a thumbnail; shape [slots]."""
        found = np.zeros(slots, np.bool_)
        if version >= 0:
            known = self.tables.versions[version]
            if known.sprite >= 0:
                cells = self._thumbnails.count(known.sprite)
                rows = known.rows[:slots]
                found[: len(rows)] = (rows >= 0) & (rows < cells)
        return found

    def thumbnail(self, version: int, slot: int, side: int, theme: Theme) -> Pixels:
        """A slot's thumbnail with `side` pixels on its longer side."""
        known = self.tables.versions[version]
        return self._thumbnails.get(known.sprite, int(known.rows[slot]), max(side, 1), theme)


def _colouring(name: str, tables: Tables) -> Column | None:
    if name == "none":
        return None
    if not name:
        of_type = (
            next((one for one in tables.columns if one.type == wanted), None)
            for wanted in ("category", "number")
        )
        return next((one for one in of_type if one is not None), None)
    column = tables.column(name)
    if column is None:
        known = ", ".join(one.name for one in tables.columns if one.type != "text")
        there = f"Those that colour are {known}." if known else "No column is there that colours."
        raise errors.AnimateError(f"There is no column {name!r}. {there}")
    if column.type == "text":
        raise errors.AnimateError(
            f"The column {name!r} has too many different texts to colour by; choose one of "
            f"numbers or of at most {MAX_CATEGORIES} texts, or none."
        )
    return column
