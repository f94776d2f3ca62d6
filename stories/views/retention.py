"""GET /retention: of those who did one thing, how many came back to do another."""

from __future__ import annotations

from flask import Blueprint, Response

from stories.errors import bad_request
from stories.reports import retention
from stories.reports.retention import ANY_EVENT, FIRST, INTERVALS, MOST, Retention
from stories.views.asked_steps import SPAN, asked_app, asked_days, asked_event
from stories.web import parameters
from stories.web.answers import answer
from stories.web.asking import asking
from stories.web.filters import FILTERS, asked_filter
from stories.web.services import now, services

blueprint = Blueprint("retention", __name__)


@blueprint.get("/retention")
def show_retention() -> Response:
    parameters.known("app", *SPAN, "start", "return", "interval", "first", "unbounded", *FILTERS)
    question = _question()
    services().freshen()
    rolled_up = question.is_rolled_up
    with services().reading() if rolled_up else asking() as tx:
        counts = retention.count(tx, question, now().astimezone(question.app.zone).date())
    return answer(
        {
            "success": True,
            "app": question.app.slug,
            "from": str(question.days.first),
            "to": str(question.days.last),
            "timezone": question.app.timezone,
            "start": str(question.starts),
            "return": str(question.returns),
            "interval": question.interval,
            "first": question.first,
            "unbounded": question.unbounded,
            **counts,
            "computed": "rollups" if rolled_up else "events",
        }
    )


def _question() -> Retention:
    app = asked_app()
    days = asked_days(app)
    question = Retention(
        app=app,
        days=days,
        interval=parameters.one_of("interval", INTERVALS) or retention.default_interval(days),
        starts=asked_event(app, "start") or ANY_EVENT,
        returns=asked_event(app, "return") or ANY_EVENT,
        first=parameters.one_of("first", FIRST) or FIRST[0],
        unbounded=parameters.one_of("unbounded", ("true", "false")) == "true",
        filter=asked_filter(app),
    )
    if len(question.intervals) > MOST:
        raise bad_request(
            "too_many_rows",
            f"interval: {question.interval} makes {len(question.intervals)} rows of this period; "
            f"at most {MOST} are answered",
            parameter="interval",
        )
    return question
