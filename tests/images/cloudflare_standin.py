"""A stand-in of Cloudflare Images on loopback: the requests and answers of API v4 that we use, as its
documentation and its clients tell them. And what the tests of images share."""

from __future__ import annotations

import email.policy
import json
import logging
import re
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote
from uuid import UUID

from stories.config import Config

TOKEN, ACCOUNT, HASH = (
    "t0ken-of-the-tests",
    "0123456789abcdef0123456789abcdef",
    "Vi7wi5KSItxGFsWRG2Us6Q",
)
PNG = b"\x89PNG\r\n\x1a\n" + b"pixels" * 100
PATH = re.compile(r"/client/v4/accounts/([^/]+)/images/v1(?:/([^/]+))?")


@dataclass
class Trouble:
    """What the next request meets. lost: done all the same, and only the answer does not arrive."""

    status: int = 0
    code: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    hang: bool = False
    lost: bool = False


class Cloudflare:
    """images: what is stored, by id. uploads: the ids of all that it looked at, refused ones too.
    requests: how many came, those that met trouble too."""

    def __init__(self) -> None:
        self.images: dict[str, bytes] = {}
        self.types: dict[str, str] = {}
        self.uploads: list[str] = []
        self.deletions: list[str] = []
        self.requests = 0
        self.token = TOKEN
        self.troubles: list[Trouble] = []
        self.arrived, self.go_on = threading.Event(), threading.Event()
        self.guard = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def settings(self) -> dict[str, str]:
        """As the environment has them."""
        port = self._server.server_address[1]
        return {
            "CLOUDFLARE_API_TOKEN": TOKEN,
            "CLOUDFLARE_ACCOUNT_ID": ACCOUNT,
            "CLOUDFLARE_ACCOUNT_HASH": HASH,
            "CLOUDFLARE_API_URL": f"http://127.0.0.1:{port}/client/v4",
        }

    def config(self, **changes: Any) -> Config:
        settings: dict[str, Any] = {k.lower(): v for k, v in self.settings.items()}
        return Config(**{**settings, "ratelimit_enabled": False, "run_jobs": False, **changes})

    def stop(self) -> None:
        self.go_on.set()
        self._server.shutdown()
        self._server.server_close()


def _handler(standin: Cloudflare) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None:
            pass

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.meet(lambda: self.upload(body))

        def do_DELETE(self) -> None:
            self.meet(self.delete)

        def meet(self, work: Any) -> None:
            standin.requests += 1
            trouble = standin.troubles.pop(0) if standin.troubles else Trouble()
            done = work() if trouble.lost else None
            standin.arrived.set()
            if trouble.hang:
                standin.go_on.wait(30)
                if trouble.status == -1 or trouble.lost:
                    self.close_connection = True
                    return
            if trouble.status > 0:
                self.answer(trouble.status, None, trouble.code, trouble.headers)
                return
            self.answer(*(done or work()))

        def refusal(self) -> tuple[int, None, int] | None:
            account = PATH.fullmatch(self.path)
            if account is None:
                return 404, None, 7000
            if self.headers.get("Authorization") != f"Bearer {standin.token}":
                return 403, None, 10000
            return (403, None, 5403) if account[1] != ACCOUNT else None

        def upload(self, body: bytes) -> tuple[int, Any, int]:
            head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
            parts = {
                part.get_param("name", header="content-disposition"): part
                for part in BytesParser(policy=email.policy.HTTP)
                .parsebytes(head + body)
                .iter_parts()
            }
            name, file = str(parts["id"].get_content()).strip(), parts["file"]
            data = file.get_payload(decode=True)
            assert isinstance(data, bytes)
            with standin.guard:
                standin.uploads.append(name)
                refused = self.refusal() or self.unfit(name, data)
                if refused:
                    return refused
                standin.images[name] = data
                standin.types[name] = file.get_content_type()
            return 200, described(name, file.get_filename()), 0

        def unfit(self, name: str, data: bytes) -> tuple[int, None, int] | None:
            if is_uuid(name):
                return 400, None, 5400
            if len(data) > 10 * 1024**2:
                return 413, None, 5413
            if not data.startswith((b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF")):
                return 415, None, 5455
            return (409, None, 5409) if name in standin.images else None

        def delete(self) -> tuple[int, Any, int]:
            refused = self.refusal()
            if refused:
                return refused
            found = PATH.fullmatch(self.path)
            name = unquote(found[2] if found else "")
            with standin.guard:
                standin.deletions.append(name)
                gone = standin.images.pop(name, None)
            return (404, None, 5404) if gone is None else (200, {}, 0)

        def answer(
            self, status: int, result: Any, code: int, headers: dict[str, str] | None = None
        ) -> None:
            errors = (
                [{"code": code, "message": f"ERROR {code}: {TOKEN} is repeated"}] if code else []
            )
            body = json.dumps(
                {"result": result, "success": status == 200, "errors": errors, "messages": []}
            ).encode()
            self.send_response(status)
            for key, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
                self.send_header(key, value)
            self.end_headers()
            self.wfile.write(body)

    return Handler


def described(name: str, filename: str | None) -> dict[str, Any]:
    return {
        "id": name,
        "filename": filename,
        "uploaded": "2026-11-21T10:00:00.000Z",
        "requireSignedURLs": False,
        "variants": [f"https://imagedelivery.net/{HASH}/{name}/public"],
    }


def is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


class Clock:
    def __init__(self) -> None:
        self.now = datetime.now(UTC) + timedelta(seconds=5)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **amount: float) -> None:
        self.now += timedelta(**amount)


class Told(logging.Handler):
    """Lines of a logger, kept."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.levelname} {record.getMessage()}")
