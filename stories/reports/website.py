"""A website's reports: those of docs/COMPATIBILITY.md (sessions, there named visitors, conversions,
sources, funnel, latest conversions), and what visits were like."""

from __future__ import annotations

from typing import Any

from database import Transaction
from stories import catalogue
from stories.reports.counts import events_by_name, people_by_kind
from stories.reports.periods import Days
from stories.reports.rounding import percentage, ranking, ratio

RECENT = 10


def funnel(tx: Transaction, days: Days) -> dict[str, int]:
    """Distinct sessions that reached each step."""
    people = people_by_kind(tx, days)
    return {
        "homepage_views": people.get(catalogue.HOMEPAGE, 0),
        **{step: people.get(bit, 0) for step, bit in catalogue.FUNNEL_PREFIXES.items()},
        "conversions": people.get(catalogue.CONVERSION, 0),
    }


def summary(tx: Transaction, days: Days) -> dict[str, Any]:
    """The whole answer of GET /api/metrics; timestamps are datetimes."""
    people = people_by_kind(tx, days)
    events = events_by_name(tx, days)
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


def visit_numbers(tx: Transaction, days: Days) -> dict[str, Any]:
    """{"visitors", "visitors_of", "bounce_rate", "avg_seconds", "sessions"} as METRICS.md defines them.
    visitors: None where no session's address is known; visitors_of: the sessions of which one is."""
    lengths = tx.row("reports/website_session_lengths", **days.moments)
    people = tx.row("reports/website_visitors", **days.moments)
    assert lengths is not None  # both are sums
    assert people is not None
    return {
        "visitors": people["visitors"] if people["sessions"] else None,
        "visitors_of": people["sessions"],
        "bounce_rate": percentage(lengths["bounced"], lengths["sessions"]),
        "avg_seconds": ratio(lengths["seconds"], lengths["sessions"]),
        "sessions": lengths["sessions"],
    }


def visits(tx: Transaction, days: Days) -> dict[str, Any]:
    """visit_numbers, and {"entry", "exit", "source", "medium", "campaign"}: rankings of sessions. Reads
    the events of the days, so it takes as long as they are many."""
    rows = tx.rows("reports/website_visits", **days.moments)
    return {
        **visit_numbers(tx, days),
        **{
            what: ranking([row for row in rows if row["what"] == what])
            for what in ("entry", "exit", "source", "medium", "campaign")
        },
    }
