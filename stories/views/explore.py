"""GET /explore: one measure of one event, or of any, over time and by a field."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, Response

from database import Row, Transaction
from stories.catalogue import App
from stories.errors import bad_request
from stories.privacy import labels
from stories.reports import explore
from stories.reports.conditions import FIELDS, PROPERTY
from stories.reports.explore import INTERVALS, MEASURES, OF_NUMBERS, PERCENT, Exploration, Parts
from stories.reports.explore_rollups import from_rollups
from stories.views.stats import asked_range
from stories.web import parameters
from stories.web.answers import answer
from stories.web.asking import asking
from stories.web.filters import FILTERS, asked_filter
from stories.web.services import services

blueprint = Blueprint("explore", __name__)

PARAMETERS = (
    "app", "event", "measure", "property", "by", "interval", "period", "from", "to", *FILTERS
)  # fmt: skip


@blueprint.get("/explore")
def show_exploration() -> Response:
    parameters.known(*PARAMETERS)
    app = needed_app()
    services().freshen()  # before it is decided who answers
    with services().reports.transaction(5, read_only=True) as tx:
        question = _question(tx, app)
        asked = explore.by_segment(question)
        rolled = explore.is_rolled_up(tx, asked)
    with services().reading() if rolled else asking() as tx:
        parts = from_rollups(tx, asked) if rolled else explore.from_events(tx, asked)
        coverage = _coverage(tx, question)
    return answer(
        {
            "success": True,
            **_about(question),
            **explore.written(question, parts),
            **_stands_on(question, parts, rolled),
            "covers_from": coverage,
        }
    )


def needed_app() -> App:
    app = parameters.app()
    if app is None:
        raise parameters.wrong("app", "is required")
    return app


def _question(tx: Transaction, app: App) -> Exploration:
    measure = parameters.one_of("measure", tuple(MEASURES), "events") or "events"
    question = Exploration(
        app=app,
        days=asked_range(tx, app),
        measure=measure,
        event=parameters.event("event", [app]),
        number=_property(measure),
        by=_field(),
        interval=parameters.one_of("interval", INTERVALS),
        filter=asked_filter(app),
    )
    _check_length(question)
    return question


def _property(measure: str) -> str | None:
    name = parameters.text("property", 100)
    if measure not in OF_NUMBERS:
        if name is not None:
            raise parameters.wrong("property", f"is only taken with {', '.join(OF_NUMBERS)}")
        return None
    if name is None:
        raise parameters.wrong("property", f"is required with measure={measure}")
    if not is_property_name(name):
        raise parameters.wrong("property", "must be a name of at most 100 printable characters")
    return name


def is_property_name(name: str) -> bool:
    return labels.is_event_name(name) or (len(name) <= 100 and name.isprintable())


def _field() -> str | None:
    field = parameters.text("by")
    if field is None or field in FIELDS:
        return field
    name = field.removeprefix(PROPERTY)
    if name == field or name == "" or not is_property_name(name):
        raise parameters.wrong("by", f"must be one of {', '.join(FIELDS)} and {PROPERTY}NAME")
    return field


def _check_length(question: Exploration) -> None:
    """Raises a 400 that says which interval would do."""
    days = len(question.span)
    if question.interval == "hour" and days > explore.HOURS_DAYS:
        raise parameters.wrong("interval", f"hour takes at most {explore.HOURS_DAYS} days")
    rows = len(list(explore.all_buckets(question)))
    if rows > explore.MOST_BUCKETS:
        raise bad_request(
            "too_many_rows",
            f"interval: {question.interval} makes {rows} rows of {days} days; "
            f"at most {explore.MOST_BUCKETS} are answered",
            parameter="interval",
        )


def _coverage(tx: Transaction, question: Exploration) -> str | None:
    """As covers_from of /stats."""
    span = question.span
    row: Row | None = tx.row(
        "reports/stats_coverage",
        app_id=question.app.app_id,
        dim="none",
        value="",
        sinces=[span.first],
        lasts=[span.last],
    )
    sealed = row and row["last_sealed"]
    return (sealed + timedelta(days=1)).isoformat() if sealed else None


def _about(question: Exploration) -> dict[str, Any]:
    return {
        "app": question.app.slug,
        "from": question.days.first.isoformat(),
        "to": question.days.last.isoformat(),
        "timezone": question.app.timezone,
        "event": question.event,
        "measure": question.measure,
        "property": question.number,
        "by": question.by,
        "interval": question.interval,
    }


def _stands_on(question: Exploration, parts: Parts, rolled: bool) -> dict[str, Any]:
    """How it was computed. with_property: events that have the number; within_percent: how far a
    percentile of the rollups may be off."""
    stands_on: dict[str, Any] = {"computed": "rollups" if rolled else "events"}
    if question.number is not None:
        stands_on["with_property"] = parts.events
    if rolled and question.measure in PERCENT:
        stands_on["within_percent"] = 2
    return stands_on
