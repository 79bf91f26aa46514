"""Many clips of one log directory: a file for each run, for each tag, or for each of both."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import re
from collections.abc import Callable, Generator, Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from tb_animate import api, encoders, errors, saving
from tb_animate.file_names import file_name

if TYPE_CHECKING:
    from tb_animate.jobs import Progress
    from tb_animate.model import ClipSpec, Series, Source
    from tb_animate.scalars import ScalarSource

Bar = Callable[[str], contextlib.AbstractContextManager["Progress | None"]]
"""Shows progress while it is open; gets what is counted."""

_PLACE = re.compile(r"\{(run|tag)\}")


@dataclasses.dataclass(frozen=True, slots=True)
class Order:
    """What all clips of a command have in common; see `api.export_clip`."""

    logdir: str
    kind: str | None
    axes: Sequence[str]
    spec: ClipSpec


class Clip(NamedTuple):
    """One file. Without runs it shows all that have the tag.

    Attributes:
      token: makes the name that the file has until it is whole; see `saving.save`.
    """

    tag: str
    runs: tuple[str, ...]
    path: str
    token: str = ""


class Result(NamedTuple):
    """What became of a clip.

    Attributes:
      notes: sentences about a clip that was made.
      failure: a sentence that says why there is none, or "".
    """

    clip: Clip
    notes: tuple[str, ...] = ()
    failure: str = ""


def is_pattern(output: str) -> bool:
    """Whether the name of a file stands for several."""
    return _PLACE.search(output) is not None


def check(output: str, tags: Sequence[str]) -> None:
    """Raises `errors.AnimateError` if an output and the tags do not go together."""
    encoders.for_path(output)
    folder, name = os.path.split(output)
    if is_pattern(folder):
        raise errors.AnimateError(
            "{run} and {tag} stand in the name of the file, not of its folder; put them behind "
            "the last slash."
        )
    # Any text will do for what is not known yet.
    saving.check(os.path.join(folder, _PLACE.sub("x", name)))
    if "{tag}" not in name and len(tags) != 1:
        given = f"{len(tags)} tags are given" if tags else "No tag is given"
        raise errors.AnimateError(
            f"{given}, and the output is one file for one tag: give --tag once, or put {{tag}} "
            "into the name of the output for a clip of each tag."
        )


def choose(
    source: Source, output: str, tags: Sequence[str], runs: Sequence[str], kind: str | None
) -> list[Clip]:
    """The clips that a pattern stands for, by tag, then run, each with a name of its own.

    Args:
      tags, runs: as logged, or with `*` for any text; all if left out.

    Raises:
      errors.NotFound: one of them stands for nothing.
    """
    every = api.of_kind(source, kind)
    wanted_tags = _named(tags, [series.tag for series in every], "tag")
    every = [series for series in every if series.tag in wanted_tags]
    wanted_runs = _named(runs, [series.run for series in every], "run")
    every = [series for series in every if series.run in wanted_runs]
    if not every:
        raise errors.NotFound("Nothing that can be played has been logged there.")
    taken: set[str] = set()
    return [
        Clip(tag, chosen, _free(_fill(output, tag, chosen[0]), taken))
        for tag, chosen in _groups(every, each_run="{run}" in output)
    ]


def make(
    source: Source, scalars: ScalarSource | None, order: Order, clip: Clip, bar: Bar
) -> Result:
    """Makes one clip. Raises as `api.export_clip`, which leaves no file behind."""
    encoder = encoders.for_path(clip.path)
    with bar("fitted") as progress:
        plan = api.plan_clip(
            source,
            clip.tag,
            clip.runs,
            order.kind,
            order.spec,
            encoder,
            progress,
            scalars,
            order.axes,
        )
    with bar("pictures") as progress:
        notes = saving.save(plan, clip.path, progress, clip.token)
    shown = [track.series for track in plan.tracks]
    missing = (_missing(series) for series in shown if not series.complete)
    runs = tuple(series.run for series in shown)
    return Result(clip._replace(runs=runs), (*notes, *missing))


def attempt(source: Source, scalars: ScalarSource | None, order: Order, clip: Clip) -> Result:
    """Makes one clip, in silence, or says why there is none."""
    try:
        return make(source, scalars, order, clip, lambda what: contextlib.nullcontext())
    except Exception as error:
        return Result(clip, failure=errors.sentence(error))


def run(source: Source, order: Order, clips: Sequence[Clip]) -> Generator[Result, None, None]:
    """Makes clips one after the other. One that fails does not stop the others."""
    scalars = api.open_scalars(order.logdir, order.spec)
    for clip in clips:
        yield attempt(source, scalars, order, clip)


def _missing(series: Series) -> str:
    of = "Not all" if series.logged is None else f"{series.frames:,} of {series.logged:,}"
    return f"{series.run}: {of} logged frames could be read."


def _named(wanted: Sequence[str], names: Sequence[str], what: str) -> set[str]:
    if not wanted:
        return set(names)
    found: set[str] = set()
    for one in wanted:
        # Only the star: brackets are common in the names of weights.
        pattern = re.compile(".*".join(map(re.escape, one.split("*"))), re.DOTALL)
        matching = {one} if one in names else {name for name in names if pattern.fullmatch(name)}
        if not matching:
            known = api.there_is(one, names, f"{what}s")
            raise errors.NotFound(f"There is no {what} {one!r}. {known}")
        found |= matching
    return found


def _groups(every: Iterable[Series], *, each_run: bool) -> list[tuple[str, tuple[str, ...]]]:
    """Tags and runs of the clips. A tag of several kinds comes once; making it says so."""
    runs_of: dict[str, dict[str, None]] = {}
    for series in every:
        runs_of.setdefault(series.tag, {})[series.run] = None
    if not each_run:
        return [(tag, tuple(runs)) for tag, runs in runs_of.items()]
    return [(tag, (one,)) for tag, runs in runs_of.items() for one in runs]


def _fill(output: str, tag: str, run: str) -> str:
    texts = {"tag": tag, "run": run}
    return _PLACE.sub(lambda place: file_name([texts[place[1]]], ""), output)


def _free(path: str, taken: set[str]) -> str:
    """The path, or one with a number where cleaning has made two names alike."""
    stem, suffix = os.path.splitext(path)
    number = 1
    # Some file systems take small and capital letters for the same.
    while path.casefold() in taken:
        number += 1
        path = f"{stem}-{number}{suffix}"
    taken.add(path.casefold())
    return path
