"""An S3 of one's own, moto's, that counts what is asked of it and answers as late as told.

    python tests/object_storage.py SECONDS MEGABYTES

serves on a free port until it is ended and prints the address; `serving` does so for tests and
benchmarks.
"""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

KEYS = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret"}
ENVIRONMENT = {**KEYS, "AWS_DEFAULT_REGION": "us-east-1"}
BUCKET = "bucket"
COUNTED = "/counted-so-far"

NO_TENSORFLOW = """
import sys, types
sys.modules["tensorboard.compat.notf"] = types.ModuleType("tensorboard.compat.notf")
"""
# A sitecustomize.py without which TensorBoard takes TensorFlow's own file systems, where that is
# installed; they know no S3.


class Counted(NamedTuple):
    """Attributes:
    requests, sent: how many there were, and bytes in the bodies of their answers.
    lists: those of the requests that list.
    """

    requests: int
    sent: int
    lists: int


class Storage:
    """A running server with an empty bucket.

    Attributes:
      environment: what points s3fs, boto3 and TensorBoard to it.
    """

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self.environment = {**ENVIRONMENT, "S3_ENDPOINT": endpoint}
        self._client = _client(endpoint)
        self._client.create_bucket(Bucket=BUCKET)

    def upload(self, directory: pathlib.Path, prefix: str) -> str:
        """Puts all files of a directory there. Returns the address."""
        for path in directory.rglob("*"):
            if path.is_file():
                self.put(f"{prefix}/{path.relative_to(directory).as_posix()}", path.read_bytes())
        return f"s3://{BUCKET}/{prefix}"

    def put(self, key: str, data: bytes) -> None:
        self._client.put_object(Bucket=BUCKET, Key=key, Body=data)

    def counted(self) -> Counted:
        """Since the server's start, uploads left out."""
        with urllib.request.urlopen(self.endpoint + COUNTED) as answer:
            return Counted(*json.load(answer))


@contextlib.contextmanager
def serving(seconds: float = 0.0, megabytes: float = 0.0) -> Iterator[Storage]:
    """Starts the server as a process of its own.

    Args:
      seconds: before each answer.
      megabytes: of an answer in a second; 0: no limit.
    """
    process = subprocess.Popen(
        [sys.executable, __file__, str(seconds), str(megabytes)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=os.environ | ENVIRONMENT,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield Storage(process.stdout.readline().strip())
    finally:
        process.terminate()
        process.communicate()


def _client(endpoint: str) -> Any:
    import logs

    with logs.quiet():
        import boto3

        return boto3.client(
            "s3",
            endpoint_url=endpoint,
            region_name=ENVIRONMENT["AWS_DEFAULT_REGION"],
            aws_access_key_id=KEYS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=KEYS["AWS_SECRET_ACCESS_KEY"],
        )


class _Counting:
    """A WSGI application around another."""

    def __init__(
        self, inner: Callable[..., Iterable[bytes]], seconds: float, megabytes: float
    ) -> None:
        self._inner = inner
        self._seconds = seconds
        self._megabytes = megabytes
        self._lock = threading.Lock()
        self._requests = self._sent = self._lists = 0

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ["PATH_INFO"] == COUNTED:
            start_response("200 OK", [])
            return [json.dumps([self._requests, self._sent, self._lists]).encode()]
        body = b"".join(self._inner(environ, start_response))
        if environ["REQUEST_METHOD"] in ("GET", "HEAD"):
            transfer = len(body) / 1e6 / self._megabytes if self._megabytes else 0.0
            time.sleep(self._seconds + transfer)
            with self._lock:
                self._requests += 1
                self._sent += len(body)
                self._lists += "list-type" in environ["QUERY_STRING"]
        return [body]


def main() -> None:
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import WSGIRequestHandler, make_server

    WSGIRequestHandler.protocol_version = "HTTP/1.1"  # as storage does: connections are kept
    storage = DomainDispatcherApplication(create_backend_app)
    application = _Counting(storage, *map(float, sys.argv[1:]))
    server = make_server("127.0.0.1", 0, application, threaded=True)
    print(f"http://127.0.0.1:{server.port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
