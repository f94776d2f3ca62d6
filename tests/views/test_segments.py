"""/segments: made, changed and removed; and used as a filter from the moment they are there."""

from __future__ import annotations

import pytest

from stories.rollups import segments
from tests.support import crash, event
from tests.web.accounts import OWNER, add_person

MACS = ["platform_family:is:macOS", "version:gte:0.9"]
OTHER = "650e8400-e29b-41d4-a716-446655440001"


@pytest.fixture
def make(client):
    def made(name="Macs", filter=MACS, app="desktop", headers=OWNER):
        body = {"name": name, "filter": filter}
        return client.post(f"/segments?app={app}", json=body, headers=headers)

    return made


def test_a_segment_is_made_listed_changed_and_removed(client, make):
    made = make().json["segment"]
    assert (made["name"], made["filter"], made["ready"]) == ("Macs", MACS, False)
    assert made["progress"] == {"days": 0, "filled": 0}
    path = f"/segments/{made['id']}"
    changed = client.patch(path, json={"name": "New Macs"}, headers=OWNER).json["segment"]
    assert changed == {**made, "name": "New Macs"}
    changed = client.patch(path, json={"filter": ["country:is:de"]}, headers=OWNER).json["segment"]
    assert changed["filter"] == ["country:is:DE"]
    assert client.get("/segments?app=desktop", headers=OWNER).json["segments"] == [changed]
    assert client.delete(path, headers=OWNER).json == {"success": True}
    assert client.get("/segments?app=desktop", headers=OWNER).json["segments"] == []
    assert client.delete(path, headers=OWNER).json["code"] == "unknown_segment"


def test_it_filters_at_once_by_reading_the_events(client, make, now):
    when = now.isoformat()
    events = [
        event(timestamp=when),
        event(timestamp=when, platform="linux", user_id=OTHER),
        event(timestamp=when, app_version="0.8", user_id=OTHER),
    ]
    assert client.post("/track", json={"events": events}).status_code == 200
    assert client.post("/crash", json=crash(timestamp=when, os_version="linux")).status_code == 200
    number = make().json["segment"]["id"]
    answer = client.get(f"/stats?segment={number}", headers=OWNER).json
    assert answer["computed"] == "events"
    assert answer["summary"]["active_users_7d"] == 1
    assert answer["summary"]["crash_count"] == 0
    joined = client.get(f"/stats?segment={number}&country=DE", headers=OWNER).json
    assert joined["summary"]["active_users_7d"] == 0


def test_once_it_is_counted_the_rollups_answer_alike_and_another_filter_is_counted_anew(
    client, make, now, services
):
    when = now.isoformat()
    events = [
        event(timestamp=when),
        event(timestamp=when, platform="linux", user_id=OTHER),
        event(timestamp=when, app_version="0.8", user_id=OTHER),
    ]
    assert client.post("/track", json={"events": events}).status_code == 200
    assert client.post("/crash", json=crash(timestamp=when)).status_code == 200
    made = make().json["segment"]
    address = f"/stats?segment={made['id']}&include=usage,quality"
    read = client.get(address, headers=OWNER).json
    page = f"/dashboard/api/stats?app=desktop&page=overview&segment={made['id']}"
    lists = client.get(page, headers=OWNER).json["page"]
    assert [row["count"] for row in lists["platforms"]] == [1]
    segments.fill(services.database, services.apps, services.key)
    [row] = client.get("/segments?app=desktop", headers=OWNER).json["segments"]
    assert (row["ready"], row["progress"]) == (True, None)
    counted = client.get(address, headers=OWNER).json
    assert (read["computed"], counted["computed"]) == ("events", "rollups")
    assert client.get(page, headers=OWNER).json["page"] == lists
    told_by_both = set(counted["summary"]) & set(read["summary"])
    assert len(told_by_both) > 12
    for name in told_by_both:
        assert counted["summary"][name] == read["summary"][name], name
    family = page.partition("&segment")[0] + "&filter=platform_family:is:macOS"
    rows = client.get(family, headers=OWNER).json["page"]["platforms"]
    assert sum(row["count"] for row in rows) == 2
    path = f"/segments/{made['id']}"
    body = {"filter": ["platform_family:is:Linux", "version:set:true"]}
    changed = client.patch(path, json=body, headers=OWNER).json["segment"]
    assert (changed["ready"], changed["progress"]) == (False, {"days": 1, "filled": 0})
    assert client.get(address, headers=OWNER).json["computed"] == "events"
    segments.fill(services.database, services.apps, services.key)
    counted = client.get(address, headers=OWNER).json
    assert (counted["computed"], counted["summary"]["crash_count"]) == ("rollups", 0)
    assert counted["summary"]["active_users_7d"] == 1
    assert client.delete(path, headers=OWNER).status_code == 200
    assert client.get(address, headers=OWNER).status_code == 400


def test_ten_are_the_most_and_names_are_their_own(client, make):
    assert make().status_code == 200
    assert make().json["code"] == "name_taken"
    for number in range(9):
        assert make(name=f"S{number}").status_code == 200
    refused = make(name="one more")
    assert (refused.status_code, refused.json["code"]) == (409, "too_many")
    assert make(app="website").status_code == 200
    [first, second, *_] = client.get("/segments?app=desktop", headers=OWNER).json["segments"]
    body = {"name": second["name"]}
    taken = client.patch(f"/segments/{first['id']}", json=body, headers=OWNER)
    assert (taken.status_code, taken.json["code"]) == (409, "name_taken")
    assert client.delete(f"/segments/{first['id']}", headers=OWNER).status_code == 200
    assert make(name="one more").status_code == 200


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"name": "x", "filter": []}, "filter"),
        ({"name": "x", "filter": ["colour:is:red"]}, "colour"),
        ({"name": "x", "filter": ["version:is:1"] * 11}, "filter"),
        ({"name": "", "filter": MACS}, "name"),
        ({"name": "x" * 61, "filter": MACS}, "name"),
        ({"name": "x"}, "filter"),
        ({"name": "x", "filter": MACS, "more": 1}, "more"),
    ],
)
def test_a_wrong_segment_is_refused_by_name(client, body, named):
    answer = client.post("/segments?app=desktop", json=body, headers=OWNER)
    assert answer.status_code == 400
    assert named in answer.json["error"]


def test_an_editor_of_another_app_finds_nothing(client, make):
    number = make().json["segment"]["id"]
    stranger = add_person(client, "Ada", "editor", ["website"])
    for method in ("PATCH", "DELETE"):
        answer = client.open(f"/segments/{number}", method=method, json={}, headers=stranger)
        assert (answer.status_code, answer.json["code"]) == (404, "unknown_segment")
    assert client.get("/segments?app=desktop", headers=stranger).status_code == 400
