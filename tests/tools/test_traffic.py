"""The traffic generator: the same from the same seed, shaped as the endpoints take it, believable."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from itertools import islice, pairwise
from typing import Any
from uuid import UUID

import pytest

from tests.oracle import event_from_payload, instant, stats
from tests.tools.parameters import NOW, PARAMETERS
from tools.traffic import (
    BOT_USER_AGENTS,
    Parameters,
    bot_events,
    desktop_crashes,
    desktop_events,
    generation_attempts,
    generation_visits,
    website_items,
    website_sessions,
)
from tools.traffic.times import iso, parse_ms

STREAMS = {
    "desktop_events": desktop_events,
    "desktop_crashes": desktop_crashes,
    "website_items": website_items,
    "generation_visits": generation_visits,
    "generation_attempts": generation_attempts,
    "bot_events": bot_events,
}
DESKTOP = {
    "app_opened", "recording_started", "recording_completed", "transcription_completed",
    "transcription_failed", "feature_toggled", "retry_attempted",
}  # fmt: skip
BOT = {
    "start_command", "user_message", "ai_message", "image_generated", "image_refresh",
    "persona_selected", "story_selected", "chat_cleared", "chat_continued", "premium_action", "command",
}  # fmt: skip


def stamp(item: dict[str, Any]) -> str:
    return str(item.get("timestamp") or item["created_at"])


@pytest.mark.parametrize("name", STREAMS)
def test_equal_parameters_make_equal_traffic_and_others_do_not(name: str) -> None:
    small = Parameters(now=NOW, people=80, days=30)
    first = list(STREAMS[name](small))
    assert first
    assert first == list(STREAMS[name](small))
    assert first != list(STREAMS[name](Parameters(now=NOW, people=80, days=30, seed=2)))
    assert first != list(STREAMS[name](small.for_app("other")))


@pytest.mark.parametrize("name", STREAMS)
def test_streams_are_in_order_of_time_within_the_range_and_not_after_now(name: str) -> None:
    times = [stamp(item) for item in STREAMS[name](PARAMETERS)]
    assert times == sorted(times)
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", text) for text in times)
    assert times[0] >= iso(parse_ms(PARAMETERS.start.isoformat()))
    assert times[-1] <= iso(PARAMETERS.now_ms)
    assert times[0][:10] <= (NOW.date() - timedelta(days=80)).isoformat()


@pytest.mark.parametrize("name", STREAMS)
def test_everything_is_json(name: str) -> None:
    for item in islice(STREAMS[name](PARAMETERS), 500):
        assert json.loads(json.dumps(item)) == item


def test_now_needs_a_timezone() -> None:
    with pytest.raises(ValueError, match="timezone"):
        Parameters(now=datetime(2026, 11, 21))  # noqa: DTZ001 (the wrong input)


def test_nobody_makes_nothing() -> None:
    nobody = Parameters(now=NOW, people=0)
    assert [item for stream in STREAMS.values() for item in stream(nobody)] == []


def test_a_run_of_one_day_stops_at_now() -> None:
    today = [stamp(event) for event in desktop_events(Parameters(now=NOW, people=200, days=1))]
    assert today
    assert today[-1] <= iso(PARAMETERS.now_ms)
    assert {text[:10] for text in today} == {"2026-11-21"}


def test_both_orders_hold_the_same_events(events: list[dict[str, Any]]) -> None:
    by_person = list(desktop_events(PARAMETERS, order="person"))
    assert by_person != events
    assert sorted(map(json.dumps, by_person)) == sorted(map(json.dumps, events))
    people = [event["user_id"] for event in by_person]
    changes = sum(1 for before, after in pairwise(people) if before != after)
    assert changes == len(set(people)) - 1


def test_shards_together_are_the_whole(events: list[dict[str, Any]]) -> None:
    parts = [
        event
        for which in range(3)
        for event in desktop_events(
            Parameters(now=NOW, people=300, days=90, events=20_000, shard=(which, 3))
        )
    ]
    assert sorted(map(json.dumps, parts)) == sorted(map(json.dumps, events))


@pytest.mark.parametrize(("people", "days", "wanted"), [(300, 90, 20_000), (1_000, 365, 50_000)])
def test_the_wanted_number_of_events_is_nearly_met(people: int, days: int, wanted: int) -> None:
    made = sum(
        1 for _ in desktop_events(Parameters(now=NOW, people=people, days=days, events=wanted))
    )
    assert abs(made - wanted) < 0.12 * wanted


def test_desktop_events_are_shaped_as_track_takes_them(events: list[dict[str, Any]]) -> None:
    columns = {
        "id", "user_id", "event", "timestamp", "properties", "app_version", "platform", "country",
        "session_id",
    }  # fmt: skip
    for event in events:
        assert set(event) <= columns
        assert set(event) >= {"user_id", "event", "timestamp", "properties", "app_version"}
        assert len(event["app_version"]) <= 20
        assert re.fullmatch(r"(darwin|win32|linux)-[\d.]+", event["platform"])
        assert re.fullmatch(r"[A-Z]{2}", event.get("country", "XX"))
    for event in events[:300]:
        assert UUID(event["user_id"]).version == 4
        assert "id" not in event or UUID(event["id"]).version == 4
    assert {event["event"] for event in events} == DESKTOP


def test_ids_and_moments_of_a_person_are_unique(events: list[dict[str, Any]]) -> None:
    ids = [event["id"] for event in events if "id" in event]
    assert len(ids) == len(set(ids))
    moments = [(event["user_id"], event["timestamp"]) for event in events]
    assert len(moments) == len(set(moments))


def test_old_clients_use_old_names_and_new_ones_send_ids(events: list[dict[str, Any]]) -> None:
    old = [event for event in events if event["app_version"].startswith("0.9")]
    new = [event for event in events if not event["app_version"].startswith("0.9")]
    assert all("id" not in event for event in old)
    assert all("id" in event and "session_id" in event for event in new)
    assert any("session_id" not in event for event in old)
    assert any("session_id" in event for event in old)
    names = {name for event in old for name in event["properties"]}
    assert {"duration_seconds", "cost_usd", "audio_duration_seconds"} <= names
    assert "main" in {event["properties"].get("source") for event in old}
    new_names = {name for event in new for name in event["properties"]}
    assert not {"duration_seconds", "cost_usd"} & new_names
    assert {event["properties"].get("source") for event in new} == {None, "widget", "main_window"}


def test_a_transcription_costs_whispers_price(events: list[dict[str, Any]]) -> None:
    for event in events:
        found = event["properties"]
        if event["event"] == "transcription_completed":
            seconds = found.get("audio_duration_seconds", found.get("duration_seconds"))
            cost = found.get("estimated_cost_usd", found.get("cost_usd"))
            assert cost == pytest.approx(seconds * 0.006 / 60, abs=1e-6)
            assert 0 < found["processing_time_seconds"] < 600


def test_versions_roll_out_and_nobody_goes_back(events: list[dict[str, Any]]) -> None:
    order = [release.version for release in PARAMETERS.releases]
    released = {
        release.version: date(1970, 1, 1) + timedelta(days=release.day)
        for release in PARAMETERS.releases
    }
    seen: dict[str, int] = {}
    upgrades = 0
    for event in events:
        position = order.index(event["app_version"])
        assert position >= seen.get(event["user_id"], 0)
        upgrades += position > seen.get(event["user_id"], position)
        seen[event["user_id"]] = position
        assert date.fromisoformat(event["timestamp"][:10]) >= released[event["app_version"]]
    assert upgrades > 50
    last_week = [e["app_version"] for e in events if e["timestamp"] >= "2026-11-15"]
    assert len(set(last_week)) >= 3, "people upgrade with lag"


def test_numbers_are_believable(events: list[dict[str, Any]]) -> None:
    found = stats(map(event_from_payload, events), [], now=NOW, period="90d", group_by="week")
    assert 285 <= found["summary"]["total_users"] <= 300, "a few come later today"
    assert 93 < found["summary"]["success_rate"] < 99
    assert 10 < found["growth"]["retention_7d"] < 80
    assert found["growth"]["retention_30d"] < found["growth"]["retention_7d"]
    rows = [row["active_users"] for row in found["daily_stats"]]
    assert sum(rows[8:12]) > sum(rows[1:5]), "it grows"
    assert 20 < found["adoption"]["auto_paste_rate"] < 80
    assert {row["key"] for row in found["adoption"]["source_split"]} == {
        "main_window", "unknown", "widget",
    }  # fmt: skip
    assert len(found["top_countries"]) == 10
    assert 0.5 < found["quality"]["avg_startup_seconds"] < 5
    assert 60 < found["usage"]["avg_session_seconds"] < 7200
    counts = Counter(event.get("country") for event in events)
    assert counts["XX"]
    assert counts[None]


def test_people_sleep_and_rest_on_weekends(events: list[dict[str, Any]]) -> None:
    spanish = [event for event in events if event.get("country") == "ES"]
    hours = Counter(instant(event["timestamp"]).hour for event in spanish)
    assert sum(hours[h] for h in range(5)) < 0.3 * sum(hours[h] for h in range(8, 13))
    weekdays = Counter(instant(event["timestamp"]).weekday() for event in events)
    assert (weekdays[5] + weekdays[6]) / 2 < 0.8 * sum(weekdays[d] for d in range(5)) / 5


def test_some_people_move(events: list[dict[str, Any]]) -> None:
    many = desktop_events(Parameters(now=NOW, people=1000, days=90, events=50_000))
    countries = defaultdict(set)
    for event in many:
        countries[event["user_id"]].add(event.get("country"))
    movers = sum(1 for found in countries.values() if len(found) > 1)
    assert 0 < movers < 50


def test_crashes_are_shaped_as_crash_takes_them(crashes: list[dict[str, Any]]) -> None:
    for crash in crashes:
        assert list(crash) == [
            "user_id", "app_version", "os_version", "crash_type", "error_message", "stack_trace",
            "context", "timestamp",
        ]  # fmt: skip
        first, *frames = crash["stack_trace"].split("\n")
        assert first == crash["error_message"]
        assert "{" not in crash["stack_trace"]
        assert all(re.fullmatch(r"    at .+ \(.+:\d+:\d+\)", frame) for frame in frames)
        windows = crash["os_version"].startswith("win32")
        assert windows == ("\\" in crash["stack_trace"])
    assert {crash["crash_type"] for crash in crashes} == {
        "main_crash", "renderer_crash", "uncaught_error", "unhandled_rejection",
    }  # fmt: skip
    text = json.dumps(crashes)
    assert "/home/" in text or "/Users/" in text or "Users" in text


def test_some_people_are_known_by_a_crash_only(crashes: list[dict[str, Any]]) -> None:
    people = Parameters(now=NOW, people=2000, days=90, events=100_000)
    first: dict[str, str] = {}
    for event in desktop_events(people):
        first.setdefault(event["user_id"], event["timestamp"])
    silent = {crash["user_id"] for crash in crashes} - set(first)
    assert 20 <= len(silent) <= 30
    known = [crash for crash in crashes if crash["user_id"] in first]
    assert all(crash["timestamp"] > first[crash["user_id"]] for crash in known)
    assert len({crash["user_id"] for crash in known}) > 20


def test_a_session_of_the_website_walks_the_funnel() -> None:
    parameters = Parameters(now=NOW, people=3000, days=30)
    sessions = list(website_sessions(parameters))
    reached: Counter[str] = Counter()
    for session in sessions:
        items = session.items
        assert len({item["sessionId"] for item in items}) == 1
        assert session.is_bot == (session.user_agent in BOT_USER_AGENTS)
        assert session.consented == all("consent" not in item for item in items)
        assert items[0]["type"] == "pageview"
        views = [item for item in items if item["type"] == "pageview"]
        assert all({"title", "referrer"} <= set(view) for view in views)
        assert all(set(item) <= {
            "id", "sessionId", "type", "category", "action", "label", "value", "path", "timestamp",
            "referrer", "title", "utm_source", "utm_medium", "utm_campaign", "utm_term",
            "utm_content", "consent",
        } for item in items)  # fmt: skip
        reached["home"] += any(view["path"].split("?")[0] == "/" for view in views)
        reached["vertical"] += any(view["path"].startswith("/verticals/") for view in views)
        reached["pricing"] += any(view["path"].startswith("/pricing") for view in views)
        reached["demo"] += any(view["path"].startswith("/demo") for view in views)
        reached["conversion"] += any(item["category"] == "conversion" for item in items)
    assert len({session.items[0]["sessionId"] for session in sessions}) == len(sessions)
    steps = [reached[step] for step in ("home", "vertical", "pricing", "demo", "conversion")]
    assert steps == sorted(steps, reverse=True)
    assert 0.01 < reached["conversion"] / len(sessions) < 0.15
    kept = sum(len(session.items) for session in sessions if session.counts)
    assert kept == sum(1 for _ in website_items(parameters))
    assert {session.counts for session in sessions} == {True, False}
    values = [
        item.get("value") for s in sessions for item in s.items if item["category"] == "conversion"
    ]
    assert None in values
    assert 29.0 in values


def test_generations_are_of_visitors() -> None:
    visits = list(generation_visits(PARAMETERS))
    attempts = list(generation_attempts(PARAMETERS))
    assert all(("ip" in visit) != ("visitor_id" in visit) for visit in visits + attempts)
    who = {visit.get("ip") or visit["visitor_id"] for visit in visits}
    assert 250 < len(who) <= 300
    assert {attempt.get("ip") or attempt["visitor_id"] for attempt in attempts} <= who
    share = sum(attempt["success"] for attempt in attempts) / len(attempts)
    assert 0.75 < share < 0.92
    assert all(("error_message" in attempt) != attempt["success"] for attempt in attempts)


def test_the_bot_has_all_eleven_events_and_their_fields() -> None:
    items = list(bot_events(PARAMETERS))
    assert {item["event_name"] for item in items} == BOT
    for item in items:
        name = item["event_name"]
        assert ("message" in item) == name.endswith("_message")
        assert ({"prompt", "negative_prompt", "image_url"} <= set(item)) == name.startswith(
            "image_"
        )
        assert "persona_id" in item or name in ("start_command", "premium_action", "command")
    moments = [(item["client_id"], item["created_at"]) for item in items]
    assert len(moments) == len(set(moments))
