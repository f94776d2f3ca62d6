"""GET /funnels: how many come through each step, and GET /funnels/people: who stopped at one."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response

from stories.reports import funnels
from stories.reports.chains import MAX_STEPS
from stories.reports.funnels import BREAKDOWNS, ORDERS, Funnel
from stories.reports.periods import Days
from stories.views.asked_steps import SPAN, asked_app, asked_days, asked_steps
from stories.web import parameters
from stories.web.answers import answer, iso
from stories.web.asking import asking
from stories.web.filters import FILTERS, asked_filter
from stories.web.services import now, services

blueprint = Blueprint("funnels", __name__)

ASKED = ("steps", "step", "app", "days", *SPAN, "within", "order", *FILTERS)
MAX_PEOPLE = 1_000


@blueprint.get("/funnels")
def show_funnel() -> Response:
    """In order within a session; with `within` within that many days of a person."""
    parameters.known(*ASKED, "by")
    funnel = _funnel()
    services().freshen()  # sessions of events without an id
    with asking() as tx:
        counts = funnels.count(tx, funnel)
    return answer({"success": True, **_about(funnel), **counts, "computed": "events"})


@blueprint.get("/funnels/people")
def list_stopped() -> Response:
    """Who came to the step numbered `stopped`, and not further; of the last one, who came through."""
    parameters.known(*ASKED, "stopped", "limit", "cursor")
    funnel = _funnel()
    if not parameters.given("stopped"):
        raise parameters.wrong("stopped", "is required")
    step = parameters.integer("stopped", 1, 1, len(funnel.steps))
    limit = parameters.integer("limit", 100, 1, MAX_PEOPLE)
    after = parameters.cursor((int, str, str))
    services().freshen()
    with asking() as tx:
        rows = funnels.stopped(
            tx, funnel, step, limit + 1, None if after is None else (after[0], after[1], after[2])
        )
    page = rows[:limit]
    following = parameters.make_cursor(*page[-1]["place"]) if len(rows) > limit else None
    people = [
        {"user_id": row["user_id"], "session_id": row["session_id"], "at": iso(row["at"])}
        for row in page
    ]
    return answer(
        {
            "success": True,
            **_about(funnel),
            "stopped": step,
            "people": people,
            "next_cursor": following,
            "computed": "events",
        }
    )


def _funnel() -> Funnel:
    app = asked_app("website")
    by = parameters.one_of("by", BREAKDOWNS)
    if by == funnels.SEGMENT and not app.segments:
        raise parameters.wrong("by", "cannot be segment: the app has none")
    return Funnel(
        app,
        _days(app),
        asked_steps(app, 2, MAX_STEPS),
        asked_filter(app),
        parameters.one_of("order", ORDERS) or ORDERS[0],
        parameters.integer("within", 1, 1, 365) if parameters.text("within") else None,
        by,
    )


def _days(app: Any) -> Days:
    """Of `days` too, up to today."""
    if not parameters.given("days"):
        return asked_days(app)
    parameters.exclude(*SPAN, beside="days")
    return Days.latest(app, parameters.integer("days", 30, 1, 3650), now())


def _about(funnel: Funnel) -> dict[str, Any]:
    return {
        "app": funnel.app.slug,
        "from": str(funnel.days.first),
        "to": str(funnel.days.last),
        "timezone": funnel.app.timezone,
        "order": funnel.order,
        "within": funnel.within,
    }
