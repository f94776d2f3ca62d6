"""The traffic generator: the same from the same seed, shaped as the endpoints take it, believable."""

from __future__ import annotations

import gzip
import json
import re
import threading
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice, pairwise
from typing import Any
from uuid import UUID

import pytest

from tests.oracle import accept, event_from_payload, instant, stats
from tools.traffic import (
    BOT_USER_AGENTS,
    Parameters,
    Request,
    Trouble,
    batches,
    bot_events,
    desktop_crashes,
    desktop_events,
    generation_attempts,
    generation_visits,
    ids_of_testers,
    send,
    troubled,
    website_items,
    website_sessions,
)
from tools.traffic.__main__ import main
from tools.traffic.requests import moved, requests, track_requests
from tools.traffic.times import iso, parse_ms

NOW = datetime(2026, 11, 21, 12, 34, 56, tzinfo=UTC)
PARAMETERS = Parameters(now=NOW, people=300, days=90, events=20_000)
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


@pytest.fixture(scope="module")
def events() -> list[dict[str, Any]]:
    return list(desktop_events(PARAMETERS))


@pytest.fixture(scope="module")
def crashes() -> list[dict[str, Any]]:
    return list(desktop_crashes(Parameters(now=NOW, people=2000, days=90, events=100_000)))


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


# Trouble


TESTERS = ids_of_testers(2)
TROUBLE = Trouble(seed=3, tester_ids=TESTERS)


def test_trouble_is_the_same_from_the_same_seed(events: list[dict[str, Any]]) -> None:
    first = list(troubled(events, TROUBLE))
    assert first == list(troubled(events, TROUBLE))
    assert first != list(troubled(events, Trouble(seed=4, tester_ids=TESTERS)))
    assert all(len(request) <= 2 * TROUBLE.batch for request in first)


def test_without_trouble_everything_arrives_once_in_order(events: list[dict[str, Any]]) -> None:
    none = Trouble(retries=0, late=0, wrong=0, identical=0, testers=0)
    assert [event for request in troubled(events, none) for event in request] == events


def test_every_event_arrives_and_repeats_are_repeats(events: list[dict[str, Any]]) -> None:
    quiet = Trouble(wrong=0, identical=0, testers=0)
    sent = [event for request in troubled(events, quiet) for event in request]
    assert len(sent) > 1.04 * len(events)
    kept = accept(troubled(events, quiet))
    assert sorted(map(json.dumps, kept)) == sorted(map(json.dumps, events))


def test_identical_events_without_an_id_are_two(events: list[dict[str, Any]]) -> None:
    kept = accept(troubled(events, TROUBLE))
    twins = len(kept) - len(events)
    assert 0.005 * len(events) < twins < 0.02 * len(events)
    shuffled = accept(reversed(list(troubled(events, TROUBLE))))
    key = sorted(map(json.dumps, kept))
    assert sorted(map(json.dumps, shuffled)) == key, "the order of arrival does not matter"


def test_late_events_arrive_up_to_thirty_days_later(events: list[dict[str, Any]]) -> None:
    newest, delays = 0, []
    for request in troubled(events, Trouble(retries=0, wrong=0, identical=0, testers=0)):
        for event in request:
            moment = parse_ms(event["timestamp"])
            delays.append(newest - moment)
            newest = max(newest, moment)
    days = max(delays) / 86_400_000
    assert 20 < days <= 30.5
    assert sum(delay > 3_600_000 for delay in delays) > 0.03 * len(events)


def test_wrong_types_and_testers_are_among_them(events: list[dict[str, Any]]) -> None:
    sent = [event for request in troubled(events, TROUBLE) for event in request]
    durations = [event["properties"].get("audio_duration_seconds") for event in sent]
    kinds = {type(value) for value in durations}
    assert {str, bool, list, dict, type(None), float} <= kinds
    assert any(isinstance(value, float) and value > 1e12 for value in durations)
    assert any(
        not isinstance(value, bool) and isinstance(value, int) and value < 0 for value in durations
    )
    flags = [event["properties"].get("success", True) for event in sent]
    assert "false" in flags
    testers = sum(event["user_id"] in TESTERS for event in sent)
    assert 0.01 * len(sent) < testers < 0.04 * len(sent)
    assert events == list(desktop_events(PARAMETERS)), "the originals are left alone"


# Sending


class _Server(BaseHTTPRequestHandler):
    """Counts what arrives; busy for the first request, then refuses items without an `event`."""

    protocol_version = "HTTP/1.1"
    received: list[Any]
    busy: int

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers["Content-Encoding"] == "gzip":
            body = gzip.decompress(body)
        if type(self).busy > 0:
            type(self).busy -= 1
            self.answer(503, {"code": "database_unavailable"}, {"Retry-After": "0.05"})
            return
        if self.path == "/refuse":
            self.answer(401, {"code": "wrong_key"})
            return
        items = json.loads(body)["events"]
        self.received.append((self.path, dict(self.headers), items))
        bad = [{"index": n, "code": "no_event"} for n, item in enumerate(items) if not item]
        self.answer(200, {"events_stored": len(items) - len(bad), "duplicates": 2, "rejected": bad})

    def answer(self, status: int, answer: Any, headers: dict[str, str] | None = None) -> None:
        body = json.dumps(answer).encode()
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def server() -> Iterator[str]:
    _Server.received, _Server.busy = [], 0
    http = ThreadingHTTPServer(("127.0.0.1", 0), _Server)
    threading.Thread(target=http.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{http.server_port}"
    http.shutdown()
    http.server_close()


@pytest.mark.parametrize("compress", [False, True])
def test_it_sends_everything_once_and_adds_up_the_answers(server: str, compress: bool) -> None:
    _Server.busy = 2
    groups = [[{"n": n}, {"n": -n}, {}] for n in range(20)]
    requests = (Request("/track", {"events": group}, 3, {"X-A": "b"}) for group in groups)
    totals = send(server, requests, compress=compress, headers={"X-App-Key": "k"})
    assert sorted(json.dumps(items) for _, _, items in _Server.received) == sorted(
        json.dumps(group) for group in groups
    )
    assert all(got["X-A"] == "b" and got["X-App-Key"] == "k" for _, got, _ in _Server.received)
    assert (totals.requests, totals.sent, totals.stored) == (20, 60, 40)
    assert (totals.duplicates, totals.rejected, totals.retried) == (40, 20, 2)
    assert totals.reasons == {"no_event": 20}
    assert "sent 60 in 20 requests, stored 40, duplicates 40, rejected 20" in totals.line()


def test_it_names_what_is_refused_and_goes_on(server: str) -> None:
    requests = [Request("/refuse", {"events": []}, 5), Request("/track", {"events": [{"n": 1}]}, 1)]
    totals = send(server + "/", requests, threads=1)
    assert (totals.refused, totals.stored) == (5, 1)
    assert totals.reasons == {"wrong_key": 1}


def test_it_wants_an_http_address() -> None:
    with pytest.raises(ValueError, match="not an http address"):
        send("localhost:5000", [])


def test_the_command_sends_as_many_events_as_asked(
    server: str, capsys: pytest.CaptureFixture[str]
) -> None:
    more = ["--kinds", "desktop", "--now", "2026-11-21T12:00:00Z", "--gzip", "--batch", "100"]
    assert main(["--url", server, "--events", "450", *more]) == 0
    assert sum(len(items) for _, _, items in _Server.received) <= 450
    assert capsys.readouterr().out.startswith("desktop: sent ")
    assert {path for path, _, _ in _Server.received} == {"/track"}


def test_batches_hold_all_items() -> None:
    assert list(batches(range(5), 2)) == [[0, 1], [2, 3], [4]]
    assert list(batches([], 2)) == []


def test_moved_traffic_differs_in_its_times_only():
    parameters = Parameters(now=NOW, people=20, days=10, events=300)
    for kind in ("crashes", "website", "generator", "bot"):
        drawn = list(requests(kind, parameters, 50))
        assert drawn
        there = list(moved(drawn, timedelta(days=100, hours=3)))
        assert there != drawn
        assert list(moved(there, -timedelta(days=100, hours=3))) == drawn
    [track] = track_requests([list(islice(desktop_events(parameters), 2))])
    [later] = moved([track], timedelta(seconds=1))
    for before, after in zip(track.body["events"], later.body["events"], strict=True):
        assert parse_ms(after["timestamp"]) - parse_ms(before["timestamp"]) == 1_000
        assert {**after, "timestamp": ""} == {**before, "timestamp": ""}
