"""Issues when their people are erased and their crashes expire: the numbers stay, the rows go."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from stories.crashes import states
from stories.privacy import erasure, export
from stories.storage import expiry
from tests.crashes.crash_rows import crash, fingerprint, handled_error, issue, issue_id, issues
from tests.rollup_tables import (
    differences,
    fold_all,
    midday,
    person,
    run,
    set_app,
    value,
    values,
)

COUNTED = "select sum(n) from group_days where dim = 'none'"


def erase(services, who, app=None):
    return erasure.erase(
        services.database, services.apps, services.key, person(who), app, datetime.now(UTC)
    )


def merge(services, into, other):
    with services.database.transaction() as tx:
        states.merge(tx, issue_id(services, into), [issue_id(services, other)], "ann")


def test_an_erased_person_leaves_numbers_and_no_row(services, database, now):
    for who in (1, 2):
        for group in ("cart", "door"):
            crash(
                services,
                group,
                midday(now, 3),
                who,
                received=datetime.now(UTC),
                detail={"chain": []},
            )
    handled_error(services, "tap", midday(now, 2), who=1)
    fold_all(services)
    merge(services, "cart", "door")
    before = issues(services, "n", "people"), value(database, COUNTED)
    assert before[0] == [(4, 2), (0, 0), (1, 1)]

    counts = erase(services, 1)
    assert (counts["crashes"], counts["error_details"], counts["group_people"]) == (2, 3, 3)
    for table in erasure.PEOPLE_TABLES:
        assert (
            value(database, f"select count(*) from {table} where user_id = %(who)s", who=person(1))
            == 0
        )
    assert (issues(services, "n", "people"), value(database, COUNTED)) == before
    assert value(database, "select sum(people_gone) from groups") == 2  # of two issues
    assert differences(services) == {}

    erase(services, 2)
    assert (issues(services, "n", "people"), value(database, COUNTED)) == before
    assert differences(services) == {}


def test_who_is_erased_from_one_app_stays_in_the_other(services, database, now):
    crash(services, "cart", midday(now, 3))
    crash(services, "elsewhere", midday(now, 3), app_id=2)
    fold_all(services)
    erase(services, 1, services.apps.by_slug("desktop"))
    assert values(database, "select app_id, n from group_people") == [(2, 1)]
    assert issues(services, "n", "people") == [(1, 1), (1, 1)]
    assert differences(services) == {}


def test_what_was_stored_while_its_person_was_erased_makes_no_issue(services, database, now):
    erasure.bury(services.database, services.key, person(1), None, now)
    kept = values(database, "select person_hash, erased_at from tombstones")
    run(database, "delete from tombstones")
    crash(services, "cart", midday(now, 1), detail={"chain": []})
    run(
        database,
        "insert into tombstones (person_hash, erased_at) values (%(hash)s, %(at)s)",
        hash=kept[0][0],
        at=kept[0][1],
    )
    fold_all(services)
    assert issues(services, "number") == []
    assert value(database, "select count(*) from error_details") == 0


def test_a_persons_copy_has_details_and_issues(services, now):
    crash(services, "cart", midday(now, 3), detail={"chain": [{"type": "TypeError"}]})
    fold_all(services)
    copy = b"".join(export.export(services.database, services.apps, person(1), None)).decode()
    assert '"detail":{"chain":[{"type":"TypeError"}]}' in copy
    assert '"issue":"desktop-1","title":"cart"' in copy


class TestExpiry:
    @pytest.fixture
    def dsn(self, fresh_dsn):
        """Months are dropped here: not in the database that tests share."""
        return fresh_dsn

    def expire(self, services, now, days=20):
        set_app(services, "desktop", retention_days=days)
        return expiry.expire(services.database, services.apps, services.key, now)

    def test_an_issue_goes_with_its_last_row_and_all_that_was_held_of_it(
        self, services, database, now
    ):
        crash(services, "old", midday(now, 40), who=1)
        crash(services, "merged", midday(now, 41), who=2)
        crash(services, "lasting", midday(now, 42), who=1, detail={"chain": []})
        crash(services, "lasting", midday(now, 5), who=3, detail={"chain": []})
        fold_all(services)
        merge(services, "old", "merged")
        daily = value(database, "select sum(n) from daily_crashes")
        assert self.expire(services, now)["issues_deleted"] == 2
        assert issues(services, "title", "n", "people") == [("lasting", 2, 2)]
        assert values(database, "select n, people_gone from groups") == [(2, 1)]
        assert values(database, "select user_id from group_people") == [(person(3),)]
        assert value(database, "select count(*) from error_details") == 1
        for table in ("group_days", "group_names", "group_people", "departed_group_days"):
            stray = f"select count(*) from {table} where fingerprint <> %(kept)s"
            assert value(database, stray, kept=fingerprint("lasting")) == 0
        assert value(database, "select count(*) from issue_log") == 1
        assert value(database, "select sum(n) from daily_crashes") == daily
        assert differences(services) == {}
        assert self.expire(services, now)["issues_deleted"] == 0

    def test_numbers_of_issues_are_never_given_twice(self, services, now):
        crash(services, "old", midday(now, 40))
        fold_all(services)
        self.expire(services, now)
        crash(services, "new", midday(now, 4))
        fold_all(services)
        assert issues(services, "number", "title") == [(2, "new")]

    def test_who_met_two_groups_of_an_issue_is_gone_only_when_both_are_past(
        self, services, database, now
    ):
        crash(services, "cart", midday(now, 40), who=1)
        crash(services, "door", midday(now, 25), who=1)
        crash(services, "door", midday(now, 5), who=2)
        fold_all(services)
        merge(services, "cart", "door")
        for days, left in ((30, 2), (20, 1), (20, 1)):
            self.expire(services, now, days)
            assert issue(services, "cart", "people") == 2
            assert value(database, "select count(*) from group_people") == left
            assert differences(services) == {}
        assert value(database, "select sum(people_gone) from groups") == 1

    def test_a_recount_agrees_after_erasure_and_expiry_together(self, services, database, now):
        for number in range(60):
            crash(
                services,
                ("cart", "door", "lamp")[number % 3],
                midday(now, number),
                who=number % 8,
                version=f"1.{number % 4}",
                received=datetime.now(UTC) - timedelta(hours=number),
            )
        fold_all(services)
        merge(services, "cart", "door")
        before = issues(services, "n", "people")
        for days, who in ((45, 3), (30, 5), (8, 6)):
            erase(services, who)
            self.expire(services, now, days)
            assert differences(services) == {}
            assert issues(services, "n", "people") == before

    def test_old_hours_and_names_without_a_group_go(self, services, database, now):
        arrived = datetime.now(UTC)
        crash(services, "cart", arrived - timedelta(days=1), received=arrived)
        fold_all(services)
        for days in (30, 28):
            run(
                database,
                "insert into group_hours values (1, %(group)s, %(hour)s, 1)",
                group=fingerprint("cart"),
                hour=arrived.replace(minute=0, second=0, microsecond=0) - timedelta(days=days),
            )
        run(database, "insert into group_names select app_id, '\\x00', title, culprit, crash_type, raw, "
            "handled, why, keys, now() - interval '2 days' from group_names")  # fmt: skip
        self.expire(services, datetime.now(UTC))
        assert value(database, "select count(*) from group_hours") == 2
        assert values(database, "select title from group_names") == [("cart",)]
