"""A website's reports: those of docs/COMPATIBILITY.md (sessions, there named visitors, conversions,
sources, funnel, latest conversions), and what visits were like."""

from __future__ import annotations

from typing import Any

from database import Expression, Row, Transaction
from stories import catalogue
from stories.reports.counts import counts_of
from stories.reports.filters import NO_FILTER, Filter
from stories.reports.periods import Days
from stories.reports.rounding import percentage, ranking, ratio

RECENT = 10
EVERY_ONE = Expression("true")


def funnel(tx: Transaction, days: Days, filter: Filter = NO_FILTER) -> dict[str, int]:
    """Distinct sessions that reached each step."""
    [people] = counts_of(tx, filter).people(days)
    return _steps(people)


def _steps(people: dict[int, int]) -> dict[str, int]:
    return {
        "homepage_views": people.get(catalogue.HOMEPAGE, 0),
        **{step: people.get(bit, 0) for step, bit in catalogue.FUNNEL_PREFIXES.items()},
        "conversions": people.get(catalogue.CONVERSION, 0),
    }


def metrics(tx: Transaction, days: Days, filter: Filter = NO_FILTER) -> dict[str, Any]:
    """{"metrics", "funnel_data"} of GET /api/metrics."""
    counts = counts_of(tx, filter)
    [people], events = counts.people(days), counts.events(days)
    sessions = people.get(catalogue.EVENT, 0)
    return {
        "metrics": {
            "total_visitors": sessions,
            "conversions": events.get("conversion", 0),
            "conversion_rate": percentage(people.get(catalogue.CONVERSION, 0), sessions),
            "avg_session_pages": ratio(events.get("pageview", 0), sessions, 1),
        },
        "funnel_data": _steps(people),
    }


def summary(
    tx: Transaction, days: Days, filter: Filter = NO_FILTER, kinds: list[Row] | None = None
) -> dict[str, Any]:
    """The whole answer of GET /api/metrics; timestamps are datetimes. kinds: as session_kinds gives
    them, where they have been read."""
    numbers = metrics(tx, days, filter)
    if kinds is None:
        kinds = session_kinds(tx, days, filter) if filter else _sources(tx, days)
    return {
        "metrics": numbers["metrics"],
        "traffic_sources": ranking([row for row in kinds if row["what"] == "source"]),
        "funnel_data": numbers["funnel_data"],
        "recent_conversions": tx.rows(
            "reports/website_conversions",
            **days.moments,
            matches=filter.of_events() if filter else EVERY_ONE,
            limit=RECENT,
        ),
    }


def session_kinds(tx: Transaction, days: Days, filter: Filter = NO_FILTER) -> list[Row]:
    """[{what, key, count}]: the sessions by "source", "device" and "browser"."""
    if filter:
        return tx.rows("reports/facts_website_sessions", **days.moments, matches=filter.of_events())
    return _sources(tx, days) + tx.rows("reports/dashboard_session_kinds", **days.moments)


def _sources(tx: Transaction, days: Days) -> list[Row]:
    rows = tx.rows("reports/website_sources", **days.days, start=days.start, end=days.end)
    return [{"what": "source", "key": row["source"], "count": row["sessions"]} for row in rows]


def visit_numbers(tx: Transaction, days: Days, filter: Filter = NO_FILTER) -> dict[str, Any]:
    """{"visitors", "visitors_of", "bounce_rate", "avg_seconds", "sessions"} as METRICS.md defines them.
    visitors: None where no session's address is known; visitors_of: the sessions of which one is."""
    people = tx.row("reports/website_visitors", **days.moments, **_narrowed(filter))
    assert people is not None  # both are counts
    return _visit_numbers(tx, days, filter, people["visitors"], people["sessions"])


def _visit_numbers(
    tx: Transaction, days: Days, filter: Filter, visitors: int, visitors_of: int
) -> dict[str, Any]:
    if filter:
        matches = filter.of_events()
        lengths = tx.row("reports/facts_sessions", **days.moments, matches=matches)
    else:
        lengths = tx.row("reports/website_session_lengths", **days.moments)
    assert lengths is not None  # they are sums
    return {
        "visitors": visitors if visitors_of else None,
        "visitors_of": visitors_of,
        "bounce_rate": percentage(lengths["bounced"], lengths["sessions"]),
        "avg_seconds": ratio(lengths["seconds"], lengths["sessions"]),
        "sessions": lengths["sessions"],
    }


def visits(tx: Transaction, days: Days, filter: Filter = NO_FILTER) -> dict[str, Any]:
    """visit_numbers, and {"entry", "exit", "source", "medium", "campaign"}: rankings of sessions. Reads
    the events of the days, so it takes as long as they are many."""
    rows = tx.rows("reports/website_visits", **days.moments, **_narrowed(filter))
    of_all = {row["what"]: row["count"] for row in rows if row["key"] is None}
    return {
        **_visit_numbers(tx, days, filter, of_all["visitors"], of_all["visitors_of"]),
        **{
            what: ranking([row for row in rows if row["what"] == what])
            for what in ("entry", "exit", "source", "medium", "campaign")
        },
    }


def _narrowed(filter: Filter) -> dict[str, Any]:
    return {
        "narrowed": bool(filter),
        "matches": filter.of_events() if filter else EVERY_ONE,
    }
