"""Prints the oldest releases that setup.py allows this Python, one requirement a line."""

from __future__ import annotations

import importlib.metadata

from packaging.requirements import Requirement


def oldest() -> list[str]:
    """What to give pip for an environment of nothing newer than is supported."""
    lines = importlib.metadata.requires("tb-animate") or []
    needed = [
        one
        for one in map(Requirement, lines)
        if one.marker is None or one.marker.evaluate({"extra": ""})
    ]
    bounds = [str(one).partition(";")[0].strip().replace(">=", "==") for one in needed]
    # TensorBoard imported pkg_resources up to 2.20; setuptools dropped it in 82. Builds need 77.
    return [*bounds, "setuptools>=77,<82"]


if __name__ == "__main__":
    print("\n".join(oldest()))
