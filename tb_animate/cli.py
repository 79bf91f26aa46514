"""The command line: tb-animate list | export."""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import json
import os
import re
import signal
import sys
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, NoReturn

from tb_animate import __version__, errors, processes, terminal

if TYPE_CHECKING:
    from tb_animate import batch
    from tb_animate.model import Source

BAD = 2


class _Parser(argparse.ArgumentParser):
    """An argument parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        # argparse takes -0.5,0,2 for an option of its own.
        option = re.fullmatch(r"argument (?:\S+/)?(--\S+): expected one argument", message)
        if option:
            message += f"; if it begins with a dash, write {option[1]}=VALUE"
        self.exit(BAD, terminal.line(f"{self.prog}: {message}"))


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command.

    Args:
      argv: the arguments, without the program's name; those of the process if left out.

    Returns:
      The exit status: 0; 2 after a line on standard error, or one for each of several clips
      that failed; 130 after Ctrl-C, and likewise after another signal to end. None of these
      leaves an unfinished file behind.
    """
    if not sys.warnoptions:
        warnings.simplefilter("ignore")  # a library's warning is none of the user's business
    for stream in (sys.stdout, sys.stderr):
        # A name that the terminal's encoding lacks is no reason to fail.
        with contextlib.suppress(AttributeError):
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        with processes.ended_by_signals():
            arguments = _parser().parse_args(argv)
            return int(arguments.command(arguments))
    except KeyboardInterrupt:
        return processes.SIGNALLED + signal.SIGINT
    except BrokenPipeError:
        # The reader (`| head`) has what it wanted. Python would complain at its end, too.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        if sys.flags.dev_mode and not isinstance(error, (errors.AnimateError, OSError)):
            raise
        sys.stderr.write(terminal.line(f"tb-animate: {errors.sentence(error)}"))
    return BAD


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
    clip.add_argument(
        "--tag",
        action="append",
        default=[],
        help="as it was logged; with {tag} in FILE repeat for several, * standing for any text "
        "(default then: every tag)",
    )
    clip.add_argument(
        "-o",
        "--output",
        required=True,
        metavar="FILE",
        help="its ending picks the format: "
        + ", ".join(encoder.suffix for encoder in encoders.ENCODERS.values())
        + " (whether a video repeats is up to its player); with {run} or {tag} in it, a clip of "
        "each run or tag, named after it",
    )
    clip.add_argument(
        "--jobs",
        type=_jobs,
        default=1,
        metavar="N",
        help="of several clips, make N at once (default: 1)",
    )
    clip.add_argument(
        "--run",
        action="append",
        default=[],
        help="repeat for several; * as of --tag, with {run} or {tag} in FILE (default: all that "
        "have the tag)",
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
        for row in terminal.table(found):
            print(row)
    terminal.tell(source.warnings())
    print(end="", flush=True)  # where nobody listens, there is no stream to flush
    return 0


def _jobs(text: str) -> int:
    from tb_animate import crew

    # Python refuses a number of thousands of digits, of which the first tell enough.
    number = int(text.lstrip("0")[:4] or 0) if text.isascii() and text.isdigit() else 0
    if not 1 <= number <= crew.MAX_JOBS:
        raise argparse.ArgumentTypeError(f"it must be a whole number from 1 to {crew.MAX_JOBS}.")
    return number


def _export(arguments: argparse.Namespace) -> int:
    from tb_animate import api, batch, params

    # All that can be wrong with the command itself comes before the logs are read.
    batch.check(arguments.output, arguments.tag)
    spec = params.from_arguments(arguments)
    order = batch.Order(arguments.logdir, arguments.kind, tuple(arguments.axes), spec)
    source = api.open_source(arguments.logdir)
    several = batch.is_pattern(arguments.output)
    if several:
        clips = batch.choose(source, arguments.output, arguments.tag, arguments.run, order.kind)
        results = _make_all(source, order, clips, arguments.jobs)
    else:
        clip = batch.Clip(arguments.tag[0], tuple(arguments.run), arguments.output)
        scalars = api.open_scalars(arguments.logdir, spec)
        results = [batch.make(source, scalars, order, clip, terminal.bar)]
    runs = {run for result in results for run in result.clip.runs}
    terminal.tell(warning for warning in source.warnings() if warning.run in runs)
    for clip, notes, failure in results:
        place = f"{clip.path}: " if several else ""
        sys.stderr.writelines(terminal.line(place + note) for note in notes)
        if failure:
            shown = f"{clip.tag} · {', '.join(clip.runs)}"
            sys.stderr.write(terminal.line(f"tb-animate: {shown}: {failure}"))
    return BAD if any(result.failure for result in results) else 0


def _make_all(
    source: Source, order: batch.Order, clips: Sequence[batch.Clip], jobs: int
) -> list[batch.Result]:
    """In the order of the clips."""
    from tb_animate import batch, crew

    jobs = min(jobs, len(clips))
    making = crew.run(order, clips, jobs) if jobs > 1 else batch.run(source, order, clips)
    found: dict[str, batch.Result] = {}
    with terminal.bar("clips") as progress, contextlib.closing(making):
        while True:
            if progress is not None:
                progress(len(found), len(clips))
            result = next(making, None)
            if result is None:
                return [found[clip.path] for clip in clips]
            found[result.clip.path] = result


if __name__ == "__main__":
    sys.exit(main())
