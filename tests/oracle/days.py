"""Calendar days of a zone, periods and buckets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo


def day_of(moment: datetime, zone: str) -> date:
    return moment.astimezone(ZoneInfo(zone)).date()


@dataclass(frozen=True)
class Span:
    """Days from first to last, both included."""

    first: date
    last: date

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    def __len__(self) -> int:
        return (self.last - self.first).days + 1

    def __iter__(self) -> Iterator[date]:
        for number in range(len(self)):
            yield self.first + timedelta(days=number)

    def before(self) -> Span:
        """The span of equal length that ends the day before."""
        size = timedelta(days=len(self))
        return Span(self.first - size, self.last - size)


def last_days(count: int, ending: date) -> Span:
    return Span(ending - timedelta(days=count - 1), ending)


def bucket_of(day: date, group_by: str) -> date:
    """The first day of the day's bucket."""
    if group_by == "day":
        return day
    if group_by == "week":
        return day - timedelta(days=day.weekday())
    if group_by == "month":
        return day.replace(day=1)
    raise ValueError(group_by)


def buckets(span: Span, group_by: str) -> list[tuple[date, list[date]]]:
    """(first day of the bucket, its days that are in the span), ascending."""
    buckets: dict[date, list[date]] = {}
    for day in span:
        buckets.setdefault(bucket_of(day, group_by), []).append(day)
    return sorted(buckets.items())
