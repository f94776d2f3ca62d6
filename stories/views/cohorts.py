"""/cohorts: searches for people that are kept under a name, to be used wherever a filter goes."""

from __future__ import annotations

from datetime import UTC
from typing import Any

import msgspec
from flask import Blueprint, Response
from msgspec import UNSET

from database import Refused, Row
from stories.catalogue import App
from stories.errors import ApiError, bad_request
from stories.payloads.cohorts import CohortChangesPayload, CohortPayload, Definition
from stories.reports import cohorts
from stories.views.asked_steps import WrongStep, step_of
from stories.views.dashboard_data import needed_app
from stories.views.tokens import own_app
from stories.web import parameters
from stories.web.answers import answer, iso
from stories.web.callers import has_app, names_subject
from stories.web.json_body import read_json
from stories.web.services import services

blueprint = Blueprint("cohorts", __name__)


@blueprint.get("/cohorts")
def list_cohorts() -> Response:
    parameters.known("app")
    app = needed_app()
    with services().database.transaction(5, autocommit=True) as tx:
        rows = cohorts.every(tx, app)
    return answer({"success": True, "cohorts": [_shown(row) for row in rows]})


@blueprint.post("/cohorts")
def create_cohort() -> Response:
    parameters.known("app")
    body = read_json(CohortPayload)
    app = needed_app() if body.app is None else own_app(body.app)
    name, definition = _name(body.name), _checked(body.definition, app)
    with services().database.transaction(5) as tx:
        row = cohorts.create(tx, app, name, definition)
        if row is None:
            raise _not_created(name, cohorts.every(tx, app))
    names_subject(name, app.slug)
    return answer({"success": True, "cohort": _shown(row)})


@blueprint.patch("/cohorts/<cohort_id>")
def change_cohort(cohort_id: str) -> Response:
    parameters.known("app")
    row, app = _cohort(cohort_id)
    body = read_json(CohortChangesPayload)
    name = row["name"] if body.name is UNSET else _name(body.name)
    definition = row["definition"] if body.definition is UNSET else _checked(body.definition, app)
    try:
        with services().database.transaction(5) as tx:
            changed = cohorts.change(tx, row["cohort_id"], name, definition)
    except Refused:
        raise _name_taken(name) from None
    if changed is None:
        raise _unknown()
    names_subject(name, app.slug)
    return answer({"success": True, "cohort": _shown(changed)})


@blueprint.delete("/cohorts/<cohort_id>")
def delete_cohort(cohort_id: str) -> Response:
    parameters.known("app")
    row, app = _cohort(cohort_id)
    with services().database.transaction(5) as tx:
        cohorts.delete(tx, row["cohort_id"])
    names_subject(row["name"], app.slug)
    return answer({"success": True})


def _cohort(text: str) -> tuple[Row, App]:
    """Of an app of the caller's. Raises ApiError 404."""
    number = parameters.number_in_path(text)
    with services().database.transaction(5, autocommit=True) as tx:
        row = None if number is None else cohorts.find(tx, number)
    apps = services().apps.all()
    app = next((app for app in apps if row is not None and app.app_id == row["app_id"]), None)
    if row is None or app is None or not has_app(app):
        raise _unknown()
    return row, app


def _name(text: str) -> str:
    name = text.strip()
    if not name or not name.isprintable():
        raise bad_request(
            "invalid_body", "name must be text of 1 to 60 characters", parameter="name"
        )
    return name


def _checked(definition: Definition, app: App) -> Definition:
    """With the country as events have it. Raises ApiError 400."""
    if not definition:
        raise _wrong("definition must say at least one thing about people, such as country")
    for field in ("times", "days"):
        default = getattr(Definition(), field)
        if definition.did is None and getattr(definition, field) != default:
            raise _wrong(f"definition.{field} requires did")
    if "\0" in (definition.app_version or ""):
        raise _wrong("definition must not hold NUL")
    did = definition.did
    if did is not None:
        try:
            did = str(step_of(app, did))
        except WrongStep as wrong:
            raise _wrong(f"definition.did {wrong}") from None
    country = definition.country and definition.country.upper()
    return msgspec.structs.replace(definition, country=country, did=did)


def _wrong(sentence: str) -> ApiError:
    return bad_request("invalid_body", sentence, parameter="definition")


def _unknown() -> ApiError:
    return ApiError(404, "unknown_cohort", "you have no cohort of this id")


def _name_taken(name: str) -> ApiError:
    return ApiError(409, "name_taken", f"name: this app has a cohort {name} already")


def _not_created(name: str, rows: list[Row]) -> ApiError:
    if any(row["name"] == name for row in rows):
        return _name_taken(name)
    return ApiError(
        409, "too_many_cohorts", f"an app has {cohorts.MAX_COHORTS} cohorts at most; delete one"
    )


def _shown(row: Row) -> dict[str, Any]:
    return {
        "id": row["cohort_id"],
        "name": row["name"],
        "definition": msgspec.to_builtins(row["definition"]),
        "created_at": iso(row["created_at"].astimezone(UTC)),
    }
