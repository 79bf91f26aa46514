"""What the tab shows when the page itself cannot be served. Needs nothing that may be missing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from tensorboard.backend import http_util
from tensorboard.plugins import base_plugin
from werkzeug import wrappers

BUILD_BUNDLE = (
    "This copy of tb_animate has no page: its frontend was never built. "
    'Run "pip install ." in the checkout, then start TensorBoard again.'
)

# The sentence goes in by textContent, so nothing in it is ever taken as markup. The
# colours are the browser's own for light and dark.
_MODULE = """\
const sentence = %s;
export function render() {
  const style = document.createElement("style");
  style.textContent =
    ":root { color-scheme: light dark; }" +
    "body { margin: 0; font: 14px/1.5 Roboto, sans-serif; }" +
    "p { max-width: 42em; margin: 10vh auto; padding: 0 24px; }";
  const text = document.createElement("p");
  text.setAttribute("role", "alert");
  text.textContent = sentence;
  document.head.append(style);
  document.body.replaceChildren(text);
}
"""


def module(sentence: str) -> str:
    """An ES module, as TensorBoard imports it, that shows one sentence."""
    return _MODULE % json.dumps(sentence)


def not_loaded(error: BaseException) -> str:
    """Says why the package could not be loaded, and how to mend it."""
    reason = " ".join(str(error).split()) or type(error).__name__
    missing = (getattr(error, "name", None) or "").partition(".")[0]
    if isinstance(error, ModuleNotFoundError) and missing not in ("", "tb_animate"):
        return (
            f'tb_animate needs the Python package "{missing}", which is '
            "not installed where TensorBoard runs. "
            'Run "pip install --upgrade tb_animate" there, then start TensorBoard again.'
        )
    return (
        f"tb_animate could not be loaded ({type(error).__name__}: {reason}). "
        'Run "pip install --upgrade --force-reinstall tb_animate" where TensorBoard runs, then '
        "start TensorBoard again; its log has the details."
    )


class FallbackPlugin(base_plugin.TBPlugin):  # type: ignore[misc]
    """Stands in for the plugin when that cannot be loaded: a tab that says why."""

    plugin_name = "animate"

    def __init__(self, sentence: str) -> None:
        self._sentence = sentence

    def get_plugin_apps(self) -> dict[str, Any]:
        script = module(self._sentence)
        return {
            "/index.js": _always(script, "text/javascript", 200),
            "/*": _always(self._sentence, "text/plain", 503),
        }

    def is_active(self) -> bool:
        return True

    def frontend_metadata(self) -> base_plugin.FrontendMetadata:
        return base_plugin.FrontendMetadata(es_module_path="/index.js", tab_name="Animate")


def _always(body: str, content_type: str, status: int) -> Callable[..., Iterable[bytes]]:
    def application(environ: Any, start_response: Any) -> Iterable[bytes]:
        request = wrappers.Request(environ)
        response: wrappers.Response = http_util.Respond(request, body, content_type, code=status)
        return response(environ, start_response)

    return application
