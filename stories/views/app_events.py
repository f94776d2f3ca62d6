"""The events that an app has taken: GET /apps/{slug}/properties, DELETE /apps/{slug}/events/{event}."""

from __future__ import annotations

from flask import Blueprint, Response

from database import Stopped
from stories.errors import ApiError
from stories.reports import properties
from stories.views.apps import app_named
from stories.web import parameters
from stories.web.answers import answer
from stories.web.callers import names_subject
from stories.web.services import services

blueprint = Blueprint("app_events", __name__)
SECONDS = 10.0  # for the properties of 20,000 events, which take about one


@blueprint.get("/apps/<slug>/properties")
def list_properties(slug: str) -> Response:
    parameters.known("event")
    app = app_named(slug)
    event = parameters.event("event", [app])
    try:
        with services().reports.transaction(SECONDS, read_only=True) as tx:
            tx.set_local(statement_timeout=f"{int(SECONDS * 1000)}ms")
            offered = properties.offered(tx, app, event)
    except Stopped:
        raise ApiError(
            503, "too_slow", f"the properties took longer than {SECONDS:g} s", retry_after=60
        ) from None
    return answer({"success": True, "app": app.slug, **offered})


@blueprint.delete("/apps/<slug>/events/<event>")
def forget_event(slug: str, event: str) -> Response:
    app = app_named(slug)
    names_subject(app=app.slug)
    if not services().apps.forget_name(app, event):
        raise ApiError(404, "unknown_event", "the app has no undeclared event of this name")
    return answer({"success": True})
