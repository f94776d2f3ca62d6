"""/segments: conditions with a name, wherever a filter goes as segment=ID. Until all days are counted by
one, answers under it are read from the events."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Blueprint, Response
from msgspec import UNSET

from database import Row, Transaction
from stories.catalogue import App
from stories.errors import ApiError, bad_request
from stories.payloads.segments import SegmentChangesPayload, SegmentPayload
from stories.reports import segments
from stories.reports.conditions import Conditions, WrongCondition, read_conditions
from stories.rollups import segments as counting
from stories.views.explore import needed_app
from stories.views.tokens import time
from stories.web import parameters
from stories.web.answers import answer
from stories.web.callers import names_subject, own_apps
from stories.web.json_body import read_json
from stories.web.services import services

blueprint = Blueprint("segments", __name__)

CHANGE_SECONDS = 120.0  # it waits for a fold, and people's days are written anew


@blueprint.get("/segments")
def list_segments() -> Response:
    parameters.known("app")
    app = needed_app()
    with services().database.transaction(5, read_only=True) as tx:
        shown = [_shown(tx, row, app) for row in segments.listed(tx, app.app_id)]
    return answer({"success": True, "app": app.slug, "segments": shown})


@blueprint.post("/segments")
def create_segment() -> Response:
    parameters.known("app")
    app, body = needed_app(), read_json(SegmentPayload)
    conditions = _conditions(body.filter)
    with _changing() as tx:
        segment_id = segments.create(tx, app.app_id, body.name, conditions)
        made = segments.find(tx, segment_id)
        assert made is not None
        shown = _shown(tx, made, app)
    names_subject(body.name, app.slug)
    return answer({"success": True, "segment": shown})


@blueprint.patch("/segments/<segment_id>")
def change_segment(segment_id: str) -> Response:
    """Another filter takes out what was counted by the one before."""
    row, app = _own(segment_id)
    body = read_json(SegmentChangesPayload)
    conditions = None if body.filter is UNSET else _conditions(body.filter)
    is_other = conditions is not None and conditions.texts != row["filter"]
    with _changing() as tx:
        if is_other:
            counting.clear(tx, row["segment_id"])
        segments.change(
            tx,
            row["segment_id"],
            None if body.name is UNSET else body.name,
            conditions if is_other else None,
        )
        changed = segments.find(tx, row["segment_id"])
        if changed is None:
            raise _unknown()
        shown = _shown(tx, changed, app)
    names_subject(changed["name"], app.slug)
    return answer({"success": True, "segment": shown})


@blueprint.delete("/segments/<segment_id>")
def delete_segment(segment_id: str) -> Response:
    row, app = _own(segment_id)
    with _changing() as tx:
        counting.remove(tx, row["segment_id"])
    names_subject(row["name"], app.slug)
    return answer({"success": True})


def _own(segment_id: str) -> tuple[Row, App]:
    """Raises a 404, also for one of an app that the caller may not see."""
    number = parameters.number_in_path(segment_id)
    if number is not None:
        with services().database.transaction(5, read_only=True) as tx:
            row = segments.find(tx, number)
        for app in own_apps():
            if row is not None and app.app_id == row["app_id"]:
                return row, app
    raise _unknown()


def _unknown() -> ApiError:
    return ApiError(404, "unknown_segment", "there is no segment of this id")


def _conditions(texts: list[str]) -> Conditions:
    try:
        return read_conditions(texts)
    except WrongCondition as wrong:
        raise bad_request(
            "invalid_filter", f"filter cannot be read: {wrong}", parameter="filter"
        ) from None


@contextmanager
def _changing() -> Iterator[Transaction]:
    try:
        with services().database.transaction(CHANGE_SECONDS) as tx:
            yield tx
    except segments.CannotKeep as refusal:
        raise ApiError(409, refusal.code, refusal.sentence) from None
    services().apps.read_now()


def _shown(tx: Transaction, row: Row, app: App) -> dict[str, Any]:
    """progress: {"days" with events, "filled" of them}, until it is ready."""
    progress = None if row["is_filled"] else counting.progress(tx, row["segment_id"])
    return {
        "id": row["segment_id"],
        "app": app.slug,
        "name": row["name"],
        "filter": row["filter"],
        "ready": row["is_filled"],
        "progress": progress,
        "created_at": time(row["created_at"]),
    }
