"""POST /api/track and the website's reports (docs/COMPATIBILITY.md): its examples,
consent, crawlers, privacy."""

from __future__ import annotations

import json
import subprocess
from datetime import timedelta
from hashlib import blake2b
from typing import Any

import pytest

from tests.support import basic, require, whole_database
from tools.traffic import BOT_USER_AGENTS, BROWSER_USER_AGENTS

CHROME = BROWSER_USER_AGENTS[0]
ADDRESS = "203.0.113.77"
AUTH = basic("admin", "admin")


def item(now, **changes: Any) -> dict[str, Any]:
    return {
        "sessionId": "lt_1234567890_abc123",
        "type": "event",
        "category": "conversion",
        "action": "signup_submit",
        "path": "/signup/",
        "timestamp": int(now.timestamp() * 1000),
        **changes,
    }


def sent(client, body: Any, **headers: str) -> Any:
    return client.post(
        "/api/track",
        data=json.dumps(body),
        headers={"User-Agent": CHROME, "Content-Type": "text/plain", **headers},
        environ_base={"REMOTE_ADDR": ADDRESS},
    )


def events(client, slug: str = "website") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(f"/events?app={slug}&limit=1000", headers=AUTH).json[
        "events"
    ]
    return found


def get(client, path: str) -> Any:
    answer = client.get(path, headers=AUTH)
    assert answer.status_code == 200, answer.text
    return answer.json


def test_the_specifications_item_is_a_conversion_in_every_answer(client, now):
    body = sent(client, item(now)).json
    assert body.pop("timestamp")
    assert body == {
        "success": True,
        "events_received": 1,
        "events_stored": 1,
        "duplicates": 0,
        "rejected": [],
    }
    assert get(client, "/api/metrics?days=7") == {
        "metrics": {
            "total_visitors": 1,
            "conversions": 1,
            "conversion_rate": 100.0,
            "avg_session_pages": 0.0,
        },
        "traffic_sources": [{"key": "direct", "count": 1, "percentage": 100.0}],
        "funnel_data": {
            "homepage_views": 0,
            "vertical_views": 0,
            "pricing_views": 0,
            "demo_views": 0,
            "conversions": 1,
        },
        "recent_conversions": [
            {
                "type": "signup_submit",
                "path": "/signup/",
                "value": None,
                "timestamp": now.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            }
        ],
    }
    assert get(client, "/api/funnel?days=7") == get(client, "/api/metrics")["funnel_data"]


@pytest.mark.dates
def test_the_specifications_own_curl_line_is_counted(serve, now):
    server = serve()
    line = f"""curl -s -X POST {server.url}/api/track \
      -H "Content-Type: application/json" \
      -d '{{
        "sessionId": "test_session",
        "type": "event",
        "category": "test",
        "action": "manual_test",
        "timestamp": {int(now.timestamp() * 1000)}
      }}'"""
    require("curl")
    done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, timeout=30)
    assert json.loads(done.stdout)["events_stored"] == 1
    export = f'curl -s --retry 5 -u admin:admin "{server.url}/api/export?format=csv&days=365"'
    done = subprocess.run(["sh", "-c", export], capture_output=True, text=True, timeout=30)
    assert "manual_test" in done.stdout


def test_an_empty_website_answers_with_zeros_and_nulls(client):
    body = get(client, "/api/metrics")
    assert body["metrics"] == {
        "total_visitors": 0,
        "conversions": 0,
        "conversion_rate": None,
        "avg_session_pages": None,
    }
    assert body["traffic_sources"] == body["recent_conversions"] == []


def test_one_item_or_a_list_in_any_content_type(client, now):
    for number, kind in enumerate(
        ("text/plain", "application/json", "", "text/plain;charset=UTF-8")
    ):
        one = item(now, id=f"one-{number}")
        two = [item(now, id=f"two-{number}"), item(now, id=f"three-{number}")]
        for body, count in ((one, 1), (two, 2)):
            answer = sent(client, body, **{"Content-Type": kind})
            assert answer.json["events_stored"] == count
    answer = sent(client, [])
    assert (answer.status_code, answer.json["code"]) == (400, "no_items")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"sessionId": ""}, "invalid_sessionId"),
        ({"sessionId": 7}, "invalid_sessionId"),
        ({"type": "click"}, "invalid_type"),
        ({"value": "12"}, "invalid_value"),
        ({"value": True}, "invalid_value"),
        ({"value": 1e13}, "number_out_of_range"),
        ({"timestamp": "2025-01-01T00:00:00Z"}, "timestamp_too_old"),
        ({"timestamp": "soon"}, "invalid_timestamp"),
        ({"path": "x" * 2001}, "invalid_path"),
        ({"consent": {"analytics": True}}, "invalid_consent"),
        ({"label": "nul \0"}, "unstorable_text"),
    ],
)
def test_it_rejects_a_bad_field_by_name_and_keeps_the_good_item(client, now, changes, code):
    answer = sent(client, [item(now), item(now, **changes)])
    assert answer.status_code == 200
    assert answer.json["events_stored"] == 1
    [rejected] = answer.json["rejected"]
    assert rejected["index"] == 1
    assert rejected["code"] == code
    assert len(events(client)) == 1


def test_a_request_with_nothing_good_is_a_400_with_every_reason(client, now):
    answer = sent(client, [item(now, type="x", value="y"), {"type": "pageview"}, 7])
    assert answer.status_code == 400
    assert [entry["index"] for entry in answer.json["details"]] == [0, 1, 2]
    first = answer.json["details"][0]["error"]
    assert "type must be pageview or event" in first
    assert "value must be a number" in first
    assert "sessionId is missing" in answer.json["details"][1]["error"]


def test_more_than_5000_items_are_refused(client, now):
    one = item(now)
    assert sent(client, [one] * 5001).status_code == 413


def test_a_value_is_a_number_and_comes_back_as_one(client, now):
    sent(client, item(now, value=49.9))
    assert get(client, "/api/metrics")["recent_conversions"][0]["value"] == 49.9


@pytest.mark.parametrize(
    ("headers", "changes"),
    [
        ({"DNT": "1"}, {}),
        ({"Sec-GPC": "1"}, {}),
        ({}, {"consent": "denied"}),
        ({}, {"consent": "DENIED"}),
        ({}, {"consent": False}),
    ],
    ids=["DNT", "Sec-GPC", "denied", "DENIED", "false"],
)
def test_without_consent_nothing_is_stored_beyond_a_count(client, services, now, headers, changes):
    before = whole_database(services.database)
    answer = sent(client, [item(now, **changes), item(now, type="pageview", **changes)], **headers)
    assert answer.status_code == 200
    assert (answer.json["events_received"], answer.json["events_stored"]) == (2, 0)
    services.ledger.write()
    services.freshen()
    after = whole_database(services.database)
    new = {table: rows for table, rows in after.items() if rows != before[table]}
    [drops] = new.pop("drops")
    assert new == {}
    assert (drops["reason"], drops["n"]) == ("no_consent", 2)
    assert set(drops) == {"day", "app_id", "reason", "n"}


def test_with_consent_the_rest_of_the_list_is_stored(client, now):
    answer = sent(client, [item(now, consent="denied"), item(now, consent="granted")], DNT="0")
    assert (answer.json["events_received"], answer.json["events_stored"]) == (2, 1)


@pytest.mark.parametrize("agent", BOT_USER_AGENTS)
def test_crawlers_are_answered_and_left_out(client, services, now, agent):
    answer = sent(client, [item(now), item(now, type="pageview")], **{"User-Agent": agent})
    assert answer.status_code == 200
    assert (answer.json["events_received"], answer.json["events_stored"]) == (2, 0)
    assert events(client) == []
    [drop] = get(client, "/drops")["drops"]
    assert (drop["app"], drop["reason"], drop["n"]) == ("website", "crawler", 2)


def test_of_urls_only_the_path_and_utm_stay(client, services, now):
    page = "https://user:pw@shop.example/pricing/team?utm_source=mail&utm_term=x&token=s3cret#frag"
    sent(
        client,
        item(
            now,
            type="pageview",
            path=page,
            referrer="https://www.News.example:8443/item/n991x?session=xyz987#top",
            label="https://cdn.example/file?signature=topsecret",
        ),
    )
    [event] = events(client)
    assert event["properties"]["path"] == "/pricing/team"
    assert event["properties"]["utm_source"] == "mail"
    assert event["properties"]["utm_term"] == "x"
    assert event["properties"]["referrer"] == "news.example"
    everything = json.dumps(whole_database(services.database), default=str)
    for secret in ("s3cret", "frag", "xyz987", "n991x", "user:pw", "topsecret"):
        assert secret not in everything
    assert get(client, "/api/metrics")["traffic_sources"][0]["key"] == "news.example"


def test_neither_address_nor_user_agent_is_in_any_table(client, services, now):
    agents = (*BROWSER_USER_AGENTS, "Odd/1.0 (raw; header)")
    for number, agent in enumerate(agents):
        one = item(now, sessionId=f"s{number}", type="pageview", path="/")
        assert sent(client, one, **{"User-Agent": agent}).json["events_stored"] == 1
    services.ledger.write()
    services.freshen()
    everything = json.dumps(whole_database(services.database), default=str)
    assert "ip_hash" in everything
    assert ADDRESS not in everything
    for agent in agents:
        assert agent not in everything
        for part in ("AppleWebKit", "Gecko", "Win64", "(raw; header)", "141.0.0.0"):
            assert part not in everything
    found = events(client)
    assert {event["properties"].get("device") for event in found} == {
        "desktop", "phone", "tablet", None
    }  # fmt: skip


@pytest.mark.parametrize(("rotation", "different"), [("never", 1), ("daily", 3)])
def test_the_hash_of_an_address_changes_daily_if_told_to(client, now, rotation, different):
    client.patch("/apps/website", json={"hash_rotation": rotation}, headers=AUTH)
    times = [now - timedelta(days=days) for days in (0, 1, 2, 2)]
    items = [item(now, timestamp=when.isoformat(), id=str(n)) for n, when in enumerate(times)]
    sent(client, items)
    hashes = {event["properties"]["ip_hash"] for event in events(client)}
    assert len(hashes) == different
    assert not hashes & {blake2b(ADDRESS.encode(), digest_size=12).hexdigest()}


def test_an_item_with_an_id_is_stored_once_with_or_without_a_time(app, client, now):
    for stamped in (True, False):
        one = item(now, id=f"stamped-{stamped}")
        if not stamped:
            del one["timestamp"]
        for attempt in range(3):
            app.config["NOW"] = lambda later=attempt: now + timedelta(minutes=later)
            answer = sent(client, [one, one])
            assert answer.json["events_stored"] == (attempt == 0)
            assert answer.json["duplicates"] == 2 - (attempt == 0)
    assert len(events(client)) == 2


def test_an_item_with_neither_id_nor_time_is_never_a_repeat(client, now):
    one = item(now)
    del one["timestamp"]
    for _ in range(2):
        assert sent(client, [one, one]).json["events_stored"] == 2
    assert len(events(client)) == 4


def test_two_senders_may_use_the_same_id(client, now):
    items = [item(now, sessionId=session, id="1") for session in ("a", "b")]
    for one in items:
        del one["timestamp"]
    assert sent(client, items).json["events_stored"] == 2


def test_an_item_lands_on_its_own_day(client, now):
    sent(client, item(now, timestamp=(now - timedelta(days=3)).isoformat()))
    assert get(client, "/api/metrics?days=3")["metrics"]["total_visitors"] == 0
    assert get(client, "/api/metrics?days=4")["metrics"]["total_visitors"] == 1


def test_a_testers_conversions_are_nowhere(client, now):
    client.patch("/apps/website", json={"testers": ["lt_1234567890_abc123"]}, headers=AUTH)
    sent(client, [item(now), item(now, sessionId="somebody", action="other")])
    body = get(client, "/api/metrics")
    assert body["metrics"]["conversions"] == 1
    assert [row["type"] for row in body["recent_conversions"]] == ["other"]


@pytest.mark.parametrize("path", ["/api/metrics", "/api/funnel", "/api/export"])
@pytest.mark.parametrize(
    "query", ["days=0", "days=x", "days=3651", "day=7", "app=nope", "days=7.5", "days=-1"]
)
def test_a_bad_parameter_is_a_400_that_names_it(client, path, query):
    answer = client.get(f"{path}?{query}", headers=AUTH)
    assert answer.status_code == 400
    assert query.partition("=")[0] in answer.json["error"]
    assert client.get(path).status_code == 401


def test_reports_of_another_kinds_app_are_refused(client):
    assert client.get("/api/metrics?app=bot", headers=AUTH).status_code == 400


def test_a_session_keeps_its_source_device_and_browser(client, services, now):
    sent(
        client,
        [
            item(now, type="pageview", path="/", referrer="https://duckduckgo.com/?q=x"),
            item(now + timedelta(seconds=9), type="pageview", path="/pricing"),
            item(now + timedelta(seconds=20), path="/pricing"),
        ],
        **{"User-Agent": BROWSER_USER_AGENTS[3]},
    )
    services.freshen()
    [session] = whole_database(services.database)["sessions"]
    assert (session["pages"], session["conversions"], session["events"]) == (2, 1, 3)
    assert (session["source"], session["device"]) == ("duckduckgo.com", "phone")
    assert session["browser"] == "Mobile Safari"
    assert (session["ended_at"] - session["started_at"]).seconds == 20


def test_an_event_registered_with_the_app_is_counted_under_its_name(client, services, now):
    client.patch(
        "/apps/website",
        json={
            "events": {"video_played": {"label": {"type": "label"}, "value": {"type": "number"}}}
        },
        headers=AUTH,
    )
    played = item(now, category="media", action="video_played", label="intro", value=12.5)
    sent(client, [played, item(now, category="media", action="other")])
    services.freshen()
    assert {event["event"] for event in events(client)} == {"video_played", "event"}
    tables = whole_database(services.database)
    values = {(r["event"], r["property"], r["label"]) for r in tables["daily_values"]}
    assert ("video_played", "label", "intro") in values
    assert {r["total"] for r in tables["daily_numbers"] if r["event"] == "video_played"} == {12.5}
    assert get(client, "/funnels?steps=video_played,event&within=1")["steps"][0]["count"] == 1
