"""Counts of events and people, which the reports of websites, generators and bots are made of: from the
rollups, or under a filter from the events themselves, by the same definitions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from functools import cached_property
from typing import Any, Protocol

import msgspec

from database import Expression, Row, Transaction
from stories.catalogue import EVENT, App
from stories.reports.filters import Filter
from stories.reports.periods import Days, around, within

NONE = "unknown"  # the key of what has no label
Property = tuple[str, str]  # (event, property)


class Counts(Protocol):
    """Days without anything have no rows."""

    def event_days(self, days: Days) -> list[Row]:
        """[{day, event, count}]."""

    def events(self, days: Days) -> dict[str, int]:
        """{event: how often it came in the days}; an event that did not come is not there."""

    def label_days(self, days: Days, event: str, property: str) -> list[Row]:
        """[{day, key, count}] of the values of a countable property."""

    def labels(self, days: Days, event: str, property: str) -> dict[str, int]:
        """{value: how often it came in the days}."""

    def named_labels(self, days: Days, event: str, property: str) -> list[Row]:
        """[{label, name, n}], most first; name: the latest, where labels have names. Without NONE."""

    def number_days(self, days: Days, event: str, property: str) -> list[Row]:
        """[{day, n, total, histogram}] of a countable number; the histogram as it is kept."""

    def people(self, *windows: Days) -> list[dict[int, int]]:
        """Of each of the windows {kind: distinct people}, by the bits of catalogue.Flag."""


def counts_of(
    tx: Transaction, filter: Filter, windows: Sequence[Days], of: Iterable[Property] = ()
) -> Counts:
    """From the rollups unless there is a filter. Under one, of the days of these windows and of these
    properties alone: one reading of the events, at the first question, answers all."""
    return FromEvents(tx, filter, windows, of) if filter else FromRollups(tx)


class FromRollups:
    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    def event_days(self, days: Days) -> list[Row]:
        return self._tx.rows("reports/dashboard_event_days", **days.days)

    def events(self, days: Days) -> dict[str, int]:
        rows = self._tx.rows("reports/events_by_name", **days.days)
        return {row["event"]: int(row["n"]) for row in rows}

    def label_days(self, days: Days, event: str, property: str) -> list[Row]:
        of = {**days.days, "event": event, "property": property}
        return self._tx.rows("reports/dashboard_label_days", **of)

    def labels(self, days: Days, event: str, property: str) -> dict[str, int]:
        of = {**days.days, "event": event, "property": property}
        return {row["key"]: row["count"] for row in self._tx.rows("reports/dashboard_labels", **of)}

    def named_labels(self, days: Days, event: str, property: str) -> list[Row]:
        of = {**days.days, "event": event, "property": property}
        return self._tx.rows("reports/value_ranking", **of)

    def number_days(self, days: Days, event: str, property: str) -> list[Row]:
        of = {**days.days, "event": event, "property": property}
        return self._tx.rows("reports/dashboard_number_days", **of)

    def people(self, *windows: Days) -> list[dict[int, int]]:
        return [
            {
                row["kind"]: int(row["people"])
                for row in self._tx.rows("reports/people_by_kind", **days.days)
            }
            for days in windows
        ]


class FromEvents:
    """Of the events that the server still holds: rollups go back further."""

    def __init__(
        self, tx: Transaction, filter: Filter, windows: Sequence[Days], of: Iterable[Property]
    ) -> None:
        self._tx = tx
        self._matches = filter.of_events()
        self._app = windows[0].app
        self._windows = list(windows)
        self._properties = tuple(of)

    def event_days(self, days: Days) -> list[Row]:
        return [
            {"day": row["day"], "event": row["event"], "count": row["n"]}
            for row in self._of(days, "event")
        ]

    def events(self, days: Days) -> dict[str, int]:
        return _summed(self.event_days(days), "event")

    def label_days(self, days: Days, event: str, property: str) -> list[Row]:
        return [
            {"day": row["day"], "key": row["key"] or NONE, "count": row["n"]}
            for row in self._of(days, "label", event, property)
        ]

    def labels(self, days: Days, event: str, property: str) -> dict[str, int]:
        return _summed(self.label_days(days, event, property), "key")

    def named_labels(self, days: Days, event: str, property: str) -> list[Row]:
        names = {
            row["label"]: row["name"]
            for row in self._tx.rows(
                "reports/label_names", app_id=days.app.app_id, property=property
            )
        }
        counts: dict[str, int] = defaultdict(int)
        for row in self._of(days, "label", event, property):
            counts[row["key"]] += row["n"]
        return [
            {"label": label, "name": names.get(label), "n": count}
            for label, count in sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
            if label
        ]

    def number_days(self, days: Days, event: str, property: str) -> list[Row]:
        return self._of(days, "number", event, property)

    def people(self, *windows: Days) -> list[dict[int, int]]:
        people: dict[int, dict[int, int]] = defaultdict(dict)
        for row in self._rows:
            if row["part"] == "people":
                people[row["place"]][row["kind"]] = row["n"]
        return [people[1 + self._windows.index(days)] for days in windows]

    def _of(self, days: Days, part: str, event: str = "", property: str = "") -> list[Row]:
        """The rows of a part, and of one event in it, of some of the days that were read."""
        if property and (event, property) not in self._properties:
            raise KeyError((event, property))
        return [
            row
            for row in self._rows
            if row["part"] == part
            and event in ("", row["event"])
            and days.first <= row["day"] <= days.last
        ]

    @cached_property
    def _rows(self) -> list[Row]:
        # As in by_events: groups are few, and the planner knows nothing of what conditions leave.
        self._tx.set_local(work_mem="64MB", jit="off", enable_sort="off", enable_nestloop="off")
        return self._tx.rows(
            "reports/facts_counts",
            **around(self._windows).moments,
            matches=within(self._windows, self._matches),
            flags=activity(self._app),
            kinds=[EVENT, *(flag.bit for flag in self._app.flags)],
            firsts=[days.first for days in self._windows],
            lasts=[days.last for days in self._windows],
            rules=self._rules(),
        )

    def _rules(self) -> str:
        """What of these events' properties is counted, as the app's catalogue declares it: JSON."""
        rules: dict[str, dict[str, Any]] = {}
        for event, property in self._properties:
            declared, rule = self._app.catalogue[event][property], rules.setdefault(event, {})
            rule["event"] = event
            if declared.type == "number":
                rule["number"] = property
            else:
                rule |= {"label": property, "type": declared.type, "values": declared.values}
        return msgspec.json.encode(list(rules.values())).decode()


def _summed(rows: list[Row], column: str) -> dict[str, int]:
    sums: dict[str, int] = defaultdict(int)
    for row in rows:
        sums[row[column]] += row["count"]
    return dict(sums)


def activity(app: App, kinds: int = ~0) -> Expression:
    """The kinds of activity that an event is, as rollups/slice sets them on its day. kinds: the bits of
    those that are wanted, as each costs every event a look into its properties."""
    parts = [str(EVENT)]
    values: dict[str, Any] = {}
    for number, flag in enumerate(flag for flag in app.flags if flag.bit & kinds):
        says = f"properties -> %(property{number})s = %(equals{number})s::jsonb"
        if flag.prefix is not None:
            says = f"starts_with(properties ->> %(property{number})s, %(prefix{number})s)"
        said = f"event = %(event{number})s" + (f" and {says}" if flag.property else "")
        parts.append(f"case when {said} then {flag.bit} else 0 end")
        values |= {f"{name}{number}": value for name, value in asdict(flag).items()}
    return Expression(" | ".join(parts), values)
