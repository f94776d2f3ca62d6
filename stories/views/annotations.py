"""/annotations: notes at a time, on every chart."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Blueprint, Response

from database import Row
from models import Refusal
from stories.alerts.annotations import Annotations
from stories.errors import ApiError, bad_request
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
    at = body.at or now()
    at = at.replace(tzinfo=app.zone if app else UTC) if at.tzinfo is None else at
    text = " ".join(body.text.split())
    if not text or not text.isprintable():
        raise bad_request("invalid_text", "text must be one printable line")
    try:
        number = _annotations().create(app.app_id if app else None, at, text, caller().name)
    except Refusal as refusal:
        raise ApiError(409, refusal.code, refusal.sentence) from None
    row = _annotations().find(number)
    assert row is not None
    names_subject(text, app.slug if app else None)
    return answer({"success": True, "annotation": _shown(row)})


@blueprint.delete("/annotations/<annotation_id>")
def delete_annotation(annotation_id: str) -> Response:
    number = parameters.number_in_path(annotation_id)
    row = None if number is None else _annotations().find(number)
    own = {app.app_id for app in own_apps()}
    is_own = row is not None and (
        row["app_id"] in own or (row["app_id"] is None and caller().app_ids is None)
    )
    if row is None or not is_own:
        raise ApiError(404, "unknown_annotation", "there is no annotation of this id")
    _annotations().delete(row["annotation_id"])
    names_subject(row["text"])
    return answer({"success": True})


def _shown(row: Row) -> dict[str, Any]:
    return {
        "id": row["annotation_id"],
        "at": time(row["at"]),
        "text": row["text"],
        "of_all_apps": row["app_id"] is None,
        "created_by": row["created_by"],
    }
