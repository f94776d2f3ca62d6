"""The situations of docs/COMPATIBILITY.md's test plan, one by one."""

from __future__ import annotations

import sqlite3
import time
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from pathlib import Path

import pytest
from standin import MakeClient, StandIn

from stories_analytics import AsyncClient
from stories_analytics._http import parse_time


def test_server_down_keeps_everything_and_sends_it_later(
    client: AsyncClient, server: StandIn
) -> None:
    server.stop()
    for _ in range(10):
        assert client.track("app_opened")
    client.report_crash(ValueError("down"))
    assert not client.flush()
    assert client.stats().pending == 11
    server.start()
    assert client.flush()
    assert (len(server.items("event")), len(server.items("crash"))) == (10, 1)


def test_a_sender_left_alone_comes_back_by_itself(make_client: MakeClient, server: StandIn) -> None:
    server.stop()
    client = make_client(flush_interval=0.05)
    client.track("app_opened")
    client.flush()
    server.start()
    wait_until_stored(server, 1)


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("as_date", [False, True])
def test_it_honours_retry_after(
    make_client: MakeClient, server: StandIn, status: int, as_date: bool
) -> None:
    soon = datetime.now(timezone.utc) + timedelta(seconds=2)
    server.faults.append((status, format_datetime(soon, usegmt=True) if as_date else "1"))
    client = make_client(flush_interval=0.05)
    client.track("app_opened")
    wait_until_stored(server, 1)
    refused, stored = [when for when, path, _ in server.posts if path == "/track"]
    assert stored - refused >= (0.5 if as_date else 1.0)  # a date has whole seconds


@pytest.mark.parametrize("status", [429, 503])
def test_flush_does_not_override_retry_after(
    client: AsyncClient, server: StandIn, status: int
) -> None:
    server.faults.append((status, "60"))
    client.track("app_opened")
    assert not client.flush()
    assert not client.flush()
    client.track_visit(path="/")  # the whole server is busy, not one endpoint
    assert not client.flush()
    assert len(server.deliveries) == 1
    assert client.stats().pending == 2


@pytest.mark.parametrize("fault", [429, 500, 502, 503, "reset"])
def test_it_tries_again_after_a_fault(make_client: MakeClient, server: StandIn, fault: int) -> None:
    server.faults.extend([fault, fault])
    client = make_client(flush_interval=0.05)
    client.track("app_opened")
    wait_until_stored(server, 1)
    assert client.stats().retries >= 2


def test_an_unhealthy_server_still_tells_the_time(client: AsyncClient, server: StandIn) -> None:
    server.healthy = False
    client.track("app_opened")
    assert client.flush()
    assert client.stats().clock_offset_seconds == 0.0


def test_a_reply_lost_after_the_commit_counts_nothing_twice(
    client: AsyncClient, server: StandIn
) -> None:
    server.faults.append("lost")
    for _ in range(20):
        client.track("app_opened")
    assert not client.flush()
    assert client.flush()
    assert len(server.items("event")) == 20
    assert client.stats().duplicates == 20


def test_a_clock_two_hours_off_and_a_reply_lost_at_once(
    make_client: MakeClient, server: StandIn
) -> None:
    server.clock_ahead = 7_200.0
    server.faults.append("lost")
    client = make_client()
    client.track("app_opened")
    assert not client.flush()
    client.close(0.1)
    server.clock_ahead = 0.0  # the clock is put right between the two attempts
    client = make_client()
    client.track("recording_started")
    while not client.flush():
        pass
    bodies = [body for path, body in server.deliveries if path == "/track"]
    first, second = server.items("event")
    assert abs((parse_time(first["timestamp"]) or 0) - time.time() - 7_200) < 60
    assert abs((parse_time(second["timestamp"]) or 0) - time.time()) < 60
    assert bodies[0][len('{"events":[') : -len("]}")] in bodies[1]


def test_a_clock_less_than_a_minute_off_is_left_alone(client: AsyncClient, server: StandIn) -> None:
    server.clock_ahead = 50.0
    before = time.time()
    client.track("app_opened")
    client.flush()
    assert abs((parse_time(server.items("event")[0]["timestamp"]) or 0) - before) < 10


def test_a_time_that_the_caller_chose_is_not_corrected(
    client: AsyncClient, server: StandIn
) -> None:
    server.clock_ahead = 7_200.0
    chosen = datetime.now(timezone.utc).replace(microsecond=0) - timedelta(days=3)
    client.track("app_opened", timestamp=chosen)
    client.flush()
    assert server.items("event")[0]["timestamp"] == f"{chosen:%Y-%m-%dT%H:%M:%S}.000Z"


def test_five_thousand_events_after_a_week_offline(
    make_client: MakeClient, server: StandIn, tmp_path: Path
) -> None:
    server.stop()
    client = make_client()
    for number in range(5_000):
        client.track("recording_completed", {"number": number, "success": True})
    client.close(5.0)
    week = 7 * 86_400_000
    with sqlite3.connect(tmp_path / "queue") as queue:
        queue.execute("update items set stamp = stamp - ?", (week,))
    queue.close()
    server.start()
    server.faults.extend(["ok", "lost", 503])
    client = make_client()
    for _ in range(20):
        if client.flush():
            break
    numbers = [event["properties"]["number"] for event in server.items("event")]
    assert sorted(numbers) == list(range(5_000))
    age = time.time() - (parse_time(server.items("event")[0]["timestamp"]) or 0)
    assert abs(age - 7 * 86_400) < 600


def wait_until_stored(server: StandIn, count: int) -> None:
    deadline = time.monotonic() + 15
    while len(server.items("event")) < count:
        assert time.monotonic() < deadline, "it never arrived"
        time.sleep(0.02)
