"""Clips of a log directory, for Python and for the command line."""

from __future__ import annotations

import contextlib
import difflib
import os
import pathlib
import secrets
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tb_animate import encoders, errors, export, kinds, params
from tb_animate.jobs import Progress
from tb_animate.model import ClipSpec, Series, Source

if TYPE_CHECKING:
    from tb_animate.encoders import Encoder

_LISTED = 8  # names that a message lists before it says how many more there are


def list_series(logdir: str | os.PathLike[str]) -> list[Series]:
    """Lists what can be played of a log directory; no TensorBoard need run.

    Args:
      logdir: path of a local directory, as `tensorboard --logdir` gets it.

    Returns:
      One `Series` for each run, tag and kind, ordered by tag, then run; empty if nothing
      that can be played has been logged yet. Its `frames`, `first_step` and `last_step` are
      those of this moment.

    Raises:
      tb_animate.errors.NotFound: there is no such directory.
      tb_animate.errors.AnimateError: it is a file, or not on this machine.
    """
    return open_source(logdir).series()


def export_clip(
    logdir: str | os.PathLike[str],
    path: str | os.PathLike[str],
    *,
    tag: str,
    run: str | Sequence[str] | None = None,
    kind: str | None = None,
    **fields: object,
) -> None:
    """Writes the frames of one tag as a looping clip.

        tb_animate.export_clip("logs", "out.gif", tag="generated", fps=20, loop="bounce")

    Several runs play side by side, in step with each other. A frame that cannot be decoded
    is shown as a picture that says so.

    Args:
      logdir: path of a local directory, as `tensorboard --logdir` gets it.
      path: of the file to write; its ending picks the format (".gif"). It is replaced when
        the clip is whole, and left as it is on any error.
      tag: as it was logged.
      run: one run or several, in the order in which they appear; all that have the tag if
        left out.
      kind: as `list_series` tells it; needed only where the tag is logged as several kinds.
      **fields: fields of `tb_animate.model.ClipSpec`, which says what each does: `sample`
        (a number from 0, or "all"), `start_step`, `end_step`, `every`, `max_frames`, `fps`
        (logged frames per second), `loop` ("forever", "bounce" or "once"), `hold` (seconds),
        `tween`, `width` and `height` (pixels), `theme` ("light" or "dark"), `caption`; and
        those that a kind adds: of histograms `mode` ("ridge" or "single"), `trail`, `scale`
        ("linear" or "log") and `range` ("robust" or "full"); of embeddings `method` ("pca",
        "last" or "tsne"), `align` ("auto", "rigid" or "none"), `dims` (2 or 3), `color_by`
        (a column), `trail`, `follow` ("off", "center" or "fit"), `points` ("dots" or
        "thumbnails"), `centroids` and `legend` ("on" or "off"), `camera`
        ("x,y,zoom,yaw,pitch"), `hidden` (categories) and `selected` (slots).
        `None` stands for the default.

    Raises:
      tb_animate.errors.NotFound: no such directory, run or tag; the message names what
        comes close to it or what there is.
      tb_animate.errors.TooLarge: the clip would be over a limit.
      tb_animate.errors.AnimateError: a field that does not exist or cannot be met, an
        unknown ending, or a folder that is not there.
      OSError: the file cannot be written.
    """
    encoder = encoders.for_path(path)
    spec = params.from_values(fields)
    check_target(path)
    runs = [run] if isinstance(run, str) else list(run or ())
    source = open_source(logdir)
    save(plan_clip(source, tag, runs, kind, spec, encoder), path)


def open_source(logdir: str | os.PathLike[str]) -> Source:
    """The source of a local directory, all of which has been read. Raises as `list_series`."""
    from tb_animate import sources

    source = sources.open_logdir(os.fspath(logdir), kinds.KINDS.values())
    # In short waits, which Ctrl-C interrupts on every platform.
    while not source.wait(0.5):
        pass
    return source


def plan_clip(
    source: Source,
    tag: str,
    runs: Sequence[str],
    kind: str | None,
    spec: ClipSpec,
    encoder: Encoder,
    progress: Progress | None = None,
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
    return export.plan(source, [series.id for series in found], spec, encoder, progress=progress)


def find(
    source: Source, tag: str, runs: Sequence[str] = (), kind: str | None = None
) -> list[Series]:
    """The series of a tag in these runs, in their order, or in all that have it.

    Raises:
      errors.NotFound: no such tag, or a run that lacks it.
      errors.AnimateError: no such kind, or the tag has several kinds and none is chosen.
    """
    if kind is not None:
        kinds.get(kind)
    every = [series for series in source.series() if kind in (None, series.kind)]
    tagged = [series for series in every if series.tag == tag]
    if not tagged:
        of_kind = f" of kind {kind}" if kind else ""
        known = _there_is(tag, [series.tag for series in every], "tags")
        raise errors.NotFound(f"There is no tag {tag!r}{of_kind}. {known}")
    named = sorted({series.kind for series in tagged})
    if len(named) > 1:
        raise errors.AnimateError(
            f"The tag {tag!r} is logged as {' and as '.join(named)}; choose one as the kind."
        )
    by_run = {series.run: series for series in tagged}
    for run in runs:
        if run not in by_run:
            lacks = f"lacks the tag {tag!r}" if run in source.runs() else "does not exist"
            raise errors.NotFound(f"The run {run!r} {lacks}. {_there_is(run, by_run, 'runs')}")
    return [by_run[run] for run in dict.fromkeys(runs)] if runs else tagged


def _there_is(wanted: str, names: Sequence[str] | dict[str, Series], plural: str) -> str:
    known = sorted(set(names))
    if not known:
        return "Nothing that can be played has been logged there."
    close = difflib.get_close_matches(wanted, known, n=3)
    if close:
        return f"Did you mean {' or '.join(map(repr, close))}?"
    more = f" and {len(known) - _LISTED} more" if len(known) > _LISTED else ""
    return f"The {plural} are {', '.join(map(repr, known[:_LISTED]))}{more}."


def check_target(path: str | os.PathLike[str]) -> None:
    """Raises `errors.AnimateError` if `path` cannot be a file, before any work is done."""
    target = pathlib.Path(path)
    if target.is_dir():
        raise errors.AnimateError(f"{str(target)!r} is a folder; give the name of a file.")
    if not target.parent.is_dir():
        raise errors.AnimateError(
            f"The folder {str(target.parent)!r} does not exist; make it first."
        )


def save(plan: export.Plan, path: str | os.PathLike[str], progress: Progress | None = None) -> None:
    """Writes a clip: whole, or not at all, whatever goes wrong or is raised meanwhile.

    Raises:
      OSError: the file cannot be written.
    """
    target = pathlib.Path(path).resolve()  # through a link, which stays one
    part = target.with_name(f".tb-animate-{secrets.token_hex(8)}.part")
    try:
        with part.open("xb") as file:
            for piece in plan.encode(progress):
                file.write(piece)
        part.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            part.unlink()
        raise
