"""Where events are read from, a window of time after the other: so a page unpacks only the chunks that
it needs (storage/compression.py), and walks along an index where there are none. Every moment is in one
window, whatever the chunks are. All windows are of one snapshot: events may be packed meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from database import Expression, Transaction

CHUNKS = 20  # of a window, and twice as many of each one after it
INSTANT = timedelta(microseconds=1)
ROWS = Expression("select * from events")


@dataclass(frozen=True)
class Window:
    """start: inclusive, end: exclusive; None: without one. source: what statements read as
    %(source)s."""

    start: datetime | None
    end: datetime | None
    source: Expression = ROWS


def of_person(user_id: UUID, app_id: int) -> Expression:
    """One person's events, whenever."""
    text = "select * from events_of(%(user_id)s::uuid, %(app_id)s::smallint)"
    return Expression(text, {"user_id": user_id, "app_id": app_id})


def both(app_id: int, start: datetime | None, end: datetime | None) -> Expression:
    """An app's events of a span of time, rows and those in chunks."""
    text = (
        "select * from events_between(%(app_id)s::smallint, %(start)s::timestamptz, "
        "%(end)s::timestamptz)"
    )
    return Expression(text, {"app_id": app_id, "start": start, "end": end})


def newest_first(
    tx: Transaction, app_id: int, start: datetime | None, end: datetime | None
) -> Iterator[Window]:
    """From `end` back to `start`."""
    newest = tx.value("reports/newest_chunk", app_id=app_id, before=end)
    if newest is None or (start is not None and newest < start):
        yield Window(start, end)
        return
    since: datetime | None = newest + INSTANT
    if end is None or newest + INSTANT < end:
        yield Window(since, end)
        end = since
    chunks = CHUNKS
    while True:
        since = tx.value("reports/chunks_before", app_id=app_id, before=end, most=chunks)
        if since is None:
            yield Window(start, end)
            return
        if start is not None and since <= start:
            yield Window(start, end, both(app_id, start, end))
            return
        yield Window(since, end, both(app_id, since, end))
        end, chunks = since, 2 * chunks


def newest_first_of(
    tx: Transaction, user_id: UUID, app_id: int, start: datetime | None, end: datetime | None
) -> Iterator[Window]:
    """The same of one person: what may be compressed in one window."""
    newest = tx.value("reports/newest_chunk", app_id=app_id, before=end)
    if newest is None or (start is not None and newest < start):
        yield Window(start, end)
        return
    if end is None or newest + INSTANT < end:
        yield Window(newest + INSTANT, end)
        end = newest + INSTANT
    yield Window(start, end, of_person(user_id, app_id))


def oldest_first(tx: Transaction, app_id: int, start: datetime, end: datetime) -> list[Window]:
    """From `start` to `end`."""
    found = []
    for row in tx.rows("reports/chunk_spans", app_id=app_id, start=start, end=end):
        first, after = max(row["first_at"], start), min(row["last_at"] + INSTANT, end)
        if start < first:
            found.append(Window(start, first))
        found.append(Window(first, after, both(app_id, first, after)))
        start = after
    return [*found, Window(start, end)] if start < end else found
