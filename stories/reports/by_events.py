"""What answers of /stats need, read from the events themselves under any filter: the same rows as the
rollups' statements give (queries.py), by the same definitions. Each statement reads the events once,
for all answers that are wanted together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import reduce
from operator import or_
from typing import Any

import msgspec

from database import Row, Transaction
from stories.catalogue import CRASH, DERIVED, EVENT, App
from stories.reports.counts import activity
from stories.reports.data import ReportData, RunningSums
from stories.reports.periods import Days, around, within
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
MOVING_DAYS = 30


@dataclass(frozen=True)
class Wanted:
    """What an answer needs. data: where it goes; windows: of distinct people, by kind; arrivals: of new
    ones; sums: spans of daily sums; queries: names of QUERIES, about the frame's days."""

    data: ReportData
    frame: Frame
    windows: list[tuple[int, Span]]
    arrivals: list[Span]
    sums: list[Span]
    queries: list[str]

    @property
    def span(self) -> Span:
        return self.frame.span

    def needs(self, *names: str) -> bool:
        return any(name in self.queries for name in names)


def read(tx: Transaction, answers: list[Wanted]) -> None:
    """Fills the `data` of each: of one app, under one filter. Of an app whose crashes the conditions
    cannot tell, nothing of crashes is wanted."""
    # People are counted one by one, in memory. Of what a condition leaves the planner knows nothing, and
    # would sort it on disk where there are a few groups.
    tx.set_local(work_mem="64MB", jit="off", enable_sort="off")
    _read_people(tx, answers)
    _read_sums(tx, answers)
    for wanted in answers:
        filter, days = wanted.data.question.filter, _days(wanted.data, wanted.span)
        if wanted.needs("sessions"):
            wanted.data.rows["sessions"] = tx.rows(
                "reports/facts_sessions", **days.moments, matches=filter.of_events()
            )
        if wanted.needs("first_crashes"):
            question = wanted.data.question
            wanted.data.rows["first_crashes"] = tx.rows(
                "reports/stats_first_crashes_filtered",
                **days.days,
                timezone=question.timezone,
                matches=filter.of_crashes(),
            )
        if wanted.needs("issues"):
            wanted.data.rows["issues"] = tx.rows(
                "reports/facts_issues", **days.moments, matches=filter.of_crashes()
            )


def _days(data: ReportData, span: Span) -> Days:
    return Days(data.question.app, span.first, span.last)


def _rows_of(data: ReportData, spans: list[Span]) -> dict[str, Any]:
    """{app_id, start, end, matches, crash_matches}: the matching rows of these days, and of none
    between them, which may be a year."""
    filter = data.question.filter
    ranges = [_days(data, span) for span in spans]
    return {
        **around(ranges).moments,
        "matches": within(ranges, filter.of_events()),
        "crash_matches": within(ranges, filter.crashes),
    }


# People --------------------------------------------------------------------------------------------


def _read_people(tx: Transaction, answers: list[Wanted]) -> None:
    data = answers[0].data
    windows = list(dict.fromkeys(window for wanted in answers for window in wanted.windows))
    arrivals = list(dict.fromkeys(span for wanted in answers for span in wanted.arrivals))
    framed = [wanted for wanted in answers if wanted.needs("buckets", "states", "cohorts")]
    weeks = [wanted for wanted in answers if wanted.needs("states_7d")]
    moved = [
        Span(wanted.span.first - timedelta(days=MOVING_DAYS - 1), wanted.span.last)
        for wanted in answers
        if wanted.needs("moving")
    ]
    frames = [wanted.span for wanted in framed] + [wanted.frame.last(7) for wanted in weeks]
    spans = [span for _, span in windows] + arrivals + moved + frames
    if not spans:
        return
    whole = around([_days(data, span) for span in spans])
    rows = tx.rows(
        "reports/facts_people",
        **_rows_of(data, spans),
        earliest=whole.first,
        latest=whole.last,
        kinds=[kind for kind, _ in windows],
        firsts=[window.first for _, window in windows],
        lasts=[window.last for _, window in windows],
        arrival_firsts=[window.first for window in arrivals],
        arrival_lasts=[window.last for window in arrivals],
        frame_firsts=[span.first for span in frames],
        frame_lasts=[span.last for span in frames],
        groupings=[wanted.data.question.group_by for wanted in (*framed, *weeks)],
        buckets=[wanted.needs("buckets") for wanted in framed] + [False] * len(weeks),
        states=[wanted.needs("states") for wanted in framed] + [True] * len(weeks),
        cohorts=[wanted.needs("cohorts") for wanted in framed] + [False] * len(weeks),
        flags=activity(data.question.app, reduce(or_, (kind for kind, _ in windows), EVENT)),
        gaps=bool(moved),
    )
    parts: dict[tuple[str, int | None], list[Row]] = {}
    for row in rows:
        parts.setdefault((row["part"], row["place"]), []).append(row)
    for wanted in answers:
        own = wanted.data
        for place, (kind, window) in enumerate(windows, start=1):
            own.add_people(kind, window, parts["window", place][0]["people"])
        for place, window in enumerate(arrivals, start=1):
            own.add_arrivals(window, parts["arrival", place][0]["people"])
        if wanted.needs("moving"):
            own.rows["moving"] = moving(parts.get(("gap", None), []), wanted.span)
    for place, wanted in enumerate(framed, start=1):
        own, buckets = wanted.data, parts.get(("bucket", place), [])
        own.rows["states"] = parts.get(("state", place), [])
        own.rows["cohorts"] = cohort_weeks(parts.get(("cohort", place), []))
        if wanted.needs("buckets"):
            own.rows["buckets"] = [{**row, "bucket": row["day"]} for row in buckets]
            own.add_buckets(wanted.span, own.rows["buckets"], EVENT, CRASH)
    for place, wanted in enumerate(weeks, start=1 + len(framed)):
        wanted.data.rows["states_7d"] = parts.get(("state", place), [])


def cohort_weeks(rows: list[Row]) -> list[Row]:
    """[{first_week, week, people}], as stats_cohorts has them."""
    weeks = [
        {**row, "first_week": row["day"] - timedelta(days=row["gap"]), "week": row["day"]}
        for row in rows
    ]
    return sorted(weeks, key=lambda row: (row["first_week"], row["week"]))


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


def _read_sums(tx: Transaction, answers: list[Wanted]) -> None:
    data = answers[0].data
    framed = [wanted for wanted in answers if wanted.needs("events", "numbers", "crashes", *LABELS)]
    spans = [span for wanted in answers for span in wanted.sums]
    spans += [wanted.span for wanted in framed]
    if not spans:
        return
    around = {
        **_rows_of(data, spans),
        "firsts": [wanted.span.first for wanted in framed],
        "lasts": [wanted.span.last for wanted in framed],
    }
    crash_matches = around.pop("crash_matches")
    events = tx.rows("reports/facts_sums", **around, rules=_rules(data, answers))
    crashes: list[Row] = []
    if data.question.filter.conditions.can_match_crashes:
        crashes = tx.rows("reports/facts_crashes", **{**around, "matches": crash_matches})
    sums = RunningSums(daily_sums([row for row in events if row["part"] == "day"], crashes))
    for wanted in answers:
        wanted.data.sums = sums
    for place, wanted in enumerate(framed, start=1):
        _place(
            wanted.data,
            [row for row in events if row["place"] == place],
            [row for row in crashes if row["place"] == place],
        )


def _place(data: ReportData, events: list[Row], crashes: list[Row]) -> None:
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
    data.rows["crashes"] = crashes


def _rules(data: ReportData, answers: list[Wanted]) -> str:
    """What of these events' properties is counted, as the app's catalogue declares it: JSON."""
    return rules_of(data.question.app, {name for wanted in answers for name in wanted.queries})


def rules_of(app: App, names: set[str]) -> str:
    """As above, for these queries."""
    rules = []
    for event in COUNTS.values():
        declared = app.catalogue.get(event, {})
        success = declared.get("success")
        rule: dict[str, Any] = {
            "event": event,
            "success": success is not None and success.type == "boolean",
        }
        for name, (labelled, property) in LABELS.items():
            item = declared.get(property)
            if labelled == event and name in names and item and item.type != "number":
                rule |= {"label": property, "type": item.type, "values": item.values}
        timing = declared.get(TIMINGS.get(event, ""))
        if timing and timing.type == "number" and timing.counted and "numbers" in names:
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
