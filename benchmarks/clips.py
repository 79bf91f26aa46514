"""GIFs of this package beside those of other programs: time, bytes and quality.

    python benchmarks/clips.py [--repeats 3] [--sets digits,ridge] [--logdir DIR]
    python benchmarks/clips.py --memory [--format gif]

Encodes four sets of 60 frames, and those of a log directory, with the package, with what
imageio does by default, and with ffmpeg and gifski where they are installed; on two cores,
in turns, the best of so many. Pillow decodes what comes out. Each set must be at least 3
times as fast as with imageio, 5 in the geometric mean of the four, and no larger, at a PSNR
no more than 1 dB below; exact where its frames have 256 colours together; and not beaten by
any other on time, bytes and PSNR at once.

With --memory it exports 2,000 pictures of 512 x 512 from a log instead and tells how far the
process grows and when the first bytes leave. Let nothing else run.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import math
import os
import pathlib
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

import imageio.v3 as imageio
import numpy as np
import psutil
from numpy.typing import NDArray
from PIL import Image

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import clip_sets  # noqa: E402
import made_logs  # noqa: E402
from quality import colours, psnr, ssim  # noqa: E402

from tb_animate import api, encoders  # noqa: E402
from tb_animate.encoders import Picture, Pictures  # noqa: E402
from tb_animate.model import ClipSpec  # noqa: E402

OURS, BASE = "tb_animate", "imageio"
MILLISECONDS = 100  # of a frame

TIMES_FASTER, TIMES_FASTER_ON_THE_WHOLE = 3, 5
DB_BELOW = 1.0

MEMORY_PICTURES = 2000
MAX_GROWTH = 150e6
MAX_WAIT = 1.0

Set = NDArray[np.uint8]
Program = Callable[[Set, pathlib.Path], bytes]  # frames, and a folder of them as PNG files


class Result(NamedTuple):
    """What an encoder made of a set; times in seconds for all frames, the best of all runs."""

    wall: float
    cpu: float
    size: int
    psnr: float
    ssim: float


def with_tb_animate(frames: Set, _: pathlib.Path) -> bytes:
    seconds = MILLISECONDS / 1000
    made = (Picture(frame, seconds) for frame in frames)
    pictures = Pictures(made, len(frames), seconds * len(frames))
    size = frames.shape[2], frames.shape[1]
    return b"".join(encoders.get("gif").encode(pictures, size, "forever"))


def with_imageio(frames: Set, _: pathlib.Path) -> bytes:
    return imageio.imwrite("<bytes>", frames, extension=".gif", duration=MILLISECONDS, loop=0)


def with_ffmpeg(frames: Set, _: pathlib.Path) -> bytes:
    size, rate = f"{frames.shape[2]}x{frames.shape[1]}", str(1000 // MILLISECONDS)
    given = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", size, "-r", rate, "-i", "-"]
    filters = "split[a][b];[a]palettegen[p];[b][p]paletteuse"
    command = ["ffmpeg", "-v", "error", *given, "-vf", filters, "-f", "gif", "-"]
    return subprocess.run(command, input=frames.tobytes(), stdout=-1, check=True).stdout


def with_gifski(_: Set, folder: pathlib.Path) -> bytes:
    rate = str(1000 // MILLISECONDS)
    files = sorted(map(str, folder.glob("*.png")))
    command = ["gifski", "--quiet", "--fps", rate, "--quality", "90", "-o", "-", *files]
    return subprocess.run(command, stdout=-1, check=True).stdout


def programs() -> dict[str, Program]:
    found: dict[str, Program] = {OURS: with_tb_animate, BASE: with_imageio}
    for name, program in (("ffmpeg", with_ffmpeg), ("gifski", with_gifski)):
        if shutil.which(name):
            found[name] = program
        else:
            print(f"{name} is not installed")
    return found


def measure(frames: Set, known: dict[str, Program], repeats: int) -> dict[str, Result]:
    with tempfile.TemporaryDirectory() as folder:
        for nth, frame in enumerate(frames):
            Image.fromarray(frame).save(pathlib.Path(folder, f"{nth:04}.png"), compress_level=1)
        data: dict[str, bytes] = {}
        walls: dict[str, list[float]] = {name: [] for name in known}
        cpus: dict[str, list[float]] = {name: [] for name in known}
        for _ in range(repeats):
            for name, program in known.items():
                cpu, wall = _cpu(), time.perf_counter()
                data[name] = program(frames, pathlib.Path(folder))
                walls[name].append(time.perf_counter() - wall)
                cpus[name].append(_cpu() - cpu)
    found = {}
    for name in known:
        shown = decoded(data[name], len(frames))
        quality = psnr(shown, frames), ssim(shown, frames)
        found[name] = Result(min(walls[name]), min(cpus[name]), len(data[name]), *quality)
    return found


def _cpu() -> float:
    """Seconds of this process, all its threads, and of programs that it has run."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def decoded(data: bytes, count: int) -> Set:
    """As many frames as there were, though some programs merge equal ones."""
    image = Image.open(io.BytesIO(data))
    frames: list[Set] = []
    for nth in range(image.n_frames):  # type: ignore[attr-defined]
        image.seek(nth)
        times = max(round(image.info["duration"] / MILLISECONDS), 1)
        frames += [np.asarray(image.convert("RGB"))] * times
    return np.stack((frames + frames[-1:] * count)[:count])


def verdicts(frames: Set, found: dict[str, Result]) -> Iterator[tuple[bool, str]]:
    """Whether each of the aims is reached, and its words."""
    ours, base = found[OURS], found[BASE]
    faster = base.wall / ours.wall
    yield faster >= TIMES_FASTER, f"{faster:.1f} times as fast as {BASE}"
    yield ours.size <= base.size, f"{ours.size / base.size:.0%} of its bytes"
    if colours(frames) <= 256:
        yield math.isinf(ours.psnr), "exact"
    else:
        more = 0.0 if ours.psnr == base.psnr else ours.psnr - base.psnr
        yield more >= -DB_BELOW, f"{more:+.1f} dB"
    for name, other in found.items():
        if name != OURS:
            beaten = other.wall < ours.wall and other.size < ours.size and other.psnr > ours.psnr
            yield not beaten, f"not beaten by {name}"


def compare(sets: Iterator[tuple[str, Set]], repeats: int) -> bool:
    """Prints the table of each set and the verdicts. Returns whether all is reached."""
    known = programs()
    good, gains = True, []
    for name, frames in sets:
        count, height, width, _ = frames.shape
        print(f"\n{name}: {count} frames of {width} x {height}, {colours(frames):,} colours")
        found = measure(frames, known, repeats)
        for program, result in found.items():
            print(
                f"  {program:10} {count / result.wall:6.0f} fps {1e3 * result.wall / count:7.2f} ms"
                f" {1e3 * result.cpu / count:7.2f} ms of CPU {result.size / 1e3:7.0f} kB"
                f" {result.psnr:6.2f} dB  SSIM {result.ssim:.4f}"
            )
        for reached, words in verdicts(frames, found):
            print(f"  {'ok' if reached else 'FAILED':6} {words}")
            good &= reached
        if name in clip_sets.MADE:
            gains.append(found[BASE].wall / found[OURS].wall)
    if len(gains) == len(clip_sets.MADE):
        mean = math.prod(gains) ** (1 / len(gains))
        reached = mean >= TIMES_FASTER_ON_THE_WHOLE
        print(f"\n{'ok' if reached else 'FAILED':6} {mean:.1f} times as fast in the geometric mean")
        good &= reached
    return good


def memory(encoder: encoders.Encoder) -> bool:
    """Exports many pictures from a log. Returns whether it stays within the limits."""
    process = psutil.Process()
    with tempfile.TemporaryDirectory() as folder:
        _log(pathlib.Path(folder, "events.out.tfevents.1"))
        idle = process.memory_info().rss
        begun = time.perf_counter()
        source = api.open_source(folder)
        plan = api.plan_clip(source, "generated", [], None, ClipSpec(), encoder)
        first, peak, size = math.inf, idle, 0
        for piece in plan.encode():
            first = min(first, time.perf_counter() - begun)
            peak = max(peak, process.memory_info().rss)
            size += len(piece)
        seconds = time.perf_counter() - begun
    growth = peak - idle
    print(f"{plan.pictures:,} pictures of {plan.size[0]} x {plan.size[1]} in {seconds:.1f} s")
    reached = growth < MAX_GROWTH, first < MAX_WAIT
    print(f"  {'ok' if reached[0] else 'FAILED':6} {growth / 1e6:.0f} MB above idle")
    print(f"  {'ok' if reached[1] else 'FAILED':6} first bytes after {first:.2f} s, the log read")
    return all(reached)


def _log(path: pathlib.Path) -> None:
    """Noisy photographs, which take most memory and time."""
    pool = []
    for frame in clip_sets.photographs()[::10]:
        file = io.BytesIO()
        Image.fromarray(frame).resize((512, 512)).save(file, "JPEG", quality=85)
        pool.append(file.getvalue())
    steps = range(MEMORY_PICTURES)
    made_logs.write(path, (made_logs.images(n, [pool[n % len(pool)]], 512) for n in steps))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--sets", default=",".join(clip_sets.MADE), help="names, with commas")
    parser.add_argument("--logdir", help="compare the clips of its tags, too")
    parser.add_argument("--memory", action="store_true")
    parser.add_argument("--format", default="gif", choices=encoders.ENCODERS)
    arguments = parser.parse_args()
    if arguments.memory:
        return 0 if memory(encoders.get(arguments.format)) else 1
    with contextlib.suppress(AttributeError):  # not on every platform
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])

    def sets() -> Iterator[tuple[str, Set]]:
        for name in filter(None, arguments.sets.split(",")):
            yield name, clip_sets.MADE[name]()
        if arguments.logdir:
            yield from clip_sets.logged(arguments.logdir)

    return 0 if compare(sets(), arguments.repeats) else 1


if __name__ == "__main__":
    sys.exit(main())
