"""GET /events and GET /crashes: rows as they came, latest first, paged by cursor, and events by page
number too."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from heapq import merge
from itertools import islice
from operator import itemgetter
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, Response

from database import Expression, Row, Transaction
from stories import catalogue
from stories.catalogue import App
from stories.privacy import labels
from stories.reports import windows
from stories.web import parameters
from stories.web.answers import answer, iso
from stories.web.asking import asking
from stories.web.callers import own_apps
from stories.web.filters import (
    FILTERS,
    NAMED,
    NARROWING,
    narrowed,
    of_crash_rows,
    of_rows,
)
from stories.web.services import now, services

blueprint = Blueprint("rows", __name__)

# Without its end: 0-60,60-300 counts no event twice.
MAX_RANGES, MAX_USER_IDS, MAX_DAYS = 10, 100, 3650
MAX_PER_PAGE, MAX_PAGE = 100, 1000  # a page is reached by walking those before it

CURSOR = (datetime, UUID, int)
CURSOR_KEYS = ("timestamp", "user_id", "dedupe_key")
LAST_ROW = ("last_timestamp", "last_user_id", "last_key")  # the same as parameters of a statement
READ_SECONDS = 30.0
WALK_ROWS = 200  # of an app at a time, where all apps are walked


CRASH_FILTERS = ("app_version", "os_version")
SPAN = ("app", "user_id", "start_date", "end_date")
BY_CURSOR, BY_NUMBER = ("limit", "cursor"), ("page", "per_page")
COMPATIBLE = ("days", "user_ids", "duration_ranges")  # docs/COMPATIBILITY.md


@blueprint.get("/events")
def list_events() -> Response:
    """With `page` or `per_page` by page number, as older dashboards ask; else by cursor."""
    parameters.known(
        *SPAN, *BY_CURSOR, *BY_NUMBER, "event_type", "session_id", *FILTERS, *COMPATIBLE
    )
    app = parameters.app()
    question = {**event_question(app), **_compatible_filters(app)}
    if parameters.given(*BY_NUMBER):
        parameters.exclude(*BY_CURSOR, beside="page")
        return _numbered_page(question)
    return _page("events", {**question, "skip": 0}, event_row)


@blueprint.get("/crashes")
def list_crashes() -> Response:
    parameters.known(*SPAN, *BY_CURSOR, "crash_type", *CRASH_FILTERS, *NARROWING, "question_id")
    return _page("crashes", crash_question(parameters.app()), crash_row)


def event_question(app: App | None) -> dict[str, Any]:
    """Which events: parameters of rows.events."""
    of_whom = [app] if app else own_apps()
    return {
        "event": parameters.event("event_type", of_whom),
        "session_ids": _session_ids(of_whom),
        "matches": of_rows(narrowed(app, *NAMED)),
        **_span(app),
    }


def _session_ids(apps: Iterable[App]) -> list[str] | None:
    """How the session asked for is stored: in each app, a free text is kept as another hash."""
    sent, key = parameters.text("session_id"), services().key.digest()
    ids = {labels.session_id(sent, app.app_id, key) for app in apps}
    return None if sent is None else sorted(filter(None, ids))


def crash_question(app: App | None) -> dict[str, Any]:
    """Which crashes: parameters of rows.crashes."""
    filters = {name: parameters.text(name) for name in CRASH_FILTERS}
    kind = parameters.one_of("crash_type", catalogue.CRASH_TYPES)
    matches = of_crash_rows(narrowed(app))
    return {"crash_type": kind, "matches": matches, **filters, **_span(app)}


def _span(app: App | None) -> dict[str, Any]:
    zone = app.zone if app else ZoneInfo("UTC")
    return {
        "app_id": app.app_id if app else None,
        "app_ids": parameters.app_ids(app),
        "user_id": parameters.uuid("user_id"),
        "start": parameters.moment("start_date", zone),
        "end": parameters.moment("end_date", zone, end=True),
    }


def _page(kind: str, question: dict[str, Any], shape: Callable[[Row], Row]) -> Response:
    limit = parameters.integer("limit", 100, 1, 1000)
    last = parameters.cursor(CURSOR) or [None, None, None]
    with reading() as tx:
        rows = _latest(
            tx,
            f"reports/rows_{kind}",
            {**question, **dict(zip(LAST_ROW, last, strict=True)), "limit": limit + 1},
        )
    page, next_cursor = parameters.paged(rows, limit, CURSOR_KEYS)
    shown = [shape(row) for row in page]
    return answer({"success": True, kind: shown, "count": len(shown), "next_cursor": next_cursor})


def _numbered_page(question: dict[str, Any]) -> Response:
    page = parameters.integer("page", 1, 1, MAX_PAGE)
    per_page = parameters.integer("per_page", 20, 1, MAX_PER_PAGE)
    no_cursor = dict.fromkeys(LAST_ROW)
    with reading() as tx:
        asked = question["app_id"]
        apps = [app.app_id for app in own_apps()] if asked is None else [asked]
        counts = ({**question, "app_id": app_id} for app_id in apps)
        total = sum(
            tx.value("reports/rows_events_count", **of_app, source=all_events(of_app))
            for of_app in counts
        )
        rows = _latest(
            tx,
            "reports/rows_events",
            {**question, **no_cursor, "skip": (page - 1) * per_page, "limit": per_page},
        )
    pages = -(-total // per_page)
    pagination = {
        "page": page,
        "per_page": per_page,
        "total_count": total,
        "total_pages": pages,
        "has_next": page < min(pages, MAX_PAGE),
        "has_prev": page > 1,
    }
    events = [event_row(row) for row in rows]
    return answer(
        {"success": True, "events": events, "count": len(events), "pagination": pagination}
    )


def _compatible_filters(app: App | None) -> dict[str, Any]:
    """`days`, `user_ids` and `duration_ranges` as parameters of reports/rows_events."""
    filters: dict[str, Any] = {
        "user_ids": parameters.uuids("user_ids", MAX_USER_IDS),
        **duration_ranges(),
    }
    if parameters.given("days"):
        parameters.exclude("start_date", "end_date", beside="days")
        today = now().astimezone(app.zone if app else UTC).date()
        first = today - timedelta(days=parameters.integer("days", 30, 1, MAX_DAYS) - 1)
        filters["start"] = datetime.combine(first, time(), app.zone if app else UTC)
    return filters


def duration_ranges() -> dict[str, list[Decimal] | None]:
    """`duration_ranges`, e.g. 0-60,60-300, as parameters of a statement: seconds, ends exclusive."""
    ranges = parameters.ranges("duration_ranges", MAX_RANGES)
    if ranges is None:
        return {"from_seconds": None, "to_seconds": None}
    return {"from_seconds": [low for low, _ in ranges], "to_seconds": [high for _, high in ranges]}


def _latest(tx: Transaction, name: str, question: Row) -> list[Row]:
    """A page of one app, or of all: each is walked on its own along its index, and the walks are
    merged. One statement over several apps would have to sort them all."""
    if question["app_id"] is not None:
        return _rows(tx, name, question)
    walks = (_walk(tx, name, {**question, "app_id": app.app_id}) for app in own_apps())
    skip = question.get("skip", 0)
    rows = merge(*walks, key=itemgetter(*CURSOR_KEYS), reverse=True)
    return list(islice(rows, skip, skip + question["limit"]))


def _walk(tx: Transaction, name: str, question: Row) -> Iterator[Row]:
    """One app's rows, latest first, a few at a time."""
    question |= {"skip": 0, "limit": WALK_ROWS}
    while rows := _rows(tx, name, question):
        yield from rows
        if len(rows) < WALK_ROWS:
            return
        last = (rows[-1][key] for key in CURSOR_KEYS)
        question |= dict(zip(LAST_ROW, last, strict=True))


def _rows(tx: Transaction, name: str, question: Row) -> list[Row]:
    """A page of one app's rows, latest first."""
    if name != "reports/rows_events":
        return tx.rows(name, **question)
    if question["skip"]:
        return tx.rows(name, **question, source=all_events(question))
    rows: list[Row] = []
    for window in event_windows(tx, question):
        rows += tx.rows(
            name, **{**question, **vars(window), "limit": question["limit"] - len(rows)}
        )
        if len(rows) == question["limit"]:
            break
    return rows


def event_windows(tx: Transaction, question: Row) -> Iterator[windows.Window]:
    """Where to look for an app's events before the last row of a page, one window after the other. One
    person's are found by person."""
    start, end, last = question["start"], question["end"], question["last_timestamp"]
    app_id, user_id = question["app_id"], question["user_id"]
    if last is not None:
        before = last + windows.INSTANT
        end = before if end is None else min(end, before)
    if user_id is None:
        yield from windows.newest_first(tx, app_id, start, end)
    else:
        yield from windows.newest_first_of(tx, user_id, app_id, start, end)


def all_events(question: Row) -> Expression:
    """What a statement reads that wants no page."""
    if question["user_id"] is not None:
        return windows.of_person(question["user_id"], question["app_id"])
    return windows.both(question["app_id"], question["start"], question["end"])


@contextmanager
def reading() -> Iterator[Transaction]:
    """For walks over rows: the server gives up before we do. One that looks for what matches a filter
    may walk far, and waits for its turn."""
    if parameters.given(*NARROWING):
        with asking() as tx:
            yield tx
        return
    with services().reports.transaction(
        READ_SECONDS, isolation="REPEATABLE READ", read_only=True
    ) as tx:
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
