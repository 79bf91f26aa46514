"""Where series come from. Opens a log directory, or what a running TensorBoard reads."""

from __future__ import annotations

import logging
import os
import re
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

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


def open_logdir(logdir: str, wanted: Iterable[Wanted]) -> Source:
    """A source over all logs under a local directory, without TensorBoard running.

    Args:
      logdir: path of the directory; a leading `~` is the user's home.
      wanted: what the kinds read.

    Raises:
      errors.NotFound: no such directory.
      errors.AnimateError: a file, or an address such as `gs://...`.
    """
    from tb_animate.sources import events

    wanted = tuple(wanted)
    return _with_tables(_local_source(events.roots(_directory(logdir), ""), wanted), wanted)


def open_logdir_scalars(logdir: str) -> ScalarSource:
    """The scalars of all logs under a local directory. Raises as `open_logdir`."""
    from tb_animate.sources import events, scalars

    return scalars.EventScalars(events.roots(_directory(logdir), ""))


def _directory(logdir: str) -> str:
    """The path of a log directory that is there."""
    if _URL.match(logdir):
        raise errors.AnimateError(
            f'"{logdir}" is an address, and only local directories can be read. '
            "Copy the logs to this machine and give the path of the copy."
        )
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
    """What a running TensorBoard shows: every frame where the logs are local.

    A local directory need not exist yet.

    Raises:
      errors.AnimateError: TensorBoard reads no logs at all.
    """
    from tb_animate.sources import merged, provider

    wanted = tuple(wanted)
    logdir, logdir_spec = _local(context)
    local: Source | None = None
    failed = False
    if logdir or logdir_spec:
        try:
            local = _open_local(logdir, logdir_spec, wanted)
        except Exception:
            failed = True
            logger.exception("tb_animate could not open the event files")
    if context.data_provider is None:
        if local is None:
            raise _no_logs()
        return _with_tables(local, wanted)
    remote = provider.ProviderSource(
        context.data_provider, _logged(wanted), multiplexer=context.multiplexer
    )
    both = local is not None or failed
    return _with_tables(merged.MergedSource(local, remote) if both else remote, wanted)


def open_scalars(context: base_plugin.TBContext) -> ScalarSource:
    """The scalars of what a running TensorBoard shows: every point where the logs are local.

    Raises:
      errors.AnimateError: TensorBoard reads no logs at all.
    """
    from tb_animate.sources import events, provider_scalars, scalars

    roots = events.roots(*_local(context))
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
        "TensorBoard reads no local logs. Start it with --logdir and the directory of your logs."
    )


def _local(context: base_plugin.TBContext) -> tuple[str, str]:
    """The flags' `--logdir` and `--logdir_spec`, each "" where it is not for this machine."""
    flags: Any = context.flags
    # With this flag the logs are read elsewhere, whatever directory is named beside it.
    if getattr(flags, "grpc_data_provider", ""):
        return "", ""
    logdir = getattr(flags, "logdir", "") or context.logdir or ""
    if logdir:
        return ("" if _URL.match(logdir) else logdir), ""
    return "", getattr(flags, "logdir_spec", "") or ""


def _open_local(logdir: str, logdir_spec: str, wanted: tuple[Wanted, ...]) -> Source | None:
    from tb_animate.sources import events

    roots = events.roots(logdir, logdir_spec)
    return _local_source(roots, wanted) if roots else None


def _local_source(roots: Sequence[Root], wanted: tuple[Wanted, ...]) -> Source:
    """Event files, and for what they lack the projector's files."""
    from tb_animate.sources import events, joined, projector

    found = events.EventSource(roots, _logged(wanted))
    if not _has_points(wanted):
        return found
    return joined.JoinedSource([found, projector.ProjectorSource(roots, wanted)])


def _logged(wanted: tuple[Wanted, ...]) -> tuple[Wanted, ...]:
    """What to read from logs: also what lies there beside points."""
    from tb_animate.sources import tables

    return (*wanted, tables.RECORDS) if _has_points(wanted) else wanted


def _with_tables(source: Source, wanted: tuple[Wanted, ...]) -> Source:
    from tb_animate.sources import points

    return points.PointsSource(source, wanted) if _has_points(wanted) else source


def _has_points(wanted: tuple[Wanted, ...]) -> bool:
    return any(item.points for item in wanted)
