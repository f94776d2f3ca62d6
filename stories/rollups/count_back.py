"""Counting back: what an app declares is counted in the events that it still holds.

The days wait in the table `counting_back`, one row an app, and are worked off from the newest on, a
day a transaction under the fold's lock, so that the days people look at are right first and a stop
costs one day's work. Labels and numbers of a day are counted by the fold's own statements and put in
the place of what was kept, those of erased people among them. Sealed days have lost events and are
left alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from database import Database, Row, Transaction
from stories.apps import Apps
from stories.privacy.person_keys import PersonKey
from stories.rollups import fold, held, work_tables
from stories.rollups.definitions import definitions
from stories.rollups.departed import wait_for_deletions

TABLES = ("values", "numbers")  # of rollups, which a declaration changes; events are counted anyway


def count_back(database: Database, apps: Apps, key: PersonKey) -> dict[str, int]:
    """Work off the queue; returns how many days and events were counted again. Stops where another
    process is at it."""
    counts = {"days": 0, "events": 0}
    if not is_asked_for(database):
        return counts
    fold.fold(database, apps, key)  # less is left to be told apart from what has been counted
    while (events := _count_next_day(database, apps)) is not None:
        counts["days"] += 1
        counts["events"] += events
    return counts


def is_asked_for(database: Database) -> bool:
    with database.transaction(seconds=5, autocommit=True) as tx:
        return tx.row("rollups/count_back_next") is not None


def _count_next_day(database: Database, apps: Apps) -> int | None:
    """How many events the day had; None where no day is left, or another process counts back."""
    with database.transaction(seconds=fold.SLICE_SECONDS) as tx:
        if not tx.value("rollups/count_back_lock"):
            return None
        wait_for_deletions(tx)
        fold.wait_for_lock(tx)
        day = tx.row("rollups/count_back_next")
        if day is None:
            return None
        of_day = {"app_id": day["app_id"], "day": day["day"]}
        counted = 0
        if day["events"] and not day["is_sealed"]:
            counted = _count_day(tx, apps, day)
        tx.run("rollups/count_back_done", **of_day, first_day=min(day["first_day"], day["day"]))
        return counted


def _count_day(tx: Transaction, apps: Apps, day: Row) -> int:
    of_day = {"app_id": day["app_id"], "day": day["day"]}
    defined = definitions(tx, apps)
    work_tables.make(tx)
    tx.script_named("rollups/share_tables")
    tx.run("rollups/count_back_choices", **of_day)
    counted = 0
    for since, until in parts(day["since"], day["until"], day["events"]):
        work_tables.clear_events_only(tx)
        span = {"app_id": day["app_id"], "since": since, "until": until, "crashes": False}
        held.hold(tx, since, until, day["app_id"])
        keys = tx.run("rollups/count_back_keys", **span)
        if keys:
            fold.add_events_only(tx, defined)
        counted += keys
    for table in TABLES:
        tx.run(f"rollups/count_back_departed_{table}", **of_day)
        tx.run(f"rollups/count_back_clear_{table}", **of_day)
        tx.run(f"rollups/count_back_keep_{table}", **of_day)
    tx.run("rollups/count_back_keep_choices", **of_day)
    tx.run("rollups/mark_changed")
    return counted


def parts(since: datetime, until: datetime, events: int) -> Iterator[tuple[datetime, datetime]]:
    """Spans of a day with about a slice of events each, in order of time."""
    number = max(1, -(-events // fold.SLICE))
    step = (until - since) / number
    for place in range(number):
        end = until if place == number - 1 else since + step * (place + 1)
        yield since + step * place, end
