"""What the operator may ask for: cleanup, and people's rights."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response

import expire
import people
from catalogue import App
from errors import ApiError, bad_request
from models import person_id
from web import params
from web.answers import answer
from web.services import now, services

blueprint = Blueprint("admin", __name__)


@blueprint.post("/cleanup")
def cleanup() -> Response:
    bench = services()
    try:
        expire.check_clock(bench.database)
    except expire.ClockOff as error:
        raise ApiError(503, "clock_off", str(error)) from error
    result = expire.expire(bench.database, bench.apps, bench.key, now())
    return answer({"success": True, "result": result})


@blueprint.get("/users/<path:person>/export")
def export(person: str) -> Response:
    params.known("app")
    app = params.app()
    found = people.export(services().database, _person(person, app), app)
    if not any(found[table] for table in people.PEOPLE_TABLES):
        raise ApiError(404, "unknown_person", "nothing is held about this person")
    return answer({"success": True, **found})


@blueprint.delete("/users/<path:person>")
def erase(person: str) -> Response:
    """Erasing somebody of whom nothing is held is a success too: a queue may still hold
    something."""
    params.known("app")
    app, bench = params.app(), services()
    counts = expire.erase(bench.database, bench.apps, bench.key, _person(person, app), app, now())
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
