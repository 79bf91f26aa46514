"""TensorBoard's own ways to logs, as it hands them to plugins, without TensorBoard itself.

Each gives a data provider and, where there is one, the multiplexer behind it.
"""

from __future__ import annotations

import argparse
import contextlib
import os
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import grpc
from tensorboard.backend.event_processing import data_provider, plugin_event_multiplexer
from tensorboard.data import grpc_provider
from tensorboard.plugins import base_plugin

import servers
from tb_animate import sources
from tb_animate.model import Source, Wanted

Path = str | os.PathLike[str]
Way = Callable[[Path], contextlib.AbstractContextManager[tuple[Any, Any]]]


@contextlib.contextmanager
def data_server(path: Path, *, samples: str = "images=10") -> Iterator[tuple[Any, None]]:
    """Through a data server; `samples` as `--samples_per_plugin`."""
    with (
        servers.data_server(path, samples=samples) as address,
        grpc.secure_channel(address, grpc.local_channel_credentials()) as channel,
    ):
        yield grpc_provider.GrpcDataProvider(address, grpc_provider.make_stub(channel)), None


@contextlib.contextmanager
def multiplexer(path: Path, name: str | None = None, **how: Any) -> Iterator[tuple[Any, Any]]:
    """In Python, which has read all that is there, as runs below `name`."""
    read = plugin_event_multiplexer.EventMultiplexer(**how)
    read.AddRunsFromDirectory(os.fspath(path), name)
    read.Reload()
    yield data_provider.MultiplexerDataProvider(read, os.fspath(path)), read


def sampling_multiplexer(path: Path) -> contextlib.AbstractContextManager[tuple[Any, Any]]:
    """As TensorBoard makes it: ten frames of a tag are kept."""
    return multiplexer(path, size_guidance={"tensors": 10})


@contextlib.contextmanager
def source_over(way: Way, path: Path, wanted: Iterable[Wanted], **flags: str) -> Iterator[Source]:
    """What a plugin reads where it is given that provider.

    Args:
      flags: of TensorBoard; left out, the logs are elsewhere, and the provider is all there is.
    """
    told = flags or {"logdir": "", "grpc_data_provider": "elsewhere"}
    with way(path) as (provider, behind):
        context = base_plugin.TBContext(
            flags=argparse.Namespace(**told), data_provider=provider, multiplexer=behind
        )
        yield sources.open_context(context, wanted)
