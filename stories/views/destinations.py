"""/destinations: where messages go. Addresses come in and are never shown again."""

from __future__ import annotations

import re
import time
from typing import Any
from uuid import uuid4

from flask import Blueprint, Response
from msgspec import UNSET

from database import Row
from models import Refusal
from stories.alerts import messages, sending
from stories.alerts import services as chat
from stories.alerts.store import Destinations
from stories.config import Config
from stories.errors import ApiError
from stories.images.guard import Forbidden, target
from stories.payloads.alerts import DestinationChangesPayload, DestinationPayload
from stories.views.tokens import time as shown_time
from stories.web import parameters
from stories.web.answers import answer
from stories.web.callers import caller, names_subject
from stories.web.json_body import read_json
from stories.web.services import services

blueprint = Blueprint("destinations", __name__)
TEST_SECONDS, LOOK_SECONDS = 45.0, 0.3
MAIL = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?"
)


def _destinations() -> Destinations:
    return Destinations(services().database)


@blueprint.get("/destinations")
def list_destinations() -> Response:
    """missing: what has to be set before mail or links work."""
    parameters.known()
    rows = [_shown(row) for row in _destinations().all()]
    config = services().config
    missing = [name for name in ("smtp_url", "mail_from", "base_url") if not getattr(config, name)]
    return answer(
        {"success": True, "destinations": rows, "missing": [name.upper() for name in missing]}
    )


@blueprint.post("/destinations")
def create_destination() -> Response:
    body = read_json(DestinationPayload)
    try:
        _check(body.kind, body.address, services().config)
        row, secret = _destinations().create(caller().name, body.name, body.kind, body.address)
    except Refusal as refusal:
        raise _refused(refusal) from None
    names_subject(body.name)
    return answer({"success": True, "destination": _shown(row), "secret": secret or None})


@blueprint.patch("/destinations/<destination_id>")
def change_destination(destination_id: str) -> Response:
    row = _own(destination_id)
    body = read_json(DestinationChangesPayload)
    try:
        if body.address is not UNSET:
            _check(row["kind"], body.address, services().config)
        changed = _destinations().change(
            row["destination_id"],
            None if body.name is UNSET else body.name,
            None if body.address is UNSET else body.address,
        )
    except Refusal as refusal:
        raise _refused(refusal) from None
    if changed is None:
        raise _unknown()
    names_subject(changed["name"])
    return answer({"success": True, "destination": _shown(changed)})


@blueprint.delete("/destinations/<destination_id>")
def delete_destination(destination_id: str) -> Response:
    row = _own(destination_id)
    _destinations().delete(row["destination_id"])
    names_subject(row["name"])
    return answer({"success": True})


@blueprint.post("/destinations/<destination_id>/test")
def test_destination(destination_id: str) -> Response:
    """Send a message now and tell what came back. Sent as every other: through the queue, by the process
    that sends."""
    row = _own(destination_id)
    once = f"test:{uuid4()}"
    content: dict[str, Any] = {
        "rule": "Test",
        "app": None,
        "lines": [{"text": f"{caller().name} sent this to try it.", "link": "/dashboard/alerts"}],
        "more": 0,
        "since": "now",
        "link": "/dashboard/alerts",
    }
    with services().database.transaction(5) as tx:
        messages.enqueue(tx, row["destination_id"], "test", once, content)
    state = _await(once)
    names_subject(row["name"])
    if state is None:
        raise _unknown()  # it was deleted meanwhile
    why = state["answer"] if state["sent"] else state["last_error"] or "it waits to be sent"
    return answer({"success": True, "sent": state["sent"], "answer": why})


def _await(once: str) -> Row | None:
    """What became of a message, as soon as it was tried. The process that sends may end just before it
    would have seen the message, so it is started until then."""
    until, database = time.monotonic() + TEST_SECONDS, services().database
    while True:
        sending.start(services().config, database.dsn)
        time.sleep(LOOK_SECONDS)
        with database.transaction(5, read_only=True) as tx:
            state = tx.row("alerts/message_state", once=once)
        if state is None or state["sent"] or state["last_error"] or time.monotonic() > until:
            return state


def _check(kind: str, address: str, config: Config) -> None:
    """Raises Refusal, whose sentence does not repeat the address."""
    problem = None
    if kind == "email":
        if not MAIL.fullmatch(address):
            problem = "address must be one of mail, such as team@example.com"
        elif not (config.smtp_url and config.mail_from):
            problem = "SMTP_URL and MAIL_FROM must be set before mail can be sent"
    elif kind == "webhook":
        try:
            target(address, any_port=config.alert_private_targets)
        except Forbidden as error:
            problem = error.sentence
    else:
        problem = chat.check(address, config)
    if problem:
        raise Refusal("invalid_address", problem)


def _refused(refusal: Refusal) -> ApiError:
    status = 409 if refusal.code in ("too_many", "name_taken") else 400
    return ApiError(status, refusal.code, refusal.sentence)


def _own(destination_id: str) -> Row:
    number = parameters.number_in_path(destination_id)
    for row in _destinations().all():
        if row["destination_id"] == number:
            return row
    raise _unknown()


def _unknown() -> ApiError:
    return ApiError(404, "unknown_destination", "there is no destination of this id")


def _shown(row: Row) -> dict[str, Any]:
    return {
        "id": row["destination_id"],
        "name": row["name"],
        "kind": row["kind"],
        "service": chat.name_of(row["scheme"]) if row["scheme"] else None,
        "created_by": row["created_by"],
        "created_at": shown_time(row["created_at"]),
        "last_sent_at": shown_time(row["last_sent_at"]),
        "last_error": row["last_error"],
        "waiting": row["waiting"],
        "failed": row["failed"],
    }
