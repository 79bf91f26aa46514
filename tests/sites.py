"""The plugin's routes through TensorBoard's own routing, without a process or a socket."""

from __future__ import annotations

import argparse
import os
import pathlib
from typing import Any

import msgpack
from tensorboard.backend import application
from tensorboard.plugins import base_plugin
from werkzeug.test import Client, TestResponse

from tb_animate import plugin

BASE = "/data/plugin/animate/"


class Site:
    """A plugin over a log directory, and a client of it."""

    def __init__(self, path: pathlib.Path | str) -> None:
        flags = argparse.Namespace(logdir=os.fspath(path), logdir_spec="", grpc_data_provider="")
        self.plugin = plugin.AnimatePlugin(base_plugin.TBContext(flags=flags))
        self.client = Client(application.TensorBoardWSGI([self.plugin]))

    def get(self, route: str, *, headers: Any = None, **query: object) -> TestResponse:
        return self.client.get(BASE + route, query_string=query, headers=headers)

    def frames(self, **query: object) -> Any:
        answer = self.get("frames", **query)
        assert answer.status_code == 200, answer.text
        return msgpack.unpackb(answer.data)


def json_of(answer: TestResponse) -> Any:
    assert (answer.status_code, answer.mimetype) == (200, "application/json"), answer.text
    return answer.json


def plain(answer: TestResponse, status: int) -> str:
    """The sentence of an error."""
    assert (answer.status_code, answer.mimetype) == (status, "text/plain"), answer.text
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Traceback" not in answer.text
    assert "\n" not in answer.text
    return answer.text
