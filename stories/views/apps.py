"""The apps of this server: GET and POST /apps, PATCH /apps/{slug}, POST /apps/{slug}/key."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Blueprint, Response

from models import Refusal
from stories.catalogue import App
from stories.errors import ApiError
from stories.payloads.app import AppPayload, ChangesPayload, read_app
from stories.web import parameters
from stories.web.answers import answer
from stories.web.body import read_body
from stories.web.callers import caller, has_app, names_subject
from stories.web.services import server_address, services

blueprint = Blueprint("apps", __name__)
MAX_BODY = 64 * 1024


@blueprint.get("/apps")
def list_apps() -> Response:
    parameters.known()
    apps = services().apps
    current = caller().own(apps.read_now())  # another worker may have changed them
    return answer({"success": True, "apps": [_shown(app) for app in current]})


@blueprint.post("/apps")
def create_app() -> Response:
    with _refusals():
        body = read_app(read_body(MAX_BODY), AppPayload)
        app = services().apps.create(body)
        names_subject(app=app.slug)
        return _answer(app)


@blueprint.patch("/apps/<slug>")
def change_app(slug: str) -> Response:
    with _refusals():
        body = read_app(read_body(MAX_BODY), ChangesPayload)
        return _answer(services().apps.change(app_named(slug), body))


@blueprint.post("/apps/<slug>/key")
def create_app_key(slug: str) -> Response:
    return _answer(services().apps.new_key(app_named(slug).slug))


def app_named(slug: str) -> App:
    app = services().apps.by_slug_now(slug)
    if app is None or not has_app(app):
        raise ApiError(404, "unknown_app", "there is no app with this slug")
    return app


def _answer(app: App) -> Response:
    return answer({"success": True, "app": _shown(app)})


def _shown(app: App) -> dict[str, Any]:
    """Keys are an owner's, and `dsn`, which holds one: with it events can be sent for the app."""
    shown = services().apps.shown(app)
    if not caller().is_at_least("owner"):
        return {**shown, "ingest_key": None, "dsn": None}
    return {**shown, "dsn": _dsn(app)}


def _dsn(app: App) -> str:
    """Where Sentry's SDKs send to: https://KEY@HOST/APP_ID."""
    scheme, _, host = server_address().partition("://")
    return f"{scheme}://{app.ingest_key}@{host}/{app.app_id}"


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except Refusal as refusal:
        status = 409 if refusal.code in ("slug_taken", "timezone_fixed") else 400
        raise ApiError(status, refusal.code, refusal.sentence) from None
