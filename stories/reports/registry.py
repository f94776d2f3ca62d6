"""REPORTS: every number that /stats answers, where it stands in the answer and what it reads.

A new one: an SQL file in sql/ and its entry in queries.py (unless a query has it already), a
function in families.py, an entry here, a test.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from stories.catalogue import CRASH, DICTIONARY, EVENT, RETRY, WIDGET
from stories.reports import families, sdk_sessions, summary
from stories.reports.data import ReportData
from stories.reports.filters import Filter
from stories.reports.question import Frame, Span
from stories.reports.summary import EITHER, seen

CORE = ("summary", "daily_stats", "top_countries")
FAMILIES = ("growth", "usage", "adoption", "quality", "stability", "costs")

Window = Callable[[Frame], Span]

# What an answer cannot be told under: a dimension of the rollups that they do not tell it of; "events",
# where the events cannot tell it; "no crashes", conditions by which a crash cannot be told.
CRASHLESS = frozenset({"no crashes"})
COUNTED = frozenset({"version", "platform", "family", "country", "segment"})
BY_EVENTS = frozenset({"events"})
ANY = COUNTED | BY_EVENTS


def span(frame: Frame) -> Span:
    return frame.span


def week(frame: Frame) -> Span:
    return frame.last(7)


def week_before(frame: Frame) -> Span:
    return frame.last(7).before()


def month(frame: Frame) -> Span:
    return frame.last(30)


def month_before(frame: Frame) -> Span:
    return frame.last(30).before()


def two_months(frame: Frame) -> Span:
    return frame.last(60)


def _people(kind: int, window: Window) -> Callable[[ReportData, Frame], int]:
    """A sample: the people of a kind in a window."""
    return lambda data, frame: data.people(kind, window(frame))


@dataclass(frozen=True)
class Report:
    """One number (or list) of METRICS.md.

    section, key: its place; key "" is the section itself. In `daily_stats` a report is a column,
    computed for each bucket. queries: of QUERIES. people: windows of distinct people, by kind;
    arrivals: spans whose new people are wanted. days: the spans whose daily sums are wanted.
    blind: what it cannot be told under, of ANY and CRASHLESS; then it is left out and named in
    `unfiltered`.
    sample: of a rate or a mean, over how many it is; it reads nothing that `shape` does not need.
    """

    section: str
    key: str
    shape: Callable[[ReportData, Frame], Any]
    queries: tuple[str, ...] = ()
    people: tuple[tuple[int, Window], ...] = ()
    arrivals: tuple[Window, ...] = ()
    days: tuple[Window, ...] = ()
    blind: frozenset[str] = frozenset()
    sample: Callable[[ReportData, Frame], int] | None = None

    @property
    def path(self) -> str:
        return f"{self.section}.{self.key}" if self.key else self.section

    def honours(self, filter: Filter, by_events: bool = False) -> bool:
        """by_events: answered from the events, though the rollups have the dimension."""
        if not filter and not by_events:
            return True
        way = "events" if by_events or filter.dimension is None else filter.dimension[0]
        if way in self.blind:
            return False
        return filter.conditions.can_match_crashes or self.blind.isdisjoint(CRASHLESS)


def _summary(key: str, shape: Callable[[ReportData, Frame], Any], **needs: Any) -> Report:
    return Report("summary", key, shape, **needs)


def _daily(key: str, shape: Callable[[ReportData, Frame], Any], **needs: Any) -> Report:
    return Report("daily_stats", key, shape, queries=("buckets",), days=(span,), **needs)


_CRASH_RATES: dict[str, Any] = {
    "people": ((CRASH, span), (EITHER, span)),
    "days": (span,),
    "blind": CRASHLESS,
    "sample": _people(EITHER, span),
}


def _sessions(key: str, shape: Callable[[ReportData, Frame], Any], **needs: Any) -> Report:
    """Of what SDKs count themselves only the version is known."""
    blind = (COUNTED | BY_EVENTS) - {"version"}
    return Report("stability", key, shape, ("sdk_sessions",), blind=blind, **needs)


REPORTS: tuple[Report, ...] = (
    _summary("total_users", summary.total_users, arrivals=(seen,), blind=BY_EVENTS),
    _summary("active_users_7d", summary.active_users_7d, people=((EVENT, week),)),
    _summary("active_users_30d", summary.active_users_30d, people=((EVENT, month),)),
    _summary("new_users", summary.new_users, arrivals=(span,)),
    _summary("total_recordings", summary.recordings, days=(span,)),
    _summary("total_hours_transcribed", summary.hours_transcribed, days=(span,)),
    _summary("total_cost_usd", summary.cost, days=(span,)),
    _summary(
        "success_rate",
        summary.success_rate,
        days=(span,),
        sample=summary.transcriptions_ended,
    ),
    _summary("crash_free_rate", summary.crash_free_rate, **_CRASH_RATES),
    _summary("crash_count", summary.crashes, days=(span,), blind=CRASHLESS),
    _summary("crash_rate", summary.crash_rate, **_CRASH_RATES),
    _summary("successful_recordings", summary.successful_recordings, days=(span,)),
    _summary("recording_started_count", summary.recordings_started, days=(span,)),
    _summary("transcription_completed_count", summary.transcriptions_completed, days=(span,)),
    _summary("transcription_failed_count", summary.transcriptions_failed, days=(span,)),
    _summary("app_opened_count", summary.openings, days=(span,)),
    _daily("active_users", summary.active_users),
    _daily("new_users", summary.new_users),
    _daily("events", summary.events),
    _daily("recordings", summary.recordings),
    _daily("minutes_transcribed", summary.minutes_transcribed),
    _daily("cost_usd", summary.cost),
    _daily("success_rate", summary.success_rate),
    _daily("crashes", summary.crashes, blind=CRASHLESS),
    _daily("crashed_users", summary.crashed_users, blind=CRASHLESS),
    Report("top_countries", "", summary.top_countries, ("states",), people=((EVENT, span),)),
    Report("growth", "new_users_7d", families.new_users_7d, arrivals=(week,)),
    Report("growth", "new_users_30d", families.new_users_30d, arrivals=(month,)),
    Report(
        "growth",
        "retention_7d",
        families.retention_7d,
        ("lifetimes",),
        blind=ANY,
        sample=families.old_7d,
    ),
    Report(
        "growth",
        "retention_30d",
        families.retention_30d,
        ("lifetimes",),
        blind=ANY,
        sample=families.old_30d,
    ),
    Report(
        "growth",
        "growth_rate_wow",
        families.growth_rate_wow,
        people=((EVENT, week), (EVENT, week_before)),
        sample=_people(EVENT, week_before),
    ),
    Report("growth", "churned_30d", families.churned_30d, ("lifetimes",), blind=ANY),
    Report(
        "growth",
        "churn_rate_30d",
        families.churn_rate_30d,
        people=((EVENT, month), (EVENT, month_before), (EVENT, two_months)),
        sample=_people(EVENT, month_before),
    ),
    # Under a filter they need all days of all people, which the rollups would read one by one.
    Report("growth", "cohorts", families.cohorts, ("cohorts",), blind=COUNTED),
    Report(
        "usage",
        "recordings_per_user",
        families.recordings_per_user,
        people=((EVENT, span),),
        days=(span,),
        sample=_people(EVENT, span),
    ),
    Report(
        "usage",
        "avg_session_seconds",
        families.avg_session_seconds,
        ("sessions",),
        blind=COUNTED,
        sample=families.sessions,
    ),
    Report("usage", "dau", families.dau, ("moving",)),
    Report("usage", "wau", families.wau, ("moving",)),
    Report("usage", "mau", families.mau, ("moving",)),
    Report("usage", "events_by_name", families.events_by_name, ("events",)),
    Report(
        "adoption",
        "auto_paste_rate",
        families.auto_paste_rate,
        ("states",),
        people=((EVENT, span),),
        sample=_people(EVENT, span),
    ),
    Report("adoption", "source_split", families.source_split, ("sources",)),
    Report(
        "adoption",
        "dictionary_rate",
        families.dictionary_rate,
        ("dictionary",),
        days=(span,),
        sample=summary.transcriptions_completed,
    ),
    # A person's day knows that they retried and with which versions, not with which of them.
    Report(
        "adoption",
        "retry_rate",
        families.retry_rate,
        people=((RETRY, span), (EVENT, span)),
        blind=COUNTED,
        sample=_people(EVENT, span),
    ),
    Report(
        "adoption",
        "feature_stickiness",
        families.feature_stickiness,
        ("states_7d",),
        people=((EVENT, week), (WIDGET, week), (DICTIONARY, week), (RETRY, week)),
        blind=COUNTED,
        sample=_people(EVENT, week),
    ),
    Report(
        "quality",
        "success_rate",
        summary.success_rate,
        days=(span,),
        sample=summary.transcriptions_ended,
    ),
    Report(
        "quality",
        "processing_time_seconds",
        families.processing_time_seconds,
        ("numbers",),
        sample=families.processing_times,
    ),
    Report("quality", "errors_by_type", families.errors_by_type, ("errors",)),
    Report(
        "quality",
        "avg_startup_seconds",
        families.avg_startup_seconds,
        ("numbers",),
        sample=families.startup_times,
    ),
    Report("stability", "crash_free_rate", summary.crash_free_rate, **_CRASH_RATES),
    Report("stability", "crash_rate", summary.crash_rate, **_CRASH_RATES),
    Report("stability", "crashes_per_day", families.crashes_per_day, days=(span,), blind=CRASHLESS),
    Report(
        "stability", "crashes_per_week", families.crashes_per_week, days=(span,), blind=CRASHLESS
    ),
    Report(
        "stability", "crashes_per_month", families.crashes_per_month, days=(span,), blind=CRASHLESS
    ),
    Report("stability", "top_crash_types", families.top_crash_types, ("crashes",), blind=CRASHLESS),
    # Daily crashes know a version or a system, not both at once.
    Report(
        "stability",
        "crashes_by_version",
        families.crashes_by_version,
        ("crashes",),
        days=(span,),
        blind=CRASHLESS | (COUNTED - {"version"}),
    ),
    Report(
        "stability",
        "crashes_by_os",
        families.crashes_by_os,
        ("crashes",),
        days=(span,),
        blind=CRASHLESS | (COUNTED - {"platform", "family"}),
    ),
    Report(
        "stability",
        "top_issues",
        families.top_issues,
        ("issues",),
        blind=CRASHLESS | {"segment"},
    ),
    Report(
        "stability",
        "time_to_first_crash",
        families.time_to_first_crash,
        ("first_crashes",),
        blind=CRASHLESS,
        sample=families.first_crashes,
    ),
    _sessions("sessions", sdk_sessions.sessions),
    _sessions("errored_sessions", sdk_sessions.errored_sessions),
    _sessions("crash_free_sessions", sdk_sessions.crash_free_sessions, sample=sdk_sessions.sample),
    _sessions("sessions_per_day", sdk_sessions.per_day),
    _sessions("sessions_per_week", sdk_sessions.per_week),
    _sessions("sessions_per_month", sdk_sessions.per_month),
    _sessions("sessions_by_version", sdk_sessions.by_version),
    Report("costs", "total_cost_usd", summary.cost, days=(span,)),
    Report("costs", "cost_7d", families.cost_7d, days=(week,)),
    Report("costs", "cost_30d", families.cost_30d, days=(month,)),
    Report(
        "costs",
        "cost_per_user_30d",
        families.cost_per_user_30d,
        people=((EVENT, month),),
        days=(month,),
        sample=_people(EVENT, month),
    ),
    Report(
        "costs",
        "engagement",
        families.engagement,
        people=((EVENT, week),),
        days=(week,),
        sample=_people(EVENT, week),
    ),
)


def reports_for(sections: tuple[str, ...], filter: Filter, by_events: bool = False) -> list[Report]:
    return [r for r in REPORTS if r.section in sections and r.honours(filter, by_events)]


def unfiltered(sections: tuple[str, ...], filter: Filter, by_events: bool = False) -> list[str]:
    """What an answer under this filter leaves out, sorted; a section of which nothing is left is
    named whole."""
    paths = []
    for section in sections:
        own = [report for report in REPORTS if report.section == section]
        blind = [report.path for report in own if not report.honours(filter, by_events)]
        paths += [section] if len(blind) == len(own) else blind
    return sorted(paths)
