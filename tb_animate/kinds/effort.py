"""Pictures that are small as files and take long all the same: what is too much of them."""

from __future__ import annotations

from collections.abc import Sequence

# Parts of a picture that moves by itself, and their pixels together: they are decoded one
# after the other, so these bound the time (some seconds) rather than the memory.
MAX_PARTS = 1024
MAX_PARTS_PIXELS = 400_000_000

# Blocks of a GIF, those that its blocks are cut into included: some 250 MB of usual ones. Each
# takes Pillow about a microsecond before it knows how many pictures there are.
MAX_GIF_BLOCKS = 1_000_000

# Passes over a JPEG; writers make about ten. Each takes 0.1 s where it is as large as can be.
MAX_SCANS = 64

# Of one step, as a grid: on a common screen each is 30 pixels wide.
MAX_SAMPLES = 4096

# Of all samples of one step. They are decoded one after the other, so that this bounds the
# time (some seconds) rather than the memory.
MAX_STEP_PIXELS = 400_000_000


def check(form: str | None, raw: bytes) -> None:
    """Raises `ValueError` with one plain sentence."""
    if form in ("JPEG", "MPO"):
        # Among a picture's own data ff is never followed by da.
        scans = raw.count(b"\xff\xda")
        if scans > MAX_SCANS:
            raise ValueError(
                f"The image is a JPEG of {scans:,} passes, and {MAX_SCANS} is the most; "
                "log it anew as a usual one."
            )
    elif form == "GIF":
        pictures, blocks = _gif_blocks(raw)
        if pictures > MAX_PARTS:
            raise ValueError(
                f"The image is more than {MAX_PARTS:,} pictures, which is the most that can be "
                "played. Log it shorter."
            )
        if blocks > MAX_GIF_BLOCKS:
            raise ValueError(
                f"The image is a GIF of more than {MAX_GIF_BLOCKS:,} blocks, which is the most; "
                "log it anew as a usual one."
            )


def _gif_blocks(raw: bytes) -> tuple[int, int]:
    """Pictures and blocks of a GIF, as far as they are whole and no more than is allowed."""
    pictures = blocks = 0
    try:
        at = 13 + _colours(raw[10])
        while raw[at] in b"\x2c\x21" and pictures <= MAX_PARTS and blocks <= MAX_GIF_BLOCKS:
            if raw[at] == 0x2C:
                pictures += 1
                at += 11 + _colours(raw[at + 9])
            else:
                at += 2
            blocks += 1
            while raw[at] and blocks <= MAX_GIF_BLOCKS:
                blocks += 1
                at += 1 + raw[at]
            at += 1
    except IndexError:
        pass  # cut off
    return pictures, blocks


def _colours(flags: int) -> int:
    """Bytes of a GIF's table of colours."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def check_samples(step: int, count: int) -> None:
    """Raises `ValueError` for more images in one step than a grid can show."""
    if count > MAX_SAMPLES:
        raise ValueError(
            f"Step {step} holds {count:,} images, and {MAX_SAMPLES:,} is the most for one "
            "picture; choose a single sample."
        )


def check_step(step: int, sizes: Sequence[tuple[int, int]]) -> None:
    """Raises `ValueError` for images of one step that have too many pixels together."""
    pixels = sum(width * height for width, height in sizes)
    if pixels > MAX_STEP_PIXELS:
        raise ValueError(
            f"The images of step {step} have {pixels // 10**6} million pixels together, and "
            f"{MAX_STEP_PIXELS // 10**6} million is the most; choose a single sample."
        )
