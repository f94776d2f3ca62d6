"""PATCH /issues and /issues/{id}, merge, unmerge and undo: what they change, refuse and log."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rollup_tables import new_app
from tests.views.crash_reports import AUTH, change, days_ago, faults, get, issue_id, listed, send
from tests.web.accounts import add_person
from tests.web.test_tokens import make as make_token


@pytest.fixture
def cart(client, now):
    """The id of an issue with two crashes, of 1.0.0 and 1.1.0."""
    send(client, "cart", days_ago(now, 2), who=1)
    send(client, "cart", days_ago(now, 1), who=2, version="1.1.0")
    return issue_id(client, "cart")


def shown(issue, *names):
    return tuple(issue[name] for name in names)


def refusal(client, path, body, method="patch"):
    answer = client.open(path, method=method.upper(), json=body, headers=AUTH)
    assert answer.status_code >= 400, answer.json
    return answer.status_code, answer.json["code"], answer.json["error"]


FIXED = ("state", "fixed", "fixed_version")
MUTED = ("state", "mute", "mute_value", "mute_until")


@pytest.mark.parametrize(
    ("body", "columns", "expected"),
    [
        ({"state": "resolved"}, FIXED, ("resolved", "now", None)),
        ({"state": "resolved", "in_version": "1.3.0"}, FIXED, ("resolved", "in", "1.3.0")),
        ({"state": "resolved", "in_next_release": True}, FIXED, ("resolved", "after", "1.1.0")),
        ({"state": "muted"}, MUTED, ("muted", "forever", None, None)),
        ({"state": "muted", "until_crashes": 3}, MUTED, ("muted", "crashes", 3, None)),
        ({"state": "muted", "per_hour": 4}, MUTED, ("muted", "per_hour", 4, None)),
        ({"state": "muted", "until_people": 5}, MUTED, ("muted", "people", 5, None)),
        (
            {"state": "muted", "until": "2999-01-01T00:00:00+01:00"},
            MUTED,
            ("muted", "until", None, "2998-12-31T23:00:00.000Z"),
        ),
        ({"state": "open"}, ("state", "because", "ongoing"), ("open", "seen", True)),
        ({"note": "known since May"}, ("state", "note"), ("open", "known since May")),
    ],
    ids=str,
)
def test_an_issue_is_changed_and_answered_as_it_is_then(client, cart, body, columns, expected):
    issue = change(client, f"/issues/{cart}", **body)["issue"]
    assert shown(issue, *columns) == expected
    assert get(client, f"/issues/{cart}")["issue"] == issue
    assert issue["log"][0]["who"] == "admin"
    assert issue["log"][0]["undoable"] is True


def test_a_state_and_a_note_go_together(client, cart):
    issue = change(client, f"/issues/{cart}", state="muted", note="later")["issue"]
    assert shown(issue, "state", "note") == ("muted", "later")
    assert [entry["what"] for entry in issue["log"]] == ["note", "muted", "new"]


def test_what_was_resolved_and_comes_back_has_regressed(client, cart, now):
    change(client, f"/issues/{cart}", state="resolved", in_version="1.2.0")
    send(client, "cart", days_ago(now, 0.5), version="1.1.9")
    assert get(client, f"/issues/{cart}")["issue"]["state"] == "resolved"
    send(client, "cart", days_ago(now, 0.4), version="1.2.0")
    issue = get(client, f"/issues/{cart}")["issue"]
    assert shown(issue, "state", "because", "crashes") == ("open", "regressed", 4)
    assert issue["log"][0]["what"] == "regressed"
    assert issue["log"][0]["detail"]["version"] == "1.2.0"
    assert issue["log"][0]["undoable"] is False
    assert listed(client, because="regressed") == ["cart"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "state"),
        ({"state": "closed"}, "state"),
        ({"state": None}, "state"),
        ({"in_version": "1.0.0"}, "in_version"),
        ({"note": "x", "until_crashes": 3}, "until_crashes"),
        ({"state": "open", "in_version": "1.0.0"}, "in_version"),
        ({"state": "resolved", "per_hour": 3}, "per_hour"),
        ({"state": "resolved", "in_version": "1.0.0", "in_next_release": True}, "in_next_release"),
        ({"state": "resolved", "in_next_release": False}, "in_next_release"),
        ({"state": "resolved", "in_version": ""}, "in_version"),
        ({"state": "resolved", "in_version": "jane@example.org wrote"}, "in_version"),
        ({"state": "muted", "until_crashes": 3, "per_hour": 3}, "per_hour"),
        ({"state": "muted", "until_crashes": 0}, "until_crashes"),
        ({"state": "muted", "until_people": 1e10}, "until_people"),
        ({"state": "muted", "per_hour": "3"}, "per_hour"),
        ({"state": "muted", "until": "2020-01-01T00:00:00Z"}, "until"),
        ({"state": "muted", "until": "2999-01-01T00:00:00"}, "until"),
        ({"state": "muted", "until": "tomorrow"}, "until"),
        ({"note": "x" * 4001}, "note"),
        ({"note": "nul\0"}, "NUL"),
        ({"sate": "open"}, "sate"),
    ],
    ids=str,
)
def test_a_change_that_makes_no_sense_is_a_400_that_names_the_field(client, cart, body, field):
    for path, more in ((f"/issues/{cart}", {}), ("/issues", {"ids": [cart]})):
        status, _, error = refusal(client, path, {**body, **more})
        assert status == 400
        assert field in error
    assert [entry["what"] for entry in get(client, f"/issues/{cart}")["issue"]["log"]] == ["new"]


def test_a_change_that_the_state_does_not_allow_is_a_409(client, cart):
    change(client, f"/issues/{cart}", state="resolved")
    status, _, error = refusal(client, f"/issues/{cart}", {"state": "muted"})
    assert status == 409
    assert "reopen" in error


def test_many_issues_are_changed_at_once_and_each_refusal_is_told(client, now):
    for fault in ("cart", "door", "lamp"):
        send(client, fault, days_ago(now, 1))
    ids = {fault: issue_id(client, fault) for fault in ("cart", "door", "lamp")}
    change(client, f"/issues/{ids['door']}", state="resolved")
    answer = change(client, "/issues", ids=[*ids.values(), ids["cart"]], state="muted")
    assert answer["changed"] == [ids["cart"], ids["lamp"]]
    assert [each["id"] for each in answer["refused"]] == [ids["door"]]
    assert set(listed(client, state="muted")) == {"cart", "lamp"}


def test_of_many_issues_those_that_are_not_there_are_told(client, cart):
    answer = change(client, "/issues", ids=["desktop-99", cart, "what-1", "x"], state="muted")
    assert answer["changed"] == [cart]
    told = [(each["id"], each["code"]) for each in answer["refused"]]
    assert told == [(name, "unknown_issue") for name in ("desktop-99", "what-1", "x")]
    for ids in ([], [cart] * 101, [""], ["x" * 61], "all"):
        assert refusal(client, "/issues", {"ids": ids, "state": "muted"})[0] == 400


# Merging -----------------------------------------------------------------------------------------


@pytest.fixture
def two(client, cart, now):
    """The ids of cart and of door, an issue of one crash."""
    send(client, "door", days_ago(now, 1), who=2)
    return cart, issue_id(client, "door")


def test_a_merged_issue_is_gone_from_the_list_and_its_id_leads_to_the_other(client, two, now):
    cart, door = two
    issue = change(client, f"/issues/{cart}/merge", issues=[door])["issue"]
    assert shown(issue, "crashes", "people", "merged") == (3, 2, [door])
    assert len(issue["groups"]) == 2
    assert [group["is_home"] for group in issue["groups"]] == [True, False]
    assert sum(day["crashes"] for day in issue["days"]) == 3
    assert issue["log"][0]["detail"]["issues"] == [door]
    assert listed(client) == ["cart"]
    assert get(client, f"/issues/{door}")["issue"]["id"] == cart
    assert len(get(client, f"/issues/{door}/crashes")["crashes"]) == 3
    send(client, "door", days_ago(now, 0.1), who=3)
    assert get(client, f"/issues/{cart}")["issue"]["crashes"] == 4
    assert listed(client, q="door.js") == ["cart"]


def test_merge_and_undo_change_nothing_but_the_log(client, two):
    cart, door = two
    before = {name: get(client, f"/issues/{name}")["issue"] for name in two}
    change(client, f"/issues/{cart}/merge", issues=[door])
    undone = change(client, f"/issues/{cart}/undo")["issue"]
    for name in two:
        after = get(client, f"/issues/{name}")["issue"]
        assert {**after, "log": None} == {**before[name], "log": None}
    assert [entry["what"] for entry in undone["log"]] == ["undone", "merged", "new"]
    assert [entry["undone"] for entry in undone["log"]] == [False, True, False]


def test_groups_that_are_sent_away_go_home(client, two):
    cart, door = two
    issue = change(client, f"/issues/{cart}/merge", issues=[door])["issue"]
    away = [group["fingerprint"] for group in issue["groups"] if not group["is_home"]]
    answer = change(client, f"/issues/{cart}/unmerge", fingerprints=away)
    assert answer["issues"] == [door]
    assert answer["issue"]["crashes"] == 2
    assert set(faults(get(client, "/issues"))) == {"cart", "door"}


@pytest.mark.parametrize(
    ("action", "body", "status", "word"),
    [
        ("merge", {}, 400, "issues"),
        ("merge", {"issues": []}, 400, "issues"),
        ("merge", {"issues": ["desktop-99"]}, 404, "issue"),
        ("merge", {"issues": ["SELF"]}, 409, "itself"),
        ("merge", {"issues": ["shop-1"]}, 400, "same app"),
        ("unmerge", {"fingerprints": ["zz"]}, 400, "fingerprints"),
        ("unmerge", {"fingerprints": ["0" * 32]}, 409, "group"),
        ("unmerge", {}, 400, "fingerprints"),
        ("undo", {}, 409, "undone"),
        ("undo", {"all": True}, 400, "all"),
    ],
    ids=str,
)
def test_what_cannot_be_merged_or_undone_is_refused(
    client, cart, services, now, action, body, status, word
):
    shop = new_app(services, "shop")
    send(client, "till", days_ago(now, 1), key=shop.ingest_key)
    if body.get("issues") == ["SELF"]:
        body = {"issues": [cart]}
    answer = refusal(client, f"/issues/{cart}/{action}", body, "post")
    assert answer[0] == status
    assert word in answer[2]


# Undo --------------------------------------------------------------------------------------------


def test_each_undo_takes_back_the_latest_change(client, cart):
    before = get(client, f"/issues/{cart}")["issue"]
    change(client, f"/issues/{cart}", state="muted", until_crashes=9)
    change(client, f"/issues/{cart}", note="mine")
    change(client, f"/issues/{cart}/undo")
    issue = change(client, f"/issues/{cart}/undo")["issue"]
    assert {**issue, "log": None} == {**before, "log": None}
    assert not any(entry["undoable"] for entry in issue["log"])
    assert refusal(client, f"/issues/{cart}/undo", {}, "post")[0] == 409


# Who may -----------------------------------------------------------------------------------------

CALLS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("patch", "", {"state": "muted"}),
    ("post", "/merge", {"issues": ["desktop-99"]}),
    ("post", "/unmerge", {"fingerprints": ["0" * 32]}),
    ("post", "/undo", {}),
)


def test_a_viewer_reads_and_changes_nothing(client, cart):
    vera = add_person(client, "Vera", "viewer")
    bearer = make_token(client, "read")
    for headers in (vera, bearer):
        assert client.get(f"/issues/{cart}", headers=headers).status_code == 200
        for method, path, body in CALLS:
            call = getattr(client, method)
            answer = call(f"/issues/{cart}{path}", json=body, headers=headers)
            assert answer.status_code == 403
        bulk = client.patch("/issues", json={"ids": [cart], "state": "muted"}, headers=headers)
        assert bulk.status_code == 403


def test_an_editor_of_another_app_does_not_even_learn_that_it_is_there(client, cart, services):
    new_app(services, "shop")
    eve = add_person(client, "Eve", "editor", ["shop"])
    for method, path, body in CALLS:
        answer = getattr(client, method)(f"/issues/{cart}{path}", json=body, headers=eve)
        assert (answer.status_code, answer.json["code"]) == (404, "unknown_issue")
    bulk = client.patch("/issues", json={"ids": [cart], "state": "muted"}, headers=eve)
    assert (bulk.json["changed"], bulk.json["refused"][0]["code"]) == ([], "unknown_issue")
    assert get(client, f"/issues/{cart}")["issue"]["state"] == "open"


def test_the_issue_s_log_and_the_audit_log_name_who_did_it(client, cart):
    ed = add_person(client, "Ed", "editor")
    client.patch(f"/issues/{cart}", json={"state": "resolved"}, headers=ed)
    client.patch("/issues", json={"ids": [cart], "state": "open"}, headers=ed)
    client.post(f"/issues/{cart}/undo", json={}, headers=ed)
    assert {entry["who"] for entry in get(client, f"/issues/{cart}")["issue"]["log"][:3]} == {"Ed"}
    entries = [e for e in get(client, "/audit", limit=50)["entries"] if e["actor"] == "Ed"]
    told = [(e["action"], e["subject"], e["app"]) for e in entries if "issue" in e["action"]]
    assert told == [
        ("undid a change of an issue", cart, "desktop"),
        ("changed issues", cart, "desktop"),
        ("changed an issue", cart, "desktop"),
    ]


def test_a_page_of_another_site_changes_nothing(client, cart):
    headers = {**AUTH, "Origin": "https://evil.example"}
    answer = client.patch(f"/issues/{cart}", json={"state": "muted"}, headers=headers)
    assert answer.status_code == 403
