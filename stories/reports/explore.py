"""Explore: one measure of one event, or of any, over time and by a field; from the rollups where they
know it, else from the events. Either way the answer is the same but for percentiles: those of the
rollups are within 2 %.

Of a field the ten leading keys have rows of their own and the rest together is "other": its people
are distinct and its percentiles its own, never made of those of the keys.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from database import Expression, Row, Transaction
from stories.catalogue import CATALOGUES, App, Property
from stories.reports.conditions import FIELDS, PROPERTY, Condition, Conditions
from stories.reports.filters import DIMENSIONS, Filter
from stories.reports.periods import Days
from stories.reports.question import Span, buckets
from stories.reports.rounding import Number, exact_arithmetic, percentage, ratio, rounded

# Measure -> what the leading keys are chosen by.
MEASURES = {
    "events": "events",
    "people": "people",
    "sessions": "people",
    "sum": "sum",
    "average": "events",
    "median": "events",
    "p95": "events",
    "per_person": "people",
}
PERCENT = {"median": 50, "p95": 95}
OF_NUMBERS = ("sum", "average", *PERCENT)
ADDED = ("events", "people", "sessions", "sum")  # zero where there is nothing; the others are null
INTERVALS = ("hour", "day", "week", "month")
KEYS = 10
OTHER = "other"
MOST_BUCKETS = 1_000
HOURS_DAYS = 7
# Dimensions that the fold counts by.
ROLLED = frozenset({"none", "version", "platform", "family", "country", "segment"})
EVERYTHING = Filter()
WORK_MEM = "64MB"  # the events of a long period are sorted and hashed in memory


@dataclass(frozen=True)
class Exploration:
    """event: None for any. number: the property that the measures OF_NUMBERS are of, else
    None. by: a field of conditions. interval: of INTERVALS; None: the days as a whole."""

    app: App
    days: Days
    measure: str = "events"
    event: str | None = None
    number: str | None = None
    by: str | None = None
    interval: str | None = None
    filter: Filter = EVERYTHING

    @property
    def span(self) -> Span:
        return Span(self.days.first, self.days.last)

    def declared(self, name: str | None) -> Property | None:
        """What a property of the event is declared as."""
        return self.app.catalogue.get(self.event or "", {}).get(name or "")

    @property
    def by_property(self) -> str | None:
        is_property = self.by is not None and self.by.startswith(PROPERTY)
        return (self.by or "").removeprefix(PROPERTY) if is_property else None


@dataclass(frozen=True)
class Part:
    """bucket: see reports/explore.sql. place: of a key, from 1; None: the rest."""

    bucket: datetime | None
    place: int | None
    key: str
    amount: Number | float | None


@dataclass(frozen=True)
class Parts:
    """The answer before it is written out. events: how many it stands on."""

    parts: list[Part]
    total: Number | float | None
    events: int


def by_segment(question: Exploration) -> Exploration:
    """People of one event are those of the segment that is that event, where the app has it: the
    rollups keep them. Else the question itself."""
    is_such = question.measure in ("people", "per_person") and question.by is None
    if not is_such or question.event is None or question.filter:
        return question
    event = Conditions((Condition("event", "is", (question.event,)),))
    for segment in question.app.segments:
        if segment.is_filled and list(segment.filter) == event.texts:
            narrowed = Filter(event, segment=segment.segment_id)
            return replace(question, event=None, filter=narrowed)
    return question


def is_rolled_up(tx: Transaction, question: Exploration) -> bool:
    """Whether the rollups answer it with the numbers that the events would give."""
    return _is_kept(question) and _is_counted_back(tx, question) and _has_all_values(tx, question)


def _is_kept(question: Exploration) -> bool:
    """Whether the rollups keep what is asked for."""
    dimension = question.filter.dimension
    if question.interval == "hour" or dimension is None:
        return False
    if dimension[0] not in ROLLED or dimension[1] == OTHER:
        return False
    if question.measure == "sessions":
        return False
    if question.measure in ("people", "per_person"):
        # Distinct people of several keys, or of an event, cannot be had from what is kept.
        return question.by is None and question.event is None
    if question.measure in OF_NUMBERS:
        declared = question.declared(question.number)
        if declared is None or declared.type != "number" or not declared.counted:
            return False
        if question.measure in PERCENT and not declared.percentiles:
            return False
    name = question.by_property
    if name is None:
        # A dimension by another is not kept; numbers are not kept by name of event.
        is_known = question.by is None or (question.by == "event" and question.number is None)
        by_dimension = dimension[0] == "none" and DIMENSIONS.get(question.by or "") in ROLLED
        if not is_known and not by_dimension:
            return False
    elif question.number is not None or (
        (label := question.declared(name)) is None or label.type == "number"
    ):
        return False
    return True


def _is_counted_back(tx: Transaction, question: Exploration) -> bool:
    """While an app counts back, the days that it has not reached lack what was declared last."""
    if question.number is None and question.by_property is None:
        return True
    if question.event in CATALOGUES[question.app.kind]:
        return True
    row = tx.row("apps/counting_back", app_id=question.app.app_id)
    if row is None or row["done"] == row["of"]:
        return True
    return bool(question.days.first >= row["whole_since"])


def _has_all_values(tx: Transaction, question: Exploration) -> bool:
    """Not where a day had no place for a value that is asked for, and counted it as "other"."""
    dim, value = question.filter.dimension or ("none", "")
    if dim != "none" and not tx.value(
        "reports/facts_are_counted", **question.days.days, dim=dim, value=value
    ):
        return False
    name = question.by_property
    by = DIMENSIONS.get(question.by or "")
    if name is None and by is None:
        return True
    return not tx.value(
        "reports/explore_closed_days",
        **question.days.days,
        event="" if name is None else question.event,
        property=name or ("platform" if by == "family" else by),
    )


def from_events(tx: Transaction, question: Exploration, key: Expression | None = None) -> Parts:
    """key: what of an event is its key, where that is not the field itself."""
    tx.set_local(work_mem=WORK_MEM)
    params: dict[str, Any] = {
        **question.days.moments,
        "timezone": question.app.zone.key,
        "event": question.event,
        "matches": question.filter.of_events(),
        "key": key or _key(question),
        "property": question.number,
        "interval": question.interval or "none",
        "most": KEYS,
    }
    if question.measure in PERCENT:
        rows = tx.rows("reports/explore_percentile", **params, percent=PERCENT[question.measure])
    else:
        rows = tx.rows(
            "reports/explore",
            **params,
            by_person=question.measure in ("people", "per_person"),
            by_session=question.measure == "sessions",
            rank=MEASURES[question.measure],
        )
    parts = [row for row in rows if not row["is_total"]]
    total = next(row for row in rows if row["is_total"])
    return Parts(
        [
            Part(row["bucket"], row["place"], row["key"] or "", amount(question.measure, row))
            for row in parts
        ],
        amount(question.measure, total),
        int(total["events"]),
    )


def share_from_events(tx: Transaction, question: Exploration, value: str) -> Parts:
    """Percent of the events whose property `by` is this value, of those that have one."""
    key = Expression(
        "case when %(key)s = %(value)s then 'yes' when %(key)s <> '' then 'no' end",
        {"key": _key(question), "value": value},
    )
    answer = from_events(tx, question, key)
    return shares([(part.bucket, part.key, int(part.amount or 0)) for part in answer.parts], "yes")


def shares(rows: Iterable[tuple[datetime | None, str, int]], value: str) -> Parts:
    """Of rows of (bucket, key, events): percent of the events with this key, of those with any."""
    counts: dict[datetime | None, list[int]] = {}
    for bucket, key, events in rows:
        if key:
            count = counts.setdefault(bucket, [0, 0])
            count[0] += events if key == value else 0
            count[1] += events
    parts = [Part(bucket, 1, "", percentage(*count)) for bucket, count in counts.items()]
    hits, whole = (sum(count[at] for count in counts.values()) for at in (0, 1))
    return Parts(parts, percentage(hits, whole), whole)


def amount(measure: str, row: Row) -> Number | float | None:
    """Of a row that has what the measure is made of; None where there is nothing to divide by."""
    with exact_arithmetic():
        if measure == "events":
            return int(row["events"])
        if measure in ("people", "sessions"):
            return int(row["people"])
        if measure == "sum":
            return rounded(row["sum"] or 0, 9)
        if measure == "average":
            return ratio(row["sum"] or 0, row["events"], 6)
        if measure == "per_person":
            return ratio(row["events"], row["people"], 3)
        return None if row["percentile"] is None else rounded(Decimal(row["percentile"]), 9)


def written(question: Exploration, parts: Parts) -> dict[str, Any]:
    """{"total", "rows": [{"date"?, "key"?, "value"}]}: buckets ascending and without gaps, in each the
    keys as they lead and "other" at last; a key null is none."""
    keys: dict[int | None, str | None] = {}
    if question.by is not None:
        leading = {part.place: part.key or None for part in parts.parts if part.place is not None}
        keys = {place: leading[place] for place in sorted(leading)}
        if any(part.place is None for part in parts.parts):
            keys[None] = OTHER
    else:
        keys = {1: None}
    amounts = {(part.bucket, part.place): part.amount for part in parts.parts}
    nothing = 0 if question.measure in ADDED else None
    rows = []
    for bucket in all_buckets(question):
        for place, key in keys.items():
            row: Row = {} if bucket is None else {"date": _date(question, bucket)}
            if question.by is not None:
                row["key"] = key
            rows.append({**row, "value": amounts.get((bucket, place), nothing)})
    return {"total": parts.total, "rows": rows}


def all_buckets(question: Exploration) -> Iterable[datetime | None]:
    """As reports/explore.sql names them, ascending."""
    if question.interval is None:
        return [None]
    if question.interval != "hour":
        spans = buckets(question.span, question.interval)
        return [datetime.combine(first, time()) for first, _ in spans]
    # By half-hours, since a zone may change by one; an hour is the zone's own.
    moment, hours = question.days.start, dict[datetime, None]()
    while moment < question.days.end:
        local = moment.astimezone(question.app.zone)
        hours[(moment - timedelta(minutes=local.minute)).replace(tzinfo=None)] = None
        moment += timedelta(minutes=30)
    return hours


def _date(question: Exploration, bucket: datetime) -> str:
    if question.interval != "hour":
        return bucket.date().isoformat()
    return bucket.replace(tzinfo=UTC).astimezone(question.app.zone).isoformat(timespec="minutes")


# What intake left out because it did not look like one counts as "other".
_NOTED = {"version": "app_version", "platform": "platform", "platform_family": "platform"}


def _key(question: Exploration) -> Expression:
    """What of an event is the key, as the fold counts it: a text that is no label is "other"."""
    name = question.by_property
    if question.by is None:
        return Expression("''")
    if name is None:
        column = FIELDS[question.by]
        if question.by in _NOTED:
            noted = f"properties -> '_notes' ? '{_NOTED[question.by]}'"
            column = f"coalesce({column}, case when {noted} then 'other' end)"
        return Expression(_label(column) if question.by == "source" else column)
    item = "properties -> %(name)s"
    text = f"(({item}) #>> '{{}}')"
    cases = {
        "string": _label(text),
        "boolean": text,
        "number": f"left(trim_scale(({item})::numeric)::text, 100)",
    }
    declared = question.declared(name)
    if declared is not None and declared.type != "number":
        kept = "boolean" if declared.type == "boolean" else "string"
        cases = {kept: cases[kept]}
    whens = " ".join(f"when '{kind}' then {value}" for kind, value in cases.items())
    return Expression(f"case jsonb_typeof({item}) {whens} end", {"name": name})


def _label(text: str) -> str:
    """As rollups/kept_values has it."""
    return (
        f"case when {text} ~ '^[^[:cntrl:]]{{0,100}}$' and {text} !~ '\\[(secret|email|ip)\\]' "
        f"then {text} when {text} is not null then 'other' end"
    )
