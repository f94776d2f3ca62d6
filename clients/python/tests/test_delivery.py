"""What is tracked arrives once, in the shape of the protocol."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from pathlib import Path

from standin import MakeClient, StandIn

from stories_analytics import AsyncClient
from stories_analytics._http import parse_retry_after


def test_it_sends_an_event_with_everything_the_protocol_names(
    make_client: MakeClient, server: StandIn
) -> None:
    client = make_client(
        app_key="key-1", app_version="1.2.3", platform="linux", country="CL", session_id="s1"
    )
    assert client.track("app_opened", {"startup_time_seconds": 1.5})
    assert client.flush()
    (event,) = server.items("event")
    assert event.pop("id")
    assert event.pop("timestamp").endswith("Z")
    assert len(event.pop("user_id")) == 36
    assert event == {
        "event": "app_opened",
        "properties": {"startup_time_seconds": 1.5},
        "app_version": "1.2.3",
        "platform": "linux",
        "country": "CL",
        "session_id": "s1",
    }
    assert server.headers[-1]["x-app-key"] == "key-1"


def test_it_keeps_the_anonymous_person_across_restarts(
    make_client: MakeClient, server: StandIn
) -> None:
    for _ in range(2):
        client = make_client()
        client.track("app_opened")
        assert client.close(5.0)
    first, second = server.items("event")
    assert first["user_id"] == second["user_id"]


def test_it_batches_and_compresses(client: AsyncClient, server: StandIn) -> None:
    for _ in range(50):
        client.track("app_opened")
    assert client.flush()
    assert len(server.deliveries) == 1
    assert server.headers[-1]["content-encoding"] == "gzip"
    assert len(server.items("event")) == 50


def test_it_sends_by_itself_when_enough_wait_or_time_has_passed(
    make_client: MakeClient, server: StandIn
) -> None:
    client = make_client(flush_at=3)
    for _ in range(3):
        client.track("app_opened")
    wait_for(lambda: len(server.items("event")) == 3)
    client.close()
    client = make_client(flush_interval=0.1)
    client.track("app_opened")
    wait_for(lambda: len(server.items("event")) == 4)


def test_it_sends_what_an_earlier_life_left_without_being_asked(
    make_client: MakeClient, server: StandIn
) -> None:
    server.stop()
    client = make_client()
    client.track("app_opened")
    client.close(0.5)
    server.start()
    make_client()
    wait_for(lambda: len(server.items("event")) == 1)


def test_it_keeps_the_copy_from_the_moment_of_the_call(
    client: AsyncClient, server: StandIn
) -> None:
    properties = {"list": [1], "n": 1}
    client.track("app_opened", properties)
    properties["n"] = 2
    properties["list"].append(2)  # type: ignore[attr-defined]
    client.flush()
    assert server.items("event")[0]["properties"] == {"list": [1], "n": 1}


def test_it_drops_rejected_items_keeps_the_rest_and_counts_both(
    client: AsyncClient, server: StandIn
) -> None:
    client.track("app_opened")
    client.track("poison")
    client.track("recording_started")
    assert client.flush()
    stats = client.stats()
    assert (stats.sent, stats.rejected, stats.pending) == (2, {"unknown_event": 1}, 0)


def test_it_drops_a_batch_in_which_nothing_was_good(client: AsyncClient, server: StandIn) -> None:
    client.track("poison")
    client.track("poison")
    assert client.flush()
    assert client.stats().rejected == {"unknown_event": 2}
    assert len(server.deliveries) == 1


def test_it_finds_the_culprit_by_halving_when_a_400_names_nobody(
    client: AsyncClient, server: StandIn
) -> None:
    server.faults.extend([400, 400, 400])
    for _ in range(4):
        client.track("app_opened")
    assert client.flush()
    assert len(server.items("event")) == 3
    assert client.stats().rejected == {"fault": 1}


def test_it_halves_after_413_until_it_fits(client: AsyncClient, server: StandIn) -> None:
    server.max_items = 3
    for _ in range(20):
        client.track("app_opened")
    assert client.flush()
    assert len(server.items("event")) == 20


def test_it_drops_one_item_that_is_too_large_alone(client: AsyncClient, server: StandIn) -> None:
    server.max_bytes = 600
    client.track("app_opened", {"x": "y" * 2000})
    client.track("app_opened")
    assert client.flush()
    assert len(server.items("event")) == 1
    assert client.stats().dropped == {"too_large": 1}


def test_it_keeps_the_queue_on_401_logs_once_and_sends_with_the_right_key(
    make_client: MakeClient, server: StandIn, caplog: object
) -> None:
    server.app_key = "right"
    client = make_client(app_key="wrong")
    client.track("app_opened")
    assert not client.flush()
    assert not client.flush()
    assert client.stats().pending == 1
    assert caplog.text.count("the app key is wrong") == 1  # type: ignore[attr-defined]
    client.close()
    assert make_client(app_key="right").flush()
    assert len(server.items("event")) == 1


def test_it_does_not_take_a_captive_portal_for_success(
    client: AsyncClient, server: StandIn
) -> None:
    server.faults.append("html")
    client.track("app_opened")
    assert not client.flush()
    assert client.flush()
    assert len(server.items("event")) == 1


def test_one_kind_that_the_server_does_not_know_does_not_hold_up_the_others(
    client: AsyncClient, server: StandIn
) -> None:
    client.track("app_opened")
    client.track_visit(path="/")
    server.faults.append(404)  # events come first
    assert not client.flush()
    assert len(server.items("visit")) == 1
    assert client.flush()


def test_it_bounds_the_file_drops_the_oldest_usage_first_and_counts(
    make_client: MakeClient, server: StandIn, tmp_path: Path
) -> None:
    server.stop()
    client = make_client(max_bytes=400_000)
    client.report_crash("the first thing that happened")
    for number in range(2_000):
        client.track("app_opened", {"number": number, "padding": "x" * 500})
    client.flush(5.0)
    kept = client.stats().pending or 0
    dropped = client.stats().dropped
    assert 100 < kept < 1_000
    assert dropped == {"disk_full": 2_001 - kept}
    assert (tmp_path / "queue").stat().st_size < 700_000
    server.start()
    assert client.flush()
    numbers = [event["properties"]["number"] for event in server.items("event")]
    assert numbers == list(range(2_000 - len(numbers), 2_000))
    assert len(server.items("crash")) == 1


def test_it_drops_what_is_too_old(make_client: MakeClient, server: StandIn, tmp_path: Path) -> None:
    server.stop()
    client = make_client(max_age_days=7)
    client.track("app_opened")
    client.track("recording_started")
    client.close(0.5)
    with sqlite3.connect(tmp_path / "queue") as queue:
        queue.execute("update items set stamp = stamp - 8 * 86400000 where seq = 1")
    queue.close()
    server.start()
    client = make_client(max_age_days=7)
    client.flush()
    assert [event["event"] for event in server.items("event")] == ["recording_started"]
    assert client.stats().dropped == {"too_old": 1}


def test_it_bounds_memory_too(make_client: MakeClient) -> None:
    client = make_client(max_memory_items=100)
    client._store._lock.acquire()  # the disk hangs
    try:
        for _ in range(1_000):
            client.track("app_opened")
        assert client._counts.dropped["memory_full"] >= 500
    finally:
        client._store._lock.release()


def test_a_burst_fills_memory_to_its_limit_and_each_call_beyond_it_says_no(
    make_client: MakeClient, server: StandIn
) -> None:
    client = make_client(max_memory_items=100)
    client.track("app_opened", durable=True)  # the file is open
    with client._store._lock:  # the disk is slower than the burst
        taken = sum(bool(client.track("app_opened")) for _ in range(50_000))
    assert taken >= 100
    assert client.stats().dropped == {"memory_full": 50_000 - taken}
    assert client.flush(30.0)
    assert len(server.items("event")) == taken + 1


def test_a_country_that_is_no_code_is_left_out_and_costs_no_event(
    make_client: MakeClient, server: StandIn
) -> None:
    for country in ("Germany", "de", "", "D1", "ДЕ", 49):
        client = make_client(country=country)
        client.track("app_opened")
        assert client.flush()
        client.close()
    countries = [event.get("country") for event in server.items("event")]
    assert countries == [None, "DE", None, None, None, None]


def test_an_opt_out_survives_a_restart(make_client: MakeClient, server: StandIn) -> None:
    client = make_client()
    client.track("app_opened")
    client.set_enabled(False)
    client.close()
    client = make_client()
    assert not client.track("app_opened")
    assert client.report_crash("still reported")
    assert client.flush()
    assert (server.items("event"), len(server.items("crash"))) == ([], 1)
    client.set_enabled(True)
    client.close()
    assert make_client().track("app_opened")


def test_an_opt_out_reaches_the_other_processes_that_share_the_file(
    make_client: MakeClient, server: StandIn
) -> None:
    one, other = make_client(), make_client()
    assert other.track("app_opened")
    one.set_enabled(False)
    other.flush()
    assert not other.track("app_opened")
    assert server.items("event") == []


def test_an_opt_out_that_cannot_be_written_holds_for_the_process(
    make_client: MakeClient, server: StandIn, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    client = make_client(queue_path=tmp_path / "file" / "queue")
    client.set_enabled(False)
    client.report_crash("the sender has its round")
    client.flush()
    assert not client.track("app_opened")


def test_opting_out_empties_the_queue_but_crashes_still_go(
    client: AsyncClient, server: StandIn
) -> None:
    client.track("app_opened")
    client.set_enabled(False)
    assert not client.track("app_opened")
    client.report_crash("still reported")
    assert client.flush()
    assert server.items("event") == []
    assert len(server.items("crash")) == 1


def test_crash_reports_can_be_turned_off(make_client: MakeClient) -> None:
    assert not make_client(crash_reports=False).report_crash("x")


def test_many_threads_lose_nothing_and_double_nothing(client: AsyncClient, server: StandIn) -> None:
    def work(thread: int) -> None:
        for number in range(200):
            about = {"thread": thread, "number": number}
            client.track("app_opened", about, durable=number % 50 == 0)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert client.flush()
    seen = {(e["properties"]["thread"], e["properties"]["number"]) for e in server.items("event")}
    assert len(seen) == len(server.items("event")) == 3_200
    assert client.stats().duplicates == 0


def test_two_clients_may_share_a_file(make_client: MakeClient, server: StandIn) -> None:
    one, two = make_client(), make_client()
    for _ in range(300):
        one.track("app_opened")
        two.track("app_opened")
    assert one.flush()
    assert two.flush()
    assert len(server.items("event")) == 600
    assert one.stats().duplicates + two.stats().duplicates == 0


def test_a_broken_file_is_set_aside(
    make_client: MakeClient, server: StandIn, tmp_path: Path
) -> None:
    (tmp_path / "queue").write_bytes(b"this is no database" * 500)
    client = make_client()
    client.track("app_opened")
    assert client.flush()
    assert len(server.items("event")) == 1
    assert (tmp_path / "queue.broken").exists()


def test_without_a_writable_place_it_queues_in_memory(
    make_client: MakeClient, server: StandIn, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    client = make_client(queue_path=tmp_path / "file" / "below" / "queue")
    client.track("app_opened")
    assert client.flush()
    assert len(server.items("event")) == 1


def test_the_queue_file_is_for_its_owner_only(client: AsyncClient, tmp_path: Path) -> None:
    client.track("app_opened", durable=True)
    for name in ("queue", "queue-wal"):
        assert (tmp_path / name).stat().st_mode & 0o077 == 0


def test_the_same_event_is_the_same_bytes_when_sent_again(
    client: AsyncClient, server: StandIn
) -> None:
    server.faults.extend(["lost", "reset", "ok"])
    client.track("app_opened", {"a": 1, "é": "ü"})
    while not client.flush():
        pass
    bodies = [body for path, body in server.deliveries if path == "/track"]
    assert len(bodies) == 3
    assert len(set(bodies)) == 1
    assert json.loads(bodies[0])["events"][0]["properties"] == {"a": 1, "é": "ü"}
    assert len(server.items("event")) == 1
    assert client.stats().duplicates == 1


def test_retry_after_is_read_as_seconds_and_as_a_date() -> None:
    now = 1_700_000_000.0
    assert parse_retry_after("17", now) == 17.0
    assert parse_retry_after("Tue, 14 Nov 2023 22:13:50 GMT", now) == 30.0
    assert parse_retry_after("Tue, 14 Nov 2000 22:13:50 GMT", now) == 0.0
    assert parse_retry_after("999999999", now) == 3600.0
    assert parse_retry_after("soon", now) is None
    assert parse_retry_after("nan", now) is None
    assert parse_retry_after(None, now) is None


def wait_for(condition: object, seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)
