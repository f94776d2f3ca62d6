"""A single day by hours: the columns of daily_stats for each hour, and the summary's numbers up to a
time of day. Read from the day's events and crashes, so it is for one day only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

from database import Expression, Row, Transaction
from stories.catalogue import App
from stories.reports.filters import Filter
from stories.reports.periods import Days
from stories.reports.rounding import exact_arithmetic, money, percentage, ratio

HOUR = timedelta(hours=1)
EVERYBODY = Filter()
NOTHING = Expression("false")
OF_CRASHES = ("crashes", "crashed_users", "crash_count", "crash_rate", "crash_free_rate")
EMPTY = dict.fromkeys(
    (
        *("events", "active_users", "new_users", "recordings", "transcriptions", "failures"),
        *("unsuccessful", "durations", "seconds", "recorded_seconds", "costs", "cost"),
        *("recorded_cost", "crashes", "crashed_users", "people"),
    ),
    Decimal(0),
)
COLUMNS = (
    *("events", "active_users", "new_users", "recordings", "minutes_transcribed", "cost_usd"),
    *("success_rate", "crashes", "crashed_users"),
)


def hours(
    tx: Transaction,
    day: Days,
    until: time | None,
    now: datetime,
    filter: Filter = EVERYBODY,
) -> dict[str, Any]:
    """{"date", "timezone", "until": "15:20" or "24:00", "rows": [{hour, and the columns of
    daily_stats}], "summary"}. day: a single one; until: up to which time of day `summary` counts,
    None: to its end, of a running day to now. Hours that have not begun are rows of nulls; a day on
    which the clock is changed has 23 or 25. What a filter cannot tell is left out, as in /stats."""
    app, start, end = day.app, day.start, day.end
    last = min(_moment(app, day, until) if until else end, max(now, start), end)
    can_crash = filter.conditions.can_match_crashes
    found = tx.rows(
        "reports/day_by_hours",
        app_id=app.app_id,
        day=day.first,
        start=start,
        end=end,
        until=last,
        matches=filter.of_events(),
        crash_matches=filter.of_crashes() if can_crash else NOTHING,
    )
    by_hour = {row["hour"]: row for row in found}
    rows = []
    with exact_arithmetic():
        whole = [row for row in found if row["hour"] is not None]
        speaks = {name: any(row[name] for row in whole) for name in ("durations", "costs")}
        for number in range(-(-(end - start) // HOUR)):
            at = start + number * HOUR
            columns: dict[str, Any] = dict.fromkeys(COLUMNS)
            if at <= now:
                columns = _columns(by_hour.get(number, EMPTY), speaks)
            local = at.astimezone(app.zone)
            rows.append({"hour": local.isoformat(timespec="minutes"), **columns})
        summary = _summary(by_hour.get(None, EMPTY), speaks)
    blind = () if can_crash else OF_CRASHES
    return {
        "date": day.first.isoformat(),
        "timezone": app.timezone,
        "until": "24:00" if last == end else f"{last.astimezone(app.zone):%H:%M}",
        "rows": [_without(row, blind) for row in rows],
        "summary": _without(summary, blind),
    }


def _moment(app: App, day: Days, at: time) -> datetime:
    return datetime.combine(day.first, at, app.zone)


def _without(numbers: dict[str, Any], names: Sequence[str]) -> dict[str, Any]:
    return {name: value for name, value in numbers.items() if name not in names}


def _columns(row: Row, speaks: dict[str, bool]) -> dict[str, Any]:
    """The columns of daily_stats."""
    seconds, cost = _measured(row, speaks)
    return {
        "events": int(row["events"]),
        "active_users": int(row["active_users"]),
        "new_users": int(row["new_users"]),
        "recordings": int(row["recordings"]),
        "minutes_transcribed": ratio(seconds, 60, 2),
        "cost_usd": money(cost),
        "success_rate": _success_rate(row),
        "crashes": int(row["crashes"]),
        "crashed_users": int(row["crashed_users"]),
    }


def _summary(row: Row, speaks: dict[str, bool]) -> dict[str, Any]:
    """What of /stats's summary a part of a day can tell."""
    seconds, cost = _measured(row, speaks)
    people, crashed = row["people"], row["crashed_users"]
    return {
        "events": int(row["events"]),
        "active_users": int(row["active_users"]),
        "new_users": int(row["new_users"]),
        "total_recordings": int(row["recordings"]),
        "total_hours_transcribed": ratio(seconds, 3600, 2),
        "total_cost_usd": money(cost),
        "success_rate": _success_rate(row),
        "crash_free_rate": percentage(people - crashed, people),
        "crash_count": int(row["crashes"]),
        "crash_rate": ratio(row["crashes"], people, 3),
    }


def _measured(row: Row, speaks: dict[str, bool]) -> tuple[Decimal, Decimal]:
    """(seconds, US dollars): of the transcriptions, or where none of the day carries one, of its
    recordings."""
    return (
        Decimal(row["seconds" if speaks["durations"] else "recorded_seconds"]),
        Decimal(row["cost" if speaks["costs"] else "recorded_cost"]),
    )


def _success_rate(row: Row) -> float | None:
    whole = row["transcriptions"] + row["failures"]
    return percentage(row["transcriptions"] - row["unsuccessful"], whole)
