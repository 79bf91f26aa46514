"""A reverse proxy as hosted notebooks put one before TensorBoard: strict, plain and slow."""

from __future__ import annotations

import contextlib
import http.cookies
import http.server
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator

COOKIE = "proxy-pass"
# What concerns one connection only, and what would let the browser keep answers.
DROPPED = {"connection", "content-length", "date", "server", "transfer-encoding", "etag"}


class Proxy:
    """What a running proxy is and saw.

    Attributes:
      url: where TensorBoard's own address is, ending in a slash.
      refused: path and reason of all that it did not pass on.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.refused: list[str] = []

    def entrance(self, page: str) -> str:
        """An address that first gives the cookie, then leads to this one below `url`."""
        path, mark, fragment = page.partition("#")
        return f"{self.url}{path}{'&' if '?' in path else '?'}{COOKIE}=yes{mark}{fragment}"


@contextlib.contextmanager
def proxy(target: str, prefix: str = "/") -> Iterator[Proxy]:
    """Serves `target` under a path of another origin.

    It wants its cookie with every request, opens no websockets, and passes an answer on only
    when it has all of it, without a status line of HTTP/1.1, chunks or caching.

    Args:
      target: address of TensorBoard, ending in a slash.
      prefix: path under which it appears; TensorBoard itself knows nothing of it.
    """

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path, _, query = self.path.partition("?")
            parameters = dict(urllib.parse.parse_qsl(query))
            if parameters.pop(COOKIE, ""):
                self._welcome(f"{path}?{urllib.parse.urlencode(parameters)}")
            elif COOKIE not in http.cookies.SimpleCookie(self.headers["Cookie"]):
                self._refuse(401, "no cookie")
            elif "upgrade" in self.headers.get("Connection", "").lower():
                self._refuse(400, "an upgrade to websockets")
            elif not self.path.startswith(prefix):
                self._refuse(404, "not below the prefix")
            else:
                self._pass_on(None)

        def do_POST(self) -> None:
            # TensorBoard's own tabs send some of their questions so.
            self._pass_on(self.rfile.read(int(self.headers["Content-Length"])))

        def _welcome(self, onward: str) -> None:
            self.send_response(302)
            # Sent in a frame of another site too.
            sent = "SameSite=None; Secure; Partitioned"
            self.send_header("Set-Cookie", f"{COOKIE}=yes; Path=/; {sent}")
            self.send_header("Location", onward)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def _refuse(self, status: int, reason: str) -> None:
            seen.refused.append(f"{self.path}: {reason}")
            self.send_error(status)

        def _pass_on(self, body: bytes | None) -> None:
            kept = ("Accept", "Accept-Encoding", "Content-Type")
            headers = {name: self.headers[name] for name in kept if name in self.headers}
            request = urllib.request.Request(target + self.path.removeprefix(prefix), body, headers)
            try:
                answer = urllib.request.urlopen(request, timeout=60)
            except urllib.error.HTTPError as error:
                answer = error
            with answer:
                content = answer.read()
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                if name.lower() not in DROPPED:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            # The browser may have stopped asking.
            with contextlib.suppress(ConnectionError):
                self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("localhost", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        seen = Proxy(f"http://localhost:{server.server_port}{prefix}")
        yield seen
        server.shutdown()


@contextlib.contextmanager
def page_with_frame(address: str, host: str) -> Iterator[str]:
    """A page on another port of this host that shows `address` in a frame; gives its own."""
    page = f'<iframe width="1200" height="800" src="{address}"></iframe>'.encode()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/" else 404)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with http.server.ThreadingHTTPServer((host, 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://{host}:{server.server_port}/"
        server.shutdown()
