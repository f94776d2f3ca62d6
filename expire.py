"""Expiry: what is older than its app's retention goes."""

from __future__ import annotations

from datetime import datetime, timedelta

from apps import Apps
from database import Database


def expire(database: Database, apps: Apps, now: datetime) -> dict[str, int]:
    """Delete events and crashes older than each app's retention; returns counts per table."""
    result = {"events_deleted": 0, "crashes_deleted": 0}
    for app in apps.all():
        with database.transaction(seconds=300) as tx:
            before = now - timedelta(days=app.retention_days)
            for table in ("events", "crashes"):
                result[f"{table}_deleted"] += tx.run(
                    f"expire.{table}", app_id=app.app_id, before=before
                )
    return result
