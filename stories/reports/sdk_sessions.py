"""Sessions as SDKs count them, in /stats and of releases: of an app without any, all is null."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from stories.reports.data import ReportData
from stories.reports.question import Frame, Span, buckets
from stories.reports.rounding import ratio

MOST_VERSIONS = 20
Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Sessions:
    """errored: had an error, handled or not, and went on. ended: crashed, or ended abnormally."""

    all: int = 0
    errored: int = 0
    ended: int = 0

    @classmethod
    def of(cls, rows: Iterable[Mapping[str, Any]]) -> Sessions:
        """rows: with the columns of `session_days`."""
        held = list(rows)
        return cls(
            sum(int(row["sessions"]) for row in held),
            sum(int(row["errored"] + row["unhandled"]) for row in held),
            sum(int(row["abnormal"] + row["crashed"]) for row in held),
        )

    @property
    def crash_free(self) -> float | None:
        """Percent, with two decimals as of people of a release."""
        return ratio(100 * (self.all - self.ended), self.all, 2)

    def shown(self) -> dict[str, Any]:
        return {
            "sessions": self.all,
            "errored_sessions": self.errored,
            "crash_free_sessions": self.crash_free,
        }


NOT_SENT = dict.fromkeys(Sessions().shown())


def sessions(data: ReportData, frame: Frame) -> int | None:
    return None if _are_not_sent(data) else _whole(data, frame).all


def errored_sessions(data: ReportData, frame: Frame) -> int | None:
    return None if _are_not_sent(data) else _whole(data, frame).errored


def crash_free_sessions(data: ReportData, frame: Frame) -> float | None:
    return None if _are_not_sent(data) else _whole(data, frame).crash_free


def sample(data: ReportData, frame: Frame) -> int:
    return _whole(data, frame).all


def per_day(data: ReportData, frame: Frame) -> Rows | None:
    return _per(data, frame, "day")


def per_week(data: ReportData, frame: Frame) -> Rows | None:
    return _per(data, frame, "week")


def per_month(data: ReportData, frame: Frame) -> Rows | None:
    return _per(data, frame, "month")


def by_version(data: ReportData, frame: Frame) -> Rows | None:
    """[{key, sessions, …}], most sessions first; "unknown": none was sent."""
    if _are_not_sent(data):
        return None
    by_name: dict[str, Rows] = {}
    for row in _rows(data, frame.span):
        by_name.setdefault(row["version"] or "unknown", []).append(row)
    counted = {name: Sessions.of(rows) for name, rows in by_name.items()}
    ordered = sorted(counted.items(), key=lambda entry: (-entry[1].all, entry[0]))
    return [{"key": name, **each.shown()} for name, each in ordered[:MOST_VERSIONS]]


def _per(data: ReportData, frame: Frame, group_by: str) -> Rows | None:
    if _are_not_sent(data):
        return None
    return [
        {"date": first.isoformat(), **Sessions.of(_rows(data, days)).shown()}
        for first, days in buckets(frame.span, group_by)
    ]


def _are_not_sent(data: ReportData) -> bool:
    return not data.rows["sdk_sessions"]


def _whole(data: ReportData, frame: Frame) -> Sessions:
    return Sessions.of(_rows(data, frame.span))


def _rows(data: ReportData, span: Span) -> Rows:
    rows = data.rows["sdk_sessions"]
    return [row for row in rows if row["day"] is not None and span.first <= row["day"] <= span.last]
