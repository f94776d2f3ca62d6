"""What really comes: the curl lines of the first specification, a crash of Node, much traffic."""

from __future__ import annotations

import json
import os
import subprocess
import time
import urllib.request
from collections import Counter
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import pytest

from stories.config import ROOT
from tests.support import PERSON, basic, require
from tools.traffic import Parameters, Request, batches, desktop_events, send

AUTH = basic("admin", "admin")
# Counted back in full by `make test`; a machine with time may take a million.
EVENTS = int(os.environ.get("TRAFFIC_EVENTS", "50000"))

# The lines of curl that the first backend's README printed (docs/COMPATIBILITY.md, Desktop app).
TRACK = """
curl -s -X POST {url}/track \\
  -H "Content-Type: application/json" \\
  -d '{{
    "events": [
      {{
        "user_id": "550e8400-e29b-41d4-a716-446655440000",
        "event": "app_opened",
        "timestamp": "{when}",
        "app_version": "0.9.51",
        "platform": "darwin-24.6.0",
        "country": "US"
      }}
    ]
  }}'
"""
CRASH = """
curl -s -X POST {url}/crash \\
  -H "Content-Type: application/json" \\
  -d '{{
    "user_id": "550e8400-e29b-41d4-a716-446655440000",
    "app_version": "0.9.51",
    "os_version": "darwin-24.6.0",
    "crash_type": "uncaught_error",
    "error_message": "TypeError: Cannot read property",
    "stack_trace": "at app.js:123:45",
    "timestamp": "{when}"
  }}'
"""
HEALTH = "curl -s {url}/health"
STATS = "curl -s {url}/stats?period=30d -u admin:admin"
CLEANUP = "curl -s -X POST {url}/cleanup -u admin:admin"
THEIRS = "2025-10-28T14:30:00Z"  # past the retention by now


@pytest.fixture
def server(lasting_server):
    """One for all of them: each looks at what it has sent itself."""
    return lasting_server


def shell(line: str, server: Any, when: str = "") -> Any:
    require("curl")
    text = line.format(url=server.url, when=when)
    done = subprocess.run(["sh", "-c", text], capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def get(server: Any, path: str) -> Any:
    request = urllib.request.Request(server.url + path, headers=AUTH)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def test_the_curl_lines_of_the_specification_work_with_todays_date(server):
    today = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert shell(HEALTH, server)["status"] == "healthy"
    assert shell(TRACK, server, today)["events_stored"] == 1
    assert shell(CRASH, server, today)["success"] is True
    people, deadline = 0, time.monotonic() + 10
    while not people and time.monotonic() < deadline:  # it is a second late while a worker folds
        people = shell(STATS, server)["summary"]["total_users"]
    assert people == 1
    assert shell(CLEANUP, server)["result"]["events_deleted"] == 0
    assert get(server, "/events")["events"][0]["timestamp"] == today.replace("Z", ".000Z")
    assert get(server, "/crashes")["crashes"][0]["stack_trace"] == "at app.js:123:45"


def test_with_their_own_dates_they_are_refused_with_a_sentence_that_says_so(server):
    def stored():
        return get(server, "/events")["events"], get(server, "/crashes")["crashes"]

    before = stored()
    for line in (TRACK, CRASH):
        refused = shell(line, server, THEIRS)
        assert refused["success"] is False
        assert refused["code"] == "timestamp_too_old"
        assert "2025-10-28 is older than the 363 days that are accepted" in refused["error"]
    assert stored() == before


def test_a_node_program_that_throws_leaves_its_real_stack(server):
    node = require("node")
    script = ROOT / "tests" / "fixtures" / "crash.js"
    before = get(server, "/crashes")["crashes"]
    done = subprocess.run(
        [node, str(script), server.url], capture_output=True, text=True, timeout=60
    )
    assert json.loads(done.stdout)["success"] is True, done.stdout + done.stderr
    [crash] = [one for one in get(server, "/crashes")["crashes"] if one not in before]
    assert crash["error_message"].startswith("TypeError: Cannot read properties of undefined")
    lines = crash["stack_trace"].splitlines()
    assert lines[0] == crash["error_message"]
    assert "at openRecording (" in lines[1]
    assert "crash.js:5:" in lines[1]
    assert any("startRecording" in line for line in lines)
    assert crash["context"]["argv0"]


@pytest.mark.slow
def test_traffic_over_http_is_counted_back_to_the_last_event(server):
    """Believable traffic through the real server, read again in full by cursor."""
    parameters = Parameters(now=datetime.now(UTC), people=EVENTS // 50, days=90, events=EVENTS)
    sent: list[Any] = []

    def requests():
        for batch in batches(islice(desktop_events(parameters), EVENTS), 1000):
            sent.extend(batch)
            yield Request("/track", {"events": batch}, len(batch))

    totals = send(server.url, requests(), threads=4, compress=True)
    assert len(sent) > EVENTS * 0.9
    assert (totals.stored, totals.duplicates) == (len(sent), 0), totals.line()
    assert (totals.rejected, totals.refused, totals.unsent) == (0, 0, 0), totals.line()

    found: Counter[tuple[Any, ...]] = Counter()
    keys, cursor, before = set(), "", "9999"
    while True:
        page = get(server, f"/events?limit=1000{cursor and f'&cursor={cursor}'}")
        for row in page["events"]:
            assert row["timestamp"] <= before
            before = row["timestamp"]
            if row["user_id"] == PERSON:
                continue  # of the lines of curl
            keys.add((row["user_id"], row["timestamp"], row["event_key"]))
            found[identity(row)] += 1
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert len(keys) == len(sent)
    assert found == Counter(identity(item) for item in sent)


def identity(item: Any) -> tuple[Any, ...]:
    """What an event is, as it was sent and as it is read."""
    names = ("user_id", "event", "app_version", "platform", "country", "session_id")
    when = item["timestamp"]
    if isinstance(when, str):
        when = datetime.fromisoformat(when).timestamp() * 1000
    return (round(when), *(item.get(name) for name in names), len(item.get("properties") or {}))
