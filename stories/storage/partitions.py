"""The monthly partitions of events, their chunks and crashes: made before they are needed, compacted
after they end."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from database import Database

CHUNKS = "event_chunks"
PARENTS = ("events", "crashes", CHUNKS)
SETTLED_DAYS = 3  # days after a month's end in which most of its late events arrive


def months(first: date, last: date) -> list[date]:
    """The first days of the months that the days first..last touch."""
    firsts = []
    month = first.replace(day=1)
    while month <= last:
        firsts.append(month)
        month = (month + timedelta(days=32)).replace(day=1)
    return firsts


def ensure(database: Database, now: datetime, keep_days: int) -> int:
    """Partitions from the oldest day that intake may take to the end of the month after next.

    Returns how many were made. Each in a transaction of its own: attaching needs a lock that waits
    for a running vacuum, and appends must not queue behind the wait.
    """
    wanted = months((now - timedelta(days=keep_days + 2)).date(), (now + timedelta(days=62)).date())
    return _ensure(database, wanted)


def ensure_for(database: Database, moments: list[datetime]) -> int:
    """The months of these times, for a row that found none (the clock ran past what `ensure` made)."""
    return _ensure(
        database, sorted({moment.astimezone(UTC).date().replace(day=1) for moment in moments})
    )


def ensure_all(database: Database, default_retention: int) -> int:
    """The same for the app that keeps its data longest; what the server's start and the daily job
    call."""
    with database.transaction() as tx:
        keep: int = tx.value(
            "storage/partitions_longest_retention",
            days=default_retention,
        )
    return ensure(database, datetime.now(UTC), keep)


def _ensure(database: Database, wanted: list[date]) -> int:
    made = 0
    for month in wanted:
        for parent in PARENTS:
            with database.transaction(seconds=10) as tx:
                tx.set_local(lock_timeout="5s")
                made += tx.value("storage/partitions_ensure", parent=parent, month=month)
    return made


def compact(database: Database, now: datetime) -> int:
    """Rebuild the indexes of months that are over, once. Random keys leave B-tree pages two thirds
    full; rebuilt they are nine tenths full, which saves a tenth of all bytes an event costs. Runs
    beside appends and reads. Returns how many months it did;
    empty ones wait for events."""
    with database.transaction() as tx:
        closed = tx.rows(
            "storage/partitions_to_compact", before=(now - timedelta(days=SETTLED_DAYS)).date()
        )
    return sum(database.rebuild_indexes(row["name"]) for row in closed)
