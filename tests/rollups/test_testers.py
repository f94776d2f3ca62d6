"""Testers: stored, counted nowhere; in every app or in one; from then on, and back by a rebuild."""

from __future__ import annotations

import pytest

from stories.rollups import recount, testers
from stories.storage import expiry
from tests.rollup_tables import (
    WITHOUT_PEOPLE,
    crash_row,
    differences,
    dump,
    event_row,
    fold_all,
    midday,
    new_app,
    person,
    run,
    set_app,
    value,
    values,
)

TESTER, OTHER = person(1), person(2)
PEOPLE = ("users", "person_days", "sessions")


@pytest.fixture
def second(services):
    return new_app(services, "second")


def send(services, second, now, days):
    for user in (TESTER, OTHER):
        for app_id in (1, second.app_id):
            for day in days:
                when = midday(now, day)
                services.events.append(
                    [event_row(user, when, app_id=app_id, session_id="s", country="DE")]
                )
                services.crashes.append([crash_row(user, when, app_id=app_id)])
    fold_all(services)


def seen(database):
    """(app, person) that any rollup of people knows, and how many events are counted per app."""
    people = {
        row for table in PEOPLE for row in values(database, f"select app_id, user_id from {table}")
    }
    counted = dict(
        values(
            database, "select app_id, sum(n)::int from daily_events where dim = 'none' group by 1"
        )
    )
    return people, counted


def test_testers_of_every_app_are_stored_and_counted_nowhere(services, second, database, now):
    testers.seed(services.database, [str(TESTER)])
    testers.seed(services.database, [str(TESTER), str(TESTER).upper()])
    assert value(database, "select count(*) from testers") == 1
    send(services, second, now, (1, 4))
    assert seen(database) == ({(1, OTHER), (second.app_id, OTHER)}, {1: 2, second.app_id: 2})
    for table in ("events", "crashes"):
        assert value(database, f"select count(*) from {table} where user_id = %(t)s", t=TESTER) == 4
    alone = dump(database, WITHOUT_PEOPLE)

    run(database, "delete from events where user_id = %(t)s", t=TESTER)
    run(database, "delete from crashes where user_id = %(t)s", t=TESTER)
    recount.rebuild(services.database, services.apps)
    assert dump(database, WITHOUT_PEOPLE) == alone


def test_a_tester_of_one_app_is_anybody_in_another(services, second, client, database, now):
    answer = client.patch("/apps/second", json={"testers": [str(TESTER)]}, auth=("admin", "admin"))
    assert answer.status_code == 200, answer.json
    send(services, second, now, (1,))
    assert seen(database) == (
        {(1, TESTER), (1, OTHER), (second.app_id, OTHER)},
        {1: 2, second.app_id: 1},
    )


def test_a_change_applies_to_new_folds_and_a_rebuild_applies_it_back(
    services, second, database, now
):
    send(services, second, now, (9,))
    testers.seed(services.database, [str(TESTER)])
    send(services, second, now, (2,))
    people, counted = seen(database)
    assert (1, TESTER) in people
    assert counted == {1: 3, second.app_id: 3}
    assert differences(services) != {}

    recount.rebuild(services.database, services.apps)
    assert seen(database) == ({(1, OTHER), (second.app_id, OTHER)}, {1: 2, second.app_id: 2})
    assert differences(services) == {}

    run(database, "delete from testers")
    recount.rebuild(services.database, services.apps)
    assert seen(database)[1] == {1: 4, second.app_id: 4}
    assert {user for _, user in seen(database)[0]} == {TESTER, OTHER}


def test_a_rebuild_takes_a_new_tester_out_of_what_is_kept_of_expired_days(
    services, second, database, now
):
    set_app(services, "second", retention_days=20)
    send(services, second, now, (30, 25, 3))
    expiry.expire(services.database, services.apps, services.key, now)
    total = "select sum(people) from lifetimes where app_id = %(app)s"
    assert value(database, total, app=second.app_id) == 2
    testers.seed(services.database, [str(TESTER)])
    recount.rebuild(services.database, services.apps)
    assert {user for _, user in seen(database)[0]} == {OTHER}
    assert value(database, total, app=second.app_id) == 1
    assert differences(services) == {}


def test_who_is_no_longer_named_in_the_setting_is_no_tester_any_more(
    services, second, client, database, now
):
    testers.seed(services.database, [str(TESTER), str(OTHER)])
    client.patch("/apps/second", json={"testers": [str(OTHER)]}, auth=("admin", "admin"))
    testers.seed(services.database, [str(TESTER)])
    send(services, second, now, (1,))
    assert seen(database) == ({(1, OTHER)}, {1: 1})  # the second app's own list is left alone

    testers.seed(services.database, [])
    send(services, second, now, (2,))
    assert seen(database)[1] == {1: 3, second.app_id: 1}
