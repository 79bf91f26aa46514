"""What the picture shows and what not, in plain sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tb_animate.projection.looking import Seen
from tb_animate.projection.model import Options


def of_fit(options: Options, seen: Seen) -> tuple[str, ...]:
    notes = []
    if options.method == "tsne":
        notes.append(
            "Not metric: t-SNE keeps neighbours together; distances, sizes and directions "
            "of movement mean nothing."
        )
    return (*notes, *_of_points(seen))


def of_growth(
    before: Sequence[str], options: Options, seen: Seen, new: Sequence[int]
) -> tuple[str, ...]:
    """The notes once frames were appended, of which some segments have views of their own."""
    notes = dict.fromkeys((*before, *_of_points(seen)))
    if options.method == "tsne" and new:
        step = seen.cloud.stretches[new[0]].start
        notes[f"From step {step} on, points are placed by pca until t-SNE is fitted again."] = None
    return tuple(notes)


def _of_points(seen: Seen) -> Iterator[str]:
    segments = [one.segment for one in seen.cloud.stretches]
    for segment in segments:
        if segment.points < segment.logged:
            yield (
                f"Shows {segment.points:,} of {segment.logged:,} points: those whose ids have "
                "the smallest hashes, and some of each label."
            )
            break
    if seen.repeated:
        yield "An id that a frame has more than once stands for its first point only."
    if len({segment.dimensions for segment in segments}) > 1:
        yield "Frames with another number of dimensions have axes of their own."
    if len(segments) > 1:
        yield (
            f"The points are not the same ones throughout: {len(segments)} stretches of frames "
            "follow each other. Log ids to join points."
        )
