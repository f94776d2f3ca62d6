"""PostHog's SDKs: bodies as they were captured, and what becomes of each."""

from __future__ import annotations

import json
from base64 import b64encode
from gzip import compress
from typing import Any
from urllib.parse import quote
from uuid import UUID

import pytest

from app import create_app
from database import Unavailable
from stories.config import Config
from stories.intake.adapters import posthog, posthog_fields
from stories.privacy.ids import nobody, person_id
from tests.intake.adapters.product_sdks import (
    BROWSER,
    CAPTURED,
    KEY,
    ODD,
    PLACES,
    batch,
    drops,
    everything,
    held,
    make_app,
    send,
    text_of,
)
from tests.rollup_tables import values

NAMES = [name for name in PLACES if name.startswith("posthog")]
ANONYMOUS = "01a2229f-8e93-7618-8fbb-8bc03b3a25d7"


@pytest.fixture
def shop(client, services, database):
    return make_app(client, services, database)


def event(name="file_exported", **changes):
    return {"event": name, "distinct_id": "anna-7", "timestamp": CAPTURED.isoformat(), **changes}


def test_the_client_for_python_is_understood(client, services, database, shop):
    assert send(client, "posthog_python") == {"status": 1}
    anna = person_id(shop, "anna@example.com", services.key.digest())
    server = held(database, "event, user_id, platform, properties, session_id, app_version")
    assert [row[0] for row in server] == ["file_exported", "server_started", "error_handled"]
    export, start, error = server
    assert export[2:] == (
        "Linux",
        {"kind": "pdf", "pages": 3, "sdk": "posthog-python"},
        None,
        None,
    )
    assert start[1] >= UUID("ffffffff-ffff-ffff-0000-000000000000")
    assert start[3] == {"port": 80, "sdk": "posthog-python"}
    assert error[1] == export[1]
    # Its alias names her second, and nobody of the two was known before.
    assert anna in {row[0] for row in values(database, "select anonymous from person_links")}
    assert drops(client) == {"left_out:set": 1}


def test_the_client_for_node_is_understood(client, services, database, shop):
    send(client, "posthog_node")
    anna = person_id(shop, "anna-7", services.key.digest())
    assert held(database, "event, user_id, properties ->> 'kind'") == [
        ("file_exported", anna, "pdf"),
        ("error_handled", anna, None),
    ]
    chain = values(database, "select detail -> 'chain' from error_details")[0][0]
    assert [(link["type"], link["message"]) for link in chain] == [
        ("TypeError", "cannot read x"),
        ("Error", "inner cause"),
    ]
    newest = chain[0]["frames"][0]
    assert (newest["function"], newest["file"], newest["line"]) == ("inner", "shop.mjs", 9)
    assert newest["context_start"] == 7
    assert drops(client) == {"left_out:groupidentify": 1}


def test_an_error_that_nobody_caught_is_a_crash(client, database, shop):
    send(client, "posthog_python_crash")
    send(client, "posthog_node_rejection")
    crashes = values(
        database,
        "select crash_type, error_message, os_version, user_id::text like 'ffffffff-%%' "
        "from crashes order by error_message",
    )
    assert crashes == [
        ("unhandled_rejection", "RangeError: too far", None, True),
        ("uncaught_error", "ValueError: no price", "Linux", True),
    ]
    chains = values(
        database,
        "select error_details.detail -> 'chain' from crashes "
        "join error_details using (user_id, timestamp, dedupe_key) where crash_type = 'uncaught_error'",
    )
    assert [link["type"] for link in chains[0][0]] == ["ValueError", "KeyError"]
    assert held(database) == []


def test_the_newest_protocol_is_answered_in_its_own_words(client, services, database, shop):
    assert send(client, "posthog_python_v1") == {"results": {}}
    rows = held(database, "event, user_id::text like 'ffffffff-%%'")
    assert rows == [("file_exported", False), ("server_started", True)]


def test_a_page_view_has_a_websites_properties(client, services, database):
    make_app(client, services, database, kind="website")
    send(client, "posthog_js_pageview")
    (row,) = held(database, "event, platform, country, properties")
    assert row == (
        "pageview",
        "Linux",
        None,  # of a machine in UTC
        {
            "path": "/prices",
            "title": "Shop prices",
            "utm_source": "news",
            "visit_source": "news",
            "browser": "Chrome",
            "os": "Linux",
            "device": "desktop",
            "sdk": "web",
        },
    )


def test_another_kind_of_app_has_page_views_too(client, database, shop):
    batch(
        client,
        event("$pageview", properties={"$current_url": "file:///home/anna/app/main.html?a=b"}),
        event("$screen", properties={"$screen_name": "Settings"}),
        event(
            "$pageview", properties={"$pathname": "/home/prices", "$referrer": "https://a.b/c?d"}
        ),
    )
    rows = held(database, "event, properties - 'visit_source'")
    assert {name for name, _ in rows} == {"page_viewed"}
    assert sorted((properties for _, properties in rows), key=str) == [
        {"path": "/home/prices", "referrer": "a.b"},
        {"path": "/main.html"},
        {"title": "Settings"},
    ]


@pytest.mark.parametrize("name", ["posthog_js_form", "posthog_js_gzip"])
def test_bodies_of_older_clients_for_pages_are_read(client, database, shop, name):
    send(client, name)
    assert held(database, "event, properties ->> 'path'") == [("page_viewed", "/prices")]


def test_a_list_of_events_is_read(client, database, shop):
    send(client, "posthog_js_list")
    assert held(database) == []
    assert drops(client) == {"left_out:pageleave": 1}


@pytest.mark.parametrize("name", NAMES)
def test_a_second_time_stores_nothing_more(client, database, shop, name):
    send(client, name)
    before = counts(database)
    send(client, name)
    assert counts(database) == before


def counts(database):
    """Of what one request stores, links and all."""
    return [
        values(database, f"select count(*) from {table}")[0][0]
        for table in ("events", "crashes", "error_details", "person_links")
    ]


def test_nothing_is_kept_of_who_somebody_is(client, database, shop):
    sent = "".join(text_of(name) for name in NAMES if "form" not in name)
    for secret in ("anna@example.com", "secret=x", "$device_id", "Chrome/156", "$set", "anna-7"):
        assert secret in sent
    for name in NAMES:
        send(client, name)
    kept = everything(database)
    for secret in (
        "example.com",
        "Anna",
        "secret=x",
        "device_id",
        "Chrome/156",
        "$",
        KEY,
        "anna-7",
    ):
        assert secret not in kept, secret


def test_only_the_properties_of_the_list_are_kept(client, database, shop):
    kept = [name for name in posthog_fields.KEPT if name.startswith("$")]
    sent = dict.fromkeys(kept, "x") | dict.fromkeys(posthog_fields.NOT_OWN, "y")
    batch(client, event(properties={**sent, "$ip": "203.0.113.7", "$other": 1, "own": [1]}))
    notes = {"app_version": "left out", "platform": "left out"}  # an x is none
    assert held(database) == [("file_exported", {"own": [1], "sdk": "x", "_notes": notes})]


def test_traits_that_the_app_declares_are_kept(client, services, database):
    declared = {"signed_up": {"plan": {"type": "label"}}}
    make_app(client, services, database, events=declared)
    traits = {"plan": "pro", "email": "anna@example.com"}
    batch(
        client,
        event("signed_up", properties={"$set": traits, "$set_once": {"plan": "free"}}),
        event("other", properties={"$set": traits}),
    )
    assert dict(held(database)) == {"signed_up": {"plan": "pro"}, "other": None}


def test_names_and_versions_and_countries_find_their_columns(client, database, shop):
    sent = {
        "$app_version": "1.4.2",
        "$os": "Mac OS X",
        "$os_version": "14.5",
        "$timezone": "Europe/Berlin",
        "$session_id": ANONYMOUS,
    }
    batch(client, event("Order Completed", properties=sent))
    columns = "event, app_version, platform, country, session_id, properties"
    assert held(database, columns) == [
        ("Order Completed", "1.4.2", "Mac OS X 14.5", "DE", ANONYMOUS, None)
    ]


def test_too_many_properties_cost_the_surplus_and_not_the_event(client, database, shop):
    many = {f"n{number}": number for number in range(100)}
    huge = {"text": "x" * 9000, "deep": [[[[[[[1]]]]]]], "far": 1e300, "kind": "pdf"}
    batch(client, event("many", properties=many), event("huge", properties=huge))
    rows = dict(held(database))
    assert len(rows["many"]) == 64  # 63 of them and the note
    assert rows["many"]["_notes"] == {"properties": "37 left out"}
    assert rows["huge"] == {"kind": "pdf", "_notes": {"properties": "3 left out"}}


def test_an_event_without_a_time_is_stamped_and_known_again(client, database, shop):
    sent = {"event": "opened", "distinct_id": "anna-7", "uuid": ANONYMOUS, "offset": 2000}
    for moment in (CAPTURED, CAPTURED.replace(minute=45)):
        client.application.config["NOW"] = lambda moment=moment: moment
        batch(client, sent)
    assert held(database, "timestamp") == [(CAPTURED.replace(minute=29, second=58),)]


@pytest.mark.parametrize(
    ("path", "body", "headers"),
    [
        ("/e/", {"api_key": KEY, "event": "a", "distinct_id": "x"}, {}),
        ("/capture", {"token": KEY, "event": "a", "distinct_id": "x"}, {}),
        ("/i/v0/e/", {"event": "a", "properties": {"token": KEY, "distinct_id": "x"}}, {}),
        ("/e", [{"event": "a", "properties": {"token": KEY}}], {}),
        (f"/batch?api_key={KEY}", {"batch": [{"event": "a", "distinct_id": "x"}]}, {}),
        ("/batch/", {"batch": [{"event": "a"}]}, {"Authorization": f"Bearer {KEY}"}),
    ],
)
def test_the_key_may_stand_where_clients_put_it(client, database, shop, path, body, headers):
    answer = client.post(path, data=json.dumps(body), headers=headers)
    assert answer.status_code == 200, answer.text
    assert held(database, "event") == [("a",)]


@pytest.mark.parametrize("key", ["f" * 32, "", None, 5, ["x"], "é" * 32, "x" * 200])
def test_a_wrong_key_is_refused(client, database, shop, key):
    answer = client.post("/batch/", json={"api_key": key, "batch": [event()]})
    assert (answer.status_code, answer.json["code"]) == (401, "unknown_app_key")
    assert held(database) == []


def test_flags_and_settings_are_none(client):
    for path in ("/flags/?v=2", "/decide/?v=3", "/flags"):
        answer = client.post(path, data=compress(b'{"token":"any"}'))
        assert answer.json["flags"] == answer.json["featureFlags"] == {}
        assert answer.json["errorsWhileComputingFlags"] is False
    assert client.get("/array/any/config").json["hasFeatureFlags"] is False
    script = client.get("/array/any/config.js")
    assert (script.data, script.mimetype) == (b"", "text/javascript")


def test_its_preflight_is_answered(client):
    asked = {
        "Origin": "https://shop.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type,x-own",
    }
    answer = client.options("/e/?ip=1", headers=asked)
    assert answer.headers["Access-Control-Allow-Origin"] in ("*", "https://shop.example")
    assert "content-type" in answer.headers["Access-Control-Allow-Headers"].lower()


def test_its_own_events_are_counted_by_their_kind(client, database, shop):
    batch(client, event("$autocapture"), event("$rageclick"), event("$made_up"), event("$made2"))
    assert held(database) == []
    assert drops(client) == {
        "left_out:autocapture": 1,
        "left_out:rageclick": 1,
        "left_out:internal": 2,
    }


def test_one_bad_event_costs_no_good_one(client, database, shop):
    answer = batch(
        client,
        event("weird/name!"),
        event("x" * 300),
        event(5),
        event("late", timestamp="soon"),
        event("good"),
        5,
        {},
    )
    assert answer.json == {"status": 1}
    assert held(database, "event") == [("good",)]
    assert drops(client) == {"invalid_event": 5, "invalid_timestamp": 1}


def test_an_app_with_a_catalogue_refuses_other_names(client, services, database):
    make_app(client, services, database, accepts="declared")
    batch(client, event("app_opened"), event("unheard"))
    assert held(database, "event") == [("app_opened",)]
    assert drops(client) == {"unknown_event": 1}


@pytest.mark.parametrize("own", ["anonymous", "null", "", " ", "0", "undefined", "[object Object]"])
def test_an_id_that_is_none_is_nobodys(client, services, database, shop, own):
    batch(client, event(distinct_id=own), {**event("b"), "distinct_id": None})
    key = services.key.digest()
    assert {row[0] for row in held(database, "user_id")} == {nobody(shop, "", key)}


def test_visitors_of_a_website_who_refuse_are_left_out(client, services, database):
    make_app(client, services, database, kind="website")
    path, headers = PLACES["posthog_js_pageview"]
    body = text_of("posthog_js_pageview").encode()
    client.post(path, data=body, headers={**headers, "DNT": "1"})
    robot = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
    client.post(path, data=body, headers={**headers, "User-Agent": robot})
    assert held(database) == []
    assert drops(client) == {"left_out:no_consent": 1, "left_out:crawler": 1}


@pytest.mark.parametrize(
    "body",
    [
        b"data=" + quote(b64encode(b'[{"event":"a"}]')).encode(),
        b"data=%%%",
        b"data=",
        b"data=eyI&compression=lz64",
        b"[]",
        b"null",
        b"5",
        b'{"batch": null}',
        b'{"batch": {"a": 1}}',
        b'{"batch": [null, 1, "x", [], {"event": {}}]}',
        b'{"api_key": "\xff"}',
        b'{"event": "\\ud800", "properties": {"token": "\\u0000"}}',
        b"\x1f\x8bnot gzip",
        compress(b"x" * 6_000_000),
        b"[" * 200_000,
    ],
)
@pytest.mark.parametrize("path", ["/e/", "/batch/", "/i/v1/analytics/events", "/flags/"])
def test_a_hostile_body_is_no_failure_of_the_server(client, shop, path, body):
    for query in ("", f"?api_key={KEY}", f"?api_key={KEY}&compression=base64"):
        answer = client.post(path + query, data=body)
        assert answer.status_code in (200, 400, 401, 413), answer.text


def test_hostile_events_are_no_failure_of_the_server(client, shop):
    fields = (
        "distinct_id",
        "timestamp",
        "uuid",
        "properties",
        "event",
        "$set",
        "offset",
        "options",
    )
    names = (*posthog_fields.KEPT, "$set", "$exception_type", "token", "title", "utm_source")
    for value in ODD:
        events = [event(**{name: value}) for name in fields]
        for kind in ("a", "$pageview", "$exception", "$identify", "$create_alias", "$screen"):
            events += [event(kind, properties={name: value}) for name in (*names, "alias")]
            events.append(event(kind, properties=dict.fromkeys(names, value)))
        links: list[Any] = [
            {"type": value, "value": value, "mechanism": value, "stacktrace": value}
        ]
        links += [{"stacktrace": {"frames": [value, dict.fromkeys(FRAME, value)]}}]
        events.append(event("$exception", properties={"$exception_list": links}))
        body = json.dumps({"api_key": KEY, "batch": events})
        answer = client.post("/batch/", data=body)
        assert answer.status_code == 200, answer.text


FRAME = ("filename", "abs_path", "function", "lineno", "colno", "context_line", "pre_context",
         "post_context", "in_app", "module", "vars")  # fmt: skip


def test_local_variables_are_not_kept(client, database, shop):
    frame = {"function": "pay", "filename": "a.py", "vars": {"card": "SECRET"}, "lineno": 3,
             "code_variables": {"pin": "SECRET"}}  # fmt: skip
    error = {"type": "ValueError", "value": "x", "stacktrace": {"frames": [frame]}}
    batch(client, event("$exception", properties={"$exception_list": [error]}))
    assert "pay" in everything(database)
    assert "SECRET" not in everything(database)


def test_a_full_ledger_names_only_kinds_of_ours(client, shop):
    batch(client, *(event(f"${name}") for name in ("x" * 90, "anna@example.com")))
    assert set(drops(client)) == {"left_out:internal"}
    assert all(name.startswith("$") for name in posthog.LEFT_OUT)


@pytest.mark.parametrize(("headers", "status"), [({}, 429), (BROWSER, 503)])
def test_too_many_requests_are_refused_so_that_the_client_sends_them_again(dsn, headers, status):
    made = create_app(Config(ratelimit_ingest=1, run_jobs=False), dsn)
    client = made.test_client()
    client.post("/flags/", data=b"{}")
    answer = client.post("/e/", data=b"{}", headers=headers)
    assert answer.status_code == status
    assert "too_many_requests" in answer.text
    assert int(answer.headers["Retry-After"]) > 0
    if headers:
        assert answer.headers["Access-Control-Allow-Origin"]


def test_without_the_database_it_says_when_to_come_again(client, services, shop, monkeypatch):
    def away(rows):
        raise Unavailable("the database is away")

    monkeypatch.setattr(services.events, "append", away)
    answer = batch(client, event())
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
