"""Damages bytes: a small mutator that needs no coverage and repeats itself from a seed."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

# Where numbers change their sign, width or meaning.
NUMBERS = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF, 1 << 63, (1 << 64) - 1)
WORDS = (b"nan", b"-inf", b"1e999", b"\0", b"\n", b"../", b"\xff\xfe", b"{", b"\xe2\x80\xae")
MAX_BYTES = 1 << 16
"""Of an input; what only shows in larger ones has a test of its own."""


def mutated(whole: bytes, others: Sequence[bytes], chance: random.Random) -> bytes:
    """One to eight small damages; `others` are spliced in now and then."""
    data = bytearray(whole)
    for _ in range(chance.choice((1, 1, 1, 2, 3, 5, 8))):
        chance.choice(_DAMAGES)(data, others, chance)
    return bytes(data[:MAX_BYTES])


def _flip(data: bytearray, others: Sequence[bytes], chance: random.Random) -> None:
    if data:
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)


def _byte(data: bytearray, others: Sequence[bytes], chance: random.Random) -> None:
    if data:
        data[chance.randrange(len(data))] = chance.randrange(256)


def _number(data: bytearray, others: Sequence[bytes], chance: random.Random) -> None:
    size = chance.choice((1, 2, 4, 8))
    number = chance.choice(NUMBERS) & ((1 << 8 * size) - 1)
    at = chance.randrange(len(data) + 1)
    data[at : at + size] = number.to_bytes(size, chance.choice(("little", "big")))


def _word(data: bytearray, others: Sequence[bytes], chance: random.Random) -> None:
    at = chance.randrange(len(data) + 1)
    data[at : at + chance.choice((0, 1, 4))] = chance.choice(WORDS)


def _cut(data: bytearray, others: Sequence[bytes], chance: random.Random) -> None:
    start, end = _range(data, chance)
    del data[start:end]


def _end(data: bytearray, others: Sequence[bytes], chance: random.Random) -> None:
    del data[chance.randrange(len(data) + 1) :]


def _again(data: bytearray, others: Sequence[bytes], chance: random.Random) -> None:
    start, end = _range(data, chance)
    data[end:end] = data[start:end] * chance.choice((1, 1, 2, 40))


def _splice(data: bytearray, others: Sequence[bytes], chance: random.Random) -> None:
    other = bytearray(chance.choice(others))
    start, end = _range(other, chance)
    at = chance.randrange(len(data) + 1)
    data[at : at + chance.choice((0, end - start))] = other[start:end]


def _range(data: bytearray, chance: random.Random) -> tuple[int, int]:
    start = chance.randrange(len(data) + 1)
    return start, min(start + chance.choice((1, 2, 4, 16, 64, 1024)), len(data))


_Damage = Callable[[bytearray, Sequence[bytes], random.Random], None]
_DAMAGES: tuple[_Damage, ...] = (_flip, _byte, _number, _word, _cut, _end, _again, _splice)
