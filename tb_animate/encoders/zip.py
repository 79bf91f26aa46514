"""A ZIP of numbered PNGs, streamed, with a table of their steps and times.

For what animates pictures by other means: LaTeX's animate, video editors, scripts.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator

from PIL import Image

from tb_animate.encoders.base import Pictures
from tb_animate.model import Loop

TABLE = "frames.csv"

_DIGITS = 5
_EARLIEST = (1980, 1, 1, 0, 0, 0)  # that the format can say: the same bytes at any time
_UNIX, _MODE = 3, 0o644


class ZipEncoder:
    """PNGs `frame_00001.png` and so on, not compressed again, and `frames.csv` after them."""

    name = "zip"
    title = "PNGs in a ZIP"
    suffix = ".zip"
    mime_type = "application/zip"
    max_fps = 2000.0  # files have no rate; more than a clip can ask for
    max_side = 2**31 - 1
    loops = False
    key_every = 0
    extra = ""

    def encode(self, pictures: Pictures, size: tuple[int, int], loop: Loop) -> Iterator[bytes]:
        """Yields each picture's file whole, then the table and the directory.

        All PNGs are of 24-bit colour, since programs that read a sequence take its form
        from the first one. The table has a row for each: frame (from 1), file, start and
        duration (seconds), and for each series the step that it shows.
        """
        digits = max(_DIGITS, len(str(pictures.count)))
        table = io.StringIO()
        rows = csv.writer(table, lineterminator="\n")
        rows.writerow(["frame", "file", "start", "duration", *_columns(pictures.series)])
        sink = _Sink()
        start = 0.0
        with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as archive:
            for number, picture in enumerate(pictures, start=1):
                name = f"frame_{number:0{digits}}.png"
                file = io.BytesIO()
                Image.fromarray(picture.pixels).save(file, "PNG")
                archive.writestr(_entry(name), file.getvalue())
                yield sink.take()
                steps = ["" if step is None else step for step in picture.steps]
                rows.writerow([number, name, f"{start:.6f}", f"{picture.duration:.6f}", *steps])
                start += picture.duration
            archive.writestr(_entry(TABLE), table.getvalue())
        yield sink.take()


class _Sink(io.BytesIO):
    """A file whose beginning has left already.

    `zipfile` goes back to an entry's head once its length is known, never further. To a
    file that cannot go back it writes lengths behind the data, where not every program
    that unpacks looks.
    """

    def __init__(self) -> None:
        super().__init__()
        self._gone = 0

    def tell(self) -> int:
        return self._gone + super().tell()

    def seek(self, place: int, whence: int = io.SEEK_SET) -> int:
        return self._gone + super().seek(place - self._gone, whence)

    def take(self) -> bytes:
        """All that was written since the last time."""
        piece = self.getvalue()
        self._gone += len(piece)
        super().seek(0)
        self.truncate()
        return piece


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _EARLIEST)
    entry.create_system = _UNIX
    entry.external_attr = _MODE << 16
    return entry


def _columns(series: tuple[str, ...]) -> list[str]:
    return ["step"] if len(series) == 1 else [f"step of {name}" for name in series]
