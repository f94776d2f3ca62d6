"""What a crash does to the state of its issue when it is folded."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from stories.crashes import states
from tests.crashes.crash_rows import crash, issue, issue_id, log_of
from tests.rollup_tables import fold_all, midday, run, values

HOUR = timedelta(hours=1)


@pytest.fixture
def cart(services, now):
    """An issue with one crash in 1.1.0, of three days ago, and versions that came before and after."""
    crash(services, "cart", midday(now, 3), who=1, version="1.1.0")
    for days, version in ((9, "1.0.0"), (8, "nightly-a"), (7, "nightly-b"), (2, "1.2.0")):
        crash(services, "other", midday(now, days), who=2, version=version)
    fold_all(services)
    return services


def act(services, action, **options):
    with services.database.transaction() as tx:
        action(tx, issue_id(services, "cart"), "ann", **options)


def state(services):
    return issue(services, "cart", "state", "because")


def moment() -> datetime:
    """After what was just done."""
    return datetime.now(UTC) + timedelta(seconds=1)


@pytest.mark.parametrize(
    ("fixed", "version", "regressed"),
    [
        ("1.2.0", "1.1.9", False),
        ("1.2.0", "1.2.0-beta.1", False),
        ("1.2.0", "1.2", True),
        ("1.2.0", "1.2.0", True),
        ("1.2.0", "1.2.1", True),
        ("1.2.0", "1.10.0", True),
        ("1.2.0", "1.2.0-5-gabc1234", True),
        ("1.2.0", None, False),
        ("1.2.0", "c0ffee1", True),  # without numbers: first seen later
        ("nightly-b", "nightly-a", False),
        ("nightly-b", "nightly-b", True),
        ("nightly-b", "nightly-c", True),
        ("nightly-not-yet", "nightly-b", False),
    ],
)
def test_fixed_in_a_version(cart, now, fixed, version, regressed):
    act(cart, states.resolve, in_version=fixed)
    crash(cart, "cart", moment() - HOUR, version=version)
    fold_all(cart)
    expected = ("open", "regressed") if regressed else ("resolved", "new")
    assert state(cart) == expected
    assert issue(cart, "cart", "n") == 2
    if regressed:
        assert log_of(cart, "cart")[-1] == ("regressed", "fold")
        [(detail,)] = values(cart.database, "select detail from issue_log where what = 'regressed'")
        assert detail == {"version": version, "fixed": "in", "fixed_version": fixed}
        assert issue(cart, "cart", "fixed", "fixed_version") == (None, None)


@pytest.mark.parametrize(
    ("version", "regressed"),
    [
        ("1.1.9", False),  # a hotfix of the old branch, however late it comes
        ("1.2.0", False),  # the newest when it was resolved
        ("0.9", False),  # an old version whose first crash is late
        ("1.2.1", True),
        (None, False),
    ],
)
def test_fixed_in_the_next_release(cart, version, regressed):
    act(cart, states.resolve, in_next_release=True)
    assert issue(cart, "cart", "fixed_version") == "1.2.0"
    crash(cart, "cart", moment(), version=version)
    fold_all(cart)
    assert state(cart) == (("open", "regressed") if regressed else ("resolved", "new"))


@pytest.mark.parametrize(
    ("happened", "arrived", "regressed"),
    [
        (timedelta(0), timedelta(0), True),
        (-timedelta(days=2), timedelta(0), False),  # it was queued at a client
        (timedelta(hours=5), -timedelta(seconds=9), False),  # a clock that is ahead
    ],
)
def test_fixed_now(cart, happened, arrived, regressed):
    act(cart, states.resolve)
    crash(cart, "cart", moment() + happened, received=moment() + arrived, version=None)
    fold_all(cart)
    assert state(cart) == (("open", "regressed") if regressed else ("resolved", "new"))
    assert issue(cart, "cart", "n") == 2


def test_it_regresses_once_and_can_be_resolved_again(cart):
    for expected in (1, 2):
        act(cart, states.resolve)
        for number in range(3):
            crash(cart, "cart", moment() + HOUR * number, received=moment())
            fold_all(cart)
        assert [what for what, _ in log_of(cart, "cart")].count("regressed") == expected


def test_one_slice_with_old_and_new_versions_regresses(cart):
    act(cart, states.resolve, in_version="1.2.0")
    for version in ("1.1.0", "1.2.0", "1.1.0", None):
        crash(cart, "cart", moment(), version=version)
    fold_all(cart)
    assert state(cart) == ("open", "regressed")


def test_a_muted_issue_waits_for_its_condition(cart):
    act(cart, states.mute)
    for number in range(5):
        crash(cart, "cart", moment() + HOUR * number, who=10 + number)
        fold_all(cart)
    assert state(cart) == ("muted", "new")


def test_it_is_back_with_the_first_crash_after_a_time(cart, services):
    act(cart, states.mute, until=datetime.now(UTC) + HOUR)
    crash(cart, "cart", moment())
    fold_all(cart)
    assert state(cart) == ("muted", "new")
    run(services.database, "update issues set mute_until = now() - interval '1 second'")
    fold_all(cart)
    assert state(cart) == ("muted", "new")
    crash(cart, "cart", moment() + HOUR)
    fold_all(cart)
    assert state(cart) == ("open", "back")
    assert log_of(cart, "cart")[-1] == ("back", "fold")
    assert issue(cart, "cart", "mute", "mute_until") == (None, None)


def test_it_is_back_after_so_many_more_crashes(cart):
    act(cart, states.mute, until_crashes=3)
    for number, expected in enumerate(("muted", "muted", "open")):
        crash(cart, "cart", moment() + HOUR * number)
        fold_all(cart)
        assert issue(cart, "cart", "state") == expected


def test_it_is_back_after_so_many_more_people(cart):
    act(cart, states.mute, until_people=2)
    for number, (who, expected) in enumerate(
        ((1, "muted"), (5, "muted"), (5, "muted"), (6, "open"))
    ):
        crash(cart, "cart", moment() + HOUR * number, who=who)
        fold_all(cart)
        assert issue(cart, "cart", "state") == expected


def test_it_is_back_after_so_many_in_one_hour_of_arrival_since_it_was_muted(cart):
    """Two hours with two each are no hour with three, and what the running hour held before counts
    for nothing."""
    this = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    for number in range(5):
        crash(cart, "cart", this - timedelta(minutes=9 + number), received=this)
    fold_all(cart)
    act(cart, states.mute, per_hour=3)
    assert issue(cart, "cart", "mute_from") == 5
    arrivals = (this, this, this + HOUR, this + HOUR, this + 2 * HOUR)
    for number, arrived in enumerate(arrivals):
        crash(cart, "cart", this - timedelta(minutes=30 + number), received=arrived)
        fold_all(cart)
        assert state(cart) == ("muted", "new")
    for number in range(2):
        crash(cart, "cart", this - timedelta(minutes=50 + number), received=this + 2 * HOUR)
    fold_all(cart)
    assert state(cart) == ("open", "back")


def test_crashes_of_other_issues_change_nothing(cart):
    act(cart, states.resolve)
    crash(cart, "other", moment())
    fold_all(cart)
    assert state(cart) == ("resolved", "new")
