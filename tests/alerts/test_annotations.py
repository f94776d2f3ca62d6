"""Notes on the charts: by the API and by `flask annotate`, of an app or of all."""

from __future__ import annotations

import json

import pytest

from stories.alerts import annotations as notes
from tests.clock import NOW
from tests.web.accounts import OWNER, add_person


def annotate(client, app="desktop", headers=OWNER, **body):
    query = {"app": app} if app else {}
    return client.post("/annotations", query_string=query, json=body, headers=headers)


def listed(client, app="desktop", headers=OWNER, **query):
    answer = client.get("/annotations", query_string={"app": app, **query}, headers=headers)
    assert answer.status_code == 200, answer.json
    return answer.json["annotations"]


def test_a_note_is_at_its_time_on_its_app_s_charts(client, now):
    made = annotate(client, text="  New \t prices ", at="2026-11-20T09:00:00+01:00")
    assert made.json["annotation"] == {
        "id": made.json["annotation"]["id"],
        "at": "2026-11-20T08:00:00.000Z",
        "text": "New prices",
        "of_all_apps": False,
        "created_by": "admin",
    }
    assert listed(client) == [made.json["annotation"]]
    assert listed(client, "website") == []
    assert listed(client, **{"from": "2026-11-20", "to": "2026-11-20"}) != []
    assert listed(client, **{"from": "2026-11-21"}) == []
    assert listed(client, to="2026-11-19") == []


def test_without_a_time_it_is_now_and_without_an_offset_the_app_s_timezone(client, now):
    client.patch("/apps/desktop", json={"timezone": "Asia/Tokyo"}, headers=OWNER)
    assert annotate(client, text="a").json["annotation"]["at"] == "2026-11-21T12:30:00.000Z"
    at = annotate(client, text="b", at="2026-11-20T09:00:00").json["annotation"]["at"]
    assert at == "2026-11-20T00:00:00.000Z"


def test_one_of_all_apps_is_on_every_chart_and_an_owner_s(client, now):
    ed, bound = add_person(client, "Ed", "editor"), add_person(client, "Bo", "editor", ["desktop"])
    assert annotate(client, None, ed, text="Moved").status_code == 403
    note = annotate(client, None, text="Moved").json["annotation"]
    assert note["of_all_apps"]
    for app in ("desktop", "website", "bot"):
        assert listed(client, app, ed) == [note]
    for who in (ed, bound):
        assert client.delete(f"/annotations/{note['id']}", headers=who).status_code == 404
    assert client.delete(f"/annotations/{note['id']}", headers=OWNER).status_code == 200
    assert listed(client) == []


def test_editors_of_an_app_change_its_notes_and_viewers_read_them(client, now):
    bound, vera = add_person(client, "Bo", "editor", ["website"]), add_person(client, "Vera")
    note = annotate(client, "website", bound, text="x").json["annotation"]
    assert listed(client, "website", vera) == [note]
    assert annotate(client, "website", vera, text="y").status_code == 403
    assert client.delete(f"/annotations/{note['id']}", headers=vera).status_code == 403
    other = annotate(client, text="of the desktop app").json["annotation"]
    assert client.delete(f"/annotations/{other['id']}", headers=bound).status_code == 404
    assert client.delete(f"/annotations/{note['id']}", headers=bound).status_code == 200
    done = [
        (row["actor"], row["action"], row["subject"], row["app"])
        for row in client.get("/audit", headers=OWNER).json["entries"]
    ]
    assert ("Bo", "made an annotation", "x", "website") in done
    assert ("Bo", "deleted an annotation", "x", "website") in done


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ({"text": ""}, "text"),
        ({"text": "   "}, "text"),
        ({"text": "a\u202eb"}, "text"),
        ({"text": "x" * 201}, "text"),
        ({}, "text"),
        ({"text": "x", "at": "yesterday"}, "at"),
        ({"text": "x", "at": "1999-01-01T00:00:00Z"}, "at"),
        ({"text": "x", "at": "0001-01-01T00:00:00+14:00"}, "at"),
        ({"text": "x", "at": "9999-12-31T23:59:59-14:00"}, "at"),
        ({"text": "x", "by": "me"}, "by"),
    ],
)
def test_bad_notes_are_refused_by_name(client, now, body, names):
    answer = annotate(client, **body)
    assert answer.status_code == 400
    assert names in answer.json["error"]
    assert listed(client) == []


def test_an_app_has_a_bound_of_notes_of_its_own(client, now, monkeypatch):
    monkeypatch.setattr(notes, "MOST", 2)
    assert [annotate(client, text="x").status_code for _ in range(3)] == [200, 200, 409]
    assert annotate(client, "website", text="x").status_code == 200
    assert annotate(client, None, text="x").status_code == 200


def test_the_command_makes_one_and_says_what_is_wrong(app, client):
    run = app.test_cli_runner().invoke
    made = run(
        args=["annotate", "Version 2 is out", "--app", "desktop", "--at", "2026-11-20T10:00"]
    )
    assert made.exit_code == 0, made.output
    assert json.loads(made.output)["at"] == "2026-11-20T10:00:00Z"
    assert run(args=["annotate", "Moved"]).exit_code == 0
    texts = {row["text"]: row for row in listed(client)}
    assert texts["Version 2 is out"]["created_by"] == "operator"
    assert texts["Moved"]["of_all_apps"]
    for words, said in (
        (["x", "--app", "nothing"], "there is no app nothing"),
        (["x", "--at", "soon"], "--at: soon is no ISO 8601 date or time"),
        (["x", "--at", "1999-01-01"], "at must be between the year 2000"),
        (["  "], "text must be printable"),
    ):
        answer = run(args=["annotate", *words])
        assert answer.exit_code == 1
        assert said in answer.output
    done = {
        (row["action"], row["subject"])
        for row in client.get("/audit", headers=OWNER).json["entries"]
    }
    assert ("made an annotation", "Moved") in done


def test_now_is_within_the_bounds_of_a_note():
    assert notes.moment(None, None, NOW) == NOW
