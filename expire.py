"""Expiry: what is older than its app's retention goes; erasure: what is one person's goes.

Whole months go by dropping their partition, the rest by delete. The kept rollups do not change by a
digit: days that lose events are sealed, and people whose rows go move to `departed`.
"""

from __future__ import annotations

import logging
import time
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import people
from apps import Apps
from catalogue import App
from database import Conflict, Database, Unavailable
from fold import fold_pending, wait_for_lock
from people import PersonKey

log = logging.getLogger("stories.expire")

DROP_ATTEMPTS = 20


def expire(database: Database, apps: Apps, key: PersonKey, now: datetime) -> dict[str, Any]:
    """Delete what is past each app's retention; returns how many rows went, by table."""
    result: dict[str, Any] = {"events_deleted": 0, "crashes_deleted": 0, "people_deleted": 0,
                              "messages_deleted": 0, "images_deleted": 0, "partitions_dropped": 0}
    cutoffs = {app.app_id: _cutoff(app, now) for app in apps.all()}
    gone = min(cutoffs.values(), default=now)  # before this no app keeps anything
    month = gone.astimezone(UTC).date().replace(day=1)
    _drop_months(database, month, result)
    for app in apps.all():
        _expire_app(database, apps, key, app, now, cutoffs[app.app_id], result)
    return result


def _cutoff(app: App, now: datetime) -> datetime:
    """The start of the first day that is kept: retention_days and today."""
    day = (now.astimezone(app.zone) - timedelta(days=app.retention_days)).date()
    return datetime(day.year, day.month, day.day, tzinfo=app.zone).astimezone(UTC)


def _expire_app(database: Database, apps: Apps, key: PersonKey, app: App, now: datetime,
                cutoff: datetime, result: dict[str, Any]) -> None:
    horizon = cutoff.astimezone(app.zone).date()
    with database.transaction(seconds=None) as tx:
        wait_for_lock(tx)
        fold_pending(tx, apps, key)
        where = {"app_id": app.app_id, "horizon": horizon, "cutoff": cutoff}
        tx.run("expire.seal", **where)
        for name in ("lifetimes", "people_now", "cohort_weeks"):
            tx.run(f"expire.depart_{name}", **where)
        result["people_deleted"] += tx.run("expire.users", **where)
        tx.run("expire.person_days", **where)
        tx.run("expire.anchors", **where)
        tx.run("expire.sessions", **where)
        for table in ("events", "crashes"):
            result[f"{table}_deleted"] += tx.run(f"expire.{table}", **where)
        content = {"app_id": app.app_id, "cutoff": now - timedelta(days=app.content_days)}
        result["messages_deleted"] += tx.run("expire.contents", **content)
        result["images_deleted"] += tx.run("expire.images", **content)
        tx.run("expire.external_ids", app_id=app.app_id)
        tx.run("fold.done")  # kept answers say from when on their people are covered


def _drop_months(database: Database, first_kept: date, result: dict[str, Any]) -> None:
    """Drop partitions of months before `first_kept`. Dropping needs the table for itself for a
    moment; rather than queue before every append it gives up after half a second and tries again."""
    with database.transaction() as tx:
        found = tx.rows("expire.partitions", first_kept=first_kept)
    for row in found:
        for attempt in range(DROP_ATTEMPTS):
            try:
                with database.transaction(seconds=None) as tx:
                    tx.run("/* expire.drop_months */ set local lock_timeout = '500ms'")
                    rows = tx.value("/* expire.drop_months */ select drop_partition(%(parent)s, %(name)s)",
                                    parent=row["parent"], name=row["name"])
                result[f"{row['parent']}_deleted"] += rows
                result["partitions_dropped"] += 1
                break
            except (Conflict, Unavailable) as error:
                log.info("%s is in use, trying again: %s", row["name"], error)
                time.sleep(min(5.0, 0.2 * 2**attempt))


def erase(database: Database, apps: Apps, key: PersonKey, user_id: UUID, app: App | None,
          now: datetime) -> dict[str, int]:
    """Delete a person and keep them out; returns counts per table. The id is never logged."""
    people.tombstone(database, key, user_id, now)
    with database.transaction(seconds=None) as tx:
        wait_for_lock(tx)
        fold_pending(tx, apps, key)
        counts = people.erase_rows(tx, user_id, app)
        tx.run("fold.done")
    log.info("a person was erased: %s", counts)
    return counts
