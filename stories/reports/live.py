"""What happens in an app just now: the events of the last half hour by their own time, read as they are
stored, folded or not. Those whose clock runs ahead are left out until their time has come."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from database import Row, Transaction
from stories.catalogue import App
from stories.reports.filters import Filter

MINUTES = 30
NOW = timedelta(minutes=5)
MOST_KEYS = 10
MOST_EVENTS = 50
# A statement that stored an event may have ended after one that began later: so much is read again.
OVERLAP = timedelta(seconds=10)
PARTS = {"versions": "version", "platform_families": "family", "countries": "country"}


def counts(tx: Transaction, app: App, filter: Filter, now: datetime) -> dict[str, Any]:
    """{people_now, people, count, minutes: [{start, events, people}], oldest first, versions,
    platform_families, countries: {rows: [{key, events, people}], more: how many keys are not shown}}.
    people_now: of the last five minutes. start: a datetime."""
    rows = tx.rows(
        "reports/live_counts",
        **_span(app, filter, now),
        since=now - NOW,
        most=MOST_KEYS,
    )
    [whole] = [row for row in rows if row["part"] == "all"]
    by_minute = {row["minute"]: row for row in rows if row["part"] == "minute"}
    return {
        "people_now": whole["people_now"],
        "people": whole["people"],
        "count": whole["events"],
        "minutes": [
            {"start": now - timedelta(minutes=minute + 1), **_numbers(by_minute.get(minute))}
            for minute in reversed(range(MINUTES))
        ],
        **{name: _ranking(rows, part) for name, part in PARTS.items()},
    }


def latest_events(
    tx: Transaction, app: App, filter: Filter, now: datetime, received_after: datetime | None
) -> list[Row]:
    """At most MOST_EVENTS, the last arrived first. received_after: what arrived up to then is left out,
    except that of its last seconds."""
    return tx.rows(
        "reports/live_events",
        **_span(app, filter, now),
        received_after=None if received_after is None else received_after - OVERLAP,
        limit=MOST_EVENTS,
    )


def _span(app: App, filter: Filter, now: datetime) -> dict[str, Any]:
    return {
        "app_id": app.app_id,
        "start": now - timedelta(minutes=MINUTES),
        "end": now,
        "matches": filter.of_events(),
    }


def _numbers(row: Row | None) -> dict[str, int]:
    return {name: row[name] if row else 0 for name in ("events", "people")}


def _ranking(rows: list[Row], part: str) -> dict[str, Any]:
    ranked = [row for row in rows if row["part"] == part]
    return {
        "rows": [{"key": row["key"], **_numbers(row)} for row in ranked],
        "more": ranked[0]["among"] - len(ranked) if ranked else 0,
    }
