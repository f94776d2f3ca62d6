"""Sentry's SDKs: POST /api/{app_id}/envelope/, /api/{app_id}/store/ and /api/tunnel.

An error becomes a crash or a handled error (sentry_errors.py). SDKs send an envelope once: whatever the
answer, it is gone then, so what can be kept is kept, and one bad item costs no other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, request

from models import MAX_BODY, Refusal
from stories.catalogue import App
from stories.errors import ApiError
from stories.intake.adapters import sentry_feedback
from stories.intake.adapters.delivery import Delivery
from stories.intake.adapters.reading import mapping, read_json, text
from stories.intake.adapters.sentry_dump import is_dump, join_dump
from stories.intake.adapters.sentry_envelope import Envelope, Item, read_envelope
from stories.intake.adapters.sentry_errors import MESSAGE, read_error
from stories.intake.adapters.sentry_person import Sender
from stories.intake.adapters.sentry_sessions import read_aggregates, read_session
from stories.web.answers import answer
from stories.web.body import read_body
from stories.web.services import now, services
from stories.web.work import TimeSlice

# An envelope with a minidump or a replay is large; of each other item as much is read as of a crash.
MAX_ENVELOPE = 20 * 1024 * 1024
# Kinds of items that are left out, and counted by these names. A kind that is not here is "other".
LEFT_OUT = {
    "transaction": "transaction",
    "span": "span",
    "log": "log",
    "otel_log": "log",
    "trace_metric": "metric",
    "statsd": "metric",
    "metric_buckets": "metric",
    "metric_meta": "metric",
    "replay_event": "replay",
    "replay_recording": "replay",
    "replay_video": "replay",
    "profile": "profile",
    "profile_chunk": "profile",
    "check_in": "check_in",
    "attachment": "attachment",
}
OTHER = "other"

blueprint = Blueprint("sentry", __name__)


@blueprint.post("/api/<int:app_id>/envelope/", strict_slashes=False)
def store_envelope(app_id: int) -> Response:
    key = _key_of_request()
    app = _app(app_id, key) if key else None  # a wrong key costs no reading
    envelope = read_envelope(read_body(MAX_ENVELOPE))
    return _store(app or _app(app_id, _dsn(envelope)[0]), envelope)


@blueprint.post("/api/tunnel", strict_slashes=False)
def tunnel_envelope() -> Response:
    """By way of a page's own site, the address of which blockers let through: the envelope says whose
    it is."""
    envelope = read_envelope(read_body(MAX_ENVELOPE))
    key, app_id = _dsn(envelope)
    return _store(_app(app_id, key), envelope)


@blueprint.post("/api/<int:app_id>/store/", strict_slashes=False)
def store_event(app_id: int) -> Response:
    """One event, as SDKs sent it before there were envelopes."""
    app = _app(app_id, _key_of_request())
    item = Item({"type": "event"}, read_body())
    return _store(app, Envelope({}, [item]))


@blueprint.after_request
def say_when_to_come_back(response: Response) -> Response:
    """SDKs keep to this header; of a 429 without it they send nothing for a minute."""
    if response.status_code in (429, 503) and (seconds := response.headers.get("Retry-After")):
        response.headers["X-Sentry-Rate-Limits"] = f"{seconds}::organization"
    return response


def _store(app: App, envelope: Envelope) -> Response:
    sender = Sender(
        app,
        now(),
        services().key.digest(),
        envelope.header,
        request.remote_addr or "",
        request.headers.get("User-Agent", ""),
    )
    delivery = Delivery(app, sender.moment)
    for flaw in envelope.flaws:
        delivery.refuse(flaw)
    time_slice = TimeSlice()
    for item in envelope.items:
        time_slice.give_way()
        try:
            if not is_dump(item):
                READERS.get(item.kind, _leave_out)(item, delivery, sender)
        except ApiError as error:  # it is no JSON, or too large
            delivery.refuse(Refusal(error.code, error.sentence))
        except Refusal as refusal:
            delivery.refuse(refusal)
    join_dump(envelope, delivery)
    delivery.store()
    ids = (text(envelope.header.get("event_id")), *(crash.id for crash in delivery.crashes))
    event_id = next((each for each in ids if each and _is_hex(each)), None)
    return answer({"id": event_id} if event_id else {})


def _read_event(item: Item, delivery: Delivery, sender: Sender) -> None:
    event = _object(item)
    if _is_ignored(event, sender):
        return
    crash = read_error(event, sender)
    if crash is None:
        delivery.left_out[MESSAGE] += 1
    else:
        delivery.crashes.append(crash)


def _leave_out(item: Item, delivery: Delivery, sender: Sender) -> None:
    delivery.left_out[LEFT_OUT.get(item.kind, OTHER)] += 1


def _read_feedback(item: Item, delivery: Delivery, sender: Sender) -> None:
    event = _object(item)
    if not _is_ignored(event, sender):
        delivery.feedback.append(sentry_feedback.read_feedback(event, sender))


def _read_report(item: Item, delivery: Delivery, sender: Sender) -> None:
    delivery.feedback.append(sentry_feedback.read_report(_object(item), sender))


def _read_discarded(item: Item, delivery: Delivery, sender: Sender) -> None:
    for reason, n in sentry_feedback.read_discarded(_object(item)).items():
        services().ledger.add(delivery.moment, delivery.app.app_id, f"sdk:{reason}", n)


def _is_ignored(event: dict[str, Any], sender: Sender) -> bool:
    """Whether it is of an environment of which the app wants nothing; the ledger counts it then."""
    environment = text(event.get("environment")) or ""
    is_ignored = environment.strip().lower() in sender.app.ignored_environments
    if is_ignored:
        services().ledger.add(sender.moment, sender.app.app_id, "environment")
    return is_ignored


def _read_session(item: Item, delivery: Delivery, sender: Sender) -> None:
    sent = _object(item)
    if not _is_ignored(mapping(sent.get("attrs")), sender):
        delivery.sessions.append(read_session(sent, sender.app, sender.moment, sender.person_key))


def _read_sessions(item: Item, delivery: Delivery, sender: Sender) -> None:
    sent, sent_at = _object(item), text(sender.header.get("sent_at")) or ""
    if not _is_ignored(mapping(sent.get("attrs")), sender):
        delivery.sessions += read_aggregates(
            sent, sender.app, sender.moment, sender.person_key, sent_at
        )


READERS: dict[str, Callable[[Item, Delivery, Sender], None]] = {
    "event": _read_event,
    "feedback": _read_feedback,
    "user_report": _read_report,
    "client_report": _read_discarded,
    "session": _read_session,
    "sessions": _read_sessions,
}


def _object(item: Item) -> dict[str, Any]:
    """The object that an item is. Raises ApiError, Refusal."""
    if len(item.payload) > MAX_BODY:
        raise Refusal("item_too_large", f"an item must be at most {MAX_BODY // 1024} KB")
    value = read_json(item.payload)
    if not isinstance(value, dict):
        raise Refusal("not_an_object", "an item must be a JSON object")
    return value


def _app(app_id: int | None, key: str | None) -> App:
    app = services().apps.by_key(key) if key else None
    if app is None or app.app_id != app_id:
        raise ApiError(403, "unknown_app_key", "the key is not that of this app")
    return app


def _key_of_request() -> str | None:
    """Of the query, or of a header such as `Sentry sentry_version=7, sentry_key=…`."""
    if key := request.args.get("sentry_key"):
        return key
    for name in ("X-Sentry-Auth", "Authorization"):
        scheme, _, rest = request.headers.get(name, "").partition(" ")
        if scheme.lower() == "sentry":
            for part in rest.split(","):
                field, _, value = part.strip().partition("=")
                if field == "sentry_key":
                    return value.strip()
    return None


def _dsn(envelope: Envelope) -> tuple[str | None, int | None]:
    """(key, app_id) of the address that an SDK was set up with, `https://KEY@host/APP_ID`."""
    try:
        parts = urlsplit(text(envelope.header.get("dsn"), 500) or "")
        key, last = parts.username, parts.path.rstrip("/").rpartition("/")[2]
    except ValueError:
        return None, None
    return key, int(last) if last.isdecimal() and len(last) < 10 else None


def _is_hex(text: str) -> bool:
    return 0 < len(text) <= 36 and all(each in "0123456789abcdefABCDEF-" for each in text)
