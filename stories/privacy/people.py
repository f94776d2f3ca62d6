"""People: how ids from outside become uuids, and what one person may ask for: a copy, and erasure.

PEOPLE_TABLES is the one list of tables that hold people; a test reads information_schema and fails
on a table with a column of that kind that the list lacks.
"""

from __future__ import annotations

import logging
import threading
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from catalogue import App
from database import Database, Row, Transaction

log = logging.getLogger("stories.people")

# All are in a person's copy (sql/people.<table>.sql) and deleted from by erasure
# (sql/people.erase_<table>.sql), in this order.
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


class PersonKey:
    """The key of hashes of people: PERSON_KEY, or one made once and kept in the database."""

    def __init__(self, database: Database, setting: str) -> None:
        self._database = database
        self._key = setting.encode() if setting else b""
        self._guard = threading.Lock()

    def value(self) -> bytes:
        with self._guard:
            if not self._key:
                with self._database.transaction(seconds=5) as tx:
                    tx.run("people.make_key")  # waits for another server that makes it just now
                    self._key = tx.value("people.key").encode()
            return self._key

    def hash(self, user_id: UUID, app: App | None = None) -> bytes:
        """As sql/fold.* and sql/append.* compute it: SHA-256 over a digest of the key and the
        sixteen bytes of the id, and the two of the app where one app is meant. Fixed lengths, so a
        plain prefix is as good as HMAC here."""
        which = app.app_id.to_bytes(2, "big") if app else b""
        return sha256(self.digest() + user_id.bytes + which).digest()

    def digest(self) -> bytes:
        return sha256(self.value()).digest()


def export(database: Database, user_id: UUID, app: App | None) -> dict[str, Any]:
    """All that is held about a person, in one snapshot: rows by table."""
    found: dict[str, Any] = {"user_id": str(user_id)}
    with database.transaction(seconds=120, isolation="REPEATABLE READ", read_only=True) as tx:
        for table in PEOPLE_TABLES:
            rows = tx.rows(f"people.{table}", user_id=user_id, app_id=app.app_id if app else None)
            found[table] = [_plain(row) for row in rows]
    return found


def _plain(row: Row) -> Row:
    return {
        key: value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
        for key, value in row.items()
    }


def tombstone(
    database: Database, key: PersonKey, user_id: UUID, app: App | None, now: datetime
) -> None:
    """From now on nothing dated before `now` is taken in for this person, in one app or in all."""
    with database.transaction() as tx:
        tx.run("people.tombstone", person_hash=key.hash(user_id, app), now=now)


def erase_rows(tx: Transaction, user_id: UUID, app: App | None) -> dict[str, int]:
    """Delete all rows tied to a person, under the folder's lock with nothing pending. The rollups
    without people keep their sums: the person's share moves to `departed`, their days are
    sealed."""
    where: dict[str, Any] = {"user_id": user_id, "app_id": app.app_id if app else None}
    tx.run("people.seal", **where)
    for name in ("lifetimes", "people_now", "cohort_weeks"):
        tx.run(f"people.depart_{name}", **where)
    return {table: tx.run(f"people.erase_{table}", **where) for table in PEOPLE_TABLES}
