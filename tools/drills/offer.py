"""Requests that are sent when they are due, however slow the answers are: an open-loop client.

It shares the machine with the server, so that while it runs it does nothing but send and receive (one
epoll, some 70 microseconds a request); what the answers say is read afterwards.
"""

from __future__ import annotations

import gc
import json
import re
import select
import socket
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from tools.benchmarks.clients import post, whole
from tools.drills.load import Answer, Batch, Memory, note

GIVE_UP_SECONDS = 10.0  # as the SDKs do
LATE_SECONDS = 1.0  # a request that could not be sent for so long is not sent at all
CONNECTIONS = 2000  # as many as two workers serve at once (WEB_CONNECTIONS)
_RETRY_AFTER = re.compile(rb"\r\nRetry-After: *(\d+)", re.IGNORECASE)


@dataclass
class Offered:
    """seconds: until the last request was sent; cpu: seconds that this process computed meanwhile.
    latencies, refusals: milliseconds from when a request was due to its acknowledgement or refusal,
    in the order they were due. at: seconds since the start when each acknowledgement came. not_sent:
    requests that the client itself held back, for want of a connection or of time. unaccepted: those
    without an answer on a connection that has never brought one. again: requests sent a second time
    because a kept connection closed under them."""

    seconds: float = 0.0
    cpu: float = 0.0
    latencies: list[float] = field(default_factory=list)
    at: list[float] = field(default_factory=list)
    refusals: list[float] = field(default_factory=list)
    most_at_once: int = 0
    not_sent: int = 0
    unaccepted: int = 0
    again: int = 0


def offer(port: int, batches: Sequence[Batch], memory: Memory, rate: float) -> Offered:
    """Each batch once, `rate` a second, on kept connections, of which there are as many as it takes
    up to CONNECTIONS."""
    storm = _Storm(port, rate)
    collecting = gc.isenabled()
    gc.disable()  # a walk through everything remembered would hold up what is due
    try:
        storm.run(batches)
    finally:
        if collecting:
            gc.enable()
    for request in storm.sent:
        _write_down(request, memory, storm.offered)
    return storm.offered


@dataclass(slots=True)
class _Request:
    """due, ended: seconds since the start. answer: the bytes of it; none: it got none."""

    batch: Batch
    due: float
    sent: bool = False
    kept: bool = False  # went over a connection that had served before
    ended: float | None = None
    answer: bytes = b""


def _write_down(request: _Request, memory: Memory, offered: Offered) -> None:
    answer = Answer(0, sent=request.sent)
    if request.answer:
        head, _, body = request.answer.partition(b"\r\n\r\n")
        retry_after = _RETRY_AFTER.search(head)
        answer = Answer(
            int(head[9:12]),
            retry_after=retry_after[1].decode() if retry_after else None,
            body=json.loads(body) if body.startswith(b"{") else {},
        )
    if request.sent:
        memory.sent.update(request.batch.numbers)
    took = (request.ended or 0.0) - request.due
    memory.slowest = max(memory.slowest, took)
    if answer.status == 200:
        offered.latencies.append(took * 1000)
        offered.at.append(request.due + took)
    elif answer.status:
        offered.refusals.append(took * 1000)
    elif not request.kept:
        offered.unaccepted += 1
    note(memory, request.batch, answer)


class _Connection:
    __slots__ = ("received", "request", "socket", "to_send", "used")

    def __init__(self, port: int) -> None:
        self.socket = socket.socket()
        self.socket.setblocking(False)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.connect_ex(("127.0.0.1", port))  # the first send finds out what came of it
        self.request: _Request | None = None
        self.to_send = self.received = b""
        self.used = False  # whether it has brought an answer


class _Storm:
    def __init__(self, port: int, rate: float) -> None:
        self._port, self._rate = port, rate
        self._epoll = select.epoll()
        self._open: dict[int, _Connection] = {}  # by descriptor
        self._idle: list[_Connection] = []  # the latest is used first; closed ones are skipped
        self._running: deque[tuple[_Request, _Connection]] = deque()  # and some that have ended
        self._at_once = 0
        self._began = 0.0
        self.sent: list[_Request] = []
        self.offered = Offered()

    def run(self, batches: Sequence[Batch]) -> None:
        coming = deque(_Request(batch, n / self._rate) for n, batch in enumerate(batches))
        self._began, cpu = time.perf_counter(), time.process_time()
        while coming or self._running:
            now = self._now()
            while coming and coming[0].due <= now:
                self._start(coming.popleft(), now)
                self.offered.seconds = now
            wait = coming[0].due - self._now() if coming else 0.1
            for descriptor, what in self._epoll.poll(max(0.0, wait)):
                connection = self._open.get(descriptor)
                if connection is not None and connection.to_send:
                    self._send(connection)
                if connection is not None and what & ~select.EPOLLOUT:
                    self._receive(connection)
            self._give_up()
        self.offered.cpu = time.process_time() - cpu
        for connection in list(self._open.values()):
            self._close(connection)
        self._epoll.close()

    def _now(self) -> float:
        return time.perf_counter() - self._began

    def _start(self, request: _Request, now: float) -> None:
        connection = self._connection() if now - request.due <= LATE_SECONDS else None
        if connection is None:
            self.offered.not_sent += 1
            return
        self.sent.append(request)
        self._at_once += 1
        self.offered.most_at_once = max(self.offered.most_at_once, self._at_once)
        self._running.append((request, connection))
        self._put(request, connection)

    def _connection(self) -> _Connection | None:
        while self._idle:
            connection = self._idle.pop()
            if connection.socket.fileno() >= 0:
                return connection
        if len(self._open) >= CONNECTIONS:
            return None
        connection = _Connection(self._port)
        self._open[connection.socket.fileno()] = connection
        # Edges: what is registered never has to be changed.
        self._epoll.register(connection.socket, select.EPOLLIN | select.EPOLLOUT | select.EPOLLET)
        return connection

    def _put(self, request: _Request, connection: _Connection) -> None:
        connection.request, connection.received, request.kept = request, b"", connection.used
        connection.to_send = post(request.batch.path, request.batch.body)
        self._send(connection)

    def _send(self, connection: _Connection) -> None:
        try:
            count = connection.socket.send(connection.to_send)
        except BlockingIOError:  # it is still connecting, or full
            return
        except OSError:
            self._lose(connection)
            return
        assert connection.request is not None
        connection.request.sent = True
        connection.to_send = connection.to_send[count:]

    def _receive(self, connection: _Connection) -> None:
        try:
            data = connection.socket.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        request = connection.request
        if not data or request is None:
            self._lose(connection)
            return
        connection.received += data
        answer = whole(connection.received)
        if answer is None:
            return
        request.answer, connection.request, connection.used = connection.received, None, True
        self._end(request)
        if b"\r\nconnection: close" in answer[0].lower():
            self._close(connection)
        else:
            self._idle.append(connection)

    def _lose(self, connection: _Connection) -> None:
        """It is closed. A kept one may have been closed before the request arrived, so that goes out
        once more, as HTTP clients do (appends are idempotent)."""
        if connection.socket.fileno() < 0:
            return
        request, kept = connection.request, connection.used and not connection.received
        self._close(connection)
        if request is None:
            return
        fresh = self._connection() if kept else None
        if fresh is None:
            self._end(request)
        else:
            self.offered.again += 1
            self._running.append((request, fresh))
            self._put(request, fresh)

    def _close(self, connection: _Connection) -> None:
        self._open.pop(connection.socket.fileno(), None)
        connection.socket.close()
        connection.request, connection.to_send = None, b""

    def _end(self, request: _Request) -> None:
        request.ended = self._now()
        self._at_once -= 1

    def _give_up(self) -> None:
        """On what has waited too long."""
        over = self._now() - GIVE_UP_SECONDS
        while self._running:
            request, connection = self._running[0]
            if request.ended is None:
                if request.due > over:
                    return
                self._end(request)
                if connection.request is request:
                    self._close(connection)
            self._running.popleft()
