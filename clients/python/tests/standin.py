"""A small server with the protocol's rules and faults on demand.

It keeps what was committed the way the real one does: an item is known by its id and its time.
"""

from __future__ import annotations

import gzip
import json
import socket
import threading
import time
import urllib.error
import urllib.request
from collections import deque
from datetime import datetime, timezone
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol, Union

from stories_analytics import AsyncClient

LISTS = {
    "/track": "event",
    "/api/visits": "visit",
    "/api/generations": "generation",
    "/api/bot/events": "bot",
}
Fault = Union[int, str, tuple[int, str]]


class MakeClient(Protocol):
    """The fixture `make_client`: a client of the test's server, with these options."""

    def __call__(self, **options: Any) -> AsyncClient: ...


class StandIn:
    """Faults are taken from `faults`, one per POST: a status, (status, Retry-After), "lost" (commit
    and hang up), "reset" (hang up before the commit), "slow" (wait 3 s), "html" (a captive portal),
    or "ok". `max_items` and `max_bytes` give 413; `poison` is an event name that is rejected. With
    `upstream` it is a proxy in front of a real server."""

    def __init__(self, upstream: str | None = None) -> None:
        self.upstream = upstream
        self.faults: deque[Fault] = deque()
        self.max_items = 5000
        self.max_bytes = 5 * 1024 * 1024
        self.poison = "poison"
        self.app_key: str | None = None
        self.clock_ahead = 0.0
        self.healthy = True
        self.stored: dict[tuple[str, str, str], dict[str, Any]] = {}
        self.deliveries: list[tuple[str, bytes]] = []
        self.posts: list[tuple[float, str, int]] = []
        self.headers: list[dict[str, str]] = []
        self.lock = threading.Lock()
        self._server: ThreadingHTTPServer | None = None
        self.port = _free_port()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> StandIn:
        handler = type("Handler", (_Handler,), {"owner": self})
        self._server = _Server(("127.0.0.1", self.port), handler)
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def now(self) -> str:
        moment = datetime.fromtimestamp(time.time() + self.clock_ahead, timezone.utc)
        return moment.isoformat().replace("+00:00", "Z")

    def items(self, kind: str) -> list[dict[str, Any]]:
        with self.lock:
            return [item for key, item in self.stored.items() if key[0] == kind]

    def commit(self, kind: str, items: list[Any]) -> tuple[int, list[dict[str, Any]]]:
        """(duplicates, rejected)"""
        rejected: list[dict[str, Any]] = []
        duplicates = 0
        with self.lock:
            for index, item in enumerate(items):
                if item.get("event") == self.poison or item.get("event_name") == self.poison:
                    rejected.append({"index": index, "code": "unknown_event", "error": "no"})
                    continue
                key = (kind, str(item["id"]), str(item.get("timestamp") or item["created_at"]))
                duplicates += key in self.stored
                self.stored[key] = item
        return duplicates, rejected


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        return  # clients that were killed hang up; that is the point


class _Handler(BaseHTTPRequestHandler):
    owner: StandIn

    def log_message(self, format: str, *args: Any) -> None:
        return

    def do_GET(self) -> None:
        if self.owner.upstream is not None:
            return self._answer(*self._forward(None))
        healthy = self.owner.healthy
        status = "healthy" if healthy else "unhealthy"
        self._answer(200 if healthy else 503, {"status": status, "timestamp": self.owner.now()})

    def do_POST(self) -> None:
        owner = self.owner
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        fault: Fault = "ok"
        with owner.lock:
            owner.deliveries.append((self.path, body))
            owner.headers.append({name.lower(): value for name, value in self.headers.items()})
            if owner.faults:
                fault = owner.faults.popleft()
        if fault == "slow":
            time.sleep(3.0)
        if fault == "reset":
            return self._hang_up()
        if fault == "html":
            return self._answer(200, b"<html>please log in</html>")
        if isinstance(fault, (int, tuple)):
            status, retry_after = fault if isinstance(fault, tuple) else (fault, None)
            return self._refuse(status, "fault", retry_after=retry_after)
        status, reply = self._take(body)
        if fault == "lost":
            return self._hang_up()
        self._answer(status, reply)

    def _take(self, body: bytes) -> tuple[int, dict[str, Any]]:
        owner = self.owner
        if owner.upstream is not None:
            return self._forward(body)
        if owner.app_key is not None and self.headers.get("X-App-Key") != owner.app_key:
            return 401, _error("wrong_app_key")
        if len(body) > owner.max_bytes:
            return 413, _error("too_large")
        parsed = json.loads(body)
        if self.path == "/crash":
            owner.commit("crash", [parsed])
            return 200, {"success": True, "crash_id": "1", "timestamp": owner.now()}
        items = parsed["events"] if self.path == "/track" else parsed
        if len(items) > owner.max_items:
            return 413, _error("too_large")
        duplicates, rejected = owner.commit(LISTS[self.path], items)
        if len(rejected) == len(items):
            return 400, {**_error("nothing_valid"), "details": rejected}
        return 200, {
            "success": True,
            "events_received": len(items) - len(rejected),
            "events_stored": len(items) - len(rejected) - duplicates,
            "duplicates": duplicates,
            "rejected": rejected,
            "timestamp": owner.now(),
        }

    def _forward(self, body: bytes | None) -> tuple[int, dict[str, Any]]:
        """What the real server answers."""
        headers = {"Content-Type": "application/json"}
        if "X-App-Key" in self.headers:
            headers["X-App-Key"] = self.headers["X-App-Key"]
        request = urllib.request.Request(f"{self.owner.upstream}{self.path}", body, headers)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.loads(error.read())

    def _refuse(self, status: int, code: str, retry_after: str | None) -> None:
        self._answer(status, _error(code), {"Retry-After": retry_after} if retry_after else {})

    def _hang_up(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def _answer(
        self, status: int, body: bytes | dict[str, Any], headers: dict[str, str] | None = None
    ) -> None:
        self.owner.posts.append((time.monotonic(), self.path, status))
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response_only(status)
        self.send_header("Date", formatdate(time.time() + self.owner.clock_ahead, usegmt=True))
        self.send_header("Content-Length", str(len(raw)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(raw)


def _error(code: str) -> dict[str, Any]:
    return {"success": False, "error": code, "code": code, "details": []}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
