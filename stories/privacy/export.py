"""A copy of everything that is held about one person."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from database import Database, Row
from stories.catalogue import App
from stories.privacy.erasure import PEOPLE_TABLES


def export(database: Database, user_id: UUID, app: App | None) -> dict[str, Any]:
    """All that is held about a person, in one snapshot: rows by table."""
    found: dict[str, Any] = {"user_id": str(user_id)}
    with database.transaction(seconds=120, isolation="REPEATABLE READ", read_only=True) as tx:
        for table in PEOPLE_TABLES:
            rows = tx.rows(f"privacy/{table}", user_id=user_id, app_id=app.app_id if app else None)
            found[table] = [_plain(row) for row in rows]
    return found


def _plain(row: Row) -> Row:
    return {
        key: value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
        for key, value in row.items()
    }
