"""The compressed pixels of a GIF: LZW, or bare codes where LZW would make noise larger."""

from __future__ import annotations

from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile

_SUB_BLOCK = 255

# With fewer bits, clearing before codes grow would come every few pixels.
_LEAST_BITS = 4


def code_size(colours: int) -> int:
    """Bits of an index into so many colours, at least 2, as the format asks."""
    return max((colours - 1).bit_length(), 2)


def compress(indexes: NDArray[np.uint8], scratch: BinaryIO) -> bytes:
    """The code size, the sub-blocks, and the empty one that ends them.

    Args:
      indexes: shape [height, width].
      scratch: an unbuffered file of the system, whose content is of no use to anyone.
        Pillow lets other threads run while it writes to one, and only then.
    """
    bits = code_size(int(indexes.max()) + 1)
    image = Image.fromarray(indexes)
    # Saving as a GIF would always say 8 bits, and begin with longer codes than a few
    # colours need.
    image.encoderconfig = (bits, 0)
    scratch.seek(0)
    ImageFile._save(image, scratch, [ImageFile._Tile("gif", (0, 0, *image.size), 0, "L")])
    size = scratch.tell()
    scratch.seek(0)
    data = scratch.read(size)
    if bits >= _LEAST_BITS and 8 * len(data) > (bits + 1) * indexes.size:
        data = min(data, bare(indexes.reshape(-1), bits), key=len)
    return bytes([bits]) + data + b"\0"


def bare(indexes: NDArray[np.uint8], bits: int) -> bytes:
    """A code of its own for each pixel, in groups that a clear code begins.

    Strings of noise hardly ever come again, and LZW takes up to 12 bits for an index of 8.
    A reader notes a string for each code, and takes longer codes when it has almost
    2 ** bits. Clearing just before that keeps every code at one bit more than an index.

    Args:
      indexes: shape [pixels].
      bits: 4 to 8.

    Returns:
      The sub-blocks, without the empty one.
    """
    clear, end = 1 << bits, (1 << bits) + 1
    group = clear - 8
    groups = -(-len(indexes) // group)
    codes = np.full((groups, 1 + group), clear, "<u2")
    codes[:, 1:].flat[: len(indexes)] = indexes
    stream = np.append(codes.reshape(-1)[: groups + len(indexes)], codes.dtype.type(end))
    halves = stream.view(np.uint8).reshape(-1, 2)
    kept = np.unpackbits(halves, axis=1, bitorder="little")[:, : bits + 1]
    data = np.packbits(kept, bitorder="little").tobytes()
    pieces = (data[at : at + _SUB_BLOCK] for at in range(0, len(data), _SUB_BLOCK))
    return b"".join(bytes([len(piece)]) + piece for piece in pieces)
