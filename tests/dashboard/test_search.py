"""GET /dashboard/api/search: a text in any part of an event, a bounded walk a request."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest

from stories.views import dashboard_rows
from tests.support import PERSON, event


@pytest.fixture
def find(client, auth):
    def ask(text: str, more: str = "", app: str = "desktop") -> dict[str, Any]:
        answer = client.get(
            f"/dashboard/api/search?app={app}&search={quote(text)}{more}", headers=auth
        )
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json
        return found

    return ask


def post(client: Any, *events: dict[str, Any]) -> None:
    assert client.post("/track", json={"events": events}).status_code == 200


@pytest.mark.parametrize(
    "text",
    [
        "recording_completed",
        "Recording Completed",
        PERSON[9:20],
        "linux-6.8",
        "0.9.51",
        "5e551011-0000-4000-8000-000000000001",
        "MAIN_window",
        "größe",
        'says "hello"',
        "back\\slash",
        "100%",
        "audio_duration",
    ],
)
def test_it_finds_a_text_wherever_it_stands(client, find, text):
    said = {"note": 'She says "hello"', "path": "back\\slash", "share": "100%", "k": "Größe"}
    properties = {"source": "main_window", "audio_duration_seconds": 12.5, **said}
    post(
        client,
        event(
            event="recording_completed",
            session_id="5e551011-0000-4000-8000-000000000001",
            platform="linux-6.8.0",
            properties=properties,
        ),
        event(
            user_id="00000000-0000-4000-8000-000000000001",
            app_version="1.0",
            platform="win32-10",
            properties={"x": "1000", "y": "a_b"},
        ),
    )
    assert [one["event"] for one in find(text)["events"]] == ["recording_completed"]


@pytest.mark.parametrize("text", ["%", "_b_", "' or 1=1 --", "nothing of the kind"])
def test_it_takes_every_character_as_it_is(client, find, text):
    post(client, event(properties={"x": "1000", "y": "a_b"}))
    assert find(text)["events"] == []


def test_a_walk_is_bounded_and_goes_on_from_where_it_stopped(client, find, monkeypatch):
    monkeypatch.setattr(dashboard_rows, "MAX_SEARCHED", 10)
    start = datetime.now(UTC) - timedelta(hours=1)
    times = [(start + timedelta(seconds=number)).isoformat() for number in range(25)]
    post(client, *(event(timestamp=at, properties={"n": f"n{i}n"}) for i, at in enumerate(times)))
    parts = [find("n2n")]
    while parts[-1]["next_cursor"]:
        parts.append(find("n2n", f"&cursor={parts[-1]['next_cursor']}"))
    found = [one for part in parts for one in part["events"]]
    reached = [part["searched_to"] for part in parts]
    assert [one["properties"]["n"] for one in found] == ["n2n"]
    assert len(parts) == 3
    assert reached[:2] == sorted(reached[:2], reverse=True)
    assert reached[2] is None


def test_a_walk_that_ends_on_what_it_looks_for_goes_on(client, find, monkeypatch):
    monkeypatch.setattr(dashboard_rows, "MAX_SEARCHED", 10)
    start = datetime.now(UTC) - timedelta(hours=1)
    times = [(start + timedelta(seconds=number)).isoformat() for number in range(25)]
    marked = {15: "needle", 8: "needle"}  # the tenth from the top, and an older one
    post(
        client,
        *(event(timestamp=at, properties={"n": marked.get(i, "")}) for i, at in enumerate(times)),
    )
    first = find("needle")
    assert len(first["events"]) == 1
    assert set(first["events"][0]).isdisjoint({"found", "reached"})
    assert len(find("needle", f"&cursor={first['next_cursor']}")["events"]) == 1


def test_a_full_page_ends_the_walk_and_none_is_lost_between_pages(client, find):
    post(client, *(event(id=f"e{i}", properties={"n": "needle"}) for i in range(7)))
    first = find("needle", "&limit=3")
    second = find("needle", f"&limit=3&cursor={first['next_cursor']}")
    third = find("needle", f"&limit=3&cursor={second['next_cursor']}")
    keys = [one["event_key"] for part in (first, second, third) for one in part["events"]]
    assert len(keys) == len(set(keys)) == 7
    assert third["next_cursor"] is None


def test_it_keeps_to_the_app_the_period_and_the_filters(client, auth, find):
    now = datetime.now(UTC)
    post(
        client,
        event(properties={"n": "needle"}),
        event(timestamp=(now - timedelta(days=3)).isoformat(), properties={"n": "needle"}),
        event(event="recording_started", properties={"n": "needle"}),
    )
    assert len(find("needle")["events"]) == 3
    assert find("needle", app="bot")["events"] == []
    assert len(find("needle", f"&start_date={now.date()}")["events"]) == 2
    assert len(find("needle", "&event_type=recording_started")["events"]) == 1


def test_a_person_is_found_by_the_id_that_the_app_itself_has(client, services, find):
    key = {"X-App-Key": services.apps.by_slug("bot").ingest_key}
    said = {"event_name": "start_command", "created_at": datetime.now(UTC).isoformat()}
    for client_id in ("4711", "47112"):
        body = {"client_id": client_id, **said}
        assert client.post("/api/bot/events", json=body, headers=key).status_code == 200
    assert len(find("4711", app="bot")["events"]) == 1
