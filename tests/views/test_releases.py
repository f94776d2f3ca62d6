"""GET /releases, GET /releases/{version} and POST /releases; the test that compares two of them."""

from __future__ import annotations

from math import isclose

import pytest

from stories.crashes.reading.releases import two_proportions
from tests.rollup_tables import new_app
from tests.support import basic
from tests.views.crash_reports import (
    AUTH,
    change,
    days_ago,
    get,
    issue_id,
    person,
    send,
    use,
)
from tests.web.accounts import add_person
from tests.web.test_tokens import make as make_token


def events(client, when, people, version):
    """An event of each person at a time."""
    sent = [
        {
            "user_id": person(who),
            "event": "app_opened",
            "timestamp": when.isoformat(),
            "app_version": version,
        }
        for who in people
    ]
    answer = client.post("/track", json={"events": sent})
    assert answer.json["events_stored"] == len(sent), answer.json


def releases(client, **query):
    return {row["version"]: row for row in get(client, "/releases", **query)["releases"]}


@pytest.fixture
def two(client, now):
    """1.9.0 of 100 people since 20 days, 2 of them crashed in the last five days and 10 earlier;
    1.10.0 of 100 others since 5 days, of whom 20 crashed."""
    events(client, days_ago(now, 20), range(100), "1.9.0")
    events(client, days_ago(now, 2), range(100), "1.9.0")
    events(client, days_ago(now, 5), range(200, 300), "1.10.0")
    for who in range(10):
        send(client, "cart", days_ago(now, 15), who=who, version="1.9.0")
    for who in (50, 51):
        send(client, "cart", days_ago(now, 3), who=who, version="1.9.0")
    for who in range(200, 220):
        send(client, "door", days_ago(now, 1), who=who, version="1.10.0")
    return client


# The table ---------------------------------------------------------------------------------------


def test_a_release_has_its_people_and_what_crashed(two):
    row = releases(two)["1.10.0"]
    assert row == {
        "version": "1.10.0",
        "first_seen": "2026-11-16T12:30:00.000Z",
        "released_at": None,
        "url": None,
        "people": 100,
        "adoption": 50.0,
        "crashes": 20,
        "crashed_people": 20,
        "crash_free_people": 80.0,
        "crashes_per_person": 0.2,
        "sessions": None,
        "errored_sessions": None,
        "crash_free_sessions": None,
        "transcriptions": 0,
        "success_rate": None,
        "median_processing_seconds": None,
        "cost_per_person": None,
        "new_issues": 1,
        "regressed_issues": 0,
        "fixed_issues": 0,
        "compared_to": "1.9.0",
        "verdict": "worse",
        "p": row["p"],
        "comparison": {
            "since": "2026-11-16",
            "people": 100,
            "crashed_people": 20,
            "crash_free_people": 80.0,
            "people_before": 100,
            "crashed_people_before": 2,
            "crash_free_people_before": 98.0,
        },
    }
    assert row["p"] < 0.001


def test_both_are_compared_over_the_days_of_the_newer_one(two):
    before = releases(two)["1.9.0"]
    assert (before["people"], before["crashed_people"]) == (100, 12)
    assert before["compared_to"] is None
    assert (before["verdict"], before["p"], before["comparison"]) == ("unknown", None, None)


def test_the_newest_version_by_its_numbers_comes_first(two):
    assert list(releases(two)) == ["1.10.0", "1.9.0"]


def test_a_release_with_fewer_crashes_is_better(client, now):
    events(client, days_ago(now, 5), range(100), "1.0.0")
    events(client, days_ago(now, 5), range(200, 300), "1.1.0")
    for who in range(30):
        send(client, "cart", days_ago(now, 2), who=who, version="1.0.0")
    send(client, "cart", days_ago(now, 2), who=200, version="1.1.0")
    assert releases(client)["1.1.0"]["verdict"] == "better"


def test_of_few_people_nothing_can_be_told_yet(client, now):
    events(client, days_ago(now, 5), range(100), "1.0.0")
    events(client, days_ago(now, 5), range(200, 204), "1.1.0")
    for who in (200, 201, 202, 203):
        send(client, "cart", days_ago(now, 2), who=who, version="1.1.0")
    row = releases(client)["1.1.0"]
    assert (row["verdict"], row["p"], row["compared_to"]) == ("unknown", None, "1.0.0")


def test_a_build_that_hardly_anybody_has_is_not_what_a_release_is_compared_to(two, now):
    use(two, days_ago(now, 4), who=999, version="1.9.5")
    rows = releases(two)
    assert rows["1.10.0"]["compared_to"] == "1.9.0"
    assert rows["1.9.5"]["people"] == 1


def test_the_days_are_those_that_are_asked_for(two):
    answer = get(two, "/releases", period="7d")
    assert (answer["from"], answer["to"]) == ("2026-11-15", "2026-11-21")
    rows = releases(two, period="7d")
    assert (rows["1.9.0"]["people"], rows["1.9.0"]["crashes"]) == (100, 2)
    assert releases(two, **{"from": "2026-11-01", "to": "2026-11-02"})["1.9.0"]["people"] == 100
    assert "1.10.0" not in releases(two, **{"from": "2026-11-01", "to": "2026-11-02"})
    assert releases(two, period="all")["1.9.0"]["people"] == 100


def test_a_crash_alone_makes_somebody_one_of_the_version_s_people(client, now):
    send(client, "cart", days_ago(now, 1), version="3.0.0")
    row = releases(client)["3.0.0"]
    assert (row["people"], row["crash_free_people"], row["adoption"]) == (1, 0.0, 100.0)


def test_an_app_without_versions_has_none(client):
    assert get(client, "/releases")["releases"] == []


def test_issues_are_told_where_they_began_came_back_and_are_fixed(two, now):
    cart, door = issue_id(two, "cart"), issue_id(two, "door")
    change(two, f"/issues/{cart}", state="resolved", in_version="1.10.0")
    change(two, f"/issues/{door}", state="resolved", in_next_release=True)
    send(two, "cart", days_ago(now, 0.5), who=5, version="1.10.0")
    events(two, days_ago(now, 0.2), range(400, 500), "1.11.0")
    rows = releases(two)
    told = {
        version: (row["new_issues"], row["regressed_issues"], row["fixed_issues"])
        for version, row in rows.items()
    }
    assert told == {"1.11.0": (0, 0, 1), "1.10.0": (1, 1, 0), "1.9.0": (1, 0, 0)}


# One release -------------------------------------------------------------------------------------


def test_one_release_has_its_days_its_issues_and_the_one_before(two):
    release = get(two, "/releases/1.10.0", period="7d")["release"]
    row = releases(two, period="7d")["1.10.0"]
    assert {name: release[name] for name in row} == row
    assert release["before"] == releases(two, period="7d")["1.9.0"]
    assert [day["date"] for day in release["days"]][:1] == ["2026-11-15"]
    assert [(d["people"], d["crashes"]) for d in release["days"]] == [
        (0, 0), (100, 0), (0, 0), (0, 0), (0, 0), (20, 20), (0, 0)
    ]  # fmt: skip
    assert [issue["id"] for issue in release["new"]] == [issue_id(two, "door")]
    assert release["new"] == [i for i in get(two, "/issues")["issues"] if "door" in i["title"]]
    assert (release["regressed"], release["fixed"]) == ([], [])


@pytest.mark.parametrize("version", ["9.9.9", "x" * 300, "%", "1.9"])
def test_a_version_that_was_never_heard_of_is_a_404(two, version):
    answer = two.get(f"/releases/{version}", headers=AUTH)
    assert (answer.status_code, answer.json["code"]) == (404, "unknown_release")


@pytest.mark.parametrize("path", ["/releases", "/releases/1.9.0"])
def test_a_wrong_parameter_is_named(two, path):
    for name, value in (("app", "none"), ("period", "1y"), ("to", "2026-01-01"), ("limit", "5")):
        answer = two.get(path, query_string={name: value}, headers=AUTH)
        assert answer.status_code == 400
        assert answer.json["details"][0]["parameter"] == name


# Marking -----------------------------------------------------------------------------------------


def mark(client, headers=AUTH, **body):
    return client.post("/releases", json={"app": "desktop", **body}, headers=headers)


def test_a_release_is_marked_with_its_time_and_a_link(client):
    when, url = "2026-11-20T09:00:00+01:00", "https://shop.example/changes#2.0.0"
    answer = mark(client, version="2.0.0", released_at=when, url=url)
    assert answer.json == {
        "success": True,
        "release": {
            "version": "2.0.0",
            "first_seen": None,
            "released_at": "2026-11-20T08:00:00.000Z",
            "url": url,
        },
    }


def test_a_marked_release_is_in_the_table_before_anybody_has_it(client, now):
    mark(client, version="2.0.0")
    assert releases(client)["2.0.0"]["released_at"] == "2026-11-21T12:30:00.000Z"
    assert releases(client)["2.0.0"]["people"] == 0
    use(client, now, version="2.0.0")
    row = releases(client)["2.0.0"]
    assert (row["people"], row["first_seen"]) == (1, "2026-11-21T12:30:00.000Z")


def test_marking_again_changes_the_time_and_keeps_the_link_that_is_not_named(client):
    mark(client, version="2.0.0", url="https://shop.example/2")
    again = mark(client, version="2.0.0", released_at="2026-11-01T00:00:00Z").json["release"]
    assert (again["released_at"], again["url"]) == (
        "2026-11-01T00:00:00.000Z",
        "https://shop.example/2",
    )
    assert mark(client, version="2.0.0", url=None).json["release"]["url"] is None


def test_a_long_version_is_cut_as_those_of_events_are(client, now):
    commit = "4f2a9c1be07d5a6688e1f0c3d2b9a7e6f5c4d3b2"
    assert mark(client, version=commit).json["release"]["version"] == commit[:20]
    send(client, "cart", days_ago(now, 0.1), version=commit)
    assert [row["people"] for row in releases(client).values()] == [1]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "version"),
        ({"version": ""}, "version"),
        ({"version": "the one with the fix"}, "version"),
        ({"version": 2}, "version"),
        ({"version": "2.0.0", "app": "none"}, "app"),
        ({"version": "2.0.0", "app": None}, "app"),
        ({"version": "2.0.0", "released_at": "yesterday"}, "released_at"),
        ({"version": "2.0.0", "released_at": "2026-11-20T09:00:00"}, "released_at"),
        ({"version": "2.0.0", "url": "javascript:alert(1)"}, "url"),
        ({"version": "2.0.0", "url": "https://x.example/ y"}, "url"),
        ({"version": "2.0.0", "url": "https://x.example/" + "y" * 500}, "url"),
        ({"version": "2.0.0", "link": "https://x.example/"}, "link"),
    ],
    ids=str,
)
def test_a_mark_that_makes_no_sense_is_a_400_that_names_the_field(client, body, field):
    answer = mark(client, **body)
    assert answer.status_code == 400
    assert field in answer.json["error"]


def test_an_app_has_at_most_so_many_versions(client, monkeypatch):
    monkeypatch.setattr("stories.crashes.reading.releases.MAX_RELEASES", 2)
    for version, status in (("1.0.0", 200), ("2.0.0", 200), ("3.0.0", 409), ("1.0.0", 200)):
        assert mark(client, version=version).status_code == status


def test_editors_and_build_servers_may_mark_and_nobody_else(client, services):
    new_app(services, "shop")
    for headers, status in (
        ({}, 401),
        (basic("admin", "wrong"), 401),
        (add_person(client, "Vera", "viewer"), 403),
        (make_token(client, "read"), 403),
        (make_token(client, "ingest"), 403),
        (add_person(client, "Eve", "editor", ["shop"]), 400),
        (make_token(client, "upload", app="shop"), 400),
        (make_token(client, "upload", app="desktop"), 200),
        (add_person(client, "Ed", "editor"), 200),
    ):
        assert mark(client, headers, version="2.0.0").status_code == status
    entries = get(client, "/audit", limit=50)["entries"]
    marked = [e for e in entries if e["action"] == "marked a release"]
    assert [(e["subject"], e["app"]) for e in marked] == [("2.0.0", "desktop")] * 2


# The test ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("counts", "p"),
    [
        ((20, 100, 2, 100), 0.00004745),  # z = 0.18 / sqrt(0.11 · 0.89 · 0.02) = 4.0679
        ((10, 100, 10, 100), 1.0),
        ((60, 1000, 40, 1000), 0.0402),
        ((40, 1000, 60, 1000), 0.0402),
    ],
)
def test_p_is_that_of_the_pooled_z_test(counts, p):
    assert isclose(two_proportions(*counts) or 0, p, rel_tol=0.01)


@pytest.mark.parametrize(
    "counts",
    [(0, 0, 5, 100), (0, 100, 0, 100), (4, 4, 0, 1000), (100, 100, 100, 100), (1, 50, 1, 50)],
)
def test_small_numbers_have_no_p(counts):
    assert two_proportions(*counts) is None
