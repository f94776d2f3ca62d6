"""What is sent to name frames, as fuzz targets: bundles, scripts and maps, forms with files."""

from __future__ import annotations

import io
import json
import zipfile
from hashlib import sha1

from flask import Flask

from models import storable
from stories.errors import ApiError
from stories.symbols import artifacts, bundles, scripts
from stories.symbols.artifacts import Content
from stories.symbols.uploads import UploadRefused
from stories.web import multipart

_flask = Flask("uploads")
_ID = "5ac3ab1a-4b1c-5e6d-9fe3-0123456789ab"
MAX_INFLATED = 2**20  # of a small bundle, here
FORM = "multipart/form-data; boundary=fuzz"


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


def seeds() -> dict[str, list[bytes]]:
    """By the name of the target."""
    app = f"x()\n//# sourceMappingURL=app.js.map\n//# debugId={_ID}\n".encode()
    of_app = json.dumps({"version": 3, "mappings": "AAAA", "sources": ["a"], "debugId": _ID})
    files = {
        "app.js": {"type": "minified_source", "url": "~/app.js", "headers": {"debug-id": _ID}},
        "app.js.map": {"type": "source_map", "url": "~/app.js.map"},
    }
    entries: dict[str, str | bytes] = {
        "manifest.json": json.dumps({"files": files}),
        "app.js": app,
        "app.js.map": of_app,
    }
    zips = []
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", method) as archive:
            for name, data in entries.items():
                archive.writestr(name, data)
        zips.append(b"SYSB\x02\0\0\0" * (method == 0) + buffer.getvalue())
    form = b"".join(
        b'--fuzz\r\nContent-Disposition: form-data; name="%b"%b\r\n\r\n%b\r\n' % part
        for part in ((b"release", b"", b"1.0.0"), (b"file", b'; filename="app.js"', app))
    )
    return {
        "archives": zips,
        "source_maps": [b"~/a/app.js\n" + app, b"https://a.example/x.js\n" + of_app.encode()],
        "forms": [form + b"--fuzz--\r\n", form],
    }


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
