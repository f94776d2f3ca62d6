"""Between an SDK and the server: it writes down what passes, loses answers, and can be away."""

from __future__ import annotations

import gzip
import itertools
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "host"}
# What an SDK asks rather than tells.
QUESTIONS = ("/flags", "/decide", "/array/")
_addresses = itertools.count(1)


@dataclass
class Exchange:
    """headers: of the request, in lower case. body: as it was sent."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    status: int
    answer_headers: dict[str, str]

    @property
    def text(self) -> str:
        """Of the body, where it is plain or gzip."""
        plain = gzip.decompress(self.body) if self.coding == "gzip" else self.body
        return plain.decode(errors="replace")

    @property
    def coding(self) -> str | None:
        """How the body is compressed, said or not."""
        magic = "gzip" if self.body.startswith(b"\x1f\x8b") else None
        return self.headers.get("content-encoding") or magic


class Proxy:
    """Listens on a port of its own. The server takes each proxy for another client, by `address`."""

    def __init__(self, server_port: int) -> None:
        self.server_port = server_port
        self.exchanges: list[Exchange] = []
        self.losing: str | None = None  # the answer to the next request that has this text
        self.move()
        self._sockets: set[socket.socket] = set()
        self._listen(0)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def move(self) -> None:
        """Be another client."""
        number = next(_addresses)
        self.address = f"203.0.{number // 250}.{number % 250 + 1}"

    def sent(self) -> list[Exchange]:
        """What told something, in order."""
        return [
            exchange
            for exchange in list(self.exchanges)
            if exchange.method == "POST" and not exchange.path.startswith(QUESTIONS)
        ]

    def statuses(self) -> list[int]:
        return [exchange.status for exchange in self.sent()]

    def has_answered(self, status: int) -> bool:
        return status in self.statuses()

    def told(self) -> str:
        """For whoever reads a failure."""
        return ", ".join(f"{each.path.partition('?')[0]} {each.status}" for each in self.sent())

    def go_away(self) -> None:
        """Connections are refused, those that are open end."""
        self._server.shutdown()
        self._server.server_close()
        for each in list(self._sockets):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def come_back(self) -> None:
        self._listen(self.port)

    def forward(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Exchange:
        """One request to the server, as from this client. Raises OSError."""
        kept = {name: text for name, text in headers.items() if name not in HOP_BY_HOP}
        connection = HTTPConnection("127.0.0.1", self.server_port, timeout=60)
        try:
            connection.request(method, path, body, {**kept, "X-Forwarded-For": self.address})
            response = connection.getresponse()
            self._content = response.read()
            answer = {name.lower(): text for name, text in response.getheaders()}
            return Exchange(method, path, headers, body, response.status, answer)
        finally:
            connection.close()

    def _listen(self, port: int) -> None:
        self._server = _Server(("127.0.0.1", port), _handler(self))
        self.port = int(self._server.server_address[1])
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """An SDK that is gone is no error of ours."""


def _handler(proxy: Proxy) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            super().setup()
            proxy._sockets.add(self.connection)

        def finish(self) -> None:
            proxy._sockets.discard(self.connection)
            with suppress(OSError):
                super().finish()

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing."""

        def _pass_on(self) -> None:
            headers = {name.lower(): text for name, text in self.headers.items()}
            body = _body(self.rfile.readline, self.rfile.read, headers)
            try:
                exchange = proxy.forward(self.command, self.path, headers, body)
            except (OSError, HTTPException):  # the server is gone
                self.close_connection = True
                return
            content = proxy._content
            is_told = exchange.method == "POST" and not self.path.startswith(QUESTIONS)
            proxy.exchanges.append(exchange)
            if proxy.losing is not None and is_told and proxy.losing in exchange.text:
                proxy.losing = None
                self.close_connection = True
                return
            self.send_response_only(exchange.status)
            for name, text in exchange.answer_headers.items():
                if name not in HOP_BY_HOP:
                    self.send_header(name, text)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_OPTIONS = do_PUT = _pass_on  # noqa: N815

    return Handler


def _body(
    line: Callable[[], bytes], read: Callable[[int], bytes], headers: dict[str, str]
) -> bytes:
    if headers.get("transfer-encoding", "").lower() != "chunked":
        return read(int(headers.get("content-length", 0)))
    body = b""
    while size := int(line().split(b";")[0], 16):
        body += read(size)
        line()
    while line().strip():
        """Trailers."""
    return body
