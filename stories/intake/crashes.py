"""POST /crash: one crash report (docs/COMPATIBILITY.md)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from flask import Blueprint, Response

from models import MAX_VALUES, CrashPayload, Refusal, convert, crash_id, crash_row, storable
from stories import prometheus
from stories.catalogue import App
from stories.errors import ApiError, bad_request
from stories.intake import documents
from stories.web.answers import answer, iso
from stories.web.body import read_body
from stories.web.services import now, sending_app, services

blueprint = Blueprint("crashes", __name__)
FIELDS = {field.encode_name for field in msgspec.structs.fields(CrashPayload)}
OVERSIZED = {"": [None] * (MAX_VALUES + 1)}  # in place of a context that is not decoded


@blueprint.post("/crash")
def store_crash() -> Response:
    app, moment = sending_app("desktop", any_kind=True), now()  # bots crash too
    try:
        item = convert(_read(read_body()), CrashPayload)
        row = crash_row(item, app, moment, services().key.digest())
    except Refusal as refusal:
        raise _refused(app, moment, refusal.code, refusal.sentence) from None
    outcome = services().crashes.append([row])
    if outcome.refused:
        why = f"the database refused it: {outcome.refused[0]}"
        raise _refused(app, moment, "not_storable", why)
    prometheus.items("crash", {"stored": outcome.stored, "duplicate": outcome.duplicates})
    return answer({"success": True, "crash_id": crash_id(row), "timestamp": iso(moment)})


def _refused(app: App, moment: datetime, code: str, sentence: str) -> ApiError:
    prometheus.items("crash", {code: 1})
    services().ledger.add(moment, app.app_id, code)
    return bad_request(code, sentence, index=0)


def _read(body: bytes) -> Any:
    """The fields of a crash. Lenient where an event is strict: a crash that quotes broken text is still
    a crash."""
    if documents.too_many_containers(body):
        return _read_by_field(body)
    document = documents.load(body, "replace")
    if not isinstance(document, dict):
        return document
    # The context may be of any depth and size; crash_row looks at these before it walks it.
    return {
        name: value if name == "context" else storable(value)
        for name, value in document.items()
        if name in FIELDS and (name == "context" or not isinstance(value, dict | list))
    }


def _read_by_field(body: bytes) -> dict[str, Any]:
    """Of a body with more objects and lists than are decoded, the fields that have few: the context is
    left out, which crash_row notes."""
    try:
        text = body.decode("utf-8-sig", "replace")
        fields = msgspec.json.decode(text, type=dict[str, msgspec.Raw])
    except (msgspec.MsgspecError, RecursionError):
        raise ApiError(
            413, "too_many_values", "the crash holds too many objects and lists"
        ) from None
    crash: dict[str, Any] = {}
    for name in FIELDS & fields.keys():
        raw = bytes(fields[name])
        if raw[:1] not in (b"{", b"["):
            crash[name] = storable(documents.load(raw, "replace"))
        elif name == "context":
            crash[name] = OVERSIZED
    return crash
