"""Reads HDF5 files, in a process of its own: see `apart`.

The library can loop for ever in a damaged file, or end the process that it runs in.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import math
import re
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tb_animate.errors import first_line
from tb_animate.sources.broken import Unreadable
from tb_animate.sources.files import readable
from tb_animate.sources.tensors import MAX_TENSOR_BYTES

_EMBEDDING = re.compile(r"embedding(_(\d+))?")


def layers(path: str) -> list[tuple[str, str]]:
    """The embedding layers of a Keras 3 checkpoint.

    Returns:
      Name of each layer and the path of its variable in the file, in the model's order.

    Raises:
      Unreadable: it is damaged, or still being written.
    """
    named: list[tuple[tuple[int, int], str, str]] = []

    def visit(place: str, item: Any) -> None:
        # `layers/embedding_1/vars/0`; a model's own class has its attributes' names instead.
        parts = place.split("/")
        if parts[0] == "optimizer" or parts[-2:] != ["vars", "0"] or len(item.shape) != 2:
            return
        if len(item.parent) != 1:
            return  # It has a bias or the like: no embedding.
        found = _EMBEDDING.fullmatch(parts[-3]) if len(parts) > 2 else None
        order = (0, int(found[2] or 0)) if found else (1, 0)
        name = item.parent.attrs.get("name", "") or "/".join(parts[:-2])
        # What is not valid UTF-8 in it comes as lone surrogates.
        named.append((order, readable(str(name)), place))

    with _opened(path) as file:
        file.visititems(lambda place, item: visit(place, item) if hasattr(item, "shape") else None)
    # A dense layer without bias looks the same; it counts only where none is called embedding.
    if any(order[0] == 0 for order, _, _ in named):
        named = [one for one in named if one[0][0] == 0]
    named.sort(key=lambda one: one[0])
    names = [name for _, name, _ in named]
    return [
        (name if names.count(name) == 1 else place.removesuffix("/vars/0"), place)
        for _, name, place in named
    ]


def table(path: str, variable: str) -> NDArray[np.float32]:
    """A variable, float32 of shape [points, dims]. Raises `Unreadable`."""
    with _opened(path) as file:
        if variable not in file:
            raise Unreadable(f'the checkpoint has no "{variable}".')
        found = file[variable]
        if found.is_virtual or found.external or found.file != file:
            raise Unreadable(
                f'"{variable}" lies in another file, which is not read; save it in this one.'
            )
        if found.dtype.kind not in "fiub":
            raise Unreadable(f'"{variable}" holds no numbers.')
        check_shape(variable, found.shape)
        return np.asarray(found[()], dtype=np.float32)


def check_shape(name: str, shape: Any) -> None:
    """Raises `Unreadable` for what is no table of points, or too large a one."""
    if len(shape) != 2 or 0 in shape or math.prod(shape) * 4 > MAX_TENSOR_BYTES:
        raise Unreadable(
            f'"{name}" has shape {list(shape)}; a table of at most {MAX_TENSOR_BYTES >> 30} GB '
            "is wanted."
        )


@contextlib.contextmanager
def _opened(path: str) -> Iterator[Any]:
    try:
        # A lock of ours could stop the training that writes the file anew.
        with importlib.import_module("h5py").File(path, "r", locking=False) as file:
            yield file
    except Unreadable:
        raise
    except Exception as error:
        # In a damaged file h5py comes to grief anywhere, and in many ways.
        raise Unreadable(
            f"the checkpoint cannot be read ({first_line(error)}); it may still be written."
        ) from None


def main() -> None:
    """Answers requests, a line of JSON each: with such a line, and the bytes that it announces."""
    for line in sys.stdin.buffer:
        request = json.loads(line)
        answer: dict[str, Any] = {}
        raw = b""
        try:
            if "variable" in request:
                found = table(request["path"], request["variable"])
                raw = np.ascontiguousarray(found, "<f4").tobytes()
                answer = {"shape": found.shape, "bytes": len(raw)}
            else:
                answer = {"layers": layers(request["path"])}
        except Unreadable as error:
            answer = {"error": str(error)}
        sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n" + raw)
        sys.stdout.buffer.flush()
