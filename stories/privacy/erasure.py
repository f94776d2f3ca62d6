"""Erasure: delete all rows of one person and keep them out.

PEOPLE_TABLES is the one list of tables that hold people; a test reads information_schema and fails
on a table with a column of that kind that the list lacks.
"""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any
from uuid import UUID

from database import Database, Transaction, has_citus
from stories.apps import Apps
from stories.catalogue import AHEAD, App
from stories.privacy.person_keys import PersonKey
from stories.rollups import departed
from stories.rollups.definitions import definitions
from stories.rollups.fold import fold, fold_pending, wait_for_lock
from stories.storage import compression

log = logging.getLogger("stories.erasure")

# All are in a person's copy (sql/privacy/<table>.sql) and deleted from by an erasure.
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
    "error_details",
    "group_people",
    "person_links",
    "remap_queue",
    "minidumps",
)


PIECE = 10_000  # rows of a table in one transaction: about a second under the fold's lock


def erase(
    database: Database, apps: Apps, key: PersonKey, user_id: UUID, app: App | None, now: datetime
) -> dict[str, int]:
    """Delete a person and keep them out, under all ids that are linked; returns counts per table. The
    ids are never logged."""
    counts = dict.fromkeys(PEOPLE_TABLES, 0)
    for own_id, its_app in ids_of_person(database, apps, user_id, app):
        for table, number in _erase(database, apps, key, own_id, its_app, now).items():
            counts[table] += number
    log.info("a person was erased: %s", counts)
    return counts


def ids_of_person(
    database: Database, apps: Apps, user_id: UUID, app: App | None
) -> list[tuple[UUID, App | None]]:
    """An id, and in each app the others of the same person. Who it is comes last: the links go with that
    one, and an erasure that is cut short finds the others again by them."""
    with database.transaction(read_only=True) as tx:
        rows = tx.rows("privacy/linked_ids", user_id=user_id, app_id=app and app.app_id)
    by_number = {each.app_id: each for each in apps.all()}
    others: list[tuple[UUID, App | None]] = [
        (row["own_id"], by_number[row["app_id"]]) for row in rows if row["own_id"] != user_id
    ]
    is_person = any(row["is_person"] for row in rows if row["own_id"] == user_id)
    return [*others, (user_id, app)] if is_person else [(user_id, app), *others]


def _erase(
    database: Database, apps: Apps, key: PersonKey, user_id: UUID, app: App | None, now: datetime
) -> dict[str, int]:
    """Delete what is held under one id.

    What was taken before the tombstone is counted first; what the fold finds after it, it removes.
    The rows go in pieces, and folds run between them. An erasure that was cut short is finished by
    another: until then `check` tells of the difference.
    """
    with database.transaction() as tx:
        tx.run("rollups/let_go", user_id=user_id, before=None)
    fold(database, apps, key)
    bury(database, key, user_id, app, now)
    person = {"user_id": user_id, "app_id": app.app_id if app else None}
    counts = dict.fromkeys(PEOPLE_TABLES, 0)
    with database.transaction(seconds=None) as holder:
        departed.wait_for_deletions(holder)  # who recounts now would see half a person
        with database.transaction(seconds=None) as tx:
            wait_for_lock(tx)
            tx.run("rollups/let_go", user_id=user_id, before=None)
            fold_pending(tx, apps, key)
            _erase_history(tx, person, counts)
        while _erase_events(database, apps, person, counts):
            fold(database, apps, key)
        for table in ("contents", "images", "error_details"):
            while _erase_rows(database, (table,), {**person, "most": PIECE}, counts):
                pass
        rest = ("set_aside", "testers", "external_ids", "person_links", "remap_queue", "minidumps")
        _erase_rows(database, rest, person, counts)
    return counts


def bury(database: Database, key: PersonKey, user_id: UUID, app: App | None, now: datetime) -> None:
    """From now on nothing dated up to a day from now is taken in for this person, in one app or in
    all: what a client with a fast clock still has queued is dated ahead."""
    with database.transaction() as tx:
        tx.run("privacy/bury", person_hash=key.hash(user_id, app), until=now + AHEAD)


def _erase_history(tx: Transaction, person: dict[str, Any], counts: dict[str, int]) -> None:
    """Delete what is held of a person as a whole. The rollups without people keep their sums."""
    tx.script_named("rollups/leaving_table")
    tx.run("privacy/leaving_person", **person)
    if not has_citus():  # nothing is compressed there
        tx.run("privacy/leaving_sessions")
    departed.move_histories(tx)
    departed.carry_days(tx)
    for table in ("users", "person_days", "sessions"):
        counts[table] += tx.run(f"privacy/erase_{table}", **person)
    tx.script_named("crashes/leaving_tables")
    counts["group_people"] += tx.run("crashes/leaving_person", **person)
    tx.script_named("crashes/depart_people")
    tx.run("rollups/mark_changed")


def _erase_events(
    database: Database, apps: Apps, person: dict[str, Any], counts: dict[str, int]
) -> int:
    """Delete a person's oldest events and crashes; returns how many rows there were."""
    with database.transaction(seconds=None) as tx:
        wait_for_lock(tx)
        keys = departed.carry_events(tx, definitions(tx, apps), PIECE, **person)
        for table in ("events", "crashes") if keys else ():
            counts[table] += tx.run(f"rollups/drop_erased_{table}")
        if keys:
            counts["events"] += compression.remove_erased(tx)
        return keys


def _erase_rows(
    database: Database, tables: tuple[str, ...], where: dict[str, Any], counts: dict[str, int]
) -> int:
    """Delete a person's rows of tables that the fold does not read; returns how many went."""
    with database.transaction(seconds=None) as tx:
        gone = {table: tx.run(f"privacy/erase_{table}", **where) for table in tables}
    for table, number in gone.items():
        counts[table] += number
    return sum(gone.values())
