"""Posting traffic over HTTP: few threads, connections kept, patient with a busy server."""

from __future__ import annotations

import gzip
import json
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from itertools import islice
from typing import Any, TypeVar
from urllib.parse import urlsplit

T = TypeVar("T")
TRIES = 30
TIMEOUT = 60.0
_BUSY = (429, 503)


def batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Lists of `size` items, the last one shorter."""
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch


@dataclass(frozen=True)
class Request:
    """One POST. body: what is sent as JSON. items: how many events, crashes or visits it holds."""

    path: str
    body: Any
    items: int
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Totals:
    """What was sent and what the server said of it.

    refused: items of requests that ended in an error other than "come back later".
    unsent: items of requests given up after many tries. reasons: how often each code was named.
    """

    requests: int = 0
    sent: int = 0
    stored: int = 0
    duplicates: int = 0
    rejected: int = 0
    refused: int = 0
    unsent: int = 0
    retried: int = 0
    seconds: float = 0.0
    reasons: dict[str, int] = field(default_factory=dict)

    def named(self, code: str) -> None:
        self.reasons[code] = self.reasons.get(code, 0) + 1

    def line(self) -> str:
        rate = self.sent / self.seconds if self.seconds else 0.0
        text = (
            f"sent {self.sent:,} in {self.requests:,} requests, stored {self.stored:,}, "
            f"duplicates {self.duplicates:,}, rejected {self.rejected:,}, refused {self.refused:,}, "
            f"unsent {self.unsent:,}, retried requests {self.retried:,}, "
            f"{self.seconds:.1f} s, {rate:,.0f}/s"
        )
        codes = ", ".join(f"{code} {count:,}" for code, count in sorted(self.reasons.items()))
        return f"{text}; reasons: {codes}" if codes else text


class _Sender:
    """A connection per thread; totals under one lock."""

    def __init__(self, url: str, headers: Mapping[str, str], compress: bool) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"not an http address: {url}")
        self.secure = parts.scheme == "https"
        self.host, self.port, self.prefix = parts.hostname, parts.port, parts.path.rstrip("/")
        self.headers, self.compress = dict(headers), compress
        self.totals = Totals()
        self._lock = threading.Lock()
        self._local = threading.local()
        self._connections: list[HTTPConnection] = []

    def close(self) -> None:
        for connection in self._connections:
            connection.close()

    def _connection(self) -> HTTPConnection:
        connection: HTTPConnection | None = getattr(self._local, "connection", None)
        if connection is None:
            kind: Callable[..., HTTPConnection] = HTTPSConnection if self.secure else HTTPConnection
            connection = kind(self.host, self.port, timeout=TIMEOUT)
            self._local.connection = connection
            self._connections.append(connection)
        return connection

    def _once(self, request: Request, body: bytes) -> tuple[int, float, dict[str, Any]]:
        """(status, seconds to wait, answer); status 0 when the connection broke."""
        headers = {"Content-Type": "application/json", **self.headers, **request.headers}
        if self.compress:
            headers["Content-Encoding"] = "gzip"
        connection = self._connection()
        try:
            connection.request("POST", self.prefix + request.path, body, headers)
            response = connection.getresponse()
            text = response.read()
        except (OSError, HTTPException):
            connection.close()
            return 0, 0.5, {}
        return response.status, _retry_after(response), _answer(text)

    def post(self, request: Request) -> None:
        body = json.dumps(request.body, separators=(",", ":")).encode()
        if self.compress:
            body = gzip.compress(body, 4)
        status, pause, answer = 0, 0.0, dict[str, Any]()
        for number in range(TRIES):
            status, pause, answer = self._once(request, body)
            if status != 0 and status not in _BUSY:
                break
            if number + 1 < TRIES:
                time.sleep(pause)
                with self._lock:
                    self.totals.retried += 1
        self._count(request, status, answer)

    def _count(self, request: Request, status: int, answer: dict[str, Any]) -> None:
        totals = self.totals
        with self._lock:
            totals.requests += 1
            totals.sent += request.items
            if 200 <= status < 300:
                # A single crash answers without counts: accepted is all there is to know.
                totals.stored += int(answer.get("events_stored", request.items))
                totals.duplicates += int(answer.get("duplicates", 0))
                rejected = answer.get("rejected", [])
                totals.rejected += len(rejected)
                for entry in rejected:
                    totals.named(str(entry.get("code")))
            elif status == 0 or status in _BUSY:
                totals.unsent += request.items
                totals.named(f"status_{status}")
            else:
                totals.refused += request.items
                totals.named(str(answer.get("code", f"status_{status}")))


def _retry_after(response: HTTPResponse) -> float:
    try:
        return min(120.0, max(0.05, float(response.getheader("Retry-After", ""))))
    except ValueError:
        return 1.0


def _answer(text: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(text)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}


def basic(login: str) -> dict[str, str]:
    """The header for "name:password"."""
    return {"Authorization": "Basic " + b64encode(login.encode()).decode()}


def send(
    url: str,
    requests: Iterable[Request],
    *,
    threads: int = 4,
    compress: bool = False,
    headers: Mapping[str, str] | None = None,
    progress: Callable[[Totals], None] | None = None,
) -> Totals:
    """Post every request; a 429 or 503 is sent again after its Retry-After, unchanged.

    Reads the iterable only a few requests ahead. `progress` is called about once a second.
    Raises ValueError for a url that is not http.
    """
    sender = _Sender(url, headers or {}, compress)
    started = reported = time.monotonic()
    running: set[Future[None]] = set()
    with closing(sender), ThreadPoolExecutor(threads) as pool:
        for request in requests:
            running.add(pool.submit(sender.post, request))
            if len(running) >= threads * 2:
                done, running = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    future.result()
            if progress and time.monotonic() - reported >= 1.0:
                reported = time.monotonic()
                sender.totals.seconds = reported - started
                progress(sender.totals)
        for future in running:
            future.result()
    sender.totals.seconds = time.monotonic() - started
    return sender.totals
