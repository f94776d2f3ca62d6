"""Days of an app as moments: what the answers about single days and sessions need."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

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
