"""The channel of a build: how it is kept, and that repeats are known as before there were channels."""

from __future__ import annotations

import msgspec
import pytest

from models import EventPayload
from stories.dedupe import Repeats
from tests.rollup_tables import value, values
from tests.support import crash, event


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ({}, None),
        ({"channel": None}, None),
        ({"channel": ""}, None),
        ({"channel": "release"}, None),
        ({"channel": "Release"}, None),
        ({"channel": "beta"}, "beta"),
        ({"channel": "Nightly-2.x_1"}, "nightly-2.x_1"),
        ({"channel": "debug"}, "debug"),
        ({"channel": "of joe@example.com"}, "other"),
        ({"channel": "b" * 21}, "other"),
        ({"channel": "b" * 100_000}, "other"),
        ({"channel": "bêta"}, "other"),
        ({"channel": "beta\n"}, "other"),
    ],
)
def test_it_is_kept_in_lower_case_and_what_is_none_as_other(client, database, sent, kept):
    answer = client.post("/track", json={"events": [event(**sent)]})
    assert answer.status_code == 200
    assert value(database, "select channel from events") == kept
    noted = [note["field"] for note in answer.json.get("notes", [])]
    assert noted == (["channel"] if kept == "other" else [])
    for handled, table in ((False, "crashes"), (True, "events where event = 'error_handled'")):
        assert client.post("/crash", json=crash(handled=handled, **sent)).status_code == 200
        assert value(database, f"select channel from {table}") == kept


def test_a_crash_s_context_notes_a_channel_that_is_none(client, database):
    client.post("/crash", json=crash(channel="of joe@example.com"))
    notes = value(database, "select context -> '_notes' from crashes")
    assert notes == {"channel": "left out"}


def test_a_channel_that_is_no_text_is_refused_by_name(client):
    answer = client.post("/track", json={"events": [event(channel=7), event(id="good")]})
    assert [entry["code"] for entry in answer.json["rejected"]] == ["invalid_channel"]
    assert answer.json["events_stored"] == 1


def test_an_event_without_one_has_the_key_that_it_had_before_channels():
    item = msgspec.convert(event(timestamp="2026-11-21T10:00:00Z"), EventPayload)
    assert b"channel" not in msgspec.json.encode(item)
    assert Repeats(1).key(item, None) == Repeats(1).key(item, None)


def test_the_same_event_of_another_channel_is_another_one(client, database):
    same = event()
    for channel in ("beta", "beta", "debug"):
        client.post("/track", json={"events": [{**same, "channel": channel}]})
    rows = values(database, "select channel from events order by channel")
    assert rows == [("beta",), ("debug",)]


def test_debug_builds_make_no_issue_and_count_nowhere(client, auth, services):
    client.post("/track", json={"events": [event(channel="debug")]})
    client.post("/crash", json=crash(channel="debug"))
    body = client.get("/stats?include=stability", headers=auth).json
    assert body["summary"]["total_users"] == 0
    assert body["summary"]["crash_count"] == 0
    assert client.get("/issues?app=desktop", headers=auth).json["issues"] == []
    asked = client.get("/stats?filter=channel:is:debug", headers=auth).json
    assert asked["summary"]["active_users_7d"] == 1
    assert asked["summary"]["crash_count"] == 1
