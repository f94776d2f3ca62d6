"""Reads what SDKs send. Their items are large, of many versions and partly not for us, so nothing is
demanded of a whole item: each field is taken where it has the right type."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from dateutil.parser import isoparse

from models import EPOCH, storable
from stories.errors import ApiError
from stories.intake import documents, items


def read_json(body: bytes) -> Any:
    """The value of a JSON body, all of its texts storable. Raises ApiError."""
    if documents.too_many_containers(body):
        limit = documents.MAX_CONTAINERS
        raise ApiError(
            413, "too_many_values", f"a request may hold at most {limit} objects and lists"
        )
    if items.POISON not in body:
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
            when = isoparse(value)
        except (ValueError, OverflowError):
            return None
        return when.replace(tzinfo=UTC) if when.tzinfo is None else when
    if isinstance(value, int | float) and not isinstance(value, bool):
        seconds = value / 1000 if abs(value) > 1e11 else value
        try:
            return EPOCH + timedelta(seconds=seconds)
        except (OverflowError, ValueError):
            return None
    return None
