"""The events and crashes of one app without its testers, each with its day."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from .days import Span, day_of
from .numbers import first_number, total
from .records import Crash, Event

SESSION_GAP = timedelta(minutes=30)
NO_COUNTRY = (None, "", "XX")
NOBODY = "ffffffff-ffff-ffff-0000-000000000000"


@dataclass(frozen=True)
class Dated:
    """An event or a crash on its day."""

    person: str  # from NOBODY on: a session of nobody known, or nobody at all
    day: date
    at: datetime
    name: str  # of the event, or the crash type
    properties: Mapping[str, Any]
    app_version: str | None
    platform: str | None
    country: str | None
    session_id: str | None
    channel: str = "release"

    @property
    def is_person(self) -> bool:
        return self.person < NOBODY

    def has(self, column: str, value: str) -> bool:
        if column == "platform_family":
            return family(self.platform) == value
        return bool(getattr(self, column) == value)


def people_of(rows: Iterable[Dated]) -> set[str]:
    return {row.person for row in rows if row.is_person}


def family(platform: str | None) -> str | None:
    """The family of a platform's name; that of an unknown one is "other"."""
    if not platform:
        return None
    starts = {
        "macOS": ("darwin", "mac", "osx"),
        "Windows": ("win",),
        "Android": ("android",),
        "iOS": ("ios", "ipados", "iphone", "ipad"),
        "Linux": ("linux", "ubuntu", "debian", "fedora", "centos", "rhel", "arch", "suse"),
    }
    return next(
        (name for name, words in starts.items() if platform.lower().startswith(words)), "other"
    )


class Facts:
    def __init__(
        self,
        events: Iterable[Event],
        crashes: Iterable[Crash],
        zone: str,
        testers: Collection[str] = (),
    ) -> None:
        excluded = {tester.lower() for tester in testers}
        self._all(
            [
                Dated(
                    row.user_id, day_of(row.timestamp, zone), row.timestamp, row.event,
                    row.properties, row.app_version, row.platform, row.country, row.session_id,
                    row.channel,
                )
                for row in events
                if row.user_id not in excluded
            ],
            [
                Dated(
                    row.user_id, day_of(row.timestamp, zone), row.timestamp, row.crash_type,
                    {}, row.app_version, row.os_version, None, None, row.channel,
                )
                for row in crashes
                if row.user_id not in excluded
            ],
        )  # fmt: skip

    def _all(self, events: list[Dated], crashes: list[Dated]) -> None:
        """What debug builds sent counts only where a condition names it."""
        self._sent = events, crashes
        self._set(
            [row for row in events if row.channel != "debug"],
            [row for row in crashes if row.channel != "debug"],
            self,
        )

    def _set(self, events: list[Dated], crashes: list[Dated], whole: Facts) -> None:
        self.events, self.crashes, self.whole = events, crashes, whole
        self.events_of_day: dict[date, list[Dated]] = {}
        self.people_of_day: dict[date, set[str]] = {}
        self.first_day: dict[str, date] = {}
        self.last_day: dict[str, date] = {}
        for row in events:
            self.events_of_day.setdefault(row.day, []).append(row)
            if not row.is_person:
                continue
            self.people_of_day.setdefault(row.day, set()).add(row.person)
            self.first_day[row.person] = min(row.day, self.first_day.get(row.person, row.day))
            self.last_day[row.person] = max(row.day, self.last_day.get(row.person, row.day))

    def only(self, column: str, value: str) -> Facts:
        """The same, of what has this value in this column of its own."""
        kept = Facts.__new__(Facts)
        kept._set(
            [row for row in self.events if row.has(column, value)],
            [row for row in self.crashes if row.has(column, value)],
            self,
        )
        return kept

    def matching(self, matches: Callable[[Dated], bool]) -> Facts:
        """The same, of what matches, debug builds among it."""
        kept = Facts.__new__(Facts)
        events, crashes = ([row for row in rows if matches(row)] for rows in self._sent)
        kept._set(events, crashes, self)
        return kept

    def new_people(self, span: Span) -> set[str]:
        """People of the span whose first event, of all that they sent, is in it."""
        first = self.whole.first_day
        return {person for person in self.people(span) if person in first and first[person] in span}

    def in_span(self, span: Span) -> list[Dated]:
        return [row for day in span for row in self.events_of_day.get(day, [])]

    def named(self, name: str, span: Span) -> list[Dated]:
        return [row for row in self.in_span(span) if row.name == name]

    def people(self, span: Span) -> set[str]:
        """U: people with at least one event."""
        none: set[str] = set()
        return none.union(*(self.people_of_day.get(day, none) for day in span))

    def crashes_in(self, span: Span) -> list[Dated]:
        return [row for row in self.crashes if row.day in span]

    def crashed_people(self, span: Span) -> set[str]:
        return people_of(self.crashes_in(span))

    def seconds_of_day(self, day: date) -> Decimal:
        return self._day_sum(day, "audio_duration_seconds", "duration_seconds")

    def cost_of_day(self, day: date) -> Decimal:
        return self._day_sum(day, "estimated_cost_usd", "cost_usd")

    def seconds(self, span: Span) -> Decimal:
        return total(self.seconds_of_day(day) for day in span)

    def cost(self, span: Span) -> Decimal:
        return total(self.cost_of_day(day) for day in span)

    def _day_sum(self, day: date, *names: str) -> Decimal:
        """Over the day's transcriptions; when none carries the value, over its recordings."""
        transcribed, recorded = [], []
        for row in self.events_of_day.get(day, []):
            value = first_number(row.properties, *names)
            if value is None:
                continue
            if row.name == "transcription_completed":
                transcribed.append(value)
            elif row.name == "recording_completed" and row.properties.get("success") is not False:
                recorded.append(value)
        return total(transcribed or recorded)

    def latest_country(self) -> dict[str, str]:
        """Person -> country of their latest event that names one."""
        by_person: dict[str, tuple[datetime, str]] = {}
        for row in self.events:
            if row.country is None or row.country in NO_COUNTRY:
                continue
            by_person[row.person] = max(
                (row.at, row.country), by_person.get(row.person, (row.at, ""))
            )
        return {person: country for person, (_, country) in by_person.items()}

    def auto_paste(self) -> dict[str, bool]:
        """Person -> the state their latest toggle of auto_paste set."""
        by_person: dict[str, tuple[datetime, bool]] = {}
        for row in self.events:
            enabled = row.properties.get("enabled")
            if row.name != "feature_toggled" or row.properties.get("feature") != "auto_paste":
                continue
            if not isinstance(enabled, bool):
                continue
            before = by_person.get(row.person)
            if before is None or row.at >= before[0]:
                by_person[row.person] = (row.at, enabled)
        return {person: enabled for person, (_, enabled) in by_person.items()}

    def sessions(self) -> list[tuple[date, Decimal]]:
        """(day it began, seconds it lasted) of every session of all time; under a filter, of those
        that hold a match."""
        kept = {id(row) for row in self.events}
        return [
            (group[0].day, exact_seconds(group[-1].at - group[0].at))
            for group in self.whole.session_groups()
            if any(id(row) in kept for row in group)
        ]

    def session_groups(self) -> list[list[Dated]]:
        """The events of every session of all time, in their order."""
        with_id: dict[tuple[str, str], list[Dated]] = {}
        without: dict[str, list[Dated]] = {}
        for row in self.events:
            if row.person == NOBODY:
                continue
            if row.session_id:
                with_id.setdefault((row.person, row.session_id), []).append(row)
            else:
                without.setdefault(row.person, []).append(row)
        groups = [sorted(group, key=lambda row: row.at) for group in with_id.values()]
        for loose in without.values():
            chain: list[Dated] = []
            for row in sorted(loose, key=lambda row: row.at):
                if chain and row.at - chain[-1].at >= SESSION_GAP:
                    groups.append(chain)
                    chain = []
                chain.append(row)
            groups.append(chain)
        return groups

    def first_times(self) -> dict[str, datetime]:
        by_person: dict[str, datetime] = {}
        for row in self.events:
            if not row.is_person:
                continue
            by_person[row.person] = min(row.at, by_person.get(row.person, row.at))
        return by_person

    def first_crashes(self) -> dict[str, Dated]:
        by_person: dict[str, Dated] = {}
        for row in self.crashes:
            before = by_person.get(row.person)
            if row.is_person and (before is None or row.at < before.at):
                by_person[row.person] = row
        return by_person


def exact_seconds(length: timedelta) -> Decimal:
    return Decimal(length // timedelta(microseconds=1)) / 1_000_000
