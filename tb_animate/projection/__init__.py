"""Snapshots of points over time, projected so that what moves on screen is what moved.

`fit` looks at a whole series and finds axes that hold for all of its frames; `place` then
lays any one of them onto these. Frames that are rotated against each other are aligned
first; t-SNE is there for those who want neighbours instead of distances.
"""

from tb_animate.projection.fitting import extend, fit
from tb_animate.projection.model import (
    Align,
    Method,
    Options,
    Placed,
    Segment,
    Snapshot,
)
from tb_animate.projection.projected import Projection

__all__ = [
    "Align",
    "Method",
    "Options",
    "Placed",
    "Projection",
    "Segment",
    "Snapshot",
    "extend",
    "fit",
]
