"""The audit log: who did what, and nothing about the apps' own people."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

from stories.web.rights import RIGHTS, SENTRY_ORGANIZATION, SENTRY_PROJECT
from tests.rollup_tables import run, values
from tests.support import PERSON, event
from tests.web.accounts import OWNER, add_person, log_in


def entries(client, **query):
    return client.get("/audit", headers=OWNER, query_string=query).json["entries"]


def done(client):
    return [(row["actor"], row["action"], row["subject"], row["app"]) for row in entries(client)]


def test_changes_exports_and_logins_are_written_with_who_and_what(app, client):
    ed = add_person(client, "Ed", "editor")
    log_in(app.test_client(), "Ed")
    client.patch("/apps/website", json={"name": "Shop"}, headers=ed)
    client.get("/api/export?app=website", headers=ed)
    client.post("/apps/website/key", headers=OWNER)
    made = client.post("/tokens", json={"name": "ci", "scopes": ["read"]}, headers=ed).json
    client.delete(f"/tokens/{made['token']['id']}", headers=OWNER)
    written = done(client)
    for entry in (
        ("admin", "logged in", "by HTTP Basic", None),
        ("admin", "added a person", "Ed as editor", None),
        ("Ed", "set a password", "by a one-time link", None),
        ("Ed", "logged in", "on the login page", None),
        ("Ed", "logged in", "by HTTP Basic", None),
        ("Ed", "changed an app", None, "website"),
        ("Ed", "exported data", None, "website"),
        ("admin", "made a new key", None, "website"),
        ("Ed", "made a token", "ci: read", None),
        ("admin", "revoked a token", "ci", None),
    ):
        assert written.count(entry) == 1, entry


def test_what_is_refused_or_only_read_is_not_written(client):
    vera = add_person(client, "Vera")
    client.get("/stats", headers=vera)
    before = done(client)
    client.get("/stats", headers=vera)
    client.get("/events", headers=OWNER)
    client.patch("/apps/website", json={"name": "X"}, headers=vera)
    client.post("/apps", json={"slug": "!"}, headers=OWNER)
    client.post("/track", json={"events": [event()]})
    assert done(client) == before


def test_what_a_token_does_is_written_under_its_name_and_its_maker_s(client):
    ed = add_person(client, "Ed", "editor")
    body = {"name": "nightly", "scopes": ["read"]}
    secret = client.post("/tokens", json=body, headers=ed).json["secret"]
    client.get("/api/export", headers={"Authorization": f"Bearer {secret}"})
    assert ("Ed, token nightly", "exported data", None, None) in done(client)


def test_people_of_the_apps_are_never_named(client, database):
    client.post("/track", json={"events": [event()]})
    client.get(f"/users/{PERSON}/export", headers=OWNER)
    client.delete(f"/users/{PERSON}?app=desktop", headers=OWNER)
    written = done(client)
    assert ("admin", "exported a person's data", None, None) in written
    assert ("admin", "erased a person", None, "desktop") in written
    assert PERSON not in str(values(database, "select a::text from audit_log as a"))


def test_every_change_has_a_name_for_the_log():
    silent = {"POST /api/visits", "POST /api/generations", "POST /api/bot/events", "POST /logout"}
    silent |= {"POST /mcp", "DELETE /questions/<question_id>"}  # nothing is changed
    # Asked again until an upload is there, which the log has once; nothing is kept of a deploy.
    silent |= {
        f"POST {SENTRY_ORGANIZATION}/{rest}/"
        for rest in ("releases/<version>/deploys", "chunk-upload", "artifactbundle/assemble")
    }
    silent |= {f"POST {SENTRY_PROJECT}/files/difs/assemble/"}
    for route, right in RIGHTS.items():
        if not route.startswith("GET") and route not in silent:
            assert right.action, route


def test_it_is_paged_latest_first(client, database):
    run(
        database,
        "insert into audit_log (at, actor, action) "
        "select now(), 'Ada', 'did ' || n from generate_series(1, 25) as n",
    )
    seen, cursor = [], None
    while True:
        query = {"limit": 10, **({"cursor": cursor} if cursor else {})}
        page = client.get("/audit", headers=OWNER, query_string=query).json
        seen += [row["action"] for row in page["entries"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert [name for name in seen if name.startswith("did")] == [
        f"did {n}" for n in range(25, 0, -1)
    ]


def test_as_csv_it_is_whole_and_starts_no_formula(client, database):
    run(
        database,
        "insert into audit_log (at, actor, action, subject) "
        "select now(), '=cmd()', 'did ' || n, 'a,\"b\"' from generate_series(1, 2100) as n",
    )
    answer = client.get("/audit?format=csv", headers=OWNER)
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="audit-log-')
    rows = list(csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff"))))
    mine = [row for row in rows if row["action"].startswith("did")]
    assert len(mine) == 2100
    assert {row["actor"] for row in mine} == {"'=cmd()"}
    assert {row["subject"] for row in mine} == {'a,"b"'}


def test_a_login_by_basic_is_written_once_an_hour(client):
    vera = add_person(client, "Vera")
    for _ in range(5):
        client.get("/stats", headers=vera)
    assert done(client).count(("Vera", "logged in", "by HTTP Basic", None)) == 1


def test_entries_go_after_a_year(app, client, database, now):
    from stories.accounts import audit

    run(
        database,
        "insert into audit_log (at, actor, action) values (%(at)s, 'Ada', 'long ago')",
        at=now - timedelta(days=366),
    )
    assert "long ago" in str(done(client))
    audit.expire(database, now)
    assert "long ago" not in str(done(client))


def test_what_was_done_stays_done_when_the_log_cannot_be_written(client, services, monkeypatch):
    from database import Unavailable

    def fail(*_):
        raise Unavailable("no room")

    monkeypatch.setattr(services.accounts.log, "add", fail)
    assert client.patch("/apps/website", json={"name": "X"}, headers=OWNER).status_code == 200
