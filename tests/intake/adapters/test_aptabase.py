"""Aptabase's SDKs: bodies as they were captured, and what becomes of each."""

from __future__ import annotations

import json

import pytest

from stories.privacy.ids import nobody
from tests.intake.adapters.product_sdks import (
    AUTH,
    CAPTURED,
    KEY,
    ODD,
    PLACES,
    drops,
    everything,
    held,
    make_app,
    send,
)

HEADERS = {"App-Key": f"A-SH-{KEY}"}


@pytest.fixture
def shop(client, services, database):
    return make_app(client, services, database)


def event(name="file_exported", **changes):
    return {"eventName": name, "sessionId": "1795877", "timestamp": CAPTURED.isoformat(), **changes}


def test_the_client_for_python_is_understood(client, services, database, shop):
    assert send(client, "aptabase_python") == {}
    columns = "event, user_id, app_version, platform, channel, properties"
    someone = nobody(shop, "179587703249273479", services.key.digest())
    common = ("1.2.3", "Linux 6.8.0-45-generic", "debug")
    assert held(database, columns) == [
        ("file_exported", someone, *common,
         {"kind": "pdf", "pages": 3, "sdk": "aptabase-python@0.1.0"}),
        ("app_opened", someone, *common, {"sdk": "aptabase-python@0.1.0"}),
    ]  # fmt: skip
    sessions = held(database, "distinct session_id, 1 as timestamp, 1 as event")
    assert len(sessions) == 1
    assert sessions[0][0]


def test_the_client_for_pages_is_understood(client, database, shop):
    assert send(client, "aptabase_web") == {}
    assert held(database, "event, platform, app_version, channel") == [
        ("file_exported", "Linux", "1.2.3", None)
    ]


def test_nobody_is_counted_as_a_person(client, services, database, shop):
    send(client, "aptabase_web")
    services.freshen()
    assert client.get("/users?app=shop", headers=AUTH).json["users"] == []


@pytest.mark.parametrize("name", [name for name in PLACES if name.startswith("aptabase")])
def test_a_second_time_stores_nothing_more(client, database, shop, name):
    send(client, name)
    before = held(database, "event, dedupe_key")
    send(client, name)
    assert held(database, "event, dedupe_key") == before


def test_nothing_else_is_kept(client, database, shop):
    system = {"locale": "xx-YY", "deviceModel": "Annas-Mac", "osName": "macOS", "osVersion": "14.5"}
    client.post("/api/v0/event", json=event(systemProps=system, extra="SECRET"), headers=HEADERS)
    kept = everything(database)
    assert "macOS 14.5" in kept
    for secret in ("xx-YY", "Annas", "SECRET", KEY, "1795877"):
        assert secret not in kept, secret


@pytest.mark.parametrize("key", [f"A-EU-{KEY}", f"A-US-{KEY}", KEY])
def test_the_key_may_name_any_region(client, database, shop, key):
    answer = client.post("/api/v0/event", json=event(), headers={"App-Key": key})
    assert (answer.status_code, len(held(database))) == (200, 1)


@pytest.mark.parametrize("key", ["", "A-SH-", "A-SH-1", f"A-SH-{KEY}-", "é"])
def test_a_wrong_key_is_refused(client, shop, key):
    answer = client.post("/api/v0/event", json=event(), headers={"App-Key": key})
    assert (answer.status_code, answer.json["code"]) == (401, "unknown_app_key")


def test_two_that_are_alike_in_one_request_are_two(client, database, shop):
    for _ in range(2):
        client.post("/api/v0/events", json=[event(), event()], headers=HEADERS)
    assert len(held(database)) == 2


def test_one_bad_event_costs_no_good_one(client, database, shop):
    sent = [event("x!"), event(5), event(timestamp="soon"), 5, event("a")]
    assert client.post("/api/v0/events", json=sent, headers=HEADERS).json == {}
    assert held(database, "event") == [("a",)]
    assert drops(client) == {"invalid_event": 3, "invalid_timestamp": 1}


def test_hostile_events_are_no_failure_of_the_server(client, shop):
    fields = ("eventName", "sessionId", "timestamp", "props", "systemProps")
    system = ("osName", "osVersion", "appVersion", "sdkVersion", "isDebug")
    for value in ODD:
        sent = [event(**{name: value}) for name in fields]
        sent += [event(systemProps={name: value}) for name in system]
        answer = client.post("/api/v0/events", data=json.dumps([*sent, value]), headers=HEADERS)
        assert answer.status_code == 200, answer.text
        single = client.post("/api/v0/event", data=json.dumps(value), headers=HEADERS)
        assert single.status_code == 200, single.text
