"""GET /issues and GET /issues/{id}: what crashes, grouped, with a state; and the crashes of each."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, Response

from database import Row, Transaction
from stories import catalogue
from stories.catalogue import App
from stories.crashes.reading import listing, page, stored
from stories.crashes.reading.narrowed import UNFILTERED, Narrowed
from stories.errors import ApiError
from stories.reports import PERIODS
from stories.reports.periods import Days
from stories.views.crashes import described
from stories.views.stats import MAX_DAYS, days_asked
from stories.web import parameters
from stories.web.answers import answer
from stories.web.asking import asking
from stories.web.callers import default_app, has_app
from stories.web.filters import NARROWED, narrowed_crashes
from stories.web.services import now, services

blueprint = Blueprint("issues", __name__)

SPAN = ("period", "from", "to")
FILTERS = (
    "state",
    "because",
    "handled",
    "raw",
    "crash_type",
    "version",
    "first_version",
    "platform",
)
BOOLEANS = ("true", "false")


@blueprint.get("/issues")
def list_issues() -> Response:
    parameters.known("app", *FILTERS, *SPAN, *NARROWED, "q", "sort", "limit", "cursor")
    app = needed_app()
    order, ascending = _order()
    limit = parameters.integer("limit", 50, 1, 100)
    last = parameters.cursor((int, int)) or [None, None]
    question = {
        **_filters(app),
        "sort": order,
        "ascending": ascending,
        "last_key": last[0],
        "last_number": last[1],
        "now": now(),
        "limit": limit + 1,
    }
    start, end = question["start"], question["end"]
    narrowed = _narrowed(app, _days_between(app, start, end))
    if narrowed is not None:
        _check_narrowed(question)
    with _reading(narrowed) as tx:
        own = narrowed.counts(tx, start, end) if narrowed else None
        read, counts = listing.read_page(tx, question, own)
        shown, next_cursor = parameters.paged(read, limit, ("sort_key", "number"))
        issues = listing.describe(tx, app, shown, now(), narrowed)
    return answer(
        {
            "success": True,
            "issues": issues,
            "counts": counts if narrowed is None else {**counts, "handled": None},
            "next_cursor": next_cursor,
            **_told(narrowed),
        }
    )


@blueprint.get("/issues/<name>")
def show_issue(name: str) -> Response:
    parameters.known(*SPAN, *NARROWED)
    app, number = app_and_number(name)
    narrowed = _narrowed(app, Days.ever(app, now()))
    with _reading(narrowed) as tx:
        issue = whole(tx, app, number, narrowed)
    return answer({"success": True, "issue": issue, **_told(narrowed)})


@blueprint.get("/issues/<name>/crashes")
def list_crashes(name: str) -> Response:
    """kept=true: only those that are stored whole."""
    parameters.known("limit", "cursor", "order", "kept", *NARROWED)
    app, number = app_and_number(name)
    narrowed = _narrowed(app, Days.ever(app, now()))
    limit = parameters.integer("limit", 20, 1, 100)
    order = parameters.one_of("order", ("newest", "oldest"), "newest")
    last = parameters.cursor((datetime, UUID, int))
    kept = _boolean("kept")
    with _reading(narrowed) as tx:
        read = stored.read_page(
            tx,
            found(tx, app, number)["issue_id"],
            kept=kept,
            ascending=order == "oldest",
            after=tuple(last) if last else None,
            limit=limit + 1,
            matches=narrowed.filter.of_crashes() if narrowed else None,
        )
        shown, next_cursor = parameters.paged(read, limit, stored.KEYS)
        feedback = stored.read_feedback(tx, app, shown)
    crashes = described(app, shown, feedback)
    return answer({"success": True, "crashes": crashes, "next_cursor": next_cursor})


def _narrowed(app: App, days: Days) -> Narrowed | None:
    """None without a filter. days: of the people of a segment."""
    filter = narrowed_crashes(app, days)
    return Narrowed(app, filter) if filter else None


def _reading(narrowed: Narrowed | None) -> AbstractContextManager[Transaction]:
    return asking() if narrowed else services().reading()


def _told(narrowed: Narrowed | None) -> dict[str, Any]:
    if narrowed is None:
        return {"unfiltered": [], "computed": "rollups"}
    return {"unfiltered": UNFILTERED, "computed": "events"}


def _check_narrowed(question: dict[str, Any]) -> None:
    """Raises a 400 for what is not told of issues under a filter."""
    if question["handled"]:
        raise parameters.wrong("handled", "cannot be true under a filter, which tells crashes only")
    if question["sort"] == "rise":
        raise parameters.wrong("sort", "cannot be rise under a filter")


def _days_between(app: App, start: datetime | None, end: datetime | None) -> Days:
    ever = Days.ever(app, now())
    first = start.astimezone(app.zone).date() if start else ever.first
    last = (end - timedelta(microseconds=1)).astimezone(app.zone).date() if end else ever.last
    return Days(app, first, last)


def needed_app() -> App:
    """The app named by `app`, or the default desktop app."""
    app = parameters.app() or default_app("desktop")
    if app is None:
        raise parameters.wrong("app", "must name an app: there is no default desktop app")
    return app


def app_and_number(name: str) -> tuple[App, int]:
    """Of desktop-17; 404 where there is no such app."""
    slug, _, digits = name.rpartition("-")
    number = parameters.number_in_path(digits) if digits else None
    app = services().apps.by_slug(slug) if len(slug) <= 40 else None
    if app is None or number is None or not has_app(app):
        raise unknown_issue()
    return app, number


def unknown_issue() -> ApiError:
    return ApiError(404, "unknown_issue", "there is no issue with this id")


def found(tx: Transaction, app: App, number: int) -> Row:
    row = page.find(tx, app, number)
    if row is None:
        raise unknown_issue()
    return row


def whole(
    tx: Transaction, app: App, number: int, narrowed: Narrowed | None = None
) -> dict[str, Any]:
    row = found(tx, app, number)
    if narrowed is not None:
        row = page.narrow(tx, row, narrowed)
    return page.describe_whole(tx, app, row, days_of_chart(app, row), now(), narrowed)


def days_of_chart(app: App, row: Row | None = None) -> Days:
    """The days asked for, 30 without. Of period=all those since the issue's first crash."""
    today = now().astimezone(app.zone).date()
    period, first, last = days_asked(today)
    if period is None:
        return Days(app, first or today, last or today)
    length = PERIODS[period]
    if length is not None:
        return days_of_last(app, length)
    earliest = today - timedelta(days=MAX_DAYS - 1)
    return Days(app, max(earliest, page.first_day(row, app)) if row else earliest, today)


def days_of_last(app: App, length: int) -> Days:
    return Days.latest(app, length, now())


def where(app: App, text: str | None) -> dict[str, Any]:
    """Parameters of crashes/list_issues that say which issues: those that hold a text, or all."""
    prefix, _, digits = (text or "").lower().rpartition("-")
    return {
        **dict.fromkeys((*FILTERS, "start", "end")),
        "app_id": app.app_id,
        "pattern": None if text is None else listing.like_pattern(text),
        "number": parameters.number_in_path(digits) if prefix == app.slug else None,
    }


def _filters(app: App) -> dict[str, Any]:
    start, end = _last_seen(app)
    return {
        **where(app, parameters.text("q")),
        "state": parameters.one_of("state", listing.STATES),
        "because": parameters.one_of("because", listing.REASONS),
        "handled": _boolean("handled"),
        "raw": _boolean("raw"),
        "crash_type": parameters.one_of("crash_type", catalogue.CRASH_TYPES),
        "version": parameters.text("version"),
        "first_version": parameters.text("first_version"),
        "platform": parameters.text("platform"),
        "start": start,
        "end": end,
    }


def _last_seen(app: App) -> tuple[datetime | None, datetime | None]:
    """When the last crash of an issue was; without a period: whenever."""
    if not parameters.given(*SPAN):
        return None, None
    period, first, last = days_asked(now().astimezone(app.zone).date())
    if period is not None:
        length = PERIODS[period]
        return (None if length is None else days_of_last(app, length).start), None
    days = Days(app, first, last)  # type: ignore[arg-type]
    return days.start, days.end


def _boolean(name: str) -> bool | None:
    value = parameters.one_of(name, BOOLEANS)
    return None if value is None else value == "true"


def _order() -> tuple[str, bool]:
    """(name, ascending) of `sort`: "crashes" is from the top, as is "-crashes"; "crashes:asc" is not."""
    sort = parameters.one_of("sort", listing.ORDERS, "last_seen") or "last_seen"
    return sort.removeprefix("-").removesuffix(listing.ASCENDING), sort.endswith(listing.ASCENDING)
