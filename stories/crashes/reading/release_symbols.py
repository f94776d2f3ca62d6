"""Whether source maps and symbols of a release are there."""

from __future__ import annotations

from datetime import datetime, timedelta

from database import Row, Transaction
from stories.catalogue import App

DAYS = 30
MAX_CRASHES = 2_000  # the newest of the release that are looked at


def read_symbols(tx: Transaction, app: App, version: str, now: datetime) -> Row:
    """{"artifacts": how many source maps and symbols were uploaded for it, or are wanted by its crashes,
    "missing": how many files and modules of its crashes of the last DAYS nothing names, of those whose
    names are minified or missing}."""
    of_version = {"app_id": app.app_id, "version": version}
    since = now - timedelta(days=DAYS)
    wants = tx.rows("crashes/release_wants", **of_version, since=since, most=MAX_CRASHES)
    keys = [row["key"] for row in wants]
    raw = [row["key"] for row in wants if row["raw"]]
    counts = tx.row("crashes/release_symbols", **of_version, keys=keys, raw=raw)
    assert counts is not None
    return counts
