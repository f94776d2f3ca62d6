"""stability.top_issues: the issues with most crashes in the range, under each filter."""

from __future__ import annotations

import pytest

from tests.views.crash_reports import change, days_ago, get, issue_id, send, use

MANY = 12


@pytest.fixture
def crashed(client, now):
    """cart: 3 crashes of 1.0.0 on darwin this week and 2 of 1.1.0 on windows; door: 4 of 1.1.0 on
    darwin, two months ago; lamp: 1 of 1.0.0 this week; and a handled error."""
    use(client, days_ago(now, 61))  # where period=all begins
    for who in range(3):
        send(client, "cart", days_ago(now, 1), who=who)
    for who in range(2):
        send(client, "cart", days_ago(now, 2), who=who, version="1.1.0", os_version="win32-10.0.1")
    for who in range(4):
        send(client, "door", days_ago(now, 60), who=who, version="1.1.0")
    send(client, "lamp", days_ago(now, 1))
    send(client, "retry", days_ago(now, 1), handled=True)
    return client


def top(client, **query):
    """[(function, crashes)]"""
    rows = get(client, "/stats/stability", **query)["stability"]["top_issues"]
    return [(row["title"].split()[1], row["crashes"]) for row in rows]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"period": "7d"}, [("cart", 5), ("lamp", 1)]),
        ({"period": "90d"}, [("cart", 5), ("door", 4), ("lamp", 1)]),
        ({"period": "all"}, [("cart", 5), ("door", 4), ("lamp", 1)]),
        ({"from": "2026-11-19", "to": "2026-11-19"}, [("cart", 2)]),
        ({"from": "2026-09-01", "to": "2026-09-30"}, [("door", 4)]),
        ({"from": "2026-01-01", "to": "2026-01-30"}, []),
        ({"period": "90d", "app_version": "1.1.0"}, [("door", 4), ("cart", 2)]),
        ({"period": "90d", "platform": "win32-10.0.1"}, [("cart", 2)]),
        ({"period": "90d", "app_version": "9.9.9"}, []),
    ],
    ids=str,
)
def test_it_ranks_the_issues_of_the_range(crashed, query, expected):
    assert top(crashed, **query) == expected


def test_each_names_its_issue_and_its_state(crashed):
    name = issue_id(crashed, "cart")
    issue = change(crashed, f"/issues/{name}", state="muted")["issue"]
    [first, _] = get(crashed, "/stats/stability", period="7d")["stability"]["top_issues"]
    assert first == {
        "id": name,
        "title": issue["title"],
        "culprit": issue["culprit"],
        "state": "muted",
        "crashes": 5,
    }


def test_a_merged_issue_has_the_crashes_of_both(crashed):
    cart, lamp = issue_id(crashed, "cart"), issue_id(crashed, "lamp")
    change(crashed, f"/issues/{lamp}/merge", issues=[cart])
    assert top(crashed, period="7d") == [("lamp", 6)]


def test_there_are_ten_at_most(client, now):
    for number in range(MANY):
        send(client, f"fault{chr(97 + number)}", days_ago(now, 1))
    assert len(top(client)) == 10


def test_of_a_country_there_are_none(crashed):
    assert get(crashed, "/stats/stability", country="DE")["unfiltered"] == ["stability"]
