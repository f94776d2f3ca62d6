"""GET /explore: which questions it takes, and what it says of itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from stories.rollups import segments
from tests.support import basic, event

AUTH = basic("admin", "admin")


def explore(client: Any, **query: Any) -> Any:
    return client.get("/explore", query_string={"app": "desktop", **query}, headers=AUTH)


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ({"app": ""}, "app"),
        ({"measure": "mode"}, "measure"),
        ({"measure": "sum"}, "property"),
        ({"measure": "people", "property": "x"}, "property"),
        ({"measure": "sum", "property": "two\nlines"}, "property"),
        ({"by": "colour"}, "by"),
        ({"by": "prop."}, "by"),
        ({"by": f"prop.{'x' * 101}"}, "by"),
        ({"interval": "year"}, "interval"),
        ({"interval": "hour", "period": "30d"}, "interval"),
        ({"interval": "day", "from": "2020-01-01", "to": "2026-01-01"}, "too_many_rows"),
        ({"event": "no such event"}, "event"),
        ({"filter": "colour:is:red"}, "filter"),
        ({"filter": "prop.x:gt:much"}, "filter"),
        ({"group_by": "day"}, "group_by"),
        ({"from": "2026-11-02", "to": "2026-11-01"}, "to"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_name(client, query, named):
    refused = explore(client, **query)
    assert refused.status_code == 400
    parameters = {detail["parameter"] for detail in refused.json["details"]}
    assert named in {refused.json["code"], *parameters}


def test_an_answer_says_what_it_is_of_and_how_it_was_computed(client, now):
    sent = [
        event(
            event="recording_completed",
            timestamp=(now - timedelta(seconds=number)).isoformat(),
            properties={"size": size, "kind": "a"},
        )
        for number, size in enumerate([1, 2.5, "7", True, None, -1, 2e12, 10])
    ]
    assert client.post("/track", json={"events": sent}).json["events_stored"] == 8
    answer = explore(
        client, period="7d", measure="sum", property="size", event="recording_completed"
    ).json
    assert answer == {
        "success": True, "app": "desktop", "from": str((now - timedelta(days=6)).date()),
        "to": str(now.date()), "timezone": "UTC", "event": "recording_completed", "measure": "sum",
        "property": "size", "by": None, "interval": None, "total": 13.5, "rows": [{"value": 13.5}],
        "computed": "events", "with_property": 3, "covers_from": None,
    }  # fmt: skip
    assert explore(client, period="7d").json["computed"] == "rollups"


def test_values_that_found_no_place_in_the_rollups_are_read_from_the_events(
    client, services, monkeypatch, now
):
    monkeypatch.setattr(services.apps, "values_per_day", 2)
    sent = [
        event(app_version=f"1.{number}", timestamp=(now - timedelta(seconds=number)).isoformat())
        for number in range(5)
    ]
    assert client.post("/track", json={"events": sent}).json["events_stored"] == 5
    for query in ({"by": "version"}, {"filter": "version:is:1.4"}, {"filter": "version:is:1.0"}):
        for_all = explore(client, period="7d", **query).json
        counted = {row.get("key"): row["value"] for row in for_all["rows"]}
        wanted = {f"1.{number}": 1 for number in range(5)} if "by" in query else {None: 1}
        assert counted == wanted, for_all
    assert explore(client, period="7d", by="version").json["computed"] == "events"
    assert explore(client, period="7d", by="country").json["computed"] == "rollups"


def test_a_segment_of_an_event_has_its_people_in_the_rollups(client, services, now):
    people = [f"650e8400-e29b-41d4-a716-{number:012}" for number in (1, 2, 2, 3)]
    sent = [
        event(
            user_id=person,
            event="recording_completed" if number else "app_opened",
            timestamp=(now - timedelta(hours=30 * number)).isoformat(),
            properties={"processing_time_seconds": number},
        )
        for number, person in enumerate(people)
    ]
    assert client.post("/track", json={"events": sent}).json["events_stored"] == 4
    number = {"name": "Who records", "measure": "people", "event": "recording_completed"}
    client.post("/key-numbers?app=desktop", json=number, headers=AUTH)

    def asked() -> list[Any]:
        of = {"period": "7d", "interval": "day"}
        recorded = {**of, "event": "recording_completed"}
        answers = [explore(client, **recorded, measure=name) for name in ("people", "per_person")]
        path = "/stats/key_numbers?app=desktop&period=7d"
        key = client.get(path, headers=AUTH).json["key_numbers"]
        return [answer.json for answer in answers] + [key]

    by_events = asked()
    body = {"name": "Records", "filter": ["event:is:recording_completed"]}
    made = client.post("/segments?app=desktop", json=body, headers=AUTH).json["segment"]
    segments.fill(services.database, services.apps, services.key)
    services.apps.forget()
    by_rollups = asked()
    for before, after in zip(by_events[:2], by_rollups[:2], strict=True):
        assert (before.pop("computed"), after.pop("computed")) == ("events", "rollups")
        assert before == after
    assert by_rollups[2] == [{**by_events[2][0], "computed": "rollups"}]
    query = {"segment": made["id"], "period": "7d"}
    median = {"measure": "sum", "property": "processing_time_seconds"}
    narrowed = explore(client, **query, event="recording_completed", **median).json
    assert (narrowed["computed"], narrowed["total"]) == ("rollups", 6)
