"""A clip that shows itself in Jupyter, VS Code and Colab."""

from __future__ import annotations

import base64
import dataclasses
import html
import os
import pathlib
from typing import Any

from tb_animate.budget import units

# A notebook keeps what it shows, in base64: more makes it slow to open, and hosts refuse it.
MAX_SHOWN = 20_000_000


@dataclasses.dataclass(frozen=True, slots=True, eq=False, repr=False)
class Clip:
    """A clip in memory. At the end of a notebook's cell it plays.

    Attributes:
      data: the file.
      format: "gif", "mp4", "webm", "webp", "apng" or "zip".
      mime_type: of the file.
      width, height: in pixels.
      pictures: how many it has.
      seconds: how long one turn takes.
      notes: what was done to meet `max_bytes`, a sentence each.
      repeats: it is to be played again and again.
      poster: the first picture, a PNG.
    """

    data: bytes
    format: str
    mime_type: str
    width: int
    height: int
    pictures: int
    seconds: float
    notes: tuple[str, ...]
    repeats: bool
    poster: bytes

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the file, whatever the ending of its name."""
        pathlib.Path(path).write_bytes(self.data)

    def __repr__(self) -> str:
        return (
            f"<tb_animate clip: {self.format}, {self.pictures:,} pictures of "
            f"{self.width} x {self.height}, {self.seconds:.3g} s, {units(len(self.data))}>"
        )

    def _repr_html_(self) -> str:
        size = f'width="{self.width}" height="{self.height}" style="max-width:100%;height:auto"'
        played = self.mime_type.startswith(("image/", "video/"))
        whole = played and len(self.data) <= MAX_SHOWN
        said = self.notes if whole else (*self.notes, self._why_not(played))
        source = _url(self.mime_type, self.data) if whole else _url("image/png", self.poster)
        if whole and self.mime_type.startswith("video/"):
            loop = " loop" if self.repeats else ""
            words = f"controls autoplay muted playsinline{loop}"
            shown = f'<video {words} {size} src="{source}"></video>'
        else:
            shown = f'<img alt="{html.escape(repr(self), quote=True)}" {size} src="{source}">'
        return shown + "".join(f"<div>{html.escape(sentence)}</div>" for sentence in said)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        """HTML; where that is not shown, as on paper, the first picture; and a line of text."""
        return {
            "text/html": self._repr_html_(),
            "image/png": base64.b64encode(self.poster).decode(),
            "text/plain": repr(self),
        }

    def _why_not(self, played: bool) -> str:
        keep = "This is the first picture; save(path) writes the file."
        if not played:
            return f"A file of the format {self.format} cannot be played here. {keep}"
        return (
            f"The clip takes {units(len(self.data))}, and a notebook shows at most "
            f"{units(MAX_SHOWN)}; ask for max_bytes, or for fewer or smaller pictures. {keep}"
        )


def _url(mime_type: str, data: bytes) -> str:
    return f"data:{mime_type};base64,{base64.b64encode(data).decode()}"
