"""A page in a browser, and what memory it takes."""

from __future__ import annotations

import itertools
import json
from typing import Any

import psutil
from playwright.sync_api import Browser


def private_mb(kind: str) -> float:
    """Memory of the largest of the browser's processes of a kind that no other one has."""
    sizes = []
    for process in psutil.Process().children(recursive=True):
        try:
            if f"--type={kind}" in process.cmdline():
                sizes.append(process.memory_full_info().uss)
        except psutil.NoSuchProcess:
            continue
    return max(sizes, default=0) / 1e6


class Unwatched:
    """A page that Playwright does not watch: for its sake, the browser keeps up to 200 MB of
    the answers that a page got, in the very process that is measured.
    """

    def __init__(self, browser: Browser, url: str) -> None:
        self._session = browser.new_browser_cdp_session()
        self._session.on("Target.receivedMessageFromTarget", self._receive)
        self._answers: dict[int, Any] = {}
        context = self._session.send("Target.createBrowserContext")["browserContextId"]
        self._target = self._session.send(
            "Target.createTarget",
            {"url": url, "browserContextId": context, "width": 1280, "height": 900},
        )["targetId"]
        attached = {"targetId": self._target, "flatten": False}
        self._attached = self._session.send("Target.attachToTarget", attached)["sessionId"]
        self._numbers = itertools.count(1)

    def send(self, method: str, **parameters: Any) -> Any:
        number = next(self._numbers)
        message = json.dumps({"id": number, "method": method, "params": parameters})
        self._session.send(
            "Target.sendMessageToTarget", {"message": message, "sessionId": self._attached}
        )
        while number not in self._answers:
            # Events arrive while Playwright waits for something, and this answers at once.
            self._session.send("Browser.getVersion")
        return self._answers.pop(number)

    def evaluate(self, expression: str) -> Any:
        options = {"returnByValue": True}
        answer = self.send("Runtime.evaluate", expression=expression, **options)
        return answer["result"].get("value")

    def script_mb(self) -> float:
        """Memory that JavaScript has in use."""
        self.send("Performance.enable")
        metrics = self.send("Performance.getMetrics")["metrics"]
        used = next(one["value"] for one in metrics if one["name"] == "JSHeapUsedSize")
        return float(used) / 1e6

    def close(self) -> None:
        self._session.send("Target.closeTarget", {"targetId": self._target})

    def _receive(self, event: dict[str, Any]) -> None:
        message = json.loads(event["message"])
        if "id" in message:
            self._answers[message["id"]] = message.get("result", {})
