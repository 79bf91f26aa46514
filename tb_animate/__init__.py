"""Turns what a training run logs step by step into animations.

    >>> import tb_animate
    >>> tb_animate.list_series("logs")                               # doctest: +SKIP
    >>> tb_animate.clip("logs", tag="generated")                     # doctest: +SKIP
    >>> tb_animate.export_clip("logs", "out.gif", tag="generated")   # doctest: +SKIP
    >>> tb_animate.summary.embedding("features", data, step=epoch)   # doctest: +SKIP
    >>> tb_animate.keras.EmbeddingCallback(images, digits)           # doctest: +SKIP

The names below are imported when they are first used: TensorBoard imports this package
at its start, which must not cost it numpy and Pillow, let alone Keras.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tb_animate import keras as keras
    from tb_animate import summary
    from tb_animate.api import clip, export_clip, list_series

__version__ = "0.1.0"

# Not "keras": a star import would need it installed.
__all__ = ["__version__", "clip", "export_clip", "list_series", "summary"]

_LAZY = dict.fromkeys(("clip", "export_clip", "list_series"), "tb_animate.api")
_MODULES = ("keras", "summary")


def __getattr__(name: str) -> object:
    import importlib

    if name in _MODULES:
        return importlib.import_module(f"{__name__}.{name}")
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(_LAZY[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_LAZY, *_MODULES})
