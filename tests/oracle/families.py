"""The families of GET /stats: growth, usage, adoption, quality, stability, costs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from .days import Span, bucket_of, buckets, last_days
from .facts import Dated, Facts, exact_seconds, people_of
from .numbers import (
    divided,
    label,
    mean,
    median,
    number,
    percentage,
    percentile,
    ranking,
    ratio,
)


def success_rate(events: Iterable[Dated]) -> Decimal | None:
    good = bad = 0
    for event in events:
        if event.name == "transcription_failed":
            bad += 1
        elif event.name == "transcription_completed":
            if event.properties.get("success") is False:
                bad += 1
            else:
                good += 1
    return percentage(good, good + bad)


def growth(facts: Facts, span: Span, today: date) -> dict[str, Any]:
    week, month = last_days(7, today), last_days(30, today)
    active, active_before = len(facts.people(week)), len(facts.people(week.before()))
    present, earlier = set(facts.people(month)), set(facts.people(month.before()))
    return {
        "new_users_7d": len(facts.new_people(week)),
        "new_users_30d": len(facts.new_people(month)),
        "retention_7d": _retention(facts, today, 7),
        "retention_30d": _retention(facts, today, 30),
        "growth_rate_wow": percentage(active - active_before, active_before),
        "churned_30d": sum(1 for day in facts.last_day.values() if day < month.first),
        "churn_rate_30d": percentage(len(earlier - present), len(earlier)),
        "cohorts": _cohorts(facts, today)
        if facts.whole is facts
        else _filtered_cohorts(facts, span),
    }


def _retention(facts: Facts, today: date, days: int) -> Decimal | None:
    old = [person for person, day in facts.first_day.items() if (today - day).days >= days]
    stayed = [p for p in old if (facts.last_day[p] - facts.first_day[p]).days >= days]
    return percentage(len(stayed), len(old))


def _cohorts(facts: Facts, today: date) -> list[dict[str, Any]]:
    people: dict[date, set[str]] = {}
    for person, day in facts.first_day.items():
        people.setdefault(bucket_of(day, "week"), set()).add(person)
    cohorts = []
    for week, cohort in sorted(people.items()):
        active, monday = [], week
        while monday <= bucket_of(today, "week"):
            seen = facts.people(Span(monday, monday + timedelta(days=6)))
            active.append(percentage(len(seen & cohort), len(cohort)))
            monday += timedelta(days=7)
        if active:
            cohorts.append({"week": week.isoformat(), "size": len(cohort), "active": active})
    return cohorts


def usage(facts: Facts, span: Span, today: date) -> dict[str, Any]:
    recordings = len(facts.named("recording_completed", span))
    lengths = [length for day, length in facts.sessions() if day in span]
    return {
        "recordings_per_user": divided(recordings, len(facts.people(span))),
        "avg_session_seconds": mean(lengths),
        "dau": _moving(facts, span, 1),
        "wau": _moving(facts, span, 7),
        "mau": _moving(facts, span, 30),
        "events_by_name": ranking(event.name for event in facts.in_span(span)),
    }


def _moving(facts: Facts, span: Span, days: int) -> list[dict[str, Any]]:
    return [
        {"date": day.isoformat(), "users": len(facts.people(last_days(days, day)))} for day in span
    ]


def _filtered_cohorts(facts: Facts, span: Span) -> list[dict[str, Any]]:
    """Of the weeks that begin in the span: who has a match in the week of their first event of all."""
    cohorts, weeks = [], [day for day in span if day == bucket_of(day, "week")]
    for place, week in enumerate(weeks):
        whole_week = Span(week, week + timedelta(days=6))
        seen = [
            facts.people(Span(monday, min(monday + timedelta(days=6), span.last)))
            for monday in weeks[place:]
        ]
        cohort = {
            person
            for person in seen[0]
            if facts.whole.first_day.get(person, date.min) in whole_week
        }
        if cohort:
            active = [percentage(len(people & cohort), len(cohort)) for people in seen]
            cohorts.append({"week": week.isoformat(), "size": len(cohort), "active": active})
    return cohorts


def adoption(facts: Facts, span: Span, today: date) -> dict[str, Any]:
    people = facts.people(span)
    enabled = {person for person, state in facts.whole.auto_paste().items() if state}
    transcribed = facts.named("transcription_completed", span)
    with_dictionary = [event for event in transcribed if uses_dictionary(event)]
    retried = people_of(facts.named("retry_attempted", span))
    return {
        "auto_paste_rate": percentage(len(people & enabled), len(people)),
        "source_split": ranking(
            source(event) for event in facts.named("recording_completed", span)
        ),
        "dictionary_rate": percentage(len(with_dictionary), len(transcribed)),
        "retry_rate": percentage(len(retried), len(people)),
        "feature_stickiness": _stickiness(facts, enabled, last_days(7, today)),
    }


def _stickiness(facts: Facts, auto_paste: set[str], week: Span) -> dict[str, Decimal | None]:
    active = facts.people(week)
    used = {
        "widget": {
            event.person
            for event in facts.named("recording_completed", week)
            if source(event) == "widget" and event.is_person
        },
        "dictionary": {
            event.person
            for event in facts.named("transcription_completed", week)
            if uses_dictionary(event) and event.is_person
        },
        "retry": people_of(facts.named("retry_attempted", week)),
        "auto_paste": active & auto_paste,
    }
    return {feature: percentage(len(people), len(active)) for feature, people in used.items()}


def source(recording: Dated) -> str:
    name = label(recording.properties.get("source"))
    return "main_window" if name == "main" else name


def uses_dictionary(transcription: Dated) -> bool:
    return transcription.properties.get("dictionary_used") is True


def quality(facts: Facts, span: Span, today: date) -> dict[str, Any]:
    measured = facts.named("transcription_completed", span)
    measured += facts.named("recording_completed", span)
    times = _numbers(measured, "processing_time_seconds")
    return {
        "success_rate": success_rate(facts.in_span(span)),
        "processing_time_seconds": {
            "avg": mean(times),
            "p50": percentile(times, 50),
            "p95": percentile(times, 95),
        },
        "errors_by_type": ranking(
            label(event.properties.get("error_type"))
            for event in facts.named("transcription_failed", span)
        ),
        "avg_startup_seconds": mean(
            _numbers(facts.named("app_opened", span), "startup_time_seconds")
        ),
    }


def _numbers(events: Iterable[Dated], name: str) -> list[Decimal]:
    values = (number(event.properties.get(name)) for event in events)
    return [value for value in values if value is not None]


# This traffic has none: tests/rollups/test_sdk_sessions.py counts them.
SDK_SESSIONS = (
    "sessions",
    "errored_sessions",
    "crash_free_sessions",
    "sessions_per_day",
    "sessions_per_week",
    "sessions_per_month",
    "sessions_by_version",
)


def stability(facts: Facts, span: Span, today: date) -> dict[str, Any]:
    crashes = facts.crashes_in(span)
    crashed = facts.crashed_people(span)
    somebody = facts.people(span) | crashed
    waits = _times_to_first_crash(facts, span)
    return {
        "crash_free_rate": percentage(len(somebody) - len(crashed), len(somebody)),
        "crash_rate": ratio(len(crashes), len(somebody), 3),
        "crashes_per_day": _crashes_per(facts, span, "day"),
        "crashes_per_week": _crashes_per(facts, span, "week"),
        "crashes_per_month": _crashes_per(facts, span, "month"),
        "top_crash_types": ranking(event.name for event in crashes),
        "crashes_by_version": ranking(label(event.app_version) for event in crashes),
        "crashes_by_os": ranking(label(event.platform) for event in crashes),
        "time_to_first_crash": {"median": median(waits), "mean": mean(waits)},
        **dict.fromkeys(SDK_SESSIONS),
    }


def _crashes_per(facts: Facts, span: Span, group_by: str) -> list[dict[str, Any]]:
    return [
        {"date": first.isoformat(), "crashes": len(facts.crashes_in(Span(days[0], days[-1])))}
        for first, days in buckets(span, group_by)
    ]


def _times_to_first_crash(facts: Facts, span: Span) -> list[Decimal]:
    began = facts.whole.first_times()
    matching = {(crash.person, crash.at) for crash in facts.crashes}
    waits = []
    for person, crash in facts.whole.first_crashes().items():
        if (
            (person, crash.at) in matching
            and crash.day in span
            and person in began
            and crash.at >= began[person]
        ):
            waits.append(exact_seconds(crash.at - began[person]))
    return waits


def costs(facts: Facts, span: Span, today: date) -> dict[str, Any]:
    week, month = last_days(7, today), last_days(30, today)
    return {
        "total_cost_usd": facts.cost(span),
        "cost_7d": facts.cost(week),
        "cost_30d": facts.cost(month),
        "cost_per_user_30d": divided(facts.cost(month), len(facts.people(month))),
        "engagement": divided(
            len(facts.named("recording_completed", week)), len(facts.people(week))
        ),
    }


COMPUTE: dict[str, Callable[[Facts, Span, date], dict[str, Any]]] = {
    "growth": growth,
    "usage": usage,
    "adoption": adoption,
    "quality": quality,
    "stability": stability,
    "costs": costs,
}
FAMILIES = tuple(COMPUTE)
