"""A generator's report (docs/COMPATIBILITY.md): totals, today, the last seven days."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from database import Transaction
from stories import catalogue
from stories.catalogue import App
from stories.reports.counts import events_by_name, people_by_kind
from stories.reports.periods import Days

WEEK = 7


def analytics(tx: Transaction, app: App, now: datetime) -> dict[str, Any]:
    """{total, today, last_7_days}; the week ascending, days without anything as zeros."""
    week = Days.latest(app, WEEK, now)
    events: dict[date, dict[str, int]] = {}
    for row in tx.rows("reports/events_by_name_daily", **week.days):
        events.setdefault(row["day"], {})[row["event"]] = row["n"]
    visitors = {
        row["day"]: int(row["people"])
        for row in tx.rows("reports/people_by_kind_daily", **week.days)
        if row["kind"] == catalogue.KNOWN_VISITOR
    }
    rows = []
    for shift in range(WEEK):
        day = week.first + timedelta(days=shift)
        rows.append({"date": day.isoformat(), **_counts(events.get(day, {}), visitors.get(day, 0))})
    today = {name: value for name, value in rows[-1].items() if name != "date"}
    attempts = events.get(week.last, {}).get("generation", 0)
    return {
        "total": total(tx, Days.ever(app, now)),
        "today": {**today, "total_generations": attempts},
        "last_7_days": rows,
    }


def total(tx: Transaction, days: Days) -> dict[str, int]:
    """{visits, unique_visitors, successful_generations, failed_generations, total_generations} of the
    days."""
    events = events_by_name(tx, days)
    for row in tx.rows(
        "reports/value_ranking", event="generation", property="success", **days.days
    ):
        events[f"generation.{row['label']}"] = int(row["n"])
    visitors = people_by_kind(tx, days).get(catalogue.KNOWN_VISITOR, 0)
    counts = _counts(events, visitors)
    return {
        "visits": counts["total_visits"],
        "unique_visitors": counts["unique_visitors"],
        "successful_generations": counts["successful_generations"],
        "failed_generations": counts["failed_generations"],
        "total_generations": events.get("generation", 0),
    }


def _counts(events: dict[str, int], visitors: int) -> dict[str, int]:
    return {
        "unique_visitors": visitors,
        "total_visits": events.get("visit", 0),
        "successful_generations": events.get("generation.true", 0),
        "failed_generations": events.get("generation.false", 0),
    }
