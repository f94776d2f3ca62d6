"""GET /explore by brute force: what matches is taken event by event, and counted in sets."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from .days import Span, bucket_of
from .facts import NOBODY, SESSION_GAP, Dated, Facts, people_of
from .numbers import number, rounded

KEYS = 10
FAMILIES = {"darwin": "macOS", "mac": "macOS", "win": "Windows", "linux": "Linux"}


@dataclass(frozen=True)
class Exploration:
    """The parameters of the route; filter: conditions as texts."""

    measure: str = "events"
    event: str | None = None
    property: str | None = None
    by: str | None = None
    interval: str | None = None
    filter: tuple[str, ...] = ()
    declared: type | None = None  # str or bool: only values of this type are keys of `by`


def explore(facts: Facts, zone: str, span: Span, question: Exploration) -> dict[str, Any]:
    """{"total", "rows", "with_property"?} as the route answers."""
    rows = [
        row
        for row in facts.in_span(span)
        if question.event in (None, row.name)
        and all(matches(row, condition) for condition in question.filter)
        and (question.property is None or number(row.properties.get(question.property)) is not None)
    ]
    sessions = _sessions(facts) if question.measure == "sessions" else {}

    def value(some: Iterable[Dated]) -> Any:
        return _value(list(some), question, sessions)

    keys: list[str | None] = [None]
    if question.by:
        by_key: dict[str | None, list[Dated]] = defaultdict(list)
        for row in rows:
            by_key[key_of(row, question.by, question.declared)].append(row)
        leading = sorted(
            (key for key in by_key if key != "other"),
            key=lambda key: (-_rank(by_key[key], question, sessions), key is None, key or ""),
        )[:KEYS]
        groups = {key: by_key[key] for key in leading}
        rest = [row for row in rows if key_of(row, question.by, question.declared) not in leading]
        if rest:
            groups["other"] = rest
        keys = list(groups)
    else:
        groups = {None: rows}
    cells: dict[tuple[str | None, str | None], list[Dated]] = defaultdict(list)
    for key in keys:
        for row in groups[key]:
            cells[_bucket(row, zone, question.interval), key].append(row)
    answer: list[dict[str, Any]] = []
    for bucket in _buckets(span, zone, question.interval):
        for key in keys:
            line: dict[str, Any] = {} if bucket is None else {"date": bucket}
            if question.by:
                line["key"] = key
            answer.append({**line, "value": value(cells[bucket, key])})
    total = {"total": value(rows), "rows": answer}
    return total if question.property is None else {**total, "with_property": len(rows)}


def _rank(rows: list[Dated], question: Exploration, sessions: dict[int, Any]) -> Any:
    if question.measure in ("people", "per_person"):
        return len(people_of(rows))
    if question.measure == "sessions":
        return len({sessions[id(row)] for row in rows if row.person != NOBODY})
    if question.measure == "sum":
        return sum(_numbers(rows, question))
    return len(rows)


def _numbers(rows: list[Dated], question: Exploration) -> list[Decimal]:
    values = [number(row.properties.get(question.property or "")) for row in rows]
    return sorted(value for value in values if value is not None)


def _value(rows: list[Dated], question: Exploration, sessions: dict[int, Any]) -> Any:
    people = people_of(rows)
    if question.measure == "events":
        return len(rows)
    if question.measure == "people":
        return len(people)
    if question.measure == "sessions":
        return len({sessions[id(row)] for row in rows if row.person != NOBODY})
    if question.measure == "per_person":
        return rounded(Decimal(len(rows)) / len(people), 3) if people else None
    values = _numbers(rows, question)
    if question.measure == "sum":
        return sum(values)
    if not values:
        return None
    if question.measure == "average":
        return rounded(sum(values, Decimal(0)) / len(values), 6)
    percent = {"median": 50, "p95": 95}[question.measure]
    return values[-(-percent * len(values) // 100) - 1]


def _sessions(facts: Facts) -> dict[int, Any]:
    """id of a row -> its session: one person's events with an id, or a chain of those without."""
    sessions: dict[int, Any] = {}
    loose: dict[str, list[Dated]] = defaultdict(list)
    for row in facts.events:
        if row.session_id:
            sessions[id(row)] = (row.person, row.session_id)
        else:
            loose[row.person].append(row)
    for person, rows in loose.items():
        begun = before = None
        for row in sorted(rows, key=lambda row: row.at):
            if before is None or row.at - before >= SESSION_GAP:
                begun = row.at
            before = row.at
            sessions[id(row)] = (person, begun)
    return sessions


def _bucket(row: Dated, zone: str, interval: str | None) -> str | None:
    if interval is None:
        return None
    if interval == "hour":
        local = row.at.astimezone(ZoneInfo(zone))
        return local.replace(minute=0, second=0, microsecond=0).isoformat(timespec="minutes")
    return bucket_of(row.day, interval).isoformat()


def _buckets(span: Span, zone: str, interval: str | None) -> list[str | None]:
    if interval is None:
        return [None]
    if interval != "hour":
        return list(dict.fromkeys(bucket_of(day, interval).isoformat() for day in span))
    hours: list[str | None] = []
    moment = datetime.combine(span.first, time(), ZoneInfo(zone)).astimezone(UTC)
    end = datetime.combine(span.last + timedelta(days=1), time(), ZoneInfo(zone)).astimezone(UTC)
    while moment < end:
        hours.append(moment.astimezone(ZoneInfo(zone)).isoformat(timespec="minutes"))
        moment += timedelta(hours=1)
    return hours


def family(platform: str | None) -> str | None:
    if not platform:
        return None
    names = (name for start, name in FAMILIES.items() if platform.lower().startswith(start))
    return next(names, "other")


def key_of(row: Dated, field: str, declared: type | None = None) -> str | None:
    """As the fold counts it: what is no label is "other", '' and what is no text are none."""
    if field.startswith("prop."):
        value = row.properties.get(field.removeprefix("prop."))
        if declared is not None and not isinstance(value, declared):
            return None
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, (int, float)):
            return format(Decimal(repr(value)).normalize(), "f")
        if not isinstance(value, str) or value == "":
            return None
        return value if _is_label(value) else "other"
    text = _field(row, field) or None
    return text if text is None or _is_label(text) else "other"


def _is_label(text: str) -> bool:
    return len(text) <= 100 and text.isprintable()


def _field(row: Dated, field: str) -> Any:
    return {
        "version": row.app_version,
        "platform": row.platform,
        "platform_family": family(row.platform),
        "country": row.country,
        "source": _text(row.properties.get("source")),
        "channel": "release",
        "event": row.name,
    }[field]


def _text(value: Any) -> str | None:
    """As PostgreSQL writes JSON of one key at most."""
    return value if value is None or isinstance(value, str) else json.dumps(value)


def matches(row: Dated, condition: str) -> bool:
    """Of one condition, read anew: field:operator:value."""
    field, operator, text = condition.split(":", 2)
    if field.startswith("prop."):
        value = row.properties.get(field.removeprefix("prop."))
    else:
        value = _field(row, field)
    if operator == "set":
        return (value is not None) is (text == "true")
    candidates = [_readings(part) for part in (text.split(",") if operator == "in" else [text])]
    equal = any(_same(value, reading) for readings in candidates for reading in readings)
    if operator in ("is", "in"):
        return equal
    if operator == "not":
        return not equal
    left: Any
    right: Any
    if field == "version":
        if value is None:
            return False
        left, right = _version(value), _version(text)
    else:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return False
        left, right = Decimal(repr(value)), Decimal(text)
    return bool(
        {"gte": left >= right, "gt": left > right, "lt": left < right, "lte": left <= right}[
            operator
        ]
    )


def _readings(text: str) -> list[Any]:
    readings: list[Any] = [text]
    if text in ("true", "false"):
        readings.append(text == "true")
    try:
        readings.append(float(text))
    except ValueError:
        pass
    return readings


def _same(value: Any, reading: Any) -> bool:
    if isinstance(value, bool) or isinstance(reading, bool):
        return value is reading
    return bool(value == reading)


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in f"{text}.0.0.0".split(".")[:4])
