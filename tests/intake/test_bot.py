"""POST /api/bot/events and /api/analytics/stats, /users, /users/{client_id}/events
(docs/COMPATIBILITY.md)."""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest

from stories import catalogue
from stories.rollups import recount
from stories.storage import expiry
from tests.support import basic, crash, whole_database

AUTH = basic("admin", "admin")
SAID = "the lighthouse keeper's secret diary"


def event(name: str = "user_message", **changes: Any) -> dict[str, Any]:
    return {"client_id": "77001", "event_name": name, **changes}


def sent(client, body: Any) -> Any:
    return client.post("/api/bot/events", json=body, headers=AUTH)


def get(client, path: str) -> Any:
    answer = client.get(path, headers=AUTH)
    assert answer.status_code == 200, answer.text
    return answer.json


def test_the_specifications_eleven_events_are_taken(client):
    names = list(catalogue.BOT)
    assert len(names) == 11
    answer = sent(client, [event(name) for name in names]).json
    assert answer.pop("timestamp")
    assert answer == {
        "success": True,
        "events_received": 11,
        "events_stored": 11,
        "duplicates": 0,
        "rejected": [],
    }


def test_the_three_answers_have_the_specifications_exact_shapes(client, now):
    when = [(now - timedelta(days=2, seconds=60 - n)).isoformat() for n in range(5)]
    said = {"persona_id": "p-1", "persona_name": "Aria"}
    sent(
        client,
        [
            event("start_command", created_at=when[0], meta={"source": "link"}),
            event("persona_selected", created_at=when[1], **said),
            event(created_at=when[2], message=SAID, **said),
            event("ai_message", created_at=when[3], message="aye", **said),
            event(
                "image_generated",
                created_at=when[4],
                prompt="a lighthouse",
                negative_prompt="blurry",
                **said,
            ),
            event("command", client_id=5, created_at=now.isoformat()),
        ],
    )
    assert get(client, "/api/analytics/stats") == {
        "users": 2,
        "messages": 2,
        "images": 1,
        "active_users_1d": 1,
        "active_users_7d": 2,
        "active_users_30d": 2,
        "popular_personas": [{"persona_id": "p-1", "persona_name": "Aria", "count": 1}],
    }
    stamp = "%Y-%m-%dT%H:%M:%S.000Z"
    assert get(client, "/api/analytics/users") == {
        "users": [
            {
                "client_id": "5",
                "first_seen": now.strftime(stamp),
                "last_seen": now.strftime(stamp),
                "events": 1,
                "messages": 0,
                "images": 0,
            },
            {
                "client_id": "77001",
                "first_seen": (now - timedelta(days=2, seconds=60)).strftime(stamp),
                "last_seen": (now - timedelta(days=2, seconds=56)).strftime(stamp),
                "events": 5,
                "messages": 2,
                "images": 1,
            },
        ],
        "next_cursor": None,
    }
    body = get(client, "/api/analytics/users/77001/events")
    assert (body["client_id"], body["next_cursor"]) == ("77001", None)
    assert [row["event_name"] for row in body["events"]] == [
        "start_command",
        "persona_selected",
        "user_message",
        "ai_message",
        "image_generated",
    ]
    fields = {
        "event_name",
        "persona_id",
        "persona_name",
        "message",
        "prompt",
        "negative_prompt",
        "image_url",
        "meta",
        "created_at",
    }
    assert all(set(row) >= fields for row in body["events"])
    assert body["events"][0]["meta"] == {"source": "link"}
    assert body["events"][2]["message"] == SAID
    assert (body["events"][4]["prompt"], body["events"][4]["negative_prompt"]) == (
        "a lighthouse",
        "blurry",
    )


def test_empty_answers(client):
    assert get(client, "/api/analytics/stats")["users"] == 0
    assert get(client, "/api/analytics/users") == {"users": [], "next_cursor": None}
    nobody = get(client, "/api/analytics/users/nobody/events")
    assert nobody == {"client_id": "nobody", "events": [], "next_cursor": None}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"event_name": "user_danced"}, "invalid_event_name"),
        ({"event_name": 7}, "invalid_event_name"),
        ({"client_id": ""}, "invalid_client_id"),
        ({"client_id": True}, "invalid_client_id"),
        ({"client_id": None}, "invalid_client_id"),
        ({"message": "m" * 20_001}, "invalid_message"),
        ({"message": 5}, "invalid_message"),
        ({"image_url": "file:///etc/passwd"}, "invalid_image_url"),
        ({"image": {"data": "%%%"}}, "invalid_image"),
        ({"image": {"data": "aGVsbG8="}}, "invalid_image"),
        ({"image": "aGVsbG8="}, "invalid_image"),
        ({"meta": [1]}, "invalid_meta"),
        ({"meta": {"text": "x" * 8200}}, "properties_too_large"),
        ({"created_at": "2020-01-01T00:00:00Z"}, "timestamp_too_old"),
        ({"created_at": "then"}, "invalid_created_at"),
        ({"message": "\0"}, "unstorable_text"),
    ],
)
def test_it_rejects_a_bad_field_by_name_and_keeps_the_good_item(client, changes, code):
    answer = sent(client, [event(), event(**changes)])
    assert answer.status_code == 200
    assert answer.json["events_stored"] == 1
    [rejected] = answer.json["rejected"]
    assert (rejected["index"], rejected["code"]) == (1, code)
    alone = sent(client, event(**changes))
    assert (alone.status_code, alone.json["code"]) == (400, code)


def test_an_item_with_an_id_is_stored_once_with_its_content(app, client, services, now):
    for stamped in (True, False):
        one = event(id=f"m{stamped}", message="hi")
        if stamped:
            one["created_at"] = now.isoformat()
        for minutes in range(3):
            app.config["NOW"] = lambda later=minutes: now + timedelta(minutes=later)
            answer = sent(client, [one, one]).json
            assert answer["events_stored"] == (minutes == 0)
    assert len(whole_database(services.database)["contents"]) == 2


def test_an_item_with_neither_id_nor_time_is_never_a_repeat(client):
    assert sent(client, [event(message="ok")] * 2).json["events_stored"] == 2
    assert sent(client, event(message="ok")).json["events_stored"] == 1


def test_ids_are_a_clients_own(client):
    items = [event(id="1"), event(id="1", client_id="77002")]
    assert sent(client, items).json["events_stored"] == 2


def test_users_and_timelines_are_paged(client, now):
    times = [(now - timedelta(minutes=n)).isoformat() for n in range(25)]
    sent(client, [event(client_id=n % 7, created_at=when) for n, when in enumerate(times)])
    sent(client, [event(client_id="busy", message=str(n)) for n in range(25)])
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = get(client, f"/api/analytics/users?limit=3&cursor={cursor}")
        assert len(page["users"]) <= 3
        seen += [user["client_id"] for user in page["users"]]
        cursor = page["next_cursor"]
    assert sorted(seen) == [*map(str, range(7)), "busy"]
    said: list[str] = []
    cursor = ""
    while cursor is not None:
        page = get(client, f"/api/analytics/users/busy/events?limit=4&cursor={cursor}")
        said += [row["message"] for row in page["events"]]
        cursor = page["next_cursor"]
    assert sorted(said, key=int) == [str(n) for n in range(25)]


def test_people_of_any_app_are_paged_by_last_activity(client, now):
    sent(
        client,
        [event(client_id=n, created_at=(now - timedelta(hours=n)).isoformat()) for n in range(5)],
    )
    first = get(client, "/users?app=bot&limit=3")
    second = get(client, f"/users?app=bot&limit=3&cursor={first['next_cursor']}")
    people = first["users"] + second["users"]
    assert [person["external_id"] for person in people] == [str(n) for n in range(5)]
    assert second["next_cursor"] is None
    assert people[0]["last_active"] == now.strftime("%Y-%m-%dT%H:%M:%S.000Z")


@pytest.mark.parametrize(
    "path", ["/api/analytics/users", "/api/analytics/users/1/events", "/users?app=bot"]
)
@pytest.mark.parametrize("query", ["limit=0", "limit=x", "cursor=nonsense", "cursor=W10", "odd=1"])
def test_a_bad_parameter_is_a_400_that_names_it(client, path, query):
    answer = client.get(f"{path}{'&' if '?' in path else '?'}{query}", headers=AUTH)
    assert answer.status_code == 400
    assert query.partition("=")[0] in answer.json["error"]


@pytest.mark.parametrize("client_id", ["a/b", "ä ö", "50%", "?", "-1"])
def test_any_client_id_has_a_timeline(client, client_id):
    sent(client, event(client_id=client_id))
    body = get(client, f"/api/analytics/users/{quote(client_id, safe='/')}/events")
    assert (body["client_id"], len(body["events"])) == (client_id, 1)


def test_somebody_known_by_a_crash_alone_is_no_user_of_the_bot(client):
    apps = {app["slug"]: app for app in get(client, "/apps")["apps"]}
    key = {"X-App-Key": apps["bot"]["ingest_key"]}
    assert client.post("/crash", json=crash(), headers=key).status_code == 200
    sent(client, event())
    assert [user["client_id"] for user in get(client, "/api/analytics/users")["users"]] == ["77001"]
    assert get(client, "/api/analytics/stats")["users"] == 1
    assert len(get(client, "/users?app=bot")["users"]) == 2


def test_messages_are_in_no_rollup_no_export_and_no_log(client, services, caplog):
    caplog.set_level(logging.DEBUG)
    item = event(message=SAID, prompt=SAID, negative_prompt=SAID)
    sent(client, [item, event(message="\0" + SAID), {**item, "event_name": SAID}])
    services.freshen()
    services.ledger.write()
    tables = whole_database(services.database)
    holding = {name for name, rows in tables.items() if SAID in json.dumps(rows, default=str)}
    assert holding == {"contents"}
    assert SAID not in caplog.text
    assert SAID not in client.get("/api/export?app=bot&format=csv", headers=AUTH).text
    assert SAID not in client.get("/events?app=bot", headers=AUTH).text


def test_content_expires_before_its_events(app, client, services, now):
    client.patch("/apps/bot", json={"content_days": 10}, headers=AUTH)
    times = [(now - timedelta(days=days)).isoformat() for days in (3, 20)]
    sent(client, [event(created_at=when, message=when) for when in times])
    result = expiry.expire(services.database, services.apps, services.key, now)
    assert (result["messages_deleted"], result["events_deleted"]) == (1, 0)
    old, new = get(client, "/api/analytics/users/77001/events")["events"]
    assert (old["message"], new["message"]) == (None, times[0])
    assert get(client, "/api/analytics/stats")["messages"] == 2
    assert not any(recount.check(services.database, services.apps)["differences"].values())


def test_erasure_takes_content_and_the_outside_id(client, services):
    sent(
        client,
        [event(client_id="the-asker", message=SAID), event(client_id="other", message="stays")],
    )
    copy = get(client, "/users/the-asker/export?app=bot")
    assert copy["contents"][0]["message"] == SAID
    assert copy["external_ids"] == [{"app": "bot", "external_id": "the-asker"}]
    erased = client.delete("/users/the-asker?app=bot", headers=AUTH).json
    assert (erased["deleted"]["contents"], erased["deleted"]["external_ids"]) == (1, 1)
    tables = whole_database(services.database)
    text = json.dumps(tables, default=str)
    assert SAID not in text
    assert "the-asker" not in text
    assert [row["external_id"] for row in tables["external_ids"]] == ["other"]


def test_a_registered_event_counts_what_its_meta_says(client, services):
    own = {"voice_sent": {"seconds": {"type": "number"}, "language": {"type": "label"}}}
    assert client.patch("/apps/bot", json={"events": own}, headers=AUTH).status_code == 200
    sent(client, event("voice_sent", meta={"seconds": 3.5, "language": "de", "other": 1}))
    services.freshen()
    tables = whole_database(services.database)
    assert [row["label"] for row in tables["daily_values"] if row["property"] == "language"] == [
        "de"
    ]
    assert [float(row["total"]) for row in tables["daily_numbers"]] == [3.5]


@pytest.mark.parametrize("depth", [6, 60, 70, 100, 500, 800])
def test_a_meta_that_is_too_deep_costs_its_own_event_only(client, now, depth):
    deep = '{"a":' * depth + "1" + "}" * depth
    bad = json.dumps(event(created_at=now.isoformat(), meta="DEEP")).replace('"DEEP"', deep)
    body = f"[{json.dumps(event(message=SAID))},{bad}]"
    answer = client.post("/api/bot/events", data=body, headers=AUTH)
    assert (answer.status_code, answer.json["events_stored"]) == (200, 1)
    assert [entry["code"] for entry in answer.json["rejected"]] == ["too_deep"]


@pytest.mark.parametrize("depth", [3000, 90_000])
def test_a_body_too_deep_for_the_decoders_is_one_clear_400(client, depth):
    deep = '{"a":' * depth + "1" + "}" * depth
    body = f'[{json.dumps(event(message=SAID))},{{"meta": {deep}}}]'
    answer = client.post("/api/bot/events", data=body, headers=AUTH)
    assert (answer.status_code, answer.json["code"]) == (400, "too_deep")


@pytest.mark.parametrize("depth", range(880, 1000, 4))
def test_at_the_edge_of_what_decoders_take_nothing_fails(client, now, depth):
    deep = '{"a":' * depth + "1" + "}" * depth
    bad = json.dumps(event(created_at=now.isoformat(), meta="DEEP")).replace('"DEEP"', deep)
    answer = client.post("/api/bot/events", data=f"[{bad}]", headers=AUTH)
    assert (answer.status_code, answer.json["code"]) == (400, "too_deep")


def test_what_meta_says_is_a_property_like_any_other(client, services):
    """It is found by conditions, explored by, and offered to be counted."""
    client.patch("/apps/bot", json={"accepts": "open"}, headers=AUTH)
    long = "x" * 201
    meta = {"plan": "pro", "seats": 3, "is_trial": False, "more": {"a": 1}, "note": long}
    sent(client, [event("plan_chosen", meta=meta, id="1"), event("plan_chosen", id="2")])
    sent(client, event("premium_action", meta={"action": "upgrade", "meta": "mine"}, id="3"))
    sent(client, event("user_message", persona_id="7", meta={"persona_id": "other"}, id="4"))

    def matching(*filter: str) -> list[str]:
        query = {"app": "bot", "filter": filter}
        rows = client.get("/events", query_string=query, headers=AUTH).json["events"]
        return sorted(row["event"] for row in rows)

    assert matching("prop.plan:is:pro") == ["plan_chosen"]
    assert matching("prop.seats:gte:3", "prop.is_trial:is:false") == ["plan_chosen"]
    assert matching("prop.action:is:upgrade") == ["premium_action"]
    assert matching("prop.note:set") == matching("prop.more:set") == []
    assert matching("prop.persona_id:is:7") == ["user_message"], "the item's own field wins"
    explored = get(client, "/explore?app=bot&event=plan_chosen&by=prop.plan&period=7d")
    assert {row["key"]: row["value"] for row in explored["rows"]} == {"pro": 1, None: 1}
    [offered] = get(client, "/apps/bot/properties?event=plan_chosen")["events"]
    assert {
        item["property"]: item["suggested"]
        for item in offered["properties"]
        if item["property"] != "meta"
    } == {"plan": "label", "seats": "number", "is_trial": "boolean"}
    rows = get(client, "/api/analytics/users/77001/events")["events"]
    assert [row["meta"] for row in rows if row["event_name"] == "plan_chosen"].count(meta) == 1
    declared = {"plan_chosen": {"plan": {"type": "label"}}}
    assert client.patch("/apps/bot", json={"events": declared}, headers=AUTH).status_code == 200
    sent(client, event("plan_chosen", meta={"plan": "free", "seats": 1}, id="5"))
    counted = get(client, "/explore?app=bot&event=plan_chosen&by=prop.plan&period=7d")
    assert {row["key"]: row["value"] for row in counted["rows"]}["free"] == 1
