"""GET /metrics: what Prometheus is told, across workers, and what never becomes a label."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
import urllib.request

import psycopg2
import pytest

from database import Inline
from stories.crashes.reading.listing import STATES
from tests.support import basic, crash, event
from tests.views import crash_reports
from tools.server import free_port


def samples(text: str) -> dict[str, float]:
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


@pytest.fixture
def read(client, auth):
    def asked():
        answer = client.get("/metrics", headers=auth)
        assert answer.status_code == 200
        assert answer.content_type.startswith("text/plain; version=0.0.4")
        return samples(answer.text)

    return asked


def test_it_needs_the_login(client):
    assert client.get("/metrics").status_code == 401


def test_items_are_counted_by_outcome(client, read):
    before = read()
    good, bad = event(), event(user_id="nobody")
    client.post("/track", json={"events": [good, bad]})
    client.post("/track", json={"events": [good]})
    after = read()

    def more(outcome):
        name = f'stories_items_total{{kind="desktop",outcome="{outcome}"}}'
        return after[name] - before.get(name, 0)

    assert (more("stored"), more("duplicate"), more("invalid_user_id")) == (1, 1, 1)


def test_issues_are_counted_by_state(client, read, now):
    for fault in ("cart", "door", "lamp"):
        crash_reports.send(client, fault, now)
    crash_reports.send(client, "retry", now, handled=True)
    crash_reports.change(client, f"/issues/{crash_reports.issue_id(client, 'door')}", state="muted")
    told = {state: read()[f'stories_issues{{state="{state}"}}'] for state in STATES}
    assert told == {"open": 3, "muted": 1, "resolved": 0}


def test_crashes_are_counted_too(client, read):
    before = read()
    one = crash()
    for body in (one, one, crash(crash_type="unheard of")):
        client.post("/crash", json=body)
    after = read()
    for outcome in ("stored", "duplicate", "invalid_crash_type"):
        name = f'stories_items_total{{kind="crash",outcome="{outcome}"}}'
        assert after[name] - before.get(name, 0) == 1


def test_handled_errors_are_counted_apart_from_crashes(client, read):
    before = read()
    report = crash(handled=True)
    for body in (report, report, crash(handled=True, timestamp="soon")):
        client.post("/crash", json=body)
    after = read()

    def more(kind, outcome):
        name = f'stories_items_total{{kind="{kind}",outcome="{outcome}"}}'
        return after.get(name, 0) - before.get(name, 0)

    assert (more("error", "stored"), more("error", "duplicate")) == (1, 1)
    assert (more("crash", "stored"), more("crash", "invalid_timestamp")) == (0, 1)


def test_requests_are_counted_by_the_route_that_matched(client, read, auth):
    client.get("/users/550e8400-e29b-41d4-a716-446655440000/export", headers=auth)
    client.get("/nothing-here-4711")
    client.open("/health", method="BREW")
    names = read()
    export = 'method="GET",route="/users/<path:person>/export",status="404"'
    assert names[f"stories_request_seconds_count{{{export}}}"] >= 1
    assert names['stories_request_seconds_count{method="other",route="none",status="405"}'] >= 1
    assert not any("4711" in name or "BREW" in name or "550e8400" in name for name in names)


def test_nothing_that_a_client_sends_becomes_a_label(client, read):
    marked = {"user_id": "mark4711", "event": "mark4711", "timestamp": "mark4711"}
    client.post("/track", json={"events": [marked]}, headers={"X-App-Key": "mark4711"})
    client.post("/track?mark4711=mark4711", json={"events": [marked | event(event="mark4711")]})
    assert not any("mark4711" in name for name in read())


def test_what_waits_and_how_the_jobs_went_is_told(client, read, services):
    client.post("/track", json={"events": [event(), event()]})
    waiting = read()
    assert waiting["stories_outbox_events"] == 2
    assert waiting["stories_fold_lag_seconds"] >= 0
    assert waiting['stories_table_bytes{table="events"}'] > 0
    with services.database.transaction() as tx:
        tx.run(
            Inline(
                "/* test */ insert into jobs (name, started_at, seconds, last_error, error_at) "
                "values ('fold', now(), 1.5, 'no', now()), "
                "('expire', now(), 2, 'no', now() - interval '1 day')"
            )
        )
    told = read()
    assert told['stories_job_seconds{job="fold"}'] == 1.5
    assert told['stories_job_failed{job="fold"}'] == 1
    assert told['stories_job_failed{job="expire"}'] == 0


def test_it_answers_without_the_database(config, auth):
    from app import create_app

    app = create_app(config, f"postgresql://nobody@127.0.0.1:{free_port()}/nothing")
    answer = app.test_client().get("/metrics", headers=auth)
    assert answer.status_code == 200
    assert samples(answer.text)["stories_database_up"] == 0


def test_the_workers_are_added_up_and_a_dead_one_is_not_forgotten(serve, dsn):
    server = serve()

    def ask(path, body=None):
        request = urllib.request.Request(server.url + path, body, basic("admin", "admin"))
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.read().decode()

    for _ in range(30):
        ask("/track", json.dumps({"events": [event()]}).encode())
    stored = 'stories_items_total{kind="desktop",outcome="stored"}'
    assert {samples(ask("/metrics"))[stored] for _ in range(6)} == {30}
    limit, deadline = (
        0.0,
        time.monotonic() + 20,
    )  # of both workers; the second may still be starting
    while limit != 20 and time.monotonic() < deadline:
        limit = samples(ask("/metrics"))["stories_connections_limit"]
    assert limit == 20
    found = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(server.process.pid)], capture_output=True, text=True
    )
    os.kill(int(found.stdout.split()[0]), signal.SIGKILL)
    server.wait()
    assert samples(ask("/metrics"))[stored] == 30
    with psycopg2.connect(dsn) as link, link.cursor() as cursor:
        cursor.execute("select count(*) from events")
        assert cursor.fetchone() == (30,)
    os.killpg(server.process.pid, signal.SIGKILL)  # a worker that only starts hears of no other
    server.process.wait()
