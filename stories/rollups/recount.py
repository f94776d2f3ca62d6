"""Counting again from the events: `check` compares with what is kept, `rebuild` puts it in its
place.

The recount runs the fold's own statements. They name their tables without a schema, and PostgreSQL
looks for temporary tables first: with temporary tables of the rollups' names they fill those, from
nothing. In one snapshot an event is either pending or folded, so what is pending is known exactly.
`check` needs no more than that and stops nobody; `rebuild` holds the fold's lock.

Sealed days, and all before apps.whole_since, have lost events; they are left alone, and the answer
says how many there are.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from database import Database, Inline, Transaction
from stories.apps import Apps
from stories.rollups import held, work_tables
from stories.rollups.definitions import definitions
from stories.rollups.departed import wait_for_deletions
from stories.rollups.fold import (
    SLICE,
    UNLIMITED,
    count_slice,
    wait_for_lock,
)


@dataclass(frozen=True)
class Rollup:
    """by_day: has a column `day` and can be rebuilt for some days. amount: rows with 0 of it mean
    nothing. people: depends on people's whole history, so only a whole recount covers it. view: of
    totals in tables that hold more, which rollups/recount_put_issues puts right. series: the table that
    holds its days by series."""

    name: str
    by_day: bool = False
    amount: str = ""
    people: bool = True
    view: bool = False
    series: str = ""


ROLLUPS = (
    Rollup("daily_events", by_day=True, people=False, series="event_series"),
    Rollup("daily_values", by_day=True, people=False, series="value_series"),
    Rollup("daily_numbers", by_day=True, people=False, series="number_series"),
    Rollup("daily_crashes", by_day=True, people=False),
    Rollup("group_days", by_day=True, people=False),
    Rollup("session_days", by_day=True, amount="sessions", people=False),
    Rollup("daily_sessions", by_day=True, amount="sessions"),
    Rollup("active_gaps", by_day=True, amount="people"),
    Rollup("person_days", by_day=True),
    Rollup("lifetimes", amount="people"),
    Rollup("cohort_weeks", amount="people"),
    Rollup("people_now", amount="people"),
    Rollup("users"),
    Rollup("sessions"),
    Rollup("group_hours"),
    Rollup("group_people"),
    Rollup("group_counts", view=True),
    Rollup("issue_counts", view=True),
)

EVER = (date(1970, 1, 1), date(9999, 12, 31))
EXAMPLES = 5
CHUNKS = 200  # whose sessions are looked at together


def check(
    database: Database, apps: Apps, since: date | None = None, until: date | None = None
) -> dict[str, Any]:
    """Compare the rollups with a recount and change nothing. With days: only the daily ones.

    Returns {"differences": {table: number}, "examples": [...], "events": recounted, "sealed_days"}.
    """
    with _snapshot(database) as tx:
        whole = since is None and until is None
        return _recount(tx, apps, since, until, people=whole, keep=False)


def rebuild(
    database: Database,
    apps: Apps,
    since: date | None = None,
    until: date | None = None,
    people: bool = True,
    fresh_values: bool = False,
) -> dict[str, Any]:
    """Replace the rollups by a recount; with days, or without people, only the daily ones. The
    answer tells what was different before. fresh_values: what counts by its own name and what as
    "other" is decided anew, as if all events came in order of time; only in a whole recount."""
    whole = people and since is None and until is None
    # The lock is another transaction's: a snapshot that waited for it would be older than what the
    # folder before us has done.
    with database.transaction(seconds=None) as holder:
        wait_for_deletions(holder)
        wait_for_lock(holder)
        with _snapshot(database, deletions=False) as tx:
            return _recount(
                tx, apps, since, until, people=whole, keep=True, fresh_values=fresh_values and whole
            )


@contextmanager
def _snapshot(database: Database, deletions: bool = True) -> Iterator[Transaction]:
    """A transaction that sees everything as of one moment. No month is dropped after that moment:
    locking a table takes no snapshot yet. deletions: it must not be one within an erasure."""
    with database.transaction(seconds=None, isolation="REPEATABLE READ") as tx:
        tx.run(
            Inline("/* recount */ lock table events, event_chunks, crashes in access share mode")
        )
        if deletions:
            with database.transaction(seconds=None) as holder:
                wait_for_deletions(holder)
                tx.run(Inline(f"/* recount */ select {UNLIMITED}"))
        else:
            tx.run(Inline(f"/* recount */ select {UNLIMITED}"))
        yield tx


def _recount(
    tx: Transaction,
    apps: Apps,
    since: date | None,
    until: date | None,
    *,
    people: bool,
    keep: bool,
    fresh_values: bool = False,
) -> dict[str, Any]:
    first, last = since or EVER[0], until or EVER[1]
    rollups = [rollup for rollup in ROLLUPS if people or not rollup.people]
    work_tables.make(tx)
    tx.script_named("rollups/recount_tables")
    tx.script_named("rollups/recount_departed")
    if fresh_values:
        tx.script_named("rollups/recount_forget_choices")
    if people:
        tx.script_named("rollups/recount_seeds")
    events = _count_all(tx, apps, first, last)
    tx.script_named("rollups/recount_sessions")
    if people:
        tx.script_named("rollups/recount_carry")
        tx.script_named("rollups/recount_issues")
        _leave_sessions(tx)
    differences, examples = {}, []
    for rollup in rollups:
        rows = tx.rows(
            "rollups/recount_differences",
            rollup=rollup.name,
            by_day=rollup.by_day,
            amount=rollup.amount,
            since=first,
            until=last,
        )
        differences[rollup.name] = len(rows)
        examples += [{"table": rollup.name, **row["difference"]} for row in rows[:EXAMPLES]]
        if keep and rows and rollup.series:
            tx.run("rollups/recount_exchange_series", series=rollup.series, since=first, until=last)
        elif keep and rows and not rollup.view:
            tx.run(
                "rollups/recount_exchange",
                rollup=rollup.name,
                by_day=rollup.by_day,
                since=first,
                until=last,
            )
    if keep and people:
        tx.run("rollups/recount_testers")
        tx.script_named("rollups/recount_put_issues")
        tx.script_named("rollups/recount_put_marks")
    if keep:
        tx.run("rollups/recount_put_sessions", since=first, until=last)
        tx.script_named("rollups/recount_choices")
        tx.run("rollups/mark_changed")
    return {
        "events": events,
        "differences": differences,
        "examples": examples,
        "sealed_days": tx.value(
            "rollups/count_sealed_days",
            first=first,
            last=last,
        ),
    }


def _count_all(tx: Transaction, apps: Apps, first: date, last: date) -> int:
    """Run the fold over all that is folded, in order of time: a day at a time, or as many as make a
    slice worth its statements."""
    defined = definitions(tx, apps)
    bounds = [
        row
        for app in apps.read(tx)
        for row in tx.rows("rollups/recount_bounds", app_id=app.app_id)
        if row["first"] is not None
    ]
    if not bounds:
        return 0
    # A calendar day lies within the UTC days around it, wherever the app is.
    moment = max(min(row["first"] for row in bounds).astimezone(UTC), _midnight(first, -1))
    end = min(max(row["last"] for row in bounds).astimezone(UTC), _midnight(last, 2))
    step, events = timedelta(days=1), 0
    while moment <= end:
        work_tables.clear(tx)
        held.hold(tx, moment, moment + step)
        taken = tx.run("rollups/recount_keys", since=moment, until=moment + step)
        if taken:
            count_slice(tx, defined)
        events += taken
        moment += step
        if taken < SLICE // 4:
            step = min(step * 2, timedelta(days=64))
        elif taken > SLICE * 2:
            step = max(step / 2, timedelta(minutes=10))
    return events


def _leave_sessions(tx: Transaction) -> None:
    """What has left with compressed days leaves the recounted sessions, too."""
    tx.run(Inline("/* recount */ analyze sessions"))
    for chunks in tx.rows("rollups/left_chunks", most=CHUNKS):
        tx.value("storage/leave_sessions", **chunks)


def _midnight(day: date, shift: int) -> datetime:
    if day in EVER:
        shift = 0
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=shift)
