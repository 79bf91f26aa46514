"""File formats. A new one is one file and one row here."""

from __future__ import annotations

import os

from tb_animate import errors
from tb_animate.encoders.base import Encoder, Picture
from tb_animate.encoders.gif import GifEncoder

__all__ = ["ENCODERS", "Encoder", "Picture", "for_path", "get"]

ENCODERS: dict[str, Encoder] = {
    "gif": GifEncoder(),
}


def get(name: str) -> Encoder:
    """The encoder of this name.

    Raises:
      errors.AnimateError: there is none; the message lists those that exist.
    """
    try:
        return ENCODERS[name]
    except KeyError:
        known = ", ".join(ENCODERS)
        raise errors.AnimateError(
            f"There is no format {name[:40]!r}. Choose one of: {known}."
        ) from None


def for_path(path: str | os.PathLike[str]) -> Encoder:
    """The encoder whose ending the file name has, in either case of letters.

    Raises:
      errors.AnimateError: no encoder has it; the message lists the endings that exist.
    """
    name = os.path.basename(os.fspath(path))
    ending = os.path.splitext(name)[1].lower()
    for encoder in ENCODERS.values():
        if encoder.suffix == ending:
            return encoder
    known = ", ".join(encoder.suffix for encoder in ENCODERS.values())
    what = f"the ending {ending!r}" if ending else "no ending"
    raise errors.AnimateError(
        f"The file name {name!r} has {what}, so the format is not known. End it in one of: {known}."
    )
