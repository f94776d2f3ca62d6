"""The families of numbers by the recount, on examples that can be counted by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from tests.oracle import (
    Crash,
    Event,
)
from tests.oracle.examples import answer, crash, done, event, opened, recorded


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
        opened("f", "10-22"), opened("d", "10-23"),
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
