"""Milliseconds since 1970 (UTC) are the generator's clock; these turn them into days and text."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

DAY_MS = 86_400_000
MINUTE_MS = 60_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTES = [f"T{minute // 60:02d}:{minute % 60:02d}:" for minute in range(1440)]


def to_ms(moment: datetime) -> int:
    """Milliseconds of an aware datetime; exact, unlike going through a float."""
    return (moment - _EPOCH) // timedelta(milliseconds=1)


@lru_cache(maxsize=4096)
def _date_text(day: int) -> str:
    return (date(1970, 1, 1) + timedelta(days=day)).isoformat()


def iso(ms: int) -> str:
    """ISO 8601 with milliseconds and Z. Twice as fast as datetime.isoformat, and it is the hot path."""
    day, rest = divmod(ms, DAY_MS)
    minute, rest = divmod(rest, MINUTE_MS)
    return f"{_date_text(day)}{_MINUTES[minute]}{rest // 1000:02d}.{rest % 1000:03d}Z"


def weekday(day: int) -> int:
    """Monday is 0. Day 0 of the epoch was a Thursday."""
    return (day + 3) % 7


@lru_cache(maxsize=65536)
def offset_minutes(zone: str, day: int) -> int:
    """Offset from UTC at the start of a UTC day; daylight saving follows with a day's slack."""
    moment = _EPOCH + timedelta(days=day)
    offset = moment.astimezone(ZoneInfo(zone)).utcoffset()
    return 0 if offset is None else int(offset.total_seconds() // 60)


def parse_ms(text: str) -> int:
    """The inverse of `iso`."""
    return to_ms(datetime.fromisoformat(text))
