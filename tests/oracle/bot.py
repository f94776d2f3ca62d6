"""GET /api/analytics/stats, /users and /users/{client_id}/events of the bot."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .days import day_of, last_days
from .records import instant

MESSAGES = ("user_message", "ai_message")


@dataclass(frozen=True)
class BotEvent:
    client_id: str
    event_name: str
    created_at: datetime
    persona_id: str | None = None
    persona_name: str | None = None

    @classmethod
    def from_payload(cls, payload: Mapping[str, Any]) -> BotEvent:
        """An item of POST /api/bot/events."""
        return cls(
            str(payload["client_id"]),
            payload["event_name"],
            instant(payload["created_at"]),
            payload.get("persona_id"),
            payload.get("persona_name"),
        )


def bot_stats(events: Sequence[BotEvent], *, now: datetime, zone: str = "UTC") -> dict[str, Any]:
    """The answer of /api/analytics/stats, over everything ever."""
    today = day_of(now, zone)
    answer: dict[str, Any] = {
        "users": len({event.client_id for event in events}),
        "messages": sum(1 for event in events if event.event_name in MESSAGES),
        "images": sum(1 for event in events if event.event_name == "image_generated"),
    }
    for days in (1, 7, 30):
        span = last_days(days, today)
        active = {event.client_id for event in events if day_of(event.created_at, zone) in span}
        answer[f"active_users_{days}d"] = len(active)
    answer["popular_personas"] = _personas(events)
    return answer


def _personas(events: Sequence[BotEvent]) -> list[dict[str, Any]]:
    counts = Counter(
        event.persona_id
        for event in events
        if event.event_name == "persona_selected" and event.persona_id is not None
    )
    names = {}
    for event in sorted(events, key=lambda event: event.created_at):
        if event.persona_id in counts and event.persona_name is not None:
            names[event.persona_id] = event.persona_name
    ordered = sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
    return [
        {"persona_id": key, "persona_name": names.get(key), "count": count}
        for key, count in ordered
    ]


def bot_users(events: Sequence[BotEvent]) -> dict[str, dict[str, Any]]:
    """client_id -> {first_seen, last_seen, events, messages, images, by_event}."""
    by_client: dict[str, list[BotEvent]] = {}
    for event in events:
        by_client.setdefault(event.client_id, []).append(event)
    users = {}
    for client_id, own in by_client.items():
        by_event = Counter(event.event_name for event in own)
        users[client_id] = {
            "first_seen": min(event.created_at for event in own),
            "last_seen": max(event.created_at for event in own),
            "events": len(own),
            "messages": sum(by_event[name] for name in MESSAGES),
            "images": by_event["image_generated"],
            "by_event": dict(by_event),
        }
    return users


def bot_timeline(events: Sequence[BotEvent], client_id: str) -> list[BotEvent]:
    """One user's events, ascending."""
    own = [event for event in events if event.client_id == client_id]
    return sorted(own, key=lambda event: event.created_at)
