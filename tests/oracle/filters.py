"""Which numbers hold under a filter. Change it here when implementation and oracle disagree."""

from __future__ import annotations

from typing import Any

# Path in the answer of /stats -> whether it can honour a filter. `previous` follows `summary`.
HONOURS: dict[str, bool] = {
    "summary.total_users": True,
    "summary.active_users_7d": True,
    "summary.active_users_30d": True,
    "summary.new_users": True,
    "summary.total_recordings": True,
    "summary.total_hours_transcribed": True,
    "summary.total_cost_usd": True,
    "summary.success_rate": True,
    "summary.crash_free_rate": True,
    "summary.crash_count": True,
    "summary.crash_rate": True,
    "summary.successful_recordings": True,
    "summary.recording_started_count": True,
    "summary.transcription_completed_count": True,
    "summary.transcription_failed_count": True,
    "summary.app_opened_count": True,
    "daily_stats.active_users": True,
    "daily_stats.new_users": True,
    "daily_stats.events": True,
    "daily_stats.recordings": True,
    "daily_stats.minutes_transcribed": True,
    "daily_stats.cost_usd": True,
    "daily_stats.success_rate": True,
    "daily_stats.crashes": True,
    "daily_stats.crashed_users": True,
    "top_countries": True,
    "growth.new_users_7d": True,
    "growth.new_users_30d": True,
    "growth.retention_7d": False,
    "growth.retention_30d": False,
    "growth.growth_rate_wow": True,
    "growth.churned_30d": False,
    "growth.churn_rate_30d": True,
    "growth.cohorts": False,
    "usage.recordings_per_user": True,
    "usage.avg_session_seconds": False,
    "usage.dau": True,
    "usage.wau": True,
    "usage.mau": True,
    "usage.events_by_name": True,
    "adoption.auto_paste_rate": True,
    "adoption.source_split": True,
    "adoption.dictionary_rate": True,
    # A person's day says that they retried and with which versions, not with which of them.
    "adoption.retry_rate": False,
    "adoption.feature_stickiness": False,
    "quality": True,
    "stability.crash_free_rate": True,
    "stability.crash_rate": True,
    "stability.crashes_per_day": True,
    "stability.crashes_per_week": True,
    "stability.crashes_per_month": True,
    "stability.top_crash_types": True,
    "stability.crashes_by_version": True,
    "stability.crashes_by_os": True,
    "stability.time_to_first_crash": True,
    "stability.sessions": True,
    "stability.errored_sessions": True,
    "stability.crash_free_sessions": True,
    "stability.sessions_per_day": True,
    "stability.sessions_per_week": True,
    "stability.sessions_per_month": True,
    "stability.sessions_by_version": True,
    "costs": True,
}

# A crash has no country, so these cannot be known for one.
CRASH_NUMBERS = frozenset(
    {
        "summary.crash_free_rate",
        "summary.crash_count",
        "summary.crash_rate",
        "daily_stats.crashes",
        "daily_stats.crashed_users",
        "stability.crash_free_rate",
        "stability.crash_rate",
        "stability.crashes_per_day",
        "stability.crashes_per_week",
        "stability.crashes_per_month",
        "stability.top_crash_types",
        "stability.crashes_by_version",
        "stability.crashes_by_os",
        "stability.time_to_first_crash",
    }
)


# What SDKs count themselves is known by version and no more.
SDK_SESSIONS = frozenset(
    path for path in HONOURS if "sessions" in path and path.startswith("stability")
)

# Crashes by day know a version or a system, not both at once.
CROSSED = {
    "app_version": frozenset({"stability.crashes_by_os"}),
    "platform": frozenset({"stability.crashes_by_version"}) | SDK_SESSIONS,
    "platform_family": frozenset({"stability.crashes_by_version"}) | SDK_SESSIONS,
    "country": CRASH_NUMBERS | SDK_SESSIONS,
}


def left_out(filter_name: str | None) -> list[str]:
    """Paths that an answer under this filter does not hold, sorted; a section of which nothing is left
    is named whole."""
    if filter_name is None:
        return []
    return _whole({path for path, able in HONOURS.items() if not able} | CROSSED[filter_name])


# What the events tell under a filter, and days of people and sums do not.
BY_EVENTS = frozenset(
    {
        "usage.avg_session_seconds",
        "adoption.retry_rate",
        "adoption.feature_stickiness",
        "growth.cohorts",
    }
)


def left_out_of_events(can_match_crashes: bool) -> list[str]:
    """The same of an answer that is read from the events."""
    unable = {path for path, able in HONOURS.items() if not able} - BY_EVENTS | SDK_SESSIONS
    unable |= {"summary.total_users"}  # these events reach back no further than the range needs
    return _whole(unable if can_match_crashes else unable | CRASH_NUMBERS)


def _whole(unable: set[str]) -> list[str]:
    for section in {path.partition(".")[0] for path in HONOURS}:
        parts = {path for path in HONOURS if path.startswith(f"{section}.")}
        if parts and parts <= unable:
            unable = unable - parts | {section}
    return sorted(unable)


def strip(answer: dict[str, Any], paths: list[str]) -> None:
    """Remove these paths from an answer, and summary's from `previous` too. A family left empty goes."""
    for path in paths:
        section, _, key = path.partition(".")
        if not key:
            answer.pop(section, None)
            continue
        for name in (section, "previous") if section == "summary" else (section,):
            value = answer.get(name)
            for row in value if isinstance(value, list) else [value]:
                if row is not None:
                    row.pop(key, None)
            if value == {}:
                del answer[name]
