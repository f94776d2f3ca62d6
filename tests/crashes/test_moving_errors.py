"""Handled errors that a storm sent to the catch-all group leave it as crashes do, and a recount agrees
before and after."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from stories.crashes import regrouping
from stories.crashes.grouping import CATCH_ALL, CATCH_ALL_TITLE
from stories.privacy import erasure
from stories.storage import expiry, group_names, storms
from tests.crashes.crash_rows import issue, issues
from tests.rollup_tables import differences, fold_all, midday, run, value, values
from tests.views import crash_reports
from tests.views.crash_reports import get, send

GROUPS = "select encode(fingerprint, 'hex') from groups where fingerprint <> %(all)s and n > 0"


@pytest.fixture
def caught(client, services, now, monkeypatch):
    """Of an hour that may bring one new group: cart (its own); then door twice, of two people and two
    versions, lamp once and a crash of door's fault, all counted together."""
    monkeypatch.setattr(group_names, "NEW_AN_HOUR", 1)
    send(client, "cart", midday(now, 2), handled=True)
    send(client, "door", midday(now, 9), who=1, version="0.9", handled=True)
    send(client, "door", midday(now, 1), who=2, version="1.2", handled=True)
    send(client, "lamp", midday(now, 3), who=1, version="1.1", handled=True)
    send(client, "door", midday(now, 2), who=3, version="1.1")
    fold_all(services)
    assert issues(services, "n", "people", "handled") == [(4, 3, False), (1, 1, True)]
    return client


def regroup(services):
    return regrouping.regroup(services.database, services.apps, services.key, lambda note: None)


def test_they_get_groups_of_their_own_with_their_names(caught, services):
    assert differences(services) == {}
    assert regroup(services) == {"grouped": 0, "left_catch_all": 4}
    listed = issues(
        services, "title", "n", "people", "handled", "because", "first_version", "last_version"
    )
    assert listed[0][:3] == (CATCH_ALL_TITLE, 0, 0)
    assert listed[1:] == [
        ("TypeError: cart is not a function", 1, 1, True, "new", "1.0.0", "1.0.0"),
        ("TypeError: door is not a function", 3, 3, False, "seen", "0.9", "1.2"),
        ("TypeError: lamp is not a function", 1, 1, True, "seen", "1.1", "1.1"),
    ]
    assert differences(services) == {}
    assert regroup(services)["left_catch_all"] == 0


def test_their_events_and_details_name_the_new_group(caught, services, database):
    regroup(services)
    told = values(database, "select distinct properties ->> 'fingerprint' from events")
    kept = values(
        database,
        "select encode(fingerprint, 'hex') from error_details where fingerprint is not null",
    )
    groups = set(values(database, GROUPS, all=CATCH_ALL))
    assert set(told) == set(kept) == groups
    assert value(database, "select count(*) from events where properties ? 'also'") == 0
    rows = get(caught, f"/issues/{crash_reports.issue_id(caught, 'lamp')}/crashes")["crashes"]
    assert [row["error_message"] for row in rows] == ["TypeError: lamp is not a function"]


def test_of_those_that_are_not_kept_whole_the_title_is_known(client, services, now, monkeypatch):
    monkeypatch.setattr(group_names, "NEW_AN_HOUR", 0)
    monkeypatch.setattr(storms, "FIRST", 0)
    monkeypatch.setattr(storms, "OF_A_VERSION", 0)
    for number, fault in enumerate(("cart", "door", "lamp")):
        send(client, fault, midday(now, number), handled=True)
    fold_all(services)
    assert value(services.database, "select count(*) from error_details") == 2  # powers of two
    regroup(services)
    assert issue(services, "TypeError: lamp is not a function", "n", "crash_type") == (
        1,
        "uncaught_error",
    )


def test_what_stays_behind_has_its_own_first_and_last(caught, services, now, monkeypatch):
    monkeypatch.setattr(regrouping, "NEW_GROUPS", 1)
    send(caught, "lamp", midday(now, 4), who=2, version="1.0", handled=True)
    send(caught, "lamp", midday(now, 5), who=3, version="0.8", handled=True)
    send(caught, "lamp", midday(now, 0), who=4, version="1.3", handled=True)
    fold_all(services)
    assert regroup(services)["left_catch_all"] == 4  # lamp, that most people sent
    bounds = issue(services, CATCH_ALL_TITLE, "first_seen", "first_version", "last_seen", "n")
    assert bounds == (midday(now, 9), "0.9", midday(now, 1), 3)
    assert issue(services, CATCH_ALL_TITLE, "last_version") == "1.2"
    assert differences(services) == {}


@pytest.mark.parametrize("erased_first", [True, False])
def test_erasure_before_and_after_leaves_nothing_wrong(caught, services, now, erased_first):
    def erase(who):
        person = UUID(crash_reports.person(who))
        erasure.erase(services.database, services.apps, services.key, person, None, now)

    if erased_first:
        erase(1)
        assert differences(services) == {}
    regroup(services)
    if not erased_first:
        erase(1)
    assert differences(services) == {}
    erase(2)
    assert differences(services) == {}
    assert regroup(services)["left_catch_all"] == 0


def test_expiry_between_leaves_nothing_wrong(caught, services, database, now):
    run(database, "update apps set retention_days = 7")
    services.apps.forget()
    expiry.expire(services.database, services.apps, services.key, now + timedelta(days=1))
    assert differences(services) == {}
    assert regroup(services)["left_catch_all"] == 3  # door's first is gone
    assert differences(services) == {}
    assert sorted(issues(services, "n")) == [1, 1, 1, 2]
