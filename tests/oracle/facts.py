"""The events and crashes of one app without its testers, each with its day."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from .days import Span, day_of
from .numbers import first_number, total
from .records import Crash, Event

SESSION_GAP = timedelta(minutes=30)
NO_COUNTRY = (None, "", "XX")


@dataclass(frozen=True)
class Dated:
    """An event or a crash on its day."""

    person: str
    day: date
    at: datetime
    name: str  # of the event, or the crash type
    properties: Mapping[str, Any]
    app_version: str | None
    platform: str | None
    country: str | None
    session_id: str | None


class Facts:
    def __init__(
        self,
        events: Iterable[Event],
        crashes: Iterable[Crash],
        zone: str,
        testers: Collection[str] = (),
    ) -> None:
        excluded = {tester.lower() for tester in testers}
        self._set(
            [
                Dated(
                    one.user_id, day_of(one.timestamp, zone), one.timestamp, one.event,
                    one.properties, one.app_version, one.platform, one.country, one.session_id,
                )
                for one in events
                if one.user_id not in excluded
            ],
            [
                Dated(
                    one.user_id, day_of(one.timestamp, zone), one.timestamp, one.crash_type,
                    {}, one.app_version, one.os_version, None, None,
                )
                for one in crashes
                if one.user_id not in excluded
            ],
        )  # fmt: skip

    def _set(self, events: list[Dated], crashes: list[Dated]) -> None:
        self.events, self.crashes = events, crashes
        self.events_of_day: dict[date, list[Dated]] = {}
        self.people_of_day: dict[date, set[str]] = {}
        self.first_day: dict[str, date] = {}
        self.last_day: dict[str, date] = {}
        for one in events:
            self.events_of_day.setdefault(one.day, []).append(one)
            self.people_of_day.setdefault(one.day, set()).add(one.person)
            self.first_day[one.person] = min(one.day, self.first_day.get(one.person, one.day))
            self.last_day[one.person] = max(one.day, self.last_day.get(one.person, one.day))

    def only(self, column: str, value: str) -> Facts:
        """The same, of what has this value in this column of its own."""
        kept = Facts.__new__(Facts)
        kept._set(
            [one for one in self.events if getattr(one, column) == value],
            [one for one in self.crashes if getattr(one, column) == value],
        )
        return kept

    def in_span(self, span: Span) -> list[Dated]:
        return [one for day in span for one in self.events_of_day.get(day, [])]

    def named(self, name: str, span: Span) -> list[Dated]:
        return [one for one in self.in_span(span) if one.name == name]

    def people(self, span: Span) -> set[str]:
        """U: people with at least one event."""
        none: set[str] = set()
        return none.union(*(self.people_of_day.get(day, none) for day in span))

    def crashes_in(self, span: Span) -> list[Dated]:
        return [one for one in self.crashes if one.day in span]

    def crashed_people(self, span: Span) -> set[str]:
        return {one.person for one in self.crashes_in(span)}

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
        for one in self.events_of_day.get(day, []):
            value = first_number(one.properties, *names)
            if value is None:
                continue
            if one.name == "transcription_completed":
                transcribed.append(value)
            elif one.name == "recording_completed" and one.properties.get("success") is not False:
                recorded.append(value)
        return total(transcribed or recorded)

    def latest_country(self) -> dict[str, str]:
        """Person -> country of their latest event that names one."""
        found: dict[str, tuple[datetime, str]] = {}
        for one in self.events:
            if one.country is None or one.country in NO_COUNTRY:
                continue
            found[one.person] = max((one.at, one.country), found.get(one.person, (one.at, "")))
        return {person: country for person, (_, country) in found.items()}

    def auto_paste(self) -> dict[str, bool]:
        """Person -> the state their latest toggle of auto_paste set."""
        found: dict[str, tuple[datetime, bool]] = {}
        for one in self.events:
            enabled = one.properties.get("enabled")
            if one.name != "feature_toggled" or one.properties.get("feature") != "auto_paste":
                continue
            if not isinstance(enabled, bool):
                continue
            known = found.get(one.person)
            if known is None or one.at >= known[0]:
                found[one.person] = (one.at, enabled)
        return {person: enabled for person, (_, enabled) in found.items()}

    def sessions(self) -> list[tuple[date, Decimal]]:
        """(day it began, seconds it lasted) of every session of all time."""
        with_id: dict[tuple[str, str], list[Dated]] = {}
        without: dict[str, list[Dated]] = {}
        for one in self.events:
            if one.session_id:
                with_id.setdefault((one.person, one.session_id), []).append(one)
            else:
                without.setdefault(one.person, []).append(one)
        groups = [sorted(group, key=lambda one: one.at) for group in with_id.values()]
        for loose in without.values():
            chain: list[Dated] = []
            for one in sorted(loose, key=lambda one: one.at):
                if chain and one.at - chain[-1].at >= SESSION_GAP:
                    groups.append(chain)
                    chain = []
                chain.append(one)
            groups.append(chain)
        return [(group[0].day, exact_seconds(group[-1].at - group[0].at)) for group in groups]

    def first_times(self) -> dict[str, datetime]:
        found: dict[str, datetime] = {}
        for one in self.events:
            found[one.person] = min(one.at, found.get(one.person, one.at))
        return found

    def first_crashes(self) -> dict[str, Dated]:
        found: dict[str, Dated] = {}
        for one in self.crashes:
            known = found.get(one.person)
            if known is None or one.at < known.at:
                found[one.person] = one
        return found


def exact_seconds(length: timedelta) -> Decimal:
    return Decimal(length // timedelta(microseconds=1)) / 1_000_000
