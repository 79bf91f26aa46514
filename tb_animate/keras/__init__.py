"""Callbacks for Keras' `fit` that log what there is to animate.

    model.fit(
        images,
        digits,
        epochs=100,
        validation_data=(others, their_digits),
        callbacks=[
            keras.callbacks.TensorBoard("logs", histogram_freq=1),
            tb_animate.keras.EmbeddingCallback(others, their_digits, log_dir="logs"),
        ],
    )

They work beside Keras' TensorBoard callback, in the same log directory, and number their
steps as it numbers those of `epoch_loss`: step 5 is the model after epoch 5. Before them comes
the untrained model, step -1.

Keras is imported with this module and not before. Version 3 is needed; the callbacks are
tested with TensorFlow behind it.
"""

from __future__ import annotations

from tb_animate.keras.features import EmbeddingCallback
from tb_animate.keras.pictures import GeneratedImagesCallback

__all__ = ["EmbeddingCallback", "GeneratedImagesCallback"]
