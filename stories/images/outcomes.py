"""How a try may end, other than well. None of their texts holds an address, a token or content."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


class Rejected(Exception):
    """It will never work; tried no more. code: stable reason."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(f"{code}: {sentence}")
        self.code = code


class TryAgain(Exception):
    """It may work later. after: seconds that the other side asked to wait."""

    def __init__(self, sentence: str, after: float | None = None) -> None:
        super().__init__(sentence)
        self.after = after


class StoreBusy(TryAgain):
    """The store takes nothing from us for now, whatever the image."""


class Misconfigured(StoreBusy):
    """The store takes nothing until the operator has changed something, such as a token."""


class NoToken(TryAgain):
    """It is at Cloudflare, and the settings that lead there are gone."""


def retry_after(header: str | None, now: datetime | None = None) -> float | None:
    """Seconds from a Retry-After header (RFC 9110, 10.2.3: seconds or a date); None without a
    usable one."""
    text = (header or "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        when = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return max(0.0, (when - (now or datetime.now(UTC))).total_seconds())
