"""The files of static/, served by whitenoise.

At its start gunicorn publishes them: copies whose names carry a hash of their content, each with a gzip
beside it, which browsers keep for good. A server that reloads (`python app.py`) and a bare create_app()
serve the files themselves, as they are at each request.
"""

from __future__ import annotations

import base64
import os
import re
import tempfile
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b, sha256
from pathlib import Path, PurePosixPath
from posixpath import normpath
from typing import Any, cast

import msgspec
from flask import Flask, current_app
from whitenoise import WhiteNoise  # type: ignore[import-untyped]
from whitenoise.compress import Compressor  # type: ignore[import-untyped]

from stories.config import ROOT

SOURCE = ROOT / "static"
PREFIX = "/static/"
PUBLISHED = "STORIES_STATIC"  # environment variable: the folder of the copies, for the workers
HASHED_TYPES = {".js", ".css", ".svg"}  # what pages load; licence texts keep their names
IMPORT = re.compile(r'^(?:import|export) [^;]*?"(\.{1,2}/[^"]+)";', re.MULTILINE)
HASH = re.compile(r"\.[0-9a-f]{12}(?=\.\w+$)")


def publish(parent: Path) -> None:
    """Make the copies in a new folder below `parent` and name it to the workers forked from now on.
    Workers of before keep theirs. Takes 0.15 s."""
    folder = Path(tempfile.mkdtemp(prefix="static-", dir=parent))
    compressor = Compressor(use_brotli=False, quiet=True)
    for name in _names(SOURCE):
        content = (SOURCE / name).read_bytes()
        copy = folder / _hashed(name, content)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(content)
        if compressor.should_compress(name):
            compressor.compress(str(copy))
    os.environ[PUBLISHED] = str(folder)


@dataclass(frozen=True)
class StaticFiles:
    """addresses: by a file's name below static/. imports: by module, what it imports. import_map:
    JSON that leads relative imports to hashed names; import_map_hash: that text as a
    Content-Security-Policy names it."""

    addresses: dict[str, str]
    imports: dict[str, list[str]]
    import_map: str
    import_map_hash: str

    @classmethod
    @cache
    def in_folder(cls, folder: Path) -> StaticFiles:
        names = [name for name in _names(folder) if not name.endswith(".gz")]
        addresses = {HASH.sub("", name): PREFIX + name for name in names}
        modules = {
            name: address
            for name, address in addresses.items()
            if name.startswith("dashboard/") and name.endswith(".js")
        }
        imports = {
            name: [
                normpath(f"{name}/../{path}")
                for path in IMPORT.findall((SOURCE / name).read_text())
            ]
            for name in modules
        }
        text = msgspec.json.encode(
            {"imports": {PREFIX + name: address for name, address in modules.items()}}
        )
        digest = base64.b64encode(sha256(text).digest()).decode()
        return cls(addresses, imports, text.decode(), f"'sha256-{digest}'")

    def address(self, name: str) -> str:
        """For templates: asset('dashboard/main.js')."""
        return self.addresses[name]

    def modules(self, *names: str) -> list[str]:
        """Addresses of these modules and of all that they import, for a page to load at once."""
        needed: set[str] = set()
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            if name not in needed:
                needed.add(name)
                waiting += self.imports[name]
        return [self.addresses[name] for name in sorted(needed)]


def install(app: Flask) -> None:
    """Serve static/ before Flask is asked."""
    published = os.environ.get(PUBLISHED)
    folder = Path(published) if published else SOURCE
    app.extensions["stories.static"] = StaticFiles.in_folder(folder)
    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
        app.wsgi_app,
        folder,
        PREFIX,
        autorefresh=not published,
        max_age=0,
        allow_all_origins=False,
        add_headers_function=_add_headers,
        immutable_file_test=HASH.pattern,
    )


def static_files() -> StaticFiles:
    return cast(StaticFiles, current_app.extensions["stories.static"])


def _add_headers(headers: Any, path: str, url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"


def _names(folder: Path) -> list[str]:
    """Of all files below the folder, sorted: dashboard/main.js."""
    paths = (path for path in folder.rglob("*") if path.is_file())
    return sorted(path.relative_to(folder).as_posix() for path in paths)


def _hashed(name: str, content: bytes) -> str:
    path = PurePosixPath(name)
    if path.suffix not in HASHED_TYPES:
        return name
    digest = blake2b(content, digest_size=6).hexdigest()
    return str(path.with_name(f"{path.stem}.{digest}{path.suffix}"))
