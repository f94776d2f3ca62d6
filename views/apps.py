"""GET and POST /apps, PATCH /apps/{slug}, POST /apps/{slug}/key, and GET /users, GET /drops."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, Response
from msgspec import UNSET

from catalogue import App
from database import Refused, Row
from errors import ApiError, bad_request
from models import Refusal, person_id
from payloads.app import AppPayload, ChangesPayload, read_app
from reports.people import latest as latest_people
from web import params
from web.answers import answer, iso
from web.body import read_body
from web.services import now, services

blueprint = Blueprint("apps", __name__)


@blueprint.get("/apps")
def listed() -> Response:
    params.known()
    return answer({"success": True, "apps": [_shown(app) for app in services().apps.all()]})


@blueprint.post("/apps")
def created() -> Response:
    body = _read(AppPayload)
    if services().apps.by_slug(body.slug) is not None:
        raise ApiError(409, "slug_taken", f"slug {body.slug} is taken")
    try:
        app = services().apps.create(body.slug, body.kind, _changes(body))
    except Refused as refused:
        raise bad_request("invalid_app", f"the app was refused: {refused}") from None
    if body.testers is not UNSET:  # their ids need the new app's
        app = services().apps.change(app.slug, {"testers": _people(app, body.testers)})
    return answer({"success": True, "app": _shown(app)})


@blueprint.patch("/apps/<slug>")
def changed(slug: str) -> Response:
    app, body = _app(slug), _read(ChangesPayload)
    changes = _changes(body)
    if body.testers is not UNSET:
        changes["testers"] = _people(app, body.testers)
    moved = "timezone" in changes and changes["timezone"] != app.timezone
    if moved and services().apps.has_events(app):
        raise ApiError(
            409,
            "timezone_fixed",
            "timezone is fixed after an app's first event: its days have been counted in it",
        )
    return answer({"success": True, "app": _shown(services().apps.change(slug, changes))})


@blueprint.post("/apps/<slug>/key")
def rotated(slug: str) -> Response:
    return answer({"success": True, "app": _shown(services().apps.new_key(_app(slug).slug))})


@blueprint.get("/users")
def people() -> Response:
    """People with their last activity, latest first. Default: the default desktop app."""
    params.known("app", "limit", "cursor")
    app = params.app() or params.app_of_kind("desktop")
    limit = params.integer("limit", 100, 1, 1000)
    after = params.cursor((datetime, UUID))
    with services().reading() as tx:
        rows = latest_people(tx, app, limit + 1, after)
    page, following = params.paged(rows, limit, ("last_active", "user_id"))
    return answer(
        {
            "success": True,
            "app": app.slug,
            "users": [_person(row) for row in page],
            "next_cursor": following,
        }
    )


@blueprint.get("/drops")
def drops() -> Response:
    """Why events were refused or left out, by day and reason."""
    params.known("days", "app")
    app, days = params.app(), params.integer("days", 30, 1, 3650)
    services().ledger.write()
    with services().database.transaction(read_only=True) as tx:
        rows = tx.rows(
            "ledger.read",
            app_id=app.app_id if app else None,
            since=(now() - timedelta(days=days - 1)).date(),
        )
    return answer({"success": True, "drops": rows})


def _app(slug: str) -> App:
    app = services().apps.by_slug(slug)
    if app is None:
        raise ApiError(404, "unknown_app", "there is no app of this slug")
    return app


def _read(payload: Any) -> Any:
    try:
        return read_app(read_body(64 * 1024), payload)
    except Refusal as refusal:
        raise bad_request(refusal.code, refusal.sentence) from None


def _changes(body: ChangesPayload) -> dict[str, Any]:
    """What the body names, as columns; testers apart."""
    found = {}
    for name in ("name", "timezone", "retention_days", "content_days", "hash_rotation", "funnel"):
        value = getattr(body, name)
        if value is not UNSET:
            found[name] = value
    if not isinstance(body.events, type(UNSET)):
        found["events"] = {
            event: {name: {"type": item.type, "values": item.values} for name, item in own.items()}
            for event, own in body.events.items()
        }
    return found


def _people(app: App, ids: list[str]) -> list[UUID]:
    """Testers as people: a desktop's uuid, or the id that the app itself uses."""
    if app.kind != "desktop":
        return [person_id(app.app_id, text) for text in ids]
    try:
        return [UUID(text) for text in ids]
    except ValueError:
        raise bad_request("invalid_testers", "testers must be UUIDs", parameter="testers") from None


def _shown(app: App) -> dict[str, Any]:
    return {
        "slug": app.slug,
        "kind": app.kind,
        "name": app.name,
        "timezone": app.timezone,
        "retention_days": app.retention_days,
        "content_days": app.content_days,
        "hash_rotation": app.hash_rotation,
        "funnel": app.funnel,
        "events": app.events,
        "ingest_key": app.ingest_key,
        "is_default": app.is_default,
        "testers": services().apps.testers(app),
    }


def _person(row: Row) -> Row:
    for name in ("first_seen", "last_seen", "last_active"):
        row[name] = iso(row[name].astimezone(UTC)) if row[name] else None
    return row
