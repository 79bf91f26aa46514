"""Fetches what the Animate tab fetches from a running TensorBoard, and says what came.

    python scripts/lib/check.py http://localhost:6006/

Runs in an environment that has tb_animate's dependencies.
"""

from __future__ import annotations

import io
import json
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

import msgpack
from PIL import Image

# For reading logs of some gigabytes.
LOG_SECONDS = 120


class CheckError(Exception):
    """Something that should have come did not; one plain sentence."""


def main() -> int:
    address = sys.argv[1].rstrip("/") + "/"
    try:
        for line in check(address):
            print(f"ok  {line}", flush=True)
    except CheckError as error:
        print(f"not ok  {error}", file=sys.stderr)
        return 1
    return 0


def check(address: str) -> Any:
    """Yields a line on each thing that was found; raises CheckError at the first that was not."""
    listing = json.loads(fetch(address + "data/plugins_listing"))
    if not listing.get("animate", {}).get("enabled"):
        raise CheckError("TensorBoard lists no enabled plugin `animate`.")
    yield "plugins_listing: animate is enabled"
    page = fetch(address + "data/plugin_entry.html?name=animate")
    if b"animate" not in page:
        raise CheckError("the tab's page does not load the plugin.")
    yield f"the tab's page: {len(page)} bytes"
    module = address + "data/plugin/animate/"
    script = fetch(module + "index.js")
    if b"render" not in script:
        raise CheckError("index.js has no render().")
    yield f"index.js: {len(script)} bytes"
    answer = series(module)
    names = sorted({(one["kind"], one["tag"]) for one in answer["series"]})
    yield f"{len(answer['series'])} series in {len(answer['runs'])} runs: " + ", ".join(
        f"{tag} ({kind})" for kind, tag in names
    )
    yield frame(module, answer["series"])


def series(module: str) -> dict[str, Any]:
    """Waits until the logs are read, and for the first series."""
    deadline = time.monotonic() + LOG_SECONDS
    while True:
        answer: dict[str, Any] = json.loads(fetch(module + "series"))
        progress = answer["progress"]
        if answer["series"] and progress["done"] >= progress["total"]:
            return answer
        if time.monotonic() > deadline:
            raise CheckError(f"after {LOG_SECONDS} s /series still lists {answer}.")
        time.sleep(0.2)


def frame(module: str, listed: list[dict[str, Any]]) -> str:
    """Fetches the first frame of the first image series and decodes its first sample."""
    chosen = next((one for one in listed if one["kind"] == "image"), None)
    if chosen is None:
        return "no images among the series, so no frame was fetched"
    query = urllib.parse.urlencode({"series": chosen["id"], "start": 0, "count": 1, "sample": 0})
    first = msgpack.unpackb(fetch(f"{module}frames?{query}"))["frames"][0]
    if first["data"] is None:
        raise CheckError(f"a frame of {chosen['tag']} cannot be read: {first.get('error')}")
    with Image.open(io.BytesIO(first["data"])) as image:
        image.load()
        size = f"{image.width} x {image.height} pixels"
    return (
        f"a frame: {chosen['tag']} of {chosen['run']}, step {first['step']}, {size}, "
        f"1 of {chosen['frames']}"
    )


def fetch(url: str) -> bytes:
    try:
        with urllib.request.urlopen(url, timeout=60) as answer:
            body: bytes = answer.read()
            return body
    except urllib.error.HTTPError as error:
        said = error.read().decode("utf-8", "replace")
        raise CheckError(f"{url} answered {error.code}: {said}") from error
    except OSError as error:
        raise CheckError(f"{url} cannot be fetched: {error}") from error


if __name__ == "__main__":
    sys.exit(main())
