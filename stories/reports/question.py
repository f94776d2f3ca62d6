"""The question of a request to /stats: of which app, about which days, grouped and filtered how."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache

from stories.catalogue import App
from stories.reports.filters import NO_FILTER, Filter

PERIODS = {"7d": 7, "30d": 30, "90d": 90, "all": None}
GROUPINGS = ("day", "week", "month")
# Parameters that stand for a condition each -> its field.
FILTERS = {"app_version": "version", "platform": "platform", "country": "country"}
# What `previous` of an answer is about: the period before, the same weekdays before, a year before.
COMPARISONS = ("previous", "weekdays", "year", "none")


@dataclass(frozen=True)
class Span:
    """Days from first to last, both included."""

    first: date
    last: date

    def __len__(self) -> int:
        return (self.last - self.first).days + 1

    def __iter__(self) -> Iterator[date]:
        for number in range(len(self)):
            yield self.first + timedelta(days=number)

    @property
    def dates(self) -> dict[str, str]:
        return {"from": self.first.isoformat(), "to": self.last.isoformat()}

    def before(self) -> Span:
        """The span of equal length that ends the day before."""
        return self.earlier(len(self))

    def earlier(self, days: int) -> Span:
        return Span(self.first - timedelta(days=days), self.last - timedelta(days=days))

    def same_weekdays_before(self) -> Span:
        """The latest span of equal length that begins on the same weekday and does not overlap."""
        return self.earlier(-(-len(self) // 7) * 7)

    def year_before(self) -> Span:
        """The same dates of the year before; of 29 February the day before."""
        return Span(_year_before(self.first), _year_before(self.last))


def _year_before(day: date) -> date:
    last_year = day.year - 1
    return day.replace(year=last_year, day=28 if (day.month, day.day) == (2, 29) else day.day)


def last_days(count: int, ending: date) -> Span:
    return Span(ending - timedelta(days=count - 1), ending)


@dataclass(frozen=True)
class Frame:
    """A span to answer about, and the day from which "the last N days" and "ever" are seen.
    seen_by None: everybody there has been."""

    span: Span
    as_of: date
    seen_by: date | None = None

    def last(self, days: int) -> Span:
        return last_days(days, self.as_of)


@dataclass(frozen=True)
class Question:
    """period: a key of PERIODS, or None when first and last are given. sections: of reports.registry,
    what the answer is to hold. compare: of COMPARISONS, what `previous` is about, unless `against`
    names its days. only: sections, and paths of numbers, that alone are wanted, () for all of
    `sections`. Two questions that are equal have the same answer until the next fold."""

    app: App = field(compare=False, repr=False)
    app_id: int
    timezone: str
    today: date
    sections: tuple[str, ...]
    period: str | None = "30d"
    first: date | None = None
    last: date | None = None
    group_by: str = "day"
    filter: Filter = NO_FILTER
    compare: str = "previous"
    against: Span | None = None
    only: tuple[str, ...] = ()

    @property
    def dim(self) -> str:
        """Of the rollups that answer it, beside `value`; none where the events have to."""
        return (self.filter.dimension or ("none", ""))[0]

    @property
    def value(self) -> str:
        return (self.filter.dimension or ("none", ""))[1]

    @property
    def since(self) -> date | None:
        """The first day, as far as the question alone knows it: `all` has to look."""
        if self.period is None:
            return self.first
        days = PERIODS[self.period]
        return None if days is None else last_days(days, self.today).first

    @property
    def until(self) -> date:
        return self.last or self.today

    def frame(self, first_event: date | None) -> Frame:
        """`all` starts at the first event; without one, today."""
        since = self.since or min(first_event or self.today, self.today)
        return Frame(Span(since, self.until), self.today)

    def previous(self, frame: Frame) -> Frame | None:
        """What the frame is compared with, as of its last day; `all` has nothing before it."""
        before = self.against or self._before(frame.span)
        return Frame(before, before.last, before.last) if before else None

    def _before(self, span: Span) -> Span | None:
        if self.period == "all" or self.compare == "none":
            return None
        if self.compare == "weekdays":
            return span.same_weekdays_before()
        return span.year_before() if self.compare == "year" else span.before()


def bucket_of(day: date, group_by: str) -> date:
    """The first day of the day's bucket; weeks are ISO weeks."""
    if group_by == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if group_by == "month" else day


@lru_cache(maxsize=16)  # an answer of a year looks through its days five times
def buckets(span: Span, group_by: str) -> tuple[tuple[date, Span], ...]:
    """(the bucket's own first day, its days that are in the span), ascending, without gaps."""
    spans: dict[date, Span] = {}
    for day in span:
        first = bucket_of(day, group_by)
        spans[first] = Span(spans[first].first if first in spans else day, day)
    return tuple(spans.items())
