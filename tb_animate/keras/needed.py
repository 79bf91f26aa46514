"""Keras, or a plain word about what is missing."""

from __future__ import annotations

_NEEDED = (
    'tb_animate.keras needs Keras 3 and TensorFlow: pip install "tb-animate[tensorflow]" '
    "(the rest of tb_animate needs neither)."
)

try:
    import keras
except ImportError as error:
    raise ImportError(f"{_NEEDED} Python says: {error}") from error
if not hasattr(keras, "StatelessScope"):
    raise ImportError(f"{_NEEDED} Keras {keras.__version__} is installed.")

__all__ = ["keras"]
