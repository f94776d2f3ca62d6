"""Stand-ins for what messages are sent to: a mail server and a webhook that behaves as it is told."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import msgspec
from aiosmtpd.controller import Controller


class Mailbox:
    """What a mail server was sent. refuses: what it answers to each message, while it is set."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.refuses: str | None = None

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if self.refuses:
            return self.refuses
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 taken"


@contextmanager
def mail_server() -> Iterator[tuple[Mailbox, str]]:
    """The mailbox, and SMTP_URL."""
    mailbox = Mailbox()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield mailbox, f"smtp://127.0.0.1:{port}"
    finally:
        controller.stop()


class Hook:
    """What a webhook was sent, by its path: (headers, body). Its path says how it answers: /ok, /fail,
    /slow, /hang, /redirect, or /gone."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.taken: dict[str, list[tuple[dict[str, str], bytes]]] = {}
        self.at_once: dict[str, int] = {}
        self.most_at_once: dict[str, int] = {}
        self.released = threading.Event()

    def keys(self, path: str) -> list[str]:
        return [headers["Idempotency-Key"] for headers, _ in self.taken.get(path, [])]

    def payloads(self, path: str) -> list[dict[str, Any]]:
        return [msgspec.json.decode(body) for _, body in self.taken.get(path, [])]


@contextmanager
def webhook() -> Iterator[Hook]:
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            path = self.path.partition("?")[0]
            with lock:
                hook.taken.setdefault(path, []).append((dict(self.headers), body))
                hook.at_once[path] = hook.at_once.get(path, 0) + 1
                hook.most_at_once[path] = max(hook.most_at_once.get(path, 0), hook.at_once[path])
            if path == "/slow":
                time.sleep(0.05)
            if path == "/hang":
                hook.released.wait(30)
            with lock:
                hook.at_once[path] -= 1
            status = {"/fail": 500, "/redirect": 302, "/gone": 410}.get(path, 200)
            self.send_response(status)
            if path == "/redirect":
                self.send_header("Location", f"{hook.url}/secret")
            self.end_headers()
            self.wfile.write(f"you asked for {self.path}".encode())

        def do_GET(self) -> None:
            self.do_POST()

        def log_message(self, *_: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 64

        def handle_error(self, *_: Any) -> None:
            pass  # who asked has gone

    server = Server(("127.0.0.1", 0), Handler)
    hook = Hook(f"http://127.0.0.1:{server.server_port}")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield hook
    finally:
        hook.released.set()
        server.shutdown()
        server.server_close()
