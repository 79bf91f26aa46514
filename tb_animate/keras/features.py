"""Logs where a model puts points, epoch by epoch."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tb_animate import summary
from tb_animate.keras.calling import find_layer, first, infer, listening, untouched
from tb_animate.keras.epochs import EpochCallback
from tb_animate.keras.event_file import EventFile
from tb_animate.keras.inputs import Inputs, classes, columns_of

MAX_DIMS = 4096
"""Numbers of a point: 1,000 points are then 8 MB each time, or 16 MB without `half`."""

HALF_ERROR = 1e-3
"""Of the points' extent along a dimension: less than a pixel in a picture of 1,000."""


class EmbeddingCallback(EpochCallback):
    """Logs what a layer makes of the same points, before, during and after training.

    Each time costs `max_points` times the layer's width times 2 bytes, and less than 300 bytes
    more: 1,000 points of a layer of 64 units are 128 kB, and 2.8 MB in 100 epochs. Labels, ids
    and sprite are written once in a fit. In time it costs a pass of the model over the points,
    eagerly, in batches of `batch_size`: 32 calls for 1,000 points. The model's state is not
    changed by it, nor is its training function traced anew.

    Args:
      data: the points, best of data that the model does not learn from: an array or tensor,
        a list or mapping of several inputs, a tuple (inputs, labels) as `validation_data` of
        `fit`, a `tf.data.Dataset` or a `keras.utils.PyDataset` of batches of any of these.
      labels: what each point is: a sequence, one-hot rows, or a mapping from a column's name to
        one of these. Where left out, those that come with `data`.
      layer: whose output is logged: an index into `model.layers`, a name ("encoder/latent" for
        one in a nested model), or the layer itself. By default the last but one, which in a
        classifier is what the last one tells classes by. Of several outputs the first is
        taken, of several calls the last, and what has more axes is made into one row of at
        most 4096 numbers.
      freq: in epochs. Logged are the untrained model, epochs 0, freq, 2 * freq ... (as
        `histogram_freq` of Keras' TensorBoard callback does), and the last one.
      log_dir: that of the whole training, or the `keras.callbacks.TensorBoard` of the same
        `fit`; "logs" if left out, as there.
      run: the folder in it, a run of its own in TensorBoard. "validation" is where Keras logs
        the scalars of `validation_data`, so that they play together.
      name: the tag.
      max_points: so many are drawn from `data`, once, and shown each time; of a dataset the
        first ones are taken.
      sprite: a thumbnail of each point of `data`, as `tb_animate.summary.embedding` takes
        images.
      ids: a name of each point of `data`.
      half: log float16 wherever that moves no point by more than a thousandth of the cloud's
        extent. Otherwise, and without `half`, 4 bytes are written for each number.
      batch_size: points in a call of the model.
      seed: of the drawing of points.
      description: Markdown, shown beside the embedding.

    Raises:
      ValueError: the arguments do not fit each other; or, when `fit` begins, the layer is not
        there or too wide. The message says what to do.
    """

    def __init__(
        self,
        data: Any,
        labels: Any = None,
        *,
        layer: Any = -2,
        freq: int = 5,
        log_dir: Any = None,
        run: str = "validation",
        name: str = "features",
        max_points: int = 1000,
        sprite: Any = None,
        ids: Any = None,
        half: bool = True,
        batch_size: int = 32,
        seed: int = 0,
        description: str | None = None,
    ) -> None:
        super().__init__(freq=freq, log_dir=log_dir, run=run, name=name)
        if batch_size < 1:
            raise ValueError(f"batch_size is {batch_size}, and at least 1 is wanted.")
        self._inputs = Inputs(data, max_points, seed)
        self._metadata = _metadata(self._inputs, labels)
        self._sprite = None if sprite is None else self._inputs.pick(sprite, "sprite")
        self._ids = None if ids is None else self._inputs.pick(ids, "ids")
        self._layer = layer
        self._half = half
        self._batch_size = batch_size
        self._description = description

    def log(self, file: EventFile, step: int) -> None:
        points = self._features()
        summary.embedding(
            self.name,
            points,
            step,
            self._metadata or None,
            self._sprite,
            self._ids,
            self._description,
            half=self._half and _suffices(points),
            writer=file,
        )

    def _features(self) -> NDArray[Any]:
        """Shape [points, dims]."""
        layer = find_layer(self.model, self._layer)
        parts = []
        with untouched(), listening(layer) as heard:
            for count, inputs in self._inputs.batches(self._batch_size):
                heard.clear()
                infer(self.model, inputs)
                if not heard:
                    raise ValueError(
                        f'The layer "{layer.name}" is not called when the model is called; choose '
                        "one that is with layer=, by its index, name or itself."
                    )
                parts.append(_rows(first(heard[0]), count, layer.name))
        return np.concatenate(parts)


def _rows(output: NDArray[Any], count: int, layer: str) -> NDArray[Any]:
    if not output.ndim or len(output) != count:
        raise ValueError(
            f'The layer "{layer}" gives shape {list(output.shape)} for {count} points, and a row '
            "for each point is wanted; choose another one with layer=."
        )
    rows = output.reshape(count, -1)
    if rows.shape[1] > MAX_DIMS:
        raise ValueError(
            f'The layer "{layer}" gives {rows.shape[1]:,} numbers for a point (shape '
            f"{list(output.shape[1:])}), and {MAX_DIMS} is the most; choose a later one with "
            "layer=, for instance one after pooling."
        )
    return rows


def _metadata(inputs: Inputs, labels: Any) -> dict[str, Any]:
    """Columns of labels of the points kept; targets that are no labels are left out."""
    columns = {}
    for column, values in columns_of(inputs.targets if labels is None else labels).items():
        found = classes(inputs.pick(values, f'labels "{column}"'))
        if found is not None:
            columns[column] = found
        elif labels is not None:
            raise ValueError(
                f'labels "{column}" has more than one value for a point; give a mapping from each '
                "column's name to its values."
            )
    return columns


def _suffices(points: NDArray[Any]) -> bool:
    """Whether float16 shows the same cloud; infinite and missing numbers do not count."""
    exact = np.where(np.isfinite(points), points, 0).astype(np.float64)
    with np.errstate(over="ignore"):
        error = np.abs(exact.astype(np.float16) - exact).max(axis=0)
    return bool((error <= HALF_ERROR * np.ptp(exact, axis=0).max()).all())
