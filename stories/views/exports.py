"""GET /api/export: events, crashes, daily counts, issues or people of an app as JSON, NDJSON or CSV."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterator
from typing import Any

from flask import Blueprint, Response

from database import Database, Expression, Transaction
from stories.catalogue import App
from stories.errors import ApiError
from stories.reports import export, key_numbers, windows
from stories.reports.periods import Days
from stories.views.people_search import SEARCH, asked_search
from stories.web import parameters
from stories.web.filters import NARROWING, narrowed, of_crash_rows, of_rows
from stories.web.services import now, services

blueprint = Blueprint("exports", __name__)

AT_ONCE = 2  # in each worker; an export holds a database connection as long as its reader takes
RETRY_SECONDS = 15
# Rows held in memory at a time: events have 8 KB of properties at most, crashes 80 KB.
BATCH = {"events": 500, "crashes": 50, "daily": 2000, "issues": 500, "people": 2000}
_places = threading.BoundedSemaphore(AT_ONCE)


@blueprint.get("/api/export")
def export_rows() -> Response:
    """Default: the default website's events of 30 days (docs/COMPATIBILITY.md, Website). People: those
    of a search, as GET /users takes it."""
    parameters.known("format", "days", "app", "what", *SEARCH, *NARROWING)
    app = parameters.app() or parameters.app_of_kind("website")
    file_format = parameters.one_of("format", tuple(export.MEDIA), "json") or "json"
    what = parameters.one_of("what", export.WHAT, "events") or "events"
    matches = _matches(what, app)
    days = Days.latest(app, parameters.integer("days", 30, 1, 3650), now())
    services().freshen()
    rows = _rows(services().reports, what, days, matches)
    first = next(rows)  # the query has run: what fails from here on cuts the answer short
    name = f"{app.slug}-{what}-{days.last}.{file_format}"
    response = Response(
        export.pieces(_after(first, rows), file_format),
        content_type=export.MEDIA[file_format],
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
        },
    )
    response.call_on_close(rows.close)  # also when nobody reads it: HEAD, or a client that left
    return response


def _matches(what: str, app: App) -> Expression | None:
    """Which people, events or crashes; None where nothing narrows what is exported."""
    if what == "people":
        return asked_search(app)
    takes = NARROWING if what in ("events", "crashes") else ()
    others = {*SEARCH, *NARROWING} - {"days", *takes}
    parameters.exclude(*sorted(others), beside=f"what={what}")
    if not takes:
        return None
    return of_rows(narrowed(app)) if what == "events" else of_crash_rows(narrowed(app))


def _rows(
    database: Database, what: str, days: Days, matches: Expression | None
) -> Generator[tuple[Any, ...], None, None]:
    """Column names, then rows; matches: as _matches has it. Holds a connection and a place until it
    is exhausted or closed."""
    if not _places.acquire(blocking=False):
        raise ApiError(
            503,
            "too_many_exports",
            f"{AT_ONCE} exports are already running; try again in {RETRY_SECONDS} s",
            retry_after=RETRY_SECONDS,
        )
    try:
        with database.transaction(seconds=None, isolation="REPEATABLE READ", read_only=True) as tx:
            tx.set_local(timezone="UTC")
            span = days.days if what == "daily" else days.moments
            if what == key_numbers.SECTION:
                yield from key_numbers.exported(tx, days)
                return
            if what == "people":
                span = {"app_id": days.app.app_id}
            if matches is not None:
                span["matches"] = matches
            if what == "events":
                yield from _events(tx, days, span)
                return
            yield from tx.stream(f"reports/export_{what}", BATCH[what], **span)
    finally:
        _places.release()


def _events(tx: Transaction, days: Days, span: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    """A window at a time: what is compressed is unpacked and sorted as it goes."""
    each = windows.oldest_first(tx, days.app.app_id, days.start, days.end)
    for number, window in enumerate(each):
        rows = tx.stream("reports/export_events", BATCH["events"], **{**span, **vars(window)})
        names = next(rows)
        if number == 0:
            yield names
        yield from rows


def _after(first: Any, rest: Iterator[Any]) -> Iterator[Any]:
    yield first
    yield from rest
