"""The website's answers (docs/COMPATIBILITY.md): metrics, sources, funnel, conversions."""

from __future__ import annotations

from typing import Any

from database import Transaction
from stories import catalogue
from stories.reports.periods import Days
from stories.reports.rounding import percentage, ranking, ratio

RECENT = 10


def funnel(tx: Transaction, days: Days) -> dict[str, int]:
    """Distinct sessions that reached each step."""
    people = _people(tx, days)
    return {
        "homepage_views": people.get(catalogue.HOMEPAGE, 0),
        **{step: people.get(bit, 0) for step, bit in catalogue.FUNNEL_PREFIXES.items()},
        "conversions": people.get(catalogue.CONVERSION, 0),
    }


def metrics(tx: Transaction, days: Days) -> dict[str, Any]:
    """The whole answer of GET /api/metrics; timestamps are datetimes."""
    people = _people(tx, days)
    events = {row["event"]: int(row["n"]) for row in tx.rows("reports/events_by_name", **days.days)}
    sessions = people.get(catalogue.EVENT, 0)
    sources = tx.rows("reports/website_sources", **days.days, start=days.start, end=days.end)
    return {
        "metrics": {
            "total_visitors": sessions,
            "conversions": events.get("conversion", 0),
            "conversion_rate": percentage(people.get(catalogue.CONVERSION, 0), sessions),
            "avg_session_pages": ratio(events.get("pageview", 0), sessions, 1),
        },
        "traffic_sources": ranking(
            [{"key": row["source"], "count": row["sessions"]} for row in sources]
        ),
        "funnel_data": funnel(tx, days),
        "recent_conversions": tx.rows("reports/website_conversions", **days.moments, limit=RECENT),
    }


def _people(tx: Transaction, days: Days) -> dict[int, int]:
    rows = tx.rows("reports/people_by_kind", **days.days)
    return {row["kind"]: int(row["people"]) for row in rows}
