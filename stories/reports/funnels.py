"""Funnels over any steps, read from the events themselves: in order within a session, or within N days
of a person.

One pass over the events that match any step, ordered by person and time. For each step is kept the
latest start of a chain that reaches it: a later start leaves more of the window, so nothing is lost
by forgetting earlier ones.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import msgspec

from database import Transaction
from stories.catalogue import App
from stories.reports.periods import Days
from stories.reports.rounding import percentage

MAX_STEPS = 10


def steps_of(names: list[str]) -> list[dict[str, str | None]]:
    """A step that starts with / is a path prefix of page views, else an event's name."""
    return [
        {"event": None, "prefix": name} if name.startswith("/") else {"event": name, "prefix": None}
        for name in names
    ]


def counted(
    tx: Transaction, app: App, days: Days, names: list[str], within_days: int | None
) -> list[dict[str, Any]]:
    """[{step, count, percentage of the first, dropped from the one before}]."""
    rows = tx.stream(
        "reports/funnels_steps",
        **days.moments,
        steps=msgspec.json.encode(steps_of(names)).decode(),
        by_session=within_days is None,
    )
    next(rows)
    counts = reached(rows, len(names), None if within_days is None else timedelta(days=within_days))
    return [
        {
            "step": name,
            "count": count,
            "percentage": percentage(count, counts[0]),
            "dropped": counts[place - 1] - count if place else 0,
        }
        for place, (name, count) in enumerate(zip(names, counts, strict=True))
    ]


def reached(
    rows: Iterable[tuple[Any, str, datetime, list[int]]], length: int, window: timedelta | None
) -> list[int]:
    """rows: (person, session, time, the steps that the event matches, from 1), by person, session
    and time. Returns how many persons (with a window) or sessions (without) reached each step."""
    counts = [0] * length
    current: Any = None
    starts: list[datetime | None] = []
    for person, session, moment, matched in rows:
        whose = person if window is not None else (person, session)
        if whose != current:
            _add(counts, starts)
            current, starts = whose, [None] * length
        for step in sorted(matched, reverse=True):  # one event is one step further, not two
            begun = moment if step == 1 else starts[step - 2]
            if begun is not None and (window is None or moment - begun <= window):
                starts[step - 1] = begun
    _add(counts, starts)
    return counts


def _add(counts: list[int], starts: list[datetime | None]) -> None:
    for place, begun in enumerate(starts):
        counts[place] += begun is not None
