"""GET /events and GET /crashes: rows as they came, latest first, paged by cursor."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, Response

from database import Row, Transaction
from stories import catalogue
from stories.catalogue import App
from stories.web import parameters
from stories.web.answers import answer, iso
from stories.web.services import services

blueprint = Blueprint("rows", __name__)

CURSOR = (datetime, UUID, int)
CURSOR_KEYS = ("timestamp", "user_id", "dedupe_key")
READ_SECONDS = 30.0


EVENT_FILTERS = ("app_version", "platform", "country", "session_id")
CRASH_FILTERS = ("app_version", "os_version")
SPAN = ("app", "user_id", "start_date", "end_date", "limit", "cursor")


@blueprint.get("/events")
def list_events() -> Response:
    parameters.known(*SPAN, "event_type", *EVENT_FILTERS)
    return _page("events", event_question(parameters.app()), event_row)


@blueprint.get("/crashes")
def list_crashes() -> Response:
    parameters.known(*SPAN, "crash_type", *CRASH_FILTERS)
    return _page("crashes", crash_question(parameters.app()), crash_row)


def event_question(app: App | None) -> dict[str, Any]:
    """Which events: parameters of rows.events."""
    known_events = tuple(sorted(services().apps.known_events(app)))
    filters = {name: parameters.text(name) for name in EVENT_FILTERS}
    return {"event": parameters.one_of("event_type", known_events), **filters, **_span(app)}


def crash_question(app: App | None) -> dict[str, Any]:
    """Which crashes: parameters of rows.crashes."""
    filters = {name: parameters.text(name) for name in CRASH_FILTERS}
    kind = parameters.one_of("crash_type", catalogue.CRASH_TYPES)
    return {"crash_type": kind, **filters, **_span(app)}


def _span(app: App | None) -> dict[str, Any]:
    zone = app.zone if app else ZoneInfo("UTC")
    return {
        "app_id": app.app_id if app else None,
        "user_id": parameters.uuid("user_id"),
        "start": parameters.moment("start_date", zone),
        "end": parameters.moment("end_date", zone, end=True),
    }


def _page(kind: str, question: dict[str, Any], shape: Callable[[Row], Row]) -> Response:
    limit = parameters.integer("limit", 100, 1, 1000)
    last = parameters.cursor(CURSOR) or [None, None, None]
    with reading() as tx:
        rows = tx.rows(
            f"reports/rows_{kind}",
            **question,
            last_timestamp=last[0],
            last_user_id=last[1],
            last_key=last[2],
            limit=limit + 1,
        )
    page, next_cursor = parameters.paged(rows, limit, CURSOR_KEYS)
    return answer({"success": True, kind: [shape(row) for row in page], "next_cursor": next_cursor})


@contextmanager
def reading() -> Iterator[Transaction]:
    """For walks over rows: the server gives up before we do."""
    with services().database.transaction(READ_SECONDS, read_only=True) as tx:
        tx.set_local(statement_timeout="25s")
        yield tx


def event_row(row: Row) -> Row:
    key = row.pop("dedupe_key")
    return {
        **row,
        "event_key": _hex(key),
        "timestamp": _time(row["timestamp"]),
        "received_at": iso(row["received_at"].astimezone(UTC)),
    }


def crash_row(row: Row) -> Row:
    key = row.pop("dedupe_key")
    return {
        "crash_id": _hex(key),
        **row,
        "timestamp": _time(row["timestamp"]),
        "received_at": iso(row["received_at"].astimezone(UTC)),
    }


def _hex(key: int) -> str:
    return f"{key & 0xFFFF_FFFF_FFFF_FFFF:016x}"


def _time(moment: datetime) -> str:
    """A client's own time to the microsecond it may have had: it is part of the row's key."""
    moment = moment.astimezone(UTC)
    return (
        iso(moment) if moment.microsecond % 1000 == 0 else moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    )
