"""A generator's report (docs/COMPATIBILITY.md): totals, today, the last seven days."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from database import Transaction
from stories import catalogue
from stories.catalogue import App
from stories.reports.counts import Counts, counts_of
from stories.reports.filters import NO_FILTER, Filter
from stories.reports.periods import Days

WEEK = 7
SUCCESS = ("generation", "success")


def analytics(
    tx: Transaction, app: App, now: datetime, filter: Filter = NO_FILTER
) -> dict[str, Any]:
    """{total, today, last_7_days}; the week ascending, days without anything as zeros."""
    return analytics_of(counts_of(tx, filter, windows(app, now), [SUCCESS]), app, now)


def windows(app: App, now: datetime) -> list[Days]:
    """Whose people analytics_of counts."""
    today = Days.latest(app, 1, now).last
    week = [today - timedelta(days=shift) for shift in reversed(range(WEEK))]
    return [Days.ever(app, now), *(Days(app, day, day) for day in week)]


def analytics_of(counts: Counts, app: App, now: datetime) -> dict[str, Any]:
    """As analytics."""
    ever, *each_day = windows(app, now)
    week = Days.latest(app, WEEK, now)
    events: dict[date, dict[str, int]] = {}
    for row in counts.event_days(week):
        events.setdefault(row["day"], {})[row["event"]] = row["count"]
    for row in counts.label_days(week, *SUCCESS):
        events.setdefault(row["day"], {})[f"generation.{row['key']}"] = row["count"]
    visitors = counts.people(*each_day)
    rows = [
        {
            "date": day.last.isoformat(),
            **_counts(events.get(day.last, {}), people.get(catalogue.KNOWN_VISITOR, 0)),
        }
        for day, people in zip(each_day, visitors, strict=True)
    ]
    today = {name: value for name, value in rows[-1].items() if name != "date"}
    attempts = events.get(week.last, {}).get("generation", 0)
    return {
        "total": total(counts, ever),
        "today": {**today, "total_generations": attempts},
        "last_7_days": rows,
    }


def total(counts: Counts, days: Days) -> dict[str, int]:
    """{visits, unique_visitors, successful_generations, failed_generations, total_generations} of the
    days."""
    events = counts.events(days)
    for success, count in counts.labels(days, *SUCCESS).items():
        events[f"generation.{success}"] = count
    [people] = counts.people(days)
    numbers = _counts(events, people.get(catalogue.KNOWN_VISITOR, 0))
    return {
        "visits": numbers["total_visits"],
        "unique_visitors": numbers["unique_visitors"],
        "successful_generations": numbers["successful_generations"],
        "failed_generations": numbers["failed_generations"],
        "total_generations": events.get("generation", 0),
    }


def _counts(events: dict[str, int], visitors: int) -> dict[str, int]:
    return {
        "unique_visitors": visitors,
        "total_visits": events.get("visit", 0),
        "successful_generations": events.get("generation.true", 0),
        "failed_generations": events.get("generation.false", 0),
    }
