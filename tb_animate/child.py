"""Calls `main` of one of this package's modules: `python .../child.py MODULE [ARGUMENT ...]`.

A file by its path, since Python looks for modules in the working directory first when it is
given `-m` or `-c`, for the standard ones too, and that may be a directory of foreign logs. The
option against it, `-P`, came with Python 3.11.
"""

import sys

if __name__ == "__main__":
    # Where this file lies comes first instead, though its neighbours are no modules by themselves.
    if not (sys.flags.isolated or getattr(sys.flags, "safe_path", False)):
        del sys.path[0]
    import importlib

    importlib.import_module(sys.argv[1]).main(*sys.argv[2:])
