"""File formats. A new one is one file and one row here.

Nothing that an extra installs is imported before the first clip of its format is made.
"""

from __future__ import annotations

import os

from tb_animate import errors
from tb_animate.encoders.apng import ApngEncoder
from tb_animate.encoders.base import Encoder, Picture, Pictures, hint
from tb_animate.encoders.gif import GifEncoder
from tb_animate.encoders.mp4 import Mp4Encoder
from tb_animate.encoders.webm import WebmEncoder
from tb_animate.encoders.webp import WebpEncoder
from tb_animate.encoders.zip import ZipEncoder

__all__ = ["ENCODERS", "Encoder", "Picture", "Pictures", "for_path", "get", "hint"]

ENCODERS: dict[str, Encoder] = {
    "gif": GifEncoder(),
    "mp4": Mp4Encoder(),
    "webm": WebmEncoder(),
    "webp": WebpEncoder(),
    "apng": ApngEncoder(),
    "zip": ZipEncoder(),
}


def get(name: str) -> Encoder:
    """The encoder of this name.

    Raises:
      errors.AnimateError: there is none, and the message lists those that exist; or what
        it needs is not installed, and the message says how to get it.
    """
    try:
        return _ready(ENCODERS[name])
    except KeyError:
        known = ", ".join(ENCODERS)
        raise errors.AnimateError(
            f"There is no format {name[:40]!r}. Choose one of: {known}."
        ) from None


def for_path(path: str | os.PathLike[str]) -> Encoder:
    """The encoder whose ending, or whose name, the file name ends in, in either case of
    letters (`.apng` is as good as `.png`).

    Raises:
      errors.AnimateError: no encoder has it, and the message lists the endings that exist;
        or what it needs is not installed, and the message says how to get it.
    """
    name = os.path.basename(os.fspath(path))
    ending = os.path.splitext(name)[1].lower()
    for encoder in ENCODERS.values():
        if ending in (encoder.suffix, f".{encoder.name}"):
            return _ready(encoder)
    known = ", ".join(encoder.suffix for encoder in ENCODERS.values())
    what = f"the ending {ending!r}" if ending else "no ending"
    raise errors.AnimateError(
        f"The file name {name!r} has {what}, so the format is not known. End it in one of: {known}."
    )


def _ready(encoder: Encoder) -> Encoder:
    sentence = hint(encoder)
    if sentence:
        raise errors.AnimateError(sentence)
    return encoder
