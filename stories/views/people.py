"""An app's people: GET /users, and what each of them may ask for, GET /users/{person}/export and
DELETE /users/{person}."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import chain
from uuid import UUID

from flask import Blueprint, Response

from database import Row
from stories.catalogue import App
from stories.errors import ApiError, bad_request
from stories.privacy import erasure, export
from stories.privacy.ids import person_id
from stories.reports.people import latest as latest_people
from stories.reports.periods import Days
from stories.views import rows
from stories.views.people_search import SEARCH, asked_search, reading_people
from stories.web import parameters
from stories.web.answers import answer, iso
from stories.web.services import now, services

blueprint = Blueprint("people", __name__)

COMPATIBLE = ("days", "event_type", "duration_ranges")  # docs/COMPATIBILITY.md
MAX_IDS = 10_000


@blueprint.get("/users")
def list_people() -> Response:
    """People with their last activity, latest first; with SEARCH those who are meant by it. Default:
    the default desktop app. With one of COMPATIBLE only the ids of those who have such an event, as
    older dashboards ask; beside `did` or `filter`, `days` is the search's."""
    parameters.known("app", "limit", "cursor", *COMPATIBLE, *SEARCH)
    if not parameters.given("did", "filter", "segment") and parameters.given(*COMPATIBLE):
        others = (name for name in SEARCH if name not in COMPATIBLE)
        parameters.exclude("limit", "cursor", *others, beside=" or ".join(COMPATIBLE))
        return _list_ids()
    parameters.exclude("event_type", "duration_ranges", beside="did or filter")
    app = parameters.app() or parameters.app_of_kind("desktop")
    limit = parameters.integer("limit", 100, 1, 1000)
    after = parameters.cursor((datetime, UUID))
    matches = asked_search(app)
    with reading_people() as tx:
        people = latest_people(tx, app, limit + 1, after, matches=matches)
    page, next_cursor = parameters.paged(people, limit, ("last_active", "user_id"))
    return answer(
        {
            "success": True,
            "app": app.slug,
            "users": [person_row(row) for row in page],
            "next_cursor": next_cursor,
        }
    )


def _list_ids() -> Response:
    app = parameters.app() or parameters.app_of_kind("desktop")
    days = parameters.integer("days", 30, 1, rows.MAX_DAYS)
    event = parameters.event("event_type", [app])
    with rows.reading() as tx:
        people = tx.rows(
            "reports/people_with_events",
            **Days.latest(app, days, now()).moments,
            **rows.duration_ranges(),
            event=event,
            limit=MAX_IDS,
        )
    ids = [str(row["user_id"]) for row in people]
    return answer({"success": True, "users": ids, "count": len(ids), "period_days": days})


@blueprint.get("/users/<path:person>/export")
def export_person(person: str) -> Response:
    parameters.known("app")
    app = parameters.app()
    pieces = export.export(services().database, services().apps, _person(person, app), app)
    try:
        first = next(pieces)  # what fails from here on cuts the answer short
    except export.NothingHeld:
        raise ApiError(404, "unknown_person", "nothing is stored about this person") from None
    response = Response(chain((first,), pieces), content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    response.call_on_close(pieces.close)  # also when a client leaves
    return response


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
    if app is not None:
        return person_id(app, text, services().key.digest())
    try:
        return UUID(text)
    except ValueError:
        raise bad_request(
            "invalid_person",
            "id must be a UUID; for the app's own id, name the app",
            parameter="id",
        ) from None
