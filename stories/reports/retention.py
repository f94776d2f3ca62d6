"""Retention: of those who did one thing, how many came back to do another, by day, week or month."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from database import Row, Transaction
from stories.catalogue import App
from stories.reports.filters import Filter
from stories.reports.periods import Days
from stories.reports.question import Span, bucket_of, buckets
from stories.reports.rounding import percentage
from stories.reports.steps import Step

INTERVALS = ("day", "week", "month")
FIRST = ("ever", "any")
ANY_EVENT = Step("")
MOST = 120  # intervals of an answer
_LONGEST = {"day": 31, "week": 200}  # days up to which this interval is the default


@dataclass(frozen=True)
class Retention:
    """starts, returns: what people did, and what they came back to do. first: "ever", people count whose
    first time ever is in the period; "any", those who did it, in each interval anew. unbounded: who
    comes back counts in the intervals before too. filter: of both events."""

    app: App
    days: Days
    interval: str
    starts: Step = ANY_EVENT
    returns: Step = ANY_EVENT
    first: str = "ever"
    unbounded: bool = False
    filter: Filter = field(default_factory=Filter)

    @property
    def intervals(self) -> list[tuple[date, Span]]:
        return list(buckets(Span(self.days.first, self.days.last), self.interval))

    @property
    def is_rolled_up(self) -> bool:
        """Whether the days of people answer it, whatever they did on them."""
        return self.starts == ANY_EVENT == self.returns and not self.filter


def default_interval(days: Days) -> str:
    length = (days.last - days.first).days + 1
    return next((name for name, most in _LONGEST.items() if length <= most), "month")


def count(tx: Transaction, question: Retention, today: date) -> dict[str, Any]:
    """{"cohorts": [{start: first day of the interval, size, returned: [people in the same interval, in
    the next…]}], "average": [percent…]}: as far as the period goes. An interval that is not over, or not
    whole in the period, has null. average: of the sizes of the cohorts that have the interval."""
    people: dict[tuple[date, date | None], int] = {
        (row["cohort"], row["returned"]): row["people"] for row in _rows(tx, question)
    }
    intervals = question.intervals
    is_whole = [_is_whole(span, question.interval, today) for _, span in intervals]
    starts = [first for first, _ in intervals]
    cohorts = []
    for place, start in enumerate(starts):
        returned = [people.get((start, later), 0) for later in starts[place:]]
        if question.unbounded:
            returned = [sum(returned[number:]) for number in range(len(returned))]
        cohorts.append(
            {
                "start": str(start),
                "size": people.get((start, None), 0),
                "returned": [
                    value if whole else None
                    for value, whole in zip(returned, is_whole[place:], strict=True)
                ],
            }
        )
    return {"cohorts": cohorts, "average": _average(cohorts)}


def _rows(tx: Transaction, question: Retention) -> list[Row]:
    how = {
        "interval": question.interval,
        "of_first": question.first == "ever",
        "only_last": question.unbounded,
    }
    if question.is_rolled_up:
        return tx.rows("reports/retention_any", **question.days.days, **how)
    return tx.rows(
        "reports/retention",
        **question.days.moments,
        **how,
        starts=question.starts.of_events(),
        returns=question.returns.of_events(),
        matches=question.filter.of_events(),
    )


def _is_whole(span: Span, interval: str, today: date) -> bool:
    """Whether the interval is over, and its end within the period. What lies before the period takes
    nothing away: nobody had started then."""
    following = span.last + timedelta(days=1)
    return span.last < today and bucket_of(following, interval) == following


def _average(cohorts: list[dict[str, Any]]) -> list[float | None]:
    average = []
    for number in range(len(cohorts)):
        pairs = [
            (cohort["returned"][number], cohort["size"])
            for cohort in cohorts[: len(cohorts) - number]
            if cohort["returned"][number] is not None
        ]
        average.append(
            percentage(sum(back for back, _ in pairs), sum(size for _, size in pairs))
            if pairs
            else None
        )
    return average
