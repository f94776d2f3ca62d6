"""An app's people: GET /users, and what each of them may ask for, GET /users/{person}/export and
DELETE /users/{person}."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from flask import Blueprint, Response

from database import Row
from models import person_id
from stories.catalogue import App
from stories.errors import ApiError, bad_request
from stories.privacy import erasure, export
from stories.reports.people import latest as latest_people
from stories.web import parameters
from stories.web.answers import answer, iso
from stories.web.services import now, services

blueprint = Blueprint("people", __name__)


@blueprint.get("/users")
def list_people() -> Response:
    """People with their last activity, latest first. Default: the default desktop app."""
    parameters.known("app", "limit", "cursor")
    app = parameters.app() or parameters.app_of_kind("desktop")
    limit = parameters.integer("limit", 100, 1, 1000)
    after = parameters.cursor((datetime, UUID))
    with services().reading() as tx:
        rows = latest_people(tx, app, limit + 1, after)
    page, next_cursor = parameters.paged(rows, limit, ("last_active", "user_id"))
    return answer(
        {
            "success": True,
            "app": app.slug,
            "users": [person_row(row) for row in page],
            "next_cursor": next_cursor,
        }
    )


@blueprint.get("/users/<path:person>/export")
def export_person(person: str) -> Response:
    parameters.known("app")
    app = parameters.app()
    held = export.export(services().database, _person(person, app), app)
    if not any(held[table] for table in erasure.PEOPLE_TABLES):
        raise ApiError(404, "unknown_person", "nothing is stored about this person")
    return answer({"success": True, **held})


@blueprint.delete("/users/<path:person>")
def erase_person(person: str) -> Response:
    """Erasing somebody of whom nothing is stored is a success too: a client's queue may still hold
    something."""
    parameters.known("app")
    app = parameters.app()
    database, apps, key = services().database, services().apps, services().key
    deleted = erasure.erase(database, apps, key, _person(person, app), app, now())
    return answer({"success": True, "deleted": deleted})


def person_row(row: Row) -> Row:
    """A row of reports/people as the API writes it."""
    for name in ("first_seen", "last_seen", "last_active"):
        row[name] = iso(row[name].astimezone(UTC)) if row[name] else None
    return row


def _person(text: str, app: App | None) -> UUID:
    """A uuid across all apps; with `app`, the id that the app itself uses."""
    if app is not None and app.kind != "desktop":
        return person_id(app.app_id, text)
    try:
        return UUID(text)
    except ValueError:
        raise bad_request(
            "invalid_person",
            "id must be a UUID; for the app's own id, name the app",
            parameter="id",
        ) from None
