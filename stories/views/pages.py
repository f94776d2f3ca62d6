"""The open pages: the front door, health, and the description of the API."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, request

from database import Unavailable
from stories.reports.rounding import rounded
from stories.views import html
from stories.views.openapi import document
from stories.web.answers import answer, iso
from stories.web.services import now, services

VERSION = "1.0.0"
HEALTH_SECONDS = 1.0

blueprint = Blueprint("pages", __name__)


@blueprint.get("/")
def root() -> Response:
    """A browser goes to the dashboard, anything else is told what there is."""
    if request.accept_mimetypes.best_match(["application/json", "text/html"]) == "text/html":
        return redirect("/dashboard")  # type: ignore[return-value]
    return answer(
        {
            "success": True,
            "name": "Stories Analytics",
            "version": VERSION,
            "endpoints": document(VERSION)["x-endpoints"],
        }
    )


@blueprint.get("/health")
def health() -> Response:
    """On a connection of its own: a busy pool is not illness."""
    body = {
        "status": "healthy",
        "database": "connected",
        "version": VERSION,
        "timestamp": iso(now()),
    }
    try:
        lag = services().database.ping("operation/fold_lag", HEALTH_SECONDS)
    except Unavailable:
        return answer({**body, "status": "unhealthy", "database": "disconnected"}, 503)
    return answer({**body, "rollup_lag_seconds": rounded(lag, 1)})


@blueprint.get("/openapi.json")
def openapi() -> Response:
    return answer(document(VERSION))


@blueprint.get("/docs")
def docs() -> Response:
    return html.render("docs.html")
