"""The open pages: what this server is, its health, and the description of the API."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, redirect, request

from stories.reports.rounding import rounded
from stories.views import html
from stories.views.openapi import document
from stories.web.answers import answer, iso
from stories.web.services import now, services

VERSION = "1.0.0"

blueprint = Blueprint("pages", __name__)


@blueprint.get("/")
def describe_server() -> Response:
    """A browser goes to the dashboard; anything else gets the list of endpoints."""
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
    body: dict[str, Any] = {
        "status": "healthy",
        "database": "connected",
        "version": VERSION,
        "timestamp": iso(now()),
    }
    health = services().health
    lag = health.rollup_lag()
    if lag is None:
        return answer({**body, "status": "unhealthy", "database": "disconnected"}, 503)
    body["rollup_lag_seconds"] = rounded(lag, 1)
    if services().replica is not None:
        behind = health.replica_lag
        body["replica_lag_seconds"] = None if behind is None else rounded(behind, 1)
    response = answer(body)
    health.keep_answer(response.get_data())
    return response


@blueprint.get("/openapi.json")
def describe_api() -> Response:
    return answer(document(VERSION))


@blueprint.get("/docs")
def show_docs() -> Response:
    return html.render("docs.html")
