"""The event catalogue: which events a kind of app sends, and which properties may be counted.

Only what is declared here (or registered with an app) is rolled up. Rollups are kept for good, so
free text is never declared: messages, prompts and error texts stay in their events and go with them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

MAX_NUMBER = 1e12


@dataclass(frozen=True)
class Property:
    """A countable property.

    type: number (sums, percentiles), enum or boolean (counts by value), label (a short identifier;
    counts by value, capped in variety, the rest under "other"). values: an enum's.
    high: a number's greatest value; below 0 nothing counts (METRICS.md).
    """

    type: Literal["number", "enum", "boolean", "label"]
    values: tuple[str, ...] = ()
    high: float = MAX_NUMBER


NUMBER = Property("number")
BOOLEAN = Property("boolean")
LABEL = Property("label")

Event = dict[str, Property]

SOURCE = Property("enum", ("widget", "main_window", "main"))
DURATION = {"audio_duration_seconds": NUMBER, "duration_seconds": NUMBER}
COST = {"estimated_cost_usd": NUMBER, "cost_usd": NUMBER}

DESKTOP: dict[str, Event] = {
    "app_opened": {"startup_time_seconds": NUMBER},
    "recording_started": {"source": SOURCE},
    "recording_completed": {
        **DURATION,
        **COST,
        "processing_time_seconds": NUMBER,
        "source": SOURCE,
        "success": BOOLEAN,
    },
    "transcription_completed": {
        **DURATION,
        **COST,
        "processing_time_seconds": NUMBER,
        "source": SOURCE,
        "success": BOOLEAN,
        "dictionary_used": BOOLEAN,
    },
    "transcription_failed": {"error_type": LABEL},
    "feature_toggled": {"feature": LABEL, "enabled": BOOLEAN},
    "retry_attempted": {},
}

CATALOGUES: dict[str, dict[str, Event]] = {
    "desktop": DESKTOP,
    "website": {},
    "generator": {},
    "bot": {},
}


@dataclass(frozen=True)
class App:
    app_id: int
    slug: str
    kind: str
    name: str
    timezone: str
    retention_days: int
    ingest_key: str
    is_default: bool

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    def accepts(self, now: datetime) -> tuple[datetime, datetime]:
        """The oldest and newest timestamp that intake takes: up to two days less than the retention,
        so that nothing expired returns as new, and a day ahead for clocks that are off."""
        return now - timedelta(days=self.retention_days - 2), now + timedelta(days=1)

CRASH_TYPES = ("main_crash", "renderer_crash", "uncaught_error", "unhandled_rejection")


def is_countable_number(value: Any) -> bool:
    """A number as METRICS.md means it: not a boolean, finite, 0 or more."""
    return type(value) in (int, float) and 0 <= value <= MAX_NUMBER
