"""GET /stats and GET /stats/<family>: METRICS.md's numbers, answered from the rollups, or under a filter
that they do not know from the events."""

from __future__ import annotations

from datetime import date
from typing import Any, cast

from flask import Blueprint, Response, current_app
from flask.blueprints import BlueprintSetupState

from database import Transaction
from stories.catalogue import App
from stories.errors import ApiError
from stories.reports import (
    COMPARISONS,
    CORE,
    FAMILIES,
    GROUPINGS,
    PERIODS,
    Answers,
    Question,
    key_numbers,
)
from stories.reports.hours import hours
from stories.reports.periods import Days
from stories.reports.question import Span, last_days
from stories.web import parameters
from stories.web.answers import answer
from stories.web.asking import asking
from stories.web.callers import default_app
from stories.web.filters import FILTERS, asked_filter
from stories.web.services import now, services

blueprint = Blueprint("stats", __name__)

COMPARED = ("compare", "compare_from", "compare_to")
RANGE = ("period", "from", "to", "group_by", "app", *COMPARED, *FILTERS)
HOURS_SECONDS = 10.0  # a day of ten million events is not counted on the way
MAX_DAYS = 3_660  # an answer has a row per day


@blueprint.record_once
def prepare(state: BlueprintSetupState) -> None:
    state.app.extensions["stories.answers"] = Answers(
        state.app.extensions["stories"].reports, asking=asking
    )


@blueprint.get("/stats")
def show_stats() -> Response:
    parameters.known(*RANGE, "include")
    include = parameters.several_of("include", (*FAMILIES, key_numbers.SECTION))
    sections = (*CORE, *(name for name in include if name in FAMILIES))
    return _answer(sections, with_key_numbers=key_numbers.SECTION in include)


@blueprint.get("/stats/key_numbers")
def show_key_numbers() -> Response:
    """The app's key numbers over a range of days, each as a whole and by day, week or month."""
    parameters.known("app", "period", "from", "to", "group_by", *FILTERS)
    app, group_by = _app(), _group_by()
    with services().reports.transaction(5, read_only=True) as tx:
        days = asked_range(tx, app)
    return answer(
        {
            "success": True,
            "app": app.slug,
            "from": days.first.isoformat(),
            "to": days.last.isoformat(),
            "timezone": app.timezone,
            "group_by": group_by,
            key_numbers.SECTION: _key_numbers(app, days, group_by),
        }
    )


def _key_numbers(app: App, days: Days, group_by: str) -> list[dict[str, Any]]:
    services().freshen()  # before it is decided who answers
    with services().reports.transaction(5, read_only=True) as tx:
        asked = key_numbers.questions(tx, app, days, group_by, asked_filter(app))
    rolled = all(each.is_rolled_up for each in asked)
    with services().reading() if rolled else asking() as tx:
        return key_numbers.answered(tx, asked)


@blueprint.get("/stats/hours")
def show_hours() -> Response:
    """A day by hours (docs/METRICS.md), at most a day of events."""
    parameters.known("app", "date", "until", *FILTERS)
    app = _app()
    day = parameters.day("date") or now().astimezone(app.zone).date()
    until = parameters.time_of_day("until")
    narrowed = asked_filter(app)
    with asking(HOURS_SECONDS) as tx:
        found = hours(tx, Days(app, day, day), until, now(), narrowed)
    return answer({"success": True, **found})


@blueprint.get("/stats/<family>")
def show_family(family: str) -> Response:
    if family not in FAMILIES:
        raise ApiError(404, "not_found", f"the families are {', '.join(FAMILIES)}")
    parameters.known(*RANGE)
    return _answer((family,))


def _answer(sections: tuple[str, ...], with_key_numbers: bool = False) -> Response:
    asked_for = question(sections)
    services().freshen()
    body = {"success": True, **answers().to(asked_for)}
    if with_key_numbers:
        first, last = (date.fromisoformat(body[name]) for name in ("from", "to"))
        app = _app()
        body[key_numbers.SECTION] = _key_numbers(app, Days(app, first, last), asked_for.group_by)
    return answer(body)


def answers() -> Answers:
    return cast(Answers, current_app.extensions["stories.answers"])


def question(sections: tuple[str, ...]) -> Question:
    """What this request asks, from the parameters of RANGE."""
    app = _app()
    today = now().astimezone(app.zone).date()
    period, first, last = days_asked(today)
    compare, against = comparison_asked()
    return Question(
        app=app,
        app_id=app.app_id,
        timezone=app.timezone,
        today=today,
        sections=sections,
        period=period,
        first=first,
        last=last,
        group_by=_group_by(),
        filter=asked_filter(app),
        compare=compare,
        against=against,
    )


def _group_by() -> str:
    return parameters.one_of("group_by", GROUPINGS) or "day"


def asked_range(tx: Transaction, app: App) -> Days:
    """The days of `period`, or of `from` and `to`; `all` starts at the first event."""
    today = now().astimezone(app.zone).date()
    period, first, last = days_asked(today)
    if first is None or last is None:
        length = PERIODS[period or "30d"]
        last, first = today, None if length is None else last_days(length, today).first
    if first is None:
        coverage = {
            "app_id": app.app_id,
            "dim": "none",
            "value": "",
            "sinces": [None],
            "lasts": [last],
        }
        row = tx.row("reports/stats_coverage", **coverage)
        first = min((row and row["first_day"]) or today, today)
    return Days(app, first, last)


def _app() -> App:
    app = parameters.app() or default_app("desktop")
    if app is None:
        raise parameters.wrong("app", "is required: there is no default desktop app")
    return app


def days_asked(today: date) -> tuple[str | None, date | None, date | None]:
    """(period, None, None) or (None, first day, last day)."""
    period = parameters.one_of("period", tuple(PERIODS))
    first, last = parameters.day("from"), parameters.day("to")
    if first is None:
        if last is not None:
            raise parameters.wrong("to", "requires from")
        return period or "30d", None, None
    if period is not None:
        raise parameters.wrong("period", "cannot be combined with from")
    last = last or max(first, today)
    if last < first:
        raise parameters.wrong("to", "must not be before from")
    if (last - first).days >= MAX_DAYS:
        raise parameters.wrong("from", f"must be at most {MAX_DAYS} days before to")
    return None, first, last


def comparison_asked() -> tuple[str, Span | None]:
    """(of COMPARISONS, None) or ("previous", the days that the request names)."""
    compare = parameters.one_of("compare", COMPARISONS)
    first, last = parameters.day("compare_from"), parameters.day("compare_to")
    if first is None and last is None:
        return compare or "previous", None
    if first is None or last is None:
        name, other = (
            ("compare_from", "compare_to") if first is None else ("compare_to", "compare_from")
        )
        raise parameters.wrong(name, f"is required with {other}")
    if compare is not None:
        raise parameters.wrong("compare", "cannot be combined with compare_from")
    if last < first:
        raise parameters.wrong("compare_to", "must not be before compare_from")
    if (last - first).days >= MAX_DAYS:
        raise parameters.wrong("compare_from", f"must be at most {MAX_DAYS} days before compare_to")
    return "previous", Span(first, last)
