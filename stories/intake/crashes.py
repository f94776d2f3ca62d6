"""POST /crash: one crash report (docs/COMPATIBILITY.md)."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from flask import Blueprint, Response

from models import CrashPayload, Refusal, convert, crash_id, crash_row, storable
from stories import prometheus
from stories.catalogue import App
from stories.errors import ApiError, bad_request
from stories.web.answers import answer, iso
from stories.web.body import read_body
from stories.web.services import now, sending_app, services

blueprint = Blueprint("crashes", __name__)


@blueprint.post("/crash")
def crash() -> Response:
    app, moment = sending_app("desktop", any_kind=True), now()  # bots crash too
    try:
        row = crash_row(convert(_read(read_body()), CrashPayload), app, moment)
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
    """Lenient where an event is strict: a crash that quotes broken text is still a crash."""
    try:
        text = body.decode("utf-8-sig", "replace")
        return storable(json.loads(text, parse_int=_integer))
    except RecursionError:
        raise bad_request("too_deep", "the body nests too deeply") from None
    except ValueError as error:
        raise ApiError(400, "invalid_json", f"the body is not JSON: {error}") from None


def _integer(digits: str) -> int | float:
    """Python refuses to read integers past 4,300 digits; as infinity the limits refuse it for us."""
    return int(digits) if len(digits) < 400 else float("inf")
