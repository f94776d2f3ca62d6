"""The numbers of `summary` and of `daily_stats`: the same functions over other spans."""

from __future__ import annotations

from typing import Any

from stories.catalogue import CRASH, EVENT
from stories.reports.data import EVER, ReportData
from stories.reports.question import Frame, Span
from stories.reports.rounding import money, percentage, ratio

EITHER = 0  # an event or a crash


def total_users(data: ReportData, frame: Frame) -> int:
    return data.arrivals(seen(frame))


def seen(frame: Frame) -> Span:
    """From the beginning of time to the day the frame is seen from."""
    return Span(EVER.first, frame.seen_by or EVER.last)


def active_users(data: ReportData, frame: Frame) -> int:
    """U."""
    return data.people(EVENT, frame.span)


def active_users_7d(data: ReportData, frame: Frame) -> int:
    return data.people(EVENT, frame.last(7))


def active_users_30d(data: ReportData, frame: Frame) -> int:
    return data.people(EVENT, frame.last(30))


def new_users(data: ReportData, frame: Frame) -> int:
    return data.arrivals(frame.span)


def events(data: ReportData, frame: Frame) -> int:
    return data.count("events", frame.span)


def recordings(data: ReportData, frame: Frame) -> int:
    return data.count("recordings", frame.span)


def successful_recordings(data: ReportData, frame: Frame) -> int:
    """Those with success not false."""
    unsuccessful = data.count("unsuccessful_recordings", frame.span)
    return data.count("recordings", frame.span) - unsuccessful


def recordings_started(data: ReportData, frame: Frame) -> int:
    return data.count("started", frame.span)


def transcriptions_completed(data: ReportData, frame: Frame) -> int:
    return data.count("transcriptions", frame.span)


def transcriptions_failed(data: ReportData, frame: Frame) -> int:
    return data.count("failures", frame.span)


def openings(data: ReportData, frame: Frame) -> int:
    return data.count("opened", frame.span)


def hours_transcribed(data: ReportData, frame: Frame) -> float | None:
    return ratio(data.total("seconds", frame.span), 3600, 2)


def minutes_transcribed(data: ReportData, frame: Frame) -> float | None:
    return ratio(data.total("seconds", frame.span), 60, 2)


def cost(data: ReportData, frame: Frame) -> float:
    return money(data.total("cost", frame.span))


def transcriptions_ended(data: ReportData, frame: Frame) -> int:
    """T + F."""
    return transcriptions_completed(data, frame) + transcriptions_failed(data, frame)


def success_rate(data: ReportData, frame: Frame) -> float | None:
    """100 T / (T + F): of transcriptions with success false, each counts as a failure."""
    completed = data.count("transcriptions", frame.span)
    unsuccessful = data.count("unsuccessful", frame.span)
    failed = data.count("failures", frame.span)
    return percentage(completed - unsuccessful, completed + failed)


def crashes(data: ReportData, frame: Frame) -> int:
    return data.count("crashes", frame.span)


def crashed_users(data: ReportData, frame: Frame) -> int:
    """CU."""
    return data.people(CRASH, frame.span)


def crash_free_rate(data: ReportData, frame: Frame) -> float | None:
    """100 (1 - CU / AU)."""
    somebody = data.people(EITHER, frame.span)
    return percentage(somebody - data.people(CRASH, frame.span), somebody)


def crash_rate(data: ReportData, frame: Frame) -> float | None:
    """C / AU."""
    return ratio(data.count("crashes", frame.span), data.people(EITHER, frame.span), 3)


def top_countries(data: ReportData, frame: Frame) -> list[dict[str, Any]]:
    """[{country, users, percentage of U}], ten at most."""
    counts: dict[str, int] = {}
    for row in data.rows["states"]:
        if row["country"]:
            counts[row["country"]] = counts.get(row["country"], 0) + int(row["people"])
    ordered = sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
    people = data.people(EVENT, frame.span)
    return [
        {"country": country, "users": users, "percentage": percentage(users, people)}
        for country, users in ordered[:10]
        if users
    ]
