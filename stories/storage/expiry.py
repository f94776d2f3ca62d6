"""Expiry: delete what is older than its app's retention.

Whole months go by dropping their partition, the rest by delete. The kept rollups do not change by a
digit: days that lose events are sealed, and people whose rows go move to `departed`.
"""

from __future__ import annotations

import logging
import time
from datetime import UTC, date, datetime, timedelta
from typing import Any

from database import Conflict, Database, Inline, Transaction, Unavailable
from stories.apps import Apps
from stories.catalogue import App
from stories.privacy.person_keys import PersonKey
from stories.rollups.fold import fold, fold_pending, wait_for_lock

log = logging.getLogger("stories.expire")

CLOCKS_APART = timedelta(hours=1)
DROP_SECONDS = 20.0  # for all months together; what is in use that long goes with the next run
LOCK_SECONDS = 0.3  # appends queue behind a drop that waits for the table


class ClockOff(Exception):
    """The server's clock and the database's do not agree."""


def check_clock(database: Database) -> None:
    """A clock that jumped ahead would delete what is not due. Raises ClockOff."""
    with database.transaction(seconds=5, autocommit=True) as tx:
        there = tx.value(Inline("/* expire.check_clock */ select clock_timestamp()"))
    apart = abs(datetime.now(UTC) - there)
    if apart > CLOCKS_APART:
        raise ClockOff(f"the clock is {apart} off the database's; nothing deleted")


def expire(database: Database, apps: Apps, key: PersonKey, now: datetime) -> dict[str, Any]:
    """Delete what is past each app's retention; returns how many rows went, by table.

    Events of months that no app keeps stay until their month is dropped, at the end: by then the
    days are sealed and the people gone, and a stop in between costs nothing but another run.
    """
    result: dict[str, Any] = {
        "events_deleted": 0,
        "crashes_deleted": 0,
        "people_deleted": 0,
        "messages_deleted": 0,
        "images_deleted": 0,
        "partitions_dropped": 0,
        "partitions_in_use": 0,
    }
    every = apps.all()
    cutoffs = {app.app_id: _cutoff(app, now) for app in every}
    oldest = min(cutoffs.values(), default=now)  # before this no app keeps anything
    first_kept = oldest.astimezone(UTC).date().replace(day=1)
    fold(database, apps, key)
    for app in every:
        with database.transaction(seconds=None) as tx:
            wait_for_lock(tx)
            fold_pending(tx, apps, key)
            _expire_app(tx, app, now, cutoffs[app.app_id], first_kept, result)
            tx.run("rollups/done")
    _drop_months(database, first_kept, result)
    with database.transaction() as tx:
        tx.run("storage/expire_tombstones", oldest=oldest)
        tx.run("storage/expire_claims", oldest=oldest)
        tx.run("storage/expire_set_aside", oldest=oldest)
    return result


def _cutoff(app: App, now: datetime) -> datetime:
    """The start of the first day that is kept: retention_days and today."""
    day = (now.astimezone(app.zone) - timedelta(days=app.retention_days)).date()
    return datetime(day.year, day.month, day.day, tzinfo=app.zone).astimezone(UTC)


def _expire_app(
    tx: Transaction,
    app: App,
    now: datetime,
    cutoff: datetime,
    first_kept: date,
    result: dict[str, Any],
) -> None:
    horizon = cutoff.astimezone(app.zone).date()
    where = {"app_id": app.app_id, "horizon": horizon, "cutoff": cutoff}
    tx.run("storage/expire_seal", **where)
    for name in ("lifetimes", "people_now", "cohort_weeks"):
        tx.run(f"storage/expire_depart_{name}", **where)
    result["people_deleted"] += tx.run("storage/expire_users", **where)
    tx.run("storage/expire_person_days", **where)
    tx.run("storage/expire_anchors", **where)
    tx.run("storage/expire_sessions", **where)
    for table in ("events", "crashes"):
        result[f"{table}_deleted"] += tx.run(
            f"storage/expire_{table}", first_kept=first_kept, **where
        )
    # What people wrote goes earlier than its events, never later.
    content = {"app_id": app.app_id, "cutoff": max(cutoff, now - timedelta(days=app.content_days))}
    result["messages_deleted"] += tx.run("storage/expire_contents", **content)
    result["images_deleted"] += tx.run("storage/expire_images", **content)
    tx.run("storage/expire_external_ids", first_kept=first_kept, app_id=app.app_id)


def _drop_months(database: Database, first_kept: date, result: dict[str, Any]) -> None:
    """Drop partitions of months before `first_kept`. Dropping needs the table for itself for a
    moment; rather than queue before every append it gives up soon, and tries again."""
    with database.transaction() as tx:
        found = tx.rows("storage/expire_partitions", first_kept=first_kept)
    deadline, pause = time.monotonic() + DROP_SECONDS, 0.2
    while found:
        parent, name = found[0]["parent"], found[0]["name"]
        try:
            with database.transaction(seconds=None) as tx:
                tx.run(
                    Inline(f"/* expire.drop_months */ set local lock_timeout = '{LOCK_SECONDS}s'")
                )
                rows = tx.value(
                    Inline("/* expire.drop_months */ select drop_partition(%(parent)s, %(name)s)"),
                    parent=parent,
                    name=name,
                )
        except (Conflict, Unavailable) as error:
            if time.monotonic() + pause > deadline:
                log.warning(
                    "%s is in use; it and what comes after it stay until the next run: %s",
                    name,
                    error,
                )
                break
            time.sleep(pause)
            pause = min(2 * pause, 2.0)
            continue
        result[f"{parent}_deleted"] += rows
        result["partitions_dropped"] += 1
        found.pop(0)
    result["partitions_in_use"] = len(found)
