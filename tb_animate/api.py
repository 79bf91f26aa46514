"""Clips of a log directory, for Python and for the command line."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from tb_animate import budget, encoders, errors, export, kinds, params, preview, saving
from tb_animate.jobs import Progress
from tb_animate.model import ClipSpec, Series, Source
from tb_animate.names import instead
from tb_animate.notebook import Clip
from tb_animate.scalars import ScalarSource

if TYPE_CHECKING:
    from tb_animate.encoders import Encoder


def list_series(logdir: str | os.PathLike[str]) -> list[Series]:
    """Lists what can be played of a log directory; no TensorBoard need run.

    Args:
      logdir: path of a directory, or an address such as `s3://bucket/logs`, as
        `tensorboard --logdir` gets it.

    Returns:
      One `Series` for each run, tag and kind, ordered by tag, then run; empty if nothing
      that can be played has been logged yet. Its `frames`, `first_step` and `last_step` are
      those of this moment.

    Raises:
      tb_animate.errors.NotFound: there is no such directory.
      tb_animate.errors.AnimateError: it is a file, or an address that cannot be read.
    """
    return open_source(logdir).series()


def export_clip(
    logdir: str | os.PathLike[str],
    path: str | os.PathLike[str],
    *,
    tag: str,
    run: str | Sequence[str] | None = None,
    kind: str | None = None,
    axes: Sequence[str] = (),
    **fields: object,
) -> tuple[str, ...]:
    """Writes the frames of one tag as a looping clip.

        tb_animate.export_clip("logs", "out.gif", tag="generated", fps=20, loop="bounce")

    Several runs play side by side, in step with each other. A frame that cannot be decoded
    is shown as a picture that says so.

    Args:
      logdir: as `list_series` takes it.
      path: of the file to write; its ending picks the format (".gif"). It is replaced when
        the clip is whole, and left as it is on any error.
      tag: as it was logged.
      run: one run or several, in the order in which they appear; all that have the tag if
        left out.
      kind: as `list_series` tells it; needed only where the tag is logged as several kinds.
      axes: runs whose frames decide axes that runs share, as they do on a page that shows
        them together; those of the clip if left out.
      **fields: fields of `tb_animate.model.ClipSpec`, which says what each does: `sample`
        (a number from 0, or "all"), `start_step`, `end_step`, `every`, `max_frames`, `fps`
        (logged frames per second), `loop` ("forever", "bounce" or "once"), `hold` (seconds),
        `tween`, `width` and `height` (pixels), `max_bytes` (a number, or text such as "10MB":
        the file is made to fit by fewer pictures, then by smaller ones), `theme` ("light" or
        "dark"), `caption`, `scalar` (a tag or several), `measure` ("step", "time" or
        "share"), `reverse`; and the options of the tag's kind, which `tb-animate export --help`
        lists, with underscores.
        `None` stands for the default.

    Returns:
      What was done to meet `max_bytes`, a sentence each; empty if it fits as it is.

    Raises:
      tb_animate.errors.NotFound: no such directory, run or tag; the message names what
        comes close to it or what there is.
      tb_animate.errors.TooLarge: the clip would be over a limit, or cannot be made to fit.
      tb_animate.errors.AnimateError: a field that does not exist or cannot be met, an
        unknown ending, or a folder that is not there.
      OSError: the file cannot be written.
    """
    encoder = encoders.for_path(path)
    spec = params.from_values(fields)
    saving.check(path)
    return saving.save(_planned(logdir, tag, run, kind, axes, spec, encoder), path)


def clip(
    logdir: str | os.PathLike[str],
    *,
    tag: str,
    run: str | Sequence[str] | None = None,
    kind: str | None = None,
    axes: Sequence[str] = (),
    format: str = params.DEFAULT_FORMAT,
    **fields: object,
) -> Clip:
    """The frames of one tag as a clip in memory, which plays at the end of a notebook's cell.

        tb_animate.clip("logs", tag="generated", fps=20, loop="bounce")

    Args:
      format: "gif", "mp4", "webm", "webp", "apng" or "zip".

    The other arguments, and what it raises, are those of `export_clip`.
    """
    encoder = encoders.get(format)
    spec = params.from_values(fields)
    made = budget.make(_planned(logdir, tag, run, kind, axes, spec, encoder))
    (first,) = made.plan.some(0, 1)
    width, height = made.plan.size
    return Clip(
        data=b"".join(made.pieces),
        format=encoder.name,
        mime_type=encoder.mime_type,
        width=width,
        height=height,
        pictures=made.plan.pictures,
        seconds=made.plan.seconds,
        notes=made.notes,
        repeats=spec.loop != "once",
        poster=preview.png(first.pixels),
    )


def _planned(
    logdir: str | os.PathLike[str],
    tag: str,
    run: str | Sequence[str] | None,
    kind: str | None,
    axes: Sequence[str],
    spec: ClipSpec,
    encoder: Encoder,
) -> export.Plan:
    runs = [run] if isinstance(run, str) else list(run or ())
    source = open_source(logdir)
    scalars = open_scalars(logdir, spec)
    return plan_clip(source, tag, runs, kind, spec, encoder, scalars=scalars, axes=axes)


def open_source(logdir: str | os.PathLike[str]) -> Source:
    """The source of a log directory, all of which has been read. Raises as `list_series`."""
    from tb_animate import sources

    source = sources.open_logdir(os.fspath(logdir), kinds.KINDS.values())
    _wait(source)
    return source


def open_scalars(logdir: str | os.PathLike[str], spec: ClipSpec) -> ScalarSource | None:
    """The scalars of a log directory, all of them read, if a clip shows any."""
    if not spec.scalar:
        return None
    from tb_animate import sources

    scalars = sources.open_logdir_scalars(os.fspath(logdir))
    _wait(scalars)
    return scalars


def _wait(source: Source | ScalarSource) -> None:
    """Returns when all of the logs has been read."""
    # In short waits, which Ctrl-C interrupts on every platform.
    begun = time.monotonic()
    while not source.wait(0.5, begun):
        pass


def plan_clip(
    source: Source,
    tag: str,
    runs: Sequence[str],
    kind: str | None,
    spec: ClipSpec,
    encoder: Encoder,
    progress: Progress | None = None,
    scalars: ScalarSource | None = None,
    axes: Sequence[str] = (),
) -> export.Plan:
    """The clip of a tag in these runs, or in all that have it. Raises as `export_clip`.

    Args:
      progress: called while points are projected.
    """
    found = find(source, tag, runs, kind)
    if len(found) > params.MAX_SERIES:
        raise errors.TooLarge(
            f"{len(found)} runs have the tag {tag!r}, and {params.MAX_SERIES} is the most for "
            "one clip; choose some of them."
        )
    return export.plan(
        source,
        [series.id for series in found],
        spec,
        encoder,
        axes=[series.id for series in find(source, tag, axes, kind)] if axes else (),
        scalars=scalars,
        progress=progress,
    )


def find(
    source: Source, tag: str, runs: Sequence[str] = (), kind: str | None = None
) -> list[Series]:
    """The series of a tag in these runs, in their order, or in all that have it.

    Raises:
      errors.NotFound: no such tag, or a run that lacks it.
      errors.AnimateError: no such kind, or the tag has several kinds and none is chosen.
    """
    every = of_kind(source, kind)
    tagged = [series for series in every if series.tag == tag]
    if not tagged:
        such = f" of kind {kind}" if kind else ""
        known = there_is(tag, [series.tag for series in every], "tags")
        raise errors.NotFound(f"There is no tag {tag!r}{such}. {known}")
    having = {series.run for series in tagged}
    for run in runs:
        if run not in having:
            lacks = f"lacks the tag {tag!r}" if run in source.runs() else "does not exist"
            raise errors.NotFound(f"The run {run!r} {lacks}. {there_is(run, having, 'runs')}")
    # What other runs log under the same name is of no matter.
    tagged = [series for series in tagged if not runs or series.run in runs]
    named = sorted({series.kind for series in tagged})
    if len(named) > 1:
        raise errors.AnimateError(
            f"The tag {tag!r} is logged as {' and as '.join(named)}; choose one as the kind."
        )
    by_run = {series.run: series for series in tagged}
    return [by_run[run] for run in dict.fromkeys(runs)] if runs else tagged


def of_kind(source: Source, kind: str | None) -> list[Series]:
    """What can be played, of one kind or of all. Raises as `kinds.get`."""
    if kind is not None:
        kinds.get(kind)
    return [series for series in source.series() if kind in (None, series.kind)]


def there_is(wanted: str, names: Iterable[str], plural: str) -> str:
    """Which names come close to one that does not exist, or which there are."""
    known = sorted(set(names))
    if not known:
        return "Nothing that can be played has been logged there."
    return instead(wanted, known, f"The {plural} are")
