"""GET /api/metrics and GET /api/funnel of a website (docs/COMPATIBILITY.md)."""

from __future__ import annotations

from datetime import UTC

from flask import Blueprint, Response

from stories.reports import website
from stories.reports.counts import counts_of
from stories.reports.filters import Filter
from stories.reports.periods import Days
from stories.web import parameters
from stories.web.answers import answer, iso
from stories.web.asking import asking
from stories.web.filters import NARROWED, narrowed
from stories.web.services import now, services

blueprint = Blueprint("website_reports", __name__)


@blueprint.get("/api/metrics")
def show_metrics() -> Response:
    days, filter = _asked("include")
    with_visits = bool(parameters.several_of("include", ("visits",)))
    with asking() if with_visits or filter else services().reading() as tx:
        visits = website.Visits(tx, days, filter=filter) if with_visits or filter else None
        kinds = visits.kinds() if visits and filter else website.sources(tx, days)
        summary = website.summary(tx, counts_of(tx, filter, [days]), days, filter, kinds)
        if visits and with_visits:
            summary["visits"] = visits.shape()
    for row in summary["recent_conversions"]:
        row["timestamp"] = iso(row["timestamp"].astimezone(UTC))
    return answer(summary)


@blueprint.get("/api/funnel")
def show_funnel() -> Response:
    days, filter = _asked()
    with asking() if filter else services().reading() as tx:
        return answer(website.funnel(tx, days, filter))


def _asked(*names: str) -> tuple[Days, Filter]:
    parameters.known("days", "app", *NARROWED, *names)
    app = parameters.app_of_kind("website")
    days = Days.latest(app, parameters.integer("days", 7, 1, 3650), now())
    return days, narrowed(app)
