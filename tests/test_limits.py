"""Every limit has a name and a reason, and its error says the limit and the mend."""

from __future__ import annotations

import ast
import pathlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tb_animate import errors, limits, params
from tb_animate.kinds import effort
from tb_animate.sources import hdf5, projector_files, tables
from tb_animate.sources.broken import Unreadable

PACKAGE = pathlib.Path(__file__).resolve().parent.parent / "tb_animate"


def nameless() -> Iterator[str]:
    """Limits at the top of a module without a comment or a docstring."""
    for path in sorted(PACKAGE.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        lines, body = text.splitlines(), ast.parse(text).body
        for number, node in enumerate(body):
            if not isinstance(node, ast.Assign):
                continue
            names = [one.id for one in ast.walk(node.targets[0]) if isinstance(one, ast.Name)]
            if not any(name.lstrip("_").startswith("MAX_") for name in names):
                continue
            above = node.lineno - 2
            while above >= 0 and lines[above].strip() and not lines[above].startswith(("#", '"')):
                above -= 1
            following = body[number + 1] if number + 1 < len(body) else None
            told = (
                "#" in lines[node.lineno - 1]
                or lines[above].startswith("#")
                or (isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant))
            )
            if not told:
                yield f"{path.relative_to(PACKAGE)}: {names[0]}"


def test_every_limit_says_its_reason() -> None:
    assert list(nameless()) == []


LIMITS: dict[str, tuple[Callable[[], Any], str, str]] = {
    "pictures": (lambda: limits.check_pictures(10**6), "100,000", "lower max_frames"),
    "pixels": (lambda: limits.check_pixels(10**5, (4096, 4096)), "238", "ask for a smaller"),
    "series": (
        lambda: params.clip({"series": [str(n) for n in range(99)]}),
        "64",
        "choose fewer",
    ),
    "token": (lambda: params.clip({"series": ["a"], "token": ["x" * 65]}), "64", "must be"),
    "samples": (lambda: effort.check_samples(1, 5_000), "4,096", "choose a single sample"),
    "step": (lambda: effort.check_step(1, [(30_000, 30_000)]), "400 million", "choose a single"),
    "scans": (lambda: effort.check("JPEG", b"\xff\xda" * 65), "64", "log it anew"),
    "shape": (lambda: hdf5.check_shape("a", (10**6, 10**6)), "1 GB", "is wanted"),
    "text": (
        lambda: tables.parse((b"x" * (tables.MAX_TEXT_BYTES + 1),), ""),
        "64 MB",
        "log fewer columns",
    ),
    "file": (lambda: projector_files.read_file(__file__, 1), "0 MB", "make it smaller"),
}


@pytest.mark.parametrize("name", LIMITS)
def test_an_error_says_the_limit_and_the_mend(name: str) -> None:
    call, limit, mend = LIMITS[name]
    with pytest.raises((errors.AnimateError, ValueError, Unreadable, tables.Unusable)) as caught:
        call()
    assert limit in str(caught.value)
    assert mend in str(caught.value)
