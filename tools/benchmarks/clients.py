"""Many connections from one process, lean: sockets and a selector, requests made beforehand.

The generator shares the machine with what it measures, so each microsecond here is one less there.
"""

from __future__ import annotations

import re
import selectors
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

_LENGTH = re.compile(rb"\r\n[Cc]ontent-[Ll]ength: *(\d+)")
_RETRY = (429, 503)


def post(path: str, body: bytes, headers: Sequence[str] = ()) -> bytes:
    """The bytes of a POST on a kept connection."""
    lines = [f"POST {path} HTTP/1.1", "Host: localhost", "Content-Type: application/json",
             f"Content-Length: {len(body)}", *headers]  # fmt: skip
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def whole(received: bytes) -> tuple[bytes, bytes] | None:
    """Head and body of an answer, once all of it is there."""
    head, blank_line, body = received.partition(b"\r\n\r\n")
    length = _LENGTH.search(head)
    return (head, body) if blank_line and not (length and len(body) < int(length[1])) else None


@dataclass
class Result:
    """seconds: from the first byte to the last acknowledgement. latencies: milliseconds, sorted,
    each from when the request was due. refused: answers of 429 and 503, after which it was sent
    again. bad: other answers than 200, by status."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    refused: int = 0
    reconnected: int = 0
    bad: dict[int, int] = field(default_factory=dict)


class _Connection:
    __slots__ = ("due", "received", "request", "socket", "to_send")

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)
        self.request = b""
        self.to_send = memoryview(b"")
        self.received = b""
        self.due = 0.0


class Clients:
    """Sends all `requests` over `connections` connections. rate: requests a second, sent when they
    are due, however slow the answers are; None: each connection sends as soon as it is answered."""

    def __init__(
        self, port: int, requests: Sequence[bytes], connections: int = 32, rate: float | None = None
    ) -> None:
        self._port, self._requests, self._rate = port, requests, rate
        self._selector = selectors.DefaultSelector()
        self._idle = [_Connection(port) for _ in range(connections)]
        for connection in self._idle:
            self._selector.register(connection.socket, selectors.EVENT_READ, connection)
        self._next = self._answered = 0
        self._result = Result()

    def run(self) -> Result:
        began = time.perf_counter()
        while self._answered < len(self._requests):
            wait = self._start(began)
            for key, mask in self._selector.select(wait):
                if mask & selectors.EVENT_WRITE:
                    self._send(key.data)
                if mask & selectors.EVENT_READ:
                    self._receive(key.data)
        self._result.seconds = time.perf_counter() - began
        for key in list(self._selector.get_map().values()):
            key.data.socket.close()
        self._selector.close()
        self._result.latencies.sort()
        return self._result

    def _start(self, began: float) -> float | None:
        """Send what is due; returns how long until the next is."""
        while self._idle and self._next < len(self._requests):
            now = time.perf_counter()
            due = now if self._rate is None else began + self._next / self._rate
            if due > now:
                return due - now
            connection = self._idle.pop()
            connection.request, connection.due = self._requests[self._next], due
            self._next += 1
            self._begin(connection)
        return None

    def _begin(self, connection: _Connection) -> None:
        connection.to_send, connection.received = memoryview(connection.request), b""
        self._send(connection)

    def _send(self, connection: _Connection) -> None:
        try:
            connection.to_send = connection.to_send[connection.socket.send(connection.to_send) :]
        except BlockingIOError:
            pass
        except OSError:
            self._reconnect(connection)
            return
        waiting = selectors.EVENT_READ | (selectors.EVENT_WRITE if connection.to_send else 0)
        if self._selector.get_key(connection.socket).events != waiting:
            self._selector.modify(connection.socket, waiting, connection)

    def _receive(self, connection: _Connection) -> None:
        try:
            data = connection.socket.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._reconnect(connection)
            return
        connection.received += data
        if answer := whole(connection.received):
            self._finish(connection, int(answer[0][9:12]))

    def _finish(self, connection: _Connection, status: int) -> None:
        if status in _RETRY:
            self._result.refused += 1
            self._begin(connection)
            return
        if status != 200:
            self._result.bad[status] = self._result.bad.get(status, 0) + 1
        self._result.latencies.append((time.perf_counter() - connection.due) * 1000)
        self._answered += 1
        connection.request = b""
        self._idle.append(connection)

    def _reconnect(self, connection: _Connection) -> None:
        """The server closed it; what was not answered is sent again (appends are idempotent)."""
        self._selector.unregister(connection.socket)
        connection.socket.close()
        fresh = _Connection(self._port)
        fresh.request, fresh.due = connection.request, connection.due
        self._selector.register(fresh.socket, selectors.EVENT_READ, fresh)
        self._result.reconnected += 1
        if connection.request:
            self._begin(fresh)
        else:
            self._idle = [fresh if idle is connection else idle for idle in self._idle]
