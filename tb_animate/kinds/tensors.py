"""Frames that are tensors of numbers, the sentences for those that are not, and their bytes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tb_animate.model import Frame

# float32, in which numbers travel, ends here.
LARGEST = float(np.finfo(np.float32).max)


def numbers(frame: Frame, what: str) -> NDArray[Any]:
    """The tensor of a frame, of any shape and real type.

    Args:
      what: it ought to hold, in words.

    Raises:
      ValueError: it could not be read, or holds none.
    """
    if frame.data is None:
        raise ValueError(frame.error or "It could not be read from the log.")
    if not isinstance(frame.data, np.ndarray) or frame.data.dtype.kind not in "fiub":
        raise ValueError(f"It holds no numbers, and so no {what}.")
    return frame.data


def misshapen(array: NDArray[Any], what: str, expected: str) -> ValueError:
    """What to raise for a shape that no `what` has."""
    shape = " x ".join(map(str, array.shape)) or "a single number"
    return ValueError(f"It is no {what}: its shape is {shape}, not {expected}.")


def packed(numbers: NDArray[np.floating]) -> bytes:
    """Little-endian float32, as the browser gets it; what is out of range becomes its end."""
    found: NDArray[np.float32] = np.clip(numbers, -LARGEST, LARGEST).astype("<f4")
    return found.tobytes()
