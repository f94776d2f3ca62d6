"""POST /crash: one crash report (specs/1)."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response

from errors import ApiError, bad_request
from models import CrashPayload, Refusal, convert, crash_id, crash_row, storable
from web.answers import answer, iso
from web.body import read_body
from web.services import now, sending_app, services

blueprint = Blueprint("crashes", __name__)


@blueprint.post("/crash")
def crash() -> Response:
    app, moment = sending_app("desktop", any_kind=True), now()  # bots crash too
    try:
        row = crash_row(convert(_read(read_body()), CrashPayload), app, moment)
    except Refusal as refusal:
        raise bad_request(refusal.code, refusal.sentence, index=0) from None
    outcome = services().crashes.append([row])
    if outcome.refused:
        raise bad_request("not_storable", f"the database refused it: {outcome.refused[0]}", index=0)
    return answer({"success": True, "crash_id": crash_id(row), "timestamp": iso(moment)})


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
