"""/key-numbers: the numbers that an app's makers look at first. Their amounts are in /stats."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
from flask import Blueprint, Response
from msgspec import UNSET

from stories.catalogue import App
from stories.errors import ApiError
from stories.payloads.questions import KeyNumberChangesPayload, KeyNumberPayload
from stories.reports.key_numbers import CannotKeep, KeyNumber, KeyNumbers, shown
from stories.views.explore import needed_app
from stories.web import parameters
from stories.web.answers import answer
from stories.web.callers import names_subject, own_apps
from stories.web.json_body import read_json
from stories.web.services import services

blueprint = Blueprint("key_numbers", __name__)
CONFLICTS = ("name_taken", "too_many", "not_declared")


def _numbers() -> KeyNumbers:
    return KeyNumbers(services().database)


@blueprint.get("/key-numbers")
def list_key_numbers() -> Response:
    parameters.known("app")
    app = needed_app()
    return _answer(_numbers().all(app), app)


@blueprint.post("/key-numbers")
def create_key_number() -> Response:
    """{"key_number", "key_numbers": all there are then}"""
    parameters.known("app")
    app, body = _app_now(needed_app()), read_json(KeyNumberPayload)
    number = KeyNumber(**_fields(body))
    _check_event(app, number.event)
    with _refusals():
        numbers = _numbers().create(app, number)
    names_subject(body.name, app.slug)
    return _answer(numbers, app, numbers[-1])


@blueprint.patch("/key-numbers/<key_number_id>")
def change_key_number(key_number_id: str) -> Response:
    number_id, app = _own(key_number_id)
    body = read_json(KeyNumberChangesPayload)
    changes = _fields(body)
    place = changes.pop("place", None)
    if "event" in changes:
        _check_event(app, changes["event"])
    with _refusals():
        try:
            numbers = _numbers().change(app, number_id, changes, place)
        except KeyError:
            raise _unknown() from None
    changed = next(number for number in numbers if number.key_number_id == number_id)
    names_subject(changed.name, app.slug)
    return _answer(numbers, app, changed)


@blueprint.delete("/key-numbers/<key_number_id>")
def delete_key_number(key_number_id: str) -> Response:
    number_id, app = _own(key_number_id)
    names = {number.key_number_id: number.name for number in _numbers().all(app)}
    _numbers().delete(number_id)
    names_subject(names.get(number_id), app.slug)
    return answer({"success": True})


def _fields(body: msgspec.Struct) -> dict[str, Any]:
    """What is named in a body, as fields of a KeyNumber."""
    fields = {
        name: value for name, value in msgspec.structs.asdict(body).items() if value is not UNSET
    }
    if "segment" in fields:
        fields["segment_id"] = fields.pop("segment")
    return fields


def _app_now(app: App) -> App:
    """Another worker may just have declared a property."""
    return services().apps.by_slug_now(app.slug) or app


def _own(key_number_id: str) -> tuple[int, App]:
    """Raises a 404, also for one of an app that the caller may not see."""
    number_id = parameters.number_in_path(key_number_id)
    app_id = None if number_id is None else _numbers().app_of(number_id)
    app = next((app for app in own_apps() if app.app_id == app_id), None)
    if number_id is None or app is None:
        raise _unknown()
    return number_id, _app_now(app)


def _unknown() -> ApiError:
    return ApiError(404, "unknown_key_number", "there is no key number of this id")


def _check_event(app: App, event: str) -> None:
    if not parameters.takes_event(app, event):
        raise ApiError(400, "unknown_event", f"event: the app takes no event {event!r}")


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except CannotKeep as refusal:
        status = 409 if refusal.code in CONFLICTS else 400
        error = ApiError(status, refusal.code, refusal.sentence)
        if refusal.details:
            error.details = [{"code": refusal.code, "error": refusal.sentence, **refusal.details}]
        raise error from None


def _answer(numbers: list[KeyNumber], app: App, single: KeyNumber | None = None) -> Response:
    body: dict[str, Any] = {"success": True, "app": app.slug}
    if single is not None:
        body["key_number"] = shown(single)
    return answer({**body, "key_numbers": [shown(number) for number in numbers]})
