"""Refusing what comes on top of what a worker can do, while refusing is still cheap.

At three times the capacity connections would wait in the worker, then in the kernel, and end without an
answer; a refusal costs a fraction of a request, and tells its client to come again. Through Flask it
would cost 240 microseconds more, so it has here what a client needs of Flask's answers: the headers
that let a page of another site read it, and its id.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec
from flask_cors.core import get_cors_headers, serialize_options

import metrics
from config import Config
from errors import ApiError
from web.patience import Body
from web.watching import request_id

# Posts of one worker between their body and their answer: some tenths of a second of work. 32 clients
# that wait for their answers, the bench's load, keep 16 in each of two workers. At three times the
# capacity an acknowledgement takes a third of a second (p50, docs/DRILLS.md).
MAX_WORKING = 128
RETRY_SECONDS = 1
BUSY = ApiError(503, "busy", "the server has more to do than it can: send this again").body()


class Shedding:
    """WSGI middleware. Who is still sending a body is not counted: two hundred slow clients keep
    nobody out. Reads are let through: the pool of connections bounds them. open_paths: a pattern of
    what pages of CORS_ORIGINS may call."""

    def __init__(self, wsgi: Any, config: Config, open_paths: str) -> None:
        self._wsgi = wsgi
        self._posts = 0
        self._config = config
        self._open = re.compile(open_paths)
        origins = [part.strip() for part in config.cors_origins.split(",")]
        self._cors = serialize_options(
            {"origins": origins, "expose_headers": ["Retry-After"], "vary_header": True}
        )

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        if environ["REQUEST_METHOD"] != "POST":
            return self._wsgi(environ, start_response)
        if self._posts - Body.being_read >= MAX_WORKING:
            metrics.refused_busy.inc()
            return self._refuse(environ, start_response)
        self._posts += 1
        try:
            return self._wsgi(environ, start_response)
        finally:
            self._posts -= 1

    def _refuse(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        name = request_id(environ, self._config)
        body = msgspec.json.encode({**BUSY, "request_id": name})
        headers = [
            ("Content-Type", "application/json"),
            ("Content-Length", str(len(body))),
            ("Retry-After", str(RETRY_SECONDS)),
            ("X-Request-Id", name),
        ]
        if "HTTP_ORIGIN" in environ and self._open.match(environ.get("PATH_INFO", "")):
            asked = {"Origin": environ["HTTP_ORIGIN"]}
            allowed = get_cors_headers(self._cors, asked, "POST")
            headers += [(header, str(value)) for header, value in allowed.items()]
        start_response("503 Service Unavailable", headers)
        return [body]
