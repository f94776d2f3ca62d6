"""What the real SDKs send, as captured from them (tests/fixtures/sdks), becomes one row each of the
right kind, and nothing of a person but the id gets in.

Captured from sentry-sdk 2.75.0, @sentry/node and @sentry/browser 11.12.0 and @sentry/electron 7.20.2,
with all that they send about people switched on.
"""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime

import pytest

from stories.config import ROOT
from tests.support import whole_database

FOLDER = ROOT / "tests" / "fixtures" / "sdks"
CAPTURED = datetime(2026, 11, 28, 15, 30, tzinfo=UTC)
PERSON = "550e8400-e29b-41d4-a716-446655440000"
# What the fixtures hold of people and of secrets, and a database never.
NEVER = (
    *(
        "jane@example.com",
        "203.0.113.9",
        "Jane Doe",
        "LOCALVARIABLE",
        "CONSOLEARGUMENT",
        "ARGUMENT-9917",
    ),
    *("build-host-77", "/home/jane", "email=", "token=", "sys.argv", "127.0.0.1", "HeadlessChrome"),
)

CRASHES = {
    "python_uncaught": ("uncaught_error", "RuntimeError: could not load the story"),
    "python_message": ("uncaught_error", "the disk is nearly full"),
    "python_flask": ("uncaught_error", "ZeroDivisionError: division by zero"),
    "node_uncaught": ("uncaught_error", "Error: could not load the story"),
    "node_rejection": ("unhandled_rejection", "Error: could not load the story"),
    "browser_uncaught": ("uncaught_error", "TypeError: the story cannot be drawn"),
    "browser_rejection": ("unhandled_rejection", "TypeError: the story cannot be drawn"),
    "electron_uncaught": ("uncaught_error", "RangeError: the story is too long"),
    "electron_rejection": ("unhandled_rejection", "RangeError: the story is too long"),
}
HANDLED = {
    "python_logging": "query of %s failed",
    "python_group": "ExceptionGroup: several stories",
    "node_handled": "Error: could not load the story",
    "node_message": "the disk is nearly full",
    "node_aggregate": "AggregateError: several stories",
    "browser_handled": "Error: page is broken",
    "browser_error_of_feedback": "Error: before feedback",
}
LEFT_OUT = {
    "node_info": "left_out:message",
    "electron_gone": "left_out:message",
    "python_log": "left_out:log",
    "node_check_in": "left_out:check_in",
    "node_metric": "left_out:metric",
    "python_client_report": "sdk:event_processor",
}
ELSEWHERE = {"browser_feedback", "browser_tunnel", "electron_session", "python_sessions"}


def body_of(name: str) -> bytes:
    return (FOLDER / f"sentry_{name}.envelope").read_bytes()


@pytest.fixture
def send(client, app, services):
    """Posts a fixture as its SDK does; returns the answer."""
    app.config["NOW"] = lambda: CAPTURED
    target = services.apps.default("desktop")

    def post(name: str):
        address = f"/api/{target.app_id}/envelope/"
        if name.startswith("python"):
            header = f"Sentry sentry_key={target.ingest_key}, sentry_version=7, sentry_client=x"
            sent = {"X-Sentry-Auth": header, "Content-Encoding": "gzip"}
            return client.post(address, data=gzip.compress(body_of(name)), headers=sent)
        return client.post(f"{address}?sentry_key={target.ingest_key}", data=body_of(name))

    return post


def issues(client, auth):
    return client.get("/issues", headers=auth).json["issues"]


def shown(client, auth):
    """The only issue, and its only crash."""
    [issue] = issues(client, auth)
    answer = client.get(f"/issues/{issue['id']}/crashes", headers=auth).json
    [crash] = answer["crashes"]
    return issue, crash


def test_every_fixture_is_looked_at():
    names = {path.stem.removeprefix("sentry_") for path in FOLDER.glob("sentry_*.envelope")}
    assert names == {*CRASHES, *HANDLED, *LEFT_OUT, *ELSEWHERE}


@pytest.mark.parametrize("name", CRASHES)
def test_what_was_not_handled_is_a_crash(client, auth, database, send, name):
    for _ in range(2):  # a repeat is known
        answer = send(name)
        assert answer.status_code == 200, answer.json
    crash_type, title = CRASHES[name]
    issue, crash = shown(client, auth)
    assert (issue["crash_type"], issue["handled"], issue["crashes"]) == (crash_type, False, 1)
    assert (issue["title"], crash["error_message"]) == (title, title)
    assert (crash["app_version"], crash["context"]["environment"]) == ("1.4.2", "production")
    assert_nobody_in(database)


@pytest.mark.parametrize("name", HANDLED)
def test_what_was_handled_is_an_error_of_an_issue(client, auth, database, send, name):
    assert [send(name).status_code for _ in range(2)] == [200, 200]
    issue, crash = shown(client, auth)
    assert (issue["handled"], issue["crashes"], issue["title"]) == (True, 1, HANDLED[name])
    assert crash["error_message"] == HANDLED[name]
    assert client.get("/crashes", headers=auth).json["crashes"] == []
    of_handled = client.get("/issues?handled=true", headers=auth).json["issues"]
    assert [each["id"] for each in of_handled] == [issue["id"]]
    assert client.get("/issues?handled=false", headers=auth).json["issues"] == []
    assert_nobody_in(database)


@pytest.mark.parametrize("name", LEFT_OUT)
def test_what_is_left_out_is_answered_and_counted(client, auth, services, database, send, name):
    assert send(name).status_code == 200
    services.ledger.write()
    drops = client.get("/drops", headers=auth).json["drops"]
    assert [(row["reason"], row["n"]) for row in drops] == [(LEFT_OUT[name], 1)]
    assert client.get("/crashes", headers=auth).json["crashes"] == []
    assert_nobody_in(database)


def test_by_a_tunnel_the_envelope_says_whose_it_is(client, auth, app, services):
    app.config["NOW"] = lambda: CAPTURED
    desktop = services.apps.default("desktop")
    body = body_of("browser_tunnel")
    assert client.post("/api/tunnel", data=body).status_code == 403  # of another server
    dsn = f"http://{desktop.ingest_key}@stories.example/{desktop.app_id}".encode()
    own = body.replace(b"http://0123456789abcdef0123456789abcdef@stories.example/7", dsn)
    assert client.post("/api/tunnel", data=own).status_code == 200
    _, crash = shown(client, auth)
    assert crash["error_message"] == "TypeError: the story cannot be drawn"


def test_feedback_is_joined_to_its_error_without_who_wrote_it(client, auth, database, send):
    send("browser_error_of_feedback")
    assert [send("browser_feedback").status_code for _ in range(2)] == [200, 200]
    [feedback] = client.get("/events?event_type=feedback", headers=auth).json["events"]
    assert (feedback["event"], feedback["app_version"]) == ("feedback", "1.4.2")
    _, crash = shown(client, auth)
    assert [each["message"] for each in crash["feedback"]] == ["It broke when I pressed save."]
    assert_nobody_in(database)


def test_sessions_are_counted_once(client, auth, database, send):
    for name in ("electron_session", "python_sessions"):
        assert [send(name).status_code for _ in range(2)] == [200, 200]
    stability = client.get("/stats/stability", headers=auth).json["stability"]
    assert (stability["sessions"], stability["crash_free_sessions"]) == (2, 0.0)
    assert_nobody_in(database)


def test_causes_stand_below_the_error_that_was_thrown(client, auth, send):
    send("node_uncaught")
    _, crash = shown(client, auth)
    kinds = [(link["type"], link["message"]) for link in crash["chain"]]
    assert kinds == [
        ("Error", "could not load the story"),
        ("TypeError", "Cannot read properties of null (reading 'title')"),
    ]
    newest = crash["chain"][0]["frames"][0]
    assert (newest["function"], newest["line"]) == ("Timeout.load [as _onTimeout]", 14)
    assert newest["context"][3].startswith("    throw new Error(")
    assert newest["context_start"] == 11


def test_members_of_a_group_of_errors_reach_the_grouping(client, auth, send):
    send("python_group")
    issue, crash = shown(client, auth)
    assert [link["type"] for link in crash["chain"]] == [
        "ExceptionGroup",
        "ValueError",
        "TypeError",
    ]
    whole = client.get(f"/issues/{issue['id']}", headers=auth).json["issue"]
    assert {"caused by ValueError", "caused by TypeError"} <= set(whole["groups"][0]["why"])


def test_breadcrumbs_are_paths_and_words_without_what_was_printed(client, auth, send):
    send("browser_uncaught")
    _, crash = shown(client, auth)
    crumbs = crash["context"]["breadcrumbs"]
    assert [crumb["category"] for crumb in crumbs] == ["console", "ui.click", "fetch", "navigation"]
    assert "message" not in crumbs[0]
    assert crumbs[2]["data"] == {"method": "GET", "status_code": 200, "url": "/page"}
    assert crumbs[3]["data"] == {"from": "/page", "to": "/stories/5"}
    assert crash["context"]["path"] == "/stories/5"
    assert crash["context"]["tags"] == {"plan": "pro"}
    assert crash["os_version"] is None  # no browser sent it here


def test_who_it_happened_to_is_the_user_that_was_named(client, auth, services, send):
    send("node_uncaught")
    _, crash = shown(client, auth)
    assert crash["user_id"] == PERSON


def test_an_id_that_is_no_uuid_is_a_keyed_one(client, auth, send):
    send("python_uncaught")
    _, crash = shown(client, auth)
    assert crash["user_id"] < "ffffffff"
    assert client.get("/users/42/export?app=desktop", headers=auth).status_code == 200


def test_a_page_without_a_user_is_nobody_of_a_desktop_app(client, auth, send):
    send("browser_uncaught")
    _, crash = shown(client, auth)
    assert crash["user_id"] == "ffffffff-ffff-ffff-0000-000000000000"


def assert_nobody_in(database):
    everything = json.dumps(whole_database(database), default=bytes_or_text)
    assert [each for each in NEVER if each in everything] == []


def bytes_or_text(value):
    return bytes(value).decode("utf-8", "replace") if isinstance(value, memoryview) else str(value)
