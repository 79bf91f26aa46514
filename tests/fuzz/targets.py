"""What is fuzzed: for each target, whole inputs to damage and what must hold of any other.

A check ends with a result or with one of the errors that its code promises; whatever else it
raises is a finding. Those of `BYTES` take bytes; those of `STRUCTURED` take what a strategy of
hypothesis makes.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import functools
import io
import json
import pathlib
import random
import tempfile
import urllib.parse
from collections.abc import Callable, Iterator, Sequence
from unittest import mock

import msgpack
import numpy as np
from werkzeug.datastructures import MultiDict

import event_bytes as eb
import seeds
from mutate import mutated
from tb_animate import answers, cli, errors, kinds, params
from tb_animate.model import ClipSpec, Frame, Source
from tb_animate.scene_cache import Scenes
from tb_animate.sources import apart, checkpoints, tables
from tb_animate.sources.broken import Unreadable
from tb_animate.sources.events import EventSource, Root
from tb_animate.sources.points import PointsSource
from tb_animate.sources.projector import ProjectorSource
from tb_animate.sources.scalars import EventScalars
from tb_animate.sources.tables import RECORDS

WANTED = [*kinds.KINDS.values(), RECORDS]
SIZE = (48, 36)
MOST_FRAMES = 4
"""That are drawn of one series; the others are only read."""


@dataclasses.dataclass(frozen=True)
class Target:
    """
    Attributes:
      seeds: whole inputs.
      check: raises for a finding.
      damage: how an input is made of a whole one.
    """

    seeds: Callable[[], Sequence[bytes]]
    check: Callable[[bytes], None]
    damage: Callable[[bytes, Sequence[bytes], random.Random], bytes] = mutated


@contextlib.contextmanager
def run_of(files: dict[str, bytes]) -> Iterator[pathlib.Path]:
    """A log directory with these files."""
    with tempfile.TemporaryDirectory(dir=_memory()) as folder:
        root = pathlib.Path(folder)
        for name, content in files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_bytes(content)
        yield root


@functools.cache
def _memory() -> str | None:
    """Files that live for a millisecond need no disk."""
    return "/dev/shm" if pathlib.Path("/dev/shm").is_dir() else None


def plain(sentence: str | None) -> None:
    """What people see of an error is a sentence on one line."""
    assert sentence, "an error without a word"
    assert errors.plain(sentence).isprintable()
    assert "Traceback" not in sentence
    assert sentence.endswith("."), sentence


def play(kind_name: str, frames: Sequence[Frame]) -> None:
    """All that becomes of a series' frames: decoded, fitted, placed, drawn and packed."""
    kind = kinds.get(kind_name)
    spec = ClipSpec()
    decoded = []
    for frame in frames:
        if frame.data is None:
            plain(frame.error)
        try:
            decoded.append(kind.decode(frame, spec))
            if not kinds.is_placed(kind):
                kind.wire(frame, None)
        except ValueError as error:
            plain(str(error))
    try:
        scene = kind.fit(decoded, spec)
    except errors.AnimateError as error:
        plain(str(error))
        return
    kind.describe(scene)
    if kinds.is_placed(kind):
        kind.table(scene)
        decoded = [kind.place(scene, one) for one in decoded[:MOST_FRAMES]]
        for one in decoded:
            kind.pack(one)
    for one, following in zip(decoded[:MOST_FRAMES], [*decoded[1:], None], strict=False):
        try:
            picture = kind.draw(
                scene, one, earlier=[], following=following, phase=0.25, size=SIZE, theme="light"
            )
        except ValueError as error:
            plain(str(error))
            continue
        assert picture.shape == (SIZE[1], SIZE[0], 3)
        assert picture.dtype == np.uint8


def read(source: Source) -> None:
    """Everything that a source offers."""
    assert source.wait(60), "reading does not end"
    for series in source.series():
        index = source.open(series.id)
        assert (np.diff(index.steps.astype(object)) > 0).all()
        play(series.kind, list(index.read(range(len(index.steps)))))
        with contextlib.suppress(errors.AnimateError):
            content = answers.frames(index, ClipSpec(), Scenes(), start=0, count=MOST_FRAMES)
            msgpack.packb(content)
            for frame in content["frames"]:
                if frame["data"] is None:
                    plain(frame["error"])
    listing = answers.listing(source)
    json.dumps(listing, allow_nan=False).encode()
    for warning in listing["warnings"]:
        plain(warning["message"])


# Event files


def events(data: bytes) -> None:
    with run_of({"run/1.tfevents": data}) as root:
        source = EventSource([Root(None, str(root))], WANTED)
        read(PointsSource(source, kinds.KINDS.values()))
        scalars = EventScalars([Root(None, str(root))])
        assert scalars.wait(60)
        for one in scalars.scalars():
            scalars.points(one.run, one.tag)
        scalars.close()
        source.close()


def damaged_events(whole: bytes, others: Sequence[bytes], chance: random.Random) -> bytes:
    """Damages the file, or some events in it whose checksums are made right again."""
    records = list(seeds.events())
    chance.shuffle(records)
    records = [seeds.events()[0], *records[: chance.randrange(1, 12)]]
    if chance.random() < 0.3:
        return mutated(b"".join(records), records, chance)
    for at in range(len(records)):
        if chance.random() < 0.4:
            payload = mutated(records[at][12:-4], others, chance)
            records[at] = eb.record(payload)
    return b"".join(records)


# Kinds


def image(data: bytes) -> None:
    play("image", [Frame(step, 0.0, (b"4", b"4", data)) for step in (1, 2)])


def table(data: bytes) -> None:
    text, _, picture = data.partition(b"\0\0\0\0")
    try:
        found, _ = tables.parse((text, picture), "digest")
    except tables.Unusable as error:
        plain(str(error))
        return
    count = tables.points_of(found)
    if count is None or count < 2000:
        values = np.resize(seeds.CLOUD, (count or 9, 4))
        play("embedding", [Frame(step, 0.0, values, table=found) for step in (1, 2)])


# Projector files. An input is the number of the file and what is in it.


def projector(data: bytes) -> None:
    files = dict(seeds.projector())
    files[list(files)[data[0] % len(files) if data else 0]] = data[1:]
    with run_of({f"run/{name}": content for name, content in files.items()}) as root:
        read(ProjectorSource([Root(None, str(root))], kinds.KINDS.values()))


GIVEN_UP = 3.0


def checkpoint(data: bytes) -> None:
    files = dict(seeds.checkpoints())
    files[sorted(files)[data[0] % len(files) if data else 0]] = data[1:]
    # Some inputs never end, and that they are given up is what is to be seen.
    with run_of(files) as root, mock.patch.object(apart, "SECONDS", GIVEN_UP):
        try:
            for name in files:
                path = str(root / name)
                if checkpoints.is_h5(name):
                    for _, variable in checkpoints.layers(path, (hash(data),)):
                        checkpoints.read_variable(path, variable)
                elif name.endswith(".index"):
                    checkpoints.read_variable(path, "points/.ATTRIBUTES/VARIABLE_VALUE")
        except Unreadable as error:
            plain(str(error))


def _numbered(files: dict[str, bytes]) -> list[bytes]:
    return [bytes([n]) + files[name] for n, name in enumerate(files)]


def _in_order(files: dict[str, bytes]) -> list[bytes]:
    return [bytes([n]) + files[name] for n, name in enumerate(sorted(files))]


# Requests and command lines

QUERIES = (
    b"series=a&format=gif&fps=10&start_step=-5&end_step=1e3&every=2&token=x_1&download=1",
    b"series=a&series=b&axes=c&width=320&max_bytes=2.5MiB&loop=bounce&hold=.5&tween=3&sample=all",
    b"series=a&mode=ridge&trail=20&scale=log&zoom=0.5,1,2e1&compare=wipe&against=run%3Aa&amount=1",
    b"series=a&method=tsne&dims=3&color_by=x&camera=1,-2,.1,400,-90&hidden=a%2Cb&selected=1,2",
    b"series=a&frames=3&theme=dark&caption=1&scalar=loss&scalar=acc&measure=time&reverse=0&cancel=1",
)


def query(data: bytes) -> None:
    text = data.decode("utf-8", "surrogateescape")
    given = MultiDict(urllib.parse.parse_qsl(text, keep_blank_values=True, errors="replace"))
    for parse in (params.clip, params.preview, params.scene, params.series):
        try:
            parse(given)
        except errors.AnimateError as error:
            plain(str(error))
    words = [f"--{name.replace('_', '-')}={value}" for name, value in given.items(multi=True)]
    parser = _parser()
    with contextlib.redirect_stderr(io.StringIO()):
        try:
            params.from_arguments(parser.parse_args(words))
        except errors.AnimateError as error:
            plain(str(error))
        except SystemExit:
            pass  # as argparse ends


@functools.cache
def _parser() -> argparse.ArgumentParser:
    parser = cli._Parser(prog="tb-animate", add_help=False)
    params.add_arguments(parser)
    return parser


BYTES = {
    "events": Target(lambda: [b"".join(seeds.events())], events, damaged_events),
    "image": Target(seeds.pictures, image),
    "table": Target(
        lambda: [text + bytes(4) + seeds.pictures()[0] for text in seeds.tables()], table
    ),
    "projector": Target(lambda: _numbered(seeds.projector()), projector),
    "checkpoint": Target(lambda: _in_order(seeds.checkpoints()), checkpoint),
    "query": Target(lambda: QUERIES, query),
}
