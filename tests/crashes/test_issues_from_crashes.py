"""A crash is folded into its group and its issue, once, whatever order crashes come in."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.crashes.crash_rows import crash, fingerprint, handled_error, issue, issues, log_of
from tests.rollup_tables import differences, fold_all, midday, person, run, value, values


def test_the_first_crash_of_a_group_makes_an_issue_and_the_next_ones_count_in_it(services, now):
    noon = midday(now, 3)
    crash(services, "cart", noon, who=1)
    fold_all(services)
    assert issues(services, "number", "title", "culprit", "state", "because", "n", "people") == [
        (1, "cart", "in cart", "open", "new", 1, 1)
    ]
    crash(services, "cart", noon + timedelta(hours=1), who=1, version="1.1")
    crash(services, "cart", noon + timedelta(hours=2), who=2, version="1.2")
    fold_all(services)
    assert issue(services, "cart", "n", "people", "first_version", "last_version") == (
        3,
        2,
        "1.0",
        "1.2",
    )
    assert issue(services, "cart", "first_seen", "last_seen") == (noon, noon + timedelta(hours=2))
    assert log_of(services, "cart") == [("new", "fold")]


def test_issues_are_numbered_by_time_in_each_app(services, now):
    for place, group in enumerate(("late", "middle", "early")):
        crash(services, group, midday(now, place))
    crash(services, "elsewhere", midday(now, 1), app_id=2)
    fold_all(services)
    crash(services, "next", midday(now, 9))
    fold_all(services)
    assert issues(services, "app_id", "number", "title") == [
        (1, 1, "early"),
        (1, 2, "middle"),
        (1, 3, "late"),
        (1, 4, "next"),
        (2, 1, "elsewhere"),
    ]


def test_days_versions_systems_hours_and_people_are_counted_by_group(services, now):
    noon = midday(now, 1)
    crash(services, "cart", noon, who=1, version="1.0")
    crash(services, "cart", noon + timedelta(minutes=70), who=1, version="1.1", os_version="linux")
    fold_all(services)
    days = values(services.database, "select dim, value, n from group_days order by 1, 2")
    assert days == [
        ("none", "", 2),
        ("platform", "darwin", 1),
        ("platform", "linux", 1),
        ("version", "1.0", 1),
        ("version", "1.1", 1),
    ]
    assert values(services.database, "select user_id, n, last_at from group_people") == [
        (person(1), 2, noon.replace(hour=0, minute=0))
    ]


def test_a_handled_error_has_an_issue_too_and_a_crash_of_its_group_makes_it_a_crash(services, now):
    handled_error(services, "cart", midday(now, 2))
    fold_all(services)
    assert issue(services, "cart", "handled", "n", "people") == (True, 1, 1)
    assert value(services.database, "select count(*) from daily_crashes") == 0
    crash(services, "cart", midday(now, 1), who=2)
    fold_all(services)
    assert issue(services, "cart", "handled", "n", "people") == (False, 2, 2)


def test_an_event_that_only_looks_like_a_handled_error_has_no_issue(services, now):
    handled_error(services, "cart", midday(now, 2))
    run(services.database, 'update events set properties = \'{"fingerprint": "what?"}\'')
    assert fold_all(services) == 1
    assert issues(services, "number") == []


def test_a_new_group_joins_the_issue_of_the_first_group_that_it_names(services, now):
    crash(services, "old", midday(now, 5))
    crash(services, "other", midday(now, 4))
    fold_all(services)
    crash(services, "new", midday(now, 3), who=2, also=("unheard of", "old", "other"))
    fold_all(services)
    assert issues(services, "title", "n", "people") == [("old", 2, 2), ("other", 1, 1)]


def slices(services, together):
    """Fold now, unless all is to be folded together."""
    if not together:
        fold_all(services)


@pytest.mark.parametrize("together", [True, False])
def test_two_new_groups_that_name_each_other_are_one_issue(services, now, together):
    crash(services, "old way", midday(now, 3), who=1, version="1.1", also=("new way",))
    slices(services, together)
    crash(services, "new way", midday(now, 2), who=1, version="1.2", also=("old way",))
    crash(services, "new way", midday(now, 1), who=2, version="1.3", also=("old way",))
    fold_all(services)
    columns = ("title", "n", "people", "first_seen", "first_version", "last_seen", "last_version")
    expected = [("old way", 3, 2, midday(now, 3), "1.1", midday(now, 1), "1.3")]
    assert issues(services, *columns) == expected
    assert differences(services) == {}
    assert value(services.database, "select last_issue from apps where app_id = 1") == 1
    crash(services, "old way", midday(now, 0), who=3)
    fold_all(services)
    assert issues(services, "n", "people") == [(4, 3)]


@pytest.mark.parametrize("together", [True, False])
def test_a_chain_of_new_groups_is_one_issue_and_joins_one_that_is_known(services, now, together):
    crash(services, "known", midday(now, 9), who=9)
    fold_all(services)
    for place, (group, other) in enumerate((("a", "known"), ("b", "a"), ("c", "b"))):
        crash(services, group, midday(now, 5 - place), who=place, also=(other,))
        slices(services, together)
    for place, (group, other) in enumerate((("x", "none"), ("y", "x"), ("z", "y"))):
        crash(services, group, midday(now, 5 - place), who=1, also=(other,))
        slices(services, together)
    fold_all(services)
    assert issues(services, "title", "n", "people") == [("known", 4, 4), ("x", 3, 1)]
    assert differences(services) == {}


@pytest.mark.parametrize("together", [True, False])
def test_a_group_that_is_named_by_an_earlier_one_has_an_issue_of_its_own(services, now, together):
    """As if each had been folded alone: the earlier one knew of no group of that name."""
    crash(services, "first", midday(now, 2), also=("second",))
    slices(services, together)
    crash(services, "second", midday(now, 1))
    fold_all(services)
    assert issues(services, "title") == ["first", "second"]


def test_a_group_without_names_and_its_heirs_in_one_slice(services, now):
    crash(services, "minified", midday(now, 5), raw=True)
    crash(services, "cart.js", midday(now, 4), also=("minified",))
    crash(services, "history.js", midday(now, 3), also=("minified",))
    fold_all(services)
    assert issues(services, "title", "raw", "n") == [
        ("cart.js", False, 2),
        ("history.js", False, 1),
    ]
    heirs = values(
        services.database, "select encode(heir, 'hex') from groups where heir is not null"
    )
    assert heirs == [(fingerprint("cart.js").hex(),)]


def test_a_group_without_names_has_one_heir_that_takes_over_its_issue(services, now):
    crash(services, "minified", midday(now, 5), raw=True)
    fold_all(services)
    crash(services, "cart.js", midday(now, 4), also=("minified",))
    crash(services, "history.js", midday(now, 3), also=("minified",))
    fold_all(services)
    assert issues(services, "title", "raw", "n") == [
        ("cart.js", False, 2),
        ("history.js", False, 1),
    ]
    heirs = values(
        services.database, "select encode(heir, 'hex') from groups where heir is not null"
    )
    assert heirs == [(fingerprint("cart.js").hex(),)]


def test_testers_have_no_issues(services, now):
    run(services.database, "insert into testers (user_id) values (%(who)s)", who=person(1))
    crash(services, "cart", midday(now, 1), who=1)
    fold_all(services)
    assert issues(services, "number") == []


def test_versions_are_noted_as_releases_with_their_first_time(services, now):
    crash(services, "cart", midday(now, 1), version="1.10")
    fold_all(services)
    crash(services, "cart", midday(now, 3), version="1.10")
    crash(services, "cart", midday(now, 2), version="1.9")
    crash(services, "cart", midday(now, 2), version=None)
    fold_all(services)
    rows = values(
        services.database, "select version, first_seen from releases order by version_key"
    )
    assert rows == [("1.9", midday(now, 2)), ("1.10", midday(now, 3))]
