"""Lists of events, crashes and people, searches and exports under conditions, segments and cohorts."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest

from tests.support import PERSON, crash, event
from tests.views.test_segments import OTHER
from tests.web.accounts import OWNER


@pytest.fixture
def sent(client, now):
    """Twelve events of three versions, the odd ones of another person on Linux, the last three of a
    debug build; and a crash of each version."""
    events = [
        event(
            timestamp=(now - timedelta(minutes=number)).isoformat(),
            user_id=OTHER if number % 2 else PERSON,
            platform="linux" if number % 2 else "darwin-24.6.0",
            app_version=f"1.{number % 3}",
            country="DE" if number < 6 else "FR",
            **({"channel": "debug"} if number >= 9 else {}),
        )
        for number in range(12)
    ]
    assert client.post("/track", json={"events": events}).status_code == 200
    for number in range(3):
        body = crash(timestamp=now.isoformat(), app_version=f"1.{number}", id=f"c-{number}")
        assert client.post("/crash", json=body).status_code == 200


def ask(client, address, **query):
    answer = client.get(address, query_string={"app": "desktop", **query}, headers=OWNER)
    assert answer.status_code == 200, answer.json
    return answer


def test_events_are_paged_under_conditions(client, sent):
    query = {"filter": ["version:gte:1.1", "platform_family:is:Linux"], "limit": 1}
    versions, cursor = [], None
    while True:
        page = ask(client, "/events", **query, **({"cursor": cursor} if cursor else {})).json
        versions += [row["app_version"] for row in page["events"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert versions == ["1.1", "1.2", "1.1"]
    numbered = ask(client, "/events", **{**query, "limit": ""}, page=1, per_page=2).json
    assert numbered["pagination"]["total_count"] == 3


def test_without_a_filter_rows_of_debug_builds_are_shown_and_under_one_when_they_are_named(
    client, sent
):
    assert ask(client, "/events").json["count"] == 12
    assert ask(client, "/events", filter="version:set").json["count"] == 9
    assert ask(client, "/events", filter="channel:is:debug").json["count"] == 3


def test_old_parameters_join_conditions(client, sent):
    page = ask(client, "/events", country="de", filter="version:is:1.0").json
    assert page["count"] == 2
    everywhere = client.get("/events?country=DE&platform=linux", headers=OWNER).json
    assert everywhere["count"] == 3


def test_crashes_are_told_by_what_they_have(client, sent):
    for address in ("/crashes", "/dashboard/api/crashes"):
        rows = ask(client, address, filter="version:gt:1.0", **_sort(address)).json["crashes"]
        assert sorted(row["app_version"] for row in rows) == ["1.1", "1.2"]
        refused = client.get(
            "/crashes", query_string={"app": "desktop", "filter": "country:is:DE"}, headers=OWNER
        )
        assert refused.status_code == 400
        assert refused.json["error"].startswith("filter can tell crashes by version")


def _sort(address):
    return {"sort": "-time"} if "dashboard" in address else {}


def test_people_with_a_matching_event_are_listed(client, sent):
    users = ask(client, "/users", filter="platform:is:linux").json["users"]
    assert [row["user_id"] for row in users] == [OTHER]
    users = ask(client, "/dashboard/api/users", filter="country:is:DE", sort="-events").json
    assert len(users["users"]) == 2
    assert ask(client, "/users", filter="country:is:JP", days=7).json["users"] == []


def test_a_search_is_narrowed(client, sent):
    found = ask(client, "/dashboard/api/search", search="opened", filter="version:is:1.2").json
    assert {row["app_version"] for row in found["events"]} == {"1.2"}
    assert len(found["events"]) == 3


def test_an_export_holds_what_matches(client, sent):
    text = ask(client, "/api/export", format="csv", filter="version:is:1.1").text
    assert {row["app_version"] for row in csv.DictReader(io.StringIO(text))} == {"1.1"}
    rows = ask(client, "/api/export", what="crashes", filter="version:is:1.1").json
    assert len(rows) == 1
    refused = client.get("/api/export?app=desktop&what=daily&filter=version:is:1", headers=OWNER)
    assert refused.json["details"][0]["parameter"] == "filter"


def test_a_segment_narrows_lists_and_needs_its_app(client, sent):
    body = {"name": "New", "filter": ["version:gte:1.2"]}
    number = client.post("/segments?app=desktop", json=body, headers=OWNER).json["segment"]["id"]
    rows = ask(client, "/events", segment=number).json["events"]
    assert {row["app_version"] for row in rows} == {"1.2"}
    refused = client.get(f"/events?segment={number}", headers=OWNER)
    assert refused.json["error"] == "segment requires app"
