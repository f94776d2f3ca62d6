"""API tokens: what they open, what they never do, how they end."""

from __future__ import annotations

from datetime import timedelta

import pytest

from stories.web.rights import RIGHTS
from tests.rollup_tables import new_app, value, values
from tests.support import crash, event
from tests.web.accounts import OWNER, account_id, add_person
from tests.web.test_rights import REFUSED, address, routes


def make(client, *scopes, login=OWNER, **more):
    """The headers of a new token."""
    body = {"name": "build server", "scopes": list(scopes), **more}
    answer = client.post("/tokens", json=body, headers=login)
    assert answer.status_code == 200, answer.json
    return {"Authorization": f"Bearer {answer.json['secret']}"}


# What each scope may -----------------------------------------------------------------------------


@pytest.mark.parametrize("scope", ["read", "ingest", "upload", "admin"])
@pytest.mark.parametrize("role", ["viewer", "editor", "owner"])
def test_a_scope_may_do_what_the_table_says_and_never_more_than_its_maker(app, client, scope, role):
    login = add_person(client, "Maker", role)
    body = {"name": "t", "scopes": [scope]}
    made = client.post("/tokens", json=body, headers=login)
    if role == "viewer" and scope != "read":
        assert (made.status_code, made.json["code"]) == (403, "beyond_your_rights")
        return
    bearer = {"Authorization": f"Bearer {made.json['secret']}"}
    make(client, "read")  # opens /mcp
    for method, rule in routes(app):
        right, path = RIGHTS[f"{method} {rule.rule}"], address(rule.rule)
        for query in ({}, {"app": "website"}):
            needed = right.without_app if right.without_app and not query else right.role
            of_maker = ("viewer", "editor", "owner").index(needed) <= (
                "viewer",
                "editor",
                "owner",
            ).index(role)
            by_scope = scope in right.scopes and bool(query or right.without_app is None)
            of_maker = of_maker and not right.tokens_only
            expected = not right.people_only and (by_scope or (scope == "admin" and of_maker))
            answer = client.open(path, method=method, headers=bearer, query_string=query)
            allowed = answer.status_code not in REFUSED
            assert allowed is expected, (method, rule.rule, query, answer.json)
            if allowed and not right.tokens_only:
                as_maker = client.open(path, method=method, headers=login, query_string=query)
                assert as_maker.status_code not in REFUSED, (method, rule.rule)


def test_a_token_of_one_app_knows_no_other(client, services):
    new_app(services, "studio")
    bearer = make(client, "read", "admin", app="studio")
    assert [a["slug"] for a in client.get("/apps", headers=bearer).json["apps"]] == ["studio"]
    assert client.get("/stats", headers=bearer).status_code == 200
    assert client.get("/stats?app=desktop", headers=bearer).status_code == 400
    assert client.get("/metrics", headers=bearer).status_code == 403
    assert client.post("/apps/studio/key", headers=bearer).status_code == 403, "an owner's alone"
    assert client.patch("/apps/studio", json={}, headers=bearer).status_code == 200
    assert client.patch("/apps/desktop", json={}, headers=bearer).status_code == 404


def test_a_token_never_makes_another_way_in(client):
    bearer = make(client, "read", "ingest", "upload", "admin")
    token = {"name": "t", "scopes": ["read"]}
    person = {"name": "Eve", "role": "owner"}
    assert client.post("/tokens", json=token, headers=bearer).status_code == 403
    assert client.post("/accounts", json=person, headers=bearer).status_code == 403
    assert client.get("/accounts", headers=bearer).status_code == 200


# Intake ------------------------------------------------------------------------------------------


def test_scope_ingest_works_as_the_app_s_key_does(client, services, database):
    studio = new_app(services, "studio")
    bearer = make(client, "ingest", app="studio")
    assert client.post("/track", json={"events": [event()]}, headers=bearer).status_code == 200
    assert client.post("/crash", json=crash(), headers=bearer).status_code == 200
    for table in ("events", "crashes"):
        assert values(database, f"select app_id from {table}") == [(studio.app_id,)]
    page = {"type": "pageview", "path": "/", "sessionId": "s"}
    refused = client.post("/api/track", json=page, headers=bearer)
    assert (refused.status_code, refused.json["code"]) == (401, "unknown_token")


def test_a_token_of_every_app_sends_for_the_default_of_the_kind_or_the_one_it_names(
    client, services, database
):
    bearer = make(client, "ingest")
    assert client.post("/track", json={"events": [event()]}, headers=bearer).status_code == 200
    said = {"client_id": "1", "event_name": "user_message", "message": "hello"}
    assert client.post("/api/bot/events", json=said, headers=bearer).status_code in (200, 201)
    assert client.post("/api/visits", json={"path": "/"}, headers=bearer).status_code in (200, 201)
    kinds = "select kind from events join apps using (app_id) order by kind"
    assert [kind for (kind,) in values(database, kinds)] == ["bot", "desktop", "generator"]


@pytest.mark.parametrize("scopes", [["read"], ["upload"], ["admin"]])
def test_no_other_scope_sends_events(client, scopes):
    bearer = make(client, *scopes)
    answer = client.post("/track", json={"events": [event()]}, headers=bearer)
    assert (answer.status_code, answer.json["code"]) == (401, "unknown_token")


def test_intake_without_a_token_asks_nothing_about_accounts(client, services, monkeypatch):
    def fail(*_):
        raise AssertionError("asked")

    for store in (services.accounts.tokens, services.accounts.sessions, services.accounts.people):
        monkeypatch.setattr(store, "find", fail)
    client.set_cookie("stories_session", "anything")
    assert client.post("/track", json={"events": [event()]}).status_code == 200
    assert client.post("/track", json={"events": [event()]}, headers=OWNER).status_code == 200


# How they end ------------------------------------------------------------------------------------


def test_a_revoked_token_ends_at_once(client):
    bearer = make(client, "read")
    [token] = client.get("/tokens", headers=OWNER).json["tokens"]
    assert client.get("/stats", headers=bearer).status_code == 200
    assert client.delete(f"/tokens/{token['id']}", headers=OWNER).status_code == 200
    assert client.get("/stats", headers=bearer).status_code == 401
    assert client.delete(f"/tokens/{token['id']}", headers=OWNER).status_code == 404


def test_a_token_ends_on_its_day(app, client, now):
    bearer = make(client, "read", expires_in_days=7)
    app.config["NOW"] = lambda: now + timedelta(days=6, hours=23)
    assert client.get("/stats", headers=bearer).status_code == 200
    app.config["NOW"] = lambda: now + timedelta(days=7, minutes=1)
    assert client.get("/stats", headers=bearer).status_code == 401
    assert client.get("/tokens", headers=OWNER).json["tokens"][0]["has_ended"] is True


def test_a_token_ends_with_its_maker_and_shrinks_with_them(client):
    login = add_person(client, "Ed", "editor")
    bearer = make(client, "read", "ingest", login=login)
    path = f"/accounts/{account_id(client, 'Ed')}"
    client.patch(path, json={"role": "viewer", "apps": ["website"]}, headers=OWNER)
    assert client.get("/stats?app=website", headers=bearer).status_code == 200
    assert client.get("/stats?app=desktop", headers=bearer).status_code == 400
    assert client.post("/track", json={"events": []}, headers=bearer).status_code == 401
    client.delete(path, headers=OWNER)
    assert client.get("/stats?app=website", headers=bearer).status_code == 401
    assert client.get("/tokens", headers=OWNER).json["tokens"] == []


def test_people_see_and_revoke_their_own_tokens_and_an_owner_everybody_s(client):
    ed, vera = add_person(client, "Ed", "editor"), add_person(client, "Vera")
    make(client, "read", login=ed)
    make(client, "read", login=vera)
    [own] = client.get("/tokens", headers=vera).json["tokens"]
    assert own["made_by"] == "Vera"
    everybody = client.get("/tokens", headers=OWNER).json["tokens"]
    assert [token["made_by"] for token in everybody] == ["Ed", "Vera"]
    assert client.delete(f"/tokens/{everybody[0]['id']}", headers=vera).status_code == 404
    assert client.delete(f"/tokens/{everybody[0]['id']}", headers=OWNER).status_code == 200


# What is kept ------------------------------------------------------------------------------------


def test_only_a_hash_is_stored_and_the_last_use_to_some_minutes(app, client, database, now):
    bearer = make(client, "read")
    secret = bearer["Authorization"].removeprefix("Bearer ")
    assert secret.startswith("st_")
    assert secret not in str(values(database, "select t::text from api_tokens as t"))
    assert secret not in client.get("/tokens", headers=OWNER).text
    for minutes, noted in ((0, 0), (4, 0), (6, 6)):
        moment = now + timedelta(minutes=minutes)
        app.config["NOW"] = lambda moment=moment: moment
        client.get("/stats", headers=bearer)
        used = value(database, "select used_at from api_tokens")
        assert used == now + timedelta(minutes=noted)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": "t"},
        {"name": "t", "scopes": []},
        {"name": "t", "scopes": ["everything"]},
        {"name": "", "scopes": ["read"]},
        {"name": "x" * 101, "scopes": ["read"]},
        {"name": "t", "scopes": ["read"], "app": "no-such-app"},
        {"name": "t", "scopes": ["read"], "expires_in_days": 0},
        {"name": "t", "scopes": ["read"], "unheard_of": 1},
        {"name": "t\0", "scopes": ["read"]},
    ],
    ids=str,
)
def test_a_token_that_makes_no_sense_is_refused_by_name(client, body):
    answer = client.post("/tokens", json=body, headers=OWNER)
    assert answer.status_code == 400
    assert answer.json["code"] in ("invalid_body", "unknown_app")


def test_a_wrong_token_is_a_failed_login(client):
    for secret in ("", "st_", "st_" + "x" * 43, "x" * 100_0):
        answer = client.get("/stats", headers={"Authorization": f"Bearer {secret}"})
        assert (answer.status_code, answer.json["code"]) == (401, "login_required")


def test_tokens_are_made_and_revoked_from_the_command_line(app, client):
    run = app.test_cli_runner().invoke
    made = run(args=["tokens", "create", "ci", "--scope", "read", "--app", "website"])
    secret = made.output.partition('"secret": "')[2].partition('"')[0]
    bearer = {"Authorization": f"Bearer {secret}"}
    assert client.get("/account", headers=bearer).status_code == 200
    [token] = client.get("/tokens", headers=OWNER).json["tokens"]
    assert (token["name"], token["app"]) == ("ci", "website")
    assert '"ci"' in run(args=["tokens", "list"]).output
    assert run(args=["tokens", "revoke", str(token["id"])]).exit_code == 0
    assert client.get("/account", headers=bearer).status_code == 401
