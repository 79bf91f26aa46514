"""Reads `projector_config.pbtxt`, and no file that it names outside of its own directory."""

from __future__ import annotations

import dataclasses
import os

from tb_animate.errors import first_line
from tb_animate.model import LogWarning
from tb_animate.sources.files import Folder, lies_in, readable
from tb_animate.sources.projector_files import Beside, read_file, stamp_of
from tb_animate.sources.tables import UnreadTable

CONFIG = "projector_config.pbtxt"
MAX_CONFIG_BYTES = 16 << 20
"""What PyTorch writes for some 50,000 snapshots."""


@dataclasses.dataclass(frozen=True, slots=True)
class Entry:
    """One embedding of a configuration.

    Attributes:
      name: of the tensor; PyTorch's are a tag, a colon and a step.
      tensors: path of the file with the points; "" where they are in a checkpoint.
      shape: as configured, or empty.
    """

    name: str
    tensors: str
    shape: tuple[int, ...]
    beside: Beside


@dataclasses.dataclass(frozen=True, slots=True)
class Config:
    """What was read; `unread`: nothing, though it may be another time."""

    entries: tuple[Entry, ...]
    warnings: tuple[LogWarning, ...]
    unread: bool = False


class Configs:
    """Keeps what was read as long as the files stay what they are."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[tuple[int, ...], Config]] = {}

    def read(self, folder: Folder, run: str) -> Config:
        """The configuration in a directory; where it cannot be read, a warning alone."""
        path = os.path.join(folder.path, CONFIG)
        stamp = stamp_of(path)
        known = self._known.get(path)
        if known is None or known[0] != stamp or known[1].unread:
            known = self._known[path] = stamp, _read(folder, run, path)
        return known[1]


def _read(folder: Folder, run: str, path: str) -> Config:
    from google.protobuf import text_format
    from tensorboard.plugins.projector import projector_config_pb2

    file = readable(os.path.join(folder.relative, CONFIG))
    try:
        text = read_file(path, MAX_CONFIG_BYTES).decode("utf-8")
        parsed = text_format.Parse(
            text, projector_config_pb2.ProjectorConfig(), allow_unknown_field=True
        )
    except Exception as error:
        # Of damaged text, protobuf's parser makes errors of several types.
        message = (
            f"This file is not used: {first_line(error)}. Folders of embeddings are shown "
            "without it."
        )
        unread = isinstance(error, UnreadTable)
        return Config((), (LogWarning(run, file, None, message),), unread)
    inside = _Inside(folder.path)
    entries = []
    for one in parsed.embeddings:
        tensors = inside.path(one.tensor_path)
        if tensors is None:
            continue
        sides = tuple(one.sprite.single_image_dim)
        beside = Beside(
            inside.path(one.metadata_path) or "",
            inside.path(one.sprite.image_path) or "",
            (sides[0], sides[1]) if len(sides) == 2 and 0 not in sides else None,
        )
        name = one.tensor_name or os.path.basename(one.tensor_path)
        entries.append(Entry(name, tensors, tuple(one.tensor_shape), beside))
    message = (
        'This file names "{}", which lies outside of its directory, so that it is not read; '
        "move it there and give its name alone."
    )
    refused = [LogWarning(run, file, None, message.format(name)) for name in inside.refused]
    return Config(tuple(entries), tuple(refused[:3]))


class _Inside:
    """Resolves the paths in a configuration by TensorBoard's rule."""

    def __init__(self, directory: str) -> None:
        self._directory = os.path.realpath(directory)
        self.refused: list[str] = []

    def path(self, name: str) -> str | None:
        """An absolute path, "" for none, or `None` where it leads out of the directory."""
        if not name:
            return ""
        try:
            path = os.path.join(self._directory, os.path.expanduser(name))
        except ValueError:
            path = ""  # No path at all: it has a NUL.
        if not path or not lies_in(path, [self._directory]):
            self.refused.append(name)
            return None
        return os.path.realpath(path)
