"""GET /numbers and GET /numbers/{name}: the numbers of an app by name, built-in ones and key numbers."""

from __future__ import annotations

from dataclasses import asdict

from flask import Blueprint, Response

from stories.errors import ApiError
from stories.reports import numbers
from stories.reports.numbers import MOST_DAYS, NotTold, UnknownNumber
from stories.views.explore import needed_app
from stories.views.stats import asked_range
from stories.web import parameters
from stories.web.answers import answer
from stories.web.asking import asking
from stories.web.filters import FILTERS, asked_filter
from stories.web.services import now, services

blueprint = Blueprint("numbers", __name__)


@blueprint.get("/numbers")
def list_numbers() -> Response:
    parameters.known("app")
    app = needed_app()
    with services().reading() as tx:
        listed = numbers.list_numbers(tx, app, now().astimezone(app.zone).date())
    return answer(
        {"success": True, "app": app.slug, "numbers": [asdict(number) for number in listed]}
    )


@blueprint.get("/numbers/<name>")
def show_number(name: str) -> Response:
    parameters.known("app", "period", "from", "to", *FILTERS)
    app = needed_app()
    filter = asked_filter(app)
    services().freshen()  # before it is decided who answers
    with services().reports.transaction(5, read_only=True) as tx:
        days = asked_range(tx, app)
        if (days.last - days.first).days >= MOST_DAYS:
            raise parameters.wrong("period", f"must have at most {MOST_DAYS} days")
        listed = numbers.list_numbers(tx, app, now().astimezone(app.zone).date())
        number = next((each for each in listed if each.name == name), None)
        if number is None:
            raise _unknown()
        reads_events = numbers.needs_events(tx, app, name, days, filter)
    try:
        with asking() if reads_events else services().reading() as tx:
            reading = numbers.read_number(tx, app, name, days, filter)
    except UnknownNumber:  # it was removed meanwhile
        raise _unknown() from None
    except NotTold:
        raise parameters.wrong("filter", f"cannot tell {number.title}") from None
    return answer(
        {
            "success": True,
            "app": app.slug,
            "from": days.first.isoformat(),
            "to": days.last.isoformat(),
            "timezone": app.timezone,
            "number": asdict(number),
            "value": reading.value,
            "days": [{"date": day.isoformat(), "value": value} for day, value in reading.days],
            "computed": reading.computed,
        }
    )


def _unknown() -> ApiError:
    return ApiError(404, "unknown_number", "GET /numbers lists the numbers of an app")
