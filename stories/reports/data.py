"""What the statements of one answer have read, looked up in the terms of METRICS.md: distinct people of
a span, new people of a span, sums over a span."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from datetime import date
from itertools import accumulate
from typing import Any

from database import Row
from stories.reports.question import Question, Span, buckets
from stories.reports.rounding import Number

SUMS = (
    "events",
    "recordings",
    "transcriptions",
    "failures",
    "unsuccessful",
    "unsuccessful_recordings",
    "opened",
    "started",
    "seconds",
    "cost",
    "crashes",
)
EVER = Span(date.min, date.max)


class RunningSums:
    """Sums over any span of days, as differences of running sums. rows: of days, ascending."""

    def __init__(self, rows: list[Row]) -> None:
        self._days: list[date] = [row["day"] for row in rows]
        self._places: tuple[Span | None, int, int] = (None, 0, 0)
        self._running: dict[str, list[Any]] = {
            column: list(accumulate((row[column] for row in rows), initial=0)) for column in SUMS
        }

    def total(self, column: str, span: Span) -> Number:
        _, start, end = self._places
        if self._places[0] is not span:  # a day's columns are asked for one after the other
            start, end = bisect_left(self._days, span.first), bisect_right(self._days, span.last)
            self._places = span, start, end
        running = self._running[column]
        total: Number = running[end] - running[start]
        return total


class ReportData:
    """The data that the reports of one answer share. rows: by query of QUERIES, its rows. People and
    arrivals are known for the spans that were read, and asking for another is a KeyError. dim: of the
    rollups that were read; "none" where it was the events. told: how the rollups know the
    filter's value, as reports/stats_coverage says."""

    def __init__(self, question: Question, dim: str, told: Row) -> None:
        self.question = question
        self.dim = dim
        self.told = told
        self.rows: dict[str, list[Row]] = {}
        self._people: dict[tuple[int, date, date], int] = {}
        self._arrivals: dict[tuple[date, date], int] = {}
        self.sums = RunningSums([])

    def add_people(self, kind: int, span: Span, people: Any) -> None:
        self._people[kind, span.first, span.last] = int(people)

    def add_arrivals(self, span: Span, people: Any) -> None:
        self._arrivals[span.first, span.last] = int(people)

    def add_buckets(self, span: Span, rows: list[Row], event: int, crash: int) -> None:
        """Distinct and new people per bucket; a bucket without any has no row."""
        by_bucket = {row["bucket"]: row for row in rows}
        for first, days in buckets(span, self.question.group_by):
            row = by_bucket.get(first, {})
            self.add_people(event, days, row.get("active_users") or 0)
            self.add_people(crash, days, row.get("crashed_users") or 0)
            self.add_arrivals(days, row.get("new_users") or 0)

    def people(self, kind: int, span: Span) -> int:
        """Distinct people of a kind (catalogue's bits; 0: an event or a crash) in the span."""
        return self._people[kind, span.first, span.last]

    def arrivals(self, span: Span) -> int:
        """People whose first event is in the span."""
        return self._arrivals[span.first, span.last]

    def total(self, column: str, span: Span) -> Number:
        """One of SUMS over the span."""
        return self.sums.total(column, span)

    def count(self, column: str, span: Span) -> int:
        return int(self.total(column, span))

    def counts_by(self, column: str, span: Span, group_by: str) -> list[tuple[date, int]]:
        """(bucket, sum) of a column, without gaps."""
        return [(first, self.count(column, days)) for first, days in buckets(span, group_by)]
