"""Whole files of every form that is read, small, for the fuzz targets to damage."""

from __future__ import annotations

import functools
import io
import json
import os
import pathlib
import tempfile

import numpy as np
from PIL import Image

import event_bytes as eb
import logs
from tb_animate.sources.projector_configs import CONFIG

PIXELS = logs.noise(6)
ROWS = [(-1.0, 0.0, 2.0), (0.0, 1.0, 5.0), (1.0, 4.0, 0.5)]
CLOUD = np.random.default_rng(3).normal(size=(9, 4)).astype(np.float32)


@functools.cache
def pictures() -> list[bytes]:
    """A picture in each format and colour form, still and moving."""
    moving = [Image.fromarray(logs.noise(5, seed)) for seed in range(3)]
    found = [logs.encode(PIXELS, form) for form in ("PNG", "JPEG", "GIF", "WEBP", "BMP")]
    for form in ("GIF", "PNG", "WEBP"):
        buffer = io.BytesIO()
        moving[0].save(buffer, form, save_all=True, append_images=moving[1:], duration=40)
        found.append(buffer.getvalue())
    for mode in ("1", "L", "LA", "P", "RGBA", "I;16"):
        buffer = io.BytesIO()
        Image.fromarray(PIXELS).convert("L" if mode == "I;16" else mode).convert(mode).save(
            buffer, "PNG"
        )
        found.append(buffer.getvalue())
    buffer = io.BytesIO()
    Image.fromarray(PIXELS).save(buffer, "JPEG", progressive=True)
    return [*found, buffer.getvalue()]


def constant(tag: str, *shape: int, plugin: str = "histograms") -> eb.Value:
    """A tensor that gives one number for all of its elements."""
    value = eb.tensor(tag, eb.DT_FLOAT, *shape)
    value.tensor.float_val.append(1.5)
    return eb.described(value, plugin, 2)


@functools.cache
def tables() -> list[bytes]:
    """The text of records about points."""
    names = [f"name {n}" for n in range(len(CLOUD))]
    numbers = [str(n / 3) for n in range(len(CLOUD))]
    return [
        json.dumps(content).encode()
        for content in (
            {"version": 1, "columns": [["label", names], ["loss", numbers]], "ids": names},
            {"version": 1, "columns": [["label", ["a", "b", "c"] * 3]], "sprite": [2, 2]},
            {"version": 1, "columns": [], "ids": None, "sprite": None},
        )
    ]


@functools.cache
def events() -> list[bytes]:
    """Single records, framed: each form of each kind, and what is no kind's."""
    png = pictures()[0]
    return [
        eb.version(),
        eb.event(0, eb.points_table("cloud", tables()[1], png)),
        *[
            eb.event(step, value)
            for step in (0, 5, 5, 3, 9)
            for value in (
                eb.tf2_image("two", *pictures()[:2]),
                eb.tf1_image("one", png),
                eb.tf2_histogram("weights", ROWS),
                eb.tf1_histogram("old", [1, step, 2], [1.0, 2.0, 3.0]),
                eb.scalar("loss", 1 / (1 + step)),
                eb.tf2_scalar("accuracy", 0.5),
                eb.points("cloud", CLOUD + step),
                constant("constant", 2, 3),
            )
        ],
    ]


PBTXT = (
    'embeddings {\n  tensor_name: "tag:00000"\n  tensor_path: "00000/tag/tensors.tsv"\n'
    '  metadata_path: "00000/tag/metadata.tsv"\n  tensor_shape: 9\n  tensor_shape: 4\n'
    '  sprite {\n    image_path: "00000/tag/sprite.png"\n    single_image_dim: 2\n'
    '    single_image_dim: 2\n  }\n}\nembeddings { tensor_name: "raw" '
    'tensor_path: "raw.bytes" tensor_shape: 9 tensor_shape: 4 }\nmodel_checkpoint_path: "x"\n'
)


@functools.cache
def projector() -> dict[str, bytes]:
    """The files of a run as the projector reads them, by their paths in it."""
    text = io.StringIO()
    np.savetxt(text, CLOUD, delimiter="\t")
    return {
        CONFIG: PBTXT.encode(),
        "00000/tag/tensors.tsv": text.getvalue().encode(),
        "00000/tag/metadata.tsv": b"label\tloss\n"
        + b"".join(b"n%d\t%d\n" % (n, n) for n in range(9)),
        "00000/tag/sprite.png": pictures()[0],
        "raw.bytes": CLOUD.tobytes(),
    }


@functools.cache
def checkpoints() -> dict[str, bytes]:
    """A Keras 3 checkpoint, and one of TensorFlow, by the names of their files."""
    import h5py

    found: dict[str, bytes] = {}
    with tempfile.TemporaryDirectory() as folder, logs.quiet_tensorflow() as tf:
        name = "keras_embedding.ckpt-1.weights.h5"
        with h5py.File(os.path.join(folder, name), "w") as file:
            group = file.create_group("layers/embedding/vars")
            group.attrs["name"] = "embedding"
            group.create_dataset("0", data=CLOUD, chunks=(3, 4), compression="gzip")
        tf.train.Checkpoint(points=tf.Variable(CLOUD)).write(os.path.join(folder, "saved-2"))
        for path in pathlib.Path(folder).iterdir():
            found[path.name] = path.read_bytes()
    return found
