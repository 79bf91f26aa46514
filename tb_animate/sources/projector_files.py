"""Reads the files of TensorBoard's projector: points, and what is known of them."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import math
import os
import stat
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from tb_animate.model import PointTable, Sprite
from tb_animate.sources.broken import Unread, Unreadable
from tb_animate.sources.tables import (
    MAX_COLUMNS,
    MAX_SPRITE_BYTES,
    MAX_TEXT_BYTES,
    SPRITE_FORMATS,
    UnreadTable,
    Unusable,
    sprite_size,
)
from tb_animate.sources.tensors import MAX_TENSOR_BYTES

MAX_COMPARED_PIXELS = 4 << 20
"""Of a sprite that is decoded to be told from others, some 50 milliseconds."""

_TEXT = b"0123456789+-.eE\t\r\n nanNifINFty"
TEXT_BYTES = 5
"""As many as text takes for one of points in memory, about."""

_SNIFFED = 1 << 16


@dataclasses.dataclass(frozen=True, slots=True)
class Beside:
    """Files with what is known of points.

    Attributes:
      metadata: path of a text file with a line for each point, or "".
      sprite: path of a picture with all thumbnails, or "".
      thumbnail: width and height of one; `None`: as PyTorch arranges them, in a square.
    """

    metadata: str = ""
    sprite: str = ""
    thumbnail: tuple[int, int] | None = None

    @property
    def paths(self) -> tuple[str, ...]:
        return tuple(path for path in (self.metadata, self.sprite) if path)


def stamp_of(path: str) -> tuple[int, ...]:
    """Another one when the file is another one; empty where there is none."""
    try:
        status = os.stat(path)
    except OSError:
        return ()
    return status.st_ino, status.st_size, status.st_mtime_ns


def read_points(path: str, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Reads a file of points: lines of numbers between tabs, or little-endian float32.

    Args:
      shape: from the projector's configuration, [points, dims]; empty where it has none.

    Returns:
      Shape [points, dims].

    Raises:
      Unreadable: it is neither, too large, or only half of it is there.
    """
    name = os.path.basename(path)
    try:
        size = _size(path)
        with open(path, "rb") as file:
            start = file.read(_SNIFFED)
        text = not start.translate(None, _TEXT)
        if not start.strip():
            raise Unreadable(f'"{name}" is empty; it may still be written.')
        if size > MAX_TENSOR_BYTES * (TEXT_BYTES if text else 1):
            raise Unreadable(
                f'"{name}" has {size / 1e9:.1f} GB, and {MAX_TENSOR_BYTES >> 30} GB of points is '
                "the most; log fewer points or dimensions."
            )
        return _read_text(path, name) if text else _read_binary(path, name, shape, size)
    except OSError as error:
        raise Unread(f'"{name}" cannot be read ({error.strerror or error}).') from None


def check_readable(path: str) -> None:
    """Raises `Unread` for a file that cannot be opened."""
    try:
        # Opening a pipe would wait for whoever writes to it.
        if stat.S_ISREG(os.stat(path).st_mode):
            with open(path, "rb"):
                pass
    except OSError as error:
        name = os.path.basename(path)
        raise Unread(f'"{name}" cannot be read ({error.strerror or error}).') from None


def _read_text(path: str, name: str) -> NDArray[np.float32]:
    try:
        found = np.loadtxt(path, np.float32, comments=None, delimiter="\t", ndmin=2)
    except (ValueError, OverflowError) as error:
        reason = str(error).partition(";")[0].rstrip(".")
        raise Unreadable(
            f'"{name}" is not a table of numbers ({reason}); it may still be written.'
        ) from None
    return found


def _read_binary(path: str, name: str, shape: tuple[int, ...], size: int) -> NDArray[np.float32]:
    if len(shape) != 2 or min(shape) < 1:
        raise Unreadable(
            f'"{name}" is binary, and projector_config.pbtxt gives no tensor_shape of two '
            "numbers for it."
        )
    if math.prod(shape) * 4 != size:
        raise Unreadable(
            f'"{name}" has {size:,} bytes, and {shape[0]:,} x {shape[1]:,} float32 numbers take '
            f"{math.prod(shape) * 4:,}; it may still be written."
        )
    return np.fromfile(path, "<f4").reshape(shape).astype(np.float32, copy=False)


def load_table(beside: Beside, points: int) -> tuple[str, Callable[[], tuple[PointTable, int]]]:
    """Reads what is known of points, as `TableCache.get` wants it.

    Args:
      points: how many there are, which tells a header from the first label.

    Raises:
      UnreadTable: a file cannot be read.
      Unusable: it is too large.
    """
    metadata = read_file(beside.metadata, MAX_TEXT_BYTES) if beside.metadata else b""
    picture = read_file(beside.sprite, MAX_SPRITE_BYTES) if beside.sprite else b""
    digest = hashlib.blake2b(repr((points, len(metadata), beside.thumbnail)).encode())
    digest.update(metadata + _shown(picture, beside.thumbnail, points))
    name = digest.hexdigest()[:32]

    def make() -> tuple[PointTable, int]:
        columns = _columns(metadata.decode("utf-8", "replace"), points) if metadata else {}
        sprite = _sprite(picture, beside.thumbnail, points) if picture else None
        cells = sum(len(texts) for texts in columns.values())
        size = len(metadata) + 8 * cells + len(picture)
        return PointTable(columns=columns, ids=None, sprite=sprite, digest=name), size

    return name, make


def _columns(text: str, points: int) -> dict[str, tuple[str, ...]]:
    """TensorBoard's rule: several columns have a header, one column has none.

    But one line more than there are points is a header even so.
    """
    lines = text.replace("\r\n", "\n").removesuffix("\n").split("\n")
    several = "\t" in lines[0]
    if len(lines) > points + several:
        lines = [line for line in lines if line.strip()] or [""]
    header = several or len(lines) == points + 1
    names = lines.pop(0).split("\t") if header else ["label"]
    if len(names) > MAX_COLUMNS or len(set(names)) != len(names):
        raise Unusable(
            f"its header has {len(names)} columns; {MAX_COLUMNS} of different names is the most; "
            "leave some out."
        )
    shared: dict[str, str] = {}
    if not several:
        return {names[0]: tuple(shared.setdefault(line, line) for line in lines)}
    rows = [line.split("\t") for line in lines]
    return {
        name: tuple(
            shared.setdefault(cell, cell)
            for cell in (row[place] if place < len(row) else "" for row in rows)
        )
        for place, name in enumerate(names)
    }


def _shown(data: bytes, thumbnail: tuple[int, int] | None, points: int) -> bytes:
    """What tells one sprite from another: its thumbnails, or all of it.

    Below the thumbnails, tensorboardX leaves whatever was in memory: at each step another
    file, of which all would be held and sent, for one and the same sprite.
    """
    from PIL import Image

    try:
        with Image.open(io.BytesIO(data), formats=SPRITE_FORMATS) as image:
            width, height = thumbnail or _arranged(image.width, points)
            used = math.ceil(points / (image.width // width)) * height
            if used >= image.height or image.width * image.height > MAX_COMPARED_PIXELS:
                return data
            pixels: bytes = image.crop((0, 0, image.width, used)).convert("RGBA").tobytes()
            return repr(image.size).encode() + pixels
    except Exception:
        # Pillow's plugins raise many types for damaged files; `_sprite` says what is wrong.
        return data


def _arranged(width: int, points: int) -> tuple[int, int]:
    """Size of a thumbnail, as PyTorch arranges them in a square."""
    side = width // math.ceil(math.sqrt(points))
    return side, side


def _sprite(data: bytes, thumbnail: tuple[int, int] | None, points: int) -> Sprite:
    sides = sprite_size(data)
    thumbnail = thumbnail or _arranged(sides[0], points)
    if min(thumbnail) < 1 or max(thumbnail) > max(sides):
        raise Unusable(
            f"its sprite has {sides[0]} x {sides[1]} pixels, too few for {points:,} thumbnails "
            f"of {thumbnail[0]} x {thumbnail[1]}; log it anew."
        )
    return Sprite(data, *thumbnail)


def read_file(path: str, limit: int) -> bytes:
    """A whole file.

    Raises:
      UnreadTable: it cannot be read.
      Unusable: it has more bytes than `limit`.
    """
    name = os.path.basename(path)
    try:
        if _size(path) > limit:
            raise Unusable(
                f'"{name}" has more than {limit >> 20} MB, which is the most; make it smaller.'
            )
        with open(path, "rb") as file:
            return file.read(limit)
    except OSError as error:
        raise UnreadTable(f'"{name}" cannot be read ({error.strerror or error}).') from None


def _size(path: str) -> int:
    status = os.stat(path)
    # Anything else, a pipe for one, could keep us waiting.
    if not stat.S_ISREG(status.st_mode):
        raise OSError("not a file")
    return status.st_size
