"""Every route as every kind of caller, against the one table of web/rights.py."""

from __future__ import annotations

import re
from uuid import UUID

import pytest

from app import create_app
from stories.accounts.callers import SCOPES
from stories.config import Config
from stories.images.files import FileStore
from stories.web.access import KEYED_INGEST, OPEN_CHANGES, OPEN_INGEST, OPEN_PAGES
from stories.web.rights import OWNER as OWNER_ONLY
from stories.web.rights import RIGHTS, right_of
from tests.rollup_tables import new_app, run
from tests.support import crash, event
from tests.web.accounts import OWNER, add_person

OPEN = OPEN_INGEST | OPEN_PAGES | (OPEN_CHANGES - {"mcp.answer_message"})
REFUSED = {401, 403}


def routes(app):
    return [
        (method, rule)
        for rule in app.url_map.iter_rules()
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"})
        if rule.endpoint not in OPEN
    ]


def address(rule):
    """Of nothing that there is, so that nobody's call ends the next one's."""
    return re.sub(r"<(?:\w+:)?\w+>", "nothing", rule)


def test_every_route_has_its_line_in_the_table_and_every_line_its_route(app):
    assert {f"{method} {rule.rule}" for method, rule in routes(app)} == set(RIGHTS)


def test_a_route_that_nobody_thought_of_is_an_owner_s_alone():
    assert right_of("GET", "/new") is OWNER_ONLY
    assert OWNER_ONLY.role == "owner"
    assert not OWNER_ONLY.scopes


@pytest.fixture
def as_whom(client):
    """Headers of each kind of caller."""
    client.post("/tokens", json={"name": "t", "scopes": ["read"]}, headers=OWNER)  # opens /mcp
    return {
        "nobody": {},
        "viewer": add_person(client, "Vera"),
        "editor": add_person(client, "Ed", "editor"),
        "owner": add_person(client, "Olga", "owner"),
        "viewer of an app": add_person(client, "Vic", "viewer", ["website"]),
    }


ROLES = ("viewer", "editor", "owner")


def expected(kind, method, rule, names_app):
    """By hand, from what the table's line says."""
    right = RIGHTS[f"{method} {rule}"]
    if kind == "nobody" or right.tokens_only:
        return False
    if kind == "viewer of an app":
        if right.whole_server or (right.without_app and not names_app):
            return False
        return right.role == "viewer"
    needed = right.without_app if right.without_app and not names_app else right.role
    return ROLES.index(kind) >= ROLES.index(needed)


@pytest.mark.parametrize("kind", ["nobody", "viewer", "editor", "owner", "viewer of an app"])
def test_people_may_do_what_the_table_says_and_nothing_else(app, client, as_whom, kind):
    for method, rule in routes(app):
        for query in ({}, {"app": "website"}):
            answer = client.open(
                address(rule.rule), method=method, headers=as_whom[kind], query_string=query
            )
            allowed = answer.status_code not in REFUSED
            assert allowed is expected(kind, method, rule.rule, bool(query)), (
                method,
                rule.rule,
                query,
                answer.json,
            )


# Apps of one's own -------------------------------------------------------------------------------


@pytest.fixture
def two_apps(client, services):
    """A viewer of `studio`, while `desktop` has data too; and their headers."""
    studio = new_app(services, "studio")
    for key in (None, studio.ingest_key):
        headers = {"X-App-Key": key} if key else {}
        sent = {"events": [event(app_version="1.0" if key else "2.0")]}
        assert client.post("/track", json=sent, headers=headers).status_code == 200
        assert client.post("/crash", json=crash(), headers=headers).status_code == 200
    assert client.post("/track", json={"events": [{}]}).status_code == 400
    return add_person(client, "Ada", "editor", ["studio"])


def test_what_is_asked_without_an_app_covers_the_asker_s_own_apps_only(client, two_apps):
    for path, key in (("/events", "events"), ("/crashes", "crashes")):
        assert len(client.get(path, headers=OWNER).json[key]) == 2
        assert {row["app"] for row in client.get(path, headers=two_apps).json[key]} == {"studio"}
    assert client.get("/drops", headers=OWNER).json["drops"] != []
    assert client.get("/drops", headers=two_apps).json["drops"] == []
    assert [a["slug"] for a in client.get("/apps", headers=two_apps).json["apps"]] == ["studio"]
    assert client.get("/stats", headers=two_apps).json["summary"]["total_users"] == 1
    assert client.get("/users", headers=two_apps).json["app"] == "studio"


# Refused to an editor, or with nothing to say about an app.
REFUSED_OR_WITHOUT_APP = {
    "/analytics",
    "/account",
    "/accounts",
    "/metrics",
    "/dashboard/api/server",
    "/api/0/",
    "/api/0/organizations/<organization>/repos/",
    "/api/0/organizations/<organization>/chunk-upload/",
    "/api/0/organizations/<organization>/releases/<version>/previous-with-commits/",
}


def test_an_app_of_others_is_answered_as_one_that_is_not_there(app, client, two_apps):
    parameters = {"page": "overview", "search": "x", "sort": "-events", "steps": "a,b"}
    for method, rule in routes(app):
        if method != "GET" or rule.rule in REFUSED_OR_WITHOUT_APP:
            continue
        answers = [
            client.get(
                address(rule.rule).replace("/stats/nothing", "/stats/growth"),
                headers=two_apps,
                query_string={**parameters, "app": slug},
            )
            for slug in ("desktop", "no-such-app")
        ]
        assert answers[0].status_code == answers[1].status_code, rule.rule
        assert answers[0].status_code >= 400, rule.rule
        assert answers[0].get_json() == answers[1].get_json(), rule.rule
    for method, path in (("PATCH", "/apps/desktop"), ("PATCH", "/apps/no-such-app")):
        answer = client.open(path, method=method, json={}, headers=two_apps)
        assert (answer.status_code, answer.json["code"]) == (404, "unknown_app")


def test_keys_of_apps_are_shown_to_owners_only(client, two_apps):
    [shown] = client.get("/apps", headers=two_apps).json["apps"]
    assert shown["ingest_key"] is shown["dsn"] is None
    changed = client.patch("/apps/studio", json={"name": "Studio"}, headers=two_apps)
    assert changed.json["app"]["ingest_key"] is changed.json["app"]["dsn"] is None
    assert client.get("/apps", headers=OWNER).json["apps"][0]["ingest_key"]


def test_an_editor_copies_and_erases_a_person_in_their_own_app_and_not_across(client, two_apps):
    person = event()["user_id"]
    for method, path in (("GET", f"/users/{person}/export"), ("DELETE", f"/users/{person}")):
        assert client.open(path, method=method, headers=two_apps).status_code == 403
        other = client.open(f"{path}?app=desktop", method=method, headers=two_apps)
        assert other.status_code == 400
        own = client.open(f"{path}?app=studio", method=method, headers=two_apps)
        assert own.status_code == 200
    assert len(client.get("/events", headers=OWNER).json["events"]) == 1


def test_an_image_of_another_app_is_not_there(dsn, client, two_apps, services, tmp_path):
    bot, image = services.apps.default("bot"), UUID("550e8400-e29b-41d4-a716-446655440aaa")
    run(
        services.database,
        "insert into images (image_id, app_id, user_id, timestamp, dedupe_key, state, content_type)"
        " values (%(image)s, %(app_id)s, %(image)s, now(), 1, 'stored', 'image/png')",
        image=image,
        app_id=bot.app_id,
    )
    path = FileStore(tmp_path / "images").path(image, "image/png")
    path.parent.mkdir(parents=True)
    path.write_bytes(b"png")
    app = create_app(Config(data_dir=str(tmp_path), ratelimit_enabled=False), dsn)
    with_images = app.test_client()
    assert with_images.get(f"/images/{image}", headers=OWNER).data == b"png"
    refused = with_images.get(f"/images/{image}", headers=two_apps)
    assert (refused.status_code, (refused.json or {})["code"]) == (404, "not_found")
    app.extensions["stories"].database.close()


def test_the_pages_list_a_person_s_own_apps(client, two_apps):
    page = client.get("/dashboard", headers=two_apps)
    assert 'data-app="studio"' in page.text
    assert "app=website" not in page.text
    assert client.get("/dashboard?app=desktop", headers=two_apps).status_code == 404


def test_scopes_are_named_as_the_table_names_them():
    named = {scope for right in RIGHTS.values() for scope in right.scopes}
    assert named <= set(SCOPES)
    assert set(KEYED_INGEST)
