"""GET /stats: summary, daily_stats, top_countries and previous."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from . import families
from .conditions import can_match_crashes, matcher
from .days import Span, buckets, day_of, last_days
from .facts import Facts
from .filters import left_out, left_out_of_events, strip
from .numbers import divided, percentage, ratio, rounded, total
from .records import Crash, Event

PERIODS = {"7d": 7, "30d": 30, "90d": 90}
FAMILIES = families.FAMILIES


def stats(
    events: Iterable[Event],
    crashes: Iterable[Crash],
    *,
    now: datetime,
    zone: str = "UTC",
    testers: Collection[str] = (),
    app: str | None = None,
    period: str = "30d",
    start: date | None = None,
    end: date | None = None,
    group_by: str = "day",
    only: tuple[str, str] | None = None,
    filter: Sequence[str] = (),
    include: Sequence[str] = FAMILIES,
) -> dict[str, Any]:
    """The whole answer.

    app: None takes what is given to be of one app. start, end: days instead of a period. only: one
    filter, ("app_version" | "platform" | "country", value), as the rollups answer it. filter:
    conditions, as the events answer them. Numbers are int, Decimal or None.
    """
    events = [row for row in events if app is None or row.app == app]
    crashes = [row for row in crashes if app is None or row.app == app]
    everything = Facts(events, crashes, zone, testers)
    facts = everything.only(*only) if only else everything
    if filter:
        facts = everything.matching(matcher(filter))
    today = day_of(now, zone)
    span = _span(everything, today, period, start, end)
    answer: dict[str, Any] = {
        "period": None if start else period,
        "from": span.first.isoformat(),
        "to": span.last.isoformat(),
        "group_by": group_by,
        "summary": summary(facts, span, today),
        "daily_stats": daily_stats(facts, span, group_by),
        "top_countries": top_countries(facts, everything, span),
    }
    if start or period != "all":
        before = span.before()
        answer["previous"] = summary(facts, before, before.last, seen_by=before.last)
    for name in include:
        answer[name] = families.COMPUTE[name](facts, span, today)
    unable = left_out(only[0] if only else None)
    if filter:
        unable = left_out_of_events(can_match_crashes(filter))
    strip(answer, unable)
    answer["unfiltered"] = unable
    return answer


def _span(facts: Facts, today: date, period: str, start: date | None, end: date | None) -> Span:
    if start is not None:
        return Span(start, end or today)
    if period != "all":
        return last_days(PERIODS[period], today)
    first = min((event.day for event in facts.events), default=today)
    return Span(min(first, today), today)


def summary(
    facts: Facts, span: Span, as_of: date, seen_by: date | None = None
) -> dict[str, int | Decimal | None]:
    """as_of: the day the last 7 and 30 days end on. seen_by: None counts everybody ever seen."""
    first_days = facts.first_day.values()
    crashed = facts.crashed_people(span)
    somebody = facts.people(span) | crashed
    events = facts.in_span(span)
    return {
        "total_users": sum(1 for day in first_days if seen_by is None or day <= seen_by),
        "active_users_7d": len(facts.people(last_days(7, as_of))),
        "active_users_30d": len(facts.people(last_days(30, as_of))),
        "new_users": len(facts.new_people(span)),
        "total_recordings": sum(1 for event in events if event.name == "recording_completed"),
        "total_hours_transcribed": rounded(divided(facts.seconds(span), 3600) or Decimal(0), 2),
        "total_cost_usd": facts.cost(span),
        "success_rate": success_rate(facts, span),
        "crash_free_rate": percentage(len(somebody) - len(crashed), len(somebody)),
        "crash_count": len(facts.crashes_in(span)),
        "crash_rate": ratio(len(facts.crashes_in(span)), len(somebody), 3),
        "successful_recordings": sum(
            1
            for event in events
            if event.name == "recording_completed" and event.properties.get("success") is not False
        ),
        "recording_started_count": len(facts.named("recording_started", span)),
        "transcription_completed_count": len(facts.named("transcription_completed", span)),
        "transcription_failed_count": len(facts.named("transcription_failed", span)),
        "app_opened_count": len(facts.named("app_opened", span)),
    }


def success_rate(facts: Facts, span: Span) -> Decimal | None:
    return families.success_rate(facts.in_span(span))


def daily_stats(facts: Facts, span: Span, group_by: str) -> list[dict[str, Any]]:
    rows = []
    for first, days in buckets(span, group_by):
        part = Span(days[0], days[-1])
        minutes = divided(total([facts.seconds_of_day(day) for day in days]), 60)
        rows.append(
            {
                "date": first.isoformat(),
                "active_users": len(facts.people(part)),
                "new_users": len(facts.new_people(part)),
                "events": len(facts.in_span(part)),
                "recordings": len(facts.named("recording_completed", part)),
                "minutes_transcribed": rounded(minutes or Decimal(0), 2),
                "cost_usd": facts.cost(part),
                "success_rate": success_rate(facts, part),
                "crashes": len(facts.crashes_in(part)),
                "crashed_users": len(facts.crashed_people(part)),
            }
        )
    return rows


def top_countries(facts: Facts, everything: Facts, span: Span) -> list[dict[str, Any]]:
    """U under the filter, each with the country of their latest event of all that names one."""
    people = facts.people(span)
    countries = everything.latest_country()
    counts = Counter(countries[person] for person in people if person in countries)
    ordered = sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
    return [
        {"country": country, "users": users, "percentage": percentage(users, len(people))}
        for country, users in ordered[:10]
    ]
