"""Where the numbers of releases come from: the rollups, or under a filter the events themselves."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from typing import Any, Protocol

from database import Row, Transaction
from stories.crashes.reading.listing import people_active
from stories.crashes.reading.release_numbers import (
    Numbers,
    numbers_by_version,
    numbers_from_events,
)
from stories.reports.filters import NO_FILTER, Filter
from stories.reports.periods import Days
from stories.reports.sdk_sessions import NOT_SENT, Sessions
from stories.reports.versions import most_used, people_since

MAX_SHOWN = 200

# What cannot be told of a release whose crashes the conditions cannot tell.
OF_CRASHES = (
    "crashes",
    "crashed_people",
    "crash_free_people",
    "crashes_per_person",
    "p",
    "comparison",
)
# Issues begin and end for everybody.
OF_ISSUES = ("new_issues", "regressed_issues", "fixed_issues")
# What SDKs count themselves is by version and no more.
OF_SDK_SESSIONS = tuple(NOT_SENT)


class Source(Protocol):
    """What is read of some days. people: {version, people, crashed} of those that have people, how many
    used it and how many it crashed; crashes: by version; active: how many people there were; by_day:
    rows of crashes/release_days; sessions: by version, as its SDK counts them."""

    filter: Filter
    people: list[Row]
    crashes: dict[str, int]
    active: int
    by_day: list[Row]
    sessions: dict[str, Sessions]

    def numbers(self, versions: list[str]) -> dict[str, Numbers]: ...

    def since(self, asked: list[tuple[str, date]]) -> dict[tuple[str, date], tuple[int, int]]:
        """(people, people it crashed) of a version from a day on, for each that is asked."""


def source_of(
    tx: Transaction, days: Days, filter: Filter = NO_FILTER, version: str | None = None
) -> Source:
    """version: whose days are wanted too."""
    return _Events(tx, days, filter, version) if filter else _Rollups(tx, days, version)


def unfiltered(filter: Filter) -> list[str]:
    """What a release does not tell under this filter: null, and named in the answer."""
    if not filter:
        return []
    of_crashes = () if filter.conditions.can_match_crashes else OF_CRASHES
    return sorted((*of_crashes, *OF_ISSUES, *OF_SDK_SESSIONS))


class _Rollups:
    filter = NO_FILTER

    def __init__(self, tx: Transaction, days: Days, version: str | None) -> None:
        self._tx, self._days = tx, days
        self.people = most_used(tx, days, MAX_SHOWN)
        self.crashes = {
            row["version"]: row["crashes"]
            for row in tx.rows("crashes/release_crashes", **days.days)
        }
        self.active = people_active(tx, days)
        self.sessions = {
            row["version"]: Sessions.of([row])
            for row in tx.rows("crashes/release_sdk_sessions", **days.days)
        }
        self.by_day = (
            [] if version is None else tx.rows("crashes/release_days", **days.days, version=version)
        )

    def numbers(self, versions: list[str]) -> dict[str, Numbers]:
        return numbers_by_version(self._tx, self._days, versions)

    def since(self, asked: list[tuple[str, date]]) -> dict[tuple[str, date], tuple[int, int]]:
        return people_since(self._tx, self._days, asked)


class _Events:
    def __init__(self, tx: Transaction, days: Days, filter: Filter, version: str | None) -> None:
        self._tx, self._days, self.filter = tx, days, filter
        tx.set_local(jit="off", work_mem="64MB")  # a person and a version are 100 bytes there
        parts: dict[str, list[Row]] = defaultdict(list)
        for row in tx.rows(
            "crashes/release_facts",
            **days.moments,
            matches=filter.of_events(),
            crash_matches=filter.crashes,
            version=version,
            limit=MAX_SHOWN,
        ):
            parts[row["part"]].append(row)
        self._last_days = parts["people"]
        versions = {row["version"] for row in self._last_days}
        self.people = [
            {"version": version, "people": people, "crashed": crashed}
            for (version, _), (people, crashed) in self.since(
                [(version, days.first) for version in versions]
            ).items()
        ]
        self.crashes = {row["version"]: row["crashes"] for row in parts["crashes"]}
        self.active = parts["active"][0]["people"]
        self.by_day = parts["day"]
        self.sessions: dict[str, Sessions] = {}

    def numbers(self, versions: list[str]) -> dict[str, Numbers]:
        return numbers_from_events(self._tx, self._days, versions, self.filter)

    def since(self, asked: list[tuple[str, date]]) -> dict[tuple[str, date], tuple[int, int]]:
        by_version, counted = defaultdict(list), {}
        for row in self._last_days:
            by_version[row["version"]].append(row)
        for version, day in asked:
            rows = [row for row in by_version[version] if row["day"] >= day]
            counted[version, day] = (
                sum(row["people"] for row in rows),
                sum(row["crashed"] for row in rows),
            )
        return counted


def every_day(source: Source, days: Days) -> list[dict[str, Any]]:
    """[{date, people, crashes}] of the version whose days were asked for, every day of the range."""
    counted: dict[date, Row] = {row["day"]: row for row in source.by_day}
    nothing = {"people": 0, "crashes": 0}
    knows = source.filter.conditions.can_match_crashes
    length = (days.last - days.first).days + 1
    return [
        {
            "date": day.isoformat(),
            "people": counted.get(day, nothing)["people"],
            "crashes": counted.get(day, nothing)["crashes"] if knows else None,
        }
        for day in (days.first + timedelta(days=number) for number in range(length))
    ]
