"""The numbers of the families growth, usage, adoption, quality, stability and costs."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from database import Row
from stories.catalogue import DICTIONARY, EVENT, RETRY, WIDGET
from stories.reports.data import ReportData
from stories.reports.histogram import percentile
from stories.reports.question import Frame
from stories.reports.rounding import Ranking, money, percentage, ranking, ratio, rounded

Series = list[dict[str, Any]]

# growth ------------------------------------------------------------------------------------------


def new_users_7d(data: ReportData, frame: Frame) -> int:
    return data.arrivals(frame.last(7))


def new_users_30d(data: ReportData, frame: Frame) -> int:
    return data.arrivals(frame.last(30))


def retention_7d(data: ReportData, frame: Frame) -> float | None:
    row = data.rows["lifetimes"][0]
    return percentage(row["stayed_7d"], row["old_7d"])


def retention_30d(data: ReportData, frame: Frame) -> float | None:
    row = data.rows["lifetimes"][0]
    return percentage(row["stayed_30d"], row["old_30d"])


def old_7d(data: ReportData, frame: Frame) -> int:
    return int(data.rows["lifetimes"][0]["old_7d"])


def old_30d(data: ReportData, frame: Frame) -> int:
    return int(data.rows["lifetimes"][0]["old_30d"])


def growth_rate_wow(data: ReportData, frame: Frame) -> float | None:
    now, before = (data.people(EVENT, span) for span in (frame.last(7), frame.last(7).before()))
    return percentage(now - before, before)


def churned_30d(data: ReportData, frame: Frame) -> int:
    return int(data.rows["lifetimes"][0]["churned"])


def churn_rate_30d(data: ReportData, frame: Frame) -> float | None:
    """Of the people of the 30 days before the last 30, the share not seen in the last 30: who was in
    either, less who was in the last, was in the first alone."""
    month, before = frame.last(30), frame.last(30).before()
    gone = data.people(EVENT, frame.last(60)) - data.people(EVENT, month)
    return percentage(gone, data.people(EVENT, before))


def cohorts(data: ReportData, frame: Frame) -> Series:
    """[{week, size, active: [percent of the cohort active in its first week, the next, …]}], up to
    this week; under a filter of the weeks that begin in the range, up to its last."""
    until = min(frame.as_of, frame.span.last) if data.question.filter else frame.as_of
    by_first: dict[date, dict[date, Decimal]] = {}
    for row in data.rows["cohorts"]:
        by_first.setdefault(row["first_week"], {})[row["week"]] = row["people"]
    answer = []
    for first, active in by_first.items():
        size = active.get(first, 0)
        weeks = range(0, (until - first).days + 1, 7)
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


def recordings_per_user(data: ReportData, frame: Frame) -> float | None:
    return ratio(data.count("recordings", frame.span), data.people(EVENT, frame.span))


def avg_session_seconds(data: ReportData, frame: Frame) -> float | None:
    row = data.rows["sessions"][0]
    return ratio(row["seconds"], row["sessions"])


def sessions(data: ReportData, frame: Frame) -> int:
    return int(data.rows["sessions"][0]["sessions"])


def _moving(data: ReportData, column: str) -> Series:
    return [
        {"date": row["day"].isoformat(), "users": int(row[column])} for row in data.rows["moving"]
    ]


def dau(data: ReportData, frame: Frame) -> Series:
    return _moving(data, "dau")


def wau(data: ReportData, frame: Frame) -> Series:
    return _moving(data, "wau")


def mau(data: ReportData, frame: Frame) -> Series:
    return _moving(data, "mau")


def events_by_name(data: ReportData, frame: Frame) -> Ranking:
    return ranking(data.rows["events"])


# adoption ----------------------------------------------------------------------------------------


def _enabled(rows: list[Row]) -> int:
    return sum(int(row["people"]) for row in rows if row["auto_paste"])


def auto_paste_rate(data: ReportData, frame: Frame) -> float | None:
    return percentage(_enabled(data.rows["states"]), data.people(EVENT, frame.span))


def source_split(data: ReportData, frame: Frame) -> Ranking:
    names = {"main": "main_window", "": "unknown"}
    rows = data.rows["sources"]
    return ranking([{**row, "key": names.get(row["key"], row["key"])} for row in rows])


def dictionary_rate(data: ReportData, frame: Frame) -> float | None:
    used = sum(row["count"] for row in data.rows["dictionary"] if row["key"] == "true")
    return percentage(used, data.count("transcriptions", frame.span))


def retry_rate(data: ReportData, frame: Frame) -> float | None:
    return percentage(data.people(RETRY, frame.span), data.people(EVENT, frame.span))


def feature_stickiness(data: ReportData, frame: Frame) -> dict[str, float | None]:
    """Feature -> percent of active_users_7d who used it in those days."""
    week = frame.last(7)
    used = {
        "widget": data.people(WIDGET, week),
        "dictionary": data.people(DICTIONARY, week),
        "retry": data.people(RETRY, week),
        "auto_paste": _enabled(data.rows["states_7d"]),
    }
    active = data.people(EVENT, week)
    return {feature: percentage(people, active) for feature, people in used.items()}


# quality -----------------------------------------------------------------------------------------


def _numbers(data: ReportData, name: str) -> Row | None:
    return next((row for row in data.rows["numbers"] if row["property"] == name), None)


def processing_time_seconds(data: ReportData, frame: Frame) -> dict[str, float | None]:
    row = _numbers(data, "processing_time_seconds")
    if row is None:
        return {"avg": None, "p50": None, "p95": None}
    return {
        "avg": ratio(row["total"], row["n"]),
        "p50": percentile(row, 50),
        "p95": percentile(row, 95),
    }


def processing_times(data: ReportData, frame: Frame) -> int:
    return _measured(data, "processing_time_seconds")


def startup_times(data: ReportData, frame: Frame) -> int:
    return _measured(data, "startup_time_seconds")


def _measured(data: ReportData, name: str) -> int:
    row = _numbers(data, name)
    return int(row["n"]) if row else 0


def errors_by_type(data: ReportData, frame: Frame) -> Ranking:
    rows = data.rows["errors"]
    return ranking([{**row, "key": row["key"] or "unknown"} for row in rows])


def avg_startup_seconds(data: ReportData, frame: Frame) -> float | None:
    row = _numbers(data, "startup_time_seconds")
    return ratio(row["total"], row["n"]) if row else None


# stability ---------------------------------------------------------------------------------------


def _crashes_per(data: ReportData, frame: Frame, group_by: str) -> Series:
    return [
        {"date": first.isoformat(), "crashes": count}
        for first, count in data.counts_by("crashes", frame.span, group_by)
    ]


def crashes_per_day(data: ReportData, frame: Frame) -> Series:
    return _crashes_per(data, frame, "day")


def crashes_per_week(data: ReportData, frame: Frame) -> Series:
    return _crashes_per(data, frame, "week")


def crashes_per_month(data: ReportData, frame: Frame) -> Series:
    return _crashes_per(data, frame, "month")


def top_crash_types(data: ReportData, frame: Frame) -> Ranking:
    return ranking([row for row in data.rows["crashes"] if row["dim"] == data.dim])


def _crashes_by(data: ReportData, frame: Frame, dim: str) -> Ranking:
    """Crashes that name no version or system have no row of their own: they are what is missing."""
    whole = data.count("crashes", frame.span)
    if data.dim == dim:
        return ranking([{"key": data.question.value, "count": whole}])
    named = [row for row in data.rows["crashes"] if row["dim"] == dim]
    nameless = whole - sum(int(row["count"]) for row in named)
    return ranking([*named, {"key": "unknown", "count": nameless}])


def crashes_by_version(data: ReportData, frame: Frame) -> Ranking:
    return _crashes_by(data, frame, "version")


def crashes_by_os(data: ReportData, frame: Frame) -> Ranking:
    return _crashes_by(data, frame, "platform")


def top_issues(data: ReportData, frame: Frame) -> Series:
    """[{id, title, culprit, state, crashes}]: the ten with most crashes; without handled errors."""
    return [dict(row) for row in data.rows["issues"]]


def time_to_first_crash(data: ReportData, frame: Frame) -> dict[str, float | None]:
    """Seconds: {median, mean}."""
    row = data.rows["first_crashes"][0]
    if row["mean"] is None:
        return {"median": None, "mean": None}
    return {"median": rounded(row["median"], 3), "mean": rounded(row["mean"], 3)}


def first_crashes(data: ReportData, frame: Frame) -> int:
    return int(data.rows["first_crashes"][0]["people"])


# costs -------------------------------------------------------------------------------------------


def cost_7d(data: ReportData, frame: Frame) -> float:
    return money(data.total("cost", frame.last(7)))


def cost_30d(data: ReportData, frame: Frame) -> float:
    return money(data.total("cost", frame.last(30)))


def cost_per_user_30d(data: ReportData, frame: Frame) -> float | None:
    month = frame.last(30)
    return ratio(data.total("cost", month), data.people(EVENT, month), 9)


def engagement(data: ReportData, frame: Frame) -> float | None:
    week = frame.last(7)
    return ratio(data.count("recordings", week), data.people(EVENT, week))
