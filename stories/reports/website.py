"""A website's reports: those of docs/COMPATIBILITY.md (sessions, there named visitors, conversions,
sources, funnel, latest conversions), and what visits were like."""

from __future__ import annotations

from typing import Any

from database import Expression, Row, Transaction
from stories import catalogue
from stories.reports import windows
from stories.reports.counts import Counts, counts_of
from stories.reports.filters import NO_FILTER, Filter
from stories.reports.periods import Days
from stories.reports.rounding import Ranking, percentage, ranking, ratio

RECENT = 10
EVERY_ONE = Expression("true")
# List of `visits` -> what it is called among the rows of reports/website_visits.
LISTS = {
    "entry": "entry",
    "exit": "exit",
    "source": "utm_source",
    "medium": "utm_medium",
    "campaign": "utm_campaign",
}


def funnel(tx: Transaction, days: Days, filter: Filter = NO_FILTER) -> dict[str, int]:
    """Distinct sessions that reached each step."""
    [people] = counts_of(tx, filter, [days]).people(days)
    return _steps(people)


def _steps(people: dict[int, int]) -> dict[str, int]:
    return {
        "homepage_views": people.get(catalogue.HOMEPAGE, 0),
        **{step: people.get(bit, 0) for step, bit in catalogue.FUNNEL_PREFIXES.items()},
        "conversions": people.get(catalogue.CONVERSION, 0),
    }


def metrics(counts: Counts, days: Days) -> dict[str, Any]:
    """{"metrics", "funnel_data"} of GET /api/metrics."""
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
    tx: Transaction, counts: Counts, days: Days, filter: Filter, kinds: list[Row]
) -> dict[str, Any]:
    """The whole answer of GET /api/metrics; timestamps are datetimes. kinds: as session_kinds gives
    them."""
    numbers = metrics(counts, days)
    return {
        "metrics": numbers["metrics"],
        "traffic_sources": ranking([row for row in kinds if row["what"] == "source"]),
        "funnel_data": numbers["funnel_data"],
        "recent_conversions": _conversions(tx, days, filter),
    }


def _conversions(tx: Transaction, days: Days, filter: Filter) -> list[Row]:
    matches = filter.of_events() if filter else EVERY_ONE
    rows: list[Row] = []
    for window in windows.newest_first(tx, days.app.app_id, days.start, days.end):
        rows += tx.rows(
            "reports/website_conversions",
            **{**days.moments, **vars(window)},
            matches=matches,
            limit=RECENT - len(rows),
        )
        if len(rows) == RECENT:
            break
    return rows


def sources(tx: Transaction, days: Days) -> list[Row]:
    """[{what, key, count}]: everybody's sessions by "source"."""
    rows = tx.rows("reports/website_sources", **days.days, start=days.start, end=days.end)
    return [{"what": "source", "key": row["source"], "count": row["sessions"]} for row in rows]


def session_kinds(tx: Transaction, days: Days) -> list[Row]:
    """[{what, key, count}]: everybody's sessions by "source", "device" and "browser"."""
    return sources(tx, days) + tx.rows("reports/dashboard_session_kinds", **days.moments)


class Visits:
    """Of a range of days, and of those that it is compared with: who came, how long they stayed, where
    they began and ended. Reads the events of the days, once: so it takes as long as they are many."""

    def __init__(
        self, tx: Transaction, days: Days, before: Days | None = None, filter: Filter = NO_FILTER
    ) -> None:
        if filter:
            tx.set_local(work_mem="64MB", jit="off", enable_nestloop="off")
        self._rows: list[Row] = tx.rows(
            "reports/website_visits",
            **days.moments,
            before_start=before and before.start,
            before_end=before and before.end,
            narrowed=bool(filter),
            matches=filter.of_events() if filter else EVERY_ONE,
        )
        if not filter:
            for place, of in enumerate([days, *([before] if before else [])], start=1):
                lengths = tx.row("reports/website_session_lengths", **of.moments) or {}
                self._rows += [
                    {"place": place, "what": what, "key": None, "count": count}
                    for what, count in lengths.items()
                ]

    def numbers(self, before: bool = False) -> dict[str, Any]:
        """{"visitors", "visitors_of", "bounce_rate", "avg_seconds", "sessions"} as METRICS.md defines
        them. visitors: None where no session's address is known; visitors_of: the sessions of which
        one is."""
        place = 2 if before else 1
        of = {row["what"]: row["count"] for row in self._rows if _is_of_all(row, place)}
        return {
            "visitors": int(of["visitors"]) if of["visitors_of"] else None,
            "visitors_of": int(of["visitors_of"]),
            "bounce_rate": percentage(of["bounced"], of["sessions"]),
            "avg_seconds": ratio(of["seconds"], of["sessions"]),
            "sessions": int(of["sessions"]),
        }

    def shape(self) -> dict[str, Any]:
        """The numbers, and {"entry", "exit", "source", "medium", "campaign"}: rankings of sessions."""
        lists = {name: self._ranking(what) for name, what in LISTS.items()}
        return {**self.numbers(), **lists}

    def kinds(self) -> list[Row]:
        """[{what, key, count}]: the matching sessions, as session_kinds has everybody's."""
        return [
            {**row, "count": int(row["count"])}
            for row in self._rows
            if row["what"] in ("source", "device", "browser")
        ]

    def _ranking(self, what: str) -> Ranking:
        return ranking([row for row in self._rows if row["what"] == what])


def _is_of_all(row: Row, place: int) -> bool:
    return row["key"] is None and row["place"] == place
