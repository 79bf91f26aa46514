"""The command line: tb-animate list | export."""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import json
import os
import signal
import sys
import threading
import time
import warnings
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NoReturn

from tb_animate import __version__, errors

if TYPE_CHECKING:
    from tb_animate.jobs import Progress
    from tb_animate.model import LogWarning, Series

BAD = 2
SIGNALLED = 128  # and the number of the signal, as shells have it

# Characters. One longer name is not to push the columns of all lines out of sight.
_MAX_COLUMN = 60

_BAR_WIDTH = 30
_BAR_SECONDS = 0.1  # between two drawings of the bar


class _Parser(argparse.ArgumentParser):
    """An argument parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(BAD, _line(f"{self.prog}: {message}"))


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command.

    Args:
      argv: the arguments, without the program's name; those of the process if left out.

    Returns:
      The exit status: 0; 2 after one line on standard error; 130 after Ctrl-C, and likewise
      after another signal to end, none of which leaves a file behind.
    """
    if not sys.warnoptions:
        warnings.simplefilter("ignore")  # a library's warning is none of the user's business
    for stream in (sys.stdout, sys.stderr):
        # A name that the terminal's encoding lacks is no reason to fail.
        with contextlib.suppress(AttributeError):
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        with _ended_by_signals():
            arguments = _parser().parse_args(argv)
            return int(arguments.command(arguments))
    except KeyboardInterrupt:
        return SIGNALLED + signal.SIGINT
    except BrokenPipeError:
        # The reader (`| head`) has what it wanted. Python would complain at its end, too.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except errors.AnimateError as error:
        sys.stderr.write(_line(f"tb-animate: {error}"))
    except OSError as error:
        name = f"{error.filename!r}: " if error.filename else ""
        sys.stderr.write(_line(f"tb-animate: {name}{error.strerror or error}."))
    except Exception as error:
        if sys.flags.dev_mode:
            raise
        sys.stderr.write(
            _line(
                f"tb-animate: {type(error).__name__}: {error}. This is a fault of tb-animate; "
                "python -X dev -m tb_animate.cli shows where."
            )
        )
    return BAD


@contextlib.contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Signals to end come as exceptions, so that what is half done is cleaned up."""

    def end(number: int, frame: object) -> NoReturn:
        sys.exit(SIGNALLED + number)

    before = {}
    # Elsewhere they are not ours to handle.
    if threading.current_thread() is threading.main_thread():
        for name in ("SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)  # Windows lacks the second
            # Whoever has chosen to ignore one (nohup) shall have that.
            if number is not None and signal.getsignal(number) is signal.SIG_DFL:
                before[number] = signal.signal(number, end)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _parser() -> argparse.ArgumentParser:
    from tb_animate import encoders, params

    parser = _Parser(prog="tb-animate", description="Animations of what training runs log.")
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True, metavar="{list,export}")

    listing = commands.add_parser("list", help="show what can be played", allow_abbrev=False)
    listing.add_argument("logdir", metavar="LOGDIR", help="as tensorboard --logdir gets it")
    listing.add_argument("--json", action="store_true", help="a list of objects")
    listing.set_defaults(command=_list)

    clip = commands.add_parser("export", help="write a clip to a file", allow_abbrev=False)
    clip.add_argument("logdir", metavar="LOGDIR", help="as tensorboard --logdir gets it")
    clip.add_argument("--tag", required=True, help="as it was logged")
    clip.add_argument(
        "-o",
        "--output",
        required=True,
        metavar="FILE",
        help="its ending picks the format: "
        + ", ".join(encoder.suffix for encoder in encoders.ENCODERS.values())
        + " (whether a video repeats is up to its player)",
    )
    clip.add_argument(
        "--run",
        action="append",
        default=[],
        help="repeat for several (default: all that have the tag)",
    )
    clip.add_argument(
        "--axes",
        action="append",
        default=[],
        metavar="RUN",
        help="repeat for each run whose frames decide axes that runs share (default: those shown)",
    )
    clip.add_argument("--kind", help="needed only if the tag is logged as several kinds")
    params.add_arguments(clip)
    clip.set_defaults(command=_export)
    return parser


def _list(arguments: argparse.Namespace) -> int:
    from tb_animate import api

    source = api.open_source(arguments.logdir)
    found = source.series()
    if arguments.json:
        rows = [{"id": series.id, **dataclasses.asdict(series)} for series in found]
        print(json.dumps(rows, indent=2))
    else:
        for row in _table(found):
            print(row)
    _tell(source.warnings())
    sys.stdout.flush()
    return 0


def _export(arguments: argparse.Namespace) -> int:
    from tb_animate import api, encoders, params, saving

    # All that can be wrong with the command itself comes before the logs are read.
    encoder = encoders.for_path(arguments.output)
    spec = params.from_arguments(arguments)
    saving.check(arguments.output)
    source = api.open_source(arguments.logdir)
    scalars = api.open_scalars(arguments.logdir, spec)
    with _bar("fitted") as progress:
        plan = api.plan_clip(
            source,
            arguments.tag,
            arguments.run,
            arguments.kind,
            spec,
            encoder,
            progress,
            scalars,
            arguments.axes,
        )
    with _bar("pictures") as progress:
        notes = saving.save(plan, arguments.output, progress)
    sys.stderr.writelines(map(_line, notes))
    runs = {track.series.run for track in plan.tracks}
    _tell(warning for warning in source.warnings() if warning.run in runs)
    for series in (track.series for track in plan.tracks):
        if not series.complete:
            of = "Not all" if series.logged is None else f"{series.frames:,} of {series.logged:,}"
            sys.stderr.write(_line(f"{series.run}: {of} logged frames could be read."))
    return 0


def _table(found: Sequence[Series]) -> Iterator[str]:
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


def _tell(found: Iterable[LogWarning]) -> None:
    for warning in found:
        place = warning.file or warning.run
        at = "" if warning.offset is None else f" at byte {warning.offset:,}"
        sys.stderr.write(_line(f"{place}{at}: {warning.message}" if place else warning.message))


@contextlib.contextmanager
def _bar(what: str) -> Iterator[Progress | None]:
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


def _line(text: str) -> str:
    return errors.plain(text) + "\n"


if __name__ == "__main__":
    sys.exit(main())
