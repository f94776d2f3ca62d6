"""GET and POST /apps, PATCH /apps/{slug}, POST /apps/{slug}/key, and GET /users, GET /drops."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from uuid import UUID

from flask import Blueprint, Response

from database import Row
from models import Refusal
from stories.catalogue import App
from stories.errors import ApiError
from stories.payloads.app import AppPayload, ChangesPayload, read_app
from stories.reports.people import latest as latest_people
from stories.web import parameters
from stories.web.answers import answer, iso
from stories.web.body import read_body
from stories.web.services import now, services

blueprint = Blueprint("apps", __name__)
MAX_BODY = 64 * 1024


@blueprint.get("/apps")
def listed() -> Response:
    parameters.known()
    apps = services().apps
    found = apps.read_now()  # another worker may have changed them
    return answer({"success": True, "apps": [apps.shown(app) for app in found]})


@blueprint.post("/apps")
def created() -> Response:
    with _refusals():
        body = read_app(read_body(MAX_BODY), AppPayload)
        return _answer(services().apps.create(body))


@blueprint.patch("/apps/<slug>")
def changed(slug: str) -> Response:
    with _refusals():
        body = read_app(read_body(MAX_BODY), ChangesPayload)
        return _answer(services().apps.change(_app(slug), body))


@blueprint.post("/apps/<slug>/key")
def rotated(slug: str) -> Response:
    return _answer(services().apps.new_key(_app(slug).slug))


@blueprint.get("/users")
def people() -> Response:
    """People with their last activity, latest first. Default: the default desktop app."""
    parameters.known("app", "limit", "cursor")
    app = parameters.app() or parameters.app_of_kind("desktop")
    limit = parameters.integer("limit", 100, 1, 1000)
    after = parameters.cursor((datetime, UUID))
    with services().reading() as tx:
        rows = latest_people(tx, app, limit + 1, after)
    page, following = parameters.paged(rows, limit, ("last_active", "user_id"))
    return answer(
        {
            "success": True,
            "app": app.slug,
            "users": [shown_person(row) for row in page],
            "next_cursor": following,
        }
    )


@blueprint.get("/drops")
def drops() -> Response:
    """Why events were refused or left out, by day and reason."""
    parameters.known("days", "app")
    app, days = parameters.app(), parameters.integer("days", 30, 1, 3650)
    services().ledger.write()
    with services().database.transaction(read_only=True) as tx:
        rows = tx.rows(
            "storage/drop_ledger_read",
            app_id=app.app_id if app else None,
            since=(now() - timedelta(days=days - 1)).date(),
        )
    return answer({"success": True, "drops": rows})


def _app(slug: str) -> App:
    app = services().apps.by_slug_now(slug)
    if app is None:
        raise ApiError(404, "unknown_app", "there is no app of this slug")
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


def shown_person(row: Row) -> Row:
    for name in ("first_seen", "last_seen", "last_active"):
        row[name] = iso(row[name].astimezone(UTC)) if row[name] else None
    return row
