"""GET /events and GET /crashes: rows as they came, latest first, paged by cursor."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, Response

import catalogue
from database import Row
from web import params
from web.answers import answer, iso
from web.services import services

blueprint = Blueprint("rows", __name__)

CURSOR = (datetime, UUID, int)
READ_SECONDS = 30.0


@blueprint.get("/events")
def events() -> Response:
    params.known(
        "user_id",
        "event_type",
        "start_date",
        "end_date",
        "limit",
        "cursor",
        "app",
        "app_version",
        "platform",
        "country",
        "session_id",
    )
    app = params.app()
    known_events = tuple(sorted(services().apps.known_events(app)))
    filters = {
        "event": params.one_of("event_type", known_events),
        "app_version": params.text("app_version"),
        "platform": params.text("platform"),
        "country": params.text("country"),
        "session_id": params.text("session_id"),
    }
    return _page("events", filters, _event)


@blueprint.get("/crashes")
def crashes() -> Response:
    params.known(
        "user_id",
        "crash_type",
        "app_version",
        "os_version",
        "start_date",
        "end_date",
        "limit",
        "cursor",
        "app",
    )
    filters = {
        "crash_type": params.one_of("crash_type", catalogue.CRASH_TYPES),
        "app_version": params.text("app_version"),
        "os_version": params.text("os_version"),
    }
    return _page("crashes", filters, _crash)


def _page(kind: str, filters: dict[str, Any], shape: Any) -> Response:
    app = params.app()
    zone = app.zone if app else ZoneInfo("UTC")
    limit = params.integer("limit", 100, 1, 1000)
    last = params.cursor(CURSOR) or [None, None, None]
    with services().database.transaction(READ_SECONDS, read_only=True) as tx:
        tx.run("/* rows.page */ set local statement_timeout = '25s'")
        found = tx.rows(
            f"rows.{kind}",
            **filters,
            app_id=app.app_id if app else None,
            user_id=params.uuid("user_id"),
            start=params.moment("start_date", zone),
            end=params.moment("end_date", zone, end=True),
            last_timestamp=last[0],
            last_user_id=last[1],
            last_key=last[2],
            limit=limit + 1,
        )
    page, more = found[:limit], len(found) > limit
    final = page[-1] if more else None
    following = final and params.make_cursor(
        final["timestamp"], final["user_id"], final["dedupe_key"]
    )
    return answer({"success": True, kind: [shape(row) for row in page], "next_cursor": following})


def _event(row: Row) -> Row:
    key = row.pop("dedupe_key")
    return {
        **row,
        "event_key": _hex(key),
        "timestamp": _time(row["timestamp"]),
        "received_at": iso(row["received_at"].astimezone(UTC)),
    }


def _crash(row: Row) -> Row:
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
