"""What is sent to name frames, as fuzz targets: bundles, scripts and maps, forms with files."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from hashlib import sha1
from typing import Any
from unittest import mock

from flask import Flask

from database import Database, Inline, Transaction
from models import storable
from stories.accounts.callers import digest
from stories.config import ROOT, Config
from stories.errors import ApiError
from stories.symbols import artifacts, bundles, limits, scripts, taking_in
from stories.symbols.artifacts import Content
from stories.symbols.uploads import UploadRefused
from stories.web import multipart

_flask = Flask("uploads")
_ID = "5ac3ab1a-4b1c-5e6d-9fe3-0123456789ab"
MAX_INFLATED = 2**20  # of a small bundle, here
FORM = "multipart/form-data; boundary=fuzz"
TOKEN = "st_fuzz"  # of scope upload, by prepare


def archives(data: bytes) -> None:
    """A bundle gives what can be stored, or the sentence why not; it is never inflated further."""
    bundles.MAX_INFLATED = MAX_INFLATED
    size = 0
    try:
        archive = bundles.Archive(io.BytesIO(data), "app.zip")
        for content in bundles.contents(archive, bundles.read_manifest(archive)):
            size += len(content.data)
            _can_be_stored(content)
    except UploadRefused:
        pass
    assert size <= MAX_INFLATED


def source_maps(data: bytes) -> None:
    """The first line is an address; the rest is sent as a script, and as a map."""
    url, _, rest = data.partition(b"\n")
    sent = ("app.js", rest)
    for file, of_file in ((sent, None), (None, sent), (sent, sent)):
        try:
            for content in scripts.pair(file, of_file, url.decode("utf-8", "replace")):
                _can_be_stored(content)
        except UploadRefused:
            pass


def forms(data: bytes) -> None:
    environ = {
        "wsgi.input": io.BytesIO(data),
        "CONTENT_TYPE": FORM,
        "CONTENT_LENGTH": str(len(data)),
    }
    with _flask.test_request_context(environ_overrides=environ):
        try:
            sizes = [len(piece.data) for piece in multipart.read_form(2**20, 8)]
        except ApiError:
            return
    assert sum(sizes) <= len(data)


def _can_be_stored(content: Content) -> None:
    url = artifacts.plain_text(content.url)
    assert storable(url) == url
    keys = list(artifacts._keys(content.kind, content.debug_id, url, ("1.0.0",)))
    assert all(len(key) <= 200 for key in keys)


def prepare(tx: Transaction) -> None:
    statement = (
        "/* fuzz */ insert into api_tokens (token_id, token_digest, name, scopes, app_id) "
        "overriding system value values (1000000, %(digest)s, 'fuzz', '{upload}', 1) "
        "on conflict do nothing"
    )
    tx.run(Inline(statement), digest=digest(TOKEN))


@contextmanager
def taken_in_at_once() -> Iterator[None]:
    """An upload is taken in by who waits for it, and not by a process of its own. What bounds that
    process needs the timer that the watchdog has here."""

    def start(config: Config, database: Database, *_: Any) -> None:
        while taking_in.take_next_in(config, database):
            pass

    with (
        mock.patch.object(taking_in, "start", start),
        mock.patch.object(limits, "piece_of_work", nullcontext),
    ):
        yield


_APP = f"x()\n//# sourceMappingURL=app.js.map\n//# debugId={_ID}\n".encode()
_OF_APP = json.dumps({"version": 3, "mappings": "AAAA", "sources": ["a"], "debugId": _ID}).encode()
_INLINED = b"y()\n//# sourceMappingURL=data:application/json;base64," + b64encode(_OF_APP)


def seeds() -> dict[str, list[bytes]]:
    """By the name of the target."""
    files = {
        "app.js": {"type": "minified_source", "url": "~/app.js", "headers": {"debug-id": _ID}},
        "app.js.map": {"type": "source_map", "url": "~/app.js.map"},
    }
    entries: dict[str, str | bytes] = {
        "manifest.json": json.dumps({"files": files}),
        "app.js": _APP,
        "app.js.map": _OF_APP,
    }
    zips = []
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", method) as archive:
            for name, data in entries.items():
                archive.writestr(name, data)
        zips.append(b"SYSB\x02\0\0\0" * (method == 0) + buffer.getvalue())
    form = _form({"file": ("app.js", _APP)})
    return {
        "archives": zips,
        "source_maps": [
            b"~/a/app.js\n" + _APP,
            b"https://a.example/x.js\n" + _OF_APP,
            b"~/y.js\n" + _INLINED,
        ],
        "forms": [form, form.removesuffix(b"--fuzz--\r\n")],
    }


def _form(files: dict[str, tuple[str, bytes]], **fields: str) -> bytes:
    """files: name of the part, of the file, and what is in it."""
    parts = [
        ("release", "", b"1.0.0"),
        *((name, "", text.encode()) for name, text in fields.items()),
    ]
    parts += [(name, f'; filename="{file}"', data) for name, (file, data) in files.items()]
    return (
        b"".join(
            f'--fuzz\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'.encode()
            + data
            + b"\r\n"
            for name, more, data in parts
        )
        + b"--fuzz--\r\n"
    )


def forms_with_files() -> list[bytes]:
    """What POST /artifacts takes, of each kind."""
    small = (ROOT / "tests" / "fixtures" / "symbols" / "recorder.sym.gz").read_bytes()
    symbols = gzip.decompress(small)
    return [
        _form(
            {"file": ("app.js", _APP), "map": ("app.js.map", _OF_APP)}, url="~/a/app.js", dist="w"
        ),
        _form({"file": ("y.js", _INLINED)}, app="desktop"),
        *(_form({"bundle": ("dist.zip", data)}) for data in seeds()["archives"]),
        _form({"symbols": ("recorder.sym", symbols)}),
    ]


def requests() -> list[tuple[str, str, str, bytes]]:
    """(method, path, media type, body) of what needs no process to answer."""
    chunk = b"a chunk of something"
    digest = sha1(chunk, usedforsecurity=False).hexdigest()
    form = (
        f'--x\r\nContent-Disposition: form-data; name="file"; filename="{digest}"\r\n\r\n'.encode()
        + chunk
        + b"\r\n--x--\r\n"
    )
    other = "ab" * 20
    release = {"version": "9.1.0", "projects": ["desktop"], "dateReleased": "2026-11-21T10:00:00Z"}
    bundle = {"checksum": other, "chunks": [other], "projects": ["desktop"], "version": "9.1.0"}
    symbols = {other: {"name": "app", "debug_id": _ID, "chunks": [other]}}
    organization, project = "/api/0/organizations/any", "/api/0/projects/any/desktop"
    sent = [
        ("POST", f"{organization}/releases/", release),
        ("PUT", f"{organization}/releases/9.1.0/", release),
        ("POST", f"{organization}/releases/9.1.0/deploys/", {"environment": "production"}),
        ("POST", f"{organization}/artifactbundle/assemble/", bundle),
        ("POST", f"{project}/files/difs/assemble/", symbols),
    ]
    read = (
        "/artifacts?app=desktop", "/api/0/", f"{organization}/chunk-upload/", f"{organization}/repos/",
        f"{project}/releases/", f"{project}/releases/9.1.0/", f"{organization}/releases/9.1.0/",
    )  # fmt: skip
    return [
        ("POST", f"{organization}/chunk-upload/", "multipart/form-data; boundary=x", form),
        *((method, path, "application/json", json.dumps(body).encode()) for method, path, body in sent),
        *(("GET", path, "", b"") for path in read),
        ("DELETE", f"{project}/releases/9.1.0/", "", b""),
    ]  # fmt: skip
