"""Makes the logs that benchmarks read: large image logs, many scalars, many small frames."""

from __future__ import annotations

import pathlib
import random
import struct
import zlib
from collections.abc import Iterator

from tensorboard.compat.proto import event_pb2

from tb_animate.sources.crc32c import masked_crc32c


def png(side: int, noise: random.Random) -> bytes:
    """An RGB picture of noise, which no compression makes smaller than the logs promise."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    rows = b"".join(b"\0" + noise.randbytes(3 * side) for _ in range(side))
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    parts = chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(rows, 0)), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def record(event: event_pb2.Event) -> bytes:
    data: bytes = event.SerializeToString()
    length = struct.pack("<Q", len(data))
    crcs = [struct.pack("<I", masked_crc32c(part)) for part in (length, data)]
    return length + crcs[0] + data + crcs[1]


def images(step: int, samples: list[bytes], side: int) -> event_pb2.Event:
    event = event_pb2.Event(step=step, wall_time=1.7e9 + step)
    value = event.summary.value.add(tag="generated")
    value.metadata.plugin_data.plugin_name = "images"
    value.metadata.data_class = 3
    value.tensor.dtype = 7
    value.tensor.tensor_shape.dim.add(size=2 + len(samples))
    value.tensor.string_val.extend([b"%d" % side, b"%d" % side, *samples])
    return event


def write(path: pathlib.Path, content: Iterator[event_pb2.Event]) -> None:
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path.with_name("partial"), "wb") as file:
        for event in content:
            file.write(record(event))
    path.with_name("partial").rename(path)


def make_images(logdir: pathlib.Path, *, runs: int, steps: int, samples: int, side: int) -> None:
    noise = random.Random(0)
    for run in range(runs):
        content = (
            images(10 * step, [png(side, noise) for _ in range(samples)], side)
            for step in range(steps)
        )
        write(logdir / f"run{run}" / "events.out.tfevents.1", content)


def make_scalars(logdir: pathlib.Path, count: int) -> None:
    tags = ["loss", "accuracy/train", "learning_rate", "gradient/norm"]

    def content() -> Iterator[event_pb2.Event]:
        for number in range(count):
            event = event_pb2.Event(step=number // 4, wall_time=1.7e9 + number / 100)
            event.summary.value.add(tag=tags[number % 4], simple_value=number)
            yield event
        yield images(count, [b"picture"], 1)

    write(logdir / "events.out.tfevents.1", content())


def make_small(logdir: pathlib.Path, count: int) -> None:
    noise = random.Random(0)
    content = (images(step, [png(8, noise)], 8) for step in range(count))
    write(logdir / "events.out.tfevents.1", content)
