"""A bot's reports (docs/COMPATIBILITY.md): statistics and one user's conversation."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from database import Row, Transaction
from stories import catalogue
from stories.catalogue import App
from stories.reports.counts import events_by_name, people_by_kind
from stories.reports.periods import Days

MESSAGES = ("user_message", "ai_message")


def stats(tx: Transaction, app: App, now: datetime) -> dict[str, Any]:
    """GET /api/analytics/stats: {users, messages, images} since the beginning, active_users_1d,
    _7d and _30d, popular_personas [{persona_id, persona_name, count}]."""
    ever = Days.ever(app, now)
    personas = tx.rows(
        "reports/value_ranking", event="persona_selected", property="persona_id", **ever.days
    )
    return {
        **totals(tx, ever),
        **{f"active_users_{n}d": people(tx, Days.latest(app, n, now)) for n in (1, 7, 30)},
        "popular_personas": [
            {"persona_id": row["label"], "persona_name": row["name"], "count": int(row["n"])}
            for row in personas
        ],
    }


def totals(tx: Transaction, days: Days) -> dict[str, int]:
    """{users, messages, images} of the days."""
    events = events_by_name(tx, days)
    return {
        "users": people(tx, days),
        "messages": sum(events.get(name, 0) for name in MESSAGES),
        "images": events.get("image_generated", 0),
    }


def people(tx: Transaction, days: Days) -> int:
    """Distinct people with an event in the days."""
    return people_by_kind(tx, days).get(catalogue.EVENT, 0)


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
