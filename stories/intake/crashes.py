"""POST /crash: one crash report, or a handled error (docs/COMPATIBILITY.md)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec
from flask import Blueprint, Response

from models import (
    MAX_VALUES,
    CrashPayload,
    CrashRow,
    EventRow,
    Refusal,
    check_level,
    convert,
    storable,
)
from stories import prometheus
from stories.catalogue import App
from stories.crashes.grouping import CATCH_ALL
from stories.errors import ApiError, bad_request
from stories.intake import documents, items
from stories.payloads.crash import Report, crash_id, read_report
from stories.storage.append import Outcome
from stories.symbols import dumps, waiting
from stories.web.answers import answer, iso
from stories.web.body import read_body
from stories.web.services import now, sending_app, services
from stories.web.work import TimeSlice

blueprint = Blueprint("crashes", __name__)
FIELDS = {field.encode_name for field in msgspec.structs.fields(CrashPayload)}
NESTED = {"context", "debug_ids", "fingerprint", "frames", "handled"}
OVERSIZED = {"": [None] * (MAX_VALUES + 1)}  # in place of one of them that is not decoded
_decoder = msgspec.json.Decoder(CrashPayload)


@blueprint.post("/crash")
def store_crash() -> Response:
    app, moment = sending_app("desktop", any_kind=True), now()  # bots crash too
    try:
        report, _ = take(lambda: _decode(read_body()), app, moment)
    except Refusal as refusal:
        raise bad_request(refusal.code, refusal.sentence, index=0) from None
    return answer({"success": True, "crash_id": crash_id(report.row), "timestamp": iso(moment)})


def take(
    read: Callable[[], CrashPayload],
    app: App,
    moment: datetime,
    settle: Callable[[CrashRow | EventRow], None] | None = None,
    dump: bytes | None = None,
) -> tuple[Report, Outcome]:
    """Store one crash or handled error. read: the payload, or a Refusal. settle: has the last word on
    the row. dump: the crash's minidump, of which the stack is walked afterwards. Returns after the
    commit. What is refused is counted in the ledger, and the Refusal raised. Raises Unavailable."""
    service, kind = services(), "crash"
    try:
        report = read_report(read(), app, moment, service.key.digest())
        kind = "crash" if isinstance(report.row, CrashRow) else "error"
        if settle is not None:
            settle(report.row)
        if not service.group_names.admit(report.name, moment):
            report.count_in(CATCH_ALL)
        outcome = _store(report, moment, dump)
        if outcome.refused:
            raise Refusal("not_storable", f"the database refused it: {outcome.refused[0]}")
    except Refusal as refusal:
        prometheus.items(kind, {refusal.code: 1})
        service.ledger.add(moment, app.app_id, refusal.code)
        raise
    prometheus.items(kind, {"stored": outcome.stored, "duplicate": outcome.duplicates})
    return report, outcome


def _store(report: Report, moment: datetime, dump: bytes | None) -> Outcome:
    """Append it, thinned if it is one of too many alike."""
    service, row = services(), report.row
    place = service.storms.count(row.app_id, report.fingerprint, report.version, moment)
    if not place.is_whole:
        report.thin()
    elif dump is not None and isinstance(row, CrashRow):
        _keep_dump(row, dump)
    appender = service.crashes if isinstance(row, CrashRow) else service.handled_errors
    outcome = Outcome()
    try:
        outcome = appender.append([row])
        if row.wants or (isinstance(row, CrashRow) and row.waits):
            waiting.poke()
    finally:
        if not outcome.stored:
            service.storms.take_back(place)
    return outcome


def _keep_dump(row: CrashRow, dump: bytes) -> None:
    """Before the crash itself: whoever walks it finds its dump."""
    service = services()
    digest, pause = service.key.digest(), TimeSlice().give_way
    if dumps.store(service.database, row, dump, digest, pause):
        row.waits, row.detail = True, row.detail or {}


def _decode(body: bytes) -> CrashPayload:
    """The fast decoder first; what it refuses is read field by field. Raises Refusal."""
    if items.POISON not in body and not documents.too_many_containers(body):
        try:
            return _decoder.decode(body)
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError, OverflowError):
            pass
    return convert(_read(body), CrashPayload)


def _read(body: bytes) -> Any:
    """The fields of a crash. Lenient where an event is strict: a crash that quotes broken text is still
    a crash."""
    if documents.too_many_containers(body):
        return _read_by_field(body)
    document = documents.load(body, "replace")
    if not isinstance(document, dict):
        return document
    return {
        name: _storable(name, value)
        for name, value in document.items()
        if name in FIELDS and (name in NESTED or not isinstance(value, dict | list))
    }


def _storable(name: str, value: Any) -> Any:
    """What is nested may be of any depth and size: past the limits it stays as it is, and read_report
    leaves it out."""
    if isinstance(value, dict | list):
        try:
            check_level(value, 1, name)
        except Refusal:
            return value
    return storable(value)


def _read_by_field(body: bytes) -> dict[str, Any]:
    """Of a body with more objects and lists than are decoded, the fields that have few: the context and
    the like are left out, which read_report notes."""
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
        elif name in NESTED:
            crash[name] = OVERSIZED
    return crash
