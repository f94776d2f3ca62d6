"""Every request gets an id, under which it is logged if it fails, and is counted."""

from __future__ import annotations

import os
import re
import time
from typing import Any

from flask import Flask, Request, Response, request

from stories import logs, prometheus
from stories.config import Config

_SENT_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


def request_id(sent: str, config: Config) -> str:
    """A new one, or the one that a proxy in front of us has given."""
    is_trusted = config.trusted_proxies and _SENT_ID.fullmatch(sent)
    return sent if is_trusted else os.urandom(8).hex()


def install(app: Flask, config: Config) -> None:
    """First of all the hooks, so that what refuses a request is seen too."""

    @app.before_request
    def begin() -> None:
        environ = request.environ
        logs.request_id.set(request_id(environ.get("HTTP_X_REQUEST_ID", ""), config))
        environ["stories.began"] = time.perf_counter()

    @app.after_request
    def end(response: Response) -> Response:
        current = request._get_current_object()  # type: ignore[attr-defined]
        route = current.url_rule.rule if current.url_rule else "none"
        prometheus.request(route, current.method, response.status_code, _seconds(current))
        response.headers.add("X-Request-Id", logs.request_id.get())
        return response


def about(status: int) -> dict[str, Any]:
    """What a log entry tells of the request that failed, as `extra`."""
    route = request.url_rule.rule if request.url_rule else "none"
    taken = round(_seconds(request) * 1000, 1)
    method = request.method if request.method in prometheus.METHODS else "other"
    return {"request": {"method": method, "route": route, "status": status, "ms": taken}}


def _seconds(sent: Request) -> float:
    return time.perf_counter() - float(sent.environ["stories.began"])
