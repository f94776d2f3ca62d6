"""Reads what SDKs send. Their items are large, of many versions and partly not for us, so nothing is
demanded of a whole item: each field is taken where it has the right type."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from dateutil.parser import isoparse

from models import EPOCH, MAX_ITEMS, RULES, Refusal, storable
from stories.errors import ApiError
from stories.intake import documents
from stories.intake.items import POISON


def read_json(body: bytes) -> Any:
    """The value of a JSON body, all of its texts storable. Raises ApiError."""
    documents.check_containers(body)
    if POISON not in body:
        try:
            return msgspec.json.decode(body)
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError, OverflowError):
            pass
    document = documents.load(body, "replace")
    if documents.flaw(document) == "too_deep":
        raise ApiError(400, "too_deep", documents.SENTENCES["too_deep"])
    return storable(document)


def mapping(value: Any) -> dict[str, Any]:
    """The object itself; {} for anything else."""
    return value if isinstance(value, dict) else {}


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def text(value: Any, most: int = 200) -> str | None:
    """A text that is not empty, cut; a number as its text. None for anything else."""
    if isinstance(value, str):
        return value[:most] or None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)[:most]
    return None


def truth(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def time(value: Any) -> datetime | None:
    """An ISO 8601 text, seconds or milliseconds since 1970; None for anything else."""
    if isinstance(value, str):
        try:
            when = msgspec.convert(value, datetime)  # nearly all, in a twentieth of the time
        except msgspec.ValidationError:
            try:
                when = isoparse(value)
            except (ValueError, OverflowError):
                return None
        return when.replace(tzinfo=UTC) if when.tzinfo is None else when
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            seconds = value / 1000 if abs(value) > 1e11 else value
            return EPOCH + timedelta(seconds=seconds)
        except (OverflowError, ValueError):
            return None
    return None


def sent_time(value: Any) -> datetime | None:
    """The time of an item; None where it has none. Raises Refusal for what is no time."""
    if value is None:
        return None
    when = time(value)
    if when is None:
        raise Refusal("invalid_timestamp", f"timestamp {RULES['timestamp']}")
    return when


def event_name(value: Any) -> str:
    """Raises Refusal."""
    if not isinstance(value, str) or not 0 < len(value) <= 100:
        raise Refusal("invalid_event", f"event {RULES['event']}, of at most 100 characters")
    return value


def items_of(value: Any) -> list[Any]:
    """The items of a body that is a list of them, or one. Raises ApiError."""
    items = value if isinstance(value, list) else [value]
    if len(items) > MAX_ITEMS:
        raise ApiError(413, "too_many_items", f"a request may hold at most {MAX_ITEMS} items")
    return items
