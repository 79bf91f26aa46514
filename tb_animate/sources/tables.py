"""The record of what is known of points besides where they lie, and how it is read.

It is a string tensor `[json, sprite, before]` under the embedding's tag and `SUFFIX`, logged
before the points that it belongs to and only where it differs from the one before. `json` is

    {"version": 1, "columns": [[name, [text, ...]], ...], "ids": [text, ...] or null,
     "sprite": [width, height] of one thumbnail or null}

`sprite` the bytes of an image file, empty where there is none, and `before` the step of the
writer's record before this one, in decimal digits, empty where there is none. By it a reader of
a sample, as TensorBoard keeps it, knows whether records are missing between two.
"""

from __future__ import annotations

import collections
import hashlib
import io
import json
import re
import threading
from collections.abc import Callable, Hashable, Sequence
from typing import Any

from tb_animate.errors import first_line
from tb_animate.model import Payload, PointTable, Sprite, Wanted

SUFFIX = "#points"
VERSION = 1
RECORDS = Wanted(kind="points", plugin_name="animate_points")
"""Read beside the kinds' own; not to be played."""

MAX_SPRITE_SIDE = 8192
"""Of the whole picture, in pixels; TensorBoard's projector takes no larger one either."""

SPRITE_FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP")
"""What browsers show. Pillow's readers of other formats have no business with a log."""

NO_SPRITE = (
    f"is damaged, or none of {', '.join(SPRITE_FORMATS[:-1])} and {SPRITE_FORMATS[-1]}; "
    "log it as one of them."
)

MAX_COLUMNS = 100
"""Of which one colours; a page's menu of more cannot be looked through."""

MAX_TEXT_BYTES = 64 << 20
"""Some seconds of parsing, and some ten times as much memory while it lasts."""

MAX_SPRITE_BYTES = 64 << 20
"""A picture of `MAX_SPRITE_SIDE` as PNG takes less, unless it is noise."""

MAX_CACHED_BYTES = 16 << 20
"""Of tables kept in memory; the one read last stays even if it is larger."""

MAX_PLACES = 10_000
"""Of which a cache remembers what table is there, about 2 MB."""


class Unusable(Exception):
    """A record is no table; the message is a sentence that says why."""


class UnreadTable(Unusable):
    """It could not be read this time, and may be a table all the same."""


class TableCache:
    """The tables read last, each held once wherever it was found. For several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held = 0
        self._by_digest: collections.OrderedDict[str, tuple[PointTable, int]] = (
            collections.OrderedDict()
        )
        self._digests: collections.OrderedDict[Hashable, str] = collections.OrderedDict()

    def get(
        self,
        place: Hashable,
        load: Callable[[], tuple[str, Callable[[], tuple[PointTable, int]]]],
        failed: Callable[[str], None],
    ) -> PointTable | None:
        """The table at a place.

        Args:
          place: the same one stands for the same table.
          load: returns the table's digest, and what makes the table and says its bytes; may
            raise `Unusable`, as may that.
          failed: called with the reason why there is none, once for a place, or each time
            that it cannot be read.

        Raises:
          UnreadTable: from `load`, which is called again the next time.
        """
        # Held while loading, too: of two that ask for one table, the second gets the first's.
        with self._lock:
            digest = self._digests.get(place)
            if digest not in self._by_digest and digest != "":
                digest = ""
                try:
                    digest, make = load()
                    if digest not in self._by_digest:
                        self._keep(digest, *make())
                except Unusable as error:
                    failed(str(error))
                    if isinstance(error, UnreadTable):
                        raise  # not remembered: a failure of the storage passes
                    digest = ""
                self._digests[place] = digest
                if len(self._digests) > MAX_PLACES:
                    self._digests.popitem(last=False)
            if not digest:
                return None
            self._by_digest.move_to_end(digest)
            return self._by_digest[digest][0]

    def _keep(self, digest: str, table: PointTable, size: int) -> None:
        self._by_digest[digest] = table, size
        self._held += size
        while self._held > MAX_CACHED_BYTES and len(self._by_digest) > 1:
            _, (_, dropped) = self._by_digest.popitem(last=False)
            self._held -= dropped


def points_of(table: PointTable) -> int | None:
    """How many points a table is about; `None`: it says nothing of single points."""
    for texts in (table.ids, *table.columns.values()):
        if texts is not None:
            return len(texts)
    return None


def before_of(data: Payload | None) -> int | None:
    """The step of the record that was logged before this one; `None` if there is none to tell."""
    entry = data[2] if isinstance(data, tuple) and len(data) > 2 else b""
    return int(entry) if re.fullmatch(rb"-?[0-9]{1,19}", entry) else None


def digest_of(data: Payload) -> str:
    """Of what a record says of the points, the same wherever it was logged."""
    digest = hashlib.blake2b(digest_size=16)
    for entry in data[:2] if isinstance(data, tuple) else ():
        digest.update(len(entry).to_bytes(8, "little"))
        digest.update(entry)
    return digest.hexdigest()


def parse(data: Payload, digest: str) -> tuple[PointTable, int]:
    """A record as a table, and about how many bytes that takes.

    Raises:
      Unusable: it is no such record; whatever was logged, nothing else is raised.
    """
    if not isinstance(data, tuple) or not data or len(data[0]) > MAX_TEXT_BYTES:
        raise Unusable(
            f"it is not a record of at most {MAX_TEXT_BYTES >> 20} MB of text; log fewer columns."
        )
    try:
        content: Any = json.loads(data[0].decode("utf-8"))
    except (ValueError, RecursionError):
        raise Unusable("its text is not JSON.") from None
    if not isinstance(content, dict) or content.get("version") != VERSION:
        raise Unusable(f"it is not a record of version {VERSION}; a newer tb_animate wrote it.")
    pairs = content.get("columns", [])
    if not isinstance(pairs, list) or len(pairs) > MAX_COLUMNS:
        raise Unusable(f"it has not a list of at most {MAX_COLUMNS} columns; log fewer.")
    shared: dict[str, str] = {}
    columns: dict[str, Sequence[str]] = {}
    for pair in pairs:
        if not isinstance(pair, list) or len(pair) != 2 or not isinstance(pair[0], str):
            raise Unusable("a column is not a name and a list.")
        (name,) = _texts([pair[0]], shared)
        columns[name] = _texts(pair[1], shared)
    ids = content.get("ids")
    table = PointTable(
        columns=columns,
        ids=None if ids is None else _texts(ids, shared),
        sprite=_sprite(content.get("sprite"), data[1] if len(data) > 1 else b""),
        digest=digest,
    )
    lengths = {len(texts) for texts in (*columns.values(), *([] if ids is None else [ids]))}
    if len(columns) != len(pairs) or len(lengths) > 1:
        raise Unusable("its columns are not of one length, or two have one name.")
    if table.ids is not None and len(set(table.ids)) != len(table.ids):
        raise Unusable("two points have the same id.")
    cells = sum(lengths) * (len(columns) + 1)
    return table, len(data[0]) + 8 * cells + (len(table.sprite.data) if table.sprite else 0)


def _texts(values: object, shared: dict[str, str]) -> tuple[str, ...]:
    """Equal texts become one object: most columns have few different ones."""
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise Unusable("a column is not a list of texts.")
    try:
        "".join(values).encode("utf-8")
    except UnicodeEncodeError:
        values = [value.encode("utf-8", "replace").decode("utf-8") for value in values]
    return tuple(shared.setdefault(value, value) for value in values)


def _sprite(size: object, data: bytes) -> Sprite | None:
    if size is None:
        return None
    if (
        not isinstance(size, list)
        or len(size) != 2
        or not all(type(side) is int and 0 < side <= MAX_SPRITE_SIDE for side in size)
        or not data
    ):
        raise Unusable("its thumbnails have no size or no picture.")
    sprite_size(data)
    return Sprite(data, *size)


def sprite_size(data: bytes) -> tuple[int, int]:
    """Width and height of the picture with all thumbnails, by its header.

    Raises:
      Unusable: it is no picture, or a larger one than is shown.
    """
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(data), formats=SPRITE_FORMATS) as image:
            width, height = image.size
    except UnidentifiedImageError:
        raise Unusable(f"its sprite {NO_SPRITE}") from None
    except Exception as error:
        # Pillow's plugins raise many types for damaged files.
        raise Unusable(f"its sprite is not an image ({first_line(error)}).") from None
    if max(width, height) > MAX_SPRITE_SIDE:
        raise Unusable(
            f"its sprite has {width} x {height} pixels, and {MAX_SPRITE_SIDE} x "
            f"{MAX_SPRITE_SIDE} is the most; log smaller thumbnails."
        )
    return width, height
