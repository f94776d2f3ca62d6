"""The dashboard's own files: an address per state of them, kept for good, sent small.

Modules import each other by relative paths, so the version is a folder of the address and every
import carries it along. A changed file is noticed by its time: no build, no restart.
"""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path

from flask import Blueprint, Response, request, url_for

from config import ROOT
from errors import ApiError

FOLDER = ROOT / "static" / "dashboard"
ELSEWHERE = {"chart.js": ROOT / "static" / "vendor" / "chart.js" / "chart.umd.min.js"}
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

    @property
    def modules(self) -> list[str]:
        """What a page loads sooner or later, so that the browser need not find out step by step."""
        return sorted(
            name
            for name in self.files
            if name.endswith(".js") and name not in ("chart.js", "theme.js")
        )


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
    digest, files = blake2b(digest_size=6), {}
    for name, path, _ in found:
        plain = path.read_bytes()
        digest.update(name.encode() + b"\0" + plain)
        files[name] = Asset(plain, gzip.compress(plain, 9, mtime=0), TYPES[path.suffix])
    return Assets(digest.hexdigest(), files)


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
