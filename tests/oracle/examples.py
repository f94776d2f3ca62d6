"""Examples for the recount by hand: events and crashes of November 2026, and what it says of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tests.oracle import (
    Crash,
    Event,
    instant,
    stats,
)

NOW = instant("2026-11-21T12:00:00Z")  # a Saturday


def at(text: str) -> datetime:
    """ "11-20" or "11-20 13:30" of 2026, UTC; noon when no time is given."""
    day, _, time = text.partition(" ")
    return instant(f"2026-{day}T{time or '12:00'}:00Z")


def event(person: str, name: str, when: str, **columns: Any) -> Event:
    names = ("app_version", "platform", "country", "session_id", "app")
    own = {key: columns.pop(key) for key in names if key in columns}
    return Event(person, name, at(when), columns, **own)


def crash(person: str, when: str, crash_type: str = "main_crash", **columns: Any) -> Crash:
    return Crash(person, at(when), crash_type, **columns)


def done(person: str, when: str, **properties: Any) -> Event:
    return event(person, "transcription_completed", when, **properties)


def recorded(person: str, when: str, **properties: Any) -> Event:
    return event(person, "recording_completed", when, **properties)


def opened(person: str, when: str, **properties: Any) -> Event:
    return event(person, "app_opened", when, **properties)


def answer(events: list[Event], crashes: list[Crash] | None = None, **options: Any) -> Any:
    return stats(events, crashes or [], **{"now": NOW, **options})


def summary(events: list[Event], crashes: list[Crash] | None = None, **options: Any) -> Any:
    return answer(events, crashes, **options)["summary"]
