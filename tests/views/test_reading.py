"""GET /events and GET /crashes: filters, wrong parameters, pages without skips or repeats."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from functools import partial

import pytest

from tests import support
from tests.clock import NOW
from tests.support import PERSON, basic

AUTH = basic("admin", "admin")
OTHER = "550e8400-e29b-41d4-a716-446655440001"
SESSION = "9b2f6c1e-0d52-4f0e-8f0a-6a1de3a3c001"
NOON = (NOW - timedelta(days=3)).replace(hour=12, minute=0)
event = partial(support.event, timestamp=NOW.isoformat())
crash = partial(support.crash, timestamp=NOW.isoformat())
pytestmark = pytest.mark.usefixtures("now")


def get(client, path, **query):
    answer = client.get(path, query_string=query, headers=AUTH)
    assert answer.status_code == 200, answer.json
    return answer.json


def events(client, **query):
    return get(client, "/events", **query)["events"]


def send(client, *items, key=None):
    headers = {"X-App-Key": key} if key else {}
    answer = client.post("/track", json={"events": list(items)}, headers=headers)
    assert answer.json["events_stored"] == len(items), answer.json


def named(name, moment):
    """An event that tells its name: as hex, which a session id keeps."""
    session_id = name.ljust(8).encode().hex()
    return event(timestamp=moment.isoformat(), id=name, session_id=session_id)


def name_of(row):
    return bytes.fromhex(row["session_id"]).decode().strip()


def pages(client, path, **query):
    """Every page, walked by cursor."""
    name, cursor = path[1:], None
    while True:
        page = get(client, path, **query, **({"cursor": cursor} if cursor else {}))
        yield page[name]
        cursor = page["next_cursor"]
        if cursor is None:
            return


# Filters -----------------------------------------------------------------------------------------


def test_the_latest_come_first(client):
    send(client, *[event(timestamp=(NOON + timedelta(minutes=n)).isoformat()) for n in range(5)])
    times = [row["timestamp"] for row in events(client)]
    assert times == sorted(times, reverse=True)


@pytest.mark.parametrize(
    ("changes", "query"),
    [
        ({"user_id": OTHER}, {"user_id": OTHER}),
        ({"user_id": OTHER}, {"user_id": OTHER.upper()}),
        ({"event": "recording_started"}, {"event_type": "recording_started"}),
        ({"app_version": "1.0.0"}, {"app_version": "1.0.0"}),
        ({"platform": "win32-10"}, {"platform": "win32-10"}),
        ({"country": "DE"}, {"country": "DE"}),
        ({"session_id": SESSION}, {"session_id": SESSION}),
        ({"event": "recording_started", "country": "DE"},
         {"event_type": "recording_started", "country": "DE"}),
    ],
)  # fmt: skip
def test_events_are_filtered(client, changes, query):
    send(client, event(), event(**changes, id="wanted"), event(country="FR"))
    [row] = events(client, **query)
    for name, value in changes.items():
        assert row[name] == value
    assert events(client, **{**query, "user_id": "550e8400-e29b-41d4-a716-446655449999"}) == []


@pytest.mark.parametrize("which", [{}, {"app": "desktop"}])
def test_a_session_is_found_by_the_id_that_was_sent_though_a_hash_is_kept(client, which):
    send(client, event(), event(session_id="jane's session", id="wanted"))
    [row] = events(client, session_id="jane's session", **which)
    assert "jane" not in row["session_id"]
    assert events(client, session_id=row["session_id"], **which) == [row]
    assert events(client, session_id="another", **which) == []


@pytest.mark.parametrize(
    ("changes", "query"),
    [
        ({"user_id": OTHER}, {"user_id": OTHER}),
        ({"crash_type": "main_crash"}, {"crash_type": "main_crash"}),
        ({"app_version": "1.0.0"}, {"app_version": "1.0.0"}),
        ({"os_version": "win32-10"}, {"os_version": "win32-10"}),
    ],
)
def test_crashes_are_filtered(client, changes, query):
    wanted = client.post("/crash", json=crash(**changes)).json["crash_id"]
    client.post("/crash", json=crash())
    assert [row["crash_id"] for row in get(client, "/crashes", **query)["crashes"]] == [wanted]


def test_apps_are_read_together_or_one_by_one(client):
    made = client.post("/apps", json={"slug": "second", "kind": "desktop"}, headers=AUTH).json
    send(client, event(id="a"))
    send(client, event(id="b"), key=made["app"]["ingest_key"])
    assert sorted(row["app"] for row in events(client)) == ["desktop", "second"]
    assert [row["app"] for row in events(client, app="second")] == ["second"]
    assert events(client, app="website") == []


def test_a_date_is_a_whole_day(client):
    edges = {
        "before": NOON.replace(hour=0) - timedelta(milliseconds=1),
        "first": NOON.replace(hour=0),
        "last": NOON.replace(hour=0) + timedelta(days=1) - timedelta(milliseconds=1),
        "after": NOON.replace(hour=0) + timedelta(days=1),
    }
    send(client, *[named(name, when) for name, when in edges.items()])
    day = f"{NOON:%Y-%m-%d}"

    def found(**query):
        return {name_of(row) for row in events(client, **query)}

    assert found(start_date=day, end_date=day) == {"first", "last"}
    assert found(start_date=day) == {"first", "last", "after"}
    assert found(end_date=day) == {"before", "first", "last"}


def test_a_day_is_that_of_the_app(client):
    asked = {"slug": "tokyo", "kind": "desktop", "timezone": "Asia/Tokyo"}
    key = client.post("/apps", json=asked, headers=AUTH).json["app"]["ingest_key"]
    late = NOON.replace(hour=16)  # one in the morning of the next day there
    send(client, event(timestamp=late.isoformat()), key=key)
    same, following = f"{late:%Y-%m-%d}", f"{late + timedelta(days=1):%Y-%m-%d}"
    assert events(client, app="tokyo", start_date=same, end_date=same) == []
    assert len(events(client, app="tokyo", start_date=following, end_date=following)) == 1
    assert len(events(client, start_date=same, end_date=same)) == 1


@pytest.mark.parametrize(
    "form", ["%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S+00:00"]
)
def test_a_time_is_an_edge_the_first_inclusive_the_last_not(client, form):
    send(client, event(timestamp=NOON.isoformat()))
    at, later = NOON.strftime(form), (NOON + timedelta(seconds=1)).strftime(form)
    assert len(events(client, start_date=at)) == 1
    assert events(client, start_date=later) == []
    assert events(client, end_date=at) == []
    assert len(events(client, end_date=later)) == 1


def test_an_offset_whose_plus_was_not_escaped_is_understood(client):
    send(client, event(timestamp=NOON.isoformat()))
    answer = client.get(f"/events?start_date={NOON:%Y-%m-%dT%H:%M:%S}+00:00", headers=AUTH)
    assert len(answer.json["events"]) == 1


# Wrong parameters --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "name", "value"),
    [
        ("/events", "limit", "0"),
        ("/events", "limit", "1001"),
        ("/events", "limit", "-1"),
        ("/events", "limit", "ten"),
        ("/events", "limit", "1.5"),
        ("/events", "user_id", "me"),
        ("/events", "event_type", "unheard_of"),
        ("/events", "event_type", "APP_OPENED"),
        ("/events", "start_date", "yesterday"),
        ("/events", "start_date", "2026-02-30"),
        ("/events", "end_date", "2026-13-01"),
        ("/events", "end_date", "21.11.2026"),
        ("/events", "cursor", "nonsense"),
        ("/events", "cursor", "bnVsbA"),
        ("/events", "cursor", "W10"),
        ("/events", "app", "nobody"),
        ("/events", "type", "app_opened"),
        ("/events", "Limit", "10"),
        ("/events", "crash_type", "main_crash"),
        ("/crashes", "crash_type", "mild"),
        ("/crashes", "event_type", "app_opened"),
        ("/crashes", "limit", "1001"),
        ("/crashes", "country", "DE"),
    ],
)
def test_a_wrong_parameter_is_refused_by_its_name(client, path, name, value):
    answer = client.get(path, query_string={name: value}, headers=AUTH)
    assert answer.status_code == 400
    assert answer.json["details"][0]["parameter"] == name
    assert answer.json["error"].startswith(f"{name} ")


def test_an_empty_parameter_is_none(client):
    send(client, event())
    empty = dict.fromkeys(("user_id", "event_type", "start_date", "limit", "cursor", "app"), "")
    assert len(events(client, **empty)) == 1


def test_an_event_that_only_another_app_has_is_unknown_to_this_one(client):
    answer = client.get("/events?app=desktop&event_type=pageview", headers=AUTH)
    assert answer.status_code == 400
    assert get(client, "/events", event_type="pageview")["events"] == []


# Pages -------------------------------------------------------------------------------------------


def test_limit_is_a_hundred_unless_told_up_to_a_thousand(client):
    one = event()
    send(client, *[{**one, "id": f"id-{n}"} for n in range(1001)])
    assert len(events(client)) == 100
    assert len(events(client, limit=1)) == 1
    full = get(client, "/events", limit=1000)
    assert len(full["events"]) == 1000
    rest = get(client, "/events", limit=1000, cursor=full["next_cursor"])
    assert len(rest["events"]) == 1
    assert rest["next_cursor"] is None


@pytest.mark.parametrize("count", [9, 10, 11])
def test_the_last_page_has_no_cursor_even_when_it_is_full(client, count):
    one = event()
    send(client, *[{**one, "id": f"id-{n}"} for n in range(count)])
    sizes = [len(page) for page in pages(client, "/events", limit=5)]
    assert sizes == {9: [5, 4], 10: [5, 5], 11: [5, 5, 1]}[count]


def test_an_empty_result_has_no_cursor(client):
    assert get(client, "/events") == {
        "success": True,
        "events": [],
        "count": 0,
        "next_cursor": None,
    }


def test_events_of_one_instant_are_walked_without_skips_or_repeats(client):
    """Same time, several people, several apps: only the whole key tells them apart."""
    made = client.post("/apps", json={"slug": "second", "kind": "desktop"}, headers=AUTH).json
    people = [PERSON, OTHER, "00000000-0000-0000-0000-000000000000"]
    batch = [
        event(timestamp=NOON.isoformat(), user_id=people[n % 3], id=f"id-{n}") for n in range(60)
    ]
    send(client, *batch)
    send(client, *batch, key=made["app"]["ingest_key"])
    found = [row for page in pages(client, "/events", limit=7) for row in page]
    keys = [(row["app"], row["user_id"], row["event_key"]) for row in found]
    assert len(keys) == len(set(keys)) == 120


def test_microseconds_are_not_lost_between_pages(client):
    times = [NOON + timedelta(microseconds=n) for n in range(12)]
    send(client, *[event(timestamp=when.isoformat()) for when in times])
    found = [row["timestamp"] for page in pages(client, "/events", limit=5) for row in page]
    assert [datetime.fromisoformat(text) for text in found] == times[::-1]


def test_filters_hold_on_every_page(client):
    send(client, *[event(country="DE" if n % 2 else "FR", id=f"id-{n}") for n in range(20)])
    found = [row for page in pages(client, "/events", limit=3, country="DE") for row in page]
    assert len(found) == 10
    assert {row["country"] for row in found} == {"DE"}


def test_a_walk_while_others_write_sees_everything_that_was_there_once(app, client):
    """New rows may be anywhere in time; what was there at the start is met exactly once."""
    names = [f"old-{n}" for n in range(300)]
    moments = {name: NOON - timedelta(seconds=n) for n, name in enumerate(names)}
    send(client, *[named(name, moment) for name, moment in moments.items()])
    stop = threading.Event()
    written: list[int] = []

    def write():
        writer, own = app.test_client(), threading.get_ident()
        while not stop.is_set():
            n = len(written)
            moments = (NOON + timedelta(seconds=n), NOON - timedelta(seconds=n % 300),
                       NOON - timedelta(seconds=n % 300, milliseconds=500))  # fmt: skip
            batch = [named(f"new-{own}-{n}-{place}", one) for place, one in enumerate(moments)]
            writer.post("/track", json={"events": batch})
            written.append(n)

    writers = [threading.Thread(target=write) for _ in range(2)]
    for thread in writers:
        thread.start()
    try:
        found = [name_of(row) for page in pages(client, "/events", limit=11) for row in page]
    finally:
        stop.set()
        for thread in writers:
            thread.join(30)
    assert len(found) == len(set(found)), "a row was met twice"
    assert set(names) <= set(found), "a row was skipped"
    assert len(written) > 5


def test_crashes_are_walked_too(client):
    for n in range(12):
        client.post("/crash", json=crash(timestamp=NOON.isoformat(), id=f"id-{n}"))
    found = [row["crash_id"] for page in pages(client, "/crashes", limit=5) for row in page]
    assert len(found) == len(set(found)) == 12
