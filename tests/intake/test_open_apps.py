"""Open apps: any event is taken, under a name that is one, of so many names."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from models import Refusal
from stories.storage import event_names, expiry
from tests.rollup_tables import differences, fold_all, midday, values
from tests.support import basic, event

AUTH = basic("admin", "admin")


def make(client: Any, slug: str = "studio", **body: Any) -> dict[str, Any]:
    made = client.post("/apps", json={"slug": slug, "kind": "desktop", **body}, headers=AUTH)
    app: dict[str, Any] = made.json["app"]
    return app


def send(client: Any, app: dict[str, Any], *names: str, **fields: Any) -> Any:
    events = [event(event=name, **fields) for name in names]
    return client.post(
        "/track", json={"events": events}, headers={"X-App-Key": app["ingest_key"]}
    ).json


def shown(client: Any, slug: str = "studio") -> dict[str, Any]:
    apps = client.get("/apps", headers=AUTH).json["apps"]
    return next(app for app in apps if app["slug"] == slug)


def undeclared(client: Any) -> list[str]:
    return sorted(entry["event"] for entry in shown(client)["undeclared"])


def test_new_apps_are_open_and_those_of_a_fresh_server_are_not(client):
    make(client)
    states = {app["slug"]: app["accepts"] for app in client.get("/apps", headers=AUTH).json["apps"]}
    assert states == {
        "desktop": "declared",
        "website": "declared",
        "generator": "declared",
        "bot": "declared",
        "studio": "open",
    }
    assert make(client, "strict", accepts="declared")["accepts"] == "declared"


def test_an_event_nobody_declared_is_counted_from_its_first_arrival(client, services, now):
    app = make(client)
    body = send(client, app, "stroke drawn", "stroke drawn", "export: done", app_version="1.0",
                timestamp=now.isoformat(), session_id="one")  # fmt: skip
    assert (body["events_stored"], body["rejected"]) == (3, [])
    services.freshen()
    stats = client.get("/stats?app=studio&include=usage", headers=AUTH).json
    assert {row["key"]: row["count"] for row in stats["usage"]["events_by_name"]} == {
        "stroke drawn": 2,
        "export: done": 1,
    }
    assert undeclared(client) == ["export: done", "stroke drawn"]
    assert differences(services) == {}
    listed = client.get("/events?app=studio&event_type=export:%20done", headers=AUTH).json
    assert [row["event"] for row in listed["events"]] == ["export: done"]
    people = client.get("/users?app=studio&event_type=stroke%20drawn&days=7", headers=AUTH).json
    assert people["count"] == 1
    steps = client.get(
        "/funnels?app=studio&steps=stroke%20drawn,export:%20done&days=7&within=7", headers=AUTH
    ).json["steps"]
    assert steps[0]["count"] == 1
    export = client.get("/api/export?app=studio&days=7", headers=AUTH).json
    assert {row["event"] for row in export} == {"stroke drawn", "export: done"}
    found = client.get(
        "/dashboard/api/search?app=studio&event_type=export:%20done&search=export", headers=AUTH
    )
    assert found.status_code == 200


@pytest.mark.parametrize(
    "name",
    [
        "<script>alert(1)</script>",
        "anna@example.org",
        "line\nbreak",
        "trailing\n",
        "tab\there",
        " edge",
        "edge ",
        " ",
        "päinted",
        "漢字",
        "a/b",
        'say "x"',
        "\u202eevil",
        "x" * 101,
    ],
)
def test_what_is_no_name_is_refused(client, name):
    app = make(client)
    body = send(client, app, name)
    assert [entry["code"] for entry in body["details"]] == ["invalid_event"]
    assert undeclared(client) == []


@pytest.mark.parametrize(
    "name", ["sk-ant-api03-abcdefghijklmnopqrstuvwxyz012345", "from 10.11.12.13"]
)
def test_a_name_that_scrubbing_would_change_is_refused_and_not_repeated(client, name):
    app = make(client)
    body = send(client, app, name)
    assert [entry["code"] for entry in body["details"]] == ["invalid_event"]
    assert name not in body["error"]
    changed = client.patch("/apps/studio", json={"events": {name: {}}}, headers=AUTH)
    assert changed.json["code"] == "invalid_events"


def test_a_reserved_name_stays_refused(client):
    assert send(client, make(client), "error_handled")["code"] == "reserved_event"


def test_a_refusal_of_a_declared_app_says_how_to_allow_the_event(client):
    body = client.post("/track", json={"events": [event(event="stroke")]}).json
    [entry] = body["details"]
    assert entry["code"] == "unknown_event"
    assert 'PATCH /apps/desktop {"accepts": "open"}' in entry["error"]
    assert "\n" not in entry["error"]
    changed = client.patch("/apps/desktop", json={"accepts": "open"}, headers=AUTH)
    assert changed.json["app"]["accepts"] == "open"
    assert client.post("/track", json={"events": [event(event="stroke")]}).status_code == 200
    client.patch("/apps/desktop", json={"accepts": "declared"}, headers=AUTH)
    body = client.post("/track", json={"events": [event(event="stroke")]}).json
    assert body["code"] == "unknown_event", "a name that an app once took is not declared"


def test_past_the_last_place_a_name_is_refused_and_declared_ones_are_not(
    client, services, monkeypatch
):
    monkeypatch.setattr(event_names, "MOST", 3)
    app = make(client, events={"declared one": {}})
    body = send(client, app, "a", "b", "c", "opened 4711", "declared one", "a")
    assert [entry["code"] for entry in body["rejected"]] == ["too_many_event_names"]
    assert "a name with an id in it is a bug" in body["rejected"][0]["error"]
    services.ledger.write()
    drops = client.get("/drops?app=studio", headers=AUTH).json["drops"]
    assert [(row["reason"], row["n"]) for row in drops] == [("too_many_event_names", 1)]


def test_an_item_that_is_refused_takes_no_place(client):
    app = make(client)
    send(client, app, "old", timestamp="2001-01-01T00:00:00Z")
    send(client, app, "deep", properties={"a": {"b": {"c": {"d": {"e": {"f": 1}}}}}})
    assert undeclared(client) == []


def test_two_workers_that_name_at_once_stay_within_the_places(client, services, now, monkeypatch):
    """Each worker has read the apps for itself and knows nothing of the other's names."""
    monkeypatch.setattr(event_names, "MOST", 20)
    make(client)

    def work(number: int) -> int:
        with services.database.transaction() as tx:
            app = next(app for app in services.apps.read(tx) if app.slug == "studio")
        names = event_names.EventNames(services.database)
        taken = 0
        for place in range(15):
            try:
                names.admit(app, f"worker {number} name {place}", now)
                taken += 1
            except Refusal:
                continue
        return taken

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(work, range(4))) == 20
    assert len(undeclared(client)) == 20


def test_a_known_name_costs_no_statement_until_the_next_day(client, services, now, monkeypatch):
    make(client)
    names = services.event_names
    app = services.apps.by_slug("studio")
    names.admit(app, "stroke", now)
    with monkeypatch.context() as patch:
        patch.setattr(names, "_database", None)
        names.admit(app, "stroke", now)
    names.admit(app, "stroke", now + timedelta(days=1))
    [entry] = shown(client)["undeclared"]
    assert entry["first_seen"] == f"{now:%Y-%m-%d}"
    assert entry["last_seen"] == f"{now + timedelta(days=1):%Y-%m-%d}"


def test_names_nobody_sent_for_thirty_days_free_their_places(client, services, database, now):
    make(client)
    app = services.apps.by_slug("studio")
    services.event_names.admit(app, "old", now - timedelta(days=31))
    services.event_names.admit(app, "recent", now - timedelta(days=30))
    expiry.expire(services.database, services.apps, services.key, now)
    assert values(database, "select event from event_names") == [("recent",)]


def test_a_maker_forgets_a_name_and_its_counts_stay(client, services, database, now):
    app = make(client)
    send(client, app, "stroke drawn", timestamp=midday(now, 0).isoformat())
    fold_all(services)
    assert client.delete("/apps/studio/events/stroke%20drawn", headers=AUTH).status_code == 200
    assert undeclared(client) == []
    again = client.delete("/apps/studio/events/stroke%20drawn", headers=AUTH)
    assert (again.status_code, again.json["code"]) == (404, "unknown_event")
    listed = client.get("/events?app=studio&event_type=stroke%20drawn", headers=AUTH).json
    assert listed["count"] == 1
    send(client, app, "stroke drawn", timestamp=midday(now, 0).isoformat(), id="later")
    assert undeclared(client) == ["stroke drawn"]


def test_declaring_a_name_frees_its_place(client):
    app = make(client)
    send(client, app, "stroke", "fill")
    client.patch("/apps/studio", json={"events": {"stroke": {}}}, headers=AUTH)
    assert undeclared(client) == ["fill"]


def test_a_bots_open_app_takes_any_event_too(client):
    app = make(client, "talker", kind="bot")
    item = {"client_id": "7", "event_name": "voice sent"}
    answer = client.post(
        "/api/bot/events", json=item, headers={"X-App-Key": app["ingest_key"]}
    ).json
    assert answer["events_stored"] == 1
