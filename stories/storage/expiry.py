"""Expiry: delete what is older than its app's retention.

Whole months go by dropping their partition, the rest by delete. The kept rollups do not change by a
digit: days that lose events are sealed, and people whose rows go move to `departed`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from database import Database, Inline, Transaction
from stories.apps import Apps
from stories.catalogue import App
from stories.privacy.person_keys import PersonKey
from stories.rollups.departed import move_histories
from stories.rollups.fold import UNLIMITED, fold, fold_pending, wait_for_lock
from stories.storage import compression
from stories.storage.table_locks import with_each

PIECE = 20_000  # rows of a table in one transaction: about a second under the fold's lock
PEOPLE = 5_000
PIECE_OF_CHUNKS = 100
NAMES_DAYS = 1  # of a name that no group came to
SDK_SESSIONS_DAYS = 30  # their days stay
HOURS_DAYS = 29  # as sql/crashes/group_hours counts them
MAPPED_WITHIN = timedelta(days=7)  # where no process maps the queue grows
NAME_KEPT = timedelta(days=30)  # of an undeclared event that nobody sends any more
CLOCKS_APART = timedelta(hours=1)
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
        "issues_deleted": 0,
        "partitions_dropped": 0,
        "partitions_in_use": 0,
    }
    every = apps.all()
    cutoffs = {app.app_id: _cutoff(app, now) for app in every}
    oldest = min(cutoffs.values(), default=now)  # before this no app keeps anything
    first_kept = oldest.astimezone(UTC).date().replace(day=1)
    expiry = Expiry(database, apps, key, now, first_kept, result)
    fold(database, apps, key)
    for app in every:
        expiry.of(app, cutoffs[app.app_id])
    _drop_months(database, first_kept, result)
    for app in every:
        expiry.issues_of(app, cutoffs[app.app_id])
    expiry.empty_rows()
    with database.transaction() as tx:
        tx.run("storage/expire_claims", oldest=oldest)
        tx.run("storage/expire_set_aside", oldest=oldest)
        tx.run("storage/expire_remap_queue", before=now - MAPPED_WITHIN)
        tx.run("storage/expire_event_names", before=now.date() - NAME_KEPT)
        tx.run("storage/expire_session_marks", first_kept=first_kept)
    return result


def _cutoff(app: App, now: datetime) -> datetime:
    """The start of the first day that is kept: retention_days and today."""
    day = (now.astimezone(app.zone) - timedelta(days=app.retention_days)).date()
    return datetime(day.year, day.month, day.day, tzinfo=app.zone).astimezone(UTC)


@dataclass(frozen=True)
class Expiry:
    """One run. Each step deletes in pieces, a transaction each; folds run between them, so that a first
    expiry after a shorter retention does not stop the counting. Days are sealed first: from then on
    every state in between is one that a recount agrees with."""

    database: Database
    apps: Apps
    key: PersonKey
    now: datetime
    first_kept: date
    result: dict[str, Any]

    def of(self, app: App, cutoff: datetime) -> None:
        horizon = cutoff.astimezone(app.zone).date()
        # Before days are sealed: later counts start from the rows of sessions over the cutoff.
        compression.unpack_across(self.database, app.app_id, cutoff)
        with self._locked() as tx:
            tx.run("rollups/let_go", user_id=None, before=cutoff)
            fold_pending(tx, self.apps, self.key)
            tx.run("storage/expire_seal", app_id=app.app_id, horizon=horizon)
            tx.script_named("storage/expire_departed")
        while self._people_of_groups(app, cutoff):
            pass
        while self._people(app, cutoff):
            pass
        self._person_days(app, horizon)
        where = {"app_id": app.app_id, "cutoff": cutoff}
        self._rows("sessions", **where)
        started = max(cutoff, self.now - timedelta(days=SDK_SESSIONS_DAYS))
        self._rows("sdk_sessions", app_id=app.app_id, cutoff=started)
        self._chunks(first_kept=self.first_kept, **where)
        for table in ("events", "crashes"):
            self.result[f"{table}_deleted"] += self._rows(
                table, first_kept=self.first_kept, **where
            )
        self._rows("error_details", **where)
        # What people wrote goes earlier than its events, never later.
        where["cutoff"] = max(cutoff, self.now - timedelta(days=app.content_days))
        self.result["messages_deleted"] += self._rows("contents", **where)
        self.result["images_deleted"] += self._rows("images", **where)
        with self.database.transaction(seconds=None) as tx:
            tx.run("storage/expire_external_ids", first_kept=self.first_kept, app_id=app.app_id)
        self._person_links(app, cutoff)

    def issues_of(self, app: App, cutoff: datetime) -> None:
        """Issues go with the last row of their crashes, text and all."""
        with self._locked() as tx:
            fold_pending(tx, self.apps, self.key)
            tx.script_named("crashes/leaving_tables")
            tx.run("crashes/leaving_issues", app_id=app.app_id, cutoff=cutoff)
            self.result["issues_deleted"] += tx.value("crashes/count_leaving")
            tx.script_named("crashes/delete_issues")
            forgotten = self.now - timedelta(days=NAMES_DAYS)
            tx.run("crashes/expire_names", app_id=app.app_id, before=forgotten)
            hours = self.now - timedelta(days=HOURS_DAYS)
            tx.run("crashes/expire_hours", app_id=app.app_id, before=hours)

    def empty_rows(self) -> None:
        """Rows that count nobody, and series of no day. Not beside the fold, which adds to them in any
        order."""
        with self._locked() as tx:
            tx.script_named("storage/expire_empty_rows")

    def _people_of_groups(self, app: App, cutoff: datetime) -> int:
        """Who met a group before the cutoff for the last time is only counted from then on; returns how
        many rows went. Before their users: a recount asks those when they came."""
        with self._locked() as tx:
            tx.script_named("crashes/leaving_tables")
            rows = tx.run("crashes/leaving_people", app_id=app.app_id, cutoff=cutoff, most=PIECE)
            tx.script_named("crashes/depart_people")
        return rows

    def _people(self, app: App, cutoff: datetime) -> int:
        """People whose last sign is before the cutoff; returns how many went, 0 at the end."""
        with self._locked() as tx:
            tx.script_named("rollups/leaving_table")
            where = {"app_id": app.app_id, "cutoff": cutoff, "most": PEOPLE}
            people = tx.run("storage/leaving_people", **where)
            if people:
                move_histories(tx)
                for table in ("users", "person_days", "sessions"):
                    tx.run(f"storage/expire_left_{table}")
        self.result["people_deleted"] += people
        return people

    def _person_days(self, app: App, horizon: date) -> None:
        after, where = None, {"app_id": app.app_id, "horizon": horizon}
        while True:
            with self._locked() as tx:
                upto = tx.value("storage/expire_next_person", after=after, most=PIECE, **where)
                for name in ("person_days", "anchors"):
                    tx.run(f"storage/expire_{name}", after=after, upto=upto, **where)
            if upto is None:
                return
            after = upto

    def _person_links(self, app: App, cutoff: datetime) -> None:
        """Links go with whom they lead to."""
        after = None
        while True:
            with self.database.transaction(seconds=None) as tx:
                where = {"cutoff": cutoff, "after": after, "most": PEOPLE}
                rows = tx.rows("storage/old_links", app_id=app.app_id, **where)
                if not rows:
                    return
                people = [row["user_id"] for row in rows]
                held = tx.rows("storage/held_people", app_id=app.app_id, people=people)
                gone = set(people) - {row["user_id"] for row in held}
                tx.run("storage/expire_person_links", app_id=app.app_id, people=list(gone))
            after = people[-1]

    def _rows(self, table: str, **where: Any) -> int:
        """Rows that nobody counts from any more; returns how many went."""
        gone = 0
        while True:
            with self.database.transaction(seconds=None) as tx:
                tx.run(Inline(f"/* expire.rows */ select {UNLIMITED}"))
                piece = tx.run(f"storage/expire_{table}", most=PIECE, **where)
            if not piece:
                return gone
            gone += piece

    def _chunks(self, **where: Any) -> None:
        while True:
            with self._locked() as tx:
                events = tx.value("storage/expire_event_chunks", most=PIECE_OF_CHUNKS, **where)
            if not events:
                return
            self.result["events_deleted"] += events

    @contextmanager
    def _locked(self) -> Iterator[Transaction]:
        """A transaction under the fold's lock; what came in since the last one is folded before."""
        fold(self.database, self.apps, self.key)
        with self.database.transaction(seconds=None) as tx:
            wait_for_lock(tx)
            yield tx
            tx.run("rollups/mark_changed")


def _drop_months(database: Database, first_kept: date, result: dict[str, Any]) -> None:
    """Drop partitions of months before `first_kept`."""
    with database.transaction() as tx:
        due = tx.rows("storage/expire_partitions", first_kept=first_kept)
    parents = {row["name"]: row["parent"] for row in due}

    def drop(name: str) -> None:
        with database.transaction(seconds=None) as tx:
            tx.set_local(lock_timeout=f"{LOCK_SECONDS}s")
            rows = tx.value(
                Inline("/* expire.drop_months */ select drop_partition(%(parent)s, %(name)s)"),
                parent=parents[name],
                name=name,
            )
        kind = "crashes" if parents[name] == "crashes" else "events"
        result[f"{kind}_deleted"] += rows
        result["partitions_dropped"] += 1

    result["partitions_in_use"] = len(with_each(list(parents), drop))
