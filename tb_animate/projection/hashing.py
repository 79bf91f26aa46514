"""Choice by hash: the same points are chosen again when others come and go."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tb_animate.projection.model import Ints

Hashes = NDArray[np.uint64]

# So many of each label stay, if they do not take more than half of the places.
PER_LABEL = 20


def mixed(numbers: Ints) -> Hashes:
    """A 64-bit hash of whole numbers: the finaliser of SplitMix64 (Steele et al., 2014)."""
    z = numbers.astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(z ^ (z >> np.uint64(31)), np.uint64)


def of_texts(texts: Sequence[str]) -> Hashes:
    """A 64-bit hash of each text, the same in every process."""
    return np.fromiter(map(of_text, texts), np.uint64, len(texts))


def of_text(text: str) -> int:
    data = text.encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "little")


def chosen(numbers: Ints, most: int, draw: int = 0) -> Ints:
    """Positions of those with the smallest hash, in its order; numbers below 0 never.

    Args:
      draw: others are chosen for another one.
    """
    there = np.flatnonzero(numbers >= 0)
    hashes = mixed(numbers[there] + (draw % 2**20 << 40))
    if len(there) > most:
        few = np.argpartition(hashes, most)[:most]
        there, hashes = there[few], hashes[few]
    return there[np.argsort(hashes, kind="stable")]


def select(hashes: Hashes, labels: Sequence[str] | None, most: int) -> Ints:
    """Positions of those that stay where there are too many, ascending.

    Args:
      labels: one for each hash; of each label some stay, whatever their hashes.
      most: how many stay; the others with the smallest hash.
    """
    later = np.ones(len(hashes), np.bool_)
    if labels is not None:
        codes: dict[str, int] = {}
        of = np.fromiter((codes.setdefault(one, len(codes)) for one in labels), np.int64)
        order = np.lexsort((hashes, of))
        starts = np.searchsorted(of[order], np.arange(len(codes)))
        rank = np.arange(len(of)) - starts[of[order]]
        later[order] = rank >= min(PER_LABEL, most // (2 * max(len(codes), 1)))
    return np.sort(np.lexsort((hashes, later))[:most])
