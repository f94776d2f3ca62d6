"""What may enter: payload types, limits, and the rows they become. This is the privacy boundary.

A payload is decoded into a typed record, checked against the catalogue and the limits, scrubbed, and
turned into a row for one table. Nothing that is not named here is stored.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Annotated, Any, TypeVar
from uuid import UUID

import msgspec
from dateutil.parser import isoparse
from msgspec import UNSET, Meta, Struct, UnsetType

from stories import catalogue
from stories.catalogue import App
from stories.crashes.sent import DebugIds, Fingerprint, Frames
from stories.dedupe import Repeats
from stories.privacy import labels, scrub

MAX_BODY = 5 * 1024 * 1024
MAX_ITEMS = 5000
MAX_PROPERTIES_BYTES = 8192
MAX_VALUES = MAX_PROPERTIES_BYTES // 2  # of one list: more is past that, and is not walked
MAX_KEYS = 64
MAX_DEPTH = 5
# Undeclared numbers may be what JSON can hold exactly (epoch milliseconds are past 1e12); declared
# ones are summed for ever and keep to the catalogue's 1e12.
MAX_PLAIN_NUMBER = 2**53

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Id = Annotated[str, Meta(min_length=1, max_length=200)]
SessionId = Annotated[str, Meta(max_length=100)]


class EventPayload(Struct):
    """One element of POST /track's `events`."""

    user_id: UUID
    event: Annotated[str, Meta(min_length=1, max_length=100)]
    timestamp: datetime | int | float
    properties: dict[str, Any] | None = None
    app_version: str | None = None  # cut to 20 characters, which the answer notes
    platform: Annotated[str, Meta(max_length=50)] | None = None
    country: Annotated[str, Meta(pattern="^[A-Za-z]{2}$", max_length=2)] | None = None
    id: Id | None = None
    session_id: SessionId | None = None
    # Unset and not null: without it an event has the dedupe key that it had before channels existed.
    channel: str | UnsetType | None = UNSET


class TrackPayload(Struct):
    """The body of POST /track."""

    events: list[EventPayload]


class CrashPayload(Struct):
    """The body of POST /crash. Lengths are cut, not refused: a crash is too rare to lose."""

    user_id: UUID
    app_version: str
    crash_type: str
    error_message: str
    timestamp: datetime | int | float
    os_version: str | None = None
    stack_trace: str | None = None
    context: dict[str, Any] | None = None
    id: Id | None = None
    session_id: str | None = None
    # Unset and not null: without them a crash has the dedupe key that it had before they existed.
    fingerprint: Fingerprint = UNSET
    frames: Frames = UNSET
    handled: bool | UnsetType | None = UNSET
    channel: str | UnsetType | None = UNSET
    debug_ids: DebugIds = UNSET


class EventRow(Struct):
    """A row of `events`; `position` belongs to the append."""

    app_id: int
    user_id: UUID
    timestamp: datetime
    dedupe_key: int
    event: str
    app_version: str | None
    platform: str | None
    country: str | None
    session_id: str | None
    properties: dict[str, Any] | None
    channel: str | None = None  # None: release
    claim: int | None = None  # of an item stamped by the server: its retry bears another time
    position: int = 0


class CrashRow(Struct):
    """A row of `crashes`."""

    app_id: int
    user_id: UUID
    timestamp: datetime
    dedupe_key: int
    crash_type: str
    app_version: str
    os_version: str | None
    session_id: str | None
    error_message: str
    stack_trace: str | None
    context: dict[str, Any] | None
    channel: str | None = None
    fingerprint: bytes | None = None
    also: list[bytes] | None = None
    detail: dict[str, Any] | None = None  # goes to `error_details`
    wants: list[str] | None = None  # the same; it waits if an upload has one of them
    follows: bool = False  # thin: it goes where the crashes of its group go whose frames are mapped
    waits: bool = False  # whatever it wants: its minidump is to be walked
    position: int = 0


class Refusal(Exception):
    """Why one item cannot be taken: a stable code and a sentence that names the field."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


# What a field must be, said once: the sentence of a refusal and of the API's documentation.
RULES = {
    "user_id": "must be a UUID",
    "event": "must be the name of an event",
    "timestamp": "must be an ISO 8601 time or epoch milliseconds",
    "properties": "must be an object",
    "app_version": "must be text",
    "platform": "must be text of at most 50 characters",
    "country": "must be two letters",
    "id": "must be text of 1 to 200 characters",
    "session_id": "must be text of at most 100 characters",
    "channel": "must be text",
    "crash_type": "must be one of " + ", ".join(catalogue.CRASH_TYPES),
    "error_message": "must be text",
    "stack_trace": "must be text",
    "os_version": "must be text",
    "context": "must be an object",
    "handled": "must be true or false",
    "sessionId": "must be text of 1 to 100 characters",
    "type": "must be pageview or event",
    "value": "must be a number",
    "path": "must be text of at most 2000 characters",
    "success": "must be true or false",
    "client_id": "must be text of 1 to 100 characters or a number",
    "event_name": "must be one of " + ", ".join(catalogue.BOT),
    "created_at": "must be an ISO 8601 time or epoch milliseconds",
    "image_url": "must be an http or https URL of at most 2000 characters",
    "image": "must be an object with base64 data",
}
NAME_RULE = "must be 1 to 100 letters, digits, spaces and _ . : -, and hold no secret or address"

T = TypeVar("T", bound=Struct)

_fields = cache(msgspec.structs.fields)  # it inspects the type anew on each call: 0.3 ms of a crash


def convert(item: Any, payload: type[T]) -> T:
    """An item that the fast decoder refused, field by field. Raises Refusal naming every bad field."""
    if not isinstance(item, dict):
        raise Refusal("not_an_object", "an item must be a JSON object")
    values, problems = {}, []
    for spec in _fields(payload):
        name = spec.encode_name
        if name not in item:
            if spec.required:
                problems.append(("missing_field", f"{name} is missing"))
            continue
        value = item[name]
        if name in ("timestamp", "created_at") and isinstance(value, str):
            value = _read_time(value)
        try:
            values[spec.name] = msgspec.convert(value, spec.type)
        except (msgspec.ValidationError, OverflowError):
            problems.append((f"invalid_{name}", f"{name} {RULES.get(name, 'is not valid')}"))
    if problems:
        raise Refusal(problems[0][0], "; ".join(sentence for _, sentence in problems))
    return payload(**values)


def _read_time(text: str) -> Any:
    """ISO 8601 in all its forms; what is none stays text, which the conversion then refuses. The fast
    decoder's reading comes first: a retry must give the same instant whichever path it takes."""
    for read in (_fast_time, isoparse):
        try:
            return read(text)
        except (ValueError, OverflowError):
            continue
    return text


def _fast_time(text: str) -> datetime:
    return msgspec.convert(text, datetime)


def moment(value: datetime | float, app: App, now: datetime) -> datetime:
    """A client's timestamp as UTC, checked against what the app keeps. Never altered: it is part of
    the key that recognises a retry."""
    try:
        if isinstance(value, datetime):
            when = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        else:
            when = EPOCH + timedelta(milliseconds=value)
    except (OverflowError, ValueError):
        raise Refusal("invalid_timestamp", f"timestamp {RULES['timestamp']}") from None
    oldest, newest = app.accepts(now)
    if when < oldest:
        raise Refusal(
            "timestamp_too_old",
            f"timestamp {when:%Y-%m-%d} is older than the {app.retention_days - 2} days that are "
            f"accepted (data is kept for {app.retention_days} days)",
        )
    if when > newest:
        raise Refusal(
            "timestamp_in_future", f"timestamp {when:%Y-%m-%d %H:%M}Z is more than a day ahead"
        )
    return when


def calendar_day(text: str) -> date:
    """A day written as 2026-11-21, and in none of ISO 8601's other forms. Raises ValueError."""
    day = date.fromisoformat(text)
    if day.isoformat() != text or not 1970 <= day.year <= 2999:
        raise ValueError
    return day


def check_properties(
    properties: dict[str, Any], name: str = "properties", declared: dict[str, Any] | None = None
) -> None:
    """The limits on what a client may attach to an event. Raises Refusal."""
    if check_level(properties, 1, name) > catalogue.MAX_NUMBER:  # rare: only now ask whose it is
        for key in declared or ():
            value = properties.get(key)
            if isinstance(value, (int, float)) and not abs(value) <= catalogue.MAX_NUMBER:
                raise Refusal("number_out_of_range", f"{name}.{key} must be within 1e12")
    check_size(properties, name)


def check_size(properties: dict[str, Any], name: str) -> None:
    """Raises Refusal."""
    if len(msgspec.json.encode(properties)) > MAX_PROPERTIES_BYTES:
        raise _too_large(name)


def _too_large(name: str) -> Refusal:
    return Refusal("properties_too_large", f"{name} must be at most 8 KB of JSON")


def check_level(value: Any, depth: int, name: str) -> float:
    """The limits on depth, counts and numbers of a dict or list. Returns the greatest of its numbers,
    without their signs. Raises Refusal."""
    most: float = 0
    if depth > MAX_DEPTH:
        raise Refusal("too_deep", f"{name} must not nest deeper than {MAX_DEPTH} levels")
    if len(value) > MAX_VALUES and type(value) is list:
        raise _too_large(name)
    if len(value) > MAX_KEYS and type(value) is dict:
        raise Refusal("too_many_keys", f"{name} must have at most {MAX_KEYS} keys")
    for inner in value.values() if type(value) is dict else value:
        kind = type(inner)
        if kind is int or kind is float:
            if not -most <= inner <= most:
                most = abs(inner)
        elif kind is dict or kind is list:
            most = max(most, check_level(inner, depth + 1, name))
    if not most <= MAX_PLAIN_NUMBER:
        raise Refusal("number_out_of_range", f"{name} holds a number past 2^53")
    return most


def check_event_name(name: str) -> None:
    """Raises Refusal for the name of events that only the server makes."""
    if name == catalogue.ERROR_HANDLED:
        raise Refusal(
            "reserved_event", f'event "{name}" is made by POST /crash with "handled": true'
        )


Admit = Callable[[App, str, datetime], None]


def check_undeclared(name: str, app: App, field: str = "event") -> None:
    """Raises Refusal for an event that nobody has declared: where the app takes none such, or its
    name is none."""
    if not app.is_open:
        raise Refusal(
            "unknown_event" if field == "event" else f"invalid_{field}",
            f"{field} {shown(name)} is not in the app's catalogue: declare it in Settings, or take "
            f'any event: PATCH /apps/{app.slug} {{"accepts": "open"}}',
        )
    if name not in app.undeclared and not labels.is_event_name(name):
        raise Refusal(f"invalid_{field}", f"{field} {NAME_RULE}")


def left_out(**fields: tuple[str | None, str | None]) -> dict[str, str]:
    """The `_notes` of fields that were sent and are not kept, each given as (sent, kept). The
    fold counts them as "other", and what was not sent as unknown."""
    return {name: "left out" for name, (sent, kept) in fields.items() if sent and kept is None}


def event_row(
    item: EventPayload,
    app: App,
    now: datetime,
    repeats: Repeats,
    person_key: bytes,
    admit: Admit | None = None,
) -> EventRow:
    """Checks what types cannot say and builds the row. admit: of an undeclared name, called where all
    else is good; raises Refusal if it cannot be taken. Raises Refusal."""
    check_event_name(item.event)
    declared = app.catalogue.get(item.event)
    if declared is None:
        check_undeclared(item.event, app)
    when = moment(item.timestamp, app, now)
    properties = item.properties or None
    if properties is not None:
        check_properties(properties, declared=declared)
    if declared is None and admit is not None:
        admit(app, item.event, now)
    item.timestamp = when  # one spelling of the instant, whatever the client's was
    key = repeats.key(item, item.id)  # before scrubbing: the rules of scrubbing may change
    if properties is not None:
        properties = scrub.value(properties)
    version, platform = labels.version(item.app_version), labels.platform(item.platform)
    if version is None or platform is None:
        notes = left_out(
            app_version=(item.app_version, version), platform=(item.platform, platform)
        )
        if notes:
            properties = {**(properties or {}), "_notes": notes}
    return EventRow(
        app_id=app.app_id,
        user_id=item.user_id,
        timestamp=when,
        dedupe_key=key,
        event=item.event,
        app_version=version,
        platform=platform,
        country=item.country.upper() if item.country else None,
        session_id=labels.session_id(item.session_id, app.app_id, person_key),
        properties=properties,
        channel=labels.channel(item.channel or None),
    )


def noted(item: EventPayload, row: EventRow) -> list[str]:
    """The fields of an item that were cut, or left out as they have not the form of what they should
    be."""
    names = []
    if item.app_version != row.app_version and item.app_version:
        names.append("app_version")
    if item.platform != row.platform and item.platform:
        names.append("platform")
    if is_other_channel(item.channel, row.channel):
        names.append("channel")
    return names


def is_other_channel(sent: str | UnsetType | None, kept: str | None) -> bool:
    """Whether a channel was sent that is kept under another name, as it has not the form of one."""
    return bool(sent) and kept == labels.OTHER and sent != kept


_UNPRINTABLE = re.compile(r"[^\x20-\x7e]")


def shown(text: str) -> str:
    """A client's text inside a sentence of ours: short, printable, quoted."""
    clean = _UNPRINTABLE.sub("?", text[:60])
    return f'"{clean}{"…" if len(text) > 60 else ""}"'


def storable(value: Any) -> Any:
    """The same JSON with what PostgreSQL cannot store (NUL, lone surrogates) replaced by U+FFFD; nearly
    always there is none, which the encoder tells in a tenth of the time of a walk."""
    try:
        if b"\\u0000" not in msgspec.json.encode(value):
            return value
    except (msgspec.MsgspecError, ValueError, OverflowError, RecursionError):
        pass
    return _replaced(value)


def _replaced(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {_replaced(key): _replaced(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_replaced(inner) for inner in value]
    return value
