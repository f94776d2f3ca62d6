"""A bot's reports (docs/COMPATIBILITY.md): statistics and one user's conversation."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from database import Row, Transaction
from stories import catalogue
from stories.catalogue import App
from stories.reports.counts import Counts, counts_of
from stories.reports.filters import NO_FILTER, Filter
from stories.reports.periods import Days

MESSAGES = ("user_message", "ai_message")
PERSONA = ("persona_selected", "persona_id")
SPANS = (1, 7, 30)  # days


def stats(tx: Transaction, app: App, now: datetime, filter: Filter = NO_FILTER) -> dict[str, Any]:
    """GET /api/analytics/stats: {users, messages, images} since the beginning, active_users_1d,
    _7d and _30d, popular_personas [{persona_id, persona_name, count}]."""
    return stats_of(counts_of(tx, filter, windows(app, now), [PERSONA]), app, now)


def windows(app: App, now: datetime) -> list[Days]:
    """Whose people stats_of counts."""
    return [Days.ever(app, now), *(Days.latest(app, n, now) for n in SPANS)]


def stats_of(counts: Counts, app: App, now: datetime) -> dict[str, Any]:
    """As stats."""
    ever, *latest = windows(app, now)
    users, *active = people(counts, ever, *latest)
    return {
        "users": users,
        **said_and_drawn(counts, ever),
        **{f"active_users_{n}d": count for n, count in zip(SPANS, active, strict=True)},
        "popular_personas": [
            {"persona_id": row["label"], "persona_name": row["name"], "count": int(row["n"])}
            for row in counts.named_labels(ever, *PERSONA)
        ],
    }


def said_and_drawn(counts: Counts, days: Days) -> dict[str, int]:
    """{messages, images} of the days."""
    events = counts.events(days)
    return {
        "messages": sum(events.get(name, 0) for name in MESSAGES),
        "images": events.get("image_generated", 0),
    }


def people(counts: Counts, *windows: Days) -> list[int]:
    """Distinct people with an event in each of the windows."""
    return [each.get(catalogue.EVENT, 0) for each in counts.people(*windows)]


def latest_matching(tx: Transaction, app: App, filter: Filter, limit: int) -> list[Row]:
    """[{client_id, first_seen, last_seen, messages, images}] of the people with an event that matches,
    by and of those events alone; the latest first."""
    return tx.rows(
        "reports/facts_people_latest",
        app_id=app.app_id,
        matches=filter.of_events(),
        messages=list(MESSAGES),
        limit=limit,
    )


def conversation(
    tx: Transaction, app: App, user_id: UUID, limit: int, after: list[Any] | None
) -> list[Row]:
    """One user's events in order of time, with what was said and shown."""
    last = after or [None, None]
    return tx.rows(
        "reports/conversation",
        app_id=app.app_id,
        user_id=user_id,
        last_timestamp=last[0],
        last_key=last[1],
        limit=limit,
    )
