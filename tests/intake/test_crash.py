"""POST /crash: taken whatever its length, scrubbed, stored once."""

from __future__ import annotations

import json

import pytest

from tests.support import crash


def sent(client, **changes):
    return client.post("/crash", json=crash(**changes))


def stored(client, auth):
    return client.get("/crashes", headers=auth).json["crashes"]


def test_a_crash_is_stored_and_named(client, auth):
    answer = sent(client, context={"memory": 12})
    assert answer.status_code == 200
    assert set(answer.json) == {"success", "crash_id", "timestamp"}
    [row] = stored(client, auth)
    assert row["crash_id"] == answer.json["crash_id"]
    assert row["error_message"] == "TypeError: Cannot read property"
    assert row["context"] == {"memory": 12}


def test_a_crash_sent_twice_is_stored_once(client, auth):
    report = crash()
    names = {client.post("/crash", json=report).json["crash_id"] for _ in range(3)}
    assert len(names) == 1
    assert len(stored(client, auth)) == 1


def test_length_is_cut_with_a_note_and_never_refused(client, auth):
    answer = sent(
        client,
        error_message="m" * 10_000,
        stack_trace="at line\n" * 100_000,
        app_version="1." * 25 + "0",
        os_version="linux-6" + ".8" * 250,
        context={"big": "x" * 20_000},
    )
    assert answer.status_code == 200
    [row] = stored(client, auth)
    assert len(row["error_message"]) <= 4_000
    assert len(row["stack_trace"]) <= 64_000
    assert (len(row["app_version"]), len(row["os_version"])) == (20, 49)  # not within a number
    notes = row["context"]["_notes"]
    assert set(notes) == {"error_message", "stack_trace", "app_version", "os_version", "context"}
    assert "10000" in notes["error_message"]


@pytest.mark.parametrize(
    ("sent_system", "kept", "note"),
    [
        ("darwin-24.6.0", "darwin-24.6.0", None),
        ("Windows 11 Pro 10.0.22631", "Windows 11 Pro 10.0.22631", None),
        ("linux-6.18.44-fc-v595", "linux-6.18.44", "linux-6.18.44-fc-v595"),
        ("Jane's computer", "other", "Jane's computer"),
        ("", None, None),
    ],
)
def test_a_system_that_is_none_counts_as_other(client, auth, sent_system, kept, note):
    sent(client, os_version=sent_system)
    [row] = stored(client, auth)
    assert row["os_version"] == kept
    assert ((row["context"] or {}).get("_notes") or {}).get("os_version") == note


def test_half_a_secret_does_not_survive_the_cut(client, auth):
    secret = "sk-proj-" + "Ab12Cd34" * 6
    for lead in range(4_900, 5_060, 8):
        filler = ("jane.doe@example.com " * 240)[: lead - 1] + " "
        sent(client, error_message=filler + secret + " tail" * 10, id=str(lead))
    assert all("sk-proj-Ab" not in row["error_message"] for row in stored(client, auth))


def test_crash_text_is_scrubbed(client, auth):
    sent(
        client,
        error_message="ENOENT /Users/Jane Doe/secret.txt for jane@example.com",
        stack_trace="at f (C:\\Users\\Jane Doe\\app\\main.js:1:2)",
        context={"api_key": "open-sesame"},
    )
    text = json.dumps(stored(client, auth))
    assert "Jane" not in text
    assert "jane@" not in text
    assert "open-sesame" not in text
    assert "main.js:1:2" in text


def test_text_that_cannot_be_stored_is_replaced(client, auth):
    body = json.dumps(crash()).replace("TypeError", "Type\\u0000Err\\ud800or")
    assert client.post("/crash", data=body).status_code == 200
    assert stored(client, auth)[0]["error_message"].startswith("Type")


@pytest.mark.parametrize("value", ["1e999", "9" * 400, "9" * 5000, "[" * 20 + "]" * 20])
def test_a_context_past_the_limits_is_left_out_and_the_crash_kept(client, auth, value):
    body = json.dumps(crash(context={"x": 0})).replace('"x": 0', f'"x": {value}')
    assert client.post("/crash", data=body).status_code == 200
    assert "left out" in stored(client, auth)[0]["context"]["_notes"]["context"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"crash_type": "explosion"}, "invalid_crash_type"),
        ({"user_id": "nobody"}, "invalid_user_id"),
        ({"timestamp": "2025-10-28T14:30:00Z"}, "timestamp_too_old"),
        ({"error_message": None}, "invalid_error_message"),
    ],
)
def test_it_refuses_what_it_cannot_place(client, changes, code):
    answer = sent(client, **changes)
    assert (answer.status_code, answer.json["code"]) == (400, code)


@pytest.mark.parametrize("body", ["", "{", "[]", "7", "null"])
def test_it_refuses_what_is_no_crash(client, body):
    assert client.post("/crash", data=body).status_code == 400


def test_every_crash_type_of_the_document_is_taken(client):
    for kind in ("main_crash", "renderer_crash", "uncaught_error", "unhandled_rejection"):
        assert sent(client, crash_type=kind).status_code == 200


def test_a_context_of_millions_of_brackets_is_left_out_and_the_crash_is_kept(client, auth):
    nested = "[" * 400 + "]" * 400
    body = json.dumps(crash(context={"x": "?"})).replace(
        '"?"', ",".join([nested] * 6100).join("[]")
    )
    assert client.post("/crash", data=body).status_code == 200
    [row] = stored(client, auth)
    assert row["context"]["_notes"] == {"context": "left out: context must be at most 8 KB of JSON"}
    assert row["error_message"] == crash()["error_message"]


def test_a_crash_of_nothing_but_brackets_is_refused(client):
    assert client.post("/crash", data="[" * 200_000).status_code == 413


@pytest.mark.parametrize("kept", ["1.2.3.4", "9f86d081884c7d659a2f"])
def test_dotted_numbers_and_commits_are_versions_of_a_crash_too(client, auth, kept):
    assert sent(client, app_version=kept).status_code == 200
    [row] = stored(client, auth)
    assert (row["app_version"], row["context"]) == (kept, None)


def test_a_crash_of_what_is_no_version_is_kept_as_of_another(client, auth):
    assert sent(client, app_version="jane@example.com", session_id="jane").status_code == 200
    [row] = stored(client, auth)
    assert row["app_version"] == "other"
    assert row["context"]["_notes"] == {"app_version": "left out: no version"}
    assert "jane" not in json.dumps(row)


@pytest.mark.parametrize(
    "member",
    [
        '"context": {"a": "\\ud800"}',
        '"context": {"\\ud800": {"\\u0000": ["\\udfff"]}}',
        '"context": {"\\ud800": [[[[[[[1]]]]]]]}',
        '"context": {"\\ud800": 1e999}',
        '"frames": [{"function": "\\ud800", "context": ["\\u0000"]}]',
        '"frames": "\\ud800"',
        '"frames": [[[[[[[["\\ud800"]]]]]]]]',
        '"fingerprint": ["\\ud800"]',
        '"fingerprint": "\\ud800"',
    ],
)
@pytest.mark.parametrize("handled", ["false", "true"])
def test_half_a_surrogate_pair_anywhere_in_a_crash_without_an_id_costs_nothing(
    client, member, handled
):
    body = json.dumps(crash())[:-1] + f', {member}, "handled": {handled}}}'
    answers = [client.post("/crash", data=body) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json["crash_id"] == answers[1].json["crash_id"]


@pytest.mark.parametrize("name", ["context", "handled", "user_id", "crash_type", "timestamp"])
def test_half_a_surrogate_pair_in_place_of_a_field_is_refused_by_its_name(client, name):
    answer = client.post("/crash", data=json.dumps(crash(**{name: "\ud800"})))
    assert (answer.status_code, answer.json["code"]) == (400, f"invalid_{name}")
