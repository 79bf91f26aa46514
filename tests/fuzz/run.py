"""Fuzzes one target for as long as one likes.

    python tests/fuzz/run.py TARGET [--minutes 10] [--seed N] [--engine auto|atheris|plain]
    python tests/fuzz/run.py TARGET --input FILE      runs what was found once more

Targets of bytes are driven by atheris where it is installed (coverage leads the way), else by
the mutator of `mutate.py`; those with structure by hypothesis. An input counts as a finding
when its check raises, takes more than `SECONDS`, or needs more memory than `MORE_MEMORY`; it
is written to the current directory, and the exit status is 1.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import importlib.util
import os
import pathlib
import random
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Iterator

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parents[1])]

from mutate import MAX_BYTES  # noqa: E402

SECONDS = 20
"""Of one input, on a machine that does other things, too."""

MORE_MEMORY = 3 << 30
"""Bytes of address space on top of what the libraries take; images of 40 million pixels and
tables of a gigabyte are allowed."""

# By name, since atheris has to see the package being imported.
OF_STRUCTURE = ("histograms", "embeddings", "logs")

EXAMPLES = 200
"""Of hypothesis between two looks at the clock."""


class TooSlow(BaseException):
    """An input took more than `SECONDS`; nothing may take it for damage."""


@contextlib.contextmanager
def bounded() -> Iterator[None]:
    def ring(number: int, frame: object) -> None:
        raise TooSlow(f"more than {SECONDS} s")

    signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def limit_memory() -> None:
    pages = int(pathlib.Path("/proc/self/statm").read_text().split()[0])
    most = pages * resource.getpagesize() + MORE_MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (most, resource.RLIM_INFINITY))


class Count:
    """How many inputs were run, and for how long."""

    def __init__(self, minutes: float) -> None:
        self._seconds = 60 * minutes
        self.start()

    def start(self) -> None:
        """To be called when all is loaded."""
        self.started = time.monotonic()
        self.until = self.started + self._seconds
        self.runs = 0

    @property
    def over(self) -> bool:
        return time.monotonic() > self.until

    def told(self, engine: str, findings: int) -> str:
        lasted = time.monotonic() - self.started
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        return (
            f"{engine}: {self.runs:,} inputs in {lasted:.0f} s ({self.runs / lasted:.0f}/s), "
            f"{findings} findings, at most {peak} MB resident"
        )


def found(name: str, data: bytes) -> None:
    traceback.print_exc()
    path = pathlib.Path(f"finding-{name}-{hashlib.sha256(data).hexdigest()[:10]}")
    path.write_bytes(data)
    print(f"An input that fails is in {path}; --input {path} runs it again.", flush=True)


def plainly(name: str, count: Count, seed: int) -> int:
    from targets import BYTES

    target = BYTES[name]
    chance = random.Random(seed)
    whole = list(target.seeds())
    places: set[str] = set()
    for one in whole:
        target.check(one)
    limit_memory()
    count.start()
    while not count.over:
        data = target.damage(chance.choice(whole), whole, chance)
        count.runs += 1
        try:
            with bounded():
                target.check(data)
        except (Exception, TooSlow) as error:
            place = repr(traceback.extract_tb(error.__traceback__)[-1])
            if place not in places:
                places.add(place)
                found(name, data)
    return len(places)


def by_coverage(name: str, count: Count, seed: int) -> int:
    """Runs atheris until time is up or an input fails, either of which ends the process."""
    import atheris

    with atheris.instrument_imports(include=["tb_animate"]):
        from targets import BYTES
    target = BYTES[name]
    chance = random.Random(seed)
    whole = list(target.seeds())
    for data in whole:
        target.check(data)
    limit_memory()
    count.start()

    def one(data: bytes) -> None:
        failed = False
        count.runs += 1
        try:
            with bounded():
                target.check(data)
        except (Exception, TooSlow):
            found(name, data)
            failed = True
        if failed or count.over:
            print(count.told("atheris", int(failed)), flush=True)
            shutil.rmtree(folder)
            os._exit(failed)  # libFuzzer itself has no other end

    def mutate(data: bytes, most: int, step: int) -> bytes:
        if step % 2:
            return bytes(target.damage(bytes(data), whole, chance)[:most])
        return bytes(atheris.Mutate(data, most))

    folder = tempfile.mkdtemp()
    for at, data in enumerate(whole):
        pathlib.Path(folder, str(at)).write_bytes(data)
    limits = [f"-max_len={MAX_BYTES}", "-rss_limit_mb=0", f"-timeout={3 * SECONDS}"]
    atheris.Setup(
        [sys.argv[0], *limits, f"-seed={seed}", "-verbosity=0", folder],
        one,
        custom_mutator=mutate,
    )
    atheris.Fuzz()
    raise AssertionError("not reached")


def by_structure(name: str, count: Count, seed: int) -> int:
    from structures import STRUCTURED, searched

    strategy, check = STRUCTURED[name]

    def counted(value: object) -> None:
        count.runs += 1
        with bounded():
            check(value)

    STRUCTURED[name] = strategy, counted
    searched(name, 5, seed)
    limit_memory()
    count.start()
    while not count.over:
        try:
            searched(name, EXAMPLES, seed)
        except (Exception, TooSlow):
            traceback.print_exc()
            return 1
        seed += 1
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("target")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--engine", choices=("auto", "atheris", "plain"), default="auto")
    parser.add_argument("--input", type=pathlib.Path)
    asked = parser.parse_args()
    warnings.simplefilter("error")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # TensorBoard's own modules give some
        import tensorboard.backend.application  # noqa: F401
    count = Count(asked.minutes)
    if asked.input is not None:
        from targets import BYTES

        BYTES[asked.target].check(asked.input.read_bytes())
        return 0
    if asked.target in OF_STRUCTURE:
        engine, findings = "hypothesis", by_structure(asked.target, count, asked.seed)
    elif asked.engine != "plain" and importlib.util.find_spec("atheris"):
        return by_coverage(asked.target, count, asked.seed)
    else:
        engine, findings = "plain mutator", plainly(asked.target, count, asked.seed)
    print(count.told(engine, findings))
    return int(findings > 0)


if __name__ == "__main__":
    sys.exit(main())
