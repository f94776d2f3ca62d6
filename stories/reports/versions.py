"""How many people used a version, and how many it crashed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from database import Row, Transaction
from stories.reports.periods import Days


def most_used(tx: Transaction, days: Days, most: int) -> list[Row]:
    """{version, people, crashed} of the versions with most people by day, in no order."""
    versions = [
        row["version"] for row in tx.rows("crashes/release_versions", **days.days, limit=most)
    ]
    counted = people_since(tx, days, [(version, days.first) for version in versions])
    return [
        {"version": version, "people": people, "crashed": crashed}
        for (version, _), (people, crashed) in counted.items()
    ]


def people_since(
    tx: Transaction, days: Days, asked: Iterable[tuple[str, date]]
) -> dict[tuple[str, date], tuple[int, int]]:
    """(people, people it crashed) of a version from a day on, to the last of the days."""
    each = list(dict.fromkeys(asked))
    rows = tx.rows(
        "crashes/release_people",
        app_id=days.app.app_id,
        versions=[version for version, _ in each],
        days=[day for _, day in each],
        last=days.last,
    )
    return {(row["version"], row["since"]): (row["people"], row["crashed"]) for row in rows}
