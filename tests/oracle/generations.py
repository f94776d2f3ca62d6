"""GET /api/analytics, in the shape of the generation tracker's own document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .days import day_of, last_days
from .records import instant


@dataclass(frozen=True)
class Visit:
    """visitor: whatever names one (an address or an id); None when nothing does."""

    timestamp: datetime
    visitor: str | None = None

    @classmethod
    def from_payload(cls, payload: Mapping[str, Any]) -> Visit:
        """An item of POST /api/visits."""
        return cls(instant(payload["timestamp"]), payload.get("visitor_id") or payload.get("ip"))


@dataclass(frozen=True)
class Generation:
    timestamp: datetime
    success: bool

    @classmethod
    def from_payload(cls, payload: Mapping[str, Any]) -> Generation:
        """An item of POST /api/generations."""
        return cls(instant(payload["timestamp"]), payload["success"])


def generation_analytics(
    visits: Sequence[Visit], generations: Sequence[Generation], *, now: datetime, zone: str = "UTC"
) -> dict[str, Any]:
    """{total, today, last_7_days}; last_7_days has no total_generations, as in the document."""
    today = day_of(now, zone)
    rows: list[dict[str, Any]] = []
    for day in last_days(7, today):
        row = _counts(
            [visit for visit in visits if day_of(visit.timestamp, zone) == day],
            [row for row in generations if day_of(row.timestamp, zone) == day],
        )
        rows.append({"date": day.isoformat(), **row})
    everything = _counts(visits, generations)
    everything["visits"] = everything.pop("total_visits")
    last = dict(rows[-1])
    del last["date"]
    return {
        "total": {**everything, "total_generations": len(generations)},
        "today": {
            **last,
            "total_generations": last["successful_generations"] + last["failed_generations"],
        },
        "last_7_days": rows,
    }


def _counts(visits: Sequence[Visit], generations: Sequence[Generation]) -> dict[str, int]:
    return {
        "unique_visitors": len({row.visitor for row in visits if row.visitor is not None}),
        "total_visits": len(visits),
        "successful_generations": sum(1 for row in generations if row.success),
        "failed_generations": sum(1 for row in generations if not row.success),
    }
