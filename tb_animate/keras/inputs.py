"""The points that an embedding shows: a choice of the data, made once."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tb_animate.keras.needed import keras
from tb_animate.summary_values import as_array


class Inputs:
    """At most so many rows of what a model takes, the same ones whenever they are asked for.

    Args:
      data: an array or tensor whose first axis counts the points; a list or mapping of
        these, for models with several inputs; a tuple (inputs, targets), as `fit` takes for
        `validation_data`; a `tf.data.Dataset` or `keras.utils.PyDataset` of batches of any of
        these.
      most: points to keep. Of arrays they are drawn at random, of a dataset they are the
        first ones, since it may have no end.
      seed: of the drawing.

    Attributes:
      rows: indices into the data of the points that are kept, ascending.
      targets: what `fit` would call y: an array, list or mapping of arrays; or `None`.

    Raises:
      ValueError: no points, or arrays of different lengths.
    """

    def __init__(self, data: Any, most: int, seed: int) -> None:
        if most < 1:
            raise ValueError(f"max_points is {most}, and at least 1 is wanted.")
        batches = _batches(data)
        self._counted = batches is None
        inputs, self.targets = _unpacked(data) if batches is None else _taken(batches, most)
        self._inputs = _arrays(inputs)
        lengths = {len(array) if array.ndim else 0 for array in keras.tree.flatten(self._inputs)}
        if len(lengths) != 1 or 0 in lengths:
            raise ValueError(
                f"data has inputs of {sorted(lengths)} points; each needs as many as the others, "
                "and at least one. A list is taken for several inputs, a tuple for (inputs, "
                "targets)."
            )
        (self._points,) = lengths
        random = np.random.default_rng(seed)
        chosen = random.choice(self._points, min(most, self._points), replace=False)
        self.rows: NDArray[np.int64] = np.sort(chosen).astype(np.int64)

    def batches(self, size: int) -> Iterator[tuple[int, Any]]:
        """The points in batches: how many, and the tensors that the model takes."""
        for start in range(0, len(self.rows), size):
            rows = self.rows[start : start + size]
            yield (
                len(rows),
                keras.tree.map_structure(
                    lambda array, rows=rows: keras.ops.convert_to_tensor(array[rows]), self._inputs
                ),
            )

    def pick(self, values: Any, what: str) -> NDArray[Any]:
        """Of something that has an entry for each point of the data, those of the points kept.

        Raises:
          ValueError: it has more or fewer entries.
        """
        array = as_array(values, what)
        entries = len(array) if array.ndim else 0
        # Of a dataset nobody has counted the points beyond those that were taken.
        if entries < self._points or (self._counted and entries > self._points):
            raise ValueError(
                f"{what} has {entries:,} entries, and data has {self._points:,} points."
            )
        picked: NDArray[Any] = array[self.rows]
        return picked


def columns_of(labels: Any) -> dict[str, Any]:
    """Labels as columns by name: of a mapping its own, of a list of outputs "label 1" and on."""
    if labels is None:
        return {}
    if isinstance(labels, Mapping):
        return {str(name): values for name, values in labels.items()}
    if isinstance(labels, list) and labels and all(_is_array(one) for one in labels):
        return {f"label {number}": values for number, values in enumerate(labels, 1)}
    return {"label": labels}


def classes(values: NDArray[Any]) -> NDArray[Any] | None:
    """One value for each point, shape [points].

    One-hot rows become the number of the class, and whole numbers lose their ".0". `None`:
    these are no labels, but images or the like.
    """
    values = values.reshape(len(values), -1) if values.ndim != 1 else values[:, None]
    if values.dtype.kind in "fiub" and values.shape[1] > 1:
        if not (((values == 0) | (values == 1)).all() and (values.sum(axis=1) == 1).all()):
            return None
        numbers: NDArray[Any] = values.argmax(axis=1)
        return numbers
    if values.shape[1] != 1:
        return None
    values = values[:, 0]
    if values.dtype.kind == "f" and (np.mod(values, 1) == 0).all():
        return values.astype(np.int64)
    return values


def _batches(data: Any) -> Iterator[Any] | None:
    """The batches of a dataset; `None`: it is none."""
    if hasattr(data, "element_spec"):
        batches: Iterator[Any] = iter(data)
        return batches
    if isinstance(data, keras.utils.PyDataset):
        numbers = itertools.count() if data.num_batches is None else range(data.num_batches)
        return (data[number] for number in numbers)
    return None


def _taken(batches: Iterator[Any], most: int) -> tuple[Any, Any]:
    """Inputs and targets of enough batches, each put together."""
    taken: list[list[Any]] = []
    points = 0
    for batch in batches:
        # Without targets, an empty list: there is nothing to put together.
        taken.append([[] if part is None else _arrays(part) for part in _unpacked(batch)])
        first = keras.tree.flatten(taken[-1][0])[0]
        points += len(first) if first.ndim else 0
        if points >= most or not first.ndim:
            break
    if not points:
        raise ValueError(
            "data is a dataset without a batch of points; give one that is not empty, in batches: "
            "data.batch(32)."
        )
    inputs, targets = keras.tree.map_structure(lambda *parts: np.concatenate(parts)[:most], *taken)
    return inputs, targets if len(targets) else None


def _unpacked(data: Any) -> tuple[Any, Any]:
    """Inputs and targets; weights are left out."""
    if not isinstance(data, tuple):
        return data, None
    if not 1 <= len(data) <= 3:
        raise ValueError(
            f"data is a tuple of {len(data)}, and (inputs, targets) is wanted; give several inputs "
            "as a list or a mapping."
        )
    return data[0], data[1] if len(data) > 1 else None


def _arrays(inputs: Any) -> Any:
    if isinstance(inputs, Mapping):
        return {name: _arrays(values) for name, values in inputs.items()}
    if isinstance(inputs, (list, tuple)) and inputs and all(_is_array(one) for one in inputs):
        return [_arrays(one) for one in inputs]
    return as_array(inputs, "data")


def _is_array(value: Any) -> bool:
    return len(getattr(value, "shape", ())) > 0
