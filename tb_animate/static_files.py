"""The page's own files, looked up in a listing of the package. No path comes from a request."""

from __future__ import annotations

import importlib.resources
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

ENTRY = "index.js"

# Never guessed by `mimetypes`: other programs may have changed its table on Windows, and
# a browser refuses a module that is served as anything but JavaScript.
_CONTENT_TYPES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".woff2": "font/woff2",
    ".wasm": "application/wasm",
    ".json": "application/json",
    ".map": "application/json",
    ".txt": "text/plain",
}

# The bundler names a file after its content: "scatter-Bx3k_9aZ.js".
_HASHED = re.compile(r"-[A-Za-z0-9_-]{8}\.[a-z0-9]+(\.map)?\Z")


def listing() -> dict[str, Traversable]:
    """All files of the bundle by their names, folders in them with slashes.

    Read anew at each call, so that a bundle that was just built is served; it is a
    handful of files. Empty when the bundle was never built.
    """
    return dict(_walk(importlib.resources.files("tb_animate").joinpath("static"), ""))


def find(name: str) -> Traversable | None:
    """The file of this name, or `None`."""
    return listing().get(name)


def content_type(name: str) -> str:
    """The media type by the name's ending."""
    return _CONTENT_TYPES.get("." + name.rpartition(".")[2], "application/octet-stream")


def is_hashed(name: str) -> bool:
    """Whether the name changes with the content, so that it may be cached for long."""
    return _HASHED.search(name) is not None


def _walk(folder: Traversable, prefix: str) -> list[tuple[str, Traversable]]:
    if not folder.is_dir():
        return []
    found: list[tuple[str, Traversable]] = []
    for item in folder.iterdir():
        if item.is_dir():
            found += _walk(item, f"{prefix}{item.name}/")
        else:
            found.append((prefix + item.name, item))
    return found
