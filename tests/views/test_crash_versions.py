"""A crash's version that is none counts as "other", as an event's does; an issue and the releases know
nothing of it."""

from __future__ import annotations

import pytest

from tests.rollup_tables import differences, fold_all, run
from tests.views.crash_reports import change, days_ago, get, issue_id, send, use

NO_VERSION = "jane@example.com"


@pytest.fixture
def cart(client, now):
    """An issue whose first and last crash told no version, and one between them did."""
    send(client, "cart", days_ago(now, 3), version=NO_VERSION)
    send(client, "cart", days_ago(now, 2), version="1.0.0")
    send(client, "cart", days_ago(now, 1), version=NO_VERSION, who=2)
    send(client, "cart", days_ago(now, 1.5), version="", who=3)
    return client


def test_stability_counts_it_as_other_and_one_that_was_not_sent_as_unknown(cart):
    stability = get(cart, "/stats/stability", period="30d")["stability"]
    rows = stability["crashes_by_version"]
    assert [(row["key"], row["count"]) for row in rows] == [
        ("other", 2),
        ("1.0.0", 1),
        ("unknown", 1),
    ]


def test_it_is_no_version_of_the_issue_and_no_release(cart):
    issue = get(cart, f"/issues/{issue_id(cart, 'cart')}")["issue"]
    assert (issue["first_version"], issue["last_version"]) == (None, None)
    assert issue["versions"] == [{"value": "1.0.0", "crashes": 1}, {"value": "other", "crashes": 2}]
    assert [row["version"] for row in get(cart, "/releases")["releases"]] == ["1.0.0"]


def test_the_issue_keeps_a_version_that_a_later_crash_tells(cart, now):
    send(cart, "cart", days_ago(now, 0.5), version="1.1.0")
    assert get(cart, f"/issues/{issue_id(cart, 'cart')}")["issue"]["last_version"] == "1.1.0"


def test_it_neither_reopens_an_issue_that_is_fixed_in_a_version_nor_is_the_next_release(cart, now):
    use(cart, days_ago(now, 1))
    change(cart, f"/issues/{issue_id(cart, 'cart')}", state="resolved", in_next_release=True)
    send(cart, "cart", days_ago(now, 0), version=NO_VERSION, who=4)
    issue = get(cart, f"/issues/{issue_id(cart, 'cart')}")["issue"]
    assert (issue["state"], issue["fixed_version"]) == ("resolved", "1.0.0")


def test_it_stays_other_when_the_crash_is_thinned_and_a_recount_agrees(cart, services, database):
    fold_all(services)
    run(database, "update crashes set context = null, stack_trace = null")
    assert differences(services) == {}
