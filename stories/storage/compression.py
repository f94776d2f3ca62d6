"""Old events in chunks: arrays take an eighth of what rows take (migrations/021_compression.sql).

A chunk is of one app and one month of UTC; its events are those of whole days, in the order of person.
What the fold has not counted stays rows, and so do handled errors, which change when issues are merged.
Sessions that a chunk tells by itself leave; whoever needs one makes it anew from the chunk's events.
All that changes chunks holds the fold's lock: compression, decompression, expiry and erasure.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from database import Database, Row, Transaction
from stories.apps import Apps
from stories.catalogue import App
from stories.privacy.person_keys import PersonKey
from stories.rollups.departed import wait_for_deletions
from stories.rollups.fold import fold, wait_for_lock
from stories.storage import partitions
from stories.storage.table_locks import with_each

log = logging.getLogger("stories.compression")

CHUNK = 2_000  # events
CHUNK_BYTES = 1024 * 1024  # of properties, as they are stored
SLICE = 20 * CHUNK  # events in one transaction: about a second under the fold's lock
LEAST = 100  # events that are worth a chunk; fewer stay rows
SHRINK_BYTES = 1024 * 1024  # a table that takes less is left as it is
ROW_BYTES = 1_000  # with more a row, on average, a month is mostly empty pages
SESSION_BYTES = 400  # the same of sessions: a row takes 170 with its indexes
LEAVING = 100  # chunks whose sessions leave in one transaction: a second under the fold's lock


@dataclass
class Compressed:
    events: int = 0
    chunks: int = 0
    sessions: int = 0  # rows that have left
    tables_shrunk: int = 0


class Damaged(Exception):
    """A chunk is not what went into it. Nothing was changed."""


def compress(
    database: Database, apps: Apps, key: PersonKey, now: datetime, after_days: int
) -> Compressed:
    """Pack the events of days that are more than `after_days` old; 0: none. Nor any on Citus. Raises
    Damaged."""
    done = Compressed()
    if not after_days:
        return done
    with database.transaction(read_only=True) as tx:
        if tx.rows("operation/server_version")[0]["has_citus"]:
            log.info("nothing is compressed: events on Citus cannot be yet")
            return done
    fold(database, apps, key)
    every = apps.all()
    for app in every:
        compress_app(database, app, now, after_days, done)
    leave_sessions(database, done)
    oldest = min((_midnight(app, now, after_days) for app in every), default=now)
    done.tables_shrunk = _shrink(database, oldest)
    return done


def leave_sessions(database: Database, done: Compressed) -> None:
    """Delete the sessions that chunks tell by themselves, and note it in `done`; of chunks that earlier
    releases have made as well."""
    while True:
        with database.transaction(seconds=None) as tx:
            wait_for_deletions(tx)
            wait_for_lock(tx)
            some = tx.row("storage/chunks_to_leave", most=LEAVING)
            if some is None:
                return
            # Sessions are looked up one by one, whatever the planner thinks of what a chunk holds.
            tx.set_local(enable_hashjoin="off", enable_mergejoin="off")
            done.sessions += tx.value("storage/leave_sessions", **some)
            tx.run("storage/note_left", **some)


def decompress(
    database: Database, since: date | None = None, until: date | None = None
) -> Compressed:
    """Make rows again of all chunks, or of those that hold an event of these days of UTC."""
    span = {
        "app_id": None,
        "since": since and datetime(since.year, since.month, since.day, tzinfo=UTC),
        "until": until and datetime(until.year, until.month, until.day, tzinfo=UTC) + timedelta(1),
    }
    done = Compressed()
    while events := _unpack_some(database, span, done):
        done.events += events
    with database.transaction(seconds=None) as tx:
        wait_for_lock(tx)
        tx.run("storage/forget_marks")
    return done


def unpack_across(database: Database, app_id: int, moment: datetime) -> None:
    """Make rows again of an app's chunks that hold events of both sides of a moment."""
    while _unpack_some(
        database, {"app_id": app_id, "since": moment, "until": moment}, Compressed()
    ):
        pass


def remove_erased(tx: Transaction) -> int:
    """Take what `erased_keys` names out of the chunks; returns how many events that were. The caller
    holds the fold's lock, and has deleted the rows of the same names before."""
    tx.script_named("storage/packing_table")
    erased: int = tx.value("storage/take_erased")
    if erased:
        _pack(tx)
    return erased


def compress_app(
    database: Database, app: App, now: datetime, after_days: int, done: Compressed
) -> None:
    """Pack an app's events, and note it in `done`. What is past its retention is left to expiry."""
    since = _midnight(app, now, app.retention_days)
    cutoff = _midnight(app, now, after_days)
    while since < cutoff:
        with database.transaction(seconds=None) as tx:
            wait_for_deletions(tx)
            wait_for_lock(tx)
            span = tx.row(
                "storage/next_slice", app_id=app.app_id, since=since, cutoff=cutoff, most=SLICE
            )
            if span is None:
                return
            since = span["until"]
            if not is_worth_it(span, cutoff):
                continue
            events, chunks = _compress_slice(tx, app, span)
        done.events += events
        done.chunks += chunks


def is_worth_it(span: Row, cutoff: datetime) -> bool:
    """span: {"events", "until", "is_month_over"}. The latest days wait until they fill a chunk or their
    month is over."""
    grows = span["until"] >= cutoff and not span["is_month_over"]
    return bool(span["events"] >= (CHUNK if grows else LEAST))


def _midnight(app: App, now: datetime, days: int) -> datetime:
    day = (now.astimezone(app.zone) - timedelta(days=days)).date()
    return datetime(day.year, day.month, day.day, tzinfo=app.zone).astimezone(UTC)


def _compress_slice(tx: Transaction, app: App, span: Row) -> tuple[int, int]:
    """How many events were packed into how many chunks. Raises Damaged."""
    month = span["since"].astimezone(UTC).date().replace(day=1)
    tx.run("storage/partitions_ensure", parent=partitions.CHUNKS, month=month)
    tx.script_named("storage/packing_table")
    events = tx.run(
        "storage/take_slice",
        app_id=app.app_id,
        since=span["since"],
        until=span["until"],
        most=CHUNK,
        bytes=CHUNK_BYTES,
    )
    return events, _pack(tx) if events else 0


def _pack(tx: Transaction) -> int:
    """Make chunks of what is in `packing`, and compare them with it; returns their number."""
    tx.set_local(enable_hashagg="off", work_mem="64MB")  # a slice is sorted in memory
    chunks = [row["chunk_id"] for row in tx.rows("storage/pack")]
    tx.set_local(enable_hashagg="on")
    differences = tx.value("storage/packing_differences", chunk_ids=chunks)
    if differences:
        raise Damaged(f"{differences} events would not come out of their chunks as they went in")
    return len(chunks)


def _unpack_some(database: Database, span: Row, done: Compressed) -> int:
    with database.transaction(seconds=None) as tx:
        wait_for_deletions(tx)
        wait_for_lock(tx)
        some = tx.row("storage/chunks_to_unpack", **span, most=SLICE // CHUNK)
        if some is None:
            return 0
        done.chunks += len(some["chunk_ids"])
        tx.run("storage/return_sessions", **some)
        return tx.run("storage/unpack", **some)


def _shrink(database: Database, before: datetime) -> int:
    """Give the space of compressed months, and of sessions that have left, back to the disk. Returns how
    many tables were rewritten."""
    with database.transaction(seconds=None) as tx:
        due = [
            row["name"]
            for row in tx.rows("storage/months_to_shrink", before=before, bytes=SHRINK_BYTES)
            if tx.value("storage/count_rows", name=row["name"]) * ROW_BYTES < row["bytes"]
        ]
        [held] = tx.rows("storage/size_of_sessions")
        if max(held["rows"] * SESSION_BYTES, SHRINK_BYTES) < held["bytes"]:
            due.append("sessions")
    return len(due) - len(with_each(due, database.shrink))
