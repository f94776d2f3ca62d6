"""What answers of /stats need, read from the events themselves under any filter: the same rows as the
rollups' statements give (queries.py), by the same definitions. Each statement reads the events once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import msgspec

from database import Expression, Row, Transaction
from stories.catalogue import CRASH, DERIVED, EVENT, RETRY, App
from stories.reports.data import ReportData
from stories.reports.periods import Days
from stories.reports.question import Frame, Span

# Query of QUERIES -> the label that it is about.
LABELS = {
    "sources": ("recording_completed", "source"),
    "dictionary": ("transcription_completed", "dictionary_used"),
    "errors": ("transcription_failed", "error_type"),
}
TIMINGS = {
    "transcription_completed": "processing_time_seconds",
    "recording_completed": "processing_time_seconds",
    "app_opened": "startup_time_seconds",
}
# Column of ReportData -> the event it counts.
COUNTS = {
    "recordings": "recording_completed",
    "transcriptions": "transcription_completed",
    "failures": "transcription_failed",
    "opened": "app_opened",
    "started": "recording_started",
}
NOBODY = Expression("false")
MOVING_DAYS = 30


@dataclass(frozen=True)
class Wanted:
    """windows: of distinct people, by kind; arrivals: of new ones; sums: spans of daily sums; queries:
    names of QUERIES."""

    frame: Frame
    windows: list[tuple[int, Span]]
    arrivals: list[Span]
    sums: list[Span]
    queries: set[str]

    def needs(self, *names: str) -> bool:
        return not self.queries.isdisjoint(names)


def read(tx: Transaction, data: ReportData, wanted: Wanted) -> None:
    """Fills `data`. Of an app whose crashes the conditions cannot tell, nothing of crashes is wanted."""
    # People are counted one by one, in memory. Of what a condition leaves the planner knows nothing, and
    # would sort it on disk where there are a few groups.
    tx.set_local(work_mem="64MB", jit="off", enable_sort="off")
    _read_people(tx, data, wanted)
    _read_sums(tx, data, wanted)
    if wanted.needs("sessions"):
        span = _days(data, wanted.frame.span)
        data.rows["sessions"] = tx.rows(
            "reports/facts_sessions", **span.moments, matches=data.question.filter.of_events()
        )
    if wanted.needs("issues"):
        span = _days(data, wanted.frame.span)
        data.rows["issues"] = tx.rows(
            "reports/facts_issues", **span.moments, matches=data.question.filter.of_crashes()
        )


def _days(data: ReportData, span: Span) -> Days:
    return Days(data.question.app, span.first, span.last)


def _around(spans: list[Span]) -> Span:
    return Span(min(span.first for span in spans), max(span.last for span in spans))


# People --------------------------------------------------------------------------------------------


def _read_people(tx: Transaction, data: ReportData, wanted: Wanted) -> None:
    span, filter = wanted.frame.span, data.question.filter
    spans = [window for _, window in wanted.windows] + wanted.arrivals
    if wanted.needs("buckets", "states"):
        spans.append(span)
    if wanted.needs("moving"):
        spans.append(Span(span.first - timedelta(days=MOVING_DAYS - 1), span.last))
    if not spans:
        return
    whole = _around(spans)
    rows = tx.rows(
        "reports/facts_people",
        **_days(data, whole).moments,
        matches=filter.of_events(),
        crash_matches=filter.of_crashes() if filter.conditions.can_match_crashes else NOBODY,
        earliest=whole.first,
        latest=whole.last,
        first=span.first,
        last=span.last,
        group_by=data.question.group_by,
        kinds=[kind for kind, _ in wanted.windows],
        firsts=[window.first for _, window in wanted.windows],
        lasts=[window.last for _, window in wanted.windows],
        arrival_firsts=[window.first for window in wanted.arrivals],
        arrival_lasts=[window.last for window in wanted.arrivals],
        **_flags(data.question.app),
        buckets=wanted.needs("buckets"),
        states=wanted.needs("states"),
        gaps=wanted.needs("moving"),
    )
    parts: dict[str, list[Row]] = {}
    for row in rows:
        parts.setdefault(row["part"], []).append(row)
    for (kind, window), row in zip(wanted.windows, parts.get("window", []), strict=True):
        data.add_people(kind, window, row["people"])
    for window, row in zip(wanted.arrivals, parts.get("arrival", []), strict=True):
        data.add_arrivals(window, row["people"])
    data.rows["buckets"] = [{**row, "bucket": row["day"]} for row in parts.get("bucket", [])]
    data.add_buckets(span, data.rows["buckets"], EVENT, CRASH)
    data.rows["states"] = parts.get("state", [])
    data.rows["moving"] = moving(parts.get("gap", []), span)


def _flags(app: App) -> dict[str, Any]:
    """The kinds of people that a report tells under a filter, beside those of events and crashes."""
    flags = [flag for flag in app.flags if flag.bit == RETRY]
    return {"flag_events": [flag.event for flag in flags], "flags": [flag.bit for flag in flags]}


def moving(rows: list[Row], span: Span) -> list[Row]:
    """[{day, dau, wau, mau}] of every day, as stats_rolling_people has it: who comes after a gap enters
    the windows that they have left meanwhile, and leaves them so many days after."""
    columns = {"dau": 1, "wau": 7, "mau": MOVING_DAYS}
    changes: dict[date, dict[str, int]] = {}

    def change(day: date, column: str, people: int) -> None:
        on_day = changes.setdefault(day, dict.fromkeys(columns, 0))
        on_day[column] += people

    for row in rows:
        day, gap, people = row["day"], row["gap"], row["people"]
        for column, days in columns.items():
            entered = max(day, day + timedelta(days=days - gap)) if gap else day
            change(entered, column, people)
            change(day + timedelta(days=days), column, -people)
    counts, moved = dict.fromkeys(columns, 0), []
    for day in Span(min([*changes, span.first]), span.last):
        for column, people in changes.get(day, {}).items():
            counts[column] += people
        if day >= span.first:
            moved.append({"day": day, **counts})
    return moved


# Sums ----------------------------------------------------------------------------------------------


def _read_sums(tx: Transaction, data: ReportData, wanted: Wanted) -> None:
    span, filter = wanted.frame.span, data.question.filter
    in_range = wanted.needs("events", "numbers", *LABELS)
    spans = wanted.sums + ([span] if in_range or wanted.needs("crashes") else [])
    if not spans:
        return
    whole = _around(spans)
    around = {
        **_days(data, whole).moments,
        "days_first": whole.first,
        "days_last": whole.last,
        "first": span.first,
        "last": span.last,
    }
    events = tx.rows(
        "reports/facts_sums", **around, matches=filter.of_events(), rules=_rules(data, wanted)
    )
    crashes: list[Row] = []
    if filter.conditions.can_match_crashes:
        crashes = tx.rows("reports/facts_crashes", **around, matches=filter.of_crashes())
    data.add_days(daily_sums([row for row in events if row["part"] == "day"], crashes))
    data.rows["events"] = [
        {"key": row["key"], "count": row["n"]} for row in events if row["part"] == "event"
    ]
    for name, (event, _) in LABELS.items():
        data.rows[name] = [
            {"key": row["key"], "count": row["n"]}
            for row in events
            if row["part"] == "label" and row["event"] == event
        ]
    data.rows["numbers"] = [
        {**row, "property": row["key"]} for row in events if row["part"] == "number"
    ]
    data.rows["crashes"] = [row for row in crashes if row["dim"] != "day"]


def _rules(data: ReportData, wanted: Wanted) -> str:
    """What of these events' properties is counted, as the app's catalogue declares it: JSON."""
    app, rules = data.question.app, []
    for event in COUNTS.values():
        declared = app.catalogue.get(event, {})
        success = declared.get("success")
        rule: dict[str, Any] = {
            "event": event,
            "success": success is not None and success.type == "boolean",
        }
        for name, (labelled, property) in LABELS.items():
            item = declared.get(property)
            if labelled == event and wanted.needs(name) and item and item.type != "number":
                rule |= {"label": property, "type": item.type, "values": item.values}
        timing = declared.get(TIMINGS.get(event, ""))
        if timing and timing.type == "number" and timing.counted and wanted.needs("numbers"):
            rule |= {"timing": TIMINGS[event], "percentiles": timing.percentiles}
        for number in DERIVED[app.kind]:
            if number.event == event:
                rule |= {
                    number.property: [number.first, number.second],
                    "successful": number.successful,
                }
        rules.append(rule)
    return msgspec.json.encode(rules).decode()


def daily_sums(events: list[Row], crashes: list[Row]) -> list[Row]:
    """As stats_daily_sums: by day and event, and of crashes, as one row a day. Durations and costs are
    the day's transcriptions', or when none carries one, its recordings'."""
    by_day: dict[date, dict[str, Row]] = {}
    for row in events:
        by_day.setdefault(row["day"], {})[row["event"]] = row
    crashed = {row["day"]: row["count"] for row in crashes if row["dim"] == "day"}
    return [
        {"day": day, "crashes": crashed.get(day, 0), **_day_sums(by_day.get(day, {}))}
        for day in sorted({*by_day, *crashed})
    ]


def _day_sums(by_event: dict[str, Row]) -> Row:
    def of(event: str, column: str) -> Any:
        return by_event[event][column] if event in by_event else None

    transcribed, recorded = COUNTS["transcriptions"], COUNTS["recordings"]
    return {
        "events": sum(row["events"] for row in by_event.values()),
        **{column: of(event, "events") or 0 for column, event in COUNTS.items()},
        "unsuccessful": of(transcribed, "unsuccessful") or 0,
        "unsuccessful_recordings": of(recorded, "unsuccessful") or 0,
        **{
            column: next(
                (
                    total
                    for event in (transcribed, recorded)
                    if (total := of(event, column)) is not None
                ),
                0,
            )
            for column in ("seconds", "cost")
        },
    }
