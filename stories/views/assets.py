"""The dashboard's own files: an address per state of them, kept for good, sent small.

Modules import each other by relative paths, so the version is a folder of the address and every
import carries it along; a page names those it needs, so that the browser asks for them at once. The
style sheets go as one. A changed file is noticed by its time: no build, no restart.
"""

from __future__ import annotations

import gzip
import re
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path, PurePosixPath
from posixpath import normpath

from flask import Blueprint, Response, request, url_for

from stories.config import ROOT
from stories.errors import ApiError

FOLDER = ROOT / "static" / "dashboard"
ELSEWHERE = {"chart.js": ROOT / "static" / "vendor" / "chart.js" / "chart.umd.min.js"}
SHEETS = ("tokens.css", "frame.css", "cards.css", "pages.css")  # in the order they override
IMPORT = re.compile(r'^(?:import|export) [^;]*?"(\.{1,2}/[^"]+)";', re.MULTILINE)
KEPT = "private, max-age=31536000, immutable"
TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}

blueprint = Blueprint("assets", __name__, url_prefix="/dashboard/assets")


@dataclass(frozen=True)
class Asset:
    plain: bytes
    zipped: bytes
    mimetype: str


@dataclass(frozen=True)
class Assets:
    version: str
    files: dict[str, Asset]
    imports: dict[str, list[str]]

    def needed_by(self, *modules: str) -> list[str]:
        """These modules and what they import, and what that imports…"""
        found: set[str] = set()
        waiting = list(modules)
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting += self.imports.get(name, ())
        return sorted(found)


def _paths() -> dict[str, Path]:
    own = {
        path.relative_to(FOLDER).as_posix(): path
        for path in FOLDER.rglob("*")
        if path.suffix in TYPES
    }
    return own | ELSEWHERE


def current() -> Assets:
    return _load(
        tuple((name, path, path.stat().st_mtime_ns) for name, path in sorted(_paths().items()))
    )


@lru_cache(maxsize=1)
def _load(found: tuple[tuple[str, Path, int], ...]) -> Assets:
    plain = {name: path.read_bytes() for name, path, _ in found}
    plain["all.css"] = b"".join(plain.pop(name) for name in SHEETS)
    digest = blake2b(digest_size=6)
    for name, content in plain.items():
        digest.update(name.encode() + b"\0" + content)
    files = {
        name: Asset(content, gzip.compress(content, 9, mtime=0), TYPES[PurePosixPath(name).suffix])
        for name, content in plain.items()
    }
    imports = {
        name: [normpath(f"{name}/../{other}") for other in IMPORT.findall(content.decode())]
        for name, content in plain.items()
        if name.endswith(".js") and name not in ELSEWHERE
    }
    return Assets(digest.hexdigest(), files, imports)


def address(name: str) -> str:
    """For templates: asset('main.js')."""
    return url_for("assets.asset", version=current().version, name=name)


@blueprint.get("/<version>/<path:name>")
def asset(version: str, name: str) -> Response:
    assets = current()
    found = assets.files.get(name)
    if found is None:
        raise ApiError(404, "not_found", "there is nothing at this address")
    zipped = request.accept_encodings.quality("gzip") > 0
    response = Response(
        found.zipped if zipped else found.plain, content_type=f"{found.mimetype}; charset=utf-8"
    )
    if zipped:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["X-Content-Type-Options"] = "nosniff"
    # A page from before a deployment may ask for its old version; it must not keep the new one.
    fresh = version == assets.version
    response.headers["Cache-Control"] = KEPT if fresh else "no-cache"
    return response
