"""SQL in every parameter of what reads or erases, and what a GET may do to the database."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest

from app import create_app
from stories.config import Config
from tests.support import basic
from tools.fuzz.seeds import CURSORS, PERSON, READS, bodies

AUTH = basic("admin", "admin")
# What READS leaves open; each is tried with SQL anyway.
NAMES = dict.fromkeys(CURSORS, "")
ADDRESSES = READS.format(person=PERSON, **NAMES).split()


def _parameters(address: str) -> set[tuple[str, str]]:
    """Each parameter with the address that it is put behind, which names the app for the others."""
    path, _, query = address.partition("?")
    pairs = dict(pair.split("=") for pair in query.split("&") if pair)
    app = f"app={pairs['app']}&" if "app" in pairs else ""
    return {(f"{path}?{app if name != 'app' else ''}", name) for name in pairs}


PARAMETERS = sorted(set().union(*map(_parameters, ADDRESSES)))
INJECTED = (
    "' or '1'='1",
    "') or 1=1 --",
    "'; drop table events cascade; --",
    "\\' union select user_id::text from events --",
    "x%' or '%'='",
    "$1",
    "%(user_id)s",
)
EACH = 4  # texts of a parameter: more than 30 parameters have each of them


@pytest.fixture
def filled(client):
    for path, body in bodies().items():
        if path != "/apps":
            assert client.post(path, json=body, headers=AUTH).status_code == 200, path
    return client


def stored(client):
    """Everything that events and crashes show."""
    return [
        client.get(f"/{what}?limit=1000", headers=AUTH).json[what] for what in ("events", "crashes")
    ]


def test_sql_in_a_parameter_finds_nothing_and_does_nothing(filled):
    before = stored(filled)
    assert PERSON in filled.get("/events", headers=AUTH).text
    assert len(PARAMETERS) > 60
    for place, (path, name) in enumerate(PARAMETERS):
        for text in (INJECTED * 2)[place % len(INJECTED) :][:EACH]:
            answer = filled.get(f"{path}{name}={quote(text)}", headers=AUTH)
            assert answer.status_code in (200, 302, 400, 404), (path, name, text, answer.text)
            assert PERSON not in answer.text, (path, name, text)
    assert stored(filled) == before


@pytest.mark.parametrize("text", INJECTED)
def test_sql_in_a_path_finds_nothing_and_erases_nobody(filled, text):
    before = stored(filled)
    inside = quote(text, safe="")
    for method, path in (
        ("GET", f"/users/{inside}/export?app=desktop"),
        ("GET", f"/api/analytics/users/{inside}/events?app=bot"),
        ("GET", f"/images/{inside}"),
        ("GET", f"/stats/{inside}"),
        ("DELETE", f"/users/{inside}?app=desktop"),
        ("DELETE", f"/users/{inside}?app=bot"),
        ("PATCH", f"/apps/{inside}"),
        ("POST", f"/apps/{inside}/key"),
        ("GET", f"/issues/{inside}"),
        ("GET", f"/issues/desktop-{inside}/crashes"),
        ("PATCH", f"/issues/{inside}"),
        ("POST", f"/issues/desktop-{inside}/undo"),
        ("GET", f"/releases/{inside}"),
    ):
        answer = filled.open(path, method=method, json={}, headers=AUTH)
        assert answer.status_code in (200, 400, 404), (method, path, answer.text)
        assert PERSON not in answer.text
    assert stored(filled) == before


def test_sql_in_the_body_of_an_app_is_text(filled):
    before = stored(filled)
    text = "'; drop table events cascade; --"
    made = filled.post(
        "/apps", json={"slug": "own", "kind": "website", "name": text}, headers=AUTH
    ).json
    assert made["app"]["name"] == text
    assert stored(filled) == before


def test_no_get_writes_into_the_database(filled, dsn):
    """So no link, image or frame of another site can change anything, login or not."""
    read_only = f"{dsn}&options=-c%20default_transaction_read_only%3Don"
    app = create_app(Config(run_jobs=False, ratelimit_enabled=False), read_only)
    client = app.test_client()
    assert (
        client.post("/track", json=bodies()["/track"]).status_code >= 500
    )  # else it proves nothing
    for address in ADDRESSES:
        address = re.sub("&(segment|cohort)=1", "", address)  # there are none
        answer = client.get(address, headers=AUTH)
        assert answer.status_code in (200, 302, 404), (address, answer.text)
        answer.close()  # a file of static/ stays open otherwise
    app.extensions["stories"].database.close()
