"""Reads embeddings out of the checkpoints that Keras and TensorFlow save.

Keras 3 saves `NAME-EPOCH.weights.h5`, which h5py reads; Keras 2 and TensorFlow save
`NAME-NUMBER.index` and `.data-...` files, which only TensorFlow reads.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import importlib.util
import math
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tb_animate.sources.files import readable
from tb_animate.sources.projector_files import Unreadable
from tb_animate.sources.tensors import MAX_TENSOR_BYTES

_H5 = re.compile(r"(.+)-(\d{1,18})\.weights\.h5")
_INDEX = re.compile(r"(.+)-(\d{1,18})\.index")
_DATA = re.compile(r"(.+)-(\d{1,18})\.data-\d+-of-\d+")
_EMBEDDING = re.compile(r"embedding(_(\d+))?")
_LEAF = "/.ATTRIBUTES/VARIABLE_VALUE"


def is_h5(name: str) -> bool:
    return _H5.fullmatch(name) is not None


def is_part(name: str) -> bool:
    """Whether reading a checkpoint may open a file of this name."""
    return step_of(name) is not None or _DATA.fullmatch(name) is not None


def step_of(name: str) -> int | None:
    """The step or epoch that a file's name says, `None` where it is no checkpoint."""
    found = _H5.fullmatch(name) or _INDEX.fullmatch(name)
    return int(found[2]) if found else None


def missing(name: str) -> str | None:
    """The package that reading such a file needs and that is not installed."""
    package = "h5py" if is_h5(name) else "tensorflow"
    return None if importlib.util.find_spec(package) else package


def tag_of(variable: str) -> str:
    """A variable of a TensorFlow checkpoint by the name that people know."""
    return variable.removesuffix(":0").removesuffix(_LEAF)


@functools.lru_cache(maxsize=4096)
def layers(path: str, stamp: tuple[int, ...]) -> list[tuple[str, str]]:
    """The embedding layers of a Keras 3 checkpoint.

    Args:
      stamp: of the file; what was found is remembered as long as it is the same.

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


def read_variable(path: str, variable: str) -> NDArray[np.float32]:
    """One variable of a checkpoint.

    Returns:
      float32, shape [points, dims].

    Raises:
      Unreadable: the checkpoint is damaged or incomplete, has no such variable, or it is
        not a table of that size.
    """
    if is_h5(path.replace("\\", "/").rpartition("/")[2]):
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
            return _table(variable, found.shape, found.__getitem__, ())
    try:
        reader = importlib.import_module("tensorflow").train.load_checkpoint(
            path.removesuffix(".index")
        )
        shapes = reader.get_variable_to_shape_map()
    except Exception as error:
        # TensorFlow has an error class for everything that can be wrong with a file.
        raise Unreadable(f"the checkpoint cannot be read ({_first_line(error)}).") from None
    if variable not in shapes:
        raise Unreadable(f'the checkpoint has no "{variable}".')
    return _table(variable, shapes[variable], reader.get_tensor, variable)


def _table(variable: str, shape: Any, read: Any, what: Any) -> NDArray[np.float32]:
    if len(shape) != 2 or 0 in shape or math.prod(shape) * 4 > MAX_TENSOR_BYTES:
        raise Unreadable(
            f'"{tag_of(variable)}" has shape {list(shape)}; a table of at most '
            f"{MAX_TENSOR_BYTES >> 30} GB is wanted."
        )
    try:
        return np.asarray(read(what), dtype=np.float32)
    except Exception as error:
        raise Unreadable(f'"{tag_of(variable)}" cannot be read ({_first_line(error)}).') from None


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
            f"the checkpoint cannot be read ({_first_line(error)}); it may still be written."
        ) from None


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
