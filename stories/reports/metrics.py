"""The numbers of `summary` and of `daily_stats`: the same functions over other spans."""

from __future__ import annotations

from typing import Any

from stories.catalogue import CRASH, EVENT
from stories.reports.found import EVER, Found
from stories.reports.question import Frame, Span
from stories.reports.rounding import money, percentage, ratio

EITHER = 0  # an event or a crash


def total_users(found: Found, frame: Frame) -> int:
    return found.arrivals(seen(frame))


def seen(frame: Frame) -> Span:
    """From the beginning of time to the day the frame is seen from."""
    return Span(EVER.first, frame.seen_by or EVER.last)


def active_users(found: Found, frame: Frame) -> int:
    """U."""
    return found.people(EVENT, frame.span)


def active_users_7d(found: Found, frame: Frame) -> int:
    return found.people(EVENT, frame.last(7))


def active_users_30d(found: Found, frame: Frame) -> int:
    return found.people(EVENT, frame.last(30))


def new_users(found: Found, frame: Frame) -> int:
    return found.arrivals(frame.span)


def events(found: Found, frame: Frame) -> int:
    return found.count("events", frame.span)


def recordings(found: Found, frame: Frame) -> int:
    return found.count("recordings", frame.span)


def hours_transcribed(found: Found, frame: Frame) -> float | None:
    return ratio(found.total("seconds", frame.span), 3600, 2)


def minutes_transcribed(found: Found, frame: Frame) -> float | None:
    return ratio(found.total("seconds", frame.span), 60, 2)


def cost(found: Found, frame: Frame) -> float:
    return money(found.total("cost", frame.span))


def success_rate(found: Found, frame: Frame) -> float | None:
    """100 T / (T + F): of transcriptions with success false, each counts as a failure."""
    completed = found.count("transcriptions", frame.span)
    unsuccessful = found.count("unsuccessful", frame.span)
    failed = found.count("failures", frame.span)
    return percentage(completed - unsuccessful, completed + failed)


def crashes(found: Found, frame: Frame) -> int:
    return found.count("crashes", frame.span)


def crashed_users(found: Found, frame: Frame) -> int:
    """CU."""
    return found.people(CRASH, frame.span)


def crash_free_rate(found: Found, frame: Frame) -> float | None:
    """100 (1 - CU / AU)."""
    somebody = found.people(EITHER, frame.span)
    return percentage(somebody - found.people(CRASH, frame.span), somebody)


def crash_rate(found: Found, frame: Frame) -> float | None:
    """C / AU."""
    return ratio(found.count("crashes", frame.span), found.people(EITHER, frame.span), 3)


def top_countries(found: Found, frame: Frame) -> list[dict[str, Any]]:
    """[{country, users, percentage of U}], ten at most."""
    counts: dict[str, int] = {}
    for row in found.rows["states"]:
        if row["country"]:
            counts[row["country"]] = counts.get(row["country"], 0) + int(row["people"])
    ordered = sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
    people = found.people(EVENT, frame.span)
    return [
        {"country": country, "users": users, "percentage": percentage(users, people)}
        for country, users in ordered[:10]
        if users
    ]
