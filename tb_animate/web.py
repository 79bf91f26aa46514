"""What every route shares: methods, errors as plain sentences, JSON."""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Callable, Iterable
from typing import Any

from tensorboard import errors as tb_errors
from tensorboard.backend import http_util
from werkzeug import exceptions, wrappers

from tb_animate import errors, fallback

logger = logging.getLogger(__name__)

# How long a busy server asks a client to wait, in seconds.
RETRY_SECONDS = 5

# Of a number in a query: within int64, and beyond any position of a frame.
MAX_NUMBER = 10**18 - 1


def route(
    handler: Callable[[wrappers.Request], wrappers.Response],
) -> Callable[..., Iterable[bytes]]:
    """A WSGI application that answers GET and HEAD, and every error with a sentence."""

    def application(environ: Any, start_response: Any) -> Iterable[bytes]:
        request = wrappers.Request(environ)
        return _answer(handler, request)(environ, start_response)

    return application


def respond(
    request: wrappers.Request,
    body: bytes | str,
    content_type: str,
    *,
    status: int = 200,
    expires: int = 0,
    headers: Iterable[tuple[str, str]] = (),
) -> wrappers.Response:
    """A whole answer, gzipped where it is text and the client takes that.

    Args:
      expires: seconds for which a browser may keep it; 0: it asks each time.
    """
    response: wrappers.Response = http_util.Respond(
        request, body, content_type, code=status, expires=expires, headers=list(headers)
    )
    return response


def respond_json(request: wrappers.Request, content: Any) -> wrappers.Response:
    """Valid JSON: numbers that JSON does not know become null."""
    try:
        text = json.dumps(content, allow_nan=False)
    except ValueError:
        text = json.dumps(_finite(content), allow_nan=False)
    return respond(request, text, "application/json")


def respond_packed(request: wrappers.Request, content: Any) -> wrappers.Response:
    """MessagePack, in which texts and bytes differ."""
    import msgpack

    body = msgpack.packb(content, use_bin_type=True)
    return respond(request, body, "application/x-msgpack")


def only(request: wrappers.Request, *names: str) -> None:
    """Raises `errors.AnimateError` for a query parameter other than these."""
    for name in request.args:
        if name not in names:
            raise errors.AnimateError(
                f'There is no parameter "{name[:40]}" here. Known are: {", ".join(names)}.'
            )


def text(request: wrappers.Request, name: str, default: str | None = None) -> str:
    """A query parameter, which must be given once unless there is a default.

    Raises:
      errors.AnimateError: it is missing without a default, empty, or given twice.
    """
    if default is not None and name not in request.args:
        return default
    values = request.args.getlist(name)
    if len(values) != 1 or not values[0]:
        how = "is missing" if not any(values) else f"is given {len(values)} times"
        raise errors.AnimateError(f'The parameter "{name}" {how}. Give it once.')
    return values[0]


def integer(
    request: wrappers.Request, name: str, default: int, least: int, most: int = MAX_NUMBER
) -> int:
    """A whole number.

    Raises:
      errors.AnimateError: it is no such number, below `least`, above `most`, or given twice.
    """
    if name not in request.args:
        return default
    value = text(request, name)
    # More digits are not even worth the time to read them.
    is_number = value.isascii() and value.isdigit() and len(value) <= len(str(MAX_NUMBER))
    if not is_number or not least <= int(value) <= most:
        raise errors.AnimateError(
            f'The parameter "{name}" must be a whole number of at least {least} and at most '
            f'{most}, and is "{value[:40]}".'
        )
    return int(value)


def _answer(
    handler: Callable[[wrappers.Request], wrappers.Response], request: wrappers.Request
) -> wrappers.Response:
    if request.method not in ("GET", "HEAD"):
        return _sentence(
            request,
            f"The method {request.method} does nothing here. Use GET.",
            405,
            [("Allow", "GET, HEAD")],
        )
    try:
        return handler(request)
    except ConnectionError:
        raise  # nobody is there to read an answer; the server drops the connection
    except errors.AnimateError as error:
        wait = [("Retry-After", str(RETRY_SECONDS))] if error.status == 503 else []
        return _sentence(request, str(error), error.status, wait)
    except tb_errors.PublicError as error:
        return _sentence(request, str(error), error.http_code, error.headers)
    except exceptions.HTTPException as error:
        return _sentence(request, error.description or error.name, error.code or 500)
    except ImportError as error:
        logger.exception("tb_animate could not load a part of itself")
        return _sentence(request, fallback.not_loaded(error), 500)
    except Exception:
        logger.exception("tb_animate failed to answer %s", request.path)
        return _sentence(
            request,
            "tb_animate failed on this request, which is a fault of its own. "
            "The log of the tensorboard process says where.",
            500,
        )


def _sentence(
    request: wrappers.Request,
    sentence: str,
    status: int,
    headers: Iterable[tuple[str, str]] = (),
) -> wrappers.Response:
    body = errors.plain(sentence)
    return respond(request, body, "text/plain", status=status, headers=headers)


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    return value
