"""The good answers: each endpoint's exact members, as docs/COMPATIBILITY.md promises them."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from tests.support import basic, crash, event

AUTH = basic("admin", "admin")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def read(answer):
    assert answer.status_code == 200
    assert answer.mimetype == "application/json"
    return answer.json


def check_time(text):
    assert TIME.fullmatch(text)
    assert abs((datetime.fromisoformat(text) - datetime.now(UTC)).total_seconds()) < 60


def test_health(client):
    body = read(client.get("/health"))
    assert set(body) == {"status", "database", "version", "timestamp", "rollup_lag_seconds"}
    assert (body["status"], body["database"]) == ("healthy", "connected")
    assert re.fullmatch(r"\d+\.\d+\.\d+", body["version"])
    check_time(body["timestamp"])


def test_track(client):
    body = read(client.post("/track", json={"events": [event(), event(event="nope")]}))
    check_time(body.pop("timestamp"))
    [rejected] = body.pop("rejected")
    assert rejected == {
        "index": 1,
        "code": "unknown_event",
        "error": 'event "nope" is not in the app\'s catalogue: declare it in Settings, or take any '
        'event: PATCH /apps/desktop {"accepts": "open"}',
    }
    assert body == {"success": True, "events_received": 1, "events_stored": 1, "duplicates": 0}


def test_crash(client):
    body = read(client.post("/crash", json=crash()))
    assert set(body) == {"success", "crash_id", "timestamp"}
    assert body["success"] is True
    assert re.fullmatch("[0-9a-f]{16}", body["crash_id"])
    check_time(body["timestamp"])


def test_events(client):
    client.post("/track", json={"events": [event(session_id="s", properties={"a": 1})]})
    body = read(client.get("/events", headers=AUTH))
    assert set(body) == {"success", "events", "count", "next_cursor"}
    assert body["next_cursor"] is None
    [row] = body["events"]
    assert set(row) == {
        "app",
        "user_id",
        "event",
        "timestamp",
        "properties",
        "app_version",
        "platform",
        "country",
        "session_id",
        "channel",
        "received_at",
        "event_key",
    }
    check_time(row["received_at"])


def test_crashes(client):
    sent = client.post("/crash", json=crash(context={"window": "main"}, session_id="s")).json
    body = read(client.get("/crashes", headers=AUTH))
    assert set(body) == {"success", "crashes", "count", "next_cursor"}
    [row] = body["crashes"]
    assert set(row) == {
        "crash_id",
        "app",
        "user_id",
        "crash_type",
        "timestamp",
        "error_message",
        "stack_trace",
        "context",
        "app_version",
        "os_version",
        "session_id",
        "channel",
        "received_at",
    }
    assert row["crash_id"] == sent["crash_id"]
    assert row["context"] == {"window": "main"}


def test_cleanup(client):
    body = read(client.post("/cleanup", headers=AUTH))
    assert set(body) == {"success", "result"}
    assert body["success"] is True
    assert {"events_deleted", "crashes_deleted"} <= set(body["result"])
    assert set(body["result"].values()) == {0}


def test_stats(client):
    client.post("/track", json={"events": [event()]})
    body = read(client.get("/stats", headers=AUTH))
    assert body["success"] is True
    assert body["period"] == "30d"
    assert {"summary", "daily_stats", "top_countries"} <= set(body)
    summary = body["summary"]
    assert (summary["total_users"], summary["active_users_7d"]) == (1, 1)
    for name in (
        "active_users_30d",
        "total_recordings",
        "total_hours_transcribed",
        "total_cost_usd",
        "success_rate",
        "crash_free_rate",
    ):
        assert name in summary


def test_the_front_door_tells_a_program_what_there_is(client):
    body = read(client.get("/"))
    assert set(body) == {"success", "name", "version", "endpoints"}
    assert {"method": "POST", "path": "/track"}.items() <= next(
        item for item in body["endpoints"] if item["path"] == "/track"
    ).items()


def test_the_front_door_sends_a_browser_to_the_dashboard(client):
    accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    answer = client.get("/", headers={"Accept": accept})
    assert answer.status_code == 302
    assert answer.headers["Location"].endswith("/dashboard")


def test_a_curl_gets_the_list(client):
    assert read(client.get("/", headers={"Accept": "*/*", "User-Agent": "curl/8"}))["success"]


def test_the_api_viewer_is_ours_and_needs_nobody_else(client):
    answer = client.get("/docs")
    assert answer.status_code == 200
    assert answer.mimetype == "text/html"
    addresses = re.findall(r'(?:src|href)="(?!data:)([^"]+)"', answer.text)
    assert addresses
    for address in addresses:
        assert "//" not in address
        assert client.head(address).status_code == 200


@pytest.mark.parametrize("path", ["/events", "/crashes", "/stats", "/apps", "/users", "/drops"])
def test_reading_an_empty_server_is_a_good_answer(client, path):
    assert read(client.get(path, headers=AUTH))["success"] is True
