"""The dashboard's tables where /events, /crashes and /users have no answer: a search through all
events of a period, and people and crashes in the order of any column.

Pages go by a cursor as theirs do. A search looks at MAX_SEARCHED events a request, and says how far
it got.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, Response

from database import Row, Transaction
from stories.privacy.ids import person_id
from stories.views import rows
from stories.views.dashboard_data import needed_app
from stories.views.people import person_row
from stories.views.people_search import SEARCH, asked_search, reading_people
from stories.web import parameters
from stories.web.answers import answer
from stories.web.filters import FILTERS, NARROWING
from stories.web.services import services

blueprint = Blueprint("dashboard_rows", __name__, url_prefix="/dashboard/api")

MAX_SEARCHED = 100_000  # a third of a second
# Name of an order -> what dashboard.users takes for it: names of events are counts by event.
USER_ORDERS = {
    "last_active": "last_active",
    "first_seen": "first_seen",
    "events": "events",
    "crashes": "crashes",
    "version": "version",
    "platform": "platform",
    "country": "country",
    "messages": "messages",
    "recordings": "recording_completed",
    "images": "image_generated",
    "pages": "pageview",
    "conversions": "conversion",
}
CRASH_ORDERS = ("time", "message", "type", "version", "system")


@blueprint.get("/search")
def search_events() -> Response:
    """/events with `search`, a text that the event's name, person, session, version, platform,
    country or properties hold: {"events", "next_cursor", "searched_to"}. searched_to: the time of
    the event up to which was looked, null when that was all."""
    parameters.known(*rows.SPAN, *rows.BY_CURSOR, "event_type", *FILTERS, "search")
    app, text = needed_app(), parameters.text("search")
    if text is None:
        raise parameters.wrong("search", "is required")
    limit = parameters.integer("limit", 100, 1, 1000)
    last = parameters.cursor(rows.CURSOR) or [None, None, None]
    with rows.reading() as tx:
        looked_at = _search(
            tx,
            {
                **rows.event_question(app),
                "text": text.lower(),
                "quoted": json.dumps(text.lower(), ensure_ascii=False)[1:-1],
                "person": person_id(app, text, services().key.digest()),
                "last_timestamp": last[0],
                "last_user_id": last[1],
                "last_key": last[2],
                "limit": limit,
            },
        )
    end = looked_at[-1] if looked_at else None
    more = end is not None and (len(looked_at) == limit or end["reached"])
    next_cursor = (
        parameters.make_cursor(*(end[key] for key in rows.CURSOR_KEYS)) if end and more else None
    )
    shown = [rows.event_row(row) for row in looked_at]
    for row in shown:
        del row["reached"], row["place"]
    searched_to = shown[-1]["timestamp"] if more else None
    events = [row for row in shown if row.pop("found")]
    return answer(
        {"success": True, "events": events, "next_cursor": next_cursor, "searched_to": searched_to}
    )


def _search(tx: Transaction, question: Row) -> list[Row]:
    """The rows of reports/dashboard_search, of one window after the other: those found, and the last
    that was looked at where there are more."""
    found: list[Row] = []
    most = MAX_SEARCHED
    for window in rows.event_windows(tx, question):
        bounds = {**vars(window), "most": most, "limit": question["limit"] - len(found)}
        looked_at = tx.rows("reports/dashboard_search", **{**question, **bounds})
        found += [row for row in looked_at if row["found"] or row["reached"]]
        if len(found) >= question["limit"] or (looked_at and looked_at[-1]["reached"]):
            break
        most -= looked_at[-1]["place"] if looked_at else 0
    return found


@blueprint.get("/users")
def list_people() -> Response:
    """/users in the order of `sort`, a key of USER_ORDERS, with a minus from the top."""
    parameters.known("app", "sort", "limit", "cursor", *SEARCH)
    app, (order, ascending) = needed_app(), _order(tuple(USER_ORDERS))
    limit = parameters.integer("limit", 100, 1, 1000)
    last = parameters.cursor((str, UUID)) or [None, None]
    matches = asked_search(app)
    with reading_people() as tx:
        people = tx.rows(
            "reports/dashboard_users",
            app_id=app.app_id,
            sort=USER_ORDERS[order],
            ascending=ascending,
            last_key=last[0],
            last_user_id=last[1],
            limit=limit + 1,
            matches=matches,
        )
    page, next_cursor = parameters.paged(people, limit, ("sort_key", "user_id"))
    for row in page:
        del row["sort_key"]
    users = [person_row(row) for row in page]
    return answer({"success": True, "users": users, "next_cursor": next_cursor})


@blueprint.get("/crashes")
def list_crashes() -> Response:
    """/crashes in the order of `sort`, one of CRASH_ORDERS, with a minus from the top."""
    parameters.known(
        *(*rows.SPAN, *rows.BY_CURSOR, "crash_type", *rows.CRASH_FILTERS, "sort"),
        *(*NARROWING, "question_id"),
    )
    app, (order, ascending) = needed_app(), _order(CRASH_ORDERS)
    limit = parameters.integer("limit", 100, 1, 1000)
    last = parameters.cursor((str, datetime, UUID, int)) or [None, None, None, None]
    with rows.reading() as tx:
        crashes = tx.rows(
            "reports/dashboard_crashes",
            **rows.crash_question(app),
            sort=order,
            ascending=ascending,
            last_key=last[0],
            last_timestamp=last[1],
            last_user_id=last[2],
            last_dedupe_key=last[3],
            limit=limit + 1,
        )
    page, next_cursor = parameters.paged(crashes, limit, ("sort_key", *rows.CURSOR_KEYS))
    for row in page:
        del row["sort_key"]
    shown: list[dict[str, Any]] = [rows.crash_row(row) for row in page]
    return answer({"success": True, "crashes": shown, "next_cursor": next_cursor})


@blueprint.get("/person")
def show_person() -> Response:
    """{"external_id": the id that the app itself has for a person, or null}."""
    parameters.known("app", "user_id")
    app, user_id = needed_app(), parameters.uuid("user_id")
    with services().database.transaction(read_only=True) as tx:
        row = tx.row("privacy/external_ids", user_id=user_id, app_id=app.app_id)
    return answer({"success": True, "external_id": row and row["external_id"]})


def _order(names: tuple[str, ...]) -> tuple[str, bool]:
    """(name, ascending) of `sort`: "-events" is from the top."""
    choices = (*names, *(f"-{name}" for name in names))
    given = parameters.one_of("sort", choices)
    if given is None:
        raise parameters.wrong("sort", "is required")
    return given.removeprefix("-"), not given.startswith("-")
