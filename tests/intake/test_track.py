"""POST /track: what is taken, what is refused and why, and the answer's shape."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.rollup_tables import differences, fold_all, person, values
from tests.support import PERSON, event


def sent(client: Any, *events: Any, **options: Any) -> Any:
    return client.post("/track", json={"events": list(events)}, **options)


def stored(client: Any, auth: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get("/events?limit=1000", headers=auth).json["events"]
    return found


def test_a_good_event_is_stored_as_it_came(client, auth):
    good = event(
        properties={"startup_time_seconds": 1.5, "own": {"nested": [1, "two", None, True]}},
        session_id="6ba7b810-9dad-11d1-80b4-00c04fd430c8",
    )
    answer = sent(client, good)
    assert answer.status_code == 200
    body = answer.json
    assert body.pop("timestamp").endswith("Z")
    assert body == {
        "success": True,
        "events_received": 1,
        "events_stored": 1,
        "duplicates": 0,
        "rejected": [],
    }
    [row] = stored(client, auth)
    assert row["user_id"] == PERSON
    assert row["properties"] == good["properties"]
    kept = ("event", "app_version", "platform", "country", "session_id")
    assert {name: row[name] for name in kept} == {name: good[name] for name in kept}
    assert datetime.fromisoformat(row["timestamp"]) == datetime.fromisoformat(good["timestamp"])


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"user_id": "not-a-uuid"}, "invalid_user_id"),
        ({"user_id": None}, "invalid_user_id"),
        ({"event": "unheard_of"}, "unknown_event"),
        ({"event": 7}, "invalid_event"),
        ({"timestamp": "yesterday"}, "invalid_timestamp"),
        ({"timestamp": True}, "invalid_timestamp"),
        ({"timestamp": 10**30}, "invalid_timestamp"),
        ({"timestamp": "2025-10-28T14:30:00Z"}, "timestamp_too_old"),
        ({"timestamp": 0}, "timestamp_too_old"),
        ({"properties": [1]}, "invalid_properties"),
        ({"properties": {"text": "x" * 8200}}, "properties_too_large"),
        ({"properties": {f"key{n}": n for n in range(65)}}, "too_many_keys"),
        ({"properties": {"a": {"b": {"c": {"d": {"e": {}}}}}}}, "too_deep"),
        (
            {"properties": {"audio_duration_seconds": 1e13}, "event": "recording_completed"},
            "number_out_of_range",
        ),
        ({"properties": {"n": 2**60}}, "number_out_of_range"),
        ({"app_version": 9}, "invalid_app_version"),
        ({"platform": "p" * 51}, "invalid_platform"),
        ({"country": "USA"}, "invalid_country"),
        ({"country": "U1"}, "invalid_country"),
        ({"country": "US\n"}, "invalid_country"),
        ({"id": ""}, "invalid_id"),
        ({"session_id": "s" * 101}, "invalid_session_id"),
    ],
)
def test_it_rejects_a_bad_field_by_name_and_keeps_the_good_event(client, auth, changes, code):
    answer = sent(client, event(), event(**changes))
    assert answer.status_code == 200
    assert answer.json["events_stored"] == 1
    [rejected] = answer.json["rejected"]
    assert (rejected["index"], rejected["code"]) == (1, code)
    [field] = [name for name in changes if name != "event"] or ["event"]
    assert field in rejected["error"]
    assert len(stored(client, auth)) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"properties": {"text": "x" * 8000}},
        {"properties": {f"key{n}": n for n in range(64)}},
        {"properties": {"a": {"b": {"c": {"d": {"e": 1}}}}, "list": [[[[1]]]]}},
        {"properties": {"epoch": 1763700000000}},
        {"properties": {}},
        {"properties": None},
        {"app_version": "v" * 2000, "platform": "p" * 50, "session_id": "s" * 100},
        {"app_version": "", "platform": None, "country": None},
        {"country": "xx"},
        {"user_id": PERSON.upper()},
        {"unheard_of": {"field": 1}},
    ],
)
def test_it_takes_what_is_just_within_the_limits(client, changes):
    assert sent(client, event(**changes)).json["events_stored"] == 1


def test_an_old_date_is_refused_with_a_sentence_that_says_so(client):
    answer = sent(client, event(timestamp="2025-10-28T14:30:00Z"))
    assert answer.status_code == 400
    assert "older than the 363 days" in answer.json["details"][0]["error"]


@pytest.mark.dates
def test_a_time_more_than_a_day_ahead_is_refused(client):
    ahead = datetime.now(UTC) + timedelta(days=1, minutes=1)
    assert sent(client, event(timestamp=ahead.isoformat())).json["code"] == "timestamp_in_future"
    near = datetime.now(UTC) + timedelta(hours=23, minutes=55)
    assert sent(client, event(timestamp=near.isoformat())).status_code == 200


@pytest.mark.dates
def test_every_spelling_of_an_instant_is_the_same_instant(client, auth):
    moment = (datetime.now(UTC) - timedelta(days=3)).replace(microsecond=0, second=0)
    spellings = [
        f"{moment:%Y-%m-%dT%H:%M:%SZ}",
        f"{moment:%Y-%m-%dT%H:%M:%S}",
        f"{moment:%Y-%m-%d %H:%M:%S}+00:00",
        f"{moment + timedelta(hours=2):%Y-%m-%dT%H:%M:%S}+02:00",
        f"{moment:%Y%m%dT%H%M%SZ}",
        f"{moment:%Y-%m-%dT%H:%MZ}",
        f"{moment:%G-W%V-%u}T{moment:%H:%M}Z",
        int(moment.timestamp() * 1000),
        moment.timestamp() * 1000.0,
    ]
    answer = sent(
        client, *[event(timestamp=text, id=f"id-{n}") for n, text in enumerate(spellings)]
    )
    assert answer.json["rejected"] == []
    assert {datetime.fromisoformat(row["timestamp"]) for row in stored(client, auth)} == {moment}


@pytest.mark.dates
def test_the_same_event_in_another_spelling_is_a_repeat(client):
    moment = datetime.now(UTC).replace(microsecond=0)
    sent(client, event(timestamp=f"{moment:%Y-%m-%dT%H:%M:%SZ}"))
    answer = sent(client, event(timestamp=f"{moment:%Y%m%dT%H%M%SZ}"))
    assert (answer.json["events_stored"], answer.json["duplicates"]) == (0, 1)


def test_it_refuses_a_batch_with_nothing_good_with_every_reason(client):
    answer = sent(client, event(event="nope"), {"event": "app_opened"}, 7)
    assert answer.status_code == 400
    body = answer.json
    assert body["success"] is False
    assert body["code"] == "unknown_event"
    assert [entry["index"] for entry in body["details"]] == [0, 1, 2]
    assert [entry["code"] for entry in body["details"]] == [
        "unknown_event",
        "missing_field",
        "not_an_object",
    ]
    assert "user_id is missing; timestamp is missing" in body["details"][1]["error"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "invalid_json"),
        (b"{", "invalid_json"),
        (b"nonsense", "invalid_json"),
        (b'{"events": [}', "invalid_json"),
        (b'{"events": [NaN]}', "invalid_json"),
        (b'{"events": 7}', "invalid_body"),
        (b"{}", "invalid_body"),
        (b"[]", "invalid_body"),
        (b'"events"', "invalid_body"),
    ],
)
def test_it_refuses_a_body_that_is_no_such_object(client, body, code):
    answer = client.post("/track", data=body)
    assert answer.status_code == 400
    assert answer.json["code"] == code


def test_an_empty_list_is_refused_and_the_answer_says_so(client):
    answer = sent(client)
    assert (answer.status_code, answer.json["code"]) == (400, "no_items")
    assert answer.json["error"] == "events is empty: there is nothing to store"


def test_it_takes_5000_events_and_refuses_one_more(client):
    one = event()
    many = [{**one, "id": f"id-{n}"} for n in range(5001)]
    assert sent(client, *many[:5000]).json["events_stored"] == 5000
    answer = sent(client, *many)
    assert (answer.status_code, answer.json["code"]) == (413, "too_many_items")
    poisoned = [*many, {**one, "properties": {"text": "\0"}}]
    assert sent(client, *poisoned).status_code == 413


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "", "image/png"]
)
def test_it_takes_any_content_type(client, kind):
    answer = client.post("/track", data=json.dumps({"events": [event()]}), content_type=kind)
    assert answer.json["events_stored"] == 1


def test_an_app_key_names_the_app_in_header_or_query(client, auth):
    made = client.post("/apps", json={"slug": "second", "kind": "desktop"}, headers=auth).json[
        "app"
    ]
    sent(client, event(id="a"), headers={"X-App-Key": made["ingest_key"]})
    client.post(f"/track?app_key={made['ingest_key']}", json={"events": [event(id="b")]})
    sent(client, event(id="c"))
    assert sorted(row["app"] for row in stored(client, auth)) == ["desktop", "second", "second"]


def test_it_refuses_a_wrong_key_and_one_of_another_kind(client, auth):
    apps = client.get("/apps", headers=auth).json["apps"]
    website = next(app for app in apps if app["kind"] == "website")
    for key in ("wrong", website["ingest_key"]):
        answer = sent(client, event(), headers={"X-App-Key": key})
        assert (answer.status_code, answer.json["code"]) == (401, "unknown_app_key")


def test_a_registered_event_is_taken_without_code(client, auth):
    made = client.post(
        "/apps",
        json={
            "slug": "third",
            "kind": "desktop",
            "events": {"exported": {"format": {"type": "label"}}},
        },
        headers=auth,
    ).json["app"]
    key = {"X-App-Key": made["ingest_key"]}
    assert sent(client, event(event="exported"), headers=key).json["events_stored"] == 1
    assert sent(client, event(event="exported")).status_code == 400


POISON = {
    "nul": '"\\u0000"',
    "lone_surrogate": '"\\ud800"',
    "infinite": "1e999",
    "huge_integer": "9" * 400,
    "gigantic_integer": "9" * 5000,
    "deep": "[" * 500 + "]" * 500,
}


@pytest.mark.parametrize("poison", POISON.values(), ids=POISON.keys())
def test_a_poisonous_event_costs_itself_and_not_the_batch(client, auth, poison):
    good = json.dumps(event(id="first"))
    also = json.dumps(event(id="second"))
    bad = json.dumps(event(id="bad", properties={"x": 0})).replace('"x": 0', f'"x": {poison}')
    answer = client.post("/track", data=f'{{"events": [{good}, {bad}, {also}]}}')
    assert answer.status_code == 200
    assert answer.json["events_stored"] == 2
    assert [entry["index"] for entry in answer.json["rejected"]] == [1]
    assert len(stored(client, auth)) == 2


def test_bytes_that_are_no_text_cost_only_their_event(client):
    good = json.dumps(event(id="first")).encode()
    bad = json.dumps(event(id="bad", properties={"x": "?"})).encode().replace(b'"?"', b'"\xff"')
    answer = client.post("/track", data=b'{"events": [%b, %b]}' % (good, bad))
    assert (answer.json["events_stored"], answer.json["rejected"][0]["index"]) == (1, 1)


def test_personal_text_is_scrubbed_before_it_is_stored(client, auth):
    sent(
        client,
        event(
            properties={
                "note": "mail jane.doe@example.com from /Users/Jane Doe/notes.txt",
                "password": "hunter2",
                "source": "widget",
            }
        ),
    )
    [row] = stored(client, auth)
    text = json.dumps(row["properties"])
    assert "jane" not in text.lower()
    assert "hunter2" not in text
    assert row["properties"]["source"] == "widget"


LONG_VERSION = "1.2.3-beta.1+build.2026.11.28"


def test_a_long_version_is_cut_after_its_key_is_made_and_the_answer_says_so(client, auth):
    first = event(app_version=LONG_VERSION)
    other = {**first, "app_version": LONG_VERSION[:-1] + "9"}  # the same once it is cut
    answer = sent(client, event(event="unheard_of"), first, other).json
    assert (answer["events_stored"], answer["duplicates"]) == (2, 0)
    assert answer["notes"] == [{"index": n, "field": "app_version"} for n in (1, 2)]
    assert [row["app_version"] for row in stored(client, auth)] == [LONG_VERSION[:20]] * 2
    assert sent(client, first).json["duplicates"] == 1
    assert "notes" not in sent(client, event()).json


@pytest.mark.parametrize(
    ("field", "personal"),
    [
        *(("app_version", text) for text in ("jane.doe@example.com", "Jane Doe", "1.0 Jane", "ü")),
        *(("platform", text) for text in ("Jane's MacBook", "C:\\Users\\jane", "10.1.2.3", "jane")),
    ],
)
def test_a_version_or_platform_that_is_none_is_left_out_and_noted(client, auth, field, personal):
    answer = sent(client, event(**{field: personal}))
    assert answer.json["notes"] == [{"index": 0, "field": field}]
    [row] = stored(client, auth)
    assert row[field] is None
    assert personal not in str(row)


def test_what_is_left_out_counts_as_other_and_what_was_not_sent_as_nothing(client, services):
    items = [
        event(app_version="Jane Doe", platform="jane@example.com"),
        event(user_id=str(person(2)), app_version=None, platform=None),
    ]
    assert sent(client, *items).json["events_stored"] == 2
    fold_all(services)
    counts = values(
        services.database,
        "select dim, value, n::int from daily_events where dim in ('version', 'platform') order by dim",
    )
    assert counts == [("platform", "other", 1), ("version", "other", 1)]
    assert differences(services) == {}


@pytest.mark.parametrize(
    ("field", "kept"),
    [
        *(
            ("app_version", text)
            for text in ("1.2.3.4", "9f86d08", "9f86d081884c7d659a2f", "v2-rc1")
        ),
        *(
            ("platform", text)
            for text in ("win32", "Windows 11 Pro 10.0.22631", "linux-6.8.0-45-generic")
        ),
    ],
)
def test_dotted_numbers_and_commits_are_versions_and_stay(client, auth, field, kept):
    assert "notes" not in sent(client, event(**{field: kept})).json
    [row] = stored(client, auth)
    assert row[field] == kept


def test_a_session_id_that_could_be_anything_becomes_a_keyed_hash(client, auth):
    sent(client, event(session_id="jane@example.com", id="1"))
    sent(client, event(session_id="jane@example.com", id="2"))
    sent(client, event(session_id="joe@example.com", id="3"))
    ids = [row["session_id"] for row in stored(client, auth)]
    assert all(re.fullmatch("[0-9a-f]{24}", session) for session in ids)
    assert len(set(ids)) == 2


def test_a_timestamp_without_an_offset_is_utc(client, auth, now):
    moment = now.replace(microsecond=0, tzinfo=None)
    sent(client, event(timestamp=moment.isoformat()))
    [row] = stored(client, auth)
    assert datetime.fromisoformat(row["timestamp"]) == moment.replace(tzinfo=UTC)


def test_a_country_that_is_no_code_of_two_letters_costs_its_event(client):
    answer = sent(client, event(country="Germany"), event())
    assert (answer.status_code, answer.json["events_stored"]) == (200, 1)
    [refused] = answer.json["rejected"]
    assert (refused["index"], refused["code"]) == (0, "invalid_country")
    assert refused["error"] == "country must be two letters"


def test_an_event_id_counts_in_its_own_app_only(client, auth):
    app = {"name": "Other", "slug": "other", "kind": "desktop"}
    made = client.post("/apps", json=app, headers=auth).json["app"]
    same = event(id="one-and-the-same")
    assert sent(client, same).json["events_stored"] == 1
    key = {"X-App-Key": made["ingest_key"]}
    assert sent(client, same, headers=key).json["events_stored"] == 1
    assert sent(client, same, headers=key).json["duplicates"] == 1


def test_all_items_rejected_names_the_first_error(client):
    answer = sent(client, event(country="Germany"))
    assert answer.json["error"] == "All items rejected; first error: country must be two letters"


def test_a_body_of_more_objects_than_are_decoded_is_refused_before(client):
    nested = "[" * 400 + "]" * 400
    bad = json.dumps(event(properties={"x": "?"})).replace(
        '"?"', ",".join([nested] * 300).join("[]")
    )
    answer = client.post("/track", data=f'{{"events": [{bad}]}}')
    assert (answer.status_code, answer.json["code"]) == (413, "too_many_values")
