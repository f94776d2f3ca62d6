"""/saved: the questions that an app's makers have saved, shared by all who see the app."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Blueprint, Response
from msgspec import UNSET

from database import Row
from stories.catalogue import App
from stories.errors import ApiError
from stories.payloads.questions import SavedChangesPayload, SavedPayload
from stories.reports.saved import CannotSave, SavedQuestions
from stories.views.explore import needed_app
from stories.views.tokens import time
from stories.web import parameters
from stories.web.answers import answer
from stories.web.callers import names_subject, own_apps
from stories.web.json_body import read_json
from stories.web.services import services

blueprint = Blueprint("saved", __name__)


def _questions() -> SavedQuestions:
    return SavedQuestions(services().database)


@blueprint.get("/saved")
def list_saved() -> Response:
    parameters.known("app")
    app = needed_app()
    rows = _questions().all(app.app_id)
    return answer({"success": True, "app": app.slug, "saved": [_shown(row, app) for row in rows]})


@blueprint.post("/saved")
def create_saved() -> Response:
    parameters.known("app")
    app, body = needed_app(), read_json(SavedPayload)
    with _refusals():
        row = _questions().create(app.app_id, body.report, body.name, body.question, body.is_pinned)
    names_subject(f"{body.report}: {body.name}", app.slug)
    return answer({"success": True, "saved": _shown(row, app)})


@blueprint.patch("/saved/<saved_id>")
def change_saved(saved_id: str) -> Response:
    row, app = _own(saved_id)
    body = read_json(SavedChangesPayload)
    with _refusals():
        changed = _questions().change(
            row["saved_id"],
            name=None if body.name is UNSET else body.name,
            question=None if body.question is UNSET else body.question,
            is_pinned=None if body.is_pinned is UNSET else body.is_pinned,
        )
    if changed is None:
        raise _unknown()
    names_subject(f"{changed['report']}: {changed['name']}", app.slug)
    return answer({"success": True, "saved": _shown(changed, app)})


@blueprint.delete("/saved/<saved_id>")
def delete_saved(saved_id: str) -> Response:
    row, app = _own(saved_id)
    _questions().delete(row["saved_id"])
    names_subject(f"{row['report']}: {row['name']}", app.slug)
    return answer({"success": True})


def _own(saved_id: str) -> tuple[Row, App]:
    """Raises a 404, also for one of an app that the caller may not see."""
    number = parameters.number_in_path(saved_id)
    row = None if number is None else _questions().find(number)
    if row is not None:
        for app in own_apps():
            if app.app_id == row["app_id"]:
                return row, app
    raise _unknown()


def _unknown() -> ApiError:
    return ApiError(404, "unknown_question", "there is no saved question of this id")


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except CannotSave as refusal:
        status = 409 if refusal.code in ("name_taken", "too_many") else 400
        raise ApiError(status, refusal.code, refusal.sentence) from None


def _shown(row: Row, app: App) -> dict[str, Any]:
    return {
        "id": row["saved_id"],
        "app": app.slug,
        "report": row["report"],
        "name": row["name"],
        "question": row["question"],
        "is_pinned": row["is_pinned"],
        "created_at": time(row["created_at"]),
    }
