"""GET /api/metrics and GET /api/funnel."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from .days import Span, day_of, last_days
from .numbers import label, number, percentage, ranking, ratio
from .records import instant

PREFIXES = {"vertical_views": "/verticals/", "pricing_views": "/pricing", "demo_views": "/demo"}


@dataclass(frozen=True)
class WebItem:
    """One accepted item: of no crawler and with consent. timestamp: aware, UTC."""

    session_id: str
    type: str
    timestamp: datetime
    category: str | None = None
    action: str | None = None
    path: str | None = None
    referrer: str | None = None
    utm_source: str | None = None
    value: Any = None

    @classmethod
    def from_payload(cls, payload: Mapping[str, Any]) -> WebItem:
        """An item of POST /api/track."""
        return cls(
            session_id=payload["sessionId"],
            type=payload["type"],
            timestamp=instant(payload["timestamp"]),
            **{
                name: payload.get(name)
                for name in ("category", "action", "path", "referrer", "utm_source", "value")
            },
        )

    @property
    def bare_path(self) -> str:
        return (self.path or "").partition("?")[0].partition("#")[0]

    @property
    def source(self) -> str:
        host = _site(self.referrer)
        if host:
            return host
        return self.utm_source or "direct"


def _site(referrer: str | None) -> str:
    try:
        parts = urlsplit(referrer or "")
        host = (parts.hostname or "") if parts.scheme in ("http", "https") else ""
    except ValueError:
        return ""
    return host.removeprefix("www.")


Predicate = Callable[[WebItem], bool]


def everything(_: WebItem) -> bool:
    return True


def _in_period(items: Iterable[WebItem], days: int, now: datetime, zone: str) -> list[WebItem]:
    span: Span = last_days(days, day_of(now, zone))
    return [item for item in items if day_of(item.timestamp, zone) in span]


def _sessions(items: Iterable[WebItem]) -> set[str]:
    return {item.session_id for item in items}


def funnel(
    items: Iterable[WebItem],
    *,
    days: int,
    now: datetime,
    zone: str = "UTC",
    prefixes: Mapping[str, str] = PREFIXES,
    holds: Predicate = everything,
) -> dict[str, int]:
    """The answer of GET /api/funnel; holds: a filter."""
    inside = [item for item in _in_period(items, days, now, zone) if holds(item)]
    views = [item for item in inside if item.type == "pageview"]
    steps = {"homepage_views": len(_sessions(item for item in views if item.bare_path == "/"))}
    for step, prefix in prefixes.items():
        steps[step] = len(_sessions(item for item in views if item.bare_path.startswith(prefix)))
    steps["conversions"] = len(_sessions(item for item in inside if item.category == "conversion"))
    return steps


def website_metrics(
    items: Sequence[WebItem],
    *,
    days: int,
    now: datetime,
    zone: str = "UTC",
    recent: int = 10,
    holds: Predicate = everything,
) -> dict[str, Any]:
    """The answer of GET /api/metrics; recent_conversions has `recent` entries at most, latest first.
    holds: a filter, of which a session's source knows nothing."""
    inside = [item for item in _in_period(items, days, now, zone) if holds(item)]
    sessions = _sessions(inside)
    conversions = [item for item in inside if item.category == "conversion"]
    views = [item for item in inside if item.type == "pageview"]
    earliest: dict[str, WebItem] = {}
    for item in items:
        first = earliest.get(item.session_id)
        if first is None or item.timestamp < first.timestamp:
            earliest[item.session_id] = item
    latest = sorted(conversions, key=lambda item: item.timestamp, reverse=True)[:recent]
    return {
        "metrics": {
            "total_visitors": len(sessions),
            "conversions": len(conversions),
            "conversion_rate": percentage(len(_sessions(conversions)), len(sessions)),
            "avg_session_pages": ratio(len(views), len(sessions), 1),
        },
        "traffic_sources": ranking(label(earliest[session].source) for session in sessions),
        "funnel_data": funnel(items, days=days, now=now, zone=zone, holds=holds),
        "recent_conversions": [
            {
                "type": item.action,
                "path": item.bare_path or None,
                "value": number(item.value),
                "timestamp": item.timestamp,
            }
            for item in latest
        ],
    }


def website_visits(
    items: Sequence[WebItem],
    *,
    days: int,
    now: datetime,
    zone: str = "UTC",
    holds: Predicate = everything,
) -> dict[str, Any]:
    """What of `visits` the items tell: those of sessions with an item that holds, whole. Lengths are of
    sessions begun in the days, wherever the item that holds is; the rest of their items in the days."""
    of_session: dict[str, list[WebItem]] = {}
    for item in sorted(items, key=lambda item: item.timestamp):
        of_session.setdefault(item.session_id, []).append(item)
    span = last_days(days, day_of(now, zone))
    begun = [
        own
        for own in of_session.values()
        if day_of(own[0].timestamp, zone) in span and any(holds(item) for item in own)
    ]
    inside = [
        _in_period(own, days, now, zone)
        for own in of_session.values()
        if any(holds(item) for item in _in_period(own, days, now, zone))
    ]
    pages = [
        viewed
        for own in inside
        if (viewed := [item for item in own if item.type == "pageview" and item.bare_path])
    ]
    seconds = sum((own[-1].timestamp - own[0].timestamp).total_seconds() for own in begun)
    return {
        "sessions": len(begun),
        "bounce_rate": percentage(sum(1 for own in begun if len(own) == 1), len(begun)),
        "avg_seconds": ratio(Decimal(str(seconds)), len(begun), 3),
        "entry": ranking(viewed[0].bare_path for viewed in pages),
        "exit": ranking(viewed[-1].bare_path for viewed in pages),
    }
