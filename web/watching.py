"""Every request gets an id and is counted; what went wrong on our side is logged under that id."""

from __future__ import annotations

import logging
import os
import re
import time

from flask import Flask, Response, request

import logs
import metrics
from config import Config

log = logging.getLogger("stories.web")
_SENT_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


def install(app: Flask, config: Config) -> None:
    """First of all the hooks, so that what refuses a request is seen too."""

    @app.before_request
    def begin() -> None:
        environ = request.environ
        sent = environ.get("HTTP_X_REQUEST_ID", "") if config.trusted_proxies else ""
        logs.request_id.set(sent if _SENT_ID.fullmatch(sent) else os.urandom(8).hex())
        environ["stories.began"] = time.perf_counter()

    @app.after_request
    def end(response: Response) -> Response:
        asked = request._get_current_object()  # type: ignore[attr-defined]
        seconds = time.perf_counter() - asked.environ["stories.began"]
        route = asked.url_rule.rule if asked.url_rule else "none"
        status = response.status_code
        metrics.request(route, asked.method, status, seconds)
        if status >= 500:
            about = {"route": route, "status": status, "ms": round(seconds * 1000, 1)}
            log.warning("a request failed", extra={"request": about})
        response.headers["X-Request-Id"] = logs.request_id.get()
        return response
