"""Counts by event name and by kind of person, which the reports of several kinds of apps share."""

from __future__ import annotations

from database import Transaction
from stories.reports.periods import Days


def events_by_name(tx: Transaction, days: Days) -> dict[str, int]:
    """{event: how often it came in the days}; an event that did not come is not there."""
    rows = tx.rows("reports/events_by_name", **days.days)
    return {row["event"]: int(row["n"]) for row in rows}


def people_by_kind(tx: Transaction, days: Days) -> dict[int, int]:
    """{kind: distinct people of the days}, by the bits of catalogue.Flag."""
    rows = tx.rows("reports/people_by_kind", **days.days)
    return {row["kind"]: int(row["people"]) for row in rows}
