"""What the operator may ask for: cleanup, and people's rights."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response

from models import person_id
from stories.catalogue import App
from stories.errors import ApiError, bad_request
from stories.privacy import erasure, export
from stories.storage import expiry
from stories.web import parameters
from stories.web.answers import answer
from stories.web.services import now, services

blueprint = Blueprint("admin", __name__)


@blueprint.post("/cleanup")
def clean_up() -> Response:
    bench = services()
    try:
        expiry.check_clock(bench.database)
    except expiry.ClockOff as error:
        raise ApiError(503, "clock_off", str(error)) from error
    result = expiry.expire(bench.database, bench.apps, bench.key, now())
    return answer({"success": True, "result": result})


@blueprint.get("/users/<path:person>/export")
def export_person(person: str) -> Response:
    parameters.known("app")
    app = parameters.app()
    found = export.export(services().database, _person(person, app), app)
    if not any(found[table] for table in erasure.PEOPLE_TABLES):
        raise ApiError(404, "unknown_person", "nothing is held about this person")
    return answer({"success": True, **found})


@blueprint.delete("/users/<path:person>")
def erase_person(person: str) -> Response:
    """Erasing somebody of whom nothing is held is a success too: a queue may still hold
    something."""
    parameters.known("app")
    app, bench = parameters.app(), services()
    counts = erasure.erase(bench.database, bench.apps, bench.key, _person(person, app), app, now())
    return answer({"success": True, "deleted": counts})


def _person(text: str, app: App | None) -> UUID:
    """A uuid across all apps; with `app`, the id that the app itself uses."""
    if app is not None and app.kind != "desktop":
        return person_id(app.app_id, text)
    try:
        return UUID(text)
    except ValueError:
        raise bad_request(
            "invalid_person", "the id must be a UUID (or name its app)", parameter="id"
        ) from None
