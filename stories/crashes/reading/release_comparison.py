"""Two versions side by side, each over its own first days: as many of both, since over more days a
version has more chances to crash."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from database import Transaction
from stories.catalogue import App
from stories.crashes.reading.listing import iso
from stories.crashes.reading.release_numbers import Numbers, Share
from stories.crashes.reading.release_sources import Source, source_of
from stories.crashes.reading.releases import SIGNIFICANT, crash_free, two_proportions
from stories.reports.filters import NO_FILTER, Filter
from stories.reports.periods import Days
from stories.reports.rounding import ratio, rounded

MAX_DAYS = 90
CRASH_COLUMNS = (
    "crashed_people",
    "crash_free_people",
    "crashed_sessions",
    "crash_free_sessions",
    "crashes",
    "crashes_per_person",
)
UNKNOWN: dict[str, Any] = {"verdict": "unknown", "p": None}


@dataclass(frozen=True)
class FirstDays:
    """A version's numbers of its first days. knows_crashes: whether the filter can tell crashes."""

    version: str
    days: Days
    first_seen: datetime
    people: Share
    sessions: Share
    crashes: int
    numbers: Numbers
    knows_crashes: bool

    def shown(self) -> dict[str, Any]:
        people, sessions = self.people, self.sessions
        whole_since = self.days.app.whole_since
        told = {
            "version": self.version,
            "first_seen": iso(self.first_seen),
            "from": self.days.first.isoformat(),
            "to": self.days.last.isoformat(),
            "is_whole": whole_since is None or whole_since <= self.days.first,
            "people": people.all,
            "crashed_people": people.wrong,
            "crash_free_people": crash_free(people.wrong, people.all),
            "sessions": sessions.all,
            "crashed_sessions": sessions.wrong,
            "crash_free_sessions": crash_free(sessions.wrong, sessions.all),
            "crashes": self.crashes,
            "crashes_per_person": ratio(self.crashes, people.all),
            **self.numbers.shown(people.all),
        }
        return told if self.knows_crashes else told | dict.fromkeys(CRASH_COLUMNS)


def compare(
    tx: Transaction,
    app: App,
    releases: dict[str, datetime],
    wanted: int,
    now: datetime,
    filter: Filter = NO_FILTER,
) -> dict[str, Any]:
    """{days, versions: the two, verdicts: {number: {verdict, p}}}: of the first against the second.
    releases: version -> when it was first seen, two of them. wanted: days, fewer where one of them
    is younger."""
    today = now.astimezone(app.zone).date()
    began = {version: seen.astimezone(app.zone).date() for version, seen in releases.items()}
    length = max(1, min(wanted, *((today - day).days + 1 for day in began.values())))
    own, other = (
        _first_days(tx, Days(app, first, first + timedelta(days=length - 1)), version, seen, filter)
        for version, seen in releases.items()
        for first in [began[version]]
    )
    knows = own.knows_crashes
    return {
        "days": length,
        "versions": [own.shown(), other.shown()],
        "verdicts": {
            "crash_free_people": verdict(own.people, other.people) if knows else UNKNOWN,
            "crash_free_sessions": verdict(own.sessions, other.sessions) if knows else UNKNOWN,
            "success_rate": verdict(own.numbers.transcriptions, other.numbers.transcriptions),
        },
    }


def verdict(own: Share, other: Share) -> dict[str, Any]:
    """{verdict: worse, better or unknown, p}, by the test of two proportions."""
    p = two_proportions(own.wrong, own.all, other.wrong, other.all)
    if p is None or p >= SIGNIFICANT:
        name = "unknown"
    else:
        name = "worse" if own.wrong * other.all > other.wrong * own.all else "better"
    return {"verdict": name, "p": None if p is None else rounded(p, 4)}


def _first_days(
    tx: Transaction, days: Days, version: str, seen: datetime, filter: Filter
) -> FirstDays:
    [sessions] = tx.rows(
        "crashes/release_sessions",
        **days.moments,
        version=version,
        matches=filter.of_events(),
        crash_matches=filter.crashes,
    )
    source = source_of(tx, days, filter, version)
    return FirstDays(
        version,
        days,
        seen,
        _people(tx, days, version, source),
        Share(sessions["crashed"], sessions["sessions"]),
        sum(row["crashes"] for row in source.by_day),
        source.numbers([version])[version],
        filter.conditions.can_match_crashes,
    )


def _people(tx: Transaction, days: Days, version: str, source: Source) -> Share:
    if not source.filter:
        [row] = tx.rows("crashes/release_users", **days.days, version=version)
        return Share(row["crashed"], row["people"])
    people, crashed = source.since([(version, days.first)])[version, days.first]
    return Share(crashed, people)
