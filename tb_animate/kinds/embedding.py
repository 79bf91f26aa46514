"""Embeddings: points of many dimensions, projected once over the whole series."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Hashable, Iterable, Sequence
from typing import Any

import numpy as np

from tb_animate import projection
from tb_animate.jobs import Progress
from tb_animate.kinds import look as looks
from tb_animate.kinds import scatter, tensors
from tb_animate.kinds.placed import PlacedPoints
from tb_animate.kinds.points import Tables
from tb_animate.kinds.raster import Pixels
from tb_animate.kinds.snapshots import Passing, Points, snapshot
from tb_animate.kinds.trail import MAX_TRAIL, TRAIL
from tb_animate.model import ClipSpec, Frame, PointTable, Theme
from tb_animate.options import Field, choice, one_of

DEFAULTS = {"method": "pca", "align": "auto", "dims": 2, "trail": 0, **looks.DEFAULTS}

OPTIONS = (
    one_of(
        "method",
        ("pca", "last", "tsne"),
        "one basis for all frames, that of the last frame, or by neighbours (default: pca)",
    ),
    one_of(
        "align",
        ("auto", "rigid", "none"),
        "turn frames onto each other: where they are rotated, always or never (default: auto)",
    ),
    Field("dims", choice({"2": 2, "3": 3}), "2 or 3", "axes of the picture (default: 2)", "2|3"),
    TRAIL,
    *looks.OPTIONS,
)

SIZE = (480, 360)

# About what a projection keeps: the names of its points, and, where frames are aligned or laid
# out together, some of them.
BYTES_A_SLOT = 200
BYTES_OF_FRAMES = 32 * 2**20


@dataclasses.dataclass(frozen=True, eq=False)
class EmbeddingScene:
    """Where every point of a series belongs.

    Attributes:
      options: all of them.
    """

    projection: projection.Projection
    tables: Tables
    options: dict[str, Any]

    @functools.cached_property
    def look(self) -> looks.Look:
        return looks.Look(self.options, self.tables)


class EmbeddingKind:
    """A cloud of points that moves, each with the colour of what is known of it."""

    title = "Embeddings"
    fit_frames = 500
    options = OPTIONS
    placed = True
    shares_scene = False
    compares = False

    def decode(self, frame: Frame, spec: ClipSpec) -> Points:
        """Reads a tensor of shape [points, dimensions], or [points] for one dimension.

        Raises:
          ValueError: it is none.
        """
        logged = values = tensors.numbers(frame, "points")
        # Whatever the order of their bytes, wide ones stay wide: narrow ones have no such numbers.
        wide = values.dtype.kind == "f" and values.dtype.itemsize > 4
        values = values.astype(np.float64 if wide else np.float32, copy=False)
        if values.ndim == 1:
            values = values[:, np.newaxis]
        if values.ndim != 2 or not values.size:
            raise tensors.misshapen(logged, "embedding", "points x dimensions")
        table = frame.table
        return Points(frame.step, values, table if _fits(table, len(values)) else None)

    def fitted(self, spec: ClipSpec) -> Hashable:
        options = {**DEFAULTS, **spec.options}
        return tuple(options[name] for name in ("method", "align", "dims"))

    def slow(self, spec: ClipSpec) -> bool:
        return bool(spec.options.get("method") == "tsne")

    def fit(
        self,
        frames: Iterable[Points],
        spec: ClipSpec,
        *,
        before: EmbeddingScene | None = None,
        progress: Progress | None = None,
    ) -> EmbeddingScene:
        """See `PlacedKind.fit`. Raises as `projection.fit`."""
        options = {**DEFAULTS, **spec.options}
        seen = Passing(frames)
        found = projection.fit(
            seen,
            projection.Options(options["method"], options["align"], options["dims"]),
            before=before.projection if before is not None else None,
            progress=progress,
        )
        return EmbeddingScene(found, seen.tables(Tables(), found), options)

    def extend(
        self, scene: EmbeddingScene, frames: Iterable[Points], spec: ClipSpec
    ) -> EmbeddingScene:
        seen = Passing(frames)
        found = projection.extend(scene.projection, seen)
        return EmbeddingScene(found, seen.tables(scene.tables, found), scene.options)

    def dress(self, scene: EmbeddingScene, spec: ClipSpec) -> EmbeddingScene:
        dressed = dataclasses.replace(scene, options={**DEFAULTS, **spec.options})
        _ = dressed.look  # raises for what cannot be met
        return dressed

    def place(self, scene: EmbeddingScene, data: Points) -> PlacedPoints:
        placed = scene.projection.place(snapshot(data))
        version = scene.tables.find(data.table, placed.segment)
        return PlacedPoints(data.step, placed.segment, version, placed.positions)

    def pack(self, placed: PlacedPoints) -> bytes:
        """Little-endian float32: eight numbers, then a row for each slot.

        The eight: segment, version of the table (-1 for none), slots, axes, the middle of
        the points in three numbers, and their root mean square distance from it.
        """
        slots, dims = placed.positions.shape
        head = [placed.segment, placed.version, slots, dims, *placed.centre, placed.radius]
        return np.array(head, "<f4").tobytes() + placed.positions.astype("<f4").tobytes()

    def table(self, scene: EmbeddingScene) -> dict[str, Any]:
        return scene.tables.packed([one.points for one in scene.projection.segments])

    def key(self, scene: EmbeddingScene) -> str:
        return f"{scene.projection.key}-{scene.tables.dropped}"

    def weight(self, scene: EmbeddingScene) -> int:
        known = scene.projection
        slots = sum(one.points for one in known.segments)
        holds_frames = known.aligned or known.method == "tsne"
        return scene.tables.weight + BYTES_A_SLOT * slots + holds_frames * BYTES_OF_FRAMES

    def size(self, scene: EmbeddingScene, spec: ClipSpec) -> tuple[int, int]:
        return SIZE[0], SIZE[1] + scene.look.legend_height(SIZE[0])

    def parts(self, data: object) -> int:
        return 1

    def trail(self, spec: ClipSpec) -> int:
        options = {**DEFAULTS, **spec.options}
        return MAX_TRAIL if options["centroids"] == "on" else int(options["trail"])

    def draw(
        self,
        scene: EmbeddingScene,
        data: PlacedPoints,
        *,
        earlier: Sequence[PlacedPoints] = (),
        following: PlacedPoints | None,
        phase: float,
        size: tuple[int, int],
        theme: Theme,
    ) -> Pixels:
        """See `PlacedKind.draw`."""
        return scatter.draw(scene.look, data, earlier, following, phase, size, theme)

    def describe(self, scene: EmbeddingScene) -> dict[str, Any]:
        known, tables = scene.projection, scene.tables
        segments, notes = known.segments, list(known.notes)
        if tables.dropped:
            notes.append(
                f"The points are described anew so often, or by so much, that what is known of "
                f"them is kept for the latest {len(tables.versions):,} times only; earlier frames "
                "have no colours and no thumbnails."
            )
        return {
            **scene.options,
            "aligned": known.aligned,
            "variance": known.variance,
            "key": self.key(scene),
            "shown": max((one.points for one in segments), default=0),
            "logged": max((one.logged for one in segments), default=0),
            "segments": [dataclasses.asdict(one) for one in segments],
            "notes": notes,
            "columns": [{"name": one.name, "type": one.type} for one in tables.columns],
            "versions": len(tables.versions),
            "sprites": bool(tables.sprites),
        }


def _fits(table: PointTable | None, count: int) -> bool:
    if table is None or (table.ids is not None and len(table.ids) != count):
        return False
    return all(len(texts) == count for texts in table.columns.values())


KIND = EmbeddingKind()
