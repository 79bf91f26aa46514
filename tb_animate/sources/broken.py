"""Frames that cannot be shown: each comes all the same, with a sentence that says why."""

from __future__ import annotations

from tb_animate.model import Frame


class Unreadable(Exception):
    """What was logged cannot be shown, or not now; the message says why, up to the full stop."""


class Unread(Unreadable):
    """It may be shown another time: what failed is where it lies, not what was logged."""


def broken_frame(step: int, wall_time: float, error: Exception) -> Frame:
    """The frame in whose place `error` was raised.

    Args:
      error: an `Unreadable`; or whatever numpy and protobuf raised, which have many words for
        what is odd in a record that is as its writer made it.
    """
    reason = str(error)
    if not isinstance(error, Unreadable):
        reason = f"what was logged is not understood ({reason})."
    sentence = f"Step {step} cannot be shown: {reason}"
    return Frame(step, wall_time, None, sentence, unread=isinstance(error, Unread))
