"""Calls of TensorBoard's data provider, with its errors as ours."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol, TypeVar

import grpc
from tensorboard import errors as tb_errors
from tensorboard.context import RequestContext
from tensorboard.data import provider as tb_provider

from tb_animate import errors

ALL = 2**31 - 1
"""The interface demands a number; no tag that TensorBoard holds has so many frames."""

_GONE = (
    "TensorBoard no longer keeps this frame: it holds a random sample of each tag, which "
    "changes as the log grows. Reload to see the frames that it keeps now."
)


class NotUnderstood(errors.AnimateError):
    """What was logged is no tensor."""


class Stepped(Protocol):
    """Something that was logged at a step."""

    @property
    def step(self) -> int: ...


T = TypeVar("T", bound=Stepped)


def ask(provider: tb_provider.DataProvider, method: str, **arguments: Any) -> Any:
    """The provider's answer.

    Raises:
      errors.NotFound: it no longer has what was asked for.
      errors.AnimateError: it refused.
      errors.Busy: it does not answer.
      NotUnderstood: it cannot make sense of what was logged.
    """
    if method != "read_blob":
        arguments["experiment_id"] = ""
    try:
        return getattr(provider, method)(RequestContext(), **arguments)
    except tb_errors.NotFoundError as error:
        raise errors.NotFound(_GONE) from error
    except tb_errors.PublicError as error:
        raise errors.AnimateError(f"TensorBoard's data server refused: {error}.") from error
    except (ValueError, TypeError, MemoryError) as error:
        # It makes arrays of all that it is asked for before it hands on the first.
        if method != "read_tensors":
            raise
        raise NotUnderstood(
            f"TensorBoard does not understand what was logged ({error}); log it anew."
        ) from error
    except grpc.RpcError as error:
        raise errors.Busy(
            "TensorBoard's data server does not answer. "
            "Try again; if it stays away, start TensorBoard again."
        ) from error


def after_restarts(rows: Iterable[T]) -> list[T]:
    """What is left when a step that goes back drops what was held at its step and after."""
    kept: list[T] = []
    for row in rows:
        while kept and kept[-1].step >= row.step:
            kept.pop()
        kept.append(row)
    return kept
