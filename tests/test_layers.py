"""Reads the imports of both languages and holds them against the layers as data."""

from __future__ import annotations

import ast
import pathlib
import re
from collections.abc import Iterator, Sequence

import pytest

from tb_animate import kinds

ROOT = pathlib.Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "tb_animate"
PAGE = ROOT / "frontend" / "src"

# Low to high. A unit is a file or a folder; it may import what stands in rows before its
# own, nothing beside and nothing above. Inside a folder all may import each other.
PYTHON_LAYERS: Sequence[set[str]] = (
    {"child", "errors", "model", "names", "options", "processes"},
    {"file_names", "scratch"},
    {"jobs", "projection", "scalars", "text"},
    {"sources", "kinds", "timeline", "encoders"},
    {"fields", "sprite_sheet", "summary_writers"},
    {"summary_values"},
    {"summary"},
    {"keras"},
    {"layout", "limits", "params", "alignment", "curves", "reel"},
    {"fits"},
    {"scene_cache"},
    {"scenes"},
    {"tracks"},
    {"insets"},
    {"captions"},
    {"export"},
    {"estimate", "ladder"},
    {"budget"},
    {
        "answering",
        "answers",
        "exports",
        "fallback",
        "preview",
        "saving",
        "static_files",
        "streaming",
    },
    {"notebook", "terminal", "web"},
    {"api", "clip_routes"},
    {"batch"},
    {"crew"},
    {"cli", "plugin"},
    {"loader"},
    {"__init__"},
)
PAGE_LAYERS: Sequence[set[str]] = (
    {"compare", "icons", "lazy", "lru", "model"},
    {"format", "timeline"},
    {"api", "host", "kinds", "playhead", "scalars"},
    {"link"},
    {"store"},
    {"cards", "controls"},
    {"app"},
    {"index"},
)

# Where a word that is also a kind's name means something else.
OTHER_MEANINGS = {
    ("image", "sources/tensors.py"): "a field of the protobuf message Summary.Value",
    ("embedding", "summary.py"): "the function that logs one, in __all__",
}

PAGE_IMPORT = re.compile(r"""(?:\bfrom|\bimport)\s*\(?\s*["'](\.[^"']*)["']""")


def unit_of(path: pathlib.PurePath, root: pathlib.PurePath) -> str:
    first = path.relative_to(root).parts[0]
    return first.partition(".")[0]


def python_imports(path: pathlib.Path) -> Iterator[str]:
    """The units that a module imports anywhere, its functions included."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: imports are absolute here"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            parts = name.split(".")
            # The version is the package's own and needs none of its modules.
            if parts[0] == "tb_animate" and parts[1:] != ["__version__"]:
                known = len(parts) > 1 and any(parts[1] in row for row in PYTHON_LAYERS)
                yield parts[1] if known else "__init__"


def page_imports(path: pathlib.Path) -> Iterator[str]:
    for place in PAGE_IMPORT.findall(path.read_text(encoding="utf-8")):
        target = (path.parent / place).resolve()
        if ".css" not in target.name:
            yield unit_of(target, PAGE.resolve())


def python_files() -> list[pathlib.Path]:
    return sorted(PACKAGE.rglob("*.py"))


def page_files() -> list[pathlib.Path]:
    return sorted(path for end in ("*.ts", "*.tsx") for path in PAGE.rglob(end))


def complaints(
    imports: dict[str, tuple[str, set[str]]], layers: Sequence[set[str]]
) -> Iterator[str]:
    """Says what breaks the layers.

    Args:
      imports: by file name, the unit that it belongs to and the units that it imports.
    """
    row_of = {unit: row for row, units in enumerate(layers) for unit in units}
    for name, (unit, imported) in imports.items():
        if unit not in row_of:
            yield f"{name}: {unit} is in no layer; add it to the table"
            continue
        for other in sorted(imported - {unit}):
            if other not in row_of:
                yield f"{name} imports {other}, which is in no layer"
            elif row_of[other] >= row_of[unit]:
                way = "sideways" if row_of[other] == row_of[unit] else "upward"
                yield f"{name} imports {other}: {way}"


def test_python_imports_go_down_only() -> None:
    imports = {
        str(path.relative_to(ROOT)): (unit_of(path, PACKAGE), set(python_imports(path)))
        for path in python_files()
    }
    assert len(imports) > 10
    assert not list(complaints(imports, PYTHON_LAYERS))


def test_page_imports_go_down_only() -> None:
    imports = {
        str(path.relative_to(ROOT)): (unit_of(path, PAGE), set(page_imports(path)))
        for path in page_files()
    }
    assert len(imports) > 10
    assert not list(complaints(imports, PAGE_LAYERS))


@pytest.mark.parametrize(
    ("unit", "imported", "said"),
    [
        ("model", "export", "model.py imports export: upward"),
        ("sources", "kinds", "model.py imports kinds: sideways"),
        ("new", "model", "model.py: new is in no layer; add it to the table"),
        ("export", "new", "model.py imports new, which is in no layer"),
    ],
)
def test_what_breaks_the_layers_is_found(unit: str, imported: str, said: str) -> None:
    assert list(complaints({"model.py": (unit, {imported})}, PYTHON_LAYERS)) == [said]


def test_no_unit_stands_in_two_layers() -> None:
    for layers in (PYTHON_LAYERS, PAGE_LAYERS):
        units = [unit for row in layers for unit in row]
        assert len(units) == len(set(units))


@pytest.mark.parametrize("kind", sorted(kinds.KINDS))
def test_nothing_but_its_file_and_the_table_knows_a_kind(kind: str) -> None:
    own = {f"kinds/{kind}.py", "kinds/__init__.py"}
    knowing = {
        f"{path.relative_to(PACKAGE).as_posix()}:{node.lineno}"
        for path in python_files()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant)
        and node.value == kind
        and path.relative_to(PACKAGE).as_posix() not in own
        and (kind, path.relative_to(PACKAGE).as_posix()) not in OTHER_MEANINGS
    }
    assert not knowing
    own = {f"kinds/{kind}.ts", f"kinds/{kind}.tsx", "kinds/index.ts"}
    quoted = re.compile(rf"""["'`]{kind}["'`]""")
    knowing = {
        path.relative_to(PAGE).as_posix()
        for path in page_files()
        if quoted.search(path.read_text(encoding="utf-8"))
        and path.relative_to(PAGE).as_posix() not in own
    }
    assert not knowing
