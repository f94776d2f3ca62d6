"""The numbers of the families growth, usage, adoption, quality, stability and costs."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import accumulate
from typing import Any

from database import Row
from stories.catalogue import DICTIONARY, EVENT, RETRY, WIDGET
from stories.reports.found import Found
from stories.reports.question import Frame
from stories.reports.rounding import Ranking, money, percentage, ranking, ratio, rounded

Series = list[dict[str, Any]]

# growth ------------------------------------------------------------------------------------------


def new_users_7d(found: Found, frame: Frame) -> int:
    return found.arrivals(frame.last(7))


def new_users_30d(found: Found, frame: Frame) -> int:
    return found.arrivals(frame.last(30))


def retention_7d(found: Found, frame: Frame) -> float | None:
    row = found.rows["lifetimes"][0]
    return percentage(row["stayed_7d"], row["old_7d"])


def retention_30d(found: Found, frame: Frame) -> float | None:
    row = found.rows["lifetimes"][0]
    return percentage(row["stayed_30d"], row["old_30d"])


def growth_rate_wow(found: Found, frame: Frame) -> float | None:
    now, before = (found.people(EVENT, span) for span in (frame.last(7), frame.last(7).before()))
    return percentage(now - before, before)


def churned_30d(found: Found, frame: Frame) -> int:
    return int(found.rows["lifetimes"][0]["churned"])


def cohorts(found: Found, frame: Frame) -> Series:
    """[{week, size, active: [percent of the cohort active in its first week, the next, …]}], up to
    this week."""
    by_first: dict[date, dict[date, Decimal]] = {}
    for row in found.rows["cohorts"]:
        by_first.setdefault(row["first_week"], {})[row["week"]] = row["people"]
    answer = []
    for first, active in by_first.items():
        size = active.get(first, 0)
        weeks = range(0, (frame.as_of - first).days + 1, 7)
        people = [active.get(date.fromordinal(first.toordinal() + ahead), 0) for ahead in weeks]
        answer.append(
            {
                "week": first.isoformat(),
                "size": int(size),
                "active": [percentage(count, size) for count in people],
            }
        )
    return answer


# usage -------------------------------------------------------------------------------------------


def recordings_per_user(found: Found, frame: Frame) -> float | None:
    return ratio(found.count("recordings", frame.span), found.people(EVENT, frame.span))


def avg_session_seconds(found: Found, frame: Frame) -> float | None:
    row = found.rows["sessions"][0]
    return ratio(row["seconds"], row["sessions"])


def _moving(found: Found, column: str) -> Series:
    return [
        {"date": row["day"].isoformat(), "users": int(row[column])} for row in found.rows["moving"]
    ]


def dau(found: Found, frame: Frame) -> Series:
    return _moving(found, "dau")


def wau(found: Found, frame: Frame) -> Series:
    return _moving(found, "wau")


def mau(found: Found, frame: Frame) -> Series:
    return _moving(found, "mau")


def events_by_name(found: Found, frame: Frame) -> Ranking:
    return ranking(found.rows["events"])


# adoption ----------------------------------------------------------------------------------------


def _enabled(rows: list[Row]) -> int:
    return sum(int(row["people"]) for row in rows if row["auto_paste"])


def auto_paste_rate(found: Found, frame: Frame) -> float | None:
    return percentage(_enabled(found.rows["states"]), found.people(EVENT, frame.span))


def source_split(found: Found, frame: Frame) -> Ranking:
    names = {"main": "main_window", "": "unknown"}
    rows = found.rows["sources"]
    return ranking([{**row, "key": names.get(row["key"], row["key"])} for row in rows])


def dictionary_rate(found: Found, frame: Frame) -> float | None:
    used = sum(row["count"] for row in found.rows["dictionary"] if row["key"] == "true")
    return percentage(used, found.count("transcriptions", frame.span))


def retry_rate(found: Found, frame: Frame) -> float | None:
    return percentage(found.people(RETRY, frame.span), found.people(EVENT, frame.span))


def feature_stickiness(found: Found, frame: Frame) -> dict[str, float | None]:
    """Feature -> percent of active_users_7d who used it in those days."""
    week = frame.last(7)
    used = {
        "widget": found.people(WIDGET, week),
        "dictionary": found.people(DICTIONARY, week),
        "retry": found.people(RETRY, week),
        "auto_paste": _enabled(found.rows["states_7d"]),
    }
    active = found.people(EVENT, week)
    return {feature: percentage(people, active) for feature, people in used.items()}


# quality -----------------------------------------------------------------------------------------


def _numbers(found: Found, name: str) -> Row | None:
    return next((row for row in found.rows["numbers"] if row["property"] == name), None)


def processing_time_seconds(found: Found, frame: Frame) -> dict[str, float | None]:
    row = _numbers(found, "processing_time_seconds")
    if row is None:
        return {"avg": None, "p50": None, "p95": None}
    return {
        "avg": ratio(row["total"], row["n"]),
        "p50": _percentile(row, 50),
        "p95": _percentile(row, 95),
    }


def _percentile(row: Row, percent: int) -> float:
    """By nearest rank, within 2 %: the geometric middle of the bucket that holds the value of that
    rank, kept between the least and the greatest value there is."""
    rank = -(-percent * int(row["n"]) // 100)
    buckets = sorted((int(key), int(n)) for key, n in row["histogram"].items())
    reached = zip(buckets, accumulate(n for _, n in buckets), strict=True)
    bucket = next((bucket for (bucket, _), counted in reached if counted >= rank), 0)
    if bucket == 0:
        return rounded(row["least"], 6)
    middle = Decimal("1.04") ** (Decimal(bucket) - Decimal("0.5")) / 1000
    return rounded(min(max(middle, row["least"]), row["most"]), 6)


def errors_by_type(found: Found, frame: Frame) -> Ranking:
    rows = found.rows["errors"]
    return ranking([{**row, "key": row["key"] or "unknown"} for row in rows])


def avg_startup_seconds(found: Found, frame: Frame) -> float | None:
    row = _numbers(found, "startup_time_seconds")
    return ratio(row["total"], row["n"]) if row else None


# stability ---------------------------------------------------------------------------------------


def _crashes_per(found: Found, frame: Frame, group_by: str) -> Series:
    return [
        {"date": first.isoformat(), "crashes": count}
        for first, count in found.counts_by("crashes", frame.span, group_by)
    ]


def crashes_per_day(found: Found, frame: Frame) -> Series:
    return _crashes_per(found, frame, "day")


def crashes_per_week(found: Found, frame: Frame) -> Series:
    return _crashes_per(found, frame, "week")


def crashes_per_month(found: Found, frame: Frame) -> Series:
    return _crashes_per(found, frame, "month")


def top_crash_types(found: Found, frame: Frame) -> Ranking:
    return ranking([row for row in found.rows["crashes"] if row["dim"] == found.question.dim])


def _crashes_by(found: Found, frame: Frame, dim: str) -> Ranking:
    """Crashes that name no version or system have no row of their own: they are what is missing."""
    whole = found.count("crashes", frame.span)
    if found.question.dim == dim:
        return ranking([{"key": found.question.value, "count": whole}])
    named = [row for row in found.rows["crashes"] if row["dim"] == dim]
    nameless = whole - sum(int(row["count"]) for row in named)
    return ranking([*named, {"key": "unknown", "count": nameless}])


def crashes_by_version(found: Found, frame: Frame) -> Ranking:
    return _crashes_by(found, frame, "version")


def crashes_by_os(found: Found, frame: Frame) -> Ranking:
    return _crashes_by(found, frame, "platform")


def time_to_first_crash(found: Found, frame: Frame) -> dict[str, float | None]:
    """Seconds: {median, mean}."""
    row = found.rows["first_crashes"][0]
    if row["mean"] is None:
        return {"median": None, "mean": None}
    return {"median": rounded(row["median"], 3), "mean": rounded(row["mean"], 3)}


# costs -------------------------------------------------------------------------------------------


def cost_7d(found: Found, frame: Frame) -> float:
    return money(found.total("cost", frame.last(7)))


def cost_30d(found: Found, frame: Frame) -> float:
    return money(found.total("cost", frame.last(30)))


def cost_per_user_30d(found: Found, frame: Frame) -> float | None:
    month = frame.last(30)
    return ratio(found.total("cost", month), found.people(EVENT, month), 9)


def engagement(found: Found, frame: Frame) -> float | None:
    week = frame.last(7)
    return ratio(found.count("recordings", week), found.people(EVENT, week))
