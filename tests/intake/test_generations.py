"""POST /api/visits, POST /api/generations and GET /api/analytics
(docs/COMPATIBILITY.md)."""

from __future__ import annotations

import contextlib
import json
import logging
import urllib.error
import urllib.request
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import Any

import pytest

from app import create_app
from tests.support import basic, whole_database
from tools.traffic import BROWSER_USER_AGENTS

AUTH = basic("admin", "admin")
ADDRESS = "198.51.100.23"
KEY = "a-secret-analytics-key"


def sent(client, path: str, body: Any, **headers: str) -> Any:
    return client.post(path, json=body, headers=headers or AUTH)


def visit(**changes: Any) -> dict[str, Any]:
    return {"path": "/", "user_agent": BROWSER_USER_AGENTS[0], "ip": ADDRESS, **changes}


def generation(**changes: Any) -> dict[str, Any]:
    return {"success": True, "has_text": True, "processing_time": 4.2, "ip": ADDRESS, **changes}


def events(client) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get("/events?app=generator&limit=1000", headers=AUTH).json[
        "events"
    ]
    return found


def analytics(client) -> Any:
    return client.get("/api/analytics", headers=AUTH).json


@pytest.fixture
def keyed(app, config, dsn):
    """A client of the same database with ANALYTICS_KEY set."""
    made = create_app(replace(config, analytics_key=KEY), dsn)
    yield made.test_client()
    made.extensions["stories"].database.close()


@pytest.mark.dates
def test_the_answer_has_the_specifications_exact_shape(app, client):
    now = datetime(2026, 11, 21, 12, tzinfo=UTC)
    app.config["NOW"] = lambda: now
    ago = (now - timedelta(days=2)).isoformat()
    sent(client, "/api/visits", [visit(), visit(ip="198.51.100.24"), visit(timestamp=ago)])
    sent(client, "/api/generations", [generation(), generation(success=False, timestamp=ago)])
    empty = {
        "unique_visitors": 0,
        "total_visits": 0,
        "successful_generations": 0,
        "failed_generations": 0,
    }
    week = [{"date": f"2026-11-{day}", **empty} for day in range(15, 22)]
    week[4] |= {"unique_visitors": 1, "total_visits": 1, "failed_generations": 1}
    week[6] |= {"unique_visitors": 2, "total_visits": 2, "successful_generations": 1}
    assert analytics(client) == {
        "total": {
            "visits": 3,
            "unique_visitors": 2,
            "successful_generations": 1,
            "failed_generations": 1,
            "total_generations": 2,
        },
        "today": {
            "unique_visitors": 2,
            "total_visits": 2,
            "successful_generations": 1,
            "failed_generations": 0,
            "total_generations": 1,
        },
        "last_7_days": week,
    }


def test_the_key_opens_in_the_header_and_in_the_query(keyed):
    good = keyed.get("/api/analytics", headers={"X-Analytics-Key": KEY})
    assert good.status_code == 200
    assert list(good.json) == ["total", "today", "last_7_days"]
    assert keyed.get(f"/api/analytics?key={KEY}").json == good.json
    assert keyed.get("/api/analytics", headers=AUTH).json == good.json


def test_conditions_are_for_who_is_logged_in_and_not_for_the_key(keyed):
    asked = "/api/analytics?filter=prop.success:is:true"
    answer = keyed.get(asked, headers={"X-Analytics-Key": KEY})
    assert answer.status_code == 400
    assert "filter" in answer.json["error"]
    assert keyed.get(asked, headers=AUTH).status_code == 200


@pytest.mark.parametrize("given", ["wrong", KEY[:-1], KEY + "x", "\u00e9", " "])
def test_a_wrong_key_is_refused_even_with_the_right_login(keyed, given):
    assert keyed.get("/api/analytics", query_string={"key": given}).status_code == 401
    answer = keyed.get("/api/analytics", query_string={"key": given}, headers=AUTH)
    assert (answer.status_code, answer.json["code"]) == (401, "wrong_key")
    assert keyed.get("/api/analytics").status_code == 401
    assert keyed.get("/api/analytics?key=").status_code == 401


def test_the_key_opens_nothing_else(keyed):
    for path in ("/api/analytics/stats", "/stats", "/api/export?app=generator", "/apps"):
        assert keyed.get(path, headers={"X-Analytics-Key": KEY}).status_code == 401


@pytest.mark.parametrize("given", ["", "None", "metalise2025", "admin"])
def test_without_a_configured_key_only_basic_opens(client, given):
    assert client.get("/api/analytics", query_string={"key": given}).status_code == 401
    assert client.get("/api/analytics", headers={"X-Analytics-Key": given}).status_code == 401
    assert client.get("/api/analytics", headers=AUTH).status_code == 200


def test_guessing_the_key_is_limited_as_guessing_the_password_is(config, dsn):
    limited = replace(config, analytics_key=KEY, ratelimit_enabled=True, ratelimit_login=5)
    made = create_app(limited, dsn)
    client = made.test_client()
    codes = [client.get(f"/api/analytics?key=guess{n}").status_code for n in range(7)]
    assert codes == [401] * 5 + [429] * 2
    assert client.get(f"/api/analytics?key={KEY}").status_code == 200
    made.extensions["stories"].database.close()


def test_the_key_is_in_no_log_line(dsn, serve, tmp_path, keyed, caplog):
    caplog.set_level(logging.DEBUG)
    keyed.get(f"/api/analytics?key={KEY}&days=bad")
    keyed.get(f"/api/analytics?key={KEY}x")
    assert KEY not in caplog.text
    log = tmp_path / "access.log"
    server = serve(
        ANALYTICS_KEY=KEY,
        GUNICORN_CMD_ARGS=f"--access-logfile {log} --error-logfile {log} --log-level debug",
        LOG_LEVEL="debug",
    )
    for path in (f"/api/analytics?key={KEY}", f"/api/analytics?key={KEY}wrong"):
        request = urllib.request.Request(server.url + path, headers={"Referer": server.url + path})
        with contextlib.suppress(urllib.error.HTTPError):
            urllib.request.urlopen(request, timeout=30).close()
    server.stop()
    text = log.read_text()
    assert "/api/analytics" in text
    assert KEY not in text


@pytest.mark.parametrize("path", ["/api/visits", "/api/generations"])
def test_sending_needs_the_apps_key_or_basic(client, path):
    body = {"success": True}
    apps = {app["slug"]: app for app in client.get("/apps", headers=AUTH).json["apps"]}
    key = apps["generator"]["ingest_key"]
    assert client.post(path, json=body).status_code == 401
    assert client.post(path, json=body, headers=basic("admin", "wrong")).status_code == 401
    for wrong in ("wrong", apps["website"]["ingest_key"]):
        answer = client.post(path, json=body, headers={"X-App-Key": wrong})
        assert (answer.status_code, answer.json["code"]) == (401, "unknown_app_key")
    good = client.post(path, json=body, headers={"X-App-Key": key})
    assert good.json["events_stored"] == 1
    assert client.post(f"{path}?app_key={key}", json=body).json["events_stored"] == 1
    assert client.post(path, json=body, headers=AUTH).json["events_stored"] == 1
    assert client.post(f"{path}?app=website", json=body, headers=AUTH).status_code == 400


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"success": "yes"}, "invalid_success"),
        ({"success": None}, "invalid_success"),
        ({"has_text": 1}, "invalid_has_text"),
        ({"processing_time": "4"}, "invalid_processing_time"),
        ({"processing_time": 1e13}, "number_out_of_range"),
        ({"error_message": 5}, "invalid_error_message"),
        ({"ip": "1" * 65}, "invalid_ip"),
        ({"visitor_id": "v" * 201}, "invalid_visitor_id"),
        ({"timestamp": "2020-01-01"}, "timestamp_too_old"),
        ({"error_message": "\0"}, "unstorable_text"),
    ],
)
def test_it_rejects_a_bad_field_by_name_and_keeps_the_good_item(client, changes, code):
    answer = sent(client, "/api/generations", [generation(), generation(**changes)])
    assert answer.status_code == 200
    assert answer.json["events_stored"] == 1
    [rejected] = answer.json["rejected"]
    assert (rejected["index"], rejected["code"]) == (1, code)
    alone = sent(client, "/api/generations", generation(**changes))
    assert (alone.status_code, alone.json["code"]) == (400, code)


def test_success_is_required_and_too_many_items_are_refused(client):
    answer = sent(client, "/api/generations", {"has_text": True})
    assert answer.json["details"][0]["error"] == "success is missing"
    assert sent(client, "/api/visits", [{}] * 5001).status_code == 413


def test_an_id_is_exactly_once_and_neither_is_never_a_repeat(app, client, now):
    for path, make in (("/api/visits", visit), ("/api/generations", generation)):
        stamped = make(id="1", timestamp=now.isoformat())
        for minutes in range(3):
            app.config["NOW"] = lambda later=minutes: now + timedelta(minutes=later)
            for one in (stamped, make(id="2"), make(id="3", ip=None), make(id="4", visitor_id="v")):
                stored = sent(client, path, [one, one]).json["events_stored"]
                assert stored == (minutes == 0), (path, one)
        for _ in range(2):
            assert sent(client, path, [make(), make()]).json["events_stored"] == 2
    assert len(events(client)) == 16


@pytest.mark.dates
def test_a_retry_after_midnight_is_the_same_visit_though_hashes_rotate(app, client):
    client.patch("/apps/generator", json={"hash_rotation": "daily"}, headers=AUTH)
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    before, after = midnight - timedelta(seconds=5), midnight + timedelta(seconds=5)
    for one in (visit(id="a", timestamp=before.isoformat()), visit(id="b")):
        app.config["NOW"] = lambda: before
        assert sent(client, "/api/visits", one).json["events_stored"] == 1
        app.config["NOW"] = lambda: after
        assert sent(client, "/api/visits", one).json["duplicates"] == 1


def test_the_address_is_kept_nowhere_and_its_hash_is_keyed(config, dsn, services, client):
    sent(client, "/api/visits", [visit(), visit(path="/gallery?email=jane@example.com")])
    sent(client, "/api/generations", generation(success=False, error_message="for 198.51.100.23"))
    services.ledger.write()
    services.freshen()
    everything = json.dumps(whole_database(services.database), default=str)
    for secret in (ADDRESS, "AppleWebKit", "jane"):
        assert secret not in everything
    mine = {event["user_id"] for event in events(client)}
    assert len(mine) == 1
    other = create_app(replace(config, person_key="another key"), dsn)
    sent(other.test_client(), "/api/visits", visit())
    assert len({event["user_id"] for event in events(client)} - mine) == 1
    other.extensions["stories"].database.close()


@pytest.mark.parametrize(("rotation", "visitors"), [("never", 1), ("daily", 3)])
def test_a_visitor_is_known_again_tomorrow_unless_hashes_rotate(app, client, rotation, visitors):
    now = datetime(2026, 11, 21, 0, 30, tzinfo=UTC)  # in New York it is still the 20th
    app.config["NOW"] = lambda: now
    changes = {"hash_rotation": rotation, "timezone": "America/New_York"}
    client.patch("/apps/generator", json=changes, headers=AUTH)
    times = [now - timedelta(hours=hours) for hours in (0, 1, 19, 24, 48)]
    sent(client, "/api/visits", [visit(timestamp=when.isoformat()) for when in times])
    body = analytics(client)
    assert body["total"]["unique_visitors"] == visitors
    assert [row["unique_visitors"] for row in body["last_7_days"]] == [0, 0, 0, 0, 1, 1, 1]


def test_visits_of_nobody_count_as_visits_and_as_no_visitor(client):
    sent(client, "/api/visits", [visit(ip=None), {}, visit(ip="", visitor_id="")])
    assert analytics(client)["total"]["visits"] == 3
    assert analytics(client)["total"]["unique_visitors"] == 0


def test_an_error_message_is_cut_and_scrubbed(client):
    text = "failed for jane.doe@example.com " + "x" * 2000
    sent(client, "/api/generations", generation(success=False, error_message=text))
    [event] = events(client)
    assert len(event["properties"]["error_message"]) <= 1000
    assert "jane" not in event["properties"]["error_message"]


def test_retries_that_meet_in_two_workers_are_stored_once(app, config, dsn, now):
    """The first is still being stored when its retry comes, to the same worker and to another."""
    workers = [app, create_app(config, dsn)]
    answers: list[Any] = []

    def send(number: int) -> None:
        client = workers[number % 2].test_client()
        body = [generation(id=f"item-{n}", ip=None) for n in range(40)]
        answers.append(sent(client, "/api/generations", body).json)

    for minutes, worker in enumerate(workers):
        worker.config["NOW"] = lambda later=minutes: now + timedelta(minutes=later)
    threads = [Thread(target=send, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(answer["events_stored"] for answer in answers) == 40
    assert sum(answer["duplicates"] for answer in answers) == 7 * 40
    assert len(events(app.test_client())) == 40
    workers[1].extensions["stories"].database.close()


def test_what_was_erased_does_not_return_by_a_retry_without_a_time(app, client, now):
    sent(client, "/api/visits", visit(visitor_id="jane", id="1"))
    client.delete("/users/jane?app=generator", headers=AUTH)
    app.config["NOW"] = lambda: now + timedelta(minutes=5)
    answer = sent(client, "/api/visits", visit(visitor_id="jane", id="1")).json
    assert answer["events_stored"] == 0
    assert events(client) == []


def test_a_visit_and_a_generation_may_have_the_same_id(client, now):
    for more in ({"id": "7"}, {"id": "8", "timestamp": now.isoformat()}):
        assert sent(client, "/api/visits", visit(**more)).json["events_stored"] == 1
        assert sent(client, "/api/generations", generation(**more)).json["events_stored"] == 1
