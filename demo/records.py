"""A summary for what TensorFlow has none for: embeddings that move.

Provisional: the record's final form comes with the package's own `summary.embedding`.
"""

from __future__ import annotations

import json

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from tensorboard.compat.proto.summary_pb2 import DATA_CLASS_TENSOR, SummaryMetadata


def embedding(
    name: str, points: NDArray[np.float32], labels: NDArray[np.int64], *, step: int
) -> None:
    """Logs where each point lies at this step, to the default summary writer.

    Args:
      name: the tag.
      points: shape [points, dims]; row i is the same point at every step.
      labels: what each point is, shape [points].
      step: the training step.
    """
    content = {"labels": labels.tolist()}
    metadata = SummaryMetadata(
        plugin_data=SummaryMetadata.PluginData(
            plugin_name="animate", content=json.dumps(content).encode()
        ),
        # TensorBoard's data server drops tensors that do not say what they are.
        data_class=DATA_CLASS_TENSOR,
    )
    tf.summary.write(name, tf.constant(points, tf.float32), step=step, metadata=metadata)
