"""Where series come from. Opens a log directory, or what a running TensorBoard reads."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from tb_animate import errors
from tb_animate.model import Source, Wanted

if TYPE_CHECKING:
    from tensorboard.plugins import base_plugin

    from tb_animate.scalars import ScalarSource
    from tb_animate.sources.files import Root

__all__ = ["open_context", "open_logdir", "open_logdir_scalars", "open_scalars"]

logger = logging.getLogger(__name__)

_SAMPLED = "Until then only the frames that TensorBoard keeps are shown."


def open_logdir(logdir: str, wanted: Iterable[Wanted]) -> Source:
    """A source over all logs under a directory, without TensorBoard running.

    Args:
      logdir: path of the directory, where a leading `~` is the user's home, or an address
        such as `s3://bucket/logs`.
      wanted: what the kinds read.

    Raises:
      errors.NotFound: no such directory.
      errors.AnimateError: a file, or an address that cannot be read.
    """
    from tb_animate.sources import events

    wanted = tuple(wanted)
    return _with_tables(_event_source(events.roots(_directory(logdir), ""), wanted), wanted)


def open_logdir_scalars(logdir: str) -> ScalarSource:
    """The scalars of all logs under a directory. Raises as `open_logdir`."""
    from tb_animate.sources import events, scalars

    return scalars.EventScalars(events.roots(_directory(logdir), ""))


def _directory(logdir: str) -> str:
    """The path or address of a log directory that is there."""
    from tb_animate.sources import byte_files, remote

    if byte_files.is_url(logdir):
        remote.check_directory(logdir)
        return logdir
    path = os.path.expanduser(logdir)
    if not os.path.exists(path):
        raise errors.NotFound(
            f'There is no log directory "{logdir}". Check the path; it is the one that '
            "tensorboard gets as --logdir."
        )
    if not os.path.isdir(path):
        raise errors.AnimateError(
            f'"{logdir}" is a file. Give the directory that holds the event files.'
        )
    return path


def open_context(context: base_plugin.TBContext, wanted: Iterable[Wanted]) -> Source:
    """What a running TensorBoard shows: every frame where this machine can read the logs.

    The log directory need not exist yet.

    Raises:
      errors.AnimateError: TensorBoard reads no logs at all.
    """
    from tb_animate.sources import merged, provider

    wanted = tuple(wanted)
    found: Source | None = None
    failed = ""
    try:
        roots = _roots(context)
        found = _event_source(roots, wanted) if roots else None
    except errors.AnimateError as error:
        failed = f"{error} {_SAMPLED}"
    except Exception:
        failed = merged.UNREADABLE
        logger.exception("tb_animate could not open the event files")
    if context.data_provider is None:
        if found is None:
            raise errors.AnimateError(failed) if failed else _no_logs()
        return _with_tables(found, wanted)
    sample = provider.ProviderSource(
        context.data_provider, _logged(wanted), multiplexer=context.multiplexer
    )
    if found is None and not failed:
        return _with_tables(sample, wanted)
    both = merged.MergedSource(found, sample, failed or merged.UNREADABLE)
    return _with_tables(both, wanted)


def open_scalars(context: base_plugin.TBContext) -> ScalarSource:
    """The scalars of what a running TensorBoard shows: every point where the logs can be read.

    Raises:
      errors.AnimateError: TensorBoard reads no logs at all.
    """
    from tb_animate.sources import provider_scalars, scalars

    try:
        roots = _roots(context)
    except errors.AnimateError:
        roots = []  # The source of what can be played says why.
    if context.data_provider is None:
        if not roots:
            raise _no_logs()
        return scalars.EventScalars(roots)
    remote = provider_scalars.ProviderScalars(
        context.data_provider, multiplexer=context.multiplexer
    )
    return scalars.MergedScalars(scalars.EventScalars(roots), remote) if roots else remote


def _no_logs() -> errors.AnimateError:
    return errors.AnimateError(
        "TensorBoard reads no logs. Start it with --logdir and the directory of your logs."
    )


def _roots(context: base_plugin.TBContext) -> list[Root]:
    """The log directories of the flags, none where they are not for this machine.

    Raises:
      errors.AnimateError: an address that cannot be read.
    """
    from tb_animate.sources import events, remote

    flags: Any = context.flags
    # With this flag the logs are read elsewhere, whatever directory is named beside it.
    if getattr(flags, "grpc_data_provider", ""):
        return []
    logdir = getattr(flags, "logdir", "") or context.logdir or ""
    found = events.roots(logdir, getattr(flags, "logdir_spec", "") or "")
    for root in found:
        if root.is_remote:
            remote.check(root.path)
    return found


def _event_source(roots: Sequence[Root], wanted: tuple[Wanted, ...]) -> Source:
    """Event files, and for what they lack the projector's files, which are read locally only."""
    from tb_animate.sources import events, joined, projector

    found = events.EventSource(roots, _logged(wanted))
    local = [root for root in roots if not root.is_remote]
    if not _has_points(wanted) or not local:
        return found
    return joined.JoinedSource([found, projector.ProjectorSource(local, wanted)])


def _logged(wanted: tuple[Wanted, ...]) -> tuple[Wanted, ...]:
    """What to read from logs: also what lies there beside points."""
    from tb_animate.sources import tables

    return (*wanted, tables.RECORDS) if _has_points(wanted) else wanted


def _with_tables(source: Source, wanted: tuple[Wanted, ...]) -> Source:
    from tb_animate.sources import points

    return points.PointsSource(source, wanted) if _has_points(wanted) else source


def _has_points(wanted: tuple[Wanted, ...]) -> bool:
    return any(item.points for item in wanted)
