"""Filters, payloads, the other kinds of apps and comparisons by the recount."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.oracle import (
    FAMILIES,
    HONOURS,
    BotEvent,
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
    website_metrics,
)
from tests.oracle.examples import NOW, answer, at, crash, opened, recorded, summary


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
    assert found["summary"]["total_users"] == 2
    assert found["summary"]["new_users"] == 2
    assert set(found["growth"]) == {
        "new_users_7d",
        "new_users_30d",
        "growth_rate_wow",
        "churn_rate_30d",
    }
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
