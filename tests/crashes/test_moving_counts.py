"""Crashes that get another fingerprint, by the job `regroup`: all counts move with them, and a recount
agrees before and after."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from stories.crashes import regrouping, states
from stories.crashes.grouping import CATCH_ALL, group
from stories.crashes.moving import move
from stories.privacy import erasure
from tests.crashes.crash_rows import crash, fingerprint, issue, issue_id, issues, log_of
from tests.rollup_tables import crash_row, differences, fold_all, midday, person, run, value, values


def regroup(services, notes=None):
    return regrouping.regroup(
        services.database, services.apps, services.key, (notes if notes is not None else []).append
    )


def move_group(services, origin, target, since=datetime(1970, 1, 1, tzinfo=UTC)):
    """Every crash of one group to another, or those since a time."""
    with services.database.transaction() as tx:
        rows = values(
            services.database,
            "select 'crash', user_id, timestamp, dedupe_key from crashes "
            "where fingerprint = %(origin)s and timestamp >= %(since)s",
            origin=fingerprint(origin),
            since=since,
        )
        names = ("kind", "user_id", "timestamp", "dedupe_key")
        crashes = [
            {**dict(zip(names, row, strict=True)), "fingerprint": fingerprint(target)}
            for row in rows
        ]
        move(tx, services.apps, services.key, crashes)


def counts(services):
    columns = "encode(fingerprint, 'hex'), n, first_seen, last_seen, first_version, last_version"
    return {
        "groups": values(services.database, f"select {columns} from groups where n > 0 order by 1"),
        "issues": issues(services, "title", "n", "people", "first_version", "last_version"),
        **{
            table: sorted(map(str, values(services.database, f"select {table}::text from {table}")))
            for table in ("group_days", "group_hours", "group_people")
        },
    }


@pytest.fixture
def two(services, now):
    arrived = datetime.now(UTC)
    for number in range(12):
        crash(
            services,
            ("cart", "door")[number % 2],
            midday(arrived, number % 5) - timedelta(minutes=number),
            who=number % 3,
            version=f"1.{number % 4}",
            received=arrived - timedelta(hours=number),
        )
    fold_all(services)
    return services


def test_counts_move_and_come_back_to_what_they_were(two):
    """door's crashes join cart, then leave it again for a group of the old name."""
    before = counts(two)
    doors = values(
        two.database,
        "select 'crash', user_id, timestamp, dedupe_key from crashes where fingerprint = %(door)s",
        door=fingerprint("door"),
    )
    move_group(two, "door", "cart")
    assert issue(two, "cart", "n", "people") == (12, 3)
    assert issue(two, "door", "n", "people") == (0, 0)
    assert differences(two) == {}
    names = ("kind", "user_id", "timestamp", "dedupe_key")
    back = [
        {**dict(zip(names, row, strict=True)), "fingerprint": fingerprint("door")} for row in doors
    ]
    with two.database.transaction() as tx:
        move(tx, two.apps, two.key, back)
    after = counts(two)
    assert {**after, "groups": None} == {**before, "groups": None}
    assert differences(two) == {}


def test_a_crash_of_what_is_no_version_gives_the_group_that_it_stays_in_none(services, now):
    for ago, version in enumerate(("1.2", "other", "1.1", "other")):
        crash(services, "cart", midday(now, ago), version=version)
    fold_all(services)
    move_group(services, "cart", "door", since=midday(now, 0))
    assert issue(services, "cart", "n", "first_version", "last_version") == (3, None, None)


def test_a_move_neither_opens_a_resolved_issue_nor_ends_a_mute(two):
    with two.database.transaction() as tx:
        states.resolve(tx, issue_id(two, "cart"), "ann", in_version="0.1")
    move_group(two, "door", "cart")
    assert issue(two, "cart", "state") == "resolved"
    assert log_of(two, "cart")[-1] == ("resolved", "ann")


def test_a_mute_waits_for_as_many_more_after_a_move(two):
    with two.database.transaction() as tx:
        states.mute(tx, issue_id(two, "cart"), "ann", until_crashes=2)
        states.mute(tx, issue_id(two, "door"), "ann", until_people=2)
    move_group(two, "door", "cart")
    assert issue(two, "cart", "n", "mute_from") == (12, 12)
    assert issue(two, "door", "people", "mute_from") == (0, 0)


def test_what_waits_is_folded_first_and_a_tester_is_not_counted(two, now):
    crash(two, "door", midday(now, 1), who=8)
    run(two.database, "insert into testers (user_id) values (%(who)s)", who=person(9))
    crash(two, "door", midday(now, 1), who=9)
    move_group(two, "door", "cart")
    assert issue(two, "cart", "n", "people") == (13, 4)
    assert (
        value(
            two.database,
            "select count(*) from crashes where fingerprint = %(f)s",
            f=fingerprint("cart"),
        )
        == 14
    )
    assert differences(two) == {}


def test_a_recount_agrees_after_moves_and_erasures_in_any_order(two, services):
    def erase(who):
        erasure.erase(two.database, two.apps, two.key, person(who), None, datetime.now(UTC))

    erase(1)
    move_group(two, "door", "cart")
    assert differences(two) == {}
    erase(2)
    assert differences(two) == {}
    move_group(two, "cart", "lamp")
    assert differences(two) == {}


OLD = {"crash_type": "main_crash", "error_message": "TypeError: x is undefined"}


def old_crash(services, when, who=1, function="total", **more):
    """A crash as it was stored before there were groups."""
    stack = f"TypeError: x is undefined\n    at {function} (app://stories/cart.js:3:1)"
    row = crash_row(person(who), when, **{**OLD, "stack_trace": stack, **more})
    services.crashes.append([row])
    return stack


def test_old_crashes_are_grouped_in_batches_without_alarm(services, database, now, monkeypatch):
    monkeypatch.setattr(regrouping, "BATCH", 4)
    for number in range(10):
        stack = old_crash(services, midday(now, number), number, ("total", "open")[number % 2])
    fold_all(services)
    assert issues(services, "number") == []
    notes: list[str] = []
    assert regroup(services, notes) == {"grouped": 10, "left_catch_all": 0}
    assert notes == [
        "4 of 10 old crashes grouped",
        "8 of 10 old crashes grouped",
        "10 of 10 old crashes grouped",
        "",
    ]
    expected = [("open", "seen", 5, 5)] * 2
    assert issues(services, "state", "because", "n", "people") == expected
    assert {what for (what,) in values(database, "select what from issue_log")} == {"seen"}
    title = group("main_crash", OLD["error_message"], stack).title
    assert issues(services, "title") == [title, title]
    assert differences(services) == {}
    assert regroup(services) == {"grouped": 0, "left_catch_all": 0}


def caught(services, own, when, who, **more):
    """A crash of a storm that was counted in the catch-all group."""
    row = crash_row(person(who), when, **more)
    row.fingerprint, row.also = CATCH_ALL, [fingerprint(own)]
    services.crashes.append([row])


def test_the_catch_all_is_emptied_by_most_people_and_by_what_has_a_group(
    services, database, now, monkeypatch
):
    monkeypatch.setattr(regrouping, "NEW_GROUPS", 2)
    crash(services, "there by now", midday(now, 9))
    for number, own in enumerate(("there by now", "one", "two", "two", "three", "three", "three")):
        caught(services, own, midday(now, number), number)
    fold_all(services)
    assert issues(services, "n") == [1, 7]
    assert regroup(services) == {"grouped": 0, "left_catch_all": 6}
    assert sorted(issues(services, "n", "people", "because")) == [
        (1, 1, "new"),
        (2, 2, "new"),
        (2, 2, "seen"),
        (3, 3, "seen"),
    ]
    assert differences(services) == {}
    assert regroup(services)["left_catch_all"] == 1
    assert value(database, "select n from groups where fingerprint = %(all)s", all=CATCH_ALL) == 0
    assert value(database, "select count(*) from crashes where also is not null") == 0
    assert differences(services) == {}
