"""Raw events and crashes, and which of the items that were sent a server keeps."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True)
class Event:
    """One accepted event. timestamp: aware, UTC. kind: of its app."""

    user_id: str
    event: str
    timestamp: datetime
    properties: Mapping[str, Any] = field(default_factory=dict)
    app_version: str | None = None
    platform: str | None = None
    country: str | None = None
    session_id: str | None = None
    channel: str = "release"
    app: str = "desktop"
    kind: str = "desktop"


@dataclass(frozen=True)
class Crash:
    """One accepted crash. timestamp: aware, UTC."""

    user_id: str
    timestamp: datetime
    crash_type: str
    app_version: str | None = None
    os_version: str | None = None
    channel: str = "release"
    app: str = "desktop"


def instant(value: str | float) -> datetime:
    """An ISO 8601 time (no offset means UTC) or epoch milliseconds, as aware UTC."""
    if isinstance(value, str):
        moment = datetime.fromisoformat(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    return datetime.fromtimestamp(value / 1000, UTC)


def event_from_payload(payload: Mapping[str, Any], app: str = "desktop") -> Event:
    """An item of POST /track."""
    return Event(
        user_id=payload["user_id"].lower(),
        event=payload["event"],
        timestamp=instant(payload["timestamp"]),
        properties=payload.get("properties") or {},
        app_version=payload.get("app_version"),
        platform=payload.get("platform"),
        country=payload.get("country"),
        session_id=payload.get("session_id"),
        channel=(payload.get("channel") or "release").lower(),
        app=app,
    )


def crash_from_payload(payload: Mapping[str, Any], app: str = "desktop") -> Crash:
    """A body of POST /crash."""
    return Crash(
        user_id=payload["user_id"].lower(),
        timestamp=instant(payload["timestamp"]),
        crash_type=payload["crash_type"],
        app_version=payload.get("app_version"),
        os_version=payload.get("os_version"),
        channel=(payload.get("channel") or "release").lower(),
        app=app,
    )


def accept(
    requests: Iterable[Sequence[Mapping[str, Any]]],
    rejected: Sequence[Collection[int]] | None = None,
) -> list[Mapping[str, Any]]:
    """What is kept of requests (lists of items), in order of arrival; each event once.

    rejected: per request, the indexes a server refused. An item with an id is a repeat when person,
    time and id have been seen; one without, when an identical one has, as the n-th of its request.
    """
    seen: set[tuple[str, ...]] = set()
    kept = []
    for number, request in enumerate(requests):
        refused = rejected[number] if rejected is not None else ()
        ordinals: dict[str, int] = {}
        for index, item in enumerate(request):
            if index in refused:
                continue
            key = _identity(item)
            if item.get("id") is None:
                text = json.dumps(item, sort_keys=True)
                ordinals[text] = ordinals.get(text, 0) + 1
                key = ("text", text, str(ordinals[text]))
            if key not in seen:
                seen.add(key)
                kept.append(item)
    return kept


_PEOPLE = ("user_id", "client_id", "sessionId", "visitor_id", "ip")
_TIMES = ("timestamp", "created_at")


def _identity(item: Mapping[str, Any]) -> tuple[str, ...]:
    """Person, time and id, whatever the kind of app calls them."""
    named = [str(item.get(name)) for name in (*_PEOPLE, *_TIMES)]
    return ("id", str(item.get("id")), *named)
