"""The statements reports read with: which file under which circumstances, and its parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from stories.reports.question import Frame, Question

Params = dict[str, Any]


@dataclass(frozen=True)
class Query:
    """sql: a file in sql/. filtered: the one under a filter. past, past_filtered: those for ranges that
    ended before today. today: the range is the last so many days instead of the question's. params:
    fixed ones beside those of `parameters`."""

    sql: str
    filtered: str | None = None
    past: str | None = None
    past_filtered: str | None = None
    today: int | None = None
    params: Mapping[str, str] = field(default_factory=dict)

    def file(self, question: Question) -> str:
        is_filtered = question.dim != "none"
        is_past = self.today is None and question.until < question.today
        past = self.past_filtered if is_filtered else self.past
        if is_past and past:
            return past
        if is_filtered and self.filtered:
            return self.filtered
        return self.sql

    def parameters(self, question: Question, frame: Frame, told: Params) -> Params:
        """told: facet, names and bit, as reports/stats_coverage tells the filter's value."""
        span = frame.last(self.today) if self.today else frame.span
        return {
            "app_id": question.app_id,
            "timezone": question.timezone,
            "today": question.today,
            "first": span.first,
            "last": span.last,
            "group_by": question.group_by,
            "dim": question.dim,
            "value": question.value,
            "facet": told["facet"],
            "names": told["names"],
            "bit": told["bit"],
            "named_first": told["named_first"],
            "named_last": told["named_last"],
            "matches": question.filter.crashes,
            **self.params,
        }


def labels(event: str, property: str) -> Query:
    return Query("reports/stats_labels", params={"event": event, "property": property})


QUERIES: dict[str, Query] = {
    "buckets": Query("reports/stats_buckets"),
    "states": Query(
        "reports/stats_traits",
        past="reports/stats_traits_past",
        past_filtered="reports/stats_traits_past_filtered",
    ),
    "states_7d": Query("reports/stats_traits", today=7),
    "lifetimes": Query("reports/stats_lifetimes"),
    "cohorts": Query("reports/stats_cohorts"),
    "moving": Query("reports/stats_rolling_people"),
    "sessions": Query("reports/stats_sessions"),
    "events": Query("reports/stats_events"),
    "sources": labels("recording_completed", "source"),
    "dictionary": labels("transcription_completed", "dictionary_used"),
    "errors": labels("transcription_failed", "error_type"),
    "numbers": Query("reports/stats_numbers"),
    "crashes": Query("reports/stats_crashes"),
    "issues": Query("reports/stats_issues"),
    "first_crashes": Query(
        "reports/stats_first_crashes", filtered="reports/stats_first_crashes_filtered"
    ),
    "sdk_sessions": Query("reports/stats_sdk_sessions"),
}

# Asked apart from the list, once per answer and for several spans together.
STATE = "reports/stats_coverage"
ARE_COUNTED = "reports/facts_are_counted"
DAYS = "reports/stats_daily_sums"
PEOPLE = "reports/stats_distinct_people"
ARRIVALS = "reports/stats_arrivals"
