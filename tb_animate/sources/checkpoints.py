"""Reads embeddings out of the checkpoints that Keras and TensorFlow save.

Keras 3 saves `NAME-EPOCH.weights.h5`, which `hdf5` reads; Keras 2 and TensorFlow save
`NAME-NUMBER.index` and `.data-...` files, which only TensorFlow reads.
"""

from __future__ import annotations

import functools
import importlib
import importlib.util
import re

import numpy as np
from numpy.typing import NDArray

from tb_animate.errors import first_line
from tb_animate.sources.apart import Apart
from tb_animate.sources.broken import Unreadable
from tb_animate.sources.hdf5 import check_shape
from tb_animate.sources.projector_files import check_readable

_H5 = re.compile(r"(.+)-(\d{1,18})\.weights\.h5")
_INDEX = re.compile(r"(.+)-(\d{1,18})\.index")
_DATA = re.compile(r"(.+)-(\d{1,18})\.data-\d+-of-\d+")
_LEAF = "/.ATTRIBUTES/VARIABLE_VALUE"

_READER = Apart("tb_animate.sources.hdf5")


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
def _answer(path: str, stamp: tuple[int, ...]) -> tuple[str, list[tuple[str, str]]]:
    """Why a checkpoint cannot be read, or "", and its layers."""
    try:
        answer, _ = _READER.ask({"path": path})
    except Unreadable as error:
        return str(error), []
    return "", [(name, place) for name, place in answer["layers"]]


def layers(path: str, stamp: tuple[int, ...]) -> list[tuple[str, str]]:
    """The embedding layers of a Keras 3 checkpoint, see `hdf5.layers`.

    Args:
      stamp: of the file; what was found is remembered as long as it is the same.

    Raises:
      Unreadable: it is damaged, or still being written.
    """
    check_readable(path)  # else what passes would be remembered
    problem, found = _answer(path, stamp)
    if problem:
        raise Unreadable(problem)
    return found


def read_variable(path: str, variable: str) -> NDArray[np.float32]:
    """One variable of a checkpoint.

    Returns:
      float32, shape [points, dims].

    Raises:
      Unreadable: the checkpoint is damaged or incomplete, has no such variable, or it is
        not a table of that size.
    """
    check_readable(path)
    if is_h5(path.replace("\\", "/").rpartition("/")[2]):
        answer, raw = _READER.ask({"path": path, "variable": variable})
        count, dims = answer["shape"]
        return np.frombuffer(raw, "<f4").astype(np.float32, copy=False).reshape(count, dims)
    try:
        reader = importlib.import_module("tensorflow").train.load_checkpoint(
            path.removesuffix(".index")
        )
        shapes = reader.get_variable_to_shape_map()
    except Exception as error:
        # TensorFlow has an error class for everything that can be wrong with a file.
        raise Unreadable(f"the checkpoint cannot be read ({first_line(error)}).") from None
    if variable not in shapes:
        raise Unreadable(f'the checkpoint has no "{variable}".')
    check_shape(tag_of(variable), shapes[variable])
    try:
        return np.asarray(reader.get_tensor(variable), dtype=np.float32)
    except Exception as error:
        raise Unreadable(f'"{tag_of(variable)}" cannot be read ({first_line(error)}).') from None
