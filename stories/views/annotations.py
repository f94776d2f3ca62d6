"""/annotations: notes at a time, on every chart."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Blueprint, Response

from database import Row
from models import Refusal
from stories.alerts.annotations import Annotations, moment, one_line
from stories.errors import ApiError
from stories.payloads.alerts import AnnotationPayload
from stories.views.explore import needed_app
from stories.views.tokens import time
from stories.web import parameters
from stories.web.answers import answer
from stories.web.callers import caller, names_subject, own_apps
from stories.web.json_body import read_json
from stories.web.services import now, services

blueprint = Blueprint("annotations", __name__)


def _annotations() -> Annotations:
    return Annotations(services().database)


@blueprint.get("/annotations")
def list_annotations() -> Response:
    parameters.known("app", "from", "to")
    app = needed_app()
    start = parameters.moment("from", app.zone) or datetime(1970, 1, 1, tzinfo=UTC)
    end = parameters.moment("to", app.zone, end=True) or now() + timedelta(days=366)
    rows = [_shown(row) for row in _annotations().between(app.app_id, start, end)]
    return answer({"success": True, "app": app.slug, "annotations": rows})


@blueprint.post("/annotations")
def create_annotation() -> Response:
    """With `app` on its charts, without on those of all."""
    parameters.known("app")
    app, body = parameters.app(), read_json(AnnotationPayload)
    try:
        at, text = moment(body.at, app, now()), one_line(body.text)
        row = _annotations().create(app.app_id if app else None, at, text, caller().name)
    except Refusal as refusal:
        status = 409 if refusal.code == "too_many" else 400
        raise ApiError(status, refusal.code, refusal.sentence) from None
    names_subject(text, app.slug if app else None)
    return answer({"success": True, "annotation": _shown(row)})


@blueprint.delete("/annotations/<annotation_id>")
def delete_annotation(annotation_id: str) -> Response:
    """Of an app by its editors, of all by who may make such."""
    number = parameters.number_in_path(annotation_id)
    row = None if number is None else _annotations().find(number)
    slugs: dict[int | None, str | None] = {app.app_id: app.slug for app in own_apps()}
    if caller().is_at_least("owner") and caller().app_ids is None:
        slugs[None] = None
    if row is None or row["app_id"] not in slugs:
        raise ApiError(404, "unknown_annotation", "there is no annotation of this id")
    _annotations().delete(row["annotation_id"])
    names_subject(row["text"], slugs[row["app_id"]])
    return answer({"success": True})


def _shown(row: Row) -> dict[str, Any]:
    return {
        "id": row["annotation_id"],
        "at": time(row["at"]),
        "text": row["text"],
        "of_all_apps": row["app_id"] is None,
        "created_by": row["created_by"],
    }
