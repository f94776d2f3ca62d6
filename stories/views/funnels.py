"""GET /funnels?steps=a,b,c: how many people reach each step."""

from __future__ import annotations

import time

from flask import Blueprint, Response

from database import Unavailable
from stories.errors import ApiError
from stories.reports import funnels
from stories.reports.periods import Days
from stories.web import parameters
from stories.web.answers import answer
from stories.web.services import now, services

blueprint = Blueprint("funnels", __name__)
SECONDS = 25.0  # then the statement is cancelled
RETRY_SECONDS = 60


@blueprint.get("/funnels")
def show_funnel() -> Response:
    """In order within a session; with `within` within that many days of a person."""
    parameters.known("steps", "app", "days", "within")
    app = parameters.app() or parameters.app_of_kind("website")
    names = [
        name.strip() for name in (parameters.text("steps", 1000) or "").split(",") if name.strip()
    ]
    if not 2 <= len(names) <= funnels.MAX_STEPS:
        raise parameters.wrong(
            "steps", f"must name 2 to {funnels.MAX_STEPS} steps, separated by commas"
        )
    for name in names:
        if not name.startswith("/") and not parameters.takes_event(app, name):
            raise parameters.wrong(
                "steps", f"contains {name!r}, which is neither an event of the app nor a path"
            )
    days = Days.latest(app, parameters.integer("days", 30, 1, 3650), now())
    within = parameters.integer("within", 1, 1, 365) if parameters.text("within") else None
    began = time.monotonic()
    try:
        with services().reading(SECONDS) as tx:
            tx.set_local(statement_timeout=f"{max(1, int(SECONDS * 1000))}ms")
            steps = funnels.counted(tx, app, days, names, within)
    except Unavailable:
        if time.monotonic() - began < SECONDS:
            raise
        raise ApiError(
            503,
            "too_slow",
            f"the funnel took longer than {SECONDS:g} s; ask for fewer days",
            retry_after=RETRY_SECONDS,
        ) from None
    return answer(
        {
            "success": True,
            "app": app.slug,
            "from": str(days.first),
            "to": str(days.last),
            "within": within,
            "steps": steps,
        }
    )
