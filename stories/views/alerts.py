"""/alerts: rules of an app, or, without `app`, of the server itself; their log, and silence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import msgspec
from flask import Blueprint, Response
from msgspec import UNSET

from database import Row
from models import Refusal, shown
from stories.alerts.rules import KINDS, WINDOWS, NumberSettings, read_settings
from stories.alerts.store import Rules
from stories.catalogue import App
from stories.errors import ApiError, bad_request
from stories.payloads.alerts import RuleChangesPayload, RulePayload, SnoozePayload
from stories.reports import numbers, segments
from stories.reports.periods import Days
from stories.views.tokens import time
from stories.web import parameters
from stories.web.answers import answer
from stories.web.callers import caller, names_subject, own_apps
from stories.web.json_body import read_json
from stories.web.services import now, services

blueprint = Blueprint("alerts", __name__)


def _rules() -> Rules:
    return Rules(services().database)


@blueprint.get("/alerts")
def list_alerts() -> Response:
    parameters.known("app")
    app = parameters.app()
    rows = _rules().all(app.app_id if app else None)
    return answer(
        {
            "success": True,
            "app": app.slug if app else None,
            "alerts": [{**_shown(row, app), "states": row["states"]} for row in rows],
        }
    )


@blueprint.get("/alerts/kinds")
def list_kinds() -> Response:
    """What a rule can watch, with the JSON schema of its settings."""
    parameters.known()
    kinds = [
        {
            "kind": kind.name,
            "title": kind.title,
            "of_server": kind.of_server,
            "settings": msgspec.json.schema(kind.settings)["$defs"][kind.settings.__name__][
                "properties"
            ],
        }
        for kind in KINDS.values()
    ]
    return answer({"success": True, "kinds": kinds})


@blueprint.get("/alerts/log")
def show_log() -> Response:
    parameters.known("app", "limit", "cursor")
    app, limit = parameters.app(), parameters.integer("limit", 100, 1, 1000)
    cursor = parameters.cursor((int,))
    rows = _rules().log(app.app_id if app else None, limit + 1, cursor[0] if cursor else None)
    page, next_cursor = parameters.paged(rows, limit, ("entry_id",))
    entries = [{**row, "at": time(row["at"])} for row in page]
    return answer({"success": True, "log": entries, "next_cursor": next_cursor})


@blueprint.post("/alerts")
def create_alert() -> Response:
    parameters.known("app")
    app, body = parameters.app(), read_json(RulePayload)
    with _refusals():
        settings = _settings(body.kind, body.settings, app)
        row = _rules().create(
            app.app_id if app else None,
            caller().name,
            name=body.name,
            kind=body.kind,
            settings=settings,
            destination_ids=body.destinations,
            for_minutes=body.for_minutes,
            is_on=body.is_on,
        )
    names_subject(body.name, app.slug if app else None)
    return answer({"success": True, "alert": _shown(row, app)})


@blueprint.patch("/alerts/<alert_id>")
def change_alert(alert_id: str) -> Response:
    row, app = _own(alert_id)
    body = read_json(RuleChangesPayload)
    with _refusals():
        settings = None
        if body.settings is not UNSET:
            settings = _settings(row["kind"], body.settings, app)
        changed = _rules().change(
            row["rule_id"],
            name=None if body.name is UNSET else body.name,
            settings=settings,
            destination_ids=None if body.destinations is UNSET else body.destinations,
            for_minutes=None if body.for_minutes is UNSET else body.for_minutes,
            is_on=None if body.is_on is UNSET else body.is_on,
        )
    if changed is None:
        raise _unknown()
    names_subject(changed["name"], app.slug if app else None)
    return answer({"success": True, "alert": _shown(changed, app)})


@blueprint.delete("/alerts/<alert_id>")
def delete_alert(alert_id: str) -> Response:
    row, app = _own(alert_id)
    _rules().delete(row["rule_id"])
    names_subject(row["name"], app.slug if app else None)
    return answer({"success": True})


@blueprint.post("/alerts/<alert_id>/snooze")
def snooze_alert(alert_id: str) -> Response:
    row, app = _own(alert_id)
    body = read_json(SnoozePayload)
    if not _rules().snooze(row["rule_id"], body.minutes, body.subject, now()):
        raise bad_request("unknown_subject", "the alert has nothing now that could be silenced")
    names_subject(row["name"], app.slug if app else None)
    return answer({"success": True})


def _schema(settings: type[msgspec.Struct]) -> dict[str, Any]:
    """Of each setting, by its name."""
    described = msgspec.json.schema(settings)["$defs"][settings.__name__]["properties"]
    return cast(dict[str, Any], described)


def _settings(kind: str, given: dict[str, Any], app: App | None) -> Any:
    """Raises Refusal."""
    if kind not in KINDS:
        raise Refusal("unknown_kind", f"kind {shown(kind)} is none: GET /alerts/kinds lists them")
    if KINDS[kind].of_server != (app is None):
        where = "without app" if KINDS[kind].of_server else "with app"
        raise Refusal("invalid_kind", f"kind {kind} is set up {where}")
    settings = read_settings(kind, given)
    if isinstance(settings, NumberSettings) and app is not None:
        _check_number(settings, app)
    return settings


def _check_number(settings: NumberSettings, app: App) -> None:
    """A rule is looked at every minute, so the rollups must have its number."""
    days = Days.latest(app, 1, now())
    with services().database.transaction(10, read_only=True) as tx:
        listed = {each.name: each for each in numbers.list_numbers(tx, app, days.last)}
        number = listed.get(settings.number)
        if number is None:
            raise Refusal("unknown_number", f"settings.number: {app.slug} has no such number")
        if not number.is_rolled_up:
            raise Refusal(
                "needs_segment",
                f"settings.number: {number.title} is read from the events each time; save its "
                "conditions as a segment, and watch it under that",
            )
        if settings.segment_id is not None:
            # Not from what this worker holds of the app: another may have made it just now.
            segment = segments.find(tx, settings.segment_id)
            if segment is None or segment["app_id"] != app.app_id:
                raise Refusal("unknown_segment", "settings.segment_id: there is no such segment")
    is_partial = WINDOWS[settings.window] == (1, 0)
    if settings.comparison == "below" and is_partial and number.unit in ("count", "usd", "hours"):
        raise Refusal(
            "invalid_window",
            "settings.window: today is not over, so a count is low each morning; take yesterday",
        )


def _own(alert_id: str) -> tuple[Row, App | None]:
    """Raises a 404, also for a rule of an app that the caller may not see; of the server's own, for all
    but owners of everything."""
    number = parameters.number_in_path(alert_id)
    row = None if number is None else _rules().find(number)
    if row is not None:
        if row["app_id"] is None:
            if caller().is_at_least("owner") and caller().app_ids is None:
                return row, None
            raise _unknown()
        for app in own_apps():
            if app.app_id == row["app_id"]:
                return row, app
    raise _unknown()


def _unknown() -> ApiError:
    return ApiError(404, "unknown_alert", "there is no alert of this id")


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except Refusal as refusal:
        status = 409 if refusal.code == "too_many" else 400
        raise ApiError(status, refusal.code, refusal.sentence) from None


def _shown(row: Row, app: App | None) -> dict[str, Any]:
    return {
        "id": row["rule_id"],
        "app": app.slug if app else None,
        "name": row["name"],
        "kind": row["kind"],
        "settings": row["settings"],
        "destinations": row["destination_ids"],
        "for_minutes": row["for_minutes"],
        "is_on": row["is_on"],
        "created_by": row["created_by"],
        "created_at": time(row["created_at"]),
        "looked_at": time(row["looked_at"]),
        "last_error": row["last_error"],
    }
