"""Refusing what comes on top of what a worker can do, while refusing is still cheap.

At three times the capacity connections would wait in the worker, then in the kernel, and end without an
answer; a refusal costs a fraction of a request, and tells its client to come again. What refuses most
does least else, so it goes out before anything is built for Flask or WSGI, and has what a client needs
of their answers: the headers that let a page of another site read it, and its id.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import gevent
import msgspec
from flask_cors.core import get_cors_headers, serialize_options

from stories import prometheus
from stories.config import Config
from stories.errors import ApiError
from stories.web.health import HealthProbe
from stories.web.request_log import request_id
from stories.web.slow_clients import Body

# Requests of one worker between their body and their answer: some tenths of a second of work. 32 clients
# that wait for their answers, the bench's load, keep 16 in each of two workers. At three times the
# capacity an acknowledgement takes a third of a second (p50, docs/DRILLS.md).
MAX_WORKING = 128
# Of these, reads: they are refused first, so that events find room.
MAX_READING = MAX_WORKING // 2
WRITES = ("POST", "OPTIONS")  # a page's OPTIONS is the first half of its POST
# Reads are refused too, for CALM_SECONDS, once a round of the event loop has taken longer than
# LAG_SECONDS while CROWDED connections are open: 150 clients that ask without a pause have few requests
# at work at a time, but each new request waits for some eight rounds. With fewer clients it is the
# machine that is slow, and to refuse reads would not help.
CROWDED = 32
LAG_SECONDS = 0.1
LAG_EVERY = 0.05
CALM_SECONDS = 1.0
# Never refused: who watches the server must not take a busy one for a broken one.
HEALTH = "/health"
RETRY_SECONDS = 1
# SDKs of Sentry's look for another header (intake/adapters/sentry.py).
SENTRY_PATHS = re.compile(r"/api/(?:[0-9]+/(?:envelope|store)|tunnel)/?\Z")
SENTRY_RETRY = {"X-Sentry-Rate-Limits": f"{RETRY_SECONDS}::organization"}
BUSY = ApiError(503, "busy", "the server has more to do than it can: send this again").body()


class LoadShedding:
    """WSGI middleware, one in a process, that counts the requests at work; web/worker.py asks it before
    it builds a request. Who is still sending a body, or waits for its turn (web/work.py), is not
    counted: two hundred slow clients keep nobody out. cors: patterns of what pages of CORS_ORIGINS may
    call, with flask-cors' options."""

    _requests = 0  # of this process
    _reads = 0
    _connections = 0
    _reads_from = 0.0  # when reads are taken again, by time.monotonic

    def __init__(
        self, wsgi: Any, cors: dict[str, dict[str, Any]], config: Config, health: HealthProbe
    ) -> None:
        self._wsgi = wsgi
        self._health = health
        self._config = config
        self._cors: list[tuple[re.Pattern[str], Any]] = []
        for paths, options in cors.items():
            known: Any = {**options, "vary_header": True}
            self._cors.append((re.compile(paths), serialize_options(known)))

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        is_read = environ["REQUEST_METHOD"] not in WRITES
        LoadShedding._requests += 1
        LoadShedding._reads += is_read
        try:
            return self._wsgi(environ, start_response)
        finally:
            LoadShedding._requests -= 1
            LoadShedding._reads -= is_read

    @staticmethod
    def at_work() -> int:
        return LoadShedding._requests - Body.being_read

    @staticmethod
    @contextmanager
    def connected() -> Iterator[None]:
        """While a client is connected, busy or idle."""
        LoadShedding._connections += 1
        try:
            yield
        finally:
            LoadShedding._connections -= 1

    @staticmethod
    def is_crowded() -> bool:
        return LoadShedding._connections >= CROWDED

    @staticmethod
    def must_refuse(method: str, path: str) -> bool:
        if method not in WRITES and (
            LoadShedding._reads >= MAX_READING or time.monotonic() < LoadShedding._reads_from
        ):
            return True
        return LoadShedding.at_work() >= MAX_WORKING

    @staticmethod
    def watch_lag() -> None:
        """Runs in a greenlet of its own: how late its timer is, is how long a round takes."""
        while True:
            began = time.monotonic()
            gevent.sleep(LAG_EVERY)
            now = time.monotonic()
            if now - began > LAG_EVERY + LAG_SECONDS and LoadShedding.is_crowded():
                LoadShedding._reads_from = now + CALM_SECONDS

    def refusal(
        self, method: str, path: str, sent: Mapping[str, str], connection: str
    ) -> bytes | None:
        """The answer as it goes over the wire; to /health the last one, and None if that is too old: the
        app has to answer. sent: headers of the request, names in capitals; connection: what is to
        become of it, "keep-alive" or "close"."""
        name = request_id(sent.get("X-REQUEST-ID", ""), self._config)
        status, retry = "503 Service Unavailable", {"Retry-After": RETRY_SECONDS}
        if path == HEALTH:
            body = self._health.kept_answer()
            if body is None:
                return None
            status, retry = "200 OK", {}
        else:
            prometheus.refused_busy.inc()
            body = msgspec.json.encode({**BUSY, "request_id": name})
        headers = {
            "Content-Type": "application/json",
            "Content-Length": len(body),
            "Connection": connection,
            "X-Request-Id": name,
            **retry,
            **(SENTRY_RETRY if SENTRY_PATHS.match(path) else {}),
        }
        if "ORIGIN" in sent:
            for paths, options in self._cors:
                if paths.match(path):
                    headers |= get_cors_headers(options, {"Origin": sent["ORIGIN"]}, method)
        head = "".join(f"{header}: {value}\r\n" for header, value in headers.items())
        start = f"HTTP/1.1 {status}\r\n{head}\r\n".encode("latin-1")
        return start if method == "HEAD" else start + body
