"""Erasure: delete all rows of one person and keep them out.

PEOPLE_TABLES is the one list of tables that hold people; a test reads information_schema and fails
on a table with a column of that kind that the list lacks.
"""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any
from uuid import UUID

from database import Database, Transaction
from stories.apps import Apps
from stories.catalogue import App
from stories.privacy.person_keys import PersonKey
from stories.rollups.fold import fold, fold_pending, wait_for_lock

log = logging.getLogger("stories.erasure")

# All are in a person's copy (sql/privacy/<table>.sql) and deleted from by erasure
# (sql/privacy/erase_<table>.sql), in this order.
PEOPLE_TABLES = (
    "events",
    "crashes",
    "users",
    "person_days",
    "sessions",
    "set_aside",
    "testers",
    "contents",
    "images",
    "external_ids",
)


def erase(
    database: Database, apps: Apps, key: PersonKey, user_id: UUID, app: App | None, now: datetime
) -> dict[str, int]:
    """Delete a person and keep them out; returns counts per table. The id is never logged.

    What was taken before the tombstone is counted first; what the fold finds after it, it removes.
    """
    fold(database, apps, key)
    _bury(database, key, user_id, app, now)
    with database.transaction(seconds=None) as tx:
        wait_for_lock(tx)
        fold_pending(tx, apps, key)
        counts = _erase_rows(tx, user_id, app)
        tx.run("rollups/done")
    log.info("a person was erased: %s", counts)
    return counts


def _bury(
    database: Database, key: PersonKey, user_id: UUID, app: App | None, now: datetime
) -> None:
    """From now on nothing dated before `now` is taken in for this person, in one app or in all."""
    with database.transaction() as tx:
        tx.run("privacy/tombstone", person_hash=key.hash(user_id, app), now=now)


def _erase_rows(tx: Transaction, user_id: UUID, app: App | None) -> dict[str, int]:
    """Delete all rows tied to a person, under the folder's lock with nothing pending. The rollups
    without people keep their sums: the person's share moves to `departed`, their days are
    sealed."""
    where: dict[str, Any] = {"user_id": user_id, "app_id": app.app_id if app else None}
    tx.run("privacy/seal", **where)
    for name in ("lifetimes", "people_now", "cohort_weeks"):
        tx.run(f"privacy/depart_{name}", **where)
    return {table: tx.run(f"privacy/erase_{table}", **where) for table in PEOPLE_TABLES}
