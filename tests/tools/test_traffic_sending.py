"""How made-up traffic arrives, with trouble on its way, and how it is sent over HTTP."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice
from typing import Any

import pytest

from tests.oracle import accept
from tests.tools.parameters import NOW, PARAMETERS
from tools.traffic import (
    Parameters,
    Request,
    Trouble,
    batches,
    desktop_events,
    ids_of_testers,
    send,
    troubled,
)
from tools.traffic.__main__ import main
from tools.traffic.requests import moved, requests, track_requests
from tools.traffic.times import parse_ms

# Trouble


TESTERS = ids_of_testers(2)
TROUBLE = Trouble(seed=3, tester_ids=TESTERS)


def test_trouble_is_the_same_from_the_same_seed(events: list[dict[str, Any]]) -> None:
    first = list(troubled(events, TROUBLE))
    assert first == list(troubled(events, TROUBLE))
    assert first != list(troubled(events, Trouble(seed=4, tester_ids=TESTERS)))
    assert all(len(request) <= 2 * TROUBLE.batch for request in first)


def test_without_trouble_everything_arrives_once_in_order(events: list[dict[str, Any]]) -> None:
    none = Trouble(retries=0, late=0, wrong=0, identical=0, testers=0)
    assert [event for request in troubled(events, none) for event in request] == events


def test_every_event_arrives_and_repeats_are_repeats(events: list[dict[str, Any]]) -> None:
    quiet = Trouble(wrong=0, identical=0, testers=0)
    sent = [event for request in troubled(events, quiet) for event in request]
    assert len(sent) > 1.04 * len(events)
    kept = accept(troubled(events, quiet))
    assert sorted(map(json.dumps, kept)) == sorted(map(json.dumps, events))


def test_identical_events_without_an_id_are_two(events: list[dict[str, Any]]) -> None:
    kept = accept(troubled(events, TROUBLE))
    twins = len(kept) - len(events)
    assert 0.005 * len(events) < twins < 0.02 * len(events)
    shuffled = accept(reversed(list(troubled(events, TROUBLE))))
    key = sorted(map(json.dumps, kept))
    assert sorted(map(json.dumps, shuffled)) == key, "the order of arrival does not matter"


def test_late_events_arrive_up_to_thirty_days_later(events: list[dict[str, Any]]) -> None:
    newest, delays = 0, []
    for request in troubled(events, Trouble(retries=0, wrong=0, identical=0, testers=0)):
        for event in request:
            moment = parse_ms(event["timestamp"])
            delays.append(newest - moment)
            newest = max(newest, moment)
    days = max(delays) / 86_400_000
    assert 20 < days <= 30.5
    assert sum(delay > 3_600_000 for delay in delays) > 0.03 * len(events)


def test_wrong_types_and_testers_are_among_them(events: list[dict[str, Any]]) -> None:
    sent = [event for request in troubled(events, TROUBLE) for event in request]
    durations = [event["properties"].get("audio_duration_seconds") for event in sent]
    kinds = {type(value) for value in durations}
    assert {str, bool, list, dict, type(None), float} <= kinds
    assert any(isinstance(value, float) and value > 1e12 for value in durations)
    assert any(
        not isinstance(value, bool) and isinstance(value, int) and value < 0 for value in durations
    )
    flags = [event["properties"].get("success", True) for event in sent]
    assert "false" in flags
    testers = sum(event["user_id"] in TESTERS for event in sent)
    assert 0.01 * len(sent) < testers < 0.04 * len(sent)
    assert events == list(desktop_events(PARAMETERS)), "the originals are left alone"


# Sending


class _Server(BaseHTTPRequestHandler):
    """Counts what arrives; busy for the first request, then refuses items without an `event`."""

    protocol_version = "HTTP/1.1"
    received: list[Any]
    busy: int

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers["Content-Encoding"] == "gzip":
            body = gzip.decompress(body)
        if type(self).busy > 0:
            type(self).busy -= 1
            self.answer(503, {"code": "database_unavailable"}, {"Retry-After": "0.05"})
            return
        if self.path == "/refuse":
            self.answer(401, {"code": "wrong_key"})
            return
        items = json.loads(body)["events"]
        self.received.append((self.path, dict(self.headers), items))
        bad = [{"index": n, "code": "no_event"} for n, item in enumerate(items) if not item]
        self.answer(200, {"events_stored": len(items) - len(bad), "duplicates": 2, "rejected": bad})

    def answer(self, status: int, answer: Any, headers: dict[str, str] | None = None) -> None:
        body = json.dumps(answer).encode()
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def server() -> Iterator[str]:
    _Server.received, _Server.busy = [], 0
    http = ThreadingHTTPServer(("127.0.0.1", 0), _Server)
    threading.Thread(target=http.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{http.server_port}"
    http.shutdown()
    http.server_close()


@pytest.mark.parametrize("compress", [False, True])
def test_it_sends_everything_once_and_adds_up_the_answers(server: str, compress: bool) -> None:
    _Server.busy = 2
    groups = [[{"n": n}, {"n": -n}, {}] for n in range(20)]
    requests = (Request("/track", {"events": group}, 3, {"X-A": "b"}) for group in groups)
    totals = send(server, requests, compress=compress, headers={"X-App-Key": "k"})
    assert sorted(json.dumps(items) for _, _, items in _Server.received) == sorted(
        json.dumps(group) for group in groups
    )
    assert all(got["X-A"] == "b" and got["X-App-Key"] == "k" for _, got, _ in _Server.received)
    assert (totals.requests, totals.sent, totals.stored) == (20, 60, 40)
    assert (totals.duplicates, totals.rejected, totals.retried) == (40, 20, 2)
    assert totals.reasons == {"no_event": 20}
    assert "sent 60 in 20 requests, stored 40, duplicates 40, rejected 20" in totals.line()


def test_it_names_what_is_refused_and_goes_on(server: str) -> None:
    requests = [Request("/refuse", {"events": []}, 5), Request("/track", {"events": [{"n": 1}]}, 1)]
    totals = send(server + "/", requests, threads=1)
    assert (totals.refused, totals.stored) == (5, 1)
    assert totals.reasons == {"wrong_key": 1}


def test_it_wants_an_http_address() -> None:
    with pytest.raises(ValueError, match="not an http address"):
        send("localhost:5000", [])


def test_the_command_sends_as_many_events_as_asked(
    server: str, capsys: pytest.CaptureFixture[str]
) -> None:
    more = ["--kinds", "desktop", "--now", "2026-11-21T12:00:00Z", "--gzip", "--batch", "100"]
    assert main(["--url", server, "--events", "450", *more]) == 0
    assert sum(len(items) for _, _, items in _Server.received) <= 450
    assert capsys.readouterr().out.startswith("desktop: sent ")
    assert {path for path, _, _ in _Server.received} == {"/track"}


def test_batches_hold_all_items() -> None:
    assert list(batches(range(5), 2)) == [[0, 1], [2, 3], [4]]
    assert list(batches([], 2)) == []


def test_moved_traffic_differs_in_its_times_only():
    parameters = Parameters(now=NOW, people=20, days=10, events=300)
    for kind in ("crashes", "website", "generator", "bot"):
        drawn = list(requests(kind, parameters, 50))
        assert drawn
        there = list(moved(drawn, timedelta(days=100, hours=3)))
        assert there != drawn
        assert list(moved(there, -timedelta(days=100, hours=3))) == drawn
    [track] = track_requests([list(islice(desktop_events(parameters), 2))])
    [later] = moved([track], timedelta(seconds=1))
    for before, after in zip(track.body["events"], later.body["events"], strict=True):
        assert parse_ms(after["timestamp"]) - parse_ms(before["timestamp"]) == 1_000
        assert {**after, "timestamp": ""} == {**before, "timestamp": ""}
