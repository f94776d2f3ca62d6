"""What a recount reads events from: rows by their keys, or a copy of a span of time where some of them
are in chunks (storage/compression.py), which cannot be looked up one by one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from database import Transaction


def hold(tx: Transaction, since: datetime, until: datetime, app_id: int | None = None) -> None:
    """From now on `held_events` has the events of a span of time, of an app or of all."""
    span = {"app_id": app_id, "since": since, "until": until}
    _hold(tx, "events", bool(tx.value("rollups/has_chunks", **span)), span)


def hold_of(tx: Transaction, person: dict[str, Any], most: int) -> None:
    """From now on `held_events` has a person's oldest events. person: {"user_id", "app_id"}; its app
    None: in all."""
    has_chunks = bool(tx.value("rollups/has_chunks_of", **person))
    _hold(tx, "events_of", has_chunks, {**person, "most": most})


def _hold(tx: Transaction, what: str, has_chunks: bool, params: dict[str, Any]) -> None:
    tx.run("rollups/drop_held_events")
    if has_chunks:
        tx.script_named("rollups/held_table")
        tx.run(f"rollups/hold_{what}", **params)
        tx.script_named("rollups/index_held_events")
