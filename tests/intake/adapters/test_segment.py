"""Segment's SDKs: bodies as they were captured, and what becomes of each."""

from __future__ import annotations

import json

import pytest

from stories.privacy.ids import as_uuid, person_id
from tests.intake.adapters.product_sdks import (
    BASIC,
    CAPTURED,
    KEY,
    ODD,
    PLACES,
    calls,
    drops,
    everything,
    held,
    make_app,
    send,
    text_of,
)
from tests.rollup_tables import values

NAMES = [name for name in PLACES if name.startswith("segment")]


@pytest.fixture
def shop(client, services, database):
    return make_app(client, services, database)


def track(name="Order Completed", **changes):
    return {"type": "track", "event": name, "userId": "anna-7", "timestamp": CAPTURED.isoformat(),
            **changes}  # fmt: skip


def test_the_client_for_python_is_understood(client, services, database, shop):
    assert send(client, "segment_python") == {"success": True}
    anna = person_id(shop, "anna-7", services.key.digest())
    rows = held(database, "event, user_id, properties - 'sdk'")
    assert sorted(rows, key=str) == [
        ("Order Completed", anna, {"total": 30, "currency": "EUR"}),
        (
            "page_viewed",
            anna,
            {"path": "/docs/python", "title": "Docs", "referrer": "news.example",
             "visit_source": "news.example"},
        ),
        ("page_viewed", anna, {"title": "Main", "tab": "general", "visit_source": "direct"}),
        ("signed_up", anna, {}),  # by the anonymous id that its alias names
    ]  # fmt: skip
    assert drops(client) == {"left_out:group": 1}


def test_the_client_for_node_is_understood(client, services, database, shop):
    send(client, "segment_node")
    anna = person_id(shop, "anna-7", services.key.digest())
    columns = "event, user_id, app_version, platform, country, properties - 'sdk'"
    rows = {row[0] + str(row[5].get("title", "")): row[1:] for row in held(database, columns)}
    assert rows == {
        "Order Completed": (anna, "1.2.3", "macOS 14.5", "DE", {"total": 30}),
        "page_viewedHome": (
            anna,
            None,
            None,
            None,
            {"path": "/home", "title": "Home", "utm_source": "x", "referrer": "news.example",
             "visit_source": "news.example"},
        ),
        "page_viewedSettings": (
            anna, None, None, None, {"title": "Settings", "visit_source": "direct"}),
    }  # fmt: skip


def test_a_page_of_a_website_is_a_page_view(client, services, database):
    make_app(client, services, database, kind="website")
    send(client, "segment_js_page")
    assert held(database, "event, platform, properties") == [
        (
            "pageview",
            "Linux",
            {
                "path": "/docs",
                "title": "Docs",
                "utm_source": "news",
                "visit_source": "news",
                "browser": "Chrome",
                "os": "Linux",
                "device": "desktop",
                "sdk": "analytics.js",
            },
        )
    ]


def test_identify_comes_after_and_holds_from_then_on(client, services, database, shop):
    send(client, "segment_js_identify")
    anonymous = "a708acc3-bba2-4639-b0f6-cea76284cbcc"
    calls(client, {"type": "track", "event": "b", "anonymousId": anonymous})
    anna = person_id(shop, "anna-7", services.key.digest())
    assert held(database, "user_id") == [(anna,)]
    links = dict(values(database, "select anonymous, user_id from person_links"))
    assert links == {anna: anna, as_uuid(anonymous): anna}


@pytest.mark.parametrize("name", NAMES)
def test_a_second_time_stores_nothing_more(client, database, shop, name):
    send(client, name)
    before = held(database, "event, user_id, dedupe_key")
    send(client, name)
    assert held(database, "event, user_id, dedupe_key") == before


def test_nothing_is_kept_of_who_somebody_is(client, database, shop):
    sent = "".join(map(text_of, NAMES))
    for secret in ("anna@example.com", "1.2.3.4", "secret=x", "token=x", "Acme", "anna-7"):
        assert secret in sent
    for name in NAMES:
        send(client, name)
    kept = everything(database)
    for secret in ("example.com", "1.2.3.4", "secret=x", "token=x", "Acme", "anna-7", KEY, "en-US"):
        assert secret not in kept, secret


def test_traits_that_the_app_declares_are_kept(client, services, database):
    make_app(client, services, database, events={"bought": {"plan": {"type": "label"}}})
    traits = {"plan": "pro", "email": "anna@example.com"}
    calls(client, track("bought", context={"traits": traits}), track("b", traits=traits))
    assert dict(held(database)) == {"bought": {"plan": "pro"}, "b": None}


@pytest.mark.parametrize("call", ["t", "track", "p", "page", "s", "screen", "batch", "b"])
def test_each_address_takes_its_call(client, database, shop, call):
    single = {"userId": "anna-7", "event": "a", "name": "A", "writeKey": KEY}
    body = {"writeKey": KEY, "batch": [track()]} if call in ("batch", "b") else single
    assert client.post(f"/v1/{call}", data=json.dumps(body)).json == {"success": True}
    assert len(held(database)) == 1


@pytest.mark.parametrize("call", ["i", "identify", "a", "alias", "g", "group"])
def test_calls_about_people_store_no_event(client, database, shop, call):
    body = {"userId": "anna-7", "previousId": "b", "groupId": "g", "traits": {"email": "a@b.cd"}}
    answer = client.post(f"/v1/{call}", json=body, headers=BASIC)
    assert answer.json == {"success": True}
    assert held(database) == []


def test_the_key_may_be_a_name_or_stand_in_the_body(client, database, shop):
    assert client.post("/v1/track", json=track(), headers=BASIC).status_code == 200
    assert client.post("/v1/track", json={**track("b"), "writeKey": KEY}).status_code == 200
    for basic in ("", "Basic !", "Basic /w==", "Basic \u00fc"):
        answer = client.post("/v1/track", json=track(), headers={"Authorization": basic})
        assert (answer.status_code, answer.json["code"]) == (401, "unknown_app_key")
    assert len(held(database)) == 2


def test_what_a_batch_says_of_all_its_calls_is_theirs(client, database, shop):
    body = {"writeKey": KEY, "context": {"timezone": "Asia/Calcutta"}, "batch": [track()]}
    client.post("/v1/batch", json=body)
    assert held(database, "country") == [("IN",)]


def test_one_bad_call_costs_no_good_one(client, database, shop):
    calls(
        client, track("x!"), track(5), track(timestamp="soon"), {"type": "made up"}, 5, track("a")
    )
    assert held(database, "event") == [("a",)]
    assert drops(client) == {
        "invalid_event": 2,
        "invalid_timestamp": 1,
        "left_out:other": 2,
    }


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"5", b'{"batch": 5}', b'{"batch": [null, []]}', b"\xff"]
)
def test_a_hostile_body_is_no_failure_of_the_server(client, shop, body):
    for call in ("batch", "t", "identify"):
        answer = client.post(f"/v1/{call}", data=body, headers=BASIC)
        assert answer.status_code in (200, 400), answer.text


def test_hostile_calls_are_no_failure_of_the_server(client, shop):
    fields = ("userId", "anonymousId", "previousId", "type", "event", "name", "timestamp",
              "messageId", "properties", "context", "traits")  # fmt: skip
    inner = ("app", "os", "timezone", "library", "userAgent", "page", "campaign", "traits")
    pages = ("path", "url", "title", "referrer", "utm_source")
    for value in ODD:
        sent = [
            track(**{"type": kind, name: value}) for name in fields for kind in ("track", "page")
        ]
        sent += [track(type="page", context={name: value}) for name in inner]
        sent += [track(type="page", properties={name: value}) for name in pages]
        sent += [track(type=kind, previousId=value) for kind in ("alias", "identify")]
        body = json.dumps({"writeKey": KEY, "batch": sent, "context": value})
        assert client.post("/v1/batch", data=body).status_code == 200
