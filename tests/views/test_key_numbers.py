"""/key-numbers and the section key_numbers of /stats: what an app's makers look at first."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from stories.reports import key_numbers
from tests.rollup_tables import new_app
from tests.support import basic, event
from tests.web.accounts import add_person

AUTH = basic("admin", "admin")
DECLARED = {
    "drawing exported": {
        "layers": {"type": "number"},
        "format": {"type": "label"},
        "transparent": {"type": "boolean"},
    }
}


@pytest.fixture
def easel(client) -> str:
    """The key of a drawing program with declared properties."""
    body = {"slug": "easel", "kind": "desktop", "name": "Easel", "events": DECLARED}
    key: str = client.post("/apps", json=body, headers=AUTH).json["app"]["ingest_key"]
    return key


def keep(client: Any, **body: Any) -> Any:
    body = {"name": "Exports", "measure": "events", "event": "drawing exported", **body}
    return client.post("/key-numbers?app=easel", json=body, headers=AUTH)


def draw(client: Any, key: str, now: Any, *drawings: dict[str, Any]) -> None:
    """An export for each drawing, of a person each, an hour apart and today."""
    events = [
        event(
            user_id=f"550e8400-e29b-41d4-a716-{number:012}",
            event="drawing exported",
            properties=properties,
            timestamp=(now - timedelta(seconds=number)).isoformat(),
        )
        for number, properties in enumerate(drawings)
    ]
    sent = client.post("/track", json={"events": events}, headers={"X-App-Key": key}).json
    assert sent["events_stored"] == len(drawings), sent


def amounts(client: Any, query: str = "") -> dict[str, Any]:
    answer = client.get(f"/stats/key_numbers?app=easel&period=7d{query}", headers=AUTH).json
    assert answer["success"], answer
    return {number["name"]: number["amount"] for number in answer["key_numbers"]}


def test_each_measure_is_answered_over_the_range_and_by_day(client, easel, now):
    draw(
        client,
        easel,
        now,
        {"layers": 1, "format": "png", "transparent": True},
        {"layers": 3, "format": "png", "transparent": False},
        {"layers": 8, "format": "svg", "transparent": True},
        {"format": "svg"},
    )
    for name, body in {
        "Exports": {},
        "Exporters": {"measure": "people"},
        "Layers": {"measure": "sum", "property": "layers"},
        "Mean": {"measure": "average", "property": "layers"},
        "Median": {"measure": "median", "property": "layers"},
        "p95": {"measure": "p95", "property": "layers"},
        "See-through": {"measure": "share", "property": "transparent"},
        "As SVG": {"measure": "share", "property": "format", "value": "svg"},
    }.items():
        assert keep(client, name=name, **body).status_code == 200, name
    expected = {
        "Exports": 4, "Exporters": 4, "Layers": 12, "Mean": 4, "Median": pytest.approx(3, rel=0.02),
        "p95": 8, "See-through": 66.7, "As SVG": 50,
    }  # fmt: skip
    assert amounts(client) == expected
    # The same from the events, which any other condition needs.
    by_events = {**expected, "Median": 3}
    assert amounts(client, "&filter=prop.format:in:png,svg,jpg") == by_events
    answer = client.get("/stats?app=easel&period=7d&include=key_numbers", headers=AUTH).json
    assert {number["name"]: number["amount"] for number in answer["key_numbers"]} == expected
    exports = answer["key_numbers"][0]
    assert [day["amount"] for day in exports["days"]] == [0] * 6 + [4]
    assert exports["computed"] == "rollups"
    rows = client.get("/api/export?app=easel&what=key_numbers&days=2", headers=AUTH).json
    assert [row["amount"] for row in rows if row["key_number"] == "As SVG"] == [None, 50]


def test_a_property_that_is_not_counted_is_refused_with_a_way_to_count_it(client, easel):
    refused = keep(client, measure="sum", property="width")
    assert (refused.status_code, refused.json["code"]) == (409, "not_declared")
    assert "width of drawing exported is not counted yet" in refused.json["error"]
    [detail] = refused.json["details"]
    assert (detail["event"], detail["property"], detail["suggested"]) == (
        "drawing exported", "width", "number",
    )  # fmt: skip
    wider = {"drawing exported": {"width": {"type": "number"}}}
    client.patch("/apps/easel", json={"events": wider}, headers=AUTH)
    assert keep(client, measure="sum", property="width").status_code == 200


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"measure": "sum"}, "property_needed"),
        ({"measure": "sum", "property": "format"}, "wrong_type"),
        ({"measure": "share", "property": "layers"}, "wrong_type"),
        ({"measure": "share", "property": "format"}, "value_needed"),
        ({"measure": "share", "property": "transparent", "value": "maybe"}, "wrong_value"),
        ({"segment": 77}, "unknown_segment"),
        ({"event": "no\nname"}, "unknown_event"),
        ({"measure": "mode"}, "invalid_body"),
        ({"name": ""}, "invalid_body"),
        ({"place": 3}, "invalid_body"),
    ],
)
def test_what_cannot_be_a_key_number_is_refused_by_name(client, easel, body, code):
    refused = keep(client, **body)
    assert (refused.status_code, refused.json["code"]) == (400, code)
    assert amounts(client) == {}


def test_they_have_an_order_and_a_most(client, easel, monkeypatch):
    monkeypatch.setattr(key_numbers, "MOST", 3)
    made = [keep(client, name=name).json["key_number"] for name in "abc"]
    assert [keep(client, name=name).json["code"] for name in "ad"] == ["too_many"] * 2

    def change(number: Any, **body: Any) -> Any:
        return client.patch(f"/key-numbers/{number['id']}", json=body, headers=AUTH)

    moved = change(made[2], place=0).json
    assert [number["name"] for number in moved["key_numbers"]] == ["c", "a", "b"]
    renamed = change(made[0], name="b")
    assert (renamed.status_code, renamed.json["code"]) == (409, "name_taken")
    assert change(made[0], measure="people").json["key_number"]["measure"] == "people"
    path = f"/key-numbers/{made[1]['id']}"
    assert client.delete(path, headers=AUTH).json == {"success": True}
    assert client.delete(path, headers=AUTH).status_code == 404
    listed = client.get("/key-numbers?app=easel", headers=AUTH).json["key_numbers"]
    assert [number["name"] for number in listed] == ["c", "a"]


def test_those_of_an_app_of_others_are_not_there(client, services, easel):
    new_app(services, "studio")
    number = keep(client).json["key_number"]
    other = add_person(client, "Ed", "editor", ["studio"])
    for method in ("PATCH", "DELETE"):
        path = f"/key-numbers/{number['id']}"
        refused = client.open(path, method=method, json={"name": "Mine"}, headers=other)
        assert (refused.status_code, refused.json["code"]) == (404, "unknown_key_number")
