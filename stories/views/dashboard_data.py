"""What only the dashboard's pages ask: small answers under /dashboard/api, behind Basic.

One answer holds all that a page of numbers shows. Everything that METRICS.md defines is /stats's own
answer in it; beside it stand the period before, the page's lists, and the state of the server.
"""

from __future__ import annotations

import os
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from flask import Blueprint, Response

from database import Row, Transaction, Unavailable
from stories.catalogue import App
from stories.reports import CORE, FAMILIES, Question, values
from stories.reports import website as websites
from stories.reports.answers import Answer
from stories.reports.dashboard import FROM_EVENTS, PAGES, PageQuestion, compared, with_before
from stories.reports.hours import hours
from stories.reports.periods import Days
from stories.reports.rounding import rounded
from stories.storage import sizes
from stories.views import stats
from stories.web import parameters
from stories.web.answers import answer, iso
from stories.web.asking import asking
from stories.web.services import now, services

blueprint = Blueprint("dashboard_data", __name__, url_prefix="/dashboard/api")

READ_SECONDS = 20.0
VISITS_SECONDS = 5.0
HOURS_SECONDS = 5.0  # then the page shows the day as one point
BY_HOURS = ("desktop", "website")


@blueprint.get("/state")
def show_state() -> Response:
    """{"has_data": bool}: whether the app's page has something to show."""
    parameters.known("app")
    with services().database.transaction(READ_SECONDS, read_only=True) as tx:
        has_data = tx.value("reports/dashboard_has_data", app_id=needed_app().app_id)
    return answer({"success": True, "has_data": has_data})


@blueprint.get("/stats")
def show_stats() -> Response:
    """All that a page of numbers shows: {"answer": as /stats, "before": the same of what it is compared
    with, "hours": of a single day (see _by_hours), or null, "page": what reports.dashboard.PAGES has
    for `page`, or null, "releases": [{version, day}], "has_nobody": whether
    some of its sessions have no person, "rollup_lag_seconds"}."""
    parameters.known(*stats.RANGE, "include", "page")
    app, page = needed_app(), parameters.one_of("page", tuple(PAGES))
    question = stats.question((*CORE, *parameters.several_of("include", FAMILIES)))
    return answer({"success": True, **page_of_numbers(app, question, page)})


def page_of_numbers(app: App, question: Question, page: str | None) -> dict[str, Any]:
    """{"answer", "before", "hours", "page", "releases", "has_nobody", "rollup_lag_seconds"}, as
    show_stats has them."""
    services().freshen()
    if (
        page in FROM_EVENTS
    ):  # of the core they show the days alone, and under a filter each part is read
        own = [section for section in question.sections if section not in CORE]
        question = replace(question, sections=("daily_stats", *own))
    current, earlier = with_before(stats.answers(), question)
    about = _page_question(app, question, current)
    with _reading(question, page) as tx:
        lists = PAGES[page](tx, about) if page else None
        releases = _releases(tx, app, current["from"], current["to"])
        lag = tx.value("operation/fold_lag")
    if lists is not None and page == "website" and not question.filter:
        lists |= _visits(about)
    return {
        "answer": current,
        "before": earlier,
        "hours": _by_hours(app, question, current),
        "page": _plain(lists),
        "releases": releases,
        "has_nobody": app.has_nobody,
        "rollup_lag_seconds": rounded(lag, 1),
    }


def _visits(about: PageQuestion) -> Answer:
    """{"visits": as GET /api/metrics has them, "visits_before": their numbers, or null}; {"visits":
    null} where the events of these days are too many to be read on the way."""
    try:
        with services().reports.transaction(VISITS_SECONDS, read_only=True) as tx:
            tx.set_local(statement_timeout=f"{int(VISITS_SECONDS * 1000)}ms")
            visits = websites.Visits(tx, about.days, about.before)
    except Unavailable:
        return {"visits": None, "visits_before": None}
    earlier = visits.numbers(before=True) if about.before else None
    return {"visits": visits.shape(), "visits_before": earlier}


def _by_hours(app: App, question: Question, current: Answer) -> Answer | None:
    """Of a question about a single day: {"now": its hours, "before": those of the day it is compared
    with, counted up to the same time of day, or null, "running": whether the day is not over}. Null
    for longer periods and kinds of apps whose pages have no hours; {"late": true} where counting
    took too long."""
    if current["from"] != current["to"] or app.kind not in BY_HOURS:
        return None
    day, moment = date.fromisoformat(current["from"]), now()
    earlier = compared(question)
    running = day == question.today
    until = moment.astimezone(app.zone).time().replace(tzinfo=None) if running else None
    try:
        with services().reports.transaction(HOURS_SECONDS, read_only=True) as tx:
            tx.set_local(statement_timeout=f"{int(HOURS_SECONDS * 1000)}ms")
            found = [
                hours(tx, Days(app, single, single), until, moment, question.filter)
                for single in (day, earlier.first if earlier and len(earlier) == 1 else None)
                if single
            ]
    except Unavailable:
        return {"late": True}
    return {"now": found[0], "before": found[1] if len(found) > 1 else None, "running": running}


def _reading(question: Question, page: str | None) -> AbstractContextManager[Transaction]:
    reads_events = question.filter.dimension is None or (page in FROM_EVENTS and question.filter)
    if page and reads_events:
        return asking()
    return services().reports.transaction(READ_SECONDS, isolation="REPEATABLE READ", read_only=True)


@blueprint.get("/releases")
def list_release_days() -> Response:
    """{"releases": [{version, day}]}: the markers of charts from one day to another."""
    parameters.known("app", "from", "to")
    app, first, last = needed_app(), parameters.day("from"), parameters.day("to")
    if first is None or last is None:
        raise parameters.wrong("to" if first else "from", "is required")
    with services().reports.transaction(READ_SECONDS, read_only=True) as tx:
        releases = _releases(tx, app, first, last)
    return answer({"success": True, "releases": releases})


@blueprint.get("/values")
def list_values() -> Response:
    """{"values": [{value, count}]}: what the app's events have in a field of conditions, for a form to
    suggest. `field=property` is answered with the names of properties."""
    parameters.known("app", "field")
    app, field = needed_app(), parameters.text("field")
    if field is None or not values.is_field(field):
        raise parameters.wrong("field", "must be a field of conditions, or `property`")
    with services().reports.transaction(READ_SECONDS, read_only=True) as tx:
        rows = values.values_of(tx, app, field, now().astimezone(app.zone).date())
    return answer({"success": True, "app": app.slug, "field": field, "values": rows})


def _releases(tx: Transaction, app: App, first: date | str, last: date | str) -> list[Row]:
    return tx.rows("reports/dashboard_releases", app_id=app.app_id, first=first, last=last)


def _page_question(app: App, question: Question, current: Answer) -> PageQuestion:
    earlier = compared(question)
    return PageQuestion(
        app=app,
        now=now(),
        days=Days(app, date.fromisoformat(current["from"]), date.fromisoformat(current["to"])),
        before=Days(app, earlier.first, earlier.last) if earlier else None,
        filter=question.filter,
    )


@blueprint.get("/server")
def show_server() -> Response:
    """{"storage": by what it is, "growth": of the last days, both as stories.storage.sizes has them,
    "fold", "jobs"}: of the whole server, so without `app`."""
    parameters.known()
    today = now().date()
    first = today - timedelta(days=sizes.GROWTH_DAYS)
    with services().database.transaction(READ_SECONDS, read_only=True) as tx:
        kinds = sizes.by_kind(
            tx.rows("operation/table_sizes"), tx.value("operation/compressed_events")
        )
        days = tx.rows("operation/intake_days", first=first)
        state = {
            "success": True,
            "storage": kinds,
            "growth": sizes.growth(kinds, days, today, _free_bytes()),
            "fold": tx.row("operation/fold_state"),
            "jobs": tx.rows("jobs/list"),
        }
    if (replica := services().replica) is not None:
        state["replica"] = {"lag_seconds": replica.lag()}
    return answer(_plain(state))


def _free_bytes() -> int | None:
    """Of the data folder's disk; known only where the database is this machine's own."""
    config = services().config
    if config.database_url:
        return None
    try:
        disk = os.statvfs(config.data_path)
    except OSError:
        return None
    return disk.f_bavail * disk.f_frsize


def needed_app() -> App:
    app = parameters.app()
    if app is None:
        raise parameters.wrong("app", "is required")
    return app


def _plain(value: Any) -> Any:
    """Datetimes as the API writes them, however deep."""
    if isinstance(value, datetime):
        return iso(value.astimezone(UTC))
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list) else value
