"""A folder of PNG files, as scripts save them to make a GIF of later, as one series.

    pip install tb-animate
    python demo/recipes/folder_of_pngs.py pictures --logdir logs
    tensorboard --logdir logs

The last number in a file's name is its step: epoch_9.png, epoch_10.png. The files are logged as
they are, by TensorBoard's own writer. Without a folder, --steps sample pictures are drawn first.
"""

import argparse
import pathlib
import re
import tempfile

import numpy as np
from PIL import Image
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.event_file_writer import EventFileWriter


def draw_samples(folder: pathlib.Path, steps: int) -> None:
    """Saves the ripples of two drops that fall into water."""
    y, x = np.mgrid[:160, :160]
    for step in range(steps):
        phase = 2 * np.pi * step / 30
        waves = sum(np.sin(np.hypot(x - 80 + side, y - 80) / 6 - phase) for side in (-40, 40))
        Image.fromarray(np.uint8(127.5 + 63 * waves)).save(folder / f"epoch_{step}.png")


def step_of(file: pathlib.Path) -> int:
    numbers = re.findall(r"\d+", file.stem)
    if not numbers:
        raise SystemExit(f"{file} has no number in its name; name the files like epoch_0001.png.")
    return int(numbers[-1])


def log(folder: pathlib.Path, logdir: str) -> None:
    # The order of the steps: by name, epoch_10.png would come before epoch_9.png.
    files = sorted(folder.glob("*.png"), key=step_of)
    if not files:
        raise SystemExit(f"There are no PNG files in {folder}.")
    writer = EventFileWriter(logdir)
    for file in files:
        with Image.open(file) as picture:
            width, height = picture.size
        image = Summary.Image(width=width, height=height, encoded_image_string=file.read_bytes())
        summary = Summary(value=[Summary.Value(tag="pictures", image=image)])
        # The time of the file, so that playing by time shows when each was saved.
        event = Event(step=step_of(file), wall_time=file.stat().st_mtime, summary=summary)
        writer.add_event(event)
    writer.close()


parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
parser.add_argument("folder", type=pathlib.Path, nargs="?")
parser.add_argument("--logdir", default="logs")
parser.add_argument("--steps", type=int, default=60, help="how many sample pictures to draw")
arguments = parser.parse_args()

run = f"{arguments.logdir}/folder_of_pngs"
if arguments.folder:
    log(arguments.folder, run)
else:
    with tempfile.TemporaryDirectory() as samples:
        draw_samples(pathlib.Path(samples), arguments.steps)
        log(pathlib.Path(samples), run)
