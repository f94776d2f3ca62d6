"""A disk that takes no more: what the file cannot hold is sent from memory."""

from __future__ import annotations

import pytest
from standin import MakeClient, StandIn

from stories_analytics import AsyncClient


def fill_disk(client: AsyncClient) -> None:
    """From here on SQLite answers "database or disk is full" to whatever needs room."""
    client._store.installation_id()
    client._store._open().execute("pragma max_page_count = 1")


def make_room(client: AsyncClient) -> None:
    client._store._open().execute("pragma max_page_count = 1000000")


def test_everything_is_sent_from_memory_while_the_disk_is_full(
    client: AsyncClient, server: StandIn
) -> None:
    fill_disk(client)
    for number in range(100):
        assert client.track("app_opened", {"number": number, "padding": "x" * 1000})
    assert client.report_crash(ValueError("on a full disk"))
    client._writer.drain(5.0)
    assert client.stats().unsaved > 90
    assert client.flush()
    numbers = [event["properties"]["number"] for event in server.items("event")]
    assert sorted(numbers) == list(range(100))
    assert len(server.items("crash")) == 1
    assert (client.stats().pending, client.stats().dropped) == (0, {})


def test_what_waited_in_memory_goes_to_the_file_once_there_is_room(
    make_client: MakeClient, server: StandIn
) -> None:
    server.stop()
    client = make_client()
    fill_disk(client)
    for _ in range(20):
        client.track("app_opened", {"padding": "x" * 2000})
    client._writer.drain(5.0)
    assert client.stats().unsaved > 0
    make_room(client)
    client.track("recording_started")
    client._writer.drain(5.0)
    assert (client.stats().unsaved, client.stats().pending) == (0, 21)
    client.close(0.1)
    server.start()
    assert make_client().flush()
    assert len(server.items("event")) == 21


def test_flush_says_no_when_the_server_is_away_as_well_and_the_end_is_counted(
    make_client: MakeClient, server: StandIn
) -> None:
    server.stop()
    client = make_client()
    fill_disk(client)
    for _ in range(20):
        client.track("app_opened", {"padding": "x" * 2000})
    assert not client.flush(2.0)
    unsaved = client.stats().unsaved
    assert unsaved > 0
    client.close(0.1)
    assert client.stats().dropped == {"disk_full": unsaved}


def test_memory_is_bounded_while_it_stands_in_for_the_disk(
    make_client: MakeClient, server: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stories_analytics._overflow.MAX_MEMORY_BYTES", 300_000)
    server.stop()
    client = make_client()
    fill_disk(client)
    for _ in range(400):
        client.track("app_opened", {"padding": "x" * 2000})
    assert not client.flush(1.0)
    stats = client.stats()
    assert 20 < stats.unsaved < 400
    assert stats.unsaved + stats.dropped["memory_full"] == 400
    server.start()
    assert client.flush(30.0)
    assert len(server.items("event")) == stats.unsaved


def test_a_person_has_one_id_while_the_disk_is_full(
    make_client: MakeClient, server: StandIn
) -> None:
    client = make_client()
    client._store._open().execute("pragma max_page_count = 1")
    for _ in range(3):
        client.track("app_opened", {"padding": "x" * 5000})
    assert client.flush()
    assert len({event["user_id"] for event in server.items("event")}) == 1
