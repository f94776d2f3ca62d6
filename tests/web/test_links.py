"""Share links: one page of one app with its question fixed, and nothing beside it."""

from __future__ import annotations

import json
import logging
from datetime import timedelta

import pytest

from app import create_app
from stories.config import Config
from tests.rollup_tables import new_app, value, values
from tests.support import PERSON, crash, event
from tests.web.accounts import OWNER, PASSWORD, account_id, add_person
from tests.web.test_people import counting
from tests.web.test_rights import address, routes


def share(client, login=OWNER, **more):
    """(path of the frame, headers with the secret) of a new link."""
    body = {"name": "for the board", "app": "desktop", "page": "growth", **more}
    answer = client.post("/links", json=body, headers=login)
    assert answer.status_code == 200, answer.json
    path, _, secret = answer.json["path"].partition("#")
    return path, {"X-Link-Secret": secret}


def test_it_opens_the_numbers_of_its_page_with_its_own_question(client):
    for country in ("DE", "FR"):
        client.post("/track", json={"events": [event(country=country)]})
    path, secret = share(client, page="usage", period="7d", group_by="week", country="FR")
    shared = client.get(f"{path}/stats", headers=secret).json
    own = client.get("/stats?period=7d&group_by=week&country=FR&include=usage", headers=OWNER).json
    del own["success"]
    assert shared["answer"] == own
    name = client.get("/apps", headers=OWNER).json["apps"][0]["name"]
    assert shared["shared"] == {"app": name, "filter": ["country", "FR"]}
    asked = client.get(f"{path}/stats?period=all", headers=secret)
    assert asked.status_code == 400, "nothing of the question can be asked otherwise"


def test_the_frame_alone_tells_neither_the_app_nor_a_number(client):
    path, _ = share(client, page="usage", country="FR")
    name = client.get("/apps", headers=OWNER).json["apps"][0]["name"]
    frame = client.get(path)
    assert frame.status_code == 200
    assert name not in frame.text
    assert "country=FR" not in frame.text
    assert 'data-app=""' in frame.text
    for part in ("/dashboard?app", "filter-menu", "period-menu", 'class="tabs"', "ingest"):
        assert part not in frame.text
    assert client.get(f"{path}/stats").status_code == 404
    assert client.get(f"{path}/stats", headers={"X-Link-Secret": "wrong"}).status_code == 404


@pytest.mark.parametrize(
    "page", ["crashes", "crash", "events", "users", "person", "settings", "bot"]
)
def test_pages_of_events_people_and_crashes_are_never_shared(client, page):
    for app in ("desktop", "bot"):
        body = {"name": "x", "app": app, "page": page}
        answer = client.post("/links", json=body, headers=OWNER)
        assert (answer.status_code, answer.json["code"]) == (400, "not_shared")


def test_no_event_person_or_crash_text_is_in_what_any_shared_page_answers(client, services):
    text = "TypeError of a secret kind"
    client.post("/track", json={"events": [event()]})
    client.post("/crash", json=crash(error_message=text, stack_trace=text))
    site = {
        "type": "event",
        "category": "conversion",
        "action": "bought-it",
        "path": "/x",
        "sessionId": "the-session",
        "timestamp": event()["timestamp"],
    }
    assert client.post("/api/track", json=site).status_code == 200
    pages = [
        ("desktop", page)
        for page in ("overview", "growth", "usage", "adoption", "quality", "stability", "costs")
    ]
    for app, page in [*pages, ("website", "website")]:
        path, secret = share(client, app=app, page=page, period="7d")
        answer = client.get(f"{path}/stats", headers=secret)
        assert answer.status_code == 200
        for private in (PERSON, text, "the-session", "event_key", "error_message", "stack_trace"):
            assert private not in answer.text, (page, private)
    assert answer.json["page"]["now"]["recent_conversions"] == []


def test_a_link_opens_no_other_route(app, client):
    _, secret = share(client)
    client.post("/tokens", json={"name": "t", "scopes": ["read"]}, headers=OWNER)  # opens /mcp
    for method, rule in routes(app):
        for query in ({}, {"app": "desktop"}):
            answer = client.open(
                address(rule.rule), method=method, headers=secret, query_string=query
            )
            assert answer.status_code == 401, rule.rule
    path, _ = share(client, page="usage")
    assert client.get(f"{path}/stats", headers=secret).status_code == 404, "nor another link's"


def test_a_revoked_link_ends_at_once(client):
    path, secret = share(client)
    [link] = client.get("/links", headers=OWNER).json["links"]
    assert client.get(f"{path}/stats", headers=secret).status_code == 200
    assert client.delete(f"/links/{link['id']}", headers=OWNER).status_code == 200
    assert client.get(f"{path}/stats", headers=secret).json["code"] == "unknown_link"
    frame = client.get(path)
    assert frame.status_code == 404
    assert "This link has ended" in frame.text
    assert client.delete(f"/links/{link['id']}", headers=OWNER).status_code == 404


def test_a_link_ends_on_its_day(app, client, now):
    path, secret = share(client, expires_in_days=7)
    app.config["NOW"] = lambda: now + timedelta(days=6, hours=23)
    assert client.get(f"{path}/stats", headers=secret).status_code == 200
    app.config["NOW"] = lambda: now + timedelta(days=7, minutes=1)
    assert client.get(f"{path}/stats", headers=secret).status_code == 404


def test_a_link_never_outlives_its_maker_s_right_to_share(client):
    ed = add_person(client, "Ed", "editor")
    path, secret = share(client, ed)
    account = f"/accounts/{account_id(client, 'Ed')}"
    for change in ({"apps": ["website"]}, {"apps": None, "role": "viewer"}):
        client.patch(account, json=change, headers=OWNER)
        assert client.get(f"{path}/stats", headers=secret).status_code == 404
    client.patch(account, json={"role": "editor"}, headers=OWNER)
    assert client.get(f"{path}/stats", headers=secret).status_code == 200
    client.delete(account, headers=OWNER)
    assert client.get(f"{path}/stats", headers=secret).status_code == 404
    assert client.get("/links", headers=OWNER).json["links"] == []


def test_an_editor_shares_their_own_apps_only_and_a_viewer_none(client, services):
    new_app(services, "studio")
    ed, vera = add_person(client, "Ed", "editor", ["studio"]), add_person(client, "Vera")
    body = {"name": "x", "app": "desktop", "page": "growth"}
    assert client.post("/links", json=body, headers=vera).status_code == 403
    refused = client.post("/links", json=body, headers=ed)
    assert (refused.status_code, refused.json["code"]) == (400, "unknown_app")
    share(client, ed, app="studio")
    share(client)
    assert len(client.get("/links", headers=OWNER).json["links"]) == 2
    assert len(client.get("/links", headers=ed).json["links"]) == 1


# Passwords ---------------------------------------------------------------------------------------


def test_a_password_is_asked_for_where_one_is_set(client, database):
    path, secret = share(client, password=PASSWORD)
    missing = client.get(f"{path}/stats", headers=secret)
    assert (missing.status_code, missing.json["code"]) == (401, "link_password")
    assert "WWW-Authenticate" not in missing.headers, "or the browser would ask for a login"
    wrong = {**secret, "X-Link-Password": "wrong%20password"}
    assert client.get(f"{path}/stats", headers=wrong).status_code == 401
    right = {**secret, "X-Link-Password": PASSWORD.replace(" ", "%20")}
    assert client.get(f"{path}/stats", headers=right).status_code == 200
    assert PASSWORD not in str(values(database, "select l::text from share_links as l"))
    assert client.get("/links", headers=OWNER).json["links"][0]["has_password"] is True


def test_attempts_are_limited_and_the_limit_comes_before_the_hash(dsn, client, monkeypatch):
    from stories.accounts import passwords

    path, secret = share(client, password=PASSWORD)
    hashed: list[tuple[str, ...]] = []
    monkeypatch.setattr(passwords, "_matches", counting(lambda *_: False, hashed))
    app = create_app(Config(run_jobs=False, ratelimit_login=3), dsn)
    limited = app.test_client()
    wrong = {**secret, "X-Link-Password": "wrong"}
    codes = [limited.get(f"{path}/stats", headers=wrong).status_code for _ in range(8)]
    assert codes == [401] * 3 + [429] * 5
    assert len(hashed) == 3
    guess = {"X-Link-Secret": "guess"}
    assert limited.get(f"{path}/stats", headers=guess).status_code == 429
    app.extensions["stories"].database.close()


# Where it may be shown, and what is kept ---------------------------------------------------------


def test_a_frame_on_another_site_needs_that_site_s_name(client):
    path, _ = share(client)
    assert "frame-ancestors 'none'" in client.get(path).headers["Content-Security-Policy"]
    sites = ["https://intra.example.org", "http://localhost:3000"]
    path, _ = share(client, frame_sites=sites)
    policy = client.get(path).headers["Content-Security-Policy"]
    assert policy.endswith("frame-ancestors http://localhost:3000 https://intra.example.org")


@pytest.mark.parametrize(
    "site",
    [
        "*",
        "https://*",
        "example.org",
        "https://a.example; script-src *",
        "https://a.example/x",
        "javascript:x",
        "https://a.example\n",
    ],
)
def test_what_is_no_origin_may_frame_nothing(client, site):
    body = {"name": "x", "app": "desktop", "page": "growth", "frame_sites": [site]}
    assert client.post("/links", json=body, headers=OWNER).status_code == 400


def test_no_referrer_no_index_no_cache(client):
    path, secret = share(client)
    for answer in (client.get(path), client.get(f"{path}/stats", headers=secret)):
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "noindex" in answer.headers["X-Robots-Tag"]
        assert answer.headers["Cache-Control"] == "no-store"


def test_the_secret_is_in_no_address_no_log_and_no_table(client, database, caplog, monkeypatch):
    caplog.set_level(logging.DEBUG)
    path, secret = share(client)
    text = secret["X-Link-Secret"]
    monkeypatch.setattr("stories.views.dashboard_data.page_of_numbers", lambda *_: {"page": 1 / 0})
    assert client.get(f"{path}/stats", headers=secret).status_code == 500
    assert "a request failed" in caplog.text
    held = [values(database, f"select t::text from {t} as t") for t in ("share_links", "audit_log")]
    for where in (
        path,
        caplog.text,
        str(held),
        json.dumps(client.get("/links", headers=OWNER).json),
    ):
        assert text not in where


def test_the_last_use_is_noted(client, database):
    path, secret = share(client)
    client.get(path)
    assert value(database, "select used_at from share_links") is None
    client.get(f"{path}/stats", headers=secret)
    assert value(database, "select used_at from share_links") is not None


@pytest.mark.parametrize(
    "body",
    [
        {"page": "usage", "country": "DE", "platform": "x"},
        {"page": "usage", "period": "1y"},
        {"page": "usage", "password": "short"},
        {"page": "usage", "app": "no-such-app"},
        {"page": "usage", "name": ""},
        {"page": "usage", "unheard_of": 1},
        {"page": "usage", "expires_in_days": 0},
        {"app": "bot", "page": "bot"},
    ],
    ids=str,
)
def test_a_link_that_makes_no_sense_is_refused_by_name(client, body):
    body = {"name": "x", "app": "desktop", **body}
    assert client.post("/links", json=body, headers=OWNER).status_code == 400
    assert client.get("/links", headers=OWNER).json["links"] == []
