"""Refusing what comes on top of what a worker can do, while refusing is still cheap.

At three times the capacity connections would wait in the worker, then in the kernel, and end without an
answer; a refusal costs a fraction of a request, and tells its client to come again.
"""

from __future__ import annotations

from typing import Any

import msgspec

import metrics
from errors import ApiError
from web.patience import Body

# Posts of one worker between their body and their answer: some tenths of a second of work. 32 clients
# that wait for their answers, the bench's load, keep 16 in each of two workers.
MAX_WORKING = 128
RETRY_SECONDS = 1
BUSY = msgspec.json.encode(
    ApiError(503, "busy", "the server has more to do than it can: send this again").body()
)
HEADERS = [
    ("Content-Type", "application/json"),
    ("Content-Length", str(len(BUSY))),
    ("Retry-After", str(RETRY_SECONDS)),
]


class Shedding:
    """WSGI middleware. Who is still sending a body is not counted: two hundred slow clients keep
    nobody out. Reads are let through: the pool of connections bounds them."""

    def __init__(self, wsgi: Any) -> None:
        self._wsgi = wsgi
        self._posts = 0

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        if environ["REQUEST_METHOD"] != "POST":
            return self._wsgi(environ, start_response)
        if self._posts - Body.being_read >= MAX_WORKING:
            metrics.refused_busy.inc()
            start_response("503 Service Unavailable", HEADERS)
            return [BUSY]
        self._posts += 1
        try:
            return self._wsgi(environ, start_response)
        finally:
            self._posts -= 1
