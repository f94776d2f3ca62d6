"""POST /crash: the group of a crash, its name, frames of an SDK, and handled errors."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from database import Inline, Unavailable
from models import CrashPayload
from stories.crashes.grouping import CATCH_ALL
from stories.dedupe import Repeats, hashed_key
from stories.payloads.crash import GroupName, HandledRow, read_report
from stories.storage import group_names
from tests.support import PERSON, crash, event

MESSAGE = "TypeError: Cannot read properties of undefined (reading 'amount')"
STACK = f"""{MESSAGE}
    at priceOf (/srv/app/cart.js:14:20)
    at total (/srv/cart.js:9:25)"""
SECRET = "sk-proj-" + "Ab12Cd34" * 6
FRAME = {"function": "priceOf", "file": "/srv/app/cart.js", "line": 14, "column": 20}
FRAME_OF_TEXT = {"file": "app.js", "line": 123, "column": 45}


def sent(client, **changes):
    return client.post("/crash", json=crash(**changes))


def rows(app, statement: str, **params: Any) -> list[dict[str, Any]]:
    with app.extensions["stories"].database.transaction(read_only=True) as tx:
        found: list[dict[str, Any]] = tx.rows(Inline(f"/* test */ {statement}"), **params)
        return found


def crashes(app) -> list[dict[str, Any]]:
    return rows(app, "select * from crashes order by received_at")


def names(app) -> list[dict[str, Any]]:
    return rows(app, "select * from group_names order by named_at")


def details(app) -> list[dict[str, Any]]:
    return rows(app, "select * from error_details order by timestamp")


def handled_events(app) -> list[dict[str, Any]]:
    return rows(app, "select * from events where event = 'error_handled' order by timestamp")


def test_types_and_messages_of_causes_reach_the_group_and_are_scrubbed(client, app):
    def chain(cause: str, message: str = "") -> list[dict[str, Any]]:
        error = {"type": "TypeError", "message": f"key {SECRET}", "frames": [FRAME]}
        return [error, {"type": cause, "message": message, "frames": [FRAME]}]

    for cause, message in (("KeyError", ""), ("KeyError", f"of {SECRET}"), ("OSError", "")):
        answer = sent(client, frames=chain(cause, message), stack_trace=None, id=cause + message)
        assert answer.status_code == 200
    first, second, third = (row["fingerprint"] for row in crashes(app))
    assert bytes(first) == bytes(second) != bytes(third)
    assert all("Caused by: " in row["stack_trace"] for row in crashes(app))
    assert SECRET not in json.dumps([crashes(app), details(app), names(app)], default=str)


def test_crashes_of_one_fault_have_one_fingerprint_and_its_name_is_written_once(client, app):
    sent(client, stack_trace=STACK, error_message=MESSAGE)
    sent(client, stack_trace=STACK.replace("14:20", "17:3"), error_message=MESSAGE, id="b")
    first, second = crashes(app)
    assert len(first["fingerprint"]) == 16
    assert first["fingerprint"] == second["fingerprint"]
    assert first["also"] is None
    [name] = names(app)
    assert name["fingerprint"] == first["fingerprint"]
    assert (name["culprit"], name["crash_type"]) == ("cart.js:priceOf", "uncaught_error")
    assert name["title"].startswith("TypeError: ")
    assert name["why"]
    assert "cart.js:total" in name["keys"]
    assert (name["raw"], name["handled"]) == (False, False)
    chains = [row["detail"]["chain"] for row in details(app)]  # as the text of the stack has it
    assert {chain[0]["frames"][0]["function"] for chain in chains} == {"priceOf"}


def test_crashes_of_two_apps_are_two_groups(client, app, auth):
    bot = next(a for a in client.get("/apps", headers=auth).json["apps"] if a["kind"] == "bot")
    sent(client)
    client.post("/crash", json=crash(), headers={"X-App-Key": bot["ingest_key"]})
    assert len({(row["app_id"], row["fingerprint"]) for row in names(app)}) == 2


def test_the_fingerprint_is_of_what_is_stored_and_its_name_holds_nobody(client, app):
    for user in ("jane", "zoe"):
        path = f"/Users/{user}/app/save.js"
        sent(
            client,
            id=user,
            error_message=f"Error: {user}@example.com may not open {path}",
            stack_trace=f"Error: no\n    at save ({path}:3:1)",
            fingerprint=["save", f"{user}@example.com"],
        )
    assert len({row["fingerprint"] for row in crashes(app)}) == 1
    [name] = names(app)
    assert "jane" not in str(name)
    assert "fingerprint that the app sent: [email]" in name["why"]


def test_the_fingerprint_of_a_client_parts_what_the_stack_would_join(client, app):
    for part in ("a", "b", "a"):
        sent(client, fingerprint=["{{ default }}", part], id=f"{part}{len(crashes(app))}")
    prints = [row["fingerprint"] for row in crashes(app)]
    assert prints[0] == prints[2] != prints[1]
    assert crashes(app)[0]["context"] is None  # nothing to note


@pytest.mark.parametrize("value", ["text", {"a": 1}, [1], [["a"]], 7, [None], True])
def test_a_fingerprint_that_is_none_is_left_out_with_a_note(client, app, value):
    assert sent(client, fingerprint=value).status_code == 200
    [row] = crashes(app)
    assert row["context"]["_notes"] == {
        "fingerprint": "left out: fingerprint must be a list of texts"
    }


def test_a_long_fingerprint_is_cut(client, app):
    sent(client, fingerprint=["x" * 500] * 100)
    assert "20 texts of 200" in crashes(app)[0]["context"]["_notes"]["fingerprint"]
    assert all(len(part) < 300 for part in names(app)[0]["why"])


@pytest.mark.parametrize("name", ["fingerprint", "frames", "handled"])
def test_null_is_as_good_as_nothing(client, app, name):
    assert sent(client, **{name: None}).status_code == 200
    assert crashes(app)[0]["context"] is None


def test_frames_of_an_sdk_are_kept_and_make_the_stack(client, app):
    lines = ["function priceOf(e) {", "  return e.price.amount", "}"]
    frames = [{**FRAME, "context": lines, "secret": 1}, {"function": "total", "file": "cart.js"}]
    sent(client, frames=frames, stack_trace=None)
    [row] = crashes(app)
    assert row["stack_trace"] == ("    at priceOf (/srv/app/cart.js:14:20)\n    at total (cart.js)")
    [detail] = details(app)
    assert (detail["dedupe_key"], detail["user_id"]) == (row["dedupe_key"], row["user_id"])
    [link] = detail["detail"]["chain"]
    assert link["frames"] == [
        {**FRAME, "context": lines, "context_start": 13},
        {"function": "total", "file": "cart.js"},
    ]
    assert names(app)[0]["culprit"] == "cart.js:priceOf"


def test_frames_group_as_the_text_of_the_same_stack_does(client, app):
    sent(client, stack_trace=STACK, error_message=MESSAGE)
    frames = [FRAME, {"function": "total", "file": "/srv/app/cart.js", "line": 9}]
    sent(client, stack_trace=None, error_message=MESSAGE, frames=frames)
    assert len({row["fingerprint"] for row in crashes(app)}) == 1


def test_frames_are_scrubbed_wherever_they_hold_text(client, app):
    for at, name in enumerate(("function", "file", "module")):
        sent(client, frames=[{name: f"/Users/Jane Doe/{SECRET}/x"}], id=str(at), stack_trace=None)
    sent(client, frames=[{**FRAME, "context": ["a", f"key = '{SECRET}'"]}], id="context")
    frame = {"address": SECRET, "build": SECRET, "line": SECRET, "in_app": SECRET}
    sent(client, frames=[frame], id="forms")
    sent(client, frames=[{"build": "9F86D081884C7D659A2FEAA0C55AD0151", "address": "0x1f"}], id="b")
    text = str(crashes(app)) + str(details(app)) + str(names(app))
    assert "Jane" not in text
    assert "sk-proj" not in text
    assert "9F86D081884C7D659A2FEAA0C55AD0151" in text


def test_half_a_secret_does_not_survive_the_cut_of_a_frame(client, app):
    for lead in range(250, 420, 9):
        frame = {"function": "f" * (lead - 1) + " " + SECRET + " tail" * 10}
        sent(client, frames=[frame], id=str(lead), stack_trace=None)
    assert "sk-proj-Ab" not in str(details(app)) + str(crashes(app)) + str(names(app))


@pytest.mark.parametrize(
    "value",
    [
        "text",
        7,
        {"function": "f"},
        [1],
        ["f"],
        [[FRAME], FRAME],
        [{"context": [[[[["deep"]]]]]}],
        [FRAME] * 5000,
    ],
)
def test_frames_that_are_none_are_left_out_with_a_note_and_the_crash_is_kept(client, app, value):
    assert sent(client, frames=value).status_code == 200
    [row] = crashes(app)
    assert row["stack_trace"] == "at app.js:123:45"
    assert row["context"]["_notes"]["frames"].startswith("left out: frames")
    [detail] = details(app)
    assert detail["detail"]["chain"][0]["frames"] == [FRAME_OF_TEXT]


def test_frames_of_millions_of_brackets_are_left_out_and_the_crash_is_kept(client, app):
    body = json.dumps(crash(frames="?")).replace('"?"', "[" + "[]," * 150_000 + "[]]")
    assert client.post("/crash", data=body).status_code == 200
    assert crashes(app)[0]["context"]["_notes"]["frames"].startswith("left out: frames")


def test_what_is_kept_of_frames_has_a_bound(client, app):
    frame = {**FRAME, "function": "f" * 1_000, "file": "g" * 1_000, "context": ["c" * 300] * 9}
    sent(client, frames=[[frame] * 70] * 8)
    [row] = details(app)
    assert len(json.dumps(row["detail"])) < 128_000
    assert len(row["detail"]["chain"]) <= 4


def test_an_old_crash_keeps_the_key_that_it_had_before_the_new_fields(client):
    """A client that sends a crash again after an upgrade must not be counted twice."""
    report = {
        "user_id": PERSON,
        "app_version": "0.9.51",
        "crash_type": "uncaught_error",
        "error_message": "Error: x",
        "timestamp": "2026-11-20T10:00:00Z",
    }
    item = msgspec.convert(report, CrashPayload, strict=False)
    old = (
        b'{"user_id":"550e8400-e29b-41d4-a716-446655440000","app_version":"0.9.51",'
        b'"crash_type":"uncaught_error","error_message":"Error: x",'
        b'"timestamp":"2026-11-20T10:00:00Z","os_version":null,"stack_trace":null,'
        b'"context":null,"id":null,"session_id":null}'
    )
    assert Repeats(1).key(item, None) == hashed_key(1, old)


def test_past_the_cap_new_groups_of_an_hour_are_counted_as_one(client, app, monkeypatch):
    monkeypatch.setattr(group_names, "NEW_AN_HOUR", 3)
    clock = [datetime.now(UTC).replace(minute=10)]
    app.config["NOW"] = lambda: clock[0]
    for number in range(6):
        sent(client, fingerprint=[f"no {number}"], id=str(number))
    own = [row for row in crashes(app) if row["also"] is None]
    rest = [row for row in crashes(app) if row["also"] is not None]
    assert (len(own), len(rest)) == (3, 3)
    assert {bytes(row["fingerprint"]) for row in rest} == {CATCH_ALL}
    assert len({bytes(row["also"][0]) for row in rest}) == 3
    assert len(names(app)) == 4
    assert [row["title"] for row in names(app)][-1] == "Many different crashes"
    # A group that is known is counted by itself, by a worker that has not seen it before too.
    app.extensions["stories"].group_names._known.clear()
    sent(client, fingerprint=["no 0"], id="again")
    assert crashes(app)[-1]["also"] is None
    clock[0] += timedelta(hours=1)
    sent(client, fingerprint=["no 5"], id="later")
    assert crashes(app)[-1]["also"] is None
    assert len(names(app)) == 5


def test_the_cap_is_for_each_app(client, app, auth, monkeypatch):
    monkeypatch.setattr(group_names, "NEW_AN_HOUR", 1)
    bot = next(a for a in client.get("/apps", headers=auth).json["apps"] if a["kind"] == "bot")
    sent(client, fingerprint=["a"])
    sent(client, fingerprint=["b"])
    report = crash(fingerprint=["c"])
    client.post("/crash", json=report, headers={"X-App-Key": bot["ingest_key"]})
    assert [row["also"] is None for row in crashes(app)] == [True, False, True]


def test_workers_at_once_admit_as_many_new_groups_as_the_cap_says(services, now, monkeypatch):
    monkeypatch.setattr(group_names, "NEW_AN_HOUR", 10)
    workers = [group_names.GroupNames(services.database) for _ in range(4)]

    def admit(number: int) -> bool:
        name = GroupName(1, b"%016d" % number, "t", "", "uncaught_error", False, False, [], [])
        return workers[number % 4].admit(name, now)

    with ThreadPoolExecutor(8) as pool:
        admitted = list(pool.map(admit, [n for n in range(40) for _ in range(2)]))
    assert sum(admitted[::2]) == 10
    assert admitted[::2] == admitted[1::2]  # the same fingerprint gets the same answer twice


def test_without_a_database_a_crash_is_refused_as_unavailable(client, app, monkeypatch):
    def away(*args, **options):
        raise Unavailable("away")

    monkeypatch.setattr(app.extensions["stories"].database, "transaction", away)
    answer = sent(client)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")


def test_a_handled_error_is_an_event_and_no_crash(client, app):
    answer = sent(
        client,
        handled=True,
        error_message=MESSAGE,
        stack_trace=STACK,
        context={"step": "checkout", "api_key": SECRET},
        frames=[FRAME],
    )
    assert answer.status_code == 200
    assert crashes(app) == []
    [row] = handled_events(app)
    assert answer.json["crash_id"] == f"{row['dedupe_key'] & (2**64 - 1):016x}"
    assert (row["app_version"], row["platform"]) == ("0.9.51", "darwin-24.6.0")
    [name] = names(app)
    assert name["handled"]
    assert row["properties"] == {
        "fingerprint": bytes(name["fingerprint"]).hex(),
        "type": "TypeError",
    }
    [kept] = details(app)
    assert (kept["dedupe_key"], kept["timestamp"]) == (row["dedupe_key"], row["timestamp"])
    detail = kept["detail"]
    assert (detail["error_message"], detail["stack_trace"]) == (MESSAGE, STACK)
    assert detail["context"] == {"step": "checkout", "api_key": "[secret]"}
    assert detail["chain"][0]["frames"] == [FRAME]


def test_a_handled_error_has_the_fingerprint_of_the_crash_that_it_would_be(client, app):
    sent(client, stack_trace=STACK, error_message=MESSAGE, handled=False)
    sent(client, stack_trace=STACK, error_message=MESSAGE, handled=True)
    assert len(crashes(app)) == len(handled_events(app)) == len(names(app)) == 1


def test_a_handled_error_sent_twice_is_stored_once(client, app):
    report = crash(handled=True)
    keys = {client.post("/crash", json=report).json["crash_id"] for _ in range(3)}
    assert len(keys) == len(handled_events(app)) == len(details(app)) == 1


def test_an_event_and_a_handled_error_may_have_the_same_id(client, app):
    when = datetime.now(UTC).isoformat()
    client.post("/track", json={"events": [event(id="7", timestamp=when)]})
    sent(client, handled=True, id="7", timestamp=when)
    assert len(handled_events(app)) == 1


def test_handled_errors_of_many_people_go_into_one_statement(services, now):
    """The details of one that is stored already must not be those of its repeat."""
    app = services.apps.default("desktop")

    def row(number: int, message: str) -> HandledRow:
        item = CrashPayload(
            UUID(int=number), "1", "uncaught_error", message, now, id=str(number), handled=True
        )
        handled = read_report(item, app, now, b"k" * 32).row
        assert isinstance(handled, HandledRow)
        return handled

    append = services.handled_errors.append
    assert append([row(1, "a"), row(2, "b")]).stored == 2
    outcome = append([row(3, "c"), row(2, "other"), row(3, "d")])
    assert (outcome.stored, outcome.duplicates) == (1, 2)
    with services.database.transaction() as tx:
        kept = tx.rows(Inline("/* test */ select detail from error_details order by user_id"))
    assert [one["detail"]["error_message"] for one in kept] == ["a", "b", "c"]


@pytest.mark.parametrize("value", ["yes", 1, [], {}, "true"])
def test_handled_must_be_true_or_false(client, app, value):
    answer = sent(client, handled=value)
    assert (answer.status_code, answer.json["code"]) == (400, "invalid_handled")
    assert "handled must be true or false" in answer.json["error"]
    app.extensions["stories"].ledger.write()
    assert rows(app, "select reason, n from drops") == [{"reason": "invalid_handled", "n": 1}]


def test_nobody_else_can_send_the_event_of_a_handled_error(client, app, auth):
    answer = client.post("/track", json={"events": [event(event="error_handled")]})
    assert (answer.status_code, answer.json["code"]) == (400, "reserved_event")
    body = {"client_id": 1, "event_name": "error_handled"}
    answer = client.post("/api/bot/events", json=body, headers=auth)
    assert (answer.status_code, answer.json["code"]) == (400, "reserved_event")
    body = {"sessionId": "s", "type": "event", "action": "error_handled"}
    assert client.post("/api/track", json=body).status_code == 200  # an action, as any other
    assert handled_events(app) == []


@pytest.mark.parametrize("kind", ["desktop", "website", "bot"])
def test_no_app_can_declare_the_event_of_a_handled_error(client, auth, kind):
    events = {"error_handled": {"fingerprint": {"type": "label"}}}
    answer = client.patch(f"/apps/{kind}", json={"events": events}, headers=auth)
    assert (answer.status_code, answer.json["code"]) == (400, "invalid_events")


def test_an_app_that_declared_it_before_it_was_reserved_cannot_send_it(client, app, auth):
    """Such an app is what a server of an earlier release has in its table."""
    with app.extensions["stories"].database.transaction() as tx:
        tx.run(Inline("""/* test */ update apps set events = '{"error_handled": {}}'"""))
    body = {"sessionId": "s", "type": "event", "action": "error_handled"}
    answer = client.post("/api/track", json=body)
    assert (answer.status_code, answer.json["code"]) == (400, "reserved_event")


@pytest.mark.parametrize("kind", ["desktop", "website", "generator", "bot"])
def test_apps_of_every_kind_have_handled_errors(client, app, auth, kind):
    key = next(
        one["ingest_key"]
        for one in client.get("/apps", headers=auth).json["apps"]
        if one["kind"] == kind
    )
    answer = client.post("/crash", json=crash(handled=True), headers={"X-App-Key": key})
    assert answer.status_code == 200
    assert len(handled_events(app)) == 1


def test_a_version_and_a_system_that_are_none_count_as_other_of_a_handled_error(client, app):
    sent(client, handled=True, app_version="jane@example.com", os_version="Jane's computer")
    [row] = handled_events(app)
    assert (row["app_version"], row["platform"]) == (None, None)
    assert row["properties"]["_notes"] == {"app_version": "left out", "platform": "left out"}
