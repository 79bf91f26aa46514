"""Means and covariances of frames, summed up while the frames go by."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tb_animate.projection import rows as rows_of
from tb_animate.projection.model import Doubles, Floats, Ints
from tb_animate.projection.rows import Spread

# Above so many dimensions a covariance matrix is kept as a sketch: of 100,000 dimensions
# it would have 80 GB.
EXACT = 1024
SKETCH = 64

# Of frames with many rows a subset by hash is looked at: rows x dimensions^2 of one frame,
# as long as there are enough of one frame and of all. All rows of 100 frames of
# 10,000 x 768 take several times as long, for 1 % of the variance.
WORK = 2**25
FEWEST = 1_000
FEWEST_OF_ALL = 50_000

# Rows that are kept to tell the scale, and the bytes that they may take.
SAMPLE_ROWS = 256
SAMPLE_BYTES = 4_000_000

# Variance within frames that is smaller than this share of that between them is rounding.
NOTHING = 1e-12


class Covariance:
    """A mean of covariance matrices, exact or as a sketch, float64.

    A sketch keeps C G for a random matrix G of `SKETCH` columns, from which the first
    components come by the Nystroem method (Tropp et al., "Fixed-rank approximation of a
    positive-semidefinite matrix from streaming data", 2017).
    """

    def __init__(self, dimensions: int) -> None:
        self._test: Floats | None = None
        if dimensions > EXACT:
            random = np.random.default_rng(0)
            self._test = random.standard_normal((dimensions, SKETCH), np.float32)
        self._sum: Doubles = np.zeros((dimensions, dimensions if self._test is None else SKETCH))

    def product(self, centred: Floats) -> Floats:
        """What a block adds, before it is divided by the number of rows."""
        other = centred if self._test is None else centred @ self._test
        return np.asarray(centred.T @ other)

    def add(self, products: Doubles, mean: Doubles) -> None:
        """Adds a frame: its products over its rows, and the mean that these still have."""
        self._sum += products
        right = mean if self._test is None else mean @ self._test
        self._sum -= np.outer(mean, right)

    def empty(self) -> Doubles:
        return np.zeros_like(self._sum)

    def components(self, count: int) -> Doubles:
        """Orthonormal columns in the order of their variance, at most `count`."""
        if self._test is None:
            return np.linalg.eigh(self._sum)[1][:, ::-1][:, :count]
        return self._nystroem()[0][:, :count]

    def along(self, axes: Doubles) -> float:
        """The variance in the directions of orthonormal columns."""
        if self._test is None:
            return float(np.einsum("ij,ij->", axes, self._sum @ axes))
        columns, variances = self._nystroem()
        return float((((columns.T @ axes) ** 2).T @ variances).sum())

    def _nystroem(self) -> tuple[Doubles, Doubles]:
        """Eigenvectors, shape [dimensions, SKETCH], and eigenvalues, descending."""
        assert self._test is not None
        test, triangle = np.linalg.qr(self._test.astype(np.float64))
        image = np.linalg.solve(triangle.T, self._sum.T).T
        # The shift keeps the root real where rounding does not.
        shift = np.sqrt(len(image)) * np.finfo(np.float32).eps * float(np.linalg.norm(image))
        image += shift * test
        core = test.T @ image
        lower = np.linalg.cholesky((core + core.T) / 2)
        columns, roots, _ = np.linalg.svd(np.linalg.solve(lower, image.T).T, full_matrices=False)
        return columns, np.maximum(roots**2 - shift, 0.0)


class Moments:
    """What the frames of one space tell that a basis is made from.

    Attributes:
      dimensions: of the space.
      frames: that have points to tell from.
      variance: the mean of the frames' total variances.
      within: the mean of their covariances, up to the number of frames as a factor.
      latest: the covariance of the last frame that has any, if asked for.
      origin: a point near the first frame, which keeps the sample's digits.
    """

    def __init__(self, dimensions: int, *, latest: bool = False) -> None:
        self.dimensions = dimensions
        self.frames = 0
        self.variance = 0.0
        self.within = Covariance(dimensions)
        self.latest = Covariance(dimensions) if latest else None
        self.origin: Doubles = np.zeros(dimensions)
        self._means: list[Doubles] = []
        self._sample: list[Floats] = []
        self._sample_rows = SAMPLE_ROWS

    def add(self, values: NDArray[Any], rows: Ints | None, found: Spread) -> None:
        """Adds a frame.

        Args:
          rows: those to look at; `None`: all. Far rows and those that are not finite are
            passed over.
        """
        products = self.within.empty()
        total = np.zeros(self.dimensions)
        square = 0.0
        count = 0
        for _, left, lengths in rows_of.blocks(values, rows, found.centre):
            inside = lengths <= found.reach
            if not inside.all():
                left, lengths = left[inside], lengths[inside]
            products += self.within.product(left)
            total += np.ones(len(left), np.float32) @ left
            square += float(lengths.sum(dtype=np.float64))
            count += len(left)
        if not count:
            return
        mean = total / count
        variance = max(square / count - float(mean @ mean), 0.0)
        products /= count
        self.within.add(products, mean)
        if self.latest is not None and variance > 0:
            self.latest = Covariance(self.dimensions)
            self.latest.add(products, mean)
        if not self.frames:
            self.origin = found.centre
        self.frames += 1
        self.variance += (variance - self.variance) / self.frames
        self._means.append(found.centre - self.origin + mean)

    def sample(self, centred: Floats, found: Spread) -> None:
        """Keeps some rows of a frame; the first are those whose hash is smallest."""
        if not self.frames:
            return
        shift = (found.centre - self.origin).astype(np.float32)
        self._sample.append(centred[: self._sample_rows] + shift)
        while sum(one.nbytes for one in self._sample) > SAMPLE_BYTES and self._sample_rows > 1:
            self._sample_rows //= 2
            self._sample = [one[: self._sample_rows].copy() for one in self._sample]

    def samples(self) -> Floats:
        """Rows of all frames relative to `origin`, shape [rows, dimensions]."""
        return np.concatenate([np.empty((0, self.dimensions), np.float32), *self._sample])

    def mean(self) -> Doubles:
        """The mean of the frames' means relative to `origin`, each of equal weight."""
        return np.mean(self._means, axis=0) if self._means else np.zeros(self.dimensions)

    def between(self) -> tuple[Doubles, float]:
        """The frames' means about their mean, shape [frames, dimensions]; their variance."""
        apart = np.reshape(self._means, (-1, self.dimensions)) - self.mean()
        return apart, float((apart**2).sum()) / max(self.frames, 1)


def budget(dimensions: int, frames: int) -> int:
    """How many rows of a frame are looked at, at most, where there are so many frames."""
    return max(WORK // max(dimensions, 1) ** 2, FEWEST, FEWEST_OF_ALL // max(frames, 1))
