"""The apps of this server: GET and POST /apps, PATCH /apps/{slug}, POST /apps/{slug}/key."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Blueprint, Response

from models import Refusal
from stories.catalogue import App
from stories.errors import ApiError
from stories.payloads.app import AppPayload, ChangesPayload, read_app
from stories.web import parameters
from stories.web.answers import answer
from stories.web.body import read_body
from stories.web.services import services

blueprint = Blueprint("apps", __name__)
MAX_BODY = 64 * 1024


@blueprint.get("/apps")
def list_apps() -> Response:
    parameters.known()
    apps = services().apps
    current = apps.read_now()  # another worker may have changed them
    return answer({"success": True, "apps": [apps.shown(app) for app in current]})


@blueprint.post("/apps")
def create_app() -> Response:
    with _refusals():
        body = read_app(read_body(MAX_BODY), AppPayload)
        return _answer(services().apps.create(body))


@blueprint.patch("/apps/<slug>")
def change_app(slug: str) -> Response:
    with _refusals():
        body = read_app(read_body(MAX_BODY), ChangesPayload)
        return _answer(services().apps.change(_app(slug), body))


@blueprint.post("/apps/<slug>/key")
def create_app_key(slug: str) -> Response:
    return _answer(services().apps.new_key(_app(slug).slug))


def _app(slug: str) -> App:
    app = services().apps.by_slug_now(slug)
    if app is None:
        raise ApiError(404, "unknown_app", "there is no app with this slug")
    return app


def _answer(app: App) -> Response:
    return answer({"success": True, "app": services().apps.shown(app)})


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except Refusal as refusal:
        status = 409 if refusal.code in ("slug_taken", "timezone_fixed") else 400
        raise ApiError(status, refusal.code, refusal.sentence) from None
