"""Days of an app as moments: what the answers about single days and sessions need."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from database import Expression
from stories.catalogue import App


@dataclass(frozen=True)
class Days:
    """The days first..last (both included) of an app."""

    app: App
    first: date
    last: date

    @classmethod
    def latest(cls, app: App, n: int, now: datetime) -> Days:
        """Today, as the app's timezone has it, and the n-1 days before."""
        today = now.astimezone(app.zone).date()
        return cls(app, today - timedelta(days=n - 1), today)

    @classmethod
    def ever(cls, app: App, now: datetime) -> Days:
        return cls.until(app, now.astimezone(app.zone).date())

    @classmethod
    def until(cls, app: App, last: date) -> Days:
        return cls(app, date(1970, 1, 1), last)

    @property
    def start(self) -> datetime:
        return datetime.combine(self.first, time(), self.app.zone).astimezone(UTC)

    @property
    def end(self) -> datetime:
        """The moment after the last one."""
        following = self.last + timedelta(days=1)
        return datetime.combine(following, time(), self.app.zone).astimezone(UTC)

    @property
    def days(self) -> dict[str, Any]:
        """As parameters of a statement over days."""
        return {"app_id": self.app.app_id, "first": self.first, "last": self.last}

    @property
    def moments(self) -> dict[str, Any]:
        """As parameters of a statement over times."""
        return {"app_id": self.app.app_id, "start": self.start, "end": self.end}


def around(ranges: Sequence[Days]) -> Days:
    """From the first day of them all to the last."""
    return Days(
        ranges[0].app, min(days.first for days in ranges), max(days.last for days in ranges)
    )


def within(ranges: Sequence[Days], rows: Expression) -> Expression:
    """Of these rows those of the ranges, and none between them, which may be a year."""
    apart = _apart(ranges)
    if len(apart) == 1:
        return rows
    text = " or ".join(
        f"timestamp >= %(start{i})s and timestamp < %(end{i})s" for i in range(len(apart))
    )
    values: dict[str, Any] = {f"start{i}": days.start for i, days in enumerate(apart)}
    values |= {f"end{i}": days.end for i, days in enumerate(apart)}
    return Expression(f"({text}) and %(rows)s", {**values, "rows": rows})


def _apart(ranges: Sequence[Days]) -> list[Days]:
    """The same days as ranges of which none touches another, ascending."""
    apart: list[Days] = []
    for days in sorted(ranges, key=lambda days: days.first):
        if apart and (days.first - apart[-1].last).days <= 1:
            days = around([apart.pop(), days])
        apart.append(days)
    return apart
