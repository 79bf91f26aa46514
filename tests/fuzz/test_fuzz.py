"""Some seconds of each fuzz target; `run.py` has the long form."""

from __future__ import annotations

import random

import pytest

import run
from structures import STRUCTURED, searched
from targets import BYTES

INPUTS = {
    "query": 2_000,
    "image": 1_000,
    "table": 200,
    "events": 200,
    "projector": 80,
    "checkpoint": 80,
}
EXAMPLES = 40


@pytest.mark.parametrize("name", BYTES)
def test_any_damage_is_a_result_or_a_plain_error(name: str) -> None:
    target = BYTES[name]
    whole = list(target.seeds())
    chance = random.Random(2026)
    for data in whole:
        target.check(data)
    for _ in range(INPUTS[name]):
        target.check(target.damage(chance.choice(whole), whole, chance))


@pytest.mark.parametrize("name", STRUCTURED)
def test_any_content_is_a_result_or_a_plain_error(name: str) -> None:
    searched(name, EXAMPLES, seed=2026)


def test_the_long_form_knows_what_has_a_structure() -> None:
    assert set(run.OF_STRUCTURE) == set(STRUCTURED)
