"""Apps: made and changed over HTTP and from the command line; what is particular to each."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from datetime import timedelta
from typing import Any

import pytest

from app import create_app
from database import Inline
from stories.config import ROOT, Config
from stories.reports.key_numbers import KeyNumber, meaning
from tests.support import PERSON, basic, event, whole_database

AUTH = basic("admin", "admin")


def make(client, **body: Any) -> Any:
    return client.post("/apps", json={"slug": "shop", "kind": "website", **body}, headers=AUTH)


def change(client, slug: str = "shop", **body: Any) -> Any:
    return client.patch(f"/apps/{slug}", json=body, headers=AUTH)


def run(app, *words: str) -> Any:
    return app.test_cli_runner().invoke(args=["apps", *words])


def page(path: str, now, **changes: Any) -> dict[str, Any]:
    return {
        "sessionId": "s",
        "type": "pageview",
        "path": path,
        "timestamp": now.isoformat(),
        **changes,
    }


WHOLE: dict[str, Any] = {
    "name": "The shop",
    "timezone": "Europe/Berlin",
    "retention_days": 90,
    "content_days": 30,
    "hash_rotation": "daily",
    "funnel": {"pricing_views": "/preise"},
    "events": {"video_played": {"seconds": {"type": "number"}}},
    "testers": ["my-own-session"],
    "long_names": {
        "events": {"video_played": "Video watched"},
        "properties": {"seconds": "Length"},
    },
    "grouping": {"in_app": ["myapp/*", "C:\\Program Files\\Acme\\"], "not_in_app": ["vendor/*"]},
    "ignored_environments": ["test", "staging"],
}


def test_an_app_says_where_sdks_of_sentry_send_to(client, app):
    shown = make(client).json["app"]
    key, number = shown["ingest_key"], shown["app_id"]
    assert shown["dsn"] == f"http://{key}@localhost/{number}"
    assert shown in client.get("/apps", headers=AUTH).json["apps"]
    assert change(client, name="Shop").json["app"]["dsn"] == shown["dsn"]
    rotated = client.post("/apps/shop/key", headers=AUTH).json["app"]
    assert rotated["dsn"] == f"http://{rotated['ingest_key']}@localhost/{number}"
    elsewhere = client.get("/apps", headers=AUTH, base_url="https://stats.example.com:8443")
    dsn = next(each["dsn"] for each in elsewhere.json["apps"] if each["slug"] == "shop")
    assert dsn == f"https://{rotated['ingest_key']}@stats.example.com:8443/{number}"


@pytest.mark.parametrize(("proxies", "begin"), [(0, "http://"), (1, "https://")])
def test_a_dsn_is_of_https_where_a_trusted_proxy_says_so(dsn, proxies, begin):
    behind = create_app(Config(run_jobs=False, trusted_proxies=proxies), dsn)
    sent = {**AUTH, "X-Forwarded-Proto": "https", "X-Forwarded-Host": "stats.example.com"}
    [shown, *_] = behind.test_client().get("/apps", headers=sent).get_json()["apps"]
    behind.extensions["stories"].database.close()
    host = "stats.example.com" if proxies else "localhost"
    assert shown["dsn"] == f"{begin}{shown['ingest_key']}@{host}/{shown['app_id']}"


def test_an_app_is_made_with_all_there_is_to_say_and_shown_so(client):
    made = make(client, **WHOLE).json["app"]
    assert made["ingest_key"]
    assert made["is_default"] is False
    same = ("name", "timezone", "retention_days", "content_days", "hash_rotation", "grouping")
    assert {name: made[name] for name in same} == {name: WHOLE[name] for name in same}
    assert made["funnel"] == {
        "vertical_views": "/verticals/",
        "pricing_views": "/preise",
        "demo_views": "/demo",
    }
    assert made["events"] == {"video_played": {"seconds": {"type": "number", "values": []}}}
    assert len(made["testers"]) == 1
    listed = client.get("/apps", headers=AUTH).json["apps"]
    assert made in listed
    assert [app["slug"] for app in listed] == ["desktop", "website", "generator", "bot", "shop"]


def test_a_change_leaves_what_it_does_not_name(client):
    before = make(client, **WHOLE).json["app"]
    after = change(client, name="Renamed").json["app"]
    assert after == {**before, "name": "Renamed"}
    assert change(client, retention_days=None).json["app"]["retention_days"] == 365
    assert change(client).json["app"]["name"] == "Renamed"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"slug": "Shop!"}, "slug"),
        ({"slug": "website"}, "slug"),
        ({"kind": "shop"}, "kind"),
        ({"kind": None}, "kind"),
        ({"name": ""}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": "nul\0"}, "NUL"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"timezone": 1}, "timezone"),
        ({"retention_days": 6}, "retention_days"),
        ({"retention_days": "90"}, "retention_days"),
        ({"retention_days": True}, "retention_days"),
        ({"content_days": 0}, "content_days"),
        ({"content_days": None}, "content_days"),
        ({"hash_rotation": "weekly"}, "hash_rotation"),
        ({"funnel": {"pricing_views": "no-slash"}}, "funnel"),
        ({"funnel": {"checkout": "/x"}}, "checkout"),
        ({"funnel": {"pricing_views": "/\0"}}, "NUL"),
        ({"events": {"with space at the end ": {}}}, "events"),
        ({"events": {"ok": {"p": {"type": "text"}}}}, "events"),
        ({"events": {"pageview": {}}}, "events"),
        ({"testers": "me"}, "testers"),
        ({"testers": [""]}, "testers"),
        ({"grouping": []}, "grouping"),
        ({"grouping": {"in_app": "vendor/*"}}, "grouping.in_app"),
        ({"grouping": {"in_app": [1]}}, "grouping.in_app[0]"),
        ({"grouping": {"not_in_app": [""]}}, "grouping.not_in_app[0]"),
        ({"grouping": {"not_in_app": ["a", "x" * 201]}}, "grouping.not_in_app[1]"),
        ({"grouping": {"not_in_app": ["a"] * 21}}, "grouping.not_in_app"),
        ({"grouping": {"not_in_app": ["a", "b\n"]}}, "grouping.not_in_app[1]"),
        ({"grouping": {"in_app": ["  "]}}, "grouping.in_app[0]"),
        ({"grouping": {"in_app": ["\u202e"]}}, "grouping.in_app[0]"),
        ({"grouping": {"own": []}}, "own"),
        ({"nmae": "typo"}, "nmae"),
    ],
)
def test_a_bad_body_is_a_400_that_names_the_field(client, body, field):
    answer = make(client, **body)
    assert answer.status_code == (409 if body == {"slug": "website"} else 400)
    assert field in answer.json["error"]
    if "slug" not in body and "kind" not in body:
        make(client)
        answer = change(client, **body)
        assert answer.status_code == 400
        assert field in answer.json["error"]


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"null", b'{"slug": "\xff"}', b"[" * 100_000])
def test_a_body_that_is_no_app_is_a_400(client, body):
    answer = client.post("/apps", data=body, headers=AUTH)
    assert answer.status_code in (400, 413)


def test_each_list_of_patterns_is_changed_by_itself(client):
    assert make(client).json["app"]["grouping"] == {"in_app": [], "not_in_app": []}
    change(client, grouping={"in_app": ["a" * 200] * 20})
    change(client, grouping={"not_in_app": ["vendor/*"]})
    change(client, grouping={"in_app": ["app/*"]})
    after = change(client, grouping={}).json["app"]["grouping"]
    assert after == {"in_app": ["app/*"], "not_in_app": ["vendor/*"]}


def test_the_two_settings_before_are_kept_and_one_that_says_the_same_is_none(client, database):
    make(client)
    for patterns in (["a/*"], ["b/*"], ["b/*"], ["c/*"]):
        change(client, grouping={"in_app": patterns})
    with database.transaction(read_only=True) as tx:
        former = tx.value(
            Inline("/* test */ select former_groupings from apps where slug = 'shop'")
        )
    assert former == [{"in_app": [letter], "not_in_app": []} for letter in ("b/*", "a/*")]


def test_an_app_that_is_refused_is_not_half_made(client):
    assert make(client, kind="desktop", testers=["no uuid"]).json["code"] == "invalid_testers"
    assert make(client).status_code == 200


def test_an_unknown_app_is_a_404(client):
    assert change(client, "nope", name="x").status_code == 404
    assert client.post("/apps/nope/key", headers=AUTH).status_code == 404


def test_a_generator_registers_no_events(client):
    answer = make(client, kind="generator", events={"extra": {}})
    assert (answer.status_code, answer.json["code"]) == (400, "invalid_events")


def test_the_old_key_stops_working_when_a_new_one_is_made(client, now):
    old = make(client).json["app"]["ingest_key"]
    send = lambda key: client.post(  # noqa: E731
        "/api/track", json=page("/", now), headers={"X-App-Key": key, "User-Agent": "Mozilla/5.0"}
    )
    assert send(old).status_code == 200
    new = client.post("/apps/shop/key", headers=AUTH).json["app"]["ingest_key"]
    assert new != old
    assert send(old).status_code == 401
    assert send(new).status_code == 200


def test_an_app_that_another_worker_made_is_known_at_once(app, client, services, config, dsn):
    assert client.get("/stats", headers=AUTH).status_code == 200  # the list of apps is read
    other = create_app(config, dsn)
    made = make(other.test_client(), kind="desktop").json["app"]
    services.apps._read_at -= 1  # a second later
    answer = client.post(
        "/track", json={"events": [event()]}, headers={"X-App-Key": made["ingest_key"]}
    )
    assert answer.status_code == 200
    assert "shop" in [one["slug"] for one in client.get("/apps", headers=AUTH).json["apps"]]
    other.extensions["stories"].database.close()


def test_a_change_is_answered_with_what_it_changed_while_others_read_the_apps(app, client):
    made = make(client).json["app"]
    apps = app.extensions["stories"].apps
    apps._guard.acquire()  # a request that waits for a connection
    threading.Timer(0.5, apps._guard.release).start()
    changed = client.post("/apps/shop/key", headers=AUTH).json["app"]
    assert changed["ingest_key"] != made["ingest_key"]
    held = {one["slug"]: one for one in client.get("/apps", headers=AUTH).json["apps"]}
    assert changed["ingest_key"] == held["shop"]["ingest_key"]


def test_a_registered_events_properties_are_counted(client, services, now):
    own = {
        "exported": {
            "seconds": {"type": "number"},
            "format": {"type": "enum", "values": ["pdf"]},
            "again": {"type": "boolean"},
            "to": {"type": "label"},
        }
    }
    key = make(client, kind="desktop", events=own).json["app"]["ingest_key"]
    properties = {"seconds": 2.5, "format": "pdf", "again": True, "to": "disk", "other": "no"}
    items = [
        event(event="exported", properties=properties, timestamp=now.isoformat(), id=str(n))
        for n in range(3)
    ]
    client.post("/track", json={"events": items}, headers={"X-App-Key": key})
    services.freshen()
    tables = whole_database(services.database)
    plain = [row for row in tables["daily_values"] if row["dim"] == "none"]
    assert {(row["property"], row["label"], row["n"]) for row in plain} == {
        ("format", "pdf", 3),
        ("again", "true", 3),
        ("to", "disk", 3),
    }
    [numbers] = [row for row in tables["daily_numbers"] if row["dim"] == "none"]
    assert (numbers["event"], numbers["property"], numbers["n"]) == ("exported", "seconds", 3)
    assert float(numbers["total"]) == 7.5
    histogram = numbers["histogram"]
    assert sum(histogram[len(histogram) // 2 :]) == 3


def test_testers_are_an_apps_own(client, now):
    assert change(client, "desktop", testers=[PERSON]).json["app"]["testers"] == [PERSON]
    key = make(client, kind="desktop").json["app"]["ingest_key"]
    for headers in ({}, {"X-App-Key": key}):
        sent = event(timestamp=now.isoformat())
        client.post("/track", json={"events": [sent]}, headers=headers)
    total = lambda slug: client.get(  # noqa: E731
        f"/stats?app={slug}", headers=AUTH
    ).json["summary"]["total_users"]
    assert (total("desktop"), total("shop")) == (0, 1)
    assert change(client, "desktop", testers=[]).json["app"]["testers"] == []


def test_the_timezone_is_fixed_after_the_first_event(client, now):
    key = make(client).json["app"]["ingest_key"]
    assert change(client, timezone="Asia/Tokyo").status_code == 200
    client.post(
        "/api/track",
        json=page("/", now),
        headers={"X-App-Key": key, "User-Agent": "Mozilla/5.0 Firefox/144.0"},
    )
    answer = change(client, timezone="Europe/Paris")
    assert (answer.status_code, answer.json["code"]) == (409, "timezone_fixed")
    assert "timezone" in answer.json["error"]
    assert change(client, timezone="Asia/Tokyo", name="Same zone").status_code == 200


def test_funnel_paths_are_an_apps_own(client, now):
    key = make(client, funnel={"pricing_views": "/preise"}).json["app"]["ingest_key"]
    headers = {"X-App-Key": key, "User-Agent": "Mozilla/5.0 Firefox/144.0"}
    views = [page(path, now + timedelta(0, n)) for n, path in enumerate(("/preise/a", "/demo"))]
    client.post("/api/track", json=views, headers=headers)
    funnel = client.get("/api/funnel?app=shop", headers=AUTH).json
    assert (funnel["pricing_views"], funnel["demo_views"]) == (1, 1)


# From the command line ------------------------------------------------------------------------


def test_the_command_line_does_what_the_addresses_do(app, client):
    words = [
        "--name=The shop", "--timezone=Europe/Berlin", "--retention-days=90", "--content-days=30",
        "--hash-rotation=daily", "--funnel=pricing_views=/preise",
        "--event=video_played:seconds=number", "--tester=my-own-session",
        "--in-app=myapp/*", "--in-app=C:\\Program Files\\Acme\\", "--not-in-app=vendor/*",
        "--ignored-environment=test", "--ignored-environment=Staging",
    ]  # fmt: skip
    made = run(app, "create", "shop", "website", *words)
    assert made.exit_code == 0, made.output
    shown = json.loads(made.output)
    by_http = make(client, slug="twin", **WHOLE).json["app"]
    # Only an address has a dsn and sets long names.
    apart = ("app_id", "slug", "ingest_key", "testers", "dsn", "long_names")
    assert {k: v for k, v in shown.items() if k not in apart} == {
        k: v for k, v in by_http.items() if k not in apart
    }
    assert len(shown["testers"]) == 1
    changed = json.loads(run(app, "change", "shop", "--retention-days=default").output)
    assert changed == {**shown, "retention_days": 365}
    rotated = json.loads(run(app, "key", "shop").output)
    assert rotated["ingest_key"] != shown["ingest_key"]
    listed = json.loads(run(app, "list").output)
    answered = client.get("/apps", headers=AUTH).json["apps"]
    assert listed == [{k: v for k, v in app.items() if k != "dsn"} for app in answered]
    assert rotated in listed


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (("create", "shop", "shop"), "'shop' is not one of 'desktop'"),
        (("create", "website", "website"), "slug is taken"),
        (("create", "Shop!", "website"), "slug"),
        (("change", "nope", "--name=x"), "there is no app nope"),
        (("key", "nope"), "there is no app nope"),
        (("change", "website", "--timezone=Mars/Olympus"), "timezone"),
        (("change", "website", "--retention-days=soon"), "--retention-days"),
        (("change", "website", "--retention-days=1"), "retention_days"),
        (("change", "website", "--funnel=pricing_views"), "--funnel"),
        (("change", "website", "--event=pageview"), "events"),
        (("change", "desktop", "--tester=me"), "testers"),
    ],
)
def test_an_error_is_one_plain_sentence(app, words, part):
    done = run(app, *words)
    assert done.exit_code != 0
    assert part in done.output
    assert "Traceback" not in done.output
    assert [line for line in done.output.splitlines() if line.startswith("Error: ")]


def test_the_jobs_are_commands_too(app):
    offered = set(app.cli.commands)
    assert {"apps", "migrate", "fold", "check", "rebuild", "expire"} <= offered
    assert app.test_cli_runner().invoke(args=["migrate"]).exit_code == 0


def test_flask_finds_the_commands_and_checks_a_real_database(dsn):
    environment = {"PATH": os.environ["PATH"], "DATABASE_URL": dsn, "PYTHONDONTWRITEBYTECODE": "1"}

    def flask(*words: str) -> Any:
        return subprocess.run(
            [sys.executable, "-m", "flask", "--app", "app", *words],
            cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60,
        )  # fmt: skip

    assert '"slug": "desktop"' in flask("apps", "list").stdout
    checked = flask("check", "--from", "2026-11-01")
    assert checked.returncode == 0, checked.stderr
    assert '"differences"' in checked.stdout


def test_long_names_of_events_and_of_properties_change_apart(client):
    make(client)
    events = {"pageview": "Page seen", "any name": "What it is"}
    changed = change(client, long_names={"events": events}).json["app"]
    assert changed["long_names"] == {"events": events, "properties": {}}
    changed = change(client, long_names={"properties": {"path": "Address"}}).json["app"]
    assert changed["long_names"] == {"events": events, "properties": {"path": "Address"}}
    changed = change(client, long_names={"events": {}}).json["app"]
    assert changed["long_names"] == {"events": {}, "properties": {"path": "Address"}}
    wrongs: tuple[dict[str, Any], ...] = (
        {"events": {"pageview": ""}},
        {"events": {"pageview": "x" * 101}},
        {"events": {"pageview": "  "}},
        {"properties": {"path": "a\nb"}},
        {"events": {f"e{number}": "x" for number in range(1001)}},
        {"people": {}},
    )
    for wrong in wrongs:
        answer = change(client, long_names=wrong)
        assert answer.status_code == 400, wrong
        assert "long_names" in answer.json["error"]


def test_a_key_number_is_explained_in_long_names(app):
    client = app.test_client()
    named = {"events": {"conversion": "Purchase"}, "properties": {"value": "Price"}}
    make(client, long_names=named)
    shop = app.extensions["stories"].apps.by_slug_now("shop")
    number = KeyNumber("Revenue", "sum", "conversion", "value")
    assert meaning(number, shop) == "Price of every Purchase, added up."


def test_a_dsn_names_the_address_that_the_settings_give(dsn):
    config = Config(run_jobs=False, base_url="https://stats.example.com/")
    client = create_app(config, dsn).test_client()
    answer: Any = client.get("/apps", headers=AUTH).json
    one = next(each for each in answer["apps"] if each["slug"] == "desktop")
    assert one["dsn"] == f"https://{one['ingest_key']}@stats.example.com/{one['app_id']}"
