"""The fonts of this machine, in the order in which they are asked for a character."""

from __future__ import annotations

import dataclasses
import functools
import io
import os
import pathlib
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator

from PIL import ImageFont

from tb_animate.text import coverage
from tb_animate.text.coverage import Characters

MAX_FILES = 2000  # some minutes of a slow disk otherwise; machines of designers have as many
MAX_FOLDERS = 2000  # as for files
LIST_SECONDS = 5.0  # fontconfig may have to build its cache first

_ENDINGS = (".ttf", ".otf", ".ttc", ".otc")

# What captions are set in if there is a choice: upright, of normal weight, without serifs.
# Each word in a file's name puts it further back.
_UNLIKE = re.compile(
    r"bold|black|heavy|light|thin|italic|oblique|condensed|narrow|mono|serif|math|symbol|medium"
    r"|bd\.",
    re.IGNORECASE,
)
_LIKE = re.compile(
    r"dejavusans|notosans|liberationsans|arial|helvetica|segoeui|pingfang|hiragino|msyh|yugoth"
    r"|malgun|nirmala|sourcehan|droidsans|wqy",
    re.IGNORECASE,
)
# These draw a box for every character there is, or nothing.
_USELESS = re.compile(r"lastresort|adobeblank|blank", re.IGNORECASE)


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Face:
    """One font.

    Attributes:
      path: of its file; "" for the font that Pillow brings.
      index: which of the file's faces.
      characters: those that it has.
    """

    path: str
    index: int
    characters: Characters

    def knows(self, character: str) -> bool:
        """Whether it has a character, if only to draw nothing."""
        return coverage.has(self.characters, ord(character))

    def has(self, character: str) -> bool:
        """Whether it draws something for a character."""
        return self.knows(character) and _marks(self, character)


@functools.lru_cache(maxsize=256)
def sized(face: Face, size: float) -> ImageFont.FreeTypeFont:
    """A font at a size in pixels. Raises `OSError` for a file that FreeType cannot use."""
    if face.path:
        return ImageFont.truetype(face.path, size, index=face.index)
    return _own(size)


def faces() -> Iterator[Face]:
    """All fonts, Pillow's own first. A file is read when it is come to."""
    yield own()
    for path in files():
        yield from _faces(path)


@functools.lru_cache(maxsize=1)
def own() -> Face:
    """Pillow's own, so that plain captions are the same on every machine."""
    return Face("", 0, coverage.faces(io.BytesIO(_own(16).font_bytes))[0])


@functools.lru_cache(maxsize=1)
def files() -> tuple[str, ...]:
    """Paths of this machine's font files, at most `MAX_FILES`, the likeliest first."""
    found = {*_listed(), *_walked()}
    good = [path for path in found if not _USELESS.search(os.path.basename(path))]
    return tuple(sorted(good, key=_rank)[:MAX_FILES])


def _own(size: float) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise RuntimeError("Pillow was built without FreeType; install Pillow's own wheel.")
    return font


@functools.lru_cache(maxsize=MAX_FILES)
def _faces(path: str) -> tuple[Face, ...]:
    try:
        with open(path, "rb") as file:
            found = coverage.faces(file)
    except OSError:
        return ()
    return tuple(Face(path, nth, known) for nth, known in enumerate(found) if len(known))


@functools.lru_cache(maxsize=4096)
def _marks(face: Face, character: str) -> bool:
    if character == " ":
        return True
    try:
        return sized(face, 16).getmask(character).getbbox() is not None
    except OSError:
        return False


def _rank(path: str) -> tuple[int, int, str]:
    name = os.path.basename(path)
    return len(_UNLIKE.findall(name)), 0 if _LIKE.match(name.replace("-", "")) else 1, path


def _listed() -> Iterator[str]:
    """What fontconfig knows, if it is there."""
    command = shutil.which("fc-list")
    # One in the working directory, where Windows looks first, may have come with the logs.
    if command is None or not os.path.isabs(command):
        return
    try:
        listing = subprocess.run(
            [command, "--format", "%{file}\\n"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=LIST_SECONDS,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return
    for line in listing.stdout.decode("utf-8", "surrogateescape").splitlines():
        if line.lower().endswith(_ENDINGS):
            yield line


def _walked() -> Iterator[str]:
    seen = 0
    for top in _folders():
        for folder, inner, names in os.walk(top):
            inner.sort()
            seen += 1
            if seen > MAX_FOLDERS:
                return
            for name in sorted(names):
                if name.lower().endswith(_ENDINGS):
                    yield os.path.join(folder, name)


def _folders() -> list[str]:
    """Where systems keep fonts."""
    home = pathlib.Path(os.path.expanduser("~"))
    if sys.platform == "win32":
        windows, local = os.environ.get("WINDIR", r"C:\Windows"), os.environ.get("LOCALAPPDATA")
        own = [os.path.join(local, "Microsoft", "Windows", "Fonts")] if local else []
        return [os.path.join(windows, "Fonts"), *own]
    if sys.platform == "darwin":
        return ["/System/Library/Fonts", "/Library/Fonts", str(home / "Library/Fonts")]
    shared = os.environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share"
    return [
        *(os.path.join(folder, "fonts") for folder in shared.split(":") if folder),
        str(home / ".local/share/fonts"),
        str(home / ".fonts"),
    ]
