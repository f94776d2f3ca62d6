"""What sentry-cli and curl send, over raw HTTP: bundles, chunks, forms."""

from __future__ import annotations

import gzip
import io
import json
import time
import zipfile
from collections.abc import Sequence
from hashlib import sha1
from http.client import HTTPConnection
from typing import Any
from uuid import uuid4

from stories.config import ROOT
from tests.support import basic

ID = "5ac3ab1a-4b1c-5e6d-9fe3-0123456789ab"
OTHER_ID = "00000000-4b1c-5e6d-9fe3-0123456789ab"
CHUNK = 2**20
FIXTURES = ROOT / "tests" / "fixtures" / "symbols"
OWNER = basic("admin", "admin")
ORGANIZATION = "/api/0/organizations/any"


def checksum(data: bytes) -> str:
    return sha1(data, usedforsecurity=False).hexdigest()


def source_map(debug_id: str | None = ID, **more: Any) -> bytes:
    body = {"version": 3, "sources": ["a.ts"], "names": [], "mappings": "AAAA", **more}
    return json.dumps(body | ({"debugId": debug_id} if debug_id else {})).encode()


def script(debug_id: str | None = ID, text: str = "x()") -> bytes:
    last = f"\n//# debugId={debug_id}" if debug_id else ""
    return f"{text}\n//# sourceMappingURL=app.js.map{last}\n".encode()


def manifest(debug_id: str | None = ID, **more: Any) -> dict[str, Any]:
    """As sentry-cli writes it for app.js and its map."""
    ids = {"debug-id": debug_id} if debug_id else {}
    return {
        "files": {
            "_/_/app.js": {
                "type": "minified_source",
                "url": "~/app.js",
                "headers": {"sourcemap": "app.js.map", **ids},
            },
            "_/_/app.js.map": {"type": "source_map", "url": "~/app.js.map", "headers": ids},
        },
        **more,
    }


def zipped(
    entries: dict[str, bytes], start: bytes = b"SYSB\x02\0\0\0", method: int = zipfile.ZIP_DEFLATED
) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return start + buffer.getvalue()


def bundle(
    debug_id: str | None = ID, release: str | None = None, entries: dict[str, bytes] | None = None
) -> bytes:
    files = {"_/_/app.js": script(debug_id), "_/_/app.js.map": source_map(debug_id)}
    described = manifest(debug_id, **({"release": release} if release else {}))
    return zipped(
        {"manifest.json": json.dumps(described).encode(), **files} if entries is None else entries
    )


class Client:
    """One API token's calls. token: made with these scopes, of one app if that is named."""

    def __init__(self, port: int, scopes: tuple[str, ...] = ("upload",), app: str | None = None):
        self.port = port
        self.token = ""
        body = {"name": uuid4().hex[:10], "scopes": list(scopes), **({"app": app} if app else {})}
        status, answer = self.json("POST", "/tokens", body, OWNER)
        assert status == 200, answer
        self.token = answer["secret"]

    def call(
        self, method: str, path: str, body: bytes | None = None, headers: Any = None
    ) -> tuple[int, bytes]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=200)
        given = {"Authorization": f"Bearer {self.token}", **(headers or {})}
        connection.request(method, path, body, given)
        answer = connection.getresponse()
        data = answer.read()
        connection.close()
        return answer.status, data

    def json(
        self, method: str, path: str, body: Any = None, headers: Any = None
    ) -> tuple[int, Any]:
        data = None if body is None else json.dumps(body).encode()
        status, answer = self.call(method, path, data, headers)
        return status, json.loads(answer) if answer else None

    def form(
        self, parts: Sequence[tuple[str, str | None, bytes]], path: str = "/artifacts"
    ) -> tuple[int, Any]:
        """parts: name, file name, bytes."""
        boundary = uuid4().hex
        status, answer = self.call(
            "POST",
            path,
            multipart(parts, boundary),
            {"Content-Type": f"multipart/form-data; boundary={boundary}"},
        )
        return status, json.loads(answer)

    def artifacts(self, files: dict[str, tuple[str, bytes]], **fields: str) -> tuple[int, Any]:
        return self.form(
            [(name, None, text.encode()) for name, text in fields.items()]
            + [(name, file, data) for name, (file, data) in files.items()]
        )

    def send_chunks(self, data: bytes) -> tuple[int, Any]:
        """As sentry-cli does: four of them a request, each deflated."""
        for start in range(0, len(data), 4 * CHUNK):
            block = data[start : start + 4 * CHUNK]
            chunks = [block[at : at + CHUNK] for at in range(0, len(block), CHUNK)]
            answer = self.form(
                [("file_gzip", checksum(chunk), gzip.compress(chunk)) for chunk in chunks],
                f"{ORGANIZATION}/chunk-upload/",
            )
            if answer[0] != 200:
                return answer
        return 200, {}

    def assemble(
        self, data: bytes, projects: tuple[str, ...] = ("desktop",), **more: Any
    ) -> tuple[int, Any]:
        body = {"checksum": checksum(data), "chunks": chunks_of(data), "projects": list(projects)}
        return self.json("POST", f"{ORGANIZATION}/artifactbundle/assemble/", body | more)

    def assemble_symbols(self, data: bytes, name: str = "app") -> tuple[int, Any]:
        body = {checksum(data): {"name": name, "debug_id": ID, "chunks": chunks_of(data)}}
        path = "/api/0/projects/any/desktop/files/difs/assemble/"
        status, answer = self.json("POST", path, body)
        return status, answer[checksum(data)] if status == 200 else answer

    def upload(self, data: bytes, **more: Any) -> Any:
        """A whole bundle; what it came to."""
        status, answer = self.assemble(data, **more)
        assert (status, answer["state"]) == (200, "not_found"), answer
        assert self.send_chunks(data)[0] == 200
        until = time.monotonic() + 60
        while time.monotonic() < until:
            status, answer = self.assemble(data, **more)
            if answer["state"] != "assembling":
                return answer
        raise AssertionError(answer)


def chunks_of(data: bytes) -> list[str]:
    return [checksum(data[at : at + CHUNK]) for at in range(0, len(data), CHUNK)]


def multipart(parts: Sequence[tuple[str, str | None, bytes]], boundary: str) -> bytes:
    lines = []
    for name, file, data in parts:
        named = f'; filename="{file}"' if file is not None else ""
        head = f'Content-Disposition: form-data; name="{name}"{named}\r\n\r\n'
        lines.append(f"--{boundary}\r\n{head}".encode() + data + b"\r\n")
    return b"".join(lines) + f"--{boundary}--\r\n".encode()
