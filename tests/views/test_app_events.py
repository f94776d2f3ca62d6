"""GET /apps/{slug}/properties: what an app's latest events carry, and never a value of it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from stories.reports import properties
from tests.support import basic, event

AUTH = basic("admin", "admin")


@pytest.fixture
def studio(client) -> str:
    """The key of an open app."""
    made = client.post("/apps", json={"slug": "studio", "kind": "desktop"}, headers=AUTH).json
    key: str = made["app"]["ingest_key"]
    return key


def send(client: Any, key: str, now: Any, *bodies: dict[str, Any] | None, name: str = "exported"):
    events = [
        event(event=name, properties=body, timestamp=(now - timedelta(seconds=n)).isoformat())
        for n, body in enumerate(bodies)
    ]
    sent = client.post("/track", json={"events": events}, headers={"X-App-Key": key}).json
    assert sent["events_stored"] == len(bodies), sent


def offered(client: Any, **query: str) -> Any:
    return client.get("/apps/studio/properties", query_string=query, headers=AUTH).json


def test_it_tells_types_frequency_and_how_many_values(client, studio, now):
    send(
        client,
        studio,
        now,
        {"format": "png", "layers": 2, "again": True, "mixed": 1, "list": [1], "none": None},
        {"format": "svg", "layers": 2.5, "again": False, "mixed": "x"},
        {"format": "png"},
        None,
    )
    assert offered(client) == {
        "success": True,
        "app": "studio",
        "of": 4,
        "events": [
            {
                "event": "exported",
                "events": 4,
                "declared": False,
                "built_in": False,
                "properties": [
                    {"property": name, "types": types, "events": events, "values": values,
                     "declared": None, "suggested": suggested}
                    for name, types, events, values, suggested in (
                        ("format", ["string"], 3, 2, "label"),
                        ("again", ["boolean"], 2, 2, "boolean"),
                        ("layers", ["number"], 2, 2, "number"),
                        ("mixed", ["number", "string"], 2, 2, None),
                        ("list", ["array"], 1, 1, None),
                    )
                ],
            }
        ],
    }  # fmt: skip


def test_it_says_what_is_declared_and_what_every_app_has(client, studio, now):
    declared = {"exported": {"format": {"type": "label"}}}
    assert client.patch("/apps/studio", json={"events": declared}, headers=AUTH).status_code == 200
    send(client, studio, now, {"format": "png", "layers": 2})
    send(client, studio, now, {"startup_time_seconds": 2.5, "own": 1}, name="app_opened")
    answers = {each["event"]: each for each in offered(client)["events"]}
    assert answers["exported"]["declared"] is True
    assert [p["declared"] for p in answers["exported"]["properties"]] == ["label", None]
    assert answers["app_opened"]["built_in"] is True
    assert [(p["declared"], p["suggested"]) for p in answers["app_opened"]["properties"]] == [
        (None, None),
        ("number", None),
    ]
    only = offered(client, event="exported")
    assert ([each["event"] for each in only["events"]], only["of"]) == (["exported"], 2)


def test_it_tells_no_value_nor_a_name_that_could_not_be_declared(client, studio, now):
    send(
        client,
        studio,
        now,
        {"title": "My secret drawing", "<img src=x onerror=alert(1)>": 1, "anna@example.org": 1},
    )
    answer = offered(client)
    assert [p["property"] for p in answer["events"][0]["properties"]] == ["title"]
    assert "secret drawing" not in json.dumps(answer)


def test_text_of_many_values_is_not_suggested(client, studio, now, monkeypatch):
    monkeypatch.setattr(properties, "FEW_VALUES", 2)
    send(client, studio, now, *({"title": f"drawing {n}", "of": n % 2} for n in range(3)))
    suggested = {p["property"]: p["suggested"] for p in offered(client)["events"][0]["properties"]}
    assert suggested == {"of": "number", "title": None}


def test_no_more_than_the_latest_events_are_read(client, studio, now, monkeypatch):
    monkeypatch.setattr(properties, "MOST", 3)
    send(client, studio, now, *({"n": n} for n in range(5)))
    answer = offered(client)
    assert (answer["of"], answer["events"][0]["events"]) == (3, 3)


def test_at_most_a_hundred_properties_a_name_are_told(client, studio, now):
    send(client, studio, now, *({f"p{n}.{m}": 1 for m in range(60)} for n in range(3)))
    assert len(offered(client)["events"][0]["properties"]) == 100


def test_an_app_without_events_has_nothing_to_offer(client, studio):
    assert offered(client) == {"success": True, "app": "studio", "of": 0, "events": []}


@pytest.mark.parametrize(
    "address", ["/apps/studio/properties?event=<b>", "/apps/studio/properties?x=1"]
)
def test_a_wrong_parameter_is_a_400(client, studio, address):
    assert client.get(address, headers=AUTH).status_code == 400


def test_an_unknown_app_is_a_404(client):
    assert client.get("/apps/nothing/properties", headers=AUTH).status_code == 404
    assert client.delete("/apps/nothing/events/x", headers=AUTH).status_code == 404


def test_the_pages_of_an_app_that_records_nothing_show_its_events_instead(client, studio, now):
    def page(slug: str) -> str:
        text: str = client.get(f"/dashboard?app={slug}", headers=AUTH).text
        return text

    send(client, studio, now, None)
    assert 'data-card="names"' in page("studio")
    assert 'data-card="recordings"' not in page("studio")
    assert ">Costs<" not in page("studio")
    client.post("/track", json={"events": [event(timestamp=now.isoformat())]})
    assert 'data-card="recordings"' in page("desktop"), "an app of the catalogue shows all of it"
    send(client, studio, now, None, name="recording_completed")
    client.get("/stats?app=studio", headers=AUTH)  # folded
    assert 'data-card="recordings"' in page("studio")
