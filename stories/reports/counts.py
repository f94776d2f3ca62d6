"""Counts of events and people, which the reports of websites, generators and bots are made of: from the
rollups, or under a filter from the events themselves, by the same definitions."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, Protocol

import msgspec

from database import Row, Transaction
from stories.catalogue import App
from stories.reports.filters import Filter
from stories.reports.periods import Days

NONE = "unknown"  # the key of what has no label


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
        """[{day, n, total, histogram}] of a countable number."""

    def people(self, *windows: Days) -> list[dict[int, int]]:
        """Of each of the windows {kind: distinct people}, by the bits of catalogue.Flag."""


def counts_of(tx: Transaction, filter: Filter) -> Counts:
    """From the rollups unless there is a filter. Under one, what has been read for some days answers for
    those among them too."""
    return FromEvents(tx, filter) if filter else FromRollups(tx)


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

    def __init__(self, tx: Transaction, filter: Filter) -> None:
        # As in by_events: groups are few, and the planner knows nothing of what conditions leave.
        tx.set_local(work_mem="64MB", jit="off")
        self._tx = tx
        self._matches = filter.of_events()
        self._held: dict[tuple[str, ...], list[tuple[Days, list[Row]]]] = defaultdict(list)

    def event_days(self, days: Days) -> list[Row]:
        return self._read(days, "reports/facts_event_days")

    def events(self, days: Days) -> dict[str, int]:
        return _summed(self.event_days(days), "event")

    def label_days(self, days: Days, event: str, property: str) -> list[Row]:
        return [
            {"day": row["day"], "key": row["label"] or NONE, "count": row["count"]}
            for row in self._labels(days, event, property)
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
        counts = _summed(self._labels(days, event, property), "label")
        return [
            {"label": label, "name": names.get(label), "n": count}
            for label, count in sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
            if label
        ]

    def number_days(self, days: Days, event: str, property: str) -> list[Row]:
        return self._read(days, "reports/facts_number_days", event=event, property=property)

    def people(self, *windows: Days) -> list[dict[int, int]]:
        app = windows[0].app
        whole = Days(app, min(days.first for days in windows), max(days.last for days in windows))
        people: list[dict[int, int]] = [{} for _ in windows]
        for row in self._tx.rows(
            "reports/facts_people_of_kinds",
            **whole.moments,
            firsts=[days.first for days in windows],
            lasts=[days.last for days in windows],
            rules=_rules(app),
            matches=self._matches,
        ):
            people[row["place"] - 1][row["kind"]] = row["people"]
        return people

    def _labels(self, days: Days, event: str, property: str) -> list[Row]:
        declared = days.app.catalogue[event][property]
        return self._read(
            days,
            "reports/facts_label_days",
            event=event,
            property=property,
            type=declared.type,
            values=list(declared.values),
        )

    def _read(self, days: Days, statement: str, **of: Any) -> list[Row]:
        """Rows by day, out of what was read for more days where that was."""
        held = self._held[(statement, of.get("event", ""), of.get("property", ""))]
        for span, rows in held:
            if span.first <= days.first and days.last <= span.last:
                return [row for row in rows if days.first <= row["day"] <= days.last]
        rows = self._tx.rows(statement, **days.moments, **of, matches=self._matches)
        held.append((days, rows))
        return rows


def _summed(rows: list[Row], column: str) -> dict[str, int]:
    sums: dict[str, int] = defaultdict(int)
    for row in rows:
        sums[row[column]] += row["count"]
    return dict(sums)


def _rules(app: App) -> str:
    rules = [
        {
            "event": flag.event,
            "property": flag.property,
            "equals": flag.equals,
            "prefix": flag.prefix,
            "flag": flag.bit,
        }
        for flag in app.flags
    ]
    return msgspec.json.encode(rules).decode()
