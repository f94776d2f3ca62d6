"""GET /issues, /issues/{id} and /issues/{id}/crashes: shapes, filters, orders, pages, search, errors."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.rollup_tables import new_app
from tests.views.crash_reports import (
    AUTH,
    change,
    days_ago,
    faults,
    get,
    issue_id,
    listed,
    person,
    send,
    use,
)
from tests.web.accounts import add_person
from tests.web.test_tokens import make as make_token


@pytest.fixture
def three(client, now):
    """cart: 4 crashes of 3 people, since 9 days; door: 2 of 1, yesterday; lamp: 1, today."""
    for ago, who, version in ((9, 1, "1.0.0"), (2, 2, "1.0.0"), (1, 3, "1.1.0"), (1.1, 3, "1.1.0")):
        send(client, "cart", days_ago(now, ago), who=who, version=version)
    for ago in (1, 1.2):
        send(client, "door", days_ago(now, ago), who=1, version="1.1.0", os_version="win32-10.0.1")
    send(client, "lamp", days_ago(now, 0.1), who=2, version="1.2.0", crash_type="main_crash")
    return client


def refused(client, path, **query):
    answer = client.get(path, query_string=query, headers=AUTH)
    assert answer.status_code == 400, answer.json
    return answer.json


# The list ----------------------------------------------------------------------------------------


def test_crashes_of_one_fault_are_one_issue_with_all_its_numbers(three, now):
    for who in range(1, 11):
        use(three, days_ago(now, 0.2), who=who)
    issues = get(three, "/issues")["issues"]
    cart = next(issue for issue in issues if issue["title"].startswith("TypeError: cart"))
    assert cart == {
        "id": f"desktop-{cart['number']}",
        "number": cart["number"],
        "title": "TypeError: cart is not a function",
        "culprit": cart["culprit"],
        "state": "open",
        "because": "new",
        "since": cart["since"],
        "ongoing": False,
        "crash_type": "uncaught_error",
        "handled": False,
        "raw": False,
        "crashes": 4,
        "people": 3,
        "people_share": 30.0,
        "first_seen": "2026-11-12T12:30:00.000Z",
        "last_seen": "2026-11-20T12:30:00.000Z",
        "first_version": "1.0.0",
        "last_version": "1.1.0",
        "days": [0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 2, 0],
        "rise": cart["rise"],
    }
    assert "cart" in cart["culprit"]


def test_an_app_without_crashes_has_no_issues(client):
    answer = get(client, "/issues")
    assert answer["issues"] == []
    assert set(answer["counts"].values()) == {0}
    assert answer["next_cursor"] is None


FILTERED = [
    ({"version": "1.1.0"}, ["cart", "door"]),
    ({"version": "9.9.9"}, []),
    ({"first_version": "1.1.0"}, ["door"]),
    ({"platform": "win32-10.0.1"}, ["door"]),
    ({"crash_type": "main_crash"}, ["lamp"]),
    ({"state": "open"}, ["cart", "door", "lamp"]),
    ({"state": "muted"}, []),
    ({"because": "new"}, ["cart", "door", "lamp"]),
    ({"because": "regressed"}, []),
    ({"handled": "true"}, []),
    ({"handled": "false"}, ["cart", "door", "lamp"]),
    ({"raw": "true"}, []),
    ({"from": "2026-11-21"}, ["lamp"]),
    ({"from": "2026-11-01", "to": "2026-11-20"}, ["cart", "door"]),
    ({"period": "7d"}, ["cart", "door", "lamp"]),
    ({"period": "all"}, ["cart", "door", "lamp"]),
    ({"q": "CART is not"}, ["cart"]),
    ({"q": "door.js"}, ["door"]),
    ({"q": "main.js:openwin"}, ["cart", "door", "lamp"]),
    ({"q": "nothing like it"}, []),
    ({"q": "c%rt"}, []),
    ({"q": "c_rt"}, []),
    ({"q": "\\"}, []),
]


def test_issues_are_filtered(three):
    for query, expected in FILTERED:
        assert sorted(listed(three, **query)) == expected, query


def test_the_search_finds_an_issue_by_its_id(three):
    name = issue_id(three, "door")
    assert listed(three, q=name.upper()) == ["door"]


SORTED = [
    ("-last_seen", ["lamp", "door", "cart"]),
    ("last_seen", ["lamp", "door", "cart"]),
    ("last_seen:asc", ["cart", "door", "lamp"]),
    ("-first_seen", ["lamp", "door", "cart"]),
    ("-crashes", ["cart", "door", "lamp"]),
    ("crashes", ["cart", "door", "lamp"]),
    ("crashes:asc", ["lamp", "door", "cart"]),
]


def test_issues_come_in_the_order_that_is_asked_for(three, now):
    send(three, "door", days_ago(now, 0.9))
    send(three, "cart", days_ago(now, 0.95))
    for sort, expected in SORTED:
        assert listed(three, sort=sort) == expected, sort


def test_what_is_new_today_rises_most_and_then_what_grows_fastest(client, database):
    moment = datetime.now(UTC)
    for fault, before, today in (
        ("steady", 7, 1),
        ("rising", 7, 3),
        ("fresh", 0, 1),
        ("gone", 7, 0),
    ):
        for who in range(before + today):
            send(client, fault, moment - timedelta(seconds=who), who=who)
    get(client, "/issues")
    with database.transaction() as tx:  # as if seven of each had arrived the days before
        from database import Inline

        tx.run(
            Inline(
                "/* test */ insert into group_hours select app_id, fingerprint, "
                "date_trunc('hour', now()) - interval '3 days', 7 from group_hours join group_names "
                "using (app_id, fingerprint) where title not like '%%fresh%%'"
            )
        )
        tx.run(
            Inline(
                "/* test */ update group_hours set n = n - 7 from group_names where "
                "(group_names.app_id, group_names.fingerprint) = (group_hours.app_id, "
                "group_hours.fingerprint) and title not like '%%fresh%%' "
                "and hour > now() - interval '2 days'"
            )
        )
    answer = get(client, "/issues", sort="-rise")
    assert faults(answer) == ["fresh", "rising", "steady", "gone"]
    assert [issue["rise"] for issue in answer["issues"]] == [None, 3.0, 1.0, 0.0]


def test_counts_are_of_the_filters_but_not_of_the_tab(three):
    change(three, f"/issues/{issue_id(three, 'door')}", state="muted")
    change(three, f"/issues/{issue_id(three, 'lamp')}", state="resolved")
    answer = get(three, "/issues", state="muted")
    assert faults(answer) == ["door"]
    everything = {"open": 1, "new": 1, "regressed": 0, "muted": 1, "resolved": 1, "handled": 0}
    assert answer["counts"] == everything
    assert get(three, "/issues", q="cart")["counts"] == {**everything, "muted": 0, "resolved": 0}


@pytest.mark.parametrize(
    "sort", ["people", "people:asc", "last_seen", "first_seen:asc", "rise", "crashes:asc"]
)
def test_pages_skip_and_repeat_nothing_where_the_keys_are_equal(client, now, sort):
    names = [f"fault{chr(97 + number)}" for number in range(7)]
    for name in names:
        send(client, name, days_ago(now, 1))
    seen, cursor = [], None
    while True:
        page = get(client, "/issues", sort=sort, limit=2, **({"cursor": cursor} if cursor else {}))
        assert len(page["issues"]) <= 2
        seen += faults(page)
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert sorted(seen) == names


def test_issues_of_other_apps_are_no_part_of_it(client, services, now):
    shop = new_app(services, "the-shop")
    send(client, "cart", days_ago(now, 1))
    send(client, "till", days_ago(now, 1), key=shop.ingest_key)
    assert listed(client) == ["cart"]
    assert listed(client, app="the-shop") == ["till"]
    assert issue_id(client, "till", app="the-shop") == "the-shop-1"
    assert get(client, "/issues/the-shop-1")["issue"]["title"].startswith("TypeError: till")


def test_handled_errors_have_issues_of_their_own_and_no_part_in_the_others_counts(client, now):
    send(client, "cart", days_ago(now, 1))
    send(client, "retry", days_ago(now, 1), handled=True)
    assert listed(client, handled="true") == ["retry"]
    assert listed(client, handled="false") == ["cart"]
    counts = get(client, "/issues")["counts"]
    assert (counts["open"], counts["handled"]) == (1, 1)


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ({"app": "no-such"}, "app"),
        ({"state": "closed"}, "state"),
        ({"because": "bored"}, "because"),
        ({"handled": "yes"}, "handled"),
        ({"raw": "1"}, "raw"),
        ({"crash_type": "bang"}, "crash_type"),
        ({"sort": "title"}, "sort"),
        ({"limit": "0"}, "limit"),
        ({"limit": "101"}, "limit"),
        ({"cursor": "x"}, "cursor"),
        ({"period": "1y"}, "period"),
        ({"to": "2026-11-01"}, "to"),
        ({"from": "2026-11-02", "to": "2026-11-01"}, "to"),
        ({"from": "2026-11-02", "period": "7d"}, "period"),
        ({"q": "x" * 201}, "q"),
        ({"q": "\0"}, "q"),
        ({"verion": "1.0.0"}, "verion"),
    ],
    ids=str,
)
def test_a_wrong_parameter_is_named(client, query, parameter):
    assert refused(client, "/issues", **query)["details"][0]["parameter"] == parameter


# One issue ---------------------------------------------------------------------------------------


def test_an_issue_tells_its_groups_and_whom_it_hits(three, now):
    use(three, days_ago(now, 0.5), who=3, country="DE")
    issue = get(three, f"/issues/{issue_id(three, 'cart')}")["issue"]
    [group] = issue["groups"]
    assert len(group["fingerprint"]) == 32
    assert (group["crashes"], group["people"], group["is_home"]) == (4, 3, True)
    assert any("cart" in part for part in group["why"])
    assert issue["days"] == [
        {"date": "2026-11-12", "crashes": 1, "versions": {"1.0.0": 1}},
        {"date": "2026-11-19", "crashes": 1, "versions": {"1.0.0": 1}},
        {"date": "2026-11-20", "crashes": 2, "versions": {"1.1.0": 2}},
    ]
    assert sum(issue["last_days"]) == 4
    assert issue["versions"] == [{"value": "1.0.0", "crashes": 2}, {"value": "1.1.0", "crashes": 2}]
    assert issue["systems"] == [{"value": "darwin-24.6.0", "crashes": 4}]
    assert issue["countries"] == [{"value": "", "people": 2}, {"value": "DE", "people": 1}]
    assert issue["kept"] == 4
    assert [entry["what"] for entry in issue["log"]] == ["new"]
    assert (issue["fixed"], issue["mute"], issue["note"], issue["merged"]) == (None, None, "", [])


def test_the_chart_is_of_the_days_that_are_asked_for(three):
    name = issue_id(three, "cart")
    week = get(three, f"/issues/{name}", period="7d")["issue"]
    assert [day["date"] for day in week["days"]] == ["2026-11-19", "2026-11-20"]
    assert (week["from"], week["to"]) == ("2026-11-15", "2026-11-21")
    assert week["crashes"] == 4
    ever = get(three, f"/issues/{name}", period="all")["issue"]
    assert (ever["from"], len(ever["days"])) == ("2026-11-12", 3)
    one = get(three, f"/issues/{name}", **{"from": "2026-11-19", "to": "2026-11-19"})["issue"]
    assert one["versions"] == [{"value": "1.0.0", "crashes": 1}]


def test_many_versions_are_told_as_other(client, now):
    for minor in range(30):
        send(client, "cart", days_ago(now, 1), who=minor, version=f"1.{minor}.0")
    issue = get(client, f"/issues/{issue_id(client, 'cart')}")["issue"]
    assert len(issue["versions"]) == 21
    assert issue["versions"][-1] == {"value": "other", "crashes": 10}
    [day] = issue["days"]
    assert len(day["versions"]) == 9
    assert sum(day["versions"].values()) == 30


@pytest.mark.parametrize(
    "name", ["desktop-99", "desktop", "nothing-1", "desktop--1", "desktop-0x1", "desktop-²", "-1"]
)
def test_an_issue_that_is_not_there_is_a_404(client, name):
    for path in (f"/issues/{name}", f"/issues/{name}/crashes"):
        answer = client.get(path, headers=AUTH)
        assert (answer.status_code, answer.json["code"]) == (404, "unknown_issue")


def test_a_wrong_parameter_of_an_issue_is_named(three):
    name = issue_id(three, "cart")
    for query, parameter in (
        ({"period": "1y"}, "period"),
        ({"to": "2026-11-01"}, "to"),
        ({"app": "desktop"}, "app"),
    ):
        assert refused(three, f"/issues/{name}", **query)["details"][0]["parameter"] == parameter


# Its crashes -------------------------------------------------------------------------------------


def test_the_crashes_of_an_issue_are_paged_both_ways(client, now):
    sent = [send(client, "cart", days_ago(now, n / 10), who=n % 2) for n in range(5)]
    send(client, "door", days_ago(now, 1))
    name = issue_id(client, "cart")
    for order, expected in (("newest", sent), ("oldest", sent[::-1])):
        seen, cursor = [], None
        while True:
            more: dict[str, str] = {"cursor": cursor} if cursor else {}
            page = get(client, f"/issues/{name}/crashes", order=order, limit=2, **more)
            seen += [crash["crash_id"] for crash in page["crashes"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert seen == expected


def test_crashes_of_one_moment_are_paged_without_skips(client, now):
    sent = {send(client, "cart", days_ago(now, 1), who=n, id=f"c-{n}") for n in range(5)}
    name, seen, cursor = issue_id(client, "cart"), [], None
    for _ in range(3):
        page = get(
            client, f"/issues/{name}/crashes", limit=2, **({"cursor": cursor} if cursor else {})
        )
        seen += [crash["crash_id"] for crash in page["crashes"]]
        cursor = page["next_cursor"]
    assert cursor is None
    assert (len(seen), set(seen)) == (5, sent)


def test_a_crash_has_its_stack_as_text_and_as_frames(client, now):
    crash_id = send(client, "cart", days_ago(now, 1), context={"memory": 12}, session_id="a1b2c3d4")
    name = issue_id(client, "cart")
    [crash] = get(client, f"/issues/{name}/crashes")["crashes"]
    [flat] = get(client, "/crashes")["crashes"]
    fingerprint = get(client, f"/issues/{name}")["issue"]["groups"][0]["fingerprint"]
    [link] = crash.pop("chain")
    frames = crash.pop("frames")
    assert crash == {
        **{key: value for key, value in flat.items() if key != "app"},
        "crash_id": crash_id,
        "handled": False,
        "feedback": [],
        "whole": True,
        "fingerprint": fingerprint,
        "mapped": False,
        "dump": None,
    }
    assert frames == [
        {name: value for name, value in frame.items() if name != "build"}
        for frame in link["frames"]
    ]
    assert link["type"] == "TypeError"
    assert link["message"] == "cart is not a function"
    assert [frame["function"] for frame in link["frames"]] == ["cart", "openWindow"]
    assert link["frames"][0]["line"] == 14
    assert link["frames"][0]["in_app"] is not False


def test_a_handled_error_is_listed_with_what_it_said(client, now):
    crash_id = send(client, "retry", days_ago(now, 1), handled=True, context={"attempt": 3})
    name = issue_id(client, "retry")
    issue = get(client, f"/issues/{name}")["issue"]
    assert (issue["crashes"], issue["kept"], issue["handled"]) == (1, 1, True)
    [error] = get(client, f"/issues/{name}/crashes")["crashes"]
    assert error["crash_id"] == crash_id
    assert (error["handled"], error["whole"], error["user_id"]) == (True, True, person(1))
    assert error["app_version"] == "1.0.0"
    assert "retry" in error["error_message"]
    assert "retry.js" in error["stack_trace"]
    assert error["context"] == {"attempt": 3}
    assert error["chain"][0]["frames"][0]["function"] == "retry"


def test_crashes_stored_whole_are_told_from_thin_ones(client, now):
    for who in range(25):
        send(client, "cart", days_ago(now, 1) - timedelta(seconds=who), who=who)
    name = issue_id(client, "cart")
    path = f"/issues/{name}/crashes"
    whole = get(client, path, kept="true", limit=100)["crashes"]
    thin = get(client, path, kept="false", limit=100)["crashes"]
    issue = get(client, f"/issues/{name}")["issue"]
    assert issue["crashes"] == 25
    assert 20 <= len(whole) == issue["kept"] < 25
    assert len(whole) + len(thin) == 25
    assert all(crash["whole"] and crash["stack_trace"] for crash in whole)
    assert all(not crash["whole"] and crash["stack_trace"] is None for crash in thin)


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ({"limit": "101"}, "limit"),
        ({"order": "up"}, "order"),
        ({"kept": "all"}, "kept"),
        ({"cursor": "W10"}, "cursor"),
        ({"sort": "x"}, "sort"),
    ],
)
def test_a_wrong_parameter_of_its_crashes_is_named(three, query, parameter):
    path = f"/issues/{issue_id(three, 'cart')}/crashes"
    assert refused(three, path, **query)["details"][0]["parameter"] == parameter


# Who may read ------------------------------------------------------------------------------------


def test_who_does_not_have_the_app_does_not_have_its_issues(client, services, now):
    new_app(services, "shop")
    send(client, "cart", days_ago(now, 1))
    name = issue_id(client, "cart")
    ada = add_person(client, "Ada", "viewer", ["shop"])
    assert client.get("/issues?app=desktop", headers=ada).status_code == 400
    for path in (f"/issues/{name}", f"/issues/{name}/crashes"):
        assert client.get(path, headers=ada).status_code == 404
    assert client.get("/issues?app=shop", headers=ada).status_code == 200
    bearer = make_token(client, "read", app="desktop")
    assert client.get(f"/issues/{name}", headers=bearer).status_code == 200
