"""A recount knows what issues count, decides nothing, and puts wrong numbers right."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from stories.crashes import states
from stories.rollups import recount
from tests.crashes.crash_rows import crash, handled_error, issue, issue_id
from tests.rollup_tables import check, differences, fold_all, midday, run, set_app, values

DECIDED = ("issues", "groups", "issue_log", "releases", "apps")
COUNTED = ("group_days", "group_hours", "group_people", "departed_group_days")


def rows(database, *tables):
    return {
        table: sorted(text for (text,) in values(database, f"select {table}::text from {table}"))
        for table in tables
    }


@pytest.fixture
def now() -> datetime:
    """The database's own time: it counts hours of arrival of the last four weeks."""
    return datetime.now(UTC)


@pytest.fixture
def inbox(services, now):
    """Five issues: two merged, one resolved in a version, one muted, one of handled errors."""
    for number in range(40):
        group = ("cart", "door", "lamp", "sink")[number % 4]
        crash(
            services,
            group,
            midday(now, number % 9) + timedelta(minutes=number),
            who=number % 7,
            version=f"1.{number % 5}",
            received=now - timedelta(hours=number % 3),
        )
    for number in range(6):
        handled_error(services, "tap", midday(now, number), who=number % 4)
    fold_all(services)
    with services.database.transaction() as tx:
        states.merge(tx, issue_id(services, "cart"), [issue_id(services, "door")], "ann")
        states.resolve(tx, issue_id(services, "lamp"), "ann", in_version="1.3")
        states.mute(tx, issue_id(services, "sink"), "ann", until_crashes=1)
    return services


def test_a_check_and_a_rebuild_decide_nothing(inbox, database):
    """Recounted from nothing, every group would be new, and the resolved issue would regress."""
    before = rows(database, *DECIDED, *COUNTED)
    assert differences(inbox) == {}
    assert rows(database, *DECIDED, *COUNTED) == before
    told = recount.rebuild(inbox.database, inbox.apps)
    assert not any(told["differences"].values())
    assert rows(database, *DECIDED, *COUNTED) == before


@pytest.mark.parametrize(
    ("table", "spoil"),
    [
        ("group_days", "update group_days set n = n + 1 where value = '1.3'"),
        ("group_hours", "update group_hours set n = n + 1"),
        ("group_people", "delete from group_people where n = (select max(n) from group_people)"),
        ("group_counts", "update groups set n = n + 1 where n = (select max(n) from groups)"),
        ("issue_counts", "update issues set people = people + 1 where number = 1"),
        ("issue_counts", "update issues set n = n - 1 where number = 1"),
    ],
)
def test_a_check_finds_wrong_counts_and_a_rebuild_puts_them_right(inbox, database, table, spoil):
    right = rows(database, *DECIDED, *COUNTED)
    assert run(database, spoil) > 0
    spoilt = rows(database, *DECIDED, *COUNTED)
    assert check(inbox)["differences"][table] > 0
    assert rows(database, *DECIDED, *COUNTED) == spoilt
    recount.rebuild(inbox.database, inbox.apps)
    assert rows(database, *DECIDED, *COUNTED) == right
    assert differences(inbox) == {}


def test_days_alone_are_recounted_without_the_rest(inbox, database, now):
    day = midday(now, 2).date()
    run(database, "update group_days set n = n + 1")
    wrong = recount.check(inbox.database, inbox.apps, day, day)["differences"]
    assert wrong["group_days"] > 0
    assert "issue_counts" not in wrong
    recount.rebuild(inbox.database, inbox.apps, day, day)
    assert recount.check(inbox.database, inbox.apps, day, day)["differences"]["group_days"] == 0


def test_who_becomes_a_tester_is_gone_from_issues_with_the_next_rebuild(inbox, database):
    before = issue(inbox, "cart", "n", "people")
    [(who, crashes)] = values(
        database,
        "select user_id, sum(group_people.n) from group_people join groups using (app_id, fingerprint) "
        "join issues using (issue_id) where title = 'cart' group by 1 order by 1 limit 1",
    )
    run(database, "insert into testers (user_id) values (%(who)s)", who=who)
    recount.rebuild(inbox.database, inbox.apps)
    assert issue(inbox, "cart", "n", "people") == (before[0] - crashes, before[1] - 1)
    assert differences(inbox) == {}


def test_crashes_that_wait_or_have_no_group_yet_are_no_difference(inbox, database, now):
    crash(inbox, "new", midday(now, 1))
    assert differences(inbox) == {}
    fold_all(inbox)
    crash(inbox, "old", midday(now, 1))
    run(
        database,
        "update crashes set fingerprint = null where timestamp = %(at)s",
        at=midday(now, 1),
    )
    recount.rebuild(inbox.database, inbox.apps)
    fold_all(inbox)
    assert differences(inbox) == {}


def test_a_short_retention_makes_no_difference_of_hours_that_lose_crashes(inbox, services, now):
    set_app(services, "desktop", whole_since=midday(now, 4).date())
    assert differences(inbox).get("group_hours", 0) == 0


def test_hours_of_the_last_four_weeks_are_recounted(services, now):
    """Alerts look as far back as that for what is usual."""
    for days in (1, 20, 28, 40):
        crash(services, "cart", now - timedelta(days=days))
    fold_all(services)
    assert len(values(services.database, "select hour from group_hours")) == 3
    assert differences(services) == {}
    run(services.database, "update group_hours set n = 7 where hour < now() - interval '19 days'")
    assert differences(services)["group_hours"] == 4  # of two rows what is held, and what should be
    recount.rebuild(services.database, services.apps)
    assert values(services.database, "select distinct n from group_hours") == [(1,)]
