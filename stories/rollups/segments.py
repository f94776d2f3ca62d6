"""Saved segments: conditions that the fold counts by, as it does by version.

What came before one was saved is counted back, the oldest day first, a day a transaction under the
fold's lock. `filled_until` says how far that is: the fold counts later days without the segment. So a
segment's days come in order, and none is counted twice. Sealed days have lost events and are left out.
"""

from __future__ import annotations

from typing import Any

from database import Database, Row, Transaction
from stories.apps import Apps
from stories.privacy.person_keys import PersonKey
from stories.rollups import fold, held, work_tables
from stories.rollups.count_back import parts
from stories.rollups.definitions import definitions, matching
from stories.rollups.departed import wait_for_deletions

ALL_DAYS = "infinity"
STEPS = (
    "rollups/new_people",
    *fold.COUNTING_STEPS,
    "rollups/new_days",
    "rollups/facet_gaps",
    "rollups/people_now",
)


def is_asked_for(database: Database) -> bool:
    with database.transaction(seconds=5, autocommit=True) as tx:
        return tx.row("rollups/segments_next") is not None


def fill(database: Database, apps: Apps, key: PersonKey) -> dict[str, int]:
    """Count all segments' days that are not counted yet; returns how many days and events that were.
    Stops where another process is at it."""
    counts = {"days": 0, "events": 0}
    if not is_asked_for(database):
        return counts
    fold.fold(database, apps, key)  # less is left to be told apart from what has been counted
    while (events := _fill_next_day(database, apps)) is not None:
        counts["days"] += 1
        counts["events"] += events
    apps.forget()
    return counts


def progress(tx: Transaction, segment_id: int) -> dict[str, int]:
    """{"days", "filled"}: days with events, and those of them that are counted."""
    row = tx.row("rollups/segment_progress", segment_id=segment_id)
    return {"days": int(row["days"]), "filled": int(row["filled"])} if row else {}


def clear(tx: Transaction, segment_id: int) -> None:
    """Take out what has been counted by a segment: its days are counted anew, by the filter that it
    has when that begins. Waits for the fold's lock; one that is not there is left alone."""
    wait_for_deletions(tx)
    fold.wait_for_lock(tx)
    segment = tx.row("rollups/segment_find", segment_id=segment_id)
    if segment is None:
        return
    app_id, bit = segment["app_id"], 1 << segment["place"]
    tx.run("rollups/segment_clear", app_id=app_id, value=str(segment_id))
    tx.run("rollups/segment_clear_days", app_id=app_id, bit=bit)
    tx.run("rollups/segment_filled", segment_id=segment_id, until="-infinity")
    tx.run("rollups/mark_changed")


def remove(tx: Transaction, segment_id: int) -> None:
    """Delete a segment with all that has been counted by it."""
    clear(tx, segment_id)
    tx.run("rollups/segment_delete", segment_id=segment_id)


def _fill_next_day(database: Database, apps: Apps) -> int | None:
    """How many events and crashes the day had; None where nothing is left, or another process fills."""
    with database.transaction(seconds=fold.SLICE_SECONDS) as tx:
        if not tx.value("rollups/count_back_lock"):
            return None
        wait_for_deletions(tx)
        fold.wait_for_lock(tx)
        segment = tx.row("rollups/segments_next")
        if segment is None:
            return None
        until, counted = ALL_DAYS, 0
        if segment["day"] is not None:
            until = segment["day"].isoformat()
            counted = 0 if segment["is_sealed"] else _fill_day(tx, apps, segment)
        tx.run("rollups/segment_filled", segment_id=segment["segment_id"], until=until)
        tx.run("rollups/mark_changed")
        return counted


def _fill_day(tx: Transaction, apps: Apps, segment: Row) -> int:
    of_day = {"app_id": segment["app_id"], "day": segment["day"]}
    alone = {**segment, "filled_until": segment["day"].isoformat()}
    defined: dict[str, Any] = {
        **definitions(tx, apps),
        **matching([alone]),
        "only": segment["segment_id"],
    }
    work_tables.make(tx)
    tx.script_named("rollups/share_tables")
    tx.run("rollups/count_back_choices", **of_day)
    counted = 0
    for since, until in parts(segment["since"], segment["until"], segment["events"]):
        work_tables.clear(tx)
        span = {"app_id": segment["app_id"], "since": since, "until": until, "crashes": True}
        held.hold(tx, since, until, segment["app_id"])
        keys = tx.run("rollups/count_back_keys", **span)
        if keys:
            tx.run_all((*fold.reading(tx), *STEPS, "rollups/segment_days"), **defined)
        counted += keys
    tx.run("rollups/segment_keep", app_id=segment["app_id"], value=str(segment["segment_id"]))
    return counted
