"""GET /api/metrics and GET /api/funnel of a website (docs/COMPATIBILITY.md)."""

from __future__ import annotations

from datetime import UTC

from flask import Blueprint, Response

from stories.reports import website
from stories.reports.periods import Days
from stories.web import parameters
from stories.web.answers import answer, iso
from stories.web.asking import asking
from stories.web.services import now, services

blueprint = Blueprint("website_reports", __name__)


@blueprint.get("/api/metrics")
def show_metrics() -> Response:
    days = _days("include")
    with_visits = bool(parameters.several_of("include", ("visits",)))
    with asking() if with_visits else services().reading() as tx:
        summary = website.summary(tx, days)
        if with_visits:
            summary["visits"] = website.visits(tx, days)
    for row in summary["recent_conversions"]:
        row["timestamp"] = iso(row["timestamp"].astimezone(UTC))
    return answer(summary)


@blueprint.get("/api/funnel")
def show_funnel() -> Response:
    days = _days()
    with services().reading() as tx:
        return answer(website.funnel(tx, days))


def _days(*names: str) -> Days:
    parameters.known("days", "app", *names)
    app = parameters.app_of_kind("website")
    return Days.latest(app, parameters.integer("days", 7, 1, 3650), now())
