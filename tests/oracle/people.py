"""Who is meant by a search for people, found by walking over every event and crash."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from .facts import NO_COUNTRY, Dated, Facts

FAMILIES = {"darwin": "macOS", "mac": "macOS", "win": "Windows", "linux": "Linux"}


def people_meant(facts: Facts, definition: Mapping[str, Any], today: date) -> set[str]:
    """definition: as POST /cohorts takes it."""
    by_person: dict[str, list[Dated]] = defaultdict(list)
    for row in (*facts.events, *facts.crashes):
        if row.is_person:
            by_person[row.person].append(row)
    sent = {person: [row for row in facts.events if row.person == person] for person in by_person}
    return {
        person
        for person, signs in by_person.items()
        if all(
            _holds(name, value, definition, sent[person], signs, today)
            for name, value in definition.items()
        )
    }


def family(platform: str | None) -> str | None:
    if not platform:
        return None
    named = (name for start, name in FAMILIES.items() if platform.lower().startswith(start))
    return next(named, "other")


def _holds(
    name: str,
    value: Any,
    definition: Mapping[str, Any],
    events: list[Dated],
    signs: list[Dated],
    today: date,
) -> bool:
    if name == "last_seen_days":
        return max(row.day for row in signs) > today - timedelta(days=value)
    if name == "first_seen_days":
        return bool(events) and min(events, key=lambda row: row.at).day > today - timedelta(
            days=value
        )
    if name == "country":
        return bool(_latest(events, "country") == value)
    if name == "app_version":
        return bool(_latest(events, "app_version") == value)
    if name == "platform_family":
        return bool(family(_latest(events, "platform")) == value)
    if name == "did":
        since = today - timedelta(days=definition.get("days", 30))
        done = [row for row in events if row.name == value and since < row.day <= today]
        return len(done) >= int(definition.get("times", 1))
    assert name in ("times", "days"), name
    return True


def _latest(events: list[Dated], column: str) -> str | None:
    """Of the latest event that names one; of two at one moment the greater."""
    naming = [
        (row.at, value)
        for row in events
        if (value := getattr(row, column)) is not None
        and not (column == "country" and value in NO_COUNTRY)
    ]
    return max(naming)[1] if naming else None
