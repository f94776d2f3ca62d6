"""The oracle against examples small enough to count by hand: METRICS.md, sentence by sentence."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.oracle import (
    Event,
    instant,
)
from tests.oracle.examples import answer, crash, done, event, opened, recorded, summary

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
