"""What is stored, what was sent, and what is missing, for people who ask."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from importlib.util import find_spec
from typing import Any

from database import Row, Transaction
from stories.crashes.reading.listing import iso
from stories.symbols.uploads import LISTED

MAX_ARTIFACTS = 500
MISSING_DAYS = 30
MAX_MISSING = 100
LOOKED_AT = 1000  # keys of most crashes; those that an upload has leave the rest
TIMES = ("uploaded_at", "used_at", "at", "last_at")


def of_app(tx: Transaction, app_id: int, now: datetime) -> dict[str, Any]:
    """{"artifacts", "uploads", "missing", "bytes"}: see docs/SYMBOLS.md. bytes: of all apps, as they
    are stored."""
    return {
        "artifacts": [
            _told(row)
            for row in tx.rows("symbols/list_artifacts", app_id=app_id, limit=MAX_ARTIFACTS)
        ],
        "uploads": [
            _told(row) for row in tx.rows("symbols/list_uploads", app_id=app_id, limit=LISTED)
        ],
        "missing": missing(tx, app_id, now),
        "bytes": tx.value("symbols/kept_bytes"),
    }


def missing(tx: Transaction, app_id: int, now: datetime) -> list[dict[str, Any]]:
    """What crashes of the last MISSING_DAYS want and no upload has, most crashes first: [{"key",
    "what": a debug id or the name of a file, "release": of a debug id the latest with it, "crashes",
    "last_at", "raw": whether names of these crashes are minified or missing}], such ones first."""
    since = now - timedelta(days=MISSING_DAYS)
    rows = tx.rows("symbols/wanted_keys", app_id=app_id, since=since, limit=LOOKED_AT)
    there = {
        row["key"]
        for row in tx.rows(
            "symbols/existing_keys", app_id=app_id, keys=[row["key"] for row in rows]
        )
    }
    lacking = [_missing(row) for row in rows if row["key"] not in there]
    return sorted(lacking, key=lambda row: not row["raw"])[:MAX_MISSING]


def _missing(row: Row) -> dict[str, Any]:
    kind, _, rest = row["key"].partition(":")
    release, _, file = rest.partition(":")
    return {
        "key": row["key"],
        "what": file if kind == "file" else rest,
        "release": release if kind == "file" else row["version"],
        "crashes": row["crashes"],
        "last_at": iso(row["last_at"]),
        "raw": row["raw"],
    }


def shown(stored: Iterable[Row]) -> list[dict[str, Any]]:
    """Of an upload, what was stored: [{"kind", "debug_id", "url", "bytes"}]."""
    names = ("kind", "debug_id", "url", "bytes")
    return [{name: entry[name] for name in names} for entry in stored]


def artifact(tx: Transaction, artifact_id: int) -> Row | None:
    """{artifact_id, app_id, name}."""
    return tx.row("symbols/artifact_app", artifact_id=artifact_id)


def has_symbolic() -> bool:
    """Whether the library is installed that reads source maps and native symbols."""
    return find_spec("symbolic") is not None


def _told(row: Row) -> dict[str, Any]:
    return {
        name: iso(value) if name in TIMES and value is not None else value
        for name, value in row.items()
    }
