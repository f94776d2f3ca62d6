"""Explore's answers from the rollups. All but people is a sum there, so keys and the rest are added
up."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, time
from decimal import Decimal
from typing import Any

from database import Row, Transaction
from stories.catalogue import EVENT
from stories.reports.explore import (
    KEYS,
    MEASURES,
    OTHER,
    PERCENT,
    Exploration,
    Part,
    Parts,
    amount,
    shares,
)
from stories.reports.filters import DIMENSIONS
from stories.reports.histogram import bucket_of, middle
from stories.reports.queries import PEOPLE, STATE
from stories.reports.question import Span, buckets

Bucket = datetime | None


@dataclass
class Sums:
    """What can be added up. least, most: None where they are not known."""

    events: Decimal = Decimal(0)
    sum: Decimal = Decimal(0)
    histogram: Counter[int] = field(default_factory=Counter)
    least: Decimal | None = None
    most: Decimal | None = None

    @classmethod
    def of(cls, row: Row) -> Sums:
        steps = Counter({int(step): int(n) for step, n in row.get("histogram", {}).items()})
        bounds = (row.get("least"), row.get("most"))
        return cls(row["events"], row.get("sum") or Decimal(0), steps, *bounds)

    def __add__(self, more: Sums) -> Sums:
        bounds: tuple[Decimal | None, Decimal | None] = (None, None)
        if None not in (self.least, self.most, more.least, more.most):
            bounds = (min(self.least, more.least), max(self.most, more.most))  # type: ignore[type-var]
        elif not self.events:
            bounds = (more.least, more.most)
        return Sums(
            self.events + more.events,
            self.sum + more.sum,
            self.histogram + more.histogram,
            *bounds,
        )

    def less(self, part: Sums) -> Sums:
        return Sums(self.events - part.events, self.sum - part.sum, self.histogram - part.histogram)


Table = dict[tuple[Bucket, str], Sums]


def from_rollups(tx: Transaction, question: Exploration) -> Parts:
    """Raises KeyError for a question that is not is_rolled_up."""
    if question.measure in ("people", "per_person"):
        return _of_people(tx, question)
    table = _read(tx, question)
    whole = _total(table.values())
    places = _leading(question, table)
    parts: dict[tuple[Bucket, int | None], tuple[str, Sums]] = {}
    for (bucket, key), sums in table.items():
        place = places.get(key)
        _, before = parts.get((bucket, place), ("", Sums()))
        parts[bucket, place] = (key if place else OTHER, before + sums)
    return Parts(
        [
            Part(bucket, place, key, _amount(question.measure, sums))
            for (bucket, place), (key, sums) in parts.items()
        ],
        _amount(question.measure, whole),
        int(whole.events),
    )


def _total(many: Any) -> Sums:
    whole = Sums()
    for sums in many:
        whole += sums
    return whole


def _leading(question: Exploration, table: Table) -> dict[str, int]:
    """Key -> place, as reports/explore.sql gives it."""
    by_key: dict[str, Decimal] = {}
    what = MEASURES[question.measure]
    for (_, key), sums in table.items():
        by_key[key] = by_key.get(key, Decimal(0)) + (sums.sum if what == "sum" else sums.events)
    by_key.pop(OTHER, None)
    ordered = sorted(by_key, key=lambda key: (-by_key[key], key == "", key))
    return {key: place for place, key in enumerate(ordered[:KEYS], 1)}


def _amount(measure: str, sums: Sums) -> Any:
    row: Row = {"events": sums.events, "sum": sums.sum}
    if measure in PERCENT:
        row["percentile"] = _percentile(sums, PERCENT[measure])
    return amount(measure, row)


def _percentile(sums: Sums, percent: int) -> Decimal | None:
    """By nearest rank, within 2 %, and between the bounds where they are known."""
    step = bucket_of(sums.histogram, percent)
    if step is None:
        return None
    value = middle(step) if step else Decimal(0)
    if sums.least is not None and sums.most is not None:
        return min(max(value, sums.least), sums.most)
    return value


def _read(tx: Transaction, question: Exploration) -> Table:
    dimension = question.filter.dimension
    assert dimension is not None
    dim, value = dimension
    params: dict[str, Any] = {
        **question.days.days,
        "interval": question.interval or "none",
        "event": question.event,
    }
    numbers = {"property": question.number, "histograms": question.measure in PERCENT}

    def read(dim: str, value: str | None, by_event: bool = False) -> Table:
        of = {**params, "dim": dim, "value": value}
        if question.number is not None:
            rows = tx.rows("reports/explore_daily_numbers", **of, **numbers)
        else:
            rows = tx.rows("reports/explore_daily_events", **of, by_event=by_event)
        return _table(question, rows)

    if question.by is None:
        return read(dim, value)
    if question.by == "event":
        return read(dim, value, by_event=True)
    name = question.by_property
    if name is None:
        return _with_nameless(read(DIMENSIONS[question.by], None), read("none", ""))
    return _with_nameless(_table(question, _labels(tx, question)), read(dim, value))


def _labels(tx: Transaction, question: Exploration) -> list[Row]:
    dim, value = question.filter.dimension or ("none", "")
    return tx.rows(
        "reports/explore_daily_values",
        **question.days.days,
        interval=question.interval or "none",
        event=question.event,
        dim=dim,
        value=value,
        property=question.by_property,
    )


def share_from_rollups(tx: Transaction, question: Exploration, value: str) -> Parts:
    """As explore.share_from_events."""
    rows = _labels(tx, question)
    return shares(
        [
            (row["bucket"] if question.interval else None, row["key"], int(row["events"]))
            for row in rows
        ],
        value,
    )


def _table(question: Exploration, rows: list[Row]) -> Table:
    return {
        (row["bucket"] if question.interval else None, row["key"]): Sums.of(row) for row in rows
    }


def _with_nameless(by_key: Table, whole: Table) -> Table:
    """What has no value of a dimension has no row of it: it is what is missing of the whole."""
    named: dict[Bucket, Sums] = {}
    for (bucket, _), sums in by_key.items():
        named[bucket] = named.get(bucket, Sums()) + sums
    table = dict(by_key)
    for (bucket, _), sums in whole.items():
        rest = sums.less(named.get(bucket, Sums()))
        if rest.events:
            table[bucket, ""] = table.get((bucket, ""), Sums()) + rest
    return table


def _of_people(tx: Transaction, question: Exploration) -> Parts:
    spans: list[tuple[Bucket, Span]] = [(None, question.span)]
    if question.interval:
        spans += [
            (datetime.combine(first, time()), span)
            for first, span in buckets(question.span, question.interval)
        ]
    dim, value = question.filter.dimension or ("none", "")
    days = {"sinces": [question.days.first], "lasts": [question.days.last]}
    state = tx.row(STATE, app_id=question.app.app_id, dim=dim, value=value, **days)
    people = tx.rows(
        PEOPLE,
        app_id=question.app.app_id,
        facet=state and state["facet"],
        kinds=[EVENT] * len(spans),
        firsts=[span.first for _, span in spans],
        lasts=[span.last for _, span in spans],
    )
    events = _read(tx, question)
    whole = _total(events.values())

    def of(sums: Sums, row: Row) -> Any:
        return amount(question.measure, {"events": sums.events, "people": row["people"]})

    parts = [
        Part(bucket, 1, "", of(events.get((bucket, ""), Sums()), row))
        for (bucket, _), row in zip(spans, people, strict=True)
    ]
    total = of(whole, people[0])
    return Parts(parts[1:] if question.interval else parts, total, int(whole.events))
