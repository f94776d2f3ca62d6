"""What dashboards and scripts of the desktop app's first backend ask (docs/COMPATIBILITY.md)."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from urllib.parse import urlencode

import pytest

from tests import support
from tests.clock import NOW
from tests.support import PERSON, basic

AUTH = basic("admin", "admin")
PEOPLE = [f"550e8400-e29b-41d4-a716-44665544000{n}" for n in range(4)]
event = partial(support.event, timestamp=NOW.isoformat())
crash = partial(support.crash, timestamp=NOW.isoformat())
pytestmark = pytest.mark.usefixtures("now")


def get(client, path, **query):
    answer = client.get(f"{path}?{urlencode(query)}", headers=AUTH)
    assert answer.status_code == 200, answer.json
    return answer.json


def recording(seconds, person=PERSON, days_ago=0, name="recording_completed", **properties):
    return event(
        user_id=person,
        event=name,
        timestamp=(NOW - timedelta(days=days_ago, minutes=1)).isoformat(),
        properties={"duration_seconds": seconds, **properties},
        id=f"{person}-{seconds}-{days_ago}-{name}",
    )


def send(client, *items):
    answer = client.post("/track", json={"events": list(items)})
    assert answer.json["events_stored"] == len(items), answer.json


# GET /stats ----------------------------------------------------------------------------------------


def test_the_summary_counts_events_by_name(client):
    send(
        client,
        recording(10, success=True),
        recording(11),
        recording(12, success=False),
        *[event(event="app_opened", id=f"open-{n}") for n in range(4)],
        *[event(event="recording_started", id=f"start-{n}") for n in range(5)],
        *[event(event="transcription_completed", id=f"done-{n}") for n in range(2)],
        event(event="transcription_failed", id="failed"),
    )
    summary = get(client, "/stats")["summary"]
    assert summary["total_recordings"] == 3
    assert summary["successful_recordings"] == 2
    assert summary["app_opened_count"] == 4
    assert summary["recording_started_count"] == 5
    assert summary["transcription_completed_count"] == 2
    assert summary["transcription_failed_count"] == 1


# GET /users ----------------------------------------------------------------------------------------


def test_users_of_some_days_are_a_list_of_ids(client):
    send(client, *[recording(1, person, days_ago=5 * n) for n, person in enumerate(PEOPLE)])
    answer = get(client, "/users", days=6)
    assert answer == {"success": True, "users": PEOPLE[:2], "count": 2, "period_days": 6}


def test_users_of_an_event_are_those_of_thirty_days_unless_told(client):
    send(
        client,
        recording(1, PEOPLE[0]),
        recording(1, PEOPLE[1], days_ago=29),
        recording(1, PEOPLE[2], days_ago=30),
        event(user_id=PEOPLE[3]),
    )
    answer = get(client, "/users", event_type="recording_completed")
    assert answer["users"] == PEOPLE[:2]
    assert answer["period_days"] == 30


@pytest.mark.parametrize(
    ("ranges", "people"),
    [
        ("0-60", [0]),
        ("60-300", [1, 2]),
        ("0-60,300-1000", [0, 3]),
        ("59.9-60.1", [1]),
        ("1000-2000", []),
    ],
)
def test_users_by_the_lengths_of_their_recordings(client, ranges, people):
    send(
        client,
        *[recording(length, PEOPLE[n]) for n, length in enumerate((59, 60, 299.5, 300))],
        event(),
        recording("long", PEOPLE[0], days_ago=1),
    )
    answer = get(client, "/users", duration_ranges=ranges)
    assert sorted(answer["users"]) == [PEOPLE[n] for n in people]


def test_a_length_is_duration_seconds_else_audio_duration_seconds(client):
    send(
        client,
        recording(10, PEOPLE[0], audio_duration_seconds=100),
        recording("unknown", PEOPLE[1], audio_duration_seconds=100),
        recording(-5, PEOPLE[2], audio_duration_seconds=100),
    )
    assert get(client, "/users", duration_ranges="0-50")["users"] == PEOPLE[:1]
    assert sorted(get(client, "/users", duration_ranges="50-150")["users"]) == PEOPLE[1:3]


def test_users_without_these_parameters_are_rows_with_a_cursor(client):
    send(client, event())
    answer = get(client, "/users")
    assert set(answer) == {"success", "app", "users", "next_cursor"}


# GET /events ---------------------------------------------------------------------------------------


def test_pages_by_number_meet_every_event_once(client):
    send(client, *[recording(n) for n in range(45)])
    pages = [get(client, "/events", page=n) for n in (1, 2, 3)]
    assert [page["count"] for page in pages] == [20, 20, 5]
    keys = [row["event_key"] for page in pages for row in page["events"]]
    assert len(set(keys)) == 45
    assert pages[1]["pagination"] == {
        "page": 2,
        "per_page": 20,
        "total_count": 45,
        "total_pages": 3,
        "has_next": True,
        "has_prev": True,
    }
    assert [page["pagination"]["has_next"] for page in pages] == [True, True, False]


def test_pages_by_number_are_in_the_order_of_those_by_cursor(client):
    send(client, *[recording(n, PEOPLE[n % 4], days_ago=n % 3) for n in range(30)])
    by_number = [
        row for n in (1, 2, 3) for row in get(client, "/events", page=n, per_page=10)["events"]
    ]
    assert by_number == get(client, "/events")["events"]


def test_a_page_past_the_last_is_empty_and_so_is_an_empty_server(client):
    empty = get(client, "/events", per_page=5)
    assert empty["events"] == []
    assert empty["pagination"]["total_pages"] == 0
    send(client, event())
    past = get(client, "/events", page=7)
    assert (past["count"], past["pagination"]["has_next"]) == (0, False)
    assert past["pagination"]["has_prev"] is True


@pytest.mark.parametrize("paging", [{}, {"page": 1}])
@pytest.mark.parametrize(
    ("query", "lengths"),
    [
        ({"days": 1}, {10, 70}),
        ({"days": 6}, {10, 70, 200}),
        ({"user_ids": PEOPLE[1]}, {70}),
        ({"user_ids": f"{PEOPLE[0]}, {PEOPLE[2].upper()}"}, {10, 200, 400}),
        ({"duration_ranges": "0-60,200-300"}, {10, 200}),
        ({"duration_ranges": "0-500", "days": 6, "user_ids": PEOPLE[2]}, {200}),
    ],
)
def test_events_are_filtered_by_days_people_and_lengths(client, paging, query, lengths):
    send(
        client,
        recording(10, PEOPLE[0]),
        recording(70, PEOPLE[1]),
        recording(200, PEOPLE[2], days_ago=5),
        recording(400, PEOPLE[2], days_ago=9),
    )
    answer = get(client, "/events", **query, **paging)
    assert {row["properties"]["duration_seconds"] for row in answer["events"]} == lengths
    assert answer["count"] == len(lengths)
    if paging:
        assert answer["pagination"]["total_count"] == len(lengths)


def test_events_and_crashes_count_the_rows_of_this_answer(client):
    send(client, *[recording(n) for n in range(5)])
    for n in range(3):
        client.post("/crash", json=crash(id=f"id-{n}"))
    assert get(client, "/events", limit=2)["count"] == 2
    assert get(client, "/crashes")["count"] == 3


@pytest.mark.parametrize(
    ("path", "query", "parameter"),
    [
        ("/events", {"page": 0}, "page"),
        ("/events", {"page": 1001}, "page"),
        ("/events", {"per_page": 101}, "per_page"),
        ("/events", {"per_page": "all"}, "per_page"),
        ("/events", {"page": 1, "limit": 10}, "limit"),
        ("/events", {"per_page": 1, "cursor": "x"}, "cursor"),
        ("/events", {"days": 0}, "days"),
        ("/events", {"days": 3651}, "days"),
        ("/events", {"days": 7, "start_date": "2026-11-01"}, "start_date"),
        ("/events", {"user_ids": "me"}, "user_ids"),
        ("/events", {"user_ids": f"{PERSON},"}, "user_ids"),
        ("/events", {"user_ids": ",".join([PERSON] * 101)}, "user_ids"),
        ("/events", {"duration_ranges": "60-0"}, "duration_ranges"),
        ("/events", {"duration_ranges": "5-5"}, "duration_ranges"),
        ("/events", {"duration_ranges": "0-60;60-300"}, "duration_ranges"),
        ("/events", {"duration_ranges": "-5-5"}, "duration_ranges"),
        ("/events", {"duration_ranges": "0-1e9"}, "duration_ranges"),
        ("/events", {"duration_ranges": "0-١"}, "duration_ranges"),
        ("/events", {"duration_ranges": ",".join(["0-60"] * 11)}, "duration_ranges"),
        ("/users", {"days": 0}, "days"),
        ("/users", {"duration_ranges": "x"}, "duration_ranges"),
        ("/users", {"event_type": "unheard_of"}, "event_type"),
        ("/users", {"days": 7, "limit": 5}, "limit"),
        ("/users", {"days": 7, "cursor": "x"}, "cursor"),
        ("/crashes", {"page": 1}, "page"),
    ],
)
def test_a_wrong_parameter_is_named(client, path, query, parameter):
    answer = client.get(f"{path}?{urlencode(query)}", headers=AUTH)
    assert answer.status_code == 400
    assert answer.json["details"][0]["parameter"] == parameter
    assert answer.json["error"].startswith(f"{parameter} ")
