"""The oracle against examples small enough to count by hand: METRICS.md, sentence by sentence."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.oracle import (
    FAMILIES,
    HONOURS,
    BotEvent,
    Crash,
    Event,
    Generation,
    Visit,
    WebItem,
    accept,
    bot_stats,
    bot_timeline,
    bot_users,
    compare,
    crash_from_payload,
    event_from_payload,
    funnel,
    generation_analytics,
    instant,
    stats,
    website_metrics,
)

NOW = instant("2026-11-21T12:00:00Z")  # a Saturday


def at(text: str) -> datetime:
    """ "11-20" or "11-20 13:30" of 2026, UTC; noon when no time is given."""
    day, _, time = text.partition(" ")
    return instant(f"2026-{day}T{time or '12:00'}:00Z")


def event(person: str, name: str, when: str, **columns: Any) -> Event:
    names = ("app_version", "platform", "country", "session_id", "app")
    own = {key: columns.pop(key) for key in names if key in columns}
    return Event(person, name, at(when), columns, **own)


def crash(person: str, when: str, crash_type: str = "main_crash", **columns: Any) -> Crash:
    return Crash(person, at(when), crash_type, **columns)


def done(person: str, when: str, **properties: Any) -> Event:
    return event(person, "transcription_completed", when, **properties)


def recorded(person: str, when: str, **properties: Any) -> Event:
    return event(person, "recording_completed", when, **properties)


def opened(person: str, when: str, **properties: Any) -> Event:
    return event(person, "app_opened", when, **properties)


def answer(events: list[Event], crashes: list[Crash] | None = None, **options: Any) -> Any:
    return stats(events, crashes or [], **{"now": NOW, **options})


def summary(events: list[Event], crashes: list[Crash] | None = None, **options: Any) -> Any:
    return answer(events, crashes, **options)["summary"]


# Days and periods


def test_a_period_of_n_days_is_today_and_the_days_before_it() -> None:
    found = answer([opened("a", "11-15"), opened("b", "11-14")], period="7d")
    assert (found["period"], found["from"], found["to"]) == ("7d", "2026-11-15", "2026-11-21")
    assert found["summary"]["new_users"] == 1
    assert len(found["daily_stats"]) == 7


def test_all_starts_at_the_first_event_and_not_at_a_crash() -> None:
    found = answer([opened("a", "11-19")], [crash("a", "11-10")], period="all")
    assert found["from"] == "2026-11-19"
    assert found["summary"]["crash_count"] == 0
    assert "previous" not in found


def test_from_and_to_both_belong_to_the_period() -> None:
    events = [opened("a", "11-10"), opened("b", "11-12"), opened("c", "11-13")]
    found = answer(events, start=date(2026, 11, 10), end=date(2026, 11, 12))
    assert found["summary"]["new_users"] == 2
    assert found["period"] is None
    assert found["summary"]["active_users_7d"] == 0, "counted from today, whatever P is"
    assert found["summary"]["active_users_30d"] == 3


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York"])
def test_days_are_calendar_days_of_the_zone_also_when_clocks_change(zone: str) -> None:
    autumn = date(2026, 10, 25) if zone == "Europe/Berlin" else date(2026, 11, 1)
    midnight = datetime(autumn.year, autumn.month, autumn.day, tzinfo=ZoneInfo(zone))
    next_midnight = (midnight + timedelta(days=1)).replace(tzinfo=ZoneInfo(zone))
    assert next_midnight.astimezone(UTC) - midnight.astimezone(UTC) == timedelta(hours=25)
    second = timedelta(seconds=1)
    moments = [
        midnight.astimezone(UTC) - second,
        midnight.astimezone(UTC),
        next_midnight.astimezone(UTC) - second,
        next_midnight.astimezone(UTC),
    ]
    events = [Event("a", "app_opened", moment) for moment in moments]
    rows = answer(events, zone=zone, period="all")["daily_stats"]
    counted = {row["date"]: row["events"] for row in rows if row["events"]}
    assert counted == {
        (autumn - timedelta(days=1)).isoformat(): 1,
        autumn.isoformat(): 2,
        (autumn + timedelta(days=1)).isoformat(): 1,
    }


def test_today_is_the_day_of_the_zone() -> None:
    late = instant("2026-11-21T23:30:00Z")
    assert answer([], now=late, zone="Europe/Berlin", period="7d")["to"] == "2026-11-22"
    assert answer([], now=late, zone="America/New_York", period="7d")["to"] == "2026-11-21"


# Summary


def test_it_counts_people_ever_seen_active_and_new() -> None:
    events = [
        opened("a", "08-01"),
        opened("a", "11-21"),
        opened("b", "11-20"),
        opened("c", "10-30"),
    ]
    found = summary(events, period="7d")
    assert found["total_users"] == 3
    assert (found["active_users_7d"], found["active_users_30d"]) == (2, 3)
    assert found["new_users"] == 1


def test_success_false_is_a_failure_and_absence_is_not() -> None:
    events = [
        done("a", "11-20 10:00"),
        done("a", "11-20 10:01", success=True),
        done("a", "11-20 10:02", success=False),
        done("a", "11-20 10:03", success="false"),
        event("a", "transcription_failed", "11-20 10:04"),
    ]
    assert summary(events)["success_rate"] == Decimal("60.0")


def test_rates_round_half_away_from_zero() -> None:
    events = [done("a", f"11-20 {n // 60:02d}:{n % 60:02d}", success=n < 1) for n in range(16)]
    assert summary(events)["success_rate"] == Decimal("6.3"), "1/16 is 6.25"


def test_durations_come_from_transcriptions_of_a_day_else_from_its_recordings() -> None:
    events = [
        done("a", "11-19 10:00", audio_duration_seconds=60),
        recorded("a", "11-19 10:01", audio_duration_seconds=500),
        done("a", "11-20 10:00"),
        recorded("a", "11-20 10:01", duration_seconds=120, success=True),
        recorded("a", "11-20 10:02", audio_duration_seconds=999, success=False),
    ]
    found = answer(events, period="7d")
    minutes = {row["date"]: row["minutes_transcribed"] for row in found["daily_stats"]}
    assert minutes["2026-11-19"] == 1
    assert minutes["2026-11-20"] == 2
    assert found["summary"]["total_hours_transcribed"] == Decimal("0.05")


def test_costs_follow_the_same_rule_on_their_own() -> None:
    events = [
        done("a", "11-20 10:00", audio_duration_seconds=60),
        recorded("a", "11-20 10:01", cost_usd=0.006, audio_duration_seconds=30),
        recorded("a", "11-20 10:02", estimated_cost_usd=0.1, success=False),
    ]
    found = answer(events, period="7d")
    assert found["summary"]["total_cost_usd"] == Decimal("0.006")
    assert found["daily_stats"][5]["minutes_transcribed"] == 1
    assert found["daily_stats"][5]["cost_usd"] == Decimal("0.006")


@pytest.mark.parametrize(
    "wrong", ["60", True, -1, None, [60], {"s": 60}, float("nan"), float("inf"), 1e15]
)
def test_a_value_that_is_no_number_leaves_the_other_name(wrong: Any) -> None:
    events = [done("a", "11-20", audio_duration_seconds=wrong, duration_seconds=120)]
    assert summary(events)["total_hours_transcribed"] == Decimal("0.03")


def test_sums_are_of_decimal_texts_and_not_of_floats() -> None:
    events = [done("a", f"11-20 10:{n:02d}", estimated_cost_usd=0.1) for n in range(3)]
    assert summary(events)["total_cost_usd"] == Decimal("0.3")


def test_a_zero_duration_counts_as_carried() -> None:
    events = [
        done("a", "11-20 10:00", audio_duration_seconds=0),
        recorded("a", "11-20 10:01", audio_duration_seconds=3600),
    ]
    assert summary(events)["total_hours_transcribed"] == 0


def test_crash_numbers_divide_by_people_with_an_event_or_a_crash() -> None:
    events = [opened("a", "11-20"), opened("b", "11-20")]
    crashes = [crash("a", "11-20"), crash("c", "11-20"), crash("c", "11-21")]
    found = summary(events, crashes)
    assert found["crash_free_rate"] == Decimal("33.3")
    assert found["crash_count"] == 3
    assert found["crash_rate"] == 1
    assert found["active_users_7d"] == 2, "a crash makes nobody active"
    assert found["total_users"] == 2


def test_what_cannot_be_divided_is_null_and_the_rest_zero() -> None:
    found = answer([], period="all")
    assert (found["from"], found["to"]) == ("2026-11-21", "2026-11-21")
    nulls = {key for key, value in found["summary"].items() if value is None}
    assert nulls == {"success_rate", "crash_free_rate", "crash_rate"}
    assert all(not value for value in found["summary"].values())
    assert found["adoption"]["auto_paste_rate"] is None
    assert found["usage"]["avg_session_seconds"] is None
    assert found["quality"]["processing_time_seconds"] == {"avg": None, "p50": None, "p95": None}
    assert found["stability"]["time_to_first_crash"] == {"median": None, "mean": None}
    assert found["costs"]["cost_per_user_30d"] is None
    assert found["growth"]["cohorts"] == []
    assert found["top_countries"] == []


def test_testers_count_nowhere() -> None:
    events = [opened("a", "11-20"), opened("t", "08-01", country="DE")]
    found = answer(events, [crash("t", "11-20")], testers=["T"], period="all")
    assert found["from"] == "2026-11-20"
    assert found["summary"]["total_users"] == 1
    assert found["summary"]["crash_count"] == 0
    assert found["top_countries"] == []


def test_apps_are_apart() -> None:
    events = [opened("a", "11-20"), opened("b", "11-20", app="other")]
    assert summary(events, app="other")["total_users"] == 1


# Rows, countries, previous


def test_weeks_begin_on_monday_and_only_days_in_the_period_count() -> None:
    # The 7 days from Sunday 15th: that Sunday is in the week of Monday 9th.
    events = [
        opened("a", "11-14"),
        opened("a", "11-15"),
        opened("a", "11-16"),
        opened("a", "11-17"),
    ]
    rows = answer(events, period="7d", group_by="week")["daily_stats"]
    assert [(r["date"], r["events"], r["active_users"], r["new_users"]) for r in rows] == [
        ("2026-11-09", 1, 1, 0),
        ("2026-11-16", 2, 1, 0),
    ]


def test_months_have_no_gaps_and_count_people_once() -> None:
    events = [opened("a", "08-30"), opened("a", "08-31"), opened("b", "10-01")]
    rows = answer(events, [crash("b", "10-02")] * 2, period="90d", group_by="month")["daily_stats"]
    assert [(r["date"], r["active_users"], r["crashes"], r["crashed_users"]) for r in rows] == [
        ("2026-08-01", 1, 0, 0),
        ("2026-09-01", 0, 0, 0),
        ("2026-10-01", 1, 2, 1),
        ("2026-11-01", 0, 0, 0),
    ]


def test_rows_have_their_keys_and_their_own_success_rate() -> None:
    row = answer([done("a", "11-21", success=False)], period="7d")["daily_stats"][-1]
    assert list(row) == [
        "date", "active_users", "new_users", "events", "recordings", "minutes_transcribed",
        "cost_usd", "success_rate", "crashes", "crashed_users",
    ]  # fmt: skip
    assert row["success_rate"] == 0


def test_a_person_counts_for_the_latest_country_that_an_event_names() -> None:
    events = [
        opened("a", "11-18", country="DE"),
        opened("a", "11-19", country="FR"),
        opened("a", "11-20", country="XX"),
        opened("a", "11-21"),
        opened("b", "11-20", country="DE"),
        opened("c", "11-20", country="XX"),
        opened("d", "11-20", country="FR"),
        opened("gone", "01-05", country="US"),
    ]
    assert answer(events, period="7d")["top_countries"] == [
        {"country": "FR", "users": 2, "percentage": Decimal("50.0")},
        {"country": "DE", "users": 1, "percentage": Decimal("25.0")},
    ]


def test_countries_are_ten_at_most_and_then_by_code() -> None:
    codes = ["AA", "AB", "AC", "AD", "AE", "AF", "AG", "AH", "AI", "AJ", "AK"]
    events = [opened(code, "11-20", country=code) for code in reversed(codes)]
    assert [row["country"] for row in answer(events)["top_countries"]] == codes[:10]


def test_previous_is_the_summary_of_the_period_before_as_of_its_last_day() -> None:
    events = [
        opened("a", "11-01"),
        opened("b", "11-10"),
        opened("c", "11-14"),
        opened("d", "11-15"),
    ]
    found = answer(events, [crash("b", "11-14")], period="7d")["previous"]
    assert found["total_users"] == 3
    assert found["new_users"] == 2
    assert found["active_users_7d"] == 2
    assert found["active_users_30d"] == 3
    assert found["crash_count"] == 1
    assert found["crash_free_rate"] == 50


# Families


def family(name: str, events: list[Event], crashes: list[Crash] | None = None, **more: Any) -> Any:
    return answer(events, crashes, include=[name], **more)[name]


def test_retention_asks_for_a_last_day_n_days_after_the_first() -> None:
    events = [
        opened("a", "11-01"), opened("a", "11-08"),
        opened("b", "11-01"), opened("b", "11-07"),
        opened("c", "11-14"),
        opened("d", "11-15"),
    ]  # fmt: skip
    found = family("growth", events)
    assert found["retention_7d"] == Decimal("33.3"), "a of a, b, c; d came 6 days ago"
    assert found["retention_30d"] is None


def test_growth_compares_weeks_and_counts_who_left() -> None:
    events = [
        opened("a", "11-15"), opened("b", "11-16"), opened("c", "11-17"),
        opened("a", "11-14"), opened("e", "11-08"),
        opened("f", "10-22"), opened("g", "10-23"),
    ]  # fmt: skip
    found = family("growth", events)
    assert found["growth_rate_wow"] == 50
    assert found["churned_30d"] == 1
    assert (found["new_users_7d"], found["new_users_30d"]) == (2, 5)
    assert family("growth", [opened("a", "11-20")])["growth_rate_wow"] is None


def test_cohorts_go_by_the_week_of_the_first_event_up_to_this_week() -> None:
    events = [
        opened("a", "11-02"), opened("a", "11-16"), opened("b", "11-08"),
        opened("c", "11-20"),
    ]  # fmt: skip
    assert family("growth", events)["cohorts"] == [
        {"week": "2026-11-02", "size": 2, "active": [100, 0, 50]},
        {"week": "2026-11-16", "size": 1, "active": [100]},
    ]


def test_usage_counts_moving_windows_that_may_begin_before_the_period() -> None:
    events = [opened("a", "11-14"), opened("b", "11-15"), recorded("b", "11-21")]
    found = family("usage", events, period="7d")
    assert [row["users"] for row in found["dau"]] == [1, 0, 0, 0, 0, 0, 1]
    assert [row["users"] for row in found["wau"]] == [2, 2, 2, 2, 2, 2, 1]
    assert [row["users"] for row in found["mau"]] == [2] * 7
    assert found["dau"][0]["date"] == "2026-11-15"
    assert found["recordings_per_user"] == 1
    assert found["events_by_name"] == [
        {"key": "app_opened", "count": 1, "percentage": 50},
        {"key": "recording_completed", "count": 1, "percentage": 50},
    ]


def test_a_session_id_makes_one_session_over_any_pause_and_begins_once() -> None:
    events = [
        opened("a", "11-20 23:00", session_id="s"),
        recorded("a", "11-21 02:00", session_id="s"),
        opened("b", "11-21 02:00", session_id="s"),
    ]
    assert family("usage", events)["avg_session_seconds"] == 5400, "one lasts 3 h, one 0"
    only_today: dict[str, Any] = {"start": date(2026, 11, 21), "end": date(2026, 11, 21)}
    assert family("usage", events, **only_today)["avg_session_seconds"] == 0


def test_without_an_id_events_less_than_thirty_minutes_apart_are_one_session() -> None:
    events = [
        opened("a", "11-20 23:50"),
        recorded("a", "11-21 00:19"),
        recorded("a", "11-21 00:48"),
        recorded("a", "11-21 01:18"),
    ]
    found = family("usage", events)
    assert found["avg_session_seconds"] == 1740, "58 minutes over midnight, and one of 0"
    only_today: dict[str, Any] = {"start": date(2026, 11, 21), "end": date(2026, 11, 21)}
    assert family("usage", events, **only_today)["avg_session_seconds"] == 0


def toggle(person: str, when: str, enabled: Any, feature: str = "auto_paste") -> Event:
    return event(person, "feature_toggled", when, feature=feature, enabled=enabled)


def test_auto_paste_goes_by_the_latest_toggle_whenever_it_was() -> None:
    events = [
        toggle("a", "01-05", True), opened("a", "11-20"),
        toggle("b", "11-19", True), toggle("b", "11-20", False),
        toggle("c", "11-19", True), toggle("c", "11-20", "no"), toggle("c", "11-21", False, "x"),
        opened("d", "11-20"),
        toggle("gone", "01-05", True),
    ]  # fmt: skip
    found = family("adoption", events, period="7d")
    assert found["auto_paste_rate"] == 50
    assert found["feature_stickiness"]["auto_paste"] == 50


def test_sources_have_old_names_and_absent_ones() -> None:
    sources = ["main", "main_window", "widget", None, 7]
    events = [recorded("a", f"11-20 10:0{n}", source=name) for n, name in enumerate(sources)]
    assert family("adoption", [*events, recorded("a", "11-20 11:00")])["source_split"] == [
        {"key": "unknown", "count": 3, "percentage": Decimal("50.0")},
        {"key": "main_window", "count": 2, "percentage": Decimal("33.3")},
        {"key": "widget", "count": 1, "percentage": Decimal("16.7")},
    ]


def test_dictionary_and_retry_have_different_wholes() -> None:
    events = [
        done("a", "11-20 10:00", dictionary_used=True),
        done("a", "11-20 10:01", dictionary_used="true"),
        done("b", "11-20 10:02"),
        event("b", "retry_attempted", "11-20 10:03"),
        event("b", "retry_attempted", "11-20 10:04"),
        opened("c", "11-20"),
    ]
    found = family("adoption", events)
    assert found["dictionary_rate"] == Decimal("33.3")
    assert found["retry_rate"] == Decimal("33.3")


def test_stickiness_is_of_the_people_active_in_the_last_seven_days() -> None:
    events = [
        recorded("a", "11-20", source="widget"),
        recorded("b", "11-14", source="widget"), recorded("b", "11-15", source="main"),
        done("b", "11-16", dictionary_used=True),
        event("b", "retry_attempted", "11-16 13:00"),
        opened("c", "11-21"),
    ]  # fmt: skip
    old: dict[str, Any] = {"start": date(2026, 11, 1), "end": date(2026, 11, 2)}
    assert family("adoption", events, **old)["feature_stickiness"] == {
        "widget": Decimal("33.3"),
        "dictionary": Decimal("33.3"),
        "retry": Decimal("33.3"),
        "auto_paste": 0,
    }


def test_percentiles_are_by_nearest_rank_over_both_events() -> None:
    events = [
        done("a", f"11-20 10:{n:02d}", processing_time_seconds=n)
        if n % 2
        else recorded("a", f"11-20 10:{n:02d}", processing_time_seconds=n)
        for n in range(1, 11)
    ]
    events += [opened("a", "11-20", processing_time_seconds=99)]
    found = family("quality", events)["processing_time_seconds"]
    assert found == {"avg": Decimal("5.5"), "p50": 5, "p95": 10}


def test_errors_and_startup_times() -> None:
    events = [
        event("a", "transcription_failed", "11-20 10:00", error_type="timeout"),
        event("a", "transcription_failed", "11-20 10:01"),
        event("a", "transcription_failed", "11-20 10:02", error_type={"x": 1}),
        opened("a", "11-20 10:03", startup_time_seconds=1),
        opened("a", "11-20 10:04", startup_time_seconds="9"),
        opened("a", "11-20 10:05", startup_time_seconds=2),
    ]
    found = family("quality", events)
    assert [(row["key"], row["count"]) for row in found["errors_by_type"]] == [
        ("unknown", 2),
        ("timeout", 1),
    ]
    assert found["avg_startup_seconds"] == Decimal("1.5")
    assert found["success_rate"] == 0


def test_stability_ranks_crashes_and_lists_them_per_bucket() -> None:
    crashes = [
        crash("a", "11-20", "main_crash", app_version="1.0.0", os_version="linux-6.8.0"),
        crash("a", "11-21", "uncaught_error", app_version="1.0.0"),
        crash("b", "11-15", "main_crash", app_version="0.9.51", os_version="linux-6.8.0"),
    ]
    found = family("stability", [], crashes, period="7d")
    assert [row["key"] for row in found["top_crash_types"]] == ["main_crash", "uncaught_error"]
    assert [row["key"] for row in found["crashes_by_version"]] == ["1.0.0", "0.9.51"]
    assert found["crashes_by_os"][1] == {
        "key": "unknown", "count": 1, "percentage": Decimal("33.3"),
    }  # fmt: skip
    assert [row["crashes"] for row in found["crashes_per_day"]] == [1, 0, 0, 0, 0, 1, 1]
    assert [row["crashes"] for row in found["crashes_per_week"]] == [1, 2]
    assert found["crashes_per_month"] == [{"date": "2026-11-01", "crashes": 3}]
    assert found["crash_free_rate"] == 0
    assert found["crash_rate"] == Decimal("1.5")


def test_time_to_first_crash_is_over_people_whose_first_crash_is_in_the_period() -> None:
    events = [
        opened("a", "11-01"),
        opened("b", "11-20"),
        opened("c", "11-20"),
        opened("d", "11-01"),
    ]
    crashes = [
        crash("a", "11-20 12:00"), crash("a", "11-21 12:00"),
        crash("b", "11-20 13:00"),
        crash("c", "11-20 11:00"),
        crash("d", "11-02 12:00"), crash("d", "11-20 12:00"),
        crash("nobody", "11-20"),
    ]  # fmt: skip
    found = family("stability", events, crashes, period="7d")["time_to_first_crash"]
    assert found == {"median": (19 * 86400 + 3600) / 2, "mean": (19 * 86400 + 3600) / 2}


def test_costs_of_the_last_days_do_not_follow_the_period() -> None:
    events = [
        done("a", "11-20", estimated_cost_usd=0.000004), recorded("a", "11-20"),
        done("b", "11-01", estimated_cost_usd=0.5), recorded("b", "11-01"),
        done("c", "09-01", cost_usd=2),
    ]  # fmt: skip
    found = family("costs", events, period="90d")
    assert found["total_cost_usd"] == Decimal("2.500004")
    assert found["cost_7d"] == Decimal("0.000004")
    assert found["cost_30d"] == Decimal("0.500004")
    assert found["cost_per_user_30d"] == Decimal("0.250002")
    assert found["engagement"] == 1


# Filters


def test_a_filter_keeps_events_whose_own_column_has_the_value() -> None:
    events = [
        recorded("a", "11-20 10:00", app_version="1.0.0"),
        recorded("a", "11-20 11:00", app_version="1.1.0"),
        recorded("b", "11-20 10:00", app_version="1.1.0", platform="linux-6.8.0"),
    ]
    crashes = [crash("a", "11-20", app_version="1.0.0", os_version="linux-6.8.0")]
    found = answer(events, crashes, only=("app_version", "1.1.0"))
    assert found["summary"]["total_recordings"] == 2
    assert found["summary"]["active_users_7d"] == 2
    assert found["summary"]["crash_count"] == 0
    assert "total_users" not in found["summary"]
    assert "total_users" not in found["previous"]
    assert "new_users" not in found["daily_stats"][0]
    assert set(found["growth"]) == {"growth_rate_wow"}
    unable = {path for path, able in HONOURS.items() if not able}
    assert set(found["unfiltered"]) == unable | {"stability.crashes_by_os"}
    by_system = summary(events, crashes, only=("platform", "linux-6.8.0"))
    assert (by_system["total_recordings"], by_system["crash_count"]) == (1, 1)


def test_a_country_leaves_crash_numbers_out() -> None:
    found = answer(
        [opened("a", "11-20", country="DE")], [crash("a", "11-20")], only=("country", "DE")
    )
    assert found["summary"]["active_users_7d"] == 1
    assert "crash_count" not in found["summary"]
    assert "crashes" not in found["daily_stats"][0]
    assert "stability" not in found
    assert "stability" in found["unfiltered"]


def test_the_table_of_filters_names_every_number_once() -> None:
    found = answer([opened("a", "11-20", country="DE")])
    named = set()
    for section in ("summary", "daily_stats", *FAMILIES):
        part = found[section]
        keys = part[0] if isinstance(part, list) else part
        named |= {section} if section in HONOURS else {f"{section}.{key}" for key in keys}
    named -= {"daily_stats.date"}
    assert set(HONOURS) == named | {"top_countries"}


# Payloads


def test_payloads_become_records_and_repeats_are_kept_once() -> None:
    plain: dict[str, Any] = {
        "user_id": "A",
        "event": "app_opened",
        "timestamp": "2026-11-20T12:00:00",
    }
    named: dict[str, Any] = {**plain, "id": "x", "timestamp": 1795176000000}
    requests = [[plain, plain, named], [named, plain, plain], [plain], [{**plain, "country": "DE"}]]
    assert accept(requests) == [plain, plain, named, {**plain, "country": "DE"}]
    assert accept(requests, [[0, 1, 2], [1, 2], [], [0]]) == [named, plain]
    assert event_from_payload(plain) == Event("a", "app_opened", at("11-20"))
    assert event_from_payload(named).timestamp == at("11-20")
    sent = {"user_id": "A", "timestamp": "2026-11-20T13:00:00+01:00", "crash_type": "main_crash"}
    assert crash_from_payload(sent) == crash("a", "11-20")


# The other kinds


def item(session: str, when: str, path: str, kind: str = "pageview", **more: Any) -> WebItem:
    return WebItem(session, kind, at(when), path=path, **more)


def test_the_website_counts_sessions_pages_sources_and_steps() -> None:
    items = [
        item("s1", "11-20 10:00", "/?ref=x", referrer="https://www.Google.com/search", utm_source="n"),
        item("s1", "11-20 10:01", "/verticals/legal", referrer="https://own.example/"),
        item("s1", "11-20 10:02", "/pricing/plans"),
        item("s1", "11-20 10:03", "/demo", category="conversion", kind="event", action="b", value=29),
        item("s1", "11-20 10:04", "/demo", category="conversion", kind="event", action="c"),
        item("s2", "11-20 11:00", "/", utm_source="newsletter"),
        item("s3", "11-21 11:00", "/demo", kind="event"),
        item("s4", "11-14 11:00", "/"),
    ]  # fmt: skip
    found = website_metrics(items, days=7, now=NOW)
    assert found["metrics"] == {
        "total_visitors": 3,
        "conversions": 2,
        "conversion_rate": Decimal("33.3"),
        "avg_session_pages": Decimal("1.3"),
    }
    assert found["traffic_sources"] == [
        {"key": key, "count": 1, "percentage": Decimal("33.3")}
        for key in ("direct", "google.com", "newsletter")
    ]
    assert found["funnel_data"] == {
        "homepage_views": 2,
        "vertical_views": 1,
        "pricing_views": 1,
        "demo_views": 0,
        "conversions": 1,
    }
    assert [row["type"] for row in found["recent_conversions"]] == ["c", "b"]
    assert found["recent_conversions"][1]["value"] == 29
    prefixes = {"shop_views": "/verticals"}
    assert funnel(items, days=7, now=NOW, prefixes=prefixes)["shop_views"] == 1
    assert website_metrics([], days=7, now=NOW)["metrics"]["conversion_rate"] is None


def test_generations_have_the_shape_of_their_document() -> None:
    visits = [Visit(at("11-21"), "v"), Visit(at("11-21"), "v"), Visit(at("11-21")),
              Visit(at("11-15"), "w"), Visit(at("01-05"), "v")]  # fmt: skip
    attempts = [Generation(at("11-21"), True), Generation(at("11-14"), False)]
    found = generation_analytics(visits, attempts, now=NOW)
    assert found["total"] == {
        "visits": 5,
        "unique_visitors": 2,
        "successful_generations": 1,
        "failed_generations": 1,
        "total_generations": 2,
    }
    assert found["today"] == {
        "unique_visitors": 1,
        "total_visits": 3,
        "successful_generations": 1,
        "failed_generations": 0,
        "total_generations": 1,
    }
    assert [row["date"] for row in found["last_7_days"]] == [f"2026-11-{d}" for d in range(15, 22)]
    assert found["last_7_days"][0] == {
        "date": "2026-11-15",
        "unique_visitors": 1,
        "total_visits": 1,
        "successful_generations": 0,
        "failed_generations": 0,
    }


def test_the_bot_counts_people_messages_images_and_personas() -> None:
    events = [
        BotEvent("1", "user_message", at("11-21 10:00")),
        BotEvent("1", "ai_message", at("11-21 10:01"), "p1", "Newer"),
        BotEvent("2", "image_generated", at("11-16"), "p2", "Two"),
        BotEvent("2", "image_refresh", at("11-16 13:00")),
        BotEvent("2", "persona_selected", at("11-15"), "p2", "Two"),
        BotEvent("3", "persona_selected", at("10-30"), "p1", "Older"),
        BotEvent("3", "persona_selected", at("10-29"), "p2", "Two"),
        BotEvent("4", "start_command", at("01-05")),
    ]
    assert bot_stats(events, now=NOW) == {
        "users": 4,
        "messages": 2,
        "images": 1,
        "active_users_1d": 1,
        "active_users_7d": 2,
        "active_users_30d": 3,
        "popular_personas": [
            {"persona_id": "p2", "persona_name": "Two", "count": 2},
            {"persona_id": "p1", "persona_name": "Newer", "count": 1},
        ],
    }
    assert bot_users(events)["2"] == {
        "first_seen": at("11-15"),
        "last_seen": at("11-16 13:00"),
        "events": 3,
        "messages": 0,
        "images": 1,
        "by_event": {"image_generated": 1, "image_refresh": 1, "persona_selected": 1},
    }
    assert next(one.event_name for one in bot_timeline(events, "2")) == "persona_selected"


# compare


def test_compare_is_exact_but_for_percentiles_money_and_averages() -> None:
    expected = {
        "quality": {"p50": Decimal(100), "avg": Decimal(10) / 3, "success_rate": Decimal("98.2")},
        "costs": {"cost_7d": Decimal("0.1234567")},
        "rows": [{"a": None}, {"a": 1}],
    }
    good = {
        "quality": {"p50": 104.9, "avg": 3.333, "success_rate": 98.2},
        "costs": {"cost_7d": 0.123457},
        "rows": [{"a": None}, {"a": 1}],
        "success": True,
    }
    assert compare(expected, good) == []
    bad = {
        "quality": {"p50": 105.1, "avg": 3.33, "success_rate": 98.1},
        "costs": {"cost_7d": 0.12345, "more": 1},
        "rows": [{"a": 0}],
    }
    assert compare(expected, bad) == [
        "quality.p50: expected 100, got 105.1",
        "quality.avg: expected 3.333333333333333333333333333, got 3.33",
        "quality.success_rate: expected 98.2, got 98.1",
        "costs.cost_7d: expected 0.1234567, got 0.12345",
        "costs.more: not expected",
        "rows: expected 2 entries, got 1",
        "rows[0].a: expected None, got 0",
    ]
    assert compare(expected, bad, ignore=["quality", "costs", "rows"]) == []
    assert compare({"a": {"b": 1}}, {"a": {}}) == ["a.b: expected 1, missing"]
    assert compare({"a": True}, {"a": 1}) == ["a: expected True, got 1"]
