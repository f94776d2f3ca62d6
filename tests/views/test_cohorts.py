"""/cohorts: kept searches for people."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rollup_tables import new_app
from tests.support import basic, event
from tests.views.crash_reports import send as send_crash
from tests.web.accounts import add_person

AUTH = basic("admin", "admin")
GERMANS = {"country": "DE"}


def send(client: Any, method: str, path: str, login: Any = AUTH, **body: Any) -> Any:
    return client.open(path, method=method, json=body or None, headers=login)


def make(client: Any, name: str = "Germans", app: str = "desktop", **definition: Any) -> Any:
    body = {"name": name, "definition": definition or GERMANS}
    answer = send(client, "POST", f"/cohorts?app={app}", **body)
    assert answer.status_code == 200, answer.json
    return answer.json["cohort"]


def names(client: Any, app: str = "desktop", login: Any = AUTH) -> list[str]:
    answer = client.get(f"/cohorts?app={app}", headers=login)
    assert answer.status_code == 200, answer.json
    return [row["name"] for row in answer.json["cohorts"]]


def test_a_cohort_is_made_listed_changed_and_deleted(client):
    definition: dict[str, Any] = {"country": "de", "did": "app_opened", "times": 3, "days": 7}
    made = make(client, **definition)
    assert made == {
        "id": made["id"],
        "name": "Germans",
        "definition": {**definition, "country": "DE"},
        "created_at": made["created_at"],
    }
    make(client, "Ärzte", country="AT")
    make(client, "new ones", first_seen_days=7)
    assert names(client) == ["Germans", "new ones", "Ärzte"]
    path = f"/cohorts/{made['id']}"
    changed = send(client, "PATCH", path, name=" Old Germans ").json["cohort"]
    assert (changed["name"], changed["definition"]) == ("Old Germans", made["definition"])
    changed = send(client, "PATCH", path, definition={"country": "FR"}).json["cohort"]
    assert (changed["name"], changed["definition"]) == ("Old Germans", {"country": "FR"})
    assert send(client, "DELETE", path).status_code == 200
    assert send(client, "DELETE", path).json["code"] == "unknown_cohort"
    assert names(client) == ["new ones", "Ärzte"]


def test_each_app_has_its_own(client, services):
    new_app(services, "shop")
    cohort = make(client)["id"]
    make(client, app="shop")
    assert names(client, "shop") == names(client) == ["Germans"]
    answer = client.get(f"/users?app=shop&cohort={cohort}", headers=AUTH)
    assert (answer.status_code, answer.json["details"][0]["parameter"]) == (400, "cohort")


def test_a_name_is_taken_once(client):
    make(client)
    other = make(client, "French", country="FR")["id"]
    body = {"name": "Germans", "definition": GERMANS}
    assert send(client, "POST", "/cohorts?app=desktop", **body).json["code"] == "name_taken"
    answer = send(client, "PATCH", f"/cohorts/{other}", name="Germans")
    assert (answer.status_code, answer.json["code"]) == (409, "name_taken")
    assert names(client) == ["French", "Germans"]


def test_an_app_has_at_most_so_many(client, monkeypatch):
    monkeypatch.setattr("stories.reports.cohorts.MAX_COHORTS", 2)
    for name in "ab":
        make(client, name)
    answer = send(client, "POST", "/cohorts?app=desktop", name="c", definition=GERMANS)
    assert (answer.status_code, answer.json["code"]) == (409, "too_many_cohorts")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"definition": GERMANS}, "name"),
        ({"name": "", "definition": GERMANS}, "name"),
        ({"name": "  ", "definition": GERMANS}, "name"),
        ({"name": "a\nb", "definition": GERMANS}, "name"),
        ({"name": "x" * 61, "definition": GERMANS}, "name"),
        ({"name": "a"}, "definition"),
        ({"name": "a", "definition": {}}, "definition"),
        ({"name": "a", "definition": {"days": 30}}, "definition"),
        ({"name": "a", "definition": {"country": "DE", "times": 2}}, "times"),
        ({"name": "a", "definition": {"country": "DE", "days": 7}}, "days"),
        ({"name": "a", "definition": {"country": "DEU"}}, "country"),
        ({"name": "a", "definition": {"platform_family": "BeOS"}}, "platform_family"),
        ({"name": "a", "definition": {"did": "nothing_like_it"}}, "did"),
        ({"name": "a", "definition": {"did": "app_opened", "times": 0}}, "times"),
        ({"name": "a", "definition": {"last_seen_days": 4000}}, "last_seen_days"),
        ({"name": "a", "definition": {"q": "0b5e"}}, "q"),
        ({"name": "a", "definition": GERMANS, "app": "none"}, "app"),
    ],
    ids=str,
)
def test_what_makes_no_cohort_is_a_400_that_names_it(client, body, field):
    answer = send(client, "POST", "/cohorts?app=desktop", **body)
    assert answer.status_code == 400, answer.json
    assert field in answer.json["error"]


def test_a_cohort_names_nobody(client):
    """Not even by an id: a list of people is what it must never become."""
    for name in ("q", "user_id", "user_ids"):
        definition = {**GERMANS, name: "550e8400-e29b-41d4-a716-446655440000"}
        answer = send(client, "POST", "/cohorts?app=desktop", name="x", definition=definition)
        assert answer.status_code == 400


def test_viewers_read_and_editors_of_the_app_change(client, services):
    new_app(services, "shop")
    cohort = make(client)["id"]
    viewer = add_person(client, "Vera", "viewer")
    stranger = add_person(client, "Stan", "editor", ["shop"])
    editor = add_person(client, "Ed", "editor", ["desktop"])
    assert names(client, login=viewer) == ["Germans"]
    body = {"name": "b", "definition": GERMANS}
    assert send(client, "POST", "/cohorts?app=desktop", viewer, **body).status_code == 403
    assert send(client, "POST", "/cohorts?app=desktop", stranger, **body).status_code == 400
    assert client.get("/cohorts?app=desktop", headers=stranger).status_code == 400
    for method in ("PATCH", "DELETE"):
        assert send(client, method, f"/cohorts/{cohort}", viewer, name="c").status_code == 403
        answer = send(client, method, f"/cohorts/{cohort}", stranger, name="c")
        assert (answer.status_code, answer.json["code"]) == (404, "unknown_cohort")
    assert send(client, "PATCH", f"/cohorts/{cohort}", editor, name="c").status_code == 200
    assert send(client, "DELETE", f"/cohorts/{cohort}", editor).status_code == 200


def test_the_log_names_what_was_done(client):
    cohort = make(client)["id"]
    send(client, "PATCH", f"/cohorts/{cohort}", name="Others")
    send(client, "DELETE", f"/cohorts/{cohort}")
    entries = client.get("/audit?limit=10", headers=AUTH).json["entries"]
    done = [(row["action"], row["subject"], row["app"]) for row in entries][:3]
    assert done == [
        ("deleted a cohort", "Others", "desktop"),
        ("changed a cohort", "Others", "desktop"),
        ("saved a cohort", "Germans", "desktop"),
    ]


def test_numbers_are_of_a_cohorts_people(client):
    for number, country in enumerate(("DE", "DE", "FR")):
        person = f"550e8400-e29b-41d4-a716-{number:012d}"
        client.post("/track", json={"events": [event(user_id=person, country=country)]})
    cohort = make(client)["id"]
    assert len(client.get(f"/users?cohort={cohort}", headers=AUTH).json["users"]) == 2
    answer = client.get(f"/live?app=desktop&cohort={cohort}", headers=AUTH)
    assert (answer.json["people"], answer.json["count"]) == (2, 2)


def test_what_people_did_takes_conditions_as_a_funnels_step_does(client, now):
    people = {"red": 3, "blue": 1}  # how often each sent such an event
    sent = [
        event(
            user_id=f"550e8400-e29b-41d4-a716-44665544000{place}",
            event="recording_completed",
            timestamp=now.isoformat(),
            properties={"source": source, "n": number},
            app_version="1.2.0",
            id=f"{source}-{number}",
            **({"channel": "debug"} if number == 9 else {}),
        )
        for place, (source, times) in enumerate(people.items())
        for number in (*range(times), 9)
    ]
    assert client.post("/track", json={"events": sent}).json["events_stored"] == len(sent)
    users = client.get("/users?app=desktop", headers=AUTH).json["users"]
    [red] = [row["user_id"] for row in users if row["user_id"].endswith("0")]
    [blue] = [row["user_id"] for row in users if row["user_id"].endswith("1")]

    def found(did: str, **more: Any) -> set[str]:
        query = {"app": "desktop", "did": did, **more}
        searched = client.get("/users", query_string=query, headers=AUTH).json["users"]
        made = make(client, f"{did} {more}"[:60], did=did, **more)
        kept = client.get(f"/users?app=desktop&cohort={made['id']}", headers=AUTH).json["users"]
        assert {row["user_id"] for row in kept} == {row["user_id"] for row in searched}
        assert send(client, "DELETE", f"/cohorts/{made['id']}").status_code == 200
        return {row["user_id"] for row in searched}

    name = "recording_completed"
    assert found(name) == {red, blue}
    assert found(f"{name};prop.source:is:red") == {red}
    assert found(f"{name};version:gte:1.2;prop.n:lt:1") == {red, blue}
    assert found(f"{name};prop.n:gte:0", times=2) == {red}
    assert found(f"{name};prop.n:is:9") == set(), "debug builds count where they are named"
    assert found(f"{name};channel:is:debug;prop.source:is:blue") == {blue}
    for wrong, sentence in (
        ("nothing_such", "neither an event of the app nor a path"),
        (f"{name};size:is:3", "size:is:3"),
        (";version:is:1", "neither an event of the app nor a path"),
    ):
        body = {"name": "x", "definition": {"did": wrong}}
        answer = send(client, "POST", "/cohorts?app=desktop", **body)
        assert answer.status_code == 400
        assert "definition.did" in answer.json["error"]
        assert sentence in answer.json["error"]
        query = {"app": "desktop", "did": wrong}
        assert client.get("/users", query_string=query, headers=AUTH).status_code == 400


def test_lists_of_events_and_crashes_say_which_channel_a_build_is_of(client, now):
    for channel in (None, "debug"):
        more: dict[str, Any] = {} if channel is None else {"channel": channel}
        one = event(timestamp=now.isoformat(), id=str(channel), **more)
        assert client.post("/track", json={"events": [one]}).json["events_stored"] == 1
        send_crash(client, "cart", now, **more)
    for path in ("events", "crashes"):
        rows = client.get(f"/{path}?app=desktop", headers=AUTH).json[path]
        assert sorted(row["channel"] for row in rows) == ["debug", "release"]
