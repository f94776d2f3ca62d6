"""/saved: questions with a name, shared by all who see the app."""

from __future__ import annotations

from typing import Any

import pytest

from stories.reports import saved
from tests.rollup_tables import new_app
from tests.support import basic
from tests.web.accounts import add_person

AUTH = basic("admin", "admin")
QUESTION = {"event": "app_opened", "filter": ["version:gte:1.2", "country:is:DE"]}


@pytest.fixture
def ask(client):
    """Requests about the app `desktop` as its owner."""

    def send(method: str, path: str = "", app: str | None = "desktop", **body: Any) -> Any:
        query = {"app": app} if app and not path else {}
        return client.open(
            f"/saved{path}", method=method, json=body or None, headers=AUTH, query_string=query
        )

    return send


def save(ask: Any, name: str = "Opened", **more: Any) -> Any:
    return ask("POST", **{"report": "explore", "name": name, "question": QUESTION, **more})


def test_a_question_is_saved_listed_changed_and_forgotten(ask):
    made = save(ask).json["saved"]
    assert made | {"id": 0, "created_at": ""} == {
        "id": 0,
        "app": "desktop",
        "report": "explore",
        "name": "Opened",
        "question": {"event": ["app_opened"], "filter": ["version:gte:1.2", "country:is:DE"]},
        "is_pinned": False,
        "created_at": "",
    }
    assert ask("GET").json["saved"] == [made]
    changed = ask("PATCH", f"/{made['id']}", name="Opened here", is_pinned=True).json["saved"]
    assert changed == {**made, "name": "Opened here", "is_pinned": True}
    changed = ask("PATCH", f"/{made['id']}", question={"event": ["x"]}).json["saved"]
    assert changed["question"] == {"event": ["x"]}
    assert ask("DELETE", f"/{made['id']}").json == {"success": True}
    assert ask("GET").json["saved"] == []
    assert ask("DELETE", f"/{made['id']}").status_code == 404


def test_a_name_is_taken_once_a_report(ask):
    first, second = save(ask).json["saved"], save(ask, "Other").json["saved"]
    again = save(ask)
    assert (again.status_code, again.json["code"]) == (409, "name_taken")
    assert save(ask, report="funnel").status_code == 200
    renamed = ask("PATCH", f"/{second['id']}", name=first["name"])
    assert (renamed.status_code, renamed.json["code"]) == (409, "name_taken")


def test_an_app_has_so_many_and_no_more(ask, monkeypatch):
    monkeypatch.setattr(saved, "MOST", 2)
    assert [save(ask, name).status_code for name in "abc"] == [200, 200, 409]
    assert save(ask, "c").json["code"] == "too_many"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": " led by a space"}, "name"),
        ({"name": "two\nlines"}, "name"),
        ({"name": "x" * 61}, "name"),
        ({"report": "stats"}, "report"),
        ({"question": {"Not a name": "x"}}, "question"),
        ({"question": {"event": 3}}, "question"),
        ({"question": {"event": []}}, "question"),
        ({"question": {"event": "x" * 4_001}}, "question"),
        ({"question": {"event": ["x"] * 21}}, "question"),
        ({"question": {"filter": ["x" * 1_000] * 20}}, "question"),
        ({"unknown": 1}, "unknown"),
    ],
)
def test_what_cannot_be_saved_is_refused_by_name(ask, wrong, field):
    refused = save(ask, **wrong)
    assert refused.status_code == 400
    assert field in refused.json["error"]
    assert ask("GET").json["saved"] == []


def test_the_app_must_be_named(ask):
    assert ask("GET", app=None).json["error"] == "app is required"


def test_a_viewer_reads_and_an_editor_of_another_app_finds_nothing(client, services, ask):
    new_app(services, "studio")
    made = save(ask).json["saved"]
    viewer = add_person(client, "Vera", "viewer", ["desktop"])
    assert client.get("/saved?app=desktop", headers=viewer).json["saved"] == [made]
    other = add_person(client, "Ed", "editor", ["studio"])
    for method in ("PATCH", "DELETE"):
        path = f"/saved/{made['id']}"
        refused = client.open(path, method=method, headers=viewer, json={"name": "Mine"})
        assert refused.status_code == 403
        refused = client.open(path, method=method, headers=other, json={"name": "Mine"})
        assert (refused.status_code, refused.json["code"]) == (404, "unknown_question")
    assert ask("GET").json["saved"] == [made]
