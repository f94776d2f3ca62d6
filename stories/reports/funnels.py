"""Funnels: how many sessions, or people within some days, come through the steps, and how long it takes.

The database puts the events of each person or session together and sends them unsorted; the walk over
them is in chains.py. Sorting a million of them there took longer than all the rest.
"""

from __future__ import annotations

import heapq
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from database import Expression, Transaction
from stories.catalogue import App
from stories.reports.chains import OTHER, Chain, Walk, ranks
from stories.reports.conditions import FIELDS, read_conditions
from stories.reports.filters import Filter
from stories.reports.periods import Days
from stories.reports.rounding import percentage, rounded
from stories.reports.steps import Step, bits_of, events_of

ORDERS = ("strict", "any")
SEGMENT = "segment"
BREAKDOWNS = ("version", "platform_family", "country", "source", "channel", SEGMENT)
# Enough that the people or sessions of a million events are put together in memory.
WORK_MEM = "64MB"
_MICROSECONDS = 1_000_000


@dataclass(frozen=True)
class Funnel:
    """steps: two to chains.MAX_STEPS. within: days from the first step to the last of a person; None:
    within a session. by: one of BREAKDOWNS."""

    app: App
    days: Days
    steps: tuple[Step, ...]
    filter: Filter = field(default_factory=Filter)
    order: str = "strict"
    within: int | None = None
    by: str | None = None


@dataclass
class _Tally:
    """lengths: how many came so far and no further. Of each step: after how long it was reached."""

    lengths: list[int]
    microseconds: list[array[int]]

    @classmethod
    def of(cls, length: int) -> _Tally:
        return cls([0] * (length + 1), [array("q") for _ in range(length)])

    @property
    def counts(self) -> list[int]:
        """How many reached each step."""
        return [sum(self.lengths[step:]) for step in range(1, len(self.lengths))]

    def add(self, chain: Chain) -> None:
        self.lengths[len(chain.microseconds)] += 1
        for step in range(1, len(chain.microseconds)):
            self.microseconds[step].append(chain.microseconds[step])


def count(tx: Transaction, funnel: Funnel) -> dict[str, Any]:
    """{"steps": [{step, count, percentage of the first, dropped from the one before, median_seconds and
    p90_seconds from the first step, of those who reached it}], "by": [{key, steps: [{count,
    percentage}]}] or None}. The key None: those without a value."""
    if funnel.by == SEGMENT:
        return {**count(tx, replace(funnel, by=None)), "by": _by_segment(tx, funnel)}
    values = _values(tx, funnel)
    whole = _Tally.of(len(funnel.steps))
    parts: dict[int, list[int]] = {}
    for _, _, chain in _chains(tx, funnel, values):
        whole.add(chain)
        if funnel.by is not None:
            counts = parts.setdefault(chain.place, [0] * len(funnel.steps))
            for step in range(chain.length):
                counts[step] += 1
    by = None
    if funnel.by is not None:
        names = {0: None, OTHER: "other", **dict(enumerate(values, 1))}
        by = [
            {"key": names[place], "steps": _shares(parts[place])}
            for place in sorted(parts, key=lambda place: (place == OTHER, -parts[place][0], place))
        ]
    return {"steps": _steps(funnel, whole), "by": by}


def stopped(
    tx: Transaction, funnel: Funnel, step: int, limit: int, after: tuple[int, str, str] | None
) -> list[dict[str, Any]]:
    """[{user_id, session_id, at, place}] of those who reached this step, from 1, and not the next: of
    people within days, session_id None; who came latest first. place: as `after`, for the page that
    follows."""
    origin = int(funnel.days.start.timestamp()) * _MICROSECONDS
    rows = (
        (-(origin + chain.at), str(user_id), session_id or "")
        for user_id, session_id, chain in _chains(tx, funnel, [], with_people=True)
        if chain.length == step
    )
    page = heapq.nsmallest(limit, (row for row in rows if after is None or row > after))
    return [
        {
            "user_id": user_id,
            "session_id": session_id or None,
            "at": datetime.fromtimestamp(0, UTC) - timedelta(microseconds=minus_at),
            "place": (minus_at, user_id, session_id),
        }
        for minus_at, user_id, session_id in page
    ]


def _chains(
    tx: Transaction, funnel: Funnel, values: list[str], with_people: bool = False
) -> Iterator[tuple[UUID | None, str | None, Chain]]:
    """(person, session, how far they came) of each who reached the first step."""
    by_session = funnel.within is None
    window = None if funnel.within is None else funnel.within * 86_400 * _MICROSECONDS
    tx.set_local(work_mem=WORK_MEM)
    rows = tx.stream(
        "reports/funnel_codes",
        **funnel.days.moments,
        origin=funnel.days.start.timestamp(),
        events=events_of(funnel.steps),
        steps=bits_of(funnel.steps),
        ranks=ranks(len(funnel.steps)),
        place=_place(funnel, values),
        by_session=by_session,
        with_people=with_people,
        matches=funnel.filter.of_events(),
    )
    next(rows)
    walk = Walk(len(funnel.steps), funnel.order == "strict", window)
    for user_id, session_id, codes in rows:
        if codes is not None:
            for chain in walk.chains(codes, by_session and session_id == ""):
                yield user_id, session_id, chain


def _values(tx: Transaction, funnel: Funnel) -> list[str]:
    """The ten values that most people had at the first step; of sessions, most of who had them."""
    if funnel.by is None:
        return []
    rows = tx.rows(
        "reports/funnel_values",
        **funnel.days.moments,
        first=funnel.steps[0].of_events(),
        value=Expression(FIELDS[funnel.by]),
        by_session=funnel.within is None,
        matches=funnel.filter.of_events(),
    )
    return [row["value"] for row in rows]


def _place(funnel: Funnel, values: list[str]) -> Expression:
    """0: the event has no value; 1 to 10: which; 11: another."""
    if funnel.by is None:
        return Expression("0")
    field = FIELDS[funnel.by]
    place = f"coalesce(array_position(%(values)s::text[], {field}), {OTHER})"
    return Expression(f"case when {field} is null then 0 else {place} end", {"values": values})


def _by_segment(tx: Transaction, funnel: Funnel) -> list[dict[str, Any]]:
    """As the funnel with `segment` of each: who is in two of them counts in both."""
    rows = []
    for segment in funnel.app.segments:
        conditions = funnel.filter.conditions + read_conditions(segment.filter)
        within = replace(funnel.filter, conditions=conditions, segment=None)
        tally = _Tally.of(len(funnel.steps))
        for _, _, chain in _chains(tx, replace(funnel, filter=within, by=None), []):
            tally.add(chain)
        rows.append(
            {
                "key": segment.name,
                "segment": segment.segment_id,
                "steps": _shares(tally.counts),
            }
        )
    return rows


def _shares(counts: list[int]) -> list[dict[str, Any]]:
    return [{"count": each, "percentage": percentage(each, counts[0])} for each in counts]


def _steps(funnel: Funnel, tally: _Tally) -> list[dict[str, Any]]:
    rows, counts = [], tally.counts
    for place, step in enumerate(funnel.steps):
        microseconds = sorted(tally.microseconds[place])
        rows.append(
            {
                "step": str(step),
                "count": counts[place],
                "percentage": percentage(counts[place], counts[0]),
                "dropped": counts[place - 1] - counts[place] if place else 0,
                "median_seconds": _at(microseconds, 50),
                "p90_seconds": _at(microseconds, 90),
            }
        )
    return rows


def _at(ordered: list[int], percent: int) -> float | None:
    """The percentile by nearest rank, in seconds."""
    if not ordered:
        return None
    return rounded(ordered[-(-percent * len(ordered) // 100) - 1] / _MICROSECONDS, 3)
