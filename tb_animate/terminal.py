"""What the command line shows: tables, warnings and a bar."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from tb_animate import errors

if TYPE_CHECKING:
    from tb_animate.jobs import Progress
    from tb_animate.model import LogWarning, Series

# Characters. One longer name is not to push the columns of all lines out of sight.
_MAX_COLUMN = 60

_BAR_WIDTH = 30
_BAR_SECONDS = 0.1  # between two drawings of the bar


def table(found: Sequence[Series]) -> Iterator[str]:
    """Aligned columns; numbers to the right."""
    rows = [("kind", "tag", "run", "samples", "frames", "steps", "complete")]
    for series in found:
        first, last = series.first_step, series.last_step
        rows.append(
            (
                series.kind,
                errors.printable(series.tag),
                errors.printable(series.run),
                f"{series.samples:,}",
                f"{series.frames:,}",
                f"{first:,}" if first == last else f"{first:,}\N{EN DASH}{last:,}",
                "yes" if series.complete else "no",
            )
        )
    widths = [min(max(map(len, column)), _MAX_COLUMN) for column in zip(*rows, strict=True)]
    for row in rows if found else ():
        cells = [
            cell.rjust(width) if column in (3, 4) else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()


def tell(found: Iterable[LogWarning]) -> None:
    """Writes a line for each to standard error."""
    for warning in found:
        place = warning.file or warning.run
        at = "" if warning.offset is None else f" at byte {warning.offset:,}"
        sys.stderr.write(line(f"{place}{at}: {warning.message}" if place else warning.message))


@contextlib.contextmanager
def bar(what: str) -> Iterator[Progress | None]:
    """A progress bar on standard error, `None` where nobody watches.

    Args:
      what: is counted.
    """
    if not sys.stderr.isatty():
        yield None
        return
    drawn = -_BAR_SECONDS

    def progress(done: int, total: int) -> None:
        nonlocal drawn
        now = time.monotonic()
        if done in (0, total) or now - drawn >= _BAR_SECONDS:
            drawn = now
            filled = "#" * (_BAR_WIDTH * done // max(total, 1))
            sys.stderr.write(f"\r[{filled:-<{_BAR_WIDTH}}] {done:,}/{total:,} {what}")
            sys.stderr.flush()

    try:
        yield progress
    finally:
        sys.stderr.write("\r\x1b[K")  # the line belongs to what comes next
        sys.stderr.flush()


def line(text: str) -> str:
    """The text as one line and its end."""
    return errors.plain(text) + "\n"
